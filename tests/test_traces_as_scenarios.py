"""Scenarios whose jobs come from a trace: solved by hand, at fault, and with real files."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.policy import find_router
from hubnet.errors import ScenarioError
from hubnet.scenario.reference import json_schema
from hubnet.screen.check import check_warnings, print_check, trace_warnings, warnings_before
from hubnet.study.expect import expect

REAL = Path(os.environ.get("HUBNET_TRACES", Path(__file__).parents[2] / "shared" / "traces"))
GEARS = ("python", "compiled", "textbook")
MARK = "§"

# A and B are 1000 km apart: 1000 x 4.9 us + 0.1 ms = 5 ms one way
HEAD = """\
hubnet: 1
name: A trace
network:
  regions: {A: {at: [0, 0], weight: 1}, B: {at: [0, 9], weight: 3}}
  hubs: {A: {at: [0, 0], pools: {cpu: 2}}}
  trunks: [{between: [A, B], capacity: 1 Gbit/s, length: 1000 km}]
clock: {horizon: 1 h}
"""
SWF = """\
; Version: 2.2
; UnixStartTime: 1000000000
; Acknowledge: the people of A
1  0 -1 100 2 -1 -1 2 -1 -1 1 1 1 -1 1 1 -1 -1
2 10 -1  50 1 -1 -1 1 -1 -1 1 1 1 -1 1 1 -1 -1
3 20 -1  30 1 -1 -1 1 -1 -1 1 1 1 -1 1 1 -1 -1
4 30 -1  -1 1 -1 -1 1 -1 -1 1 1 1 -1 1 1 -1 -1
5 40 -1  10 3 -1 -1 3 -1 -1 1 1 1 -1 1 1 -1 -1
"""
CSV = """\
t,site,cores,ms,mb,prio
0,x,8,10000,0,0
1,y,5,5000,1,0
2,x,8,2000,0,1
3,x,8,,0,1
"""
COLUMNS = """\
  trace: jobs.csv
  map:
    submit: {column: t, unit: s}
    devices: {column: cores, per: 8}
    work: {column: ms, unit: ms}
    input: {column: mb, unit: MB}
    site: site
    priority: prio
"""


@pytest.fixture
def write(tmp_path):
    """Write a scenario and the traces beside it; returns the scenario's path."""
    (tmp_path / "log.swf").write_text(SWF)
    (tmp_path / "jobs.csv").write_text(CSV)

    def go(workload, head=HEAD):
        file = tmp_path / "s.yaml"
        file.write_text(f"{head}workload:\n{workload}")
        return file

    return go


@pytest.fixture
def real():
    """The path of a real trace; the test is skipped where they are not."""

    def find(name):
        if not (REAL / name).exists():
            pytest.skip(f"no {name} in {REAL} (HUBNET_TRACES says where the real traces are)")
        return REAL / name

    return find


def jobs_of(scenario, gear="python"):
    return hn.simulate(scenario, records=True, gear=gear).jobs.sort_values("job")


@pytest.mark.parametrize("gear", GEARS)
def test_a_log_by_hand(write, gear):
    jobs = jobs_of(hn.load(write("  trace: log.swf\n  regions: {'*': A}\n")), gear)
    # 2 devices: job 1 has both until 100; then jobs 2 and 3 run side by side. 4 has no run time, 5 fits nowhere.
    assert jobs.submit_s.tolist() == [0, 10, 20, 40]
    assert jobs.finish_s.tolist()[:3] == [100, 150, 130]
    assert jobs.reason.tolist() == ["", "", "", "too-large"]


@pytest.mark.parametrize("gear", GEARS)
def test_a_table_by_hand(write, gear):
    head = HEAD.replace("cpu: 2", "cpu: 1") + "policy: {queue: priority}\n"
    scenario = hn.load(write(COLUMNS + "  regions: {x: A, '*': B}\n", head))
    jobs = jobs_of(scenario, gear)
    # The third goes first at 10, having priority 1: 12. The second uploads 8e6 bit at 1e9 bit/s, is delivered at
    # 1 + 0.008 + 0.005, runs from 12 to 17, and its result travels for 5 ms.
    assert jobs.region.tolist() == ["A", "B", "A"]
    assert jobs["class"].tolist() == ["jobs, priority 0", "jobs, priority 0", "jobs, priority 1"]
    assert jobs.deliver_s.tolist() == pytest.approx([0, 1.013, 2], rel=1e-12)
    assert jobs.finish_s.tolist() == pytest.approx([10, 17.005, 12], rel=1e-12)


