"""Sites become regions, traces become blocks that an engine plays."""

import math
from dataclasses import replace
from functools import partial

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from hubnet.engine.environment import HubEnvironment
from hubnet.errors import TableError
from hubnet.study.own import table_setup
from hubnet.workload.jobs import JOB
from hubnet.workload.mix import Place
from hubnet.workload.tables import ROWS_PER_BLOCK
from hubnet.workload.traces.homes import map_sites, spread_jobs, spread_sites
from hubnet.workload.traces.play import trace_jobs
from hubnet.workload.traces.report import Report
from hubnet.workload.traces.trace import Names, Trace
from hubnet.workload.traces.transform import repeat

REGIONS = ("East", "North", "West")
WEIGHTS = {"East": 5.0, "North": 3.0, "West": 2.0}


def names(values):
    known = tuple(sorted({v for v in values if v is not None}))
    return Names(np.array([-1 if v is None else known.index(v) for v in values]), known)


def a_trace(submit, sites=None, classes=None, devices=1, work=1.0, numbers=None, **labels):
    count = len(submit)
    full = {"class": names(classes or ["jobs"] * count)}
    if sites is not None:
        full["site"] = names(sites)
    full |= {key: names(values) for key, values in labels.items()}
    columns = {
        "submit": np.array(submit, float),
        "devices": np.broadcast_to(devices, count).astype(int),
        "work": np.broadcast_to(work, count).astype(float),
        **{key: np.array(values, float) for key, values in (numbers or {}).items()},
    }
    return Trace(columns, full, np.arange(count), float(submit[-1]), Report("f", "k", "line", count, count, ()))


def played(jobs, seed=1, replication=0, horizon=math.inf):
    return np.concatenate([np.empty(0, JOB), *jobs.blocks(seed, replication, horizon)])


def regions_of(trace, homes):
    return [REGIONS[r] for r in played(trace_jobs(trace, homes))["region"]]


def test_sites_go_where_the_map_says():
    trace = a_trace(range(5), ["a", "b", "West", "c", "a"])
    assert regions_of(trace, map_sites(trace, {"a": "North", "b": "East", "c": "West"}, REGIONS)) == [
        *("North", "East", "West", "West", "North")
    ]
    assert regions_of(trace, map_sites(trace, {"a": "North", "*": "East"}, REGIONS)) == [
        *("North", "East", "West", "East", "North")
    ]


def test_jobs_without_a_site_need_a_region_too():
    trace = a_trace(range(3), ["West", None, "West"])
    assert regions_of(trace, map_sites(trace, {"*": "East"}, REGIONS)) == ["West", "East", "West"]
    with pytest.raises(TableError, match=r"regions: \(no site\) \(1 job\) go to no region"):
        map_sites(trace, {}, REGIONS)
    nowhere = a_trace(range(3))
    assert regions_of(nowhere, map_sites(nowhere, {"*": "East"}, REGIONS)) == ["East"] * 3


def test_sites_that_have_no_jobs_left_need_no_region():
    trace = a_trace(range(3), ["West", "lost", "West"]).take(np.array([0, 2]))
    assert regions_of(trace, map_sites(trace, {}, REGIONS)) == ["West", "West"]


def test_maps_of_sites_that_are_wrong():
    trace = a_trace(range(4), ["lancs", "lancs", "pisa", "roma"])
    with pytest.raises(TableError) as caught:
        map_sites(trace, {"lanc": "East", "pisa": "Nord"}, REGIONS)
    assert [(p.message, p.hint) for p in caught.value.problems] == [
        ("regions: the trace has no site 'lanc'", "did you mean 'lancs'?"),
        ("regions.pisa: there is no region 'Nord'", "did you mean 'North'?"),
    ]
    with pytest.raises(TableError, match=r"lancs \(2 jobs\), roma \(1 job\) go to no region"):
        map_sites(trace, {"pisa": "East"}, REGIONS)
    with pytest.raises(TableError, match="no region has a weight"):
        map_sites(trace, {"*": "demand"}, REGIONS)
    with pytest.raises(TableError, match="no sites to spread"):
        spread_sites(a_trace([0]), WEIGHTS, REGIONS)


