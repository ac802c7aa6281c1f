"""Growth and supply by year: what a scenario is in a later year, by hand."""

import math

import numpy as np
import pandas as pd
import pytest

import hubnet as hn
from growing_world import GPU, GROWTH, TRAIN, growing, world
from hubnet.engine.policy import find_router

H20, ASCEND = "NVIDIA H20", "Huawei Ascend 910C"
BASE, YEAR = 2025, 2027
AGES = YEAR - BASE


def jobs_of(scenario):
    return hn.simulate(scenario, records=True, gear="python").jobs


def test_a_year_is_the_scenario_that_one_would_write_for_it():
    """Bit for bit, every job; the load speaks of the first year: 60 % of 20 devices of speed 2."""
    study = growing(growth=GROWTH)
    first = {klass.name: klass for klass in study.mix().classes}
    rate = 0.6 * 20 * 2 / first["train"].device_seconds
    assert first["train"].rate == pytest.approx(rate, rel=1e-12)
    classes = {
        "train": TRAIN | {"rate": f"{first['train'].rate * 1.3**AGES!r} /s"},
        "render": {
            "rate": f"{first['render'].rate * 1.5**AGES!r} /s",
            "work": {"exponential": {"mean": f"{3600 * 0.8**AGES!r} s"}},
            "input": f"{16e9 / 3600 / 0.8**AGES!r} bit/s",
            "deadline_slack": "2 h",
        },
    }
    pools = {"E": {GPU: 12}, "W": {GPU: 17}}  # 10 x 1.21 and 10 x 1.69, to the nearest
    speed = 2 * 1.15**AGES
    by_hand = world(pools, {GPU: {"speed": speed}}, {"classes": classes}, trunk=f"{1e10 * 1.1**AGES!r} bit/s")
    one, other = jobs_of(study.in_year(YEAR)), jobs_of(by_hand)
    assert len(one) > 300
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_first_year_is_the_scenario_as_it_is():
    without = growing(growth=GROWTH)
    pd.testing.assert_frame_equal(jobs_of(without.in_year(BASE)), jobs_of(growing(growth={"demand": "9 %"})))


def test_every_year_follows_from_the_first_and_not_from_the_one_before():
    """5 devices growing by 10 % a year, counted by hand: 5, 5.5, 6.05, 6.655, 7.32, 8.05."""
    made = world({"E": {GPU: 5}, "W": {GPU: 1}}, {GPU: {}}, {"classes": {"c": TRAIN | {"rate": "1 /h"}}},
                 years="2025..2030", growth={"capacity": "10 %/yr"})  # fmt: skip
    counts = [made.in_year(year).allocation("as-built").pools["E", GPU] for year in range(2025, 2031)]
    assert counts == [5, 6, 6, 7, 7, 8]
    assert made.in_year(2029).in_year(2026).allocation("as-built").pools["E", GPU] == 6
    assert [made.in_year(year).allocation("as-built").pools["W", GPU] for year in (2029, 2030)] == [1, 2]


def test_a_rate_is_found_by_hub_then_area_then_all():
    rates = {"all": "100 %/yr", "west": "0 %/yr", "E": "200 %/yr"}
    pools = growing(growth={"capacity": rates}).in_year(2026).allocation("as-built").pools
    assert pools == {("E", GPU): 30, ("W", GPU): 10}
    trunks = growing(growth={"trunks": {"all": "50 %/yr", "Coast-E": "-50 %/yr"}}).in_year(2026)
    assert list(trunks.allocation("as-built").trunks.values()) == [5e9, 1.5e10, 1.5e10]


def test_a_nations_classes_grow_too():
    """Those whose rate follows from their share of the jobs as well."""
    made = hn.Scenario(
        name="nation", network="china", clock={"horizon": "1 d"}, scale=0.02, years="2025..2027",
        workload={"classes": "china", "load": "50 %"},
        growth={"demand": "30 %", "classes": {"pretraining": {"demand": "50 %", "work": "-20 %"}}},
    )  # fmt: skip
    now, then = ({c.name: c for c in one.mix().classes} for one in (made, made.in_year(2027)))
    for name, klass in then.items():
        pretraining = name == "pretraining"
        assert klass.rate == now[name].rate * (1.5**2 if pretraining else 1.3**2)
        assert klass.work.mean == pytest.approx(now[name].work.mean * (0.8**2 if pretraining else 1), rel=1e-12)
        assert klass.input == now[name].input


def test_demand_comes_home():
    made = growing(growth={"demand": "20 %"}, abroad={"demand": "10 %", "returns": 2027})
    first = [klass.rate for klass in made.mix().classes]
    for year, factor in ((2025, 1), (2026, 1.2), (2027, 1.44 * 1.1), (2030, 1.2**5 * 1.1)):
        assert [klass.rate for klass in made.in_year(year).mix().classes] == pytest.approx([r * factor for r in first])


def types(**supply):
    """100 H20 (restricted, speed 148/320) in the east and 10 of one's own; none of either in the west."""
    pools = {"E": {H20: 100, GPU: 10}, "W": {GPU: 10}}
    devices = {H20: {"from": "china"}, ASCEND: {"from": "china"}, GPU: {}}
    classes = {"c": {"rate": "60 /h", "work": "40 min"}}
    return world(pools, devices, {"classes": classes}, years="2025..2028", supply=supply, policy={"routing": "random"})


def test_the_supply_is_that_of_the_year():
    made = types(restricted="40 %", growth="-20 %/yr")
    left = [made.in_year(year).allocation("as-built").pools["E", H20] for year in range(2025, 2029)]
    assert left == [40, 32, 25, 20]  # floor of 40, 32, 25.6, 20.48
    late = types(restricted="40 %", growth="-20 %/yr", since=2024, ends=2027)
    assert [late.in_year(y).allocation("as-built").pools["E", H20] for y in range(2025, 2029)] == [32, 25, 0, 0]


