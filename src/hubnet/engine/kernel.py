"""The one event loop: a job's life as transitions over plain arrays.

    submit -> release -> (upload) -> delivery -> (queue) -> service -> (download) -> finish

`advance` is ordinary Python and also compiles with numba: one source, two gears. It draws no random numbers and
uses nothing richer than + - * / and comparisons, so both gears give the same bits. It knows nothing of files,
clocks outside the model, or SimPy: it plays events until it must stop, and says why.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .calendar import before, pop, push
from .decisions import ROUNDING, eligible
from .jit import jitable
from .sharing import carry, join, part
from .slots import admit, leave
from .world import (
    DELIVERY,
    END_SERVICE,
    END_TRANSFER,
    FAULT,
    FINISH,
    FINISHED,
    FLUSH,
    GROW,
    INCIDENT,
    KIND,
    NO_PATH,
    NO_REASON,
    POLICY,
    REACHED,
    REFILL,
    REJECTED,
    RELEASE,
    SUBMIT,
    TOO_LARGE,
)

NOWHERE, BLOCK, CALENDAR, AGENDA = range(4)  # where the next event was found
END = 8 * KIND  # a key after all others


def advance(world: Any, machine: Any, until: float, route: Any) -> int:
    """Play every event before `until`, in the order (time, kind, id); return why it stopped.

    REACHED: no event before `until` is left. REFILL: the block is used up and more follow. FLUSH: the output
    buffer is full. GROW: no slot is free for the next job, or no path class for its flow. WATCHED: a watched job
    has just left. FAULT: the router chose a pool that the job may not use.
    """
    ledger, calendar, block = machine.ledger, machine.calendar, machine.block
    while True:
        row = ledger.cursor[0]
        if row == ledger.rows[0] and ledger.more[0] == 1:
            return REFILL
        if ledger.written[0] == len(machine.out):
            return FLUSH
        if ledger.free[0] == 0 or ledger.classes[0] == len(machine.classes):
            return GROW
        time, key, origin = np.inf, END, NOWHERE
        if row < ledger.rows[0]:
            time, key, origin = block.submit[row], SUBMIT * KIND + block.id[row], BLOCK
        if ledger.pending[0] > 0 and before(calendar.time[0], calendar.key[0], time, key):
            time, key, origin = calendar.time[0], calendar.key[0], CALENDAR
        if ledger.agenda[0] > 0:
            c = machine.agenda[0]
            end = END_TRANSFER * KIND + world.jobs.id[machine.classes.top[c]]
            if before(machine.classes.due[c], end, time, key):
                time, key, origin = machine.classes.due[c], end, AGENDA
        if time >= until:
            ledger.next[0] = time
            return REACHED
        if origin == BLOCK:
            slot = admit(row, world, machine)
            ledger.cursor[0] = row + 1
        elif origin == CALENDAR:
            slot = calendar.slot[0]
            pop(calendar, ledger)
        else:
            slot = part(machine.agenda[0], time, world, machine)
        ledger.now[0] = time
        ledger.events[0] += 1
        stop = play(key // KIND, slot, time, world, machine, route)
        if stop != REACHED:
            return stop


@jitable
def play(kind: int, slot: int, now: float, world: Any, machine: Any, route: Any) -> int:
    """One event. `slot` is a job's slot, or the index of an incident."""
    if kind == SUBMIT:
        return submit(slot, now, world, machine, route)
    if kind == RELEASE:
        release(slot, now, world, machine)
    elif kind == DELIVERY:
        deliver(slot, now, world, machine)
    elif kind == END_SERVICE:
        end_service(slot, now, world, machine)
    elif kind == END_TRANSFER:
        end_transfer(slot, now, world, machine)
    elif kind == INCIDENT:
        resize(slot, now, world, machine)
    elif kind == FINISH:
        return leave(slot, FINISHED, NO_REASON, now, world, machine)
    return REACHED


@jitable
def announce(time: float, kind: int, job: int, world: Any, machine: Any) -> None:
    """Put the next event of a job on the calendar."""
    push(machine.calendar, machine.ledger, time, kind * KIND + world.jobs.id[job], job)


@jitable
def submit(job: int, now: float, world: Any, machine: Any, route: Any) -> int:
    """Choose the pool, or reject; then release at once."""
    jobs, pools = world.jobs, world.pools
    machine.ledger.submitted[0] += 1
    jobs.live[job] = 1
    jobs.pool[job], jobs.hub[job], jobs.next[job] = NONE, NONE, NONE
    jobs.release[job], jobs.sent[job], jobs.deliver[job] = np.nan, np.nan, np.nan
    jobs.start[job], jobs.end[job], jobs.one_way[job] = np.nan, np.nan, np.nan
    jobs.rate[job] = 0.0
    if jobs.devices[job] == 0 and jobs.pinned[job] != NONE:
        hub = jobs.pinned[job]
        one_way = world.pairs.one_way[jobs.region[job], hub]
        if one_way == np.inf:
            return leave(job, REJECTED, NO_PATH, now, world, machine)
        if one_way > jobs.tolerance[job] * ROUNDING:
            return leave(job, REJECTED, POLICY, now, world, machine)
    else:
        pool = route(job, now, world)
        if pool == NONE:
            return leave(job, REJECTED, reason_to_reject(job, world), now, world, machine)
        if pool < 0 or pool >= len(pools) or not eligible(job, pool, world):
            machine.ledger.fault[0] = job
            return FAULT
        hub = pools.hub[pool]
        if jobs.devices[job] > 0:
            jobs.pool[job] = pool
            pools.coming[pool] += 1
            pools.queued_devices[pool] += jobs.devices[job]
            pools.queued_work[pool] += jobs.devices[job] * jobs.work[job]
    jobs.hub[job] = hub
    jobs.one_way[job] = world.pairs.one_way[jobs.region[job], hub]
    release(job, now, world, machine)
    return REACHED


