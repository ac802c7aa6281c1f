"""Charts of single failures: bars of the worst. The table is that of `hubnet.resilience`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ..study.resilience import HARM, KINDS
from . import fonts, style
from .critical import chosen, resilience_map, steps, told
from .files import file_stems
from .gallery import Chart, save_each
from .tables import NetworkGraph

COUNT = 12
MOST_PANELS = 4
LOOKS = {"trunk": ("#5b8db8", ""), "hub": (style.REGION, "///"), "type": ("#8f8f9c", "...")}


def save_resilience(table: pd.DataFrame, network: NetworkGraph, folder: Path) -> list[Path]:
    """Draw `failures-NAME.png` and `critical-NAME.png` of each allocation NAME into `folder`, which is made. Returns
    their paths."""
    return save_each(failure_charts(table, network), folder)


def failure_charts(table: pd.DataFrame, network: NetworkGraph) -> list[Chart]:
    """The charts of a study of failures, as `save_resilience` draws them."""
    names = list(dict.fromkeys(table["allocation"]))
    return [
        chart
        for stem, name in zip(file_stems(names), names, strict=True)
        for chart in (
            Chart("failures", partial(resilience_bars, table, name), stem, name),
            Chart("critical", partial(resilience_map, table, network, name), stem, name),
        )
    ]


@style.styled
def resilience_bars(table: pd.DataFrame, allocation: str | None = None, count: int = COUNT) -> Figure:
    """The `count` worst failures of each kind, of an allocation (the first unless given), with their ranks among all:
    what each adds to the measures of harm, of which the first four that any of them has are shown. Bars to the left:
    less than without the failure.

    >>> chart = hn.plot.resilience_bars(table)
    """
    every = chosen(table, allocation)
    worst = {kind: every[(every["kind"] == kind) & ~every["harmless"]].head(count) for kind in KINDS}
    worst = {kind: rows for kind, rows in worst.items() if len(rows)}
    heights = [0.27 * len(rows) + 1.0 for rows in worst.values()]
    figure = style.figure(min(sum(heights) + 1.0, 40.0) if worst else 3.2)
    many = table.attrs.get("replications", 1) > 1
    harmless = f"{int(every['harmless'].sum())} of {len(every)} failures did no harm"
    lines = ["The worst failures", told(table, every), harmless]
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=style.LARGE)
    if not worst:
        style.sentence(style.dressed(figure.add_subplot()), "No failure did any harm.")
        return figure
    parts = figure.subfigures(len(worst), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (kind, rows) in zip(parts, worst.items(), strict=True):
        shown = [name for name in HARM if (rows[name] > 0).any()][:MOST_PANELS]
        panels = part.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for ax, name in zip(panels, shown, strict=True):
            _bars(style.dressed(ax), rows, name, kind)
            ax.tick_params(axis="y", length=0)
        names = [f"{_rank(row, many)} {fonts.name(row.failure, 34)}" for row in rows.itertuples()]
        style.name_rows(panels[0], names)
        panels[0].set_ylabel(KINDS[kind], fontweight="bold")
    return figure


def _rank(row: Any, many: bool) -> str:
    """ "3.", or of many replications "3. (2-5)" with the best and worst of single ones."""
    return f"{row.rank}. ({row.rank_best}-{row.rank_worst})" if many else f"{row.rank}."


def _bars(ax: Axes, rows: pd.DataFrame, name: str, kind: str) -> None:
    words, write = HARM[name]
    colour, hatch = LOOKS[kind]
    values = rows[name].fillna(0.0)
    ax.barh(range(len(rows)), values, height=0.7, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
    ax.axvline(0.0, color=style.INK, linewidth=0.8)
    style.heading(ax, f"{words}, added")
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(steps(name, high - low))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value) if value else "0"))
    style.grid(ax, "x")
