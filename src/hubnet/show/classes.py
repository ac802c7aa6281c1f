"""How long jobs take, by class: how the responses spread, and where the time goes.

Classes stand in the same order in both: by median response, the quickest at the top.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import text
from . import fonts, style, tables
from .tables import ResultTables

QUANTILES = ("p5", "p25", "p50", "p75", "p95")
ROW = 0.52  # inches
SMALLEST_LABEL = 0.16  # a part of less than this share of the response is too narrow for a number


@overload
def latency(result: ResultTables) -> Figure: ...
@overload
def latency(result: ResultTables, ax: None) -> Figure: ...
@overload
def latency(result: ResultTables, ax: Axes) -> Axes: ...
@style.styled
def latency(result: ResultTables, ax: Axes | None = None) -> Figure | Axes:
    """How long the jobs of each class take from submit to finish, and beside it where that time goes.

    Times are in s in the tables, and shown in units that people use. Returns a Figure of two panels; with
    `ax`, only the spread of responses is drawn, on it, and it is returned (see `response_times`,
    `response_parts`).

    >>> chart = hn.plot.latency(result)
    >>> chart.savefig("latency.png")
    """
    if ax is not None:
        return _spread(result, style.dressed(ax))
    figure = style.figure(style.rows_height(len(_order(result)), ROW))
    if not _order(result).empty:
        spread, parts = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _spread(result, spread)
        style.heading(spread, "Response: from submit to finish")
        _parts(result, parts)
        style.heading(parts, "Where the time goes: shares of the mean response")
        parts.tick_params(axis="y", labelleft=False)
    else:
        _spread(result, figure.add_subplot())
        figure.axes[0].set_title("", loc="left")
    style.title(figure, "How long jobs take", result)
    return figure


@style.styled
def response_times(result: ResultTables, ax: Axes | None = None) -> Axes:
    """The spread of each class's response, on a logarithmic axis of time: line from the 5 % to the 95 %
    quantile, box from 25 % to 75 %, mark at the median. An arrow means: beyond the end of the run.

    >>> ax = hn.plot.response_times(result)
    """
    return _spread(result, style.axes(ax, style.rows_height(len(_order(result)), ROW)))


@style.styled
def response_parts(result: ResultTables, ax: Axes | None = None) -> Axes:
    """Where the mean response of each class goes, in percent of it: held (until its release; of a job that an
    incident stopped, its earlier attempts too), propagation (both ways), upload, wait, service and download, those
    that any class has; at the right the mean response itself and the propagation in it.

    >>> ax = hn.plot.response_parts(result)
    """
    return _parts(result, style.axes(ax, style.rows_height(len(_order(result)), ROW)))


def _order(result: ResultTables) -> pd.DataFrame:
    """The classes with jobs, by median response; the index is 0, 1, ... from top to bottom. Empty if no job
    of any class finished."""
    every = result.classes
    if every.empty or not (every["finished"] > 0).any():
        return every.iloc[:0]
    taken = every[every["submitted"] > every["rejected"]]
    return taken.sort_values(["response_p50_s", "response_p95_s", "class"], kind="stable").reset_index(drop=True)


def _nothing(result: ResultTables, ax: Axes) -> Axes:
    start, end = (text.seconds(moment) for moment in result.window)
    submitted = 0 if result.classes.empty else int(result.classes["submitted"].sum())
    jobs = "No job was" if submitted == 0 else f"None of the {text.number(submitted)} jobs"
    was = "submitted" if submitted == 0 else "that were submitted"
    ending = "" if submitted == 0 else " finished"
    return style.sentence(ax, f"{jobs} {was} between {start} and {end}{ending}, so there is no latency to show.")


def _label_rows(ax: Axes, classes: pd.DataFrame) -> float:
    """Name the rows: class, jobs, those still open at the end, and of the decided ones the share that met its
    deadline. Returns the font size of the rows."""
    labels = []
    for _, row in classes.iterrows():
        line = f"{text.number(row['submitted'])} job" + ("" if row["submitted"] == 1 else "s")
        if row["unfinished"]:
            line += f", {text.number(row['unfinished'])} open"
        if math.isfinite(row["deadline_met"]):
            line += f", {text.percent(row['deadline_met'])} in time"
        labels.append(f"{fonts.name(row['class'], 34)}\n{line}")
    return style.name_rows(ax, labels, above=1.0)


def _spread(result: ResultTables, ax: Axes) -> Axes:
    classes = _order(result)
    style.heading(ax, "Response of each class: from submit to finish", result)
    if classes.empty:
        return _nothing(result, ax)
    values = classes[[f"response_{quantile}_s" for quantile in QUANTILES]].to_numpy(dtype=float)
    known = values[np.isfinite(values) & (values > 0)]
    if not known.size:
        known = np.array([1.0])
    low, high = float(known.min()) / 2, float(known.max()) * 3
    style.seconds_axis(ax, low, high, "response (logarithmic)")
    style.grid(ax, "x")
    for place, row in enumerate(values):
        _box(ax, place, np.clip(row, low, high), unfinished=np.isinf(row))
    _label_rows(ax, classes)
    keys = [
        Line2D([], [], color=style.HUB, linewidth=1.4),
        Patch(facecolor="#9db8d6", edgecolor=style.HUB),
        Line2D([], [], color=style.HUB, marker="o", linestyle="none", mec="white", ms=7),
    ]
    names = ["5 % to 95 % of the jobs", "25 % to 75 %", "median"]
    if np.isinf(values).any():
        keys.append(Line2D([], [], color=style.HUB, marker=">", linestyle="none", ms=7))
        names.append("beyond the end of the run")
    style.legend_below(ax, keys, names, ncols=4)
    return ax


def _box(ax: Axes, place: int, row: np.ndarray, unfinished: np.ndarray) -> None:
    """Line, box and median of one class. row: its five quantiles in s, at the edge where `unfinished`."""
    p5, p25, p50, p75, p95 = row
    if unfinished[0]:
        ax.plot([p95], [place], marker=">", color=style.HUB, markersize=7, clip_on=False)
        ax.text(p95, place, "fewer than 5 % finished   ", ha="right", va="center", fontsize=style.SMALL)
        return
    ax.plot([p5, p95], [place, place], color=style.HUB, linewidth=1.4, solid_capstyle="butt")
    ax.barh(place, p75 - p25, left=p25, height=0.44, facecolor="#9db8d6", edgecolor=style.HUB, linewidth=1)
    if unfinished[-1]:
        ax.plot([p95], [place], marker=">", color=style.HUB, markersize=7, clip_on=False)
    if not unfinished[2]:
        ax.plot([p50], [place], marker="o", color=style.HUB, markersize=7, markeredgecolor="white")
        ax.annotate(
            text.seconds(p50), (p50, place), (0, 9), textcoords="offset points", ha="center", va="bottom",
            fontsize=style.SMALL,
        )  # fmt: skip


def _parts(result: ResultTables, ax: Axes) -> Axes:
    classes = _order(result)
    style.heading(ax, "Where the time goes: shares of the mean response", result)
    if classes.empty:
        return _nothing(result, ax)
    means = classes[[f"{part}_mean_s" for part in style.PARTS]].fillna(0.0)
    total = means.sum(axis=1)
    left = pd.Series(0.0, index=classes.index)
    looks = {part: look for part, look in style.PARTS.items() if means[f"{part}_mean_s"].any()}
    for part, (colour, hatch) in looks.items():
        share = tables.ratio(means[f"{part}_mean_s"], total).fillna(0.0)
        ax.barh(
            classes.index,
            share,
            left=left,
            height=0.62,
            color=colour,
            hatch=hatch,
            edgecolor="#00000066",
            lw=0.5,
        )
        for place in classes.index[share >= SMALLEST_LABEL]:
            words = text.seconds(means[f"{part}_mean_s"][place])
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.2}
            centre = left[place] + share[place] / 2
            ax.text(centre, place, words, ha="center", va="center", fontsize=style.SMALL, bbox=box)
        left += share
    _label_rows(ax, classes)
    ends, room = style.columns(ax, (86, 70))
    for x, header, column in zip(ends, ("mean response", "there and back"), ("response", "propagation"), strict=True):
        ax.text(x, -0.72, header, ha="right", va="center", fontsize=style.SMALL, color=style.FAINT)
        for place, value in enumerate(classes[f"{column}_mean_s"]):
            ax.text(x, place, text.seconds(value), ha="right", va="center", fontsize=style.SMALL)
    style.percent_axis(ax, "share of the mean response (%)", room=room)
    keys = [Patch(facecolor=colour, hatch=hatch, edgecolor="#00000066") for colour, hatch in looks.values()]
    style.legend_below(ax, keys, list(looks), ncols=6)
    return ax
