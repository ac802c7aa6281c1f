"""A finished folder of `hubnet run`, given back as what it was: a study, or the result of its only run.

Tables have the columns that they have in a `Result`, measures those of the summary. What only the event loop knew is
gone: a finished result has no `checks` and no `batch_means` (the summary has them), and no network but its graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ..engine.changes import INCIDENT_COLUMNS
from ..network.plain_graph import Places, graph_of
from .folder import INCIDENTS, JOBS, MANIFEST, MEASURES, RUNS, SUMMARY, TABLES
from .measures import Path as Measure
from .measures import Value, nested, written
from .reading import damaged, read_json, read_table
from .study import MEASURE, Study

WHOSE = ("allocation", "replication")  # the columns that say of which run a row is


class Tables:
    """The tables of a folder, each read once and parted by run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: dict[str, tuple[pd.DataFrame, dict[Any, pd.DataFrame]]] = {}

    def of_run(self, table: str, allocation: str, replication: int) -> pd.DataFrame:
        """The rows of a run; none where the folder has no such table, as of incidents where none happened."""
        path = self.folder / f"{table}.parquet"
        if table == INCIDENTS and not path.exists():
            return pd.DataFrame(columns=list(INCIDENT_COLUMNS))
        if table not in self._parts:
            whole = read_table(path, columns=WHOSE)
            parts = whole.groupby(list(WHOSE), sort=False, observed=True)
            self._parts[table] = whole.iloc[:0], dict(iter(parts))
        empty, runs = self._parts[table]
        return runs.get((allocation, replication), empty).drop(columns=list(WHOSE)).reset_index(drop=True)


class FinishedResult:
    """One run of a finished folder; see `Result` for its tables: utilization, pools, trunks, classes, widths, regions,
    demand, od, accounts, rejections, incidents, transfers, and jobs if there are records.

    name, allocation: of the scenario. replication: from 0. window: (start_s, end_s) that the measures speak of.
    reserve, scale, nation, gear: as in a `Result`. network: its `graph`, with capacities as built. manifest: what was
    run, how, and with which versions; `manifest["scenario"]` is the text of the scenario.
    """

    def __init__(
        self, tables: Tables, allocation: str, replication: int, about: Mapping[str, Any], manifest: dict[str, Any]
    ) -> None:
        self._whole, self.allocation, self.replication, self.manifest = tables, allocation, replication, manifest
        self.name, self.reserve, self.scale = about["scenario"], about["reserve"], about["scale"]
        self.nation: dict[str, str] = dict(about.get("nation", {}))
        start, end = about["windows_s"][replication]
        self.window = (start, end)
        self.gear: str = manifest.get("gear", "")
        self.network = Places(about["graph"])
        self._tables: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"<hubnet finished result {self.name!r}, {self.allocation!r}, replication {self.replication + 1}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *TABLES, INCIDENTS})

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name == "jobs":
            raise AttributeError("this run kept no job records: run it with --records")
        if name not in (*TABLES, INCIDENTS):
            raise AttributeError(f"a finished result has no {name!r}")
        if name not in self._tables:
            self._tables[name] = self._whole.of_run(name, self.allocation, self.replication)
        return self._tables[name]

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per submitted job, by id; see `hubnet.study.records` for the columns."""
        if not (self._whole.folder / JOBS).exists():
            raise AttributeError  # of which `__getattr__` says more
        mine = [("allocation", "=", self.allocation), ("replication", "=", self.replication)]
        rows = read_table(self._whole.folder / JOBS, mine, columns=(*WHOSE, "job"))
        names = rows.select_dtypes("category").columns
        rows = rows.astype(dict.fromkeys(names, object)).drop(columns=list(WHOSE))
        return rows.sort_values("job", kind="stable", ignore_index=True)

    @cached_property
    def measures(self) -> dict[Measure, Value]:
        """Every measure by its path, as in the summary."""
        rows = self._whole.of_run(Path(MEASURES).stem, self.allocation, self.replication)
        known = rows["value"].notna()
        return {
            tuple(path): Value(_number(value) if there else None, bool(bounded))
            for path, value, there, bounded in zip(rows["path"], rows["value"], known, rows["at_least"], strict=True)
        }

    def summary(self) -> dict[str, Any]:
        """The measures as in `summary.json`, for this run alone."""
        return nested({path: written([value]) for path, value in self.measures.items()})


class FinishedStudy(Study):
    """A finished folder with several runs. folder: where it is. manifest: as of a `FinishedResult`."""

    def __init__(self, folder: Path, results: dict[str, list[FinishedResult]], manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        baseline, measure = manifest.get("baseline"), manifest.get("measure", MEASURE)
        name = next(iter(results.values()))[0].name
        super().__init__(name, manifest["seed"], results, baseline=baseline, measure=measure)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"<hubnet finished study {self.scenario!r}: {', '.join(self.results)}; {self.replications} replications>"

    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds."""
        return read_json(self.folder / SUMMARY)

    def doubts(self) -> list[str]:
        """What spoke against the measures when the run ended, as in a `Study`."""
        return list(self.manifest.get("doubts", ()))

    def checked(self) -> str:
        """How all runs checked themselves, in one line."""
        return str(self.manifest.get("checked", ""))

    def failed_checks(self) -> list[str]:
        """What the checks of single runs warned of."""
        return list(self.manifest.get("failed_checks", ()))


def read_study(folder: Path) -> FinishedStudy:
    """The study in a finished folder of `hubnet run`. Raises InputError if it is damaged, or of an older version."""
    manifest, runs = read_json(folder / MANIFEST), read_json(folder / RUNS)
    with _sound(folder / RUNS):
        results, tables = {}, Tables(folder)
        for name, about in runs.items():
            once = {**about, "graph": graph_of(about["graph"])}  # replications share it
            count = len(about["windows_s"])
            results[name] = [FinishedResult(tables, name, number, once, manifest) for number in range(count)]
        if not results or not all(results.values()):
            raise ValueError("it has no runs")
    with _sound(folder / MANIFEST):
        return FinishedStudy(folder, results, manifest)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """What the block does not find in a file is damage to that file."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, f"no {error}" if isinstance(error, KeyError) else error) from error


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)
