"""The commands from outside: what they print, write, refuse, and leave behind."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
SMALL = ["--set", "clock.horizon=2 h", "--set", "clock.warmup=10 min"]
SCENARIO = str(ROOT / "scenarios" / "two-hubs.yaml")


def hubnet(*words, cwd=ROOT, **options):
    command = [sys.executable, "-m", "hubnet", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of the small scenario, with job records and two replications."""
    target = tmp_path_factory.mktemp("runs") / "small"
    done = hubnet("run", SCENARIO, *SMALL, "--records", "--replications", 2, "-o", target)
    assert done.returncode == 0, done.stderr
    return target


def test_a_run_writes_a_whole_folder(folder):
    names = sorted(path.name for path in folder.iterdir())
    made = ("accounts", "classes", "demand", "jobs", "measures", "od", "pools", "regions", "rejections")
    tables = [f"{name}.parquet" for name in (*made, "transfers", "trunks", "utilization", "widths")]
    assert names == sorted(["charts", "manifest.json", "runs.json", "summary.json", *tables])
    assert {path.suffix for path in (folder / "charts").iterdir()} == {".png"}
    assert [path.name for path in folder.parent.iterdir()] == ["small"], "temporary folders are left behind"


def test_a_reader_that_has_seen_enough_does_not_cost_the_results(tmp_path):
    target = tmp_path / "piped"
    words = [sys.executable, "-m", "hubnet", "run", SCENARIO, *SMALL, "--quiet", "-o", str(target)]
    done = subprocess.run(f"{shlex.join(words)} | head -c 1", shell=True, capture_output=True, text=True, check=False)
    assert (target / "summary.json").exists(), done.stderr


