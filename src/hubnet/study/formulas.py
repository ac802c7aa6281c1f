"""Where a run is simple enough for a textbook's formula: what it says, beside what was simulated.

Jobs must come as a Poisson process: at a constant rate, without bursts, swings, campaigns, surges, incidents or jobs of
user processes; and be split by region or at random, which makes Poisson processes of their parts. Then

* a pool that serves single devices for exponential times of one mean, first come first served, is M/M/c (Erlang C), if
  what its jobs upload does not meet other uploads on the way: a delay that is drawn per job leaves Poisson arrivals
  Poisson;
* a link that carries uploads of exponential sizes over paths of this one trunk, and no results, shares itself among
  them as a processor does.

Compared are averages over the window: of the number waiting, or under way, over the known rate of arrivals (Little's
law gives the mean time). Theory also gives the variance of such an average, for windows much longer than a queue
remembers; so windows in which it is too large are not compared. The average is then about normal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ..engine.routers import BUILT_IN
from ..engine.setup import Outcome, Setup
from ..engine.world import FIFO
from ..theory import countable, mmc_queue, shared_flows
from ..workload.classes import JobClass
from ..workload.distributions import Exponential
from .expect import may_use, split
from .measures import window_length, window_totals

FALSE_ALARMS = 0.001  # the chance that a right simulation is doubted, over all formulas of one run
KNOWN = 0.1  # theory's standard deviation of an average, over its mean: beyond it nothing is compared

BY_REGION_OR_CHANCE = (BUILT_IN["nearest"], BUILT_IN["random"])
UNHELD = (*BY_REGION_OR_CHANCE, BUILT_IN["least-response"], BUILT_IN["cheapest-in-time"])


@dataclass(frozen=True)
class Formula:
    """A mean time in s by a formula, and as simulated; deviation: in theory's standard deviations of the latter."""

    name: str
    where: str
    expected: float
    simulated: float
    deviation: float


@dataclass(frozen=True)
class Stream:
    """Jobs of one class and number of devices: rate [regions, pools], jobs/s. poisson: do they come as such?"""

    klass: JobClass
    devices: int
    rate: np.ndarray
    poisson: bool


def limit(formulas: int) -> float:
    """The deviation beyond which one of so many formulas speaks against the simulation."""
    return NormalDist().inv_cdf(1 - FALSE_ALARMS / (2 * max(formulas, 1)))


def formulas(run: Outcome) -> tuple[Formula, ...]:
    """What textbooks say about a run; nothing if its jobs are not drawn, or if anything happened to it."""
    setup = run.setup
    if not setup.drawn or setup.surges or run.audit.disturbed or window_length(run) <= 0:
        return ()
    streams = list(_streams(setup))
    return (*_queues(run, streams), *_links(run, streams))


def _streams(setup: Setup) -> Iterator[Stream]:
    """All jobs that may run somewhere."""
    for klass in setup.drawn:
        for gang, share in zip(klass.devices.values, klass.devices.shares, strict=True):
            can = may_use(setup, klass.place, int(gang), klass.tolerance)
            known = setup.router.choose in BY_REGION_OR_CHANCE
            known |= setup.router.choose in UNHELD and bool((can.sum(axis=1) <= 1).all())
            steady = klass.week is None and klass.growth == 0 and klass.swings is None
            poisson = known and steady and klass.cv == 1 and klass.campaign is None
            yield Stream(klass, int(gang), klass.rate * float(share) * split(setup, klass, int(gang)), poisson)


def _queues(run: Outcome, streams: list[Stream]) -> Iterator[Formula]:
    """Pools that are M/M/c."""
    setup, length = run.setup, window_length(run)
    waiting = window_totals(run, "waiting_s") / length
    for pool, record in enumerate(setup.pools):
        mine = [stream for stream in streams if stream.rate[:, pool].any()]
        if setup.discipline != FIFO or not all(_single(setup, stream, pool) for stream in mine):
            continue
        services = {s.klass.work.mean / (record["speed"] * setup.fit[s.klass.place, pool]) for s in mine}
        rate, servers = math.fsum(stream.rate[:, pool].sum() for stream in mine), int(record["nominal"])
        if len(services) == 1 and countable(servers, rate * max(services)):
            service = services.pop()
            found = mmc_queue(servers, rate * service, service)
            yield from _compared("Erlang C", setup.pool_names[pool], found, float(waiting[pool]), rate, length)


def _single(setup: Setup, stream: Stream, pool: int) -> bool:
    """Does this stream bring Poisson arrivals of single devices and exponential work to a pool?"""
    far = setup.pairs["hops"][:, setup.pools["hub"][pool]] > 0
    meets = setup.sharing and stream.klass.input > 0 and bool((stream.rate[:, pool] * far).any())
    return stream.poisson and stream.devices == 1 and not meets and _exponential(stream.klass.work)


def _links(run: Outcome, streams: list[Stream]) -> Iterator[Formula]:
    """Links on which uploads share as jobs share a processor."""
    setup, length = run.setup, window_length(run)
    if not setup.sharing:
        return
    for link, (_, a, b) in enumerate(setup.links):
        up, down = _crossing(setup, link), _crossing(setup, link ^ 1)
        mine = [stream for stream in streams if stream.klass.input > 0 and _between(setup, stream)[up].any()]
        back = any(stream.klass.output > 0 and _between(setup, stream)[down].any() for stream in streams)
        alone = (setup.pairs["hops"][up] == 1).all()
        right = all(stream.poisson and _exponential(stream.klass.upload) for stream in mine)
        shapes = {(s.klass.input, wave) for s in mine for wave in (s.klass.wave, *s.klass.waves.values())}
        if back or not alone or not right or len(shapes) != 1:
            continue
        (size, wave), capacity = shapes.pop(), float(setup.links_table["capacity"][link])
        rate = math.fsum(_between(setup, stream)[up].sum() for stream in mine)
        servers = max(capacity / wave, 1.0)  # as in `shared_flows`
        if rate * size < capacity and countable(math.ceil(servers), rate * size / capacity * servers):
            found = shared_flows(capacity, wave, rate, size)
            under_way = float(run.audit.uploading[up].sum()) / length
            yield from _compared("processor sharing", f"{a} -> {b}", found, under_way, rate, length)


def _compared(
    name: str, where: str, found: tuple[float, float], number: float, rate: float, length: float
) -> Iterator[Formula]:
    """The formula, if the window is long enough to tell."""
    mean, variance = found
    deviation = math.sqrt(variance / length)
    if 0 < deviation <= KNOWN * mean:
        yield Formula(name, where, mean / rate, number / rate, (number - mean) / deviation)


def _crossing(setup: Setup, link: int) -> np.ndarray:
    """bool [regions, hubs]: the pairs whose path has this link."""
    found = np.zeros(setup.pairs.shape, np.bool_)
    for pair in np.ndindex(found.shape):
        first, hops = setup.pairs[pair]["first"], setup.pairs[pair]["hops"]
        found[pair] = link in setup.path[first : first + hops]
    return found


def _between(setup: Setup, stream: Stream) -> np.ndarray:
    """[regions, hubs]: the stream's jobs/s between them."""
    rate = np.zeros(setup.pairs.shape)
    np.add.at(rate.T, setup.pools["hub"], stream.rate.T)
    return rate


def _exponential(size: object) -> bool:
    return isinstance(size, Exponential) and math.isinf(size.cap)
