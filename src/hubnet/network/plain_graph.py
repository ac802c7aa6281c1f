"""A network's graph as plain data, for a file beside results, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx


@dataclass(frozen=True)
class Places:
    """The graph of a network that is only to be looked at: see `Network.graph`."""

    graph: nx.Graph


def plain_graph(graph: nx.Graph) -> dict[str, Any]:
    """Nodes and edges with all that is known of them, as JSON can hold it."""
    found: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    return found


def graph_of(plain: dict[str, Any]) -> nx.Graph:
    """The graph again, frozen; lists that were tuples are lists now."""
    return nx.freeze(nx.node_link_graph(plain, edges="edges"))
