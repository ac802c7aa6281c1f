"""What a scenario will ask of the network and of this computer, before it is run.

Loads are averages over time. For `nearest` and `random` routing the split over the pools is exact; the other
rules look at the state of the pools, and are taken to spread each class over the pools that it may use in
proportion to their devices x speed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..engine.decisions import eligible, nearest, uniform
from ..engine.setup import Setup
from ..engine.world import NONE, ROW, SLOT, as_columns, new_world
from ..workload.arrivals import JobClass
from ..workload.jobs import JOB

SECONDS_PER_EVENT = 4e-7  # compiled gear, measured on the national scenario; about 50 times more in Python
SECONDS_PER_RUN = 0.5  # preparing, and writing the tables
BASE_MEMORY = 350e6  # bytes; Python and its libraries


@dataclass(frozen=True)
class PoolLoad:
    """Offered load of a pool: device-seconds asked for per device-second; 1 or more cannot last."""

    hub: str
    device: str
    devices: int
    load: float


@dataclass(frozen=True)
class Misfit:
    """A gang that fits no pool: `share` of the class's jobs will be rejected as too large."""

    klass: str
    devices: int
    share: float
    largest: int


@dataclass(frozen=True)
class Expectation:
    """Expected size and load of one allocation's run: jobs and events in number, seconds, bytes."""

    jobs: float
    events: float
    seconds: float
    memory: float
    pools: tuple[PoolLoad, ...]
    trunks: tuple[tuple[str, str, float], ...]  # from, to, use; busiest first
    misfits: tuple[Misfit, ...]


def expect(setup: Setup, classes: tuple[JobClass, ...]) -> Expectation:
    """What to expect of one run."""
    demand, bits = np.zeros(len(setup.pools)), np.zeros(len(setup.links))
    misfits: list[Misfit] = []
    for index, klass in enumerate(classes):
        pairs = np.zeros((len(setup.regions), len(setup.hubs)))
        for gang, share in zip(klass.devices.values, klass.devices.shares, strict=True):
            split = _split(setup, klass, index, int(gang))
            if not split.any():
                largest = int(setup.pools["nominal"].max(initial=0))
                misfits.append(Misfit(klass.name, int(gang), float(share), largest))
                continue
            demand += klass.rate * share * gang * klass.work.mean * split.sum(axis=0) / setup.pools["speed"]
            np.add.at(pairs.T, setup.pools["hub"], (klass.rate * share * split).T)
        _add_bits(bits, setup, pairs * klass.input, pairs * klass.output)
    jobs = math.fsum(c.rate for c in classes) * setup.horizon
    events = math.fsum(c.rate * (4 + (c.input > 0) + (c.output > 0)) for c in classes) * setup.horizon
    in_flight = math.fsum(c.rate * (c.work.mean + (c.input + c.output) / c.wave) for c in classes)
    block = math.fsum(c.rate for c in classes) and 2**17 * (2 * JOB.itemsize + ROW.itemsize)
    return Expectation(
        jobs=jobs,
        events=events,
        seconds=events * SECONDS_PER_EVENT + SECONDS_PER_RUN,
        memory=BASE_MEMORY + block + min(in_flight, jobs) * 3 * SLOT.itemsize,
        pools=_loads(setup, demand),
        trunks=_uses(setup, bits),
        misfits=tuple(misfits),
    )


def _split(setup: Setup, klass: JobClass, index: int, gang: int) -> np.ndarray:
    """[regions, pools]: the share of the class's jobs that go from a region to a pool."""
    world = new_world(setup.pools, setup.pairs, setup.allowed, setup.router.memory, 1)
    job, columns = world.jobs[0], as_columns(world)
    job["klass"], job["devices"], job["work"] = index, gang, klass.work.mean
    job["input"], job["output"], job["wave"] = klass.input, klass.output, klass.wave
    job["deadline"] = klass.deadline if klass.slack is None else klass.work.mean + klass.slack
    job["place"], job["tolerance"], job["pinned"] = klass.place, klass.tolerance, NONE
    size = setup.pools["nominal"] * setup.pools["speed"]
    split = np.zeros((len(setup.regions), len(setup.pools)))
    total = math.fsum(klass.regions.values())
    for r, region in enumerate(setup.regions):
        weight = klass.regions.get(region, 0.0) / total
        if weight == 0:
            continue
        job["region"] = r
        can = np.array([eligible(0, pool, columns) for pool in range(len(setup.pools))], bool)
        if setup.router.choose is nearest:
            chosen = nearest(0, 0.0, columns)
            if chosen != NONE:
                split[r, chosen] = weight
        elif setup.router.choose is uniform:
            split[r, can] = weight / max(can.sum(), 1)
        elif size[can].sum() > 0:
            split[r, can] = weight * size[can] / size[can].sum()
    return split


def _add_bits(bits: np.ndarray, setup: Setup, up: np.ndarray, down: np.ndarray) -> None:
    """Add what each pair sends per second to the links of its path, up forwards and down backwards."""
    for pair in zip(*np.nonzero(up + down), strict=True):
        first, hops = setup.pairs[pair]["first"], setup.pairs[pair]["hops"]
        path = setup.path[first : first + hops]
        bits[path] += up[pair]
        bits[path ^ 1] += down[pair]


def _loads(setup: Setup, demand: np.ndarray) -> tuple[PoolLoad, ...]:
    return tuple(
        PoolLoad(
            setup.hubs[pool["hub"]],
            setup.devices[pool["device"]],
            int(pool["nominal"]),
            float(asked / pool["nominal"]) if pool["nominal"] else (math.inf if asked else 0.0),
        )
        for pool, asked in zip(setup.pools, demand, strict=True)
    )


def _uses(setup: Setup, bits: np.ndarray) -> tuple[tuple[str, str, float], ...]:
    capacity = setup.links_table["capacity"]
    use = np.divide(bits, capacity, out=np.zeros(len(bits)), where=capacity > 0)
    order = np.argsort(-use, kind="stable")
    return tuple((setup.links[i][1], setup.links[i][2], float(use[i])) for i in order)
