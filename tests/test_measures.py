"""Slowdown, widths, held, goodput, fairness, demand: hand-solved jobs, and properties of random runs.

In the hand-made cases region and hub are one city unless said otherwise, so a job is delivered when it is submitted.
"""

import json
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.meters import PARTS, JobMeter, parts
from hubnet.engine.tally import slowdown, width_of
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import ROW
from hubnet.study.measures import half_width, width_limits, width_name
from hubnet.workload.jobs import NONE
from worlds import outcome, random_setup


def run(jobs, devices=1, gear="python", regions=(), **options):
    """A run in city A, or from `regions` that lie there too over trunks without length, by a table of jobs."""
    graph = nx.Graph()
    graph.add_node("A")
    for region in regions:
        graph.add_edge("A", region, length_km=0.0, capacity_bit_s=1e9)
    table = pd.DataFrame(jobs)
    table = table if "region" in table else table.assign(region="A")
    pools = {("A", "cpu"): devices}
    return hn.simulate(network=graph, jobs=table, pools=pools, gear=gear, policy="nearest", **options)


def value(result, *path):
    """A measure of the summary, or None."""
    found = result.summary()
    for key in path:
        found = found[key]
    return found and found["value"]


# -- slowdown


@pytest.mark.parametrize("gear", ["python", "textbook"])
def test_bounded_slowdown_by_hand(gear):
    # One device. Job 0 runs from 0 to 20: 1. Job 1 (2 s) waits from 5 to 20: (15 + 2) / 10 = 1.7, bounded by 10 s.
    # Job 2 (40 s) waits from 5 to 22: (17 + 40) / 40 = 1.425.
    jobs = {"submit_s": [0.0, 5.0, 5.0], "devices": [1] * 3, "work_s": [20.0, 2.0, 40.0], "class": ["a", "b", "b"]}
    result = run(jobs, gear=gear)
    assert value(result, "slowdown", "mean") == pytest.approx((1 + 1.7 + 1.425) / 3)
    assert value(result, "slowdown", "p50") == pytest.approx(1.425, rel=0.01)
    assert value(result, "slowdown", "p99") == pytest.approx(1.7, rel=0.01)
    assert value(result, "classes", "b", "slowdown", "mean") == pytest.approx((1.7 + 1.425) / 2)
    assert value(result, "classes", "a", "slowdown", "p99") == 1.0
    assert result.classes.set_index("class").slowdown_mean.tolist() == pytest.approx([1.0, 1.5625])


def test_a_slowdown_of_one_is_one_in_every_quantile_up_to_the_job_that_waits():
    # ten devices, ten jobs of 1,000 s; an eleventh waits 1 s for the first one, and takes 1,000 s: 1.001
    jobs = {"submit_s": [*range(10), 999.0], "devices": [1] * 11, "work_s": [1000.0] * 11}
    result = run(jobs, devices=10)
    assert [value(result, "slowdown", name) for name in ("p50", "p99")] == [1.0, pytest.approx(1.001, rel=1e-5)]
    assert value(result, "slowdown", "mean") == pytest.approx(1 + 0.001 / 11, rel=1e-9)


def test_transfers_are_not_in_the_slowdown():
    graph = nx.Graph([("A", "B", {"length_km": 1000.0, "capacity_bit_s": 1e6})])
    jobs = pd.DataFrame({"region": ["B"], "submit_s": [0.0], "devices": [1], "work_s": [10.0], "input_bit": [1e9]})
    result = hn.simulate(network=graph, jobs=jobs, pools={("A", "cpu"): 1}, gear="python")
    assert value(result, "response_s", "mean") > 1000
    assert value(result, "slowdown", "mean") == 1.0


