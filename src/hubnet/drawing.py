"""`hubnet plot`: charts of a finished folder, drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from .errors import InputError, Problem
from .opening import open_study
from .show import accounts, compare
from .show.files import CHARTS, file_stems, save
from .study.finished import FinishedStudy

OF_STUDIES = {"compare": compare, "accounts": accounts}
FORMATS = ("png", "svg", "pdf")


def draw(folder: Path, names: Sequence[str], output: Path | None) -> list[Path]:
    """Draw charts by name (all, if none is named) of every allocation; returns the files.

    output: of one chart of one allocation, its file, whose ending says the format; else a folder, which is made.
    Raises InputError for what is not known, before anything is written.
    """
    known = (*CHARTS, *OF_STUDIES)
    problems = [
        Problem(f"there is no chart {name!r}", f"there are: {', '.join(known)}") for name in names if name not in known
    ]
    ending = output.suffix.lower().removeprefix(".") if output else ""
    if output and ending and ending not in FORMATS:
        problems.append(Problem(f"-o: {output} ends in .{ending}", f"formats are {', '.join(FORMATS)}"))
    if problems:
        raise InputError(problems)
    study = open_study(folder)
    wanted = [(name, stem, what) for name in names or known for stem, what in _of(study, name)]
    if names and not wanted:
        raise InputError(Problem(f"{folder} has nothing to draw there", "compare takes two allocations"))
    if output and ending:
        if len(wanted) != 1:
            stems = f"{len(wanted)} charts are asked for, and -o names one file"
            raise InputError(Problem(stems, "name a folder, which gets a file for each"))
        return [_drawn(wanted[0], output)]
    target = output or folder / "charts"
    target.mkdir(parents=True, exist_ok=True)
    return [_drawn(one, target / f"{one[0]}{'-' if one[1] else ''}{one[1]}.png") for one in wanted]


def _of(study: FinishedStudy, name: str) -> list[tuple[str, Any]]:
    """What a chart is drawn of: (part of the file's name, result or study) for each file."""
    if name == "compare":
        return [("", study)] if len(study.results) > 1 else []
    if name in OF_STUDIES:
        return [("", study)]
    needs = {"trunks-over-time": "trunks", "incidents": "incidents"}.get(name)
    firsts = zip(file_stems(list(study.results)), (runs[0] for runs in study.results.values()), strict=True)
    return [(stem, first) for stem, first in firsts if needs is None or len(getattr(first, needs))]


def _drawn(wanted: tuple[str, str, Any], path: Path) -> Path:
    name, _, what = wanted
    chart = cast(Any, CHARTS.get(name) or OF_STUDIES[name])
    try:
        return save(chart(what), path, "")
    except OSError as error:
        raise InputError(Problem(f"cannot write {path}: {error.strerror}", "choose another place with -o")) from error
