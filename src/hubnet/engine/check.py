"""`check_policy`: does a policy keep its contract, and is it the same in both gears?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import PolicyError, Problem
from ..workload.jobs import NONE
from ..workload.streams import stream
from .arrays import as_columns, new_world, week_records
from .decisions import eligible
from .gears import gears
from .hours import latest_release
from .policy import Router, find_router, outside_state
from .world import PAIR, POOL, World

REGIONS, POOLS, JOBS, NOW = 3, 6, 8, 100.0


@dataclass(frozen=True)
class PolicyReport:
    """What `check_policy` found of a policy that keeps its contract. compiled: does it run in machine code?"""

    name: str
    decisions: int
    compiled: bool
    message: str

    def __str__(self) -> str:
        return self.message


def check_policy(policy: Router | str, worlds: int = 20) -> PolicyReport:
    """Try a policy or router on `worlds` made-up worlds of a few pools and jobs each.

    A cost must be finite or inf, the same when asked again, and change nothing. A router must return an eligible
    pool or -1, hold a job no longer than its slack, and change nothing but `world.memory`. Both must decide alike in
    both gears. Raises PolicyError with every way in which it does not; returns a report, printable, if it does.
    """
    router = find_router(policy)
    problems = outside_state(router)
    messages: list[str] = []
    gear, _, compiled = gears(router, "auto", messages.append)
    for seed in range(worlds):
        problems += _try(router, compiled if gear == "compiled" else None, seed)
    if problems:
        raise PolicyError(list(dict.fromkeys(problems))[:10])
    decisions = worlds * JOBS
    if gear == "compiled":
        message = f"{router.name}: {decisions} decisions, the same in both gears"
    else:
        message = f"{router.name}: {decisions} decisions. {messages[-1]}"
    return PolicyReport(router.name, decisions, gear == "compiled", message)


def _try(router: Router, compiled: Any, seed: int) -> list[Problem]:
    """The problems on one made-up world, in which earlier decisions' traces in `memory` stay."""
    arrays = made_up_world(seed, router.memory)
    twin = World(*(a.copy() for a in arrays))
    world, problems = as_columns(arrays), []
    for job in range(JOBS):
        before, memory = _bytes(arrays), arrays.memory.tobytes()
        try:
            if router.is_cost:
                problems += _try_cost(router, job, world)
            chosen = router.choose(job, NOW, world)
        except Exception as error:  # whatever the user's function raises is what we are looking for
            hint = "it is called as (job, pool, now, world)" if router.is_cost else "it is called as (job, now, world)"
            return [*problems, Problem(f"{router.name} fails: {type(error).__name__}: {error}", hint)]
        if router.is_cost and arrays.memory.tobytes() != memory:
            problems.append(Problem(f"{router.name} writes to world.memory", "that is for routers: @hubnet.router"))
        if _bytes(arrays) != before:
            problems.append(
                Problem(
                    f"{router.name} changes the world that it decides about",
                    "only a router's world.memory is its own, and hubnet.hold",
                )
            )
        if not isinstance(chosen, int | np.integer):
            problems.append(
                Problem(f"{router.name} returns {chosen!r}, not the number of a pool", "return a pool, or -1 to reject")
            )
            continue
        if chosen != NONE and not (0 <= chosen < POOLS and eligible(job, chosen, world)):
            problems.append(
                Problem(
                    f"{router.name} chose pool {chosen}, which the job may not use",
                    "return only pools for which hubnet.eligible(job, pool, world) is true, or -1 to reject",
                )
            )
        release = float(world.jobs.release[job])
        if not (np.isnan(release) or NOW <= release <= latest_release(job, NOW, world)):
            latest = latest_release(job, NOW, world)
            problems.append(
                Problem(
                    f"{router.name} holds a job until {release:g} s that may be held until {latest:g} s",
                    "hubnet.latest_release(job, now, world) says until when",
                )
            )
        differs = compiled is not None and compiled(job, NOW, twin) != chosen
        if differs or (compiled is not None and not np.array_equal(twin.jobs["release"], arrays.jobs["release"], True)):
            problems.append(
                Problem(
                    f"{router.name} decides differently in the compiled gear and in Python",
                    "numba freezes globals and computes whole numbers in 64 bits; does it use one or the other?",
                )
            )
    return problems


