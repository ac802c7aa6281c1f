"""What `hubnet sweep` prints: the headline measures at every point, and where the rest is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..study.sweep import means, settings_in, written
from ..text import percent
from .tables import add, console, safe, table

MOST_ROWS = 60
SHORT = {
    "response_s.mean": "response",
    "deadline_met": "in time",
    "utilization.mean": "busy",
}


def print_sweep(results: Any) -> None:
    """A row per point and allocation: mean, and half of its 95% interval. results: a sweep's table."""
    settings, units = settings_in(results), results.attrs.get("units", {})
    measures = [name for name in SHORT if name in results["measure"].cat.categories]
    found = {name: means(results, name) for name in measures}
    rows = next(iter(found.values()))
    many = results["replication"].max() > 0
    named = [f"{path.rpartition('.')[2] if _clear(path, settings) else path}" for path in settings]
    made = table(*named, "allocation", *(SHORT[name] for name in measures), title=safe(_title(results)))
    for index in range(min(len(rows), MOST_ROWS)):
        cells = [_setting(rows[path].iloc[index], units.get(path, "")) for path in settings]
        figures = [_cell(name, found[name].iloc[index], many) for name in measures]
        add(made, *cells, rows["allocation"].iloc[index], *figures)
    out = console()
    out.print(made)
    if len(rows) > MOST_ROWS:
        out.print(f"... {len(rows) - MOST_ROWS} more rows; study.parquet has them all.", style="dim")


def print_finished(folder: Path, charts: int | None = None, replaced: bool = False, seconds: float = 0.0) -> None:
    """Where the results are. charts: how many were drawn; None = the sweep was finished before."""
    if charts is None:
        console().print(f"\n{safe(folder)} has this sweep already, finished: nothing was missing")
        return
    earlier = ", in place of an earlier one" if replaced else ""
    console().print(f"\nstudy.parquet and charts ({charts}) are in {safe(folder)}{earlier} ({seconds:.0f} s)")


def _clear(path: str, settings: list[str]) -> bool:
    """Does the last word of the path tell it from the others?"""
    last = path.rpartition(".")[2]
    return [other.rpartition(".")[2] for other in settings].count(last) == 1


def _title(results: Any) -> str:
    count, name = int(results["replication"].max()) + 1, results.attrs.get("scenario", "")
    what = "mean response of finished jobs, deadlines met, mean utilization"
    if count == 1:
        return f"{name}, 1 replication\n{what}"
    return f"{name}, {count} replications\n{what}\n±: half of the 95% interval, in % of the mean; of shares in points"


def _setting(value: Any, unit: str) -> str:
    return f"{value:.4g} {unit}".strip() if isinstance(value, float) else str(value)


def _cell(measure: str, row: Any, many: bool) -> str:
    if math.isnan(row["mean"]):
        return "-"
    shown = ("> " if row["at_least"] else "") + written(measure, row["mean"])
    if many and not math.isnan(row["low"]):
        shown += f" ±{_half(measure, row['mean'], (row['high'] - row['low']) / 2)}"
    return shown


def _half(measure: str, mean: float, half: float) -> str:
    """Half of an interval, short: shares in points, all else in percent of the mean."""
    if written(measure, 0.5) == percent(0.5):
        return f"{100 * half:.1f}"
    return f"{100 * half / abs(mean):.1f}%" if mean else "-"
