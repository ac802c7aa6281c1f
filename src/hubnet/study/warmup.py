"""Where a series has settled: the MSER-5 rule.

Of the means x(1..n) of batches of 5 values, those before d are dropped, with d the one that makes
MSER(d) = sum over i > d of (x(i) - mean)^2 / (n - d)^2 least: the squared half width of an interval for the mean of
what remains, up to a factor. d is not looked for beyond half of the series, and if the least value of all lies
there, the series is too short to tell. The last 5 batches are too few to be judged, and are no candidates.

A rhythm of the day is no transient: `without_rhythm` takes it out first. One of the week stays in, and what MSER-5
says of a run of a few weeks is then to be read with care.

Sources: White, An effective truncation heuristic for bias reduction in simulation output, Simulation 69, 1997; in
batches of 5: White, Cobb and Spratt, Winter Simulation Conference 2000; Franklin and White, Stationarity tests and
MSER-5, Winter Simulation Conference 2008; over the mean of replications: Hoad, Robinson and Davies, Journal of the
Operational Research Society 61, 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BATCH = 5  # values
GUARD = 5  # batches at the end that cannot be the beginning of what is left
ENOUGH = 2 * GUARD * BATCH  # values from which a series can be judged
DAY, DAYS = 86400.0, 3  # s; whole days from which a rhythm can be learned


@dataclass(frozen=True)
class Truncation:
    """index: of the first value to keep, at most half of the series. settled: is that the best of all places?"""

    index: int
    settled: bool


def mser5(series: np.ndarray) -> Truncation:
    """Where to cut the beginning off a series of values at equal distances; fewer than 50 values are too short."""
    n = len(series) // BATCH
    if len(series) < ENOUGH:
        return Truncation(0, False)
    means = np.asarray(series[: n * BATCH], float).reshape(n, BATCH).mean(axis=1)
    means = means - means.mean()  # the sums of squares below lose no digits
    left = n - np.arange(n - GUARD)
    sums, squares = (np.cumsum(values[::-1])[::-1][: n - GUARD] for values in (means, means**2))
    score = np.maximum(squares - sums**2 / left, 0.0) / left**2
    half = n // 2 + 1
    return Truncation(BATCH * int(score[:half].argmin()), int(score.argmin()) < half)


def without_rhythm(series: np.ndarray, starts: np.ndarray, width: float) -> np.ndarray:
    """A series less what each time of day usually differs from the mean; as it is, if it has fewer than 3 whole days.

    starts, width: of its bins, in s from the start of the run; the width divides the day, or nothing is changed.
    """
    per_day = round(DAY / width)
    days = (starts[-1] + width) // DAY
    if days < DAYS or abs(per_day * width - DAY) > 1e-6 * DAY:
        return series
    time = np.floor(starts % DAY / width + 1e-6).astype(np.int64) % per_day
    whole = starts < days * DAY - 1e-6
    counts = np.bincount(time[whole], minlength=per_day)
    means = np.bincount(time[whole], series[whole], per_day) / np.maximum(counts, 1)
    return series - (means - means.mean())[time]


def truncation(replications: Sequence[Sequence[np.ndarray]]) -> Truncation:
    """The latest truncation of several series, each the mean over the replications.

    replications: of each the same series (busy devices, jobs in flight), of equal length.
    """
    found = [mser5(np.mean(each, axis=0)) for each in zip(*replications, strict=True)]
    return Truncation(max(one.index for one in found), all(one.settled for one in found))
