"""Allocations by hand, and what no allocation may do: lose devices, turn one type into another, go below zero."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.errors import ScenarioError
from hubnet.network.allocation import allocate, apportion, convert, floor, nearest_demand, reserved, round_half_up
from hubnet.network.network import Device, Network
from hubnet.network.supply import supplied


@dataclass
class Move:
    from_: Any
    to: Any
    share: float


@dataclass
class Times:
    factor: float


@dataclass
class Spec:
    """The fields of a scenario's allocation."""

    like: str | None = None
    mix: dict[str, float] = field(default_factory=dict)
    add: dict[str, float] = field(default_factory=dict)
    rule: str | None = None
    pools: dict[str, dict[str, int]] = field(default_factory=dict)
    move: list[Move] = field(default_factory=list)
    scale: float = 1.0
    trunks: dict[str, Any] = field(default_factory=dict)


AREAS = {"P": "west", "Q": "west", "R": "east", "S": "east", "T": "centre"}
POOLS = {("P", "gpu"): 90, ("Q", "gpu"): 10, ("R", "gpu"): 30, ("S", "gpu"): 60, ("S", "cpu"): 7}


def network(pools: dict[tuple[str, str], int] | None = None) -> Network:
    """A chain P - Q - R - S - T of 100 km trunks; weights 1, 1, 2, 4, 2."""
    graph: nx.Graph = nx.Graph()
    for (city, area), weight in zip(AREAS.items(), (1, 1, 2, 4, 2), strict=True):
        graph.add_node(city, area=area, weight=weight)
    for a, b in ("PQ", "QR", "RS", "ST"):
        graph.add_edge(a, b, length_km=100, capacity_bit_s=100e9)
    return Network.from_graph(graph, hubs=list("PQRST"), pools=POOLS if pools is None else pools)


def pools_of(spec: Spec, scale: float = 1.0, **others: Spec) -> dict[tuple[str, str], int]:
    return allocate(network(), "it", {"it": spec, **others}, scale).pools


def trunks_of(spec: Spec, scale: float = 1.0) -> dict[str, float]:
    return allocate(network(), "it", {"it": spec}, scale).trunks


def problems_of(spec: Spec, **others: Spec) -> str:
    with pytest.raises(ScenarioError) as caught:
        pools_of(spec, **others)
    return str(caught.value)


def test_as_built() -> None:
    built = allocate(network(), "as-built")
    assert built.name == "as-built"
    assert built.pools == POOLS
    assert built.trunks == {"P-Q": 100e9, "Q-R": 100e9, "R-S": 100e9, "S-T": 100e9}
    assert pools_of(Spec()) == POOLS


def test_a_fifth_of_the_nation_is_rounded_half_up() -> None:
    """A quarter of 90, 10, 30, 60, 7: 22.5, 2.5, 7.5, 15, 1.75."""
    assert list(pools_of(Spec(), scale=0.25).values()) == [23, 3, 8, 15, 2]
    assert set(trunks_of(Spec(), scale=0.25).values()) == {25e9}


def test_a_move_by_hand() -> None:
    """30% of east: 9 of R's 30, 18 of S's 60, 2 of S's 7 cpu (2.1 floored). West holds 90 and 10 gpu: of 27, 24.3
    and 2.7 are due, so 24 and 2 and the last one to Q, whose remainder is larger. West has no cpu: one each."""
    moved = pools_of(Spec(move=[Move("east", "west", 0.3)]))
    assert moved == {
        ("P", "gpu"): 114,
        ("P", "cpu"): 1,
        ("Q", "gpu"): 13,
        ("Q", "cpu"): 1,
        ("R", "gpu"): 21,
        ("S", "gpu"): 42,
        ("S", "cpu"): 5,
    }


def test_a_move_is_floored_without_the_noise_of_floats() -> None:
    """90 x 0.7 is 62.99999999999999 in floats, and 63 devices."""
    assert 90 * 0.7 < 63
    assert pools_of(Spec(move=[Move("P", "R", 0.7)]))["P", "gpu"] == 27


