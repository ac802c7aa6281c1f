"""The names that a scenario may use: those of a nation, or those that the scenario itself defines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hubnet.scenario.reference import keys_at
from hubnet.scenario.words import nearest

Known = frozenset[str] | None


@dataclass(frozen=True)
class Names:
    """What exists, by name. None = not known (nothing is then checked against it).

    trunks: the names "A-B" and the trunks' own. areas: of hubs and regions. pools: (hub, device type).
    area_of: hub -> area, as far as known.
    """

    cities: Known = None
    regions: Known = None
    hubs: Known = None
    areas: Known = None
    trunks: Known = None
    devices: Known = None
    pools: frozenset[tuple[str, str]] | None = None
    area_of: Mapping[str, str] = field(default_factory=dict)


def own_names(plain: Mapping[Any, Any]) -> Names:
    """The names that a scenario with a spelled-out network defines, from its raw values.

    A hub with a mistake in it still has a name. Where a mistake (`hub:` for `hubs:`) may hide
    names, they are not known.
    """
    network = plain.get("network")
    devices = _keys(plain, "devices", ())
    if not isinstance(network, Mapping):
        return Names(devices=devices)
    regions, hubs = _keys(network, "regions", ("network",)), _keys(network, "hubs", ("network",))
    exchanges = _keys(network, "exchanges", ("network",))
    cities = None if regions is None or hubs is None or exchanges is None else regions | hubs | exchanges
    places = [place for key in ("regions", "hubs") for place in _values(network.get(key)) if isinstance(place, Mapping)]
    pools = {
        (hub, device)
        for hub, place in (network["hubs"].items() if hubs else ())
        if isinstance(place, Mapping) and isinstance(place.get("pools"), Mapping)
        for device in place["pools"]
    }
    if "devices" not in plain and devices is not None:
        devices = frozenset(device for _, device in pools)  # without the section every type has the defaults
    return Names(
        cities=cities,
        regions=regions,
        hubs=hubs,
        areas=frozenset(place["area"] for place in places if isinstance(place.get("area"), str)),
        trunks=_trunks(network.get("trunks")),
        devices=devices,
        pools=frozenset(pools),
        area_of={
            hub: place["area"]
            for hub, place in (network["hubs"].items() if hubs else ())
            if isinstance(place, Mapping) and isinstance(place.get("area"), str)
        },
    )


def trunk_names(between: tuple[str, str], name: str | None) -> set[str]:
    """The names by which a trunk is known."""
    return {"-".join(between)} | ({name} if name else set())


def _keys(mapping: Mapping[Any, Any], key: str, path: tuple[str, ...]) -> Known:
    if key not in mapping:
        known = keys_at(path) or {}
        misspelt = any(other not in known and nearest(str(other), known) == key for other in mapping)
        return None if misspelt or known[key].is_required() else frozenset()
    value = mapping[key]
    return frozenset(str(name) for name in value) if isinstance(value, Mapping) else None


def _values(mapping: Any) -> list[Any]:
    return list(mapping.values()) if isinstance(mapping, Mapping) else []


def _trunks(trunks: Any) -> Known:
    names: set[str] = set()
    for trunk in trunks if isinstance(trunks, list) else ():
        between = trunk.get("between") if isinstance(trunk, Mapping) else None
        if not (isinstance(between, list) and len(between) == 2 and all(isinstance(end, str) for end in between)):
            return None
        name = trunk.get("name")
        names |= trunk_names((between[0], between[1]), name if isinstance(name, str) else None)
    return frozenset(names) if isinstance(trunks, list) else None
