"""What happened, and how the network took it: incidents over time, with the trunks, devices and queues that they moved.

The panels share the axis of time; what has nothing to say is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .. import text
from . import fibre, fonts, harm, ledger, strip, style, tables, timeline
from .tables import ResultTables

WHAT = "What happened, and how the network took it"
MOST_SHOWN = 8  # incidents with a name, a shade and a row of the table
MOST_LINES = 6  # trunks
MOST_HUBS = 3
LEFT, RIGHT, TOP, BOTTOM = 0.95, 2.8, 0.9, 0.35  # margins in inches; the keys stand at the right
ACROSS = style.WIDTH - LEFT - RIGHT  # inches of the axis of time
HIT = ("#8c0d25", "#e8590c", "#f4a582")  # dark to light
GAP, AXIS = 0.42, 0.62  # inches above each panel, for its title, and below the last one, for the axis of time


@dataclass(frozen=True)
class Panel:
    """One of the charts over time: its title, its height in inches, and how it is drawn."""

    title: str
    height: float
    draw: Callable[[Axes], None]


@style.styled
def incidents(result: ResultTables) -> Figure:
    """What happened in a run, and how the network took it, from the warm-up to the end.

    At the top each incident and how long it was in force, shaded through the panels below: use of the trunks that were
    hit and of those that took over (%), devices in force and busy at the hubs that were hit (with a surge, at all
    hubs), jobs that wait and transfers that stand still. Under them a table of the incidents that
    did most harm (see `result.incidents`).

    >>> chart = hn.plot.incidents(result)
    >>> chart.savefig("incidents.png")
    """
    every = harm.ranked(result)
    if every.empty:
        ax = style.axes(None, 3.2)
        style.heading(ax, WHAT, result)
        style.sentence(ax, "There were no incidents in this run.")
        return ax.figure  # type: ignore[return-value]
    start, end = _axis(result)
    shown = every.head(MOST_SHOWN)
    panels = _panels(result, shown, end)
    lanes = strip.lay_out(shown, len(every), start, end, ACROSS)
    below = ledger.height(len(shown), more=len(every) > len(shown))
    figure, axes, table = _sheet([lanes.height, *(panel.height for panel in panels)], below)
    style.title(figure, WHAT, result)
    strip.draw(axes[0], lanes, every)
    for ax, panel in zip(axes[1:], panels, strict=True):
        panel.draw(ax)
        style.heading(ax, panel.title)
        style.grid(ax, "y")
        timeline.shade(ax, shown, end)
        timeline.unmeasured(ax, start, end, result.window, named=panel is panels[0])
    for ax in axes:
        timeline.time_axis(ax, start, end)
    for ax in axes[:-1]:
        ax.tick_params(axis="x", labelbottom=False)
        ax.set_xlabel("")
    ledger.draw(table, shown, every)
    return figure


def _sheet(heights: Sequence[float], below: float) -> tuple[Figure, list[Axes], Axes]:
    """A figure with Axes of `heights` inches under each other, and one for a table of `below` inches under them.

    Not laid out by an engine: the strip and the table place their words by inches.
    """
    whole = TOP + sum(heights) + GAP * (len(heights) - 1) + AXIS + below + BOTTOM
    figure = style.figure(whole, layout=None)
    axes: list[Axes] = []
    top = whole - TOP
    for high in heights:
        where = LEFT / style.WIDTH, (top - high) / whole, ACROSS / style.WIDTH, high / whole
        axes.append(figure.add_axes(where))
        top -= high + GAP
    return figure, axes, figure.add_axes((0.012, BOTTOM / whole, 0.976, below / whole))


def _axis(result: ResultTables) -> tuple[float, float]:
    """The time that the bins cover, in s; never empty."""
    bins = result.transfers
    start, end = result.window if bins.empty else (float(bins["start_s"].min()), float(bins["end_s"].max()))
    return start, end if end > start else start + 1.0


def _panels(result: ResultTables, shown: pd.DataFrame, end: float) -> list[Panel]:
    """The panels that have something to say."""
    found = [*_trunk_panels(result, shown, end), *_hub_panels(result, shown), *_surge_panels(result, shown, end)]
    waiting = result.pools.groupby("start_s")["waiting"].sum()
    stalled = result.transfers.set_index("start_s")["stalled"]
    for title, values, label in (
        ("Jobs that wait, at all hubs", waiting, "jobs"),
        ("Transfers that stand still for want of a path", stalled, "transfers"),
    ):
        if (values > 0).any():
            found.append(Panel(title, 1.0, _filled(values, label, end)))
    return found


def _filled(values: pd.Series, label: str, end: float) -> Callable[[Axes], None]:
    """How a count over time is drawn; values: one per bin, by its start in s."""

    def draw(ax: Axes) -> None:
        edges = np.append(values.index.to_numpy(dtype=float), end)
        ax.fill_between(edges, timeline.steps(values.to_numpy(dtype=float)), step="post", color="#5b8db8", linewidth=0)
        _count_axis(ax, label)

    return draw


def _count_axis(ax: Axes, label: str) -> None:
    ax.set_ylim(0, 1.08 * ax.dataLim.ymax)
    ax.set_ylabel(label)
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text.number(value)))


def _trunk_panels(result: ResultTables, shown: pd.DataFrame, end: float) -> list[Panel]:
    hit, takers = harm.followed(result, shown, end, MOST_LINES)
    edges, uses, _ = tables.trunk_bins(result)
    most = float(np.nanmax(uses.loc[[*hit, *takers]].to_numpy(dtype=float), initial=0.0)) if hit else 0.0
    if most <= 0:
        return []
    top = text.round_above(most)

    def draw(ax: Axes) -> None:
        handles: list[Artist] = [Line2D([], [], ls="none")]
        words = ["hit (a gap: down):"]
        for number, found in enumerate([*hit, *takers]):
            if number == len(hit):
                handles.append(Line2D([], [], ls="none"))
                words.append("took over:")
            look = _hit_look(number) if number < len(hit) else _taker_look(number - len(hit), len(takers))
            values = timeline.steps(uses.loc[[found]].iloc[0].to_numpy(dtype=float))
            handles += ax.plot(edges, values, drawstyle="steps-post", **look)
            words.append(fibre.direction(*found, 15))
        style.percent_axis(ax, "use (%)", top, which="y", room=0.05)
        _key(ax, handles, words)

    return [Panel("Use of the trunks that were hit, and of those that took over", 2.0, draw)]


def _hit_look(number: int) -> dict[str, Any]:
    return {"color": HIT[number % len(HIT)], "linestyle": style.LINES[number], "linewidth": 1.9, "zorder": 3}


def _taker_look(number: int, count: int) -> dict[str, Any]:
    return {"color": style.series(count)[number][0], "linestyle": style.LINES[number], "linewidth": 1.4}


def _hub_panels(result: ResultTables, shown: pd.DataFrame) -> list[Panel]:
    """One panel for each of the first hubs with an outage: the devices of the types that were hit."""
    outages = shown[shown["kind"] == "outage"]
    found = []
    for hub in list(outages["hub"].unique())[:MOST_HUBS]:
        kinds = sorted({kind for pools in outages.loc[outages["hub"] == hub, "pools"] for kind in pools})
        bins = result.pools[(result.pools["hub"] == hub) & result.pools["pool"].isin(kinds)]
        counts = bins.groupby("start_s")[["devices", "busy"]].sum()
        if (counts > 0).any(axis=None):
            types = ", ".join(fonts.name(kind, 20) for kind in kinds[:3]) + (", ..." if len(kinds) > 3 else "")
            title = f"Devices at {fonts.name(hub, 30)} ({types})"
            found.append(Panel(title, 1.15, _devices(counts, float(bins["end_s"].max()))))
    return found


def _surge_panels(result: ResultTables, shown: pd.DataFrame, end: float) -> list[Panel]:
    """One panel if there was a surge: the devices of all hubs."""
    counts = result.pools.groupby("start_s")[["devices", "busy"]].sum()
    if not (shown["kind"] == "surge").any() or not (counts > 0).any(axis=None):
        return []
    return [Panel("Devices at all hubs", 1.15, _devices(counts, end))]


def _devices(counts: pd.DataFrame, end: float) -> Callable[[Axes], None]:
    """How devices in force and busy ones are drawn; counts: one row per bin, by its start in s."""

    def draw(ax: Axes) -> None:
        edges = np.append(counts.index.to_numpy(dtype=float), end)
        force, busy = (timeline.steps(counts[name].to_numpy(dtype=float)) for name in ("devices", "busy"))
        ax.fill_between(edges, busy, step="post", color="#9db8d6", linewidth=0)
        (line,) = ax.plot(edges, force, drawstyle="steps-post", color=style.HUB, linewidth=1.7)
        _count_axis(ax, "devices")
        _key(ax, [line, Patch(facecolor="#9db8d6")], ["in force", "busy"])

    return draw


def _key(ax: Axes, handles: Sequence[Artist], words: Sequence[str]) -> None:
    """A legend at the right of a panel; words that end in a colon head a group."""
    made = style.legend(
        ax, handles, words, loc="upper left", bbox_to_anchor=(1.01, 1.06), borderaxespad=0, handlelength=2.6,
        labelspacing=0.35,
    )  # fmt: skip
    for entry in made.get_texts():
        if entry.get_text().endswith(":"):
            entry.set_fontweight("bold")
