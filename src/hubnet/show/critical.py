"""The map of critical trunks and hubs: what each does to the jobs when it fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    Locator,
    LogLocator,
    MaxNLocator,
    MultipleLocator,
    NullLocator,
)

from .. import text
from ..study.resilience import HARM, WORST, primary
from . import atlas_key, fonts, ground, places, style
from .atlas_key import EXCHANGE_POINTS, Scale
from .labels import Labels
from .tables import NetworkGraph

HUB_POINTS, TRUNK_POINTS = (5.0, 26.0), (1.4, 7.0)  # smallest, largest mark of what does harm
DELAYS = ("one_way_ms", "detour_ms")  # all other measures of harm are times, or counts
HARMLESS = {"color": "#b9b9c2", "linewidth": 0.7}
OPEN = {"marker": "o", "mfc": "white", "mec": style.FAINT, "ms": 4.5}
HARMFUL = {"marker": "o", "mfc": style.REGION, "mec": "white"}


@style.styled
def resilience_map(
    table: pd.DataFrame,
    network: NetworkGraph,
    allocation: str | None = None,
    measure: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The network on a map, by the harm that each trunk and each hub does when it fails alone.

    table: of `hubnet.resilience`. allocation: unless given, the first. measure: a column of harm; unless given, the
    first in the order of ranking that a tenth of the trunks has, and that a tenth of the hubs has.
    Trunks: colour (a logarithmic scale) and width are harm; grey and thin: none. Hubs: size is harm, also at the label;
    small and open: none. Numbers at trunks: their rank among all failures, of the ten worst.

    >>> ax = hn.plot.resilience_map(table, scenario.network())
    """
    rows = chosen(table, allocation)
    by_trunk, by_hub = (rows[rows["kind"] == kind].set_index("failure") for kind in ("trunk", "hub"))
    of_trunks, of_hubs = measure or primary(by_trunk), measure or primary(by_hub)
    graph = network.graph
    at, on_earth = places.positions(graph), places.known(graph)
    ax, zoom = ground.spread(ax, at, on_earth)
    ax.set_title(f"Critical trunks and hubs\n{told(table, rows)}", loc="left", fontsize=style.NORMAL + 1.5)
    colours, lines = _trunks(ax, graph, at, on_earth, by_trunk, of_trunks, zoom)
    size = Scale.over(by_hub[of_hubs], HUB_POINTS, zoom)
    _cities(ax, graph, at, by_hub[of_hubs], size)
    _labels(ax, graph, at, lines, by_trunk, by_hub[of_hubs], of_hubs, size, zoom)
    _key(ax, colours, of_trunks, of_hubs, size, hubs=not by_hub.empty)
    return ax


def chosen(table: pd.DataFrame, allocation: str | None) -> pd.DataFrame:
    """The rows of one allocation; the first unless one is named."""
    return table[table["allocation"] == (table["allocation"].iloc[0] if allocation is None else allocation)]


