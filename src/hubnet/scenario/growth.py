"""Growth and supply by year: the keys `years`, `year`, `growth`, `abroad`, `supply` and `promises` of a scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from hubnet.scenario.fields import MAPPING, VALUE, VALUE_OR_MAPPING, JsonSchema, Name, Part, Whole, Year
from hubnet.scenario.units import Fraction, Kind, Positive, Span
from hubnet.scenario.words import fault, quote

ALL = "all"  # in a mapping of rates: whatever has none of its own
MOST_YEARS = 100
RANGE = re.compile(r"\s*(\d{4})\s*\.\.\s*(\d{4})\s*")


class YearlyKind(Kind):
    """A change per year, as a share; "/yr" may be left out."""

    def _share(self, text: str) -> float:
        return super()._share(re.sub(r"\s*/\s*(yr|year)\s*$", "", text))

    def pattern(self) -> str:
        return super().pattern().removesuffix("$") + r"(/\s*(yr|year)\s*)?$"


class YearsRange:
    """The years of a study: "2025..2030", or a list of years that go up."""

    def read(self, value: object) -> tuple[int, ...]:
        """The years, each once. Raises PydanticCustomError."""
        hint = "write 2025..2030, or a list such as [2025, 2027, 2030]"
        if isinstance(value, str) and (match := RANGE.fullmatch(value)):
            years = tuple(range(int(match[1]), int(match[2]) + 1))
        elif isinstance(value, list | tuple):
            years = tuple(Whole(low=1900).read(year) for year in value)
        else:
            raise fault(f"{quote(value)} is not a range of years" if value is not None else "nothing is given", hint)
        if not years or any(later <= earlier for earlier, later in pairwise(years)):
            raise fault(f"the years of {quote(value)} do not go up", hint)
        if len(years) > MOST_YEARS:
            raise fault(f"{len(years)} years are more than {MOST_YEARS}", hint)
        return years

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> JsonSchema:
        years = {"type": "array", "items": {"type": "integer", "minimum": 1900}, "minItems": 1}
        return {"anyOf": [{"type": "string", "pattern": r"^\s*\d{4}\s*\.\.\s*\d{4}\s*$"}, years]}


Yearly = Annotated[float, YearlyKind("a yearly change", "", ("30 %/yr", "-20 %/yr"), low=-1.0, high=10.0, above=True)]
if TYPE_CHECKING:  # what it is once read
    Years = tuple[int, ...]
    Rates = dict[str, float]
else:  # how it is written
    Years = Annotated[tuple[int, ...], YearsRange()]
    Rates = Annotated[
        Annotated[Yearly, AfterValidator(lambda rate: {ALL: rate}), VALUE] | Annotated[dict[Name, Yearly], MAPPING],
        VALUE_OR_MAPPING,
    ]


class ClassGrowthSpec(Part):
    """How the jobs of one class change from year to year."""

    demand: Yearly | None = Field(
        default=None, description="change of its rate per year, instead of the scenario's `growth.demand`"
    )
    work: Yearly | None = Field(
        default=None, description="change of a job's work per year (better algorithms: less); its data stay as they are"
    )


class GrowthSpec(Part):
    """What changes from year to year, compounding from the first of `years`."""

    demand: Yearly | None = Field(default=None, description="change of the rate of every class per year")
    capacity: Rates | None = Field(
        default=None,
        description="change of the devices of every pool per year, counts rounded to the nearest; or hub, area or "
        '"all" -> change: a hub\'s own goes before its area\'s, that before "all"',
    )
    device_speed: Rates | None = Field(
        default=None, description='change of the speed of all devices per year; or device type or "all" -> change'
    )
    trunks: Rates | None = Field(
        default=None, description='change of the capacity of every trunk per year; or trunk or "all" -> change'
    )
    classes: dict[Name, ClassGrowthSpec] = Field(default={}, description="class -> its own changes")


class AbroadSpec(Part):
    """Demand that is served abroad, until it has to come home."""

    demand: Fraction = Field(description="its size, over the demand served at home; it grows alike")
    returns: Year = Field(description="first year in which it is served at home, by the regions that the rest is from")


class FillSpec(Part):
    """Devices in the place of restricted ones that are not there."""

    with_: Name = Field(alias="with", description="device type that fills in, with its own speed and power")
    share: Fraction = Field(
        default=1.0,
        description="share of each hub's lost compute (devices x speed) that is replaced there, to the nearest device",
    )


class SupplySpec(Part):
    """How many of the devices whose export is restricted (see the nation's catalogue) can be had."""

    restricted: Fraction = Field(description="share of each of their pools that is there, floored; in `since` if given")
    growth: Yearly | None = Field(
        default=None, description="change of that share per year, compounded; -20 % shrinks it"
    )
    since: Year | None = Field(
        default=None, description="year in which the share is `restricted`; the first of `years` unless given"
    )
    year: Year | None = Field(default=None, description="year that is simulated, of a scenario without `years`")
    ends: Year | None = Field(default=None, description="first year in which none of them is there")
    fill: FillSpec | None = Field(default=None, description="what fills in for those that are not there")

    def share_in(self, year: int | None, base: int | None) -> float:
        """restricted x (1 + growth)^(year - since), and 0 from `ends` on; without a growth, `restricted`.

        year: the one simulated; base: the first of the scenario's.
        """
        year, since = self.year if year is None else year, self.since if base is None or self.since else base
        if year is not None and self.ends is not None and year >= self.ends:
            return 0.0
        if self.growth is None or since is None or year is None:
            return self.restricted
        return float(self.restricted * (1 + self.growth) ** (year - since))


class ClassPromiseSpec(Part):
    """What is promised to the jobs of one class."""

    deadline_met: Fraction | None = Field(default=None, description="least share of its deadlines met")
    response_p95: Span | None = Field(default=None, description="highest response of 95 % of its jobs")


class PromisesSpec(Part):
    """What is promised every year; a promise that is not given is not looked at."""

    deadline_met: Fraction | None = Field(default=None, description="least share of all deadlines met")
    response_p95: Span | None = Field(default=None, description="highest response of 95 % of all jobs")
    hub_utilization: Fraction | None = Field(default=None, description="highest utilization of any hub")
    trunk_use: Fraction | None = Field(default=None, description="highest mean use of any trunk, in either direction")
    load: Positive | None = Field(
        default=None, description="highest device time asked for, over that of all devices less the reserve"
    )
    classes: dict[Name, ClassPromiseSpec] = Field(default={}, description="class -> what is promised to it")


USUAL = PromisesSpec.model_construct(deadline_met=0.95, hub_utilization=0.9, trunk_use=0.8, load=1.0, classes={})


@dataclass(frozen=True)
class Later:
    """How much there is of everything in the year that is simulated, over the first year of the study.

    years: since then. growth: what changes. home: the factor on demand of what comes home from abroad.
    """

    years: int
    growth: GrowthSpec
    home: float = 1.0

    def demand(self, klass: str) -> float:
        """The factor on the rate of a class."""
        own = self.growth.classes.get(klass)
        rate = self.growth.demand if own is None or own.demand is None else own.demand
        return self._compound(rate) * self.home

    def work(self, klass: str) -> float:
        """The factor on the work of the jobs of a class."""
        own = self.growth.classes.get(klass)
        return self._compound(None if own is None else own.work)

    def speed(self, device: str) -> float:
        """The factor on the speed of a type of device."""
        return self._compound(_rate(self.growth.device_speed, device))

    def devices(self, hub: str, area: str | None) -> float:
        """The factor on the devices of the pools of a hub in an area."""
        return self._compound(_rate(self.growth.capacity, hub, area))

    def trunk(self, name: str) -> float:
        """The factor on the capacity of a trunk."""
        return self._compound(_rate(self.growth.trunks, name))

    def _compound(self, rate: float | None) -> float:
        return 1.0 if rate is None else float((1 + rate) ** self.years)


def _rate(rates: Mapping[str, float] | None, *names: str | None) -> float | None:
    """That of the first name that has one, or that of all."""
    return next((rates[name] for name in (*names, ALL) if name in rates), None) if rates else None  # type: ignore[index]


def later(spec: Any) -> Later | None:
    """What a scenario (a `ScenarioSpec`) says of its year; None in the first year, or without years."""
    if spec.years is None or spec.year in (None, spec.years[0]):
        return None
    back = spec.abroad is not None and spec.year >= spec.abroad.returns
    home = 1 + spec.abroad.demand if back else 1.0
    return Later(spec.year - spec.years[0], spec.growth or GrowthSpec(), home)


def restricted_share(spec: Any) -> float:
    """The share of restricted devices that a scenario (a `ScenarioSpec`) has in its year; 1 if it says nothing."""
    if spec.supply is None:
        return 1.0
    base = spec.years[0] if spec.years else None
    return float(spec.supply.share_in(spec.year or base, base))
