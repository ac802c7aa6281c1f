"""`hubnet compare`: finished folders side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import InputError, Problem
from .opening import open_study
from .study.finished import FinishedStudy
from .study.folder import as_json as to_json
from .study.study import Study


def compare_folders(folders: Sequence[Path], output: Path | None, as_json: bool) -> None:
    """Print the measures of every run of the folders in one table, and draw it if a file is named.

    Raises InputError, with the problems of all folders, before anything is printed.
    """
    studies, problems = {}, []
    for name, folder in zip(names_of(folders), folders, strict=True):
        try:
            studies[name] = open_study(folder)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    joined = Joined(studies)
    for caution in cautions(studies):
        print(f"note: {caution}", file=sys.stderr)
    if as_json:
        sys.stdout.write(to_json(joined.summary()))
    else:
        _print(joined)
    if output is not None:
        _draw(joined, output)


def _print(joined: Joined) -> None:
    from .screen.run import comparison, hub_comparison
    from .screen.tables import console

    out = console()
    out.print(comparison(joined, f"{len(joined.studies)} folders"))
    out.print(hub_comparison(joined))


def _draw(joined: Joined, path: Path) -> None:
    from .show import compare
    from .show.files import save

    try:
        save(compare(joined), path, "")
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"cannot write {path}: {error}", "name a .png, .svg or .pdf file")) from error
    print(f"drawn: {path}", file=sys.stderr)


class Joined(Study):
    """The runs of several studies as if they were of one: named by folder, and by allocation where it has several."""

    def __init__(self, studies: dict[str, FinishedStudy]) -> None:
        self.studies = studies
        names = dict.fromkeys(study.scenario for study in studies.values())
        results = {
            self._named(folder, allocation): runs
            for folder, study in studies.items()
            for allocation, runs in study.results.items()
        }
        super().__init__(", ".join(names), next(iter(studies.values())).seed, results)

    def summary(self) -> dict[str, Any]:
        """The measures of all runs, in the form of `summary.json`; no differences, as the jobs may not be the same."""
        measures = {
            self._named(folder, allocation): found
            for folder, study in self.studies.items()
            for allocation, found in study.summary()["allocations"].items()
        }
        return {"scenario": self.scenario, "replications": self.replications, "allocations": measures}

    def _named(self, folder: str, allocation: str) -> str:
        return folder if len(self.studies[folder].results) == 1 else f"{folder}: {allocation}"


def names_of(folders: Sequence[Path]) -> list[str]:
    """A short name for each folder: the end of its path by which it differs from the others."""
    parts = [folder.resolve().parts for folder in folders]
    if len(set(parts)) < len(parts):
        raise InputError(Problem("a folder is named twice", "name each once"))
    length = 1
    while len({part[-length:] for part in parts}) < len(parts):
        length += 1
    return ["/".join(part[-length:]) for part in parts]


def cautions(studies: dict[str, FinishedStudy]) -> list[str]:
    """What makes the runs of several folders hard to compare, in words."""
    said = []
    for key, words in (
        ("scenario_sha256", "the scenario files differ"),
        ("settings", "settings differ"),
        ("seed", "the seeds differ, so the jobs do"),
        ("policy", "the policies differ"),
        ("versions", "versions of hubnet or its libraries differ"),
    ):
        values = [study.manifest.get(key) for study in studies.values()]
        if any(value != values[0] for value in values):
            said.append(words)
    return said
