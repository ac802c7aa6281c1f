"""The map: trunks by use and capacity, hubs by size and utilization, regions by weight.

Plain longitude and latitude, without borders; a network whose cities have no coordinates is drawn as a
schematic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import Normalize
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from .. import text
from . import atlas_key, fonts, ground, harm, places, style, tables
from .atlas_key import DOWN, EXCHANGE, EXCHANGE_POINTS, HIT, Scale
from .labels import Labels
from .tables import ResultTables

HUB_POINTS, REGION_POINTS, TRUNK_POINTS = (6.0, 30.0), (3.5, 9.5), (0.7, 5.0)  # smallest, largest mark
WHAT = "Trunk use and hub utilization"


@dataclass(frozen=True)
class Sheet:
    """What is drawn: the graph, x and y of its cities, the hubs' table, the trunks' use by their two ends (NaN: down
    all the time) and which of them an incident hit, the scales of sizes, and how much smaller than usual marks and
    labels are."""

    graph: nx.Graph
    at: dict[str, tuple[float, float]]
    on_earth: bool
    hubs: pd.DataFrame
    uses: dict[frozenset[str], float]
    hit: set[frozenset[str]]
    hub_size: Scale
    region_size: Scale
    trunk_width: Scale
    zoom: float

    def roles(self, role: str) -> list[str]:
        """The cities that have a role: region, hub or exchange."""
        return [city for city, node in self.graph.nodes(data=True) if node.get(role)]

    def has_role(self, city: str) -> bool:
        """Whether jobs come from the city, or go there."""
        return bool(self.graph.nodes[city].get("hub") or self.graph.nodes[city].get("region"))

    def use(self, start: str, end: str) -> float:
        """The use of a trunk's busier direction over the window."""
        return self.uses.get(frozenset((start, end)), 0.0)

    def devices(self, hub: str) -> float:
        return float(self.hubs["devices"].get(hub, 0.0))

    def weight(self, region: str) -> float:
        """The region's share of all weights."""
        total = sum(float(self.graph.nodes[city].get("weight") or 0.0) for city in self.roles("region"))
        return float(self.graph.nodes[region].get("weight") or 0.0) / total if total > 0 else 0.0


@style.styled
def map(result: ResultTables, ax: Axes | None = None) -> Axes:
    """The network on a map, over the window.

    Trunks: great circles; colour is use in percent, of the busier direction, up to 100 % (grey: down all the time);
    width is capacity (bit/s); a cross marks those that an incident cut or degraded in the window.
    Hubs: circles; size is devices, the filled part is utilization, also in percent at the label.
    Regions: squares; size is the share of the demand.
    Labels that find no room are left out, the smallest hubs and regions first.

    >>> ax = hn.plot.map(result)
    >>> ax.figure.savefig("map.png")
    """
    graph = result.network.graph
    at, on_earth = places.positions(graph), places.known(graph)
    if not at:
        ax = style.axes(ax, 3.2)
        style.heading(ax, WHAT, result)
        return style.sentence(ax, "The network has no cities.")
    ax, zoom = ground.spread(ax, at, on_earth)
    style.heading(ax, WHAT, result)
    sheet = _sheet(result, at, on_earth, zoom)
    colours, lines = _trunks(ax, sheet)
    _marks(ax, sheet)
    _labels(ax, sheet, lines)
    others = [EXCHANGE] if any(not sheet.has_role(city) for city in sheet.at) else []
    others += [HIT] if sheet.hit else []
    others += [DOWN] if np.isnan(list(sheet.uses.values())).any() else []
    atlas_key.draw(ax, colours, sheet.hub_size, sheet.region_size, sheet.trunk_width, others)
    return ax


def _sheet(result: ResultTables, at: dict[str, tuple[float, float]], on_earth: bool, zoom: float) -> Sheet:
    graph = result.network.graph
    hubs = tables.hubs(result)
    uses: dict[frozenset[str], float] = {}
    hit, named = set(), harm.trunks_hit(result.incidents, result.window)
    carried = tables.trunk_uses(result)
    if result.window[1] <= result.window[0]:
        carried["use"] = 0.0  # unknown because there was no time, not because the trunks were down
    for _, row in carried.iterrows():
        ends = frozenset((row["from"], row["to"]))
        uses[ends] = float(np.fmax(uses.get(ends, math.nan), row["use"]))
        if row["trunk"] in named:
            hit.add(ends)
    weights = np.array([float(node.get("weight") or 0.0) for _, node in graph.nodes(data=True) if node.get("region")])
    capacities = [float(edge["capacity_bit_s"]) for _, _, edge in graph.edges(data=True)]
    return Sheet(
        graph=graph,
        at=at,
        on_earth=on_earth,
        hubs=hubs,
        uses=uses,
        hit=hit,
        hub_size=Scale.over(hubs["devices"], HUB_POINTS, zoom),
        region_size=Scale.over(weights / max(weights.sum(), 1e-300), REGION_POINTS, zoom),
        trunk_width=Scale.over(capacities, TRUNK_POINTS, zoom),
        zoom=zoom,
    )


