"""Rates from shares: each class gets its share of device time, exactly in the mean, within limits when drawn."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.policy import find_router
from hubnet.network.network import Device
from hubnet.study.expect import expect
from hubnet.workload.arrivals import job_blocks
from hubnet.workload.distributions import Lognormal
from hubnet.workload.mix import Fleet, Frame, Place, build_mix
from hubnet.workload.parts import class_parts, class_specs
from hubnet.workload.rates import Swings
from workload.limits import near, poisson

DAY = 86400.0
NETWORK = {
    "regions": {"R": {"at": [0, 0], "weight": 1}, "S": {"at": [1, 1], "weight": 3}},
    "hubs": {
        "H": {"at": [0, 1], "pools": {"cpu": 100, "gpu": 10}, "area": "west"},
        "I": {"at": [1, 1], "pools": {"cpu": 50}},
    },
    "trunks": [{"between": ["R", "H"], "capacity": "1 Gbit/s"}, {"between": ["H", "S"], "capacity": "1 Gbit/s"}],
}


def scenario(classes, load=0.5, **more):
    clock = more.pop("clock", {"horizon": "1 d"})
    devices = {"cpu": {"speed": 1}, "gpu": {"speed": 20}}
    return hn.Scenario(
        name="mix", network=NETWORK, devices=devices, clock=clock, workload={"classes": classes, "load": load, **more}
    )


def drawn(scenario, seed=1):
    return np.concatenate(list(scenario.setup(scenario.allocations[0], find_router("nearest"), seed).blocks()))


def nation(scale, horizon="7 d", **workload):
    return hn.Scenario(
        name="nation",
        network="china",
        clock={"horizon": horizon},
        scale=scale,
        workload={"classes": "china", "load": "60 %"} | workload,
    )


SIZES = [  # devices, work, scaling; all with a share
    (1, "1 h", 0),
    ({"powers": {"from": 1, "to": 64, "slope": 0.5}}, {"weibull": {"scale": "1 h", "shape": 0.5}}, 0.4),
    ({"choice": {0: 0.2, 1: 0.3, 8: 0.5}}, {"pareto": {"least": "5 min", "shape": 1, "cap": "2 d"}}, -0.5),
    ({"empirical": [1, 1, 1, 16]}, {"gamma": {"mean": "1 h", "shape": 0.3, "cap": "5 h"}}, 0),
    (2, {"empirical": ["1 min", "2 h", "2 h"]}, 1),
    (4, {"lognormal": {"median": "1 h", "sigma": 1, "cap": "4 h"}}, 0.1),
]


def test_the_load_is_exact_for_every_kind_of_size():
    # 150 cpus of speed 1 and 10 gpus of speed 20: 350 reference devices; half of them are asked for
    shares = [0.1, 0.2, 0.3, 0.2, 0.1, 0.3]
    classes = {
        f"c{i}": {"share": share, "devices": devices, "work": work, "scaling": scaling}
        for i, (share, (devices, work, scaling)) in enumerate(zip(shares, SIZES, strict=True))
    }
    made = scenario(classes)
    asked = [klass.rate * klass.device_seconds for klass in made.mix().classes]
    assert asked == pytest.approx([0.5 * 350 * share / 1.2 for share in shares])
    # and what is drawn: a compound Poisson sum, whose variance is rate x time x E[(devices x work)^2]
    rows = drawn(made)
    for k, klass in enumerate(made.mix().classes):
        mine = rows[rows["klass"] == k]
        product = mine["devices"] * mine["work"]
        assert poisson(len(mine), klass.rate * DAY)
        assert near(product.sum(), asked[k] * DAY, math.sqrt((product**2).sum()))


def test_nations_classes_keep_their_shares_of_device_time():
    made = nation(scale=1)
    rows = {row.name: row for row in made.nation().classes}
    classes = [klass for klass in made.mix().classes if rows[klass.name].share]
    total = sum(rows[klass.name].share for klass in classes)
    assert total == 70  # per cent: the others are online
    capacity = made.capacity("as-built")
    for klass in classes:
        share = rows[klass.name].share / total
        assert klass.rate * klass.device_seconds == pytest.approx(0.6 * capacity * share)


# Shares of device time in percent. default: classes.csv without the online classes; the others: mixes.csv.
MIXES = {
    "default": (30, 8, 9, 7, 6, 2, 3, 1, 2, 2),
    "ai-heavy": (48, 13, 13, 12, 9, 1, 1.5, 0.5, 1, 1),
    "science-heavy": (18, 5, 7, 5, 5, 5, 15, 5, 10, 25),
}
SHARING = "pretraining fine-tuning development batch-inference driving film genomics astronomy remote-sensing weather"


def moment(klass, order):
    """E[(devices x work)^order]: a power of a lognormal cut at a cap is one cut at the cap's power."""
    work = Lognormal(klass.work.median**order, order * klass.work.sigma, klass.work.cap**order)
    return work.mean * math.fsum(klass.devices.shares * klass.devices.values.astype(float) ** order)


