"""Stopping jobs of lower priority so that the head of a queue fits.

Of the running jobs with a lower priority than the head, those of the lowest go first, and of these the one that started
last; nobody is stopped if all of them together would not be enough. A stopped job keeps what its checkpoints have, and
waits at the front of its lane with its data where it is: in its lane nobody else was delivered before it who still
waits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .calendar import forget
from .decisions import kept, pace, queued_work
from .jit import jitable
from .queues import vacate
from .world import END_SERVICE


@jitable
def make_room(head: int, pool: int, now: float, world: Any, machine: Any) -> bool:
    """Stop jobs until the head, which does not fit, does; False, and nobody is stopped, if that cannot be."""
    jobs, pools = world.jobs, world.pools
    lanes = machine.ledger.lanes[0]
    above, lowest = pool * lanes + jobs.lane[head], (pool + 1) * lanes - 1
    need = pools.busy[pool] + jobs.devices[head] - pools.devices[pool]
    for lane in range(lowest, above, -1):
        job = machine.lane_running[lane]
        while job != NONE and need > 0:
            need -= jobs.devices[job]
            job = jobs.next[job]
    if need > 0:
        return False
    for lane in range(lowest, above, -1):
        while machine.lane_running[lane] != NONE:
            if pools.busy[pool] + jobs.devices[head] <= pools.devices[pool]:
                return True
            put_back(machine.lane_running[lane], pool, now, world, machine)
    return True


@jitable
def put_back(job: int, pool: int, now: float, world: Any, machine: Any) -> None:
    """A running job gives its devices back, and waits again."""
    jobs, pools = world.jobs, world.pools
    vacate(job, pool, now, world, machine)
    forget(END_SERVICE, job, world, machine)
    jobs.work[job] = max(jobs.work[job] - kept(job, now, world) * pace(job, pool, world), 0.0)
    note_service(job, pool, now, world)
    jobs.attempts[job] += 1
    jobs.start[job], jobs.end[job] = np.nan, np.nan
    pools.waiting[pool] += 1
    pools.queued_devices[pool] += jobs.devices[job]
    pools.queued_work[pool] += queued_work(job, pool, world)
    lane = pool * machine.ledger.lanes[0] + jobs.lane[job]
    first = machine.lane_head[lane]
    jobs.before[job], jobs.next[job] = NONE, first
    machine.lane_head[lane] = job
    if first == NONE:
        machine.lane_tail[lane] = job
    else:
        jobs.before[first] = job


@jitable
def note_service(job: int, pool: int, now: float, world: Any) -> None:
    """The row of a job that was put back counts its earlier service as waiting; the sums for the checks of the run
    (`audit`) put that right."""
    ran = now - world.jobs.start[job]
    world.pools.stopped_s[pool] += world.jobs.devices[job] * ran
    world.pools.stopped_wait_s[pool] -= ran
