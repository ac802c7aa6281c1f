"""Finished runs on disk, each in a file of its own as soon as it is done.

A run's file is named by a key, a hash of everything that determines the run. It is written under a temporary name and
renamed, so that it is whole or absent, and begins with a hash of its content, so that a damaged one is noticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RunError
from ..network.nation import builtin_nations, load_nation

PARTS = ("scenario", "network", "workload", "engine")
FILES = (
    *("study/accounts.py", "study/assemble.py", "study/batches.py", "study/health.py", "study/measures.py"),
    *("study/records.py", "study/warmup.py", "loading.py", "plan.py"),
    *("setting_up.py", "workers.py"),
)
LONGEST_NAME = 255


@dataclass(frozen=True)
class Finished:
    """What is kept of a run, as plain data.

    names, values: of its measures, in order; value None = a measure of nothing. at_least: the numbers of those that are
    only lower bounds. seconds: how long the event loop took. gear, events: as of a result.
    """

    names: tuple[str, ...]
    values: tuple[float | None, ...]
    at_least: tuple[int, ...]
    seconds: float
    gear: str
    events: int


@lru_cache(maxsize=64)
def _same(names: tuple[str, ...]) -> tuple[str, ...]:
    return names


def same_names(run: Finished) -> Finished:
    """The run, with the very names that other runs have: they would take more memory than the values."""
    return replace(run, names=_same(run.names))


class Store:
    """The finished runs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, key: str, run: Finished) -> None:
        """Keep a run, at once and whole. Raises RunError if that cannot be done."""
        path = self._path(key)
        payload = json.dumps({"key": key, **asdict(run)})
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(f"{sha256(payload.encode()).hexdigest()}\n{payload}\n")
            os.replace(draft, path)
        except OSError as error:
            raise RunError(f"cannot write to {self.folder}: {error.strerror}") from error

    def load(self, keys: Iterable[str]) -> tuple[dict[str, Finished], int]:
        """Those runs that are here, by key; and how many files are damaged."""
        found, damaged = {}, 0
        for key in keys:
            path = self._path(key)
            if path.exists():
                run = _read(path, key)
                damaged += run is None
                if run is not None:
                    found[key] = run
        return found, damaged

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob("*/*.json"))

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _read(path: Path, key: str) -> Finished | None:
    """The run in a file; None if the file is damaged."""
    try:
        digest, payload = path.read_text().split("\n", 1)
        payload = payload.removesuffix("\n")
        if sha256(payload.encode()).hexdigest() != digest:
            return None
        held = json.loads(payload)
        if held.pop("key") != key:
            return None
        held |= {name: tuple(held[name]) for name in ("names", "values", "at_least")}
        return same_names(Finished(**held))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@cache
def model_version() -> str:
    """A hash of the sources that turn a scenario into measures, and of the version of the random generators."""
    root = Path(__file__).parent.parent
    files = [file for part in PARTS for file in (root / part).rglob("*.py")] + [root / file for file in FILES]
    found = sha256(f"numpy {np.__version__}".encode())
    for file in sorted(files):
        found.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def run_key(point: str, allocation: str, seed: int, replication: int) -> str:
    """The key of a run. point: its scenario's, of `PointKeys`."""
    return sha256(json.dumps([point, allocation, seed, replication]).encode()).hexdigest()


class PointKeys:
    """Keys of the points of one sweep. folder: names of files are relative to it. Every file is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._nations = folder, builtin_nations()
        self._contents: dict[str, str] = {}

    def key(self, resolved: str, values: Any) -> str:
        """A hash of what a scenario says, of the model, and of the content of every file that it names.

        resolved: all its values, defaults included. values: as they are written, to find the names of files in them.
        """
        held = [[name, content] for name in sorted(set(_texts(values))) if (content := self._content(name))]
        return sha256(json.dumps([model_version(), resolved, held]).encode()).hexdigest()

    def _content(self, name: str) -> str:
        """A hash of the file, or of the tables of the nation; "" if the text names neither."""
        if name not in self._contents:
            files: list[Path] = []
            if (path := self._folder / name).is_file():
                files = [path]
            elif name in self._nations or (path / "cities.csv").is_file():
                files = sorted(load_nation(name, self._folder).folder.glob("*.csv"))
            found = sha256()
            for file in files:
                found.update(file.name.encode() + b"\0" + sha256(file.read_bytes()).digest())
            self._contents[name] = found.hexdigest() if files else ""
        return self._contents[name]


def _texts(values: Any) -> Iterator[str]:
    """Every text in a tree of values that may be the name of a file."""
    if isinstance(values, Mapping):
        values = list(values.values())
    if isinstance(values, list | tuple):
        for value in values:
            yield from _texts(value)
    elif isinstance(values, str) and 0 < len(values) <= LONGEST_NAME and values.isprintable():
        yield values
