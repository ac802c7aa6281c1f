"""Job records of a run that may be stopped: a Parquet file of the rows between each two of its states.

A state says which parts belong to it, with their hashes: after a stop no row is missing, and none is there twice. When
all runs are finished their parts are joined, row group by row group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import file_digest
from pathlib import Path

import numpy as np

from ..engine.setup import Setup
from .records import JobsFile

Part = list[str]  # the name of a file and its SHA-256, as JSON holds them


class RecordParts:
    """Takes in the job rows of one run. done: the parts that are complete."""

    def __init__(self, setup: Setup, replication: int) -> None:
        self.setup, self.replication = setup, replication
        self.done: list[Part] = []
        self._folder: Path | None = None
        self._open: JobsFile | None = None

    def go_on(self, folder: Path, done: Iterable[Sequence[str]]) -> None:
        """Write further parts to a folder that holds those that are done; any others there are replaced."""
        self._folder, self.done = folder, [list(part) for part in done]

    def __call__(self, rows: np.ndarray) -> None:
        """Take in rows, as a row group."""
        if self._open is None:
            self._open = JobsFile(self._place(self._name))
            self._write = self._open.sink(self.setup, self.replication)
        self._write(rows)

    def cut(self) -> list[Part]:
        """Complete the part that is being written, if it has any rows; returns all parts so far."""
        if self._open is not None:
            self._open.close()
            self._open = None
            self.done.append([self._name, _hash(self._place(self._name))])
        return self.done

    def add_to(self, whole: JobsFile) -> None:
        """Hand all rows to a file that may hold those of other runs too."""
        whole.sink(self.setup, self.replication)  # without any rows, the file still has these columns
        for name, _ in self.done:
            whole.append(self._place(name))

    @property
    def _name(self) -> str:
        return f"jobs-{len(self.done):05d}.parquet"

    def _place(self, name: str) -> Path:
        assert self._folder is not None  # `go_on` comes first
        return self._folder / name


def are_whole(folder: Path, parts: Iterable[Sequence[str]]) -> bool:
    """Are all parts there, as they were written?"""
    return all((folder / name).is_file() and _hash(folder / name) == digest for name, digest in parts)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