def told(table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Which scenario and allocation, and when things fail."""
    attrs = table.attrs
    length = attrs.get("lasting_s")
    lasting = "to the end" if length is None else f"for {text.seconds(length)}"
    name, allocation = fonts.name(attrs.get("scenario", ""), 64), fonts.name(rows["allocation"].iloc[0], 40)
    many = f", means of {attrs['replications']} replications" if attrs.get("replications", 1) > 1 else ""
    return f"{name}, allocation {allocation}, each fails alone from {text.seconds(attrs['at_s'])} on, {lasting}{many}"


def steps(measure: str, span: float) -> Locator:
    """Where to mark an axis of a measure of harm that is `span` long: times in steps that people use."""
    if HARM[measure][1] is not text.seconds:
        return MaxNLocator(4) if measure in DELAYS else style.whole_numbers(4)
    unit = next((unit for unit in (text.DAY, text.HOUR, text.MINUTE) if span > 2 * unit), 1.0)
    return MultipleLocator(text.round_below(span / unit / 2) * unit)


def _trunks(
    ax: Axes, graph: nx.Graph, at: Any, on_earth: bool, rows: pd.DataFrame, measure: str, zoom: float
) -> tuple[ScalarMappable | None, np.ndarray]:
    """Draw the trunks, the worst on top. Returns their colours, and points along them (data units)."""
    harm = {name: float(value) for name, value in rows[measure].fillna(0.0).items()}
    edges = sorted(graph.edges(data=True), key=lambda edge: harm.get(edge[2]["name"], 0.0))
    if not edges:
        return None, np.empty((0, 2))
    lines = [ground.line(at[start], at[end], on_earth) for start, end, _ in edges]
    values = np.array([harm.get(edge["name"], 0.0) for _, _, edge in edges])
    bad = values > 0
    none = [line for line, one in zip(lines, bad, strict=True) if not one]
    ax.add_collection(LineCollection(none, **HARMLESS, zorder=2), autolim=False)
    width = Scale.over(values, TRUNK_POINTS, zoom)
    drawn = LineCollection(
        [line for line, one in zip(lines, bad, strict=True) if one],
        linewidths=[width(value) for value in values[bad]],
        cmap=style.USE,
        norm=_norm(values[bad]),
        capstyle="round",
        zorder=3,
    )
    drawn.set_array(values[bad])
    ax.add_collection(drawn, autolim=False)
    ranks = rows["rank"][~rows["harmless"]]
    for (_, _, edge), line in zip(edges, lines, strict=True):
        if ranks.get(edge["name"], WORST + 1) <= WORST:
            ax.annotate(
                str(ranks[edge["name"]]), line[places.STEPS // 2], ha="center", va="center", zorder=12,
                fontsize=style.SMALL - 1, color=style.INK,
                bbox={"boxstyle": "circle,pad=0.22", "fc": "white", "ec": style.INK, "lw": 0.8},
            )  # fmt: skip
    return drawn if bad.any() else None, np.concatenate(lines)


def _norm(values: np.ndarray) -> LogNorm:
    """A logarithmic scale of harm, which spans orders of magnitude: up to the worst, over three of them at most."""
    if not len(values):
        return LogNorm(0.1, 1.0)
    worst = float(values.max())
    return LogNorm(max(min(float(values.min()), worst / 10), worst / 1000), worst)


def _cities(ax: Axes, graph: nx.Graph, at: Any, harm: pd.Series, size: Scale) -> None:
    """A mark for every city: hubs by harm, the largest below."""
    others = [at[city] for city in graph if city not in harm.index]
    if others:
        ax.plot(*np.transpose(others), ls="none", marker="o", color=style.FAINT, ms=EXCHANGE_POINTS, zorder=4)
    for hub, value in harm.fillna(0.0).sort_values(ascending=False).items():
        look: dict[str, Any] = {**HARMFUL, "ms": size(value)} if value > 0 else OPEN
        ax.plot(*at[hub], ls="none", zorder=5, **look)


def _labels(
    ax: Axes,
    graph: nx.Graph,
    at: Any,
    lines: np.ndarray,
    trunks: pd.DataFrame,
    harm: pd.Series,
    measure: str,
    size: Scale,
    zoom: float,
) -> None:
    """One label per city: hubs first, by harm; then the ends of the worst trunks; then the others."""
    known = harm.fillna(0.0)
    rank = {edge["name"]: (start, end) for start, end, edge in graph.edges(data=True)}
    ends = [city for name in trunks.index[~trunks["harmless"]][:WORST] if name in rank for city in rank[name]]
    first = list(known[known > 0].sort_values(ascending=False).index)
    cities = list(dict.fromkeys([*first, *ends, *known.index, *graph]))
    _, write = HARM[measure]
    words = [fonts.name(city, 22) + (f", +{write(known[city])}" if city in first else "") for city in cities]
    radii = [size(known[city]) / 2 if city in first else EXCHANGE_POINTS for city in cities]
    sizes = [(style.SMALL + 0.5 if city in first else style.SMALL - 1) * max(zoom, 0.8) for city in cities]
    colours = [style.INK if city in first or city in ends else style.FAINT for city in cities]
    halo = [patheffects.withStroke(linewidth=2.2, foreground="white")]
    Labels(
        ax, np.array([at[city] for city in cities]), words, radii, lines,
        fontsize=sizes, color=colours, path_effects=[halo] * len(cities),
    )  # fmt: skip


def _key(ax: Axes, colours: ScalarMappable | None, of_trunks: str, of_hubs: str, size: Scale, hubs: bool) -> None:
    def label(bar: Colorbar) -> None:
        words, write = HARM[of_trunks]
        low, high = bar.norm.vmin or 0.1, bar.norm.vmax or 1.0
        times = write is text.seconds
        bar.ax.yaxis.set_major_locator(FixedLocator(text.second_ticks(low, high, 6)) if times else LogLocator(10))
        bar.ax.yaxis.set_minor_locator(NullLocator())
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
        bar.set_label(f"trunk cut:\n{words}, added")
        bar.outline.set_visible(False)

    if not atlas_key.fits(ax):
        if colours is not None:
            label(ax.figure.colorbar(colours, ax=ax, pad=0.02))
        return
    words, write = HARM[of_hubs]
    looks: list[tuple[dict[str, Any], str]] = []
    if size.top > 0:
        looks += [({}, f"hub down, {words}:")]
        looks += [({**HARMFUL, "ms": size(value)}, f"+{write(value)}") for value in size.examples()]
    looks += [({}, "no such harm:"), ({"ls": "-", "color": HARMLESS["color"], "lw": 1.2}, "trunk")]
    looks += [(OPEN, "hub")] if hubs else []
    looks += [({"marker": "$1$", "color": style.INK, "ms": 6}, "rank among all failures")]
    handles: Sequence[Line2D] = [Line2D([], [], **{"ls": "none", **look}) for look, _ in looks]
    atlas_key.place(ax, colours, handles, [words for _, words in looks], label)