def test_jobs_spread_by_weight():
    trace = a_trace(range(20_000), ["a", "b"] * 10_000)
    drawn = played(trace_jobs(trace, spread_jobs(trace, WEIGHTS, REGIONS)))["region"]
    assert stats.chisquare(np.bincount(drawn), [10_000, 6_000, 4_000]).pvalue > 0.001  # 1 false alarm in 1000
    some = map_sites(trace, {"a": "West", "*": "demand"}, REGIONS, WEIGHTS)
    mixed = played(trace_jobs(trace, some))["region"]
    assert (mixed[::2] == 2).all()
    assert np.array_equal(mixed[1::2], drawn[1::2])  # the same draws, whoever needs them
    none = spread_jobs(trace, {"North": 1.0}, REGIONS)
    assert set(regions_of(trace, none)) == {"North"}


def test_a_region_without_weight_gets_nothing_at_the_edge_either():
    homes = spread_jobs(a_trace([0]), {"North": 1.0, "West": 1.0}, REGIONS)
    assert homes.regions(np.full(3, -1), np.array([0.0, 0.5, 1 - 2**-53])).tolist() == [1, 2, 2]


def test_sites_spread_whole_the_largest_first():
    # device-seconds d 50, c 30, b 15, a 5; due East 50, North 30, West 20
    # d -> East (0 left), c -> North (0), b -> West (5), a -> West (0)
    trace = a_trace(range(4), ["a", "b", "c", "d"], devices=[5, 3, 6, 10], work=[1, 5, 5, 5])
    assert regions_of(trace, spread_sites(trace, WEIGHTS, REGIONS)) == ["West", "West", "North", "East"]
    none = a_trace(range(2), ["a", "b"])
    assert regions_of(none, spread_sites(none, {"West": 1}, REGIONS)) == ["West", "West"]


def test_equal_sites_go_to_the_first_region_by_name():
    trace = a_trace(range(2), ["b", "a"])
    # a first: to East, the first by name of two with the same due; then b to North
    assert regions_of(trace, spread_sites(trace, {"East": 1, "North": 1}, REGIONS)) == ["North", "East"]


