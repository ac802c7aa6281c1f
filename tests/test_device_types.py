"""Scenarios that mix types of devices: who runs where, what a supply leaves, and what loads then mean."""

import math
from pathlib import Path

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.policy import find_router
from hubnet.scenario.growth import restricted_share
from hubnet.screen.check import unequal_totals
from hubnet.study.expect import expect

CPU, H20, ASCEND = "CPU server 2x64 core", "NVIDIA H20", "Huawei Ascend 910C"
MIXED = {"mix": {"accelerator": 0.6, H20: 0.2, ASCEND: 0.2}, "add": {CPU: "1/64"}}


def nation(allocations, **more):
    workload = {"classes": "china", "load": "50 %"} | more.pop("workload", {})
    return hn.Scenario(
        name="types",
        network="china",
        clock={"horizon": "12 h"},
        scale=more.pop("scale", 0.02),
        fibre={"sharing": "none"},
        workload=workload,
        allocations=allocations,
        policy={"routing": more.pop("routing", "cheapest-in-time")},
        **more,
    )


def total(scenario, allocation, device=None):
    pools = scenario.allocation(allocation).pools
    return sum(n for (_, kind), n in pools.items() if device in (None, kind))


def test_the_speeds_are_those_of_the_catalogue():
    devices = nation({"a": {}}).network().devices
    assert devices[H20].speed == 148 / 320
    assert devices[ASCEND].speed == 752 / 320
    assert (devices[H20].restricted, devices[ASCEND].restricted, devices[CPU].kind) == (True, False, "cpu")
    assert devices["accelerator"].kind == "npu"
    assert sum(device.restricted for device in devices.values()) == 6  # A100, A800, H100, H800, H20, 4090


def test_a_mix_keeps_the_compute_of_every_hub():
    made = nation({"as-built": {}, "mixed": MIXED})
    speeds = {name: device.speed for name, device in made.network().devices.items()}
    built, mixed = (made.allocation(name).pools for name in made.allocations)
    for (hub, _), count in built.items():
        compute = {kind: n * speeds[kind] for (at, kind), n in mixed.items() if at == hub and kind != CPU}
        assert abs(math.fsum(compute.values()) - count) <= speeds[ASCEND] / 2
        assert compute[H20] == pytest.approx(0.2 * count, abs=1)
        assert mixed[hub, CPU] == pytest.approx(sum(n for (at, _), n in mixed.items() if at == hub) / 65, abs=1)
    assert unequal_totals({name: made.allocation(name) for name in made.allocations}, made.network().devices) == []
    more = nation({"as-built": {}, "more": {"scale": 1.1}})
    (warning,) = unequal_totals({name: more.allocation(name) for name in more.allocations}, more.network().devices)
    assert "not the same total" in warning.message


def test_each_class_runs_on_the_devices_that_suit_it():
    result = hn.simulate(nation({"mixed": MIXED}), allocation="mixed", records=True, gear="python")
    jobs = result.jobs[result.jobs["start_s"].notna() & (result.jobs["devices"] > 0)]
    types = jobs.groupby("class", observed=True)["pool"].agg(set)
    assert types["transcoding"] == {CPU}  # so it takes no accelerator time
    for name in ("pretraining", "fine-tuning", "development", "batch-inference", "driving"):
        assert types[name] <= {"accelerator", H20, ASCEND}
    assert len(types["development"]) > 1


def test_without_cpu_servers_transcoding_runs_on_accelerators():
    made = nation({"as-built": {}})
    klass = next(klass for klass in made.mix().classes if klass.name == "transcoding")
    setup = made.setup("as-built", find_router("nearest"), 1)
    assert (setup.fit[klass.place] == 1).all()
    assert klass.speed == 1
    with_cpus = nation({"a": {"add": {CPU: "1/64"}}})
    klass = next(klass for klass in with_cpus.mix().classes if klass.name == "transcoding")
    assert klass.speed == pytest.approx(8 / 320 * 40)


def test_no_job_runs_on_a_device_that_is_not_there():
    """At every instant the devices that jobs hold in a pool are no more than supplied; without supply, none."""
    for share in ("0 %", "30 %"):
        made = nation({"mixed": MIXED}, supply={"restricted": share}, routing="random")
        jobs = hn.simulate(made, records=True, gear="python").jobs
        jobs = jobs[jobs["start_s"].notna() & (jobs["devices"] > 0)]
        there = made.allocation("mixed").pools
        assert (total(made, "mixed", H20) == 0) == (share == "0 %")
        for (hub, kind), mine in jobs.groupby(["hub", "pool"], observed=True):
            ends = mine["end_s"].fillna(np.inf)
            times = np.concatenate([mine["start_s"], ends])
            change = np.concatenate([mine["devices"], -mine["devices"]])
            order = np.lexsort((change, times))  # at equal times devices are given back first
            assert np.cumsum(change[order]).max() <= there[hub, kind]
        assert (jobs["pool"] == H20).any() == (share != "0 %")


def test_a_supply_comes_before_the_load():
    """Offered device time, on the scale of reference devices, is the load of what is left: but for the transcoding, and
    for the weather and genomics on CPU servers, 40 times as fast as those are, that large gangs cannot use."""
    whole = nation({"mixed": MIXED}, scale=1)
    half = nation({"mixed": MIXED}, scale=1, supply={"restricted": "50 %"})
    assert half.capacity("mixed") == pytest.approx(0.9 * whole.capacity("mixed"), rel=2e-3)
    for made in (whole, half):
        pools = expect(made.setup("mixed", find_router("cheapest-in-time"), 1), made.mix().classes).pools
        speeds = {name: device.speed for name, device in made.network().devices.items()}
        taken = math.fsum(p.load * p.devices * speeds[p.device] for p in pools if p.devices)
        assert taken == pytest.approx(0.5 * made.capacity("mixed"), rel=2e-3)