def test_what_is_done_to_a_trace_by_hand(write):
    keys = "  from: 1 s\n  to: 9 s\n  speedup: 2\n  work_factor: 50 %\n  repeat: 4 s\n"
    head = HEAD.replace("1 h", "9 s")
    jobs = jobs_of(hn.load(write(COLUMNS + keys, head)))
    # (1, 2) - 1 over 2 = (0, 0.5), every 4 s, before 9 s; work 5 and 2 s halved
    assert jobs.submit_s.tolist() == [0, 0.5, 4, 4.5, 8, 8.5]
    assert jobs.work_s.tolist() == [2.5, 1, 2.5, 1, 2.5, 1]


def test_names_of_the_trace_are_translated(write, tmp_path):
    (tmp_path / "jobs.csv").write_text("t,n,d,where,kind\n0,1,5,alpha,xeon\n1,1,5,beta,xeon\n")
    head = HEAD.replace("{cpu: 2}}", "{cpu: 2, gpu: 2}}, B: {at: [0, 9], pools: {cpu: 2}}")
    columns = "  trace: jobs.csv\n  time_unit: s\n  map: {submit: t, devices: n, work: d, hub: where, runs_on: kind}\n"
    jobs = jobs_of(hn.load(write(columns + "  hubs: {alpha: A, beta: B}\n  devices: {xeon: cpu}\n", head)))
    assert jobs.hub.tolist() == ["A", "B"]
    assert jobs.pool.tolist() == ["cpu", "cpu"]


def test_tolerance_and_slack_hold_for_every_job(write):
    far = "  regions: {'*': B}\n  deadline_slack: 20 s\n"
    met = jobs_of(hn.load(write(COLUMNS + far + "  tolerance: 5 ms one_way\n")))
    assert met.status.tolist() == ["finished"] * 3  # 5 ms is as far as it may be
    assert met.deadline_s.tolist() == [30, 25, 22]
    refused = jobs_of(hn.load(write(COLUMNS + far + "  tolerance: 4.9 ms one_way\n")))
    assert refused.reason.tolist() == ["policy"] * 3


def test_waves_of_regions_hold_for_jobs_that_name_none(write):
    head = HEAD.replace("weight: 3", "weight: 3, wave: 100 Mbit/s")
    jobs = jobs_of(hn.load(write(COLUMNS + "  regions: {x: A, '*': B}\n", head)))
    assert jobs.sent_s.iloc[1] == pytest.approx(1 + 8e6 / 100e6, rel=1e-12)


def test_without_regions_the_jobs_are_spread_by_weight(write, tmp_path):
    rows = "".join(f"{i},x,8,0,0,0\n" for i in range(4000))
    (tmp_path / "jobs.csv").write_text(f"t,site,cores,ms,mb,prio\n{rows}")
    trace = hn.load(write(COLUMNS)).trace()
    regions = np.concatenate([block["region"] for block in trace.blocks(1, 0, 1e9)])
    # binomial(4000, 3/4): standard deviation 27.4; 5 of them are 137
    assert abs(int((regions == 1).sum()) - 3000) < 137


def test_scale_and_share_multiply_and_keep_the_same_jobs(write, tmp_path):
    rows = "".join(f"{i},x,8,1,0,0\n" for i in range(4000))
    (tmp_path / "jobs.csv").write_text(f"t,site,cores,ms,mb,prio\n{rows}")
    file = write(COLUMNS)
    tenth = hn.load(file, ["workload.share=20 %", "scale=1/2"]).trace().trace
    fifth = hn.load(file, ["workload.share=20 %"]).trace().trace
    assert abs(len(tenth) - 400) < 95  # 5 standard deviations of binomial(4000, 1/10)
    assert set(tenth.at) < set(fifth.at)


def test_expectations_are_sums_over_the_trace(write):
    scenario = hn.load(write("  trace: log.swf\n  regions: {'*': A}\n"))
    found = expect(scenario.setup("as-built", find_router("nearest"), 1), scenario.mix().classes)
    assert found.jobs == pytest.approx(4)
    # (100 x 2 + 50 + 30) device-seconds of 3600 x 2; the job on 3 devices is one of four, and fits nowhere
    assert [pool.load for pool in found.pools] == pytest.approx([280 / 7200])
    assert [(m.klass, m.devices, m.share, m.largest) for m in found.misfits] == [("queue 1", 3, 0.25, 2)]


def test_expectations_know_repeats_and_regions(write):
    scenario = hn.load(write(COLUMNS + "  repeat: 10 s\n  regions: {x: A, '*': B}\n"), ["clock.horizon=25 s"])
    trace, classes = scenario.trace(), scenario.mix().classes
    # three whole rounds: their jobs come at 20, 21 and 22 too
    assert sum(c.rate * c.device_seconds for c in classes) * 25 == pytest.approx(3 * (10 + 5 + 2))
    assert trace.trace.device_seconds(25) == 3 * 17
    jobs = np.concatenate(list(trace.blocks(1, 0, 25)))
    for region, name in enumerate(("A", "B")):
        assert sum(c.rate_in(name) for c in classes) * 25 == pytest.approx((jobs["region"] == region).sum())


