"""The clock as a policy sees it: hours of the week, what electricity costs and emits in each, and holding a job.

`world.week[pool, hour]` says by which factor price, carbon intensity and demand are above or below their mean over a
week, in each of its 168 hours from Monday 00:00; `world.start[0]` is how long the week was under way at time 0.
"""

from __future__ import annotations

from typing import Any

from .jit import jitable

HOUR = 3600.0
HOURS = 168


@jitable
def next_hour(at: float, world: Any) -> float:
    """s; when the next full hour on the clock begins, later than `at`."""
    into_week = at + world.start[0]
    hour = (int(into_week / HOUR) + 1) * HOUR - world.start[0]
    return hour if hour > at else hour + HOUR  # `at` was that hour, but for its last bits


@jitable
def latest_release(job: int, now: float, world: Any) -> float:
    """s; until when `job` may be held: its submit time + slack, or now if that is past."""
    return max(now, world.jobs.submit[job] + world.jobs.slack[job])


@jitable
def hold(job: int, release: float, world: Any) -> None:
    """Let `job` wait in its region until `release`, s, at most `latest_release`; for routers, beside the pool."""
    world.jobs.release[job] = release


@jitable
def integral(factors: Any, sums: Any, pool: int, at: float, world: Any) -> float:
    """h; the integral of a pool's factors from the beginning of the first week to `at`. sums: up to each hour."""
    hours = (at + world.start[0]) / HOUR
    whole = int(hours)
    weeks, hour = whole // HOURS, whole % HOURS
    week = sums[pool, HOURS - 1] + factors[pool, HOURS - 1]
    return weeks * week + sums[pool, hour] + factors[pool, hour] * (hours - whole)


@jitable
def mean_factor(factors: Any, sums: Any, pool: int, begin: float, length: float, world: Any) -> float:
    """The mean of a pool's factors over `length` s from `begin` on."""
    first = int((begin + world.start[0]) / HOUR)
    if int((begin + length + world.start[0]) / HOUR) == first or length <= 0:
        return factors[pool, first % HOURS]  # exactly: the difference of two integrals has their rounding
    end = integral(factors, sums, pool, begin + length, world)
    return (end - integral(factors, sums, pool, begin, world)) / (length / HOUR)


@jitable
def mean_price(pool: int, begin: float, length: float, world: Any) -> float:
    """yuan/kWh; the mean price of electricity at `pool` over `length` s from `begin` on."""
    week = world.week
    return world.pools.price[pool] * mean_factor(week.price, week.price_sum, pool, begin, length, world)


@jitable
def mean_carbon(pool: int, begin: float, length: float, world: Any) -> float:
    """kg/kWh; the mean carbon intensity of electricity at `pool` over `length` s from `begin` on."""
    week = world.week
    return world.pools.carbon[pool] * mean_factor(week.carbon, week.carbon_sum, pool, begin, length, world)


@jitable
def mean_demand(begin: float, length: float, world: Any) -> float:
    """What all classes together ask for in the `length` s from `begin` on, over their mean over a week."""
    week = world.week
    return mean_factor(week.demand, week.demand_sum, 0, begin, length, world)