def test_an_unfinished_slowdown_is_at_least_what_it_must_become():
    # Job 1 has waited for 80 s when the run ends, and has 20 s to run: (80 + 20) / 20 = 5 at least. Job 2, of 160 s,
    # has waited as long: 1.5. The median of the three is job 1's or 2's, as both are open.
    jobs = {"submit_s": [0.0, 20.0, 20.0], "devices": [1] * 3, "work_s": [1000.0, 20.0, 160.0]}
    summary = run(jobs, horizon=100.0).summary()["slowdown"]
    assert summary["mean"] is None
    assert summary["p50"] == {"value": pytest.approx(1.5, rel=0.01), "at_least": True}
    assert summary["p99"] == {"value": pytest.approx(5.0, rel=0.01), "at_least": True}


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_slowdown_is_at_least_one_and_for_long_runs_the_plain_ratio(waited, ran):
    found = slowdown(waited, ran)
    assert found >= 1
    if ran >= 10:
        assert found == pytest.approx((waited + ran) / ran)


# -- the parts of the response


@given(seed=st.integers(0, 2**32 - 1), sharing=st.booleans())
@settings(max_examples=30)
def test_the_parts_add_up_to_the_response_also_of_stopped_jobs(seed, sharing):
    rows, _ = outcome(HubEnvironment, random_setup(seed, jobs=150, incidents=8, sharing=sharing), gear="compiled")
    rows = rows[rows["status"] == 0]
    found = parts(rows)
    whole = sum(found[part] for part in PARTS)
    np.testing.assert_allclose(whole, found["response"], rtol=1e-9, atol=1e-5)
    assert not found["held"][rows["attempts"] == 1].any()


def test_jobs_are_stopped_in_those_runs():
    again = 0
    for seed in range(30):
        rows, _ = outcome(HubEnvironment, random_setup(seed, jobs=150, incidents=8), gear="compiled")
        again += int(((rows["attempts"] > 1) & (rows["status"] == 0)).sum())
    assert again > 10


def test_held_is_from_submit_to_release_and_counts_in_the_slowdown():
    row = np.zeros(1, ROW)
    row["submit"], row["release"], row["sent"], row["deliver"], row["start"] = 100, 130, 131, 132, 135
    row["end"], row["finish"], row["one_way"], row["one_way_back"] = 155, 158, 1, 1
    row["output"] = 1
    found = {name: float(values[0]) for name, values in parts(row).items()}
    assert [found[part] for part in PARTS] == [30, 1, 2, 3, 20, 2]
    assert found["response"] == 58
    assert found["slowdown"] == (30 + 3 + 20) / 20


# -- by width


@given(st.integers(0, 2**31))
def test_a_width_holds_what_its_limits_say(devices):
    least, most = width_limits(width_of(devices))
    assert least <= devices <= most


def test_widths_are_powers_of_two():
    names = [width_name(width_of(devices)) for devices in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17)]
    assert names == ["0", "1", "2", "3-4", "3-4", "5-8", "5-8", "9-16", "9-16", "17-32"]


def test_waits_by_width_by_hand():
    # 4 devices, all taken until 10. Then job 1 (3 devices) waits 9 s; job 2 (4) waits until 20, 18 s; job 3 (1), until
    # 30, 27 s; job 4 (1) is open until the end; job 5 (5) is too large.
    jobs = {
        "submit_s": [0.0, 1.0, 2.0, 3.0, 31.0, 32.0],
        "devices": [4, 3, 4, 1, 1, 5],
        "work_s": [10.0, 10.0, 10.0, 5.0, 99.0, 1.0],
    }
    result = run(jobs, devices=4, horizon=50.0)
    table = result.widths.set_index("width")
    assert table.index.tolist() == ["1", "3-4", "5-8"]
    assert table[["submitted", "finished", "rejected", "unfinished"]].to_numpy().tolist() == [
        [2, 1, 0, 1],
        [3, 3, 0, 0],
        [1, 0, 1, 0],
    ]
    assert table.wait_mean_s.tolist() == pytest.approx([27.0, (0 + 9 + 18) / 3, math.nan], nan_ok=True)
    assert table.wait_p95_s.tolist() == pytest.approx([math.inf, 18.0, math.nan], rel=0.01, nan_ok=True)
    assert value(result, "widths", "3-4", "wait_s", "p50") == pytest.approx(9.0, rel=0.01)
    assert result.summary()["widths"]["5-8"]["wait_s"]["mean"] is None


