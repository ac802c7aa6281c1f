"""YAML 1.2 as it is read: the traps of older YAML, places, and texts that must not do harm."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.errors import ScenarioError
from hubnet.scenario.source import read_file, read_yaml, scalar


def plain(text: str) -> object:
    tree, problems = read_yaml(text, "f.yaml")
    assert not problems
    return tree.plain()


@pytest.mark.parametrize(
    "text, value",
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("18:30", "18:30"),
        ("1:30:00", "1:30:00"),
        ("1e6", 1e6),
        ("1E-3", 0.001),
        (".5", 0.5),
        ("012", 12),
        ("0o17", 15),
        ("0x1f", 31),
        ("1_000", "1_000"),
        ("true", True),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("~", None),
        ("null", None),
        ("-.inf", -math.inf),
        ("2025-06-02", "2025-06-02"),
        ("30 %", "30 %"),
        ("1/5", "1/5"),
        ("=", "="),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)
    assert plain(f"key: {text}") == {"key": value}


def test_quoted_scalars_are_text() -> None:
    assert plain("""{a: "12", b: 'true', c: ""}""") == {"a": "12", "b": "true", "c": ""}


def test_places_count_from_one() -> None:
    tree, _ = read_yaml("a: 1\nb:\n  c: [x, {d: 5}]\n", "f.yaml")
    mark, found = tree.find(("b", "c", 1, "d"))
    assert (mark.line, mark.column, found) == (3, 14, ("b", "c", 1, "d"))
    assert tree.find(("a", 0))[1] == ("a",)
    mark, _ = tree.find(("b", "c", 1, "d"), at_key=True)
    assert (mark.line, mark.column) == (3, 11)
    mark, found = tree.find(("b", "missing"))
    assert (mark.line, mark.column, found) == (2, 1, ("b", "missing"))


def test_places_after_umlauts_windows_lines_and_a_byte_order_mark() -> None:
    tree, _ = read_yaml("\ufeffä: é\r\nlänge: 3\r\n", "f.yaml")
    mark, _ = tree.find(("länge",))
    assert (mark.line, mark.column) == (2, 8)
    assert mark.problem("x").text == "länge: 3"


def test_merge_keys_and_aliases() -> None:
    text = "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo: {<<: [{c: 1}, *base]}\nthree: *base\n"
    assert plain(text) == {
        "base": {"a": 1, "b": 2},
        "one": {"a": 1, "b": 3},
        "two": {"c": 1, "a": 1, "b": 2},
        "three": {"a": 1, "b": 2},
    }


def problems_of(text: str) -> list[tuple[int | None, int | None, str, str]]:
    try:
        _, problems = read_yaml(text, "f.yaml")
    except ScenarioError as error:
        problems = error.problems
    return [(problem.line, problem.column, problem.message, problem.hint) for problem in problems]


@pytest.mark.parametrize(
    "text, line, column, message, hint",
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab", "spaces"),
        ("a: b: c", 1, 5, 'a second ": "', "quotes"),
        ('a: "x\nb: 1\n', 1, 4, "a quote is never closed", "close the quote"),
        ("a: [1, 2\nb: 3", 2, 2, "", ""),
        ("a: @x", 1, 4, 'cannot start with "@"', "in quotes"),
        ("a: 1\nb\nc: 2\n", 3, 1, "", ""),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "does not fit", "same indentation"),
        ("a: 1\na: 2\n", 2, 1, 'the key "a" is given twice', "on line 1"),
        ("a: !!python/object/apply:os.system [ls]", 1, 4, '"!!python/object/apply:os.system" is not allowed', "leave"),
        ("a: !foo 1", 1, 4, 'the tag "!foo" is not allowed', "leave the tag out"),
        ("a: !!str 1", 1, 4, '"!!str" is not allowed', ""),
        ("a: &x [1, *x]", 1, 11, '"*x" stands inside the value that it repeats', ""),
        ("a: *nobody", 1, 4, 'the alias "*nobody" has no anchor', "&nobody"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document", "---"),
        ("[a, b]: 1", 1, 1, "a list is not a key", ""),
        ("a: {<<: 5}", 1, 9, '"<<" merges mappings', ""),
        ("a: \x07", 1, 4, "a character here is not allowed", "remove it"),
        ("[" * 100, 1, 42, "nested more than 40 deep", ""),
    ],
)
def test_broken_yaml_is_one_readable_problem(text: str, line: int, column: int, message: str, hint: str) -> None:
    found = problems_of(text)
    assert len(found) == 1
    assert found[0][:2] == (line, column)
    assert message in found[0][2]
    assert hint in found[0][3]
    assert "while parsing" not in found[0][2]


def test_an_alias_bomb_is_refused_quickly() -> None:
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    started = time.perf_counter()
    (problem,) = problems_of("\n".join(bomb))
    assert "more than 200000 values" in problem[2]
    assert time.perf_counter() - started < 2


def test_nothing_runs(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    problems_of(f"a: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{victim}']]")
    assert not victim.exists()


@given(st.text(alphabet="ab:-{}[]&*!|>'\"%@#,?<\n\t 1\\xuU", max_size=40))
def test_any_text_is_a_tree_or_a_scenario_error(text: str) -> None:
    try:
        tree, _ = read_yaml(text, "f.yaml")
    except ScenarioError:
        return
    tree.plain()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such file"):
        read_file(tmp_path / "missing.yaml")
    with pytest.raises(ScenarioError, match="this is a folder"):
        read_file(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("hubnet: 1\nname: Lule\xe5\n".encode("latin-1"))
    with pytest.raises(ScenarioError, match="not UTF-8") as caught:
        read_file(latin)
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 11)
    wide = tmp_path / "wide.yaml"
    wide.write_bytes("hubnet: 1\n".encode("utf-16"))
    with pytest.raises(ScenarioError, match="not UTF-8"):
        read_file(wide)
