"""The built-in routers: plain functions (job, now, world) -> pool, or -1 to reject. Ties go to the first pool.

Those that end in `hour` and `valley` may hold a job that has slack: they try this moment and each full hour to which
it may be held. An hour must be better by more than rounding, or the earlier one is taken; of pools that are equally
good at that hour, the one with the least response.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .decisions import electricity_cost, eligible, energy, response, service_time, transfer_time
from .hours import HOUR, HOURS, hold, latest_release, mean_carbon, mean_demand, mean_price, next_hour
from .jit import jitable

PRICE, CARBON, DEMAND = range(3)  # what a router that holds jobs looks at
EQUAL = 1e-9  # relative; costs that differ by less are equal


def nearest(job: int, now: float, world: Any) -> int:
    """The eligible pool with the least one-way delay."""
    best, least = NONE, np.inf
    for pool in range(len(world.pools)):
        if eligible(job, pool, world):
            one_way = world.pairs.one_way[world.jobs.region[job], world.pools.hub[pool]]
            if one_way < least:
                best, least = pool, one_way
    return best


@jitable
def least_response(job: int, now: float, world: Any) -> int:
    """The eligible pool with the least estimated response."""
    best, least = NONE, np.inf
    for pool in range(len(world.pools)):
        if eligible(job, pool, world):
            time = response(job, pool, now, world)
            if time < least:
                best, least = pool, time
    return best


def cheapest_in_time(job: int, now: float, world: Any) -> int:
    """The least electricity cost among pools expected to meet the deadline; if none does, the least response."""
    cheapest, least_cost = NONE, np.inf
    fastest, least_time = NONE, np.inf
    for pool in range(len(world.pools)):
        if eligible(job, pool, world):
            time = response(job, pool, now, world)
            if time < least_time:
                fastest, least_time = pool, time
            if time <= world.jobs.deadline[job]:
                cost = electricity_cost(job, pool, world)
                if cost < least_cost:
                    cheapest, least_cost = pool, cost
    return cheapest if cheapest != NONE else fastest


def uniform(job: int, now: float, world: Any) -> int:
    """Any eligible pool, all with the same probability, by the job's own uniform."""
    count = 0
    for pool in range(len(world.pools)):
        count += eligible(job, pool, world)
    pick = int(world.jobs.u1[job] * count)
    if 0 < count == len(world.pools):
        return pick
    for pool in range(len(world.pools)):
        if eligible(job, pool, world):
            if pick == 0:
                return pool
            pick -= 1
    return NONE


@jitable
def better(cost: float, least: float) -> bool:
    """Is a cost below the least so far, by more than rounding?"""
    return cost < least and (least == np.inf or least - cost > EQUAL * abs(least))


@jitable
def cost_at(job: int, pool: int, at: float, looks_at: int, world: Any) -> float:
    """What it costs to release `job` to `pool` at a given time: yuan, or kg of CO2, or the demand in the hours after.

    The devices are taken to run from that time on, or from when the pool is expected to be free.
    """
    if looks_at == DEMAND:
        return mean_demand(at, world.jobs.work[job], world)
    length = service_time(job, pool, world)
    back = transfer_time(job, world.jobs.output[job], pool, world)
    back += world.pairs.one_way[world.jobs.region[job], world.pools.hub[pool]]
    begin = at + max(response(job, pool, at, world) - length - back, 0.0)
    kilowatt_hours = world.pools.pue[pool] * energy(job, pool, world)
    if looks_at == CARBON:
        return kilowatt_hours * mean_carbon(pool, begin, length, world)
    return kilowatt_hours * mean_price(pool, begin, length, world)


@jitable
def best_hour(job: int, now: float, looks_at: int, world: Any) -> int:
    """The pool and the release of least cost among those expected to meet the deadline; if there is none, the least
    response, now."""
    jobs = world.jobs
    best, release, least, least_time = NONE, now, np.inf, np.inf
    at, last = now, min(latest_release(job, now, world), now + HOURS * HOUR)  # after a week all comes again
    while at <= last:
        for pool in range(len(world.pools)):
            if eligible(job, pool, world):
                time = at - jobs.submit[job] + response(job, pool, at, world)
                if time <= jobs.deadline[job]:
                    cost = cost_at(job, pool, at, looks_at, world)
                    equal = at == release and time < least_time and not better(least, cost)
                    if best == NONE or better(cost, least) or equal:
                        best, release, least, least_time = pool, at, cost, time
        at = next_hour(at, world)
    if best == NONE:
        return least_response(job, now, world)
    if release > now:
        hold(job, release, world)
    return best


def cheapest_hour(job: int, now: float, world: Any) -> int:
    """The pool and hour of least electricity cost, by the price of the hour, among those expected to be in time."""
    return best_hour(job, now, PRICE, world)


def greenest_hour(job: int, now: float, world: Any) -> int:
    """The pool and hour of least CO2, by the carbon intensity of the hour, among those expected to be in time."""
    return best_hour(job, now, CARBON, world)


def valley(job: int, now: float, world: Any) -> int:
    """The hour in which the least work is asked for among those expected to be in time, and then the least response."""
    return best_hour(job, now, DEMAND, world)


BUILT_IN = {
    "nearest": nearest,
    "least-response": least_response,
    "cheapest-in-time": cheapest_in_time,
    "random": uniform,
    "cheapest-hour": cheapest_hour,
    "greenest-hour": greenest_hour,
    "valley": valley,
}
