"""The key of the map: the colour bar of trunk use, and a legend of sizes, in a panel at its right."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib import colorbar
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from .. import text
from . import style

PANEL = 2.3  # inches
ROW = 2.9  # height of a row of the legend in font sizes, so that the largest circles do not meet
PAD = 0.015  # between map and panel, a share of the whole
LEAST_FOR_PANEL = (6.5, 4.5)  # inches; beside an Axes that is narrower or lower, the legend has no room
EXCHANGE_POINTS = 3.0
Mark = tuple[dict[str, Any], str]  # how a mark looks (of a Line2D), and what it means
EXCHANGE: Mark = ({"marker": "o", "color": style.FAINT, "ms": EXCHANGE_POINTS}, "exchange")
DOWN: Mark = ({"ls": "-", "color": style.USE.get_bad(), "lw": 3.0}, "trunk down all the time")
HIT: Mark = (
    {"marker": "X", "mfc": "#b2182b", "mec": "white", "mew": 1.1, "ms": 10.0},
    "trunk hit by an incident",
)


@dataclass(frozen=True)
class Scale:
    """Sizes of marks: from `least` points up to `most` points at `top`, by the square root of a value.

    low: the smallest value that occurs, for the examples in a legend.
    """

    low: float
    top: float
    least: float
    most: float

    @classmethod
    def over(cls, values: Iterable[float], sizes: tuple[float, float], zoom: float) -> Scale:
        """The scale that fits these values; `sizes` are its smallest and largest mark, made smaller by `zoom`."""
        known = [float(value) for value in values if value > 0] or [0.0]
        return cls(min(known), max(known), sizes[0] * zoom, sizes[1] * zoom)

    def __call__(self, value: float) -> float:
        if not (self.top > 0 and value > 0):
            return self.least
        return max(self.least, self.most * math.sqrt(min(value / self.top, 1.0)))

    def examples(self) -> list[float]:
        """Up to three round values of different size for a legend, the largest first; none without values."""
        found: list[float] = []
        for value in (self.top, math.sqrt(self.low * self.top), self.low) if self.top > 0 else ():
            round_value = text.round_below(value)
            if not found or self(round_value) < self(found[-1]) - 0.3:
                found.append(round_value)
        return found


def room(ax: Axes) -> tuple[float, float]:
    """Inches that the map itself will have on `ax`: width, height."""
    width, height = style.inches(ax)
    return (width * (1 - PAD) - PANEL if fits(ax) else width), height


def draw(
    ax: Axes, colours: ScalarMappable | None, hubs: Scale, regions: Scale, trunks: Scale, others: Sequence[Mark]
) -> None:
    """Draw the key. colours: of the trunks; hubs, regions, trunks: what sizes mean (devices, share of demand,
    bit/s), left out if `top` is 0; others: further marks. A small map gets the colour bar, and of the marks only
    that of incidents."""
    if not fits(ax):
        if colours is not None:
            _label_bar(ax.figure.colorbar(colours, ax=ax, pad=0.02, extend=_extend(colours)))
        if HIT in others:
            look, words = HIT
            mark = Line2D([], [], **{"ls": "none", **look, "ms": 7.0})
            made = style.legend(ax, [mark], [words], loc="lower left", frameon=True, borderpad=0.2, handletextpad=0.1)
            made.set_zorder(11)
        return
    place(ax, colours, *_sizes(hubs, regions, trunks, others), _label_bar)


def place(
    ax: Axes,
    colours: ScalarMappable | None,
    handles: Sequence[Artist],
    labels: Sequence[str],
    label_bar: Callable[[colorbar.Colorbar], None],
) -> None:
    """Put a colour bar and a legend into the panel at the right of a map; labels that end in a colon head a group."""
    panel, _ = colorbar.make_axes(ax, location="right", fraction=PANEL / style.inches(ax)[0], pad=PAD)
    panel.set_box_aspect(None)
    panel.set_axis_off()
    if colours is not None:
        where = panel.inset_axes((0.06, 0.67, 0.09, 0.29))
        label_bar(ax.figure.colorbar(colours, cax=where, extend=_extend(colours)))
    high = 1.0 if colours is None else 0.63  # of the panel
    row = min(72 * high * style.inches(ax)[1] / len(labels) / style.SMALL, ROW) if labels else ROW
    made = style.legend(
        panel, handles, labels, loc="upper left", bbox_to_anchor=(0.0, high),
        borderaxespad=0, borderpad=0, handleheight=row - 0.25, labelspacing=0.25, handlelength=3.2,
    )  # fmt: skip
    for entry in made.get_texts():
        if entry.get_text().endswith(":"):
            entry.set_fontweight("bold")


def fits(ax: Axes) -> bool:
    """Whether the panel has room beside the map."""
    width, height = style.inches(ax)
    return width >= LEAST_FOR_PANEL[0] and height >= LEAST_FOR_PANEL[1]


def _extend(colours: ScalarMappable) -> Literal["min", "max", "both", "neither"]:
    """Whether the bar needs a tip for values beyond its ends."""
    values = colours.get_array()
    if values is None:
        return "neither"
    below, above = bool(values.min() < colours.norm.vmin), bool(values.max() > colours.norm.vmax)
    return "both" if below and above else "min" if below else "max" if above else "neither"


def _label_bar(bar: colorbar.Colorbar) -> None:
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}"))
    bar.set_label("trunk use (%)\nof the busier direction")
    bar.outline.set_visible(False)


def _sizes(hubs: Scale, regions: Scale, trunks: Scale, others: Sequence[Mark]) -> tuple[list[Artist], list[str]]:
    """Marks and words of the legend; words that end in a colon head a group."""
    circle = {"marker": "o", "mfc": "white", "mec": style.HUB}
    half = {"marker": "o", "fillstyle": "bottom", "markerfacecoloralt": "white", "color": style.HUB, "ms": 12}
    square = {"marker": "s", "mfc": style.REGION, "mec": "white"}
    line = {"ls": "-", "color": style.FAINT, "solid_capstyle": "round"}
    groups: tuple[tuple[str, Scale, str, dict[str, Any], Callable[[float], str]], ...] = (
        ("hub, devices:", hubs, "ms", circle, text.number),
        ("region, share of demand:", regions, "ms", square, text.percent),
        ("trunk, capacity:", trunks, "lw", line, text.rate),
    )
    looks: list[Mark] = []
    for title, scale, size, look, write in groups:
        if scale.top > 0:
            looks.append(({}, title))
            looks.extend(({**look, size: scale(value)}, write(value)) for value in scale.examples())
        if scale is hubs and scale.top > 0:
            looks.append((half, "half full: 50 % busy"))
    looks.extend(others)
    return [Line2D([], [], **{"ls": "none", **look}) for look, _ in looks], [words for _, words in looks]
