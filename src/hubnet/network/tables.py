"""Reading CSV tables against a schema that is data: the fields of a row's dataclass.

A table is a CSV file with a header line; a row class is a frozen dataclass whose fields, made by `text`,
`number`, `whole`, `yes_no` and `weights`, say each column's kind, range and default. A field without a default is a
column that must be there. Reading goes on after a mistake, so that all are reported at once.
"""

from __future__ import annotations

import csv
import dataclasses
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from hubnet.errors import Problem
from hubnet.scenario.words import listing, quote, suggestion

Row = TypeVar("Row")
CONFIDENCE = ("sourced", "derived", "estimate")
UNSTATED = "unstated"
_PART = re.compile(r"\S[^:]*:\S*|\S+")  # name:weight, where the name may have spaces; or whatever else stands there
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,]*)(?:,|$)')


class Wrong(ValueError):
    """A cell that does not say what its column needs; the message follows the quoted text."""


def text(needed: bool = False, default: Any = dataclasses.MISSING, column: str = "") -> Any:
    """Any text; `needed` if it cannot be empty. column: its name in the table, if Python cannot use it."""

    def read(cell: str) -> str:
        if needed and not cell:
            raise Wrong("is empty")
        return cell

    return _field(read, default, column)


def number(
    least: float = -math.inf, most: float = math.inf, above: bool = False, default: Any = dataclasses.MISSING
) -> Any:
    """A finite number from `least` (itself excluded if `above`) to `most`; an empty cell gives the default."""

    def read(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            raise Wrong("is not a number" if cell else "is empty; it must be a number") from None
        if not math.isfinite(value):
            raise Wrong("is not a finite number")
        if value < least or value > most or (above and value == least):
            low = f"more than {least:g}" if above else f"{least:g} or more"
            raise Wrong(f"is out of range; it must be {low}{'' if math.isinf(most) else f' and at most {most:g}'}")
        return value

    return _field(read, default)


def whole(least: int = 0, default: Any = dataclasses.MISSING) -> Any:
    """A whole number, `least` or more."""

    def read(cell: str) -> int:
        try:
            value = int(cell)
        except ValueError:
            raise Wrong("is not a whole number") from None
        if value < least:
            raise Wrong(f"is out of range; it must be {least} or more")
        return value

    return _field(read, default)


def yes_no(default: Any = dataclasses.MISSING) -> Any:
    """yes or no."""

    def read(cell: str) -> bool:
        if cell not in ("yes", "no"):
            raise Wrong("is neither yes nor no")
        return cell == "yes"

    return _field(read, default)


def confidence() -> Any:
    """How sure a figure is; a table may leave the column out, and that is said too."""

    def read(cell: str) -> str:
        if cell not in CONFIDENCE:
            raise Wrong(f"is not {listing(CONFIDENCE)}")
        return cell

    return _field(read, UNSTATED)


def weights(key: Callable[[str], Any], sum_to_one: bool = False, default: Any = dataclasses.MISSING) -> Any:
    """Weights as `name:weight name:weight`, as a tuple of (key(name), weight) pairs. Names may have spaces."""

    def read(cell: str) -> tuple[tuple[Any, float], ...]:
        pairs = []
        for part in _PART.findall(cell):
            name, _, weight = part.strip().rpartition(":")
            try:
                pairs.append((key(name), float(weight)))
            except ValueError:
                raise Wrong(f"has the part {quote(part.strip())}, which is not of the form name:weight") from None
            if not (math.isfinite(pairs[-1][1]) and pairs[-1][1] >= 0):
                raise Wrong(f"has the part {quote(part.strip())}; a weight must be a finite number, 0 or more")
        total = math.fsum(weight for _, weight in pairs)
        if sum_to_one and abs(total - 1) > 1e-6:
            raise Wrong(f"has weights that add up to {total:g}, not to 1")
        return tuple(pairs)

    return _field(read, default)


def _field(read: Callable[[str], Any], default: Any, column: str = "") -> Any:
    return dataclasses.field(default=default, metadata={"read": read, "column": column}, kw_only=True)


def columns(kind: type) -> dict[str, dataclasses.Field[Any]]:
    """The columns of a row class: name in the table -> field."""
    return {field.metadata["column"] or field.name: field for field in dataclasses.fields(kind)}


class Table:
    """One CSV file, as read: `records` are its non-blank rows with the lines they stand on."""

    def __init__(self, path: Path, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.header: list[str] = []
        self.records: list[tuple[int, str, list[str]]] = []
        try:
            self._lines = path.read_text(encoding="utf-8-sig").splitlines()
            self._read()
        except UnicodeDecodeError:
            problems.append(Problem("this is not UTF-8 text", "save it as CSV in UTF-8", file))
        except csv.Error as error:
            problems.append(Problem(f"this is not a CSV table: {error}", "", file))

    def _read(self) -> None:
        reader = csv.reader(self._lines, strict=True)
        self.header = [name.strip() for name in next(reader, [])]
        if not self.header:
            self.problems.append(Problem("the table is empty", "the first line names the columns", self.file))
        for name in {name for name in self.header if self.header.count(name) > 1}:
            self.problems.append(Problem(f"the column {quote(name)} is there twice", "", self.file, 1))
        last = reader.line_num
        for cells in reader:
            line, last = last + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            source = self._lines[line - 1] if last == line else ""
            if len(cells) != len(self.header):
                message = f"the row has {len(cells)} cells, the header {len(self.header)}"
                self.problems.append(Problem(message, "quote cells that hold commas", self.file, line, 1, source))
                continue
            self.records.append((line, source, [cell.strip() for cell in cells]))

    def problem(self, row: int, column: str, message: str, hint: str = "") -> None:
        """Notes a problem of one cell; `row` counts the records from 0."""
        line, source, _ = self.records[row]
        starts = [match.start() + 1 for match in _CELL.finditer(source)]
        index = self.header.index(column) if column in self.header else 0
        place = starts[index] if source and index < len(starts) else None
        self.problems.append(Problem(message, hint, self.file, line, place, source))

    def dicts(self) -> Iterator[dict[str, str]]:
        """The rows as text, by column."""
        for _, _, cells in self.records:
            yield dict(zip(self.header, cells, strict=True))

    def rows(self, kind: type[Row], notes: list[str]) -> list[Row]:
        """The rows as `kind`; a cell that is wrong takes its default or, without one, NaN or "" (and the caller
        must not use the rows, for there is a problem now).

        A column that is not in the schema is a problem if it looks like one that is missing, else only noted.
        """
        fields = columns(kind)
        missing = [name for name in fields if name not in self.header]
        for name in missing:
            if fields[name].default is dataclasses.MISSING and self.header:
                hint = f"the columns are {listing(self.header, last='and')}"
                self.problems.append(Problem(f"the column {quote(name)} is missing", hint, self.file, 1))
        for name in self.header:
            if name not in fields:
                hint = suggestion(name, missing, "columns")
                if hint.startswith("did"):
                    self.problems.append(Problem(f"unknown column {quote(name)}", hint, self.file, 1))
                else:
                    notes.append(f"{self.file}: the column {quote(name)} is not used")
        return [
            kind(**{field.name: self._value(row, name, field, cells) for name, field in fields.items()})
            for row, cells in enumerate(self.dicts())
        ]

    def _value(self, row: int, name: str, field: dataclasses.Field[Any], cells: dict[str, str]) -> Any:
        optional = field.default is not dataclasses.MISSING
        cell = cells.get(name)
        if cell is None or (optional and cell == ""):
            return field.default if optional else ""
        try:
            return field.metadata["read"](cell)
        except Wrong as wrong:
            hint = "leave the cell empty if it is not known" if optional else ""
            self.problem(row, name, f"{name} {quote(cell)} {wrong}" if cell else f"{name} {wrong}", hint)
            return field.default if optional else math.nan if field.type == "float" else ""
