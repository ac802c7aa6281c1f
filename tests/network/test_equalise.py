"""Allocations brought to the same total, by hand."""

import math

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hubnet as hn
from hubnet.errors import ScenarioError
from hubnet.network.allocation import Allocation
from hubnet.network.equalise import equalised, figure, total
from hubnet.network.network import Network
from hubnet.screen.equalised import equalised_words

DEVICES = {
    "fast": {"tflops_fp16": 300, "power": 700, "price": 200_000},
    "slow": {"tflops_fp16": 100, "power": 350, "price": 80_000},
    "odd": {},
}


def network() -> Network:
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from("PQ")
    graph.add_edge("P", "Q", length_km=100, capacity_bit_s=1e9)
    pools = {("P", "fast"): 10, ("Q", "slow"): 20}
    return Network.from_graph(graph, pools=pools, devices=DEVICES)


NETWORK = network()
FIRST = Allocation("first", {("P", "fast"): 10, ("Q", "slow"): 20}, {})  # 5,000 TFLOPS, 14 kW, 3.6 M yuan


def scaled(by: str, pools: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return equalised(NETWORK, by, Allocation("other", pools, {}), lambda: total(FIRST, by, NETWORK.devices)).pools


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("devices", (15, 15)),  # 30 in all, halves
        ("eflops", (13, 12)),  # 12.5 each: 12 and 12 leave 200 of 5,000 TFLOPS, more than half of a fast one
        ("power", (13, 14)),  # 13.3 each: 13 and 13 leave 350 W, not more than half of a fast one, but of a slow one
        ("yuan", (13, 12)),  # 12.9 each: 12 and 12 leave 240,000 yuan: one fast; then 40,000, not more than half a slow
    ],
)
def test_by_hand(by: str, counts: tuple[int, int]) -> None:
    found = scaled(by, {("P", "fast"): 40, ("Q", "slow"): 40})
    goal, other = total(FIRST, by, NETWORK.devices), total(Allocation("", found, {}), by, NETWORK.devices)
    assert abs(goal - other) <= (figure(NETWORK.devices["fast"], by) or 0) / 2
    assert (found["P", "fast"], found["Q", "slow"]) == counts


def test_halves_go_by_name() -> None:
    assert scaled("devices", {("P", "fast"): 21, ("Q", "fast"): 21}) == {("P", "fast"): 15, ("Q", "fast"): 15}
    assert scaled("devices", {("P", "fast"): 3, ("Q", "fast"): 1}) == {("P", "fast"): 23, ("Q", "fast"): 7}


def test_equal_totals_stay_as_they_are() -> None:
    pools = {("Q", "fast"): 10, ("P", "slow"): 20, ("P", "odd"): 0}
    made = Allocation("other", pools, {})
    for by in ("none", "devices", "eflops", "power", "yuan"):
        goal = 0.0 if by == "none" else total(FIRST, by, NETWORK.devices)
        assert equalised(NETWORK, by, made, lambda goal=goal: goal) is made


@given(
    by=st.sampled_from(["devices", "eflops", "power", "yuan"]),
    counts=st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(any),
)
def test_totals_are_met_within_half_a_device_and_shares_are_kept(by: str, counts: list[int]) -> None:
    keys = [(hub, device) for hub in "PQ" for device in ("fast", "slow")]
    before = dict(zip(keys, counts, strict=True))
    found = scaled(by, before)
    goal = total(FIRST, by, NETWORK.devices)
    made = total(Allocation("", found, {}), by, NETWORK.devices)
    assert abs(made - goal) <= (figure(NETWORK.devices["fast"], by) or 0) / 2 * (1 + 1e-9)
    factor = goal / total(Allocation("", before, {}), by, NETWORK.devices)
    for key, count in before.items():
        assert math.floor(count * factor - 1e-6) <= found[key] <= math.floor(count * factor + 1e-6) + 1


@pytest.mark.parametrize(("by", "lacks"), [("eflops", "TFLOPS"), ("power", "power"), ("yuan", "price")])
def test_a_type_that_lacks_the_figure_is_refused(by: str, lacks: str) -> None:
    with pytest.raises(ScenarioError, match=f'"odd" has no {lacks}'):
        scaled(by, {("P", "odd"): 3})
    assert scaled("devices", {("P", "odd"): 3}) == {("P", "odd"): 30}


def test_nothing_cannot_be_scaled() -> None:
    with pytest.raises(ScenarioError, match="no devices to scale"):
        scaled("devices", {("P", "fast"): 0})


def scenario(equalise: str) -> hn.Scenario:
    place = {"at": [60, 17]}
    return hn.Scenario(
        name="equal power",
        network={"regions": {"A": place}, "hubs": {"A": {**place, "pools": {"gpu": 100}}}, "trunks": []},
        devices={"gpu": {"power": "700 W"}, "old": {"power": "350 W", "speed": 0.4}},
        clock={"horizon": "1 h"},
        workload={"classes": {"jobs": {"rate": "1 /min", "devices": 1, "work": "1 min"}}},
        allocations={"now": {}, "mixed": {"pools": {"A": {"gpu": 60, "old": 60}}}, "same": {"like": "now"}},
        equalise=equalise,
    )


def test_in_a_scenario() -> None:
    """60 x 700 + 60 x 350 W = 63 kW to 70 kW: 66 and 66 leave 700 W: one more gpu."""
    made = scenario("power")
    pools = made.allocation("mixed").pools
    assert pools == {("A", "gpu"): 67, ("A", "old"): 66}
    assert made.allocation("same").pools == made.allocation("now").pools
    assert equalised_words(made) == ["equalised: mixed x 1.111, same as it is to 0.07 MW"]
    assert equalised_words(scenario("none")) == []


def test_a_scenario_without_the_figures() -> None:
    with pytest.raises(ScenarioError, match='"gpu" has no TFLOPS'):
        scenario("eflops")
