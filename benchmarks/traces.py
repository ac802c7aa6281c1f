"""How fast a log is read: rows/s of Standard Workload Format into a trace, beside plain numpy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hubnet.workload.traces.read import read_trace
from hubnet.workload.traces.swf import SwfHeader, write_swf

FIRST = """
import sys, time
from hubnet.workload.traces.read import read_trace
began = time.perf_counter()
read_trace(sys.argv[1])
print(time.perf_counter() - began)
"""


def log(folder: Path, rows: int) -> tuple[Path, float]:
    """A log of `rows` jobs with whole seconds, and its device-seconds."""
    rng = np.random.default_rng(1)
    columns = {
        "job": np.arange(1, rows + 1),
        "submit": np.cumsum(rng.integers(0, 60, rows)),
        "wait": rng.integers(0, 10_000, rows),
        "run": np.ceil(rng.lognormal(6.0, 2.0, rows)).clip(1, 864_000),
        "allocated": 2 ** rng.integers(0, 8, rows),
        "requested_time": rng.integers(1, 200, rows) * 3600,
        "status": rng.choice([0, 1], rows, p=[0.1, 0.9]),
        "user": rng.integers(1, 200, rows),
        "queue": rng.integers(1, 5, rows),
    }
    path = folder / "log.swf"
    write_swf(path, SwfHeader(), columns)
    return path, float((columns["run"] * columns["allocated"]).sum())


def measure(rows: int, repeats: int) -> dict[str, list[float]]:
    """Rows/s: the first read of a process, later ones, and `numpy.loadtxt` of the same file; taken in turn.

    Every row must become a job, and the device-seconds must be those that were written.
    """
    found: dict[str, list[float]] = {"first read": [], "later reads": [], "numpy.loadtxt": []}
    with tempfile.TemporaryDirectory() as folder:
        path, device_s = log(Path(folder), rows)
        trace = read_trace(path)
        read = float((trace.numbers["work"] * trace.numbers["devices"]).sum())
        if len(trace) != rows or read != device_s:
            raise SystemExit(f"the trace is wrong: {len(trace)} of {rows} rows, {read} of {device_s} device-seconds")
        for _ in range(repeats):
            command = [sys.executable, "-c", FIRST, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found["first read"].append(rows / float(done.stdout))
            began = time.perf_counter()
            read_trace(path)
            found["later reads"].append(rows / (time.perf_counter() - began))
            began = time.perf_counter()
            np.loadtxt(path, comments=";")
            found["numpy.loadtxt"].append(rows / (time.perf_counter() - began))
    return found


if __name__ == "__main__":
    speeds = measure(200_000, 5)
    plain = statistics.median(speeds["numpy.loadtxt"])
    for name, sample in speeds.items():
        median = statistics.median(sample)
        print(f"{name:16} {median:>10,.0f} rows/s   {median / plain:5.1f} of loadtxt   (best {max(sample):,.0f})")
