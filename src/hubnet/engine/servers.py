"""Pools as a textbook would write them: identical devices, a queue, and who is running.

`simpy.Resource` knows neither gangs nor stopping, so this is a small class over SimPy events.
"""

from __future__ import annotations

from bisect import insort
from heapq import heappush
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from .decisions import kept, pace, planned_time, queued_work, service_time
from .incidents import note_attempt
from .preemption import note_service
from .queues import account
from .world import BACKFILL, FIFO, IN_FORCE, KIND, PREEMPT

if TYPE_CHECKING:
    from .textbook import Textbook


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
    """Identical devices at one hub, and the queue before them: by priority, then in order of delivery."""

    def __init__(self, env: Textbook, index: int) -> None:
        self.env, self.index = env, index
        self.queue: list[tuple[int, int, int, simpy.Event]] = []  # lane, number of the delivery, job, granted
        self.deliveries = 0
        self.number: dict[int, int] = {}  # job -> of its delivery
        self.running: dict[int, tuple[float, float]] = {}  # job -> when it will end: in truth, and as estimated

    def expect(self, job: int) -> None:
        """A job is on its way."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        pools.coming[i] += 1
        pools.queued_devices[i] += jobs.devices[job]
        pools.queued_work[i] += queued_work(job, i, self.env.world)

    def request(self, job: int) -> simpy.Event:
        """Join the queue; the event happens when the whole gang has its devices."""
        pools, i = self.env.world.pools, self.index
        account(i, self.env.now, pools)
        pools.coming[i] -= 1
        pools.waiting[i] += 1
        granted = self.env.event()
        lane = 0 if self.env.setup.discipline == FIFO else self.env.world.jobs.lane[job]
        self.deliveries += 1
        self.number[job] = self.deliveries
        insort(self.queue, (lane, self.deliveries, job, granted))
        self.serve()
        return granted

    def serve(self) -> None:
        """Start the head of the queue as long as it fits; under backfill, then those that may pass it."""
        while self.queue and self.fits(self.queue[0][2]):
            self.start(self.queue[0])
        while self.queue and self.env.setup.discipline == PREEMPT and self.make_room(self.queue[0][2]):
            self.start(self.queue[0])
        if self.queue and self.env.setup.discipline == BACKFILL:
            self.backfill()

    def make_room(self, head: int) -> bool:
        """Stop jobs of lower priority, the lowest first and of these the latest started, until the head fits."""
        jobs, pools, i = self.env.world.jobs, self.env.world.pools, self.index
        lower = [job for job in reversed(self.running) if jobs.lane[job] > jobs.lane[head]]
        lower.sort(key=lambda job: -jobs.lane[job])
        if pools.busy[i] - sum(jobs.devices[job] for job in lower) + jobs.devices[head] > pools.devices[i]:
            return False
        while not self.fits(head):
            self.put_back(lower.pop(0))
        return True

    def put_back(self, job: int) -> None:
        """A running job gives its devices back, keeps what its checkpoints have, and waits at its place again."""
        pools, jobs, world, i = self.env.world.pools, self.env.world.jobs, self.env.world, self.index
        self.free(job)
        safe = kept(job, self.env.now, world)
        jobs.work[job] = max(jobs.work[job] - safe * pace(job, i, world), 0.0)
        note_service(job, i, self.env.now, world)
        jobs.attempts[job] += 1
        jobs.start[job] = np.nan
        pools.waiting[i] += 1
        pools.queued_devices[i] += jobs.devices[job]
        pools.queued_work[i] += queued_work(job, i, world)
        granted = self.env.event()
        insort(self.queue, (jobs.lane[job], self.number[job], job, granted))
        self.env.lives[job].interrupt(granted)

    def fits(self, job: int) -> bool:
        """Are as many devices free as the job wants?"""
        pools, i = self.env.world.pools, self.index
        return bool(pools.busy[i] + self.env.world.jobs.devices[job] <= pools.devices[i])

    def backfill(self) -> None:
        """EASY: a later job may start if it will be gone when the head fits, or uses devices left over then."""
        jobs, now = self.env.world.jobs, self.env.now
        shadow, extra = self.shadow(self.queue[0][2])
        for entry in self.queue[1 : 1 + self.env.setup.depth]:
            job = entry[2]
            end = now + planned_time(job, self.index, self.env.world)
            if self.fits(job) and (end <= shadow or jobs.devices[job] <= extra):
                self.start(entry)
                extra -= jobs.devices[job] if end > shadow else 0

    def shadow(self, head: int) -> tuple[float, int]:
        """When the head will fit, by the estimates, and how many devices will be left over then."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        free, need = pools.devices[i] - pools.busy[i], jobs.devices[head]
        ends = sorted((max(planned, self.env.now), jobs.devices[job]) for job, (_, planned) in self.running.items())
        for time in dict.fromkeys([self.env.now, *(time for time, _ in ends)]):
            then = free + sum(devices for end, devices in ends if end <= time)
            if then >= need:
                return time, then - need
        return np.inf, 0

    def start(self, entry: tuple[int, int, int, simpy.Event]) -> None:
        """The job leaves the queue and runs."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        _, _, job, granted = entry
        self.queue.remove(entry)
        pools.waiting[i] -= 1
        pools.queued_devices[i] -= jobs.devices[job]
        pools.queued_work[i] -= queued_work(job, i, self.env.world)
        if pools.waiting[i] + pools.coming[i] == 0:
            pools.queued_work[i] = 0.0
        end = self.env.now + service_time(job, i, self.env.world)
        jobs.start[job] = self.env.now
        self.running[job] = end, self.env.now + planned_time(job, i, self.env.world)
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
        pools.ends[i] -= jobs.devices[job] * self.running.pop(job)[0]
        if pools.running[i] == 0:
            pools.ends[i] = 0.0

    def change(self, change: Any, devices: int) -> None:
        """Another number of devices from now on; if the change kills, those that started last make room."""
        pools, jobs, i = self.env.world.pools, self.env.world.jobs, self.index
        account(i, self.env.now, pools)
        pools.devices[i] = devices
        while change["kill"] and change["state"] == IN_FORCE and pools.busy[i] > devices:
            self.stop(max(self.running, key=lambda job: (jobs.start[job], jobs.id[job])), change)
        self.serve()

    def stop(self, job: int, change: Any) -> None:
        """The job loses its devices, and its work since the last checkpoint."""
        jobs, speed = self.env.world.jobs, pace(job, self.index, self.env.world)
        self.free(job)
        safe = kept(job, self.env.now, self.env.world)
        jobs.work[job] = max(jobs.work[job] - safe * speed, 0.0)
        change["jobs_displaced"] += 1
        change["work_lost"] += jobs.devices[job] * (self.env.now - jobs.start[job] - safe)
        note_attempt(job, self.index, self.env.now, self.env.world)
        self.env.lives[job].interrupt()
