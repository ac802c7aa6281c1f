"""`Growth`: a study by year, what became of its promises, and its summary."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from .measures import Path, Value, nested, written
from .promises import Promise, breaks, by_year
from .study import differences


@dataclass(frozen=True)
class Growth:
    """A study by year. table: tidy, a row per run and measure, as of a sweep over `year`. seed: of all runs. names: of
    classes and regions, which may have dots in them."""

    scenario: str
    seed: int
    table: pd.DataFrame
    promises: tuple[Promise, ...]
    names: Collection[str] = ()

    @property
    def years(self) -> list[int]:
        return [int(year) for year in dict.fromkeys(self.table["year"])]

    @property
    def allocations(self) -> list[str]:
        return list(dict.fromkeys(self.table["allocation"]))

    @property
    def replications(self) -> int:
        return int(self.table["replication"].max()) + 1

    @cached_property
    def kept(self) -> pd.DataFrame:
        """How every promise fares in every year; see `hubnet.study.promises.by_year`."""
        return by_year(self.table, self.promises)

    @cached_property
    def breaks(self) -> pd.DataFrame:
        """The first year in which each promise breaks; see `hubnet.study.promises.breaks`."""
        return breaks(self.kept)

    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds: each year as the summary of a study has it; that of the first year on top."""
        years = {str(year): self._year(year) for year in self.years}
        promises = [
            {key: None if pd.isna(value) else _plain(value) for key, value in row.items()}
            for row in self.breaks.to_dict("records")
        ]
        head = {"scenario": self.scenario, "seed": self.seed, "replications": self.replications}
        return head | next(iter(years.values())) | {"years": years, "promises": promises}

    def _year(self, year: int) -> dict[str, Any]:
        mine = self.table[self.table["year"] == year]
        values = {name: self._measures(mine[mine["allocation"] == name]) for name in self.allocations}
        first = next(iter(values.values()))
        return {
            "allocations": {name: _shown(found) for name, found in values.items()},
            "differences": {name: differences(found, first) for name, found in list(values.items())[1:]},
        }

    def _measures(self, rows: pd.DataFrame) -> Mapping[Path, Sequence[Value]]:
        """Every measure's values, one per replication, by path."""
        found: dict[Path, list[Value]] = {}
        columns = (rows[name].tolist() for name in ("replication", "measure", "value", "at_least"))
        for replication, measure, value, at_least in zip(*columns, strict=True):
            sample = found.setdefault(self._path(measure), [Value(None)] * self.replications)
            sample[replication] = Value(None if math.isnan(value) else value, at_least)
        return found

    def _path(self, measure: str) -> Path:
        """The path that a measure's name with dots stands for; names of hubs and classes may have dots of their own."""
        parts = measure.split(".")
        if parts[:2] == ["accounts", "by_hub"]:
            return parts[0], parts[1], ".".join(parts[2:-1]), parts[-1]
        if len(parts) > 2 and parts[1].startswith("by_"):
            return parts[0], parts[1], ".".join(parts[2:])
        rest = measure.partition(".")[2]
        if parts[0] in ("classes", "regions"):
            name = max((name for name in self.names if rest.startswith(f"{name}.")), key=len, default=parts[1])
            return parts[0], name, *rest[len(name) + 1 :].split(".")
        return tuple(parts)


def _shown(found: Mapping[Path, Sequence[Value]]) -> dict[str, object]:
    return nested({path: written(sample) for path, sample in found.items()})


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
