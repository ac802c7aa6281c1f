"""What `hubnet resilience` prints: the worst failures of each allocation, and how many did no harm."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from .. import text
from ..study.resilience import WORST
from ..sweeping import Kept
from .tables import add, console, safe, table

COLUMNS = {
    "deadlines_missed": ("missed", text.number),
    "unfinished": ("not\nfinished", text.number),
    "response_mean_s": ("response,\nmean", text.seconds),
    "response_p95_s": ("response,\n95%", text.seconds),
    "work_lost_device_s": ("work lost,\ndevice-s", text.number),
}
NO_CHANGE = "0"


def print_resilience(results: Any) -> None:
    """results: the table of harm."""
    out = console()
    out.print(safe(_title(results)))
    for name, rows in results.groupby("allocation", sort=False):
        several = results.attrs["replications"] > 1
        made = table(f"{name}: failure", "kind", *["rank"][:several], *(words for words, _ in COLUMNS.values()))
        shown = rows[~rows["harmless"]].head(WORST)
        for _, row in shown.iterrows():
            figures = [_gain(row[column], write) for column, (_, write) in COLUMNS.items()]
            add(made, row["failure"], row["kind"], *[ranks(row)][:several], *figures)
        out.print()
        if len(shown):
            out.print(made)
        out.print(safe(_rest(name, rows, len(shown))), style="dim")


def print_finished(folder: Path, kept: Kept | None) -> None:
    """Where the results are. kept: None = they were finished before."""
    where = safe(folder)
    if kept is None:
        console().print(f"\n{where} has these failures already, finished: nothing was missing")
        return
    earlier = ", in place of an earlier one" if kept.replaced else ""
    what = f"failures.parquet, summary.json and charts ({kept.charts})"
    console().print(f"\n{what} are in {where}{earlier} ({kept.seconds:.0f} s)")


def _title(results: Any) -> str:
    attrs = results.attrs
    lasting = "to the end" if attrs["lasting_s"] is None else f"for {text.seconds(attrs['lasting_s'])}"
    when = f"each alone, from {text.seconds(attrs['at_s'])} on, {lasting}"
    many = attrs["replications"]
    sure = (
        f"means of {many} replications; rank: from which to which it goes in single ones\n"
        if many > 1
        else "one replication: ranks of failures alike may be chance, --replications 5 tells\n"
    )
    return (
        f"{attrs['scenario']}: single failures, {when}\n{sure}"
        "what changes against a run without: deadlines missed (jobs), jobs not finished,\n"
        "response (mean of finished jobs, 95 % of all jobs), device-seconds of work lost"
    )


def ranks(row: Any) -> str:
    """From which to which rank a failure goes: "1 to 3"."""
    return f"{row['rank_best']} to {row['rank_worst']}" if row["rank_best"] < row["rank_worst"] else str(row["rank"])


def _gain(value: float, write: Any) -> str:
    if math.isnan(value) or value == 0:
        return text.NOTHING if math.isnan(value) else NO_CHANGE
    return f"+{write(value)}" if value > 0 else f"-{write(-value)}"


def _rest(name: str, rows: Any, shown: int) -> str:
    harmless = int(rows["harmless"].sum())
    more = len(rows) - harmless - shown
    others = f"{more} more did less harm; " if more else ""
    return f"{name}: {others}{harmless} of {len(rows)} failures did no harm"
