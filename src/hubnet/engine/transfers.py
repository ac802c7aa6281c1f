"""Transfers of jobs: a flow begins, ends, stands still, or moves to another path.

Where links are shared, `sharing` gives flows their rates; where they are not, each runs as if it were alone, and its
end stands on the calendar. A flow whose pair is broken has no path: it stands still, even if it has no bits to
send, until there is one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .calendar import announce, push
from .flows import find_path, schedule
from .jit import jitable, rarely
from .sharing import carry, count_flow, enter_links, include, join, solve
from .world import END_TRANSFER, INPUT, KIND, NOTHING


@jitable
def begin_flow(job: int, bits: float, back: int, now: float, world: Any, machine: Any) -> bool:
    """Start a transfer over the job's path (`back` = 1: from hub to region); False if none is needed."""
    jobs, ledger = world.jobs, machine.ledger
    region, hub = jobs.region[job], jobs.hub[job]
    broken = world.pairs.broken[region, hub] == 1
    if not broken and (bits == 0 or world.pairs.hops[region, hub] == 0):
        return False
    jobs.sends[job] = INPUT + back
    if broken:
        stand_still(1, now, ledger)
    if ledger.sharing[0] == 1:
        join(job, bits, back, now, world, machine)
    elif broken:
        jobs.rate[job], jobs.mark[job] = 0.0, bits
    else:
        begin_alone(job, bits, now, world, machine)
        occupy(job, 1, now, world, machine)
    return True


@jitable
def end_flow(job: int, now: float, world: Any, machine: Any) -> int:
    """The last bit has been sent (a shared flow has left its links before); returns 1 if it was of the output."""
    if machine.ledger.sharing[0] == 0:
        occupy(job, -1, now, world, machine)
    back = world.jobs.sends[job] - INPUT
    world.jobs.sends[job] = NOTHING
    return back


@jitable
def begin_alone(job: int, bits: float, now: float, world: Any, machine: Any) -> None:
    """From now on the flow runs at min(wave, capacity of its path), whatever others do."""
    jobs = world.jobs
    jobs.rate[job] = min(jobs.wave[job], world.pairs.capacity[jobs.region[job], jobs.hub[job]])
    announce(now + bits / jobs.rate[job], END_TRANSFER, job, world, machine)


@jitable
def occupy(job: int, change: int, now: float, world: Any, machine: Any) -> None:
    """The flow enters (1) or leaves (-1) the links of its path, at its rate."""
    jobs, pairs = world.jobs, world.pairs
    region, hub = jobs.region[job], jobs.hub[job]
    first = pairs.first[region, hub]
    for hop in range(first, first + pairs.hops[region, hub]):
        link = machine.path[hop] ^ (jobs.sends[job] - INPUT)
        count_flow(link, change, jobs.rate[job], now, machine.links)


@jitable
def stand_still(change: int, now: float, ledger: Any) -> None:
    """So many flows more (or fewer) stand still for want of a path."""
    ledger.stalled_s[0] += ledger.stalled[0] * (now - ledger.stalled_since[0])
    ledger.stalled_since[0] = now
    ledger.stalled[0] += change


# -- when trunks change


@rarely
def unplug(now: float, machine: Any) -> None:
    """Every flow leaves its links and stands still, with the bits that it has left."""
    links, classes = machine.links, machine.classes
    for link in range(len(links)):
        carry(link, now, links)
        links.flows[link], links.rate[link], links.limits[link], links.head[link] = 0, 0.0, 0, NONE
    for c in range(machine.ledger.classes[0]):
        if classes.flows[c] > 0:
            classes.sent[c] += classes.rate[c] * (now - classes.since[c])
            classes.since[c], classes.rate[c], classes.limit[c] = now, 0.0, NONE


@rarely
def plug(now: float, world: Any, machine: Any) -> None:
    """Every flow enters the links of the path that it has now, if it has one."""
    narrow(world, machine)
    shared = machine.ledger.sharing[0] == 1
    stalled = plug_shared(now, world, machine) if shared else plug_alone(now, world, machine)
    stand_still(stalled - machine.ledger.stalled[0], now, machine.ledger)


@jitable
def plug_again(world: Any, machine: Any) -> None:
    """Paths have been found: flows stand still no longer."""
    machine.ledger.unplugged[0] = 0
    plug(machine.ledger.now[0], world, machine)


@jitable
def narrow(world: Any, machine: Any) -> None:
    """What the narrowest trunk of each path carries now."""
    pairs, hubs = world.pairs, machine.ledger.hubs[0]
    for pair in range(pairs.first.size):
        region, hub = pair // hubs, pair % hubs
        if pairs.broken[region, hub] == 0 and pairs.hops[region, hub] > 0:
            first, least = pairs.first[region, hub], np.inf
            for hop in range(first, first + pairs.hops[region, hub]):
                least = min(least, machine.links.capacity[machine.path[hop]])
            pairs.capacity[region, hub] = least


@jitable
def plug_shared(now: float, world: Any, machine: Any) -> int:
    """Path classes find their paths, and all rates are solved; returns how many flows have no path."""
    classes, links, ledger = machine.classes, machine.links, machine.ledger
    ledger.stamp[0] += 1
    group, n, stalled = ledger.stamp[0], 0, 0
    for c in range(ledger.classes[0]):
        if classes.flows[c] == 0:
            continue
        find_path(c, world, machine)
        if classes.hops[c] == 0:
            stalled += classes.flows[c]
            schedule(c, now, world, machine)
            continue
        enter_links(c, machine)
        first = classes.first[c]
        for hop in range(first, first + classes.hops[c]):
            links.flows[machine.path[hop] ^ classes.back[c]] += classes.flows[c]
        n = include(c, n, group, machine)
    solve(NONE, n, group, now, world, machine)
    return stalled


@jitable
def plug_alone(now: float, world: Any, machine: Any) -> int:
    """Flows whose rate is another one are announced anew; returns how many have no path."""
    jobs, pairs, calendar, ledger = world.jobs, world.pairs, machine.calendar, machine.ledger
    for job in range(len(jobs)):
        waits = jobs.sends[job] != NOTHING and jobs.rate[job] == 0
        if waits and pairs.broken[jobs.region[job], jobs.hub[job]] == 0:
            begin_alone(job, jobs.mark[job], now, world, machine)
    events = ledger.pending[0]
    ledger.pending[0] = 0
    for event in range(events):  # each is read before a push can reach its place
        time, key, job = calendar.time[event], calendar.key[event], calendar.slot[event]
        if key // KIND == END_TRANSFER:
            region, hub = jobs.region[job], jobs.hub[job]
            rate = 0.0 if pairs.broken[region, hub] == 1 else min(jobs.wave[job], pairs.capacity[region, hub])
            if rate != jobs.rate[job]:
                jobs.mark[job] = (time - now) * jobs.rate[job]
                jobs.rate[job] = rate
                time = now + jobs.mark[job] / rate if rate > 0 else np.inf
        if time < np.inf:
            push(calendar, ledger, time, key, job)
    stalled = 0
    for job in range(len(jobs)):
        if jobs.sends[job] != NOTHING:
            if jobs.rate[job] > 0:
                occupy(job, 1, now, world, machine)
            else:
                stalled += 1
    return stalled
