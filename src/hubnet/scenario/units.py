"""Quantities as people write them ("7 d", "100 Gbit/s", "30 %"), read into SI numbers.

Pint knows the units; its registry holds only the units listed here, so that the contract is short,
`Mb` cannot mean two things, and loading is fast. A thin layer of rules adds what pint does not have:
compound durations ("3 d 10 h"), money, shares, the direction of a delay, and plain messages.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction as Exact
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from hubnet.scenario.words import fault, listing, nearest, quote

DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}

# Units by what they measure, in pint's definition language; prefixes are spelled out, because a general prefix
# would also accept "Ms" (megasecond) for ms and "mbit" (millibit) for Mbit.
UNITS: dict[str, list[str]] = {
    "a duration": [
        "second = [time] = s = sec",
        "millisecond = 1/1000 * second = ms",
        "microsecond = 1/1000000 * second = us = µs",
        "minute = 60 * second = min",
        "hour = 3600 * second = h = hr",
        "day = 86400 * second = d",
        "week = 604800 * second",
        "year = 31557600 * second = yr",
    ],
    "an amount of data": [
        "bit = [data]",
        "B = 8 * bit = byte",
        *(f"{prefix}bit = {factor} * bit" for prefix, factor in DECIMAL.items()),
        *(f"{prefix}B = {8 * factor} * bit" for prefix, factor in (DECIMAL | BINARY).items()),
    ],
    "a bit rate": [
        "bps = bit / second",
        "Bps = 8 * bit / second",
        *(f"{prefix}bps = {factor} * bit / second" for prefix, factor in DECIMAL.items()),
        *(f"{prefix}Bps = {8 * factor} * bit / second" for prefix, factor in DECIMAL.items()),
    ],
    "a power": ["W = [power] = watt", *(f"{p}W = {DECIMAL[p]} * W" for p in "kMG")],
    "an energy": ["Wh = 3600 * W * second", *(f"{p}Wh = {DECIMAL[p]} * Wh" for p in "kMG")],
    "a sum of money": ["yuan = [money] = CNY = RMB"],
    "a mass": ["kg = [mass]", "g = 1/1000 * kg", "t = 1000 * kg = tonne"],
    "a length": ["m = [length]", "km = 1000 * m"],
}
SPELLINGS = {
    what: [name.strip() for line in lines for name in line.split("=") if re.fullmatch(r"\s*[^\W\d]+\s*", name)]
    for what, lines in UNITS.items()
}
NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
UNIT = r"/?\s*[^\W\d_]+(?:\s*/\s*[^\W\d_]+)?"
SHARE = re.compile(rf"\s*({NUMBER})\s*(?:(%)|/\s*({NUMBER}))?\s*")
QUANTITY = re.compile(rf"\s*({NUMBER})\s*({UNIT})\s*")
ODD_NUMBER = re.compile(r"\s*[+-]?\d[\d,_']*[,_'][\d,_'.]*\s*([^\W\d].*|/.*|%)?")
NOT_FINITE = re.compile(r"\s*[+-]?(?:\.?inf(?:inity)?|\.?nan|∞)\b.*", re.IGNORECASE)


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Pint's registry of `UNITS`. Pint is imported here because that takes longer than reading a scenario."""
    import pint

    registry: Any = pint.UnitRegistry(None, non_int_type=Exact)
    registry.load_definitions([line for lines in UNITS.values() for line in lines])
    return registry


@lru_cache(maxsize=512)
def _unit(text: str) -> Any:
    """The pint quantity 1 `text`, exact. Raises KeyError(word) for an unknown unit."""
    for word in re.findall(r"[^\W\d_]+", text):
        try:
            _registry().parse_units(word)
        except Exception:  # pint raises many kinds, all meaning that it cannot read the word
            raise KeyError(word) from None
    return _registry().Quantity(Exact(1), _registry().parse_units(f"1{text}" if text.startswith("/") else text))


def _measured(text: str) -> str | None:
    """What a quantity in the unit `text` is ("a duration"), or None if there is no word for it."""
    names = {"s": "a duration", "bit": "an amount of data", "bit/s": "a bit rate", "1/s": "a rate", "W": "a power"}
    names |= {"Wh": "an energy", "yuan": "a sum of money", "kg": "a mass", "km": "a length"}
    names |= {"yuan/kWh": "a price of energy", "kg/kWh": "a carbon intensity", "yuan/h": "a value per hour"}
    for unit, name in names.items():
        if _unit(text).is_compatible_with(_unit(unit.removeprefix("1")).units):
            return name
    return None


