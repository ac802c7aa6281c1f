"""From what a class says to what its jobs are drawn from; fetches what it refers to: profiles and CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import NationError, Problem, ScenarioError
from ..network.nation import DEFAULT_MIX, Nation, load_nation
from ..network.weeks import Week, week_of
from ..scenario import sizes
from ..scenario.growth import later
from ..scenario.load import problem_at
from ..scenario.rhythm import FLAT, Profile
from ..scenario.schema import ScenarioSpec
from ..scenario.words import quote, suggestion
from .classes import PerWork, Size
from .distributions import Choice, Constant, Distribution, Empirical, distribution
from .files import read_column, read_profiles
from .growth import with_work_of
from .national import nation_classes

PROFILES = "profile.csv"  # the table of a nation


@dataclass(frozen=True)
class Parts:
    """What one class is drawn from; None = a flat profile, no campaigns."""

    week: Week | None
    campaign: Choice | None
    devices: Choice
    work: Distribution
    upload: Size
    download: Size


def class_specs(spec: ScenarioSpec, nation: Nation | None, home: Nation | None = None) -> Mapping[str, Any]:
    """The classes of a scenario by name, with the work of its year; nation: the one whose classes they are, if
    any's. home: the one that they are played in, if they are played in one's.

    A class of another nation is born where the nation at home says that its own class of this name is, or else
    everywhere: the places of another nation's table are not there. Raises ScenarioError for a mix that the nation
    does not have.
    """
    found = _first_specs(spec, nation)
    if nation is not None and home is not None and nation.folder != home.folder:
        born = {row.name: dict(row.regions) or None for row in home.classes}
        found = {name: replace(one, regions=born.get(name)) for name, one in found.items()}
    return with_work_of(found, later(spec))


def _first_specs(spec: ScenarioSpec, nation: Nation | None) -> Mapping[str, Any]:
    classes, mix = spec.workload.classes, spec.workload.mix
    if not isinstance(classes, str) or nation is None:
        return classes if isinstance(classes, Mapping) else {}
    if mix is not None and mix not in nation.mix_names:
        hint = suggestion(mix, nation.mix_names, "mixes")
        raise ScenarioError(problem_at(spec, ("workload", "mix"), f"unknown mix {quote(mix)}", hint))
    return nation_classes(nation.classes, nation.mixes, mix or DEFAULT_MIX)


def class_parts(spec: ScenarioSpec, nation: Nation | None, folder: Path) -> dict[str, Parts]:
    """The parts of every class. folder: relative files start here. Raises ScenarioError with every problem found."""
    reader = _Reader(spec, folder)
    default = reader.week(("workload", "profile"), spec.workload.profile)
    own = reader.named_weeks(nation) if nation and spec.workload.profile is None else {}
    parts = {name: reader.parts(name, one, default, own) for name, one in class_specs(spec, nation).items()}
    if reader.problems:
        raise ScenarioError(list(dict.fromkeys(reader.problems)))
    return parts


class _Reader:
    """Reads parts, and collects what is wrong."""

    def __init__(self, spec: ScenarioSpec, folder: Path) -> None:
        self.spec, self.folder = spec, folder
        self.problems: list[Problem] = []

    def parts(self, name: str, one: Any, default: Week | None, own: dict[str, Week]) -> Parts:
        path = ("workload", "classes", name)
        week = default
        if one.profile in own:
            week = own[one.profile]
        elif one.profile is not None and not isinstance(self.spec.workload.classes, str):
            week = self.week((*path, "profile"), one.profile)
        campaign = None
        if one.campaigns is not None:
            campaign = self.counts((*path, "campaigns", "size"), one.campaigns.size, least=1)
        return Parts(
            week=week,
            campaign=campaign,
            devices=self.counts((*path, "devices"), one.devices),
            work=self.drawn((*path, "work"), one.work),
            upload=self.data((*path, "input"), one.input),
            download=self.data((*path, "output"), one.output),
        )

    def named_weeks(self, nation: Nation) -> dict[str, Week]:
        """The profiles that the nation's own classes name."""
        wanted = {row.name: row.profile for row in nation.classes if row.profile}
        if not wanted:
            return {}
        found = read_profiles(nation.folder / PROFILES, self.problems)
        for name, profile in wanted.items():
            if profile not in found:
                message = f"the class {quote(name)} has the profile {quote(profile)}, which {PROFILES} does not have"
                hint = suggestion(profile, found, "profiles")
                self.problems.append(Problem(message, hint, str(nation.folder / "classes.csv")))
        return found

    def week(self, path: tuple[str, ...], given: str | Profile | None) -> Week | None:
        """The profile that is spelled out, or in a file, or a nation's; None for a flat one."""
        if isinstance(given, Profile):
            return week_of(given.weekday, given.weekend)
        if given is None or given == FLAT:
            return None
        try:
            file = self.folder / given if given.endswith(".csv") else load_nation(given, self.folder).folder / PROFILES
        except NationError:
            hint = f"name a nation, a CSV file with the columns hour, weekday and weekend, or {quote(FLAT)}"
            self.problems.append(problem_at(self.spec, path, f"{quote(given)} is not a profile", hint))
            return None
        if not self._exists(path, file):
            return None
        found = read_profiles(file, self.problems)
        if len(found) > 1:
            message = f"{quote(given)} has {len(found)} profiles"
            self.problems.append(problem_at(self.spec, path, message, "put the one that is meant in a file of its own"))
        return next(iter(found.values()), None)

    def counts(self, path: tuple[str, ...], given: sizes.Choice | sizes.Column, least: int = 0) -> Choice:
        if isinstance(given, sizes.Choice):
            return Choice(given.values, given.weights)
        numbers = self._column(path, given, counts=True)
        if numbers and min(numbers) < least:
            message = f"the column {quote(given.column)} of {quote(given.file)} has numbers below {least}"
            self.problems.append(problem_at(self.spec, path, message, "leave such rows out of the file"))
        spread = sizes.frequencies([int(number) for number in numbers] or [1])
        return Choice(spread.values, spread.weights)

    def drawn(self, path: tuple[str, ...], given: sizes.Distribution | sizes.Column) -> Distribution:
        if not isinstance(given, sizes.Column):
            return distribution(given)
        numbers = self._column(path, given)
        return Empirical(tuple(number * given.unit for number in numbers) or (1.0,))

    def data(self, path: tuple[str, ...], given: Any) -> Size:
        if isinstance(given, float):
            return Constant(given)
        return PerWork(given.rate) if isinstance(given, sizes.PerWork) else self.drawn(path, given)

    def _column(self, path: tuple[str, ...], given: sizes.Column, counts: bool = False) -> tuple[float, ...]:
        """The numbers, or none if something is wrong with them."""
        file, before = self.folder / given.file, len(self.problems)
        if self._exists(path, file):
            numbers = read_column(file, given.column, counts, self.problems)
            return numbers if len(self.problems) == before else ()
        return ()

    def _exists(self, path: tuple[str, ...], file: Path) -> bool:
        if not file.is_file():
            hint = "a relative name starts at the scenario's folder"
            self.problems.append(problem_at(self.spec, path, f"there is no file {quote(str(file))}", hint))
        return file.is_file()
