"""The documentation: its examples run, its reference is that of the code, and the site builds without a warning."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hubnet
from hubnet.engine.world import PAIR, POOL, SLOT

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(
    r'(?P<mark><!-- not run: (?P<why>.+?) -->\n)?^```(?P<kind>\w+)(?: title="(?P<title>.+?)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
FETCHED = re.compile(r'<(?:script|img|iframe)[^>]+src="?(\w+:)?//|<link[^>]+href="?https?://[^>]+stylesheet')
# Every page is read for examples but those that the code writes.
PAGES = sorted(str(path.relative_to(DOCS)) for path in DOCS.glob("*.md"))
WITH_EXAMPLES = [name for name in PAGES if BLOCK.search((DOCS / name).read_text())]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder, with `hubnet` as a command."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "hubnet"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hubnet "$@"\n')
    command.chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(hubnet.__file__).parent.parent))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("COLUMNS", "200")
    yield folder
    sys.modules.pop("policies", None)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name, place, capsys):
    """In order. A block with a title is a file; the Python blocks of a page share their names; a text block with the
    title "prints" holds lines that the block before it prints, in order."""
    names, printed = {"__name__": "page"}, ""
    for block in BLOCK.finditer((DOCS / name).read_text()):
        kind, title, text = block["kind"], block["title"], block["text"]
        if kind == "text" and title == "prints":
            check_printed(name, text, printed)
        elif title:
            (place / title).parent.mkdir(parents=True, exist_ok=True)
            (place / title).write_text(text)
        elif kind == "python" and not block["why"]:
            capsys.readouterr()
            exec(compile(text, name, "exec"), names)
            printed = capsys.readouterr().out
        elif kind == "bash" and not block["why"]:
            words = ["bash", "-euo", "pipefail", "-c", text]
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, f"{name}:\n{text}\n{done.stdout}\n{done.stderr}"
            printed = done.stdout


def check_printed(name, text, printed):
    """Every line stands in what was printed, each after the one before it."""
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    for line in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        assert line in rest, f"{name} says that this is printed: {line}\nprinted:\n{printed}"
        rest = rest[rest.index(line) + 1 :]


def test_an_example_that_prints_something_else_is_noticed():
    check_printed("page", "b  1\n\nd 2\n", "a\nb 1\nc\nd  2\n")
    for wrong in ("e\n", "d 2\nb 1\n"):
        with pytest.raises(AssertionError, match="says that this is printed"):
            check_printed("page", wrong, "a\nb 1\nc\nd  2\n")


def test_what_a_policy_may_look_at_is_there():
    """The fields that the recipe for policies lists."""
    page = (DOCS / "how-to.md").read_text()
    for words, record in (("jobs.NAME[job]", SLOT), ("pools.NAME[pool]", POOL), ("pairs.NAME[region, hub]", PAIR)):
        table = page.partition(f"`world.{words}`")[2].partition("\n\n")[0]
        listed = [field for row in table.splitlines()[2:] for field in re.findall(r"`(\w+)`", row.split("|")[1])]
        assert len(listed) > 2
        assert set(listed) <= set(record.names)


@pytest.fixture
def making(monkeypatch):
    """The modules that write the reference."""
    monkeypatch.syspath_prepend(DOCS)
    yield importlib.import_module
    for name in [name for name in sys.modules if name.partition(".")[0] in ("making", "generate")]:
        del sys.modules[name]


def test_the_reference_is_that_of_the_code(making):
    for name, text in making("generate").pages().items():
        found = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert found == text, f"docs/reference/{name} has fallen behind: run python docs/generate.py"


def test_every_key_of_a_scenario_is_in_the_reference():
    from hubnet.scenario.reference import reference_table

    page = (DOCS / "reference" / "scenario.md").read_text()
    shown = re.findall(r"^\| \**`([\w.]+)`\** \|", page.partition("## The file")[2], re.MULTILINE)
    assert len(shown) == len(reference_table())


def test_every_command_and_option_is_in_the_reference():
    from typer.main import get_command

    from hubnet.cli import app

    page = (DOCS / "reference" / "commands.md").read_text()
    sections = dict(re.findall(r"^## hubnet (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = get_command(app).commands
    assert list(sections) == list(commands)
    for name, command in commands.items():
        for option in [word for param in command.params for word in param.opts if word[:2] == "--" != word]:
            assert option in sections[name] or option == "--help", f"{name} {option}"


def test_a_column_that_nobody_describes_is_an_error(making, monkeypatch):
    columns = making("making.columns")
    tables = making("making.tables")
    known = list(columns.lines_of(columns.TABLES["transfers"]))
    assert any("stalled" in line for line in tables._columns("transfers", ["start_s", *known]))
    with pytest.raises(KeyError, match="described nowhere"):
        list(tables._columns("transfers", [*known, "new_thing"]))
    with pytest.raises(KeyError, match="has no column"):
        list(tables._columns("transfers", known[1:]))


def test_the_site_builds_without_a_warning(tmp_path):
    if importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    pages = {path: path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    assert len(pages) > len(PAGES)
    for path, page in pages.items():
        assert not FETCHED.search(page), f"{path} asks for something from the network"
        assert "fonts.googleapis" not in page
    assert "max-min" in pages[tmp_path / "site" / "reference" / "scenario" / "index.html"]
