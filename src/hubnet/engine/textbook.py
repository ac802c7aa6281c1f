"""The same model as a SimPy textbook would write it: each job a process, each pool a small class.

This is the readable specification, and the oracle of the tests: it shares with the kernel the arrays that policies
read and the decisions themselves, not the transitions. Its result must equal the kernel's for every job, bit by
bit. It is slow; `hubnet run --gear textbook` runs it all the same.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop
from typing import Any

import numpy as np
import simpy

from ..workload.jobs import NONE
from .clock import USER_ERRORS, Clock
from .decisions import ROUNDING, eligible
from .filling import Fibre
from .hours import latest_release
from .incidents import in_force
from .kernel import reason_to_reject
from .meters import carry_all
from .servers import Moment, Pool
from .transfers import narrow
from .world import (
    CUT_OFF,
    DELIVERY,
    END_SERVICE,
    FINISH,
    FINISHED,
    IN_FORCE,
    INCIDENT,
    INPUT,
    NO_PATH,
    NO_REASON,
    NOTHING,
    OVER,
    POLICY,
    POOL_FACTOR,
    REJECTED,
    RELEASE,
    REPAIR,
    RESIZE,
    ROW,
    SUBMIT,
    TRUNK_FACTOR,
    UNFINISHED,
)

Process = Generator[simpy.Event, Any, None]


class Textbook(Clock):
    """The model as SimPy processes. Same interface as `HubEnvironment`."""

    gear = "textbook"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pools = [Pool(self, index) for index in range(len(self.setup.pools))]
        self.fibre = Fibre(self, self.setup.sharing, lambda *key: Moment(self, *key))
        self.lives: dict[int, simpy.Process] = {}  # of jobs in flight
        self._rows: list[Any] = []
        self._next, self._used_up = 0, False
        self._announce(*self.setup.changes)
        self.process(self._arrivals())

    def step(self) -> None:
        """One SimPy event, after closing the time bins that end before it."""
        while self._queue and getattr(self._queue[0][-1], "stale", False):
            heappop(self._queue)
        if self._until_idle and self._used_up and self.peek() > self.now and not (self._world.jobs["live"] == 1).any():
            raise simpy.core.EmptySchedule
        while self.bins.next_edge <= self.peek() < np.inf:
            self._close_bin(self.bins.next_edge)
        super().step()
        self._columns.ledger.events[0] += 1

    # -- the life of a job

    def _arrivals(self) -> Process:
        while (block := self._next_block()) is not None:
            for row in block:
                self._next = int(row["id"])
                yield Moment(self, row["submit"], SUBMIT, row["id"])
                self._next += 1
                self._begin(self._admit(row))
        self._used_up = True

    def _begin(self, job: int) -> None:
        self._columns.ledger.submitted[0] += 1
        self.world.jobs.live[job] = 1
        self.lives[job] = self.process(self._life(job))

    def _life(self, job: int) -> Process:
        """Attempts, until one is not stopped by an incident."""
        while True:
            try:
                yield from self._attempt(job)
            except simpy.Interrupt:
                yield Moment(self, self.now, SUBMIT, self.world.jobs.id[job])
            else:
                return

    def _attempt(self, job: int) -> Process:
        jobs = self.world.jobs
        self._reset(job)
        hub, pool, reason = self._choose(job)
        if reason != NO_REASON:
            self._leave(job, REJECTED, reason)
            return
        jobs.hub[job] = hub
        yield Moment(self, self._release(job), RELEASE, jobs.id[job])
        if pool is not None:
            pool.expect(job)
        jobs.release[job] = self.now
        yield from self._transfer(job, jobs.input[job], back=0)
        jobs.sent[job] = self.now
        jobs.one_way[job] = self.world.pairs.one_way[jobs.region[job], hub]
        yield Moment(self, self.now + jobs.one_way[job], DELIVERY, jobs.id[job])
        jobs.deliver[job] = self.now
        if pool is None:
            jobs.start[job] = jobs.end[job] = self.now
        else:
            yield from self._serve(job, pool)
        stays = pool is None and jobs.output[job] == 0
        if not stays:
            yield from self._transfer(job, jobs.output[job], back=1)
        jobs.one_way_back[job] = 0.0 if stays else self.world.pairs.one_way[jobs.region[job], hub]
        yield Moment(self, self.now + jobs.one_way_back[job], FINISH, jobs.id[job])
        self._leave(job, FINISHED, NO_REASON)

    def _serve(self, job: int, pool: Pool) -> Process:
        """Wait for the gang's devices, and use them; an incident may interrupt, or a job of higher priority."""
        granted: simpy.Event | None = pool.request(job)
        while granted is not None:
            end = yield granted
            over = Moment(self, end, END_SERVICE, self.world.jobs.id[job])
            try:
                granted = yield over  # None
            except simpy.Interrupt as interrupt:
                over.stale = True
                granted = interrupt.cause
                if granted is None:  # an incident
                    raise
        self.world.jobs.end[job] = self.now
        pool.free(job)
        pool.serve()

    def _choose(self, job: int) -> tuple[int, Pool | None, int]:
        """Hub, pool (None if the job needs none) and reason for rejection."""
        jobs, pairs = self.world.jobs, self.world.pairs
        if jobs.devices[job] == 0 and jobs.pinned[job] != NONE:
            hub = jobs.pinned[job]
            one_way = pairs.one_way[jobs.region[job], hub]
            if one_way == np.inf:
                return NONE, None, NO_PATH
            return hub, None, NO_REASON if one_way <= jobs.tolerance[job] * ROUNDING else POLICY
        index, reason = self._ask(job), NO_REASON
        if index == NONE:
            reason = reason_to_reject(job, self.world)
        if reason == CUT_OFF:
            jobs.stranded[job], reason = 1, POLICY
            index = self._ask(job)
        if index == NONE:
            return NONE, None, reason
        if not 0 <= index < len(self.pools) or not eligible(job, index, self.world):
            raise self._router_fault(job, index)
        hub = self.world.pools.hub[index]
        if jobs.devices[job] == 0:
            return hub, None, NO_REASON
        jobs.pool[job] = index
        return hub, self.pools[index], NO_REASON

    def _release(self, job: int) -> float:
        """When the job sets off: now, unless the router holds it."""
        held = float(self.world.jobs.release[job])
        if np.isnan(held):
            return self.now
        if not self.now <= held <= latest_release(job, self.now, self.world):
            raise self._router_fault(job)
        return held

    def _ask(self, job: int) -> int:
        """What the router says."""
        try:
            return int(self.setup.router.choose(job, self.now, self.world))
        except USER_ERRORS as error:
            raise self._router_failed(error) from error

    def _transfer(self, job: int, bits: float, back: int) -> Process:
        """Send bits over the path between the job's region and hub, once there is one; nothing, if it has no trunks."""
        jobs, pairs = self.world.jobs, self.world.pairs
        pair = int(jobs.region[job]), int(jobs.hub[job])
        if not pairs.broken[pair] and (bits == 0 or pairs.hops[pair] == 0):
            return
        jobs.sends[job] = INPUT + back
        yield self.fibre.send(jobs.id[job], bits, pair, back, jobs.wave[job])
        jobs.sends[job] = NOTHING

    # -- incidents

    def _schedule(self, change: int, at: float) -> None:
        moment = Moment(self, at, INCIDENT, change)
        moment.callbacks.append(lambda _: self._happen(change))

    def _happen(self, number: int) -> None:
        """A change begins, or ends."""
        changes, pools = self._machine.changes, self.world.pools
        kind, change = changes["kind"][number], changes[number]
        if kind == RESIZE:
            change["state"] = OVER
            pools.nominal[change["target"]] = change["nominal"]
        else:
            if kind == REPAIR:
                change["state"] = OVER
                number = change["target"]
                change = changes[number]
                if change["state"] != IN_FORCE:
                    return
            if change["state"] == OVER:
                return
            if change["state"] == IN_FORCE:
                change["state"], change["end"] = OVER, self.now
            else:
                change["state"], change["at"] = IN_FORCE, self.now
                if change["until"] < np.inf:
                    self._schedule(number, change["until"])
        target = int(change["target"])
        if change["kind"] == TRUNK_FACTOR:
            self._set_capacity(target, self._factor(TRUNK_FACTOR, target), number)
        else:
            factor = self._factor(POOL_FACTOR, target)
            self.pools[target].change(change, in_force(int(pools.nominal[target]), factor))

    def _factor(self, kind: int, target: int) -> float:
        """The product of the factors in force for a pool or a trunk, in order of announcement."""
        factor = 1.0
        for change in self._machine.changes[: len(self._incident_names)]:
            if change["state"] == IN_FORCE and change["kind"] == kind and change["target"] == target:
                factor *= change["factor"]
        return factor

    def _set_capacity(self, trunk: int, factor: float, number: int) -> None:
        """Another capacity from now on; if the trunk is cut or back, all paths are found anew."""
        links, both = self._machine.links, slice(2 * trunk, 2 * trunk + 2)
        self._columns.ledger.now[0] = self.now
        before, after = links["capacity"][both].copy(), links["nominal"][both] * factor
        if before[0] == after[0]:
            return
        carry_all(links, self.now)
        links["capacity"][both] = after
        if (before[0] > 0) != (after[0] > 0):
            self._reroute(number)
        narrow(self.world, self._columns)
        self.fibre.move()

    # -- bookkeeping

    def _admit(self, row: Any) -> int:
        """Give a job of the workload a slot in `world.jobs`, where policies see it."""
        if self._machine.ledger["free"][0] == 0:
            self._grow()
        ledger, jobs = self._columns.ledger, self._world.jobs
        ledger.free[0] -= 1
        job = int(self._machine.free[ledger.free[0]])
        for name in row.dtype.names:
            jobs[name][job] = row[name]
        jobs["whole"][job], jobs["attempts"][job] = row["work"], 0
        jobs["live"][job] = 2
        self._reset(job, 0)
        return job

    def _reset(self, job: int, attempt: int = 1) -> None:
        """Nothing has happened to the job in this attempt."""
        jobs = self._world.jobs
        for name in ("release", "sent", "deliver", "start", "end", "one_way", "one_way_back"):
            jobs[name][job] = np.nan
        jobs["pool"][job] = jobs["hub"][job] = NONE
        jobs["attempts"][job] += attempt
        jobs["stranded"][job] = 0

    def _leave(self, job: int, status: int, reason: int) -> None:
        ledger = self._columns.ledger
        ledger.now[0] = self.now
        (ledger.finished if status == FINISHED else ledger.rejected)[0] += 1
        self._rows.append(self._row(job, status, reason, self.now if status == FINISHED else np.nan))
        self.world.jobs.live[job] = 0
        del self.lives[job]
        self._machine.free[ledger.free[0]] = job
        ledger.free[0] += 1
        number = int(self.world.jobs.id[job])
        if number in self._awaited:
            self._awaited.pop(number).succeed(number)
        if len(self._rows) == 4096:
            self._flush()

    def _row(self, job: Any, status: int, reason: int, finish: float) -> Any:
        row, jobs = np.zeros((), ROW), self._world.jobs
        for name in ROW.names or ():
            if name in jobs.dtype.names:
                row[name] = jobs[name][job]
        row["work"] = jobs["whole"][job]
        row["status"], row["reason"], row["finish"] = status, reason, finish
        return row[()]

    def _flush(self) -> None:
        rows, self._rows = np.array(self._rows, ROW), []
        self._take_in(rows)

    def _unfinished_rows(self) -> np.ndarray:
        self._flush()
        live = np.flatnonzero(self._world.jobs["live"] == 1)
        return np.array([self._row(job, UNFINISHED, NO_REASON, np.nan) for job in live], ROW)

    def _bits_left(self, now: float) -> np.ndarray:
        left = dict.fromkeys(self.lives, 0.0)
        slot = {int(self.world.jobs.id[job]): job for job in self.lives}
        left |= {slot[int(flow.number)]: flow.left_at(now) for flow in self.fibre.flows}
        found = np.zeros(len(self.world.jobs))
        found[list(left)] = list(left.values())
        return found

    def _submit(self, row: np.ndarray) -> None:
        job = self._admit(row[0])
        moment = Moment(self, self.now, SUBMIT, row["id"][0])
        moment.callbacks.append(lambda _: self._begin(job))

    def _watch(self, job: int) -> None:
        """Nothing to do: `_leave` looks whether the job is awaited."""

    def _next_id(self) -> int:
        return self._next
