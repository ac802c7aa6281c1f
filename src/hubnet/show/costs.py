"""What the hubs cost and emit: electricity beside capital, and CO2 by the grid beside CO2 by contracts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from .. import text
from . import fonts, style
from .tables import ResultTables, StudyTables

CAPITAL, ELECTRICITY, GRID, GREEN = "#56b4e9", "#d55e00", "#c4c4cc", "#009e73"
SHARE = 0.84  # of a row that its bars fill
Bars = tuple[tuple[str, str, str, str], ...]  # column, words, colour, hatch

COST: Bars = (
    ("cost_yuan", "electricity", ELECTRICITY, "///"),
    ("capital_yuan", "capital of the devices", CAPITAL, ""),
)
CARBON: Bars = (
    ("carbon_kg", "by the grid", GRID, ""),
    ("carbon_contract_kg", "by contracts for green power", GREEN, "///"),
)


@style.styled
def accounts(study_or_result: StudyTables | ResultTables) -> Figure:
    """What each hub costs and emits, and all of them together, in every allocation of a study or in one result.

    Left: yuan, the electricity and the capital of the devices in one bar, so that its end is their sum. Right: t of
    CO2 of the same energy, by the factor of the grid (light) and, in front of it, by contracts for green power. Per
    row, the allocations from top to bottom; with more than one replication, means. A hub without a bar has no known
    price, power or factor.

    >>> chart = hn.plot.accounts(study)
    """
    runs = _runs(study_or_result)
    found = {name: _by_hub(results) for name, results in runs.items()}
    lacking = [name for name, table in found.items() if not table["capital_yuan"].notna().any()]
    if 0 < len(lacking) < len(found):  # a bar with it beside one without would compare different things
        found = {name: table.assign(capital_yuan=np.nan) for name, table in found.items()}
    first = next(iter(runs.values()))[0]
    hubs = _order(found)
    rows = len(hubs) * (0.1 + 0.085 * len(runs))
    totals = 0.5 + 0.16 * len(runs)
    figure = style.figure(min(max(rows, 1.2) + totals + 2.9, 40.0))
    title = "What the hubs cost and emit"
    words = f"{fonts.name(first.name, 64)}, {_which(runs)}, {style.measured(first)}"
    if 0 < len(lacking) < len(found):
        words += f"; without capital, as {fonts.name(lacking[0], 40)} has no prices of devices"
    figure.suptitle("\n".join([title, *textwrap.wrap(words, 130)]), x=0.01, ha="left", fontsize=style.LARGE)
    if not hubs:
        style.sentence(figure.add_subplot(), "No device has a known power or price, so there is nothing to reckon.")
        return figure
    grid = figure.add_gridspec(2, 2, height_ratios=(totals, max(rows, 1.2)), wspace=0.04)
    keys: list[Artist] = []
    names: list[str] = []
    for column, (bars, what, write) in enumerate(((COST, "Cost", text.money), (CARBON, "CO2", text.mass))):
        _totals(figure.add_subplot(grid[0, column]), found, bars, what, write)
        _rows(figure.add_subplot(grid[1, column]), found, hubs, bars, what, write)
        keys += [Patch(facecolor=colour, hatch=hatch) for _, _, colour, hatch in bars]
        names += [f"{what}: {words}" for _, words, _, _ in bars]
    figure.legend(keys, names, loc="outside lower left", ncols=4, fontsize=style.NORMAL)
    return figure


def known(result: ResultTables) -> bool:
    """Is there anything to draw?"""
    table = result.accounts
    return any(column in table and bool(table[column].notna().any()) for column, *_ in (*COST, *CARBON))


def _runs(given: StudyTables | ResultTables) -> Mapping[str, Sequence[ResultTables]]:
    if hasattr(given, "results"):
        return cast(StudyTables, given).results
    return {given.allocation: [given]}


def _which(runs: Mapping[str, Sequence[ResultTables]]) -> str:
    count = len(next(iter(runs.values())))
    many = "" if count == 1 else f", means of {count} replications"
    return (f"allocation {fonts.name(next(iter(runs)), 40)}" if len(runs) == 1 else f"{len(runs)} allocations") + many


def _by_hub(results: Sequence[ResultTables]) -> pd.DataFrame:
    """Sums by hub (the index), means over replications; NaN where a part of a sum is not known."""
    columns = [column for column, *_ in (*COST, *CARBON)]
    each = []
    for result in results:
        rows = result.accounts.groupby("hub", sort=False)[columns]
        each.append(rows.sum().where(rows.count().eq(rows.size(), axis=0)))
    return pd.concat(each).groupby(level=0, sort=False).mean()


def _order(found: Mapping[str, pd.DataFrame]) -> list[Any]:
    """The hubs of which anything is known, those of the highest cost (or else CO2) in the first allocation first."""
    every = pd.concat(found.values())
    known = every[every.notna().any(axis=1)]
    most = known.groupby(level=0, sort=False).first().fillna(0.0)
    most["cost"] = most["cost_yuan"] + most["capital_yuan"]
    return list(most.sort_values(["cost", "carbon_kg"], ascending=False, kind="stable").index)


def _draw(ax: Axes, table: pd.DataFrame, places: np.ndarray, height: float, bars: Bars) -> float:
    """Bars of one table at `places`: of `COST` one after the other, of `CARBON` one in front of the other. Returns how
    far they reach."""
    start, far = np.zeros(len(table)), 0.0
    for index, (column, _, colour, hatch) in enumerate(bars):
        values = table[column].to_numpy(float)
        lengths = np.nan_to_num(values)
        inner = bars is CARBON and index > 0
        ax.barh(
            places, lengths, height * (0.5 if inner else 1.0), left=None if bars is CARBON else start,
            color=colour, hatch=hatch, edgecolor="#ffffffa0", linewidth=0.0,
        )  # fmt: skip
        start = lengths if bars is CARBON else start + lengths
        far = max(far, float(start.max(initial=0.0)))
    return far


def _axis(ax: Axes, far: float, write: Callable[[float], str], room: float = 0.02) -> None:
    """From 0 to `far`, and a share of `room` beyond."""
    ax.set_xlim(0, (1 + room) * far or 1.0)
    step = text.round_below(far / 3.9) if far else 1.0
    ax.xaxis.set_major_locator(FixedLocator([index * step for index in range(int(far / step + 1e-9) + 1)]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value) if value else "0"))
    style.grid(ax, "x")


def _totals(ax: Axes, found: Mapping[str, pd.DataFrame], bars: Bars, what: str, write: Callable[[float], str]) -> None:
    """All hubs together, by allocation; there is no sum of what is not known of some hub."""
    style.heading(ax, f"{what}, all hubs")
    sums = pd.DataFrame({name: table.sum(skipna=False) for name, table in found.items()}).T
    columns = [column for column, *_ in bars]
    if sums[columns].isna().all(axis=None):
        style.sentence(ax, "Not known of every hub, so there is no sum.")
        return
    style.name_rows(ax, [fonts.name(name, 26) for name in sums.index])
    far = _draw(ax, sums, np.arange(len(sums)), 0.7, bars)
    for row, (_, values) in enumerate(sums.iterrows()):
        known = values[columns].fillna(0.0)
        said = (" + " if bars is COST else " / ").join(write(values[column]) for column in columns)
        end = float(known.sum() if bars is COST else known.max())
        ax.annotate(said, (end, row), (4, 0), textcoords="offset points", va="center", fontsize=style.SMALL)
    _axis(ax, far, write, room=0.6)


def _rows(
    ax: Axes,
    found: Mapping[str, pd.DataFrame],
    hubs: Sequence[Any],
    bars: Bars,
    what: str,
    write: Callable[[float], str],
) -> None:
    names = ", ".join(fonts.name(name, 20) for name in found)
    style.heading(ax, f"{what} by hub" + (f"; per row from the top: {names}" if len(found) > 1 else ""))
    style.name_rows(ax, [fonts.name(hub, 26) for hub in hubs])
    height, far = SHARE / len(found), 0.0
    for index, table in enumerate(found.values()):
        places = np.arange(len(hubs)) + (index + 0.5) * height - SHARE / 2
        far = max(far, _draw(ax, table.reindex(pd.Index(hubs)), places, 0.86 * height, bars))
    _axis(ax, far, write)
