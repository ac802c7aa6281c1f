"""`reference/tables.md`: every table of a result with its columns, and every measure, as real runs have them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hubnet as hn
from hubnet.study import accounts
from hubnet.study.folder import INCIDENTS, TABLES
from hubnet.study.result import Result
from making.columns import EVERYWHERE, MEASURES, SPREADS, lines_of
from making.columns import TABLES as DESCRIBED
from making.words import cell, code, table

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STATISTIC = re.compile(r"(mean|p\d+)")
KEPT = {  # what else finished folders and Python hold, and where
    "measures": "`measures.parquet` of `hubnet run`: every measure of every run, a row each.",
    "study": "`study.parquet` of `hubnet sweep`, and what `hn.sweep` returns: a row per run and measure. Before these "
    "columns stands one per setting that varies, in the unit that `table.attrs['units']` says; of a study by year, "
    "`year`.",
    "failures": "`failures.parquet` of `hubnet resilience`, and what `hn.resilience` returns: a row per allocation and "
    "failure, in order of harm. Harm is the run with the failure less the run without it, over the same jobs.",
    "promises": "`promises.parquet` of a scenario with `years`, and `hn.growth(...).kept`: a row per promise, "
    "allocation and year.",
    "breaks": "`hn.growth(...).breaks`: a row per promise and allocation.",
}
HEAD = """# Result tables

The tables of a `Result`: `result.pools`, `result.jobs` and so on. A folder of `hubnet run` has them as Parquet,
`pools.parquet` and so on (with `--csv` also as CSV), of all runs together: there the columns `allocation` and
`replication` come first. `jobs` is there with `--records` (`records=True`), `incidents` if there were any.

Tables with time bins, `incidents` and `jobs` speak of the whole run; the others of the window, from the warm-up to the
horizon. Shares are of 1. Devices, and all that is reckoned from them, leave the reserve out; with `scale` they are of
the share that is simulated. NaN: there is no such value; inf: it falls on a job that has not finished.
"""
AFTER = """## Measures

`summary.json` and `result.summary()` have a tree of measures: `response_s`, in it `p95`, and so on. With dots
between, that is the measure's path, for `--measure`, `study.difference` and `hn.plot.sweep_lines`. Each is `{"value":
...}`; with two or more replications it is their mean, and `ci95` has the 95% interval. `"at_least": true`: the true
value is this or more. `null`: a measure of nothing. An account that cannot be reckoned, for want of a price or power,
is absent. STATISTIC is mean, p50, p95 or p99: means are over finished jobs, quantiles over all that were not
rejected.
"""


def page() -> Iterator[str]:
    """The page, line by line. KeyError: a column or a measure that is described nowhere, or no more there."""
    yield HEAD
    settings = ["clock.horizon=6 h", "clock.warmup=1 h"]
    result = hn.simulate(hn.load(SCENARIOS / "surge.yaml", settings), records=True)
    for name in (*TABLES, INCIDENTS, "jobs"):
        yield f"## {name}\n"
        yield f"{_first_words(name)}\n"
        yield from _columns(name, list(getattr(result, name).columns))
    yield "## Tables of other commands\n"
    for name, columns in _others().items():
        yield f"### {name}\n"
        yield f"{KEPT[name]}\n"
        yield from _columns(name, columns)
    yield AFTER
    yield from _measures(result)


def _columns(name: str, columns: list[str]) -> Iterator[str]:
    """A table of the columns that a real table has."""
    own = lines_of(DESCRIBED[name])
    if gone := set(own) - set(columns):
        raise KeyError(f"{name} has no column {sorted(gone)} any more: take it out of docs/making/columns.py")
    common = lines_of(EVERYWHERE)
    rows = []
    for column in columns:
        found = own.get(column) or common.get(column)
        measure = STATISTIC.split(column)[0].rstrip("_")
        if found is None and measure in SPREADS:
            found = SPREADS[measure][0], f"{SPREADS[measure][1]}: {_statistic(column)}"
        if found is None:
            raise KeyError(f"the column {column!r} of {name} is described nowhere: say it in docs/making/columns.py")
        rows.append((code(column), found[0], cell(found[1])))
    yield from table(("column", "unit", "what it says"), rows)


def _statistic(column: str) -> str:
    found = STATISTIC.search(column)
    assert found
    return "mean of finished jobs" if found[1] == "mean" else f"what {found[1][1:]}% of the jobs do not exceed"


def _first_words(name: str) -> str:
    """What one row of a table is: the docstring up to its list of columns."""
    text = inspect.getdoc(accounts.accounts_table if name == "accounts" else getattr(Result, name)) or ""
    return cell(re.split(r"[:;(]", text, maxsplit=1)[0].rstrip()) + "."


def _others() -> dict[str, list[str]]:
    """Name -> columns of the tables that are no table of a result, from small runs."""
    from hubnet.study.folder import _measures as measures_table

    short = ["clock.horizon=10 min", "clock.warmup=0 s", "workload.classes.chat.rate=1 /s"]
    two = hn.load(SCENARIOS / "two-hubs.yaml", short)
    swept = hn.sweep(two, {"seed": [1]}, allocations="as-built")
    years = hn.growth(hn.load(SCENARIOS / "two-hubs.yaml", [*short, "years=2025..2026"]), allocations="as-built")
    return {
        "measures": list(measures_table(hn.simulate(two)).columns),
        "study": [name for name in swept.columns if name != "seed"],
        "failures": list(hn.resilience(two, kinds=["hub"], allocations="as-built").columns),
        "promises": list(years.kept.columns),
        "breaks": list(years.breaks.columns),
    }


def _measures(result: Result) -> Iterator[str]:
    """A table of all measures; of those that only some runs have, whether the run here has them does not matter."""
    described = lines_of(MEASURES)
    for path in result.measures:
        if not any(_is(path, form.split(".")) for form in described):
            raise KeyError(f"the measure {'.'.join(path)} is described nowhere: say it in docs/making/columns.py")
    rows = ((code(form), unit, cell(meaning)) for form, (unit, meaning) in described.items())
    yield from table(("measure", "unit", "what it says"), rows)


def _is(path: tuple[str, ...], form: list[str]) -> bool:
    words: dict[str, Any] = {"STATISTIC": STATISTIC.fullmatch, "ACCOUNT": accounts.COLUMNS.__contains__, "NAME": bool}
    return len(path) == len(form) and all(
        words.get(word, word.__eq__)(part) for part, word in zip(path, form, strict=True)
    )
