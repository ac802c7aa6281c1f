"""`hubnet plot`: charts of a finished folder, drawn again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .errors import InputError, Problem
from .front import tell
from .network.plain_graph import Places, graph_of
from .opening import RESILIENCE, RUN, YEARS, kind_of, open_growth, open_study
from .scenario.words import suggestion
from .show.gallery import Chart, save
from .study.reading import read_json
from .study.resilience import NETWORK, read_resilience
from .study.sweep import read_sweep

FORMATS = ("png", "svg", "pdf")


def draw(folder: Path, names: Sequence[str], allocations: Sequence[str], output: Path | None) -> list[Path]:
    """Draw charts of a finished folder by name (all, if none is named); returns the files.

    allocations: only charts of these, and those of all together. output: of one chart its file, whose ending says the
    format, and of a chart that there is of several allocations the first one's; else a folder, which is made;
    DIR/charts unless given. Raises InputError for what is not known, before
    anything is written.
    """
    charts = charts_in(folder)
    known = list(dict.fromkeys(chart.name for chart in charts))
    there = list(dict.fromkeys(chart.allocation for chart in charts if chart.allocation))
    problems = [_unknown("chart", name, known, folder) for name in names if name not in known]
    problems += [_unknown("allocation", name, there, folder) for name in allocations if name not in there]
    ending = file_ending(output, problems)
    wanted = [
        chart
        for chart in charts
        if (not names or chart.name in names)
        and (not allocations or chart.allocation in allocations or (not chart.allocation and chart.name in names))
    ]
    if ending and len({chart.name for chart in wanted}) == 1 and len(wanted) > 1:
        tell(f"{wanted[0].name}: of {wanted[0].allocation}; --allocation chooses another: {', '.join(there)}")
        wanted = wanted[:1]
    if ending and len(wanted) != 1 and not problems:
        hint = "name one of them; or name a folder with -o, which gets a file for each"
        problems.append(Problem(f"-o: {output} is one file, and {len(wanted)} charts are asked for", hint))
    if problems:
        raise InputError(problems)
    if output is not None and ending:
        return [write_chart(wanted[0], output)]
    target = output or folder / "charts"
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot write to {target}: {error.strerror}"
        raise InputError(Problem(message, "choose another folder with -o")) from error
    return [write_chart(chart, target / f"{chart.stem}.png") for chart in wanted]


def charts_in(folder: Path) -> list[Chart]:
    """Every chart that there is to draw of a finished folder of any command. Raises InputError."""
    from .show.failures import failure_charts
    from .show.files import charts_of
    from .show.sweeps import sweep_charts
    from .show.years import growth_charts

    kind = kind_of(folder)
    if kind == RUN:
        return charts_of(open_study(folder))
    if kind == YEARS:
        return growth_charts(open_growth(folder))
    if kind == RESILIENCE:
        return failure_charts(read_resilience(folder), Places(graph_of(read_json(folder / NETWORK))))
    return sweep_charts(read_sweep(folder))


def file_ending(output: Path | None, problems: list[Problem]) -> str:
    """The format that the name of a file says; "" for a folder. What no chart is written as is added to `problems`."""
    if output is None or output.is_dir() or not output.suffix:
        return ""
    ending = output.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        message = f"-o: {output} ends in {output.suffix}, which is no format of charts"
        problems.append(Problem(message, f"formats are {', '.join(FORMATS)}"))
    return ending


def write_chart(chart: Chart, path: Path) -> Path:
    """Draw a chart into a file, which is whole or as it was. Raises InputError if it cannot be written."""
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        save(chart, draft)
        os.replace(draft, path)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise InputError(Problem(message, "choose another place with -o")) from error
    finally:
        with suppress(OSError):  # it is there only if something went wrong
            draft.unlink()
    return path


def _unknown(what: str, name: str, known: list[str], folder: Path) -> Problem:
    return Problem(f"{folder} has no {what} {name!r}", suggestion(name, known, f"{what}s"))
