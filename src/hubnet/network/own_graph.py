"""Making a `Network` from a graph of the user's own: what its nodes and edges may say, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import networkx as nx

from hubnet.errors import Problem, TableError
from hubnet.network.build import Draft
from hubnet.network.geography import ROUTE_RATIO
from hubnet.network.network import Network, unknown
from hubnet.network.weeks import HOURS, Week

NODE_KEYS = (
    "lat",
    "lon",
    "area",
    "province",
    "title",
    "weight",
    "pue",
    "price",
    "carbon",
    "carbon_contract",
    "region",
    "hub",
    "exchange",
)
HOURLY = ("price_week", "carbon_week")  # nodes may have these too: 168 factors
EDGE_KEYS = ("capacity_bit_s", "length_km", "one_way_ms", "name", "cables")


def check_undirected(graph: object) -> None:
    """Raises TableError for what is no plain `networkx.Graph`."""
    if not isinstance(graph, nx.Graph) or graph.is_directed() or graph.is_multigraph():
        hint = "a trunk is full duplex: use graph.to_undirected()"
        if isinstance(graph, nx.Graph) and graph.is_multigraph():
            hint = "parallel routes are one trunk: shortest length, summed capacity, cables = how many"
        raise TableError(Problem(f"the network is a {type(graph).__name__}, not an undirected networkx.Graph", hint))


def network_from_graph(
    graph: nx.Graph,
    layer: str,
    regions: Sequence[str] | None,
    hubs: Sequence[str] | None,
    pools: Mapping[tuple[str, str], int],
    devices: Mapping[str, Any],
    route_ratio: float = ROUTE_RATIO,
) -> Network:
    """See `Network.from_graph`. The graph may have parallel edges: one per cable, and together one trunk."""
    draft = Draft(layer, route_ratio, TableError)
    for node, given in graph.nodes(data=True):
        if str(node) in draft.graph:
            draft.problem(f"two nodes are both named {str(node)!r} as text", "relabel one of them")
        draft.city(str(node), **_node(draft, str(node), given))
    for a, b, given in graph.edges(data=True):
        edge = _edge(draft, f"the edge {a}-{b}", given)
        if edge is not None:
            draft.trunk(f"the edge {a}-{b}", (str(a), str(b)), **edge)
    cities = list(draft.graph)
    return draft.finish(
        cities if regions is None else [str(city) for city in regions],
        cities if hubs is None else [str(city) for city in hubs],
        pools,
        devices,
    )


def _node(draft: Draft, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a user's node that are right; who is region or hub is given apart from the graph."""
    where, ranges = f"of the node {name}", {"lat": (-90, 90), "lon": (-180, 180), "pue": (1, math.inf)}
    good: dict[str, Any] = {}
    for key, value in given.items():
        if key in HOURLY and value is not None:
            good[key] = _factors(draft, f"{key} {where}", value)
        elif key not in NODE_KEYS:
            _misspelt(draft, f"attribute {where}:", key, [known for known in NODE_KEYS if known not in given])
        elif key == "exchange":
            good[key] = bool(value)
        elif key in ("region", "hub") or value is None:
            continue
        elif key in ("area", "province", "title"):
            good[key] = str(value)
        elif draft.number(f"{key} {where}", value, *ranges.get(key, (0, math.inf))):
            good[key] = float(value)
    if ("lat" in given) != ("lon" in given):
        draft.problem(f"the node {name} has only one of lat and lon")
    return good


def _factors(draft: Draft, where: str, value: Any) -> Week | None:
    """168 relative values as factors with the mean 1, or None if they are something else."""
    numbers = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else []
    if len(numbers) != HOURS:
        draft.problem(f"{where} is not a list of {HOURS} numbers", "one per hour of the week, from Monday 00:00")
    elif all(draft.number(f"{where}, hour {hour}", number) for hour, number in enumerate(numbers)):
        if (total := math.fsum(numbers)) > 0:
            return tuple(float(number) * HOURS / total for number in numbers)
        draft.problem(f"{where} is 0 at all hours")
    return None


def _edge(draft: Draft, where: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The attributes of a user's edge, or None if any of them is wrong."""
    before = len(draft.problems)
    for key, value in given.items():
        if key not in EDGE_KEYS:
            _misspelt(draft, f"attribute of {where}:", key, [known for known in EDGE_KEYS if known not in given])
        elif key != "name" and value is not None:
            good = draft.number(f"{key} of {where}", value, above=key in ("capacity_bit_s", "cables"))
            if good and key == "cables" and float(value) % 1:
                draft.problem(f"{key} of {where} is {value}; it must be a whole number")
    if given.get("capacity_bit_s") is None:
        draft.problem(f"{where} has no capacity_bit_s", "its capacity per direction, in bit/s")
    if len(draft.problems) > before:
        return None
    known = {key: given[key] for key in EDGE_KEYS if given.get(key) is not None}
    if "cables" in known:
        known["cables"] = int(known["cables"])
    return {**known, "name": None if given.get("name") is None else str(given["name"])}


def _misspelt(draft: Draft, noun: str, key: object, known: Sequence[str]) -> None:
    """A user's graph may carry attributes of its own, but not one that looks like a slip in a known one."""
    if get_close_matches(str(key), known, 1, 0.75):
        draft.problems.append(unknown(noun, key, known))
