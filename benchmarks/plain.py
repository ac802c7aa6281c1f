"""W1 in plain SimPy, as its tutorial would write it: a process per job, a `Resource` per hub, and nothing measured but
the wait."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import simpy
from w1 import HUBS, LOAD, RATE, REGIONS, SERVERS

import hubnet as hn


class Country:
    """W1 under way; `waits` are those of jobs that have started."""

    def __init__(self, seed: int) -> None:
        self.env = simpy.Environment()
        self.hubs = [simpy.Resource(self.env, SERVERS) for _ in range(HUBS)]
        self.random = random.Random(seed)
        self.waits: list[float] = []
        self.finished = 0

    def jobs(self) -> Iterator[simpy.Event]:
        """Jobs arrive at random times, anywhere."""
        while True:
            yield self.env.timeout(self.random.expovariate(RATE))
            self.env.process(self.job(self.random.randrange(REGIONS), self.random.randrange(HUBS)))

    def job(self, region: int, hub: int) -> Iterator[simpy.Event]:
        """There, queue, run, and back."""
        one_way = 0.001 * (1 + (region * HUBS + hub) % 30)
        yield self.env.timeout(one_way)
        delivered = self.env.now
        with self.hubs[hub].request() as server:
            yield server
            self.waits.append(self.env.now - delivered)
            yield self.env.timeout(self.random.expovariate(1.0))
        yield self.env.timeout(one_way)
        self.finished += 1


def speed(jobs: int, seed: int = 1) -> float:
    """Jobs per second of CPU time of one run with about `jobs` jobs."""
    country = Country(seed)
    began = time.process_time()
    country.env.process(country.jobs())
    country.env.run(jobs / RATE)
    return country.finished / (time.process_time() - began)


def check_answer(jobs: int) -> str:
    """The mean wait beside Erlang C, so that it is the same W1."""
    country = Country(2)
    country.env.process(country.jobs())
    country.env.run(jobs / RATE)
    wait = sum(country.waits) / len(country.waits)
    exact = hn.theory.mmc_wait(SERVERS, LOAD * SERVERS, 1.0)
    if abs(wait / exact - 1) > 0.5:  # so few jobs scatter by some 20%
        raise SystemExit(f"W1 in plain SimPy is wrong: mean wait {wait:.3g} s, Erlang C says {exact:.3g} s")
    return f"mean wait {wait * 1e3:.2f} ms, Erlang C {exact * 1e3:.2f} ms"
