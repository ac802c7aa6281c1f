"""What writing job records costs: W1 with `jobs.parquet` and without, wall time."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import w1

from hubnet.engine.environment import HubEnvironment
from hubnet.study.records import JobsFile


def seconds(jobs: int, records: bool) -> float:
    """Wall time in s of a run."""
    setup = replace(w1.setup(jobs), names={"allocation": "W1"})
    with tempfile.TemporaryDirectory() as folder:
        file = JobsFile(Path(folder) / "jobs.parquet")
        began = time.perf_counter()
        env = HubEnvironment(setup, gear="compiled", sink=file.sink(setup, 0) if records else None)
        env.run()
        env.close()
        file.close()
        return time.perf_counter() - began


def measure(jobs: int, repeats: int) -> dict[str, list[float]]:
    """Wall time in s with and without, taken in turn."""
    seconds(10_000, True)  # load what is needed
    found: dict[str, list[float]] = {"without": [], "with": []}
    for _ in range(repeats):
        found["without"].append(seconds(jobs, False))
        found["with"].append(seconds(jobs, True))
    return found
