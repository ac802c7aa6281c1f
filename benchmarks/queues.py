"""How fast long queues are served: jobs/s with a backlog of about 256 jobs in every pool, by discipline.

Gangs of 1 to 16 devices on pools of 64. The population is closed: a job comes whenever one leaves, so a queue always
holds about 256, whatever the discipline. That is played once in each discipline to learn when jobs are submitted; then
16 such pools play their jobs side by side, at these times, and that is measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from hubnet.engine.environment import HubEnvironment
from hubnet.engine.policy import find_router
from hubnet.engine.setup import Outcome, Setup
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import BACKFILL, FIFO, LINK, PAIR, POOL, PRIORITY
from hubnet.workload.jobs import JOB, empty_block

POOLS, DEVICES, BACKLOG, DEPTH = 16, 64, 256, 256
WIDTHS, CHANCES = (1, 2, 4, 8, 16), (0.5, 0.2, 0.15, 0.1, 0.05)  # 2.9 devices in the mean
POPULATION = BACKLOG + 20  # as many run at a time, about
GRID = 1024  # times are multiples of 1 / 1024 s: sums of them are exact, so that a shift in time changes no order
CASES = {  # name: discipline, priorities
    "fifo": (FIFO, 1),
    "priority": (PRIORITY, 3),
    "backfill": (BACKFILL, 1),
    "backfill, priorities": (BACKFILL, 3),
}


def setup(name: str, jobs: np.ndarray, pools: int = 1) -> Setup:
    """A run of these jobs (`JOB` rows); region i is in the city of hub i, which has one pool."""
    discipline, lanes = CASES[name]
    table, pairs = np.zeros(pools, POOL), np.zeros((pools, pools), PAIR)
    table["hub"], table["nominal"], table["devices"], table["speed"] = np.arange(pools), DEVICES, DEVICES, 1.0
    pairs["one_way"] = np.where(np.eye(pools), 0.0, np.inf)
    pairs["capacity"] = np.inf
    return Setup(
        regions=tuple(f"R{i}" for i in range(pools)),
        hubs=tuple(f"H{i}" for i in range(pools)),
        devices=("device",),
        classes=("high", "middle", "low"),
        links=(),
        pools=table,
        pairs=pairs,
        path=np.zeros(1, np.int64),
        links_table=np.zeros(0, LINK),
        fit=np.ones((1, pools)),
        blocks=lambda: iter([jobs] if len(jobs) else []),
        router=find_router("nearest"),
        bin=20.0,
        class_places=(0, 0, 0),
        class_lanes=(0, 1, 2) if lanes > 1 else (0, 0, 0),
        discipline=discipline,
        lanes=lanes,
        depth=DEPTH,
    )


@cache
def closed(name: str, count: int) -> np.ndarray:
    """`count` jobs of one pool, submitted when they would be in a closed population."""
    rng = np.random.default_rng(1)
    rows = empty_block(count)
    rows["id"] = np.arange(count)
    rows["devices"] = rng.choice(WIDTHS, count, p=CHANCES)
    rows["work"] = np.ceil(rng.lognormal(0.0, 1.0, count) * GRID) / GRID
    rows["klass"] = rng.integers(0, 3, count)
    run = setup(name, np.zeros(0, JOB))
    rows["lane"] = np.array(run.class_lanes)[rows["klass"]]
    env = HubEnvironment(run, gear="compiled")
    left = iter(range(count))

    def user(env: Any) -> Iterator[Any]:
        for k in left:
            rows["submit"][k] = env.now
            klass = run.classes[rows["klass"][k]]
            job = env.submit("R0", devices=int(rows["devices"][k]), work_s=float(rows["work"][k]), klass=klass)
            yield env.finished(job)

    for _ in range(POPULATION):
        env.process(user(env))
    env.run()
    return rows


def workload(name: str, count: int) -> np.ndarray:
    """The jobs of all pools, each a little later than the one before it."""
    one = closed(name, count)
    rows = np.tile(one, POOLS)
    rows["region"] = np.repeat(np.arange(POOLS), count)
    rows["submit"] += 0.375 * rows["region"]
    rows = rows[np.argsort(rows["submit"], kind="stable")]
    rows["id"] = np.arange(len(rows))
    return rows


def play(run: Setup) -> Outcome:
    """A run to its end in the compiled gear."""
    env = HubEnvironment(run, gear="compiled")
    env.run()
    return env.close()


def check_answer(count: int) -> str:
    """All jobs finish, queues are as long as they should be, and a short run is that of the other gear and the
    textbook, job by job."""
    lengths = []
    for name in CASES:
        rows = workload(name, count)
        outcome = play(setup(name, rows, POOLS))
        finished = int(outcome.jobs.counts.status.sum(axis=0)[0])
        start, end = 0.1 * closed(name, count)["submit"][-1], closed(name, count)["submit"][-1]
        waited = outcome.bins.table("waiting_s").sum(axis=1)
        edges = np.asarray(outcome.bins.edges)
        inside = (edges[:-1] >= start) & (edges[1:] <= end)
        length = float((waited[inside] / np.diff(edges)[inside]).mean()) / POOLS
        if finished != len(rows) or not 0.8 * BACKLOG < length < 1.2 * BACKLOG:
            raise SystemExit(f"{name} is wrong: {finished} of {len(rows)} jobs finished, {length:.0f} waited")
        lengths.append(f"{name} {length:.0f}")
        few = setup(name, closed(name, count)[:1000])
        kept = [_rows(make, few, options) for make, options in ENGINES]
        if not all(np.array_equal(kept[0], other) for other in kept[1:]):
            raise SystemExit(f"{name} is wrong: the gears and the textbook do not agree")
    return f"all engines agree; jobs that wait in a pool: {', '.join(lengths)}"


ENGINES: tuple[tuple[Any, dict[str, str]], ...] = (
    (HubEnvironment, {"gear": "compiled"}),
    (HubEnvironment, {"gear": "python"}),
    (Textbook, {}),
)


def _rows(make: Any, run: Setup, options: dict[str, str]) -> np.ndarray:
    """(id, start, end) of all jobs, by id."""
    found: list[np.ndarray] = []
    env = make(run, sink=lambda rows: found.append(rows.copy()), **options)
    env.run()
    env.close()
    rows = np.concatenate(found)
    rows = rows[np.argsort(rows["id"])]
    return np.column_stack([rows["id"], rows["start"], rows["end"]])


def measure(count: int, repeats: int) -> dict[str, list[float]]:
    """Jobs per s of processor time of each discipline, taken in turn; jobs are ready, meters included."""
    found: dict[str, list[float]] = {name: [] for name in CASES}
    runs = {name: setup(name, workload(name, count), POOLS) for name in CASES}
    for _ in range(repeats):
        for name, run in runs.items():
            began = time.process_time()
            play(run)
            found[name].append(count * POOLS / (time.process_time() - began))
    return found


if __name__ == "__main__":
    print(check_answer(10_000))
    speeds = measure(10_000, 5)
    for name, sample in speeds.items():
        median = statistics.median(sample)
        share = median / statistics.median(speeds["fifo"])
        print(f"{name:24} {median / 1e6:6.3f} million jobs/s   {share:.2f} of fifo   (best {max(sample) / 1e6:.3f})")
