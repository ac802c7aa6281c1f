"""How jobs/s and memory grow with the number of jobs, W1 in a process of its own for each size; and the chart of it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)


def one(jobs: int) -> dict[str, float]:
    """Jobs/s and the most memory in MB that this process, and so this run, has taken."""
    import w1

    from hubnet.engine.environment import HubEnvironment

    w1.speed(HubEnvironment, 10_000, gear="compiled")  # load the kernel
    rate = w1.speed(HubEnvironment, jobs, gear="compiled")
    return {"jobs": jobs, "jobs_per_s": rate, "memory_mb": most_memory()}


def most_memory() -> float:
    """The most memory that this process has taken, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # in Linux, ru_maxrss begins with what the parent had
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def measure(sizes: tuple[int, ...]) -> list[dict[str, float]]:
    """One record per size."""
    words = [sys.executable, str(HERE / "growth.py")]
    return [json.loads(subprocess.check_output([*words, str(jobs)])) for jobs in sizes]


def plot(records: list[dict[str, float]], hubs: dict[str, list[tuple[int, float]]], file: Path) -> None:
    """jobs/s and memory against the number of jobs, and jobs/s against hubs: for each routing, (hubs, jobs/s)."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.5), layout="constrained")
    jobs = [record["jobs"] for record in records]
    left.plot(jobs, [record["jobs_per_s"] / 1e6 for record in records], "o-")
    middle.plot(jobs, [record["memory_mb"] for record in records], "o-")
    for routing, found in hubs.items():
        right.plot([count for count, _ in found], [rate / 1e6 for _, rate in found], "o-", label=routing)
    left.set(xscale="log", xlabel="jobs", ylabel="million jobs/s", title="speed")
    middle.set(xscale="log", xlabel="jobs", ylabel="MB", title="most memory")
    right.set(xlabel="hubs, with 1.25 regions each", ylabel="million jobs/s", title="speed")
    right.legend()
    for ax in (left, middle, right):
        ax.set_ylim(0, 1.1 * ax.dataLim.ymax)
    figure.suptitle("W1, compiled gear")
    figure.savefig(file, dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    print(json.dumps(one(int(sys.argv[1]))))
