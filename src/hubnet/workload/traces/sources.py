"""Where rows come from: CSV and Parquet files as batches of Arrow columns; what is in them is not judged here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as parquet

from ...errors import Problem, TableError
from .lines import line_chunks, open_file
from .report import Tally
from .swftext import decoded

FORMATS = {".swf": "swf", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet"}
ROWS = 2**17  # of a Parquet batch
LF, CR, QUOTE = b'\n\r"'


@dataclass(frozen=True)
class Batch:
    """Some rows. columns: name -> Arrow array. at: where they stand in the file. beyond: which of them exceed a limit
    that the file itself states (`Source.limit`), if it states one."""

    columns: dict[str, pa.Array]
    at: np.ndarray
    beyond: np.ndarray | None = None


class Source(Protocol):
    """A file of rows. place: what `Batch.at` counts. unknown: how it writes a value that is not known. limit: a reason
    to skip rows that are `beyond`, if it has one. absolute: its times count from the start of a log, so they are kept
    as they are; else the first job's is time 0. start: the date of time 0, if the file says it apart from its rows."""

    path: Path
    place: str
    unknown: str
    columns: tuple[str, ...]
    limit: str | None
    absolute: bool

    @property
    def start(self) -> datetime | None: ...

    @property
    def kind(self) -> str: ...

    @property
    def credit(self) -> str: ...

    def batches(self, wanted: Sequence[str], tally: Tally) -> Iterator[Batch]:
        """The rows, only the wanted columns. Counts them in the tally, and those that have no columns as skipped."""
        ...


def format_of(path: Path) -> str:
    """The format that a file's name says. Raises TableError for a name that says none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    if not suffixes or suffixes[-1] not in FORMATS:
        raise TableError(
            Problem(
                f"the name does not say the trace's format; known endings: {', '.join(FORMATS)}, each also with .gz",
                "say the format: swf, csv or parquet",
                str(path),
            )
        )
    return FORMATS[suffixes[-1]]


class CsvSource:
    """A text file with a header line; the separator is the one of , ; and tab that the header has most of.

    A cell may be quoted, but must not contain a line break (its lines are skipped then). Blank lines do not count.
    """

    place = "line"
    unknown = "empty"
    limit: str | None = None
    absolute = False
    start: datetime | None = None
    credit = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        chunk, _ = next(line_chunks(path, 2**16))
        line = chunk.split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf")
        head = decoded(line).rstrip("\r")
        if "\r" in head:
            raise TableError(Problem("lines end with carriage returns alone", "end them with LF or CRLF", str(path), 1))
        self.separator = max(",;\t", key=head.count)
        cells = pacsv.read_csv(
            pa.BufferReader(head.encode() + b"\n"),
            pacsv.ReadOptions(autogenerate_column_names=True),
            pacsv.ParseOptions(delimiter=self.separator),
            pacsv.ConvertOptions(column_types={f"f{i}": pa.string() for i in range(head.count(self.separator) + 1)}),
        )
        names = [(column[0].as_py() or "").strip() for column in cells.columns]
        self.columns = tuple(name or f"column {i}" for i, name in enumerate(names, 1))
        check_distinct(self.path, self.columns)

    @property
    def kind(self) -> str:
        """The format, and its separator unless it is a comma."""
        said = {",": "", ";": ", separated by semicolons", "\t": ", separated by tabs"}[self.separator]
        return f"CSV, {len(self.columns)} columns{said}"

    def batches(self, wanted: Sequence[str], tally: Tally) -> Iterator[Batch]:
        """The rows, with every cell as text."""
        for chunk, first in line_chunks(self.path):
            header = first == 1
            text = chunk.split(b"\n", 1)[1] if header else chunk
            yield self._batch(text, first + header, wanted, tally)

    def _batch(self, text: bytes, first: int, wanted: Sequence[str], tally: Tally) -> Batch:
        data = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(data == LF)
        lines = np.arange(first, first + len(ends))
        filled = _per_line(data > 32, ends) > 0
        torn = filled & (_per_line(data == QUOTE, ends) % 2 == 1)
        broken = filled & ~torn & (_per_line((data == CR) & (np.append(data[1:], LF) != LF), ends) > 0)
        tally.rows += int(filled.sum())
        tally.skip("has a quote that is not closed on its line", lines[torn])
        tally.skip("has a stray carriage return", lines[broken])
        good = filled & ~torn & ~broken
        at = lines[good]
        if not len(at):
            return Batch({name: pa.array([], pa.string()) for name in wanted}, at)
        if not good.all():
            text = data[np.repeat(good, np.diff(ends, prepend=-1))].tobytes()
        odd: list[tuple[int, int]] = []  # (row within the chunk from 0, cells)

        def skip(row: pacsv.InvalidRow) -> str:
            odd.append((row.number - 1, row.actual_columns))
            return "skip"

        table = pacsv.read_csv(
            pa.BufferReader(text),
            pacsv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=list(self.columns)),
            pacsv.ParseOptions(delimiter=self.separator, invalid_row_handler=skip, ignore_empty_lines=False),
            pacsv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(self.columns, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        if table.num_rows + len(odd) != len(at):
            lines_said = f"lines {at[0]} to {at[-1]}"
            raise TableError(Problem(f"{lines_said} cannot be told apart as rows", "is it a CSV?", str(self.path)))
        places = np.array([row for row, _ in odd], int)
        for count in sorted({count for _, count in odd}):
            rows = places[[n == count for _, n in odd]]
            tally.skip(f"has {count} cell{'s' if count != 1 else ''}, not {len(self.columns)}", at[rows])
        return Batch({name: _utf8(table[name].combine_chunks()) for name in wanted}, np.delete(at, places))


def _per_line(hit: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How many bytes of each line are hit."""
    return np.diff(np.searchsorted(np.flatnonzero(hit), ends), prepend=0)


def _utf8(cells: pa.Array) -> pa.Array:
    """The cells as they are, or read as Latin-1 if they are not UTF-8."""
    try:
        cells.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array([decoded(cell) for cell in cells.cast(pa.binary()).to_pylist()], pa.string())
    return cells


class ParquetSource:
    """A Parquet file; numbers and dates keep their types."""

    place = "row"
    unknown = "empty"
    limit: str | None = None
    absolute = False
    start: datetime | None = None
    credit = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        with open_file(path) as file:
            if file.read(4) != b"PAR1":
                raise TableError(Problem("this is not a Parquet file", "or it is not whole: fetch it again", str(path)))
        try:
            self._file = parquet.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise TableError(Problem(f"the Parquet file is damaged ({error})", "fetch it again", str(path))) from None
        self.columns = tuple(self._file.schema_arrow.names)
        check_distinct(path, self.columns)

    @property
    def kind(self) -> str:
        """The format."""
        return f"Parquet, {len(self.columns)} columns"

    def batches(self, wanted: Sequence[str], tally: Tally) -> Iterator[Batch]:
        """The rows."""
        row = 1
        for batch in self._file.iter_batches(ROWS, columns=list(wanted)):
            at = np.arange(row, row + len(batch))
            row += len(batch)
            tally.rows += len(batch)
            yield Batch({name: batch.column(name) for name in wanted}, at)


def check_distinct(path: Path, columns: Sequence[str]) -> None:
    """Raises TableError if a column's name is there twice."""
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise TableError([Problem(f"the column {name!r} is there twice", "", str(path), 1) for name in twice])
