"""Which of several runs is best, and how sure that is: multiple comparisons with the best, with common jobs.

Let b be the best run, n the replications, Y their means, and w(i, j) = t S(i, j) / sqrt(n) with S(i, j) the standard
deviation of the paired differences and t Student's quantile at 1 - 5%/(k - 1), n - 1 degrees of freedom. With at
least 95%, all k - 1 differences Y(b) - Y(j) exceed their means by at most w(b, j) (Bonferroni, so any dependence of
the runs is allowed). When that holds, and less is better:

* b is among the candidates, the i with Y(i) - Y(j) <= w(i, j) for all j. One candidate alone is the best.
* no run is better than i by more than `behind`(i) = max(0, Y(i) - Y(j) + w(i, j) over the candidates j other than i).

Sources: Hsu, Constrained simultaneous confidence intervals for multiple comparisons with the best, Annals of
Statistics 12, 1984; with common random numbers: Yang and Nelson, Operations Research 39, 1991; the selection with an
indifference zone that follows: Nelson and Matejcik, Management Science 41, 1995. Means of the replications are taken
to be normal, as for every Student t interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .compare import Samples
from .many import ERROR, mean, t_quantile, variance

MOST_NEEDED = 100_000  # replications; beyond that nobody wants to know how many


@dataclass(frozen=True)
class Best:
    """name: the run with the best mean. candidates: the runs that the best is among, with 95% confidence, best mean
    first. behind: no run is better than `name` by more than this, in the unit of the measure, with the same
    confidence; 0 if it is the only candidate. needed: replications after which it would be, if means and deviations
    stay what they are; None if not even 100,000 would do."""

    name: str
    candidates: tuple[str, ...]
    behind: float
    replications: int
    needed: int | None

    @property
    def sure(self) -> bool:
        """Is it the best, with 95% confidence?"""
        return len(self.candidates) == 1

    def within(self, indifference: float) -> bool:
        """Is it the best, or worse than the best by no more than `indifference`, with 95% confidence?"""
        return self.behind <= indifference


def best(samples: Samples, less: bool = True, error: float = ERROR) -> Best:
    """The best of two or more runs. samples: name -> one value per replication, two at least, in the same order.

    less: smaller is better. error: the chance that the statement is wrong.
    """
    sign = 1.0 if less else -1.0
    values = {name: [sign * value for value in sample] for name, sample in samples.items()}
    means = {name: mean(sample) for name, sample in values.items()}
    n = len(next(iter(values.values())))
    share = 1 - error / (len(values) - 1)
    spread = {
        (i, j): math.sqrt(variance([a - b for a, b in zip(values[i], values[j], strict=True)]))
        for i in values
        for j in values
        if i != j
    }
    width = {pair: t_quantile(share, n - 1) * deviation / math.sqrt(n) for pair, deviation in spread.items()}

    def beaten(i: str) -> bool:
        return any(means[i] - means[j] > width[i, j] for j in values if j != i)

    candidates = sorted((i for i in values if not beaten(i)), key=lambda i: means[i])
    first = min(values, key=lambda i: means[i])
    behind = max((means[first] - means[j] + width[first, j] for j in candidates if j != first), default=0.0)
    needed = [needed_replications(means[j] - means[first], spread[first, j], share) for j in values if j != first]
    most = None if None in needed else max(count for count in needed if count is not None)
    return Best(first, tuple(candidates), max(behind, 0.0), n, most)


def needed_replications(gap: float, deviation: float, share: float) -> int | None:
    """The least n >= 2 with t(share, n - 1) deviation / sqrt(n) < gap; None beyond `MOST_NEEDED`."""

    def enough(n: int) -> bool:
        return t_quantile(share, n - 1) * deviation / math.sqrt(n) < gap

    if not enough(MOST_NEEDED):
        return None
    low, high = 1, MOST_NEEDED  # the half width falls with n, so halving finds the first that is enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
