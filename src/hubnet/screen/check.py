"""What `hubnet check` prints, and the warnings before a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from rich.console import Console
from rich.table import Table

from ..engine.policy import Router, find_router
from ..errors import Problem
from ..loading import Scenario
from ..network.allocation import Allocation
from ..network.network import Device
from ..plan import AUTO, PILOTS
from ..study.expect import Expectation, expect
from ..study.health import overloaded
from ..text import number, percent, plain
from ..text import seconds as duration
from ..workload.arrivals import JobClass
from ..workload.traces.trace import Trace
from .equalised import equalised_words
from .nations import demand_table, unequal_nations
from .tables import add, console, safe, table
from .years import year_table

MOST_INCIDENTS = 8  # shown
ENOUGH = 0.95  # a trace that covers so much of a run covers it: the last job comes before its end


def print_check(scenario: Scenario, file: str) -> None:
    """What a scenario says and would run; of a study of nations, in each of them."""
    out = console()
    out.print(f"[bold]{safe(scenario.name)}[/bold]  ({safe(file)}: no mistakes found)")
    if scenario.nations:
        out.print(demand_table(scenario))
        for warning in unequal_nations(scenario):
            out.print(f"[bold]warning[/bold] {safe(warning)}")
    for nation in scenario.nations:
        out.print(f"\n[bold]in {safe(nation)}[/bold]")
        _print_network(out, scenario.in_nation(nation))
    if not scenario.nations:
        _print_network(out, scenario)


def _print_network(out: Console, scenario: Scenario) -> None:
    """What it says and would run on one network."""
    spec, network = scenario.spec, scenario.network()
    router = find_router(spec.policy.routing)
    classes = scenario.expected_classes()
    allocations = {name: scenario.allocation(name) for name in scenario.allocations}
    setups = {name: scenario.setup(name, router, spec.seed) for name in allocations}
    expected = {name: expect(setup, classes) for name, setup in setups.items()}
    out.print(
        f"{len(network.regions)} regions, {len(network.hubs)} hubs, {len(network.trunks)} trunks; "
        f"{duration(spec.clock.horizon)} from {'hubs at work' if scenario.stationary else 'empty hubs'}, "
        f"of which the {_unmeasured(spec.clock.warmup)} not measured"
    )
    if (trace := scenario.trace()) is not None:
        print_trace(out, trace.trace, spec.clock.start)
    out.print(class_table(classes, spec.clock.horizon))
    first = next(iter(expected.values()))
    runs = len(allocations) * (spec.replications + (min(spec.replications, PILOTS) if spec.clock.warmup == AUTO else 0))
    out.print(
        f"\nexpected: {number(first.jobs)} jobs and {number(first.events)} events in each of {runs} runs; "
        f"about {duration(first.seconds * runs)} and {first.memory / 1e9:.1f} GB in all"
    )
    out.print(load_table(expected, spec.policy.routing in ("nearest", "random")))
    out.print(trunk_table(first))
    if spec.years is not None and spec.year is None:
        out.print(year_table(scenario))
    if spec.incidents:
        print_incidents(out, scenario)
    for line in equalised_words(scenario):
        out.print(safe(line))
    warnings = check_warnings(expected, allocations, network.devices, spec.equalise)
    for warning in [*warnings, *trace_warnings(scenario), *_of_incidents(scenario)]:
        out.print(f"[bold]warning[/bold] {safe(warning)}")


def _unmeasured(warmup: float | str) -> str:
    """The warm-up, in words."""
    if warmup == AUTO:
        return "beginning, as long as pilot runs take to settle, is"
    return f"first {duration(float(warmup))} are"


def print_trace(out: Console, trace: Trace, start: datetime | None) -> None:
    """What was read from the trace, and what became of it."""
    out.print()
    lines = trace.report.text()
    if trace.start is not None and start is None:
        lines.append(f'  note: the run has no date; clock.start: "{trace.start:%Y-%m-%d %H:%M:%S}" is where it begins')
    for line in lines:
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)


def class_table(classes: Sequence[JobClass], horizon: float) -> Table:
    """What each class asks for; classes of one name are one row."""
    made = table("class", "jobs", "devices", "work", "device time", "input")
    total = math.fsum(klass.rate * klass.device_seconds for klass in classes) or 1.0
    for name in dict.fromkeys(klass.name for klass in classes):
        mine = [klass for klass in classes if klass.name == name]
        rate = math.fsum(klass.rate for klass in mine)
        parts = [klass.rate / rate if rate else 1 / len(mine) for klass in mine]
        add(
            made,
            name,
            number(round(rate * horizon, 6)),
            number(math.fsum(part * klass.devices.mean for part, klass in zip(parts, mine, strict=True))),
            duration(math.fsum(part * klass.work.mean for part, klass in zip(parts, mine, strict=True))),
            percent(math.fsum(klass.rate * klass.device_seconds for klass in mine) / total),
            f"{math.fsum(part * klass.input for part, klass in zip(parts, mine, strict=True)) / 8e9:,.6g} GB",
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


def print_incidents(out: Console, scenario: Scenario) -> None:
    """What will happen, and when: the first few, and how many there are."""
    planned = sorted(_told(scenario), key=lambda one: one[1])
    random = any(spec.at is None for spec in scenario.spec.incidents)
    drawn = ", with the failures that the seed draws" if random else ""
    out.print(f"\n{number(len(planned))} incident{'s' if len(planned) != 1 else ''}{drawn}", style="bold")
    made = table("incident", "from", "for")
    for what, at, until in planned[:MOST_INCIDENTS]:
        add(made, what, duration(at), duration(until - at) if math.isfinite(until) else "good")
    if len(planned) > MOST_INCIDENTS:
        add(made, "...", "", "")
    out.print(made)
    if (most := scenario.peak()) is not None:
        capacity = scenario.capacity(scenario.allocations[0])
        load, usual = (
            percent(devices / capacity) if capacity else "-" for devices in (most.devices, most.usual_devices)
        )
        out.print(
            f"the surges are highest after {duration(most.at)}: {number(most.rate)} jobs/s instead of "
            f"{number(most.usual_rate)}, which ask for {load} of all devices instead of {usual}"
        )


def _told(scenario: Scenario) -> list[tuple[str, float, float]]:
    """(what, from s, until s) of everything that will happen, in order of announcement."""
    told = []
    for incident in scenario.incidents(scenario.spec.seed):
        target = incident.target if isinstance(incident.target, str) else "-".join(incident.target)
        left = f" to {percent(incident.to)}" if incident.to else ""
        told.append((incident.name or f"{incident.kind} {target}{left}", incident.at, incident.until))
    horizon = scenario.spec.clock.horizon
    return told + [(surge.what, surge.at, surge.until) for surge in scenario.surges() if surge.at < horizon]


def idle_surges(scenario: Scenario) -> list[Problem]:
    """Surges of jobs that do not exist."""
    classes = scenario.mix().classes
    return [
        Problem(
            f"{surge.what}: no job of these classes is submitted in these regions, so it changes nothing",
            "name other classes or regions; a class's own `regions` say where it is born",
        )
        for surge in scenario.surges()
        if not any(
            klass.rate_in(region) and surge.concerns(klass.name, region)
            for klass in classes
            for region in klass.regions
        )
    ]


def late_incidents(scenario: Scenario) -> list[Problem]:
    """Incidents that never happen."""
    horizon = scenario.spec.clock.horizon
    return [
        Problem(
            f"incident {index} is planned for {duration(spec.at)}, but the run ends at {duration(horizon)}",
            "let it begin earlier, or give the clock a longer horizon",
        )
        for index, spec in enumerate(scenario.spec.incidents)
        if spec.at is not None and spec.at >= horizon
    ]


def _of_incidents(scenario: Scenario) -> list[Problem]:
    return [*late_incidents(scenario), *idle_surges(scenario)]


def warnings_before(scenario: Scenario, router: Router, names: Sequence[str]) -> list[Problem]:
    """What `check` would warn of, for the allocations that are about to run."""
    if scenario.nations:
        found = unequal_nations(scenario)
        for nation in scenario.nations:
            mine = warnings_before(scenario.in_nation(nation), router, names)
            found += [replace(one, message=f"in {nation}: {one.message}") for one in mine]
        return found
    classes, seed = scenario.expected_classes(), scenario.spec.seed
    expected = {name: expect(scenario.setup(name, router, seed), classes) for name in names}
    return [
        *check_warnings(
            expected,
            {name: scenario.allocation(name) for name in names},
            scenario.network().devices,
            scenario.spec.equalise,
        ),
        *trace_warnings(scenario),
        *_of_incidents(scenario),
    ]


def trace_warnings(scenario: Scenario) -> list[Problem]:
    """Where the clock and the trace do not fit together."""
    jobs, clock = scenario.trace(), scenario.spec.clock
    if jobs is None:
        return []
    trace = jobs.trace
    if trace.every or ENOUGH * clock.horizon <= trace.length:
        return []
    return [
        Problem(
            f"the last job of the trace comes after {duration(trace.length)}, and the run lasts "
            f"{duration(clock.horizon)}",
            "shorten clock.horizon, or let the trace start anew: workload.repeat: true",
        )
    ]


def check_warnings(
    expected: dict[str, Expectation],
    allocations: dict[str, Allocation],
    devices: Mapping[str, Device],
    equalise: str = "none",
) -> list[Problem]:
    """What will go wrong, in words. equalise: as in the scenario; then totals are what they are meant to be."""
    warnings: list[Problem] = []
    for name, expectation in expected.items():
        warnings += overloaded(name, expectation)
        for klass in dict.fromkeys(misfit.klass for misfit in expectation.misfits):
            mine = [misfit for misfit in expectation.misfits if misfit.klass == klass]
            low, high = min(misfit.devices for misfit in mine), max(misfit.devices for misfit in mine)
            wanted = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            largest = max(misfit.largest for misfit in mine)
            warnings.append(
                Problem(
                    f"{name}: {percent(math.fsum(misfit.share for misfit in mine))} of the {klass} jobs want {wanted} "
                    f"devices at once, which fit nowhere (the largest pool has {largest}); they will be rejected",
                    "give a hub a larger pool of a type that they run on, or change devices or scale",
                )
            )
    return [*warnings, *(unequal_totals(allocations, devices) if equalise == "none" else ())]


def unequal_totals(allocations: dict[str, Allocation], devices: Mapping[str, Device]) -> list[Problem]:
    """Allocations that compute more or less than the first one, devices x speed, beyond what rounding explains."""
    totals, slack = {}, 0.0
    for name, allocation in allocations.items():
        speeds = {device: devices[device].speed for _, device in allocation.pools}
        totals[name] = math.fsum(count * speeds[device] for (_, device), count in allocation.pools.items())
        if len(speeds) > 1:  # a mix of types meets each hub's compute to within half a device of the fastest
            slack = max(slack, len({hub for hub, _ in allocation.pools}) * max(speeds.values()) / 2)
    first, base = next(iter(totals.items()))
    return [
        Problem(
            f"{name} computes as much as {number(round(total))} reference devices, {first} as {number(round(base))}: "
            "not the same total"
        )
        for name, total in totals.items()
        if abs(total - base) > slack + 1e-9 * base
    ]
