"""The network of a run: cities and trunks as a networkx graph, the roles of cities, pools and device types.

`Network` is what users see (`network.graph`, `network.path`, `network.one_way_ms`). It is made from a nation's
tables, from a scenario that spells it out, or from a user's own graph: see `build.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import networkx as nx

from hubnet.errors import InputError, Problem
from hubnet.network.geography import LAYER_FACTOR, ROUTE_RATIO
from hubnet.network.paths import PathFinder, PathTable, delay_graph, path_table
from hubnet.scenario.words import quote, suggestion

if TYPE_CHECKING:
    from hubnet.network.nation import Nation


MOST_TABLES = 500  # path tables that are kept, so that runs with the same cuts share them; a nation's takes 0.1 MB


@dataclass(frozen=True)
class Device:
    """A type of accelerator or CPU server.

    speed: over the reference device's. power_w: W per device under load; None = unknown.
    tflops_fp16: dense FP16 TFLOPS. memory_gb: GB. kind: gpu, npu, cpu, ...; empty = unknown. restricted: its export to
    the nation is restricted. price_yuan: of one device, its share of the server included; None = unknown.
    """

    name: str
    speed: float = 1.0
    power_w: float | None = None
    tflops_fp16: float | None = None
    memory_gb: float | None = None
    kind: str = ""
    restricted: bool = False
    price_yuan: float | None = None


@dataclass(frozen=True, eq=False)
class Network:
    """Cities, trunks, pools and device types. Its graph is frozen: change a copy and build anew.

    graph: nodes are city names (text) with `region`, `hub`, `exchange` (bool) and, where known, `lat`, `lon`,
      `area`, `province`; regions have `weight`; hubs have `title`, `pue`, `price` (yuan/kWh), `carbon` and
      `carbon_contract` (kg/kWh: of the grid, and by contracts for green power), these three None if unknown, and may
      have `price_week` and `carbon_week`, factors on price and carbon for the 168 hours of a week. Edges have `name`,
      `capacity_bit_s` (per direction), `cables`, and `length_km` and `one_way_ms` where known: a trunk without
      `length_km` has `one_way_ms`.
    layer: "optical", "private-ip" or "public-ip".
    regions, hubs: names in order of definition.
    trunks: (first end, second end) in order of definition; a trunk's index counts along it.
    pools: (hub, device type) -> devices, as built, before any scale.
    devices: device types by name; every type that a pool holds is there.
    wave_bit_s: rate of a booked wave that flows have unless their class says otherwise; None = no cap.
    """

    graph: nx.Graph
    layer: str
    regions: tuple[str, ...]
    hubs: tuple[str, ...]
    trunks: tuple[tuple[str, str], ...]
    pools: dict[tuple[str, str], int]
    devices: dict[str, Device]
    wave_bit_s: float | None = None

    @classmethod
    def from_nation(cls, nation: Nation, layer: str = "optical", devices: Mapping[str, Any] | None = None) -> Network:
        """The network of a nation's tables; `devices` adds types to the nation's, or replaces them."""
        from hubnet.network.build import network_from_nation

        return network_from_nation(nation, layer, devices or {})

    @classmethod
    def from_spec(cls, spec: Any, devices: Mapping[str, Any] | None = None, layer: str = "optical") -> Network:
        """The network that a scenario spells out.

        spec: has regions, hubs, exchanges (name -> fields), trunks and route_ratio, as in the scenario's schema.
        Raises ScenarioError with every problem found.
        """
        from hubnet.network.build import network_from_spec

        return network_from_spec(spec, devices or {}, layer)

    @classmethod
    def read(cls, path: str | Path, layer: str = "optical", devices: Mapping[str, Any] | None = None) -> Network:
        """The network in a GraphML or GML file: see `hubnet.network.graph_file`. Raises TableError."""
        from hubnet.network.graph_file import read_network

        return read_network(Path(path), layer, devices)

    def write(self, path: str | Path) -> None:
        """Write the network as GraphML or GML, by the ending, so that `read` gives it again."""
        from hubnet.network.graph_file import write_network

        write_network(self, Path(path))

    @classmethod
    def from_graph(
        cls,
        graph: nx.Graph,
        layer: str = "optical",
        *,
        regions: Sequence[str] | None = None,
        hubs: Sequence[str] | None = None,
        pools: Mapping[tuple[str, str], int] | None = None,
        devices: Mapping[str, Any] | None = None,
        route_ratio: float = ROUTE_RATIO,
    ) -> Network:
        """The network of a user's own graph.

        graph: an undirected `networkx.Graph`. Nodes may have lat, lon, area and whatever a `Network.graph` has;
          edges have capacity_bit_s and length_km or one_way_ms, and may have name and cables. Without a length,
          an edge gets the great circle between its ends x route_ratio. Nodes that are not text are named by
          `str(node)`.
        regions, hubs: the nodes with these roles, in this order; every node by default.
        pools: (hub, device type) -> devices. devices: type -> speed, power (W), tflops_fp16, memory_gb, price (yuan).
        Raises TableError with every problem found.
        """
        from hubnet.network.own_graph import check_undirected, network_from_graph

        check_undirected(graph)
        return network_from_graph(graph, layer, regions, hubs, pools or {}, devices or {}, route_ratio)

    @property
    def layer_factor(self) -> float:
        """What the layer multiplies the optical delay of a path by."""
        return LAYER_FACTOR[self.layer]

    @cached_property
    def trunk_names(self) -> tuple[str, ...]:
        """The names of the trunks, by trunk index."""
        return tuple(self.graph.edges[trunk]["name"] for trunk in self.trunks)

    @cached_property
    def capacities(self) -> dict[str, float]:
        """Trunk name -> bit/s per direction, as built, in order of definition."""
        return {self.graph.edges[trunk]["name"]: self.graph.edges[trunk]["capacity_bit_s"] for trunk in self.trunks}

    @cached_property
    def finder(self) -> PathFinder:
        """The paths while every trunk is up."""
        return PathFinder(delay_graph(self.graph))

    def path(self, region: str, hub: str) -> list[str]:
        """City names from region to hub; `NoPath` if there is none, `InputError` for a city that is not there."""
        self._check_cities(region, hub)
        return self.finder.path(region, hub)

    def path_km(self, region: str, hub: str) -> float:
        """Length of the path in km; NaN if a trunk on it has a delay but no length."""
        path = self.path(region, hub)
        return math.fsum(self.graph.edges[step].get("length_km", math.nan) for step in pairwise(path))

    @cached_property
    def one_way_ms(self) -> OneWay:
        """One-way delay in ms between any two cities, by `(a, b)`, `[a, b]` or `[a][b]`; inf without a path."""
        return OneWay(tuple(self.graph.nodes), self._one_way_ms)

    def path_table(self, down: Collection[str] = ()) -> PathTable:
        """The paths of every (region, hub) pair, by index; trunks named in `down` are left out."""
        key = frozenset(down)
        if key not in self._path_tables:
            if len(self._path_tables) == MOST_TABLES:
                del self._path_tables[next(iter(self._path_tables))]
            finder = PathFinder(delay_graph(self.graph, down)) if down else self.finder
            self._path_tables[key] = path_table(finder, self.regions, self.hubs, self.trunks, self.layer_factor)
        return self._path_tables[key]

    @cached_property
    def _path_tables(self) -> dict[frozenset[str], PathTable]:
        return {}

    def _one_way_ms(self, a: str, b: str) -> float:
        self._check_cities(a, b)
        if b not in self.finder.least_s(a):
            return math.inf
        return self.layer_factor * self.finder.delay_s(self.finder.path(a, b)) * 1e3

    def _check_cities(self, *cities: str) -> None:
        problems = [unknown("city", city, self.graph) for city in cities if city not in self.graph]
        if problems:
            raise InputError(problems)


class OneWay(Mapping[str, Mapping[str, float]]):
    """One-way delays in ms, computed when asked for: a mapping of city -> city -> ms that can also be called."""

    def __init__(self, cities: tuple[str, ...], delay: Callable[[str, str], float]) -> None:
        self._cities = cities
        self._delay = delay

    def __call__(self, a: str, b: str) -> float:
        return self._delay(a, b)

    @overload
    def __getitem__(self, key: str) -> Mapping[str, float]: ...
    @overload
    def __getitem__(self, key: tuple[str, str]) -> float: ...
    def __getitem__(self, key: str | tuple[str, str]) -> Mapping[str, float] | float:
        if isinstance(key, tuple):
            return self._delay(*key)
        return OneWayFrom(key, self._cities, self._delay)

    def __contains__(self, key: object) -> bool:
        return key in self._cities

    def __iter__(self) -> Iterator[str]:
        return iter(self._cities)

    def __len__(self) -> int:
        return len(self._cities)


class OneWayFrom(Mapping[str, float]):
    """One-way delays in ms from one city."""

    def __init__(self, city: str, cities: tuple[str, ...], delay: Callable[[str, str], float]) -> None:
        self._city, self._cities, self._delay = city, cities, delay

    def __getitem__(self, other: str) -> float:
        return self._delay(self._city, other)

    def __contains__(self, other: object) -> bool:
        return other in self._cities

    def __iter__(self) -> Iterator[str]:
        return iter(self._cities)

    def __len__(self) -> int:
        return len(self._cities)


def unknown(noun: str, name: object, known: Collection[str], plural: str = "names") -> Problem:
    """The problem of a name that is not there, with the nearest that is, or all of them (called `plural`)."""
    return Problem(f"unknown {noun} {quote(name)}", suggestion(name, known, plural))
