"""`hubnet run --checkpoint`: whatever stops a run, and as often as it does, it ends with the same bits."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hubnet as hn
from hubnet import keeping
from hubnet.running import RunOptions, run_scenario

ROOT = Path(__file__).parent.parent
SETTINGS = ["clock.horizon=3 h", "clock.warmup=30 min"]  # 150,000 jobs: two parts of records
INCIDENTS = """
incidents:
  - {at: 50 min, lasting: 30 min, cut: Gavle-South}
  - {at: 90 min, lasting: 10 min, outage: Lulea}
"""
ROUND_ROBIN = """
import hubnet as hn

@hn.router(memory=1)
def round_robin(job, now, world):
    for step in range(len(world.pools)):
        pool = (int(world.memory[0]) + step) % len(world.pools)
        if hn.eligible(job, pool, world):
            world.memory[0] = pool + 1
            return pool
    return -1
"""
TIMES = ("command", "gear", "wall_s", "finished_at", "study_sha256")  # of a manifest: may differ


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    file = tmp_path_factory.mktemp("scenario") / "two-hubs.yaml"
    file.write_text((ROOT / "scenarios" / "two-hubs.yaml").read_text() + INCIDENTS)
    return file


def command(scenario, *words):
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    return [sys.executable, "-m", "hubnet", "run", str(scenario), *settings, *map(str, words)]


def hubnet(scenario, *words):
    return subprocess.run(command(scenario, *words), capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def whole(scenario, tmp_path_factory):
    """The folder of a run that was never stopped, nor saved."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hubnet.show.save_all", lambda *_: [])
        run_scenario(scenario, RunOptions(settings=tuple(SETTINGS), folder=folder, records=True), quiet=True)
    return folder


def assert_same(folder, other):
    """Are these folders of the same results, to the last bit?"""
    names = {path.name for path in folder.iterdir()}
    assert names == {path.name for path in other.iterdir()}
    for name in names - {"charts", "manifest.json"}:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    one, two = (json.loads((place / "manifest.json").read_text()) for place in (folder, other))
    assert {key: one[key] for key in one if key not in TIMES} == {key: two[key] for key in two if key not in TIMES}


