"""A Standard Workload Format file as a source of batches, with everything that its header says taken into account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from ...errors import TableError
from ...text import number
from .lines import line_chunks
from .packed import Packed
from .report import Tally, many
from .sources import Batch
from .swf import FIELDS, STATUS, SwfHeader, bad_line, header_of, written_date
from .swftext import parse

NAMED = {"queue": "Queue", "partition": "Partition"}  # field -> the header's names of its numbers
NUMBERED = ("user", "group", "executable", *NAMED)
DERIVED = {"processors": ("allocated", "requested")}  # those allocated, or if unknown those requested
PART = (2, 3, 4)  # status of a part of a preempted job
DAY = 86400.0


class SwfSource:
    """Batches of an SWF file; numbers of queues, partitions and so on are names, -1 is an empty cell.

    Besides the 18 fields there is `processors`. `warnings` and `notes` are complete once all batches were read.
    """

    place = "line"
    unknown = "-1"
    absolute = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns = (*FIELDS, *DERIVED)
        self.header = SwfHeader()
        self.limit: str | None = None  # what `Batch.beyond` is beyond
        self._odd: TableError | None = None
        self._seen: dict[str, set[str]] = {key: set() for key in NAMED}
        self._parts: list[dict[str, np.ndarray]] = []
        self._whole = Packed(np.int64)  # job numbers of all other rows
        self._late = self._over = 0
        self._last = self._end = 0.0

    @property
    def kind(self) -> str:
        """The format and its version."""
        return f"Standard Workload Format {self.header.text('Version')}".strip()

    @property
    def start(self) -> datetime | None:
        """The date of time 0."""
        return self.header.start()

    @property
    def credit(self) -> str:
        """Whom to acknowledge, as the header asks."""
        said = [self.header.text(key) for key in ("Acknowledge", "Installation", "Computer")]
        return "; ".join([text for text in said if text] + ["Parallel Workloads Archive"])

    def batches(self, wanted: Sequence[str], tally: Tally) -> Iterator[Batch]:
        """The rows. Raises TableError if the file is no SWF."""
        needed = {"job", "status", "submit", "run", "requested_time", *wanted} - set(DERIVED)
        needed |= {raw for name in DERIVED for raw in DERIVED[name]}
        names = [name for name in FIELDS if name in needed]
        comments: list[str] = []
        for chunk, first in line_chunks(self.path):
            parsed = parse(chunk, first, FIELDS, names)
            if parsed.comments:
                comments += parsed.comments
                self.header = header_of(comments)
            if len(parsed.odd) and self._odd is None:
                self._odd = TableError(bad_line(self.path, chunk, first, int(parsed.odd[0])))
            tally.rows += len(parsed.at) + len(parsed.odd)
            for count in np.unique(parsed.fields).tolist():
                tally.skip(f"has {count} fields, not 18", parsed.odd[parsed.fields == count])
            part = np.isin(parsed.columns["status"], PART)
            raw = {name: column[~part] for name, column in parsed.columns.items()}
            if part.any():
                self._parts.append({n: c[part] for n, c in parsed.columns.items()} | {"at": parsed.at[part]})
            self._whole.add(np.nan_to_num(raw["job"], nan=-1, posinf=-1, neginf=-1))
            yield self._batch(raw, parsed.at[~part], wanted)
        if self._odd is not None and tally.lost == tally.rows:
            raise self._odd
        if self._parts:
            yield self._joined(wanted, tally)
        self._judge(tally)

    def _batch(self, raw: dict[str, np.ndarray], at: np.ndarray, wanted: Sequence[str]) -> Batch:
        allocated, requested, run = raw["allocated"], raw["requested"], raw["run"]
        raw["processors"] = np.where(allocated > 0, allocated, np.where(requested > 0, requested, allocated))
        most = self._most_processors()
        longest = self.header.number("MaxRuntime")
        self._late += 0 if longest is None else int((run > longest).sum())
        self._over += int(((raw["requested_time"] > 0) & (run > raw["requested_time"])).sum())
        if len(at):
            self._last = max(self._last, float(np.nanmax(raw["submit"], initial=0.0)))
            self._end = max(self._end, float(np.nanmax(raw["submit"] + np.maximum(run, 0), initial=0.0)))
        return Batch(
            {name: self._cells(name, raw[name]) for name in wanted},
            at,
            None if most is None else raw["processors"] > most,
        )

    def _cells(self, name: str, values: np.ndarray) -> pa.Array:
        if name not in (*NUMBERED, "status"):
            return pa.array(values, mask=values == -1)
        cells = pa.array(values).cast(pa.int64(), safe=False).dictionary_encode()
        numbers = cells.dictionary.to_pylist()
        texts: list[str | None]
        if name == "status":
            texts = [STATUS.get(n, f"status {n}") for n in numbers]
        else:
            said = self.header.names(NAMED[name]) if name in NAMED else {}
            texts = [None if n == -1 else said.get(n, f"{name} {n}") for n in numbers]
            self._seen.setdefault(name, set()).update(text for text in texts if text is not None)
        return pa.DictionaryArray.from_arrays(cells.indices, pa.array(texts, pa.string()))

    def _most_processors(self) -> float | None:
        for key in ("MaxProcs", "MaxNodes"):
            most = self.header.number(key)
            if most is not None:
                self.limit = f"more processors than the machine has ({key}: {most:.0f})"
                return most
        return None

    def _joined(self, wanted: Sequence[str], tally: Tally) -> Batch:
        """The jobs that only have parts: the first part of each, with the run time of all of them."""
        rows = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        told = np.isin(rows["job"], self._whole.values())
        tally.skip("part of a preempted job that has a line of its own", rows["at"][told])
        rows = {name: column[~told] for name, column in rows.items()}
        _, first, group = np.unique(rows["job"], return_index=True, return_inverse=True)
        known = np.where(rows["run"] > 0, rows["run"], 0.0)
        later = np.ones(len(group), np.bool_)
        later[first] = False
        tally.skip("later part of a preempted job: its time was added to the first", rows["at"][later])
        head = {name: column[first] for name, column in rows.items()}
        total = np.bincount(group, known, minlength=len(first))
        head["run"] = np.where(total > 0, total, head["run"])
        return self._batch(head, head.pop("at"), wanted)

    def _judge(self, tally: Tally) -> None:
        """Where the header and the rows disagree."""
        header, say = self.header, tally.warnings.append
        version = header.text("Version")
        if not header.entries:
            say("the file has no header: neither its date nor its machine are known")
        elif version and header.number("Version") not in (2, 2.1, 2.2):
            say(f"the header says version {version}; it was read as 2.2")
        for key in ("MaxJobs", "MaxRecords"):
            promised = header.number(key)
            if promised is not None and promised != tally.rows and (key == "MaxRecords" or not self._parts):
                say(f"the header promises {promised:,.0f} ({key}), the file has {many(tally.rows, 'row')}")
        if header.text("Preemption").upper() == "TS":
            say("the machine shared its processors by time slices: run times depend on its load then")
        if self._late:
            say(f"{many(self._late, 'job')} ran longer than MaxRuntime ({header.number('MaxRuntime'):,.0f} s); kept")
        if self._over and header.text("AllowOveruse").lower() in ("no", "false", "0"):
            say(f"{many(self._over, 'job')} ran longer than requested, which AllowOveruse: No rules out; kept")
        for name, key in NAMED.items():
            most = header.number(f"Max{key}s")
            if most is not None and len(self._seen[name]) > most:
                say(f"the header counts {many(int(most), name)} (Max{key}s), the rows name {len(self._seen[name])}")
        self._judge_dates(say)
        jobs = np.sort(self._whole.values())
        twice = int((np.diff(jobs[jobs >= 0]) == 0).sum())
        if twice:
            say(f"{many(twice, 'row')} with a job number that was there before; kept as jobs of their own")
        tally.notes.extend(f"the header notes: {' '.join(note.split())}" for note in header.all("Note") if note)

    def _judge_dates(self, say: Callable[[str], None]) -> None:
        header = self.header
        begin, until = written_date(header.text("StartTime")), written_date(header.text("EndTime"))
        start = header.start()
        if header.text("TimeZoneString") and header.zone() is None:
            say(f"the time zone {header.text('TimeZoneString')!r} is not known here: the date is in UTC")
        elif start and begin and start.replace(tzinfo=None, microsecond=0) != begin:
            say(f"StartTime ({begin}) is not UnixStartTime in its zone ({start:%Y-%m-%d %H:%M:%S %Z}), which was used")
        if begin and until:
            said = (until - begin).total_seconds()
            if abs(said - self._end) > max(DAY, 0.05 * said) and abs(said - self._last) > max(DAY, 0.05 * said):
                say(
                    f"the header's dates are {number(round(said / DAY, 1))} d apart (StartTime, EndTime); "
                    f"the rows end after {number(round(self._end / DAY, 1))} d"
                )
