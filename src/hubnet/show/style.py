"""The look of every chart: sizes, colours, hatches and markers, and what Axes have in common.

Colours come from cividis and viridis, or differ in lightness; where colour tells things apart, a hatch or
a marker does too, so the charts can be read by colour-blind people and in grey.

Charts are not made with pyplot: nothing stays open, nothing needs a screen, and the user's backend is
left alone. Figures and Axes made here show themselves in a notebook; to draw into a figure of your own,
hand over its Axes (`ax=`).
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any, Literal, ParamSpec, TypeVar

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from .. import text
from ..errors import InputError, Problem
from . import fonts
from .tables import ResultTables

WIDTH = 13.0  # inches
DPI = 110
SMALL, NORMAL, LARGE = 8.5, 9.5, 12.5  # points
INK, FAINT, PALE, IDLE = "#1a1a2e", "#6b6b78", "#e4e4ea", "#f1f1f4"
HUB, REGION = "#00366e", "#d55e00"  # dark and middle in grey; circles and squares
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))
HATCHES = ("", "///", "...", "\\\\\\", "xx", "--", "++", "oo")
# The parts of a response: colour and hatch. Service is plain, as it is what was asked for.
PARTS = {
    "held": ("#009e73", "++"),
    "propagation": ("#d55e00", "xxx"),
    "upload": ("#0072b2", "///"),
    "wait": ("#f0e442", "..."),
    "service": ("#c4c4cc", ""),
    "download": ("#56b4e9", "\\\\\\"),
}
# Both start where they can still be told from white paper.
UTILIZATION = ListedColormap(
    matplotlib.colormaps["cividis"].reversed().resampled(256)(range(8, 256)), "busy"
).with_extremes(under=IDLE)
NEXT_TO_NOTHING = 1e-6  # the least share that has a colour of its own; below, a hub is idle
USE = ListedColormap(matplotlib.colormaps["viridis"].reversed().resampled(256)(range(28, 256)), "used").with_extremes(
    bad="#a8a8b2"
)

P = ParamSpec("P")
R = TypeVar("R")


class ChartFigure(Figure):
    """A Figure that shows itself in a notebook without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=self.dpi)
        return buffer.getvalue()


class ChartAxes(Axes):
    """The only Axes of a ChartFigure; shows its figure in a notebook."""

    def _repr_png_(self) -> bytes:
        figure = self.get_figure(root=True)
        assert isinstance(figure, ChartFigure)
        return figure._repr_png_()


NEEDED = {  # first argument of a chart -> an attribute that it has, what it is, where it comes from
    "result": ("window", "a result", 'hn.simulate(...) gives one; so does a study: study.results["as-built"][0]'),
    "study": ("results", "a study", "hn.study(...) gives one, or hn.open(DIR)"),
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorator: `draw` runs with the settings of the charts, and leaves the user's settings as they were. Of a study,
    or of anything else that it cannot draw, it says what it takes."""
    first = next(iter(signature(draw).parameters))
    needed = NEEDED.get(first)

    @wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        given = args[0] if args else kwargs.get(first)
        if needed and given is not None and not hasattr(given, needed[0]):
            name = f"hn.plot.{getattr(draw, '__name__', 'chart')}"
            raise InputError(Problem(f"{name} draws {needed[1]}, and got a {type(given).__name__}", needed[2]))
        with matplotlib.rc_context(_settings()):
            return draw(*args, **kwargs)

    return inner


def figure(height: float, layout: Literal["constrained"] | None = "constrained") -> ChartFigure:
    """An empty figure of the common width and of `height` inches."""
    made = ChartFigure(figsize=(WIDTH, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(made)
    return made


def axes(ax: Axes | None, height: float) -> Axes:
    """`ax` in the common look, or the Axes of a new figure of `height` inches."""
    return dressed(ax) if ax is not None else figure(height).add_subplot(axes_class=ChartAxes)


def dressed(ax: Axes) -> Axes:
    """A user's Axes in the common look."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(labelsize=SMALL, colors=INK)
    ax.set_axisbelow(True)
    return ax


def rows_height(rows: int, each: float = 0.27) -> float:
    """Inches for a chart of `rows` rows, heading and axis included."""
    return min(max(rows * each + 1.9, 3.2), 40.0)


def heading(ax: Axes, what: str, result: ResultTables | None = None) -> None:
    """The title of one Axes: what it shows and, if `result` is given, of which scenario and allocation."""
    size = NORMAL + 1.5
    letters = max(int(72 * inches(ax)[0] / (0.56 * size)), 24)
    lines = [what] if result is None else [what, *textwrap.wrap(told(result), letters)]
    ax.set_title("\n".join(lines), loc="left", fontsize=size)


def title(made: Figure, what: str, result: ResultTables) -> None:
    """The title of a figure of several Axes: what it shows, of which scenario and allocation."""
    lines = [what, *textwrap.wrap(told(result), int(72 * WIDTH / (0.56 * LARGE)))]
    made.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=LARGE)


def inches(ax: Axes) -> tuple[float, float]:
    """Width and height of an Axes in inches, before a layout engine changes them."""
    window = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    return window.width, window.height


