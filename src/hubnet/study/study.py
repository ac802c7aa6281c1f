"""`Study`: several allocations (or policies) and replications with the same jobs, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from ..errors import InputError, Problem
from ..scenario.words import suggestion
from .checks import shown as checks_shown
from .checks import words as checks_words
from .headline import HEADLINE, path_of
from .health import Loads, doubts, uneven
from .measures import Path, Value, nested, t_interval, written
from .precision import Reached
from .result import Result
from .verdict import Comparison, comparison

MEASURE = "response_s.mean"


class Study:
    """Runs of every allocation, replication by replication over the same jobs.

    results: name of the allocation -> one `Result` per replication, in order of the scenario; of a study of several
    policies, "allocation, policy". Differences pair the replications: the same jobs in both, so that what they have in
    common cancels.

    baseline: the name that differences are against; the first unless given. measure: what the allocations are
    compared by. precision: how `replications="auto"` ended. warmup: what `warmup: auto` found, as in `summary.json`.
    loads: offered load by name and pool, for words about what is not stable.
    """

    def __init__(
        self,
        scenario: str,
        seed: int,
        results: Mapping[str, list[Result]],
        *,
        baseline: str | None = None,
        measure: str = MEASURE,
        precision: Reached | None = None,
        warmup: Mapping[str, Any] | None = None,
        loads: Mapping[str, Loads] | None = None,
    ) -> None:
        self.scenario, self.seed, self.results = scenario, seed, dict(results)
        self.baseline, self.measure = baseline or next(iter(self.results)), measure
        self.precision, self.warmup, self._loads = precision, warmup, loads or {}

    @property
    def replications(self) -> int:
        return len(next(iter(self.results.values())))

    def measures(self, allocation: str) -> dict[Path, list[Value]]:
        """Every measure's values, one per replication; one that some replication lacks is None there."""
        each = [result.measures for result in self.results[allocation]]
        paths = dict.fromkeys(path for one in each for path in one)
        return {path: [one.get(path, Value(None)) for one in each] for path in paths}

    def difference(self, measure: str, against: str | None = None) -> pd.DataFrame:
        """How a measure of each allocation differs from that of `against` (default: the baseline).

        measure: its path in the summary, with dots, such as "response_s.p99". One row per other allocation:
        allocation, difference, low, high (95% Student t interval over the paired replications). low and high are NaN
        with one replication; all are NaN where some replication has no such value, or only a lower bound.
        """
        base = against or self.baseline
        rows = []
        for name in self.results:
            if name != base:
                mean, low, high = self._paired(self.values(name, measure), self.values(base, measure))
                rows.append({"allocation": name, "difference": mean, "low": low, "high": high})
        return pd.DataFrame(rows, columns=["allocation", "difference", "low", "high"])

    def compare(
        self,
        measure: str | None = None,
        against: str | None = None,
        *,
        less: bool | None = None,
        indifference: float = 0.0,
    ) -> Comparison:
        """Compare all allocations by a measure: paired differences, corrected for their number, and which is best.

        >>> found = study.compare("response_s.p95")
        >>> print(found.words())
        >>> found.best.name, found.best.sure, [(one.name, one.p_holm) for one in found.differences]

        measure: its path, that of the study unless given. against: the baseline unless given. less: is smaller
        better? By the measure's name unless given. indifference: a difference that does not matter, in its unit.
        Raises InputError if there is nothing to compare: one allocation, one replication, or values that are
        unknown or only lower bounds.
        """
        measure, base = path_of(measure or self.measure), against or self.baseline
        values = {name: self.values(name, measure) for name in self.results}
        self.values(base, measure)
        if len(values) < 2 or self.replications < 2:
            raise InputError(
                Problem("a comparison takes two allocations or policies, and two replications", "run more of them")
            )
        for name, sample in values.items():
            if any(value.value is None or value.at_least for value in sample):
                message = f"{measure} of {name} has no value, or only a lower bound, in some replication"
                raise InputError(Problem(message, "compare by another measure, or lengthen clock.horizon"))
        samples = {name: [float(v.value) for v in sample if v.value is not None] for name, sample in values.items()}
        return comparison(measure, samples, base, less, indifference)

    @cached_property
    def comparison(self) -> Comparison | None:
        """The comparison by the study's own measure; None if there is nothing to compare."""
        return None if self.why_not else self.compare()

    @property
    def why_not(self) -> str:
        """Why there is no comparison, in words; empty if there is one."""
        try:
            self.compare()
        except InputError as error:
            return error.problems[0].message
        return ""

    @cached_property
    def nations(self) -> pd.DataFrame:
        """Of a study of nations one row per run, with what the same demand takes there and why; see
        `hubnet.study.nations.by_nation`. Without nations there is no row."""
        from .nations import by_nation

        return by_nation(self.results)

    def doubts(self) -> list[str]:
        """What speaks against the measures: queues that grow, runs that have not settled, jobs that did not
        finish; see `study.health`. What is true of several runs is said once."""
        found: dict[str, list[str]] = {}
        for name, results in self.results.items():
            for doubt in doubts(results, self._loads.get(name)):
                found.setdefault(doubt, []).append(name)
        return [*(f"{'; '.join(names)}: {doubt}" for doubt, names in found.items()), *uneven(self.results)]

    def checked(self) -> str:
        """How all runs checked themselves, in one line; see `hubnet.study.checks`."""
        return checks_words([result.checks for results in self.results.values() for result in results])

    def failed_checks(self) -> list[str]:
        """What the checks of single runs warn of."""
        return [
            f"{name}: {warning}"
            for name, results in self.results.items()
            for result in results
            for warning in result.checks.warnings()
        ]

    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds; see there for the form of a measure."""
        names = list(self.results)
        values = {name: self.measures(name) for name in names}
        found: dict[str, Any] = {
            "scenario": self.scenario,
            "seed": self.seed,
            "replications": self.replications,
            "allocations": {
                name: nested({path: written(sample) for path, sample in values[name].items()}) for name in names
            },
            "differences": {
                name: differences(values[name], values[self.baseline]) for name in names if name != self.baseline
            },
        }
        if self.comparison:
            found["comparison"] = self.comparison.shown()
        if self.precision:
            found["precision"] = self.precision.shown()
        if self.warmup:
            found["warmup"] = dict(self.warmup)
        found["checks"] = {
            name: checks_shown([one.checks for one in results]) for name, results in self.results.items()
        }
        if self.replications == 1:
            found["batch_means"] = {
                name: {".".join(path): one.shown() for path, one in results[0].batch_means.items()}
                for name, results in self.results.items()
            }
        return found

    def values(self, allocation: str, measure: str) -> list[Value]:
        """One measure of one allocation, in each replication. Raises InputError for names that are not there."""
        if allocation not in self.results:
            raise InputError(Problem(f"no allocation {allocation!r}", f"there are: {', '.join(self.results)}"))
        known = {".".join(path): values for path, values in self.measures(allocation).items()}
        if (path := path_of(measure)) in known:
            return known[path]
        hint = suggestion(measure, [*(row.title for row in HEADLINE), *known], "measures")
        raise InputError(
            Problem(f"no measure {measure!r}", f"{hint}; it is a title in the table, or a path in the summary")
        )

    @staticmethod
    def _paired(here: list[Value], there: list[Value]) -> tuple[float, float, float]:
        sample = [value.value for value in paired(here, there) if value.value is not None]
        return t_interval(sample) if sample else (float("nan"),) * 3


def paired(here: Sequence[Value], there: Sequence[Value]) -> list[Value]:
    """Replication by replication the difference; all None if any value is unknown or only a lower bound."""
    if any(value.value is None or value.at_least for value in (*here, *there)):
        return [Value(None)] * len(here)
    return [Value(a.value - b.value) for a, b in zip(here, there, strict=True)]  # type: ignore[operator]


def differences(values: Mapping[Path, Sequence[Value]], base: Mapping[Path, Sequence[Value]]) -> dict[str, Any]:
    """Every measure's paired difference to the base, as `summary.json` has it."""
    return {".".join(path): written(paired(sample, base[path])) for path, sample in values.items() if path in base}
