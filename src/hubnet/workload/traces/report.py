"""The account of a trace: every row that was read is kept, or skipped for a reason that is counted and shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

SHOWN = 3  # places shown per reason


@dataclass(frozen=True)
class Skipped:
    """Rows left out for one reason; `at`: where the first of them stand (line or row of the file, from 1)."""

    reason: str
    rows: int
    at: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """What was done to a trace after it was read, and how many jobs it had before and after."""

    what: str
    before: int
    after: int


@dataclass(frozen=True)
class Report:
    """What was read from a file. Always: rows = kept + rows skipped.

    file: its path. kind: what it was taken for. place: "line" or "row", what `Skipped.at` counts.
    warnings: what deserves a look. notes: what was decided on the way. credit: licence or acknowledgement.
    changes: what was done to the trace since.
    """

    file: str
    kind: str
    place: str
    rows: int
    kept: int
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    credit: str = ""
    changes: tuple[Change, ...] = ()

    def then(self, what: str, after: int) -> Report:
        """The report of a trace to which something was done that left `after` jobs."""
        before = self.changes[-1].after if self.changes else self.kept
        return replace(self, changes=(*self.changes, Change(what, before, after)))

    def text(self) -> list[str]:
        """Lines for a terminal: counts of rows first, then warnings, notes and the credit."""
        lines = [f"{self.file}: {self.kind}", f"{self.rows:>12,} read", f"{self.kept:>12,} kept"]
        lines += [f"{s.rows:>12,} skipped: {s.reason} ({_places(s, self.place)})" for s in self.skipped]
        lines += [f"{c.after:>12,} left after: {c.what}" for c in self.changes]
        lines += [f"  warning: {text}" for text in self.warnings] + [f"  note: {text}" for text in self.notes]
        return [*lines, f"  credit: {self.credit}"] if self.credit else lines


def many(count: int, what: str) -> str:
    """How many of something: 1 job, 1,234 jobs."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _places(skipped: Skipped, place: str) -> str:
    more = skipped.rows > len(skipped.at)
    numbers = ", ".join(str(at) for at in skipped.at) + (", ..." if more else "")
    return f"{place}{'s' if skipped.rows > 1 else ''} {numbers}"


class Tally:
    """Counts rows while a file is read; rows are named by where they stand in the file."""

    def __init__(self) -> None:
        self.rows = 0
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self._skipped: dict[str, tuple[int, tuple[int, ...]]] = {}

    @property
    def lost(self) -> int:
        """Rows skipped so far."""
        return sum(rows for rows, _ in self._skipped.values())

    def skip(self, reason: str, at: np.ndarray) -> None:
        """Count the rows that stand at `at` as left out for `reason`."""
        if len(at):
            rows, first = self._skipped.get(reason, (0, ()))
            places = sorted((*first, *at[:SHOWN].tolist()))[:SHOWN]
            self._skipped[reason] = rows + len(at), tuple(places)

    def sift(self, at: np.ndarray, tests: Iterable[tuple[np.ndarray, str]]) -> np.ndarray:
        """Which rows pass all tests (bool). A row that fails several counts for the first of them.

        tests: (which rows fail, the reason).
        """
        good = np.ones(len(at), np.bool_)
        for wrong, reason in tests:
            hit = wrong & good
            if hit.any():
                self.skip(reason, at[hit])
                good &= ~hit
        return good

    def skipped(self) -> tuple[Skipped, ...]:
        """The reasons so far, the most frequent first."""
        every = [Skipped(reason, rows, at) for reason, (rows, at) in self._skipped.items()]
        return tuple(sorted(every, key=lambda s: (-s.rows, s.reason)))
