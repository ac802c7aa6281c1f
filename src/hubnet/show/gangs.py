"""How long jobs wait by their width, the number of devices that they want at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from .. import text
from . import style
from .tables import ResultTables

QUANTILES = {"p50": (style.HUB, "median"), "p95": ("white", "95 % quantile")}  # fill, name


@style.styled
def widths(result: ResultTables, ax: Axes | None = None) -> Axes:
    """Median and 95 % quantile of the wait in the queue, by devices per job in powers of two, on logarithmic axes.

    A wait of zero stands on a line of its own below the others; an arrow at the top means: beyond the end of the run.
    Below each width is the number of its jobs that were not rejected.

    >>> ax = hn.plot.widths(result)
    """
    ax = style.axes(ax, 4.8)
    style.heading(ax, "Wait in the queue, by devices per job", result)
    table = result.widths[result.widths["submitted"] > result.widths["rejected"]].reset_index(drop=True)
    if table.empty:
        return style.sentence(ax, "No job was submitted and not rejected, so there is no wait to show.")
    values = table[[f"wait_{quantile}_s" for quantile in QUANTILES]].to_numpy(dtype=float)
    heights = _heights(ax, values)
    places = np.arange(len(table))
    ax.vlines(places, heights[:, 0], heights[:, 1], color=style.HUB, linewidth=1.4)
    for column, (fill, _) in reversed(list(enumerate(QUANTILES.values()))):
        for place, height, value in zip(places, heights[:, column], values[:, column], strict=True):
            marker, shade = ("^", style.HUB) if np.isinf(value) else ("o", fill)
            ax.plot([place], [height], marker=marker, ms=8, color=style.HUB, mfc=shade, ls="none", clip_on=False)
    _name_columns(ax, table)
    keys = [Line2D([], [], color=style.HUB, marker="o", ms=8, mfc=fill, ls="none") for fill, _ in QUANTILES.values()]
    labels = [name for _, name in QUANTILES.values()]
    if np.isinf(values).any():
        keys.append(Line2D([], [], color=style.HUB, marker="^", ms=8, ls="none"))
        labels.append("beyond the end of the run")
    style.legend(ax, keys, labels, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _heights(ax: Axes, values: np.ndarray) -> np.ndarray:
    """Make the y axis one of waits, and say where on it waits in s stand; inf is at the top, 0 on the line `none`."""
    known = values[np.isfinite(values) & (values > 0)]
    low, high = (float(known.min()), float(known.max())) if known.size else (1.0, 1.0)
    none, top = low / 4, high * 3
    style.seconds_axis(ax, none / 1.6, top, "wait (logarithmic)", "y")
    ax.yaxis.set_major_locator(FixedLocator([none, *text.second_ticks(low / 2, top)]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "none" if value == none else text.seconds(value)))
    style.grid(ax, "y")
    return np.where(np.isinf(values), top, np.where(values > 0, values, none))


def _name_columns(ax: Axes, table: pd.DataFrame) -> None:
    """Under each column its width, and how many jobs it has; in small letters if there is little room."""
    jobs = table["submitted"] - table["rejected"]
    names = [f"{width}\n{text.number(count)}" for width, count in zip(table["width"], jobs, strict=True)]
    longest = max(len(line) for name in names for line in name.split("\n"))
    size = min(style.SMALL, 72 * style.inches(ax)[0] / len(table) / (0.62 * (longest + 1)))
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.set_xticks(range(len(table)), labels=names, fontsize=max(size, 4.0))
    ax.set_xlabel("devices per job, in powers of two, and below how many jobs want so many")
