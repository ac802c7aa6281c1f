"""Networks in GraphML and GML files: round trips, files of others, and what is refused."""

import networkx as nx
import pytest

import hubnet as hn
from hubnet.network.graph_file import read_network
from hubnet.network.network import Network

ZOO = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key attr.name="LinkSpeedRaw" attr.type="double" for="edge" id="d1"/>
  <key attr.name="Latitude" attr.type="double" for="node" id="d2"/>
  <key attr.name="Longitude" attr.type="double" for="node" id="d3"/>
  <key attr.name="Internal" attr.type="int" for="node" id="d4"/>
  <key attr.name="label" attr.type="string" for="node" id="d5"/>
  <graph edgedefault="undirected">
    <node id="0"><data key="d2">59.33</data><data key="d3">18.07</data>
      <data key="d4">1</data><data key="d5">South</data></node>
    <node id="1"><data key="d2">60.67</data><data key="d3">17.14</data>
      <data key="d4">1</data><data key="d5">Gavle</data></node>
    <node id="2"><data key="d2">65.58</data><data key="d3">22.15</data>
      <data key="d4">1</data><data key="d5">Lulea</data></node>
    <node id="3"><data key="d4">0</data><data key="d5">elsewhere</data></node>
    <edge source="0" target="1"><data key="d1">4e11</data></edge>
    <edge source="0" target="1"><data key="d1">1e11</data></edge>
    <edge source="1" target="2"><data key="d1">1e11</data></edge>
    <edge source="2" target="3"><data key="d1">1e11</data></edge>
  </graph>
