"""`hn.open`: finished folders, given back as what the commands that wrote them give in Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem
from .study.finished import FinishedResult, FinishedStudy, read_study
from .study.folder import FORMAT, MANIFEST, RUNS
from .study.growth import Growth
from .study.promises import TABLE as PROMISES
from .study.promises import Promise
from .study.reading import damaged, read_json
from .study.resilience import TABLE as FAILURES
from .study.resilience import read_resilience
from .study.sweep import TABLE as SWEEP
from .study.sweep import read_sweep

if TYPE_CHECKING:
    import pandas as pd

    from .loading import Scenario

RUN, YEARS, RESILIENCE, VARIED = "run", "years", "resilience", "sweep"  # kinds of folders
COMMANDS = {RUN: "hubnet run", YEARS: "hubnet run, by year", RESILIENCE: "hubnet resilience", VARIED: "hubnet sweep"}


def open(folder: str | Path) -> FinishedResult | FinishedStudy | Growth | pd.DataFrame:
    """What a finished folder holds, for notebooks.

    >>> study = hn.open("runs/two-hubs")
    >>> study.difference("response_s.p99"), study.results["as-built"][0].pools
    >>> hn.plot.compare(study)

    Of `hubnet run`: a study, or the result of the only run; of a scenario with `years` what `hn.growth` gives; of
    `hubnet sweep` and `hubnet resilience` their tables. Raises InputError for a folder that is none of these, not
    whole, damaged, or of a later version of hubnet.
    """
    folder = Path(folder)
    kind = kind_of(folder)
    if kind == RUN:
        study = read_study(folder)
        runs = [result for results in study.results.values() for result in results]
        return runs[0] if len(runs) == 1 else study  # type: ignore[return-value]
    if kind == YEARS:
        return open_growth(folder)
    return read_resilience(folder) if kind == RESILIENCE else read_sweep(folder)


def open_study(folder: str | Path) -> FinishedStudy:
    """A finished folder of `hubnet run`, as a study even if it holds one run only. Raises InputError for another."""
    folder = Path(folder)
    kind = kind_of(folder)
    if kind != RUN:
        message = f"{folder} is of `{COMMANDS[kind]}`, whose runs are kept as measures only"
        raise InputError(Problem(message, "`hubnet plot` draws its charts, and hn.open gives its table in Python"))
    return read_study(folder)


def open_growth(folder: Path) -> Growth:
    """The study by year in a finished folder; its manifest holds what was promised."""
    table, manifest = read_sweep(folder), manifest_of(folder)
    try:
        promises = tuple(Promise(**one) for one in manifest["promises"])
        return Growth(table.attrs["scenario"], manifest["seed"], table, promises, frozenset(manifest["names"]))
    except (KeyError, TypeError) as error:
        raise damaged(folder / MANIFEST, f"it does not say {error}") from error


def scenario_of(folder: str | Path, base: str | Path | None = None) -> Scenario:
    """The scenario that a finished folder was run from, with the settings that it was run with.

    base: where files that the scenario names are looked for, such as a nation's tables or a trace (default: here).
    Raises InputError if they are not there, or the scenario is of another version.
    """
    from .loading import Scenario
    from .network.refer import names_of
    from .scenario.load import parse

    manifest, base = manifest_of(Path(folder)), Path(base or ".")
    try:
        text, name, settings = (manifest[key] for key in ("scenario", "scenario_file", "settings"))
    except KeyError as error:
        raise damaged(Path(folder) / MANIFEST, f"it does not say {error}") from error
    return Scenario(parse(text, str(base / name), settings, names_of(base)))


def kind_of(folder: Path) -> str:
    """Which command wrote a finished folder. Raises InputError if it is not one."""
    manifest_of(folder)
    if (folder / PROMISES).exists():
        return YEARS
    if (folder / RUNS).exists():
        return RUN
    return RESILIENCE if (folder / FAILURES).exists() else VARIED if (folder / SWEEP).exists() else RUN


def manifest_of(folder: Path) -> dict[str, Any]:
    """What was run. Raises InputError if there is no finished folder, or one of a later version of hubnet."""
    path = folder / MANIFEST
    if not path.exists():
        raise InputError(_absent(folder))
    found = read_json(path)
    form = found.get("format", FORMAT)
    if not isinstance(form, int):
        raise damaged(path, f"its format is {form!r}")
    if form > FORMAT:
        message = f"{folder} has format {form}, of a later version of hubnet; this one reads up to {FORMAT}"
        raise InputError(Problem(message, "install a newer hubnet, or run the scenario again with this one"))
    return found


def _absent(folder: Path) -> Problem:
    partial = folder.with_name(folder.name + ".partial")
    if folder.name.endswith(".partial") or (not folder.exists() and partial.exists()):
        return Problem(f"{folder} is not finished", "go on with the command that began it, and --resume")
    if folder.is_dir():
        inside = sorted(path.name for path in folder.iterdir() if (path / MANIFEST).exists())[:3]
        hint = f"name a folder in it, such as {folder / inside[0]}" if inside else "name one of those in runs/"
        return Problem(f"{folder} is not a folder of results: it has no {MANIFEST}", hint)
    if folder.exists():
        return Problem(f"{folder} is a file, not a folder of results", f"name its folder: {folder.parent}")
    return Problem(f"there is no folder {folder}", "`hubnet run SCENARIO` makes one, in runs/")
