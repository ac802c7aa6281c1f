"""Networks from a user's graph and from a scenario that spells one out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import pytest

from hubnet.errors import ScenarioError, TableError
from hubnet.network.geography import great_circle_km
from hubnet.network.network import Device, Network


@dataclass
class Region:
    at: tuple[float, float]
    weight: float = 1
    area: str | None = None


@dataclass
class Hub:
    at: tuple[float, float]
    pools: dict[str, int]
    price: float | None = None
    carbon: float | None = None
    pue: float = 1.0
    area: str | None = None
    price_profile: object = None
    carbon_profile: object = None
    carbon_contract: float | None = None


@dataclass
class Exchange:
    at: tuple[float, float]


@dataclass
class Trunk:
    between: tuple[str, str]
    capacity: float = 100e9
    length: float | None = None
    one_way: float | None = None
    name: str | None = None
    cables: int = 1


@dataclass
class Kind:
    speed: float = 1.0
    power: float | None = None


@dataclass
class Spec:
    """The fields of a network that a scenario spells out."""

    regions: dict[str, Region]
    hubs: dict[str, Hub]
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    trunks: list[Trunk] = field(default_factory=list)
    route_ratio: float = 1.5


NORTH, SOUTH, GAVLE, SUNDSVALL = (65.58, 22.15), (59.33, 18.07), (60.67, 17.14), (62.39, 17.31)


def sweden(**changes: Any) -> Spec:
    fields: dict[str, Any] = {
        "regions": {"North": Region(NORTH, area="up"), "South": Region(SOUTH, 3)},
        "hubs": {
            "Lulea": Hub(NORTH, {"cpu": 12}, 0.35, 0.02, 1.1, "up"),
            "Gavle": Hub(GAVLE, {"cpu": 18, "gpu": 16}),
        },
        "exchanges": {"Sundsvall": Exchange(SUNDSVALL)},
        "trunks": [
            Trunk(("North", "Lulea"), 100e9, 5),
            Trunk(("Lulea", "Sundsvall"), 400e9, 830),
            Trunk(("Sundsvall", "Gavle"), 400e9),
            Trunk(("Gavle", "South"), 400e9, name="Gavle-South"),
        ],
    }
    return Spec(**{**fields, **changes})


def test_a_network_spelled_out() -> None:
    n = Network.from_spec(sweden(), {"gpu": Kind(20, 700)}, "private-ip")
    assert n.regions == ("North", "South")
    assert n.hubs == ("Lulea", "Gavle")
    assert n.trunks == (("North", "Lulea"), ("Lulea", "Sundsvall"), ("Sundsvall", "Gavle"), ("Gavle", "South"))
    assert n.trunk_names == ("North-Lulea", "Lulea-Sundsvall", "Sundsvall-Gavle", "Gavle-South")
    assert n.pools == {("Lulea", "cpu"): 12, ("Gavle", "cpu"): 18, ("Gavle", "gpu"): 16}
    assert n.devices == {"gpu": Device("gpu", 20, 700), "cpu": Device("cpu")}
    assert n.layer_factor == 1.51
    assert n.wave_bit_s is None
    lulea, south, exchange = (n.graph.nodes[city] for city in ("Lulea", "South", "Sundsvall"))
    assert (lulea["price"], lulea["carbon"], lulea["pue"], lulea["area"]) == (0.35, 0.02, 1.1, "up")
    assert (lulea["region"], lulea["hub"], lulea["exchange"]) == (False, True, False)
    assert (south["region"], south["weight"], "area" in south) == (True, 3, False)
    assert exchange["exchange"]
    assert n.graph.nodes["Gavle"]["price"] is None


def test_a_length_that_is_not_given_is_great_circle_times_route_ratio() -> None:
    n = Network.from_spec(sweden(route_ratio=1.82))
    expected = great_circle_km(SUNDSVALL, GAVLE) * 1.82
    assert n.graph.edges["Gavle", "Sundsvall"]["length_km"] == pytest.approx(expected)
    assert n.graph.edges["Lulea", "Sundsvall"]["length_km"] == 830


def test_a_delay_in_seconds_overrides_the_length() -> None:
    n = Network.from_spec(sweden(trunks=[Trunk(("North", "Lulea"), one_way=2e-3)]))
    assert n.one_way_ms("North", "Lulea") == pytest.approx(2.1)


def test_parallel_routes_are_one_trunk() -> None:
    """Shortest length, summed capacity, cables = how many; the ends and the name of the first."""
    both = [Trunk(("North", "Lulea"), 100e9, 9, cables=2), Trunk(("Lulea", "North"), 50e9, 5, name="new")]
    n = Network.from_spec(sweden(trunks=both))
    assert n.trunks == (("North", "Lulea"),)
    assert dict(n.graph.edges["North", "Lulea"]) == {
        "name": "North-Lulea",
        "capacity_bit_s": 150e9,
        "cables": 3,
        "length_km": 5,
    }


def test_of_parallel_routes_the_one_of_least_delay_counts() -> None:
    both = [Trunk(("North", "Lulea"), length=100), Trunk(("North", "Lulea"), length=300, one_way=1e-4)]
    n = Network.from_spec(sweden(trunks=both))
    assert n.one_way_ms("North", "Lulea") == pytest.approx(0.2)


def test_a_region_and_a_hub_can_be_one_city() -> None:
    spec = sweden(regions={"Gavle": Region(GAVLE, 2, "low")})
    spec.trunks = []
    n = Network.from_spec(spec)
    node = n.graph.nodes["Gavle"]
    assert (node["region"], node["hub"], node["weight"], node["area"]) == (True, True, 2, "low")
    assert n.path_table().one_way_s[0, 1] == 0


def test_mistakes_of_a_network_spelled_out_are_reported_at_once() -> None:
    spec = sweden(regions={"Gavle": Region((0, 0), 2)})
    spec.trunks = [
        Trunk(("Gavle", "Sundsval")),
        Trunk(("Gavle", "Gavle")),
        Trunk(("Gavle", "Sundsvall"), name="x"),
        Trunk(("Gavle", "Lulea"), name="x"),
    ]
    with pytest.raises(ScenarioError) as caught:
        Network.from_spec(spec, layer="optic")
    messages = "\n".join(str(problem) for problem in caught.value.problems)
    assert 'unknown layer "optic"' in messages
    assert "'Gavle' is given twice, with lat" in messages
    assert 'unknown city in network.trunks[0]: "Sundsval"' in messages
    assert 'did you mean "Sundsvall"?' in messages
    assert "network.trunks[1] joins 'Gavle' with itself" in messages
    assert "two trunks are named 'x'" in messages


def line(**attributes: Any) -> nx.Graph:
    """One edge A - B with these attributes."""
    graph: nx.Graph = nx.Graph()
    graph.add_edge("A", "B", **attributes)
    return graph


def test_a_users_graph() -> None:
    graph = line(length_km=100, capacity_bit_s=1e9)
    n = Network.from_graph(graph, pools={("B", "gpu"): 4}, devices={"gpu": {"speed": 20}})
    assert n.regions == n.hubs == ("A", "B")
    assert n.pools == {("B", "gpu"): 4}
    assert n.devices["gpu"].speed == 20
    assert n.capacities == {"A-B": 1e9}
    assert graph.edges["A", "B"] == {"length_km": 100, "capacity_bit_s": 1e9}
    assert nx.is_frozen(n.graph)
    assert not nx.is_frozen(graph)


def test_roles_are_chosen_apart_from_the_graph() -> None:
    n = Network.from_graph(line(length_km=1, capacity_bit_s=1), regions=["B"], hubs=["A"])
    assert (n.regions, n.hubs) == (("B",), ("A",))
    assert not n.graph.nodes["A"]["region"]


def test_a_networks_own_graph_makes_the_same_network() -> None:
    n = Network.from_spec(sweden())
    again = Network.from_graph(n.graph, regions=n.regions, hubs=n.hubs, pools=n.pools)
    assert dict(again.graph.nodes(data=True)) == dict(n.graph.nodes(data=True))
    assert nx.utils.graphs_equal(again.graph, n.graph)


def test_places_give_a_graph_its_lengths() -> None:
    graph = line(capacity_bit_s=1e9)
    graph.add_node("A", lat=0, lon=0)
    graph.add_node("B", lat=0, lon=1)
    n = Network.from_graph(graph, route_ratio=2)
    assert n.path_km("A", "B") == pytest.approx(2 * great_circle_km((0, 0), (0, 1)))


def test_nodes_that_are_not_text_are_named_by_their_text() -> None:
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 1e9, "capacity_bit_s")
    nx.set_edge_attributes(graph, 100.0, "length_km")
    n = Network.from_graph(graph, hubs=["2"], pools={("2", "gpu"): 1})
    assert n.path("0", "2") == ["0", "1", "2"]


@pytest.mark.parametrize(
    "kind, hint", [(nx.DiGraph, "to_undirected"), (nx.MultiGraph, "summed capacity"), (dict, "to_undirected")]
)
def test_only_an_undirected_graph_will_do(kind: type, hint: str) -> None:
    with pytest.raises(TableError, match=hint):
        Network.from_graph(kind())


@pytest.mark.parametrize(
    "attributes, message",
    [
        ({"length_km": 1}, "the edge A-B has no capacity_bit_s"),
        ({"capacity_bit_s": 1}, "the edge A-B has no length_km, and its ends have no lat and lon"),
        ({"length_km": -1, "capacity_bit_s": 1}, "length_km of the edge A-B is -1; it must be 0 or more"),
        ({"length_km": 1, "capacity_bit_s": 0}, "it must be more than 0"),
        ({"length_km": 1, "capacity_bit_s": float("nan")}, "capacity_bit_s of the edge A-B is nan"),
        ({"length_km": 1, "capacity_bit_s": float("inf")}, "capacity_bit_s of the edge A-B is inf"),
        ({"length_km": "1 km", "capacity_bit_s": 1}, "is '1 km', not a number"),
        ({"length": 1, "capacity_bit_s": 1}, 'did you mean "length_km"?'),
    ],
)
def test_what_an_edge_gets_wrong(attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError) as caught:
        Network.from_graph(line(**attributes))
    assert message in str(caught.value)


def test_all_mistakes_of_a_graph_are_reported_at_once() -> None:
    graph = line(length_km=-1, capacity_bit_s=-2)
    graph.add_node("A", lat=91, lon=0)
    graph.add_node("B", lat=0, wieght=2)
    with pytest.raises(TableError) as caught:
        Network.from_graph(
            graph,
            regions=["a"],
            hubs=["A", "A"],
            pools={("C", "gpu"): 1, ("A", "gpu"): -1, "A": 3},  # type: ignore[dict-item]
            devices={"gpu": {"speed": 0, "sped": 1}},
        )
    messages = "\n".join(problem.message for problem in caught.value.problems)
    for part in (
        "length_km of the edge A-B is -1",
        "capacity_bit_s of the edge A-B is -2",
        "lat of the node A is 91; it must be -90 or more and at most 90",
        'unknown attribute of the node B: "wieght"',
        "the node B has only one of lat and lon",
        'unknown region "a"',
        "the hub 'A' is named twice",
        'unknown hub in pools: "C"',
        "pools[('A', 'gpu')] is -1",
        "pools has the key 'A'",
        "speed of the device 'gpu' is 0; it must be more than 0",
        "unknown key of the device 'gpu': \"sped\"",
    ):
        assert part in messages
    assert len(caught.value.problems) == 12
