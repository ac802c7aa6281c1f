"""Charts of sweeps: lines over one setting, heat maps over two, tornados of all.

The table is that of `hubnet.sweep`, or of a sweep's `study.parquet`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MultipleLocator

from .. import text
from ..errors import InputError, Problem
from ..scenario.words import suggestion
from ..study.sweep import HEADLINE, means, settings_in, written
from . import fonts, style
from .gallery import Chart, save_each

COUNTS = {"jobs", "east_to_west_jobs"}  # parts of the paths of measures that count
MOST_LINES = 8
MANY_VALUES = 12  # from here on a tornado compares thirds of the values
MOST_CELLS = 30  # of a heat map, along each side
HEAT = style.USE
NOTHING = "There is no such value in any run."


def save_sweep(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Draw the charts that suit a sweep into `folder`, which is made. Returns their paths.

    `lines.png` for one numeric setting, `heat-MEASURE.png` for a grid of two settings, `tornado.png` for several
    settings, or for one without numbers.
    """
    return save_each(sweep_charts(table), folder)


def sweep_charts(table: pd.DataFrame) -> list[Chart]:
    """The charts that suit a sweep, as `save_sweep` draws them."""
    settings = settings_in(table)
    numeric = [path for path in settings if _is_numeric(table, path)]
    charts = []
    if len(numeric) == 1:
        charts.append(Chart("lines", partial(sweep_lines, table, numeric[0])))
    if len(settings) == 2 and _is_grid(table, settings):
        x, y = sorted(settings, key=lambda path: path not in numeric)
        for measure in _headline(table):
            charts.append(Chart("heat", partial(sweep_heat, table, x, y, measure), measure))
    if len(settings) > 1 or not numeric:
        charts.append(Chart("tornado", partial(tornado, table)))
    return charts


@style.styled
def sweep_lines(table: pd.DataFrame, setting: str, measures: Sequence[str] = ()) -> Figure:
    """Measures over one numeric setting: a line per allocation and value of the other settings, with a band of the
    95% interval over the replications (Student's t). Open marks: values that are only lower bounds.

    If that were more than eight lines, there is one per allocation: the mean over the other settings, without a band.

    >>> chart = hn.plot.sweep_lines(table, "workload.load", ["response_s.p95"])
    """
    _check(table, [setting], measures)
    shown = list(measures) or _headline(table)
    others = [path for path in settings_in(table) if path != setting]
    by = [*others, "allocation"]
    averaged = len(table[by].drop_duplicates()) > MOST_LINES
    by = ["allocation"] if averaged else by
    keys = list(dict.fromkeys(table[by].drop_duplicates().itertuples(index=False, name=None)))
    looks = style.series(len(keys))
    figure, panels = _panels(len(shown))
    for ax, measure in zip(panels, shown, strict=True):
        rows = means(table, measure, [setting, *by])
        style.heading(ax, HEADLINE.get(measure, measure))
        if rows["mean"].isna().all():
            style.sentence(ax, NOTHING)
            continue
        for key, (colour, marker, _) in zip(keys, looks, strict=True):
            mine = rows[(rows[by] == list(key)).all(axis=1)].sort_values(setting)
            _line(ax, mine[setting], mine, colour, marker, band=not averaged)
        ax.margins(y=0.08)
        measure_axis(ax.yaxis, measure)
        style.grid(ax, "y")
        ax.set_xlabel(_label(table, setting))
    note = "mean over the other settings" if averaged else _replications(table)
    _title(figure, table, f"{fonts.name(setting, 60)} varies", note)
    names = [fonts.name(", ".join(map(_word, key)), 60) for key in keys]
    handles = [Line2D([], [], color=colour, marker=marker, ms=6) for colour, marker, _ in looks]
    figure.legend(handles, names, loc="outside lower left", ncols=min(len(names), 4), fontsize=style.NORMAL)
    return figure


