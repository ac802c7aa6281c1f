"""What incidents do: pools lose devices, trunks lose capacity, and come back.

A *change* is an incident, or what it does to one of its targets. A value in force is the nominal one times the
factors of all changes in force for its target, in order of announcement; devices are floored.

When a trunk changes, every flow is unplugged, and plugged into its path again. If another set of trunks is up, the
event loop stops in between, so that paths can be found anew: that is not the kernel's business.
"""

from __future__ import annotations

from typing import Any

from ..workload.jobs import NONE
from .calendar import pop, push
from .decisions import kept, pace
from .disciplines import serve
from .jit import jitable, rarely
from .queues import account, vacate
from .transfers import plug, unplug
from .world import (
    ANNOUNCED,
    IN_FORCE,
    INCIDENT,
    KIND,
    OVER,
    POOL_FACTOR,
    REACHED,
    REPAIR,
    REROUTE,
    RESIZE,
    SUBMIT,
    TRUNK_FACTOR,
)


@rarely
def happen(change: int, now: float, world: Any, machine: Any) -> int:
    """A change begins, or ends. REROUTE: paths have to be found before anything else; else REACHED."""
    changes = machine.changes
    kind = changes.kind[change]
    if kind == RESIZE:
        changes.state[change] = OVER
        world.pools.nominal[changes.target[change]] = changes.nominal[change]
        set_devices(changes.target[change], change, now, world, machine)
        return REACHED
    if kind == REPAIR:
        changes.state[change] = OVER
        change = changes.target[change]
        if changes.state[change] != IN_FORCE:
            return REACHED
    if not turn(change, now, changes):
        return REACHED
    if changes.state[change] == IN_FORCE and changes.until[change] < float("inf"):
        push(machine.calendar, machine.ledger, changes.until[change], INCIDENT * KIND + change, change)
    if changes.kind[change] == POOL_FACTOR:
        set_devices(changes.target[change], change, now, world, machine)
        return REACHED
    return set_capacity(changes.target[change], change, now, world, machine)


@jitable
def turn(change: int, now: float, changes: Any) -> bool:
    """From announced to in force, or from in force to over; False if it is over already, by a repair."""
    if changes.state[change] == ANNOUNCED:
        changes.state[change], changes.at[change] = IN_FORCE, now
        return True
    if changes.state[change] == IN_FORCE:
        changes.state[change], changes.end[change] = OVER, now
        return True
    return False


@jitable
def factor_of(kind: int, target: int, machine: Any) -> float:
    """The product of the factors in force for a target."""
    changes, factor = machine.changes, 1.0
    for change in range(machine.ledger.changes[0]):
        if changes.state[change] == IN_FORCE and changes.kind[change] == kind and changes.target[change] == target:
            factor *= changes.factor[change]
    return factor


# -- pools


@jitable
def set_devices(pool: int, change: int, now: float, world: Any, machine: Any) -> None:
    """Bring the devices in force up to date; if the change kills, jobs that do not fit any more are stopped."""
    pools, changes = world.pools, machine.changes
    account(pool, now, pools)
    pools.devices[pool] = in_force(pools.nominal[pool], factor_of(POOL_FACTOR, pool, machine))
    if changes.kill[change] == 1 and changes.state[change] == IN_FORCE and pools.busy[pool] > pools.devices[pool]:
        stop_latest(pool, change, now, world, machine)
    pools.shadow_head[pool] = NONE
    serve(pool, NONE, now, world, machine)


@jitable
def in_force(nominal: int, factor: float) -> int:
    """Devices that a factor leaves: the whole part, forgiving the noise of floats (0.7 of 90 is 63)."""
    value = nominal * factor
    return int(value + 1e-9 + 1e-12 * value)


@jitable
def stop_latest(pool: int, change: int, now: float, world: Any, machine: Any) -> None:
    """Stop the jobs that started last (of equals, higher ids first) until the rest fits; they are routed afresh."""
    jobs, calendar, ledger = world.jobs, machine.calendar, machine.ledger
    victims, tally = machine.victims, machine.tally
    tally.pending[0] = 0
    for event in range(ledger.pending[0]):
        job = calendar.slot[event]
        if calendar.key[event] < KIND and jobs.pool[job] == pool:  # the end of its service
            push(victims, tally, -jobs.start[job], -jobs.id[job], job)
    while world.pools.busy[pool] > world.pools.devices[pool]:
        job = victims.slot[0]
        pop(victims, tally)
        vacate(job, pool, now, world, machine)
        lose_work(job, pool, change, now, world, machine)
        jobs.end[job] = float("nan")
    events = ledger.pending[0]
    ledger.pending[0] = 0
    for event in range(events):  # each is read before a push can reach its place
        time, key, job = calendar.time[event], calendar.key[event], calendar.slot[event]
        if key < KIND and jobs.end[job] != jobs.end[job]:
            time, key = now, SUBMIT * KIND + jobs.id[job]
        push(calendar, ledger, time, key, job)


@jitable
def lose_work(job: int, pool: int, change: int, now: float, world: Any, machine: Any) -> None:
    """What a stopped job has done since its last checkpoint is lost; what it had done before needs no doing again."""
    jobs, changes = world.jobs, machine.changes
    safe = kept(job, now, world)
    jobs.work[job] = max(jobs.work[job] - safe * pace(job, pool, world), 0.0)
    changes.jobs_displaced[change] += 1
    changes.work_lost[change] += jobs.devices[job] * (now - jobs.start[job] - safe)
    note_attempt(job, pool, now, world)


@jitable
def note_attempt(job: int, pool: int, now: float, world: Any) -> None:
    """A stopped job's row will not tell of this attempt, so its sums are kept for the checks of the run (`audit`)."""
    jobs, pools, pairs = world.jobs, world.pools, world.pairs
    pools.stopped_s[pool] += jobs.devices[job] * (now - jobs.start[job])
    pools.stopped_wait_s[pool] += jobs.start[job] - jobs.deliver[job]
    pairs.stopped_bits[jobs.region[job], jobs.hub[job]] += jobs.input[job]
    jobs.hub[job] = NONE


# -- trunks


@jitable
def set_capacity(trunk: int, change: int, now: float, world: Any, machine: Any) -> int:
    """Bring a trunk's capacity up to date, and all flows with it."""
    links, ledger = machine.links, machine.ledger
    factor, first = factor_of(TRUNK_FACTOR, trunk, machine), 2 * trunk
    if links.capacity[first] == links.nominal[first] * factor:
        return REACHED
    was_up = links.capacity[first] > 0
    unplug(now, machine)
    for link in range(first, first + 2):
        links.capacity_bits[link] += links.capacity[link] * (now - links.capacity_since[link])
        links.capacity_since[link] = now
        links.capacity[link] = links.nominal[link] * factor
    if was_up != (links.capacity[first] > 0):
        ledger.change[0], ledger.unplugged[0] = change, 1
        return REROUTE
    plug(now, world, machine)
    return REACHED
