"""Checks of the incidents of a scenario: what happens, when, and to which trunk, hub or pool."""

from __future__ import annotations

from collections.abc import Iterable, Set

from hubnet.scenario.names import ALL, Names
from hubnet.scenario.problems import Fault, Found, unknown, unknown_device, unknown_trunk
from hubnet.scenario.schema import IncidentSpec, ScenarioSpec
from hubnet.scenario.tree import Path
from hubnet.scenario.words import listing, quote

EVENTS = ("cut", "degrade", "outage")
MEANS = {"mtbf": '"mtbf: 400 d", the mean time to the next failure', "mttr": '"mttr: 12 h", the mean time to repair'}


def incident_faults(spec: ScenarioSpec, names: Names, found: Found) -> list[Fault]:
    """Keys that do not go together, and unknown names. The scenario may be partial."""
    faults: list[Fault] = []
    pools = _possible_pools(spec, names, found)
    for i, one in enumerate(spec.incidents or ()):
        path = ("incidents", i)
        if path in found.paths:
            continue  # it is no mapping
        given = {key for key in IncidentSpec.model_fields if getattr(one, key) is not None or found.given(path, key)}
        faults += [*_what(path, one, given), *_when(path, given, found)]
        for key, trunk in (("cut", one.cut), ("degrade", one.degrade)):
            faults += _trunk((*path, key), trunk, names) if trunk else ()
        if one.outage is not None:
            faults += _place((*path, "outage"), one.outage, names, pools)
    return faults


def _what(path: Path, one: IncidentSpec, given: Set[str]) -> Iterable[Fault]:
    """One thing happens, and the keys that say how are its own."""
    events = [key for key in EVENTS if key in given]
    if not events:
        hint = 'add "cut: [A, B]" or "degrade: [A, B]" for a trunk, or "outage: A" for a hub'
        yield Fault(path, "it does not say what happens", hint)
    elif len(events) > 1:
        message = f"{listing((f'`{key}`' for key in events), last='and')} are given"
        yield Fault((*path, events[-1]), message, "one incident is one of them; write one for each")
    else:
        yield from _how(path, one, given, events[0])


def _how(path: Path, one: IncidentSpec, given: Set[str], event: str) -> Iterable[Fault]:
    if event == "cut" and one.to is not None:
        yield Fault((*path, "to"), "a cut trunk carries nothing", "use `degrade` instead of `cut`, or remove `to`")
    if event == "degrade" and "to" not in given:
        yield Fault(path, "it does not say which share of its capacity the trunk keeps", 'add "to: 40 %"')
    if event == "degrade" and one.to == 0:
        message = "a trunk that is degraded to 0 % carries nothing"
        yield Fault((*path, "to"), message, "use `cut` instead of `degrade`, or keep more than 0 %")
    if event != "outage" and one.running is not None:
        yield Fault((*path, "running"), f"a `{event}` stops no running job", "remove it; it belongs to an `outage`")


def _when(path: Path, given: Set[str], found: Found) -> Iterable[Fault]:
    """Either once, or at random."""
    once = [key for key in ("at", "lasting") if key in given]
    random = [key for key in ("mtbf", "mttr") if key in given]
    if once and random:
        message = f"`{once[0]}` and `{random[0]}` are given"
        hint = "an incident happens once (`at`, `lasting`) or at random (`mtbf`, `mttr`); remove one"
        yield Fault((*path, random[0]), message, hint)
    elif once == ["lasting"]:
        yield Fault(path, "it says how long it lasts, and not when it begins", 'add "at: 3 d 10 h"')
    elif len(random) == 1 and not found.misspelt(path, "mtbf", "mttr"):
        missing = MEANS["mttr" if "mtbf" in random else "mtbf"]
        yield Fault(path, f"`{random[0]}` is given alone; random failures need both means", f"add {missing}")
    elif not once and not random:
        hint = 'add "at: 3 d 10 h", or for random failures "mtbf: 400 d" and "mttr: 12 h"'
        yield Fault(path, "it does not say when it happens", hint)


def _trunk(path: Path, given: tuple[str, ...], names: Names) -> Iterable[Fault]:
    """A trunk by its name, or by its two cities in either order."""
    if len(given) == 1:
        for fault in unknown_trunk(path, given[0], names):
            ends = _neighbours(given[0], names)
            hint = f"name both of its cities: {_examples(given[0], ends)}" if ends else fault.hint
            yield Fault(path, fault.message, hint)
        return
    one, other = given
    if one == other:
        yield Fault(path, f"a trunk joins two cities, and {quote(one)} is given twice", "name its other end")
        return
    strangers = [
        fault for i, city in enumerate(given) for fault in unknown((*path, i), city, names.cities, "city", "cities")
    ]
    yield from strangers
    if not strangers and names.joined is not None and frozenset(given) not in names.joined:
        near = next((city for city in given if _neighbours(city, names)), None)
        hint = f"the trunks of {near} are {_examples(near, _neighbours(near, names))}" if near else ""
        yield Fault(path, f"no trunk joins {quote(one)} and {quote(other)}", hint)


def _neighbours(city: str, names: Names) -> list[str]:
    """The cities that a trunk joins to this one."""
    return sorted(other for pair in names.joined or () if city in pair for other in pair - {city})


def _examples(city: str, ends: Iterable[str]) -> str:
    return listing((f"[{city}, {end}]" for end in ends), last="and")


def _place(path: Path, given: str, names: Names, pools: Set[tuple[str, str]] | None) -> Iterable[Fault]:
    """A hub by its name, or a pool as hub/device type."""
    hubs = names.hubs
    if hubs is None or given == ALL or given in hubs:
        return
    if "/" not in given:
        yield from unknown(path, given, hubs | {ALL}, "hub", "hubs")
        return
    splits = [(given[:i], given[i + 1 :]) for i, letter in enumerate(given) if letter == "/"]
    kinds = names.devices or ()
    hub, device = max(splits, key=lambda split: (split[0] in hubs, split[1] in kinds))  # names may have a slash
    strangers = [*unknown(path, hub, hubs, "hub", "hubs"), *unknown_device(path, device, names)]
    yield from strangers
    if not strangers and pools is not None and (hub, device) not in pools:
        there = sorted(other for place, other in pools if place == hub)
        hint = f"there is {listing((f'{hub}/{other}' for other in there), last='and')}" if there else "it has no pool"
        yield Fault(path, f"no allocation has a pool of {quote(device)} in {quote(hub)}", hint)


def _possible_pools(spec: ScenarioSpec, names: Names, found: Found) -> Set[tuple[str, str]] | None:
    """The pools (hub, device type) of all allocations; None where that takes more than reading the file.

    A rule or a move can make new pools; how is the business of whoever works the allocations out.
    """
    sure = names.pools is not None and found.nothing_in("network", "hubs") and found.nothing_in("allocations")
    allocations = spec.allocations or {}
    if not sure or any(one.rule is not None or one.move for one in allocations.values()):
        return None
    spelled = {(hub, kind) for one in allocations.values() for hub, pools in one.pools.items() for kind in pools}
    return (names.pools or frozenset()) | spelled
