"""A file becomes a trace: the source, the map, the rules, and an error if nothing is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ...errors import Problem, TableError
from .checks import YEAR, Rules
from .columns import Reader, near, read_map
from .gather import Gathered
from .known import SWF_MAP, recognise
from .report import Tally
from .sources import CsvSource, ParquetSource, Source, format_of
from .swfsource import SwfSource
from .trace import Trace

FORMATS: dict[str, Any] = {"swf": SwfSource, "csv": CsvSource, "parquet": ParquetSource}


def read_trace(
    path: str | Path,
    map: Mapping[str, Any] | None = None,
    *,
    time_unit: str | None = None,
    format: str | None = None,
    status: Collection[str] | None = None,
    longest: float = YEAR,
    without_devices: bool = False,
) -> Trace:
    """The jobs of a file.

    map: field -> column, see `columns`; for SWF files and known ones it only says what should be different.
    time_unit: of numbers of time that have no unit of their own (SWF: s). format: "swf", "csv" or "parquet"; else the
    file's name says it. status: the outcomes to keep (SWF: completed, failed, cancelled, unknown), else all: a job
    that failed used its devices, too; only one cancelled before it ran is skipped. longest: s, longer jobs are
    mistakes. without_devices: keep jobs that ask for none. Raises TableError with every problem found.
    """
    path = Path(path)
    source, notes, credit, plain, unit = _opened(path, format, map, time_unit)
    mapped = read_map(plain, unit, source.columns, str(path))
    tally = Tally()
    tally.notes += notes
    rules = Rules(longest, without_devices, None if status is None else tuple(status))
    if status is not None and "status" not in mapped.labels:
        raise TableError(Problem("status: the trace has no column for it", "name one: map.status", str(path)))
    gathered = Gathered(Reader(mapped, str(path)), source, rules, tally)
    for batch in source.batches(mapped.columns, tally):
        gathered.add(batch)
    trace = gathered.trace(credit or source.credit)
    if not len(trace):
        reasons = "; ".join(f"{s.rows:,} {s.reason}" for s in trace.report.skipped) or "it has none"
        first = trace.report.skipped[0].at[0] if trace.report.skipped and source.place == "line" else None
        hint = "; ".join(trace.report.warnings) if status is not None else "check its map"
        raise TableError(Problem(f"no row of this trace is a job: {reasons}", hint, str(path), first))
    return trace


def _opened(
    path: Path, format: str | None, map: Mapping[str, Any] | None, time_unit: str | None
) -> tuple[Source, tuple[str, ...], str, dict[str, Any], str | None]:
    """(source, notes, credit, map, time unit) with the defaults of the kind of file filled in."""
    if format is not None and format not in FORMATS:
        raise TableError(Problem(f"format: there is none called {format!r}", near(format, FORMATS)))
    kind = format or format_of(path)
    source: Source = FORMATS[kind](path)
    if kind == "swf":
        return source, (), "", {**SWF_MAP, **(map or {})}, time_unit or "s"
    known = recognise(source.columns)
    if known is None:
        return source, (), "", dict(map or {}), time_unit
    about = (text for fields, text in known.notes if not set(fields) <= set(map or {}))
    notes = (f"recognised by its columns: {known.name}", *about)
    return source, notes, known.credit, {**known.map, **(map or {})}, time_unit or known.time_unit
