"""Max-min fair sharing of the links, exact, at the cost of the classes that a change affects.

A rate vector is max-min fair if every flow either runs at its cap or crosses a link that is *full* and on which no
flow is faster (Bertsekas and Gallager, Data Networks, 1992, 6.5.2). Two things keep the work small:

* A flow that fits into the slack of all its links, none of them full, gets its cap and changes nobody; and its end
  changes nobody. (Every other flow still has its cap or its full link.)
* Otherwise only the connected component is solved again: the links that the flow crosses, the classes on them, their
  links, and so on. A link that could carry the caps of all its flows, and is not full, never limits anyone: it is
  left out, and the component ends there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .flows import class_of, meld, schedule, without_top
from .jit import jitable

NOBODY = 1  # a stamp that no link bears: positive ones exist only while a component is collected
UNKNOWN = -1.0  # a rate not found yet


@jitable
def carry(link: int, now: float, links: Any) -> None:
    """Bring the bits carried up to now; called before the rate changes."""
    links.bits[link] += links.rate[link] * (now - links.since[link])
    links.since[link] = now


@jitable
def loose(link: int, links: Any) -> bool:
    """Could the link carry the caps of all its flows? Then it limits nobody."""
    return links.greedy[link] == 0 and links.demand[link] <= links.capacity[link]


@jitable
def join(job: int, bits: float, back: int, now: float, world: Any, machine: Any) -> None:
    """A flow of `bits` starts on the job's path."""
    jobs, classes, links = world.jobs, machine.classes, machine.links
    c = class_of(job, back, world, machine)
    if classes.flows[c] == 0:
        classes.sent[c], classes.rate[c] = 0.0, 0.0
        enter_links(c, machine)
    classes.sent[c] += classes.rate[c] * (now - classes.since[c])
    classes.since[c] = now
    jobs.flow[job], jobs.mark[job] = c, classes.sent[c] + bits
    jobs.child[job], jobs.sibling[job] = NONE, NONE
    classes.top[c] = meld(classes.top[c], job, jobs)
    classes.flows[c] += 1
    cap, fits = classes.cap[c], classes.cap[c] < np.inf
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ back
        if links.full[link] == 1 or links.rate[link] + cap > links.capacity[link]:
            fits = False
        count_flow(link, 1, cap, classes.rate[c], now, links)
    if fits:
        if classes.rate[c] != cap:
            set_rate(c, cap, NOBODY, now, machine)
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
    limited = False
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        if links.full[link] == 1:
            limited = True
        count_flow(link, -1, classes.cap[c], classes.rate[c], now, links)
    if limited:
        share_again(c, now, world, machine)
    if classes.flows[c] == 0:
        leave_links(c, machine)
    schedule(c, now, world, machine)
    return job


@jitable
def count_flow(link: int, change: int, cap: float, rate: float, now: float, links: Any) -> None:
    """One flow more or less on a link, with its cap and its present rate."""
    carry(link, now, links)
    links.flows[link] += change
    links.rate[link] += change * rate
    if cap == np.inf:
        links.greedy[link] += change
    else:
        links.demand[link] += change * cap
    if links.flows[link] == 0:
        links.rate[link], links.demand[link], links.full[link] = 0.0, 0.0, 0  # no rounding left over


@jitable
def set_rate(c: int, rate: float, solved: int, now: float, machine: Any) -> None:
    """Every flow of the class runs at `rate` from now on. Links stamped `solved` know already."""
    classes, links = machine.classes, machine.links
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        if links.stamp[link] != solved:
            carry(link, now, links)
            links.rate[link] += classes.flows[c] * (rate - classes.rate[c])
    classes.sent[c] += classes.rate[c] * (now - classes.since[c])
    classes.since[c], classes.rate[c] = now, rate


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


# -- solving a component


