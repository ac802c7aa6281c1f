"""The path of a pair: hand-solved cases of every rule, and a search over all simple paths as oracle."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.errors import InputError
from hubnet.network.network import Network
from hubnet.network.paths import NoPath

MS_PER_KM = 4.9e-3
NODE_MS = 0.1


def network(*edges: tuple[str, str, float], layer: str = "optical") -> Network:
    """A network from (a, b, km), with 100 Gbit/s on every trunk."""
    graph: nx.Graph = nx.Graph()
    for a, b, km in edges:
        graph.add_edge(a, b, length_km=km, capacity_bit_s=100e9)
    return Network.from_graph(graph, layer)


def by_delay(*edges: tuple[str, str, float]) -> Network:
    """A network from (a, b, ms), whose trunks have exactly these delays in all, the node's included."""
    graph: nx.Graph = nx.Graph()
    for a, b, ms in edges:
        graph.add_edge(a, b, one_way_ms=ms - NODE_MS, capacity_bit_s=100e9)
    return Network.from_graph(graph)


def test_the_path_of_least_delay() -> None:
    """100 + 100 km over B (1.18 ms) against 300 km direct (1.57 ms)."""
    n = network(("A", "B", 100), ("B", "C", 100), ("A", "C", 300))
    assert n.path("A", "C") == ["A", "B", "C"]
    assert n.one_way_ms("A", "C") == pytest.approx(200 * MS_PER_KM + 2 * NODE_MS, rel=1e-14)


def test_a_node_costs_as_much_as_twenty_kilometres() -> None:
    """Over B 200 km and two nodes: 1.18 ms; direct 219 km and one node: 1.1731 ms."""
    n = network(("A", "B", 100), ("B", "C", 100), ("A", "C", 219))
    assert n.path("A", "C") == ["A", "C"]


def test_equal_delay_takes_fewest_hops() -> None:
    """2 + 3 = 5 ms in two hops, and 5 ms in one: neither name order nor sums decide."""
    n = by_delay(("A", "B", 2), ("B", "C", 3), ("A", "C", 5))
    assert n.path("A", "C") == ["A", "C"]


def test_fewest_hops_is_counted_over_the_whole_path() -> None:
    """Three ways of 6 ms: A-B-C-Z (3 hops), A-D-Z (2 hops); B comes before D in the alphabet and loses."""
    n = by_delay(("A", "B", 2), ("B", "C", 2), ("C", "Z", 2), ("A", "D", 3), ("D", "Z", 3))
    assert n.path("A", "Z") == ["A", "D", "Z"]


def test_equal_delay_and_hops_takes_the_smallest_names() -> None:
    n = network(("A", "C", 100), ("C", "D", 100), ("A", "B", 100), ("B", "D", 100))
    assert n.path("A", "D") == ["A", "B", "D"]


def test_names_are_compared_from_region_to_hub() -> None:
    """Two ways of three hops. From A the first name that differs is B < C; from Z it is X < Y: another path."""
    n = network(("A", "B", 9), ("B", "Y", 9), ("Y", "Z", 9), ("A", "C", 9), ("C", "X", 9), ("X", "Z", 9))
    assert n.path("A", "Z") == ["A", "B", "Y", "Z"]
    assert n.path("Z", "A") == ["Z", "X", "C", "A"]


def test_names_are_compared_as_text() -> None:
    n = network(("A", "10", 9), ("10", "Z", 9), ("A", "9", 9), ("9", "Z", 9))
    assert n.path("A", "Z") == ["A", "10", "Z"]


@pytest.mark.parametrize("excess, path", [(5e-13, ["A", "C"]), (2e-12, ["A", "B", "C"])])
def test_sums_within_1e_12_are_equal(excess: float, path: list[str]) -> None:
    """10 ms over B; direct 10 ms x (1 + excess), which wins by its hops while the sums count as equal."""
    n = by_delay(("A", "B", 4), ("B", "C", 6), ("A", "C", 10 * (1 + excess)))
    assert n.path("A", "C") == path


def test_the_tolerance_is_of_the_whole_path() -> None:
    """A to C: direct is longer by 3e-12 of 2 ms, so B is on the path. Behind it 98 ms follow: of 100 ms the same
    difference is 6e-14, so A to D goes direct to C, with fewer hops."""
    n = by_delay(("A", "B", 1), ("B", "C", 1), ("A", "C", 2 * (1 + 3e-12)), ("C", "D", 98))
    assert n.path("A", "C") == ["A", "B", "C"]
    assert n.path("A", "D") == ["A", "C", "D"]


def test_a_measured_delay_replaces_the_length_only() -> None:
    """1000 km at 4.9 us/km would be 4.9 ms; measured 3 ms, plus the node: 3.1 ms, under the 2 x 2.06 of the detour."""
    graph: nx.Graph = nx.Graph()
    graph.add_edge("A", "C", length_km=1000, one_way_ms=3, capacity_bit_s=1e9)
    graph.add_edge("A", "B", length_km=400, capacity_bit_s=1e9)
    graph.add_edge("B", "C", length_km=400, capacity_bit_s=1e9)
    n = Network.from_graph(graph)
    assert n.path("A", "C") == ["A", "C"]
    assert n.one_way_ms("A", "C") == pytest.approx(3.1, rel=1e-14)
    assert n.path_km("A", "C") == 1000