def test_a_move_to_nobody_is_spread_evenly_with_ties_by_name() -> None:
    """5 of 7 cpu (0.72 x 7 = 5.04) to P and Q, which have none: 2.5 each, the odd one to P."""
    moved = pools_of(Spec(move=[Move("S", ["Q", "P"], 0.72)]))
    assert (moved["P", "cpu"], moved["Q", "cpu"], moved["S", "cpu"]) == (3, 2, 2)


def test_moves_follow_one_another() -> None:
    """All of Q to T, then half of T to Q."""
    moved = pools_of(Spec(move=[Move("Q", "T", 1.0), Move("T", "Q", 0.5)]))
    assert (moved["Q", "gpu"], moved["T", "gpu"]) == (5, 5)


def test_an_area_may_be_listed_beside_a_hub() -> None:
    moved = pools_of(Spec(move=[Move(["west", "R"], ["S"], 1.0)]))
    assert moved == {("P", "gpu"): 0, ("Q", "gpu"): 0, ("R", "gpu"): 0, ("S", "gpu"): 190, ("S", "cpu"): 7}


def test_a_move_within_itself_is_refused() -> None:
    assert "from and to the same hub: R" in problems_of(Spec(move=[Move("R", "east", 0.1)]))


def test_proportional_to_the_nearest_demand() -> None:
    """Every city is a hub, so each region's weight is its own: 1, 1, 2, 4, 2 of 190 gpu is 19, 19, 38, 76, 38; of 7 cpu
    0.7, 0.7, 1.4, 2.8, 1.4, so 0, 0, 1, 2, 1 and the last three by remainder: S 0.8, P and Q 0.7."""
    spread = pools_of(Spec(rule="proportional"))
    assert [spread[hub, "gpu"] for hub in "PQRST"] == [19, 19, 38, 76, 38]
    assert [spread[hub, "cpu"] for hub in "PQRST"] == [1, 1, 1, 3, 1]


def test_demand_goes_to_the_nearest_hub() -> None:
    """Hubs P and S only: P and Q are nearest to P; R is one trunk from S and two from P; T is next to S."""
    n = network()
    two = Network.from_graph(nx.Graph(n.graph), hubs=["P", "S"])
    assert nearest_demand(two) == {"P": 2, "S": 8}


def test_demand_in_the_middle_goes_to_the_first_hub() -> None:
    n = Network.from_graph(nx.Graph(network().graph), regions=["Q"], hubs=["R", "P"])
    assert nearest_demand(n) == {"R": 1, "P": 0}


def test_uniform() -> None:
    """190 over five hubs is 38 each; 7 is one each and two more, by name."""
    spread = pools_of(Spec(rule="uniform"))
    assert [spread[hub, "gpu"] for hub in "PQRST"] == [38] * 5
    assert [spread[hub, "cpu"] for hub in "PQRST"] == [2, 2, 1, 1, 1]


def test_square_root_of_the_nearest_demand() -> None:
    """Weights 1, 1, 2, 4, 2 have the roots 1, 1, 1.414, 2, 1.414, 6.828 together: of 190 gpu 27.8, 27.8, 39.4, 55.7,
    39.4; 187 as whole numbers, and three more by remainder: P and Q (0.83), then S (0.66)."""
    spread = pools_of(Spec(rule="square-root"))
    assert [spread[hub, "gpu"] for hub in "PQRST"] == [28, 28, 39, 56, 39]


def test_centralised_at_the_least_mean_delay() -> None:
    """P-Q-R-S-T is a line with the weights 1, 1, 2, 4, 2: its weighted middle is S, with 4 + 2 > 5 to its right."""
    n = network()
    line = nx.Graph(n.graph)
    spread = pools_of(Spec(rule="centralised"))
    best = min(line, key=lambda hub: sum(line.nodes[r]["weight"] * n.one_way_ms(r, hub) for r in n.regions))
    assert spread == {**dict.fromkeys(spread, 0), (best, "gpu"): 190, (best, "cpu"): 7}


def test_a_spelled_out_pool_replaces_its_own_count_only() -> None:
    assert pools_of(Spec(pools={"Q": {"gpu": 25, "cpu": 3}})) == {**POOLS, ("Q", "gpu"): 25, ("Q", "cpu"): 3}


