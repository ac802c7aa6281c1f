"""A study of nations: what the same demand takes in each, and why.

Electricity is reckoned as devices' energy x PUE x price, and CO2 as devices' energy x PUE x carbon intensity, hub by
hub. With E the energy of the devices alone and W the work done, in EFLOP-hours (`accounts.eflop_hours`), summed over
all hubs,

    PUE = energy / E        price = cost / energy        carbon intensity = CO2 / energy

are means weighted by energy: of the hubs to which the work went, not of all that there are. So

    cost / W = E / W x PUE x price        CO2 / W = E / W x PUE x carbon intensity

and between two nations the ratio of the costs is exactly the product of the ratios of the factors. Costs are put over
the work because the nations' jobs are drawn apart: a few large ones more, or still open at the end, are no difference
between nations. E / W also holds what idle devices take.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from .measures import t_interval

MEASURES = {  # column -> path of the measure in the summary
    "jobs": ("jobs", "submitted"),
    "one_way_ms": ("one_way_ms", "mean"),
    "response_s": ("response_s", "mean"),
    "deadline_met": ("deadline_met",),
    "utilization": ("utilization", "mean"),
    "energy_kwh": ("energy_kwh",),
    "cost_yuan": ("cost_yuan",),
    "carbon_kg": ("carbon_kg",),
    "capital_yuan": ("capital_yuan",),
}
FACTORS = {  # what is compared -> the factors that it is the product of
    "yuan_per_eflop_h": ("kwh_per_eflop_h", "pue", "yuan_per_kwh"),
    "kg_per_eflop_h": ("kwh_per_eflop_h", "pue", "kg_per_kwh"),
}
REASONS = ("work_eflop_h", "kwh_per_eflop_h", "pue", "yuan_per_kwh", "kg_per_kwh")
COLUMNS = (*MEASURES, *REASONS, *FACTORS)


def figures(result: Any) -> dict[str, float]:
    """The columns of `COLUMNS` for one run; NaN where a measure is of nothing, or cannot be reckoned."""
    measures = result.measures
    found = {}
    for name, path in MEASURES.items():
        one = measures.get(path)
        found[name] = math.nan if one is None or one.value is None else float(one.value)
    energy, devices = found["energy_kwh"], device_energy(result)
    each = measures.get(("accounts", "per_eflop_hour", "energy_kwh"))
    work = energy / each.value if each is not None and each.value else math.nan
    found["work_eflop_h"] = work
    for name, part, whole in (
        ("kwh_per_eflop_h", devices, work),
        ("pue", energy, devices),
        ("yuan_per_kwh", found["cost_yuan"], energy),
        ("kg_per_kwh", found["carbon_kg"], energy),
        ("yuan_per_eflop_h", found["cost_yuan"], work),
        ("kg_per_eflop_h", found["carbon_kg"], work),
    ):
        found[name] = part / whole if whole > 0 else math.nan
    return found


def device_energy(result: Any) -> float:
    """kWh of the devices alone, without cooling and the rest that the PUE stands for; NaN if it cannot be reckoned."""
    table, nodes = result.accounts, result.network.graph.nodes
    pues = [float(nodes[hub].get("pue", 1.0)) for hub in table["hub"]]
    return math.fsum(energy / pue for energy, pue in zip(table["energy_kwh"], pues, strict=True)) if pues else math.nan


def by_nation(results: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """One row per run of a study of nations: run (its name), nation, and in the mean over the replications jobs
    (submitted), one_way_ms, response_s, deadline_met, utilization, energy_kwh, cost_yuan (electricity), carbon_kg (by
    the grid), capital_yuan, and the columns of REASONS and FACTORS (see above; kwh_per_eflop_h: of the devices alone);
    currency (what the money was before it became yuan, "" = yuan), yuan_per_unit, and cost_local: the electricity in
    that currency. NaN: it cannot be reckoned."""
    rows = []
    for name, runs in results.items():
        if not runs[0].nation:
            continue
        samples = [figures(run) for run in runs]
        means = {column: t_interval([sample[column] for sample in samples])[0] for column in COLUMNS}
        rate = float(runs[0].nation.get("yuan_per_unit", 1.0))
        money = {"currency": runs[0].nation.get("currency", ""), "yuan_per_unit": rate}
        local = {"cost_local": means["cost_yuan"] / rate}
        rows.append({"run": name, "nation": runs[0].nation["nation"]} | means | money | local)
    return pd.DataFrame(rows, columns=["run", "nation", *COLUMNS, "currency", "yuan_per_unit", "cost_local"])


def usual_measure(results: Mapping[str, Sequence[Any]], otherwise: str) -> str:
    """What runs are compared by unless told: those in several nations by the cost of their work, where it is known."""
    path = ("accounts", "per_eflop_hour", "cost_yuan")
    found = [one.measures.get(path) for runs in results.values() for one in runs]
    known = all(one is not None and one.value is not None for one in found)
    return ".".join(path) if several(results) and known else otherwise


def several(results: Mapping[str, Sequence[Any]]) -> bool:
    """Are there runs in more than one nation?"""
    return len({runs[0].nation.get("nation", "") for runs in results.values()}) > 1


def ratios(table: pd.DataFrame, of: str) -> pd.DataFrame:
    """Why runs differ: for each row of `by_nation` the ratios to the first row, of `of` (a key of FACTORS) and of its
    factors, whose product it is."""
    columns = [of, *FACTORS[of]]
    made = table[columns] / table[columns].iloc[0]
    made.insert(0, "run", table["run"])
    return made
