"""The built-in nation: the counts it was made from, the published delays, and a source behind every row."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from hubnet.network.describe import describe
from hubnet.network.geography import great_circle_km
from hubnet.network.nation import Nation, load_nation
from hubnet.network.network import Network


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation("china")


@pytest.fixture(scope="module")
def network(nation: Nation) -> Network:
    return Network.from_nation(nation)


def clusters(nation: Nation) -> list[str]:
    return [hub.city for hub in nation.hubs if hub.kind == "cluster"]


def test_counts(nation: Nation, network: Network) -> None:
    assert len(network.graph) == 51
    assert len(network.trunks) == 129
    assert sum(edge["cables"] for _, _, edge in network.graph.edges(data=True)) == 134
    assert len(network.hubs) == 27
    assert len(clusters(nation)) == 10
    assert len(network.regions) == 37
    assert len(nation.classes) == 16
    assert nation.notes == ()


def test_the_hubs_add_up_to_788_eflops(nation: Nation) -> None:
    """The official FP16 total of 2025-06; pools of whole devices keep it within one device per hub."""
    assert math.fsum(hub.eflops_fp16 or 0 for hub in nation.hubs) == pytest.approx(788, abs=0.5)
    devices = {row.hub: row.count for row in nation.pools}
    for hub in nation.hubs:
        assert devices[hub.city] * 320e12 == pytest.approx((hub.eflops_fp16 or 0) * 1e18, abs=160e12)


def test_trunks_are_the_routes_merged(nation: Nation) -> None:
    """Parallel routes: shortest length, summed capacity, the ends in the order of the first."""
    groups: dict[frozenset[str], list[dict[str, str]]] = {}
    for route in nation.tables["routes"]:
        groups.setdefault(frozenset((route["a"], route["b"])), []).append(route)
    assert sum(len(routes) > 1 for routes in groups.values()) == 5
    for trunk, routes in zip(nation.trunks, groups.values(), strict=True):
        assert (trunk.a, trunk.b) == (routes[0]["a"], routes[0]["b"])
        assert trunk.name == f"{trunk.a}-{trunk.b}"
        assert trunk.length_km == min(float(route["length_km"]) for route in routes)
        assert trunk.capacity_gbit_s == pytest.approx(math.fsum(float(r["capacity_gbit_s"]) for r in routes))
        assert trunk.cables == len(routes)


def test_great_circles_agree_with_those_of_the_researched_routes(nation: Nation, network: Network) -> None:
    """Computed elsewhere, rounded to 0.1 km."""
    for route in nation.tables["routes"]:
        ends = (network.graph.nodes[route[end]] for end in ("a", "b"))
        distance = great_circle_km(*((city["lat"], city["lon"]) for city in ends))
        assert distance == pytest.approx(float(route["great_circle_km"]), abs=0.06)


def test_delays_between_clusters_agree_with_the_published_ones(nation: Nation, network: Network) -> None:
    """CAICT, 2024Q1, optical, one-way: mean 9.7 ms, at most 17.1 ms, over the 45 pairs of the ten clusters."""
    delays = [network.one_way_ms(a, b) for a, b in combinations(clusters(nation), 2)]
    assert len(delays) == 45
    assert math.fsum(delays) / 45 == pytest.approx(9.7, rel=0.05)
    assert max(delays) == pytest.approx(17.1, rel=0.10)


@pytest.mark.parametrize(
    "layer, column", [("optical", "optical"), ("private-ip", "private_ip"), ("public-ip", "public_ip")]
)
def test_each_pair_agrees_with_an_independent_calculation(nation: Nation, layer: str, column: str) -> None:
    """delays.csv was computed by another program, rounded to 0.01 ms, and names its paths."""
    network = Network.from_nation(nation, layer)
    assert len(nation.tables["delays"]) == 45
    for row in nation.tables["delays"]:
        assert network.one_way_ms(row["a"], row["b"]) == pytest.approx(float(row[f"one_way_{column}_ms"]), abs=0.011)
        assert "-".join(network.path(row["a"], row["b"])) == row["path"]


def test_weights_are_split_by_city_without_loss(nation: Nation) -> None:
    """Shares of the provinces add up to 1, but for their five decimals."""
    for column in ("weight", "weight_gdp", "weight_population", "weight_ai"):
        assert math.fsum(getattr(row, column) for row in nation.regions) == pytest.approx(1, abs=2e-4)
    weight = {row.city: row.weight for row in nation.regions}
    assert weight["Nanjing"] + weight["Suzhou"] == pytest.approx(0.11111, abs=1e-5)
    assert weight["Suzhou"] / weight["Nanjing"] == pytest.approx(0.55 / 0.45, rel=1e-4)


def test_prices_and_carbon_are_those_of_the_province(nation: Nation, network: Network) -> None:
    """The contract price where there is one, the factor of 2022; the cluster in three provinces takes Shanghai's."""
    provinces = {row["province"]: row for row in nation.tables["provinces"]}
    for hub in nation.hubs:
        row = provinces[hub.province]
        price = row["price_contract_yuan_per_kwh"] or row["price_industrial_yuan_per_kwh"]
        assert hub.price_yuan_per_kwh == float(price) == network.graph.nodes[hub.city]["price"]
        assert hub.carbon_kg_per_kwh == float(row["carbon_2022_kg_per_kwh"] or row["carbon_kg_per_kwh"])
        assert 1 < hub.pue < 1.5
    assert network.graph.nodes["Hohhot"]["price"] == 0.38
    assert network.graph.nodes["Hohhot"]["carbon"] > network.graph.nodes["Guangzhou"]["carbon"]


