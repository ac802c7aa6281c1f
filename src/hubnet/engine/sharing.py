"""Max-min fair sharing of the links, exact, at the cost of the classes that a change affects.

A rate vector is max-min fair if every flow either runs at its cap, or is *limited* by a link that is used up and on
which no flow is faster (Bertsekas and Gallager, Data Networks, 1992, 6.5.2). Two things keep the work small:

* A flow that fits into the slack of all its links, none of which limits anybody, gets its cap and changes nobody; and
  its end changes nobody.
* Otherwise the classes that the links of its path limit are solved again, while all others keep their rates. Then the
  condition above is checked where something has changed; classes for which it no longer holds join those to be
  solved, until it holds for all. At worst that is the whole connected component, nearly always a few classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .flows import class_of, find_path, meld, schedule, without_top
from .jit import jitable, rarely

UNKNOWN = -1.0  # a rate not found yet
EPSILON = 1e-12  # rates that differ by less, relatively, are the same but for rounding
FULL = 1 - 1e-9  # of its capacity: a link that carries this much is full


@jitable
def carry(link: int, now: float, links: Any) -> None:
    """Bring the bits carried up to now; called before the rate changes."""
    span = now - links.since[link]
    links.bits[link] += links.rate[link] * span
    if links.rate[link] >= FULL * links.capacity[link] and links.rate[link] > 0:
        links.full_s[link] += span
    links.since[link] = now


@jitable
def join(job: int, bits: float, back: int, now: float, world: Any, machine: Any) -> None:
    """A flow of `bits` starts on the job's path."""
    jobs, classes, links = world.jobs, machine.classes, machine.links
    c = class_of(job, back, world, machine)
    if classes.flows[c] == 0:
        classes.sent[c], classes.rate[c] = 0.0, 0.0
        find_path(c, world, machine)
        enter_links(c, machine)
    classes.sent[c] += classes.rate[c] * (now - classes.since[c])
    classes.since[c] = now
    jobs.flow[job], jobs.mark[job] = c, classes.sent[c] + bits
    jobs.child[job], jobs.sibling[job] = NONE, NONE
    classes.top[c] = meld(classes.top[c], job, jobs)
    classes.flows[c] += 1
    if classes.hops[c] == 0:
        schedule(c, now, world, machine)
        return
    cap, fits = classes.cap[c], classes.cap[c] < np.inf
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ back
        if links.limits[link] > 0 or links.rate[link] + cap > links.capacity[link]:
            fits = False
        count_flow(link, 1, classes.rate[c], now, links)
    if fits:
        if classes.rate[c] != cap:
            set_rate(c, cap, now, machine)
        schedule(c, now, world, machine)
    else:
        share_again(c, now, world, machine)


@jitable
def part(c: int, now: float, world: Any, machine: Any) -> int:
    """The next flow of the class ends; returns its job."""
    jobs, classes, links = world.jobs, machine.classes, machine.links
    job = classes.top[c]
    classes.sent[c], classes.since[c] = jobs.mark[job], now  # what the clock shows, but for rounding
    classes.top[c] = without_top(job, jobs)
    classes.flows[c] -= 1
    limited = classes.limit[c] != NONE
    if classes.flows[c] == 0:
        leave_links(c, machine)
        limit(c, NONE, machine)
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        if links.limits[link] > 0:
            limited = True
        count_flow(link, -1, classes.rate[c], now, links)
    if limited:
        share_again(c, now, world, machine)
    schedule(c, now, world, machine)
    return job


@jitable
def count_flow(link: int, change: int, rate: float, now: float, links: Any) -> None:
    """One flow more or less on a link, at its present rate."""
    carry(link, now, links)
    links.flows[link] += change
    links.rate[link] += change * rate
    if links.flows[link] == 0:
        links.rate[link] = 0.0  # no rounding left over


