"""When the hubs are busy: utilization by hub and hour, with the days marked."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from .. import text
from . import hubs, style, tables, timeline
from .tables import ResultTables

MOST_DAYS = 31  # more days than this have no room for a name each


@style.styled
def heat(result: ResultTables, ax: Axes | None = None) -> Axes:
    """Utilization of each hub (rows) in each hour of the run (columns), in percent of the devices in force.

    Days, counted from 1 at the start, are marked below; the warm-up, which is not measured, is hatched. Runs of
    more than 400 hours have wider columns, and runs of less than half a day are drawn by time bin.

    >>> ax = hn.plot.heat(result)
    """
    members = tables.hubs(result)
    rows = hubs.rows_of(members)
    ax = style.axes(ax, max(style.rows_height(len(rows)), 4.8))  # room for the label of the colour bar
    style.heading(ax, "Utilization of the hubs by hour", result)
    edges, shares = tables.hub_columns(result)
    if members.empty or shares.empty:
        return style.sentence(ax, hubs.NO_POOLS)
    if not result.pools["busy"].any():
        return style.sentence(ax, hubs.idle(result))
    hubs.paint(ax, members, edges, shares)
    days(ax, float(edges[0]), float(edges[-1]))
    timeline.unmeasured(ax, float(edges[0]), float(edges[-1]), result.window)
    return ax


def days(ax: Axes, start: float, end: float) -> None:
    """Mark the days on an axis of time from `start` to `end` s, with their numbers in the middle; a run of less than
    two days has an axis in hours instead, and one of many days only some of them."""
    count = (end - start) / text.DAY
    if count < 2 or count > MOST_DAYS:
        timeline.time_axis(ax, start, end)
        return
    first, last = int(start // text.DAY), int(-(-end // text.DAY))
    ax.set_xlim(start, end)
    midnights = [day * text.DAY for day in range(first, last + 1) if start <= day * text.DAY <= end]
    middles = [(day + 0.5) * text.DAY for day in range(first, last) if (day + 0.5) * text.DAY <= end]
    ax.xaxis.set_major_locator(FixedLocator(midnights))
    ax.xaxis.set_major_formatter(FixedFormatter([""] * len(midnights)))
    ax.xaxis.set_minor_locator(FixedLocator(middles))
    named = "day {}" if count <= 10 else "{}"
    ax.xaxis.set_minor_formatter(FixedFormatter([named.format(int(middle // text.DAY) + 1) for middle in middles]))
    ax.tick_params(axis="x", which="major", length=7)
    ax.tick_params(axis="x", which="minor", length=0, labelsize=style.SMALL, labelcolor=style.INK)
    ax.set_xlabel("day of the run" if count > 10 else "day of the run, 24 hours each")
