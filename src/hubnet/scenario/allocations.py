"""Checks of the allocations of a scenario against its names and against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubnet.scenario.names import Names
from hubnet.scenario.problems import Fault, unknown, unknown_device, unknown_trunk
from hubnet.scenario.schema import AllocationSpec, MoveSpec
from hubnet.scenario.tree import Path
from hubnet.scenario.words import listing, quote


def allocation_faults(allocations: Mapping[str, AllocationSpec], names: Names) -> list[Fault]:
    """Unknown names, cycles of `like`, and moves to where they come from. Allocations may be partial."""
    faults = list(_cycles(allocations))
    for name, one in allocations.items():
        path = ("allocations", name)
        if one.like is not None and one.like not in allocations:
            others = frozenset(allocations) - {name}
            faults += unknown((*path, "like"), one.like, others, "allocation", "other allocations")
        for hub, pools in (one.pools or {}).items():
            here = (*path, "pools", hub)
            faults += unknown(here, hub, names.hubs, "hub", "hubs", at_key=True)
            for device in pools:
                faults += unknown_device((*here, device), device, names, at_key=True)
        for key in ("mix", "add"):
            for device in getattr(one, key) or {}:
                faults += unknown_device((*path, key, device), device, names, at_key=True)
        for i, move in enumerate(one.move or ()):
            faults += _move((*path, "move", i), move, names)
        for trunk in one.trunks or {}:
            faults += unknown_trunk((*path, "trunks", trunk), trunk, names, at_key=True)
    return faults


def _cycles(allocations: Mapping[str, AllocationSpec]) -> Iterable[Fault]:
    """Allocations that start from themselves over `like`; each cycle once, at its first member in the file."""
    reported: set[str] = set()
    for start in allocations:
        chain = [start]
        while (like := allocations[chain[-1]].like) in allocations and like not in chain:
            assert like is not None
            chain.append(like)
        if like == start and start not in reported:
            reported |= set(chain)
            round_trip = " -> ".join(map(quote, [*chain, start]))
            message = f"allocations start from each other in a cycle: {round_trip}"
            hint = "let one of them start from nothing, or from another allocation"
            yield Fault(("allocations", start, "like"), message, hint)


def _move(path: Path, move: MoveSpec, names: Names) -> Iterable[Fault]:
    ends = {"from": move.from_ or (), "to": move.to or ()}
    places = None if names.hubs is None or names.areas is None else names.hubs | names.areas
    for key, given in ends.items():
        for i, place in enumerate(given):
            yield from unknown((*path, key, i), place, places, "hub or area", "hubs and areas")
    common = _hubs(ends["from"], names) & _hubs(ends["to"], names)
    if common:
        message = f"`from` and `to` overlap in {listing(map(quote, sorted(common)), last='and')}"
        yield Fault((*path, "to"), message, "name different hubs or areas")


def _hubs(places: Iterable[str], names: Names) -> set[str]:
    """The places, and the hubs of those that are areas."""
    given = set(places)
    return given | {hub for hub, area in names.area_of.items() if area in given}
