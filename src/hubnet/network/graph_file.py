"""Networks in GraphML and GML files: our own, and others such as the Topology Zoo's.

Nodes: `lat` and `lon` (or `Latitude`, `Longitude`); `label` or the id is the name; `region`, `hub`, `weight`, `area`
and so on as in `Network.graph`; `pools`, such as "gpu 16, cpu 4". Where no node says who is a region, all are; likewise
hubs. Edges: `capacity_bit_s` (or `LinkSpeedRaw`), `length_km` or `one_way_ms`, `name`. Parallel edges are one trunk.
Nodes that are outside the network (`Internal` = 0) and have no place are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx

from ..errors import Problem, TableError
from .network import Network
from .own_graph import HOURLY, network_from_graph

ENDINGS = (".graphml", ".gml")
MOST_BYTES = 50 * 2**20
ALIASES = {"Latitude": "lat", "Longitude": "lon", "LinkSpeedRaw": "capacity_bit_s"}
NODE_NUMBERS = ("lat", "lon", "weight", "pue", "price", "carbon", "carbon_contract")
EDGE_NUMBERS = ("capacity_bit_s", "length_km", "one_way_ms", "cables")


def is_graph_file(name: object) -> bool:
    """Does a scenario's `network` name such a file?"""
    return isinstance(name, str) and name.lower().endswith(ENDINGS)


def read_network(path: Path, layer: str = "optical", devices: Mapping[str, Any] | None = None) -> Network:
    """The network in a file. Raises TableError with all that is wrong with it."""
    problems: list[Problem] = []
    graph = _cables(_named(_parsed(path)))
    pools = _pools(graph, problems)
    roles = {}
    for role in ("region", "hub"):
        told = [name for name, data in graph.nodes(data=True) if role in data]
        roles[role] = [name for name in told if _true(graph.nodes[name].pop(role))] if told else list(graph)
    try:
        network = network_from_graph(graph, layer, roles["region"], roles["hub"], pools, devices or {})
    except TableError as error:
        problems += error.problems
    if problems:
        raise TableError([replace(problem, message=f"{path}: {problem.message}") for problem in problems])
    return network


def write_network(network: Network, path: Path) -> None:
    """Write a network so that `read_network` gives it again, but for its device types' figures and its wave."""
    graph: nx.Graph = nx.Graph()
    for name, data in network.graph.nodes(data=True):
        held = ", ".join(f"{device} {count}" for (hub, device), count in network.pools.items() if hub == name)
        plain = {key: value for key, value in data.items() if value is not None and key not in HOURLY}
        plain |= {key: " ".join(map(repr, data[key])) for key in HOURLY if data.get(key) is not None}
        graph.add_node(name, **{key: int(v) if isinstance(v, bool) else v for key, v in plain.items()})
        if held:
            graph.nodes[name]["pools"] = held
    graph.add_edges_from((a, b, dict(network.graph.edges[a, b])) for a, b in network.trunks)
    ending = path.suffix.lower()
    if ending == ".graphml":
        nx.write_graphml(graph, path)
    elif ending == ".gml":
        for data in [*graph.nodes.values(), *graph.edges.values()]:
            for key in [key for key in data if "_" in key]:
                data[_gml(key)] = data.pop(key)
        nx.write_gml(graph, path)
    else:
        raise TableError(Problem(f"{path} ends in neither {ENDINGS[0]} nor {ENDINGS[1]}", "choose one of them"))


def _gml(key: str) -> str:
    """GML knows no underscores in keys: length_km is lengthKm there."""
    first, *rest = key.split("_")
    return first + "".join(part.capitalize() for part in rest)


_GML_KEYS = {
    _gml(key): key
    for key in ("capacity_bit_s", "length_km", "one_way_ms", "carbon_contract", "price_week", "carbon_week")
}


def _parsed(path: Path) -> nx.Graph:
    """The graph as the file has it. Declarations of entities are refused: they can make a small file endless."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableError(
                Problem(f"{path} is larger than {MOST_BYTES // 2**20} MB", "leave out what is not network")
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TableError(Problem(f"cannot read {path}: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise TableError(Problem(f"{path} is not UTF-8 text", "save it as UTF-8")) from error
    if "<!doctype" in text.lower() or "<!entity" in text.lower():
        raise TableError(
            Problem(f"{path} declares a document type or entities", "remove <!DOCTYPE ...>: it is not needed")
        )
    try:
        if path.suffix.lower() == ".graphml":
            return nx.read_graphml(BytesIO(text.encode()))
        return nx.parse_gml(text, label="id")
    except Exception as error:  # networkx and its XML parser raise errors of many kinds
        raise TableError(Problem(f"{path} is not a graph that can be read: {error}")) from error


def _named(raw: nx.Graph) -> nx.Graph:
    """The graph with names of places for nodes and our words for keys: the labels, where they are all there."""
    for data in [*(data for _, data in raw.nodes(data=True)), *(data for *_, data in raw.edges(data=True))]:
        for key in list(data):
            word = ALIASES.get(key) or _GML_KEYS.get(key) or key
            if word != key:
                data.setdefault(word, data.pop(key))
    labels = {node: str(data.get("label") or node) for node, data in raw.nodes(data=True)}
    twice = sorted(name for name in set(labels.values()) if list(labels.values()).count(name) > 1)
    outside = [
        node
        for node, data in raw.nodes(data=True)
        if data.get("lat") is None and str(data.get("Internal", 1)) in ("0", "0.0")
    ]
    raw.remove_nodes_from(outside)
    if twice:
        labels = {node: f"{name} {node}" if name in twice else name for node, name in labels.items()}
    return nx.relabel_nodes(raw, labels)


def _cables(raw: nx.Graph) -> nx.MultiGraph:
    """One edge per cable, and no loops. A trunk is full duplex: of a directed graph, only the direction that comes
    first between two cities counts, as the other one is the same cables again."""
    graph: nx.MultiGraph = nx.MultiGraph()
    graph.add_nodes_from(raw.nodes(data=True))
    first: dict[frozenset[str], str] = {}
    for a, b, data in raw.edges(data=True):
        if a != b and (first.setdefault(frozenset((a, b)), a) == a or not raw.is_directed()):
            graph.add_edge(a, b, **data)
    for data in graph.nodes.values():
        data.update({key: _number(data[key]) for key in NODE_NUMBERS if key in data})
        data.update({key: _numbers(data[key]) for key in HOURLY if key in data})
    for *_, data in graph.edges(data=True):
        data.update({key: _number(data[key]) for key in EDGE_NUMBERS if key in data})
    return graph


def _pools(graph: nx.Graph, problems: list[Problem]) -> dict[tuple[str, str], int]:
    """What each node says of its pools, which it then says no more."""
    pools = {}
    for name, data in graph.nodes(data=True):
        for part in str(data.pop("pools", None) or "").split(","):
            device, _, count = part.strip().rpartition(" ")
            if device and count.isdecimal():
                pools[name, device.strip()] = int(count)
            elif part.strip():
                problems.append(Problem(f"pools of {name}: {part.strip()!r}", 'write for example "gpu 16, cpu 4"'))
    return pools


def _true(value: object) -> bool:
    return str(value).lower() in ("1", "1.0", "true")


def _number(value: Any) -> Any:
    """Files may have numbers as text; what is none stays as it is, to be complained of."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _numbers(value: Any) -> Any:
    return [_number(part) for part in value.split()] if isinstance(value, str) else value
