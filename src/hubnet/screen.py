"""What the commands print: tables for a terminal, at home in 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .engine.policy import Router, find_router
from .engine.world import REASON
from .errors import Problem
from .loading import Scenario
from .network.allocation import Allocation
from .network.describe import Description, describe
from .network.nation import builtin_nations, load_nation
from .study.expect import Expectation, expect
from .study.measures import Path as MeasurePath
from .study.measures import Value, written
from .study.result import Result
from .study.study import Study
from .text import number, percent
from .text import seconds as duration
from .workload.arrivals import JobClass


def console() -> Console:
    """Where tables go: stdout, without colour codes when it is not a terminal."""
    return Console(highlight=False)


def table(*columns: str, title: str | None = None) -> Table:
    """A plain table; the first column holds names, the others figures."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        made.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    return made


def add(made: Table, *cells: object) -> None:
    """Add a row; text from scenarios is shown as it is, never as markup."""
    made.add_row(*(escape(str(cell)) for cell in cells))


# -- hubnet run


def print_study(study: Study, about: str) -> None:
    """The comparison of the allocations, and what to know of it."""
    out = console()
    out.print(comparison(study, about))
    out.print(hub_comparison(study))
    for note in study_notes(study):
        out.print(f"[bold]note[/bold] {escape(note)}")


def print_place(study: Study, folder: Path, charts: int, replaced: bool, seconds: float) -> None:
    """Where the rest of a run is, and what to try next."""
    out = console()
    earlier = ", in place of an earlier run" if replaced else ""
    out.print(f"\n{charts} charts, tables and summary.json are in {escape(str(folder))}{earlier} ({seconds:.0f} s)")
    if study.replications == 1:
        out.print("One replication says nothing about chance: --replications 5 adds 95% intervals.", style="dim")


def comparison(study: Study, about: str) -> Table:
    """Headline measures by allocation, with the half width of the 95% interval where there is one."""
    names = list(study.results)
    made = table("", *names, title=f"{escape(study.scenario)}\n{escape(about)}")
    rows: list[tuple[str, MeasurePath, Any]] = [
        ("jobs submitted", ("jobs", "submitted"), number),
        ("jobs finished", ("jobs", "finished"), number),
        ("jobs rejected", ("jobs", "rejected"), number),
        ("jobs open at the end", ("jobs", "unfinished"), number),
        ("response, mean of finished", ("response_s", "mean"), duration),
        ("response, median", ("response_s", "p50"), duration),
        ("response, 95%", ("response_s", "p95"), duration),
        ("wait, mean of finished", ("wait_s", "mean"), duration),
        ("one-way delay, mean", ("one_way_ms", "mean"), lambda ms: f"{ms:.2f} ms"),
        ("deadlines met, of those decided", ("deadline_met",), percent),
        ("utilization, mean", ("utilization", "mean"), percent),
        ("trunk use, mean", ("trunk_use", "mean"), percent),
        ("trunk use, highest", ("trunk_use", "max"), percent),
        ("jobs east to west", ("east_to_west_jobs",), number),
    ]
    values = {name: study.measures(name) for name in names}
    for title, path, form in rows:
        if path == ("east_to_west_jobs",) and all(
            found.get(path, [Value(None)])[0].value is None for found in values.values()
        ):
            continue  # a nation without areas
        add(made, title, *(cell(values[name].get(path, [Value(None)]), form) for name in names))
    return made


def cell(sample: Sequence[Value], form: Any) -> str:
    """A measure as text: its value, "> " where it is only a lower bound, and +- half of its interval."""
    shown = written(sample)
    if shown is None:
        return "-"
    text = ("> " if shown.get("at_least") else "") + form(shown["value"])
    if "ci95" in shown:
        half = form((shown["ci95"][1] - shown["ci95"][0]) / 2)
        text += f" ±{half.replace(' %', ' points')}"
    return text


def hub_comparison(study: Study) -> Table:
    """Utilization per hub and allocation, by size, with intervals likewise."""
    values = {name: study.measures(name) for name in study.results}
    sizes = next(iter(study.results.values()))[0].utilization.groupby("hub", sort=False)["devices"].sum()
    first = next(iter(values))
    made = table("utilization by hub", f"devices, {first}", *values)
    for hub, devices in sizes.sort_values(ascending=False, kind="stable").items():
        path = ("utilization", "by_hub", str(hub))
        add(made, hub, number(devices), *(cell(found.get(path, [Value(None)]), percent) for found in values.values()))
    return made


