"""Pools: who waits, who runs, and the integrals over time that say how busy the devices were.

A pool's queue is one list of slots per *lane*: a lane holds the jobs of one priority, lane 0 goes first, and within a
lane the order is that of delivery. Under `fifo` there is one lane.
"""

from __future__ import annotations

from typing import Any

from ..workload.jobs import NONE
from .calendar import announce
from .decisions import planned_time, queued_work, service_time
from .jit import jitable
from .world import BACKFILL, END_SERVICE, PREEMPT


@jitable
def expect(job: int, pool: int, world: Any) -> None:
    """The job is on its way to the pool."""
    jobs, pools = world.jobs, world.pools
    pools.coming[pool] += 1
    pools.queued_devices[pool] += jobs.devices[job]
    pools.queued_work[pool] += queued_work(job, pool, world)


@jitable
def enqueue(job: int, pool: int, now: float, world: Any, machine: Any) -> None:
    """The job, which was on its way, is at the end of its lane."""
    jobs, pools = world.jobs, world.pools
    account(pool, now, pools)
    pools.coming[pool] -= 1
    pools.waiting[pool] += 1
    lane = pool * machine.ledger.lanes[0]
    if machine.ledger.lanes[0] > 1:
        lane += jobs.lane[job]
    if machine.ledger.discipline[0] == BACKFILL:
        jobs.planned[job] = planned_time(job, pool, world)
    jobs.next[job] = NONE
    if machine.lane_head[lane] == NONE:
        machine.lane_head[lane] = job
        jobs.before[job] = NONE
    else:
        tail = machine.lane_tail[lane]
        jobs.next[tail] = job
        jobs.before[job] = tail
    machine.lane_tail[lane] = job


@jitable
def head_of(pool: int, machine: Any) -> int:
    """The job that is next; NONE if nobody waits."""
    lanes = machine.ledger.lanes[0]
    for lane in range(pool * lanes, (pool + 1) * lanes):
        if machine.lane_head[lane] != NONE:
            return machine.lane_head[lane]
    return NONE


@jitable
def start(job: int, pool: int, now: float, world: Any, machine: Any) -> None:
    """The job leaves the queue, wherever it stands in it, and runs."""
    jobs, pools = world.jobs, world.pools
    leave_lane(job, pool, jobs, machine)
    pools.waiting[pool] -= 1
    pools.queued_devices[pool] -= jobs.devices[job]
    pools.queued_work[pool] -= queued_work(job, pool, world)
    if pools.waiting[pool] + pools.coming[pool] == 0:
        pools.queued_work[pool] = 0.0  # no rounding left over
    jobs.start[job] = now
    jobs.end[job] = now + service_time(job, pool, world)
    pools.busy[pool] += jobs.devices[job]
    pools.running[pool] += 1
    pools.ends[pool] += jobs.devices[job] * jobs.end[job]
    if machine.ledger.discipline[0] == BACKFILL:
        list_running(job, pool, now, world)
    elif machine.ledger.discipline[0] == PREEMPT:
        list_by_lane(job, pool, world, machine)
    announce(jobs.end[job], END_SERVICE, job, world, machine)


@jitable
def leave_lane(job: int, pool: int, jobs: Any, machine: Any) -> None:
    lane = pool * machine.ledger.lanes[0]
    if machine.ledger.lanes[0] > 1:
        lane += jobs.lane[job]
    if jobs.next[job] == NONE:
        machine.lane_tail[lane] = jobs.before[job]
    if unlink(job, jobs):
        machine.lane_head[lane] = jobs.next[job]


@jitable
def unlink(job: int, jobs: Any) -> bool:
    """Take a job out of the list that it is in; True if it was the first, so that the next one is now."""
    ahead, behind = jobs.before[job], jobs.next[job]
    if behind != NONE:
        jobs.before[behind] = ahead
    if ahead != NONE:
        jobs.next[ahead] = behind
    return ahead == NONE


@jitable
def vacate(job: int, pool: int, now: float, world: Any, machine: Any) -> None:
    """A running job gives its devices back."""
    jobs, pools = world.jobs, world.pools
    account(pool, now, pools)
    pools.busy[pool] -= jobs.devices[job]
    pools.running[pool] -= 1
    pools.ends[pool] -= jobs.devices[job] * jobs.end[job]
    if pools.running[pool] == 0:
        pools.ends[pool] = 0.0
    if machine.ledger.discipline[0] == BACKFILL:
        unlist_running(job, pool, now, world)
    elif machine.ledger.discipline[0] == PREEMPT:
        unlist_by_lane(job, pool, world, machine)


# -- who runs, the latest started of a lane first: only preemption asks


@jitable
def list_by_lane(job: int, pool: int, world: Any, machine: Any) -> None:
    """Put a job that starts before all others of its lane."""
    jobs, lane = world.jobs, pool * machine.ledger.lanes[0] + world.jobs.lane[job]
    behind = machine.lane_running[lane]
    jobs.before[job], jobs.next[job] = NONE, behind
    if behind != NONE:
        jobs.before[behind] = job
    machine.lane_running[lane] = job


@jitable
def unlist_by_lane(job: int, pool: int, world: Any, machine: Any) -> None:
    """Take a job that ends from the running ones of its lane."""
    jobs, lane = world.jobs, pool * machine.ledger.lanes[0] + world.jobs.lane[job]
    if unlink(job, jobs):
        machine.lane_running[lane] = jobs.next[job]


# -- who runs, by estimated end: only backfill asks


@jitable
def list_running(job: int, pool: int, now: float, world: Any) -> None:
    """Put a job that starts among the running ones, in order of estimated end."""
    jobs, pools = world.jobs, world.pools
    planned = now + jobs.planned[job]
    ahead, behind = NONE, pools.first_running[pool]
    while behind != NONE and jobs.planned[behind] <= planned:
        ahead, behind = behind, jobs.next[behind]
    jobs.planned[job], jobs.before[job], jobs.next[job] = planned, ahead, behind
    if behind != NONE:
        jobs.before[behind] = job
    if ahead != NONE:
        jobs.next[ahead] = job
    else:
        pools.first_running[pool] = job


@jitable
def unlist_running(job: int, pool: int, now: float, world: Any) -> None:
    """Take a job that ends from the running ones; if it ends sooner than estimated, the head may start sooner too."""
    jobs, pools = world.jobs, world.pools
    if unlink(job, jobs):
        pools.first_running[pool] = jobs.next[job]
    if jobs.planned[job] > now:
        pools.shadow_head[pool] = NONE


# -- integrals


@jitable
def account(pool: int, now: float, pools: Any) -> None:
    """Bring the pool's integrals over time up to now; called before anything in them changes."""
    span = now - pools.since[pool]
    pools.since[pool] = now
    pools.busy_s[pool] += pools.busy[pool] * span
    pools.devices_s[pool] += pools.devices[pool] * span
    pools.capacity_s[pool] += max(pools.devices[pool], pools.busy[pool]) * span
    pools.waiting_s[pool] += pools.waiting[pool] * span