@pytest.mark.parametrize("mix", MIXES)
def test_each_class_takes_its_share_of_the_device_time_in_every_mix(mix):
    """Of each class 200,000 jobs or so are drawn, over a span of its own: device-seconds per second are compound
    Poisson, A over the span T, of mean m = rate E[x] and variance v = rate E[x^2] / T, with x = devices x work. So
    A_k/T_k - s_k sum_j A_j/T_j has mean 0 and variance (1 - s_k)^2 v_k + s_k^2 sum_{j != k} v_j. Its skewness is
    small (computed), so it is nearly normal: a right program fails in one of 30 checks with a chance of 30 x 1e-4."""
    made = nation(scale=1, mix=mix)
    classes = {klass.name: replace(klass, week=None) for klass in made.mix().classes}
    assert set(classes) == {*SHARING.split(), "backup", "transcoding"}
    shares = dict(zip(SHARING.split(), np.array(MIXES[mix]) / sum(MIXES[mix]), strict=True))
    found, variance, third = {}, {}, {}
    for name in shares:
        klass = classes[name]
        span = 2e5 / klass.rate
        rows = np.concatenate(list(job_blocks((klass,), made.network().regions, 1, 0, span)))
        found[name] = (rows["devices"] * rows["work"]).sum() / span
        variance[name], third[name] = klass.rate * moment(klass, 2) / span, klass.rate * moment(klass, 3) / span**2
    total = math.fsum(found.values())
    for name, share in shares.items():
        weights = {other: (1.0 if other == name else 0.0) - share for other in shares}
        spread = math.fsum(weights[other] ** 2 * variance[other] for other in shares)
        skew = math.fsum(weights[other] ** 3 * third[other] for other in shares) / spread**1.5
        assert abs(skew) < 0.2
        assert near(found[name] - share * total, 0.0, math.sqrt(spread)), name
    rate = math.fsum(classes[name].rate for name in shares)
    assert classes["backup"].rate == pytest.approx(rate * 1 / 50)  # 1% of the jobs, these classes have 50%
    assert classes["transcoding"].rate == pytest.approx(rate * 2 / 50)


def test_without_a_mix_it_is_the_default_one():
    plain, named = nation(scale=0.1).mix().classes, nation(scale=0.1, mix="default").mix().classes
    assert [(klass.name, klass.rate) for klass in plain] == [(klass.name, klass.rate) for klass in named]


@pytest.mark.parametrize(
    "workload, message, hint",
    [
        ({"mix": "ai-heavi"}, 'unknown mix "ai-heavi"', "ai-heavy"),
        ({"mix": "x"}, 'unknown mix "x"', "science-heavy"),
        (
            {"classes": {"c": {"rate": "1 /s", "work": "1 s"}}, "load": None, "mix": "default"},
            "a mix is of a nation",
            "",
        ),
    ],
)
def test_a_mix_that_is_not_there(workload, message, hint):
    with pytest.raises(hn.ScenarioError) as caught:
        nation(1, **workload)
    assert len(caught.value.problems) == 1
    assert message in caught.value.problems[0].message
    assert hint in caught.value.problems[0].hint


def test_what_a_nations_classes_ask_for_in_a_week_is_within_its_limits():
    # work is a capped lognormal, so its square is one with (median^2, 2 sigma, cap^2): the second moment is exact
    made = nation(scale=0.2)
    rows, week = drawn(made), 7 * DAY
    submitted = rows[rows["submit"] > 0]  # without those that were under way
    for k, klass in enumerate(made.mix().classes):
        mine, work = submitted[submitted["klass"] == k], klass.work
        square = Lognormal(work.median**2, 2 * work.sigma, work.cap**2).mean if work.median else 0.0
        square *= math.fsum(klass.devices.shares * klass.devices.values**2)
        assert poisson(len(mine), klass.rate * week), klass.name
        asked = (mine["devices"] * mine["work"]).sum()
        assert near(asked, klass.rate * week * klass.device_seconds, math.sqrt(klass.rate * week * square)), klass.name


def test_a_nations_profile_is_for_the_classes_whose_tables_say_so():
    with_week = {klass.name for klass in nation(1).mix().classes if klass.week}
    assert with_week == {"fine-tuning", "development", "weather"}
    assert not any(klass.week for klass in nation(1, profile="flat").mix().classes)
    assert all(klass.week for klass in nation(1, profile="china").mix().classes)
    fine_tuning = next(klass for klass in nation(1).mix().classes if klass.name == "fine-tuning")
    assert fine_tuning.week[17] / fine_tuning.week[6] == pytest.approx(1.787 / 0.173)
    assert fine_tuning.week[120 + 16] / fine_tuning.week[5] == pytest.approx(1.694 / 0.18)


def test_a_class_goes_before_the_workload():
    day = {"weekday": [1] * 12 + [3] * 12}
    classes = {
        "a": {"rate": "1 /s", "work": "1 s"},
        "b": {"rate": "1 /s", "work": "1 s", "profile": "flat"},
        "c": {"rate": "1 /s", "work": "1 s", "profile": {"weekday": [1] * 24, "weekend": [0] * 24}},
    }
    a, b, c = scenario(classes, load=None, profile=day).mix().classes
    assert a.week == pytest.approx(((0.5,) * 12 + (1.5,) * 12) * 7)
    assert b.week is None
    assert c.week == pytest.approx((1.4,) * 120 + (0.0,) * 48)


