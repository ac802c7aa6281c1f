"""The table of a sweep, one row per run and measure; means and intervals over its replications; its folder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .. import text
from .folder import write_manifest
from .measures import t_interval
from .points import Axis
from .reading import read_table
from .store import Finished

TABLE = "study.parquet"
OWN_COLUMNS = ("allocation", "replication", "measure", "value", "at_least")


@dataclass(frozen=True)
class Run:
    """A run of a sweep. point: its number. key: under which it is stored."""

    point: int
    allocation: str
    replication: int
    key: str


def sweep_table(name: str, axes: Sequence[Axis], runs: Sequence[Run], done: Mapping[str, Finished]) -> pd.DataFrame:
    """The tidy table of a sweep, in order of `runs`. name: of the scenario.

    Columns: one per setting that varies (numbers, or categories), allocation, replication, measure (its path in a
    summary, with dots), value (NaN: a measure of nothing), at_least (the true value is this or more). The units of
    settings are in `attrs["units"]`, and the scenario's name in `attrs["scenario"]`.
    """
    found = [done[run.key] for run in runs]
    lengths = [len(one.names) for one in found]
    names = list(dict.fromkeys(name for each in dict.fromkeys(one.names for one in found) for name in each))
    codes = {name: code for code, name in enumerate(names)}
    points = np.repeat([run.point for run in runs], lengths)
    columns: dict[str, Any] = {axis.path: _column(axis, points) for axis in axes}
    allocations = list(dict.fromkeys(run.allocation for run in runs))
    each = np.repeat([allocations.index(run.allocation) for run in runs], lengths)
    columns["allocation"] = _categories(each, allocations)
    columns["replication"] = np.repeat(np.array([run.replication for run in runs], np.int32), lengths)
    columns["measure"] = _categories([codes[name] for one in found for name in one.names], names)
    columns["value"] = np.array([value for one in found for value in one.values], float)  # None becomes NaN
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    bounds = [start + index for start, one in zip(starts, found, strict=True) for index in one.at_least]
    columns["at_least"] = np.isin(np.arange(len(points)), bounds)
    table = pd.DataFrame(columns)
    table.attrs["scenario"] = name
    table.attrs["units"] = {axis.path: axis.unit for axis in axes if axis.unit}
    return table


def settings_in(table: pd.DataFrame) -> list[str]:
    """The settings that vary in a sweep's table, in order."""
    return [column for column in table.columns if column not in OWN_COLUMNS]


def means(table: pd.DataFrame, measure: str, by: Sequence[str] | None = None) -> pd.DataFrame:
    """A measure's mean over the replications, with its 95% interval (Student's t): a row per point and allocation.

    by: the columns that tell rows apart (default: the settings and the allocation), in order of appearance. Then mean,
    low, high, at_least. low and high are NaN with one replication, and where some value is only a lower bound; values
    of nothing are left out.
    """
    keys = list(by) if by is not None else [*settings_in(table), "allocation"]
    mine = table[table["measure"] == measure]
    rows = []
    for key, group in mine.groupby(keys, sort=False, observed=True, dropna=False):
        sample, bounded = group["value"].dropna().tolist(), bool(group["at_least"].any())
        mean, low, high = t_interval(sample) if sample else (math.nan,) * 3
        rows.append((*key, mean, *((math.nan, math.nan) if bounded else (low, high)), bounded))
    return pd.DataFrame(rows, columns=[*keys, "mean", "low", "high", "at_least"])


HEADLINE = {
    "response_s.mean": "response, mean of finished",
    "response_s.p95": "response, 95%",
    "deadline_met": "deadlines met, of those decided",
    "utilization.mean": "utilization, mean",
}


def written(measure: str, value: float) -> str:
    """A value of a measure as people read it."""
    parts = measure.split(".")
    if "response_s" in parts or "wait_s" in parts:
        return text.seconds(value)
    if "one_way_ms" in parts or "detour_ms" in parts:
        return text.NOTHING if math.isnan(value) else f"{value:.4g} ms"
    if {"deadline_met", "utilization", "trunk_use", "trunk_saturated"} & set(parts):
        return text.percent(value)
    return text.number(value)


def write_sweep(table: pd.DataFrame, folder: Path, manifest: dict[str, Any]) -> None:
    """Write the table and the manifest into an existing folder."""
    table.to_parquet(folder / TABLE, compression="zstd", index=False)
    write_manifest(folder, manifest)


def read_sweep(folder: Path) -> pd.DataFrame:
    """The table of a finished sweep. Raises InputError."""
    return read_table(folder / TABLE, columns=OWN_COLUMNS)


def _column(axis: Axis, points: np.ndarray) -> Any:
    if axis.numeric:
        return np.array(axis.values, float)[points]
    known = list(dict.fromkeys(axis.values))
    return _categories(np.array([known.index(value) for value in axis.values])[points], known)


def _categories(codes: Any, names: list[str]) -> Any:
    return pd.Categorical.from_codes(np.asarray(codes, np.int64), pd.Index(names))
