"""Where a job may go, and how long it would take there.

Everything here is a plain function of (job, pool, now, world) that both gears and the textbook share. `job` is a
row of `world.jobs`, `pool` a row of `world.pools`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import NONE
from .jit import jitable

ROUNDING = 1 + 1e-12  # a delay that exceeds a tolerance by no more than its last bits does not exceed it

DOWN = 1e9
"""s; the wait expected at a pool whose devices in force cannot hold the gang: longer than any run, but finite,
so that jobs queue at the nearest such pool when every pool is down."""


@jitable
def eligible(job: int, pool: int, world: Any) -> bool:
    """May `job` run in `pool`: is the type right, the place allowed, the pool large enough, the path there?"""
    # Without branches, as in `calendar.before`.
    jobs, pools, pairs = world.jobs, world.pools, world.pairs
    hub, region, pinned = pools.hub[pool], jobs.region[job], jobs.pinned[job]
    one_way = pairs.one_way[region, hub]
    return (
        (world.fit[jobs.place[job], pool] > 0)
        & (pools.nominal[pool] >= jobs.devices[job])
        & (one_way <= jobs.tolerance[job] * ROUNDING)
        & (one_way < np.inf)
        & ((pairs.broken[region, hub] == 0) | (jobs.stranded[job] == 1))
        & ((pinned == NONE) | (pinned == hub))
    )


@jitable
def pace(job: int, pool: int, world: Any) -> float:
    """How fast the pool's devices serve the job, over the reference device: their speed x the factor of its class."""
    return world.pools.speed[pool] * world.fit[world.jobs.place[job], pool]


@jitable
def service_time(job: int, pool: int, world: Any) -> float:
    """s that the job takes in the pool once it runs; inf where it may not run."""
    speed = pace(job, pool, world)
    return world.jobs.work[job] / speed if speed > 0 else np.inf


@jitable
def planned_time(job: int, pool: int, world: Any) -> float:
    """s that the job is estimated to take in the pool."""
    return world.jobs.work[job] * world.jobs.estimate[job] / pace(job, pool, world)


@jitable
def queued_work(job: int, pool: int, world: Any) -> float:
    """What the job adds to the pool's queued work: over the pool's speed, it is devices x service time, device-s."""
    return world.jobs.devices[job] * world.jobs.work[job] / world.fit[world.jobs.place[job], pool]


@jitable
def kept(job: int, now: float, world: Any) -> float:
    """s; what the last checkpoint of a running job has of its service."""
    checkpoint = world.jobs.checkpoint[job]
    return int((now - world.jobs.start[job]) / checkpoint) * checkpoint if checkpoint < np.inf else 0.0


@jitable
def transfer_time(job: int, bits: float, pool: int, world: Any) -> float:
    """s to send `bits` between the job's region and the pool's hub at min(wave, capacity on the path).

    In the same city nothing is sent.
    """
    region, hub = world.jobs.region[job], world.pools.hub[pool]
    if world.pairs.hops[region, hub] == 0:
        return 0.0
    return bits / min(world.jobs.wave[job], world.pairs.capacity[region, hub])


@jitable
def expected_wait(job: int, pool: int, now: float, world: Any) -> float:
    """s that `job` would wait in `pool`, from what is known now.

    short = busy + queued devices + own devices - devices in force is how many devices are missing; if none,
    the wait is zero. Otherwise (queued work / speed + residual work of running jobs x min(1, short / busy)),
    in device-seconds, over the devices in force. Exact for one server; for exponential service without a queue it
    is the mean time until the missing devices are free.
    """
    pools, devices = world.pools, world.jobs.devices[job]
    short = pools.busy[pool] + pools.queued_devices[pool] + devices - pools.devices[pool]
    if short <= 0 or devices == 0:
        return 0.0
    if pools.devices[pool] < devices:
        return DOWN
    work = pools.queued_work[pool] / pools.speed[pool]
    if pools.busy[pool] > 0:
        residual = pools.ends[pool] - pools.busy[pool] * now
        work += residual * min(1.0, short / pools.busy[pool])
    return max(0.0, work) / pools.devices[pool]


@jitable
def response(job: int, pool: int, now: float, world: Any) -> float:
    """Estimated response of `job` in `pool`, s: delay, upload, wait, service, download, delay."""
    jobs, pools = world.jobs, world.pools
    one_way = world.pairs.one_way[jobs.region[job], pools.hub[pool]]
    upload = transfer_time(job, jobs.input[job], pool, world)
    download = transfer_time(job, jobs.output[job], pool, world)
    wait = expected_wait(job, pool, now, world)
    return one_way + upload + wait + service_time(job, pool, world) + download + one_way


@jitable
def energy(job: int, pool: int, world: Any) -> float:
    """kWh that the devices of `job` use in `pool`: power x devices x time; without what the building adds."""
    pools, jobs = world.pools, world.jobs
    return pools.power[pool] * jobs.devices[job] * service_time(job, pool, world) / 3.6e6


@jitable
def electricity_cost(job: int, pool: int, world: Any) -> float:
    """yuan for the electricity of `job` in `pool` at the mean price: price x PUE x energy."""
    return world.pools.price[pool] * world.pools.pue[pool] * energy(job, pool, world)