def test_domestic_devices_fill_in_at_the_same_hub():
    """60, then 100 H20 are lost; 80 % of their compute is 60 x 0.8 x 148 / 752 = 9.4 and 15.7 Ascends."""
    made = types(restricted="40 %", ends=2026, fill={"with": ASCEND, "share": "80 %"})
    assert made.allocation("as-built").pools == {("E", H20): 40, ("E", ASCEND): 9, ("E", GPU): 10, ("W", GPU): 10}
    pools = made.in_year(2026).allocation("as-built").pools
    assert pools == {("E", H20): 0, ("E", ASCEND): 16, ("E", GPU): 10, ("W", GPU): 10}
    result = hn.simulate(made.in_year(2026), records=True, gear="python")
    assert {H20}.isdisjoint(result.jobs["pool"].dropna())
    assert (result.jobs["pool"] == ASCEND).sum() > 100
    setup = made.in_year(2026).setup("as-built", find_router("random"), 1)
    catalogue = made.network().devices
    speed, power = catalogue[ASCEND].speed, catalogue[ASCEND].power_w
    assert [(pool["speed"], pool["power"]) for pool in setup.pools if pool["devices"] == 16] == [(speed, power)]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_no_job_holds_a_device_that_is_not_there_in_its_year(year):
    made = types(restricted="50 %", growth="-40 %/yr", ends=2027, fill={"with": ASCEND, "share": "50 %"}).in_year(year)
    there = made.allocation("as-built").pools
    jobs = jobs_of(made)
    jobs = jobs[jobs["start_s"].notna()]
    for (hub, kind), mine in jobs.groupby(["hub", "pool"], observed=True):
        times = np.concatenate([mine["start_s"], mine["end_s"].fillna(np.inf)])
        change = np.concatenate([mine["devices"], -mine["devices"]])
        order = np.lexsort((change, times))  # at equal times devices are given back first
        assert np.cumsum(change[order]).max() <= there[hub, kind]
    assert (jobs["pool"] == H20).any() == (year < 2027)


CLASSES = {"c": TRAIN | {"rate": "1 /h"}}


@pytest.mark.parametrize(
    "more, message, hint",
    [
        ({"growth": {"demand": "30 %"}}, "`growth` speaks of the years of a study", "2025..2030"),
        ({"year": 2027}, "`year` speaks of the years", "remove it"),
        ({"years": "2025..2030", "year": 2031}, "2031 is not within the years", "choose another"),
        ({"years": "2030..2025"}, "do not go up", "2025..2030"),
        ({"years": [2025, 2025]}, "do not go up", "2025..2030"),
        ({"years": "soon"}, "is not a range of years", "[2025, 2027, 2030]"),
        ({"years": "2025..2027", "growth": {"demand": "-100 %"}}, "out of range", "30 %/yr"),
        ({"years": "2025..2027", "growth": {"capacity": {"eastt": "1 %"}}}, 'unknown hub or area "eastt"', "east"),
        ({"years": "2025..2027", "growth": {"trunks": {"E-Coast": "1 %"}}}, 'unknown trunk "E-Coast"', "Coast-E"),
        ({"years": "2025..2027", "growth": {"device_speed": {"gpx": "1 %"}}}, 'unknown device type "gpx"', "gpu"),
        ({"years": "2025..2027", "growth": {"classes": {"d": {}}}}, 'unknown class "d"', "c"),
        ({"years": "2025..2027", "promises": {"classes": {"d": {}}}}, 'unknown class "d"', "c"),
        ({"years": "2025..2027", "abroad": {"demand": "10 %", "returns": 2025}}, "changes nothing", "2026 to 2027"),
        ({"years": "2025..2027", "abroad": {"demand": "10 %", "returns": 2028}}, "changes nothing", "2026 to 2027"),
    ],
)
def test_mistakes(more, message, hint):
    with pytest.raises(hn.ScenarioError) as caught:
        world({"E": {GPU: 4}, "W": {GPU: 4}}, {GPU: {}}, {"classes": CLASSES}, **more)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    "supply, message, hint",
    [
        ({"year": 2026}, "the year of the study is that of the supply", "remove it"),
        ({"since": 2025}, "`growth` is missing", "add it"),
        ({"growth": "60 %/yr"}, "by 2027 the share has grown beyond 100 %", "smaller growth"),
        ({"ends": 2030}, "2030 is after the last year", "up to 2028"),
        ({"fill": {"with": "Ascent"}}, 'unknown device type "Ascent"', ASCEND),
        ({"fill": {"with": H20}}, "is restricted too", "Huawei Ascend 910C"),
    ],
)
def test_mistakes_of_a_supply(supply, message, hint):
    with pytest.raises(hn.ScenarioError) as caught:
        types(restricted="40 %", **supply)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint


def test_a_trace_has_its_jobs(tmp_path):
    (tmp_path / "jobs.csv").write_text("submit,devices,run\n0,1,60\n10,1,60\n")
    trace = {"trace": str(tmp_path / "jobs.csv"), "map": {"submit": "submit", "devices": "devices", "work": "run"}}
    pools = {"E": {GPU: 4}, "W": {GPU: 4}}
    with pytest.raises(hn.ScenarioError, match="their demand does not grow"):
        world(pools, {GPU: {}}, trace, years="2025..2027", growth={"demand": "30 %"})


def test_a_year_out_of_reach_is_told():
    with pytest.raises(hn.ScenarioError, match="2040 is not within"):
        growing(growth=GROWTH).in_year(2040)
    assert math.isclose(growing(growth=GROWTH).in_year(2030).capacity("as-built"), (16 + 37) * 2 * 1.15**5)
