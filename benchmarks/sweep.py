"""A sweep of 32 runs by one worker and by two, wall time of the command."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parent.parent / "scenarios" / "east-data-west-computing.yaml"
RUNS = ("--vary", "workload.load=40%:75%:5%", "--replications", "4", "--allocation", "as-built", "--set", "scale=1/8")


def seconds(workers: int) -> float:
    """Wall time in s."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "hubnet", "sweep", str(SCENARIO), *RUNS, "--quiet", "-o", f"{folder}/out"]
        began = time.perf_counter()
        subprocess.run([*words, "--workers", str(workers)], check=True, capture_output=True)
        return time.perf_counter() - began


def measure(repeats: int) -> dict[str, list[float]]:
    """Wall time in s, taken in turn."""
    found: dict[str, list[float]] = {"1 worker": [], "2 workers": []}
    for _ in range(repeats):
        found["1 worker"].append(seconds(1))
        found["2 workers"].append(seconds(2))
    return found
