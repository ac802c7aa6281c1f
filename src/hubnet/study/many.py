"""Several comparisons at once: p values and intervals that hold for all of them together.

p values are adjusted by Holm's step-down rule: whoever rejects those below 5% makes any false rejection at all with
a chance of at most 5%, however the comparisons depend on each other. Source: Holm, A simple sequentially rejective
multiple test procedure, Scandinavian Journal of Statistics 6, 1979. The intervals are Bonferroni's: with m
comparisons each has the level 1 - 5%/m. Intervals at Holm's own levels would not hold together, so it can happen that
Holm tells two runs apart and their interval still holds 0; never the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

ERROR = 0.05  # of a whole family of statements: 1 - confidence


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p values, in the order of `p`: the largest of min(1, (m - j) p(j)) over all j up to its rank, from 0."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, most = [1.0] * len(p), 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = most
    return adjusted


def bonferroni(comparisons: int, error: float = ERROR) -> float:
    """The confidence of each of so many intervals that all hold together with 1 - error."""
    return 1 - error / max(comparisons, 1)


def mean(sample: Sequence[float]) -> float:
    """The mean, of exact sums."""
    return math.fsum(sample) / len(sample)


def variance(sample: Sequence[float]) -> float:
    """The unbiased variance of two or more values."""
    centre = mean(sample)
    return math.fsum((x - centre) ** 2 for x in sample) / (len(sample) - 1)


def p_value(average: float, deviation: float, n: int) -> float:
    """Two-sided p value of Student's t test that a mean is 0; 1 where nothing varies and the mean is 0, else 0.

    deviation: standard deviation of the n values, n >= 2.
    """
    from scipy.special import stdtr  # late: it takes a while to import

    if deviation == 0:
        return 1.0 if average == 0 else 0.0
    return float(2 * stdtr(n - 1, -abs(average) / (deviation / math.sqrt(n))))


def t_quantile(share: float, freedom: float) -> float:
    """The value that Student's t with so many degrees of freedom does not exceed with probability `share`."""
    from scipy.special import stdtrit  # late: it takes a while to import, and one replication does not need it

    return float(stdtrit(freedom, share))