def name_rows(ax: Axes, names: Sequence[str], above: float = 0.6) -> float:
    """Name the rows 0, 1, ... of a chart from top to bottom, with room of `above` rows over the first.

    Returns the font size for what is written in the rows: smaller than usual if they are low. Of rows that are lower
    than the smallest letters only some are named.
    """
    height = 72 * inches(ax)[1] / (len(names) + above)  # of a row, in points
    size = min(SMALL, max(0.85 * height, 4.0))
    every = math.ceil(size * 1.15 / height) if size > 1.2 * height else 1
    ax.set_yticks(
        range(len(names)), labels=[name if not i % every else "" for i, name in enumerate(names)], fontsize=size
    )
    ax.set_ylim(len(names) - 0.4, -above)
    ax.tick_params(axis="y", length=0)
    return size


def columns(ax: Axes, widths: Sequence[float], top: float = 1.0) -> tuple[list[float], float]:
    """Where columns of numbers of `widths` points end at the right of bars that reach to `top` at most.

    Returns their right edges in data units, and the room that `percent_axis` must leave for them.
    """
    total = sum(widths)
    room = total / max(72 * inches(ax)[0] - total, total)
    return [top * (1 + room * sum(widths[: index + 1]) / total) for index in range(len(widths))], room


def told(result: ResultTables) -> str:
    """Which scenario, which allocation, and the window of time that is measured."""
    return f"{fonts.name(result.name, 64)}, allocation {fonts.name(result.allocation, 40)}, {measured(result)}"


def measured(result: ResultTables) -> str:
    """What the numbers speak of: the window of time, the scale, and the pools less the reserve."""
    start, end = (text.seconds(moment) for moment in result.window)
    rest = f", without the reserve of {text.percent(result.reserve)}" if result.reserve else ""
    part = f", at scale {result.scale:g}" if result.scale != 1 else ""
    return f"measured from {start} to {end}{part}{rest}"


def sentence(ax: Axes, words: str) -> Axes:
    """Say in the middle of an Axes why there is nothing to draw."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=FAINT, wrap=True)
    return ax


def legend(ax: Axes, handles: Sequence[Artist], labels: Sequence[str], **options: Any) -> Legend:
    """A legend with these labels, also where one starts with `_`, which older matplotlibs leave out."""
    made = ax.legend(list(handles), [f" {label}" for label in labels], **options)
    for entry, label in zip(made.get_texts(), labels, strict=True):
        entry.set_text(label)
    return made


def legend_below(ax: Axes, handles: Sequence[Artist], labels: Sequence[str], **options: Any) -> Legend:
    """A legend in a line below the x axis and its label."""
    down = ScaledTranslation(0, -40 / 72, ax.figure.dpi_scale_trans)
    where = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "bbox_transform": ax.transAxes + down}
    shape = {"borderaxespad": 0, "columnspacing": 1.2, "handlelength": 1.8}
    return legend(ax, handles, labels, **where, **shape, **options)


def series(count: int) -> list[tuple[Any, str, str]]:
    """Colour, marker and hatch of each of `count` things that are compared; dark to light."""
    scale = matplotlib.colormaps["viridis"]
    return [
        (
            scale(0.05 + 0.75 * index / max(count - 1, 1)),
            MARKERS[index % len(MARKERS)],
            HATCHES[index % len(HATCHES)],
        )
        for index in range(count)
    ]


def percent_axis(ax: Axes, label: str, top: float = 1.0, *, which: str = "x", room: float = 0.0) -> None:
    """Make `which` axis one of shares, in percent, from 0 to `top` and `room` (a share of it) beyond."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    (ax.set_xlim if which == "x" else ax.set_ylim)(0, top * (1 + room))
    step = text.round_below(top / 3.9)
    axis.set_major_locator(FixedLocator([index * step for index in range(int(top / step + 1e-9) + 1)]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}"))
    axis.set_label_text(label)
    if which == "x":  # what stands beyond the top is not on the axis
        ax.spines.bottom.set_bounds(0, top)
        axis.label.set_x(0.5 / (1 + room))


def whole_numbers(most: int) -> MaxNLocator:
    """Up to `most` steps at whole numbers, for counts: there are no 1.5 jobs. Within a single step, at its parts: such
    are means of counts.
    """
    return MaxNLocator(most, integer=True)


def grid(ax: Axes, axis: Literal["x", "y", "both"]) -> None:
    """Faint lines behind the data, at the marks of `axis`."""
    ax.grid(axis=axis, color=PALE, linewidth=0.7)


def seconds_axis(ax: Axes, low: float, high: float, label: str, which: Literal["x", "y"] = "x") -> None:
    """Make `which` axis logarithmic, from `low` to `high` s (both > 0), marked in units that people use."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    ax.set(**{f"{which}scale": "log", f"{which}lim": (low, high), f"{which}label": label})
    axis.set_major_locator(FixedLocator(text.second_ticks(low, high)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: text.seconds(value)))


def _settings() -> dict[Any, Any]:
    return {
        "font.family": fonts.families(),
        "font.size": NORMAL,
        "text.usetex": False,
        "text.parse_math": True,  # so that text.name can write $ as it is
        "text.color": INK,
        "axes.titlesize": NORMAL + 1.5,
        "axes.labelsize": NORMAL,
        "axes.labelcolor": INK,
        "axes.edgecolor": FAINT,
        "axes.facecolor": "white",
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "white",
        "figure.titlesize": LARGE,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": PALE,
        "grid.linewidth": 0.7,
        "hatch.linewidth": 0.6,
        "hatch.color": "#00000070",
        "legend.frameon": False,
        "legend.fontsize": SMALL,
        "lines.linewidth": 1.4,
    }
