"""What lies below a map: longitude and latitude, or a schematic, with room for marks, labels and the key."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from . import places, style
from .atlas_key import PANEL, room

FULL_SIZE = 9.0  # inches; on a narrower map, marks and labels are smaller
MARGINS = (0.65, 0.45, 0.1, 0.75)  # inches: left, bottom, right, top of a figure of its own

Limits = tuple[float, float, float, float]  # left, right, bottom, top


def spread(ax: Axes | None, at: Mapping[str, tuple[float, float]], on_earth: bool) -> tuple[Axes, float]:
    """An empty map on `ax`, or on a new figure, that fits the cities `at` x, y; and how much smaller than usual marks
    and labels should be on it (1 = usual)."""
    limits = _limits(at, on_earth)
    aspect = _aspect(limits) if on_earth else 1.0
    ax = style.dressed(ax) if ax is not None else _own(_height(limits, aspect))
    inches = room(ax)
    limits = _widened(limits, aspect, inches)
    ax.set(xlim=limits[:2], ylim=limits[2:], anchor="E")
    ax.set_aspect(aspect)
    _graticule(ax, on_earth)
    return ax, min(max(inches[0] / FULL_SIZE, 0.45), 1.0)


def line(start: tuple[float, float], end: tuple[float, float], on_earth: bool) -> np.ndarray:
    """Points (n, 2) along a trunk: of the great circle, or of a straight line on a schematic."""
    return places.great_circle(start, end) if on_earth else np.linspace(start, end, places.STEPS + 1)


def _limits(at: Mapping[str, tuple[float, float]], on_earth: bool) -> Limits:
    """The edges of the map, with room for marks and labels."""
    xy = np.array(list(at.values()))
    low, high = xy.min(axis=0), xy.max(axis=0)
    space = max(0.07 * float((high - low).max()), 1.0 if on_earth else 0.2)
    return float(low[0] - space), float(high[0] + space), float(low[1] - space), float(high[1] + space)


def _aspect(limits: Limits) -> float:
    """How much longer a degree of latitude is drawn than one of longitude: 1 / cos(mean latitude)."""
    return 1.0 / max(math.cos(math.radians((limits[2] + limits[3]) / 2)), 0.05)


def _own(height: float) -> Axes:
    """The Axes of a new figure of `height` inches; it knows its margins, as a layout engine that also has to keep
    an aspect may cut off the title."""
    left, bottom, right, top = MARGINS
    wide, high = style.WIDTH - left - right, height - bottom - top
    where = left / style.WIDTH, bottom / height, wide / style.WIDTH, high / height
    return style.figure(height, layout=None).add_axes(where, axes_class=style.ChartAxes)


def _height(limits: Limits, aspect: float) -> float:
    """Inches of a figure that fits the map."""
    left, right, bottom, top = limits
    wide = style.WIDTH - PANEL - MARGINS[0] - MARGINS[2]
    return min(max(wide * (top - bottom) * aspect / (right - left) + MARGINS[1] + MARGINS[3], 6.0), 9.8)


def _widened(limits: Limits, aspect: float, inches: tuple[float, float]) -> Limits:
    """The limits, extended on two sides so that the map fills `inches` (width and height)."""
    left, right, bottom, top = limits
    more = max((right - left) * inches[1] / (inches[0] * aspect) - (top - bottom), 0.0) / 2
    wider = max((top - bottom) * inches[0] * aspect / inches[1] - (right - left), 0.0) / 2
    return left - wider, right + wider, bottom - more, top + more


def _graticule(ax: Axes, on_earth: bool) -> None:
    ax.spines[:].set(visible=True, color=style.PALE)
    if not on_earth:
        ax.set(xticks=[], yticks=[], xlabel="schematic: not every city has coordinates")
        return
    for axis, ends in ((ax.xaxis, "EW"), (ax.yaxis, "NS")):
        axis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(_degrees(ends)))
    style.grid(ax, "both")
    ax.tick_params(length=0, labelcolor=style.FAINT)


def _degrees(ends: str) -> Callable[[float, int | None], str]:
    """A formatter of degrees: 110° E. `ends`: the letters of the positive and of the negative half."""

    def written(value: float, _: int | None) -> str:
        turned = (value + 180.0) % 360.0 - 180.0
        return f"{abs(turned):g}° {ends[int(turned < 0)]}" if turned else "0°"

    return written
