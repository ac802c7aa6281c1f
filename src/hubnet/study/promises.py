"""Promises of a scenario, year by year: which are kept, and the first year in which each breaks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..scenario.growth import USUAL, PromisesSpec

LOAD = "offered_load"
FORMS = {  # promise -> (is the target the most?, the measure; that of every hub or trunk if it ends with a dot)
    "deadline_met": (False, "deadline_met"),
    "response_p95": (True, "response_s.p95"),
    "hub_utilization": (True, "utilization.by_hub."),
    "trunk_use": (True, "trunk_use.by_trunk."),
    "load": (True, LOAD),
}
WORDS = {
    "deadline_met": "deadlines met",
    "response_p95": "response, 95%",
    "hub_utilization": "fullest hub",
    "trunk_use": "fullest trunk",
    "load": "device time asked for",
}


TABLE = "promises.parquet"


@dataclass(frozen=True)
class Promise:
    """One promise. name: as in the scenario, with dots. most: is the target the most that is allowed, or the least?"""

    name: str
    target: float
    most: bool
    measure: str

    @property
    def words(self) -> str:
        """What it is about."""
        klass, _, kind = self.name.removeprefix("classes.").rpartition(".")
        return f"{klass}: {WORDS[kind]}" if klass else WORDS[kind]

    def kept(self, value: float, at_least: bool = False) -> bool | None:
        """Is it, with such a value? A measure of nothing breaks no promise; None: a lower bound does not tell."""
        if at_least and self.most and value <= self.target:
            return None
        return math.isnan(value) or (value <= self.target if self.most else value >= self.target)


def promises_of(spec: PromisesSpec | None) -> tuple[Promise, ...]:
    """What a scenario promises; the usual promises if it says nothing."""
    return tuple(_promises(USUAL if spec is None else spec))


def _promises(spec: PromisesSpec) -> Iterator[Promise]:
    for prefix, one in (("", spec), *((f"classes.{name}.", each) for name, each in spec.classes.items())):
        for key, (most, measure) in FORMS.items():
            target = getattr(one, key, None)
            if target is not None:
                yield Promise(prefix + key, target, most, prefix + measure)


def with_loads(table: pd.DataFrame, loads: Mapping[tuple[int, str], float]) -> pd.DataFrame:
    """The table of a study by year, and `offered_load` beside the measures. loads: (year, allocation) -> it."""
    runs = table[["year", "allocation", "replication"]].drop_duplicates()
    pairs = zip(runs["year"], runs["allocation"], strict=True)
    more = runs.assign(measure=LOAD, value=[loads[int(year), name] for year, name in pairs], at_least=False)
    whole = pd.concat([table.astype({"measure": object}), more], ignore_index=True)
    for column in ("allocation", "measure"):
        whole[column] = pd.Categorical(whole[column], list(dict.fromkeys(whole[column])))
    whole["year"] = whole["year"].astype("int32")
    whole.attrs = dict(table.attrs)
    return whole


def by_year(table: pd.DataFrame, promises: Sequence[Promise]) -> pd.DataFrame:
    """How every promise fares: a row per promise, allocation and year.

    Columns: promise, allocation, year, target, value (the mean over the replications; of hubs and trunks that of the
    worst; NaN: a measure of nothing), at_least (it is a lower bound), where (the hub or trunk; else empty), kept (NA: a
    lower bound does not tell).
    """
    rows = []
    for promise in promises:
        mine = table[_concerned(table["measure"], promise.measure)]
        keys = ["allocation", "year", "measure"]
        means = mine.groupby(keys, sort=False, observed=True).agg(value=("value", "mean"), at_least=("at_least", "any"))
        worst: dict[tuple[str, int], tuple[float, bool, str]] = {}
        for (name, year, measure), value, bound in means.itertuples():
            there = measure.removeprefix(promise.measure) if promise.measure.endswith(".") else ""
            best = worst.get((name, year))
            if best is None or value > best[0] or math.isnan(best[0]):
                worst[name, year] = value, bound, there
        for (name, year), (value, bound, there) in sorted(worst.items(), key=lambda one: one[0][1]):
            kept = promise.kept(value, bound)
            rows.append((promise.name, name, year, promise.target, value, bound, there, kept))
    columns = ["promise", "allocation", "year", "target", "value", "at_least", "where", "kept"]
    found = pd.DataFrame(rows, columns=columns).astype({"kept": "boolean"})
    order = {name: index for index, name in enumerate(dict.fromkeys(table["allocation"]))}
    ranks = {promise.name: index for index, promise in enumerate(promises)}
    found["_"] = found["allocation"].map(order) + found["promise"].map(ranks) * len(order)
    return found.sort_values(["_", "year"], kind="stable", ignore_index=True).drop(columns="_")


def _concerned(measures: pd.Series[Any], pattern: str) -> pd.Series[Any]:
    names = [name for name in measures.cat.categories if name == pattern or (pattern[-1] == "." and pattern in name)]
    return measures.isin([name for name in names if name.startswith(pattern)])


def breaks(kept: pd.DataFrame) -> pd.DataFrame:
    """The first year in which each promise breaks: a row per promise and allocation.

    kept: of `by_year`. Columns: promise, allocation, year (NA: it holds in all of them), target, value and where in
    that year (in the last one, if it holds), kept (in all years), sure (False: a lower bound does not tell whether it
    held until then).
    """
    rows = []
    for (promise, name), mine in kept.groupby(["promise", "allocation"], sort=False, observed=True):
        broken = mine[~mine["kept"].fillna(True)]
        row = (broken if len(broken) else mine.iloc[::-1]).iloc[0]
        year = int(row["year"]) if len(broken) else None
        sure = mine["kept"].notna() | (False if year is None else mine["year"] >= year)
        rows.append((promise, name, year, row["target"], row["value"], row["where"], year is None, bool(sure.all())))
    found = pd.DataFrame(rows, columns=["promise", "allocation", "year", "target", "value", "where", "kept", "sure"])
    return found.astype({"year": "Int64"})
