"""How busy the hubs are: bars over the window, and the course over time.

Hubs stand in the same order in both: by area, the area with most devices first, then by devices.
"""

from __future__ import annotations

from itertools import cycle
from typing import overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import text
from . import fonts, style, tables, timeline
from .tables import ResultTables

MOST_LINES = 6  # more hubs than this cannot be told apart as lines
NO_POOLS = "No hub has devices, so there is no utilization to show."


@overload
def utilization(result: ResultTables) -> Figure: ...
@overload
def utilization(result: ResultTables, ax: None) -> Figure: ...
@overload
def utilization(result: ResultTables, ax: Axes) -> Axes: ...
@style.styled
def utilization(result: ResultTables, ax: Axes | None = None) -> Figure | Axes:
    """How busy each hub was: over the window (bars), and beside it over time.

    Utilization is busy device-seconds over available ones, in percent. Returns a Figure of two panels; with
    `ax`, only the bars are drawn, on it, and it is returned (see `utilization_bars`,
    `utilization_over_time`).

    >>> chart = hn.plot.utilization(result)
    >>> chart.savefig("utilization.png")
    """
    if ax is not None:
        return _bars(result, style.dressed(ax))
    hubs = tables.hubs(result)
    places = rows_of(hubs)
    figure = style.figure(max(style.rows_height(len(places), 0.26), 4.8))  # room for the label of the y axis
    bars, course = figure.subplots(1, 2, width_ratios=(1, 1.25))
    style.title(figure, "How busy the hubs are", result)
    _bars(result, bars)
    style.heading(bars, "Over the window")
    _course(result, course)
    style.heading(course, "Over time")
    if len(hubs) > MOST_LINES:
        course.tick_params(axis="y", labelleft=False)
    return figure


@style.styled
def utilization_bars(result: ResultTables, ax: Axes | None = None) -> Axes:
    """Utilization of each hub over the window, in percent, one bar per hub, with its number of devices.

    Where hubs have several types of devices, a marker shows each type's own utilization.

    >>> ax = hn.plot.utilization_bars(result)
    """
    return _bars(result, style.axes(ax, style.rows_height(len(rows_of(tables.hubs(result))))))


@style.styled
def utilization_over_time(result: ResultTables, ax: Axes | None = None) -> Axes:
    """Utilization of each hub over time, in percent; the warm-up, which is not measured, is marked.

    A heat map with one row per hub; up to six hubs are drawn as lines.

    >>> ax = hn.plot.utilization_over_time(result)
    """
    return _course(result, style.axes(ax, style.rows_height(len(rows_of(tables.hubs(result))))))


def rows_of(hubs: pd.DataFrame) -> list[tuple[str, str]]:
    """The rows of a chart from top to bottom: (area, hub), and (area, "") for an area's heading."""
    rows: list[tuple[str, str]] = []
    headed = hubs["area"].nunique() > 1
    for area, members in hubs.groupby("area", sort=False):
        if headed:
            rows.append((str(area), ""))
        rows.extend((str(area), str(hub)) for hub in members.index)
    return rows


def label_rows(ax: Axes, rows: list[tuple[str, str]]) -> float:
    """Name the rows on the y axis; areas are headings in bold. Returns the font size of the rows."""
    names = [fonts.name(hub, 26) if hub else fonts.name(area or "no area", 26) for area, hub in rows]
    size = style.name_rows(ax, names, above=1.2)
    for label, (_, hub) in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_fontweight("normal" if hub else "bold")
    return size


