"""What `hubnet run` and `hubnet check` print of a study of nations."""

from __future__ import annotations

import math

from rich.table import Table

from ..errors import Problem
from ..loading import Scenario
from ..network.equalise import total
from ..study.reasons import reason_rows
from ..study.study import Study
from ..text import number, percent
from .tables import add, table

ROUGHLY = 0.01  # capacities that differ by no more are equal, for a warning


def reason_table(study: Study) -> Table:
    """Why the nations differ: what the costs are products of."""
    made = table("why: cost and CO2 are products of these", *study.results)
    for row in reason_rows(study.nations):
        add(made, *row)
    return made


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
