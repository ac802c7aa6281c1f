"""Transfers as a textbook would write them: max-min fairness by progressive filling, flow by flow.

The oracle of `sharing.py`: no classes, no clocks, no components. At every start and every end, all rates are
worked out anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import simpy

from .sharing import carry
from .transfers import stand_still
from .world import END_TRANSFER


def fair_rates(paths: Sequence[Sequence[int]], caps: Sequence[float], capacity: Sequence[float]) -> list[float]:
    """The max-min fair rate of each flow, given the links that it crosses and its cap (bit/s).

    All flows grow together until a link is full or a cap is reached; the flows concerned stay at that rate, the
    others grow on (Bertsekas and Gallager, Data Networks, 1992, 6.5.2).
    """
    rates: dict[int, float] = {}
    while len(rates) < len(paths):
        growing = [flow for flow in range(len(paths)) if flow not in rates]
        shares = {}
        for link in {link for flow in growing for link in paths[flow]}:
            fixed = sum(rate for flow, rate in rates.items() if link in paths[flow])
            count = sum(link in paths[flow] for flow in growing)
            shares[link] = (capacity[link] - fixed) / count
        share = min(shares.values())
        cap = min(caps[flow] for flow in growing)
        if cap <= share:
            rates |= {flow: cap for flow in growing if caps[flow] == cap}
        else:
            narrow = min(link for link in shares if shares[link] == share)
            rates |= {flow: share for flow in growing if narrow in paths[flow]}
    return [rates[flow] for flow in range(len(paths))]


class Flow:
    """Bits on their way between a region and a hub. `done` happens when the last one is sent.

    left: bits not sent when the rate changed last. path: its links; None while there is no path. due: s.
    """

    def __init__(self, number: int, bits: float, pair: tuple[int, int], back: int, cap: float, done: simpy.Event):
        self.number, self.left, self.pair, self.back, self.cap, self.done = number, bits, pair, back, cap, done
        self.path: list[int] | None = None
        self.rate, self.due = 0.0, math.inf
        self.moment: Any = None

    def left_at(self, now: float) -> float:
        """Bits not sent yet."""
        return (self.due - now) * self.rate if self.rate > 0 else self.left


class Fibre:
    """The links, and the flows on them.

    sharing: are rates max-min fair, or is each flow as fast as if it were alone? moment: makes the event of a time, a
    kind and a job's number.
    """

    def __init__(self, env: Any, sharing: bool, moment: Callable[[float, int, int], simpy.Event]) -> None:
        self.env, self.sharing, self._moment = env, sharing, moment
        self.flows: list[Flow] = []

    def send(self, number: int, bits: float, pair: tuple[int, int], back: int, cap: float) -> simpy.Event:
        """Start a flow (`back` = 1: from hub to region); the event happens when its last bit is sent."""
        flow = Flow(number, bits, pair, back, cap, self.env.event())
        flow.path = self._path(flow)
        self.flows.append(flow)
        self._run(flow)
        return flow.done

    def move(self) -> None:
        """Every flow takes the path that it has now."""
        for flow in self.flows:
            flow.path = self._path(flow)
        self._run(*self.flows)

    def _end(self, flow: Flow) -> None:
        self.flows.remove(flow)
        self._run()
        flow.done.succeed()

    def _path(self, flow: Flow) -> list[int] | None:
        pairs, machine = self.env.world.pairs, self.env.machine
        if pairs.broken[flow.pair]:
            return None
        first = pairs.first[flow.pair]
        return [int(link) ^ flow.back for link in machine.path[first : first + pairs.hops[flow.pair]]]

    def _run(self, *changed: Flow) -> None:
        """Give flows the rates that they have from now on; unshared ones only if they have changed."""
        links = self.env.machine.links
        moving = [flow for flow in (self.flows if self.sharing else changed) if flow.path]
        if self.sharing:
            rates = fair_rates([flow.path or [] for flow in moving], [flow.cap for flow in moving], links.capacity)
        else:
            rates = [min(flow.cap, self.env.world.pairs.capacity[flow.pair]) for flow in moving]
        for flow, rate in zip(moving, rates, strict=True):
            self._set_rate(flow, rate)
        for flow in changed:
            if flow.path is None:
                self._set_rate(flow, 0.0)
        carried = [0.0] * len(links)
        for flow in self.flows:
            for link in flow.path or []:
                carried[link] += flow.rate
        for link, rate in enumerate(carried):
            carry(link, self.env.now, links)
            links.rate[link] = rate
        stand_still(
            sum(flow.path is None for flow in self.flows) - self.env.machine.ledger.stalled[0],
            self.env.now,
            self.env.machine.ledger,
        )

    def _set_rate(self, flow: Flow, rate: float) -> None:
        """Its last bit will be sent then, unless the rate changes before; a flow without rate stands still."""
        if rate == flow.rate and flow.moment is not None:
            return
        if flow.rate > 0:
            flow.left = flow.left_at(self.env.now)
        flow.rate, flow.due = rate, math.inf
        if flow.moment is not None:
            flow.moment.stale = True
            flow.moment = None
        if rate > 0:
            flow.due = max(self.env.now + flow.left / rate, self.env.now)
            flow.moment = self._moment(flow.due, END_TRANSFER, flow.number)
            flow.moment.callbacks.append(lambda _: self._end(flow))
