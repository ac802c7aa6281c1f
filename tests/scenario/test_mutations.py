"""Whatever is done to a good scenario, it loads or it is refused with problems; nothing else is ever raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario import from_values, parse
from hubnet.scenario.source import read_yaml
from scenario.small import GOOD

VALUES = read_yaml(GOOD, "")[0].plain()
SCRAPS = [
    None, True, -1, 0, 1.5, float("nan"), float("inf"), 10**400, "", " ", "x", "x2", "7 d", "1/0", "-5 %", "NO", "all",
    "Lulea", "as-built", "north", [], [[]], ["Lulea"], [None], {}, {"x": 1}, {1: 2}, {"choice": {}}, {"mean": "1 s"},
    {"from": "up"}, b"bytes", object(), {None: 1}, {("a",): 1},
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, child in below for each in paths(child, (*path, key)))]


def mutated(value: Any, path: tuple[Any, ...], new: Any, how: str) -> Any:
    """A copy with the value at the path deleted, replaced or renamed."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    key = path[0]
    if len(path) > 1:
        copy[key] = mutated(copy[key], path[1:], new, how)
    elif how == "delete":
        del copy[key]
    elif how == "rename" and isinstance(copy, dict):
        copy[f"{key}x" if isinstance(key, str) else str(key)] = copy.pop(key)
    else:
        copy[key] = new
    return copy


def check(problems: list[Problem]) -> None:
    assert all(problem.message for problem in problems)
    assert len({str(problem) for problem in problems}) == len(problems), "one problem is listed twice"


def refusal(load: Callable[..., Any], *arguments: Any) -> list[Problem]:
    """The problems, none if it loads."""
    try:
        load(*arguments)
    except ScenarioError as error:
        return error.problems or [Problem("refused without a reason")] * 2
    return []


EDIT = st.tuples(
    st.sampled_from(paths(VALUES)[1:]), st.sampled_from(SCRAPS), st.sampled_from(["delete", "replace", "rename"])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=4))
def test_mutated_values(edits: list[Any]) -> None:
    values = VALUES
    for path, new, how in edits:
        if path in paths(values):
            values = mutated(values, path, new, how)
    check(refusal(from_values, values))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text(alphabet="{}[]:,&*!'\"#-x1% \n\t|>", max_size=3))
@example(0, len(GOOD), "")
def test_mutated_text(start: int, length: int, new: str) -> None:
    text = GOOD[:start] + new + GOOD[start + length :]
    problems = refusal(parse, text, "small.yaml")
    check(problems)
    assert all(problem.file == "small.yaml" and problem.line for problem in problems)
