"""Where cities are drawn: longitude and latitude, great circles, and a layout for networks without places."""

from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import numpy as np

STEPS = 24  # straight pieces of a great circle


def known(graph: nx.Graph) -> bool:
    """Whether every city has coordinates."""
    return all(_is_number(node.get("lat")) and _is_number(node.get("lon")) for _, node in graph.nodes(data=True))


def positions(graph: nx.Graph) -> dict[str, tuple[float, float]]:
    """x, y of every city: longitude and latitude in degrees, or a layout of the trunks if a city has none.

    Longitudes are shifted by 360 degrees where that keeps a nation across the 180th meridian whole.
    """
    if not known(graph):
        layout = nx.spring_layout(graph, seed=1, weight=None)
        return {city: (float(x), float(y)) for city, (x, y) in layout.items()}
    cut = _widest_gap([float(node["lon"]) for _, node in graph.nodes(data=True)])
    turned = {}
    for city, node in graph.nodes(data=True):
        longitude = float(node["lon"])
        turned[city] = (longitude - 360.0 * math.floor((longitude - cut) / 360.0), float(node["lat"]))
    return turned


def _widest_gap(longitudes: list[float]) -> float:
    """The longitude in degrees at which to cut the globe: the end of the widest empty stretch.

    -180 if that leaves a map without a jump, so that ordinary maps keep their ordinary longitudes.
    """
    ordered = sorted((longitude + 180.0) % 360.0 - 180.0 for longitude in longitudes)
    gaps = [after - before for before, after in pairwise(ordered)]
    around = ordered[0] + 360.0 - ordered[-1] if ordered else 360.0
    if not gaps or around >= max(gaps):
        return -180.0
    return ordered[gaps.index(max(gaps)) + 1]


def great_circle(start: tuple[float, float], end: tuple[float, float], steps: int = STEPS) -> np.ndarray:
    """The shortest line on a sphere from `start` to `end`, (longitude, latitude) in degrees.

    Returns an array (steps + 1, 2). Spherical linear interpolation: with d the angle between the two unit
    vectors, the point at share f is (sin((1 - f) d) a + sin(f d) b) / sin(d).
    """
    a, b = (_vector(*point) for point in (start, end))
    angle = math.acos(float(np.clip(a @ b, -1.0, 1.0)))
    shares = np.linspace(0.0, 1.0, steps + 1)[:, None]
    if math.sin(angle) < 1e-9:
        return np.array(start) + shares * (np.array(end) - np.array(start))
    line = (np.sin((1 - shares) * angle) * a + np.sin(shares * angle) * b) / math.sin(angle)
    longitude = np.unwrap(np.arctan2(line[:, 1], line[:, 0]))
    latitude = np.arcsin(np.clip(line[:, 2], -1.0, 1.0))
    degrees = np.degrees(np.column_stack([longitude, latitude]))
    degrees[:, 0] += 360.0 * round((start[0] - degrees[0, 0]) / 360.0)
    return degrees


def _vector(longitude: float, latitude: float) -> np.ndarray:
    east, north = math.radians(longitude), math.radians(latitude)
    return np.array([math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)])


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value)
