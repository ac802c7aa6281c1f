"""Nations side by side: what the same demand takes in each, and why."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import text
from ..study.measures import t_interval
from ..study.nations import figures
from . import fonts, style
from .tables import StudyTables

Write = Callable[[float], str]
MOST_LETTERS = 22  # of a run's name
ENDS = 0.5  # of the width: where the values stand, right of the bars
PANELS: tuple[tuple[str, str, Write], ...] = (  # three in a row; below each other: energy, electricity, CO2
    ("one_way_ms", "One-way delay, mean", lambda ms: f"{ms:.1f} ms"),
    ("response_s", "Response, mean of finished jobs", text.seconds),
    ("utilization", "Utilization, mean", text.percent),
    ("energy_kwh", "Energy, in the time measured", text.energy),
    ("cost_yuan", "Electricity, in the time measured", text.money),
    ("carbon_kg", "CO2 by the grid, in the time measured", text.mass),
    ("kwh_per_eflop_h", "Devices' energy per EFLOP-hour of work", text.energy),
    ("yuan_per_eflop_h", "Electricity per EFLOP-hour of work", text.money),
    ("kg_per_eflop_h", "CO2 per EFLOP-hour of work", text.mass),
    ("pue", "Why: PUE where the work went", "{:.3f}".format),
    ("yuan_per_kwh", "Why: price where the work went", "{:.3f} yuan/kWh".format),
    ("kg_per_kwh", "Why: CO2 where the work went", "{:.3f} kg/kWh".format),
)


@style.styled
def nations(study: StudyTables) -> Figure:
    """The nations of a study side by side, a panel per measure: delay, response and utilization; what an EFLOP-hour of
    work takes in electricity and CO2; and what these are products of (see `hubnet.study.nations`).

    With more than one replication bars are means, with 95 % intervals (Student's t). A measure that cannot be
    reckoned in a nation has no bar there.

    >>> chart = hn.plot.nations(hn.nations("scenarios/two-nations.yaml"))
    """
    names = list(study.results)
    samples = {name: [figures(run) for run in runs] for name, runs in study.results.items()}
    columns = 3
    rows = math.ceil(len(PANELS) / columns)
    figure = style.figure(min(rows * (1.0 + 0.3 * len(names)) + 0.9, 40.0))
    looks = style.series(len(names))
    for index, (column, title, write) in enumerate(PANELS):
        ax = style.dressed(figure.add_subplot(rows, columns, index + 1))
        found = [t_interval([one[column] for one in samples[name]]) for name in names]
        _panel(ax, names, found, looks, title, write)
    first = next(iter(study.results.values()))
    told = f"{len(first)} replications, with 95 % intervals" if len(first) > 1 else "one replication"
    words = f"{fonts.name(first[0].name, 64)}, {told}, {style.measured(first[0])}"
    title = "The same demand in several nations: what it takes, and why"
    figure.suptitle("\n".join([title, *textwrap.wrap(words, 130)]), x=0.01, ha="left", fontsize=style.LARGE)
    return figure


def _panel(
    ax: Axes,
    names: Sequence[str],
    found: Sequence[tuple[float, float, float]],
    looks: Sequence[tuple[Any, str, str]],
    title: str,
    write: Write,
) -> None:
    """A bar per run, from 0, its value written at the right."""
    style.heading(ax, title)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    style.name_rows(ax, [fonts.name(name, MOST_LETTERS) for name in names], above=0.5)
    if all(math.isnan(mean) for mean, _, _ in found):
        style.sentence(ax, "It cannot be reckoned.")
        return
    top = max(float(np.nanmax([mean, high])) for mean, _, high in found if not math.isnan(mean)) or 1.0
    ax.set_xlim(0, top * (1 + ENDS))
    for row, ((mean, low, high), (colour, _, hatch)) in enumerate(zip(found, looks, strict=True)):
        if math.isnan(mean):
            ax.text(0.01 * top, row, "not known", va="center", fontsize=style.SMALL, color=style.FAINT)
            continue
        error = None if math.isnan(low) else [[mean - max(low, 0.0)], [high - mean]]
        ax.barh(row, mean, xerr=error, height=0.66, color=(*colour[:3], 0.55), hatch=hatch, edgecolor=colour, capsize=3)
        ax.text(top * (1 + ENDS), row, write(mean), ha="right", va="center", fontsize=style.SMALL)
