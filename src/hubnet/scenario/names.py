"""The names that a scenario may use: those of a nation, or those that the scenario itself defines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from hubnet.scenario.reference import keys_at
from hubnet.scenario.words import nearest

Known = frozenset[str] | None
ALL = "all"  # stands for every trunk, or for every hub


@dataclass(frozen=True)
class Names:
    """What exists, by name. None = not known (nothing is then checked against it).

    trunks: their names, each trunk's own or else "A-B". joined: the two cities of a trunk -> its name.
    areas: of hubs and regions. pools: (hub, device type). area_of: hub -> area, as far as known.
    unrated: device types of a nation's catalogue whose speed is not known.
    """

    cities: Known = None
    regions: Known = None
    hubs: Known = None
    areas: Known = None
    trunks: Known = None
    joined: Mapping[frozenset[str], str] | None = None
    devices: Known = None
    unrated: frozenset[str] = frozenset()
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
    joined = _joined(network.get("trunks"))
    return Names(
        cities=cities,
        regions=regions,
        hubs=hubs,
        areas=frozenset(place["area"] for place in places if isinstance(place.get("area"), str)),
        trunks=None if joined is None else frozenset(joined.values()),
        joined=joined,
        devices=devices,
        pools=frozenset(pools),
        area_of={
            hub: place["area"]
            for hub, place in (network["hubs"].items() if hubs else ())
            if isinstance(place, Mapping) and isinstance(place.get("area"), str)
        },
    )


def _keys(mapping: Mapping[Any, Any], key: str, path: tuple[str, ...]) -> Known:
    if key not in mapping:
        known = keys_at(path) or {}
        return None if _misspelt(mapping, key, known) or known[key].is_required() else frozenset()
    value = mapping[key]
    return frozenset(str(name) for name in value) if isinstance(value, Mapping) else None


def _values(mapping: Any) -> list[Any]:
    return list(mapping.values()) if isinstance(mapping, Mapping) else []


def _misspelt(mapping: Mapping[Any, Any], key: str, known: Collection[str]) -> bool:
    """Whether an unknown key of the mapping was probably meant to be `key`."""
    return any(other not in known and nearest(str(other), known) == key for other in mapping)


def _joined(trunks: Any) -> dict[frozenset[str], str] | None:
    """The two cities of each trunk -> its name; parallel routes are one trunk, with the name of the first."""
    if not isinstance(trunks, list):
        return None
    joined: dict[frozenset[str], str] = {}
    known = keys_at(("network", "trunks", 0)) or {}
    for trunk in trunks:
        between = trunk.get("between") if isinstance(trunk, Mapping) else None
        if not (isinstance(between, list) and len(between) == 2 and all(isinstance(end, str) for end in between)):
            return None
        name = trunk.get("name") or "-".join(between)
        if not isinstance(name, str) or _misspelt(trunk, "name", known):
            return None
        joined.setdefault(frozenset(between), name)
    return joined
