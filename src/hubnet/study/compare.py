"""One measure of several runs against that of a baseline, paired replication by replication.

All runs of a replication meet the same jobs and incidents, so what they have in common cancels in the differences.
`gain` says what that was worth: the variance that the difference would have from independent jobs, over the one it
has. Above 1, pairing saved that factor of replications; below 1 it cost some (runs that go against each other).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .many import bonferroni, holm, mean, p_value, variance
from .measures import t_interval

Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Difference:
    """A run's measure minus the baseline's.

    low, high: 95% Student t interval of this difference alone. low_all, high_all: the intervals of all runs hold
    together with 95%. p: of the paired t test; p_holm: adjusted for all comparisons. gain: the variance reduction
    by pairing, infinite if the difference is the same in every replication. See `hubnet.study.many`.
    """

    name: str
    value: float
    low: float
    high: float
    low_all: float
    high_all: float
    p: float
    p_holm: float
    gain: float

    def shown(self) -> dict[str, Any]:
        """As in `summary.json`."""
        return {
            "value": self.value,
            "ci95": [self.low, self.high],
            "simultaneous95": [self.low_all, self.high_all],
            "p": self.p,
            "p_holm": self.p_holm,
            "variance_reduction": self.gain if math.isfinite(self.gain) else None,
        }


def differences(samples: Samples, base: str) -> list[Difference]:
    """Every other run against `base`; samples: name -> one value per replication, two at least, in the same order."""
    others = [name for name in samples if name != base]
    there = samples[base]
    gaps = {name: [a - b for a, b in zip(samples[name], there, strict=True)] for name in others}
    p = [p_value(mean(gap), math.sqrt(variance(gap)), len(gap)) for gap in gaps.values()]
    found = []
    for name, one, adjusted in zip(others, p, holm(p), strict=True):
        value, low, high = t_interval(gaps[name])
        _, low_all, high_all = t_interval(gaps[name], bonferroni(len(others)))
        gain = pairing_gain(samples[name], there)
        found.append(Difference(name, value, low, high, low_all, high_all, one, adjusted, gain))
    return found


def pairing_gain(here: Sequence[float], there: Sequence[float]) -> float:
    """(var(a) + var(b)) / var(a - b); 1 if nothing varies at all."""
    apart = variance(here) + variance(there)
    paired = variance([a - b for a, b in zip(here, there, strict=True)])
    if paired > 0:
        return apart / paired
    return math.inf if apart > 0 else 1.0
