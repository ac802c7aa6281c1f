"""The documentation: its examples run, its reference is that of the code, and the site builds without a warning."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder as a reader has it: the scenario that pages speak of, and `hubnet` as a command."""
    shutil.copy(ROOT / "scenarios" / "two-hubs.yaml", tmp_path)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "hubnet"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hubnet "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(sys.modules["hubnet"].__file__).parent.parent) if "hubnet" in sys.modules
                       else str(ROOT / "src"))  # fmt: skip
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return tmp_path


@pytest.mark.parametrize("name", ["tutorial", "how-to"])
def test_examples_run(name, place):
    """In order; the Python blocks of a page share their names, and are run again with what came before."""
    python = ""
    blocks = BLOCK.findall((DOCS / f"{name}.md").read_text())
    assert {kind for kind, _ in blocks} == {"python", "bash"}
    for number, (kind, text) in enumerate(blocks):
        if kind == "bash":
            words = ["bash", "-euo", "pipefail", "-c", text]
        else:
            python += text
            following = [kind for kind, _ in blocks[number + 1 : number + 2]]
            if following == ["python"]:
                continue  # one run for several blocks in a row
            script = place / "page.py"
            script.write_text(python)
            words = [sys.executable, str(script)]
        done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{name}.md, block {number + 1}:\n{text}\n{done.stdout}\n{done.stderr}"
        if kind == "python":
            python = "import hubnet as hn\n" if name == "how-to" else python


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_that_of_the_code():
    for name, text in generator().pages().items():
        found = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert found == text, f"docs/reference/{name} has fallen behind: run python docs/generate.py"


def test_every_command_has_a_section():
    from hubnet.cli import app

    page = (DOCS / "reference" / "commands.md").read_text()
    names = [command.callback.__name__ for command in app.registered_commands]
    assert [f"## hubnet {name}" for name in names] == re.findall(r"^## hubnet \w+", page, re.MULTILINE)


def test_the_site_builds_without_a_warning(tmp_path):
    if importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "reference" / "scenario" / "index.html").read_text()
    assert "max-min" in page
    assert "fonts.googleapis" not in page