def _try_cost(router: Router, job: int, world: Any) -> list[Problem]:
    problems = []
    for pool in range(POOLS):
        cost: Any = router(job, pool, NOW, world)
        again = router(job, pool, NOW, world)
        if not isinstance(cost, int | float | np.number) or math.isnan(cost) or cost == -math.inf:
            problems.append(
                Problem(
                    f"{router.name} returns {cost!r}: a cost is a number, or inf to forbid",
                    "avoid 0 / 0 and NaN prices",
                )
            )
        elif cost != again:
            problems.append(
                Problem(
                    f"{router.name} returns {cost!r} and then {again!r} for the same job, pool and world",
                    "it must be pure: no clock, no random numbers (jobs carry two uniforms, u1 and u2), no state",
                )
            )
    return problems


def made_up_world(seed: int, memory: int) -> World:
    """A few pools in all states: idle, busy, with a queue, without devices, without a path from some region."""
    rng = stream(seed, 0, "check_policy")
    pools, pairs = np.zeros(POOLS, POOL), np.zeros((REGIONS, POOLS), PAIR)
    pools["hub"] = np.arange(POOLS)
    pools["nominal"] = rng.integers(1, 20, POOLS)
    pools["devices"] = pools["nominal"] * (rng.random(POOLS) < 0.9)
    pools["busy"] = rng.integers(0, pools["nominal"] + 1)
    pools["running"] = np.minimum(pools["busy"], 1)
    pools["ends"] = pools["busy"] * (100.0 + rng.exponential(50, POOLS))
    pools["waiting"] = rng.integers(0, 3, POOLS)
    pools["queued_devices"] = pools["waiting"] * 2
    pools["queued_work"] = pools["waiting"] * rng.exponential(50, POOLS)
    pools["speed"], pools["power"], pools["pue"] = rng.uniform(0.5, 3, POOLS), 400.0, rng.uniform(1, 1.5, POOLS)
    pools["price"], pools["carbon"] = rng.uniform(0.3, 0.8, POOLS), rng.uniform(0, 0.7, POOLS)
    pairs["one_way"] = np.where(rng.random(pairs.shape) < 0.1, np.inf, rng.uniform(0, 0.03, pairs.shape))
    pairs["capacity"] = rng.uniform(1e9, 1e11, pairs.shape)
    pairs["hops"] = 1
    factors = {name: rng.uniform(0.5, 1.5, (POOLS, 168)) for name in ("price", "carbon", "demand")}
    week = week_records(POOLS, **factors)
    world = new_world(pools, pairs, np.ones((1, POOLS)), memory, JOBS, week, start=3600.0 * 50)
    jobs = world.jobs
    jobs["id"], jobs["region"] = np.arange(JOBS), rng.integers(0, REGIONS, JOBS)
    jobs["devices"], jobs["work"] = rng.integers(1, 9, JOBS), rng.exponential(60, JOBS)
    jobs["input"], jobs["output"] = rng.exponential(1e10, JOBS), rng.exponential(1e9, JOBS)
    jobs["wave"], jobs["tolerance"] = 8e10, np.inf
    jobs["deadline"] = np.where(rng.random(JOBS) < 0.5, np.inf, rng.exponential(200, JOBS))
    jobs["submit"], jobs["pinned"], jobs["live"] = NOW, NONE, 1
    jobs["slack"], jobs["release"] = np.where(rng.random(JOBS) < 0.5, 0.0, rng.exponential(20_000, JOBS)), np.nan
    jobs["u1"], jobs["u2"] = rng.random(JOBS), rng.random(JOBS)
    return world


def _bytes(world: World) -> bytes:
    """Everything that a policy may not change: all but its memory and the releases of jobs."""
    jobs = world.jobs.copy()
    jobs["release"] = 0.0
    return b"".join(part.tobytes() for part in world._replace(jobs=jobs, memory=np.zeros(0)))