@jitable
def set_rate(c: int, rate: float, now: float, machine: Any) -> None:
    """Every flow of the class runs at `rate` from now on."""
    classes, links = machine.classes, machine.links
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        carry(link, now, links)
        links.rate[link] += classes.flows[c] * (rate - classes.rate[c])
    classes.sent[c] += classes.rate[c] * (now - classes.since[c])
    classes.since[c], classes.rate[c] = now, rate


@jitable
def limit(c: int, link: int, machine: Any) -> None:
    """From now on `link` limits the class; NONE: its cap does."""
    classes, links = machine.classes, machine.links
    if classes.limit[c] != NONE:
        links.limits[classes.limit[c]] -= 1
    classes.limit[c] = link
    if link != NONE:
        links.limits[link] += 1


# -- which classes are on a link: doubly linked lists over (class, hop)


@jitable
def enter_links(c: int, machine: Any) -> None:
    """The class has flows: its links know it."""
    classes, links = machine.classes, machine.links
    first = classes.first[c]
    node = c * machine.ledger.hops[0]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        head = links.head[link]
        machine.node_next[node], machine.node_before[node], machine.node_class[node] = head, NONE, c
        if head != NONE:
            machine.node_before[head] = node
        links.head[link] = node
        node += 1


@jitable
def leave_links(c: int, machine: Any) -> None:
    """The class has no flows any more: its links forget it."""
    classes, links = machine.classes, machine.links
    first = classes.first[c]
    node = c * machine.ledger.hops[0]
    for hop in range(first, first + classes.hops[c]):
        behind, ahead = machine.node_next[node], machine.node_before[node]
        if behind != NONE:
            machine.node_before[behind] = ahead
        if ahead != NONE:
            machine.node_next[ahead] = behind
        else:
            links.head[machine.path[hop] ^ classes.back[c]] = behind
        node += 1


# -- solving


@rarely
def share_again(c: int, now: float, world: Any, machine: Any) -> None:
    """Class `c` has another number of flows: give it, and all classes that this affects, their max-min fair rates."""
    classes, links, ledger = machine.classes, machine.links, machine.ledger
    ledger.stamp[0] += 1
    group = ledger.stamp[0]
    n = 0
    if classes.flows[c] > 0:
        n = include(c, n, group, machine)
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        node = links.head[link]
        while node != NONE and links.limits[link] > 0:
            if classes.limit[machine.node_class[node]] == link:
                n = include(machine.node_class[node], n, group, machine)
            node = machine.node_next[node]
    solve(c, n, group, now, world, machine)


@jitable
def solve(c: int, n: int, group: int, now: float, world: Any, machine: Any) -> None:
    """Fair rates for the n classes of a group, and for those that join it; `c` is scheduled in any case."""
    classes, links = machine.classes, machine.links
    n_links, solved = 0, -1
    while solved != n:
        solved = n
        n_links = gather(n, group, machine)
        fill(n, n_links, machine)
        n = widen(n, n_links, group, machine)
    for i in range(n):
        d = machine.some_classes[i]
        limit(d, classes.limit_found[d], machine)
        if classes.fair[d] != classes.rate[d]:
            set_rate(d, classes.fair[d], now, machine)
            schedule(d, now, world, machine)
        elif d == c:
            schedule(d, now, world, machine)
    for i in range(n_links):
        link = machine.some_links[i]
        if links.flows[link] > 0:
            links.rate[link] = links.capacity[link] - links.left[link]  # without what rounding adds up


@jitable
def include(c: int, n: int, group: int, machine: Any) -> int:
    """Add a class to the group that is solved, unless it is in it; returns the group's size."""
    if machine.classes.stamp[c] == group:
        return n
    machine.classes.stamp[c] = group
    machine.some_classes[n] = c
    return n + 1


