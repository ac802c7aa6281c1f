"""All benchmarks, with one command; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import growth
import jobs as generation
import nation
import others
import plain
import queues
import records
import start
import sweep
import traces
import w1
import w2

HERE = Path(__file__).parent
ENOUGH = (
    3_000_000  # jobs: their mean wait scatters by 4%; that of half a million by 7%, too much for a check within 15%
)
SCENARIO = HERE.parent / "scenarios" / "east-data-west-computing.yaml"
RATIOS = (  # title, of what, over what
    ("W1 compiled / plain SimPy", "W1 compiled, random, 8 hubs, jobs/s", "W1 plain SimPy, jobs/s"),
    ("W1 compiled / textbook", "W1 compiled, random, 8 hubs, jobs/s", "W1 textbook, jobs/s"),
    (
        "W1 with 10 x the hubs and regions",
        "W1 compiled, random, 80 hubs, jobs/s",
        "W1 compiled, random, 8 hubs, jobs/s",
    ),
    ("backfill / fifo", "queues backfill, jobs/s", "queues fifo, jobs/s"),
    ("first read / numpy.loadtxt", "traces first read, rows/s", "traces numpy.loadtxt, rows/s"),
    ("time with records / without", "W1 with records, s", "W1 without records, s"),
    ("sweep, 2 workers / 1", "sweep of 32 runs, 1 worker, s", "sweep of 32 runs, 2 workers, s"),
)


def seconds(*words: str, repeats: int) -> list[float]:
    """Wall time in s of a `hubnet` command, as a process."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hubnet", *words], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return times


def check_answers(flows: int, gangs: int) -> None:
    """A fast wrong simulator does not count."""
    print(f"W1: {w1.check_answer(ENOUGH)}")
    print(f"W1 in plain SimPy: {plain.check_answer(30_000)}")
    for name in others.installed():
        print(f"W1 in {name}: {others.check_answer(name, 20_000)}")
    print(f"W2: {w2.check_answer(flows)}")
    print(f"queues: {queues.check_answer(gangs)}")


def measured(quick: bool, repeats: int) -> Iterator[tuple[str, list[float]]]:
    """Name and sample of everything that is timed."""
    jobs, flows, gangs = (500_000, 20_000, 2_000) if quick else (3_000_000, 100_000, 10_000)
    for name, sample in w1.measure(jobs, repeats).items():
        yield f"W1 {name}, jobs/s", sample
    yield "W1 plain SimPy, jobs/s", [plain.speed(jobs // 100) for _ in range(repeats)]
    for name in others.installed():
        yield f"W1 {name}, jobs/s", [others.speed(name, jobs // 300) for _ in range(repeats)]
    for name, sample in w2.measure(flows, repeats).items():
        yield f"W2 {name}, flows/s", sample
    for name, sample in generation.measure(repeats).items():
        yield f"jobs {name}, rows/s", sample
    for name, sample in queues.measure(gangs, repeats).items():
        yield f"queues {name}, jobs/s", sample
    for name, sample in traces.measure(20_000 if quick else 200_000, repeats).items():
        yield f"traces {name}, rows/s", sample
    for name, sample in records.measure(jobs if quick else 10_000_000, repeats).items():
        yield f"W1 {name} records, s", sample
    for name, sample in start.measure(repeats, firsts=0 if quick else 3).items():
        if sample:
            yield f"start of a {name} run, s", sample
    yield "hubnet --help, s", seconds("--help", repeats=repeats)
    yield "hubnet check, main scenario, s", seconds("check", str(SCENARIO), repeats=repeats)
    if not quick:
        for name, sample in sweep.measure(3).items():
            yield f"sweep of 32 runs, {name}, s", sample


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer jobs and repeats, within a minute")
    quick = parser.parse_args().quick
    repeats = 1 if quick else 5
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today()}"
    print(f"{machine}; medians of {repeats}")
    check_answers(*((20_000, 2_000) if quick else (100_000, 10_000)))
    results: dict[str, list[float]] = {}
    for name, sample in measured(quick, repeats):
        results[name] = sample
        print(f"{name:45} {statistics.median(sample):>14,.2f}   ({min(sample):,.2f} to {max(sample):,.2f})")
    for title, above, below in RATIOS:
        if above in results and below in results:
            print(f"{title:45} {statistics.median(results[above]) / statistics.median(results[below]):>14,.2f}")
    jobs, spent, memory = nation.week(quick)
    print(f"national week{', scale 1/20' if quick else ''}: {jobs:,} jobs in {spent:.1f} s, {memory:,.0f} MB")
    sizes = growth.measure(growth.SIZES[:3] if quick else growth.SIZES)
    for record in sizes:
        print(f"W1, {record['jobs']:>12,} jobs: {record['jobs_per_s']:>12,.0f} jobs/s, {record['memory_mb']:,.0f} MB")
    hubs = {
        routing: [(size, statistics.median(results[f"W1 {w1.named(routing, size)}, jobs/s"])) for size in w1.SIZES]
        for routing in w1.ROUTINGS
    }
    growth.plot(sizes, hubs, HERE / "growth.png")
    week = {"jobs": jobs, "s": spent, "memory_mb": memory}
    found = {"machine": machine, "samples": results, "national week": week, "growth": sizes}
    (HERE / "results.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
