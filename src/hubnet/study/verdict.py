"""What a comparison says, in words: which run is best, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import text
from .compare import Difference, Samples, differences
from .headline import row_of
from .many import mean
from .selection import Best, best

MORE = (
    "deadline_met",
    "finished",
    "goodput",
    "fairness",
    "value_yuan",
)  # last words of the measures of which more is better
NEGLIGIBLE = 1e-4  # of the baseline: nobody plans by a smaller difference
FEW = 5  # replications; fewer say little about variances
TITLES = {"response_s": "response", "wait_s": "wait", "one_way_ms": "one-way delay"}
QUANTILES = {"p50": "median", "p95": "95 % quantile of the", "p99": "99 % quantile of the"}


@dataclass(frozen=True)
class Comparison:
    """One measure of the runs of a study, compared. less: smaller is better."""

    measure: str
    less: bool
    baseline: str
    samples: Samples
    differences: tuple[Difference, ...]
    best: Best
    indifference: float = 0.0

    def words(self) -> str:
        """The verdict in one or two sentences."""
        found, n = self.best, self.best.replications
        if len(set(map(tuple, self.samples.values()))) == 1:
            return f"{_listing(list(self.samples))} have the same {title(self.measure)} in each of {n} replications."
        first = f"{found.name} has the {'least' if self.less else 'highest'} {title(self.measure)}{self._apart()}"
        if found.sure:
            one = self._told()
            side = " (which asks for one side of the interval only)" if one.low_all <= 0 <= one.high_all else ""
            return f"{first}; with 95 % confidence it is the best of {len(self.samples)}{side}."
        others = _listing(found.candidates[1:])
        behind = amount(self.measure, found.behind)
        said = f"{first}, but {n} replications cannot tell it apart from {others}"
        said += f"; with 95 % confidence none is better than it by more than {behind}"
        if self.indifference and found.within(self.indifference):
            return f"{said}, which is within the {amount(self.measure, self.indifference)} that do not matter."
        if found.needed is None:
            return f"{said}. No number of replications in reach would, if they are as close as they seem."
        rough = "" if n >= FEW else f" (a rough guess: {n} say little about how much they vary)"
        return f"{said}. About {found.needed:,} would be needed, if the differences stay what they are{rough}."

    def _apart(self) -> str:
        """How far the best is from the baseline, or the baseline from the next."""
        one = self._told()
        return ": " + (f"{one.name} has " if self.best.name == self.baseline else "") + self.relation(one)

    def _told(self) -> Difference:
        """The difference that the verdict tells: that of the best, or of the next if the baseline is the best."""
        if self.best.name == self.baseline:
            sign = 1 if self.less else -1
            return min(self.differences, key=lambda one: sign * one.value)
        return next(one for one in self.differences if one.name == self.best.name)

    def relation(self, one: Difference) -> str:
        """ "12 % [9, 15] less than as-built", with the interval that holds for all differences together."""
        base = abs(mean(self.samples[self.baseline]))
        than = f"{'less' if one.value < 0 else 'more'} than {self.baseline}"
        sign = -1 if one.value < 0 else 1
        low, high = sorted((sign * one.low_all, sign * one.high_all))
        widest = max(abs(low), abs(high), abs(one.value))
        if widest <= NEGLIGIBLE * base:
            return f"the same as {self.baseline}, within {100 * NEGLIGIBLE:g} %"
        if base and widest < 10 * base:
            return f"{100 * abs(one.value) / base:.3g} % [{100 * low / base:.3g}, {100 * high / base:.3g}] {than}"
        return (
            f"{amount(self.measure, abs(one.value))} [{amount(self.measure, low)}, {amount(self.measure, high)}] {than}"
        )

    def shown(self) -> dict[str, Any]:
        """As in `summary.json`."""
        return {
            "measure": self.measure,
            "better": "less" if self.less else "more",
            "baseline": self.baseline,
            "confidence": 0.95,
            "differences": {one.name: one.shown() for one in self.differences},
            "best": {
                "name": self.best.name,
                "sure": self.best.sure,
                "candidates": list(self.best.candidates),
                "behind_at_most": self.best.behind,
                "replications_needed": self.best.needed,
            },
            "words": self.words(),
        }


def comparison(
    measure: str, samples: Samples, baseline: str, less: bool | None = None, indifference: float = 0.0
) -> Comparison:
    """Compare two or more runs, from one value per replication each, two at least.

    measure: its path with dots. less: is smaller better? By the measure's name unless given. indifference: a
    difference that does not matter, in the unit of the measure.
    """
    way = less_is_better(measure) if less is None else less
    return Comparison(
        measure,
        way,
        baseline,
        samples,
        tuple(differences(samples, baseline)),
        best(samples, way),
        indifference,
    )


def less_is_better(measure: str) -> bool:
    """Of times, counts of failures, and everything else but the measures in `MORE`, less is better."""
    return measure.rpartition(".")[2] not in MORE


def title(measure: str) -> str:
    """A measure's path as people say it: "mean response"; the path itself for the less common ones."""
    path = measure.split(".")
    if len(path) == 2 and path[0] in TITLES:
        return f"{QUANTILES.get(path[1], path[1])} {TITLES[path[0]]}"
    row = row_of(measure)
    return row.title if row else measure


def amount(measure: str, value: float) -> str:
    """A value in the unit of its measure."""
    head = [part for part in measure.split(".") if part.endswith(("_s", "_ms"))]
    if head:
        return text.seconds(value / 1e3 if head[-1].endswith("_ms") else value)
    if measure.startswith(("utilization", "trunk_use", "trunk_saturated")) or measure.endswith("deadline_met"):
        return f"{100 * value:.3g} points"
    row = row_of(measure)
    return row.form(value) if row else text.number(value)


def _listing(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
