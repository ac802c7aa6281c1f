"""Pools: who waits, who runs, and the integrals over time that say how busy the devices were."""

from __future__ import annotations

from typing import Any

from ..workload.jobs import NONE
from .calendar import announce
from .jit import jitable
from .world import END_SERVICE


@jitable
def enqueue(job: int, pool: int, now: float, world: Any) -> None:
    """The job, which was on its way, is at the end of the queue."""
    jobs, pools = world.jobs, world.pools
    account(pool, now, pools)
    pools.coming[pool] -= 1
    pools.waiting[pool] += 1
    if pools.head[pool] == NONE:
        pools.head[pool] = job
    else:
        jobs.next[pools.tail[pool]] = job
    pools.tail[pool] = job


@jitable
def serve(pool: int, now: float, world: Any, machine: Any) -> None:
    """First in, first out: start jobs from the head of the queue while their gangs fit; the head blocks."""
    jobs, pools = world.jobs, world.pools
    while pools.head[pool] != NONE:
        job = pools.head[pool]
        if pools.busy[pool] + jobs.devices[job] > pools.devices[pool]:
            break
        pools.head[pool] = jobs.next[job]
        jobs.next[job] = NONE
        pools.waiting[pool] -= 1
        pools.queued_devices[pool] -= jobs.devices[job]
        pools.queued_work[pool] -= jobs.devices[job] * jobs.work[job]
        if pools.waiting[pool] + pools.coming[pool] == 0:
            pools.queued_work[pool] = 0.0  # no rounding left over
        jobs.start[job] = now
        jobs.end[job] = now + jobs.work[job] / pools.speed[pool]
        pools.busy[pool] += jobs.devices[job]
        pools.running[pool] += 1
        pools.ends[pool] += jobs.devices[job] * jobs.end[job]
        announce(jobs.end[job], END_SERVICE, job, world, machine)


@jitable
def vacate(job: int, pool: int, now: float, world: Any) -> None:
    """A running job gives its devices back."""
    jobs, pools = world.jobs, world.pools
    account(pool, now, pools)
    pools.busy[pool] -= jobs.devices[job]
    pools.running[pool] -= 1
    pools.ends[pool] -= jobs.devices[job] * jobs.end[job]
    if pools.running[pool] == 0:
        pools.ends[pool] = 0.0


@jitable
def account(pool: int, now: float, pools: Any) -> None:
    """Bring the pool's integrals over time up to now; called before anything in them changes."""
    span = now - pools.since[pool]
    pools.since[pool] = now
    pools.busy_s[pool] += pools.busy[pool] * span
    pools.devices_s[pool] += pools.devices[pool] * span
    pools.capacity_s[pool] += max(pools.devices[pool], pools.busy[pool]) * span
    pools.waiting_s[pool] += pools.waiting[pool] * span
