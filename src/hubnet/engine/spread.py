"""How a measure spreads over jobs, by group (class, width): counts, sums, extremes, histograms, in constant memory.

A histogram has 128 bins between powers of two: a quantile read from it is within 1% of the sample's. Unfinished jobs
are kept one by one, with the least that their value can still become.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tally import BINS, OFFSET, SHIFT


def bin_of(values: np.ndarray) -> np.ndarray:
    """The histogram bin of each value, read off its bits: 128 equal bins between powers of two, bin 0 for zero."""
    bits = np.ascontiguousarray(values, np.float64).view(np.int64)
    return np.clip((bits >> SHIFT) - OFFSET, 0, BINS - 1)


def lower_edge_of(index: int) -> float:
    """What every value of a bin is at least."""
    return 0.0 if index == 0 else float(np.int64((index + OFFSET) << SHIFT).view(np.float64))


@dataclass(frozen=True)
class Spread:
    """One measure of the jobs of some groups, none of whose values is less than `floor`.

    Inside, values count from the floor, so that those near it, and at it, are told apart as finely as those near 0.
    jobs (finished), sums, least, most: [groups]. histogram: [groups, bins]. open: of unfinished jobs, arrays of groups
    and of the least that their values can still become.
    """

    jobs: np.ndarray
    sums: np.ndarray
    least: np.ndarray
    most: np.ndarray
    histogram: np.ndarray
    open: list[tuple[np.ndarray, np.ndarray]]
    floor: float = 0.0

    def mean(self, group: int | None = None) -> float | None:
        """Mean over finished jobs, of all groups or one; None if there is none."""
        pick = _pick(group)
        jobs = int(self.jobs[pick].sum())
        return self.floor + float(self.sums[pick].sum()) / jobs if jobs else None

    def quantile(self, share: float, group: int | None = None) -> tuple[float, bool] | None:
        """The smallest value that at least `share` of the jobs do not exceed, over all groups or one.

        Unfinished jobs count as infinite. Returns (value, at_least): at_least is true when the quantile falls
        on an unfinished job; the value is then what the quantile is at least, from what those jobs have
        already taken. None if there is no job that was not rejected.
        """
        pick = _pick(group)
        cells = self.histogram[pick].sum(axis=0)
        done = int(self.jobs[pick].sum())
        waiting = [so_far if group is None else so_far[groups == group] for groups, so_far in self.open]
        total = done + sum(len(each) for each in waiting)
        if total == 0:
            return None
        rank = max(int(np.ceil(share * total - 1e-9)), 1)
        at_least = rank > done
        if at_least:
            cells = cells + np.bincount(bin_of(np.concatenate(waiting)), minlength=BINS)
        upto = np.cumsum(cells)
        index = int(np.searchsorted(upto, rank))
        low, high = lower_edge_of(index), lower_edge_of(index + 1) if index else 0.0
        if at_least:
            return self.floor + low, True
        within = (rank - (upto[index] - cells[index]) - 0.5) / cells[index]  # the bin's values taken as evenly spread
        value = low + within * (high - low)
        return self.floor + float(np.clip(value, self.least[pick].min(), self.most[pick].max())), False


def _pick(group: int | None) -> slice:
    return slice(None) if group is None else slice(group, group + 1)
