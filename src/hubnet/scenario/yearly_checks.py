"""Checks of what a scenario says of years against its names and against itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hubnet.scenario.growth import ALL, SupplySpec
from hubnet.scenario.names import Names
from hubnet.scenario.problems import Fault, Found, unknown, unknown_device, unknown_trunk
from hubnet.scenario.schema import ScenarioSpec
from hubnet.scenario.words import listing, quote

ENOUGH = 1 + 1e-9  # nobody is supplied with more than all devices


def yearly_faults(spec: ScenarioSpec, names: Names, found: Found) -> list[Fault]:
    """Every contradiction in what `spec`, which may be partial, says of years."""
    return [*_years(spec, found), *_growth(spec, names), *_abroad(spec), *_supply(spec, names, found)]


def _years(spec: ScenarioSpec, found: Found) -> Iterable[Fault]:
    """Without years nothing grows; a year is one of the study's span."""
    if not found.nothing_in("years") or found.misspelt((), "years"):
        return
    if spec.years is None:
        for key in ("year", "growth", "abroad", "promises"):
            if getattr(spec, key) is not None:
                message = f"`{key}` speaks of the years of a study, and there are none"
                yield Fault((key,), message, 'add for example "years: 2025..2030", or remove it')
    elif spec.year is not None and not spec.years[0] <= spec.year <= spec.years[-1]:
        message = f"{spec.year} is not within the years of the study, {spec.years[0]} to {spec.years[-1]}"
        yield Fault(("year",), message, "choose another, or lengthen `years`")


def _growth(spec: ScenarioSpec, names: Names) -> Iterable[Fault]:
    """Names; and a trace has its jobs."""
    for name in (spec.promises.classes or {}) if spec.promises else {}:
        yield from unknown(("promises", "classes", name), name, names.classes, "class", "classes", at_key=True)
    growth = spec.growth
    if growth is None:
        return
    places = None if names.hubs is None or names.areas is None else names.hubs | names.areas | {ALL}
    for name in growth.capacity or {}:
        yield from unknown(("growth", "capacity", name), name, places, "hub or area", "hubs and areas", at_key=True)
    for name in growth.trunks or {}:
        yield from unknown_trunk(("growth", "trunks", name), name, names, at_key=True)
    for name in growth.device_speed or {}:
        if name != ALL:
            yield from unknown_device(("growth", "device_speed", name), name, names, at_key=True)
    traced = spec.workload is not None and spec.workload.trace is not None
    for name in () if traced else growth.classes or {}:
        yield from unknown(("growth", "classes", name), name, names.classes, "class", "classes", at_key=True)
    for key in ("demand", "classes") if traced else ():
        if getattr(growth, key):
            message = "a trace has its jobs at its own times, so their demand does not grow"
            yield Fault(("growth", key), message, "remove it; `capacity`, `device_speed` and `trunks` may grow")


def _abroad(spec: ScenarioSpec) -> Iterable[Fault]:
    abroad, years = spec.abroad, spec.years
    if abroad is None or abroad.returns is None or years is None:
        return
    if not years[0] < abroad.returns <= years[-1]:
        when = "with the first year" if abroad.returns <= years[0] else "after the last year"
        message = f"{abroad.returns} is not within the study: what comes home {when} changes nothing"
        hint = f"choose a year from {years[0] + 1} to {years[-1]}" if len(years) > 1 else "remove it, or add years"
        yield Fault(("abroad", "returns"), message, hint)
    if spec.workload is not None and spec.workload.trace is not None:
        yield Fault(("abroad",), "a trace has its jobs, so none of them come home", "remove it")


def _supply(spec: ScenarioSpec, names: Names, found: Found) -> Iterable[Fault]:
    """A growth needs its years, and nobody is supplied with more than all of the devices."""
    supply = spec.supply
    if supply is None or not found.nothing_in("supply") or not found.nothing_in("years"):
        return
    if supply.fill is not None and supply.fill.with_ is not None:
        yield from unknown_device(("supply", "fill", "with"), supply.fill.with_, names)
    if spec.years is not None:
        yield from _supply_of_years(supply, spec.years)
        return
    given: dict[str, Any] = {key: getattr(supply, key) for key in ("growth", "since", "year")}
    needed = given if supply.growth or supply.since or supply.ends is None else {"year": supply.year}
    missing = [key for key, value in needed.items() if value is None]
    if missing and (len(missing) < len(given) if needed is given else True):
        hint = "for example {restricted: 40 %, growth: -20 %, since: 2025, year: 2027}"
        said = listing([f"`{key}`" for key in missing], last="and")
        message = f"{said} {'are' if len(missing) > 1 else 'is'} missing"
        what = "a growth needs the year in which it begins, and the one simulated"
        if needed is not given:
            what = "an end needs the year that is simulated"
        yield Fault(("supply",), f"{message}: {what}", hint)
    elif supply.growth is not None and supply.share_in(None, None) > ENOUGH:
        message = f"by {supply.year} the share has grown beyond 100 %"
        yield Fault(("supply", "year"), message, "choose an earlier year, or a smaller growth")


def _supply_of_years(supply: SupplySpec, years: tuple[int, ...]) -> Iterable[Fault]:
    if supply.year is not None:
        message = "the scenario has `years`, and the year of the study is that of the supply"
        yield Fault(("supply", "year"), message, "remove it; `year` chooses one of them")
    if supply.since is not None and supply.growth is None:
        yield Fault(("supply", "since"), "`growth` is missing: without it the share is the same in all years", "add it")
    if (over := next((year for year in years if supply.share_in(year, years[0]) > ENOUGH), None)) is not None:
        message = f"by {over} the share has grown beyond 100 %"
        yield Fault(("supply", "growth"), message, f"choose a smaller growth, or let {quote('years')} end earlier")
    if supply.ends is not None and supply.ends > years[-1]:
        message = f"{supply.ends} is after the last year of the study, so it ends nothing"
        yield Fault(("supply", "ends"), message, f"choose a year up to {years[-1]}")
