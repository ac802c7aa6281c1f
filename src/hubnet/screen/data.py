"""What `hubnet data` prints."""

from __future__ import annotations

import math

from rich.table import Table

from ..network.describe import Description, describe
from ..network.nation import builtin_nations, load_nation
from ..text import percent
from .accounts import figure_lines, price_table
from .tables import add, console, safe, table


def print_nations() -> None:
    """The built-in nations."""
    out = console()
    for name in builtin_nations():
        facts = describe(load_nation(name))
        out.print(
            f"[bold]{safe(name)}[/bold]  {safe(facts.title)}: {len(facts.hubs)} hubs, {facts.regions} regions, "
            f"{facts.trunks.trunks} trunks"
        )
    out.print("\nnext: hubnet data NAME", style="dim")


def print_nation(name: str) -> None:
    """One nation: hubs by area, trunks, tables with their confidence, weak spots."""
    out, nation = console(), load_nation(name)
    facts = describe(nation)
    out.print(f"[bold]{safe(facts.title or facts.name)}[/bold]")
    out.print(area_table(facts))
    out.print(nation_hubs(facts))
    trunks = facts.trunks
    lengths = f"; the longest is {safe(trunks.longest)} ({trunks.longest_km:,.0f} km)" if trunks.longest else ""
    out.print(
        f"\n{trunks.trunks} trunks from {trunks.routes} routes, {trunks.total_km:,.0f} km where a length is given, "
        f"{trunks.total_bit_s / 1e12:,.0f} Tbit/s per direction in all{lengths}"
    )
    if len(facts.mixes) > 1:
        out.print(f"mixes of its classes, for `workload.mix`: {safe(', '.join(facts.mixes))}")
    if len(facts.devices) > 1:
        out.print(device_table(facts))
    made = table("table", "rows", "sourced", "derived", "estimate", "unstated", title="")
    for entry in facts.tables:
        add(
            made,
            entry.name,
            entry.rows,
            *(entry.figures.get(kind, "") for kind in ("sourced", "derived", "estimate", "unstated")),
        )
    out.print(made)
    if any(hub.price_yuan_per_kwh is not None or hub.carbon_kg_per_kwh is not None for hub in nation.hubs):
        out.print(price_table(nation))
    if lines := figure_lines(nation):
        out.print("\n[bold]what capital, idle energy and value rest on[/bold]")
        for line in lines:
            out.print(f"- {safe(line)}")
    if facts.weak_spots:
        out.print("\n[bold]weak spots[/bold], those that move results most first")
        for what, effect, advice in facts.weak_spots:
            out.print(f"- {safe(what)}: {safe(effect)}" + (f"; {safe(advice)}" if advice else ""))
    for note in facts.notes:
        out.print(f"[bold]note[/bold] {safe(note)}")


def eflops(value: float) -> str:
    """NaN: the nation's tables do not say what its reference device can do."""
    return "-" if math.isnan(value) else f"{value:,.1f}"


def area_table(facts: Description) -> Table:
    """Compute and demand by area."""
    made = table("area", "hubs", "EFLOPS", "share of compute", "share of demand", title="")
    for area in [*facts.areas, *([facts.outside] if facts.outside else [])]:
        add(made, area.name, area.hubs, eflops(area.eflops), percent(area.share), percent(area.demand))
    return made


def device_table(facts: Description) -> Table:
    """The types of devices that a scenario may name."""
    title = "\ntypes of devices; those without a speed need one in `devices`"
    made = table("device", "kind", "speed", "TFLOPS FP16", "W", "export restricted", "confidence", title=title)
    for device in facts.devices:
        figures = (device.speed, device.tflops_fp16, device.power_w)
        cells = ("-" if figure is None else f"{figure:.4g}" for figure in figures)
        add(made, device.name, device.kind, *cells, device.export_restricted, device.confidence)
    return made


def nation_hubs(facts: Description) -> Table:
    """The hubs, largest first."""
    made = table("hub", "area", "EFLOPS", "share", "PUE", "yuan/kWh", "kg/kWh", "confidence", title="")
    for hub in facts.hubs:
        price = "-" if hub.price_yuan_per_kwh is None else f"{hub.price_yuan_per_kwh:.2f}"
        carbon = "-" if hub.carbon_kg_per_kwh is None else f"{hub.carbon_kg_per_kwh:.3f}"
        add(made, hub.name, hub.area, eflops(hub.eflops), percent(hub.share), hub.pue, price, carbon, hub.confidence)
    return made
