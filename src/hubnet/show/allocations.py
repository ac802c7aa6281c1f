"""Allocations side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from .. import text
from ..study.measures import t_interval
from . import fonts, style, tables
from .tables import ResultTables, StudyTables

# The totals at the right: their place in an allocation's summary, title, format, why there may be none.
TOTALS = (
    (("deadline_met",), "Jobs that met their deadline", text.percent, "No finished job has a deadline."),
    (("utilization", "mean"), "Mean utilization", text.percent, "No hub has devices."),
    (("east_to_west_jobs",), "Jobs from east to west", text.number, "Regions and hubs have no areas."),
)


@style.styled
def compare(study: StudyTables) -> Figure:
    """The allocations of a study side by side: utilization by hub (%), response by class (median and 95 %
    quantile), and the totals: deadlines met (%), mean utilization (%), jobs from east to west.

    With more than one replication marks are means, and bars are 95 % intervals (Student's t).

    >>> chart = hn.plot.compare(study)
    >>> chart.savefig("compare.png")
    """
    names = list(study.results)
    looks = style.series(len(names))
    hubs, classes = _hubs(study.results), _classes(study.results)
    tall = max(len(hubs) * (0.1 + 0.075 * len(names)), len(classes) * (0.16 + 0.13 * len(names)))
    figure = style.figure(min(max(tall + 2.0, 6.0), 40.0))
    grid = figure.add_gridspec(3, 3, width_ratios=(1, 1.15, 0.85), wspace=0.06)
    _utilization(figure.add_subplot(grid[:, 0]), study.results, hubs, looks)
    _responses(figure.add_subplot(grid[:, 1]), study.results, classes, looks)
    summary = study.summary()["allocations"]
    for row, (path, title, write, without) in enumerate(TOTALS):
        measures = [_measure(summary.get(name, {}), path) for name in names]
        _total(figure.add_subplot(grid[row, 2]), names, measures, looks, title, write, without)
    words = ["The allocations compared", *textwrap.wrap(_about(study.results), 130)]
    figure.suptitle("\n".join(words), x=0.01, ha="left", fontsize=style.LARGE)
    keys: list[Artist] = [Line2D([], [], ls="none", marker=marker, color=colour, ms=7) for colour, marker, _ in looks]
    made = figure.legend(
        keys, [" " for _ in names], loc="outside lower left", ncols=min(len(names), 6), fontsize=style.NORMAL
    )
    for entry, name in zip(made.get_texts(), names, strict=True):
        entry.set_text(fonts.name(name, 30))
    return figure


def _about(results: Mapping[str, Sequence[ResultTables]]) -> str:
    """Scenario, replications, times measured; runs of several folders need not have them in common."""
    firsts, counts = [runs[0] for runs in results.values()], sorted({len(runs) for runs in results.values()})
    scenarios = fonts.name(", ".join(dict.fromkeys(one.name for one in firsts)), 64)
    least, most = counts[0], counts[-1]
    runs = "one replication" if most == 1 else f"{most} replications, with 95 % intervals"
    if least < most:
        runs = f"{least} to {most} replications, with 95 % intervals"
    times = {style.measured(one) for one in firsts}
    return f"{scenarios}, {runs}, {times.pop() if len(times) == 1 else 'measured over different times'}"


def _hubs(results: Mapping[str, Sequence[ResultTables]]) -> list[str]:
    """The hubs of any allocation, those of the first one in front."""
    return list(dict.fromkeys(str(hub) for runs in results.values() for hub in tables.hubs(runs[0]).index))


def _classes(results: Mapping[str, Sequence[ResultTables]]) -> list[str]:
    """The classes with a finished job in any allocation, by median response in the first one."""
    every = pd.concat([runs[0].classes for runs in results.values()])
    done = every[every["finished"] > 0].drop_duplicates("class")
    return list(done.sort_values("response_p50_s", kind="stable")["class"])


def _offsets(count: int, room: float) -> np.ndarray:
    """Where the marks of each allocation stand within a row, so that none hides another."""
    return np.linspace(-room, room, count) if count > 1 else np.zeros(1)


def _mark(ax: Axes, x: float, low: float, high: float, y: float, look: tuple[Any, str, str], **options: Any) -> None:
    """A marker at (x, y) with a bar from `low` to `high`, which are NaN for no bar."""
    colour, marker, _ = look
    error = None if math.isnan(low) else [[x - low], [high - x]]
    ax.errorbar(
        x, y, xerr=error, fmt=marker, color=colour, ecolor=colour, elinewidth=1.1, capsize=2, ms=6,
        **{"mec": "white", "mew": 0.5, **options},
    )  # fmt: skip


def _rows(ax: Axes, names: Sequence[str]) -> None:
    style.name_rows(ax, [fonts.name(name, 26) for name in names])
    for row in range(0, len(names), 2):
        ax.axhspan(row - 0.5, row + 0.5, color="#f4f4f7", zorder=0, linewidth=0)
    style.grid(ax, "x")


def _utilization(
    ax: Axes,
    results: Mapping[str, Sequence[ResultTables]],
    hubs: list[str],
    looks: Sequence[tuple[Any, str, str]],
) -> None:
    style.heading(ax, "Utilization of the hubs")
    if not hubs:
        style.sentence(ax, "No hub has devices.")
        return
    _rows(ax, hubs)
    for runs, look, offset in zip(results.values(), looks, _offsets(len(looks), 0.25), strict=True):
        shares = pd.concat([tables.hubs(run)["utilization"] for run in runs], axis=1)
        for row, hub in enumerate(hubs):
            if hub in shares.index:
                _mark(ax, *t_interval(shares.loc[[hub]].to_numpy().ravel().tolist()), row + offset, look)
    style.percent_axis(ax, "utilization (% of the devices' time)", room=0.02)
    ax.set_xlim(left=-0.02)  # whole marks at 0


def _responses(
    ax: Axes,
    results: Mapping[str, Sequence[ResultTables]],
    classes: list[str],
    looks: Sequence[tuple[Any, str, str]],
) -> None:
    style.heading(ax, "Response: median (filled), 95 % quantile (hollow)")
    if not classes:
        style.sentence(ax, "No job finished, so there is no response to compare.")
        return
    _rows(ax, classes)
    points = {
        (index, name): [t_interval(values) for values in _quantiles(runs, name)]
        for index, runs in enumerate(results.values())
        for name in classes
    }
    finite = [x for pair in points.values() for x, _, _ in pair if math.isfinite(x) and x > 0] or [1.0]
    low, high = min(finite) / 2, max(finite) * 2
    style.seconds_axis(ax, low, high, "response (logarithmic; an arrow is beyond the end of the run)")
    offsets = _offsets(len(looks), 0.28)
    for (index, name), (middle, tail) in points.items():
        median, upper = middle[0], tail[0]
        row, look = classes.index(name) + offsets[index], looks[index]
        if math.isnan(median):
            continue
        ax.plot([min(median, high), min(upper, high)], [row, row], color=look[0], linewidth=1.0, linestyle=":")
        for (x, below, above), fill in ((tail, "white"), (middle, look[0])):
            if math.isinf(x):
                ax.plot([high], [row], marker=">", color=look[0], ms=6, clip_on=False)
            else:
                _mark(ax, x, below, above, row, look, mfc=fill, mec=look[0], mew=1.1)


def _quantiles(runs: Sequence[ResultTables], name: str) -> tuple[list[float], list[float]]:
    """Medians and 95 % quantiles of a class's response, in s, one per replication that has the class."""
    rows = pd.concat([run.classes[run.classes["class"] == name] for run in runs])
    kept = rows[["response_p50_s", "response_p95_s"]].dropna()
    return (kept["response_p50_s"].tolist() or [math.nan]), (kept["response_p95_s"].tolist() or [math.nan])


def _measure(summary: Mapping[str, Any], path: Sequence[str]) -> tuple[float, tuple[float, float] | None]:
    """A measure of a summary: its value (NaN if it is absent or null) and its 95 % interval if it has one."""
    found: Any = summary
    for key in path:
        found = (found or {}).get(key)
    if not found or found.get("value") is None:
        return math.nan, None
    bounds = found.get("ci95")
    return float(found["value"]), None if bounds is None else (float(bounds[0]), float(bounds[1]))


def _total(
    ax: Axes,
    names: Sequence[str],
    measures: Sequence[tuple[float, tuple[float, float] | None]],
    looks: Sequence[tuple[Any, str, str]],
    title: str,
    write: Any,
    without: str,
) -> None:
    style.heading(ax, title)
    values = np.array([value for value, _ in measures])
    if np.isnan(values).all():
        style.sentence(ax, without)
        return
    most = 1.0 if write is text.percent else math.inf  # a share's interval may reach beyond what a share can be
    measures = [(value, bounds and (max(bounds[0], 0.0), min(bounds[1], most))) for value, bounds in measures]
    highest = max([float(np.nanmax(values)), *(bounds[1] for _, bounds in measures if bounds)])
    top = 1.0 if write is text.percent else max(highest, 1.0)
    size = style.name_rows(ax, [fonts.name(name, 16) for name in names])
    (end,), room = style.columns(ax, (52,), top)
    for row, ((value, bounds), (colour, _, hatch)) in enumerate(zip(measures, looks, strict=True)):
        error = None if bounds is None else [[max(value - bounds[0], 0.0)], [max(bounds[1] - value, 0.0)]]
        ax.barh(
            row,
            value,
            xerr=error,
            height=0.66,
            color=(*colour[:3], 0.55),
            hatch=hatch,
            edgecolor=colour,
            capsize=3,
        )
        ax.text(end, row, write(value), ha="right", va="center", fontsize=size)
    if write is text.percent:
        style.percent_axis(ax, "%", room=room)
    else:
        ax.set_xlim(0, top * (1 + room))
        ax.set_xlabel("jobs")
        ax.xaxis.set_major_locator(style.whole_numbers(4))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text.number(value)))