def test_a_spelled_out_pool_counts_the_whole_nation() -> None:
    assert pools_of(Spec(pools={"Q": {"gpu": 25}}), scale=0.2)["Q", "gpu"] == 5


def test_like_starts_from_another_allocation() -> None:
    """`like` comes first, the allocation's own scale after the move: (90 + 30) x 1.5, (60 - 30) x 1.5."""
    base = Spec(pools={"R": {"gpu": 0}}, scale=2)
    built = pools_of(Spec(like="base", move=[Move("S", "P", 0.5)], scale=1.5), base=base)
    assert built == {
        ("P", "gpu"): 360,
        ("P", "cpu"): 11,
        ("Q", "gpu"): 30,
        ("R", "gpu"): 0,
        ("S", "gpu"): 90,
        ("S", "cpu"): 11,
    }


def test_the_order_rule_pools_move_scale() -> None:
    """uniform 38 each; Q set to 100; half of Q to P: 88 and 50; times 2."""
    built = pools_of(Spec(rule="uniform", pools={"Q": {"gpu": 100}}, move=[Move("Q", "P", 0.5)], scale=2))
    assert [built[hub, "gpu"] for hub in "PQRST"] == [176, 100, 76, 76, 76]


def test_trunks_take_a_capacity_or_a_factor() -> None:
    built = trunks_of(Spec(trunks={"all": Times(2), "R-S": 800e9, "S-T": 0.0}))
    assert built == {"P-Q": 200e9, "Q-R": 200e9, "R-S": 800e9, "S-T": 0}


def test_capacities_that_are_spelled_out_are_of_the_whole_nation() -> None:
    assert trunks_of(Spec(trunks={"R-S": 800e9, "P-Q": Times(3)}), scale=0.5) == {
        "P-Q": 150e9,
        "Q-R": 50e9,
        "R-S": 400e9,
        "S-T": 50e9,
    }


@pytest.mark.parametrize(
    "spec, message",
    [
        (Spec(like="bass"), r'unknown allocation "bass"'),
        (Spec(like="it"), "like itself, by way of it -> it"),
        (Spec(like="loop"), "like itself, by way of it -> loop -> it"),
        (Spec(pools={"PP": {"gpu": 1}}), 'unknown hub in allocations.it.pools: "PP"'),
        (Spec(pools={"P": {"gpus": 1}}), 'unknown device type in allocations.it.pools.P: "gpus"'),
        (Spec(move=[Move("wst", "east", 0.1)]), 'unknown hub or area in allocations.it.move.from: "wst"'),
        (Spec(move=[Move("west", "eats", 0.1)]), 'did you mean "east"?'),
        (Spec(trunks={"P-R": 1e9}), 'unknown trunk in allocations.it.trunks: "P-R"'),
    ],
)
def test_what_an_allocation_gets_wrong(spec: Spec, message: str) -> None:
    assert message in problems_of(spec, base=Spec(), loop=Spec(like="it"))


def test_all_mistakes_are_reported_at_once() -> None:
    wrong = Spec(pools={"PP": {"gpu": 1}}, move=[Move("wst", "east", 0.1)], trunks={"P-R": 1e9})
    with pytest.raises(ScenarioError) as caught:
        pools_of(wrong)
    assert len(caught.value.problems) == 3


def test_an_unknown_allocation() -> None:
    with pytest.raises(ScenarioError, match='did you mean "as-built"'):
        allocate(network(), "as_built", {"as-built": Spec()})


def test_reserved_is_floored_without_the_noise_of_floats() -> None:
    """30% of 10 is 3, of 7 is 2.1; 0.57 x 100 is 56.99999999999999 in floats; a third of 90 is 30."""
    assert [reserved(10, 0.3), reserved(7, 0.3), reserved(100, 0.57), reserved(90, 1 / 3)] == [7, 5, 43, 60]
    assert reserved(5, 0) == 5


