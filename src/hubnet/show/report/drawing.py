"""The geometry of the report's charts: where places, trunks and lines lie in an SVG. No sizes but those of its box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import networkx as nx

from ..labels import Box, Spot, place

WIDE, MARGIN = 900.0, 46.0  # of a map
POINTS = 24  # of a trunk's line, which follows the great circle
LETTER, WIDE_LETTER, LINE = 6.6, 12.0, 13.0  # of a label at 12 px: width of a letter, of a full-width one, height
LONGEST = 28  # letters of a label


@dataclass(frozen=True)
class Frame:
    """Plain longitude and latitude, stretched so that a degree is as long both ways in the middle."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    height: float

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """A place in the SVG, rounded to a tenth."""
        return round(MARGIN + (lon - self.west) * self.per_lon, 1), round(MARGIN + (self.north - lat) * self.per_lat, 1)


def frame_of(places: Sequence[tuple[float, float]]) -> Frame:
    """The frame that holds places (lat, lon), with a margin; of one place, a degree around it."""
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    south, north = min(lats) - 0.5, max(lats) + 0.5
    west, east = min(lons) - 0.5, max(lons) + 0.5
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.1)
    per_lon = (WIDE - 2 * MARGIN) / (east - west)
    per_lat = min(per_lon / squeeze, (700 - 2 * MARGIN) / (north - south))
    return Frame(west, north, per_lon, per_lat, round(2 * MARGIN + (north - south) * per_lat, 1))


def graticule(frame: Frame) -> list[dict[str, Any]]:
    """Lines of longitude and latitude, every 1, 2, 5, 10 or 20 degrees: their ends, and what they are called."""
    east = frame.west + (WIDE - 2 * MARGIN) / frame.per_lon
    south = frame.north - (frame.height - 2 * MARGIN) / frame.per_lat
    step = next(s for s in (1, 2, 5, 10, 20, 60) if max(east - frame.west, frame.north - south) / s <= 8)
    lines = []
    for lon in range(math.ceil(frame.west / step) * step, math.floor(east) + 1, step):
        x, _ = frame.at(frame.north, lon)
        lines.append({"x1": x, "x2": x, "y1": 0, "y2": frame.height, "word": f"{abs(lon)}°{'E' if lon >= 0 else 'W'}"})
    for lat in range(math.ceil(south / step) * step, math.floor(frame.north) + 1, step):
        _, y = frame.at(lat, frame.west)
        lines.append({"x1": 0, "x2": WIDE, "y1": y, "y2": y, "word": f"{abs(lat)}°{'N' if lat >= 0 else 'S'}"})
    return lines


def great_circle(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
    """Places (lat, lon) along the shortest way between two, both included."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (a, b))
    ends = [
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
        for lat, lon in ((lat1, lon1), (lat2, lon2))
    ]
    angle = math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(*ends, strict=True)))))
    if angle < 1e-9:
        return [a, b]
    found = []
    for k in range(POINTS + 1):
        weights = math.sin((1 - k / POINTS) * angle) / math.sin(angle), math.sin(k / POINTS * angle) / math.sin(angle)
        x, y, z = (weights[0] * p + weights[1] * q for p, q in zip(*ends, strict=True))
        found.append((math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))))
    return found


def line(frame: Frame, places: Sequence[tuple[float, float]]) -> str:
    """Places as the path of an SVG."""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in (frame.at(lat, lon) for lat, lon in places))


def polyline(values: Sequence[float | None], width: float, height: float) -> str:
    """Shares over time, from 0 (bottom) to 1 (top), as the path of an SVG; a gap where one is unknown."""
    path, pen = [], "M"
    step = width / max(len(values), 1)
    for k, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        y = height * (1 - min(max(value, 0.0), 1.0))
        path.append(f"{pen}{k * step:.1f},{y:.1f}H{(k + 1) * step:.1f}")
        pen = "L"
    return "".join(path)


def locations(graph: nx.Graph) -> dict[str, tuple[float, float]]:
    """(lat, lon) of the places that have them."""
    return {
        str(name): (float(data["lat"]), float(data["lon"]))
        for name, data in graph.nodes(data=True)
        if data.get("lat") is not None and data.get("lon") is not None
    }


def labels(marks: Sequence[tuple[str, float, float, float]], height: float) -> list[dict[str, Any] | None]:
    """A label for each mark (name, x, y, radius; the most important first): word, x (its left end) and y (its base
    line); None where there is no room. No two overlap, and none covers another mark."""
    words = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}" for name, *_ in marks]
    spots = [Spot(x, y, radius, text_width(word), LINE) for word, (_, x, y, radius) in zip(words, marks, strict=True)]
    boxes = place(spots, Box(0.0, 0.0, WIDE, height), gaps=(2.0, 5.0, 9.0))
    return [
        box and {"word": word, "x": round(box.left, 1), "y": round(box.top - 3, 1)}
        for word, box in zip(words, boxes, strict=True)
    ]


def text_width(word: str) -> float:
    """About how wide a label is."""
    return sum(WIDE_LETTER if east_asian_width(letter) in "WF" else LETTER for letter in word)
