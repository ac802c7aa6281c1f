"""Which column of a file means what: the map from hubnet's fields to columns, and their values in SI.

A map is plain values, as a scenario file gives them:

    submit: TIMESTAMP                                a column
    devices: 1                                       the same for every job
    work: {column: duration, unit: ms}               numbers in a unit; a unit may have a number: 4 B
    work: {from: started, to: ended}                 the time between two columns
    work: [{column: out, per: 25 /s}, {column: in, per: 5000 /s}]     a sum; per: so many a second
    devices: {column: cores, per: 8}                 so many make a device; rounded up
    input: {is: 2 MB}                                a quantity, the same for every job
    runs_on: {is: gpu}                               a name, the same for every job

Dates (ISO 8601 text, timestamps) need no unit; numbers of time and data do, or `time_unit` gives it for all times.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic_core import PydanticCustomError

from ...errors import Problem, TableError
from ...scenario.units import BIT_RATE, DurationKind, Kind
from .cells import NS, dates, labels, looks_dated, numbers
from .sources import Batch

TIME = DurationKind("a duration", "s", ("1 ms", "1 h"))
DATA = Kind("an amount of data", "bit", ("4 B", "1 MB"))
RATE = Kind("a rate", "1/s", ("25 /s", "1000 /h"), above=True)
AMOUNTS: dict[str, Kind | None] = {  # field -> what it is measured in; None: a plain number
    "submit": TIME,
    "devices": None,
    "work": TIME,
    "input": DATA,
    "output": DATA,
    "wave": BIT_RATE,
    "deadline": TIME,
    "priority": None,
}
LABELS = ("class", "site", "runs_on", "hub", "status")
NEEDED = ("submit", "devices", "work")
DATED = ("submit", "deadline")  # fields that may be a point in time
KEYS = ("column", "unit", "per", "from", "to", "is")


@dataclass(frozen=True)
class Term:
    """One column of a sum: its numbers x factor; factor None: it has to hold dates or durations."""

    column: str
    factor: float | None
    sign: int = 1


@dataclass(frozen=True)
class Amount:
    """A field of numbers: the sum of its terms and a constant, in SI. up: round up to whole numbers."""

    terms: tuple[Term, ...] = ()
    constant: float = 0.0
    up: bool = False


@dataclass(frozen=True)
class Label:
    """A field of names: a column, or the same name for every job."""

    column: str | None = None
    constant: str = ""


@dataclass(frozen=True)
class Map:
    """field -> where its values come from."""

    amounts: dict[str, Amount]
    labels: dict[str, Label]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are needed, each once."""
        used = [term.column for amount in self.amounts.values() for term in amount.terms]
        used += [label.column for label in self.labels.values() if label.column is not None]
        return tuple(dict.fromkeys(used))


def read_map(plain: Mapping[str, Any], time_unit: str | None, columns: Sequence[str], file: str = "") -> Map:
    """The map that plain values spell. columns: of the file. Raises TableError with every problem found."""
    problems: list[Problem] = []
    amounts, names = {}, {}
    known = (*AMOUNTS, *LABELS)
    default = _or_problem(problems, "time_unit", _unit, TIME, time_unit) if time_unit is not None else None
    for key, value in plain.items():
        if key in AMOUNTS:
            amounts[key] = _or_problem(problems, f"map.{key}", _amount, AMOUNTS[key], value, default)
        elif key in LABELS:
            names[key] = _or_problem(problems, f"map.{key}", _label, value)
        else:
            hint = "sites go to regions by `regions`: call it site" if key == "region" else near(key, known)
            problems.append(Problem(f"map.{key}: no field of a job is called {key!r}", hint))
    for key in NEEDED:
        if key not in plain:
            problems.append(Problem(f"map: nothing says what {key!r} is", f"write {key}: COLUMN; {_having(columns)}"))
    if not problems:
        found = Map(amounts, names)
        for key, amount in amounts.items():
            problems += [
                _absent(key, term.column, columns, file) for term in amount.terms if term.column not in columns
            ]
        for key, label in names.items():
            if label.column is not None and label.column not in columns:
                problems.append(_absent(key, label.column, columns, file))
    if problems:
        raise TableError(problems)
    return found


