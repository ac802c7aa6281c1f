"""The good rows of a file, batch by batch, and the trace that they make.

Memory: batches are judged and packed as they are read, so n jobs need their own arrays (about 40 bytes a job), one
column more while it grows or is sorted, and one batch.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from ...errors import Problem, TableError
from ...text import seconds
from ..tables import ONLY_CLASS
from .checks import Rules, empty_cells, limit_test, row_tests, size_tests
from .columns import Reader, near
from .packed import Packed
from .report import Report, Tally, many
from .sources import Batch, Source
from .trace import Names, Trace

MOST_CLASSES = 1000  # every class has meters of its own


class Gathered:
    """What has been read so far. Add every batch (at least one, be it empty), then ask for the trace."""

    def __init__(self, reader: Reader, source: Source, rules: Rules, tally: Tally) -> None:
        self.reader, self.source, self.rules, self.tally = reader, source, rules, tally
        self.packed: dict[str, Packed] = {}
        self.index: dict[str, dict[str, int]] = {key: {} for key in reader.map.labels if key != "status"}
        self.statuses: set[str] = set()

    def add(self, batch: Batch) -> None:
        """Judge the rows of a batch, keep the good ones."""
        reader, values, bad = self.reader, {}, {}
        for key in reader.map.amounts:
            values[key], bad[key] = reader.amount(key, batch)
        if "deadline" in reader.dated:
            if "submit" not in reader.dated:
                raise TableError(Problem("map.deadline: it holds dates, but submit times are numbers", "", reader.file))
            values["deadline"] = values["deadline"] - values["submit"]
        status = reader.label("status", batch) if "status" in reader.map.labels else None
        self.statuses |= set(status[1]) if status else set()
        dated = "submit" in reader.dated
        good = self.tally.sift(batch.at, row_tests(values, bad, dated, status, self.source.unknown, self.rules))
        piece = {key: column[good] for key, column in values.items()}
        piece["devices"] = piece["devices"].astype(np.int64)
        for key, index in self.index.items():
            codes, names = reader.label(key, batch)
            own = np.array([*(index.setdefault(name, len(index)) for name in names), -1], np.int32)
            piece[key] = own[codes[good]]
        piece["at"] = batch.at[good]
        if batch.beyond is not None:
            piece["beyond"] = batch.beyond[good]
        for key, values in piece.items():
            self.packed.setdefault(key, Packed(values.dtype)).add(values)

    def trace(self, credit: str) -> Trace:
        """All that was kept, in order."""
        columns = {key: packed.values() for key, packed in self.packed.items()}
        self.packed.clear()
        for name in self.rules.statuses or ():
            if name not in self.statuses | {"unknown"}:
                self.tally.warnings.append(f"no job has the status {name!r}: {near(name, sorted(self.statuses))}")
        self._sift(columns)
        self._sort(columns)
        start = self._origin(columns["submit"])
        empty_cells(columns, self.tally)
        idle = int((columns["work"] == 0).sum())
        if idle:
            self.tally.notes.append(
                f"{many(idle, 'job')} with a run time of 0 s, less than their clock could tell; kept"
            )
        at = columns.pop("at")
        names = {key: _sorted(Names(columns.pop(key), tuple(index))) for key, index in self.index.items()}
        names["class"], priorities = self._classes(names.get("class"), columns.pop("priority", None), len(at))
        submit = columns["submit"]
        report = Report(
            str(self.source.path),
            self.source.kind,
            self.source.place,
            self.tally.rows,
            len(at),
            self.tally.skipped(),
            tuple(self.tally.warnings),
            tuple(self.tally.notes),
            credit,
        )
        length = float(submit[-1]) if len(submit) else 0.0
        return Trace(columns, names, at, length, report, start, priorities=priorities)

    def _sift(self, columns: dict[str, np.ndarray]) -> None:
        """Leave out the rows that only the whole trace shows to be wrong."""
        source, at = self.source, columns["at"]
        good = size_tests(
            columns["submit"], columns["work"], at, source.place, str(source.path), self.rules, self.tally
        )
        beyond = columns.pop("beyond", None)
        if beyond is not None and source.limit:
            good[good] = limit_test(beyond[good], at[good], source.limit, self.tally)
        if not good.all():
            for key in columns:
                columns[key] = columns[key][good]

    def _sort(self, columns: dict[str, np.ndarray]) -> None:
        if (np.diff(columns["at"]) < 0).any():  # jobs put together from several rows come last
            _reorder(columns, np.argsort(columns["at"], kind="stable"))
        early = int((np.diff(columns["submit"]) < 0).sum())
        if early:
            self.tally.warnings.append(
                f"not in order of submit time: {many(early, 'row')} earlier than the one above; sorted now"
            )
            _reorder(columns, np.argsort(columns["submit"], kind="stable"))

    def _origin(self, submit: np.ndarray) -> datetime | None:
        """Make time 0 what it should be, in place. Returns its date."""
        reader, source, notes = self.reader, self.source, self.tally.notes
        if not len(submit):
            return None
        first = float(submit[0])
        if "submit" in reader.dated:
            submit -= first
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=(reader.base or 0) / 1e3, seconds=first)
            start: datetime | None = at if reader.zoned else at.replace(tzinfo=None)
        elif source.absolute:
            start = source.start
            if first > 86400:
                notes.append(f"the first job comes {seconds(first)} after the log's start; a cut would begin there")
        else:
            submit -= first
            start = None
            if first:
                notes.append(f"the first job is submitted at {first:.15g} s in the file: that is time 0 here")
        if start is not None:
            zone = "" if start.tzinfo is None else f" {start:%Z}"
            notes.append(f"time 0 is {start:%Y-%m-%d %H:%M:%S}{zone}")
        return start

    def _classes(self, names: Names | None, priority: np.ndarray | None, rows: int) -> tuple[Names, dict[str, float]]:
        """The classes, no job without; one that has several priorities becomes a class for each."""
        names = names or Names(np.full(rows, -1, np.int32), ())
        if (names.codes < 0).any() or not names.names:
            plain = (*names.names, ONLY_CLASS) if ONLY_CLASS not in names.names else names.names
            names = Names(np.where(names.codes < 0, plain.index(ONLY_CLASS), names.codes), plain)
        names = _sorted(names, used=True)
        priorities: dict[str, float] = {}
        if priority is not None:
            pairs, codes = np.unique(np.column_stack([names.codes, priority]), axis=0, return_inverse=True)
            several = np.bincount(pairs[:, 0].astype(int), minlength=len(names.names)) > 1
            full = [(names.names[int(k)], float(p), bool(several[int(k)])) for k, p in pairs]
            made = [f"{name}, priority {p:g}" if split else name for name, p, split in full]
            priorities = {name: p for name, (_, p, _) in zip(made, full, strict=True)}
            names = Names(codes.astype(np.int32).ravel(), tuple(made))
        if len(names.names) > MOST_CLASSES:
            raise TableError(
                Problem(
                    f"map.class: its column holds {len(names.names):,} different names; at most {MOST_CLASSES:,} "
                    "classes can be told apart",
                    "map a coarser column, or {is: name}",
                    str(self.source.path),
                )
            )
        return names, priorities


def _reorder(columns: dict[str, np.ndarray], order: np.ndarray) -> None:
    for key in columns:
        columns[key] = columns[key][order]


def _sorted(names: Names, used: bool = False) -> Names:
    """The names in order; used: only those that occur, at least one."""
    jobs = np.bincount(names.codes + 1, minlength=len(names.names) + 1)[1:]
    order = sorted((name, code) for code, name in enumerate(names.names) if not used or jobs[code] or not jobs.any())
    place = np.full(len(names.names) + 1, -1, np.int32)  # the last entry serves code -1
    place[[code for _, code in order]] = np.arange(len(order))
    return Names(place[names.codes], tuple(name for name, _ in order))
