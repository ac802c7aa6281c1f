"""Making a `Network`: from a nation's tables, from a scenario that spells it out, from a user's graph.

All three hand their cities and trunks to a `Draft`, which knows what they have in common: parallel routes become
one trunk, a length that is not given is great circle x route ratio, and every problem is kept until the end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import networkx as nx

from hubnet.errors import InputError, Problem, ScenarioError
from hubnet.network.geography import LAYER_FACTOR, great_circle_km, trunk_delay_s
from hubnet.network.network import Device, Network, unknown
from hubnet.network.weeks import Week, week_of

if TYPE_CHECKING:
    from hubnet.network.nation import Nation
    from hubnet.scenario.rhythm import Profile


class Draft:
    """A network in the making; `where` in its methods says where the input stands, for the messages."""

    def __init__(self, layer: str, route_ratio: float, error: type[InputError]) -> None:
        self.graph: nx.Graph = nx.Graph()
        self.layer = layer
        self.route_ratio = route_ratio
        self.error = error
        self.problems: list[Problem] = []
        self.trunks: list[tuple[str, str]] = []
        if layer not in LAYER_FACTOR:
            self.problems.append(unknown("layer", layer, LAYER_FACTOR))

    def problem(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, hint))

    def number(self, where: str, value: Any, least: float = 0, most: float = math.inf, above: bool = False) -> bool:
        """Whether `value` is a finite number in its range; if not, that is a problem."""
        if isinstance(value, bool) or not isinstance(value, Real):
            self.problem(f"{where} is {value!r}, not a number")
            return False
        real = float(value)
        if math.isfinite(real) and least <= real <= most and not (above and real == least):
            return True
        size = "finite, and " * math.isinf(real) + (f"more than {least:g}" if above else f"{least:g} or more")
        self.problem(f"{where} is {value}; it must be {size}{'' if math.isinf(most) else f' and at most {most:g}'}")
        return False

    def city(self, name: str, **attributes: Any) -> None:
        """Adds a city, or further attributes to one that is there; None says nothing."""
        if name not in self.graph:
            self.graph.add_node(name, region=False, hub=False, exchange=False)
        node = self.graph.nodes[name]
        for key, value in attributes.items():
            if value is None:
                continue
            if key in ("lat", "lon", "area") and node.get(key, value) != value:
                self.problem(f"the city {name!r} is given twice, with {key} {node[key]!r} and {value!r}")
            else:
                node[key] = value

    def trunk(
        self,
        where: str,
        ends: tuple[str, str],
        capacity_bit_s: float,
        length_km: float | None = None,
        one_way_ms: float | None = None,
        name: str | None = None,
        cables: int = 1,
    ) -> None:
        """Adds a trunk; a parallel one is merged into the first: least delay, summed capacity and cables."""
        a, b = ends
        missing = [unknown(f"city in {where}:", city, self.graph) for city in ends if city not in self.graph]
        if missing or a == b:
            self.problems += missing or [Problem(f"{where} joins {a!r} with itself")]
            return
        if length_km is None:
            length_km = self._default_length(a, b)
        if length_km is None and one_way_ms is None:
            self.problem(f"{where} has no length_km, and its ends have no lat and lon to reckon it from")
            return
        new = {"name": name or f"{a}-{b}", "capacity_bit_s": float(capacity_bit_s), "cables": cables}
        new |= {k: float(v) for k, v in (("length_km", length_km), ("one_way_ms", one_way_ms)) if v is not None}
        if not self.graph.has_edge(a, b):
            self.trunks.append((a, b))
            self.graph.add_edge(a, b, **new)
            return
        old = self.graph.edges[a, b]
        total = {key: old[key] + new[key] for key in ("capacity_bit_s", "cables")}
        best = min(old, new, key=lambda e: trunk_delay_s(e.get("length_km"), e.get("one_way_ms")))
        merged = {**best, **total, "name": old["name"]}
        old.clear()
        old.update(merged)

    def finish(
        self,
        regions: Sequence[str],
        hubs: Sequence[str],
        pools: Mapping[tuple[str, str], int],
        devices: Mapping[str, Any],
        wave_bit_s: float | None = None,
        known: Mapping[str, Device] | None = None,
    ) -> Network:
        """The network, unless there were problems: then all of them are raised. known: types of devices that `devices`
        adds to, or gives other figures than the nation does."""
        self._roles("region", regions, {"weight": 1.0})
        self._roles("hub", hubs, {"pue": 1.0, "price": None, "carbon": None, "carbon_contract": None})
        names = [self.graph.edges[trunk]["name"] for trunk in self.trunks]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problem(f"two trunks are named {name!r}", "give each its own name")
        types = dict(known or {})
        for name, given in devices.items():
            base = given if isinstance(given, Device) else types.get(name, Device(name))
            types[name] = replace(self._device(name, given), kind=base.kind, restricted=base.restricted)
        counts = self._pools(pools, hubs)
        for _, device in counts:
            types.setdefault(device, Device(device))
        if self.problems:
            raise self.error(self.problems)
        for city in hubs:
            self.graph.nodes[city].setdefault("title", city)
        nx.freeze(self.graph)
        return Network(
            graph=self.graph,
            layer=self.layer,
            regions=tuple(regions),
            hubs=tuple(hubs),
            trunks=tuple(self.trunks),
            pools=counts,
            devices=types,
            wave_bit_s=wave_bit_s,
        )

    def _default_length(self, a: str, b: str) -> float | None:
        here, there = self.graph.nodes[a], self.graph.nodes[b]
        if not all(angle in place for place in (here, there) for angle in ("lat", "lon")):
            return None
        return great_circle_km((here["lat"], here["lon"]), (there["lat"], there["lon"])) * self.route_ratio

    def _roles(self, role: str, cities: Sequence[str], defaults: dict[str, Any]) -> None:
        for city in sorted({city for city in cities if list(cities).count(city) > 1}):
            self.problem(f"the {role} {city!r} is named twice")
        for city in cities:
            if city not in self.graph:
                self.problems.append(unknown(role, city, self.graph))
                continue
            node = self.graph.nodes[city]
            node[role] = True
            for key, value in defaults.items():
                node.setdefault(key, value)

    def _pools(self, pools: Mapping[tuple[str, str], int], hubs: Sequence[str]) -> dict[tuple[str, str], int]:
        counts: dict[tuple[str, str], int] = {}
        for key, count in pools.items():
            if not (isinstance(key, tuple) and len(key) == 2):
                self.problem(f"pools has the key {key!r}", "a key is a pair: (hub, device type)")
            elif str(key[0]) not in hubs:
                self.problems.append(unknown("hub in pools:", key[0], hubs))
            elif not isinstance(count, Integral) or isinstance(count, bool) or count < 0:
                self.problem(f"pools[{key!r}] is {count!r}; it must be a whole number of devices, 0 or more")
            else:
                counts[str(key[0]), str(key[1])] = int(count)
        return counts

    def _device(self, name: str, given: Any) -> Device:
        if isinstance(given, Device):
            return given
        keys = ("speed", "power", "tflops_fp16", "memory_gb", "price")
        if not isinstance(given, Mapping):
            given = {key: getattr(given, key, None) for key in keys}
        for key in given:
            if key not in keys:
                self.problems.append(unknown(f"key of the device {name!r}:", key, keys))
        values = {key: given[key] for key in keys if given.get(key) is not None}
        good = [self.number(f"{key} of the device {name!r}", values[key], above=key == "speed") for key in values]
        if not all(good):
            return Device(name)
        return Device(
            name, values.pop("speed", 1.0), values.pop("power", None), price_yuan=values.pop("price", None), **values
        )


def network_from_nation(nation: Nation, layer: str, devices: Mapping[str, Any]) -> Network:
    """See `Network.from_nation`. A nation's tables were checked when they were read."""
    draft = Draft(layer, nation.route_ratio, ScenarioError)
    for city in nation.cities:
        area, province = nation.area(city.city) or None, city.province or None
        draft.city(city.city, lat=city.lat, lon=city.lon, area=area, province=province)
    for region in nation.regions:
        draft.city(region.city, weight=region.weight)
    for hub in nation.hubs:
        draft.city(
            hub.city,
            title=hub.title or hub.city,
            pue=hub.pue,
            price=hub.price_yuan_per_kwh,
            carbon=hub.carbon_kg_per_kwh,
            carbon_contract=hub.carbon_contract_kg_per_kwh,
            price_week=nation.hours.get(hub.price_profile),
            carbon_week=nation.hours.get(hub.carbon_profile),
        )
    regions, hubs = [row.city for row in nation.regions], [row.city for row in nation.hubs]
    for city in nation.cities:
        draft.city(city.city, exchange=city.city not in regions and city.city not in hubs)
    for trunk in nation.trunks:
        draft.trunk(
            f"the trunk {trunk.a}-{trunk.b}",
            (trunk.a, trunk.b),
            trunk.capacity_gbit_s * 1e9,
            trunk.length_km,
            trunk.one_way_ms,
            trunk.name or None,
            trunk.cables,
        )
    pools = {(row.hub, row.device): row.count for row in nation.pools}
    return draft.finish(regions, hubs, pools, devices, nation.wave_bit_s, nation_devices(nation))