def test_trend_bursts_campaigns_and_data_reach_the_class():
    classes = {
        "c": {
            "rate": "1 /s",
            "work": "1 h",
            "trend": {"by": 1.5},
            "swings": {"busy": "1 h", "quiet": "3 h", "by": 4},
            "bursts": {"cv": 3},
            "campaigns": {"size": {"choice": {1: 0.5, 9: 0.5}}},
            "input": "2 GB/h",
            "output": {"exponential": {"mean": "1 MB"}},
        },
        "d": {"rate": "1 /s", "work": "1 h", "trend": {"by": 1.3, "over": "365 d"}},
    }
    c, d = scenario(classes, load=None).mix().classes
    assert c.growth == pytest.approx(math.log(1.5) / DAY)
    assert d.growth == pytest.approx(math.log(1.3) / (365 * DAY))
    assert (c.swings, d.swings) == (Swings(3600, 3 * 3600, 4), None)
    assert (c.cv, c.campaign.mean) == (3, 5)
    assert (c.input, c.output) == (pytest.approx(16e9), 8e6)
    assert (d.cv, d.campaign, d.input) == (1.0, None, 0.0)


def test_the_mean_speed_of_a_place_by_hand():
    pools, speeds = {("H", "cpu"): 100, ("H", "gpu"): 10, ("I", "cpu"): 50}, {"cpu": 1.0, "gpu": 20.0}
    fleet = Fleet(pools, {name: Device(name, speed) for name, speed in speeds.items()}, {"H": "west", "I": None})
    for place, speed in (
        (Place(), 350 / 160),
        (Place(areas=("west",)), 300 / 110),
        (Place(runs_on=("gpu",)), 20.0),
        (Place(hubs=("I",), runs_on=("gpu",)), 1.0),
        (Place(runs_on=("gpu", "cpu"), factors=(0.5, 2.0)), (10 * 20 * 0.5 + 150 * 2) / 160),
    ):
        assert fleet.mean_speed(place) == pytest.approx(speed)
        assert place.factors or fleet.mean_factor(place) == 1
    assert fleet.mean_factor(place) == pytest.approx(400 / 350)
    classes = {"c": {"rate": "1 /s", "work": "1 h", "runs_on": ["gpu"]}, "d": {"rate": "1 /s", "work": "1 h"}}
    assert [klass.speed for klass in scenario(classes, load=None).mix().classes] == pytest.approx([20, 350 / 160])


def test_a_load_counts_the_time_that_the_devices_take():
    """A class that is half as fast takes twice the time of its devices: it has half as many jobs for the same load."""
    half = {"c": {"share": 1, "work": "1 h", "runs_on": {"cpu": 0.5, "gpu": 0.5}}}
    twice = {"c": {"share": 1, "work": "1 h", "runs_on": {"cpu": 2}}}
    for classes, factor in ((half, 0.5), (twice, 2.0)):
        made = scenario(classes)
        (klass,) = made.mix().classes
        assert klass.rate * 3600 == pytest.approx(0.5 * 350 * factor)
        router = find_router("random" if factor == 0.5 else "least-response")
        pools = expect(made.setup("as-built", router, 1), made.mix().classes).pools
        speeds = {"cpu": 1, "gpu": 20}
        assert math.fsum(p.load * p.devices * speeds[p.device] for p in pools) == pytest.approx(0.5 * 350)


def test_profiles_need_no_start_but_follow_it():
    day = {"weekday": [0] * 12 + [1] + [0] * 11, "weekend": [0] * 24}
    classes = {"c": {"rate": "100 /h", "work": "1 s", "profile": day}}
    for clock, first in (({"horizon": "2 d"}, 12), ({"horizon": "2 d", "start": "2025-06-02 10:30"}, 1.5)):
        hours = drawn(scenario(classes, load=None, clock=clock))["submit"] / 3600
        assert set((hours - first) // 1) == {0.0, 24.0}
    weekend = scenario(classes, load=None, clock={"horizon": "2 d", "start": "2025-06-07"})
    assert list(weekend.setup("as-built", find_router("nearest"), 1).blocks()) == []


def test_a_flow_is_capped_by_its_class_or_else_its_region_or_else_the_nation():
    spec = scenario(
        {"c": {"rate": "1 /s", "work": "1 s"}, "d": {"rate": "1 /s", "work": "1 s", "wave": "7 bit/s"}}, None
    )
    frame = Frame({"R": 1.0, "S": 1.0}, ("H",), 1.0, 100.0, wave=9.0, waves={"S": 5.0})
    mix = build_mix(class_specs(spec.spec, None), class_parts(spec.spec, None, Path()), frame)
    rows = np.concatenate(list(job_blocks(mix.classes, ("R", "S"), 1, 0, 100.0)))
    for klass, region, wave in ((0, 0, 9.0), (0, 1, 5.0), (1, 0, 7.0), (1, 1, 7.0)):
        assert set(rows["wave"][(rows["klass"] == klass) & (rows["region"] == region)]) == {wave}