def near(word: object, known: Iterable[str]) -> str:
    """A hint for an unknown word."""
    names = list(known)
    close = difflib.get_close_matches(str(word).lower(), {name.lower(): name for name in names}, 1)
    found = next((name for name in names if close and name.lower() == close[0]), None)
    return f"did you mean {found!r}?" if found else f"known: {', '.join(names[:20])}"


def _having(columns: Sequence[str]) -> str:
    return f"the file has the columns {', '.join(columns[:30])}"


def _absent(key: str, column: str, columns: Sequence[str], file: str) -> Problem:
    hint = near(column, columns)
    return Problem(
        f"map.{key}: the file has no column {column!r}", hint if hint.startswith("did") else _having(columns), file
    )


class _Wrong(Exception):
    """A message and a hint, before it is known where."""


def _or_problem(problems: list[Problem], where: str, read: Any, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except _Wrong as wrong:
        problems.append(Problem(f"{where}: {wrong.args[0]}", wrong.args[1]))
    except PydanticCustomError as error:
        context = error.context or {}
        problems.append(Problem(f"{where}: {context.get('message', error)}", context.get("hint", "")))
    return None


def _unit(kind: Kind, text: object) -> float:
    """How much one of a unit is, in SI: "ms" or "4 B"."""
    said = str(text).strip()
    return kind.read(said if said[:1].isdigit() or said[:1] in ".+-" else f"1 {said}")


def _amount(kind: Kind | None, value: object, default: float | None) -> Amount:
    if isinstance(value, list):
        parts = [_amount(kind, part, default) for part in value]
        terms = tuple(term for part in parts for term in part.terms)
        return Amount(terms, math.fsum(part.constant for part in parts), any(part.up for part in parts))
    own = default if kind is TIME else 1.0 if kind is None else None
    if isinstance(value, str):
        return Amount((Term(value, own),))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if kind is not None:
            raise _Wrong(f"{value!r} has no unit", f'write {{is: "{kind.examples[0]}"}}, or the name of a column')
        return Amount(constant=float(value))
    said = _keys(value)
    if set(said) == {"is"}:
        return Amount(constant=_plain(said["is"]) if kind is None else kind.read(said["is"]))
    if {"from", "to"} <= set(said) <= {"from", "to", "unit"} and kind is TIME:
        factor = _unit(kind, said["unit"]) if "unit" in said else own
        return Amount((Term(str(said["to"]), factor), Term(str(said["from"]), factor, -1)))
    if set(said) == {"column", "per"}:
        if kind is TIME:
            return Amount((Term(str(said["column"]), 1 / RATE.read(said["per"])),))
        if kind is None:
            return Amount((Term(str(said["column"]), 1 / _positive(said["per"])),), up=True)
    if set(said) in ({"column"}, {"column", "unit"}):
        factor = own if "unit" not in said else _positive(said["unit"]) if kind is None else _unit(kind, said["unit"])
        return Amount((Term(str(said["column"]), factor),))
    raise _Wrong(f"{', '.join(said)} do not make sense together", "see `hubnet.workload.traces.columns` for the forms")


def _label(value: object) -> Label:
    if isinstance(value, str):
        return Label(value)
    said = _keys(value)
    if set(said) == {"column"}:
        return Label(str(said["column"]))
    if set(said) == {"is"}:
        return Label(constant=str(said["is"]))
    raise _Wrong(f"{', '.join(said)} do not make a name", "write a column, or {is: name}")


def _keys(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise _Wrong(f"{value!r} is neither a column nor a mapping", "write the name of a column")
    for key in value:
        if key not in KEYS:
            raise _Wrong(f"unknown key {key!r}", near(key, KEYS))
    return value


def _plain(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise _Wrong(f"{value!r} is not a number", "for example {is: 8}") from None


def _positive(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise _Wrong(f"{value!r} is not a number above 0", "for example per: 8")
    return number


@dataclass
class Reader:
    """Values of fields, batch by batch. What a column holds, dates or numbers, is decided by the first batch.

    file: for messages. base: ns since 1970 that dates count from, the first that was read. dated: the fields that are
    points in time by date. zoned: do dates name their time zone.
    """

    map: Map
    file: str = ""
    base: int | None = None
    zoned: bool | None = None
    dated: set[str] = field(default_factory=set)
    _kinds: dict[str, bool] = field(default_factory=dict)  # column -> holds dates

    def amount(self, key: str, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """(values in SI [rows], NaN where not known; which cells are filled, but unreadable). Dates: s from `base`."""
        amount = self.map.amounts[key]
        total = np.full(len(batch.at), amount.constant)
        bad = np.zeros(len(batch.at), np.bool_)
        points = 0
        for term in amount.terms:
            cells = batch.columns[term.column]
            if len(cells) and AMOUNTS[key] is TIME and self._holds_dates(term.column, cells):
                values, wrong = self._dates(cells)
                points += term.sign
            else:
                values, wrong = self._numbers(key, term, cells)
            total += term.sign * values
            bad |= wrong
        if points not in ((0, 1) if key in DATED else (0,)):
            hint = "write {from: COLUMN, to: COLUMN}" if key == "work" else ""
            raise self._error(key, amount.terms[0].column, "holds dates, and not a duration", hint)
        if points:
            self.dated.add(key)
        return np.ceil(total - 1e-9) if amount.up else total, bad

    def label(self, key: str, batch: Batch) -> tuple[np.ndarray, list[str]]:
        """(index into the names [rows], -1 where empty; names)."""
        label = self.map.labels[key]
        if label.column is None:
            return np.zeros(len(batch.at), np.int32), [label.constant]
        try:
            return labels(batch.columns[label.column])
        except pa.ArrowInvalid as error:
            raise self._error(key, label.column, f"holds no names ({error})", "") from None

    def _holds_dates(self, column: str, cells: pa.Array) -> bool:
        if column not in self._kinds and cells.null_count < len(cells):
            self._kinds[column] = looks_dated(cells)
        return self._kinds.get(column, False)

    def _dates(self, cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        read = dates(cells, self.zoned)
        if self.base is not None and read.zoned != self.zoned:
            raise TableError(Problem("some columns of dates name their time zone, others do not", "", self.file))
        if self.base is None and read.known.any():
            self.base, self.zoned = int(read.ns[read.known][0]), read.zoned
        return np.where(read.known, (read.ns - (self.base or 0)) / NS, np.nan), read.bad

    def _numbers(self, key: str, term: Term, cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        try:
            values, bad = numbers(cells)
        except TypeError as error:
            raise self._error(key, term.column, str(error).removeprefix("it "), "map another column") from None
        if pa.types.is_duration(cells.type):
            return values, bad
        if term.factor is None and len(cells):
            if bad.all():
                shown = f"holds {cells[0].as_py()!r}, neither a number nor a date as 2025-06-02 18:30:00"
                raise self._error(key, term.column, shown, "map another column, or convert it first")
            example = "ms" if AMOUNTS[key] is TIME else "B"
            hint = f"write {key}: {{column: {term.column}, unit: {example}}}"
            hint += " or give time_unit for all times" if AMOUNTS[key] is TIME else ""
            raise self._error(key, term.column, "holds numbers of no known unit", hint)
        factor = term.factor or 1.0
        parts = 1 / factor  # dividing by 1000 keeps whole seconds whole, multiplying by 0.001 does not
        return (values / parts if factor < 1 and parts == round(parts) else values * factor), bad

    def _error(self, key: str, column: str, what: str, hint: str) -> TableError:
        return TableError(Problem(f"map.{key}: the column {column!r} {what}", hint, self.file))
