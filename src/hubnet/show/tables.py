"""What the charts need of a result, and the few sums over its tables that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import networkx as nx
import numpy as np
import pandas as pd

from .. import text

MOST_COLUMNS = 400  # of a heat map; more than this cannot be seen


class NetworkGraph(Protocol):
    """The part of a Network that charts use: its graph."""

    @property
    def graph(self) -> nx.Graph: ...


class ResultTables(Protocol):
    """The part of a Result that charts use. Tables and their columns are those of `hubnet.study`."""

    @property
    def name(self) -> str: ...
    @property
    def allocation(self) -> str: ...
    @property
    def nation(self) -> dict[str, str]: ...
    @property
    def window(self) -> tuple[float, float]: ...
    @property
    def reserve(self) -> float: ...
    @property
    def scale(self) -> float: ...
    @property
    def network(self) -> NetworkGraph: ...
    @property
    def utilization(self) -> pd.DataFrame: ...
    @property
    def pools(self) -> pd.DataFrame: ...
    @property
    def trunks(self) -> pd.DataFrame: ...
    @property
    def classes(self) -> pd.DataFrame: ...
    @property
    def widths(self) -> pd.DataFrame: ...
    @property
    def demand(self) -> pd.DataFrame: ...
    @property
    def incidents(self) -> pd.DataFrame: ...
    @property
    def transfers(self) -> pd.DataFrame: ...
    @property
    def accounts(self) -> pd.DataFrame: ...


class StudyTables(Protocol):
    """The part of a Study that charts use."""

    @property
    def results(self) -> Mapping[str, Sequence[ResultTables]]: ...
    def summary(self) -> dict[str, Any]: ...


def hubs(result: ResultTables) -> pd.DataFrame:
    """One row per hub (the index) that has pools: area ("" if unknown), devices, busy_device_s,
    capacity_device_s and utilization (a share; NaN without capacity), over the window.

    Sorted by area, the area with most devices first, then by devices, most first.
    """
    sums = result.utilization.groupby("hub", sort=False)[["devices", "busy_device_s", "capacity_device_s"]].sum()
    nodes = result.network.graph.nodes
    sums["area"] = [str(nodes[hub].get("area") or "") if hub in nodes else "" for hub in sums.index]
    sums["utilization"] = ratio(sums["busy_device_s"], sums["capacity_device_s"])
    sums["area_devices"] = sums.groupby("area")["devices"].transform("sum")
    order = sums.reset_index().sort_values(
        ["area_devices", "area", "devices", "hub"], ascending=[False, True, False, True], kind="stable"
    )
    return order.set_index("hub").drop(columns="area_devices")


def hub_columns(result: ResultTables) -> tuple[np.ndarray, pd.DataFrame]:
    """Like `hub_bins`, by hour instead of by bin: see `columns_of_time`."""
    bins = result.pools
    if bins.empty:
        return np.array(result.window, dtype=float), pd.DataFrame()
    length = bins["end_s"] - bins["start_s"]
    spent = bins.assign(busy=bins["busy"] * length, room=np.maximum(bins["devices"], bins["busy"]) * length)
    sums = spent.groupby(["hub", "start_s"])[["busy", "room"]].sum()
    busy, room = (sums[name].unstack("start_s") for name in ("busy", "room"))
    edges = np.append(busy.columns.to_numpy(dtype=float), float(bins["end_s"].max()))
    columns = columns_of_time(edges)
    busy, room = (pd.DataFrame(rebinned(each, edges, columns), each.index, columns[:-1]) for each in (busy, room))
    return columns, busy / room.where(room > 0)


def columns_of_time(edges: np.ndarray) -> np.ndarray:
    """The edges of columns of an hour each, from the first to the last of `edges` (s).

    Of several hours if there would be more columns than can be seen, and the bins as they are in a run of less than
    half a day; the last column ends with the run.
    """
    start, end = float(edges[0]), float(edges[-1])
    if end - start < 12 * text.HOUR:
        return edges
    most = MOST_COLUMNS * text.HOUR
    wide = next(hours for hours in (1, 2, 3, 6, 12, *(24 * 2**k for k in range(40))) if end - start <= most * hours)
    width = max(wide * text.HOUR, float(np.diff(edges[:2])[0]))
    return np.append(np.arange(start, end - 1e-6 * width, width), end)


def rebinned(totals: pd.DataFrame, edges: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What totals by row and bin, between `edges`, are between `columns`: a bin that a column cuts is divided in
    proportion to time."""
    upto = np.hstack([np.zeros((len(totals), 1)), totals.fillna(0.0).to_numpy(dtype=float).cumsum(axis=1)])
    return np.diff([np.interp(columns, edges, row) for row in upto], axis=1)


