"""The same model as a SimPy textbook would write it: each job a process, each pool a small class.

This is the readable specification, and the oracle of the tests: it shares with the kernel the arrays that policies
read and the decisions themselves, not the transitions. Its result must equal the kernel's for every job, bit by
bit. It is slow; `hubnet run --gear textbook` runs it all the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy

from ..workload.jobs import NONE
from .clock import USER_ERRORS, Clock
from .decisions import ROUNDING, eligible
from .filling import Fibre
from .kernel import account, reason_to_reject
from .sharing import carry
from .world import (
    DELIVERY,
    END_SERVICE,
    END_TRANSFER,
    FINISH,
    FINISHED,
    INCIDENT,
    KIND,
    NO_PATH,
    NO_REASON,
    POLICY,
    REJECTED,
    RELEASE,
    ROW,
    SUBMIT,
    UNFINISHED,
)

Process = Generator[simpy.Event, Any, None]


class Moment(simpy.Event):
    """An event at a given time; ties are broken by (kind, id), where SimPy would use order of creation.

    A user's events at the same time come first: SimPy gives them priority 0 or 1. A `stale` moment has been
    announced anew for another time, and does not happen.
    """

    stale = False

    def __init__(self, env: simpy.Environment, time: float, kind: int, number: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        when = (float(time), 2 + kind * KIND + int(number), next(env._eid), self)
        heappush(env._queue, when)  # type: ignore[misc]


class Pool:
    """Identical devices at one hub, and the queue before them: first in, first out, the head blocks."""

    def __init__(self, env: Textbook, index: int) -> None:
        self.env, self.index, self.queue = env, index, deque[tuple[int, simpy.Event]]()

    def expect(self, job: int) -> None:
        """A job is on its way."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        pools.coming[i] += 1
        pools.queued_devices[i] += jobs.devices[job]
        pools.queued_work[i] += jobs.devices[job] * jobs.work[job]

    def request(self, job: int) -> simpy.Event:
        """Join the queue; the event happens when the whole gang has its devices."""
        pools, i = self.env.world.pools, self.index
        account(i, self.env.now, pools)
        pools.coming[i] -= 1
        pools.waiting[i] += 1
        granted = self.env.event()
        self.queue.append((job, granted))
        self.serve()
        return granted

    def serve(self) -> None:
        """Start the head of the queue as long as it fits."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        while self.queue and pools.busy[i] + jobs.devices[self.queue[0][0]] <= pools.devices[i]:
            job, granted = self.queue.popleft()
            pools.waiting[i] -= 1
            pools.queued_devices[i] -= jobs.devices[job]
            pools.queued_work[i] -= jobs.devices[job] * jobs.work[job]
            if pools.waiting[i] + pools.coming[i] == 0:
                pools.queued_work[i] = 0.0
            end = self.env.now + jobs.work[job] / pools.speed[i]
            jobs.start[job] = self.env.now
            pools.busy[i] += jobs.devices[job]
            pools.running[i] += 1
            pools.ends[i] += jobs.devices[job] * end
            granted.succeed(end)

    def free(self, job: int) -> None:
        """The job gives its devices back."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        account(i, self.env.now, pools)
        pools.busy[i] -= jobs.devices[job]
        pools.running[i] -= 1
        pools.ends[i] -= jobs.devices[job] * self.env.now
        if pools.running[i] == 0:
            pools.ends[i] = 0.0
        self.serve()

    def resize(self, devices: int) -> None:
        """Another number of devices from now on."""
        pools, i = self.env.world.pools, self.index
        account(i, self.env.now, pools)
        pools.nominal[i] = pools.devices[i] = devices
        self.serve()


