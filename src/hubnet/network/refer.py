"""What a scenario may refer to in a nation, or a graph's file, that it names: for the checks of names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import NationError, TableError
from ..scenario.names import Names
from .graph_file import is_graph_file, read_network
from .nation import load_nation
from .network import Network


def names_of(base: Path | None = None) -> Callable[[str], Any]:
    """Names by nation or file. base: relative names of files and folders start there."""

    def names(name: str) -> Names:
        if is_graph_file(name):
            try:
                return _known(read_network((base or Path()) / name))
            except TableError as error:
                raise NationError(error.problems) from error
        nation = load_nation(name, base or Path())
        classes = frozenset(row.name for row in nation.classes if not row.online)
        return _known(Network.from_nation(nation), frozenset(nation.catalogue), classes)

    return names


def _known(network: Network, catalogue: frozenset[str] = frozenset(), classes: frozenset[str] = frozenset()) -> Names:
    graph = network.graph
    return Names(
        cities=frozenset(graph.nodes),
        regions=frozenset(network.regions),
        hubs=frozenset(network.hubs),
        areas=frozenset(place["area"] for place in graph.nodes.values() if place.get("area")),
        trunks=frozenset(network.trunk_names),
        joined={frozenset(ends): name for ends, name in zip(network.trunks, network.trunk_names, strict=True)},
        devices=frozenset(network.devices),
        unrated=catalogue - frozenset(network.devices),
        pools=frozenset(network.pools),
        area_of={hub: graph.nodes[hub]["area"] for hub in network.hubs if graph.nodes[hub].get("area")},
        classes=classes,
    )
