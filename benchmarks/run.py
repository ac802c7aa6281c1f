"""All benchmarks, with one command; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import growth
import jobs as generation
import plain
import queues
import traces
import w1
import w2

HERE = Path(__file__).parent
ENOUGH = (
    3_000_000  # jobs: their mean wait scatters by 4%; that of half a million by 7%, too much for a check within 15%
)
SCENARIO = HERE.parent / "scenarios" / "east-data-west-computing.yaml"


def seconds(*words: str, repeats: int) -> list[float]:
    """Wall time in s of a `hubnet` command, as a process."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hubnet", *words], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer jobs and repeats")
    quick = parser.parse_args().quick
    repeats, jobs, flows = (3, 500_000, 20_000) if quick else (5, 3_000_000, 100_000)
    print(f"{platform.machine()}, Python {platform.python_version()}; medians of {repeats}")
    print(f"W1: {w1.check_answer(ENOUGH)}")
    print(f"W1 in plain SimPy: {plain.check_answer(30_000)}")
    results: dict[str, list[float]] = {}
    for name, speeds in w1.measure(jobs, repeats).items():
        results[f"W1 {name}, jobs/s"] = speeds
    results["W1 plain SimPy, jobs/s"] = [plain.speed(jobs // 100) for _ in range(repeats)]
    print(f"W2: {w2.check_answer(flows)}")
    for name, speeds in w2.measure(flows, repeats).items():
        results[f"W2 {name}, flows/s"] = speeds
    for name, speeds in generation.measure(repeats).items():
        results[f"jobs {name}, rows/s"] = speeds
    gangs = 2_000 if quick else 10_000
    print(f"queues: {queues.check_answer(gangs)}")
    for name, speeds in queues.measure(gangs, repeats).items():
        results[f"queues {name}, jobs/s"] = speeds
    for name, speeds in traces.measure(200_000, repeats).items():
        results[f"traces {name}, rows/s"] = speeds
    results["hubnet --help, s"] = seconds("--help", repeats=repeats)
    results["hubnet check, main scenario, s"] = seconds("check", str(SCENARIO), repeats=repeats)
    with tempfile.TemporaryDirectory() as folder:
        words = ("run", str(SCENARIO), "--quiet", "-o", f"{folder}/out")
        results["hubnet run, main scenario, s"] = seconds(*words, repeats=1 if quick else 3)
    for name, sample in results.items():
        print(f"{name:40} {statistics.median(sample):>14,.2f}   ({min(sample):,.2f} to {max(sample):,.2f})")
    fast, slow = (statistics.median(results[f"W1 {name}, jobs/s"]) for name in ("compiled", "textbook"))
    print(f"{'W1 compiled / textbook':40} {fast / slow:>14,.1f}")
    simple = statistics.median(results["W1 plain SimPy, jobs/s"])
    print(f"{'W1 compiled / plain SimPy':40} {fast / simple:>14,.1f}")
    for title, above, below in (
        ("backfill / fifo", "queues backfill, jobs/s", "queues fifo, jobs/s"),
        ("first read / numpy.loadtxt", "traces first read, rows/s", "traces numpy.loadtxt, rows/s"),
    ):
        print(f"{title:40} {statistics.median(results[above]) / statistics.median(results[below]):>14,.2f}")
    sizes = growth.measure(growth.SIZES[:3] if quick else growth.SIZES)
    for record in sizes:
        print(f"W1, {record['jobs']:>12,} jobs: {record['jobs_per_s']:>12,.0f} jobs/s, {record['memory_mb']:,.0f} MB")
    growth.plot(sizes, HERE / "growth.png")
    (HERE / "results.json").write_text(json.dumps(results | {"growth": sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