def study_notes(study: Study) -> list[str]:
    """What a reader should know before trusting the table."""
    notes = []
    reserve = next(iter(study.results.values()))[0].reserve
    if reserve:
        notes.append(f"devices and utilization speak of what the reserve of {percent(reserve)} leaves.")
    for name, results in study.results.items():
        values = results[0].measures
        if drift := settling(results[0]):
            notes.append(
                f"{name}: {drift} inside the measured window, so the run has not settled; a longer clock.warmup and "
                "clock.horizon may change the comparison."
            )
        use = values["trunk_use", "max"].value
        if use is not None and use > 1:
            notes.append(
                f"{name}: a trunk would carry {percent(use)} of what it can: with sharing: none transfers do not slow "
                "each other down, so read upload times as a lower bound."
            )
        rejected = values["jobs", "rejected"].value
        if rejected:
            classes = results[0].classes
            reasons = {
                reason: int(classes[f"rejected_{reason.replace('-', '_')}"].sum()) for reason in REASON if reason
            }
            told = ", ".join(f"{number(count)} {reason}" for reason, count in reasons.items() if count)
            notes.append(f"{name}: {number(rejected)} jobs were rejected ({told}); classes.parquet has them by class.")
        finished, submitted = values["jobs", "finished"].value, values["jobs", "submitted"].value
        if submitted and finished is not None and finished < 0.9 * submitted:
            notes.append(f"{name}: {percent(1 - finished / submitted)} of the jobs had not finished at the horizon.")
    return notes


def settling(result: Result) -> str:
    """How far the busy devices still move from the first to the last third of the window, in words; "" if little."""
    start, end = result.window
    pools = result.pools
    length = pools["end_s"] - pools["start_s"]
    third = (end - start) / 3
    parts = []
    for low in (start, end - third):
        inside = pools[(pools["start_s"] >= low) & (pools["start_s"] < low + third)].index
        capacity = (pools["devices"] * length)[inside].sum()
        parts.append((pools["busy"] * length)[inside].sum() / capacity if capacity else 0.0)
    if abs(parts[1] - parts[0]) <= max(0.1 * parts[0], 0.01):
        return ""
    return f"busy devices go from {percent(parts[0])} to {percent(parts[1])}"


# -- hubnet check


def print_check(scenario: Scenario, file: str) -> None:
    """What a scenario says and would run."""
    out, spec, network = console(), scenario.spec, scenario.network()
    router = find_router(spec.policy.routing)
    mix = scenario.mix()
    allocations = {name: scenario.allocation(name) for name in scenario.allocations}
    setups = {name: scenario.setup(name, router, spec.seed) for name in allocations}
    expected = {name: expect(setup, mix.classes) for name, setup in setups.items()}
    out.print(f"[bold]{escape(spec.name)}[/bold]  ({escape(file)}: no mistakes found)")
    out.print(
        f"{len(network.regions)} regions, {len(network.hubs)} hubs, {len(network.trunks)} trunks; "
        f"{duration(spec.clock.horizon)} from empty hubs, "
        f"of which the first {duration(spec.clock.warmup)} are not measured"
    )
    out.print(class_table(mix.classes, spec.clock.horizon))
    first = next(iter(expected.values()))
    runs = len(allocations) * spec.replications
    out.print(
        f"\nexpected: {number(first.jobs)} jobs and {number(first.events)} events in each of {runs} runs; "
        f"about {duration(first.seconds * runs)} and {first.memory / 1e9:.1f} GB in all"
    )
    out.print(load_table(expected, spec.policy.routing in ("nearest", "random")))
    out.print(trunk_table(first))
    for warning in check_warnings(expected, allocations):
        out.print(f"[bold]warning[/bold] {escape(str(warning))}")
    out.print(f"\nnext: hubnet run {escape(file)}", style="dim")


def class_table(classes: Sequence[JobClass], horizon: float) -> Table:
    """What each class asks for."""
    made = table("class", "jobs", "devices", "work", "device time", "input")
    total = math.fsum(klass.rate * klass.device_seconds for klass in classes) or 1.0
    for klass in classes:
        add(
            made,
            klass.name,
            number(klass.rate * horizon),
            number(klass.devices.mean),
            duration(klass.work.mean),
            percent(klass.rate * klass.device_seconds / total),
            f"{klass.input / 8e9:,.6g} GB",
        )
    return made


def load_table(expected: dict[str, Expectation], exact: bool) -> Table:
    """Offered load of every pool, per allocation."""
    even = "" if exact else ", if jobs spread evenly over the pools that they may use"
    made = table("pool", "devices", *expected, title=f"\noffered load{even}")
    first = next(iter(expected.values()))
    loads = {name: {(pool.hub, pool.device): pool for pool in e.pools} for name, e in expected.items()}
    for pool in sorted(first.pools, key=lambda pool: -pool.devices):
        cells = []
        for name in expected:
            load = loads[name].get((pool.hub, pool.device))
            cells.append("-" if load is None else percent(load.load) + (" UNSTABLE" if load.load >= 1 else ""))
        add(made, f"{pool.hub}/{pool.device}", number(pool.devices), *cells)
    return made


