"""What the report shows of one allocation, as plain data: the map and its replay, hubs over time, classes, trunks.

Of results the tables are needed that charts need: see `show.tables.ResultTables`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..style import PARTS
from .drawing import frame_of, graticule, great_circle, line, locations, polyline

BUSIEST = 20  # trunks in the table
CHART = (840.0, 120.0)  # a hub's week


def run_figures(result: Any) -> dict[str, Any]:
    """Everything about the first run of an allocation; times in s, shares of 1."""
    edges, hubs = tables.hub_columns(result)
    trunks = _trunk_columns(result, edges)
    return {
        "name": result.allocation,
        "hours": [round(float(edge)) for edge in edges],
        "window": [float(edge) for edge in result.window],
        "map": _map(result, hubs, trunks),
        "hubs": _hubs(result, hubs),
        "classes": _classes(result),
        "trunks": _busiest(result),
        "incidents": _incidents(result),
        "accounts": _accounts(result),
        "rejections": result.rejections.head(10).to_dict("records"),
    }


def _map(result: Any, hubs: pd.DataFrame, trunks: dict[str, list[float | None]]) -> dict[str, Any] | None:
    """Where everything is; None without coordinates."""
    graph, places = result.network.graph, locations(result.network.graph)
    if not places:
        return None
    frame = frame_of(list(places.values()))
    devices = result.utilization.groupby("hub")["devices"].sum()
    most = max(float(devices.max()), 1.0) if len(devices) else 1.0
    nodes = []
    for name, (lat, lon) in places.items():
        x, y = frame.at(lat, lon)
        held = float(devices.get(name, 0.0))
        role = "hub" if held else "region" if graph.nodes[name].get("region") else "exchange"
        radius = round(5 + 16 * (held / most) ** 0.5, 1) if held else 3
        nodes.append({"name": name, "x": x, "y": y, "r": radius, "role": role, "devices": round(held)})
    drawn = []
    for a, b, data in graph.edges(data=True):
        if a in places and b in places:
            name = str(data.get("name") or f"{a}-{b}")
            path = line(frame, great_circle(places[a], places[b]))
            drawn.append({"name": name, "a": a, "b": b, "d": path, "use": _percents(trunks.get(name, []))})
    nodes.sort(key=lambda node: (node["role"] == "hub", -float(node["r"])))
    return {"height": frame.height, "lines": graticule(frame), "nodes": nodes, "trunks": drawn}


def _hubs(result: Any, columns: pd.DataFrame) -> list[dict[str, Any]]:
    """Hubs, the largest first: devices, utilization over the window, and hour by hour."""
    found = []
    for name, row in tables.hubs(result).sort_values("devices", ascending=False, kind="stable").iterrows():
        week = [_known(value) for value in columns.loc[str(name)]] if name in columns.index else []
        found.append(
            {
                "name": str(name),
                "area": row["area"],
                "devices": round(float(row["devices"])),
                "utilization": _known(row["utilization"]),
                "week": _percents(week),
                "path": polyline(week, *CHART),
            }
        )
    return found


def _trunk_columns(result: Any, edges: np.ndarray) -> dict[str, list[float | None]]:
    """For every trunk and hour the higher use of its two directions at its highest; None while it was down."""
    bins = result.trunks
    if bins.empty:
        return {}
    middle = (bins["start_s"] + bins["end_s"]) / 2
    hour = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2)
    use = bins["use"].where(bins["up"] > 0)
    highest = use.groupby([bins["trunk"], hour]).max().unstack()
    highest = highest.reindex(columns=range(len(edges) - 1))
    rows = zip(highest.index, highest.to_numpy(), strict=True)
    return {str(name): [_known(value) for value in row] for name, row in rows}


def _busiest(result: Any) -> list[dict[str, Any]]:
    rows = tables.trunk_uses(result).head(BUSIEST)
    return [
        {"trunk": row["trunk"], "from": row["from"], "to": row["to"], "use": _known(row["use"]), "bits": row["bits"]}
        for row in rows.to_dict("records")
    ]


def _classes(result: Any) -> list[dict[str, Any]]:
    """Classes with jobs, the longest mean response first, with the parts that it is made of."""
    rows = result.classes[result.classes["finished"] > 0].sort_values("response_mean_s", ascending=False, kind="stable")
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
                "deadline_met": _known(row["deadline_met"]),
                "parts": [part for part in parts if part["share"] > 0],
            }
        )
    return found


def _incidents(result: Any) -> list[dict[str, Any]]:
    return [
        {
            "what": row["what"],
            "target": row["target"],
            "at": float(row["at_s"]),
            "end": _known(row["end_s"]),
            "displaced": int(row["jobs_displaced"]),
            "moved": int(row["flows_moved"]),
            "stalled": int(row["flows_stalled"]),
        }
        for row in result.incidents.to_dict("records")
    ]


def _accounts(result: Any) -> list[dict[str, Any]]:
    """Energy, money and CO2 per hub, where they are known."""
    rows = result.accounts
    wanted = [name for name in ("energy_kwh", "cost_yuan", "carbon_kg") if name in rows and rows[name].notna().any()]
    if rows.empty or not wanted:
        return []
    sums = rows.groupby("hub", sort=False)[wanted].sum().sort_values(wanted[0], ascending=False, kind="stable")
    return [{"hub": str(hub), **{name: float(row[name]) for name in wanted}} for hub, row in sums.iterrows()]


def _percents(values: list[float | None]) -> list[int]:
    """Shares as whole percents, -1 where unknown: short, for the replay."""
    return [-1 if value is None else round(100 * value) for value in values]


def _known(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
