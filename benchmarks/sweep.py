"""A sweep of 32 runs of some two seconds each by one worker and by two, wall time of the command."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parent.parent / "scenarios" / "two-hubs.yaml"
RUNS = (
    *("--vary", "workload.classes.chat.rate=8 /s:15 /s:1 /s", "--replications", "4"),
    *("--allocation", "as-built", "--set", "clock.horizon=5 d"),
)


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