def trunk_table(first: Expectation) -> Table:
    """The trunks that the first allocation would use most."""
    made = table("trunk", "use", title="\nbusiest trunks, likewise")
    for a, b, use in first.trunks[:5]:
        add(made, f"{a} -> {b}", percent(use))
    return made


def warnings_before(scenario: Scenario, router: Router, names: Sequence[str]) -> list[Problem]:
    """What `check` would warn of, for the allocations that are about to run."""
    mix, seed = scenario.mix(), scenario.spec.seed
    expected = {name: expect(scenario.setup(name, router, seed), mix.classes) for name in names}
    return check_warnings(expected, {name: scenario.allocation(name) for name in names})


def check_warnings(expected: dict[str, Expectation], allocations: dict[str, Allocation]) -> list[Problem]:
    """What will go wrong, in words."""
    warnings = []
    for name, expectation in expected.items():
        for pool in expectation.pools:
            if pool.load >= 1:
                warnings.append(
                    Problem(
                        f"{name}: {pool.hub}/{pool.device} is unstable: it is asked for {percent(pool.load)} of the "
                        "device-seconds that it has, so its queue grows as long as the run lasts",
                        "lower workload.load or the rates, or give the pool more devices",
                    )
                )
        for misfit in expectation.misfits:
            warnings.append(
                Problem(
                    f"{name}: {percent(misfit.share)} of the {misfit.klass} jobs want {misfit.devices} devices at "
                    f"once, which fit nowhere (the largest pool has {misfit.largest}); they will be rejected",
                    "give a hub a larger pool of a type that they run on, or change devices or scale",
                )
            )
    totals = {name: sum(allocation.pools.values()) for name, allocation in allocations.items()}
    base = next(iter(totals.values()))
    for name, total in totals.items():
        if total != base:
            warnings.append(
                Problem(f"{name} has {total:,} devices, {next(iter(totals))} has {base:,}: not the same total")
            )
    return warnings


# -- hubnet data


def print_nations() -> None:
    """The built-in nations."""
    out = console()
    for name in builtin_nations():
        facts = describe(load_nation(name))
        out.print(
            f"[bold]{escape(name)}[/bold]  {escape(facts.title)}: {len(facts.hubs)} hubs, {facts.regions} regions, "
            f"{facts.trunks.trunks} trunks"
        )
    out.print("\nnext: hubnet data NAME", style="dim")


def print_nation(name: str) -> None:
    """One nation: hubs by area, trunks, tables with their confidence, weak spots."""
    out, facts = console(), describe(load_nation(name))
    out.print(f"[bold]{escape(facts.title or facts.name)}[/bold]")
    out.print(area_table(facts))
    out.print(nation_hubs(facts))
    trunks = facts.trunks
    lengths = f"; the longest is {escape(trunks.longest)} ({trunks.longest_km:,.0f} km)" if trunks.longest else ""
    out.print(
        f"\n{trunks.trunks} trunks from {trunks.routes} routes, {trunks.total_km:,.0f} km where a length is given, "
        f"{trunks.total_bit_s / 1e12:,.0f} Tbit/s per direction in all{lengths}"
    )
    made = table("table", "rows", "sourced", "derived", "estimate", "unstated", title="")
    for entry in facts.tables:
        add(
            made,
            entry.name,
            entry.rows,
            *(entry.figures.get(kind, "") for kind in ("sourced", "derived", "estimate", "unstated")),
        )
    out.print(made)
    if facts.weak_spots:
        out.print("\n[bold]weak spots[/bold], those that move results most first")
        for what, effect, advice in facts.weak_spots:
            out.print(f"- {escape(what)}: {escape(effect)}" + (f"; {escape(advice)}" if advice else ""))
    for note in facts.notes:
        out.print(f"[bold]note[/bold] {escape(note)}")


def area_table(facts: Description) -> Table:
    """Compute and demand by area."""
    made = table("area", "hubs", "EFLOPS", "share of compute", "share of demand", title="")
    for area in [*facts.areas, *([facts.outside] if facts.outside else [])]:
        add(made, area.name, area.hubs, f"{area.eflops:,.1f}", percent(area.share), percent(area.demand))
    return made


def nation_hubs(facts: Description) -> Table:
    """The hubs, largest first."""
    made = table("hub", "area", "EFLOPS", "share", "PUE", "yuan/kWh", "kg/kWh", "confidence", title="")
    for hub in facts.hubs:
        price = "-" if hub.price_yuan_per_kwh is None else f"{hub.price_yuan_per_kwh:.2f}"
        carbon = "-" if hub.carbon_kg_per_kwh is None else f"{hub.carbon_kg_per_kwh:.3f}"
        add(made, hub.name, hub.area, f"{hub.eflops:,.1f}", percent(hub.share), hub.pue, price, carbon, hub.confidence)
    return made
