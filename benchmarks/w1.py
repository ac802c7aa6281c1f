"""W1: the plainest workload, for the speed of the event loop itself."""

from __future__ import annotations

import time
from functools import partial

import numpy as np

import hubnet as hn
from hubnet.engine.clock import Clock
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.policy import find_router
from hubnet.engine.setup import Setup
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import LINK, PAIR, POOL
from hubnet.workload.arrivals import JobClass, job_blocks
from hubnet.workload.distributions import Choice, Exponential

REGIONS, HUBS, SERVERS, LOAD = 10, 8, 64, 0.8
RATE = LOAD * HUBS * SERVERS  # jobs/s of simulated time: service takes 1 s in the mean

SIZES = (8, 16, 32, 80)  # hubs; regions grow with them
ROUTINGS = ("random", "least-response")


def setup(jobs: int, routing: str = "random", seed: int = 1, hubs: int = HUBS, regions: int = REGIONS) -> Setup:
    """About `jobs` jobs of W1, or of a larger one with the same load per server."""
    names = tuple(f"R{i}" for i in range(regions))
    rate = RATE * hubs / HUBS
    mix = (JobClass("jobs", rate, dict.fromkeys(names, 1.0), Choice((1,), (1.0,)), Exponential(1.0)),)
    pools, pairs = np.zeros(hubs, POOL), np.zeros((regions, hubs), PAIR)
    pools["hub"], pools["nominal"], pools["devices"], pools["speed"] = np.arange(hubs), SERVERS, SERVERS, 1.0
    pairs["one_way"] = 0.001 * (1 + np.arange(regions * hubs).reshape(regions, hubs) % 30)
    pairs["capacity"] = np.inf
    horizon = jobs / rate
    return Setup(
        regions=names,
        hubs=tuple(f"H{i}" for i in range(hubs)),
        devices=("server",),
        classes=("jobs",),
        links=(),
        pools=pools,
        pairs=pairs,
        path=np.zeros(1, np.int64),
        links_table=np.zeros(0, LINK),
        fit=np.ones((1, hubs)),
        blocks=partial(job_blocks, mix, names, seed, 0, horizon),
        router=find_router(routing),
        horizon=horizon,
        warmup=horizon / 10,
        bin=horizon / 100,
    )


def speed(
    make: type[Clock], jobs: int, routing: str = "random", hubs: int = HUBS, regions: int = REGIONS, **options: str
) -> float:
    """Jobs per second of CPU time of one run, generating the jobs and all meters included."""
    run = setup(jobs, routing, hubs=hubs, regions=regions)
    began = time.process_time()
    env = make(run, **options)
    env.run()
    played = env.close().jobs.counts.status.sum() / 0.9  # the meters count from the end of warm-up
    return float(played / (time.process_time() - began))


def check_answer(jobs: int) -> str:
    """The simulated mean wait beside Erlang C: a fast wrong simulator does not count."""
    env = HubEnvironment(setup(jobs), gear="compiled")
    env.run()
    wait = env.close().jobs.mean("wait") or 0.0
    exact = hn.theory.mmc_wait(SERVERS, LOAD * SERVERS, 1.0)
    if abs(wait / exact - 1) > 0.15:
        raise SystemExit(f"W1 is wrong: mean wait {wait:.3g} s, Erlang C says {exact:.3g} s")
    return f"mean wait {wait * 1e3:.3f} ms, Erlang C {exact * 1e3:.3f} ms"


def named(routing: str, hubs: int) -> str:
    """A run of the compiled gear, in the table."""
    return f"compiled, {routing}, {hubs} hubs"


def measure(jobs: int, repeats: int) -> dict[str, list[float]]:
    """Jobs/s of each gear, taken in turn; the slow ones on fewer jobs."""
    speed(HubEnvironment, 10_000, gear="compiled")  # load the kernel
    found: dict[str, list[float]] = {named(routing, hubs): [] for routing in ROUTINGS for hubs in SIZES}
    found |= {"python": [], "textbook": []}
    for _ in range(repeats):
        for routing in ROUTINGS:
            for hubs in SIZES:
                regions = hubs * REGIONS // HUBS
                rate = speed(HubEnvironment, jobs, routing, hubs, regions, gear="compiled")
                found[named(routing, hubs)].append(rate)
        found["python"].append(speed(HubEnvironment, jobs // 100, gear="python"))
        found["textbook"].append(speed(Textbook, jobs // 100))
    return found