def test_floor_and_rounding() -> None:
    assert [floor(2.999999), floor(3.0), floor(2.9999999999999996)] == [2, 3, 3]
    assert [round_half_up(0.5), round_half_up(1.49), round_half_up(2.4999999999999996)] == [1, 1, 3]


def test_apportion_by_largest_remainder() -> None:
    """10 over 1 : 1 : 4 is 1.67, 1.67, 6.67: one, one and six, and the two left by name, for remainders are equal."""
    assert apportion(10, {"c": 1, "b": 1, "a": 4}) == {"c": 1, "b": 2, "a": 7}


names = st.sampled_from("PQRST")
counts = st.dictionaries(st.tuples(names, st.sampled_from(["cpu", "gpu"])), st.integers(0, 10**6), min_size=1)
shares = st.floats(0, 1)


def totals(pools: dict[tuple[str, str], int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_, device), count in pools.items():
        total[device] += count
    return total


@settings(max_examples=150, deadline=None)
@given(
    counts,
    st.lists(st.builds(Move, st.lists(names, max_size=3), st.sets(names, min_size=1), shares), max_size=4),
    st.sampled_from([None, "uniform", "proportional", "square-root", "centralised"]),
)
def test_moves_and_rules_keep_every_total(
    pools: dict[tuple[str, str], int], moves: list[Move], rule: str | None
) -> None:
    for move in moves:
        move.from_ = [hub for hub in move.from_ if hub not in move.to]
    built = allocate(network(pools), "it", {"it": Spec(rule=rule, move=moves)}).pools
    assert totals(built) == totals(pools)
    assert min(built.values()) >= 0


@given(st.integers(0, 10**7), st.dictionaries(names, st.floats(0, 1e6), min_size=1))
def test_apportion_gives_everyone_their_quota(total: int, weights: dict[str, float]) -> None:
    """The quota rule: each share is the exact one, floored or one more; and nothing is lost."""
    shares = apportion(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    if whole > 1e-3:
        assert all(abs(shares[name] - total * weights[name] / whole) < 1.01 + total * 1e-5 for name in weights)


@given(st.integers(0, 10**7), shares)
def test_reserved_is_between_nothing_and_all(count: int, share: float) -> None:
    left = reserved(count, share)
    assert 0 <= left <= count
    assert abs((count - left) - count * share) < 1 + 1e-4


# -- types of devices

TYPES = {
    "gpu": Device("gpu", 1.0, kind="gpu"),
    "new": Device("new", 2.5, kind="gpu", restricted=True),
    "old": Device("old", 0.4, kind="gpu"),
    "cpu": Device("cpu", 0.05, kind="cpu"),
}


def typed(spec: Spec, scale: float = 1.0, supply: float = 1.0) -> dict[tuple[str, str], int]:
    """The pools, without empty ones, of a network that knows all of TYPES."""
    made = replace(network(), devices=TYPES)
    return {key: n for key, n in supplied(allocate(made, "it", {"it": spec}, scale), made, supply).pools.items() if n}


def test_a_mix_by_hand() -> None:
    """Half of each hub's compute in new devices, of 2.5, half in old ones, of 0.4; CPU servers stay. P: 90 is 18 x 2.5
    and 45 / 0.4 = 112.5: 44.8 and 0.2 left, and 0.4 is no nearer. Q: 10: 2 and 12.5, likewise. R: 30: 6 and 37.5. S:
    60: 12 and 75, exactly."""
    assert typed(Spec(mix={"new": 0.5, "old": 0.5})) == {
        ("P", "new"): 18,
        ("P", "old"): 112,
        ("Q", "new"): 2,
        ("Q", "old"): 12,
        ("R", "new"): 6,
        ("R", "old"): 37,
        ("S", "new"): 12,
        ("S", "old"): 75,
        ("S", "cpu"): 7,
    }


def test_the_largest_remainder_comes_first() -> None:
    """10 as 50% new, 30% old, 20% gpu: 2, 7.5 and 2 devices are 9.8; the 0.2 left are half an old one: no nearer. 11:
    2.2, 8.25 and 2.2 are 2 x 2.5 + 8 x 0.4 + 2; of the 0.8 left, old (0.25) takes 0.4; the others are too large."""
    shares, speeds = {"new": 0.5, "old": 0.3, "gpu": 0.2}, {name: TYPES[name].speed for name in ("new", "old", "gpu")}
    assert convert(10, shares, speeds) == {"new": 2, "old": 7, "gpu": 2}
    assert convert(11, shares, speeds) == {"new": 2, "old": 9, "gpu": 2}


@given(
    compute=st.integers(0, 100_000),
    weights=st.lists(st.integers(0, 10), min_size=1, max_size=5).filter(any),
    speeds=st.lists(st.floats(0.05, 5), min_size=5, max_size=5),
)
def test_a_mix_computes_as_much_to_within_half_a_device(compute: int, weights: list[int], speeds: list[float]) -> None:
    shares = {f"d{i}": weight / sum(weights) for i, weight in enumerate(weights)}
    speed = {f"d{i}": speeds[i] for i in range(len(weights))}
    counts = convert(compute, shares, speed)
    used = [speed[name] for name in shares if shares[name]]
    assert abs(math.fsum(counts[name] * speed[name] for name in counts) - compute) <= max(used) / 2 + 1e-6 * (
        compute + 1
    )
    for name, share in shares.items():
        assert abs(counts[name] - compute * share / speed[name]) <= 1 + 1e-6 * compute
        assert share or counts[name] == 0


@given(total=st.integers(0, 5000), weights=st.lists(st.integers(0, 10), min_size=1, max_size=5).filter(any))
def test_types_of_one_speed_are_shared_out_as_everything_else_is(total: int, weights: list[int]) -> None:
    shares = {f"d{i}": weight / sum(weights) for i, weight in enumerate(weights)}
    assert convert(total, shares, dict.fromkeys(shares, 1.0)) == apportion(total, shares)


def test_devices_are_added_for_each_accelerator_there() -> None:
    """1 CPU server for 16: 90, 10, 30 and 60 are 5.6, 0.6, 1.9 and 3.75: rounded, and S has 7 already."""
    added = typed(Spec(add={"cpu": 1 / 16}))
    assert {key: n for key, n in added.items() if key[1] == "cpu"} == {
        ("P", "cpu"): 6,
        ("Q", "cpu"): 1,
        ("R", "cpu"): 2,
        ("S", "cpu"): 11,
    }
    assert typed(Spec(add={"old": 1})) == {**POOLS, **{(hub, "old"): POOLS[hub, "gpu"] for hub in "PQRS"}}


def test_a_mix_goes_before_what_is_spelled_out_and_moved() -> None:
    spec = Spec(mix={"new": 1.0}, pools={"P": {"new": 3}}, move=[Move("R", "P", 0.5)])
    assert {key: n for key, n in typed(spec).items() if key[1] == "new"} == {
        ("P", "new"): 9,
        ("Q", "new"): 4,
        ("R", "new"): 6,
        ("S", "new"): 24,
    }


def test_a_supply_caps_the_restricted_types_last_of_all() -> None:
    """A third of 18, 2, 6 and 12 new devices, floored; then of none."""
    some = typed(Spec(mix={"new": 0.5, "old": 0.5}), supply=0.3)
    assert [some.get((hub, "new"), 0) for hub in "PQRS"] == [5, 0, 1, 3]
    assert [some[hub, "old"] for hub in "PQRS"] == [112, 12, 37, 75]
    assert not any(device == "new" for _, device in typed(Spec(mix={"new": 0.5, "old": 0.5}), supply=0.0))
    assert typed(Spec(), supply=0.0) == POOLS


@pytest.mark.parametrize(
    "spec, message",
    [
        (Spec(mix={"newt": 1.0}), 'unknown device type in allocations.it.mix: "newt"'),
        (Spec(add={"newt": 1.0}), 'unknown device type in allocations.it.add: "newt"'),
        (Spec(mix={"gpu": 0.5, "cpu": 0.5}), '"cpu" is a CPU server, and a mix is of accelerators'),
    ],
)
def test_types_that_cannot_be_mixed(spec: Spec, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        typed(spec)
    assert message in str(caught.value)
