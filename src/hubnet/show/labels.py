"""Labels that do not overlap: a greedy placer, and the artist that uses it whenever a chart is drawn.

Labels are placed from the most to the least important. Each tries positions around its point, nearest
first, and takes the one that covers the least of what is drawn; a label without a free position is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.lines import Line2D
from matplotlib.text import Text

# Where a label may stand relative to its point: -1, 0, 1 for left, middle, right and below, middle, above.
AROUND = (
    *((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)),
    *((0.5, 1), (0.5, -1), (-0.5, 1), (-0.5, -1)),
)
GAPS = (2.0, 5.0, 9.0, 16.0, 26.0, 38.0)  # from the mark to the label, in points
LEADER = 12.0  # points; a label that is further away is tied to its mark by a line


class Box(NamedTuple):
    """A rectangle: left, bottom, right, top."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of this box that is nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def within(self, other: Box) -> bool:
        """Whether this box lies inside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )


@dataclass(frozen=True)
class Spot:
    """A point that wants a label. All lengths in one unit, pixels as a rule.

    x, y: the point; radius: of the mark drawn there; width, height: of the label.
    """

    x: float
    y: float
    radius: float
    width: float
    height: float

    @property
    def mark(self) -> Box:
        """The square around the mark."""
        return Box(self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)

    def candidates(self, gaps: Sequence[float]) -> list[Box]:
        """Where the label may stand, the best first."""
        boxes = []
        for gap in gaps:
            for right, up in AROUND:
                # On the diagonals the circle leaves room, so the label may come closer.
                reach = (self.radius + gap) * (0.75 if right and up else 1.0)
                left = self.x + right * reach - self.width * (1 - right) / 2
                bottom = self.y + up * reach - self.height * (1 - up) / 2
                boxes.append(Box(left, bottom, left + self.width, bottom + self.height))
        return boxes


def place(
    spots: Sequence[Spot], bounds: Box, gaps: Sequence[float] = GAPS, points: np.ndarray | None = None
) -> list[Box | None]:
    """A box for the label of each spot, or None where there is no room.

    spots: the most important first. bounds: no label leaves it. points: array (n, 2) of what labels should
    rather not cover, such as points along lines. No two boxes intersect, and none covers another spot's mark.
    """
    placed: list[Box | None] = []
    marks = [spot.mark for spot in spots]
    for index, spot in enumerate(spots):
        taken = [box for box in placed if box is not None]
        taken += [mark for other, mark in enumerate(marks) if other != index and mark != spot.mark]
        free = [
            (covered(box, points) + 0.3 * rank, rank, box)
            for rank, box in enumerate(spot.candidates(gaps))
            if box.within(bounds) and not any(box.meets(other) for other in taken)
        ]
        placed.append(min(free)[2] if free else None)
    return placed


def covered(box: Box, points: np.ndarray | None) -> int:
    """How many of the points, an array (n, 2), lie in the box."""
    if points is None:
        return 0
    x, y = points[:, 0], points[:, 1]
    return int(np.sum((x > box.left) & (x < box.right) & (y > box.bottom) & (y < box.top)))


class Labels(Artist):
    """The labels of points on one Axes, placed anew for the size at which the chart is drawn.

    boxes: after drawing, the Box in pixels of each label, or None for those left out.
    """

    def __init__(
        self,
        ax: Axes,
        xy: np.ndarray,
        words: Sequence[str],
        radii: Sequence[float],
        points: np.ndarray,
        **font: Any,
    ) -> None:
        """xy: array (n, 2) in data units, most important first; radii: of the marks, in points;
        points: array (m, 2) in data units of what to avoid; font: properties of all texts, or lists."""
        super().__init__()
        self.xy, self.radii, self.points = xy, radii, points
        self.boxes: list[Box | None] = []
        self.texts = []
        for index, word in enumerate(words):
            own = {key: value[index] if isinstance(value, list) else value for key, value in font.items()}
            self.texts.append(Text(0, 0, word, ha="left", va="bottom", **own))
        self.set_in_layout(False)
        self.set_zorder(10)
        ax.add_artist(self)
        for entry in self.texts:
            entry.set_figure(ax.figure)

    def draw(self, renderer: RendererBase) -> None:
        """Place the labels for this renderer's size, and draw them."""
        if not self.get_visible() or self.axes is None:
            return
        pixel = float(np.asarray(renderer.points_to_pixels(1.0)))
        spots = self._spots(renderer, pixel)
        self.boxes = place(
            spots,
            Box(*(float(edge) for edge in self.axes.get_window_extent(renderer).extents)),
            [gap * pixel for gap in GAPS],
            self.axes.transData.transform(self.points) if len(self.points) else None,
        )
        for spot, box in zip(spots, self.boxes, strict=True):
            if box is not None:
                self._lead(renderer, spot, box, LEADER * pixel)
        for entry, box in zip(self.texts, self.boxes, strict=True):
            if box is not None:
                entry.set_position((box.left, box.bottom))
                entry.draw(renderer)

    def _lead(self, renderer: RendererBase, spot: Spot, box: Box, far: float) -> None:
        """Draw the line from a mark to its label, if the label is further than `far` pixels away."""
        x, y = box.nearest(spot.x, spot.y)
        distance = math.hypot(x - spot.x, y - spot.y)
        if distance - spot.radius > far:
            edge = spot.radius / distance
            line = Line2D(
                [spot.x + edge * (x - spot.x), x], [spot.y + edge * (y - spot.y), y], color="#55555f", linewidth=0.7
            )
            assert self.axes is not None
            line.set_figure(self.axes.figure)
            line.draw(renderer)

    def _spots(self, renderer: RendererBase, pixel: float) -> list[Spot]:
        """The labels' points and sizes in pixels."""
        assert self.axes is not None
        spots = []
        for (x, y), radius, entry in zip(self.axes.transData.transform(self.xy), self.radii, self.texts, strict=True):
            size = entry.get_window_extent(renderer)
            spots.append(Spot(float(x), float(y), radius * pixel, size.width, size.height))
        return spots
