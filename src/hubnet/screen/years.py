"""What `hubnet run` prints for a scenario with years: the headline measures by year, and when each promise breaks."""

from __future__ import annotations

import math
from typing import Any

from rich.table import Table

from ..loading import Scenario
from ..study.growth import Growth
from ..study.promises import LOAD
from ..study.sweep import means, written
from ..text import number
from ..yearly import offered_load
from .tables import add, console, safe, table

COLUMNS = {
    LOAD: "asked for",
    "utilization.mean": "busy",
    "deadline_met": "in time",
    "response_s.mean": "response",
    "response_s.p95": "95%",
    "trunk_use.max": "trunk",
}
HOLDS = "holds"


def print_growth(found: Growth) -> None:
    """The two tables, and what to know of them."""
    out = console()
    out.print(headline(found))
    if found.promises:
        out.print(promise_table(found))
    out.print(
        "asked for: device time, over that of all devices less the reserve; trunk: the fullest. A promise is judged by "
        "the mean over the replications.",
        style="dim",
    )
    if not found.breaks["sure"].all():
        words = "?: so many jobs are open at the end that their response is not known; lengthen clock.horizon."
        out.print(words, style="dim")
    if found.replications == 1:
        out.print("One replication does not tell how sure a year is: see --replications 5.", style="dim")


def year_table(scenario: Scenario) -> Table:
    """What each year asks for, before anything is run."""
    title = "\ndevice time asked for, over that of all devices less the reserve, by year (all else here: the first)"
    made = table("year", "jobs/s", *scenario.allocations, title=title)
    for year in scenario.spec.years or ():
        here = scenario.in_year(year)
        rate = math.fsum(klass.rate for klass in here.mix().classes)
        add(made, year, number(rate), *(worded(LOAD, offered_load(here, name)) for name in here.allocations))
    return made


def headline(found: Growth) -> Table:
    """A row per allocation and year."""
    count = found.replications
    title = f"{found.scenario}, {count} replication{'s' if count > 1 else ''}"
    made = table("allocation", "year", *COLUMNS.values(), title=safe(title))
    values = {name: means(found.table, name, ["allocation", "year"]) for name in COLUMNS}
    for name in found.allocations:
        for index, year in enumerate(found.years):
            add(made, name if index == 0 else "", year, *(_cell(m, rows, name, year) for m, rows in values.items()))
    return made


def _cell(measure: str, rows: Any, allocation: str, year: int) -> str:
    mine = rows[(rows["allocation"] == allocation) & (rows["year"] == year)]
    if mine.empty or math.isnan(mine["mean"].iloc[0]):
        return "-"
    return ("> " if mine["at_least"].iloc[0] else "") + worded(measure, mine["mean"].iloc[0])


def promise_table(found: Growth) -> Table:
    """The first year in which each promise breaks, with its value then; or that it holds, with its value at the end."""
    made = table("promise", "target", *found.allocations, title="\nfirst year in which a promise breaks")
    for promise in found.promises:
        mine = found.breaks[found.breaks["promise"] == promise.name].set_index("allocation")
        sign = "at most" if promise.most else "at least"
        cells = [_fate(promise.measure, mine.loc[name]) if name in mine.index else "-" for name in found.allocations]
        add(made, promise.words, f"{sign} {worded(promise.measure, promise.target, exact=True)}", *cells)
    return made


def _fate(measure: str, row: Any) -> str:
    if math.isnan(row["value"]):
        return "-"
    value = worded(measure, row["value"], exact=True) + (f" {row['where']}" if row["where"] else "")
    fate = HOLDS if row["kept"] else str(row["year"])
    return f"{fate}{'' if row['sure'] else '?'} ({value})"


def worded(measure: str, value: float, exact: bool = False) -> str:
    """A value as people read it; the load is a share too. exact: of shares show what tells them from a target."""
    if exact and "response_s" not in measure:
        return f"{100 * value:.4g} %"
    return written("utilization" if measure == LOAD else measure, value)
