"""Sweeps: the same table wherever the runs are played, and whatever interrupts them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import hubnet as hn
from hubnet.study.sweep import means, read_sweep, settings_in
from hubnet.sweeping import SweepOptions, run_sweep

ROOT = Path(__file__).parent.parent
SCENARIO = str(ROOT / "scenarios" / "two-hubs.yaml")
SMALL = ["clock.horizon=10 min", "clock.warmup=0 s"]
VARY = {"workload.classes.chat.rate": "10 /s:20 /s:10 /s", "policy.routing": ["nearest", "random"]}
WORDS = ["--vary", "workload.classes.chat.rate=10 /s:20 /s:10 /s", "--vary", "policy.routing=nearest,random"]


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    return True


def command(*words):
    return [sys.executable, "-m", "hubnet", "sweep", SCENARIO, *map(str, words)]


def hubnet(*words):
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def small(*words):
    return [*WORDS, *(word for setting in SMALL for word in ("--set", setting)), "--replications", 2, *words]


@pytest.fixture(scope="module")
def table():
    return hn.sweep(hn.load(SCENARIO, SMALL), VARY, replications=2)


def test_a_row_per_run_and_measure(table):
    assert settings_in(table) == list(VARY)
    assert table.attrs == {"scenario": "Two hubs", "units": {"workload.classes.chat.rate": "/s"}}
    runs = table[[*VARY, "allocation", "replication"]].drop_duplicates()
    assert len(runs) == 2 * 2 * 2 * 2
    keys = [*VARY, "allocation", "replication", "measure"]
    assert not table.duplicated(keys).any()  # and some have no job of some width, and so no such measure
    always = table[table["measure"].isin(["jobs.submitted", "response_s.p99", "utilization.mean"])]
    assert len(always) == 3 * len(runs)


def test_every_run_is_the_one_that_a_study_plays(table):
    scenario = hn.load(SCENARIO, [*SMALL, "workload.classes.chat.rate=20 /s", "policy.routing=random"])
    study = hn.study(scenario, replications=2)
    mine = table[(table["workload.classes.chat.rate"] == 20.0) & (table["policy.routing"] == "random")]
    for name, results in study.results.items():
        for replication, result in enumerate(results):
            rows = mine[(mine["allocation"] == name) & (mine["replication"] == replication)]
            expected = [(".".join(path), one.value, one.at_least) for path, one in result.measures.items()]
            found = list(zip(rows["measure"], rows["value"], rows["at_least"], strict=True))
            assert [row for row in found if row[1] == row[1]] == [row for row in expected if row[1] is not None]


def test_each_point_finds_a_warmup_that_all_its_allocations_share():
    settings = ["clock.horizon=30 min", "clock.warmup=auto"]
    table = hn.sweep(hn.load(SCENARIO, settings), {"workload.classes.chat.rate": ["10 /s"]}, replications=1)
    study = hn.study(hn.load(SCENARIO, [*settings, "workload.classes.chat.rate=10 /s"]), say=lambda text: None)
    for name, (result,) in study.results.items():
        rows = table[(table["allocation"] == name) & (table["measure"] == "response_s.mean")]
        assert rows["value"].tolist() == [result.measures["response_s", "mean"].value]
    assert study.summary()["warmup"]["value_s"] > 0


def test_points_meet_the_same_random_numbers(table):
    jobs = means(table, "jobs.submitted", [*VARY, "allocation", "replication"])
    assert (jobs.groupby(["workload.classes.chat.rate", "replication"])["mean"].nunique() == 1).all()


def test_any_executor_gives_the_same(table):
    with ThreadPoolExecutor(2) as threads:
        assert same(hn.sweep(hn.load(SCENARIO, SMALL), VARY, replications=2, executor=threads), table)


def test_a_scenario_from_python_values_is_swept_too():
    values = {
        "name": "One", "clock": {"horizon": "1 h"},
        "network": {"regions": {"A": {"at": [60, 20]}}, "hubs": {"B": {"at": [61, 21], "pools": {"cpu": 4}}},
                    "trunks": [{"between": ["A", "B"], "capacity": "1 Gbit/s"}]},
        "workload": {"classes": {"chat": {"rate": "1 /s", "work": "1 s", "devices": {"choice": {1: 0.5, 2: 0.5}}}}},
    }  # fmt: skip
    table = hn.sweep(hn.Scenario(**values), {"network.hubs.B.pools.cpu": [4, 8]})
    busy = means(table, "utilization.mean")["mean"]
    assert busy[0] == pytest.approx(2 * busy[1], rel=0.01)


def test_the_command_writes_the_same_table_from_two_processes(table, tmp_path):
    done = hubnet(*small("--workers", 2, "-o", tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "points: 4, runs: 16" in done.stderr
    assert "nearest" in done.stdout
    assert same(read_sweep(tmp_path / "out"), table)
    assert read_sweep(tmp_path / "out").attrs == table.attrs
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["runs"], manifest["resumed_runs"], manifest["vary"]) == (16, 0, WORDS[1::2])
    charts = {path.name for path in (tmp_path / "out" / "charts").iterdir()}
    assert {"lines.png", "tornado.png", "heat-deadline_met.png"} <= charts
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "the unfinished folder is left behind"
    again = hubnet(*small("--resume", "-o", tmp_path / "out"))
    assert "nothing was missing" in again.stdout


LONG = [*WORDS, "--set", "clock.horizon=1 h", "--set", "clock.warmup=0 s", "--replications", "3"]  # 24 runs


def begun(folder, process, runs=3):
    """Wait until some runs are finished; returns their files."""
    deadline = time.monotonic() + 120
    while len(files := list(folder.rglob("*.json"))) < runs + 1:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return [file for file in files if file.parent != folder]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps") / "whole"
    done = hubnet(*LONG, "--quiet", "--workers", 1, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return read_sweep(folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_sweep_goes_on_and_ends_the_same(uninterrupted, workers, tmp_path):
    target, partial = tmp_path / "out", tmp_path / "out.partial"
    words = [*LONG, "--workers", workers, "-o", target]
    process = subprocess.Popen(command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun(partial, process)
    process.kill()
    process.communicate(timeout=60)  # ends only when the workers, which hold the pipes too, have ended
    assert not target.exists()
    kept = list(partial.glob("runs/*/*.json"))
    assert 3 <= len(kept) < 24

    done = hubnet(*words)
    assert done.returncode == 2
    assert f"{len(kept)} finished runs of this sweep" in done.stderr
    assert "--resume" in done.stderr

    kept[0].write_text(kept[0].read_text()[:-9])
    done = hubnet(*words, "--resume")
    assert done.returncode == 0, done.stderr
    assert "1 damaged results" in done.stderr
    assert f"{len(kept) - 1} of the runs are finished already; {25 - len(kept)} are missing" in done.stderr
    assert same(read_sweep(target), uninterrupted)
    assert json.loads((target / "manifest.json").read_text())["resumed_runs"] == len(kept) - 1
    assert not partial.exists()


def test_an_interrupted_sweep_says_how_to_go_on(uninterrupted, tmp_path):
    target, partial = tmp_path / "out", tmp_path / "out.partial"
    words = [*LONG, "--workers", 2, "-o", target]
    process = subprocess.Popen(
        command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    begun(partial, process)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the workers get it too
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "--resume" in stderr
    assert not target.exists()
    narrower = [word.replace("10 /s:20 /s:10 /s", "20 /s") for word in map(str, words)]
    done = hubnet(*narrower, "--resume")  # another sweep takes those runs that it has too
    assert done.returncode == 0, done.stderr
    expected = uninterrupted[uninterrupted["workload.classes.chat.rate"] == 20.0].reset_index(drop=True)
    assert same(read_sweep(target), expected)


def refused(*vary, **options):
    """What `hubnet sweep` says before it runs anything, within this process."""
    with pytest.raises(hn.InputError) as caught:
        run_sweep(Path(SCENARIO), SweepOptions(vary=vary, **options))
    return str(caught.value)


def test_what_is_in_the_way_is_left_alone(tmp_path):
    for name, words in (("out.partial", "left alone"), ("out", "not a folder of results")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("years of work")
        assert words in refused("policy.queue=fifo", folder=tmp_path / "out")
        assert (tmp_path / name / "thesis.txt").read_text() == "years of work"
        shutil.rmtree(tmp_path / name)


def test_all_points_are_checked_before_any_run(tmp_path):
    words = ["--vary", "clock.horizon=1 h,1", "--vary", "fibre.background=0%:160%:80%", "--vary", "policy.queue=fifo"]
    done = hubnet(*words, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert '"160 %" is out of range' in done.stderr
    assert '"1" has no unit' in done.stderr
    assert done.stderr.count("out of range") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("vary", "options", "message"),
    [
        ([], {}, "nothing varies"),
        (["policy.queue"], {}, "not path=values"),
        (["policy.cue=fifo"], {}, "no key"),
        (["clock.horizon=1 h:2 h"], {}, "--samples"),
        (["replications=1,2"], {}, "--replications"),
        (["seed=1,2"], {"seed": 3}, "--seed"),
        (["policy.queue=fifo"], {"allocations": ("south",)}, "no allocation 'south'"),
        (["policy.queue=fifo"], {"workers": 2, "cluster": "x"}, "leave one of them out"),
        (["policy.queue=fifo,random", "clock.warmup=1 d:5 d:1 d"], {}, "warmup"),
    ],
)
def test_bad_input_is_told(vary, options, message, tmp_path):
    assert message in refused(*vary, folder=tmp_path / "out", **options)
    assert list(tmp_path.iterdir()) == []