def _bars(result: ResultTables, ax: Axes) -> Axes:
    hubs = tables.hubs(result)
    style.heading(ax, "Utilization of the hubs", result)
    if hubs.empty or not hubs["busy_device_s"].any():
        return style.sentence(ax, NO_POOLS if hubs.empty else idle(result))
    rows = rows_of(hubs)
    places = {hub: place for place, (_, hub) in enumerate(rows) if hub}
    values = hubs["utilization"].fillna(0.0)
    ax.barh(
        [places[str(hub)] for hub in hubs.index],
        values,
        height=0.74,
        color=[style.UTILIZATION(value) for value in values],
        edgecolor=style.FAINT,
        linewidth=0.6,
    )
    size = label_rows(ax, rows)
    ends, room = style.columns(ax, (44, 62))
    for place, (area, hub) in enumerate(rows):
        members = hubs.loc[[hub]] if hub else hubs[hubs["area"] == area]
        weight = "normal" if hub else "bold"
        for x, value in zip(ends, _values(members), strict=True):
            ax.text(x, place, value, ha="right", va="center", fontsize=size, fontweight=weight)
    ax.text(ends[1], -0.8, "devices", ha="right", va="center", fontsize=size, color=style.FAINT)
    style.percent_axis(ax, "utilization (% of the devices' time)", room=room)
    ax.vlines([step / 5 for step in range(1, 6)], -0.5, len(rows) - 0.4, color=style.PALE, lw=0.7, zorder=0)
    _types(result, ax, places)
    return ax


def _values(members: pd.DataFrame) -> tuple[str, str]:
    """Utilization and number of devices of some hubs together, in words."""
    capacity = float(members["capacity_device_s"].sum())
    share = float(members["busy_device_s"].sum()) / capacity if capacity > 0 else float("nan")
    return text.percent(share), text.number(float(members["devices"].sum()))


def idle(result: ResultTables) -> str:
    start, end = result.window
    return f"No device was busy between {text.seconds(start)} and {text.seconds(end)}."


def _types(result: ResultTables, ax: Axes, places: dict[str, int]) -> None:
    """Mark the utilization of each device type where a hub has several."""
    pools = result.utilization
    several = pools[pools.groupby("hub")["pool"].transform("nunique") > 1]
    handles = []
    for (kind, members), marker in zip(several.groupby("pool", sort=False), cycle(style.MARKERS), strict=False):
        (line,) = ax.plot(
            members["utilization"],
            [places[str(hub)] for hub in members["hub"]],
            ls="none",
            marker=marker,
            ms=5,
            mfc="white",
            mec=style.INK,
        )
        handles.append((line, fonts.name(kind, 20)))
    if handles:
        lines, names = zip(*handles, strict=True)
        style.legend_below(ax, lines, names, ncols=4)


def _course(result: ResultTables, ax: Axes) -> Axes:
    hubs = tables.hubs(result)
    edges, shares = tables.hub_bins(result)
    style.heading(ax, "Utilization of the hubs over time", result)
    if hubs.empty or shares.empty:
        return style.sentence(ax, NO_POOLS)
    if not result.pools["busy"].any():
        return style.sentence(ax, idle(result))
    if len(hubs) > MOST_LINES:
        paint(ax, hubs, edges, shares)
    else:
        _lines(ax, hubs, edges, shares)
    timeline.time_axis(ax, edges[0], edges[-1])
    timeline.unmeasured(ax, edges[0], edges[-1], result.window)
    return ax


def paint(ax: Axes, hubs: pd.DataFrame, edges: np.ndarray, shares: pd.DataFrame) -> None:
    """A heat map of the shares of the hubs (rows) between the edges (s), with its colour bar."""
    rows = rows_of(hubs)
    cells = shares.reindex([hub for _, hub in rows]).to_numpy(dtype=float)
    picture = ax.pcolormesh(
        edges,
        np.arange(len(rows) + 1) - 0.5,
        cells,
        cmap=style.UTILIZATION,
        vmin=style.NEXT_TO_NOTHING,
        vmax=1,
        rasterized=True,
    )
    label_rows(ax, rows)
    timeline.colour_bar(ax, picture, "busy devices (% of those in force; palest: idle)")


def _lines(ax: Axes, hubs: pd.DataFrame, edges: np.ndarray, shares: pd.DataFrame) -> None:
    names = [str(hub) for hub in hubs.index if hub in shares.index]
    handles = []
    for hub, (colour, _, _), dashes in zip(names, style.series(len(names)), style.LINES, strict=False):
        values = shares.loc[hub].to_numpy(dtype=float)
        handles += ax.plot(edges, timeline.steps(values), drawstyle="steps-post", color=colour, linestyle=dashes)
    style.percent_axis(ax, "busy devices (% of those in force)", which="y", room=0.03)
    style.grid(ax, "y")
    style.legend_below(ax, handles, [fonts.name(hub, 26) for hub in names], ncols=3)