</graphml>
"""


def zoo(tmp_path, text=ZOO):
    path = tmp_path / "zoo.graphml"
    path.write_text(text)
    return path


def same(a, b):
    assert (set(a.regions), set(a.hubs), a.pools) == (set(b.regions), set(b.hubs), b.pools)
    assert set(map(frozenset, a.trunks)) == set(map(frozenset, b.trunks))
    for one, other in a.trunks:
        assert a.graph.edges[one, other] == b.graph.edges[one, other]
    for region in a.regions:
        for hub in a.hubs:
            assert a.one_way_ms(region, hub) == pytest.approx(b.one_way_ms(region, hub))
            assert a.path(region, hub) == b.path(region, hub)


@pytest.mark.parametrize("ending", ["graphml", "gml"])
@pytest.mark.parametrize("scenario", ["two-hubs", "east-data-west-computing", "united-states"])
def test_a_network_is_the_same_after_a_round_trip(tmp_path, ending, scenario):
    network = hn.load(f"scenarios/{scenario}.yaml").network()
    network.write(tmp_path / f"network.{ending}")
    again = Network.read(tmp_path / f"network.{ending}", network.layer)
    same(network, again)
    for name, data in network.graph.nodes(data=True):
        known = {key: value for key, value in data.items() if value is not None}
        for key, value in known.items():  # the factors of a week are brought to the mean 1 once more
            assert again.graph.nodes[name][key] == (pytest.approx(value) if key.endswith("_week") else value)


def test_a_file_of_the_topology_zoo(tmp_path):
    network = read_network(zoo(tmp_path))
    assert network.regions == network.hubs == ("South", "Gavle", "Lulea")
    assert network.graph.edges["South", "Gavle"]["capacity_bit_s"] == 5e11
    assert network.graph.edges["South", "Gavle"]["cables"] == 2
    graph = nx.Graph()
    graph.add_node("South", lat=59.33, lon=18.07)
    graph.add_node("Gavle", lat=60.67, lon=17.14)
    graph.add_node("Lulea", lat=65.58, lon=22.15)
    graph.add_edge("South", "Gavle", capacity_bit_s=5e11)
    graph.add_edge("Gavle", "Lulea", capacity_bit_s=1e11)
    for ends in (("South", "Gavle"), ("South", "Lulea")):
        assert network.one_way_ms(*ends) == pytest.approx(Network.from_graph(graph).one_way_ms(*ends))


def test_a_scenario_on_a_file(tmp_path):
    zoo(tmp_path)
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "hubnet: 1\nname: Zoo\nnetwork: zoo.graphml\ndevices: {gpu: {speed: 1}}\nclock: {horizon: 1 h}\n"
        "workload: {classes: {c: {rate: 1 /min, devices: 1, work: 10 s, input: 1 GB}}}\n"
        "allocations: {as-built: {pools: {Lulea: {gpu: 4}}}}\n"
    )
    result = hn.simulate(hn.load(path))
    assert set(result.od["hub"]) == {"Lulea"}
    assert set(result.od["region"]) == {"South", "Gavle", "Lulea"}
    assert set(result.trunks["trunk"]) == {"South-Gavle", "Gavle-Lulea"}


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("<graphml", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><graphml', "entities"),
        ('<data key="d1">4e11</data>', "", "has no capacity"),
        ("59.33", "159.33", "lat of the node South"),
        ("</graphml>", "", "is not a graph that can be read"),
        (">4e11<", ">nan<", "capacity_bit_s of the edge South-Gavle"),
        ("LinkSpeedRaw", "capacity_bits", "Did you mean|did you mean|capacity_bit_s"),
        ('<data key="d2">59.33</data><data key="d3">18.07</data>', "", "no length_km"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, old, new, said):
    with pytest.raises(hn.TableError, match=said):
        read_network(zoo(tmp_path, ZOO.replace(old, new, 1)))


def test_a_missing_file_is_a_mistake_in_the_scenario(tmp_path):
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "hubnet: 1\nname: Zoo\nnetwork: nowhere.gml\nclock: {horizon: 1 h}\n"
        "workload: {classes: {c: {rate: 1 /min, devices: 1, work: 10 s}}}\n"
    )
    with pytest.raises(hn.ScenarioError, match=r"cannot read .*nowhere\.gml"):
        hn.load(path)


def test_two_directions_are_one_trunk_and_loops_none(tmp_path):
    graph = nx.DiGraph()
    graph.add_node("A", lat=1.0, lon=1.0, pools="gpu 3, cpu 2", hub=1)
    graph.add_node("B", lat=2.0, lon=2.0)
    graph.add_edges_from([("A", "B"), ("B", "A"), ("A", "A")], capacity_bit_s=1e9)
    nx.write_graphml(graph, tmp_path / "two.graphml")
    network = read_network(tmp_path / "two.graphml")
    assert network.trunks == (("A", "B"),)
    assert network.graph.edges["A", "B"]["capacity_bit_s"] == 1e9
    assert network.pools == {("A", "gpu"): 3, ("A", "cpu"): 2}
    assert network.hubs == ("A",)
    assert network.regions == ("A", "B")


def test_cables_of_a_directed_graph_are_counted_in_one_direction(tmp_path):
    """Two cables, each once per direction; the delays of the shorter one hold, as no length is given."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from("AB")
    for delay in (3.0, 2.0):
        for ends in ("AB", "BA"):
            graph.add_edge(*ends, capacity_bit_s=1e9, one_way_ms=delay)
    nx.write_graphml(graph, tmp_path / "two.graphml")
    data = read_network(tmp_path / "two.graphml").graph.edges["A", "B"]
    assert (data["capacity_bit_s"], data["cables"], data["one_way_ms"]) == (2e9, 2, 2.0)


def test_all_that_is_wrong_is_said_at_once_and_with_the_file(tmp_path):
    graph = nx.Graph()
    graph.add_node("A", lat=1.0, lon=1.0, pools="gpu", price_week="1 2 three")
    graph.add_node("B", lat=2.0, lon="east")
    graph.add_edge("A", "B", capacity_bit_s=1e9, cables="1.5")
    nx.write_graphml(graph, tmp_path / "wrong.graphml")
    with pytest.raises(hn.TableError) as error:
        read_network(tmp_path / "wrong.graphml")
    words = [problem.message for problem in error.value.problems]
    assert len(words) == 4
    assert all(word.startswith(str(tmp_path / "wrong.graphml")) for word in words)
    for part in ("pools of A", "price_week of the node A", "lon of the node B", "cables of the edge A-B"):
        assert any(part in word for word in words), part
