"""W1 in simulators from the package index, each as its own tutorial would write it; skipped where not installed.

They play a smaller W1: the speed per job does not depend on how many follow. Each is checked against Erlang C first.
"""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Callable

from w1 import HUBS, LOAD, RATE, REGIONS, SERVERS

import hubnet as hn

Run = tuple[int, float, float]  # jobs finished, s of CPU time, s of mean wait


def ciw(jobs: int, seed: int = 1) -> Run:
    """Ciw: hubs are nodes with servers; the way there and back is a node with as many servers as one likes.

    Delays are drawn from those of all pairs, as a Ciw node does not know where a customer came from.
    """
    import ciw

    delays = [0.001 * (1 + pair % 30) for pair in range(REGIONS * HUBS)]
    way = ciw.dists.Pmf(delays, [1 / len(delays)] * len(delays))
    there, hubs, back = [0], list(range(1, HUBS + 1)), HUBS + 1
    routing = [[0.0] * (HUBS + 2) for _ in range(HUBS + 2)]
    for hub in hubs:
        routing[there[0]][hub] = 1 / HUBS
        routing[hub][back] = 1.0
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE), *[None] * (HUBS + 1)],
        service_distributions=[way, *[ciw.dists.Exponential(1.0)] * HUBS, way],
        number_of_servers=[float("inf"), *[SERVERS] * HUBS, float("inf")],
        routing=routing,
    )
    ciw.seed(seed)
    began = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(jobs / RATE)
    spent = time.process_time() - began
    records = simulation.get_all_records()
    waits = [record.waiting_time for record in records if record.node in {hub + 1 for hub in hubs}]
    return sum(record.node == back + 1 for record in records), spent, sum(waits) / len(waits)


def salabim(jobs: int, seed: int = 1) -> Run:
    """salabim: a component per job, a resource per hub."""
    import salabim as sim

    sim.yieldless(False)
    env = sim.Environment(random_seed=seed)
    hubs = [sim.Resource("hub", capacity=SERVERS, env=env, monitor=False) for _ in range(HUBS)]
    rng, waits, finished = random.Random(seed), [], [0]

    class Job(sim.Component):  # type: ignore[misc]
        def process(self):
            region, hub = rng.randrange(REGIONS), rng.randrange(HUBS)
            one_way = 0.001 * (1 + (region * HUBS + hub) % 30)
            yield self.hold(one_way)
            delivered = env.now()
            yield self.request(hubs[hub])
            waits.append(env.now() - delivered)
            yield self.hold(rng.expovariate(1.0))
            self.release(hubs[hub])
            yield self.hold(one_way)
            finished[0] += 1

    class Jobs(sim.Component):  # type: ignore[misc]
        def process(self):
            while True:
                yield self.hold(rng.expovariate(RATE))
                Job(env=env)

    Jobs(env=env)
    began = time.process_time()
    env.run(jobs / RATE)
    return finished[0], time.process_time() - began, sum(waits) / len(waits)


PACKAGES: dict[str, Callable[..., Run]] = {"ciw": ciw, "salabim": salabim}


def installed() -> list[str]:
    """Which of them can be run here."""
    return [name for name in PACKAGES if importlib.util.find_spec(name)]


def check_answer(name: str, jobs: int) -> str:
    """The mean wait beside Erlang C."""
    _, _, wait = PACKAGES[name](jobs, seed=2)
    exact = hn.theory.mmc_wait(SERVERS, LOAD * SERVERS, 1.0)
    if abs(wait / exact - 1) > 0.5:  # so few jobs scatter by some 20%
        raise SystemExit(f"W1 in {name} is wrong: mean wait {wait:.3g} s, Erlang C says {exact:.3g} s")
    return f"mean wait {wait * 1e3:.2f} ms, Erlang C {exact * 1e3:.2f} ms"


def speed(name: str, jobs: int) -> float:
    """Jobs per second of CPU time of one run with about `jobs` jobs."""
    finished, spent, _ = PACKAGES[name](jobs)
    return finished / spent
