"""Pools as a textbook would write them: identical devices, a queue, and who is running.

`simpy.Resource` knows neither gangs nor stopping, so this is a small class over SimPy events.
"""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from .queues import account
from .world import IN_FORCE, KIND

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
    """Identical devices at one hub, and the queue before them: first in, first out, the head blocks."""

    def __init__(self, env: Textbook, index: int) -> None:
        self.env, self.index, self.queue = env, index, deque[tuple[int, simpy.Event]]()
        self.running: dict[int, float] = {}  # job -> when it will end

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
            self.running[job] = end
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
        pools.ends[i] -= jobs.devices[job] * self.running.pop(job)
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
        jobs, speed = self.env.world.jobs, self.env.world.pools.speed[self.index]
        self.free(job)
        ran = self.env.now - jobs.start[job]
        kept = 0.0
        if jobs.checkpoint[job] < np.inf:
            kept = int(ran / jobs.checkpoint[job]) * jobs.checkpoint[job]
        jobs.work[job] = max(jobs.work[job] - kept * speed, 0.0)
        change["jobs_displaced"] += 1
        change["work_lost"] += jobs.devices[job] * (ran - kept)
        self.env.lives[job].interrupt()
