"""The table of incidents under the charts: what happened, when, and the harm it did."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from .. import text
from . import fonts, harm, style

ROW = 0.215  # inches
HOUR = 3600.0
# Heading in two lines, where the column ends as a share of the width, and what stands in it.
COLUMNS: tuple[tuple[str, float, Callable[[pd.Series], str]], ...] = (
    ("\nat", 0.375, lambda row: text.seconds(row["at_s"])),
    ("\nlasted", 0.445, lambda row: lasted(row)),
    ("pairs\nmoved", 0.5, lambda row: text.number(row["pairs_moved"])),
    ("pairs\ncut off", 0.555, lambda row: text.number(row["pairs_cut_off"])),
    ("detour, one way\nmean", 0.645, lambda row: milliseconds(row["detour_mean_ms"])),
    ("\nmost", 0.705, lambda row: milliseconds(row["detour_max_ms"])),
    ("transfers\nmoved", 0.785, lambda row: text.number(row["flows_moved"])),
    ("transfers\nstalled", 0.855, lambda row: text.number(row["flows_stalled"])),
    ("jobs\ndisplaced", 0.925, lambda row: text.number(row["jobs_displaced"])),
    ("work lost\ndevice-h", 1.0, lambda row: text.number(row["work_lost_device_s"] / HOUR)),
)

WHEN = tuple(write for _, _, write in COLUMNS[:2])  # all that is told of a surge; what it did is in the jobs


def height(rows: int, more: bool) -> float:
    """Inches of a table of `rows` incidents; `more`: with a line for those that are left out."""
    return ROW * (rows + 2.4 + (1.2 if more else 0.0))


def draw(ax: Axes, shown: pd.DataFrame, every: pd.DataFrame) -> None:
    """Write the table of the incidents `shown`, which are the first of `every` (as `harm.ranked`)."""
    ax.set_axis_off()
    more = len(every) > len(shown)
    ax.set(xlim=(0, 1), ylim=(len(shown) + 1.2 * more + 0.4, -2.0))
    small: dict[str, Any] = {"fontsize": style.SMALL, "va": "center"}
    above: dict[str, Any] = {"fontsize": style.SMALL, "va": "baseline", "linespacing": 1.15, "color": style.FAINT}
    ax.text(0.022, -0.35, "incident, the most harmful first", **above)
    for heading, end, _ in COLUMNS:
        ax.text(end, -0.35, heading, ha="right", **above)
    ax.axhline(-0.1, color=style.PALE, linewidth=0.9)
    for place, (_, row) in enumerate(shown.iterrows()):
        ax.text(0.016, place + 0.5, str(row["incident"]), ha="right", **small)
        ax.text(0.022, place + 0.5, _words(row), **small)
        for _, end, write in COLUMNS:
            told = row["kind"] != "surge" or write in WHEN
            words = write(row) if told else text.NOTHING
            colour = style.FAINT if words in ("0", text.NOTHING) else style.INK
            ax.text(end, place + 0.5, words, ha="right", color=colour, **small)
    if more:
        ax.text(0.022, len(shown) + 0.9, _rest(shown, every), color=style.FAINT, **small)


def _words(row: pd.Series) -> str:
    """What happened, and where if its title does not say it."""
    place, pools = row["hub"] if row["pools"] else row["target"], len(row["pools"])
    more = [] if str(place) in str(row["what"]) else [f"{row['kind']} {fonts.name(place, 24)}"]
    more += [f"{pools} pools"] if pools > 1 else []
    return fonts.name(row["what"], 52 - 14 * len(more)) + (f" ({', '.join(more)})" if more else "")


def lasted(row: pd.Series) -> str:
    """How long an incident was in force."""
    return "to the end" if math.isinf(row["end_s"]) else text.seconds(row["end_s"] - row["at_s"])


def milliseconds(value: float) -> str:
    """A delay that is given in ms, in a unit that people use."""
    return text.seconds(value / 1000)


def _rest(shown: pd.DataFrame, every: pd.DataFrame) -> str:
    """What is not in the table, and what all incidents did together."""
    sums = every[list(harm.COUNTS)].sum()
    return (
        f"and {text.number(len(every) - len(shown))} more; all {text.number(len(every))} together: "
        f"{text.number(sums['flows_moved'])} transfers moved, {text.number(sums['flows_stalled'])} stalled, "
        f"{text.number(sums['jobs_displaced'])} jobs displaced, "
        f"{text.number(sums['work_lost_device_s'] / HOUR)} device-h of work lost"
    )