def test_check_gives_an_account_of_every_row(write, capsys):
    print_check(hn.load(write("  trace: log.swf\n  regions: {'*': A}\n")), "s.yaml")
    out = capsys.readouterr().out
    for line in (
        "           5 read\n",
        "           4 kept\n",
        "           1 skipped: run time unknown (-1) (line 7)\n",
        "  credit: the people of A; Parallel Workloads Archive\n",
        '  note: the run has no date; clock.start: "2001-09-09 01:46:40" is where it begins\n',
    ):
        assert line in out
    assert next(row.split() for row in out.splitlines() if row.startswith("queue 1 "))[2:4] == ["4", "1.75"]
    assert "25 % of the queue 1 jobs want 3 devices" in " ".join(out.split())


def test_a_run_that_outlasts_its_trace_is_warned_of(write):
    file = write("  trace: log.swf\n")
    (warning,) = trace_warnings(hn.load(file))
    assert warning.message == "the last job of the trace comes after 40 s, and the run lasts 1 h"
    assert warning in warnings_before(hn.load(file), find_router("random"), ["as-built"])
    assert not trace_warnings(hn.load(file, ["clock.horizon=40 s"]))
    assert not trace_warnings(hn.load(file, ["workload.repeat=true"]))


def test_misfits_of_one_class_are_one_warning(write, tmp_path):
    (tmp_path / "log.swf").write_text(SWF + SWF.splitlines()[-1].replace(" 3 ", " 70 ") + "\n")
    scenario = hn.load(write("  trace: log.swf\n"))
    found = {"as-built": expect(scenario.setup("as-built", find_router("random"), 1), scenario.mix().classes)}
    (warning,) = check_warnings(found, {"as-built": scenario.allocation("as-built")}, scenario.network().devices)
    assert "40 % of the queue 1 jobs want 3 to 70 devices" in warning.message


FAULTS = [
    ("§  load: 60 %\n  trace: log.swf\n", "workload.load: a trace has its jobs at its own times", "speedup"),
    ("  classes: {a: {rate: 1 /s, work: 1 s}}\n§  trace: log.swf\n", "workload.trace: `classes` and `trace`", "one"),
    (
        "§  speedup: 2\n  classes: {a: {rate: 1 /s, work: 1 s}}\n",
        "workload.speedup: `speedup` speaks of a trace",
        "add",
    ),
    ("  {}\n", "workload: neither `classes` nor a `trace` is given", "classes"),
    ("  trace: log.swf\n§  speedpu: 2\n", 'workload: unknown key "speedpu"', "speedup"),
    ("§  trace: lob.swf\n", "workload.trace: this trace does not exist", "check"),
    ("§  trace: .\n", "workload.trace:", ""),
    ("  trace: log.swf\n§  map: {work: runn}\n", "workload.map.work: the file has no column 'runn'", "did you mean"),
    ("  trace: log.swf\n§  map: {wrok: run}\n", "workload.map.wrok: no field of a job is called", "work"),
    ("  trace: log.swf\n§  map: {work: true}\n", 'workload.map.work: "true" is not a column', "name of a column"),
    ("  trace: log.swf\n§  map: {devices: {is: two}}\n", "workload.map.devices: 'two' is not a number", "8"),
    ("§  trace: jobs.csv\n", "workload.trace: map: nothing says what 'submit' is", "the columns t, site"),
    ("  trace: jobs.csv\n§  map: {submit: t, devices: cores, work: ms}\n", "holds numbers of no known unit", "unit"),
    ("  trace: log.swf\n§  regions: {'1': C}\n", "workload.regions.1: there is no region 'C'", "known: A, B"),
    ("  trace: log.swf\n§  regions: {'9': A}\n", "workload.regions: the trace has no site '9'", "1"),
    ("  trace: log.swf\n§  share: 0\n", "workload.share:", "20 %"),
    ("  trace: log.swf\n§  from: 1 d\n", "no job is submitted from 1 d", ""),
    ("  trace: log.swf\n  from: 1 d\n§  to: 1 h\n", "workload.to: the trace would end (3600 s) before", "earlier"),
    ("  trace: log.swf\n§  repeat: 10 s\n", "cannot start anew every 10 s", "longer"),
    ("  trace: log.swf\n§  repeat: maybe\n", "workload.repeat:", ""),
    ("§  trace: log.swf\n  status: finished\n", "no row of this trace is a job", "status"),
    ("§  trace: log.swf\n  format: parquet\n", "workload.trace:", ""),
    ("  trace: log.swf\n§  hubs: {alpha: A}\n", "workload.hubs: no column says the trace's hubs", "map.hub"),
]