def test_blocks_are_sorted_numbered_and_before_the_horizon():
    trace = a_trace(np.arange(ROWS_PER_BLOCK + 1000) // 3, numbers={"input": np.arange(ROWS_PER_BLOCK + 1000)})
    jobs = trace_jobs(trace, spread_jobs(trace, WEIGHTS, REGIONS))
    blocks = list(jobs.blocks(1, 0, math.inf))
    assert [len(block) for block in blocks] == [ROWS_PER_BLOCK, 1000]
    rows = np.concatenate(blocks)
    assert rows["id"].tolist() == list(range(len(trace)))
    assert (np.diff(rows["submit"]) >= 0).all()
    assert np.array_equal(rows["input"], trace.numbers["input"])
    for name in ("u1", "u2"):
        assert stats.kstest(rows[name], "uniform").pvalue > 0.001
    short = played(jobs, horizon=5000.0)
    assert len(short) == trace.jobs_before(5000.0) == 15_000
    assert np.array_equal(short, rows[:15_000])
    assert len(played(jobs, horizon=0.0)) == 0


def test_rounds_follow_one_another():
    trace = repeat(a_trace([1, 4, 4], work=[1, 2, 3]), 10)
    jobs = trace_jobs(trace, spread_jobs(trace, WEIGHTS, REGIONS))
    rows = played(jobs, horizon=24.0)
    assert rows["submit"].tolist() == [1, 4, 4, 11, 14, 14, 21]
    assert rows["work"].tolist() == [1, 2, 3, 1, 2, 3, 1]
    assert rows["id"].tolist() == list(range(7))
    assert len(set(rows["u1"].tolist())) == 7  # every round draws anew
    assert [trace.jobs_before(t) for t in (20.5, 21, 24)] == [6, 6, 7]
    assert len(played(jobs, horizon=21.0)) == 6
    with pytest.raises(TableError, match="never ends"):
        next(jobs.blocks(1, 0, math.inf))


def test_seeds_and_replications_move_what_is_drawn_and_nothing_else():
    trace = a_trace(range(100))
    jobs = trace_jobs(trace, spread_jobs(trace, WEIGHTS, REGIONS))
    first = played(jobs)
    assert np.array_equal(first, played(jobs))
    for other in (played(jobs, seed=2), played(jobs, replication=1)):
        assert np.array_equal(first["submit"], other["submit"])
        for name in ("u1", "u2", "region"):
            assert not np.array_equal(first[name], other[name])


def test_what_classes_give_and_what_rows_say():
    trace = a_trace([0, 1, 2], classes=["a", "b", "a"], work=[1, 2, 3], numbers={"input": [7, 8, 9]})
    homes = spread_jobs(trace, WEIGHTS, REGIONS)
    given = {"input": 5.0, "wave": {"a": 100.0}, "deadline_slack": {"b": 60.0}, "deadline": 9.0, "tolerance": 0.02}
    rows = played(trace_jobs(trace, homes, given=given))
    assert rows["input"].tolist() == [7, 8, 9]  # the trace's own go first
    assert rows["wave"].tolist() == [100, np.inf, 100]
    assert rows["deadline"].tolist() == [9, 2 + 60, 9]
    assert rows["tolerance"].tolist() == [0.02] * 3
    own = a_trace([0], numbers={"deadline": [3]})
    assert played(trace_jobs(own, spread_jobs(own, WEIGHTS, REGIONS), given={"deadline_slack": 60.0}))["deadline"] == [
        3
    ]
    with pytest.raises(TableError, match=r"no 'waves'\n  hint: did you mean 'wave'"):
        trace_jobs(trace, homes, given={"waves": 1.0})
    with pytest.raises(TableError, match="the trace has no class 'c'"):
        trace_jobs(trace, homes, given={"wave": {"c": 1.0}})


def test_device_types_and_hubs_become_rules_of_place():
    trace = a_trace(range(4), runs_on=["V100", None, "cpu", "V100"], hub=["x", None, "Gavle", "x"])
    homes = spread_jobs(trace, WEIGHTS, REGIONS)
    jobs = trace_jobs(
        trace, homes, ("Gavle", "Lulea"), ("cpu", "gpu"), hub_of={"x": "Lulea"}, device_of={"V100": "gpu"}
    )
    rows = played(jobs)
    assert [jobs.places[p] for p in rows["place"]] == [
        Place(("gpu",), ("Lulea",)),
        Place(),
        Place(("cpu",), ("Gavle",)),
        Place(("gpu",), ("Lulea",)),
    ]
    assert rows["pinned"].tolist() == [1, -1, 0, 1]
    with pytest.raises(TableError) as caught:
        trace_jobs(trace, homes, ("Gavle",), ("cpu", "gpu"), hub_of={"y": "Gavle"}, device_of={"V100": "gpus"})
    assert [p.message for p in caught.value.problems] == [
        "hubs: the trace has no hub 'y'",
        "hubs: the trace's hub 'x' (2 jobs) is none of the scenario's",
        "devices: there is no device type 'gpus'",
    ]
    with pytest.raises(TableError, match="no column says the trace's hubs"):
        trace_jobs(a_trace([0]), homes, hub_of={"x": "Gavle"})


def test_the_engine_plays_it_as_it_plays_a_table():
    graph = nx.Graph()
    graph.add_edge("North", "Gavle", length_km=900, capacity_bit_s=1e9)
    graph.add_edge("Gavle", "West", length_km=300, capacity_bit_s=2e9)
    rng = np.random.default_rng(3)
    count = 500
    submit = np.floor(np.sort(rng.random(count) * 1000))
    where = rng.choice(["North", "West"], count).tolist()
    devices, work, size = rng.integers(1, 4, count), rng.exponential(3, count), rng.exponential(1e9, count)
    table = {"region": where, "submit_s": submit, "devices": devices, "work_s": work, "input_bit": size}
    setup, network = table_setup(graph, table, {("Gavle", "cpu"): 4})
    trace = a_trace(submit, where, devices=devices, work=work, numbers={"input": size})
    jobs = trace_jobs(trace, map_sites(trace, {}, network.regions))
    finished = []
    for blocks in (setup.blocks, partial(jobs.blocks, 0, 0, math.inf)):
        rows = []
        env = HubEnvironment(replace(setup, blocks=blocks), sink=rows.append, gear="python")
        env.run()
        env.close()
        done = np.concatenate(rows)
        finished.append(done[np.argsort(done["id"])]["finish"])
    assert len(finished[0]) == count
    assert np.array_equal(*finished)