def share_of_unit(unit: str, of: str) -> Exact | None:
    """How many of the unit `of` one `unit` is ("" = a plain number, "%" too); None if they do not measure the same."""
    shares = {"": Exact(1), "%": Exact(1, 100)}
    if unit == of:
        return Exact(1)
    if unit in shares and of in shares:
        return shares[unit] / shares[of]
    try:
        one, other = _unit(unit), _unit(of)
    except Exception:  # a word that pint cannot read, or no unit at all
        return None
    return Exact(one.to(other.units).magnitude) if one.is_compatible_with(other.units) else None


@dataclass(frozen=True)
class Kind:
    """One kind of quantity; used as pydantic metadata: `Annotated[float, Kind(...)]`.

    name: with its article, as messages say it. unit: the unit of the result ("" = a plain number).
    examples: how to write one. low, high: the range; `above` and `below` exclude the bound itself.
    """

    name: str
    unit: str
    examples: tuple[str, ...]
    low: float = 0.0
    high: float = math.inf
    above: bool = False
    below: bool = False

    def read(self, value: object) -> float:
        """`value` in `unit`. Raises PydanticCustomError with a message and a hint."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(f"{quote(value)} is not {self.name}" if value is not None else "nothing is given")
        if NOT_FINITE.fullmatch(str(value)):
            raise self._wrong(f"{quote(value)} is not finite; {self.name} has to be")
        number = self._number(value)
        if number < 0 <= self.low:
            raise self._wrong(f"{quote(value)} is negative; {self.name} cannot be")
        if not (self.low < number if self.above else self.low <= number) or not (
            number < self.high if self.below else number <= self.high
        ):
            raise self._wrong(f"{quote(value)} is out of range; {self.name} has to be {self.range()}")
        return number

    def written(self, number: float) -> str:
        """`number`, in `unit`, as one may write it in a scenario."""
        return f"{number:g} {self.unit}".strip()

    def range(self) -> str:
        """The allowed range in words; empty if every number is allowed."""
        low = f"{'more than' if self.above else 'at least'} {self.written(self.low)}"
        high = f"{'less than' if self.below else 'at most'} {self.written(self.high)}"
        return low if self.high == math.inf else f"{low} and {high}"

    def _number(self, value: str | int | float) -> float:
        text = str(value)
        if not self.unit:
            return self._share(text)
        if re.fullmatch(rf"\s*{NUMBER}\s*", text):
            raise self._wrong(f"{quote(value)} has no unit; {self.name} needs one")
        return self._quantity(text)

    def _share(self, text: str) -> float:
        """A plain number, a percentage or a ratio."""
        if match := SHARE.fullmatch(text):
            number, percent, divisor = match.groups()
            exact = self._exact(number, text) / (100 if percent else 1)
            if divisor and not self._exact(divisor, text):
                raise self._wrong(f"{quote(text)} divides by zero")
            return self._float(exact / self._exact(divisor, text) if divisor else exact, text)
        if match := QUANTITY.fullmatch(text):
            self._factor(match[2], text)
        raise self._unreadable(text)

    def _quantity(self, text: str) -> float:
        match = QUANTITY.fullmatch(text)
        if not match:
            raise self._unreadable(text)
        return self._float(self._exact(match[1], text) * self._factor(match[2], text), text)

    def _factor(self, unit: str, text: str) -> Exact:
        """How many of this kind's unit one `unit` is."""
        unit = re.sub(r"\s+", "", unit)
        if unit == self.unit:  # known without pint, whose import takes longer than reading most traces
            return Exact(1)
        try:
            one = _unit(unit)
        except KeyError as unknown:
            raise self._unknown_unit(unknown.args[0], text) from None
        target = _unit(self.unit.removeprefix("1") or "s/s").units
        if not one.is_compatible_with(target):
            found = _measured(unit) or f"in {unit}"
            raise self._wrong(f"{quote(text)} is {found}; {self.name} is needed")
        return Exact(one.to(target).magnitude)

    def _exact(self, number: str, text: str) -> Exact:
        """`number` without rounding, so that "9.7 ms" is the float nearest to 0.0097."""
        if len(number) > 40 or not math.isfinite(float(number)):
            raise self._wrong(f"{quote(text)} is too large or too long to be read as a number")
        return Exact(number) if float(number) else Exact(0)

    def _float(self, exact: Exact, text: str) -> float:
        try:
            return float(exact)
        except OverflowError:
            raise self._wrong(f"{quote(text)} is too large to be read as a number") from None

    def _wrong(self, message: str) -> PydanticCustomError:
        return fault(message, f"write for example {listing(map(quote, self.examples))}")

    def _unreadable(self, text: str) -> PydanticCustomError:
        if ODD_NUMBER.fullmatch(text):
            return fault(
                f"{quote(text)} has a number that cannot be read",
                "use a point for decimals and nothing between thousands",
            )
        if re.fullmatch(rf"\s*{UNIT}\s*", text) and self.unit:
            return self._wrong(f"{quote(text)} is not {self.name}: it has no number")
        return self._wrong(f"{quote(text)} is not {self.name}")

    def _unknown_unit(self, word: str, text: str) -> PydanticCustomError:
        """Names the nearest unit; a wrong case and a bare `b` get a hint of their own."""
        message = f'{quote(text)} has the unknown unit "{word}"'
        if match := re.fullmatch(r"([kKMGTP]?)b", word):
            prefix = match[1].replace("K", "k")
            return fault(message, f'write "{prefix}bit" for bits or "{prefix}B" for bytes')
        known = [name for names in SPELLINGS.values() for name in names]
        same = [name for name in known if name.casefold() == word.casefold()]
        close = same[0] if same else nearest(word, known)
        if close is None:
            return self._wrong(message)
        meant = re.sub(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", close, text.strip(), count=1)
        return fault(message, f'did you mean "{meant}"?{" (upper and lower case differ)" if same else ""}')

    def pattern(self) -> str:
        """A regular expression for editors; it checks the form, `read` has the last word."""
        if not self.unit:
            return rf"^\s*{NUMBER}\s*(%|/\s*{NUMBER})?\s*$"
        return rf"^\s*{NUMBER}\s*/?\s*[A-Za-zµ]+(\s*/\s*[A-Za-z]+)?\s*$"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written: dict[str, Any] = {"type": "string", "pattern": self.pattern()}
        if self.unit:
            return written | {"examples": list(self.examples), "unit": self.unit}
        number: dict[str, Any] = {"type": "number", "exclusiveMinimum" if self.above else "minimum": self.low}
        if self.high < math.inf:
            number["exclusiveMaximum" if self.below else "maximum"] = self.high
        return {"anyOf": [number, written], "examples": list(self.examples)}


class DurationKind(Kind):
    """Durations may be compound: each part in a smaller unit than the one before ("3 d 10 h")."""

    def _quantity(self, text: str) -> float:
        parts = re.findall(rf"\s*({NUMBER})\s*([^\W\d_]+)", text)
        if len(parts) < 2 or "".join("".join(part) for part in parts) != re.sub(r"\s+", "", text):
            return super()._quantity(text)
        factors = [self._factor(unit, text) for _, unit in parts]
        if any(later >= earlier for earlier, later in pairwise(factors)):
            raise self._wrong(f"{quote(text)} does not go from larger to smaller units")
        numbers = [self._exact(number, text) for number, _ in parts]
        if min(numbers) < 0:
            raise self._wrong(f"{quote(text)} is negative; {self.name} cannot be")
        return self._float(sum((n * f for n, f in zip(numbers, factors, strict=True)), Exact(0)), text)

    def pattern(self) -> str:
        return rf"^(\s*{NUMBER}\s*[A-Za-zµ]+)+\s*$"


class FoundKind(DurationKind):
    """A duration, or the word "auto": let it be found."""

    def read_or_auto(self, value: object) -> float | Literal["auto"]:
        """As `read`, or "auto"."""
        return "auto" if value == "auto" else self.read(value)

    def pattern(self) -> str:
        return f"{super().pattern()}|^auto$"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read_or_auto)