@jitable
def reason_to_reject(job: int, world: Any) -> int:
    """Why no pool would do: no pool is large enough, no such pool can be reached, or the policy forbids."""
    large, reached = False, False
    for pool in range(len(world.pools)):
        if world.allowed[world.jobs.place[job], pool] and world.pools.nominal[pool] >= world.jobs.devices[job]:
            large = True
            if world.pairs.one_way[world.jobs.region[job], world.pools.hub[pool]] < np.inf:
                reached = True
    if not large:
        return TOO_LARGE
    return POLICY if reached else NO_PATH


@jitable
def release(job: int, now: float, world: Any, machine: Any) -> None:
    """Send the input, if there is any, from the region to the hub."""
    world.jobs.release[job] = now
    if not begin_flow(job, world.jobs.input[job], 0, now, world, machine):
        sent(job, now, world, machine)


@jitable
def sent(job: int, now: float, world: Any, machine: Any) -> None:
    """The last bit is on its way."""
    world.jobs.sent[job] = now
    announce(now + world.jobs.one_way[job], DELIVERY, job, world, machine)


@jitable
def deliver(job: int, now: float, world: Any, machine: Any) -> None:
    """The job joins its pool's queue; a job without devices is done at once."""
    jobs, pools = world.jobs, world.pools
    jobs.deliver[job] = now
    pool = jobs.pool[job]
    if pool == NONE:
        jobs.start[job] = now
        return_result(job, now, world, machine)
        return
    account(pool, now, pools)
    pools.coming[pool] -= 1
    pools.waiting[pool] += 1
    if pools.head[pool] == NONE:
        pools.head[pool] = job
    else:
        jobs.next[pools.tail[pool]] = job
    pools.tail[pool] = job
    serve(pool, now, world, machine)


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
def end_service(job: int, now: float, world: Any, machine: Any) -> None:
    """Free the devices, send the result back, and let the queue move up."""
    jobs, pools = world.jobs, world.pools
    pool = jobs.pool[job]
    account(pool, now, pools)
    pools.busy[pool] -= jobs.devices[job]
    pools.running[pool] -= 1
    pools.ends[pool] -= jobs.devices[job] * jobs.end[job]
    if pools.running[pool] == 0:
        pools.ends[pool] = 0.0
    return_result(job, now, world, machine)
    serve(pool, now, world, machine)


@jitable
def return_result(job: int, now: float, world: Any, machine: Any) -> None:
    """Send the output back; without output the result still travels, unless the job took no pool."""
    world.jobs.end[job] = now
    if begin_flow(job, world.jobs.output[job], 1, now, world, machine):
        return
    if world.jobs.pool[job] == NONE and world.jobs.output[job] == 0:
        announce(now, FINISH, job, world, machine)
    else:
        announce(now + world.jobs.one_way[job], FINISH, job, world, machine)


@jitable
def begin_flow(job: int, bits: float, back: int, now: float, world: Any, machine: Any) -> bool:
    """Start a transfer over the job's path (`back` = 1: from hub to region); False if none is needed."""
    jobs, links = world.jobs, machine.links
    region, hub = jobs.region[job], jobs.hub[job]
    hops = world.pairs.hops[region, hub]
    if bits == 0 or hops == 0:
        return False
    if machine.ledger.sharing[0] == 1:
        join(job, bits, back, now, world, machine)
        return True
    jobs.rate[job] = min(jobs.wave[job], world.pairs.capacity[region, hub])
    first = world.pairs.first[region, hub]
    for hop in range(first, first + hops):
        link = machine.path[hop] ^ back
        carry(link, now, links)
        links.flows[link] += 1
        links.rate[link] += jobs.rate[job]
    announce(now + bits / jobs.rate[job], END_TRANSFER, job, world, machine)
    return True


@jitable
def end_transfer(job: int, now: float, world: Any, machine: Any) -> None:
    """The last bit of the input, or of the output, has been sent."""
    jobs, links = world.jobs, machine.links
    region, hub = jobs.region[job], jobs.hub[job]
    back = 1 if jobs.sent[job] == jobs.sent[job] else 0  # not NaN: the input was sent before
    if machine.ledger.sharing[0] == 0:
        first = world.pairs.first[region, hub]
        for hop in range(first, first + world.pairs.hops[region, hub]):
            link = machine.path[hop] ^ back
            carry(link, now, links)
            links.flows[link] -= 1
            links.rate[link] -= jobs.rate[job]
            if links.flows[link] == 0:
                links.rate[link] = 0.0  # no rounding left over
    if back == 1:
        announce(now + jobs.one_way[job], FINISH, job, world, machine)
    else:
        sent(job, now, world, machine)


@jitable
def resize(change: int, now: float, world: Any, machine: Any) -> None:
    """A pool has another number of devices from now on; running jobs are not interrupted."""
    pools = world.pools
    pool = machine.changes.pool[change]
    account(pool, now, pools)
    pools.nominal[pool] = machine.changes.nominal[change]
    pools.devices[pool] = pools.nominal[pool]
    serve(pool, now, world, machine)


@jitable
def account(pool: int, now: float, pools: Any) -> None:
    """Bring the pool's integrals over time up to now; called before anything in them changes."""
    span = now - pools.since[pool]
    pools.since[pool] = now
    pools.busy_s[pool] += pools.busy[pool] * span
    pools.devices_s[pool] += pools.devices[pool] * span
    pools.capacity_s[pool] += max(pools.devices[pool], pools.busy[pool]) * span
    pools.waiting_s[pool] += pools.waiting[pool] * span
