"""How busy the trunks are."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import text
from . import fonts, style, tables
from .tables import ResultTables


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
    labels = [_direction(row["trunk"], row["from"], row["to"]) for _, row in busiest.iterrows()]
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


def _direction(trunk: str, start: str, end: str) -> str:
    """`start → end`, with the trunk's name if it says more than its two ends."""
    words = f"{fonts.name(start, 24)} → {fonts.name(end, 24)}"
    if trunk in (f"{start}-{end}", f"{end}-{start}"):
        return words
    return f"{words} ({fonts.name(trunk, 24)})"
