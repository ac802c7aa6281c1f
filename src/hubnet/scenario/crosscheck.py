"""What the schema alone cannot see: names that do not exist, and values that contradict each other.

The scenario may be partial: a field that was wrong or missing is None (see `fields.Part`), and is not checked again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hubnet.scenario.allocations import allocation_faults
from hubnet.scenario.classes import ClassSpec, WorkloadSpec
from hubnet.scenario.incidents import incident_faults
from hubnet.scenario.names import Names
from hubnet.scenario.problems import Fault, Found, unknown, unknown_device
from hubnet.scenario.schema import NetworkSpec, ScenarioSpec
from hubnet.scenario.spread import Choice, Column, Constant
from hubnet.scenario.traces import TRACE_KEYS
from hubnet.scenario.tree import Path
from hubnet.scenario.words import listing, quote
from hubnet.scenario.yearly_checks import yearly_faults

MOST_CHANGE = 3  # powers of ten by which a trend may change a rate during a run
MOST_SPANS = 50_000  # of a swinging rate


def cross_check(spec: ScenarioSpec, names: Names, known_faults: Collection[Fault] = ()) -> list[Fault]:
    """Every contradiction in `spec`, which may be partial.

    known_faults: what validation found already; a check of several values is left out if one of them is at fault.
    """
    found = Found(known_faults)
    faults = [*_clock(spec), *_reserve(spec), *_devices(spec), *yearly_faults(spec, names, found)]
    if isinstance(spec.network, NetworkSpec):
        faults += [*_places(spec.network), *_trunks(spec.network, names), *_regions(spec.network, found)]
        faults += [*_pools(spec.network, names), *_no_devices(spec, found)]
    faults += _workload(spec, found)
    if spec.workload and found.nothing_in("workload", "classes") and ("workload",) not in found.paths:
        stationary = spec.clock is not None and spec.clock.initial == "stationary"
        faults += _trace(spec.workload, stationary, found)
    if spec.workload and isinstance(spec.workload.classes, Mapping):
        for name, one in spec.workload.classes.items():
            path = ("workload", "classes", name)
            faults += [*_class_names(path, one, names), *_class_values(path, one, found)]
            faults += [*_trend(path, one, spec), *_swings(path, one, spec)]
    return [*faults, *allocation_faults(spec.allocations or {}, names), *incident_faults(spec, names, found)]


def _clock(spec: ScenarioSpec) -> Iterable[Fault]:
    clock = spec.clock
    if not clock or clock.horizon is None or clock.warmup is None or clock.warmup == "auto":
        return
    if clock.warmup >= clock.horizon:
        message = f"the warmup ({clock.warmup:g} s) is not shorter than the horizon ({clock.horizon:g} s)"
        yield Fault(("clock", "warmup"), f"{message}: nothing would be measured", "shorten it, or lengthen the horizon")


def _reserve(spec: ScenarioSpec) -> Iterable[Fault]:
    total = sum((spec.reserve or {}).values())
    if total >= 1:
        message = f"the reserves add up to {total * 100:g} %; nothing is left for jobs"
        yield Fault(("reserve",), message, "set aside less than 100 % together")


def _devices(spec: ScenarioSpec) -> Iterable[Fault]:
    for name, device in (spec.devices or {}).items():
        if device.from_ is not None and "speed" in device.model_fields_set and device.speed is not None:
            message = f"`speed` and `from` are given, and {quote(device.from_)} has a speed of its own"
            yield Fault(("devices", name, "speed"), message, "remove one")


def _places(network: NetworkSpec) -> Iterable[Fault]:
    """A city may be region, hub and exchange, but it lies in one place."""
    first: dict[str, tuple[str, Any]] = {}
    for role in ("regions", "hubs", "exchanges"):
        for name, place in (getattr(network, role) or {}).items():
            if name not in first:
                first[name] = role, place
                continue
            other_role, other = first[name]
            for key in ("at", "area"):
                here, there = getattr(place, key, None), getattr(other, key, None)
                if here is not None and there is not None and here != there:
                    where = listing(map(quote, there)) if key == "at" else quote(there)
                    message = f"{quote(name)} is also in `{other_role}`, with another `{key}` ({where})".replace(
                        " or ", ", "
                    )
                    yield Fault(("network", role, name, key), message, "a city lies in one place: write the same twice")


def _trunks(network: NetworkSpec, names: Names) -> Iterable[Fault]:
    owners: dict[str, int] = {}
    for i, trunk in enumerate(network.trunks or ()):
        path = ("network", "trunks", i)
        if trunk.between is None:
            continue
        for end, city in enumerate(trunk.between):
            yield from unknown((*path, "between", end), city, names.cities, "city", "cities")
        pair = frozenset(trunk.between)
        if len(pair) == 1:
            message = f"the trunk goes from {quote(trunk.between[0])} to itself"
            yield Fault((*path, "between"), message, "name two different cities")
        name = trunk.name or "-".join(trunk.between)
        if owners.setdefault(name, i) != i and trunk.name:
            message = f"trunk {owners[name]} of the list (counted from 0) is called {quote(name)} too"
            yield Fault((*path, "name"), message, "give each trunk a name of its own")


def _regions(network: NetworkSpec, found: Found) -> Iterable[Fault]:
    regions = network.regions or {}
    if regions and found.nothing_in("network", "regions") and not any(region.weight for region in regions.values()):
        yield Fault(
            ("network", "regions"), "the weights of all regions are 0: no job would be born", "give one a weight"
        )
    if network.trunks is None or network.hubs is None or any(trunk.between is None for trunk in network.trunks):
        return
    joined = {city for trunk in network.trunks for city in trunk.between} | set(network.hubs)
    for name in regions:
        if name not in joined:
            message = f"no trunk reaches {quote(name)}, and there is no hub in it"
            yield Fault(("network", "regions", name), message, "add a trunk from it", at_key=True)


def _pools(network: NetworkSpec, names: Names) -> Iterable[Fault]:
    for hub, place in (network.hubs or {}).items():
        for device in place.pools or {}:
            yield from unknown_device(("network", "hubs", hub, "pools", device), device, names, at_key=True)


def _no_devices(spec: ScenarioSpec, found: Found) -> Iterable[Fault]:
    network, workload = spec.network, spec.workload
    if not isinstance(network, NetworkSpec) or not workload or not network.hubs:
        return
    if not (found.nothing_in("network", "hubs") and found.nothing_in("allocations")):
        return
    counts = [n for hub in network.hubs.values() for n in hub.pools.values()]
    counts += [n for one in spec.allocations.values() for pools in one.pools.values() for n in pools.values()]
    classes = workload.classes if isinstance(workload.classes, Mapping) else {}
    asked = {name: one.devices for name, one in classes.items() if one.devices}
    needy = [name for name, devices in asked.items() if isinstance(devices, Column) or max(devices.values) > 0]
    if needy and not any(counts):
        message = f"no hub has any device, but the class {quote(needy[0])} needs some"
        yield Fault(("network", "hubs"), message, "give a hub a pool, for example {pools: {cpu: 12}}", at_key=True)


def _workload(spec: ScenarioSpec, found: Found) -> Iterable[Fault]:
    """Shares need a load, and a load needs shares."""
    workload, path = spec.workload, ("workload",)
    if workload is None or workload.classes is None or not found.nothing_in("workload", "load"):
        return
    hint = 'add "load: 62 %" to the workload'
    if isinstance(workload.classes, str):
        if workload.load is None and not found.misspelt(path, "load"):
            message = f"the classes of {quote(workload.classes)} have shares of a load, and no `load` is given"
            yield Fault(path, message, hint, missing="load")
        return
    if workload.mix is not None:
        message = "a mix is of a nation's classes, and these are spelled out"
        yield Fault((*path, "mix"), message, "give the classes their shares, or name a nation: classes: NAME")
    sharing = [name for name, one in workload.classes.items() if one.share is not None]
    if sharing and workload.load is None and not found.misspelt(path, "load"):
        message = f"the class {quote(sharing[0])} has a share of the load, and no `load` is given"
        yield Fault(("workload", "classes", sharing[0], "share"), message, hint)
    if workload.load is not None and found.nothing_in("workload", "classes"):
        if all(one.rate is not None for one in workload.classes.values()):
            message = "a load is given, and no class has a share of it"
            yield Fault(("workload", "load"), message, "leave it out, or give classes a `share` instead of a `rate`")
        elif sharing and not any(workload.classes[name].share for name in sharing):
            yield Fault(("workload", "load"), "a load is given, and the shares of it are all 0", "give a class a share")


def _trace(workload: WorkloadSpec, stationary: bool, found: Found) -> Iterable[Fault]:
    """Jobs come from classes or from a trace, and the keys of the one mean nothing to the other."""
    path: Path = ("workload",)
    given = workload.model_fields_set - {name for name in workload.model_fields_set if getattr(workload, name) is None}
    keys = {type(workload).model_fields[name].alias or name for name in given}
    traced = "trace" in keys or found.given(path, "trace")
    classed = "classes" in keys or found.given(path, "classes")
    if traced and classed:
        hint = "jobs come from classes or from a trace; remove one"
        yield Fault((*path, "trace"), "`classes` and `trace` are given", hint)
    elif traced:
        for key in sorted(keys & {"load", "mix", "profile"}):
            yield Fault(
                (*path, key), f"a trace has its jobs at its own times, so a `{key}` says nothing", _instead(key)
            )
        if stationary:
            message = "a trace does not say which jobs are under way when it starts"
            yield Fault(("clock", "initial"), message, 'leave it out, and give the clock a "warmup"')
        if workload.from_ is not None and workload.to is not None and workload.from_ >= workload.to:
            message = f"the trace would end ({workload.to:g} s) before it begins ({workload.from_:g} s)"
            yield Fault((*path, "to"), message, "`from` has to be earlier than `to`")
    else:
        for key in (key for key in TRACE_KEYS if key in keys):
            message = f"`{key}` speaks of a trace, and there is none"
            yield Fault((*path, key), message, 'remove it, or add "trace: FILE"')
        if not classed:
            hint = 'add "classes: {NAME: {rate: 14 /s, work: 1 s}}", a nation\'s name, or "trace: FILE"'
            yield Fault(path, "neither `classes` nor a `trace` is given", hint, missing="classes")


def _instead(key: str) -> str:
    return "remove it; `speedup` and `share` change how busy a trace is" if key == "load" else "remove it"


def _class_names(path: Path, one: ClassSpec, names: Names) -> Iterable[Fault]:
    by_name = isinstance(one.runs_on, Mapping)
    for i, device in enumerate(one.runs_on or ()):
        yield from unknown_device((*path, "runs_on", device if by_name else i), device, names, by_name)
    for region in one.regions or {}:
        yield from unknown((*path, "regions", region), region, names.regions, "region", "regions", at_key=True)
    for i, area in enumerate(one.areas or ()):
        yield from unknown((*path, "areas", i), area, names.areas, "area", "areas")
    for i, hub in enumerate(one.hubs or ()):
        yield from unknown((*path, "hubs", i), hub, names.hubs, "hub", "hubs")


def _swings(path: Path, one: ClassSpec, spec: ScenarioSpec) -> Iterable[Fault]:
    """Each span of a swinging rate takes memory."""
    swings, horizon = one.swings, spec.clock.horizon if spec.clock else None
    if swings is None or swings.busy is None or swings.quiet is None or horizon is None:
        return
    if (spans := 2 * horizon / (swings.busy + swings.quiet)) > MOST_SPANS:
        message = f"the rate would swing {spans:,.0f} times during the run, more than {MOST_SPANS:,}"
        yield Fault((*path, "swings"), message, 'lengthen the spans; for very short ones there is "bursts: {cv: 3}"')


def _trend(path: Path, one: ClassSpec, spec: ScenarioSpec) -> Iterable[Fault]:
    """A rate that explodes within the run is a slip of the pen."""
    trend, horizon = one.trend, spec.clock.horizon if spec.clock else None
    if trend is None or trend.by is None or horizon is None:
        return
    change = math.log10(trend.by) * horizon / (trend.over or horizon)
    if abs(change) > MOST_CHANGE:
        message = f"the rate would change by a factor of 10^{change:.3g} during the run"
        yield Fault((*path, "trend"), message, "a trend of 1.3 over 365 d is a growth of 30 % in a year")


def _class_values(path: Path, one: ClassSpec, found: Found) -> Iterable[Fault]:
    sure = found.nothing_in(*path, "share") and found.nothing_in(*path, "rate")
    if one.share is not None and one.rate is not None:
        hint = "a class has a share of the load or a rate of its own; remove one"
        yield Fault((*path, "rate"), "a rate and a share are given", hint)
    elif one.share is None and one.rate is None and sure and not found.misspelt(path, "share", "rate"):
        hint = 'add for example "rate: 14 /s", or "share: 2 %" of the load'
        yield Fault(path, "neither a share nor a rate is given", hint, missing="rate")
    if one.share and isinstance(one.devices, Choice) and max(one.devices.values, default=0) == 0:
        message = "a class without devices has no device time, so a share says nothing about its jobs"
        yield Fault((*path, "share"), message, "give a rate instead")
    elif one.share and isinstance(one.work, Constant) and one.work.value == 0:
        message = "the work is 0, so a share of device time says nothing about its jobs"
        yield Fault((*path, "share"), message, "give a rate instead")
    if one.deadline is not None and one.deadline_slack is not None:
        message = "a deadline and a deadline_slack are given"
        yield Fault((*path, "deadline_slack"), message, "a deadline is fixed or follows the work; remove one")
    if one.regions is not None and found.nothing_in(*path, "regions") and not any(one.regions.values()):
        yield Fault(
            (*path, "regions"), "the weights of its regions are all 0: no job would be born", "give one a weight"
        )
