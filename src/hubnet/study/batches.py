"""Intervals from one long run: batch means.

The window is cut into 10 to 30 batches. A measure that is a ratio of sums, r = sum S / sum N (busy over all
device-seconds; summed response over jobs), has the batch errors z = S - r N, and the variance of r is estimated by
that of z / (batches x mean N^2). That takes the batches to be independent, which is checked: von Neumann's ratio
of z must not show a positive correlation of neighbours at 10%. The number of batches goes down from 30 until they
pass; with fewer than 10 there is no interval.

Sources: Schmeiser, Batch size effects in the analysis of simulation output, Operations Research 30, 1982 (10 to 30
batches); Fishman, Grouping observations in digital simulation, Management Science 24, 1978 (larger batches until
von Neumann's ratio passes); Cochran, Sampling Techniques, 1977, chapter 6 (ratios).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.meters import parts, where
from ..engine.setup import Outcome
from ..engine.world import FINISHED
from .many import ERROR, t_quantile
from .measures import Path

COUNTS = (30, 20, 15, 10)  # batches that are tried
FINE = 300  # bins of jobs in the window, by time of submission; a multiple of all of these
NEIGHBOURS = 1.2816  # quantile of the normal distribution at 90%
TIMES = {"response": ("response_s", 1.0), "wait": ("wait_s", 1.0), "one_way": ("one_way_ms", 1e3)}


@dataclass(frozen=True)
class Batched:
    """A measure with its 95% interval from so many batches of one run."""

    value: float
    low: float
    high: float
    batches: int

    def shown(self) -> dict[str, Any]:
        """As in `summary.json`."""
        return {
            "value": self.value,
            "interval95": [self.low, self.high],
            "batches": self.batches,
            "method": "batch means",
        }


class JobBatches:
    """Takes in the job rows of one run: sums over the finished jobs of a window, by time of submission."""

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end
        self.jobs = np.zeros(FINE)
        self.sums = {name: np.zeros(FINE) for name in TIMES}

    def add(self, rows: np.ndarray) -> None:
        """Take in the rows of jobs that have left."""
        inside = (rows["submit"] >= self.start) & (rows["submit"] < self.end) & (rows["status"] == FINISHED)
        rows = where(inside, rows)
        place = (rows["submit"] - self.start) / (self.end - self.start) * FINE
        bins = np.minimum(place.astype(np.int64), FINE - 1)
        self.jobs += np.bincount(bins, minlength=FINE)
        values = parts(rows)
        for name, total in self.sums.items():
            total += np.bincount(bins, values[name], FINE)


def batch_means(run: Outcome, jobs: JobBatches | None = None) -> dict[Path, Batched]:
    """The measures of one run for which batches give an interval: means over time, and with `jobs` over jobs."""
    found = ((path, ratio_interval(part, whole)) for path, part, whole in _ratios(run, jobs))
    return {path: interval for path, interval in found if interval is not None}


def ratio_interval(part: np.ndarray, whole: np.ndarray, error: float = ERROR) -> Batched | None:
    """The 95% interval of sum(part) / sum(whole), both [bins]; None if the batches are too few, empty or dependent."""
    for count in (count for count in COUNTS if count <= len(part)):
        edges = np.arange(count) * len(part) // count
        sums, sizes = np.add.reduceat(part, edges), np.add.reduceat(whole, edges)
        if not (sizes > 0).all():
            continue
        value = float(sums.sum() / sizes.sum())
        errors = sums - value * sizes
        if not independent(errors):
            continue
        deviation = math.sqrt(float((errors**2).sum()) / (count - 1))
        half = t_quantile(1 - error / 2, count - 1) * deviation / (math.sqrt(count) * float(sizes.mean()))
        return Batched(value, value - half, value + half, count)
    return None


def independent(values: np.ndarray) -> bool:
    """Do neighbours show no positive correlation, by von Neumann's ratio? False where nothing varies.

    1 - sum (x(i) - x(i+1))^2 / (2 sum (x(i) - mean)^2), times sqrt((n^2 - 1) / (n - 2)), is about standard normal.
    """
    n, spread = len(values), float(((values - values.mean()) ** 2).sum())
    if spread <= 1e-18 * max(float((values**2).sum()), 1e-300):
        return False
    ratio = 1 - float((np.diff(values) ** 2).sum()) / (2 * spread)
    return ratio * math.sqrt((n * n - 1) / (n - 2)) <= NEIGHBOURS


def _ratios(run: Outcome, jobs: JobBatches | None) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
    """Path, parts and wholes per bin of every measure that is a ratio of sums over the window."""
    if jobs is not None:
        for name, (title, factor) in TIMES.items():
            yield (title, "mean"), jobs.sums[name] * factor, jobs.jobs
    window, setup = run.bins.in_window(), run.setup
    busy, capacity = (run.bins.table(name)[window] for name in ("busy_s", "capacity_s"))
    yield ("utilization", "mean"), busy.sum(axis=1), capacity.sum(axis=1)
    for index, hub in enumerate(setup.hubs):
        mine = setup.pools["hub"] == index
        if mine.any():
            yield ("utilization", "by_hub", hub), busy[:, mine].sum(axis=1), capacity[:, mine].sum(axis=1)
    for index, pool in enumerate(setup.pools):
        name = f"{setup.hubs[pool['hub']]}/{setup.devices[pool['device']]}"
        yield ("utilization", "by_pool", name), busy[:, index], capacity[:, index]
    bits, could = (run.bins.table(name)[window] for name in ("bits", "capacity_bits"))
    yield ("trunk_use", "mean"), bits.sum(axis=1), could.sum(axis=1)