# -- by region


def test_deadlines_and_slowdowns_by_region_and_jains_index():
    # One device. North: 0-20, in time, slowdown 1. South: (15 + 2) / 10 = 1.7, late; and a job that is too large.
    jobs = {
        "region": ["North", "South", "South"],
        "submit_s": [0.0, 5.0, 6.0],
        "devices": [1, 1, 9],
        "work_s": [20.0, 2.0, 1.0],
        "deadline_s": [30.0, 10.0, 10.0],
    }
    result = run(jobs, regions=("North", "South"))
    table = result.regions.set_index("region")
    assert table.deadline_met[["North", "South"]].tolist() == [1.0, 0.0]
    assert table.submitted[["North", "South"]].tolist() == [1, 2]
    assert value(result, "regions", "South", "slowdown", "mean") == pytest.approx((15 + 2) / 10, rel=1e-3)
    x = [1.0, table.slowdown_mean["South"]]
    assert value(result, "fairness") == pytest.approx(sum(x) ** 2 / (2 * sum(each**2 for each in x)))
    assert value(result, "fairness") == pytest.approx((1 + 1.7) ** 2 / (2 * (1 + 1.7**2)), rel=1e-3)
    assert value(result, "deadline_met") == 1 / 3


def test_equal_regions_are_fair():
    jobs = {"region": ["N", "S"], "submit_s": [0.0, 0.0], "devices": [1, 1], "work_s": [20.0, 20.0]}
    assert value(run(jobs, devices=2, regions=("N", "S")), "fairness") == 1.0


# -- goodput


@pytest.mark.parametrize("gear", ["python", "textbook"])
def test_goodput_by_hand(gear):
    # 4 devices, window [10, 60): 200 device-seconds. Good: job 0 (2 devices, 0-20): the 10 s in the window, 20. Job 1
    # (1 device, 0-30, due at 25) is late; job 2 (1 device, 20-30) is good, 10; job 3 (1 device, 50-99) is open.
    jobs = {
        "submit_s": [0.0, 0.0, 20.0, 50.0],
        "devices": [2, 1, 1, 1],
        "work_s": [20.0, 30.0, 10.0, 49.0],
        "deadline_s": [20.0, 25.0, math.inf, math.inf],
    }
    result = run(jobs, devices=4, gear=gear, warmup=10.0, horizon=60.0)
    assert value(result, "goodput") == pytest.approx(30 / 200)
    assert value(result, "utilization", "mean") == pytest.approx((20 + 20 + 10 + 10) / 200)


@pytest.mark.parametrize("gear", ["python", "textbook"])
@pytest.mark.parametrize(("checkpoint", "useful"), [(math.inf, 20.0), (6.0, 20.0)])
def test_goodput_counts_what_checkpoints_kept_and_not_what_was_lost(gear, checkpoint, useful):
    # 1 device; a job of 20 s is stopped at 10, and starts again at 15 when the outage is over. Without checkpoints it
    # loses 10 s and runs from 15 to 35; with one every 6 s it keeps 6 s, and runs 14 s from 15 to 29. Either way 20
    # device-seconds were good for something, of 35 or 29 in the run less the 5 of the outage.
    jobs = {"submit_s": [0.0], "devices": [1], "work_s": [20.0], "checkpoint_s": [checkpoint]}
    outage = [{"at": 10.0, "lasting": 5.0, "outage": "A", "running": "kill"}]
    result = run(jobs, gear=gear, incidents=outage, records=True)
    kept = 0.0 if math.isinf(checkpoint) else 6.0
    assert result.jobs.end_s[0] == 35.0 - kept
    assert value(result, "goodput") == pytest.approx(useful / (30.0 - kept))
    assert result.summary()["utilization"]["mean"]["value"] == pytest.approx(1.0)
    assert value(result, "held_s", "mean") == 10.0


