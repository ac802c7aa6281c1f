"""How many replications: as many as a measure needs to be known within a given share of itself.

After each replication from the 10th on: stop when, for every run, the half width of the measure's 95% interval is at
most g / (1 + g) of its mean, where g is the precision asked for. Dividing by 1 + g bounds the error relative to the
true mean by g, as the estimate itself may be off. Looking again and again makes intervals hold a little less often
than 95%: it is the early stops by luck that cost, hence the 10 replications; the loss vanishes as g gets small (Chow
and Robbins). At a g of 20% they held in 92% (normal values) and 94% (exponential ones) of 1,000 cases. Sources: Law,
Simulation Modeling and Analysis, 5th edition, 2015, 9.4.1, with its advice of at least 10 replications and g of at
most 15%; Chow and Robbins, On the asymptotic theory of fixed-width sequential confidence intervals, Annals of
Mathematical Statistics 36, 1965.

The rule looks at each run's own measure, not at differences: a difference that is nearly 0 has no relative precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, Problem
from .measures import Value, t_interval

LEAST, MOST, PRECISION = 10, 50, 0.05


@dataclass(frozen=True)
class Rule:
    """precision: share of the mean. measure: path with dots. most: replications after which to give up."""

    precision: float = PRECISION
    measure: str = "response_s.mean"
    most: int = MOST

    def __post_init__(self) -> None:
        problems = []
        if not 0 < self.precision < 1:
            problems.append(Problem(f"precision={self.precision!r} is not between 0 and 1", 'such as 0.02, or "2 %"'))
        if self.most < 2:
            problems.append(Problem(f"most={self.most!r} replications are too few for an interval", "allow 10 or more"))
        if problems:
            raise InputError(problems)

    def outcome(self, values: Mapping[str, Sequence[Value]]) -> Reached | None:
        """Where things stand after these replications of each run, or None if another one is needed."""
        name, share, reason = "", 0.0, ""
        n = len(next(iter(values.values())))
        if n < min(LEAST, self.most):
            return None
        for run, sample in values.items():
            if any(value.value is None or value.at_least for value in sample):
                return Reached(self, n, None, run, "has no value, or only a lower bound, in some replication")
            mean, low, high = t_interval([float(value.value) for value in sample if value.value is not None])
            half = (high - low) / 2
            here = half / abs(mean) if mean else float("inf") if half else 0.0
            if here >= share:
                name, share = run, here
        if share > self.precision / (1 + self.precision):
            if n < self.most:
                return None
            reason = f"is only known within {100 * share:.3g} %"
        return Reached(self, n, share, name, reason)


@dataclass(frozen=True)
class Reached:
    """How the rule ended: after n replications, with the widest interval's relative half width, None if there is no
    interval, and which run has it. reason: why the precision was not reached; empty if it was."""

    rule: Rule
    replications: int
    share: float | None
    run: str
    reason: str

    def words(self) -> str:
        """What became of it."""
        rule, asked = self.rule, f"{100 * self.rule.precision:.3g} %"
        if not self.reason:
            return f"{self.replications} replications: {rule.measure} is known within {asked} everywhere."
        tried = f"after {self.replications} replications {rule.measure} of {self.run} {self.reason}"
        if self.share is None:
            return f"the precision cannot be reached: {tried}."
        return f"the precision of {asked} was not reached: {tried}, and no more than {rule.most} are allowed (--most)."

    def shown(self) -> dict[str, Any]:
        """As in `summary.json`."""
        return {
            "measure": self.rule.measure,
            "asked": self.rule.precision,
            "reached": not self.reason,
            "widest": self.share if self.share is not None and self.share < float("inf") else None,
            "widest_of": self.run,
            "most": self.rule.most,
        }
