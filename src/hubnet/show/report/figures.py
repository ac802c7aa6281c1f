"""What the report shows of one allocation, as plain data: hubs over time, classes, trunks, accounts, incidents.

Of results the tables are needed that charts need: see `show.tables.ResultTables`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from ...text import DAY, HOUR, MINUTE
from .. import tables
from ..style import PARTS
from .atlas import atlas
from .drawing import polyline

BUSIEST = 15  # trunks in the table
MOST_REJECTIONS = 10  # kinds of them, by reason, class and region
STEPS = (
    *(MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR),
    *(DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY),
)
CHART = (840.0, 120.0)  # a hub's time
MONEY = ("energy_kwh", "cost_yuan", "capital_yuan", "value_yuan", "carbon_kg", "carbon_contract_kg")


def run_figures(result: Any) -> dict[str, Any]:
    """Everything about one run; times in s, shares of 1."""
    edges, hubs = tables.hub_columns(result)
    return {
        "name": result.allocation,
        "hours": [round(float(edge)) for edge in edges],
        "window": [float(edge) for edge in result.window],
        "map": atlas(result, trunk_columns(result, edges)),
        "ticks": ticks(float(edges[0]), float(edges[-1])),
        "hubs": _hubs(result, hubs),
        "together": polyline(_together(result, edges), *CHART),
        "classes": _classes(result),
        "trunks": _busiest(result),
        "incidents": _incidents(result),
        "accounts": {whose: _accounts(result, whose) for whose in ("hub", "class")},
        "rejections": result.rejections.head(MOST_REJECTIONS).to_dict("records"),
        "more_rejections": max(len(result.rejections) - MOST_REJECTIONS, 0),
    }


def _hubs(result: Any, columns: pd.DataFrame) -> list[dict[str, Any]]:
    """Hubs, the largest first: devices, utilization over the window, least and most of the hours, hour by hour."""
    found = []
    for name, row in tables.hubs(result).sort_values("devices", ascending=False, kind="stable").iterrows():
        week = [known(value) for value in columns.loc[str(name)]] if name in columns.index else []
        there = [value for value in week if value is not None]
        found.append(
            {
                "name": str(name),
                "area": row["area"],
                "devices": round(float(row["devices"])),
                "utilization": known(row["utilization"]),
                "least": min(there, default=None),
                "most": max(there, default=None),
                "week": percents(week),
                "path": polyline(week, *CHART),
            }
        )
    return found


def _together(result: Any, edges: np.ndarray) -> list[float | None]:
    """Utilization of all hubs together, hour by hour."""
    bins = result.pools
    if bins.empty:
        return []
    length = bins["end_s"] - bins["start_s"]
    room = np.maximum(bins["devices"], bins["busy"]) * length
    sums = pd.DataFrame({"busy": bins["busy"] * length, "room": room}).groupby(bins["start_s"]).sum().T
    own = np.append(sums.columns.to_numpy(dtype=float), float(bins["end_s"].max()))
    busy, room = tables.rebinned(sums, own, edges)
    return [known(value) for value in tables.ratio(pd.Series(busy), pd.Series(room))]


def ticks(start: float, end: float) -> list[dict[str, Any]]:
    """Marks of a time axis, eight at most: at (percent of the way) and word, the day or the time of day."""
    step = next((step for step in STEPS if end - start <= 8 * step), (end - start) or 1.0)
    marks = np.arange(math.ceil(start / step) * step, end - 0.4 * step, step)
    return [
        {"at": round(100 * (mark - start) / (end - start), 2), "word": clock(mark).split(", ")[step < DAY]}
        for mark in map(float, marks)
    ]


def clock(time: float) -> str:
    """A time of a run: day (from 1), hour and minute."""
    minutes = round(time / 60)
    return f"day {minutes // 1440 + 1}, {minutes // 60 % 24:02d}:{minutes % 60:02d}"


def trunk_columns(result: Any, edges: np.ndarray) -> dict[str, list[int]]:
    """For every trunk and hour the higher use of its two directions at its highest, in percent; -1 while it was
    down."""
    bins = result.trunks
    if bins.empty:
        return {}
    middle = (bins["start_s"] + bins["end_s"]) / 2
    hour = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2)
    use = bins["use"].where(bins["up"] > 0)
    highest = use.groupby([bins["trunk"], hour]).max().unstack()
    highest = highest.reindex(columns=range(len(edges) - 1))
    rows = zip(highest.index, highest.to_numpy(), strict=True)
    return {str(name): percents([known(value) for value in row]) for name, row in rows}


def _busiest(result: Any) -> list[dict[str, Any]]:
    rows = tables.trunk_uses(result).head(BUSIEST)
    return [
        {"trunk": row["trunk"], "from": row["from"], "to": row["to"], "use": known(row["use"]), "bits": row["bits"]}
        for row in rows.to_dict("records")
    ]


def _classes(result: Any) -> list[dict[str, Any]]:
    """Classes with jobs, the longest mean response first, with the parts that it is made of; last those of which none
    has finished."""
    rows = result.classes[result.classes["submitted"] > 0]
    rows = rows.sort_values("response_mean_s", ascending=False, kind="stable")
    found = []
    for row in rows.to_dict("records"):
        whole = row["response_mean_s"] or 1.0
        parts = [
            {"part": part, "s": row[f"{part}_mean_s"], "share": row[f"{part}_mean_s"] / whole, "colour": colour}
            for part, (colour, _) in PARTS.items()
        ]
        found.append(
            {
                "class": row["class"],
                "jobs": int(row["submitted"]),
                "mean": row["response_mean_s"],
                "median": row["response_p50_s"],
                "p95": row["response_p95_s"],
                "deadline_met": known(row["deadline_met"]),
                "parts": [part for part in parts if part["share"] > 0],
            }
        )
    return found


def _incidents(result: Any) -> list[dict[str, Any]]:
    return [
        {
            "what": row["what"],
            "kind": row["kind"],
            "target": row["target"],
            "hub": row["hub"] if isinstance(row["hub"], str) else None,
            "left": float(row["factor"]),
            "at": float(row["at_s"]),
            "end": known(row["end_s"]),
            "displaced": int(row["jobs_displaced"]),
            "lost_h": float(row["work_lost_device_s"]) / 3600,
            "moved": int(row["flows_moved"]),
            "stalled": int(row["flows_stalled"]),
        }
        for row in result.incidents.to_dict("records")
    ]


def _accounts(result: Any, whose: str) -> list[dict[str, Any]]:
    """Energy, money and CO2 by hub or by class, as far as they are known, and their sums; what no class used goes by
    what became of it: idle, or stopped."""
    rows = result.accounts
    wanted = [name for name in MONEY if name in rows and rows[name].notna().any()]
    if rows.empty or not wanted:
        return []
    keys = rows["hub"] if whose == "hub" else rows["class"].where(rows["part"] == "class", rows["part"])
    sums = (
        rows.groupby(keys, sort=False)[wanted].sum(min_count=1).sort_values(wanted[0], ascending=False, kind="stable")
    )
    found = [{"whose": str(key), **{name: float(row[name]) for name in wanted}} for key, row in sums.iterrows()]
    return [*found, {"whose": "together", **{name: float(sums[name].sum(min_count=1)) for name in wanted}}]


def percents(values: list[float | None]) -> list[int]:
    """Shares as whole percents, -1 where unknown: short, for the replay."""
    return [-1 if value is None else round(100 * value) for value in values]


def known(value: Any) -> float | None:
    """A number, or None where it is not finite."""
    return None if value is None or not np.isfinite(value) else float(value)
