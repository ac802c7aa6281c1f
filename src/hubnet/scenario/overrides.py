"""Applies `--set path=value` to a scenario's tree."""

from __future__ import annotations

from typing import Any

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario.reference import ends_at, keys_at
from hubnet.scenario.source import read_yaml
from hubnet.scenario.tree import Mark, Node, Origin, dotted
from hubnet.scenario.words import quote, suggestion


def override(tree: Node, setting: str, option: str = "--set") -> Node:
    """A copy of the tree with one setting, "workload.load=70 %", applied; list entries go by number, from 0.

    The value is read as YAML. A key that may exist and is not in the file is made; whether the new value fits is
    found when the scenario is validated. option: what problems call it. Raises ScenarioError for a path that leads
    nowhere.
    """
    file = f"{option} {setting}"
    mark = Mark(Origin(file), 0, 0)
    path_text, equals, value_text = setting.partition("=")
    steps = [step.strip() for step in path_text.split(".")]
    if not equals or not all(steps):
        raise ScenarioError(Problem(f"{quote(setting)} is not path=value", 'write "workload.load=70 %"', file))
    value, problems = read_yaml(value_text, file, with_places=False)
    if problems:
        raise ScenarioError(problems)
    path: list[Any] = []
    node: Node | None = tree
    for i, step in enumerate(steps):
        key, node = _step(node, tuple(path), step, i == len(steps) - 1, file)
        path.append(key)
    return tree.replaced(tuple(path), value, mark)


def _step(node: Node | None, path: tuple[Any, ...], step: str, last: bool, file: str) -> tuple[Any, Node | None]:
    """The key that `step` means below `node` (None = not in the file), and the node there."""
    where = dotted(path) or "the scenario"
    if node is not None and isinstance(node.value, list):
        if not step.isdecimal() or int(step) >= len(node.value):
            count = len(node.value)
            hint = f"its entries are numbered 0 to {count - 1}" if count else "it is empty"
            raise ScenarioError(Problem(f"{where} has no entry {quote(step)}", hint, file))
        return int(step), node.value[int(step)]
    given = node.value if node is not None else None
    if ends_at(path) or (given is not None and not isinstance(given, dict)):
        found = f"is {quote(given)}" if given is not None else "is one value"
        raise ScenarioError(Problem(f"{where} {found}; there is nothing below it", "", file))
    present = list(given or ())
    key = next((key for key in present if str(key) == step), step)
    known = keys_at(path)
    if key not in present and (not last if known is None else key not in known):
        hint = suggestion(step, [*present, *(known or ())], "keys")
        raise ScenarioError(Problem(f"{where} has no key {quote(step)}", hint, file))
    return key, node.child(key) if node is not None else None
