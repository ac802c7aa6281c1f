"""How busy the trunks are: bars over the window, and the course over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from .. import text
from . import fonts, harm, style, tables, timeline
from .tables import ResultTables

DOWN: dict[str, Any] = {"facecolor": "white", "edgecolor": "#55555f", "hatch": "xxxx", "linewidth": 0.0}
LOW_ROW = 8.0  # points; in lower rows a line between them takes too much
REDUCED: dict[str, Any] = {"facecolor": style.REGION, "edgecolor": "white", "linewidth": 0.5}


@style.styled
def trunks(result: ResultTables, ax: Axes | None = None, count: int = 20) -> Axes:
    """The `count` busiest directions of trunks: use over the window, in percent of the capacity that other
    traffic leaves over, and the data carried. A marker shows the other direction of the same trunk.

    Use is what the jobs sent; where flows do not share bandwidth it can exceed the capacity.

    >>> ax = hn.plot.trunks(result)
    """
    uses = tables.trunk_uses(result)
    busiest = uses[uses["bits"] > 0].head(count)
    ax = style.axes(ax, style.rows_height(len(busiest), 0.3))
    style.heading(ax, "The busiest trunks, by direction", result)
    if busiest.empty:
        few = "There are no trunks." if uses.empty else "No trunk carried anything in the window."
        return style.sentence(ax, few)
    other = {(row["trunk"], row["to"], row["from"]): row["use"] for _, row in uses.iterrows()}
    back = [other.get((row["trunk"], row["from"], row["to"]), float("nan")) for _, row in busiest.iterrows()]
    top = text.round_above(float(busiest["use"].max())) if busiest["use"].max() > 0 else 1.0
    ax.barh(range(len(busiest)), busiest["use"], height=0.7, color="#5b8db8", edgecolor=style.HUB, linewidth=0.6)
    ax.plot(back, range(len(busiest)), ls="none", marker="D", mfc="white", mec=style.INK, ms=5, clip_on=False)
    labels = [direction(row["trunk"], row["from"], row["to"]) for _, row in busiest.iterrows()]
    size = style.name_rows(ax, labels, above=1.2)
    ax.tick_params(axis="y", pad=7)
    ends, room = style.columns(ax, (44, 66), top)
    for x, header in zip(ends, ("use", "carried"), strict=True):
        ax.text(x, -0.85, header, ha="right", va="center", fontsize=size, color=style.FAINT)
    for place, (use, bits) in enumerate(zip(busiest["use"], busiest["bits"], strict=True)):
        for x, value in zip(ends, (text.percent(use), text.bits(bits)), strict=True):
            ax.text(x, place, value, ha="right", va="center", fontsize=size)
    style.percent_axis(ax, "use (% of the capacity that other traffic leaves over)", top, room=room)
    ax.vlines(ax.get_xticks()[1:], -0.6, len(busiest) - 0.4, color=style.PALE, linewidth=0.7, zorder=0)
    if top > 1.0:
        ax.vlines(1.0, -0.6, len(busiest) - 0.4, color=style.INK, linewidth=1.2, linestyle="--")
        ax.text(1.0, -0.85, "capacity", ha="center", va="center", fontsize=size)
    keys = [
        Patch(facecolor="#5b8db8", edgecolor=style.HUB),
        Line2D([], [], ls="none", marker="D", mfc="white", mec=style.INK, ms=5),
    ]
    style.legend_below(ax, keys, ["this direction", "the other direction"], ncols=2)
    return ax


@style.styled
def trunks_over_time(result: ResultTables, ax: Axes | None = None, count: int = 30) -> Axes:
    """Use of the `count` busiest directions of trunks over time, in percent of the capacity that was in force and that
    other traffic leaves over: a heat map, the busiest at the top; the warm-up, which is not measured, is marked.

    Trunks that an incident hit are always among the rows, with a cross at their names; the time in which one was down
    is hatched, and a line marks where a part of its capacity was in force. Incidents are marked along the top.

    >>> ax = hn.plot.trunks_over_time(result)
    """
    edges, uses, up = tables.trunk_bins(result)
    rows = _rows(result, count)
    ax = style.axes(ax, style.rows_height(len(rows) + 2, 0.26))
    style.heading(ax, "Use of the trunks over time, by direction", result)
    if not rows or edges[-1] <= edges[0]:
        few = "There are no trunks." if result.trunks.empty else "No trunk carried anything in the window."
        return style.sentence(ax, few)
    hit = harm.trunks_hit(result.incidents)
    names = [("\N{MULTIPLICATION X} " if row[0] in hit else "") + direction(*row) for row in rows]
    style.name_rows(ax, names, above=1.8 if len(result.incidents) else 0.6)
    keys = _heat(ax, edges, uses.loc[rows].to_numpy(dtype=float), up.loc[rows].to_numpy(dtype=float))
    timeline.time_axis(ax, edges[0], edges[-1])
    timeline.unmeasured(ax, edges[0], edges[-1], result.window)
    if len(result.incidents):
        keys |= {str(mark.get_label()): mark for mark in timeline.rug(ax, result.incidents, edges[-1], len(rows))}
    if keys:
        style.legend_below(ax, list(keys.values()), list(keys), ncols=min(max(int(style.inches(ax)[0] / 1.4), 1), 5))
    return ax


def _rows(result: ResultTables, count: int) -> list[harm.Direction]:
    """The directions to show, the busiest first: those of trunks that were hit, and others up to `count` in all."""
    every = tables.trunk_uses(result)
    hit = every["trunk"].isin(harm.trunks_hit(result.incidents))
    others = every.index[~hit & (every["bits"] > 0)][: max(count - int(hit.sum()), 0)]
    chosen = every[hit | every.index.isin(others)]
    return list(chosen[["trunk", "from", "to"]].itertuples(index=False, name=None))


def _heat(ax: Axes, edges: np.ndarray, uses: np.ndarray, up: np.ndarray) -> dict[str, Artist]:
    """Draw the cells (arrays by row and bin) and their colour bar. Returns the keys of what colours do not say."""
    most = float(np.nanmax(uses, initial=0.0))
    top = min(text.round_above(most), 1.0) if most > 0 else 1.0
    picture = ax.pcolormesh(
        edges,
        np.arange(len(uses) + 1) - 0.5,
        np.ma.masked_invalid(uses),
        cmap=style.UTILIZATION,
        vmin=style.NEXT_TO_NOTHING * top,
        vmax=top,
        rasterized=True,
    )
    if 72 * style.inches(ax)[1] / len(uses) > LOW_ROW:
        ax.hlines(np.arange(1, len(uses)) - 0.5, edges[0], edges[-1], color="white", linewidth=0.5)
    timeline.colour_bar(ax, picture, "use (% of the capacity in force;\npalest: none)", top, over=most > top)
    keys: dict[str, Artist] = {}
    for words, look, cells, low, high in (
        ("down", DOWN, up <= 0, 0.0, 1.0),
        ("a part of the capacity in force", REDUCED, (up > 0) & (up < 1 - 1e-9), 0.84, 1.0),
    ):
        boxes = [
            Rectangle((edges[start], row - 0.5 + low), edges[end] - edges[start], high - low)
            for row, line in enumerate(cells)
            for start, end in spells(line)
        ]
        if boxes:
            ax.add_collection(PatchCollection(boxes, **look), autolim=False)
            keys[words] = Patch(**look)
    return keys


def spells(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where an array of flags is true: (first, end) of every stretch, `end` not in it."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in turns.reshape(-1, 2)]


def direction(trunk: str, start: str, end: str, width: int = 24) -> str:
    """`start → end`, with the trunk's name if it says more than its two ends; each of at most `width` characters."""
    words = f"{fonts.name(start, width)} → {fonts.name(end, width)}"
    if trunk in (f"{start}-{end}", f"{end}-{start}"):
        return words
    return f"{words} ({fonts.name(trunk, width)})"
