"""`hn.open`: finished folders, given back as what the commands that wrote them give in Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem
from .study.finished import FinishedResult, FinishedStudy, read_study
from .study.folder import MANIFEST, RUNS, SUMMARY

if TYPE_CHECKING:
    import pandas as pd

    from .study.growth import Growth

YEARS, FAILURES, SWEEP = "promises.parquet", "failures.parquet", "study.parquet"


def open(folder: str | Path) -> FinishedResult | FinishedStudy | Growth | pd.DataFrame:
    """What a finished folder holds, for notebooks.

    >>> study = hn.open("runs/two-hubs")
    >>> study.difference("response_s.p99"), study.results["as-built"][0].pools
    >>> hn.plot.compare(study)

    Of `hubnet run`: a study, or the result of the only run; of a scenario with `years` what `hn.growth` gives; of
    `hubnet sweep` and `hubnet resilience` their tables. Raises InputError for a folder that is none of these, or not
    whole.
    """
    folder = Path(folder)
    manifest = manifest_of(folder)
    if (folder / YEARS).exists():
        return _growth(folder, manifest)
    if (folder / FAILURES).exists():
        from .study.resilience import read_resilience

        return read_resilience(folder)
    if (folder / SWEEP).exists():
        from .study.sweep import read_sweep

        return read_sweep(folder)
    study = read_study(folder)
    runs = [result for results in study.results.values() for result in results]
    return runs[0] if len(runs) == 1 else study  # type: ignore[return-value]


def open_study(folder: str | Path) -> FinishedStudy:
    """A finished folder of `hubnet run`, as a study even if it holds one run only. Raises InputError for another."""
    folder = Path(folder)
    manifest_of(folder)
    if not (folder / RUNS).exists() and not (folder / SUMMARY).exists():
        kind = "hubnet resilience" if (folder / FAILURES).exists() else "hubnet sweep"
        raise InputError(Problem(f"{folder} is of `{kind}`, not of `hubnet run`", "hn.open gives its table in Python"))
    if (folder / YEARS).exists() or (folder / FAILURES).exists():
        raise InputError(
            Problem(f"{folder} holds a study of its own kind, with charts", "hn.open gives its table in Python")
        )
    return read_study(folder)


def manifest_of(folder: Path) -> dict[str, Any]:
    """What was run. Raises InputError if there is no finished folder."""
    path = folder / MANIFEST
    if not path.exists():
        partial = folder.with_name(folder.name + ".partial")
        if folder.name.endswith(".partial") or (not folder.exists() and partial.exists()):
            message, hint = f"{folder} is not finished", "go on with the command that began it, and --resume"
        elif folder.is_dir():
            message, hint = f"{folder} is not a folder of results: it has no {MANIFEST}", "name one of runs/"
        else:
            message, hint = f"there is no folder {folder}", "`hubnet run SCENARIO` makes one, in runs/"
        raise InputError(Problem(message, hint))
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(Problem(f"{path} is damaged: {error}", "run the scenario again")) from error
    return found


def _growth(folder: Path, manifest: dict[str, Any]) -> Growth:
    """The study by year. Its promises are those of the scenario, which the manifest holds."""
    from .loading import Scenario, names_of
    from .scenario.load import parse
    from .study.sweep import read_sweep
    from .yearly import study_of

    spec = parse(manifest["scenario"], manifest["scenario_file"], manifest["settings"], names_of(folder))
    return study_of(Scenario(spec), manifest["seed"], read_sweep(folder))
