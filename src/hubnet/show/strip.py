"""The strip of incidents on top of the charts over time: a bar for how long each was in force, with its name."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from .. import text
from . import fonts, style, timeline

LANE = 0.21  # inches
PAD = 0.05  # inches between a bar and its name
LEAST = 0.04  # inches; shorter bars cannot be seen


@dataclass(frozen=True)
class Bar:
    """An incident in the strip: its name, its kind, its lane from the top, where its bar lies and where its name
    begins, in inches from the left."""

    name: str
    kind: str
    lane: int
    left: float
    right: float
    words: float


@dataclass(frozen=True)
class Strip:
    """The bars of the incidents that have a name, and the number of lanes; the last one is for `others`, which have
    none. wide: inches; start, end: of the axis of time in s."""

    bars: list[Bar]
    lanes: int
    others: int
    wide: float
    start: float
    end: float

    @property
    def height(self) -> float:
        """Inches."""
        return LANE * self.lanes + 0.1

    def at(self, moment: float) -> float:
        """Where a moment in s lies, in inches from the left."""
        return self.wide * (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)


def lay_out(shown: pd.DataFrame, every: int, start: float, end: float, wide: float) -> Strip:
    """Give each of a few incidents a lane in which bar and name meet no other; the earliest are on top.

    every: how many incidents there are in all. A name stands in its bar, or right of it, or left of it: where there
    is room.
    """
    empty = Strip([], 0, every - len(shown), wide, start, end)
    bars: list[Bar] = []
    ends: list[float] = []  # of what stands in each lane, inches
    for _, row in shown.sort_values(["at_s", "incident"], kind="stable").iterrows():
        name = label(row)
        long = width(name)
        left, right = empty.at(row["at_s"]), empty.at(row["end_s"])
        left = min(left, wide - LEAST)
        right = max(right, left + LEAST)
        inside, after = right - left > long + 2 * PAD, right + PAD + long <= wide
        words = left + PAD if inside else right + PAD if after else max(left - PAD - long, 0.0)
        first, last = min(left, words), max(right, words + long)
        lane = next((index for index, taken in enumerate(ends) if taken + PAD <= first), len(ends))
        ends[lane : lane + 1] = [last]
        bars.append(Bar(name, str(row["kind"]), lane, left, right, words))
    return Strip(bars, len(ends) + (empty.others > 0), empty.others, wide, start, end)


def label(row: pd.Series) -> str:
    """The number and the words of an incident."""
    return f"{row['incident']}  {fonts.name(row['what'], 40)}"


def width(words: str) -> float:
    """How wide words in the smaller size are, in inches."""
    return float(TextPath((0, 0), words, size=style.SMALL).get_extents().width) / 72 + 0.03


def draw(ax: Axes, strip: Strip, every: pd.DataFrame) -> None:
    """Draw the strip on an Axes over time of `strip.wide` by `strip.height` inches; every: all incidents, the first of
    which have a bar."""
    second = (strip.end - strip.start) / strip.wide  # per inch
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    ax.set_ylim(strip.lanes - 0.4, -0.6)
    ax.set_yticks([0], labels=["incidents"])
    ax.tick_params(axis="y", length=0, labelcolor=style.FAINT)
    ax.spines[:].set_visible(False)
    ax.tick_params(axis="x", length=0)
    for bar in strip.bars:
        colour, _ = timeline.kind(bar.kind)
        where = strip.start + bar.left * second, bar.lane - 0.42
        long = (bar.right - bar.left) * second
        ax.add_patch(Rectangle(where, long, 0.84, facecolor=colour, alpha=0.3, linewidth=0))
        ax.vlines(where[0], bar.lane - 0.42, bar.lane + 0.42, color=colour, linewidth=2)
        ax.vlines(where[0], bar.lane, strip.lanes, color=colour, linewidth=0.8, zorder=1)
        words = strip.start + bar.words * second
        ax.text(words, bar.lane, bar.name, va="center", fontsize=style.SMALL, path_effects=halo)
    if strip.others:
        lane = strip.lanes - 1
        for kind, members in every.iloc[len(strip.bars) :].groupby("kind", sort=True):
            colour, marker = timeline.kind(kind)
            ax.plot(
                members["at_s"], [lane] * len(members), ls="none", marker=marker, color=colour, mec="white", mew=0.2,
                ms=4.5, clip_on=False,
            )  # fmt: skip
        ax.text(
            1.0,
            lane,
            f" {text.number(strip.others)} more",
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=style.SMALL,
        )