@pytest.mark.parametrize("layer, factor", [("optical", 1.0), ("private-ip", 1.51), ("public-ip", 1.72)])
def test_the_layer_multiplies_the_sum(layer: str, factor: float) -> None:
    n = network(("A", "B", 100), ("B", "C", 50), layer=layer)
    assert n.one_way_ms("A", "C") == pytest.approx(factor * (150 * MS_PER_KM + 2 * NODE_MS), rel=1e-14)


def test_one_city_is_an_empty_path() -> None:
    n = network(("A", "B", 100))
    assert n.path("A", "A") == ["A"]
    assert n.one_way_ms("A", "A") == 0
    assert n.path_km("A", "A") == 0


def test_without_a_path() -> None:
    n = network(("A", "B", 100), ("C", "D", 100))
    with pytest.raises(NoPath, match="from 'A' to 'C'"):
        n.path("A", "C")
    assert n.one_way_ms("A", "C") == math.inf
    assert issubclass(NoPath, InputError)


def test_an_unknown_city_is_named_with_the_nearest() -> None:
    n = network(("Lulea", "Gavle", 100))
    with pytest.raises(InputError, match=r'unknown city "Lulae"\n.*"Lulea"'):
        n.path("Lulae", "Gavle")
    with pytest.raises(InputError, match="unknown city"):
        n.one_way_ms["Lulae", "Gavle"]


def test_one_way_ms_can_be_called_and_read_like_a_mapping() -> None:
    n = network(("A", "B", 100), ("B", "C", 50))
    ms = n.one_way_ms("A", "C")
    assert n.one_way_ms["A", "C"] == n.one_way_ms["A"]["C"] == ms
    assert list(n.one_way_ms) == ["A", "B", "C"]
    assert dict(n.one_way_ms["A"]) == {"A": 0, "B": n.one_way_ms("A", "B"), "C": ms}
    assert "A" in n.one_way_ms
    assert "X" not in n.one_way_ms


def test_the_table_walks_every_path() -> None:
    """The links of each pair, read as directed trunks, lead from the region to the hub, and sum to its delay."""
    n = network(("A", "B", 100), ("C", "B", 50), ("C", "D", 70), ("A", "D", 500), ("E", "F", 1), layer="public-ip")
    table = n.path_table()
    for r, region in enumerate(n.regions):
        for h, hub in enumerate(n.hubs):
            pair = r * len(n.hubs) + h
            links = table.links[table.first[pair] : table.first[pair + 1]]
            ends = [n.trunks[link // 2][:: 1 if link % 2 == 0 else -1] for link in links]
            if table.one_way_s[r, h] == math.inf:
                assert {region, hub} & {"E", "F"}
                assert not ends
            else:
                assert ends == list(pairwise(n.path(region, hub)))
                assert table.one_way_s[r, h] * 1e3 == pytest.approx(n.one_way_ms(region, hub), rel=1e-15)
    assert table.one_way_s.shape == (6, 6)
    assert len(table.first) == 37


def test_trunks_that_are_down_carry_no_path() -> None:
    n = network(("A", "B", 100), ("B", "C", 100), ("A", "C", 300))
    table = n.path_table(down=["B-C"])
    a, c = n.regions.index("A"), n.hubs.index("C")
    assert table.one_way_s[a, c] == pytest.approx((300 * MS_PER_KM + NODE_MS) * 1e-3)
    assert math.isinf(n.path_table(down=["B-C", "A-C"]).one_way_s[a, c])


def by_the_rule(graph: nx.Graph, a: str, b: str) -> list[str]:
    """The rule read literally: all simple paths, those within 1e-12 of the least, fewest hops, smallest names."""
    paths = list(nx.all_simple_paths(graph, a, b))
    sums = [sum(graph.edges[step]["ms"] for step in pairwise(path)) for path in paths]
    equal = [path for path, total in zip(paths, sums, strict=True) if total <= min(sums) * (1 + 1e-12)]
    return min(equal, key=lambda path: (len(path), path))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_agrees_with_a_search_over_all_paths(data: st.DataObject) -> None:
    """Small graphs whose delays are few whole numbers of ms, so that ties are everywhere."""
    names = "ABCDEF"
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    chosen = data.draw(st.lists(st.sampled_from(pairs), min_size=6, max_size=12, unique=True))
    edges = [(a, b, data.draw(st.sampled_from([1, 2, 3]))) for a, b in chosen]
    graph: nx.Graph = nx.Graph()
    for a, b, ms in edges:
        graph.add_edge(a, b, ms=ms)
    n = by_delay(*edges)
    for a in graph:
        for b in graph:
            if a != b and nx.has_path(graph, a, b):
                assert n.path(a, b) == by_the_rule(graph, a, b)