# -- demand


def test_demand_by_hand():
    # bins of 10 s; a rejected, an unfinished and a warm-up job count too, where they were submitted
    jobs = {
        "submit_s": [0.0, 5.0, 12.0, 12.0, 31.0],
        "devices": [1, 2, 1, 9, 3],
        "work_s": [10.0, 4.0, 1000.0, 1.0, 2.0],
        "class": ["a", "b", "a", "a", "b"],
    }
    table = run(jobs, devices=4, horizon=35.0, warmup=5.0, bin=10.0).demand
    assert table.start_s.tolist() == [0, 0, 10, 10, 20, 20, 30, 30]
    assert table.end_s.tolist() == [10, 10, 20, 20, 30, 30, 35, 35]
    assert table["class"].tolist() == ["a", "b"] * 4
    assert table.jobs.tolist() == [1, 1, 2, 0, 0, 0, 0, 1]
    assert table.device_s.tolist() == [10.0, 8.0, 1009.0, 0.0, 0.0, 0.0, 0.0, 6.0]
    # a: one device from 0 to 10, one from 12 on, nine from 12 to 13; b: two from 5 to 9, three from 31 to 33
    assert table.devices.tolist() == pytest.approx([1.0, 0.8, (8 + 9) / 10, 0.0, 1.0, 0.0, 1.0, 6 / 5])