@style.styled
def sweep_heat(table: pd.DataFrame, x: str, y: str, measure: str = "response_s.mean") -> Figure:
    """A measure over two settings, a map for each allocation: means over the replications and over other settings.

    >>> chart = hn.plot.sweep_heat(table, "workload.load", "policy.routing", "deadline_met")
    """
    _check(table, [x, y], [measure])
    rows = means(table, measure, [x, y, "allocation"])
    allocations = list(dict.fromkeys(rows["allocation"]))
    columns, lines = _values(table, x), _values(table, y)
    known = rows["mean"].dropna()
    norm = Normalize(known.min(), known.max()) if len(known) else Normalize(0, 1)
    wide = min(len(allocations), 2)
    tall = math.ceil(len(allocations) / wide)
    figure = style.figure(min(tall * (len(lines) * 0.42 + 1.5) + 1.0, 40.0))
    for index, name in enumerate(allocations):
        ax = figure.add_subplot(tall, wide, index + 1)
        mine = rows[rows["allocation"] == name].set_index([x, y])
        _cells(ax, mine, columns, lines, norm, measure, points=62 * style.WIDTH / len(columns) / wide)
        if not _is_numeric(table, y):
            ax.invert_yaxis()  # words are read from top to bottom
        style.heading(ax, fonts.name(name, 40))
        ax.set_xlabel(_label(table, x))
        ax.set_ylabel(_label(table, y))
    scale = matplotlib.cm.ScalarMappable(norm, HEAT)
    bar = figure.colorbar(scale, ax=figure.axes, fraction=0.04, pad=0.02)
    measure_axis(bar.ax.yaxis, measure)
    bar.outline.set_visible(False)
    what = HEADLINE.get(measure, measure)
    _title(figure, table, f"{what[0].upper()}{what[1:]}, over two settings", _means(table))
    return figure


@style.styled
def tornado(table: pd.DataFrame, measures: Sequence[str] = ()) -> Figure:
    """What each setting does to a measure, the strongest on top: the mean over all runs at one end of the setting and
    at the other, and the mean of all (the line).

    A number goes from its lowest to its highest value, or with 12 values or more (samples) from the lowest third of
    them to the highest. Words, and the allocations, go from the one of least mean to that of the highest.

    >>> chart = hn.plot.tornado(table, ["response_s.p95"])
    """
    _check(table, [], measures)
    shown = list(measures) or _headline(table)
    factors = settings_in(table) + (["allocation"] if table["allocation"].nunique() > 1 else [])
    figure, panels = _panels(len(shown), 0.9 + 0.42 * len(factors))
    for ax, measure in zip(panels, shown, strict=True):
        rows = table[(table["measure"] == measure) & table["value"].notna()]
        style.heading(ax, HEADLINE.get(measure, measure))
        if rows.empty:
            style.sentence(ax, NOTHING)
            continue
        effects = [(path, *_effect(rows, path)) for path in factors]
        effects.sort(key=lambda effect: -abs(effect[2][1] - effect[1][1]))
        _bars(ax, effects, table.attrs.get("units", {}), float(rows["value"].mean()))
        measure_axis(ax.xaxis, measure)
    _title(figure, table, "What each setting does, from one end to the other", "means over all runs")
    return figure


def _line(ax: Axes, x: pd.Series, rows: pd.DataFrame, colour: Any, marker: str, band: bool) -> None:
    ax.plot(x, rows["mean"], color=colour, marker=marker, ms=5.5, mec="white", mew=0.5)
    if band:
        ax.fill_between(x, rows["low"], rows["high"], color=colour, alpha=0.18, linewidth=0)
    bounds = rows["at_least"]
    ax.plot(x[bounds], rows["mean"][bounds], ls="none", marker=marker, ms=6, mfc="white", mec=colour)


