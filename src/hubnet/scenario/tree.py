"""A scenario before it is understood: a tree of plain values that knows where each key and value stands."""

from __future__ import annotations

import hashlib
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario.words import quote

Key = str | int | float | bool
Path = tuple[Any, ...]
MOST_NODES = 200_000
DEEPEST = 40


@dataclass(frozen=True)
class Origin:
    """What a tree was read from: a file, or one override. `lines` is empty where positions make no sense."""

    file: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in an origin; line and column count from 1."""

    origin: Origin
    line: int
    column: int

    def problem(self, message: str, hint: str = "") -> Problem:
        """A `Problem` at this place."""
        if not self.origin.lines:
            return Problem(message, hint, self.origin.file)
        text = self.origin.lines[self.line - 1] if self.line <= len(self.origin.lines) else ""
        return Problem(message, hint, self.origin.file, self.line, self.column, text)


@dataclass
class Node:
    """One value: a scalar, a dict of nodes or a list of nodes. Aliases share nodes; nobody changes one in place.

    keys: the place of each key, for a dict. size: nodes in the subtree, aliases counted each time.
    """

    value: Any
    mark: Mark
    keys: dict[Key, Mark] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Any:
        """The plain Python value."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value

    def child(self, key: Any) -> Node | None:
        """The node under `key` (of a dict) or at that index (of a list), or None."""
        if isinstance(self.value, dict):
            return self.value.get(key)
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None

    def find(self, path: Path, at_key: bool = False) -> tuple[Mark, Path]:
        """The place of the value (or, with `at_key`, of the key) at `path`, or of the nearest one above that exists.

        Returns the mark and the path as it is written: index 0 of what is no list is left out, because one entry may
        stand for a list of one. A missing key is placed at its parent's key.
        """
        node, mark = self, self.mark
        written: list[Any] = []
        for i, key in enumerate(path):
            below = node.child(key)
            if below is None and key == 0 and not isinstance(node.value, list):
                continue
            if below is None:
                return (mark if isinstance(node.value, dict) else node.mark), (*written, *path[i:])
            mark = node.keys.get(key, below.mark)
            node = below
            written.append(key)
        return (mark if at_key else node.mark), tuple(written)

    def replaced(self, path: Path, below: Node, key_mark: Mark) -> Node:
        """A copy in which `below` stands at `path`; dicts that are missing on the way are made."""
        if not path:
            return below
        key, rest = path[0], path[1:]
        child = self.child(key) or Node({}, key_mark)
        new = child.replaced(rest, below, key_mark)
        if isinstance(self.value, list):
            return Node([*self.value[:key], new, *self.value[key + 1 :]], self.mark, size=self.size)
        return Node(self.value | {key: new}, self.mark, {key: key_mark} | self.keys, self.size)


@dataclass(frozen=True)
class Source:
    """Where a scenario was read from.

    file: its name, empty for Python values. text: what it said. overrides: the `--set` texts, in order.
    tree: its values and their places, overrides included.
    """

    file: str
    text: str
    overrides: tuple[str, ...]
    tree: Node

    @cached_property
    def sha256(self) -> str:
        """The hash of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def tree_of(values: Any, path: Path = ()) -> Node:
    """The tree of Python values; tuples become lists, numpy scalars numbers.

    Raises ScenarioError if they are nested too deep, as values that contain themselves are.
    """
    mark = Mark(Origin(), 0, 0)
    if len(path) > DEEPEST:
        raise ScenarioError(f"{dotted(path[:4])}...: the values are nested more than {DEEPEST} deep")
    if isinstance(values, Mapping):
        below = {key: tree_of(value, (*path, key)) for key, value in values.items()}
        return Node(below, mark, dict.fromkeys(below, mark), 1 + sum(node.size for node in below.values()))
    if isinstance(values, list | tuple):
        items = [tree_of(value, (*path, i)) for i, value in enumerate(values)]
        return Node(items, mark, size=1 + sum(node.size for node in items))
    if isinstance(values, str | bool | date) or values is None:
        return Node(values, mark)
    if isinstance(values, numbers.Integral):
        return Node(int(values) if abs(int(values)) < 10**300 else math.inf, mark)
    return Node(float(values) if isinstance(values, numbers.Real) else values, mark)


def dotted(path: Path) -> str:
    """`("workload", "classes", "chat")` as `workload.classes.chat`; keys that are no words stand in quotes."""
    return ".".join(str(key) if _plain_key(key) else quote(key) for key in path)


def _plain_key(key: object) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and bool(key) and not set(key) & set('."\n'))