@pytest.mark.parametrize(
    "supply, share",
    [
        ({"restricted": "40 %"}, 0.4),
        ({"restricted": "40 %", "growth": "-20 %", "since": 2025, "year": 2027}, 0.4 * 0.8**2),
        ({"restricted": "40 %", "growth": "50 %", "since": 2025, "year": 2024}, 0.4 / 1.5),
    ],
)
def test_the_share_of_a_year(supply, share):
    made = nation({"mixed": MIXED}, supply=supply)
    assert restricted_share(made.spec) == pytest.approx(share)
    without = nation({"mixed": MIXED}).allocation("mixed").pools
    for (hub, kind), count in made.allocation("mixed").pools.items():
        left = math.floor(without[hub, kind] * share + 1e-9) if kind == H20 else without[hub, kind]
        assert count == left


@pytest.mark.parametrize(
    "allocation, more, message, hint",
    [
        (MIXED, {"supply": {"restricted": "140 %"}}, "at most 1", "30 %"),
        (MIXED, {"supply": {"restrictd": "40 %"}}, 'unknown key "restrictd"', "restricted"),
        (MIXED, {"supply": {"restricted": "40 %", "growth": "-20 %"}}, "`since` and `year` are missing", "2027"),
        (
            MIXED,
            {"supply": {"restricted": "40 %", "growth": "60 %", "since": 2025, "year": 2027}},
            "by 2027 the share has grown beyond 100 %",
            "smaller growth",
        ),
        ({}, {"supply": {"restricted": "40 %"}}, "a supply changes nothing", "mix"),
        ({"mix": {H20: 0.5, ASCEND: 0.4}}, {}, "the shares add up to 90 %", "split"),
        ({"mix": {"NVIDIA H2O": 1}}, {}, 'unknown device type "NVIDIA H2O"', H20),
        ({"add": {"T-Head PPU (Alibaba)": 1}}, {}, 'no TFLOPS of "T-Head PPU (Alibaba)"', "{speed: 1}"),
        ({"pools": {"Wuhu": {"Huawei Ascend 950PR": 1}}}, {}, 'no TFLOPS of "Huawei Ascend 950PR"', "{speed: 1}"),
    ],
)
def test_mistakes(allocation, more, message, hint):
    with pytest.raises(hn.ScenarioError) as caught:
        nation({"a": allocation}, **more)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint


def test_a_speed_of_ones_own_makes_a_type_usable():
    own = {"T-Head PPU (Alibaba)": {"speed": 0.4, "power": "400 W"}}
    made = nation({"a": {"mix": {"T-Head PPU (Alibaba)": 1}}}, devices=own)
    assert total(made, "a") == pytest.approx(total(nation({"a": {}}), "a") / 0.4, rel=1e-3)


TWO = {
    "regions": {"R": {"at": [0, 0]}},
    "hubs": {"H": {"at": [0, 1], "pools": {H20: 100, "own": 10}}},
    "trunks": [{"between": ["R", "H"], "capacity": "1 Gbit/s"}],
}


def spelled_out(devices, **more):
    workload = {"classes": {"c": {"rate": "1 /h", "work": "1 h"}}}
    return hn.Scenario(name="two", network=TWO, devices=devices, clock={"horizon": "1 d"}, workload=workload, **more)


def test_a_spelled_out_network_may_take_types_from_a_nation():
    made = spelled_out({H20: {"from": "china"}, "own": {"speed": 2}}, supply={"restricted": "25 %"})
    devices = made.network().devices
    assert (devices[H20].speed, devices[H20].power_w, devices[H20].restricted) == (148 / 320, 400, True)
    assert made.allocation("as-built").pools == {("H", H20): 25, ("H", "own"): 10}
    assert made.capacity("as-built") == pytest.approx(25 * 148 / 320 + 20)
    more = spelled_out({H20: {"from": "china", "power": "500 W"}, "own": {}})
    assert more.network().devices[H20].power_w == 500


@pytest.mark.parametrize(
    "devices, message, hint",
    [
        ({H20: {"from": "chin"}, "own": {}}, 'no nation or folder is named "chin"', "china"),
        ({H20: {"from": "china", "speed": 1}, "own": {}}, "`speed` and `from` are given", "remove one"),
        ({H20: {}, "own": {"from": "china"}}, '"china" has no device type "own"', "known"),
        ({H20: {}, "own": {}, "T-Head PPU (Alibaba)": {"from": "china"}}, '"china" has no TFLOPS of', "known"),
    ],
)
def test_types_that_a_nation_does_not_have(devices, message, hint):
    with pytest.raises(hn.ScenarioError) as caught:
        spelled_out(devices)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint


def test_the_scenario_file_says_what_it_is():
    made = hn.load(Path(__file__).parent.parent / "scenarios" / "device-types.yaml")
    assert restricted_share(made.spec) == pytest.approx(0.49)
    whole = hn.load(made.spec.source.file, ["supply.year=2025"])
    for hub in made.network().hubs:
        mixed, all_of_it = (scenario.allocation("mixed").pools for scenario in (made, whole))
        assert mixed[hub, H20] == math.floor(0.49 * all_of_it[hub, H20])
        assert mixed[hub, ASCEND] == all_of_it[hub, ASCEND] > 0
    domestic = made.allocation("domestic").pools
    assert not any(made.network().devices[kind].restricted for (_, kind), n in domestic.items() if n)