def _cells(
    ax: Axes, rows: pd.DataFrame, columns: list[Any], lines: list[Any], norm: Normalize, measure: str, points: float
) -> None:
    """One heat map; each cell, `points` wide, has its value written in it if there is room."""
    grid = np.full((len(lines), len(columns)), np.nan)
    said = {}
    for (row, line), (column, value) in product(enumerate(lines), enumerate(columns)):
        if (value, line) in rows.index:
            grid[row, column] = rows["mean"][value, line]
            bound = "> " if rows["at_least"][value, line] else ""
            said[row, column] = bound + written(measure, grid[row, column])
    ax.pcolormesh(np.ma.masked_invalid(grid), cmap=HEAT, norm=norm, edgecolors="white", linewidth=1)
    size = min(style.SMALL, points / (0.62 * max((len(words) for words in said.values()), default=1)))
    for (row, column), words in said.items():
        if size >= 4.5 and not math.isnan(grid[row, column]):
            r, g, b, _ = HEAT(norm(grid[row, column]))
            ink = "white" if 0.3 * r + 0.59 * g + 0.11 * b < 0.55 else style.INK
            ax.text(column + 0.5, row + 0.5, words, ha="center", va="center", color=ink, fontsize=size)
    every = max(math.ceil(len(columns) / 12), 1)
    ax.set_xticks([index + 0.5 for index in range(0, len(columns), every)], [_word(v) for v in columns[::every]])
    ax.set_yticks([index + 0.5 for index in range(len(lines))], [fonts.name(_word(value), 24) for value in lines])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _effect(rows: pd.DataFrame, path: str) -> tuple[tuple[str, float], tuple[str, float]]:
    """The mean at either end of a factor: (what the end is, mean) at the low end, and at the high one."""
    each: Any = rows.groupby(path, observed=True)["value"].mean()
    if not _is_numeric(rows, path):
        low, high = each.idxmin(), each.idxmax()
        return (str(low), float(each[low])), (str(high), float(each[high]))
    if len(each) < MANY_VALUES:
        return (_word(each.index[0]), float(each.iloc[0])), (_word(each.index[-1]), float(each.iloc[-1]))
    low, high = each.index[len(each) // 3 - 1], each.index[-(len(each) // 3)]
    below, above = rows["value"][rows[path] <= low], rows["value"][rows[path] >= high]
    return (f"\N{LESS-THAN OR EQUAL TO} {_word(low)}", float(below.mean())), (
        f"\N{GREATER-THAN OR EQUAL TO} {_word(high)}", float(above.mean())
    )  # fmt: skip


def _bars(ax: Axes, effects: list[Any], units: dict[str, str], middle: float) -> None:
    """A bar per factor, from one end's mean to the other's; its colours meet at the mean of all, if that is between."""
    names = [fonts.name(path, 34) for path, *_ in effects]
    style.name_rows(ax, names, above=0.9)
    looks = [(colour, hatch) for (colour, *_), hatch in zip(style.series(2), ("///", ""), strict=True)]
    longest = {"left": 0, "right": 0}
    for row, (path, *ends) in enumerate(effects):
        (_, first), (_, second) = ends
        split = min(max(middle, min(first, second)), max(first, second))
        for (what, mean), other, (colour, hatch) in zip(ends, (second, first), looks, strict=True):
            look = {"color": (*colour[:3], 0.6), "edgecolor": colour, "hatch": hatch}
            ax.barh(row, mean - split, left=split, height=0.5, **look)
            side = "right" if mean > other or (mean == other and colour is looks[1][0]) else "left"
            said = fonts.name(f"{what} {units.get(path, '')}".strip(), 22)
            longest[side] = max(longest[side], len(said))
            ax.annotate(
                said, (mean, row), (4 if side == "right" else -4, 0), textcoords="offset points",
                ha="left" if side == "right" else "right", va="center", fontsize=style.SMALL,
            )  # fmt: skip
    ax.axvline(middle, color=style.INK, linewidth=0.8)
    letter = 0.55 * style.SMALL
    wide = 72 * style.inches(ax)[0] - 2 * letter * max(max(map(len, names)) - 20, 0)  # names take some of it
    left, right = ((letter * longest[side] + 12) / wide for side in ("left", "right"))
    all_means = [middle, *(mean for _, *ends in effects for _, mean in ends)]
    low, high = min(all_means), max(all_means)
    span = (high - low or abs(middle) or 1.0) / max(1 - left - right, 0.25)
    ax.set_xlim(low - left * span, high + right * span)
    ax.locator_params(axis="x", nbins=6)
    style.grid(ax, "x")


def _panels(count: int, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    wide = min(count, 2)
    tall = math.ceil(count / wide)
    figure = style.figure(min(max(tall * height + 1.3, 3.2), 40.0))
    return figure, [style.dressed(figure.add_subplot(tall, wide, index + 1)) for index in range(count)]


def _title(figure: Figure, table: pd.DataFrame, what: str, note: str) -> None:
    name = fonts.name(table.attrs.get("scenario", ""), 64)
    figure.suptitle(f"{what}\n{', '.join(part for part in (name, note) if part)}", x=0.01, ha="left",
                    fontsize=style.LARGE)  # fmt: skip


def _replications(table: pd.DataFrame) -> str:
    count = int(table["replication"].max()) + 1
    return "one replication" if count == 1 else f"{count} replications, with 95 % intervals"


def _means(table: pd.DataFrame) -> str:
    count = int(table["replication"].max()) + 1
    return "one replication" if count == 1 else f"means of {count} replications"


def measure_axis(axis: Any, measure: str) -> None:
    """Mark an axis of a measure's values, once they are drawn; times in steps that people use."""
    share = written(measure, 0.5) == text.percent(0.5)

    def mark(value: float, _: Any) -> str:
        if value < 0:
            return ""  # room for words; no measure is negative
        return f"{100 * value:.5g} %" if share else written(measure, value)

    axis.set_major_formatter(FuncFormatter(mark))
    low, high = axis.get_view_interval()
    if written(measure, text.HOUR) == text.seconds(text.HOUR) and high > low:
        unit = next((u for u in (text.DAY, text.HOUR, text.MINUTE) if high - low > 2 * u), 1.0)
        axis.set_major_locator(MultipleLocator(text.round_below((high - low) / unit / 3) * unit))
    elif COUNTS & set(measure.split(".")):
        axis.set_major_locator(style.whole_numbers(6))


def _label(table: pd.DataFrame, path: str) -> str:
    unit = table.attrs.get("units", {}).get(path, "")
    return fonts.name(path, 60) + (f", {unit}" if unit else "")


def _word(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _values(table: pd.DataFrame, path: str) -> list[Any]:
    found = list(dict.fromkeys(table[path]))
    return sorted(found) if _is_numeric(table, path) else found


def _is_numeric(table: pd.DataFrame, path: str) -> bool:
    return pd.api.types.is_numeric_dtype(table[path])


def _is_grid(table: pd.DataFrame, settings: list[str]) -> bool:
    sizes = [table[path].nunique() for path in settings]
    return max(sizes) <= MOST_CELLS and len(table[settings].drop_duplicates()) == math.prod(sizes)


def _headline(table: pd.DataFrame) -> list[str]:
    known = set(table["measure"].cat.categories)
    return [name for name in HEADLINE if name in known]


def _check(table: pd.DataFrame, settings: Sequence[str], measures: Sequence[str]) -> None:
    """Raises InputError for settings and measures that are not in the table."""
    varied, known = settings_in(table), list(table["measure"].cat.categories)
    problems = [
        Problem(f"no setting {name!r} varies here", suggestion(name, varied, "settings"))
        for name in settings
        if name not in varied
    ]
    problems += [
        Problem(f"there is no measure {name!r}", suggestion(name, known, "measures"))
        for name in measures
        if name not in known
    ]
    if problems:
        raise InputError(problems)
