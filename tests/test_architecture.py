"""Imports go only backwards along the flow of data, and a few libraries stay where they belong."""

import ast
from pathlib import Path

import pytest

import hubnet

SOURCE = Path(hubnet.__file__).parent
ORDER = ["scenario", "network", "workload", "engine", "study", "show"]
SHARED = {"errors", "text", "theory"}  # below everything
FRONT = len(ORDER)  # front.py, screen/, cli.py, ...: above everything
ONLY = {"networkx": {"network", "show"}, "pandas": {"study", "show"}, "simpy": {"engine"}, "numba": {"engine"}}


def imports(file):
    """(module of hubnet or library, imported while the module loads) for every import in a file."""
    tree = ast.parse(file.read_text())
    typing_only = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    package = ("hubnet", *file.relative_to(SOURCE).parent.parts)
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{name.name}" for name in node.names)


def layer(part):
    return ORDER.index(part) if part in ORDER else -1 if part in SHARED else FRONT


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_go_only_backwards(file):
    part = file.relative_to(SOURCE).parts[0].removesuffix(".py")
    if part == "__init__":
        return
    for name in imports(file):
        pieces = name.split(".")
        if (
            pieces[0] == "hubnet"
            and len(pieces) > 1
            and (SOURCE / pieces[1]).exists() | (SOURCE / f"{pieces[1]}.py").exists()
        ):
            assert layer(pieces[1]) <= layer(part), f"{part} imports {name}, which comes after it"


@pytest.mark.parametrize("library", ONLY)
def test_libraries_stay_where_they_belong(library):
    users = {
        file.relative_to(SOURCE).parts[0] for file in FILES for name in imports(file) if name.split(".")[0] == library
    }
    assert users <= ONLY[library]


def test_only_the_workload_owns_a_random_generator():
    users = {file.relative_to(SOURCE).parts[0] for file in FILES if "np.random.Generator(" in file.read_text()}
    users |= {file.relative_to(SOURCE).parts[0] for file in FILES if "default_rng" in file.read_text()}
    assert users <= {"workload"}