def test_the_manifest_says_what_was_run(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["scenario"] == Path(SCENARIO).read_text()
    assert manifest["settings"] == ["clock.horizon=2 h", "clock.warmup=10 min"]
    assert manifest["seed"] == 1
    assert {"hubnet", "numpy", "numba", "python"} <= set(manifest["versions"])


def test_the_summary_agrees_with_the_job_records(folder):
    summary = json.loads((folder / "summary.json").read_text())
    jobs = pd.read_parquet(folder / "jobs.parquet")
    window = jobs[jobs.submit_s >= 600]
    for name, numbers in summary["allocations"].items():
        mine = window[window.allocation == name]
        each = mine.groupby("replication", observed=True)
        assert numbers["jobs"]["submitted"]["value"] == pytest.approx(each.size().mean())
        done = mine[mine.status == "finished"]
        means = (done.finish_s - done.submit_s).groupby(done.replication, observed=True).mean()
        assert numbers["response_s"]["mean"]["value"] == pytest.approx(means.mean())
        low, high = numbers["response_s"]["mean"]["ci95"]
        half = 12.706204736432095 * means.std(ddof=1) / 2**0.5  # Student t, one degree of freedom
        assert (high - low) / 2 == pytest.approx(half)
    assert set(summary["differences"]) == {"north"}
    difference = summary["differences"]["north"]["response_s.mean"]["value"]
    a, b = (summary["allocations"][name]["response_s"]["mean"]["value"] for name in ("north", "as-built"))
    assert difference == pytest.approx(a - b)


def test_the_same_jobs_for_every_allocation(folder):
    jobs = pd.read_parquet(folder / "jobs.parquet").sort_values(["replication", "job"])
    columns = ["job", "class", "region", "devices", "submit_s", "work_s", "input_bit"]
    one, other = (jobs[jobs.allocation == name][columns].astype(str) for name in ("as-built", "north"))
    assert one.to_numpy().tolist() == other.to_numpy().tolist()


def test_json_prints_the_summary_and_nothing_else(tmp_path):
    done = hubnet("run", SCENARIO, *SMALL, "--json", "--allocation", "north", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert list(json.loads(done.stdout)["allocations"]) == ["north"]


def test_policies_are_compared_in_words_until_it_is_known_or_enough(tmp_path):
    words = ["--set", "clock.horizon=20 min", "--set", "clock.warmup=1 min", "--allocation", "as-built"]
    words += ["--policy", "random", "--policy", "nearest", "--baseline", "as-built, nearest"]
    words += ["--replications", "auto", "--precision", "0.001 %", "--most", 4, "--measure", "one_way_ms.mean"]
    done = hubnet("run", SCENARIO, *words, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["replications"] == 4
    # each region has a hub that is nearer than the mean of both
    assert summary["comparison"]["best"]["name"] == "as-built, nearest"
    assert summary["comparison"]["words"] in " ".join(done.stdout.split())
    assert "as-built, nearest has the least mean one-way delay" in done.stdout
    assert "the precision of 0.001 % was not reached: after 4 replications" in done.stdout
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["policy"] == "random, nearest"


def test_an_earlier_run_is_replaced_but_nothing_else_is(tmp_path):
    target = tmp_path / "out"
    for _ in range(2):
        assert hubnet("run", SCENARIO, *SMALL, "--quiet", "-o", target).returncode == 0
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    done = hubnet("run", SCENARIO, *SMALL, "-o", mine)
    assert done.returncode == 2
    assert "not a folder of results" in done.stderr
    assert (mine / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml"),
        (["check", "nowhere.yaml"], "nowhere.yaml"),
        (["run", SCENARIO, "--allocation", "south"], "no allocation 'south'"),
        (["run", SCENARIO, "--gear", "fast"], "no gear 'fast'"),
        (["run", SCENARIO, "--set", "clock.horizont=2 h"], "horizon"),
        (["run", SCENARIO, "--set", "clock.horizon=2"], "unit"),
        (["run", SCENARIO, "--policy", "mine.py"], "FILE.py:NAME"),
        (["run", SCENARIO, "--policy", "mine.py:x"], "no file"),
        (["run", SCENARIO, "--replications", "0"], "replications"),
        (["run", SCENARIO, "--replications", "some"], "'some' is not a whole number"),
        (["run", SCENARIO, "--replications", "auto", "--precision", "200 %"], "--precision"),
        (["run", SCENARIO, "--precision", "2 %"], "number of replications is fixed"),
        (["run", SCENARIO, "--baseline", "south"], "no run is called 'south'"),
        (["run", SCENARIO, "--sed", "3"], "seed"),
        (["data", "atlantis"], "atlantis"),
        (["run"], "SCENARIO"),
    ],
)
def test_bad_input_ends_with_two_and_no_traceback(words, message, tmp_path):
    done = hubnet(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [], "something was written"


def test_all_mistakes_of_a_file_with_their_places(tmp_path):
    text = Path(SCENARIO).read_text().replace("capacity: 100 Gbit/s", "capacity: 100").replace("seed:", "sed:")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text)
    done = hubnet("run", bad, cwd=tmp_path)
    assert done.returncode == 2
    places = [line for line in done.stderr.splitlines() if line.startswith(f"{bad}:")]
    lines = [int(place.removeprefix(f"{bad}:").split(":")[0]) for place in places]
    source = text.splitlines()
    assert any("capacity: 100," in source[line - 1] for line in lines)
    assert any("sed:" in source[line - 1] for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_nothing(number, tmp_path):
    command = [
        sys.executable,
        "-m",
        "hubnet",
        "run",
        SCENARIO,
        "--gear",
        "python",
        "-o",
        str(tmp_path / "runs" / "out"),
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "runs").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "nothing was written" in stderr
    assert list(tmp_path.iterdir()) == []


def test_a_policy_from_a_file(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import hubnet as hn\n@hn.policy\ndef far(job, pool, now, world):\n    return -pool\nnumber = 3\n"
    )
    done = hubnet("run", SCENARIO, *SMALL, "--policy", "mine.py:far", "--quiet", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["policy"] == "far"
    assert len(manifest["policy_sha256"]) == 64
    done = hubnet("run", SCENARIO, "--policy", "mine.py:number", cwd=tmp_path)
    assert done.returncode == 2
    assert "policies in the file: far" in done.stderr


def test_every_gear_gives_the_same(tmp_path):
    tables = []
    for gear in ("compiled", "python", "textbook"):
        words = ["--set", "clock.horizon=10 min", "--set", "clock.warmup=0 s", "--gear", gear, "--records"]
        done = hubnet("run", SCENARIO, *words, "--quiet", "-o", tmp_path / gear)
        assert done.returncode == 0, done.stderr
        jobs = pd.read_parquet(tmp_path / gear / "jobs.parquet").sort_values(["allocation", "job"])
        tables.append(jobs.reset_index(drop=True))
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    pd.testing.assert_frame_equal(tables[0], tables[2], check_exact=True)


def test_check_tells_what_to_expect():
    done = hubnet("check", ROOT / "scenarios" / "east-data-west-computing.yaml")
    assert done.returncode == 0, done.stderr
    for words in ("expected:", "jobs and", "GB", "Zhangjiakou/accelerator", "pretraining"):
        assert words in done.stdout


def test_check_warns_of_overload_and_of_gangs_that_fit_nowhere():
    words = ["--set", "workload.classes.chat.rate=40 /s", "--set", "workload.classes.train.devices=99"]
    done = hubnet("check", SCENARIO, *words)
    assert done.returncode == 0
    assert "UNSTABLE" in done.stdout
    assert "is unstable" in done.stdout
    assert "fit nowhere" in " ".join(done.stdout.split())


def test_schema_is_json():
    assert "hubnet" in json.loads(hubnet("schema").stdout)["properties"]


def test_data_shows_the_nation():
    out = hubnet("data", "china").stdout
    for words in ("129 trunks from 134 routes", "Guiyang", "west", "sourced", "estimate", "weak spots"):
        assert words in out
    listed = hubnet("data").stdout
    assert "china" in listed
    assert "united-states" in listed


def test_help_is_short_and_version_is_there():
    assert "check" in hubnet("--help").stdout
    assert hubnet("--version").stdout.startswith("hubnet ")


def test_a_closed_pipe_is_not_an_error(tmp_path):
    shell = f"{sys.executable} -m hubnet data china | head -1"
    done = subprocess.run(shell, shell=True, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "setting, said",
    [
        ("clock.horizon=1e300 d", "jobs are expected"),
        ("workload.classes.chat.rate=1e15 /s", "jobs are expected"),
        ("clock.bin=1 us", "bins"),
        ("scale=1e308", "scale"),
    ],
)
def test_a_run_without_an_end_is_refused(setting, said, tmp_path):
    done = hubnet("run", SCENARIO, "--set", setting, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_user_put_into_a_folder_outlives_its_results(tmp_path):
    for _ in range(2):
        done = hubnet("run", SCENARIO, *SMALL, "--csv", "--quiet", "-o", "out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        kept = sorted(path.name for path in (tmp_path / "out").iterdir())
        (tmp_path / "out" / "notes.txt").write_text("mine")
        (tmp_path / "out" / "report.html").write_text("of the first run")
        (tmp_path / "out" / "mine").mkdir(exist_ok=True)
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert {*kept} >= {"notes.txt", "mine", "classes.csv"}
    assert "report.html" not in kept


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told(tmp_path):
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "hubnet", "schema"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


def test_a_name_that_no_font_has_is_one_line(tmp_path):
    text = Path(SCENARIO).read_text().replace("name: Two hubs", "name: \U00012000")
    (tmp_path / "s.yaml").write_text(text)
    done = hubnet("run", "s.yaml", *SMALL, "-o", "out", cwd=tmp_path)
    assert "style.py" not in done.stderr
    assert "warning: some names have characters" in done.stderr
    assert "warning" not in hubnet("run", "s.yaml", *SMALL, "--quiet", "-o", "out", cwd=tmp_path).stderr
