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
from .calendar import announce, before, pop, travel
from .decisions import ROUNDING, eligible
from .disciplines import serve
from .hints import soon
from .hours import latest_release
from .incidents import happen
from .jit import jitable, rarely
from .queues import enqueue, expect, vacate
from .sharing import part
from .slots import admit, leave
from .transfers import begin_flow, end_flow, plug_again
from .world import (
    CUT_OFF,
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

NOWHERE, BLOCK, CALENDAR, TRAVELS, AGENDA = range(5)  # where the next event was found
END = 8 * KIND  # a key after all others


def advance(world: Any, machine: Any, until: float, route: Any) -> int:
    """Play every event before `until`, in the order (time, kind, id); return why it stopped.

    REACHED: no event before `until` is left. REFILL: the block is used up and more follow. FLUSH: the output
    buffer is full. GROW: no slot is free for the next job, or no path class for its flow. WATCHED: a watched job
    has just left. FAULT: the router chose a pool that the job may not use, or holds it too long. REROUTE: other
    trunks are up, and paths have to be found for them before `advance` is called again.
    """
    ledger, block = machine.ledger, machine.block
    calendar, travels = machine.calendar, machine.travels
    if ledger.unplugged[0] == 1:
        plug_again(world, machine)
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
        if (ledger.pending[0] > 0) & before(calendar.time[0], calendar.key[0], time, key):
            time, key, origin = calendar.time[0], calendar.key[0], CALENDAR
        if (machine.travelling.pending[0] > 0) & before(travels.time[0], travels.key[0], time, key):
            time, key, origin = travels.time[0], travels.key[0], TRAVELS
        if ledger.agenda[0] > 0:
            c = machine.agenda[0]
            end = END_TRANSFER * KIND + world.jobs.id[machine.classes.top[c]]
            if before(machine.classes.due[c], end, time, key):
                time, key, origin = machine.classes.due[c], end, AGENDA
        if key // KIND == INCIDENT and ledger.until_idle[0] == 1 and row == ledger.rows[0] and idle(ledger):
            time = np.inf
        if time >= until:
            ledger.next[0] = time
            return REACHED
        if origin == BLOCK:
            slot = admit(row, world, machine)
            ledger.cursor[0] = row + 1
        elif origin == CALENDAR:
            slot = calendar.slot[0]
            pop(calendar, ledger)
            soon(world.jobs, calendar.slot[0])
        elif origin == TRAVELS:
            slot = travels.slot[0]
            pop(travels, machine.travelling)
        else:
            slot = part(machine.agenda[0], time, world, machine)
        ledger.now[0] = time
        ledger.events[0] += 1
        stop = play(key // KIND, slot, time, world, machine, route)
        if stop != REACHED:
            return stop


@jitable
def play(kind: int, slot: int, now: float, world: Any, machine: Any, route: Any) -> int:
    """One event. `slot` is a job's slot, or the index of a change."""
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
        return happen(slot, now, world, machine)
    elif kind == FINISH:
        return leave(slot, FINISHED, NO_REASON, now, world, machine)
    return REACHED


@jitable
def idle(ledger: Any) -> bool:
    """Is no job in flight or announced?"""
    left = ledger.rejected[0] + ledger.finished[0]
    return ledger.submitted[0] == left and ledger.announced[0] == 0


@jitable
def submit(job: int, now: float, world: Any, machine: Any, route: Any) -> int:
    """Choose the pool, or reject; then release, at once unless the router holds the job. A job that was stopped comes
    here again."""
    jobs, pools, ledger = world.jobs, world.pools, machine.ledger
    if jobs.attempts[job] == 0:
        ledger.submitted[0] += 1
        if jobs.live[job] == 2:
            ledger.announced[0] -= 1
    jobs.attempts[job] += 1
    jobs.live[job], jobs.stranded[job] = 1, 0
    jobs.pool[job], jobs.hub[job], jobs.next[job] = NONE, NONE, NONE
    jobs.release[job], jobs.sent[job], jobs.deliver[job] = np.nan, np.nan, np.nan
    jobs.start[job], jobs.end[job] = np.nan, np.nan
    jobs.one_way[job], jobs.one_way_back[job] = np.nan, np.nan
    if jobs.devices[job] == 0 and jobs.pinned[job] != NONE:
        hub = jobs.pinned[job]
        one_way = world.pairs.one_way[jobs.region[job], hub]
        if one_way == np.inf:
            return leave(job, REJECTED, NO_PATH, now, world, machine)
        if one_way > jobs.tolerance[job] * ROUNDING:
            return leave(job, REJECTED, POLICY, now, world, machine)
    else:
        pool = route(job, now, world)
        reason = NO_REASON
        if pool == NONE:
            reason = reason_to_reject(job, world)
        if reason == CUT_OFF:
            jobs.stranded[job], reason = 1, POLICY
            pool = route(job, now, world)
        if pool == NONE:
            return leave(job, REJECTED, reason, now, world, machine)
        if pool < 0 or pool >= len(pools) or not eligible(job, pool, world):
            ledger.fault[0] = job
            return FAULT
        hub = pools.hub[pool]
        if jobs.devices[job] > 0:
            jobs.pool[job] = pool
    jobs.hub[job] = hub
    held = jobs.release[job]
    if np.isnan(held) or held == now:
        release(job, now, world, machine)
    elif now < held <= latest_release(job, now, world):
        announce(held, RELEASE, job, world, machine)
    else:
        ledger.fault[0] = job
        return FAULT
    return REACHED


@rarely
def reason_to_reject(job: int, world: Any) -> int:
    """Why no pool would do: no pool is large enough, no such pool can be reached, or the policy forbids.

    CUT_OFF: such pools can only be reached over paths that are down.
    """
    jobs, pools, pairs = world.jobs, world.pools, world.pairs
    large, reached, cut_off = False, False, False
    for pool in range(len(pools)):
        hub = pools.hub[pool]
        here = jobs.pinned[job] == NONE or jobs.pinned[job] == hub
        if here and world.fit[jobs.place[job], pool] > 0 and pools.nominal[pool] >= jobs.devices[job]:
            large = True
            if pairs.broken[jobs.region[job], hub] == 1:
                cut_off = True
            elif pairs.one_way[jobs.region[job], hub] < np.inf:
                reached = True
    if not large:
        return TOO_LARGE
    if reached:
        return POLICY
    return CUT_OFF if cut_off else NO_PATH


@jitable
def release(job: int, now: float, world: Any, machine: Any) -> None:
    """The job sets off: its input, if there is any, is sent from the region to the hub."""
    if world.jobs.pool[job] != NONE:
        expect(job, world.jobs.pool[job], world)
    world.jobs.release[job] = now
    if not begin_flow(job, world.jobs.input[job], 0, now, world, machine):
        sent(job, now, world, machine)


@jitable
def sent(job: int, now: float, world: Any, machine: Any) -> None:
    """The last bit is on its way."""
    jobs = world.jobs
    jobs.sent[job] = now
    jobs.one_way[job] = world.pairs.one_way[jobs.region[job], jobs.hub[job]]
    travel(now + jobs.one_way[job], DELIVERY, job, world, machine)


@jitable
def deliver(job: int, now: float, world: Any, machine: Any) -> None:
    """The job joins its pool's queue; a job without devices is done at once."""
    jobs = world.jobs
    jobs.deliver[job] = now
    pool = jobs.pool[job]
    if pool == NONE:
        jobs.start[job] = now
        return_result(job, now, world, machine)
        return
    enqueue(job, pool, now, world, machine)
    serve(pool, job, now, world, machine)


@jitable
def end_service(job: int, now: float, world: Any, machine: Any) -> None:
    """Free the devices, send the result back, and let the queue move up."""
    pool = world.jobs.pool[job]
    vacate(job, pool, now, world, machine)
    return_result(job, now, world, machine)
    serve(pool, NONE, now, world, machine)


@jitable
def return_result(job: int, now: float, world: Any, machine: Any) -> None:
    """Send the output back; without output the result still travels, unless the job took no pool."""
    jobs = world.jobs
    jobs.end[job] = now
    if jobs.pool[job] == NONE and jobs.output[job] == 0:
        jobs.one_way_back[job] = 0.0
        travel(now, FINISH, job, world, machine)
    elif not begin_flow(job, jobs.output[job], 1, now, world, machine):
        travel_back(job, now, world, machine)


@jitable
def travel_back(job: int, now: float, world: Any, machine: Any) -> None:
    """The last bit of the result is on its way."""
    jobs = world.jobs
    jobs.one_way_back[job] = world.pairs.one_way[jobs.region[job], jobs.hub[job]]
    travel(now + jobs.one_way_back[job], FINISH, job, world, machine)


@jitable
def end_transfer(job: int, now: float, world: Any, machine: Any) -> None:
    """The last bit of the input, or of the output, has been sent."""
    if end_flow(job, now, world, machine) == 1:
        travel_back(job, now, world, machine)
    else:
        sent(job, now, world, machine)
