"""How fast jobs are generated: rows/s of whole blocks, thrown away at once."""

from __future__ import annotations

import time

from hubnet.network.weeks import week_of
from hubnet.workload.arrivals import JobClass, job_blocks
from hubnet.workload.distributions import Choice, Exponential, Lognormal

REGIONS = tuple(f"R{i}" for i in range(10))
MANY = tuple(f"R{i}" for i in range(37))
WEEK = week_of([0.2] * 8 + [1.5] * 12 + [0.9] * 4, [1.0] * 24)
GANGS = Choice((1, 4, 8), (0.5, 0.3, 0.2))


def a_class(name: str, regions: tuple[str, ...], **fields: object) -> JobClass:
    """Two million jobs a week in all, heavy-tailed, in gangs, unless told otherwise."""
    weights = dict.fromkeys(regions, 1.0)
    return JobClass(name, 2e6 / 604_800, weights, GANGS, Lognormal(100.0, 1.5, 1e5), **fields)  # type: ignore[arg-type]


ONE = JobClass("jobs", 500.0, dict.fromkeys(REGIONS, 1.0), Choice((1,), (1.0,)), Exponential(1.0))
MIXES = {  # name: classes, regions, horizon in s
    "Poisson, 1 class x 10 regions": ((ONE,), REGIONS, 4_000.0),
    "Poisson, 12 x 37": (tuple(a_class(f"c{k}", MANY) for k in range(12)), MANY, 100_000.0),
    "profile and bursts, 1 x 10": ((a_class("c", REGIONS, week=WEEK, cv=3.0),), REGIONS, 604_800.0),
    "profile and bursts, 12 x 37": (
        tuple(a_class(f"c{k}", MANY, week=WEEK, cv=3.0) for k in range(12)),
        MANY,
        100_000.0,
    ),
}


def speed(name: str) -> float:
    """Rows/s of one run through a mix."""
    classes, regions, horizon = MIXES[name]
    began = time.perf_counter()
    rows = sum(len(block) for block in job_blocks(classes, regions, 1, 0, horizon))
    return rows / (time.perf_counter() - began)


def measure(repeats: int) -> dict[str, list[float]]:
    """Rows/s of each mix, taken in turn."""
    found: dict[str, list[float]] = {name: [] for name in MIXES}
    for _ in range(repeats):
        for name, sample in found.items():
            sample.append(speed(name))
    return found


if __name__ == "__main__":
    for name, sample in measure(5).items():
        print(f"{name:32} {sorted(sample)[2] / 1e6:6.2f} million rows/s   (best {max(sample) / 1e6:.2f})")
