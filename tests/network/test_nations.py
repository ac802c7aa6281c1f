"""What holds for every nation that comes with the package, whichever it is."""

import csv
import math

import networkx as nx
import pytest

from hubnet.network.describe import describe
from hubnet.network.geography import great_circle_km
from hubnet.network.nation import Nation, builtin_nations, load_nation
from hubnet.network.network import Network
from hubnet.network.tables import CONFIDENCE


@pytest.fixture(scope="module", params=builtin_nations())
def nation(request: pytest.FixtureRequest) -> Nation:
    return load_nation(request.param)


@pytest.fixture(scope="module")
def network(nation: Nation) -> Network:
    return Network.from_nation(nation)


def test_they_are_built_in() -> None:
    assert builtin_nations() == ["china", "united-states"]


def test_nothing_about_it_is_odd(nation: Nation) -> None:
    assert nation.notes == ()
    assert nation.name == nation.folder.name
    assert nation.title != nation.name


def test_every_row_of_every_table_has_a_source_and_a_confidence(nation: Nation) -> None:
    for path in sorted(nation.folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert rows, path.name
        for row in rows:
            assert row["source"].strip(), (path.name, row)
            assert row["confidence"] in CONFIDENCE, (path.name, row)
            mixed = [value for column, value in row.items() if column.startswith("confidence_") and value]
            assert set(mixed) <= set(CONFIDENCE), (path.name, row)


def test_one_cut_separates_nobody(network: Network) -> None:
    assert nx.is_k_edge_connected(network.graph, 2)


def test_no_delay_beats_light_in_a_straight_fibre(network: Network) -> None:
    table = network.path_table()
    for r, region in enumerate(network.regions):
        for h, hub in enumerate(network.hubs):
            a, b = (network.graph.nodes[city] for city in (region, hub))
            straight = great_circle_km((a["lat"], a["lon"]), (b["lat"], b["lon"])) * 4.9e-6
            assert straight <= table.one_way_s[r, h] < math.inf


def test_trunks_are_longer_than_the_map_but_no_detour(nation: Nation, network: Network) -> None:
    for trunk in nation.trunks:
        ends = (network.graph.nodes[city] for city in (trunk.a, trunk.b))
        straight = great_circle_km(*((city["lat"], city["lon"]) for city in ends))
        assert straight < (trunk.length_km or 0) < 2.6 * straight, trunk.name


def test_pools_are_the_compute_of_the_hubs(nation: Nation) -> None:
    """In whole devices, so to within one per hub; hubs.csv rounds to 0.01 EFLOPS."""
    devices = {row.hub: row.count for row in nation.pools}
    tflops = nation.reference_tflops or math.nan
    for hub in nation.hubs:
        assert devices[hub.city] * tflops * 1e-6 == pytest.approx(hub.eflops_fp16, abs=0.005 + tflops * 1e-6)
    total = math.fsum(hub.eflops_fp16 or 0 for hub in nation.hubs)
    assert total == pytest.approx(float(nation.scalars["compute_eflops_fp16"]), abs=0.5)


def test_hubs_have_all_that_policies_ask_for(nation: Nation) -> None:
    """Prices are in yuan: industry pays from 0.2 to 1.5 of them for a kWh, wherever it is."""
    for hub in nation.hubs:
        assert 0.2 < (hub.price_yuan_per_kwh or 0) < 1.5
        assert 0 < (hub.carbon_kg_per_kwh or 0) < 1.2
        assert 1 < hub.pue < 1.5
        assert hub.price_profile in nation.hours
        assert hub.carbon_profile in nation.hours


def test_every_city_lies_in_an_area(nation: Nation, network: Network) -> None:
    """Areas that both nations have keep results comparable: jobs from east to west, say."""
    areas = {node["area"] for _, node in network.graph.nodes(data=True)}
    assert areas >= {"east", "central", "west"}


def test_demand_adds_up_to_one(nation: Nation) -> None:
    """But for five decimals."""
    for column in ("weight", "weight_gdp", "weight_population", "weight_ai"):
        assert math.fsum(getattr(row, column) for row in nation.regions) == pytest.approx(1, abs=4e-4)


def test_shares_of_classes_add_up_in_every_mix(nation: Nation) -> None:
    assert math.fsum(row.share for row in nation.classes) == pytest.approx(100)
    batch = {row.name for row in nation.classes if row.share and not row.online}
    assert nation.mix_names[0] == "default"
    for mix in nation.mix_names[1:]:
        rows = [row for row in nation.mixes if row.mix == mix]
        assert math.fsum(row.share for row in rows) == pytest.approx(100)
        assert {row.name for row in rows} == batch


def test_the_classes_are_born_in_its_regions_and_run_on_its_devices(nation: Nation) -> None:
    regions, kinds = {row.city for row in nation.regions}, {row.kind for row in nation.devices}
    for row in nation.classes:
        assert {region for region, _ in row.regions} <= regions
        if row.default_mix and row.has_device_time and row.share:
            assert kinds & {kind for kind, _ in row.runs_on}, row.name


def test_the_description_counts_what_the_tables_hold(nation: Nation) -> None:
    facts = describe(nation)
    assert len(facts.hubs) == len(nation.hubs)
    assert math.fsum(area.share for area in facts.areas) == pytest.approx(1)
    assert math.fsum(area.demand for area in facts.areas) == pytest.approx(1)
    assert facts.weak_spots
    assert not any("unstated" in table.figures for table in facts.tables)
