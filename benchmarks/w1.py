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


def setup(jobs: int, routing: str = "random", seed: int = 1) -> Setup:
    """About `jobs` jobs of W1."""
    names = tuple(f"R{i}" for i in range(REGIONS))
    mix = (JobClass("jobs", RATE, dict.fromkeys(names, 1.0), Choice((1,), (1.0,)), Exponential(1.0)),)
    pools, pairs = np.zeros(HUBS, POOL), np.zeros((REGIONS, HUBS), PAIR)
    pools["hub"], pools["nominal"], pools["devices"], pools["speed"] = np.arange(HUBS), SERVERS, SERVERS, 1.0
    pairs["one_way"] = 0.001 * (1 + np.arange(REGIONS * HUBS).reshape(REGIONS, HUBS) % 30)
    pairs["capacity"] = np.inf
    horizon = jobs / RATE
    return Setup(
        regions=names,
        hubs=tuple(f"H{i}" for i in range(HUBS)),
        devices=("server",),
        classes=("jobs",),
        links=(),
        pools=pools,
        pairs=pairs,
        path=np.zeros(1, np.int64),
        links_table=np.zeros(0, LINK),
        fit=np.ones((1, HUBS)),
        blocks=partial(job_blocks, mix, names, seed, 0, horizon),
        router=find_router(routing),
        horizon=horizon,
        warmup=horizon / 10,
        bin=horizon / 100,
    )


def speed(make: type[Clock], jobs: int, routing: str = "random", **options: str) -> float:
    """Jobs per second of CPU time of one run, generating the jobs and all meters included."""
    run = setup(jobs, routing)
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


def measure(jobs: int, repeats: int) -> dict[str, list[float]]:
    """Jobs/s of each gear, taken in turn; the slow ones on fewer jobs."""
    speed(HubEnvironment, 10_000, gear="compiled")  # load the kernel
    found: dict[str, list[float]] = {"compiled": [], "compiled, least-response": [], "python": [], "textbook": []}
    for _ in range(repeats):
        found["compiled"].append(speed(HubEnvironment, jobs, gear="compiled"))
        found["compiled, least-response"].append(speed(HubEnvironment, jobs, "least-response", gear="compiled"))
        found["python"].append(speed(HubEnvironment, jobs // 100, gear="python"))
        found["textbook"].append(speed(Textbook, jobs // 100))
    return found