class DirectedKind(DurationKind):
    """A delay that names its direction, "5 ms one_way" or "10 ms rtt"; the result is one-way."""

    def _number(self, value: str | int | float) -> float:
        text = str(value)
        match = re.fullmatch(r"(.*\S)\s+(one_way|rtt)\s*", text)
        if match:
            return super()._number(match[1]) / (2 if match[2] == "rtt" else 1)
        if not isinstance(value, str) or re.search(r"\w", text) is None:
            return super()._number(value)
        super()._number(re.sub(r"\s+[^\W\d]+\s*$", "", text) if len(text.split()) > 2 else text)
        raise self._wrong(f"{quote(text)} does not say its direction, one_way or rtt")

    def pattern(self) -> str:
        return rf"^\s*{NUMBER}\s*[A-Za-zµ]+\s+(one_way|rtt)\s*$"


class UnitKind(Kind):
    """A unit alone, such as "ms"; read as what one of it is in SI."""

    def read(self, value: object) -> float:
        if not isinstance(value, str) or not re.fullmatch(rf"\s*{UNIT}\s*", value):
            raise self._wrong(f"{quote(value)} is not {self.name}" if value is not None else "nothing is given")
        return super().read(f"1 {value}")

    def range(self) -> str:
        return ""

    def pattern(self) -> str:
        return r"^\s*[A-Za-zµ]+\s*$"


