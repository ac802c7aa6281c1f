"""Charts that are not drawn yet, each with the name of its file; and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import style


@dataclass(frozen=True)
class Chart:
    """A chart to be drawn. name: what it is, such as "map". draw: draws it. part: what of, such as the name of an
    allocation, as a part of a file's name. allocation: which one it shows; "" = all. note: to stand below it."""

    name: str
    draw: Callable[[], Figure | Axes]
    part: str = ""
    allocation: str = ""
    note: str = ""

    @property
    def stem(self) -> str:
        """The name of its file, without an ending."""
        return f"{self.name}-{self.part}" if self.part else self.name


def save(chart: Chart, path: Path) -> Path:
    """Draw a chart into a file, whose ending says the format. Raises OSError if it cannot be written."""
    drawn = chart.draw()
    figure = cast(Figure, drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True))
    if chart.note:
        figure.supxlabel(chart.note, x=0.99, ha="right", fontsize=style.SMALL, color=style.FAINT)
    figure.savefig(path, dpi=style.DPI)
    return path


def save_each(charts: Iterable[Chart], folder: Path, ending: str = "png") -> list[Path]:
    """Draw charts into `folder`, which is made if it does not exist. Returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [save(chart, folder / f"{chart.stem}.{ending}") for chart in charts]