def _trunks(ax: Axes, sheet: Sheet) -> tuple[ScalarMappable | None, np.ndarray]:
    """Draw the trunks, the busiest on top. Returns their colours, and points along them (data units)."""
    edges = sorted(sheet.graph.edges(data=True), key=lambda edge: np.nan_to_num(sheet.use(*edge[:2]), nan=-1.0))
    if not edges:
        return None, np.empty((0, 2))
    lines = [ground.line(sheet.at[start], sheet.at[end], sheet.on_earth) for start, end, _ in edges]
    uses = np.array([sheet.use(start, end) for start, end, _ in edges])
    most = float(np.nanmax(uses, initial=0.0))
    drawn = LineCollection(
        lines,
        linewidths=[sheet.trunk_width(float(edge["capacity_bit_s"])) for _, _, edge in edges],
        cmap=style.USE,
        norm=Normalize(0.0, min(text.round_above(most), 1.0) if most > 0 else 1.0),
        capstyle="round",
        zorder=2,
    )
    if most > 0:
        drawn.set_array(np.ma.masked_invalid(uses))
    else:
        drawn.set_color(style.FAINT)
        ax.set_xlabel("no trunk carried anything in the window")
    ax.add_collection(drawn, autolim=False)
    hit = [line[places.STEPS // 2] for line, edge in zip(lines, edges, strict=True) if frozenset(edge[:2]) in sheet.hit]
    if hit:
        look, _ = HIT
        ax.plot(*np.transpose(hit), ls="none", zorder=5, **{**look, "ms": look["ms"] * max(sheet.zoom, 0.7)})
    return drawn if most > 0 else None, np.concatenate(lines)


def _marks(ax: Axes, sheet: Sheet) -> None:
    """Circles for hubs, the largest below, each filled from the bottom up to its utilization; squares for
    regions, at the rim of the circle where there is one; dots where trunks only meet.

    The marks are one collection, of paths in points around their city.
    """
    paths, faces, edges, cities = [], [], [], []
    hubs: dict[tuple[float, float], float] = {}  # size of the circle at a place

    def add(city: str, path: Path, face: str, edge: str) -> None:
        paths.append(path)
        faces.append(face)
        edges.append(edge)
        cities.append(city)

    for city in sheet.at:
        if not sheet.has_role(city):
            add(city, circle(EXCHANGE_POINTS), style.FAINT, style.FAINT)
    for hub in sorted(sheet.roles("hub"), key=lambda hub: -sheet.devices(hub)):
        size, share = sheet.hub_size(sheet.devices(hub)), float(sheet.hubs["utilization"].get(hub, 0.0))
        hubs.setdefault(sheet.at[hub], size)
        add(hub, circle(size), "white", style.HUB)
        add(hub, circle(size, share), style.HUB, style.HUB)
    for region in sorted(sheet.roles("region"), key=lambda region: -sheet.weight(region)):
        side, out = sheet.region_size(sheet.weight(region)), 0.0
        if sheet.at[region] in hubs:
            out = hubs[sheet.at[region]] / 2 * math.sqrt(0.5)
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * side / 2
        add(region, Path(corners + np.array([out, -out])), style.REGION, "white")
    marks = PathCollection(
        paths, [1.0], offsets=[sheet.at[city] for city in cities], offset_transform=ax.transData,
        facecolors=faces, edgecolors=edges, linewidths=0.9, zorder=4,
    )  # fmt: skip
    marks.set_transform(IdentityTransform())
    ax.add_collection(marks, autolim=False)


def circle(across: float, level: float = 1.0) -> Path:
    """The part of a circle around the origin that lies below `level` (0: its bottom, 1: its top)."""
    level = min(max(level if math.isfinite(level) else 0.0, 0.0), 1.0)
    edge = math.asin(2 * level - 1)
    angles = np.linspace(-math.pi - edge, edge, 60)
    return Path(across / 2 * np.column_stack([np.cos(angles), np.sin(angles)]))


def _labels(ax: Axes, sheet: Sheet, lines: np.ndarray) -> None:
    """One label per city: hubs first, by devices; then regions, by weight; then the others."""

    def importance(city: str) -> tuple[bool, float, float]:
        node = sheet.graph.nodes[city]
        return bool(node.get("hub")), sheet.devices(city), sheet.weight(city) if node.get("region") else -1.0

    cities = sorted(sheet.at, key=importance, reverse=True)
    reach: dict[tuple[float, float], float] = {}  # from a place to the rim of its marks
    for city in cities:
        reach[sheet.at[city]] = reach.get(sheet.at[city], 0.0) + _reach(sheet, city)
    words, sizes, colours = [], [], []
    for city in cities:
        node = sheet.graph.nodes[city]
        hub, region = bool(node.get("hub")), bool(node.get("region"))
        share = float(sheet.hubs["utilization"].get(city, math.nan))
        words.append(fonts.name(city, 22) + (f", {text.percent(share)}" if math.isfinite(share) else ""))
        sizes.append((style.SMALL + 0.5 if hub else style.SMALL - 1) * max(sheet.zoom, 0.8))
        colours.append(style.HUB if hub else style.INK if region else style.FAINT)
    radii = [reach[sheet.at[city]] for city in cities]
    halo = [patheffects.withStroke(linewidth=2.2, foreground="white")]
    Labels(
        ax, np.array([sheet.at[city] for city in cities]), words, radii, lines,
        fontsize=sizes, color=colours, path_effects=[halo] * len(cities),
    )  # fmt: skip


def _reach(sheet: Sheet, city: str) -> float:
    """How far a city's marks reach, in points; a square is taken by its corner."""
    node = sheet.graph.nodes[city]
    reach = EXCHANGE_POINTS / 2
    if node.get("region"):
        reach = max(reach, 0.65 * sheet.region_size(sheet.weight(city)))
    if node.get("hub"):
        reach = sheet.hub_size(sheet.devices(city)) / 2 + (reach / 2 if node.get("region") else 0.0)
    return reach