Duration = Annotated[float, DurationKind("a duration", "s", ("7 d", "36 h", "90 min"))]
DurationOrAuto = Annotated[float | Literal["auto"], FoundKind("a duration", "s", ("1 d", "36 h", "auto"))]
Span = Annotated[float, DurationKind("a duration", "s", ("7 d", "36 h", "90 min"), above=True)]
Delay = Annotated[float, DurationKind("a one-way delay", "s", ("5 ms", "0.2 ms"))]
OneWay = Annotated[float, DirectedKind("a delay with its direction", "s", ("5 ms one_way", "10 ms rtt"))]
Bits = Annotated[float, Kind("an amount of data", "bit", ("2 TB", "12 kB", "5 Gbit"))]
Volume = Annotated[float, Kind("an amount of data", "bit", ("2 TB", "12 kB", "5 Gbit"), above=True)]
DurationUnit = Annotated[float, UnitKind("a unit of time", "s", ("s", "ms", "min"), above=True)]
DataUnit = Annotated[float, UnitKind("a unit of data", "bit", ("B", "GB", "bit"), above=True)]
BIT_RATE = Kind("a bit rate", "bit/s", ("100 Gbit/s", "400 Gbps", "12 GB/s"), above=True)
BitRate = Annotated[float, BIT_RATE]
Rate = Annotated[float, Kind("a rate", "1/s", ("14 /s", "1 /h", "200 /d"))]
Power = Annotated[float, Kind("a power", "W", ("400 W", "0.7 kW"))]
Price = Annotated[float, Kind("a price of energy", "yuan/kWh", ("0.35 yuan/kWh", "350 yuan/MWh"))]
Carbon = Annotated[float, Kind("a carbon intensity", "kg/kWh", ("0.02 kg/kWh", "570 g/kWh"))]
Length = Annotated[float, Kind("a length", "km", ("830 km", "5 km"))]
Fraction = Annotated[float, Kind("a share", "", ("30 %", "1/5", "0.3"), high=1.0)]
FractionBelowOne = Annotated[float, Kind("a share", "", ("16 %", "1/5", "0.3"), high=1.0, below=True)]
Factor = Annotated[float, Kind("a factor", "", ("1/5", "20 %", "0.2"), above=True)]
Scale = Annotated[float, Kind("a factor", "", ("1/5", "20 %", "0.2"), high=1000.0, above=True)]
Load = Annotated[float, Kind("a load", "", ("62 %", "0.62"), high=10.0, above=True)]
Weight = Annotated[float, Kind("a weight", "", ("3", "0.7", "70 %"))]
Positive = Annotated[float, Kind("a number", "", ("1", "2.5"), above=True)]
Sigma = Annotated[float, Kind("a number", "", ("1", "0.5"), high=10.0)]
Shape = Annotated[float, Kind("a number", "", ("0.7", "2"), low=0.1, high=100.0)]
Slope = Annotated[float, Kind("a number", "", ("1", "-0.5"), low=-10.0, high=10.0)]
Exponent = Annotated[float, Kind("a number", "", ("0.3", "-0.5"), low=-3.0, high=3.0)]
Variation = Annotated[float, Kind("a coefficient of variation", "", ("3", "1.5"), high=100.0)]
AtLeastOne = Annotated[float, Kind("a number", "", ("1.1", "1.25"), low=1.0)]