@jitable
def share_again(c: int, now: float, world: Any, machine: Any) -> None:
    """Solve the component of class `c` and give every class in it its max-min fair rate."""
    classes, links, solved = machine.classes, machine.links, -machine.ledger.stamp[0] - 1
    n_links, n_classes = component(c, machine)
    for i in range(n_links):
        link = machine.some_links[i]
        carry(link, now, links)
        links.left[link], links.open[link], links.full[link] = links.capacity[link], links.flows[link], 0
        links.share[link] = links.left[link] / max(links.open[link], 1)
    fill(n_links, n_classes, machine)
    for i in range(n_links):
        link = machine.some_links[i]
        if links.flows[link] > 0:
            links.rate[link] = links.capacity[link] - links.left[link]
    for i in range(n_classes):
        d = machine.some_classes[i]
        if classes.fair[d] != classes.rate[d]:
            set_rate(d, classes.fair[d], solved, now, machine)
            schedule(d, now, world, machine)
        elif d == c:
            schedule(d, now, world, machine)


@jitable
def component(c: int, machine: Any) -> tuple[int, int]:
    """Collect in `some_links`, `some_classes` what depends on class `c`; returns how many of each."""
    classes, links, ledger = machine.classes, machine.links, machine.ledger
    ledger.stamp[0] += 1
    stamp = ledger.stamp[0]
    n_links, n_classes, read = 0, 0, 0
    classes.stamp[c] = stamp
    if classes.flows[c] > 0:
        machine.some_classes[0] = c
        n_classes = 1
    else:  # its last flow has just left: its links are affected, it is not
        n_links = collect(c, n_links, stamp, machine)
    while True:
        while read < n_classes:
            n_links = collect(machine.some_classes[read], n_links, stamp, machine)
            read += 1
        found = n_classes
        for i in range(n_links):
            link = machine.some_links[i]
            if links.stamp[link] == -stamp:  # its classes are known
                continue
            links.stamp[link] = -stamp
            node = links.head[link]
            while node != NONE:
                d = machine.node_class[node]
                if classes.stamp[d] != stamp:
                    classes.stamp[d] = stamp
                    machine.some_classes[n_classes] = d
                    n_classes += 1
                node = machine.node_next[node]
        if n_classes == found:
            return n_links, n_classes


@jitable
def collect(c: int, n_links: int, stamp: int, machine: Any) -> int:
    """Add the links of a class that can limit somebody."""
    classes, links = machine.classes, machine.links
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        known = links.stamp[link] == stamp or links.stamp[link] == -stamp
        if not known and (links.full[link] == 1 or not loose(link, links)):
            links.stamp[link] = stamp
            machine.some_links[n_links] = link
            n_links += 1
    return n_links


@jitable
def fill(n_links: int, n_classes: int, machine: Any) -> None:
    """Progressive filling: the least share or cap is fixed first, until every class has its `fair` rate."""
    classes, links = machine.classes, machine.links
    n_open, n_unfixed, n_capped = n_links, n_classes, 0
    for i in range(n_classes):
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
                fix(c, classes.cap[c], machine)
                n_unfixed -= 1
            if classes.fair[c] == UNKNOWN:
                i += 1
            else:
                n_capped -= 1
                machine.capped[i] = machine.capped[n_capped]
        if before == n_unfixed:
            links.full[narrow] = 1
            node = links.head[narrow]
            while node != NONE:
                c = machine.node_class[node]
                if classes.fair[c] == UNKNOWN:
                    fix(c, share, machine)
                    n_unfixed -= 1
                node = machine.node_next[node]


@jitable
def fix(c: int, rate: float, machine: Any) -> None:
    """The class has its rate; what it takes is gone from its links."""
    classes, links = machine.classes, machine.links
    classes.fair[c] = rate
    first = classes.first[c]
    for hop in range(first, first + classes.hops[c]):
        link = machine.path[hop] ^ classes.back[c]
        links.left[link] -= classes.flows[c] * rate
        links.open[link] -= classes.flows[c]
        if links.open[link] > 0:
            links.share[link] = links.left[link] / links.open[link]
