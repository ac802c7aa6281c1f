"""Where a series has settled: the MSER-5 rule.

Of the means x(1..n) of batches of 5 values, those before d are dropped, with d the one that makes
MSER(d) = sum over i > d of (x(i) - mean)^2 / (n - d)^2 least: the squared half width of an interval for the mean of
what remains, up to a factor. d is not looked for beyond half of the series, and if the least value of all lies
there, the series is too short to tell. The last 5 batches are too few to be judged, and are no candidates.

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


@dataclass(frozen=True)
class Truncation:
    """index: of the first value to keep, at most half of the series. settled: is that the best of all places?"""

    index: int
    settled: bool


def mser5(series: np.ndarray) -> Truncation:
    """Where to cut the beginning off a series of values at equal distances; fewer than 50 values are too short."""
    n = len(series) // BATCH
    if n < 2 * GUARD:
        return Truncation(0, False)
    means = np.asarray(series[: n * BATCH], float).reshape(n, BATCH).mean(axis=1)
    means = means - means.mean()  # the sums of squares below lose no digits
    left = n - np.arange(n - GUARD)
    sums, squares = (np.cumsum(values[::-1])[::-1][: n - GUARD] for values in (means, means**2))
    score = np.maximum(squares - sums**2 / left, 0.0) / left**2
    half = n // 2 + 1
    return Truncation(BATCH * int(score[:half].argmin()), int(score.argmin()) < half)


def truncation(replications: Sequence[Sequence[np.ndarray]]) -> Truncation:
    """The latest truncation of several series, each the mean over the replications.

    replications: of each the same series (busy devices, jobs in flight), of equal length.
    """
    found = [mser5(np.mean(each, axis=0)) for each in zip(*replications, strict=True)]
    return Truncation(max(one.index for one in found), all(one.settled for one in found))
