"""A real Dask cluster on this machine: a scheduler and two workers. One is killed in the middle of a sweep."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import hubnet as hn
from hubnet.study.sweep import read_sweep

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'hubnet[cluster]'")

ROOT = Path(__file__).parent.parent
SCENARIO = str(ROOT / "scenarios" / "two-hubs.yaml")
SETTINGS = ["clock.horizon=2 h", "clock.warmup=0 s"]
VARY = {"workload.classes.chat.rate": ["10 /s", "20 /s"], "policy.routing": ["nearest", "random"]}
PATIENCE = 90  # s


class Cluster:
    """`dask scheduler` and two `dask worker`, as one would start them, on free ports of 127.0.0.1."""

    def __init__(self, folder):
        self.processes, self.folder = [], folder
        note = folder / "scheduler.json"
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(note))
        self.address = self.wait(lambda: json.loads(note.read_text())["address"] if note.exists() else None)
        self.workers = [self.start("worker", self.address, "--nthreads", "1", "--no-nanny") for _ in range(2)]
        from distributed import Client

        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=PATIENCE)

    def start(self, *words):
        log = (self.folder / f"{len(self.processes)}.log").open("w")
        path = os.pathsep.join([str(Path(hn.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.processes.append(process)
        return process

    def wait(self, ready):
        deadline = time.monotonic() + PATIENCE
        while (found := ready()) is None:
            assert all(process.poll() is None for process in self.processes), self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.05)
        return found

    def logs(self):
        return "\n".join(log.read_text() for log in self.folder.glob("*.log"))

    def stop(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster.__new__(Cluster)
    try:
        made.__init__(tmp_path)
        yield made
    finally:
        made.stop()


def test_a_cluster_that_loses_a_worker_gives_the_same_table(cluster, tmp_path):
    from distributed import Client

    scenario = hn.load(SCENARIO, SETTINGS)
    expected = hn.sweep(scenario, VARY, replications=2)

    words = [word for path, values in VARY.items() for word in ("--vary", f"{path}={','.join(values)}")]
    words += [word for setting in SETTINGS for word in ("--set", setting)]
    command = [sys.executable, "-m", "hubnet", "sweep", SCENARIO, *words, "--replications", "2"]
    command += ["--cluster", cluster.address, "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr + cluster.logs()
    pd.testing.assert_frame_equal(read_sweep(tmp_path / "out"), expected, check_exact=True)

    counts = []

    def progress(finished, total):
        counts.append((finished, total))
        if finished == 4:
            cluster.workers[0].kill()

    with Client(cluster.address, timeout=PATIENCE, set_as_default=False) as client:
        table = hn.sweep(scenario, VARY, replications=2, executor=client.get_executor(pure=False), progress=progress)
    assert counts == [(count, 16) for count in range(1, 17)], "a run did not arrive, or did twice"
    assert cluster.workers[0].wait(10) != 0
    assert cluster.workers[1].poll() is None
    pd.testing.assert_frame_equal(table, expected, check_exact=True)


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    command = [sys.executable, "-m", "hubnet", "sweep", SCENARIO, "--vary", "policy.queue=fifo"]
    command += ["--cluster", "tcp://127.0.0.1:1", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "no scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