def demand_columns(result: ResultTables) -> tuple[np.ndarray, pd.DataFrame]:
    """Devices asked for by class (rows) and hour (columns, see `columns_of_time`), and the edges of the columns in s:
    the mean number that would be busy if every job ran from its submission."""
    bins = result.demand
    if bins.empty:
        return np.array(result.window, dtype=float), pd.DataFrame()
    spent = bins.assign(busy=bins["devices"] * (bins["end_s"] - bins["start_s"]))
    sums = spent.pivot_table(index="class", columns="start_s", values="busy", aggfunc="sum", sort=False)
    sums = sums.sort_index(axis=1)
    edges = np.append(sums.columns.to_numpy(dtype=float), float(bins["end_s"].max()))
    columns = columns_of_time(edges)
    return columns, pd.DataFrame(rebinned(sums, edges, columns) / np.diff(columns), sums.index, columns[:-1])


def hub_bins(result: ResultTables) -> tuple[np.ndarray, pd.DataFrame]:
    """Utilization by hub (rows) and time bin (columns, by start in s), and the edges of the bins in s.

    A hub's utilization in a bin is busy devices / max(devices in force, busy), summed over its pools.
    """
    bins = result.pools
    if bins.empty:
        return np.array(result.window, dtype=float), pd.DataFrame()
    counts = bins.assign(room=np.maximum(bins["devices"], bins["busy"]))
    sums = counts.groupby(["hub", "start_s"])[["busy", "room"]].sum()
    shares = ratio(sums["busy"], sums["room"]).unstack("start_s")
    edges = np.append(shares.columns.to_numpy(dtype=float), float(bins["end_s"].max()))
    return edges, shares


def trunk_uses(result: ResultTables, span: tuple[float, float] | None = None) -> pd.DataFrame:
    """One row per trunk and direction: trunk, from, to, use (a share; NaN if the trunk was down throughout) and
    bits (carried), over `span` (s, by default the window); the busiest first.

    Use is bits over the capacity that was in force, less the background; so a bin counts by its seconds inside the
    span times the share of the capacity that was in force.
    """
    start, end = span or result.window
    bins = result.trunks
    inside = (bins["end_s"].clip(upper=end) - bins["start_s"].clip(lower=start)).clip(lower=0)
    room = (inside * bins["up"]).where(bins["use"].notna(), 0.0)
    parts = bins.assign(
        room=room,
        use=bins["use"].fillna(0.0) * room,
        bits=bins["bits"] * ratio(inside, bins["end_s"] - bins["start_s"]),
    )
    sums = parts.groupby(["trunk", "from", "to"], sort=False)[["use", "bits", "room"]].sum().reset_index()
    sums["use"] = ratio(sums["use"], sums["room"])
    order = sums.sort_values(["use", "bits", "trunk"], ascending=[False, False, True], kind="stable")
    return order.drop(columns="room").reset_index(drop=True)


def trunk_bins(result: ResultTables) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """The edges of the time bins in s, and two tables by direction (rows: trunk, from, to) and bin (columns, by start
    in s): use, NaN where the trunk was down, and the share of the capacity that was in force."""
    bins = result.trunks
    if bins.empty:
        return np.array(result.window, dtype=float), pd.DataFrame(), pd.DataFrame()
    cells = bins.set_index(["trunk", "from", "to", "start_s"])
    uses, up = cells["use"].unstack("start_s"), cells["up"].unstack("start_s")
    edges = np.append(uses.columns.to_numpy(dtype=float), float(bins["end_s"].max()))
    return edges, uses, up


def ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    """above / below, NaN where below is 0."""
    return above.astype(float) / below.astype(float).where(below > 0)
