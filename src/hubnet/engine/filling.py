"""Transfers as a textbook would write them: max-min fairness by progressive filling, flow by flow.

The oracle of `sharing.py`: no classes, no clocks, no components. At every start and every end, all rates are
worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import simpy

from .sharing import carry
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
    """Bits on their way over some links. `done` happens when the last one is sent."""

    def __init__(self, number: int, bits: float, path: list[int], cap: float, done: simpy.Event) -> None:
        self.number, self.left, self.path, self.cap, self.done = number, bits, path, cap, done
        self.rate = 0.0
        self.moment: Any = None


class Fibre:
    """The links, and the flows that share them.

    moment: makes the event of a time, a kind and a job's number.
    """

    def __init__(self, env: simpy.Environment, links: Any, moment: Callable[[float, int, int], simpy.Event]) -> None:
        self.env, self.links, self._moment = env, links, moment
        self.flows: list[Flow] = []
        self._since = 0.0

    def send(self, number: int, bits: float, path: list[int], cap: float) -> simpy.Event:
        """Start a flow; the event happens when its last bit is sent."""
        flow = Flow(number, bits, path, cap, self.env.event())
        self._advance()
        self.flows.append(flow)
        self._share()
        return flow.done

    def _end(self, flow: Flow) -> None:
        self._advance()
        self.flows.remove(flow)
        self._share()
        flow.done.succeed()

    def _advance(self) -> None:
        """Take what was sent since the last change off what is left."""
        for flow in self.flows:
            flow.left -= flow.rate * (self.env.now - self._since)
        self._since = self.env.now

    def _share(self) -> None:
        paths, caps = [flow.path for flow in self.flows], [flow.cap for flow in self.flows]
        rates = fair_rates(paths, caps, self.links.capacity)
        for link in range(len(self.links)):
            carry(link, self.env.now, self.links)
            self.links.rate[link] = sum(r for r, path in zip(rates, paths, strict=True) if link in path)
        for flow, rate in zip(self.flows, rates, strict=True):
            if rate != flow.rate:
                flow.rate = rate
                self._announce(flow)

    def _announce(self, flow: Flow) -> None:
        """Its last bit will be sent then, unless its rate changes before."""
        if flow.moment is not None:
            flow.moment.stale = True
        due = max(self.env.now + flow.left / flow.rate, self.env.now)
        flow.moment = self._moment(due, END_TRANSFER, flow.number)
        flow.moment.callbacks.append(lambda _: self._end(flow))
