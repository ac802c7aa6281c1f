"""All charts of a study, as PNG files in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import allocations, atlas, classes, costs, fibre, gangs, heatmap, hubs, recovery, stack, style
from .tables import ResultTables, StudyTables

CHARTS: dict[str, Callable[[ResultTables], Figure | Axes]] = {
    "utilization": hubs.utilization,
    "heat": heatmap.heat,
    "demand": stack.demand,
    "latency": classes.latency,
    "widths": gangs.widths,
    "map": atlas.map,
    "trunks": fibre.trunks,
    "trunks-over-time": fibre.trunks_over_time,
    "incidents": recovery.incidents,
}
# The table without rows of which there is nothing to draw, and no file.
NEEDS = {"trunks-over-time": "trunks", "incidents": "incidents"}


def save_all(study_or_result: StudyTables | ResultTables, folder: str | Path) -> list[Path]:
    """Draw every chart of every allocation into `folder`, which is made if it does not exist.

    Writes `utilization-NAME.png`, `heat-NAME.png`, `demand-NAME.png`, `latency-NAME.png`, `widths-NAME.png`,
    `map-NAME.png`, `trunks-NAME.png`, if there are trunks `trunks-over-time-NAME.png`, and if there were incidents
    `incidents-NAME.png` for each allocation NAME (with what file names cannot hold replaced by `-`); `accounts.png` of
    all of them, and `compare.png` for a study of several allocations; 13 inches wide, 110 dots per inch. Of several
    replications the first is drawn, and the chart says so. Returns the paths, in the order of writing. Raises OSError
    if a file cannot be written.

    >>> paths = hn.plot.save_all(study, "charts")
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    runs: Mapping[str, Sequence[ResultTables]]
    if hasattr(study_or_result, "results"):
        study = cast(StudyTables, study_or_result)
        runs = study.results
    else:
        runs = {study_or_result.allocation: [study_or_result]}
    paths = []
    for stem, replications in zip(file_stems(list(runs)), runs.values(), strict=True):
        first = replications[0]
        note = f"The first of {len(replications)} replications." if len(replications) > 1 else ""
        for chart, draw in CHARTS.items():
            if chart not in NEEDS or not getattr(first, NEEDS[chart]).empty:
                paths.append(save(draw(first), folder / f"{chart}-{stem}.png", note))
    if any(costs.known(replications[0]) for replications in runs.values()):
        paths.append(save(costs.accounts(study_or_result), folder / "accounts.png", ""))
    if len(runs) > 1:
        paths.append(save(allocations.compare(study), folder / "compare.png", ""))
    return paths


def save(drawn: Figure | Axes, path: Path, note: str) -> Path:
    """Write a chart, with a note below it if there is one; the ending of the path says the format."""
    figure = cast(Figure, drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True))
    if note:
        figure.supxlabel(note, x=0.99, ha="right", fontsize=style.SMALL, color=style.FAINT)
    figure.savefig(path, dpi=style.DPI)
    return path


def file_stems(names: list[str]) -> list[str]:
    """One part of a file name for each allocation, all different, also where upper and lower case are one."""
    stems: list[str] = []
    for name in names:
        stem = plain = re.sub(r"[^\w.+-]+", "-", name).strip(".-")[:60] or "allocation"
        number = 2
        while stem.casefold() in (other.casefold() for other in stems):
            stem = f"{plain}-{number}"
            number += 1
        stems.append(stem)
    return stems
