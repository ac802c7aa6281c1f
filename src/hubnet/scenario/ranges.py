"""The values of a setting that varies, in one text: "40%:90%:10%", "1 d:7 d:2 d", "nearest,cheapest-in-time".

    values  = item {"," item}           commas inside brackets or quotes do not separate
    item    = low:high:step             low, low + step, ... up to high; with units, or without where none is needed
            | low:high                  any number between them: only alone, and only for samples
            | whatever the setting may be, as in a scenario file

Colons make a range only between numbers, and "18:30" is a time of day. A text in quotes is always one value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario.source import read_yaml
from hubnet.scenario.units import NUMBER, UNIT, share_of_unit
from hubnet.scenario.words import quote

MOST_VALUES = 10_000  # of one range
TIME_OF_DAY = re.compile(r"\s*\d{1,2}:[0-5]\d\s*")
AMOUNT = re.compile(rf"\s*([xX×]?)({NUMBER})\s*(%|/\s*{NUMBER}|{UNIT}(?:\s+(?:one_way|rtt))?)?\s*")
OPENING, CLOSING = "[{", "]}"


@dataclass(frozen=True)
class Amount:
    """A number as it is written: exact, with its unit ("" = none) and whether it is a factor such as x2."""

    number: Fraction
    unit: str = ""
    factor: bool = False

    def written(self, number: Fraction | float) -> str:
        """Another number, written as this one is."""
        text = str(int(number)) if number == int(number) else repr(float(number))
        return f"x{text}" if self.factor else f"{text} {self.unit}".strip()

    def shares_unit(self, other: Amount) -> Fraction | None:
        """How many of this one's units the other's is; None if they do not measure the same."""
        return share_of_unit(other.unit, self.unit) if self.factor == other.factor else None


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, written like `amount`."""

    low: float
    high: float
    amount: Amount

    def at(self, part: float) -> str:
        """The value at a part, 0 to 1, of the way."""
        return self.amount.written(float(f"{self.low + part * (self.high - self.low):.9g}"))


@dataclass(frozen=True)
class Varied:
    """A setting that varies. path: of the setting. values: YAML texts; or none, and the `span` that holds them."""

    path: str
    values: tuple[str, ...] = ()
    span: Span | None = None


def read_varied(text: str) -> Varied:
    """The setting in "path=values", as of `--vary`. Raises ScenarioError."""
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        hint = 'write "workload.load=40%:90%:10%" or "policy.routing=nearest,random"'
        raise ScenarioError(Problem(f"{quote(text)} is not path=values", hint, f"--vary {text}"))
    return varied(path, values)


def varied(path: str, values: object) -> Varied:
    """A setting and its values: a text as above, or the values themselves. Raises ScenarioError."""
    path = path.strip()
    if isinstance(values, str):
        found = _of_text(path, values)
    elif isinstance(values, Iterable):
        found = Varied(path, tuple(_text_of(value) for value in values))
    else:
        raise _wrong(path, f"{quote(values)} is one value", 'give a list of values, or a text such as "40%:90%:10%"')
    if not found.values and found.span is None:
        raise _wrong(path, "there is no value", "give at least one")
    for index, value in enumerate(found.values):
        if value in found.values[:index]:
            raise _wrong(path, f"{quote(value)} is given twice", "leave one out")
    return found


def amount(value: object) -> Amount | None:
    """The number that a value is, with its unit; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Amount(Fraction(value)) if math.isfinite(value) else None
    match = AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if not match or len(match[2]) > 40 or not math.isfinite(float(match[2])):
        return None
    number, unit = Fraction(match[2]), re.sub(r"\s+", " ", match[3] or "")
    if ratio := re.fullmatch(rf"/\s*({NUMBER})", unit):
        return Amount(number / Fraction(ratio[1])) if float(ratio[1]) else None
    return Amount(number, unit, bool(match[1]))


def plain(text: str) -> Any:
    """The value that a YAML text stands for; the text itself if it is not valid."""
    try:
        return read_yaml(text, "", with_places=False)[0].plain()
    except ScenarioError:
        return text


def _of_text(path: str, text: str) -> Varied:
    items = [item.strip() for item in _split(text)]
    values: list[str] = []
    for item in items:
        if not item:
            raise _wrong(path, f"{quote(text)} has an empty entry", "leave the comma out")
        parts = [amount(part) for part in item.split(":")]
        ends = [part for part in parts if part is not None]
        if len(parts) == 1 or len(parts) > 3 or len(ends) < len(parts) or TIME_OF_DAY.fullmatch(item):
            values.append(item)
        elif len(parts) == 3:
            values += _steps(path, item, *_same_unit(path, item, ends))
        elif len(items) > 1:
            raise _wrong(path, f"{quote(item)} has no step", "write low:high:step")
        else:
            low, high = _same_unit(path, item, ends)
            if low >= high:
                raise _wrong(path, f"{quote(item)} does not go up", "write low:high")
            return Varied(path, (), Span(float(low), float(high), ends[0]))
    return Varied(path, tuple(values))


def _same_unit(path: str, item: str, ends: list[Amount]) -> list[Fraction]:
    """The numbers in the first one's unit."""
    units = {end.unit for end in ends}
    if "" in units and units - {"", "%"}:
        raise _wrong(path, f"{quote(item)} has a unit in some places only", "give every part its unit: 1 d:7 d:2 d")
    numbers = []
    for end in ends:
        factor = ends[0].shares_unit(end)
        if factor is None:
            raise _wrong(path, f"the parts of {quote(item)} do not measure the same", "give every part the same unit")
        numbers.append(end.number * factor)
    return numbers


def _steps(path: str, item: str, low: Fraction, high: Fraction, step: Fraction) -> Iterator[str]:
    if step == 0 or (high - low) / step < 0:
        hint = "write low:high:step, with a step that leads from low to high"
        raise _wrong(path, f"the step of {quote(item)} does not lead from its start to its end", hint)
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        raise _wrong(path, f"{quote(item)} has {count} values", "take a larger step")
    first = amount(item.split(":")[0])
    assert first is not None
    return (first.written(low + index * step) for index in range(count))


def _split(text: str) -> Iterator[str]:
    """The entries between commas that are in no brackets and no quotes."""
    depth, quoted, entry = 0, "", ""
    for letter in text:
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'" and not entry.strip():
            quoted = letter
        else:
            depth += (letter in OPENING) - (letter in CLOSING)
        if letter == "," and depth == 0 and not quoted:
            yield entry
            entry = ""
        else:
            entry += letter
    yield entry


def _text_of(value: Any) -> str:
    """A Python value as YAML text; JSON is YAML."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()  # a numpy scalar
    return json.dumps(value, ensure_ascii=False, default=lambda x: x.isoformat() if isinstance(x, date) else str(x))


def _wrong(path: str, message: str, hint: str) -> ScenarioError:
    return ScenarioError(Problem(f"{path}: {message}", hint, "--vary"))
