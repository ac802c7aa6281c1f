"""What `hubnet run` and `hubnet check` print of a study of nations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from rich.table import Table

from ..errors import Problem
from ..loading import Scenario
from ..network.equalise import total
from ..study.nations import FACTORS, ratios
from ..study.study import Study
from ..text import energy, mass, money, number, percent
from .tables import add, table

ROUGHLY = 0.01  # capacities that differ by no more are equal, for a warning
WORDS = {"yuan_per_eflop_h": "electricity", "kg_per_eflop_h": "CO2, by the grid,"}
REASONS: dict[str, tuple[str, Callable[[float], str]]] = {
    "work_eflop_h": ("work done", lambda value: f"{number(value)} EFLOP-hours"),
    "kwh_per_eflop_h": ("devices' energy per EFLOP-hour", energy),
    "pue": ("PUE where the work went", "{:.3f}".format),
    "yuan_per_kwh": ("price where the work went", "{:.3f} yuan/kWh".format),
    "kg_per_kwh": ("CO2 where the work went", "{:.3f} kg/kWh".format),
    "yuan_per_eflop_h": ("electricity per EFLOP-hour", money),
    "kg_per_eflop_h": ("CO2 per EFLOP-hour", mass),
}


def reason_table(study: Study) -> Table:
    """Why the nations differ: what the costs are products of."""
    found = study.nations.set_index("run")
    made = table("why: cost and CO2 are products of these", *found.index)
    for column, (words, form) in REASONS.items():
        add(made, words, *(_known(form, value) for value in found[column]))
    if (found["currency"] != "").any():
        local = zip(found["cost_local"], found["currency"], strict=True)
        sums = [f"{number(cost)} {unit}" if unit and not math.isnan(cost) else "-" for cost, unit in local]
        add(made, "electricity, in its own money", *sums)
    return made


def reason_lines(study: Study) -> list[str]:
    """By which factor each nation differs from the first one, and of what this factor is the product."""
    found, lines = study.nations, []
    for of in FACTORS:
        rows = ratios(found, of)
        for _, row in rows.iloc[1:].iterrows():
            if math.isnan(row[of]):
                continue
            parts = " x ".join(f"{row[factor]:.3f} ({REASONS[factor][0]})" for factor in FACTORS[of])
            lines.append(
                f"{row['run']} against {rows['run'].iloc[0]}: {WORDS[of]} per EFLOP-hour x {row[of]:.3f} = {parts}"
            )
    return lines


def money_notes(study: Study) -> list[str]:
    """At which rates money became yuan."""
    told = {}
    for runs in study.results.values():
        where: Mapping[str, str] = runs[0].nation
        if where.get("currency"):
            basis = f"{where['rate_confidence'] or 'no confidence is given'}: {where['rate_source']}"
            told[where["nation"]] = (
                f"{where['nation']}: {where['currency']} became yuan at {where['yuan_per_unit']} ({basis}); another "
                "rate scales its costs in yuan in proportion."
            )
    return list(told.values())


def demand_table(scenario: Scenario) -> Table:
    """What each nation brings to the study, before anything is run."""
    title = "\nthe nations, in the first allocation; jobs and device time asked for are the same in all"
    made = table("", *scenario.nations, title=title)
    each = [scenario.in_nation(name) for name in scenario.nations]
    first = scenario.allocations[0]
    counts = [sum(one.allocation(first).pools.values()) for one in each]
    add(made, "regions", *(len(one.network().regions) for one in each))
    add(made, "hubs", *(len(one.network().hubs) for one in each))
    add(made, "devices", *(number(count) for count in counts))
    add(made, "EFLOPS", *(_eflops(one, first) for one in each))
    add(made, "jobs per second", *(number(math.fsum(k.rate for k in one.mix().classes)) for one in each))
    add(made, "load", *(percent(_load(one, first)) for one in each))
    return made


def unequal_nations(scenario: Scenario) -> list[Problem]:
    """Nations that compute more or less than the first one by more than rounding explains, if they are not meant to be
    equal."""
    if scenario.spec.equalise != "none":
        return []
    each = {name: scenario.in_nation(name).capacity(scenario.allocations[0]) for name in scenario.nations}
    first, base = next(iter(each.items()))
    return [
        Problem(
            f"{name} computes as much as {number(round(one))} reference devices, {first} as {number(round(base))}, and "
            "both get the same jobs",
            'add "equalise: eflops" to compare them at the same compute',
        )
        for name, one in each.items()
        if abs(one - base) > ROUGHLY * base
    ]


def _eflops(scenario: Scenario, allocation: str) -> str:
    devices, here = scenario.network().devices, scenario.allocation(allocation)
    known = all(devices[kind].tflops_fp16 for (_, kind), count in here.pools.items() if count)
    return number(total(here, "eflops", devices) / 1e6) if known else "-"


def _load(scenario: Scenario, allocation: str) -> float:
    from ..yearly import offered_load

    return offered_load(scenario, allocation)


def _known(form: Callable[[float], str], value: float) -> str:
    return "-" if math.isnan(value) else form(value)
