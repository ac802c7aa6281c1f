"""Arrivals of job classes, in blocks that are sorted by time.

Each class in each region is a stream of its own, and each stream is a renewal process in *operational* time, in which
one job arrives per unit in the mean: the n-th event is at E(n) = g(1) + ... + g(n), with independent gaps g of mean 1,
exponential (Poisson arrivals) or gamma (bursts, with the coefficient of variation asked for). The clock time of the
event is when the integral of the stream's rate reaches E(n): profile, trend and load stretch or squeeze the clock and
change nothing else, and the rate is exact at every moment (Cinlar, Introduction to Stochastic Processes, 1975,
section 4.7, for Poisson; Gerhardt and Nelson, INFORMS J. Computing 21(4), 2009, for renewal processes).

The random numbers are drawn in windows of operational time with a fixed number of events, each from a stream named
(seed, replication, class, region, window). All that is carried from one window to the next is E at its end. Why this
way, and not a number of jobs per hour of the clock:

* gaps of any distribution go on across windows without a state that depends on how the jobs are consumed;
* a class keeps its jobs when another is added, and a run when its horizon grows;
* at another load or profile the n-th job is the same job at another time, so differences between such runs are paired;
* events come out in order, so the streams only have to be merged.

A surge by f > 1 adds a stream of f - 1 times the rate; one by f < 1 leaves jobs out. All other jobs stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from .classes import JobClass
from .distributions import Constant
from .initial import under_way
from .jobs import Blocks, empty_block
from .rates import Curve, Surge
from .sources import FIELDS, Source, Terms, Thinning
from .streams import stream

__all__ = ["JobClass", "Surge", "job_blocks"]

FIXED = (  # per class
    *("place", "pinned", "input", "output", "tolerance", "deadline", "slack", "checkpoint", "lane", "estimate"),
)
FEW = 64
ROWS_PER_BLOCK = 2**15  # expected; a block of this many rows is 5 MB: larger ones fit no cache, and are slower


def job_blocks(
    classes: Sequence[JobClass],
    regions: Sequence[str],
    seed: int,
    replication: int,
    horizon: float,
    *,
    start: float = 0.0,
    surges: Sequence[Surge] = (),
    stationary: bool = False,
    rows: int = ROWS_PER_BLOCK,
) -> Blocks:
    """The jobs of all classes submitted in [0, horizon), as sorted blocks with running ids.

    start: s from Monday 00:00 to time 0, for profiles. stationary: begin with the jobs that are under way at time 0
    (see `initial`); they, and no others, have submit = 0. rows: expected in a block; it does not change the jobs.
    """
    sized = any(not isinstance(size, Constant) for klass in classes for size in (klass.upload, klass.download))
    terms = Terms(seed, replication, len(FIELDS) if sized else 5)
    sources = list(_sources(classes, regions, terms, horizon, start, surges))
    rows_of = _Rows(classes, regions)
    if stationary:
        for block in rows_of.blocks(under_way(classes, regions, terms, start)):
            block["input"] = block["slack"] = 0.0
            yield block
    for edge in _edges(sources, horizon, rows):
        yield from rows_of.blocks([(source.place, piece) for source in sources for piece in source.until(edge)])


def _sources(
    classes: Sequence[JobClass],
    regions: Sequence[str],
    terms: Terms,
    horizon: float,
    start: float,
    surges: Sequence[Surge],
) -> Iterator[Source]:
    """Every stream, in order of class and region, with what surges add to it."""
    for k, klass in enumerate(classes):
        curve = klass.rhythm(start).curve(horizon)
        if klass.swings is not None:  # all regions swing together
            rng = stream(terms.seed, terms.replication, klass.name, "swings")
            curve = curve.modulated(*klass.swings.factors(rng, horizon))
        curves: dict[tuple[int, ...], list[Curve]] = {}
        for r, region in enumerate(regions):
            rate = klass.rate_in(region)
            if rate == 0:
                continue
            mine = tuple(i for i, surge in enumerate(surges) if surge.concerns(klass.name, region))
            if mine not in curves:
                curves[mine] = _with_surges(curve, [surges[i] for i in mine])
            thinnings = tuple(Thinning(surges[i], ("thinning", i)) for i in mine if surges[i].by < 1)
            added: list[tuple[str | int, ...]] = [("surge", i) for i in mine if surges[i].by > 1]
            for names, its_curve in zip([(), *added], curves[mine], strict=True):
                yield Source(terms, (klass.name, region, *names), klass, rate, its_curve, (k, r), thinnings)


def _with_surges(curve: Curve, surges: Sequence[Surge]) -> list[Curve]:
    """The curve itself, and what each surge by more than 1 adds to it and to the surges before."""
    curves, total = [curve], curve
    for surge in surges:
        if surge.by > 1:
            curves.append(total.times(surge.at, surge.until, surge.by - 1, 0.0))
            total = total.times(surge.at, surge.until, surge.by)
    return curves


def _edges(sources: Sequence[Source], horizon: float, rows: int) -> np.ndarray:
    """Where blocks end: so that about `rows` jobs are expected in each."""
    rates: dict[Curve, float] = {}
    for source in sources:
        rates[source.curve] = rates.get(source.curve, 0.0) + source.rate
    if not rates:
        return np.zeros(0)
    grid = np.unique(np.concatenate([[0.0, horizon], *(curve.at for curve in rates)]))
    grid = grid[grid <= horizon]
    expected = np.sum([rate * curve.before(grid) for curve, rate in rates.items()], axis=0)
    blocks = math.ceil(expected[-1] / rows) or 1
    return np.append(np.interp(rows * np.arange(1.0, blocks), expected, grid), horizon)


class _Rows:
    """Makes blocks: what all jobs of a class in a region have in common is copied, then the columns are put in."""

    def __init__(self, classes: Sequence[JobClass], regions: Sequence[str]) -> None:
        self._first_id = 0
        given = [klass.deadline_slack for klass in classes]
        self._deadline_slack = np.array([math.nan if slack is None else slack for slack in given])
        self._common = empty_block(len(classes) * len(regions)).reshape(len(classes), len(regions))
        for k, klass in enumerate(classes):
            for name in FIXED:
                self._common[name][k] = getattr(klass, name)
            self._common["klass"][k] = k
            self._common["wave"][k] = [klass.waves.get(region, klass.wave) for region in regions]
        self._common["region"] = np.arange(len(regions))

    def blocks(self, pieces: list[tuple[tuple[int, int], np.ndarray]]) -> Blocks:
        """One block of the jobs in all pieces; earlier pieces come first at equal times. Nothing if there are none."""
        if not pieces:
            return
        jobs = np.concatenate([piece for _, piece in pieces])
        order = _order(np.ascontiguousarray(jobs[:, 0]), len(pieces))
        jobs = jobs.take(order, axis=0)
        kind = np.ravel_multi_index(np.array([place for place, _ in pieces]).T, self._common.shape)
        block = self._common.ravel().take(kind.repeat([len(piece) for _, piece in pieces]).take(order))
        block["id"] = np.arange(self._first_id, self._first_id + len(order))
        for name, column in zip(FIELDS, jobs.T, strict=False):
            block[name] = column
        if not np.isnan(self._deadline_slack).all():
            slack = self._deadline_slack[block["klass"]]
            np.copyto(block["deadline"], block["work"] + slack, where=~np.isnan(slack))
        self._first_id += len(block)
        yield block


def _order(submit: np.ndarray, runs: int) -> np.ndarray:
    """The stable order of times that consist of so many sorted runs.

    The stable sort merges runs, which is the fastest way for a few. For many the other one is: ties are rare, and
    without any it gives the same order.
    """
    if runs <= FEW:
        return np.argsort(submit, kind="stable")
    order = np.argsort(submit)
    times = submit.take(order)
    return np.argsort(submit, kind="stable") if (times[1:] == times[:-1]).any() else order