@jitable
def gather(n: int, group: int, machine: Any) -> int:
    """Collect the links of the group, with what classes outside of it leave; returns how many."""
    classes, links, ledger = machine.classes, machine.links, machine.ledger
    ledger.stamp[0] += 1
    n_links = 0
    for i in range(n):
        c = machine.some_classes[i]
        first = classes.first[c]
        for hop in range(first, first + classes.hops[c]):
            link = machine.path[hop] ^ classes.back[c]
            if links.stamp[link] != ledger.stamp[0]:
                links.stamp[link] = ledger.stamp[0]
                machine.some_links[n_links] = link
                n_links += 1
    for i in range(n_links):
        link = machine.some_links[i]
        links.left[link], links.open[link] = links.capacity[link], 0
        node = links.head[link]
        while node != NONE:
            c = machine.node_class[node]
            if classes.stamp[c] == group:
                links.open[link] += classes.flows[c]
            else:
                links.left[link] -= classes.flows[c] * classes.rate[c]
            node = machine.node_next[node]
        links.left[link] = max(links.left[link], 0.0)
        links.share[link] = links.left[link] / links.open[link]
    return n_links


@jitable
def fill(n: int, n_links: int, machine: Any) -> None:
    """Progressive filling: the least share or cap is fixed first, until every class of the group has a `fair` rate."""
    classes, links = machine.classes, machine.links
    n_open, n_unfixed, n_capped = n_links, n, 0
    for i in range(n):
        c = machine.some_classes[i]
        classes.fair[c] = UNKNOWN
        if classes.cap[c] < np.inf:
            machine.capped[n_capped] = c
            n_capped += 1
    for i in range(n_links):
        machine.open_links[i] = machine.some_links[i]
    while n_unfixed > 0:
        narrow, share, i = NONE, np.inf, 0
        while i < n_open:
            link = machine.open_links[i]
            if links.open[link] == 0:
                n_open -= 1
                machine.open_links[i] = machine.open_links[n_open]
                continue
            if links.share[link] < share:
                narrow, share = link, links.share[link]
            i += 1
        before, i = n_unfixed, 0
        while i < n_capped:
            c = machine.capped[i]
            if classes.fair[c] == UNKNOWN and classes.cap[c] <= share:
                fix(c, classes.cap[c], NONE, machine)
                n_unfixed -= 1
            if classes.fair[c] == UNKNOWN:
                i += 1
            else:
                n_capped -= 1
                machine.capped[i] = machine.capped[n_capped]
        if before == n_unfixed:
            node = links.head[narrow]
            while node != NONE:
                c = machine.node_class[node]
                if classes.fair[c] == UNKNOWN:
                    fix(c, share, narrow, machine)
                    n_unfixed -= 1
                node = machine.node_next[node]


@jitable
def fix(c: int, rate: float, narrow: int, machine: Any) -> None:
    """The class has its rate, and what limits it; what it takes is gone from its links."""
    classes, links = machine.classes, machine.links
    classes.fair[c], classes.limit_found[c] = rate, narrow
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        links.left[link] -= classes.flows[c] * rate
        links.open[link] -= classes.flows[c]
        if links.open[link] > 0:
            links.share[link] = links.left[link] / links.open[link]


@jitable
def widen(n: int, n_links: int, group: int, machine: Any) -> int:
    """Add the classes outside of the group that are not fairly treated beside its new rates.

    One that a link limits which has slack now, or on which a flow of the group is faster; and one that is faster
    than a class of the group on a link that limits that class.
    """
    classes, links = machine.classes, machine.links
    for i in range(n_links):
        link = machine.some_links[i]
        slack = links.left[link] > EPSILON * links.capacity[link]
        fastest, limited = 0.0, np.inf
        node = links.head[link]
        while node != NONE:
            c = machine.node_class[node]
            if classes.stamp[c] == group and classes.fair[c] != UNKNOWN:
                fastest = max(fastest, classes.fair[c])
                if classes.limit_found[c] == link:
                    limited = classes.fair[c]
            node = machine.node_next[node]
        node = links.head[link]
        while node != NONE:
            c = machine.node_class[node]
            if classes.stamp[c] != group:
                rate = classes.rate[c]
                held_back = classes.limit[c] == link and (slack or fastest > rate * (1 + EPSILON))
                if held_back or rate > limited * (1 + EPSILON):
                    n = include(c, n, group, machine)
                    classes.fair[c] = UNKNOWN
            node = machine.node_next[node]
    return n
