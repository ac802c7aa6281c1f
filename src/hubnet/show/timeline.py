"""What charts over time have in common: the axis, the time that is not measured, courses by bin, and incidents."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from .. import text
from . import style

# Kinds of incident: colour and marker. Both differ, so that either is enough.
KINDS = {
    "cut": ("#b2182b", "X"),
    "degrade": ("#d98c00", "v"),
    "outage": ("#5e3c99", "s"),
    "surge": ("#1b7837", "^"),
}
OTHER_KIND = (style.FAINT, "o")
RUG = -1.1  # where incidents are marked above the rows of a heat map
MOST_LINES = 8  # incidents; more lines than this hide what they cross


def time_axis(ax: Axes, start: float, end: float) -> None:
    """Make the x axis one of time since the scenario's start, from `start` to `end` s; data stay in s."""
    length, unit = text.time_unit(end - start)
    ax.set_xlim(start, end)
    count = (end - start) / length
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if count / size <= 14)
    first = int(-(-start // (step * length)))
    ax.xaxis.set_major_locator(
        FixedLocator([index * step * length for index in range(first, int(end // (step * length)) + 1)])
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / length:,.0f}"))
    ax.set_xlabel(f"time since the start ({unit})")


def unmeasured(ax: Axes, start: float, end: float, window: tuple[float, float], named: bool = True) -> None:
    """Hatch what an axis from `start` to `end` s shows before and after the window: it is not measured. `named`: say
    which of the two it is."""
    opened, closed = window
    for low, high, words in ((start, opened, "warm-up"), (closed, end, "after the window")):
        if high > low:
            ax.axvspan(low, high, facecolor="none", edgecolor="#00000055", hatch="//", linewidth=0)
            ax.axvline(opened if low < opened else closed, color=style.INK, linewidth=1.4, linestyle="--")
            if named:
                box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
                ax.text(
                    (low + high) / 2, 0.5, words, transform=ax.get_xaxis_transform(), rotation=90,
                    ha="center", va="center", bbox=box, fontsize=style.SMALL,
                )  # fmt: skip


def colour_bar(ax: Axes, picture: ScalarMappable, label: str, top: float = 1.0, over: bool = False) -> None:
    """The colour bar, in percent, of a heat map of shares up to `top`; `over`: some are above it."""
    extend: Literal["both", "min"] = "both" if over else "min"
    bar = ax.figure.colorbar(picture, ax=ax, pad=0.015, fraction=0.04, aspect=35, extend=extend, extendfrac=0.03)
    marks = [style.NEXT_TO_NOTHING * top, *(step * top / 5 for step in range(1, 6))]
    bar.set_ticks(marks, labels=["0", *(f"{100 * mark:.3g}" for mark in marks[1:])])
    bar.set_label(label)
    bar.outline.set_visible(False)


def shade(ax: Axes, incidents: pd.DataFrame, end: float) -> None:
    """Shade the time in which each of a few incidents (kind, at_s, end_s) was in force, until `end` s at most."""
    for name, at, until in zip(incidents["kind"], incidents["at_s"], incidents["end_s"], strict=True):
        colour, _ = kind(name)
        ax.axvspan(at, min(until, end), color=colour, alpha=0.14, linewidth=0, zorder=1.5)
        ax.axvline(at, color=colour, linewidth=0.8, zorder=1.6)


def steps(values: np.ndarray) -> np.ndarray:
    """Values by bin for a line over the edges of the bins, drawn as `steps-post`: the last one twice."""
    return np.append(values, values[-1:])


def kind(name: object) -> tuple[str, str]:
    """Colour and marker of a kind of incident."""
    return KINDS.get(str(name), OTHER_KIND)


def rug(ax: Axes, incidents: pd.DataFrame, end: float, rows: int) -> list[Line2D]:
    """Mark incidents (kind, at_s, end_s) above the rows 0 to `rows` - 1 of a heat map: where each begins. Of a few
    it is also shown how long they were in force, until `end` s, with lines through the rows where they begin and end.

    Returns one mark for each kind that occurs, labelled with it, for a key.
    """
    marks, at, until = [], incidents["at_s"], incidents["end_s"].clip(upper=end)
    few = len(incidents) <= MOST_LINES
    if few:
        cased = [patheffects.withStroke(linewidth=2.6, foreground="white")]
        for moments, dashes in ((at[at < end], "-"), (until[until < end], ":")):
            ax.vlines(
                sorted(set(moments)), -0.5, rows - 0.5, color=style.INK, linewidth=1.0, linestyle=dashes,
                path_effects=cased,
            )  # fmt: skip
    for place, (name, members) in enumerate(incidents.groupby("kind", sort=True)):
        colour, marker = kind(name)
        heights = [RUG if few else RUG + 0.3 * (place - 1)] * len(members)  # many: each kind at a height of its own
        if few:
            ax.hlines(heights, members["at_s"], until[members.index], color=colour, linewidth=3, alpha=0.35)
        marks += ax.plot(
            members["at_s"], heights, ls="none", marker=marker, color=colour, mec="white", mew=0.6 if few else 0.2,
            ms=7 if few else 4, label=str(name), clip_on=False, zorder=5,
        )  # fmt: skip
    ax.text(
        -0.005, RUG, "incidents", transform=ax.get_yaxis_transform(), ha="right", va="center", color=style.FAINT,
        fontsize=min(label.get_fontsize() for label in ax.get_yticklabels()),
    )  # fmt: skip
    return marks
