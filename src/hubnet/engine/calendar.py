"""The calendar: a binary heap of events in one flat array, ordered by (time, kind, id)."""

from __future__ import annotations

from typing import Any

from .jit import jitable, rarely
from .world import KIND


@jitable
def push(calendar: Any, ledger: Any, time: float, key: int, slot: int) -> None:
    """Announce an event; the array has room, because each job in flight has at most one event pending."""
    i = ledger.pending[0]
    ledger.pending[0] = i + 1
    rise(i, calendar, time, key, slot)


@jitable
def rise(i: int, calendar: Any, time: float, key: int, slot: int) -> None:
    """Put an event at place `i`, or above it."""
    while i > 0:
        parent = (i - 1) // 2
        if before(time, key, calendar.time[parent], calendar.key[parent]):
            move(calendar, parent, i)
            i = parent
        else:
            break
    calendar.time[i], calendar.key[i], calendar.slot[i] = time, key, slot


@jitable
def pop(calendar: Any, ledger: Any) -> None:
    """Remove the first event, which the caller has read at index 0."""
    last = ledger.pending[0] - 1
    ledger.pending[0] = last
    time, key, slot = calendar.time[last], calendar.key[last], calendar.slot[last]
    i, child = 0, 1
    while child < last:
        right = child + 1
        if right < last and before(
            calendar.time[right], calendar.key[right], calendar.time[child], calendar.key[child]
        ):
            child = right
        if before(time, key, calendar.time[child], calendar.key[child]):
            break
        move(calendar, child, i)
        i = child
        child = 2 * i + 1
    calendar.time[i], calendar.key[i], calendar.slot[i] = time, key, slot


@rarely
def forget(kind: int, job: int, world: Any, machine: Any) -> None:
    """Take a job's event, which is there, from the calendar."""
    calendar, ledger = machine.calendar, machine.ledger
    key, i = kind * KIND + world.jobs.id[job], 0
    while calendar.key[i] != key:
        i += 1
    last = ledger.pending[0] - 1
    ledger.pending[0] = last
    if i == last:
        return
    time, key, slot = calendar.time[last], calendar.key[last], calendar.slot[last]
    child = 2 * i + 1
    while child < last:  # the hole sinks to the bottom; there the last event is put, and rises
        if child + 1 < last and before(
            calendar.time[child + 1], calendar.key[child + 1], calendar.time[child], calendar.key[child]
        ):
            child += 1
        move(calendar, child, i)
        i = child
        child = 2 * i + 1
    rise(i, calendar, time, key, slot)


@jitable
def announce(time: float, kind: int, job: int, world: Any, machine: Any) -> None:
    """Put the next event of a job on the calendar."""
    push(machine.calendar, machine.ledger, time, kind * KIND + world.jobs.id[job], job)


@jitable
def before(time: float, key: int, other_time: float, other_key: int) -> bool:
    return time < other_time or (time == other_time and key < other_key)


@jitable
def move(calendar: Any, source: int, target: int) -> None:
    calendar.time[target] = calendar.time[source]
    calendar.key[target] = calendar.key[source]
    calendar.slot[target] = calendar.slot[source]
