"""What a scenario will ask of the network and of this computer, before it is run.

Loads are averages over time. For `nearest` and `random` routing the split over the pools is exact; the other
rules look at the state of the pools, and are taken to spread each class over the pools that it may use in
proportion to their devices x speed, that for this class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..engine.decisions import ROUNDING
from ..engine.routers import nearest, uniform
from ..engine.setup import Setup
from ..engine.world import ROW, SLOT
from ..workload.arrivals import JobClass
from ..workload.jobs import JOB

SECONDS_PER_EVENT = 6e-7  # compiled gear, measured on the national scenario; about 50 times more in Python
SECONDS_PER_RUN = 1.5  # preparing, and writing tables and charts
BASE_MEMORY = 550e6  # bytes; Python, its libraries, tables and charts


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
    """What to expect of one run. Several classes may have one name: together they are the jobs of one class."""
    demand, bits = np.zeros(len(setup.pools)), np.zeros(len(setup.links))
    misfits: list[Misfit] = []
    rates: dict[str, float] = {}
    for klass in classes:
        rates[klass.name] = rates.get(klass.name, 0.0) + klass.rate
    for klass in classes:
        pairs = np.zeros((len(setup.regions), len(setup.hubs)))
        for gang, share in zip(klass.devices.values, klass.devices.shares, strict=True):
            parts = split(setup, klass, int(gang))
            if not parts.any():
                largest = int(setup.pools["nominal"][setup.fit[klass.place] > 0].max(initial=0))
                part = klass.rate / rates[klass.name] if rates[klass.name] else 1.0
                misfits.append(Misfit(klass.name, int(gang), float(share) * part, largest))
                continue
            pace = setup.pools["speed"] * setup.fit[klass.place]
            work = klass.rate * share * gang * klass.work.mean * parts.sum(axis=0)
            demand += np.divide(work, pace, out=np.zeros(len(pace)), where=pace > 0)
            np.add.at(pairs.T, setup.pools["hub"], (klass.rate * share * parts).T)
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


def split(setup: Setup, klass: JobClass, gang: int) -> np.ndarray:
    """[regions, pools]: the share of the class's jobs of this gang that go from a region to a pool."""
    can = may_use(setup, klass.place, gang, klass.tolerance)
    size = setup.pools["nominal"] * setup.pools["speed"] * setup.fit[klass.place]
    if setup.router.choose is nearest:
        one_way = np.where(can, setup.pairs["one_way"][:, setup.pools["hub"]], np.inf)
        preference = can & (np.arange(can.shape[1]) == _first_least(one_way)[:, None])
    elif setup.router.choose is uniform:
        preference = can.astype(float)
    else:
        preference = can * size
    total = preference.sum(axis=1, keepdims=True)
    share = np.divide(preference, total, out=np.zeros(can.shape), where=total > 0)
    weights = np.array([klass.regions.get(region, 0.0) for region in setup.regions])
    return share * (weights / weights.sum())[:, None]


def _first_least(one_way: np.ndarray) -> np.ndarray:
    """The first pool of least delay for each region; 0 where there is no pool at all."""
    return one_way.argmin(axis=1) if one_way.shape[1] else np.zeros(len(one_way), np.int64)


def may_use(setup: Setup, place: int, gang: int, tolerance: float) -> np.ndarray:
    """bool [regions, pools]: `engine.decisions.eligible` for jobs of this kind, all at once."""
    one_way = setup.pairs["one_way"][:, setup.pools["hub"]]
    fits = (setup.fit[place] > 0) & (setup.pools["nominal"] >= gang)
    return fits[None, :] & (one_way <= tolerance * ROUNDING) & np.isfinite(one_way)


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
