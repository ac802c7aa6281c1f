"""The nation `united-states`: its counts, and its figures against published ones."""

import math
from itertools import combinations, pairwise
from statistics import median

import pytest

from hubnet.network.geography import great_circle_km
from hubnet.network.nation import Nation, load_nation
from hubnet.network.network import Network

CENT = 0.0708  # yuan, at 7.08 per dollar


@pytest.fixture(scope="module")
def nation() -> Nation:
    return load_nation("united-states")


@pytest.fixture(scope="module")
def network(nation: Nation) -> Network:
    return Network.from_nation(nation)


def test_counts(nation: Nation, network: Network) -> None:
    assert len(network.graph) == 70
    assert len(network.trunks) == 135
    assert len(network.hubs) == 28
    assert len(network.regions) == 40
    assert len(nation.classes) == 16


def test_the_power_of_accelerators_is_of_the_published_order(nation: Nation) -> None:
    """LBNL 2024: accelerated servers took some 40 TWh in 2023, 4.6 GW; EPRI 2024: AI is 10 to 20% of all."""
    markets = {row["hub"]: row for row in nation.tables["markets"]}
    accelerators = math.fsum(float(row["accelerator_mw"]) for row in markets.values())
    assert accelerators == pytest.approx(40e6 / 8766, rel=0.1)
    assert 0.10 < accelerators / math.fsum(float(row["market_mw"]) for row in markets.values()) < 0.20
    for pool in nation.pools:
        assert pool.count * 310 * 1.5 == pytest.approx(float(markets[pool.hub]["accelerator_mw"]) * 1e6, abs=6e4)


def test_markets_hold_at_least_what_is_let_there(nation: Nation) -> None:
    """CBRE: 2,930.1 MW of colocation in Northern Virginia at the end of 2024, more than anywhere else."""
    let = {row["hub"]: float(row["colocation_mw"]) for row in nation.tables["markets"] if row["colocation_mw"]}
    assert (max(let, key=lambda hub: let[hub]), let["Ashburn"], let["Atlanta"]) == ("Ashburn", 2930.1, 1000.4)
    power = {row["hub"]: float(row["market_mw"]) for row in nation.tables["markets"]}
    assert all(power[hub] >= mw for hub, mw in let.items())
    assert max(power, key=lambda hub: power[hub]) == "Ashburn"


def test_prices_are_those_of_the_states(nation: Nation, network: Network) -> None:
    """EIA, Electric Power Annual 2023, industrial: cents per kWh."""
    for city, cents in (("Ashburn", 8.92), ("Santa Clara", 18.64), ("Dallas", 6.60), ("Quincy", 6.35), ("Reno", 10.36)):
        assert network.graph.nodes[city]["price"] == pytest.approx(cents * CENT, abs=1e-4)
    states = {row["state"]: row for row in nation.tables["states"]}
    for hub in nation.hubs:
        assert hub.price_yuan_per_kwh == float(states[hub.province]["price_industrial_yuan_per_kwh"])
        assert hub.carbon_kg_per_kwh == float(states[hub.province]["carbon_kg_per_kwh"])


def test_carbon_is_that_of_the_grid(network: Network) -> None:
    """EPA, eGRID2022, lb/MWh: Virginia/Carolina 623.0, California 497.4, Texas 771.1, the nation 823.1."""
    for city, pounds in (("Ashburn", 623.0), ("Santa Clara", 497.4), ("Dallas", 771.1)):
        assert network.graph.nodes[city]["carbon"] == pytest.approx(pounds * 0.45359237e-3, abs=1e-4)
    mean = math.fsum(network.graph.nodes[hub]["carbon"] for hub in network.hubs) / len(network.hubs)
    assert mean == pytest.approx(823.1 * 0.45359237e-3, rel=0.1)


def test_paths_are_as_much_longer_than_the_map_as_published(network: Network) -> None:
    """Bozkurt et al. 2018: 1.3 in the median, over pairs of large centres, by the shortest conduits."""
    place = {city: (node["lat"], node["lon"]) for city, node in network.graph.nodes(data=True)}
    ratios = []
    for a, b in combinations(network.regions, 2):
        steps = pairwise(network.path(a, b))
        km = math.fsum(network.graph.edges[step]["length_km"] for step in steps)
        ratios.append(km / great_circle_km(place[a], place[b]))
    assert median(ratios) == pytest.approx(1.3, rel=0.05)
    assert max(ratios) < 2


def test_measured_round_trips_lie_between_bare_fibre_and_the_internet_layer(nation: Nation) -> None:
    """WonderProxy 2011: 77.5 ms from New York to the Bay, 44 from Dallas; carriers: 60 to 70 to Los Angeles."""
    layers = [Network.from_nation(nation, layer) for layer in ("optical", "public-ip")]
    assert len(nation.tables["delays"]) == 7
    for row in nation.tables["delays"]:
        least, most = (2 * network.one_way_ms(row["a"], row["b"]) for network in layers)
        assert least < float(row["published_rtt_ms"]) < most, row


def test_coast_to_coast_takes_27_ms(network: Network) -> None:
    """One-way, in the fibre: 3,936 km of great circle, 1.3 x as long, at 4.9 us/km, and 12 nodes."""
    assert network.one_way_ms("New York", "Los Angeles") == pytest.approx(3936 * 1.3 * 4.9e-3 + 1.2, rel=0.05)
    assert network.path_table().one_way_s.max() < 0.032


def test_hours_are_eastern_time(nation: Nation) -> None:
    """The same shape comes three hours later where the sun does: cheap from 12 to 18 in the west."""
    mountain, pacific = nation.hours["price-solar-mountain"], nation.hours["price-solar-pacific"]
    assert pacific[1:24] == mountain[:23]
    assert min(range(24), key=lambda hour: pacific[hour]) == 12
    zones = {hub.city: hub.price_profile.rpartition("-")[2] for hub in nation.hubs}
    assert (zones["Ashburn"], zones["Dallas"], zones["Phoenix"], zones["Quincy"]) == (
        "eastern",
        "central",
        "mountain",
        "pacific",
    )


def test_what_is_judged_is_marked(nation: Nation) -> None:
    assert {hub.confidence_eflops for hub in nation.hubs} == {"estimate"}
    assert {trunk.confidence_capacity for trunk in nation.trunks} == {"estimate"}
    assert {row.confidence for row in nation.classes} == {"estimate"}
    assert all(row.source.startswith("stand-in") for row in (*nation.classes, *nation.mixes))
    assert all(row["source"].startswith("stand-in") for row in nation.tables["profile"])


def test_no_device_is_restricted_at_home(nation: Nation) -> None:
    assert not any(row.restricted for row in nation.accelerators)
    assert nation.catalogue["NVIDIA H100 SXM"].tflops_fp16 == 989
