"""Every nation that comes with the package can be simulated by its name alone, with incidents at its places."""

from pathlib import Path

import pytest

import hubnet as hn
from hubnet.network.nation import builtin_nations, load_nation

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", builtin_nations())
def test_a_morning_of_it(name):
    nation = load_nation(name)
    trunk, hub = nation.trunks[-1], max(nation.pools, key=lambda pool: pool.count).hub
    far = max(nation.regions, key=lambda region: len(region.city)).city  # its name is the likeliest to have spaces
    scenario = hn.Scenario(
        name=name,
        network=name,
        clock={"horizon": "6 h"},
        scale=1 / 2000,
        workload={"classes": name, "load": "40 %"},
        policy={"routing": "cheapest-in-time"},
        allocations={"as-built": {}, "moved": {"move": {"from": hub, "to": nation.hubs[-1].city, "share": "10 %"}}},
        incidents=[
            {"at": "1 h", "lasting": "1 h", "cut": [trunk.b, trunk.a]},
            {"at": "1 h", "lasting": "2 h", "cut": trunk.name},
            {"at": "2 h", "lasting": "1 h", "outage": hub},
            {"at": "2 h", "lasting": "1 h", "surge": "all", "by": 3, "regions": far},
        ],
    )
    result = hn.simulate(scenario, allocation="moved", gear="python")
    jobs = result.summary()["jobs"]
    counts = {key: jobs[key]["value"] for key in ("submitted", "finished", "rejected", "unfinished")}
    assert counts["submitted"] == sum(counts[key] for key in ("finished", "rejected", "unfinished")) > 50
    assert counts["finished"] > counts["rejected"]
    assert sorted(result.incidents.kind) == ["cut", "cut", "outage", "surge"]
    assert result.utilization.utilization.sum() > 0


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_scenario_files_read(path):
    assert hn.load(path).name