@pytest.mark.parametrize(("workload", "message", "hint"), FAULTS, ids=[text for text, _, _ in FAULTS])
def test_faults_have_a_place_and_a_way_out(write, workload, message, hint):
    line = HEAD.count("\n") + 1 + (workload.split(MARK)[0].count("\n") + 1 if MARK in workload else 0)
    with pytest.raises(ScenarioError) as caught:
        hn.load(write(workload.replace(MARK, "")))
    problems = caught.value.problems
    assert any(message in p.message and hint in p.hint for p in problems), caught.value
    assert all(p.file.endswith("s.yaml") for p in problems)
    assert line in [p.line for p in problems], caught.value


@pytest.mark.parametrize(
    ("workload", "good"),
    [
        ({"trace": "a.csv", "map": {"submit": "t", "work": {"column": "d", "unit": "s"}}, "repeat": True}, True),
        ({"trace": "a.swf", "from": "1 h", "repeat": "7 d", "regions": {"*": "demand"}}, True),
        ({"trace": "a.swf", "load": "60 %"}, False),
        ({"trace": "a.swf", "classes": "china"}, False),
        ({"classes": "china", "load": "60 %", "speedup": 2}, False),
        ({}, False),
    ],
)
def test_the_json_schema_knows_which_keys_go_together(workload, good):
    jsonschema = pytest.importorskip("jsonschema")
    scenario = {"hubnet": 1, "name": "n", "network": "china", "clock": {"horizon": "1 d"}, "workload": workload}
    assert jsonschema.Draft202012Validator(json_schema()).is_valid(scenario) == good


def test_a_trace_cannot_be_scaled_up_or_begin_at_work(write):
    file = write("  trace: log.swf\n")
    with pytest.raises(ScenarioError, match="scale: 2 times the jobs of a trace cannot be played"):
        hn.load(file, ["scale=2"])
    with pytest.raises(ScenarioError, match=r"clock.initial: a trace does not say which jobs are under way"):
        hn.load(file, ["clock.initial=stationary"])


def test_a_nation_plays_a_trace_from_empty_hubs(write):
    head = "hubnet: 1\nname: N\nnetwork: china\nclock: {horizon: 2 min}\nscale: 1\n"
    scenario = hn.load(write("  trace: log.swf\n", head))
    assert not scenario.stationary
    assert jobs_of(scenario).submit_s.tolist() == [0, 10, 20, 40]


def test_azure_for_five_minutes(write, real):
    path = real("azure_llm_2023_conv.csv")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    seconds = [60 * int(r["TIMESTAMP"][14:16]) + float(r["TIMESTAMP"][17:]) + 3600 * int(r["TIMESTAMP"][11:13])
               for r in rows]  # fmt: skip
    inside = [r for r, t in zip(rows, seconds, strict=True) if 600 <= t - seconds[0] < 900]
    head = HEAD.replace("cpu: 2", "cpu: 200").replace("1 h", "5 min")
    jobs = jobs_of(hn.load(write(f"  trace: {path}\n  from: 10 min\n  to: 15 min\n", head)))
    assert len(jobs) == len(inside) > 1000
    work = [int(r["GeneratedTokens"]) / 25 + int(r["ContextTokens"]) / 5000 for r in inside]
    assert jobs.work_s.tolist() == pytest.approx(work)
    assert jobs.input_bit.sum() == 32 * sum(int(r["ContextTokens"]) for r in inside)
    done = jobs[jobs.status == "finished"]
    assert (done.finish_s - done.submit_s >= done.work_s - 1e-9).all()


def test_hpc2n_for_a_week(write, real):
    path = real("hpc2n_2002_first3170.swf")
    rows = [line.split() for line in path.read_text().splitlines() if line.strip() and not line.startswith(";")]
    week = [r for r in rows if float(r[1]) < 7 * 86400 and r[3] != "-1"]
    head = HEAD.replace("cpu: 2", "cpu: 240").replace("1 h", "7 d") + "policy: {queue: backfill}\n"
    scenario = hn.load(write(f"  trace: {path}\n  regions: {{DEFAULT: A}}\n", head))
    jobs = jobs_of(scenario)
    assert jobs.submit_s.tolist() == [float(r[1]) for r in week]
    assert jobs.work_s.tolist() == [float(r[3]) for r in week]
    assert not (jobs.status == "rejected").any()
    report = scenario.trace().trace.report
    assert (report.rows, report.kept) == (3170, 3145)
