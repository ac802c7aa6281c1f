"""`Study`: several allocations and replications with the same jobs, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..errors import InputError, Problem
from .measures import Path, Value, nested, t_interval, written
from .result import Result


class Study:
    """Runs of every allocation, replication by replication over the same jobs.

    results: allocation name -> one `Result` per replication, in order of the scenario. Differences pair the
    replications: the same jobs in both, so that what they have in common cancels.
    """

    def __init__(self, scenario: str, seed: int, results: Mapping[str, list[Result]]) -> None:
        self.scenario, self.seed, self.results = scenario, seed, dict(results)

    @property
    def replications(self) -> int:
        return len(next(iter(self.results.values())))

    def measures(self, allocation: str) -> dict[Path, list[Value]]:
        """Every measure's values, one per replication."""
        each = [result.measures for result in self.results[allocation]]
        return {path: [one.get(path, Value(None)) for one in each] for path in each[0]}

    def difference(self, measure: str, against: str | None = None) -> pd.DataFrame:
        """How a measure of each allocation differs from that of `against` (default: the first allocation).

        measure: its path in the summary, with dots, such as "response_s.p99". One row per other allocation:
        allocation, difference, low, high (95% Student t interval over the paired replications). low and high are NaN
        with one replication; all are NaN where some replication has no such value, or only a lower bound.
        """
        base = against or next(iter(self.results))
        rows = []
        for name in self.results:
            if name != base:
                mean, low, high = self._paired(self._find(name, measure), self._find(base, measure))
                rows.append({"allocation": name, "difference": mean, "low": low, "high": high})
        return pd.DataFrame(rows, columns=["allocation", "difference", "low", "high"])

    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds; see there for the form of a measure."""
        names = list(self.results)
        values = {name: self.measures(name) for name in names}
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "replications": self.replications,
            "allocations": {
                name: nested({path: written(sample) for path, sample in values[name].items()}) for name in names
            },
            "differences": {name: _differences(values[name], values[names[0]]) for name in names[1:]},
        }

    def _find(self, allocation: str, measure: str) -> list[Value]:
        if allocation not in self.results:
            raise InputError(Problem(f"no allocation {allocation!r}", f"there are: {', '.join(self.results)}"))
        for path, values in self.measures(allocation).items():
            if ".".join(path) == measure:
                return values
        raise InputError(
            Problem(
                f"no measure {measure!r}",
                "it is a path in the summary, such as response_s.p99 or utilization.mean",
            )
        )

    @staticmethod
    def _paired(here: list[Value], there: list[Value]) -> tuple[float, float, float]:
        sample = [value.value for value in paired(here, there) if value.value is not None]
        return t_interval(sample) if sample else (float("nan"),) * 3


def paired(here: list[Value], there: list[Value]) -> list[Value]:
    """Replication by replication the difference; all None if any value is unknown or only a lower bound."""
    if any(value.value is None or value.at_least for value in (*here, *there)):
        return [Value(None)] * len(here)
    return [Value(a.value - b.value) for a, b in zip(here, there, strict=True)]  # type: ignore[operator]


def _differences(values: Mapping[Path, list[Value]], base: Mapping[Path, list[Value]]) -> dict[str, Any]:
    return {".".join(path): written(paired(sample, base[path])) for path, sample in values.items() if path in base}
