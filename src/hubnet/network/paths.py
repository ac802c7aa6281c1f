"""The path of a (region, hub) pair, and the arrays of all paths that an engine reads.

The rule: least sum of trunk delays, summed from region to hub; sums within 1e-12 relative of the least are
equal; then fewest hops; then the smallest list of node names from region to hub. The layer factor multiplies
the sum, so it never changes a path.

How: one Dijkstra (networkx) from each end gives the nodes that lie on some path within the tolerance, nearly
always a single chain. Over these, from the hub backwards, each node keeps its least delay for every number
of hops; then a walk from the region takes the smallest name that still fits the best number of hops. (To
test each trunk alone for being tight would not do: what is 1e-12 of a short prefix is less of the whole.)
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np

from hubnet.errors import InputError
from hubnet.network.geography import trunk_delay_s

TOLERANCE = 1e-12
WHISKER = 1e-13  # the same sum in another order differs in its last bits: far more than that, far less than above


class NoPath(InputError):
    """No chain of trunks that are up joins the two cities."""


def delay_graph(graph: nx.Graph, down: Collection[str] = ()) -> nx.Graph:
    """The trunks that are up, each with its one-way delay `s`; trunks named in `down` are left out."""
    up: nx.Graph = nx.Graph()
    up.add_nodes_from(graph.nodes)
    for a, b, edge in graph.edges(data=True):
        if edge["name"] not in down:
            up.add_edge(a, b, s=trunk_delay_s(edge.get("length_km"), edge.get("one_way_ms")))
    return up


class PathFinder:
    """Paths over one state of the trunks; keeps one Dijkstra per city that was asked for."""

    def __init__(self, delays: nx.Graph) -> None:
        self._delays = delays
        self._least: dict[str, dict[str, float]] = {}

    def path(self, region: str, hub: str) -> list[str]:
        """City names from region to hub, both included; one name if they are the same city.

        Raises NoPath if there is none.
        """
        if region == hub:
            return [region]
        from_region, to_hub = self._from(region), self._from(hub)
        if hub not in from_region:
            raise NoPath(f"no path of trunks leads from {region!r} to {hub!r}")
        limit = from_region[hub] * (1 + TOLERANCE)
        wide = limit * (1 + WHISKER)
        labels = self._labels(region, hub, wide, from_region, to_hub)
        hops = min(n for n, delay in labels[region].items() if delay <= limit)
        path, walked = [region], 0.0
        while path[-1] != hub:
            hops -= 1
            here = self._delays[path[-1]]
            path.append(
                min(
                    city
                    for city, edge in here.items()
                    if walked + edge["s"] + labels.get(city, {}).get(hops, math.inf) <= wide
                )
            )
            walked += here[path[-1]]["s"]
        return path

    def delay_s(self, path: Sequence[str]) -> float:
        """Sum of the trunks' delays in path order, without the layer factor."""
        total = 0.0
        for a, b in pairwise(path):
            total += self._delays[a][b]["s"]
        return total

    def least_s(self, city: str) -> dict[str, float]:
        """Least delay from `city` to every city that can be reached, without the layer factor."""
        return self._from(city)

    def _from(self, city: str) -> dict[str, float]:
        if city not in self._least:
            self._least[city] = nx.single_source_dijkstra_path_length(self._delays, city, weight="s")
        return self._least[city]

    def _labels(
        self,
        region: str,
        hub: str,
        wide: float,
        from_region: Mapping[str, float],
        to_hub: Mapping[str, float],
    ) -> dict[str, dict[int, float]]:
        """For each node on a path within the limit: number of hops to the hub -> least delay to it.

        A trunk of such a path always leads nearer to the hub, for its delay (0.1 ms or more) is far above the
        tolerance: so nodes can be finished in order of their distance from the hub.
        """
        seen, todo = {region}, [region]
        while todo:
            city = todo.pop()
            for other, edge in self._delays[city].items():
                if other not in seen and from_region[city] + edge["s"] + to_hub[other] <= wide:
                    seen.add(other)
                    todo.append(other)
        labels: dict[str, dict[int, float]] = {hub: {0: 0.0}}
        for city in sorted(seen - {hub}, key=to_hub.__getitem__):
            best: dict[int, float] = {}
            for other, edge in self._delays[city].items():
                for hops, delay in labels.get(other, {}).items():
                    through = edge["s"] + delay
                    if from_region[city] + through <= wide and through < best.get(hops + 1, math.inf):
                        best[hops + 1] = through
            labels[city] = best
        return labels


@dataclass(frozen=True)
class PathTable:
    """All paths from R regions to H hubs.

    one_way_s: float64[R, H], one-way delay with the layer factor; inf = no path, 0 in the same city.
    first: int64[R * H + 1]; the path of pair p = r * H + h is links[first[p]:first[p + 1]], in order of walking.
    links: int64[...], directed trunks: 2 * trunk, plus 0 if walked from its first end to its second, else 1.
    """

    one_way_s: np.ndarray
    first: np.ndarray
    links: np.ndarray


def path_table(
    finder: PathFinder,
    regions: Sequence[str],
    hubs: Sequence[str],
    trunks: Sequence[tuple[str, str]],
    layer_factor: float,
) -> PathTable:
    """The paths of every (region, hub) pair; `trunks` are the (first end, second end) by trunk index."""
    link = {}
    for index, (a, b) in enumerate(trunks):
        link[a, b], link[b, a] = 2 * index, 2 * index + 1
    one_way = np.full((len(regions), len(hubs)), math.inf)
    first, links = [0], list[int]()
    for r, region in enumerate(regions):
        for h, hub in enumerate(hubs):
            if hub in finder.least_s(region):
                path = finder.path(region, hub)
                one_way[r, h] = layer_factor * finder.delay_s(path)
                links.extend(link[step] for step in pairwise(path))
            first.append(len(links))
    return PathTable(one_way, np.array(first, np.int64), np.array(links, np.int64))