def begun(scenario, target, *words, finished=1, states=2):
    """A process, when so many of its runs are finished and the next has so many states."""
    process = subprocess.Popen(
        command(scenario, "-o", target, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    partial, deadline = target.with_name(f"{target.name}.partial"), time.monotonic() + 120
    while True:
        done = list(partial.glob("runs/*/finished.state"))
        open_states = [
            path for path in partial.glob("runs/*/0*.state") if not (path.parent / "finished.state").exists()
        ]
        if len(done) >= finished and len(open_states) >= states:
            return process, sorted(open_states)
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_run_goes_on_and_ends_the_same(scenario, whole, tmp_path):
    target, partial = tmp_path / "out", tmp_path / "out.partial"
    words = ["--records", "--checkpoint", "10 min"]
    process, states = begun(scenario, target, *words)
    process.kill()
    process.communicate(timeout=60)
    assert [path.name for path in tmp_path.iterdir()] == ["out.partial"]

    last = sorted(states[-1].parent.glob("0*.state"))[-1]
    content = bytearray(last.read_bytes())
    content[len(content) // 2] ^= 1
    last.write_bytes(content)
    done = hubnet(scenario, *words, "-o", target, "--resume")
    assert done.returncode == 0, done.stderr
    assert f"{last} is damaged, and is not used" in done.stderr
    assert "goes on from" in done.stderr
    assert "begins anew" not in done.stderr
    assert_same(target, whole)
    assert not partial.exists()


def test_an_interrupted_run_says_how_to_go_on(scenario, tmp_path):
    target = tmp_path / "out"
    process, _ = begun(scenario, target, "--checkpoint", "10 min", finished=0, states=1)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert f"the last state of 1 unfinished run is kept in {target}.partial" in stderr
    assert "--resume" in stderr
    assert not target.exists()


# -- in this process, and without charts


class Stop:
    """Lets `hubnet run` end as by Ctrl-C after it has been saved so many times."""

    def __init__(self, monkeypatch, scenario, folder, **options):
        self.scenario, self.left, self.said = scenario, 0, []
        self.options = {"settings": tuple(SETTINGS), "folder": folder} | options
        save, run = keeping._Run.save, keeping._Run.__init__

        def save_and_stop(this, env):
            save(this, env)
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt

        def begin(this, root, identity, setup, takers, say):
            run(this, root, identity, setup, takers, lambda text: (self.said.append(text), say(text)))

        monkeypatch.setattr(keeping._Run, "save", save_and_stop)
        monkeypatch.setattr(keeping._Run, "__init__", begin)
        monkeypatch.setattr("hubnet.show.save_all", lambda *_: [])

    def __call__(self, after=0, **options):
        """Is the run finished, or stopped after so many states?"""
        self.left, self.said = after, []
        try:
            run_scenario(self.scenario, RunOptions(**self.options | options), quiet=True)
        except KeyboardInterrupt:
            return False
        return True


def test_a_study_that_is_stopped_again_and_again(scenario, tmp_path, monkeypatch):
    """With a warm-up to be found, replications, records, and a router that remembers."""
    (tmp_path / "mine.py").write_text(ROUND_ROBIN)
    options = {
        "settings": (*SETTINGS, "clock.warmup=auto", "fibre.sharing=none"),
        "policies": (f"{tmp_path / 'mine.py'}:round_robin",),
        "allocations": ("north",),
        "replications": 2,
        "records": True,
    }
    assert Stop(monkeypatch, scenario, tmp_path / "whole", **options)()
    run = Stop(monkeypatch, scenario, tmp_path / "out", **options)
    stops = 0
    while not run(after=7, checkpoint=1200.0, resume=stops > 0):
        stops += 1
        assert not (tmp_path / "out").exists()
    assert stops == 4  # of four runs, two of them pilots, with eight states each
    assert_same(tmp_path / "out", tmp_path / "whole")


@pytest.mark.parametrize("damaged", ["0*.state", "jobs-00000.parquet"])
def test_what_is_damaged_is_played_again(damaged, scenario, whole, tmp_path, monkeypatch):
    run = Stop(monkeypatch, scenario, tmp_path / "out", records=True)
    assert not run(after=16, checkpoint=1080.0)
    (begun,) = (path for path in (tmp_path / "out.partial/runs").iterdir() if not (path / "finished.state").exists())
    states = sorted(begun.glob("0*.state"))
    assert [path.name for path in states] == ["000006.state", "000007.state"]
    for path in begun.glob(damaged):
        path.write_bytes(path.read_bytes()[:-1])
    assert len(list(begun.glob("jobs-*.parquet"))) == 2  # one up to the cut, when paths were found anew, and one since
    assert run(resume=True)  # as often as before: that is noted
    assert sum("is damaged" in text for text in run.said) == 2
    assert sum("begins anew" in text for text in run.said) == 1
    assert_same(tmp_path / "out", whole)


def test_a_finished_run_that_is_damaged_is_played_again(scenario, whole, tmp_path, monkeypatch):
    run = Stop(monkeypatch, scenario, tmp_path / "out", records=True)
    assert not run(after=16, checkpoint=1080.0)
    (finished,) = (tmp_path / "out.partial/runs").glob("*/finished.state")
    finished.write_bytes(finished.read_bytes() + b"\0")
    assert run(resume=True, checkpoint=3600.0)
    assert sum("is damaged" in text for text in run.said) == 1
    assert_same(tmp_path / "out", whole)


def test_more_replications_take_over_what_is_finished(scenario, tmp_path, monkeypatch):
    run = Stop(monkeypatch, scenario, tmp_path / "out", replications=2, allocations=("north",))
    assert not run(after=13, checkpoint=1080.0)
    assert len(list((tmp_path / "out.partial/runs").glob("*/finished.state"))) == 1
    assert run(resume=True, replications=3)
    assert sum("goes on from" in text for text in run.said) == 1
    more = Stop(monkeypatch, scenario, tmp_path / "whole", replications=3, allocations=("north",))
    assert more()
    assert_same(tmp_path / "out", tmp_path / "whole")


def test_what_is_kept_is_neither_lost_nor_mixed(scenario, whole, tmp_path, monkeypatch, capsys):
    run = Stop(monkeypatch, scenario, tmp_path / "out", records=True)
    assert not run(after=16, checkpoint=1080.0)
    for changed, message in (
        ({"checkpoint": 1080.0}, "go on with --resume"),
        ({"resume": True, "seed": 5}, "of another seed"),
        ({"resume": True, "settings": (*SETTINGS, "policy.queue=priority")}, "of another scenario, or other settings"),
        ({"resume": True, "policies": ("random",)}, "of other policies"),
        ({"resume": True, "gear": "textbook"}, "textbook gear cannot be saved"),
    ):
        with pytest.raises(hn.InputError, match=message) as refused:
            run(**changed)
        assert "textbook" in message or "1 finished run and the last state of 1 unf" in str(refused.value)
    monkeypatch.setattr("hubnet.resume.model_version", lambda: "new")
    with pytest.raises(hn.InputError, match="of another version of hubnet"):
        run(resume=True)
    monkeypatch.undo()
    run = Stop(monkeypatch, scenario, tmp_path / "out", records=True)
    assert run(resume=True)
    assert_same(tmp_path / "out", whole)
    capsys.readouterr()
    run_scenario(scenario, RunOptions(**run.options, resume=True), as_json=True, quiet=True)
    assert capsys.readouterr().out == (whole / "summary.json").read_text()


def test_what_is_in_the_way_is_left_alone(scenario, tmp_path, monkeypatch):
    run = Stop(monkeypatch, scenario, tmp_path / "out")
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "thesis.txt").write_text("years of work")
    with pytest.raises(hn.InputError, match="left alone"):
        run(checkpoint=1080.0)
    assert (tmp_path / "out.partial" / "thesis.txt").read_text() == "years of work"


def test_there_must_be_something_to_resume(scenario, tmp_path, monkeypatch):
    with pytest.raises(hn.InputError, match="nothing to go on with"):
        Stop(monkeypatch, scenario, tmp_path / "out")(resume=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["0 s", "1", "soon", "-1 d"])
def test_times_that_make_no_sense(given, scenario, tmp_path):
    from hubnet.running import span

    with pytest.raises(hn.InputError, match="--checkpoint"):
        span("--checkpoint", given)
