"""All charts of a study, as PNG files in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..study.nations import several
from . import allocations, atlas, classes, costs, fibre, gangs, heatmap, hubs, recovery, stack
from .gallery import Chart, save_each
from .nations import nations
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
    all of them, `compare.png` for a study of several allocations, and `nations.png` for one of several nations; 13
    inches wide, 110 dots per inch. Of several replications the first is drawn, and the chart says so. Returns the
    paths, in the order of writing. Raises OSError if a file cannot be written.

    >>> paths = hn.plot.save_all(study, "charts")
    """
    return save_each(charts_of(study_or_result), Path(folder))


def charts_of(study_or_result: StudyTables | ResultTables) -> list[Chart]:
    """Every chart that there is to draw of a study or a result, in the order of `save_all`."""
    runs: Mapping[str, Sequence[ResultTables]]
    if hasattr(study_or_result, "results"):
        study = cast(StudyTables, study_or_result)
        runs = study.results
    else:
        runs = {study_or_result.allocation: [study_or_result]}
    charts = []
    for stem, (allocation, replications) in zip(file_stems(list(runs)), runs.items(), strict=True):
        first = replications[0]
        note = f"The first of {len(replications)} replications." if len(replications) > 1 else ""
        for name, draw in CHARTS.items():
            if name not in NEEDS or not getattr(first, NEEDS[name]).empty:
                charts.append(Chart(name, partial(draw, first), stem, allocation, note))
    if any(costs.known(replications[0]) for replications in runs.values()):
        charts.append(Chart("accounts", partial(costs.accounts, study_or_result)))
    if len(runs) > 1:
        charts.append(Chart("compare", partial(allocations.compare, study)))
    if several(runs):
        charts.append(Chart("nations", partial(nations, study)))
    return charts


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
