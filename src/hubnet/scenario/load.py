"""From a file, a text or Python values to a scenario, or to every problem at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from hubnet.errors import NationError, Problem, ScenarioError
from hubnet.scenario.crosscheck import cross_check
from hubnet.scenario.fields import LENIENT
from hubnet.scenario.names import Names, own_names
from hubnet.scenario.nations import nations_faults, of_all, settled
from hubnet.scenario.overrides import override
from hubnet.scenario.problems import Fault, Found, located, schema_faults
from hubnet.scenario.reference import keys_at
from hubnet.scenario.schema import ScenarioSpec
from hubnet.scenario.source import read_file, read_yaml
from hubnet.scenario.tree import Node, Path, Source, tree_of
from hubnet.scenario.words import quote, suggestion

NamesOf = Callable[[str], Names | None]


def read(
    path: str | os.PathLike[str],
    overrides: Sequence[str] = (),
    names_of: NamesOf | None = None,
    nations: Sequence[str] = (),
) -> ScenarioSpec:
    """The scenario in a file. Arguments and errors as in `parse`."""
    return parse(read_file(os.fspath(path)), os.fspath(path), overrides, names_of, nations)


def parse(
    text: str,
    file: str = "",
    overrides: Sequence[str] = (),
    names_of: NamesOf | None = None,
    nations: Sequence[str] = (),
) -> ScenarioSpec:
    """The scenario that a YAML text says.

    file: what the problems call the text. overrides: "path=value" texts, as of `--set`, applied in order.
    names_of: the names of a nation that the scenario refers to; None or a NationError means that it is not one.
    Without `names_of` the names in a scenario about a nation are not checked. nations: the known ones, for hints.
    Raises ScenarioError with every problem found.
    """
    file = file or "scenario"
    tree, problems = read_yaml(text, file)
    for setting in overrides:
        try:
            tree = override(tree, setting)
        except ScenarioError as error:
            problems += error.problems
    return _Loader(names_of, nations).scenario(Source(file, text, tuple(overrides), tree), problems)


def from_values(
    values: Mapping[str, Any], names_of: NamesOf | None = None, nations: Sequence[str] = (), file: str = ""
) -> ScenarioSpec:
    """The scenario that plain Python values say, with the keys of the file; `hubnet: 1` may be left out.

    file: where they were read from, if they were; relative names of files start there.
    Raises ScenarioError with every problem found; they give the path of the culprit instead of a line.
    """
    tree = tree_of({"hubnet": 1} | dict(values))
    return _Loader(names_of, nations).scenario(Source(file, "", (), tree), [])


def revised(spec: ScenarioSpec, settings: Sequence[str], names_of: NamesOf, option: str = "--set") -> ScenarioSpec:
    """The same scenario with more settings, such as "workload.load=70 %". option: what problems call them.

    Raises ScenarioError with every problem found.
    """
    assert spec.source is not None  # every scenario was read, from a file or from values
    tree, problems = spec.source.tree, []
    for setting in settings:
        try:
            tree = override(tree, setting, option)
        except ScenarioError as error:
            problems += error.problems
    source = replace(spec.source, overrides=(*spec.source.overrides, *settings), tree=tree)
    return _Loader(names_of, ()).scenario(source, problems)


def locate(spec: ScenarioSpec, path: Path) -> tuple[str, int | None, int | None, str]:
    """File, line, column and source line of the value at `path`, or of the nearest one above that exists.

    path: keys of the file and indices, for example ("network", "trunks", 0, "between"). A scenario that was
    not read from a file has no places: ("", None, None, "").
    """
    problem = problem_at(spec, path, "")
    return problem.file, problem.line, problem.column, problem.text


def problem_at(spec: ScenarioSpec, path: Path, message: str, hint: str = "") -> Problem:
    """A `Problem` about the value at `path`; the path is put in front of the message."""
    if spec.source is None:
        return Problem(message, hint)
    return located([Fault(path, message, hint)], spec.source.tree)[0]


@dataclass(frozen=True)
class _Loader:
    names_of: NamesOf | None
    nations: Sequence[str]

    def scenario(self, source: Source, problems: list[Problem]) -> ScenarioSpec:
        """The validated scenario. problems: those found before."""
        plain = source.tree.plain()
        if not isinstance(plain, dict):
            found = "the scenario is empty" if plain is None else f"the scenario is {quote(plain)}, not a mapping"
            problems.append(source.tree.mark.problem(found, 'write "key: value" lines, beginning with "hubnet: 1"'))
            raise ScenarioError(problems)
        spec, faults = _validated(plain)
        draft = spec or ScenarioSpec.model_validate(_pruned(plain, faults), context=LENIENT)
        faults += list(nations_faults(draft, Found(faults)))
        draft = settled(draft)
        names, more, nation_problems = self._names(plain, draft)
        faults += more
        faults += of_all({nation: cross_check(draft, known, faults) for nation, known in names.items()})
        problems = problems + located(faults, source.tree) + nation_problems
        if problems or spec is None:
            raise ScenarioError(_sorted(problems, source.file))
        draft._source = source
        return draft

    def _names(self, plain: dict[Any, Any], draft: ScenarioSpec) -> tuple[dict[str, Names], list[Fault], list[Problem]]:
        """The names in force, in each of the nations if there are several; and what is wrong with the nations that
        the scenario refers to."""
        own = own_names(plain)
        if self.names_of is None:
            return {"": Names(classes=own.classes) if isinstance(draft.network, str) else own}, [], []
        faults: list[Fault] = []
        problems: list[Problem] = []
        found: dict[str, Names | None] = {}
        classes = draft.workload.classes if draft.workload else None
        networks: list[tuple[Path, Any]] = [(("nations", i), name) for i, name in enumerate(draft.nations or ())]
        networks = networks or [(("network",), draft.network)]
        for path, name in (*networks, (("workload", "classes"), classes)):
            if not isinstance(name, str) or name in found:
                continue
            hint = suggestion(name, self.nations, "nations") if self.nations else ""
            try:
                found[name] = self.names_of(name)
                if found[name] is None:
                    faults.append(Fault(path, f"unknown nation {quote(name)}", hint))
            except NationError as error:
                found[name] = None
                in_tables = [problem for problem in error.problems if problem.file]
                if in_tables:
                    faults.append(Fault(path, f"the tables of the nation {quote(name)} have mistakes", hint))
                problems += in_tables
                faults += [Fault(path, other.message, hint or other.hint) for other in error.problems if not other.file]
        if isinstance(classes, str):
            own = replace(own, classes=(found.get(classes) or Names()).classes)
        if not isinstance(draft.network, str):
            return {"": own}, faults, problems
        return {nation: _with_own(found.get(nation), own) for _, nation in networks if nation}, faults, problems


def _with_own(nation: Names | None, own: Names) -> Names:
    """What exists in a nation, and what the scenario itself defines."""
    names = nation or Names()
    devices = None if names.devices is None or own.devices is None else names.devices | own.devices
    return replace(names, devices=devices, classes=own.classes)


def _validated(plain: dict[Any, Any]) -> tuple[ScenarioSpec | None, list[Fault]]:
    try:
        return ScenarioSpec.model_validate(plain), []
    except ValidationError as error:
        return None, schema_faults(error)


def _pruned(plain: dict[Any, Any], faults: Sequence[Fault]) -> dict[Any, Any]:
    """The values without the scalar entries at fault whose keys the writer chose: the others can then be checked.

    Fields at fault, and parts with a fault, stay: lenient validation makes the fields None.
    """
    copy = Node.plain(tree_of(plain))
    for fault in faults:
        above, path = copy, fault.path
        for key in path[:-1]:
            above = above.get(key) if isinstance(above, dict) else None
        if path and isinstance(above, dict) and keys_at(path[:-1]) is None and (fault.at_key or keys_at(path) is None):
            above.pop(path[-1], None)
    return copy


def _sorted(problems: list[Problem], file: str) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file != file, problem.line or 0, problem.column or 0))
