"""What a router could choose from for one job: every pool, as it is when the job is submitted."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .decisions import electricity_cost, eligible, expected_wait, response
from .environment import HubEnvironment


def considered(env: HubEnvironment, job: int) -> list[dict[str, Any]]:
    """One dict per pool for a job that will be submitted now; the environment is of no use afterwards.

    job: its number. env: run until the job's submission. Each dict has pool (its name), eligible and why (not),
    one_way_ms, wait_s, response_s, electricity_yuan (None if unknown), and cost: that of the policy if it is made of
    one. KeyError if the job does not come next.
    """
    slot, world, now = _placed(env, job), env.world, float(env.now)
    router = env.setup.router
    found = []
    for pool, name in enumerate(env.setup.pool_names):
        why = _why_not(slot, pool, world)
        fits = not why and bool(eligible(slot, pool, world))
        yuan = electricity_cost(slot, pool, world) if fits else np.nan
        found.append(
            {
                "pool": name,
                "eligible": fits,
                "why": why,
                "one_way_ms": 1e3 * float(world.pairs.one_way[world.jobs.region[slot], world.pools.hub[pool]]),
                "wait_s": float(expected_wait(slot, pool, now, world)) if fits else None,
                "response_s": float(response(slot, pool, now, world)) if fits else None,
                "electricity_yuan": float(yuan) if np.isfinite(yuan) else None,
                "cost": float(router(slot, pool, now, world)) if fits and router.is_cost else None,
            }
        )
    return found


def _placed(env: HubEnvironment, job: int) -> int:
    """A free slot that holds the job, as if it had been submitted."""
    ledger = env._machine.ledger
    rows = env._machine.block[int(ledger["cursor"][0]) : int(ledger["rows"][0])]
    at = np.flatnonzero(rows["id"] == job)
    if not len(at):
        following = env._next_block()
        if following is None or not (following["id"] == job).any():
            raise KeyError(f"job {job} does not come next")
        rows, at = following, np.flatnonzero(following["id"] == job)
    if int(env._machine.ledger["free"][0]) == 0:
        env._grow()
    slot = int(env._machine.free[int(env._machine.ledger["free"][0]) - 1])
    for name in rows.dtype.names or ():
        env._world.jobs[name][slot] = rows[name][at[0]]
    env._world.jobs["stranded"][slot], env._world.jobs["hub"][slot], env._world.jobs["pool"][slot] = 0, NONE, NONE
    return slot


def _why_not(job: int, pool: int, world: Any) -> str:
    """Why a pool is not for a job; empty if nothing speaks against it. The rules are those of `decisions.eligible`."""
    jobs, pools, pairs = world.jobs, world.pools, world.pairs
    hub, region = pools.hub[pool], jobs.region[job]
    if not world.fit[jobs.place[job], pool] > 0:
        return "not for jobs of this class"
    if jobs.pinned[job] not in (NONE, hub):
        return "the job is bound to another hub"
    if pools.nominal[pool] < jobs.devices[job]:
        return f"has {int(pools.nominal[pool])} devices"
    if pairs.broken[region, hub] == 1:
        return "every path there is cut"
    if pairs.one_way[region, hub] == np.inf:
        return "no path leads there"
    return "" if eligible(job, pool, world) else "too far for its tolerance"
