"""Calendars: heaps of events in flat arrays, ordered by (time, kind, id); an event has four below it.

What travels, deliveries and results on their way, has a calendar of its own: it soon arrives, so that one is short,
and whatever runs for hours does not make it longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .hints import at
from .jit import jitable, rarely
from .world import KIND

NEVER = 2**63 - 1  # a key after all others


@jitable
def push(events: Any, tally: Any, time: float, key: int, slot: int) -> None:
    """Announce an event; the array has room, because each job in flight has at most one event pending."""
    i = tally.pending[0]
    tally.pending[0] = i + 1
    rise(i, events, time, key, slot)


@jitable
def pop(events: Any, tally: Any) -> None:
    """Remove the first event, which the caller has read at index 0."""
    take_out(0, events, tally)


@rarely
def forget(kind: int, job: int, world: Any, machine: Any) -> None:
    """Take a job's event, which is there, from the calendar."""
    key, i = kind * KIND + world.jobs.id[job], 0
    while machine.calendar.key[i] != key:
        i += 1
    take_out(i, machine.calendar, machine.ledger)


@jitable
def take_out(hole: int, events: Any, tally: Any) -> None:
    """Remove the event at a place.

    The first child moves up into the hole, all the way down; then the last event is put there, and seldom rises
    again. So nothing is tested that a processor guesses wrong half of the time. Four children rather than two halve
    the way, and the first of them is found in two steps as well.
    """
    last = tally.pending[0] - 1
    tally.pending[0] = last
    time, key, slot = events.time[at(last)], events.key[at(last)], events.slot[at(last)]
    for behind in range(last, last + 3):  # whoever has a child may look at places that are empty
        events.time[at(behind)], events.key[at(behind)] = np.inf, NEVER
    child = 4 * hole + 1
    while 0 < child < last:  # with 0 < the compiler knows that it need not count from the end
        child = first(first(child, child + 1, events), first(child + 2, child + 3, events), events)
        move(child, hole, events)
        hole = child
        child = 4 * hole + 1
    rise(hole, events, time, key, slot)


@jitable
def announce(time: float, kind: int, job: int, world: Any, machine: Any) -> None:
    """Put the next event of a job on the calendar."""
    push(machine.calendar, machine.ledger, time, kind * KIND + world.jobs.id[job], job)


@jitable
def travel(time: float, kind: int, job: int, world: Any, machine: Any) -> None:
    """Likewise for a DELIVERY or FINISH."""
    push(machine.travels, machine.travelling, time, kind * KIND + world.jobs.id[job], job)


@jitable
def before(time: float, key: int, other_time: float, other_key: int) -> bool:
    """Is the first event the earlier one? Without branches: a processor would guess half of them wrong."""
    return (time < other_time) | ((time == other_time) & (key < other_key))


@jitable
def first(i: int, j: int, events: Any) -> int:
    """Which of two events comes first: i < j."""
    return i + (j - i) * before(events.time[at(j)], events.key[at(j)], events.time[at(i)], events.key[at(i)])


@jitable
def rise(i: int, events: Any, time: float, key: int, slot: int) -> None:
    """Put an event at place `i`, or above it."""
    while i > 0:
        parent = (i - 1) >> 2
        if not before(time, key, events.time[at(parent)], events.key[at(parent)]):
            break
        move(parent, i, events)
        i = parent
    events.time[at(i)], events.key[at(i)], events.slot[at(i)] = time, key, slot


@jitable
def move(source: int, target: int, events: Any) -> None:
    events.time[at(target)], events.key[at(target)] = events.time[at(source)], events.key[at(source)]
    events.slot[at(target)] = events.slot[at(source)]
