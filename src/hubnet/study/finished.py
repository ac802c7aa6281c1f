"""A finished folder of `hubnet run`, given back as what it was: a study, or the result of its only run.

Tables have the columns that they have in a `Result`, measures those of the summary. What only the event loop knew is
gone: a finished result has no `checks`, and no network but its graph.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from ..engine.changes import INCIDENT_COLUMNS
from ..errors import InputError, Problem
from ..network.plain_graph import Places, graph_of
from .folder import INCIDENTS, JOBS, MANIFEST, RUNS, SUMMARY, TABLES
from .measures import Path as Measure
from .measures import Value, nested, written
from .study import MEASURE, Study

AGAIN = "run the scenario again: `hubnet run` replaces the folder"


class FinishedResult:
    """One run of a finished folder; see `Result` for its tables: utilization, pools, trunks, classes, widths, regions,
    demand, od, accounts, rejections, incidents, transfers, and jobs if there are records.

    name, allocation: of the scenario. replication: from 0. window: (start_s, end_s) that the measures speak of.
    reserve, scale: as in a `Result`. network: its `graph`, with capacities of this allocation.
    """

    def __init__(self, folder: Path, allocation: str, replication: int, about: dict[str, Any]) -> None:
        self._folder, self.allocation, self.replication = folder, allocation, replication
        self.name, self.reserve, self.scale = about["scenario"], about["reserve"], about["scale"]
        self.window = tuple(about["windows_s"][replication])
        self.network = Places(graph_of(about["graph"]))
        self._tables: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"<hubnet finished result {self.name!r}, {self.allocation!r}, replication {self.replication + 1}>"

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name == "jobs":
            raise AttributeError("this run kept no job records: run it with --records")
        if name not in (*TABLES, INCIDENTS):
            raise AttributeError(f"a finished result has no {name!r}")
        if name not in self._tables:
            self._tables[name] = self._mine(name)
        return self._tables[name]

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per submitted job, by id; see `hubnet.study.records` for the columns."""
        if not (self._folder / JOBS).exists():
            raise AttributeError  # of which `__getattr__` says more
        whose = {"allocation": self.allocation, "replication": self.replication}
        rows = _read(self._folder / JOBS, [(name, "=", value) for name, value in whose.items()])
        names = rows.select_dtypes("category").columns
        rows = rows.astype(dict.fromkeys(names, object)).drop(columns=["allocation", "replication"])
        return rows.sort_values("job", kind="stable", ignore_index=True)

    @cached_property
    def measures(self) -> dict[Measure, Value]:
        """Every measure by its path, as in the summary."""
        rows = self._mine("measures")
        known = rows["value"].notna()
        return {
            tuple(path): Value(_number(value) if there else None, bool(bounded))
            for path, value, there, bounded in zip(rows["path"], rows["value"], known, rows["at_least"], strict=True)
        }

    def summary(self) -> dict[str, Any]:
        """The measures as in `summary.json`, for this run alone."""
        return nested({path: written([value]) for path, value in self.measures.items()})

    def _mine(self, table: str) -> pd.DataFrame:
        """The rows of this run; none where the folder has no such table, as of incidents where none happened."""
        path = self._folder / f"{table}.parquet"
        if table == INCIDENTS and not path.exists():
            return pd.DataFrame(columns=list(INCIDENT_COLUMNS))
        rows = _read(path)
        mine = (rows["allocation"] == self.allocation) & (rows["replication"] == self.replication)
        return rows[mine].drop(columns=["allocation", "replication"]).reset_index(drop=True)


class FinishedStudy(Study):
    """A finished folder with several runs. manifest: what was run, how, and with which versions."""

    def __init__(self, folder: Path, results: dict[str, list[FinishedResult]], manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        baseline, measure = manifest.get("baseline"), manifest.get("measure", MEASURE)
        name = next(iter(results.values()))[0].name
        super().__init__(name, manifest["seed"], results, baseline=baseline, measure=measure)  # type: ignore[arg-type]

    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds."""
        return _json(self.folder / SUMMARY)


def read_study(folder: Path) -> FinishedStudy:
    """The study in a finished folder of `hubnet run`. Raises InputError if it is damaged, or of an older version."""
    manifest, runs = _json(folder / MANIFEST), _json(folder / RUNS)
    results = {
        name: [FinishedResult(folder, name, number, about) for number in range(len(about["windows_s"]))]
        for name, about in runs.items()
    }
    return FinishedStudy(folder, results, manifest)


def _json(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise InputError(Problem(f"{path.parent} has no {path.name}: it is of an older version, or damaged", AGAIN))
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(Problem(f"{path} is damaged: {error}", AGAIN)) from error
    return found


def _read(path: Path, filters: list[tuple[str, str, Any]] | None = None) -> pd.DataFrame:
    if not path.exists():
        raise InputError(Problem(f"{path.parent} has no {path.name}: it is of an older version, or damaged", AGAIN))
    try:
        return pq.read_table(path, filters=filters).to_pandas()
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these kinds
        raise InputError(Problem(f"{path} is damaged: {str(error).splitlines()[0]}", AGAIN)) from error


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)