def nation_devices(nation: Nation) -> dict[str, Device]:
    """The nation's own types of devices, then those of its catalogue."""
    own = {
        d.device: Device(d.device, d.speed, d.power_w, d.tflops_fp16, d.memory_gb, d.kind, price_yuan=d.price_yuan)
        for d in nation.devices
    }
    return own | catalogue_devices(nation)


def catalogue_devices(nation: Nation) -> dict[str, Device]:
    """The types of the nation's catalogue whose speed is known: TFLOPS over those of the reference device."""
    reference = nation.reference_tflops
    return {
        row.device: Device(
            name=row.device,
            speed=row.tflops_fp16 / reference,
            power_w=row.power_w,
            tflops_fp16=row.tflops_fp16,
            memory_gb=row.memory_gb,
            kind=row.kind,
            restricted=row.restricted,
            price_yuan=row.price_yuan,
        )
        for row in nation.catalogue.values()
        if row.tflops_fp16 and reference
    }


def network_from_spec(spec: Any, devices: Mapping[str, Any], layer: str) -> Network:
    """See `Network.from_spec`."""
    draft = Draft(layer, spec.route_ratio, ScenarioError)
    for name, region in spec.regions.items():
        draft.city(name, lat=region.at[0], lon=region.at[1], area=region.area, weight=region.weight)
    for name, hub in spec.hubs.items():
        draft.city(name, lat=hub.at[0], lon=hub.at[1], area=hub.area)
        draft.city(name, pue=hub.pue, price=hub.price, carbon=hub.carbon, carbon_contract=hub.carbon_contract)
        draft.city(name, price_week=_week(hub.price_profile), carbon_week=_week(hub.carbon_profile))
    for name, exchange in spec.exchanges.items():
        draft.city(name, lat=exchange.at[0], lon=exchange.at[1], exchange=True)
    for index, trunk in enumerate(spec.trunks):
        draft.trunk(
            f"network.trunks[{index}]",
            tuple(trunk.between),
            trunk.capacity,
            trunk.length,
            None if trunk.one_way is None else trunk.one_way * 1e3,
            trunk.name,
            trunk.cables,
        )
    pools = {(name, kind): n for name, hub in spec.hubs.items() for kind, n in hub.pools.items()}
    return draft.finish(list(spec.regions), list(spec.hubs), pools, devices)


def _week(profile: Profile | None) -> Week | None:
    return None if profile is None else week_of(profile.weekday, profile.weekend)
