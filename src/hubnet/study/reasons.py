"""Why nations differ, in words: rows and sentences for people of what `hubnet.study.nations` reckons."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..text import energy, mass, money, number
from .nations import FACTORS, ratios

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


def reason_rows(found: pd.DataFrame) -> list[tuple[str, ...]]:
    """What it is, and how much in each nation: the figures whose products the costs are. found: as of `by_nation`."""
    rows = [(words, *(_known(form, value) for value in found[column])) for column, (words, form) in REASONS.items()]
    if (found["currency"] != "").any():
        local = zip(found["cost_local"], found["currency"], strict=True)
        sums = (f"{number(cost)} {unit}" if unit and not math.isnan(cost) else "-" for cost, unit in local)
        rows.append(("electricity, in its own money", *sums))
    return rows


def reason_lines(found: pd.DataFrame) -> list[str]:
    """By which factor each nation differs from the first one, and of what this factor is the product."""
    lines = []
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


def money_notes(results: Mapping[str, Sequence[Any]]) -> list[str]:
    """At which rates money became yuan."""
    told = {}
    for runs in results.values():
        where: Mapping[str, str] = runs[0].nation
        if where.get("currency"):
            basis = f"{where['rate_confidence'] or 'no confidence is given'}: {where['rate_source']}"
            told[where["nation"]] = (
                f"{where['nation']}: {where['currency']} became yuan at {where['yuan_per_unit']} ({basis}); another "
                "rate scales its costs in yuan in proportion."
            )
    return list(told.values())


def _known(form: Callable[[float], str], value: float) -> str:
    return "-" if math.isnan(value) else form(value)
