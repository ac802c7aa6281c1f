"""The Standard Workload Format (version 2.2) of the Parallel Workloads Archive: header, columns, reading, writing.

A file is one line per job with 18 numbers, -1 where unknown, after a header of comments `; Key: value`.
https://www.cs.huji.ac.il/labs/parallel/workload/swf.html. What each header field means for a trace:

| field                          | what hubnet does with it                                                         |
|--------------------------------|----------------------------------------------------------------------------------|
| Version                        | shown; another than 2 to 2.2 is a warning                                        |
| Computer, Installation         | shown with the credit                                                            |
| Acknowledge                    | the credit: shown whenever the trace is                                          |
| Information, Conversion, Note  | kept for `write_swf`; notes are shown                                            |
| MaxJobs, MaxRecords            | compared with the rows that are there: a file cut short is a warning             |
| Preemption                     | the parts of a preempted job (status 2 to 4) become one job, whatever it says;   |
|                                | TS (time slicing) is a warning, as run times then depend on the load             |
| UnixStartTime                  | the date of time 0                                                               |
| TimeZoneString                 | the zone of that date                                                            |
| TimeZone                       | its offset in s if there is no TimeZoneString; it ignores summer time            |
| StartTime                      | the date if there is no UnixStartTime, else a check of it                        |
| EndTime                        | compared with the span of the rows: a header that lies about it is a warning     |
| MaxProcs                       | a job with more processors is skipped; if over 1 % are, the header is not        |
|                                | believed: they stay, with a warning                                              |
| MaxNodes                       | the same, but only where a node is a processor (no MaxProcs)                     |
| MaxRuntime                     | longer jobs are counted in a warning and stay: they did run that long            |
| MaxMemory                      | kept for `write_swf`; hubnet has no memory of devices to fill                    |
| AllowOveruse                   | if No: jobs that ran longer than requested are counted in a warning, and stay    |
| Queues, Partitions             | kept for `write_swf` (free text)                                                 |
| Queue, Partition               | names of the numbers in a row, for classes and sites                             |
| MaxQueues, MaxPartitions       | fewer than occur in the rows: a warning                                          |
| anything else                  | kept for `write_swf`                                                             |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ...errors import Problem, TableError
from .lines import line_chunks
from .packed import Packed
from .swftext import decoded, parse

FIELDS = (
    *("job", "submit", "wait", "run", "allocated", "cpu", "memory", "requested", "requested_time"),
    *("requested_memory", "status", "user", "group", "executable", "queue", "partition", "preceding", "think"),
)  # s; kB per processor; counts
STATUS = {-1: "unknown", 0: "failed", 1: "completed", 2: "part", 3: "last part", 4: "failed part", 5: "cancelled"}
KEY = re.compile(r";\s{0,3}([A-Za-z]\w*)\s*:(?!//)\s*(.*)")
CONTINUED = re.compile(r";\s{4,}(\S.*)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class SwfHeader:
    """A header: (key, value) pairs in order, spelt as in the file. A key may repeat (Queue, Note); values may have
    several lines; comments without a key have the key ""."""

    entries: tuple[tuple[str, str], ...] = ()

    def all(self, key: str) -> list[str]:
        """Every value of a key; case does not matter."""
        return [value for name, value in self.entries if name.lower() == key.lower()]

    def text(self, key: str) -> str:
        """The first value of a key; empty if there is none."""
        return next(iter(self.all(key)), "").strip()

    def number(self, key: str) -> float | None:
        """The number that a value starts with; None if there is none, or if it is -1 (unknown)."""
        match = re.match(r"-?\d+(\.\d*)?", self.text(key))
        value = float(match[0]) if match else -1.0
        return None if value == -1 else value

    def names(self, key: str) -> dict[int, str]:
        """number -> name, from the values "number name" of a key (Queue, Partition)."""
        pairs = (re.match(r"(-?\d+)[\s:]*(.*)", value) for value in self.all(key))
        return {int(pair[1]): pair[2].strip() for pair in pairs if pair and pair[2].strip()}

    def zone(self) -> tzinfo | None:
        """The log's time zone; None if the header does not say it, or if this machine does not know it."""
        name, offset = self.text("TimeZoneString"), self.number("TimeZone")
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                pass
        return None if offset is None or abs(offset) >= 86400 else timezone(timedelta(seconds=offset))

    def start(self) -> datetime | None:
        """The date of time 0; UTC if no zone is known; without zone if it comes from StartTime alone."""
        seconds = self.number("UnixStartTime")
        if seconds is None:
            return written_date(self.text("StartTime"))
        try:
            return datetime.fromtimestamp(seconds, self.zone() or UTC)
        except (OverflowError, ValueError, OSError):
            return None