@given(
    jobs=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), min_size=1, max_size=60),
    cut=st.integers(0, 60),
    horizon=st.sampled_from([math.inf, 1e5, 12345.6]),
)
def test_demand_keeps_every_job_in_its_bins(jobs, cut, horizon):
    rows = np.zeros(len(jobs), ROW)
    rows["submit"], rows["work"] = np.array(jobs).T
    rows = rows[rows["submit"] < horizon]
    rows["klass"], rows["devices"] = np.arange(len(rows)) % 3, np.arange(len(rows)) % 4
    rows["pool"], everybody = NONE, JobMeter(3, 1, 1, 0.0, 7.0, horizon)
    everybody.add(rows[:cut])
    everybody.add(rows[cut:])
    meter = everybody.demand
    edges = meter.edges(1e5)
    bins = len(edges) - 1
    assert meter.width == 7.0 or math.isinf(horizon)
    assert bins <= meter.MANY or math.isfinite(horizon)
    assert edges[-1] == horizon or edges[-1] >= rows["submit"].max(initial=0.0)
    asked, busy = np.zeros((bins, 3)), np.zeros((bins, 3))
    for submit, work, devices, klass in zip(*(rows[k] for k in ("submit", "work", "devices", "klass")), strict=True):
        asked[int(submit // meter.width), klass] += devices * work
        inside = np.minimum(edges[1:], submit + work) - np.maximum(edges[:-1], submit)
        busy[:, klass] += devices * np.clip(inside, 0, None)
    np.testing.assert_allclose(meter.tables.device_s[:bins], asked, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(meter.busy_s(1e5), busy, rtol=1e-9, atol=1e-5)
    assert meter.tables.jobs.sum() == len(rows)


def test_a_job_without_end_asks_for_ever():
    rows = np.zeros(1, ROW)
    rows["submit"], rows["work"], rows["devices"] = 5.0, math.inf, 2
    rows["pool"], everybody = NONE, JobMeter(1, 1, 1, 0.0, 10.0, math.inf)
    everybody.add(rows)
    meter = everybody.demand
    assert meter.width == 10.0
    assert meter.busy_s(30.0).tolist() == [[10.0], [20.0], [20.0]]


# -- nothing, many, and the textbook


@given(seed=st.integers(0, 2**32 - 1), horizon=st.sampled_from([math.inf, 40.0]))
@settings(max_examples=15)
def test_kernel_and_textbook_measure_the_same(seed, horizon):
    setup = random_setup(seed, jobs=120, incidents=6, horizon=horizon)
    _, ours = outcome(HubEnvironment, setup, gear="compiled")
    _, theirs = outcome(Textbook, setup)
    assert ours.jobs.sums.useful[0] == pytest.approx(theirs.jobs.sums.useful[0])
    np.testing.assert_array_equal(ours.jobs.counts.width_status, theirs.jobs.counts.width_status)
    np.testing.assert_array_equal(ours.jobs.demand.tables.jobs, theirs.jobs.demand.tables.jobs)
    np.testing.assert_allclose(ours.jobs.sums.region_slowdown, theirs.jobs.sums.region_slowdown)
    for measure in ("held", "slowdown"):
        np.testing.assert_array_equal(ours.jobs.spreads[measure].histogram, theirs.jobs.spreads[measure].histogram)
        assert ours.jobs.quantile(measure, 0.9) == theirs.jobs.quantile(measure, 0.9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_goodput_is_the_service_of_the_jobs_in_time_and_no_more_than_what_was_busy(seed):
    """With window and run the same and nobody stopped: goodput from the rows, against the integral of busy devices."""
    rows, end = outcome(HubEnvironment, random_setup(seed, jobs=150, horizon=30.0), gear="compiled")
    good = rows[(rows["status"] == 0) & (rows["finish"] <= (rows["submit"] + rows["deadline"]) * (1 + 1e-12))]
    assert end.jobs.sums.useful[0] == pytest.approx((good["devices"] * (good["end"] - good["start"])).sum())
    assert end.jobs.sums.useful[0] <= end.bins.table("busy_s").sum() * (1 + 1e-9)


@pytest.mark.parametrize("devices", [0, 9])
def test_measures_of_nothing_are_null(devices):
    jobs = {"submit_s": [5.0], "devices": [9 if devices else 1], "work_s": [1.0]}
    result = run(jobs, devices=0 if not devices else 3, warmup=6.0 if not devices else 0.0, horizon=10.0)
    summary = result.summary()
    assert all(summary["slowdown"][name] is None for name in ("mean", "p50", "p95", "p99"))
    assert summary["held_s"]["mean"] is summary["fairness"] is None
    assert summary["regions"]["A"]["deadline_met"] is summary["regions"]["A"]["slowdown"]["mean"] is None
    assert summary["goodput"] == ({"value": 0.0} if devices else None)
    assert len(result.widths) == (1 if devices else 0)
    assert result.demand.jobs.sum() == 1
    json.dumps(summary, allow_nan=False)


YAML = """
hubnet: 1
name: Measures
network:
  regions: {A: {at: [60, 20]}}
  hubs: {A: {at: [60, 20], pools: {cpu: 8}}}
  trunks: []
clock: {horizon: 6 h}
workload: {classes: {small: {rate: 1 /min, devices: 4, work: {exponential: {mean: 2 min}}, deadline: 1 h}}}
policy: {queue: fifo}
allocations: {whole: {}, half: {pools: {A: {cpu: 4}}}}
"""


def test_measures_have_intervals_and_differences(tmp_path):
    path = tmp_path / "measures.yaml"
    path.write_text(YAML)
    summary = hn.study(hn.load(path), replications=3).summary()
    assert summary["allocations"]["half"]["slowdown"]["mean"]["ci95"][0] > 1
    assert "ci95" in summary["allocations"]["half"]["goodput"]
    assert summary["differences"]["half"]["slowdown.mean"]["value"] > 0
    assert summary["differences"]["half"]["widths.3-4.wait_s.mean"]["value"] > 0
    assert summary["differences"]["half"]["held_s.mean"] == {"value": 0.0, "ci95": [0.0, 0.0]}


def test_an_interval_of_rounding_is_none():
    assert half_width({"value": 3.0}) is None
    assert half_width({"value": 3.0, "ci95": [2.0, 4.0]}) == 1.0
    assert half_width({"value": 3.8e7, "ci95": [3.8e7 - 1e-7, 3.8e7 + 1e-7]}) == 0.0
