"""How jobs/s and memory grow with the number of jobs: W1 in a process of its own for each size."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


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


def plot(records: list[dict[str, float]], file: Path) -> None:
    """Both against the number of jobs."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    jobs = [record["jobs"] for record in records]
    for axes, name, label in ((left, "jobs_per_s", "jobs/s"), (right, "memory_mb", "most memory, MB")):
        axes.plot(jobs, [record[name] for record in records], "o-")
        axes.set(xscale="log", xlabel="jobs", ylabel=label, ylim=(0, None))
    figure.suptitle("W1, compiled gear")
    figure.savefig(file, dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    print(json.dumps(one(int(sys.argv[1]))))
