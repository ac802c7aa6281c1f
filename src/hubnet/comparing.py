"""`hubnet compare`: finished folders side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .drawing import file_ending, write_chart
from .errors import InputError, Problem
from .front import tell
from .opening import open_study
from .study.finished import FinishedStudy
from .study.folder import as_json as to_json
from .study.study import Study

MOST_NAMED = 4  # measures
MOST_IN_A_ROW = 3  # runs that 80 columns have room for, with their intervals
DIFFER = {  # what the manifests say -> what it means if they do not say the same
    "scenario_sha256": "the scenario files differ",
    "settings": "the settings (--set) differ",
    "seed": "the seeds differ, so the jobs do",
    "replications": "the numbers of replications differ",
    "policy": "the policies differ",
    "trace_sha256": "the traces differ",
    "versions": "the versions of hubnet or its libraries differ",
}


def compare_folders(folders: Sequence[Path], output: Path | None, as_json: bool, quiet: bool = False) -> None:
    """Print the measures of every run of the folders in one table, and draw it if a file is named.

    quiet: say nothing but the table. Raises InputError, with the problems of all folders, before anything is printed.
    """
    studies, problems = {}, _wrong_output(output)
    for name, folder in zip(names_of(folders), folders, strict=True):
        try:
            studies[name] = open_study(folder)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    joined = Joined(studies)
    notes = cautions(joined)
    if output is not None:
        _draw(joined, output)
    if as_json:
        sys.stdout.write(to_json(joined.summary() | {"notes": notes}))
        return
    _print(joined)
    if not quiet:
        for note in notes:
            tell(f"note: {note}")
        if output is not None:
            tell(f"drawn: {output}")


def _wrong_output(output: Path | None) -> list[Problem]:
    problems: list[Problem] = []
    if output is not None and not file_ending(output, problems) and not problems:
        problems.append(Problem(f"-o: {output} is not the name of a file", "name a .png, .svg or .pdf file"))
    return problems


def _print(joined: Joined) -> None:
    from .screen.run import comparison, hub_comparison
    from .screen.tables import console

    out, count, names = console(), len(joined.studies), list(joined.results)
    about = f"{count} folder{'s' if count > 1 else ''}"
    wide = len(names) if len(names) <= MOST_IN_A_ROW + 1 else MOST_IN_A_ROW
    for start in range(0, len(names), wide):
        part = joined.only(names[start : start + wide])
        out.print(comparison(part, about))
        out.print(hub_comparison(part))
        about = "continued"


def _draw(joined: Joined, path: Path) -> None:
    from .show import compare
    from .show.gallery import Chart

    write_chart(Chart("compare", lambda: compare(joined)), path)


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

    def only(self, names: Sequence[str]) -> Study:
        """Some of the runs, by name."""
        return Study(self.scenario, self.seed, {name: self.results[name] for name in names})

    def summary(self) -> dict[str, Any]:
        """The measures of all runs, in the form of `summary.json`; no differences, as the jobs may not be the same."""
        measures = {
            self._named(folder, allocation): found
            for folder, study in self.studies.items()
            for allocation, found in study.summary()["allocations"].items()
        }
        return {"scenario": self.scenario, "allocations": measures}

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


def cautions(joined: Joined) -> list[str]:
    """What makes the runs of several folders hard to compare, in words."""
    manifests = [study.manifest for study in joined.studies.values()]
    said = [
        words
        for key, words in DIFFER.items()
        if any(manifest.get(key) != manifests[0].get(key) for manifest in manifests)
    ]
    spans = {result.window for runs in joined.results.values() for result in runs}
    if len(spans) > 1 and "the scenario files differ" not in said:
        said.append("the times measured differ")
    return said + _of_some_only(joined)


def _of_some_only(joined: Joined) -> list[str]:
    """Which measures some folders have and others lack, those by hub, class or region left out."""
    found: dict[str, dict[str, None]] = {}
    for folder, study in joined.studies.items():
        found[folder] = dict.fromkeys(measure for run in study.results for measure in _headline(study, run))
    every = dict.fromkeys(measure for measures in found.values() for measure in measures)
    said = []
    for folder, measures in found.items():
        if lacking := [measure for measure in every if measure not in measures]:
            more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
            said.append(f"{folder} does not have {', '.join(lacking[:MOST_NAMED])}{more}")
    return said


def _headline(study: Study, name: str) -> list[str]:
    paths = [path for path in study.measures(name) if path[0] not in ("classes", "regions", "widths")]
    return [".".join(path) for path in paths if not any(part.startswith("by_") for part in path)]
