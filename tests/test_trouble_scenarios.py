"""The scenarios of trouble show what their comments promise: the incident, and the recovery."""

import math
from pathlib import Path

import pytest

import hubnet as hn

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SMALL = ["scale=1/40", "clock.horizon=4 d"]


@pytest.fixture(scope="module")
def cut():
    return hn.simulate(hn.load(SCENARIOS / "fibre-cut.yaml", SMALL))


def test_the_cut_trunk_is_down_for_six_hours_and_then_carries_again(cut):
    (told,) = cut.incidents.itertuples()
    assert (told.kind, told.end_s - told.at_s) == ("cut", 6 * 3600)
    trunk = cut.trunks[(cut.trunks["from"] == "Xian") & (cut.trunks["to"] == "Taiyuan")]
    during = trunk[(trunk.start_s >= told.at_s) & (trunk.end_s <= told.end_s)]
    before = trunk[(trunk.start_s >= told.at_s - 86400) & (trunk.end_s <= told.at_s)]
    after = trunk[trunk.start_s >= told.end_s]
    assert during.use.isna().all()
    assert (during.up == 0).all()
    assert before.bits.sum() > 0
    assert after.bits.sum() > 0
    assert told.pairs_moved > 20
    assert told.pairs_cut_off == 0
    assert 0 < told.detour_mean_ms < told.detour_max_ms < 10


def test_others_take_over_while_it_is_down(cut):
    (told,) = cut.incidents.itertuples()
    bins = cut.trunks[(cut.trunks["from"] == "Qingyang") & (cut.trunks["to"] == "Taiyuan")]
    during = bins[(bins.start_s >= told.at_s) & (bins.end_s <= told.end_s)].use.mean()
    before = bins[(bins.start_s >= told.at_s - 86400) & (bins.end_s <= told.at_s)].use.mean()
    assert during > 3 * before


def test_the_dark_hub_is_empty_for_twelve_hours_and_then_works_again():
    result = hn.simulate(hn.load(SCENARIOS / "hub-outage.yaml", SMALL))
    power, maintenance = result.incidents.itertuples()
    hub = result.pools[result.pools.hub == "Zhangjiakou"]
    during = hub[(hub.start_s >= power.at_s) & (hub.end_s <= power.end_s)]
    after = hub[hub.start_s >= power.end_s]
    assert (during.devices == 0).all()
    assert (during.busy == 0).all()
    assert after.busy.sum() > 0
    assert power.jobs_displaced > 0
    assert power.work_lost_device_s > 0
    assert maintenance.jobs_displaced == 0
    assert math.isnan(maintenance.detour_mean_ms)


def test_the_queue_of_a_festival_outlasts_the_surge_and_more_devices_shorten_it():
    scenario = hn.load(SCENARIOS / "surge.yaml")
    few, more = (hn.simulate(scenario, allocation=name) for name in scenario.allocations)
    festival, lull = few.incidents.itertuples()
    assert (festival.what, festival.factor, festival.end_s - festival.at_s) == ("Festival", 3.0, 4 * 3600)
    assert lull.factor == 0.5
    last = {}
    for name, result in (("few", few), ("more", more)):
        waiting = result.pools.groupby("start_s")["waiting"].sum()
        assert waiting[festival.at_s - 3600 : festival.at_s - 900].max() < 10
        assert waiting.idxmax() >= festival.at_s
        last[name] = waiting[waiting > 100].index.max()
    assert last["few"] > festival.end_s + 3600
    assert last["more"] < last["few"]
    assert few.summary()["jobs"]["submitted"] == more.summary()["jobs"]["submitted"]
