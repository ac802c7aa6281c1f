"""Path classes: flows on the same path with the same cap have the same rate, so they are kept as one.

A class has a virtual clock: the bits that each of its flows has sent since the class began. A flow that starts
when the clock shows v and has b bits is finished when it shows v + b, its *mark*, whatever the rate does in
between. So the flows of a class end in the order of their marks, kept in a pairing heap (Fredman et al., 1986)
that is threaded through the job slots, and a class has one next end, kept in the *agenda*: a binary heap of classes
ordered by (time, id of the job), in which a class can be moved when its rate changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .calendar import before
from .jit import jitable


@jitable
def class_of(job: int, back: int, world: Any, machine: Any) -> int:
    """The path class of a job's transfer, made if it is the first of its kind. There is room for one more."""
    jobs, classes, ledger = world.jobs, machine.classes, machine.ledger
    pair = 2 * (jobs.region[job] * ledger.hubs[0] + jobs.hub[job]) + back
    c = machine.class_head[pair]
    while c != NONE and classes.cap[c] != jobs.wave[job]:
        c = classes.next[c]
    if c == NONE:
        c = ledger.classes[0]
        ledger.classes[0] = c + 1
        classes.region[c], classes.hub[c], classes.back[c] = jobs.region[job], jobs.hub[job], back
        classes.cap[c] = jobs.wave[job]
        classes.top[c], classes.place[c], classes.limit[c] = NONE, NONE, NONE
        classes.next[c] = machine.class_head[pair]
        machine.class_head[pair] = c
    return c


@jitable
def find_path(c: int, world: Any, machine: Any) -> None:
    """The path that a class has now; no hops if there is none."""
    classes, pairs = machine.classes, world.pairs
    region, hub = classes.region[c], classes.hub[c]
    classes.first[c], classes.hops[c] = pairs.first[region, hub], pairs.hops[region, hub]
    if pairs.broken[region, hub] == 1:
        classes.hops[c] = 0


# -- the marks of a class: a pairing heap over job slots


@jitable
def sooner(a: int, b: int, jobs: Any) -> bool:
    """Does flow `a` end before flow `b` of the same class? Ties by job id."""
    return jobs.mark[a] < jobs.mark[b] or (jobs.mark[a] == jobs.mark[b] and jobs.id[a] < jobs.id[b])


@jitable
def meld(a: int, b: int, jobs: Any) -> int:
    """Two heaps as one; NONE is the empty heap. Returns the root, whose `sibling` is then meaningless."""
    if a == NONE:
        return b
    if b == NONE:
        return a
    if sooner(b, a, jobs):
        a, b = b, a
    jobs.sibling[b] = jobs.child[a]
    jobs.child[a] = b
    return a


@jitable
def without_top(top: int, jobs: Any) -> int:
    """The heap without its root: its children are melded in pairs, then from the last pair to the first."""
    pairs, child = NONE, jobs.child[top]
    while child != NONE:
        other = jobs.sibling[child]
        if other == NONE:
            jobs.sibling[child] = pairs
            pairs = child
            break
        rest = jobs.sibling[other]
        pair = meld(child, other, jobs)
        jobs.sibling[pair] = pairs
        pairs, child = pair, rest
    root = NONE
    while pairs != NONE:
        rest = jobs.sibling[pairs]
        root = meld(root, pairs, jobs)
        pairs = rest
    return root


# -- the agenda: classes by the time of their next end


@jitable
def schedule(c: int, now: float, world: Any, machine: Any) -> None:
    """Put a class where it belongs on the agenda; off it, if no flow is left."""
    classes, ledger = machine.classes, machine.ledger
    if classes.top[c] == NONE:
        if classes.place[c] != NONE:
            unschedule(c, world, machine)
        return
    left = world.jobs.mark[classes.top[c]] - classes.sent[c]
    due = classes.since[c] + left / classes.rate[c] if classes.rate[c] > 0 else np.inf
    classes.due[c] = max(due, now)
    if classes.place[c] == NONE:
        classes.place[c] = ledger.agenda[0]
        machine.agenda[ledger.agenda[0]] = c
        ledger.agenda[0] += 1
    settle(classes.place[c], world, machine)


@jitable
def unschedule(c: int, world: Any, machine: Any) -> None:
    """Take a class off the agenda."""
    classes, ledger = machine.classes, machine.ledger
    hole = classes.place[c]
    classes.place[c] = NONE
    ledger.agenda[0] -= 1
    last = ledger.agenda[0]
    if hole != last:
        machine.agenda[hole] = machine.agenda[last]
        classes.place[machine.agenda[hole]] = hole
        settle(hole, world, machine)


@jitable
def ends_before(a: int, b: int, world: Any, machine: Any) -> bool:
    classes, jobs = machine.classes, world.jobs
    return before(classes.due[a], jobs.id[classes.top[a]], classes.due[b], jobs.id[classes.top[b]])


@jitable
def settle(i: int, world: Any, machine: Any) -> None:
    """Restore the agenda's order around place `i`: up, then down."""
    agenda, classes, count = machine.agenda, machine.classes, machine.ledger.agenda[0]
    c = agenda[i]
    while i > 0 and ends_before(c, agenda[(i - 1) // 2], world, machine):
        agenda[i] = agenda[(i - 1) // 2]
        classes.place[agenda[i]] = i
        i = (i - 1) // 2
    child = 2 * i + 1
    while child < count:
        if child + 1 < count and ends_before(agenda[child + 1], agenda[child], world, machine):
            child += 1
        if ends_before(c, agenda[child], world, machine):
            break
        agenda[i] = agenda[child]
        classes.place[agenda[i]] = i
        i = child
        child = 2 * i + 1
    agenda[i] = c
    classes.place[c] = i
