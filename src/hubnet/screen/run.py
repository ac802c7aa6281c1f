"""What `hubnet run` prints: the comparison of the allocations, and what to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ..study.headline import headline
from ..study.measures import Value, half_width, written
from ..study.nations import several
from ..study.notes import run_notes
from ..study.reasons import reason_lines
from ..study.study import Study
from ..study.verdict import FEW
from ..text import number, percent
from ..text import seconds as duration
from .accounts import about_accounts
from .nations import reason_table
from .tables import add, console, safe, table


def print_study(study: Study, about: str) -> None:
    """The comparison of the allocations, and what to know of it."""
    out = console()
    out.print(comparison(study, about))
    if several(study.results):
        out.print(reason_table(study))
        for line in reason_lines(study.nations):
            out.print(safe(line))
    else:
        out.print(hub_comparison(study))
    for line in verdict(study):
        out.print(safe(line))
    out.print(f"\n{safe(study.checked())}", style="dim")
    for warning in study.failed_checks():
        out.print(f"[bold]warning[/bold] {safe(warning)}")
    for note in study_notes(study):
        out.print(f"[bold]note[/bold] {safe(note)}")


def print_place(study: Study, folder: Path, charts: int, replaced: bool, seconds: float) -> None:
    """Where the rest of a run is, and what to try next."""
    out = console()
    earlier = ", in place of an earlier run" if replaced else ""
    out.print(f"\n{charts} charts, tables and summary.json are in {safe(folder)}{earlier} ({seconds:.0f} s)")
    if study.replications == 1 and len(study.results) > 1:
        out.print("One replication does not tell which is better: --replications 5 adds 95% intervals.", style="dim")


def verdict(study: Study) -> list[str]:
    """Which run is best, by how much and how sure; or what one replication alone can say."""
    lines = []
    if study.comparison:
        lines += ["", study.comparison.words()]
        lines += [
            f"  {one.name}: {study.comparison.relation(one)}, p = {one.p_holm:.2g} (Holm){_saved(one.gain, study)}"
            for one in study.comparison.differences
        ]
    elif study.replications == 1:
        lines += within_one_run(study)
    elif len(study.results) > 1:
        lines += ["", f"no comparison: {study.why_not}"]
    if study.warmup:
        lines.append(f"warm-up: {duration(study.warmup['value_s'])}, found by {study.warmup['method']}")
    if study.precision:
        lines.append(study.precision.words())
    return lines


def _saved(gain: float, study: Study) -> str:
    """The replications that pairing saved: independent ones would have taken `gain` times as many. A few cannot say."""
    if study.replications < FEW:
        return ""
    return f"; pairing saved {percent(1 - 1 / gain) if gain > 1 else 'none'} of the replications"


def within_one_run(study: Study) -> list[str]:
    """The intervals that batch means give for the headline measures of single runs."""
    lines = []
    for title, path, form in (
        ("response, mean of finished", ("response_s", "mean"), duration),
        ("utilization, mean", ("utilization", "mean"), percent),
    ):
        found = {name: results[0].batch_means.get(path) for name, results in study.results.items()}
        cells = [
            f"{name} {form(one.value)} ±{form((one.high - one.low) / 2).replace(' %', ' points')}"
            for name, one in found.items()
            if one is not None
        ]
        if cells:
            lines.append(f"  {title}: {', '.join(cells)}")
    return ["", "within this one run, 95 % intervals by batch means:", *lines] if lines else []


def comparison(study: Study, about: str) -> Table:
    """Headline measures by allocation, with the half width of the 95% interval where there is one."""
    made = table("", *study.results, title=f"{safe(study.scenario)}\n{safe(about)}")
    for row, samples in headline(study):
        add(made, row.title, *(cell(sample, row.form) for sample in samples))
    return made


def cell(sample: Sequence[Value], form: Any) -> str:
    """A measure as text: its value, "> " where it is only a lower bound, and +- half of its interval."""
    shown = written(sample)
    if shown is None:
        return "-"
    text = ("> " if shown.get("at_least") else "") + form(shown["value"])
    if (half := half_width(shown)) is not None:
        told = form(half).replace(" %", " points")
        figure, _, unit = text.partition(" ")
        text = f"{figure if unit and told.endswith(f' {unit}') else text} ±{told}"  # a unit of both is said once
    return text


def hub_comparison(study: Study) -> Table:
    """Utilization per hub and allocation, by size, with intervals likewise."""
    values = {name: study.measures(name) for name in study.results}
    runs = [results[0].utilization for results in study.results.values()]
    unsorted = runs[0].groupby("hub", sort=False)["devices"].sum()
    sizes = unsorted.sort_values(ascending=False, kind="stable")
    hubs = dict.fromkeys(hub for hub in (*sizes.index, *(hub for one in runs for hub in one["hub"])))
    first = next(iter(values))
    what = "utilization by hub" + (",\n± in points" if len(study.results[first]) > 1 else "")
    alike = all(one.groupby("hub", sort=False)["devices"].sum().equals(unsorted) for one in runs)
    made = table(what, "devices" if alike else f"devices,\n{first}", *values)
    for hub in hubs:
        path = ("utilization", "by_hub", str(hub))
        devices = number(sizes[hub]) if hub in sizes.index else "-"
        each = (cell(found.get(path, [Value(None)]), percent) for found in values.values())
        add(made, hub, devices, *(text.removesuffix(" points") for text in each))
    return made


def study_notes(study: Study) -> list[str]:
    """What a reader should know before trusting the table."""
    notes = []
    reserve = next(iter(study.results.values()))[0].reserve
    if reserve:
        notes.append(f"devices and utilization speak of what the reserve of {percent(reserve)} leaves.")
    notes += about_accounts(study)
    return [*notes, *study.doubts(), *run_notes(study)]
