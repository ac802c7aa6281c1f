"""Which job of a queue starts next: in order, or past a head that does not fit.

EASY backfill (Lifka, 1995): a job may pass the head if that does not delay it. The *shadow* is the earliest time at
which the head fits, if running jobs end as estimated (one that has overrun is taken to end now); *extra* is how many
devices will be left over then. A later job that fits may start if it is estimated to end by the shadow, or if it
uses no more than the extra devices.

While the same head waits, its shadow stays the same as long as nobody ends sooner than estimated; and who could not
pass it before cannot do so when another job is delivered, which frees nothing; nor when devices are freed, if they are
still too few for every job that the head would not have to wait for. So the shadow is remembered, and how many devices
are *wanted* by the least of those jobs; a delivery costs one look, and most ends of jobs cost none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .jit import jitable, rarely
from .preemption import make_room
from .queues import head_of, start
from .world import BACKFILL, NOBODY, PREEMPT, UNSEEN


@jitable
def serve(pool: int, new: int, now: float, world: Any, machine: Any) -> None:
    """Start the jobs that may start now. `new`: the job that has just joined the queue, or NONE."""
    jobs, pools = world.jobs, world.pools
    head = head_of(pool, machine)
    while head != NONE and pools.busy[pool] + jobs.devices[head] <= pools.devices[pool]:
        start(head, pool, now, world, machine)
        head, new = head_of(pool, machine), NONE
        pools.shadow_head[pool] = NONE
    if machine.ledger.discipline[0] == PREEMPT:
        while head != NONE and make_room(head, pool, now, world, machine):
            start(head, pool, now, world, machine)
            head = head_of(pool, machine)
    if head != NONE and machine.ledger.discipline[0] == BACKFILL:
        backfill(head, pool, new, now, world, machine)


@rarely
def backfill(head: int, pool: int, new: int, now: float, world: Any, machine: Any) -> None:
    """Let jobs pass the head, which does not fit."""
    jobs, pools, ledger = world.jobs, world.pools, machine.ledger
    lanes, free = ledger.lanes[0], pools.devices[pool] - pools.busy[pool]
    known = pools.shadow_head[pool] == head and pools.shadow[pool] >= now
    if known and pools.wanted[pool] != UNSEEN:
        if new == NONE:
            if free < pools.wanted[pool]:
                return
        elif pools.waiting[pool] - 1 <= ledger.depth[0]:
            if may_pass(new, pool, now, world):
                pass_head(new, pool, now, world, machine)
            elif not hopeless(new, pool, now, world):
                pools.wanted[pool] = min(pools.wanted[pool], jobs.devices[new])
            return
        elif jobs.lane[new] == lanes - 1:
            return  # it is the last, behind all that are looked at
    if free <= 0:
        pools.wanted[pool] = UNSEEN
        return
    if not known:
        find_shadow(head, pool, now, world)
    seen, passed, wanted, shadow = 0, 0, NOBODY, pools.shadow[pool]
    for lane in range(pool * lanes, (pool + 1) * lanes):
        job = machine.lane_head[lane]
        while job != NONE:
            behind = jobs.next[job]
            if job != head:
                if free <= 0 or seen == ledger.depth[0]:  # if somebody has passed, another comes within the depth
                    pools.wanted[pool] = UNSEEN if free <= 0 or passed else wanted
                    return
                seen += 1
                need = jobs.devices[job]
                if need <= pools.extra[pool] or now + jobs.planned[job] <= shadow:  # not `hopeless`
                    if need <= free:
                        pass_head(job, pool, now, world, machine)
                        free -= need
                        passed += 1
                    elif need < wanted:
                        wanted = need
            job = behind
    pools.wanted[pool] = wanted


@jitable
def may_pass(job: int, pool: int, now: float, world: Any) -> bool:
    """Does the job fit, and does the head not have to wait for it?"""
    jobs, pools = world.jobs, world.pools
    if pools.busy[pool] + jobs.devices[job] > pools.devices[pool]:
        return False
    return not hopeless(job, pool, now, world)


@jitable
def hopeless(job: int, pool: int, now: float, world: Any) -> bool:
    """Would the head have to wait for the job? Then so it would later, as long as the shadow stays the same."""
    if world.jobs.devices[job] <= world.pools.extra[pool]:
        return False
    return now + world.jobs.planned[job] > world.pools.shadow[pool]


@jitable
def pass_head(job: int, pool: int, now: float, world: Any, machine: Any) -> None:
    """Start a job that may pass; if it will still run when the head starts, it takes of the extra devices."""
    start(job, pool, now, world, machine)
    if world.jobs.planned[job] > world.pools.shadow[pool]:
        world.pools.extra[pool] -= world.jobs.devices[job]


@jitable
def find_shadow(head: int, pool: int, now: float, world: Any) -> None:
    """When the head will fit, by the estimates, and what will be left over then."""
    jobs, pools = world.jobs, world.pools
    need, free = jobs.devices[head], pools.devices[pool] - pools.busy[pool]
    shadow, job = now, pools.first_running[pool]
    while free < need and job != NONE:
        free += jobs.devices[job]
        shadow = max(jobs.planned[job], now)
        job = jobs.next[job]
    while job != NONE and jobs.planned[job] <= shadow:
        free += jobs.devices[job]
        job = jobs.next[job]
    pools.shadow[pool] = shadow if free >= need else np.inf
    pools.extra[pool] = free - need
    pools.shadow_head[pool] = head
    pools.wanted[pool] = UNSEEN
