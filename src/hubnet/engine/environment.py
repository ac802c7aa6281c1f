"""`HubEnvironment`: the kernel inside a SimPy clock, in either gear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from simpy.core import EmptySchedule

from ..errors import PolicyError, Problem
from .audit import bits_left
from .calendar import push
from .clock import USER_ERRORS, Clock, Sink
from .gears import Message, gears
from .policy import frozen_values
from .setup import Outcome, Setup
from .slots import unfinished
from .world import FAULT, FLUSH, GROW, INCIDENT, KIND, REACHED, REFILL, REROUTE, SUBMIT, WATCHED


class HubEnvironment(Clock):
    """A SimPy clock whose `step` plays the jobs up to the user's next event, and then that event.

    gear: "auto", "compiled" or "python"; the same bits in both. say: told about slow things, such as compiling.
    """

    def __init__(
        self,
        setup: Setup,
        gear: str = "auto",
        sink: Sink | None = None,
        progress: Callable[[float, int], None] | None = None,
        say: Message = lambda text: None,
    ) -> None:
        super().__init__(setup, sink, progress)
        self.gear, self._advance, self._route = gears(setup.router, gear, say)
        self._frozen = frozen_values(setup.router)
        self.at_edge: Callable[[], None] | None = None  # called when a bin is closed: `state.saved` may be used then
        self._announce(*setup.changes)

    def step(self) -> None:
        """Play the jobs up to the next SimPy event, then that event."""
        self._carry(self.peek())
        if self._silent():
            self._now = max(self._now, float(self._machine.ledger["now"][0]))
        if self._over() and self.peek() > self._machine.ledger["now"][0]:
            raise EmptySchedule
        super().step()

    def _carry(self, until: float) -> None:
        """Play jobs, closing bins on the way, until `until`, or until a watched job leaves."""
        while True:
            edge = self.bins.next_edge
            why = self._play(min(until, edge))
            if why == REACHED:
                if until <= edge or self._over() or (until == np.inf and self._silent()):
                    return
                self._close_bin(edge)
                if self.at_edge is not None:
                    self.at_edge()
            elif why == REFILL:
                self._refill()
            elif why == FLUSH:
                self._flush()
            elif why == GROW:
                self._grow()
            elif why == WATCHED:
                self._tell()
                return
            elif why == REROUTE:
                self._reroute(int(self._machine.ledger["change"][0]))
            elif why == FAULT:
                raise self._router_fault(int(self._machine.ledger["fault"][0]))

    def _play(self, until: float) -> int:
        try:
            if self.gear == "compiled":
                return self._advance(self._world, self._machine, until, self._route)
            return self._advance(self.world, self._columns, until, self._route)
        except USER_ERRORS as error:
            raise self._router_failed(error) from error

    def _silent(self) -> bool:
        """Will nothing more happen to the jobs by itself?"""
        ledger = self._machine.ledger
        return bool(ledger["next"][0] == np.inf and ledger["more"][0] == 0)

    def _over(self) -> bool:
        """Is the run over for want of jobs: the workload used up, and nothing in flight?"""
        ledger = self._machine.ledger
        left = ledger["rejected"][0] + ledger["finished"][0]
        return self._until_idle and self._silent() and bool(ledger["submitted"][0] == left)

    def _refill(self) -> None:
        block, ledger = self._next_block(), self._machine.ledger
        if block is None:
            ledger["more"] = 0
            return
        self._machine = self._machine._replace(block=block)
        ledger["cursor"], ledger["rows"] = 0, len(block)
        self._see()

    def _flush(self) -> None:
        ledger = self._machine.ledger
        rows = self._machine.out[: ledger["written"][0]]
        ledger["written"] = 0
        self._take_in(rows)

    def _tell(self) -> None:
        """A watched job is the last one in the output buffer: let its event happen now."""
        ledger = self._machine.ledger
        job = int(self._machine.out["id"][ledger["written"][0] - 1])
        self._now = float(ledger["now"][0])
        self._awaited.pop(job).succeed(job)

    def _schedule(self, change: int, at: float) -> None:
        push(self._columns.calendar, self._columns.ledger, at, INCIDENT * KIND + change, change)

    def _submit(self, row: np.ndarray) -> None:
        if self._machine.ledger["free"][0] == 0:
            self._grow()
        ledger = self._columns.ledger
        ledger.free[0] -= 1
        slot = int(self._machine.free[ledger.free[0]])
        for name in row.dtype.names or ():
            self._world.jobs[name][slot] = row[name][0]
        self._world.jobs["whole"][slot], self._world.jobs["attempts"][slot] = row["work"][0], 0
        self._world.jobs["live"][slot] = 2  # announced; the kernel makes it 1 when it is submitted
        ledger.announced[0] += 1
        push(self._columns.calendar, ledger, self.now, SUBMIT * KIND + int(row["id"][0]), slot)

    def _watch(self, job: int) -> None:
        ledger, watched = self._machine.ledger, self._machine.watched
        count = int(ledger["watches"][0])
        if count == len(watched):
            self._machine = self._machine._replace(watched=np.concatenate([watched, np.zeros_like(watched)]))
            self._see()
        self._machine.watched[count] = job
        ledger["watches"] = count + 1

    def _next_id(self) -> int:
        ledger = self._machine.ledger
        cursor, rows = ledger["cursor"][0], ledger["rows"][0]
        if cursor < rows:
            return int(self._machine.block["id"][cursor])
        return int(self._machine.block["id"][rows - 1]) + 1 if rows else 0

    def close(self) -> Outcome:
        """End the run here. PolicyError if a global of the policy changed meanwhile, which this gear has not seen."""
        if self.gear == "compiled" and frozen_values(self.setup.router) != self._frozen:
            raise PolicyError(
                Problem(
                    f"a value that {self.setup.router.name} reads from outside the world changed during the run, which "
                    "compiled code does not see",
                    "change env.world instead, such as env.world.pools.price[pool], or use gear='python'",
                )
            )
        return super().close()

    def _bits_left(self, now: float) -> np.ndarray:
        return bits_left(self._world, self._machine, now)

    def _unfinished_rows(self) -> np.ndarray:
        self._flush()
        return unfinished(self._world.jobs, float(self._machine.ledger["now"][0]))
