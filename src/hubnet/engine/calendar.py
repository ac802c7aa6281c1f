"""The calendar: a binary heap of events in one flat array, ordered by (time, kind, id)."""

from __future__ import annotations

from typing import Any

from .jit import jitable
from .world import KIND


@jitable
def push(calendar: Any, ledger: Any, time: float, key: int, slot: int) -> None:
    """Announce an event; the array has room, because each job in flight has at most one event pending."""
    i = ledger.pending[0]
    ledger.pending[0] = i + 1
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