def test_what_is_filled_is_marked(nation: Nation) -> None:
    tibet = next(row for row in nation.tables["provinces"] if row["province"] == "Tibet")
    assert (tibet["carbon_2022_kg_per_kwh"], tibet["confidence_carbon"]) == ("", "estimate")
    assert "stands in" in tibet["carbon_basis"]
    filled = {hub.city for hub in nation.hubs if hub.confidence_eflops == "estimate"}
    assert filled >= {"Beijing", "Shanghai", "Shenzhen", "Guangzhou", "Hangzhou", "Nanjing", "Chongqing", "Shaoguan"}
    assert {row.confidence_capacity for row in nation.trunks} == {"estimate"}


def test_areas_of_hubs_and_cities_agree(nation: Nation, network: Network) -> None:
    for city, node in network.graph.nodes(data=True):
        assert node["area"] in ("east", "central", "west", "northeast"), city


def test_classes(nation: Nation) -> None:
    """Shares of device time of all 16 add up to 100; the mode of a gang is the table's typical value."""
    assert math.fsum(row.share for row in nation.classes) == pytest.approx(100)
    kinds = {row.name: row for row in nation.classes}
    modes = {name: max(row.devices, key=lambda gang: gang[1])[0] for name, row in kinds.items()}
    assert modes["pretraining"] == 1024
    assert modes["driving"] == 64
    assert modes["backup"] == 0
    assert dict(kinds["development"].devices)[1] == 0.93
    assert all(n & (n - 1) == 0 for row in nation.classes for n, _ in row.devices)
    assert {name for name, row in kinds.items() if row.online} == {
        "interactive-inference",
        "image-generation",
        "recommendation",
        "online-services",
    }
    assert all(row.default_mix for row in kinds.values() if not row.online)
    assert kinds["astronomy"].regions == (("Guiyang", 1.0),)
    assert (kinds["transcoding"].share, kinds["transcoding"].jobs_share) == (0, 2)
    assert (kinds["backup"].share, kinds["backup"].jobs_share, kinds["backup"].median_s) == (0, 1, 0)
    assert kinds["driving"].input_gb == 100_000


def test_mixes(nation: Nation) -> None:
    """Each adds up to 100% of device time, all of it an estimate, over every class that has some."""
    assert nation.mix_names == ("default", "ai-heavy", "science-heavy")
    batch = {row.name for row in nation.classes if row.share and not row.online}
    for mix in nation.mix_names[1:]:
        rows = [row for row in nation.mixes if row.mix == mix]
        assert math.fsum(row.share for row in rows) == pytest.approx(100)
        assert {row.name for row in rows} == batch
        assert {row.confidence for row in rows} == {"estimate"}


def test_a_booked_wave_is_100_gbit_s_used_at_80_percent(nation: Nation, network: Network) -> None:
    """So 1 PB takes 27.8 h, as published."""
    assert network.wave_bit_s == pytest.approx(80e9)
    assert 8e15 / (network.wave_bit_s or 0) / 3600 == pytest.approx(27.8, abs=0.03)


def test_over_a_third_of_the_compute_is_in_the_centre_and_west(nation: Nation) -> None:
    facts = describe(nation)
    areas = {area.name: area for area in facts.areas}
    assert areas["central"].share + areas["west"].share > 1 / 3
    assert math.fsum(area.share for area in facts.areas) == pytest.approx(1)
    assert facts.outside is not None
    assert facts.outside.name == "all but east"
    assert facts.outside.share == pytest.approx(1 - areas["east"].share)
    assert facts.outside.hubs + areas["east"].hubs == 27


def test_the_description_counts_what_the_tables_hold(nation: Nation) -> None:
    facts = describe(nation)
    assert (facts.trunks.trunks, facts.trunks.routes) == (129, 134)
    assert facts.trunks.total_bit_s == pytest.approx(3152e12)
    assert (facts.trunks.longest, facts.trunks.longest_km) == ("Kunming-Lhasa", 2635.4)
    assert math.fsum(hub.eflops for hub in facts.hubs) == pytest.approx(788, abs=0.5)
    assert [hub.eflops for hub in facts.hubs] == sorted((hub.eflops for hub in facts.hubs), reverse=True)
    tables = {table.name: table for table in facts.tables}
    assert tables["regions"].figures == {"estimate": 37}
    assert tables["cities"].figures == {"sourced": 50, "derived": 1}
    assert facts.weak_spots[0][0] == "capacity of each trunk"