class Textbook(Clock):
    """The model as SimPy processes. Same interface as `HubEnvironment`."""

    gear = "textbook"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pools = [Pool(self, index) for index in range(len(self.setup.pools))]
        self.fibre = Fibre(self, self._columns.links, lambda *key: Moment(self, *key))
        self._rows: list[Any] = []
        self._next, self._used_up = 0, False
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
                self.process(self._life(self._admit(row)))
        self._used_up = True

    def _life(self, job: int) -> Process:
        jobs = self.world.jobs
        self._columns.ledger.submitted[0] += 1
        jobs.live[job] = 1
        hub, pool, reason = self._choose(job)
        if reason != NO_REASON:
            self._leave(job, REJECTED, reason)
            return
        jobs.hub[job] = hub
        jobs.one_way[job] = one_way = self.world.pairs.one_way[jobs.region[job], hub]
        yield Moment(self, self.now, RELEASE, jobs.id[job])
        jobs.release[job] = self.now
        yield from self._transfer(job, jobs.input[job], back=0)
        jobs.sent[job] = self.now
        yield Moment(self, self.now + one_way, DELIVERY, jobs.id[job])
        jobs.deliver[job] = self.now
        if pool is None:
            jobs.start[job] = jobs.end[job] = self.now
        else:
            end = yield pool.request(job)
            yield Moment(self, end, END_SERVICE, jobs.id[job])
            jobs.end[job] = self.now
            pool.free(job)
        yield from self._transfer(job, jobs.output[job], back=1)
        stays = pool is None and jobs.output[job] == 0
        yield Moment(self, self.now if stays else self.now + one_way, FINISH, jobs.id[job])
        self._leave(job, FINISHED, NO_REASON)

    def _choose(self, job: int) -> tuple[int, Pool | None, int]:
        """Hub, pool (None if the job needs none) and reason for rejection."""
        jobs, pairs = self.world.jobs, self.world.pairs
        if jobs.devices[job] == 0 and jobs.pinned[job] != NONE:
            hub = jobs.pinned[job]
            one_way = pairs.one_way[jobs.region[job], hub]
            if one_way == np.inf:
                return NONE, None, NO_PATH
            return hub, None, NO_REASON if one_way <= jobs.tolerance[job] * ROUNDING else POLICY
        try:
            index = self.setup.router.choose(job, self.now, self.world)
        except USER_ERRORS as error:
            raise self._router_failed(error) from error
        if index == NONE:
            return NONE, None, reason_to_reject(job, self.world)
        if not 0 <= index < len(self.pools) or not eligible(job, index, self.world):
            raise self._router_fault(int(jobs.id[job]), index)
        hub = self.world.pools.hub[index]
        if jobs.devices[job] == 0:
            return hub, None, NO_REASON
        jobs.pool[job] = index
        self.pools[index].expect(job)
        return hub, self.pools[index], NO_REASON

    def _transfer(self, job: int, bits: float, back: int) -> Process:
        """Send bits over the job's path: shared fairly, or at min(wave, what the narrowest trunk carries)."""
        jobs, links, pair = self.world.jobs, self._columns.links, self.world.pairs
        ends = jobs.region[job], jobs.hub[job]
        first, hops = pair.first[ends], pair.hops[ends]
        if bits == 0 or hops == 0:
            return
        route = [int(self._columns.path[hop]) ^ back for hop in range(first, first + hops)]
        if self.setup.sharing:
            yield self.fibre.send(jobs.id[job], bits, route, jobs.wave[job])
            return
        rate = min(jobs.wave[job], pair.capacity[ends])
        for link in route:
            carry(link, self.now, links)
            links.flows[link] += 1
            links.rate[link] += rate
        yield Moment(self, self.now + bits / rate, END_TRANSFER, jobs.id[job])
        for link in route:
            carry(link, self.now, links)
            links.flows[link] -= 1
            links.rate[link] = links.rate[link] - rate if links.flows[link] else 0.0

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
        for name in ("release", "sent", "deliver", "start", "end", "one_way"):
            jobs[name][job] = np.nan
        jobs["pool"][job] = jobs["hub"][job] = NONE
        jobs["live"][job] = 2
        return job

    def _leave(self, job: int, status: int, reason: int) -> None:
        ledger = self._columns.ledger
        ledger.now[0] = self.now
        (ledger.finished if status == FINISHED else ledger.rejected)[0] += 1
        self._rows.append(self._row(job, status, reason, self.now if status == FINISHED else np.nan))
        self.world.jobs.live[job] = 0
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
        row["status"], row["reason"], row["finish"] = status, reason, finish
        return row[()]

    def _flush(self) -> None:
        rows, self._rows = np.array(self._rows, ROW), []
        self._take_in(rows)

    def _unfinished_rows(self) -> np.ndarray:
        self._flush()
        live = np.flatnonzero(self._world.jobs["live"] == 1)
        return np.array([self._row(job, UNFINISHED, NO_REASON, np.nan) for job in live], ROW)

    def _change(self, pool: int, devices: int) -> None:
        moment = Moment(self, self.now, INCIDENT, self._changes)
        self._changes += 1
        moment.callbacks.append(lambda _: self.pools[pool].resize(devices))

    def _submit(self, row: np.ndarray) -> None:
        job = self._admit(row[0])
        moment = Moment(self, self.now, SUBMIT, row["id"][0])
        moment.callbacks.append(lambda _: self._begin(job))

    def _begin(self, job: int) -> None:
        self.process(self._life(job))

    def _watch(self, job: int) -> None:
        """Nothing to do: `_leave` looks whether the job is awaited."""

    def _next_id(self) -> int:
        return self._next
