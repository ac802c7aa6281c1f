"""The chart of a study by year: every promise over the years, its target, and the years in which it breaks."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from .. import text
from ..study.growth import Growth
from ..study.promises import LOAD, Promise
from ..study.sweep import HEADLINE, written
from . import fonts, style
from .gallery import Chart, save_each
from .sweeps import measure_axis, sweep_lines

MOST_PANELS = 12


def save_growth(found: Growth, folder: Path) -> list[Path]:
    """Draw `promises.png` and `lines.png` (headline measures over the years) into `folder`, which is made."""
    return save_each(growth_charts(found), folder)


def growth_charts(found: Growth) -> list[Chart]:
    """The charts of a study by year, as `save_growth` draws them."""
    charts = [Chart("lines", partial(_lines, found))]
    return [*charts, Chart("promises", partial(growth, found))] if found.promises else charts


def _lines(found: Growth) -> Figure:
    lines = _years_marked(sweep_lines(found.table, "year", list(HEADLINE)), found.years)
    _title(lines, found, "Measures by year")
    return lines


@style.styled
def growth(found: Growth) -> Figure:
    """Every promise over the years: a line per allocation, the target dashed, a cross in each year in which it is
    broken, and the first of them in words.

    >>> chart = hn.plot.growth(hn.growth("scenarios/growth-to-2030.yaml"))
    """
    shown = found.promises[:MOST_PANELS]
    wide = 1 if len(shown) == 1 else 2 if len(shown) < 5 else 3
    tall = math.ceil(len(shown) / wide)
    figure = style.figure(max(2.9 * tall + 1.3, 3.4))
    names = found.allocations
    looks = style.series(len(names))
    for index, promise in enumerate(shown):
        ax = style.dressed(figure.add_subplot(tall, wide, index + 1))
        mine = found.kept[found.kept["promise"] == promise.name]
        _panel(ax, promise, mine, names, looks)
    _years_marked(figure, found.years)
    _title(figure, found, "Promises by year: the target is dashed; a cross where it is broken, the first year in words")
    handles = [Line2D([], [], color=colour, marker=marker, ms=6) for colour, marker, _ in looks]
    labels = [fonts.name(name, 60) for name in names]
    figure.legend(handles, labels, loc="outside lower left", ncols=min(len(names), 4), fontsize=style.NORMAL)
    return figure


def _title(figure: Figure, found: Growth, what: str) -> None:
    count = found.replications
    note = "one replication" if count == 1 else f"means of {count} replications"
    words = f"{what}\n{fonts.name(found.scenario, 64)}, {note}"
    figure.suptitle(words, x=0.01, ha="left", fontsize=style.LARGE)


def _panel(
    ax: Axes, promise: Promise, rows: pd.DataFrame, names: list[str], looks: list[tuple[object, str, str]]
) -> None:
    sign = "at most" if promise.most else "at least"
    style.heading(ax, f"{fonts.name(promise.words, 40)}: {sign} {_written(promise, promise.target)}")
    if rows["value"].isna().all():
        style.sentence(ax, "There is no such value in any year.")
        return
    said = []
    for name, (colour, marker, _) in zip(names, looks, strict=True):
        mine = rows[rows["allocation"] == name]
        ax.plot(mine["year"], mine["value"], color=colour, marker=marker, ms=5.5, mec="white", mew=0.5)
        broken = mine[~mine["kept"].fillna(True)]
        ax.plot(broken["year"], broken["value"], ls="none", marker="x", ms=9, mew=1.8, color=colour)
        if len(broken):
            said.append((f"{fonts.name(name, 24)}: {broken['year'].iloc[0]}", colour))
    for order, (words, colour) in enumerate(said):  # values begin on the kept side of the target, so the other is free
        place = (0.03, 0.97 - 0.08 * order) if promise.most else (0.03, 0.03 + 0.08 * order)
        ax.annotate(
            words, place, xycoords="axes fraction", color=colour, fontsize=style.SMALL,
            va="top" if promise.most else "bottom", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
    ax.axhline(promise.target, color=style.INK, linestyle="--", linewidth=1)
    ax.margins(x=0.06, y=0.22)
    if promise.name.endswith("response_p95"):
        measure_axis(ax.yaxis, promise.measure)
    else:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _mark(promise, value)))
    style.grid(ax, "y")


def _written(promise: Promise, value: float) -> str:
    return text.percent(value) if promise.measure == LOAD else written(promise.measure, value)


def _mark(promise: Promise, value: float) -> str:
    """At the axis: shares with all their digits, and none that cannot be."""
    if value < 0 or (not promise.most and value > 1 + 1e-9):
        return ""
    return f"{100 * value:.5g} %"


def _years_marked(figure: Figure, years: list[int]) -> Figure:
    """Marks at years, which have no parts."""
    every = math.ceil(len(years) / 8)
    for ax in figure.axes:
        ax.set_xticks(years[::every], [str(year) for year in years[::every]])
        ax.set_xlabel("")
    return figure
