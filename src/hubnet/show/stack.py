"""What the jobs ask for over time, by class, whatever became of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from .. import text
from . import fonts, heatmap, style, tables, timeline
from .tables import ResultTables

MOST_CLASSES = 8  # more than this cannot be told apart in a stack: the rest are drawn as one


@style.styled
def demand(result: ResultTables, ax: Axes | None = None) -> Axes:
    """The devices that the jobs of each class ask for over time, stacked; the class that asks for most is lowest.

    Per hour, the mean number of reference devices that would be busy if every job ran from its submission, rejected
    and unfinished ones too: what the jobs want, before queues and transfers shape it. More than 400 hours are drawn
    in wider steps, and runs of less than half a day by time bin.

    >>> ax = hn.plot.demand(result)
    """
    ax = style.axes(ax, 5.2)
    style.heading(ax, "Demand over time: devices asked for, by class", result)
    edges, asked = tables.demand_columns(result)
    asked = _largest(asked[asked.sum(axis=1) > 0])
    if asked.empty:
        return style.sentence(ax, "No job asked for device time, so there is no demand to show.")
    floor, keys = np.zeros(asked.shape[1]), []
    for values, (colour, _, hatch) in zip(asked.to_numpy(), style.series(len(asked)), strict=True):
        upper = floor + values
        look = {"facecolor": colour, "hatch": hatch, "edgecolor": "#ffffff80", "linewidth": 0.0}
        ax.fill_between(edges, timeline.steps(floor), timeline.steps(upper), step="post", **look)
        keys.append(Patch(**look))
        floor = upper
    ax.set_ylim(0, 1.08 * float(floor.max()))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text.number(value)))
    ax.set_ylabel("devices asked for (reference devices)")
    heatmap.days(ax, float(edges[0]), float(edges[-1]))
    timeline.unmeasured(ax, float(edges[0]), float(edges[-1]), result.window)
    style.grid(ax, "y")
    style.legend_below(ax, keys[::-1], [str(name) for name in asked.index][::-1], ncols=4)
    return ax


def _largest(asked: pd.DataFrame) -> pd.DataFrame:
    """The classes that ask for most, most first, under names to be shown; the others as one row, the last."""
    order = asked.loc[asked.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    order.index = pd.Index([fonts.name(name, 34) for name in order.index])
    if len(order) <= MOST_CLASSES:
        return order
    rest = order.iloc[MOST_CLASSES - 1 :]
    others = rest.sum().to_frame(f"{len(rest)} other classes").T
    return pd.concat([order.iloc[: MOST_CLASSES - 1], others])