def written_date(text: str) -> datetime | None:
    """A date as `date` writes it, "Sun Nov 20 00:00:05 GMT 2005", without its zone; None for anything else."""
    match = re.search(r"([A-Z][a-z]{2}) +(\d+) +(\d+):(\d+):(\d+)\b.*\b(\d{4})", text)
    if not match or match[1] not in MONTHS:
        return None
    _, day, *clock, year = match.groups()
    moment = f"{year}-{MONTHS.index(match[1]) + 1:02}-{day:0>2}T{':'.join(f'{part:0>2}' for part in clock)}"
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        return None


def header_of(comments: Sequence[str]) -> SwfHeader:
    """The header that comment lines make."""
    entries: list[tuple[str, str]] = []
    for comment in comments:
        if match := KEY.match(comment):
            entries.append((match[1], match[2].strip()))
        elif entries and entries[-1][0] and (match := CONTINUED.match(comment)):
            entries[-1] = (entries[-1][0], f"{entries[-1][1]}\n{match[1].strip()}")
        elif comment.lstrip().lstrip(";").strip():
            entries.append(("", comment.lstrip().lstrip(";").strip()))
    return SwfHeader(tuple(entries))


def read_swf(path: str | Path) -> tuple[SwfHeader, dict[str, np.ndarray]]:
    """A whole file: its header, and the 18 columns of `FIELDS` as floats, -1 where unknown.

    Raises TableError with the first lines that are not 18 numbers; for a trace with faults use `read_trace`.
    """
    comments: list[str] = []
    packed = {name: Packed(float) for name in FIELDS}
    for chunk, first in line_chunks(Path(path)):
        parsed = parse(chunk, first, FIELDS, FIELDS)
        comments += parsed.comments
        for name, column in parsed.columns.items():
            packed[name].add(column)
        problems = [bad_line(path, chunk, first, int(line)) for line in parsed.odd[:3]]
        wrong = np.zeros(len(parsed.at), np.bool_)
        for column in parsed.columns.values():
            wrong |= np.isnan(column)
        problems += [bad_line(path, chunk, first, int(line)) for line in parsed.at[wrong][:3]]
        if problems:
            raise TableError(problems)
    return header_of(comments), {name: column.values() for name, column in packed.items()}


def bad_line(path: str | Path, chunk: bytes, first: int, line: int) -> Problem:
    """The problem of a line that is not a job; the chunk starts with line `first`."""
    text = decoded(chunk.split(b"\n", line - first + 1)[line - first]).strip()
    count = len(text.split())
    what = (
        f"has {count} field{'s' if count != 1 else ''}, not 18" if count != 18 else "holds fields that are no numbers"
    )
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return Problem(f"the line {shown!r} {what}", "a Standard Workload Format line has 18 numbers", str(path), line)


def write_swf(path: str | Path, header: SwfHeader, columns: Mapping[str, np.ndarray]) -> None:
    """Write a file that `read_swf` reads back as it was. Columns of `FIELDS` that are left out, and NaN, become -1.

    Whole numbers are written as such, others with as many digits as they need.
    """
    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise TableError(Problem(f"no such fields: {', '.join(unknown)}", f"the fields are {', '.join(FIELDS)}"))
    rows = max((len(column) for column in columns.values()), default=0)
    arrays = []
    for name in FIELDS:
        values = np.asarray(columns.get(name, np.full(rows, -1.0)), float)
        values = np.where(np.isnan(values), -1.0, values)
        whole = bool((values == np.floor(values)).all() and (np.abs(values) < 2**53).all())
        arrays.append(pa.array(values.astype(np.int64) if whole else values))
    with Path(path).open("wb") as file:
        for key, value in header.entries:
            lines = value.split("\n")
            file.write((f"; {key}: {lines[0]}\n" if key else f";; {lines[0]}\n").encode())
            file.writelines(f";     {line}\n".encode() for line in lines[1:])
        pacsv.write_csv(
            pa.table(arrays, names=list(FIELDS)),
            file,
            pacsv.WriteOptions(include_header=False, delimiter=" ", quoting_style="none"),
        )
