"""Networks in GraphML and GML files: our own, and others such as the Topology Zoo's.

Nodes: `lat` and `lon` (or `Latitude`, `Longitude`); `label` or the id is the name; `region`, `hub`, `weight`, `area`
and so on as in `Network.graph`; `pools`, such as "gpu 16, cpu 4". Where no node says who is a region, all are; likewise
hubs. Edges: `capacity_bit_s` (or `LinkSpeedRaw`), `length_km` or `one_way_ms`, `name`. Parallel edges are one trunk.
Nodes that are outside the network (`Internal` = 0) and have no place are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx

from ..errors import Problem, TableError
from .network import Network
from .own_graph import EDGE_KEYS

ENDINGS = (".graphml", ".gml")
MOST_BYTES = 50 * 2**20
ALIASES = {"Latitude": "lat", "Longitude": "lon", "LinkSpeedRaw": "capacity_bit_s"}
WEEKS = ("price_week", "carbon_week")


def is_graph_file(name: object) -> bool:
    """Does a scenario's `network` name such a file?"""
    return isinstance(name, str) and name.lower().endswith(ENDINGS)


def read_network(path: Path, layer: str = "optical", devices: Mapping[str, Any] | None = None) -> Network:
    """The network in a file. Raises TableError with all that is wrong with it."""
    raw = _parsed(path)
    problems: list[Problem] = []
    graph = _simple(_named(raw, path), path, problems)
    pools = _pools(graph, path, problems)
    if problems:
        raise TableError(problems)
    roles = {}
    for role in ("region", "hub"):
        told = [name for name, data in graph.nodes(data=True) if role in data]
        roles[role] = [name for name in told if _true(graph.nodes[name][role])] if told else list(graph)
    for data in graph.nodes.values():
        for key in ("region", "hub", "pools"):
            data.pop(key, None)
        data.update({key: tuple(map(float, data[key].split())) for key in WEEKS if isinstance(data.get(key), str)})
    return Network.from_graph(
        graph, layer, regions=roles["region"], hubs=roles["hub"], pools=pools, devices=devices or {}
    )


def write_network(network: Network, path: Path) -> None:
    """Write a network so that `read_network` gives it again, but for its device types' figures and its wave."""
    graph: nx.Graph = nx.Graph()
    for name, data in network.graph.nodes(data=True):
        held = ", ".join(f"{device} {count}" for (hub, device), count in network.pools.items() if hub == name)
        plain = {key: value for key, value in data.items() if value is not None and key not in WEEKS}
        plain |= {key: " ".join(map(repr, data[key])) for key in WEEKS if data.get(key) is not None}
        graph.add_node(name, **{key: int(v) if isinstance(v, bool) else v for key, v in plain.items()})
        if held:
            graph.nodes[name]["pools"] = held
    graph.add_edges_from((a, b, network.graph.edges[a, b]) for a, b in network.trunks)
    ending = path.suffix.lower()
    if ending == ".graphml":
        nx.write_graphml(graph, path)
    elif ending == ".gml":
        named = nx.relabel_nodes(graph, {})
        nx.set_edge_attributes(
            named, {(a, b): {_gml(k): v for k, v in d.items()} for a, b, d in graph.edges(data=True)}
        )
        for data in [*named.nodes.values(), *named.edges.values()]:
            for key in [key for key in data if "_" in key]:
                data[_gml(key)] = data.pop(key)
        nx.write_gml(named, path)
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


def _named(raw: nx.Graph, path: Path) -> nx.Graph:
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


def _simple(raw: nx.Graph, path: Path, problems: list[Problem]) -> nx.Graph:
    """One undirected edge per pair: the shortest, with summed capacity and number of cables; no loops."""
    graph: nx.Graph = nx.Graph()
    known = ("lat", "lon", "area", "province", "title", "weight", "pue", "price", "carbon", "carbon_contract")
    for name, data in raw.nodes(data=True):
        graph.add_node(
            name, **{k: v for k, v in data.items() if k in (*known, *WEEKS, "region", "hub", "exchange", "pools")}
        )
    seen = set()
    for a, b, data in raw.edges(data=True):
        if a == b:
            continue
        if raw.is_directed() and not raw.is_multigraph():
            if (b, a) in seen:
                continue  # the other direction of the same trunk
            seen.add((a, b))
        new: dict[str, Any] = {key: data[key] for key in EDGE_KEYS if key in data}
        if _number(new.get("capacity_bit_s")) is None:
            hint = "give it capacity_bit_s, in bit/s per direction (of the Topology Zoo's files LinkSpeedRaw is read)"
            problems.append(Problem(f"{path}: the edge {a}-{b} has no capacity", hint))
            continue
        new["capacity_bit_s"], new["cables"] = float(new["capacity_bit_s"]), int(new.get("cables", 1))
        if graph.has_edge(a, b):
            old = graph.edges[a, b]
            best = min(old, new, key=lambda one: float(one.get("length_km", math.inf)))
            total = {key: old[key] + new[key] for key in ("capacity_bit_s", "cables")}
            new = {**best, **total, **({"name": old["name"]} if "name" in old else {})}
        graph.add_edge(a, b, **new)
    return graph


def _pools(graph: nx.Graph, path: Path, problems: list[Problem]) -> dict[tuple[str, str], int]:
    pools = {}
    for name, data in graph.nodes(data=True):
        for part in str(data.get("pools") or "").split(","):
            device, _, count = part.strip().rpartition(" ")
            if device and count.isdigit():
                pools[name, device.strip()] = int(count)
            elif part.strip():
                problems.append(
                    Problem(f"{path}: pools of {name}: {part.strip()!r}", 'write for example "gpu 16, cpu 4"')
                )
    return pools


def _true(value: object) -> bool:
    return str(value).lower() in ("1", "1.0", "true")


def _number(value: object) -> float | None:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) and found > 0 else None
