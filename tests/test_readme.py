"""The README's commands and examples are what is tested: they cannot drift apart."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
INSTALLS = [line for line in README.splitlines() if line.startswith("python3 -m venv ")]


def test_two_commands_do_everything():
    assert len(INSTALLS) == 2
    run, test = INSTALLS
    assert run.endswith(".venv/bin/hubnet run scenarios/east-data-west-computing.yaml")
    assert test.endswith(".venv-test/bin/python -m pytest")


def test_ci_runs_both_as_the_readme_writes_them():
    script = (ROOT / ".ci" / "run").read_text()
    picked = re.search(r"grep '(.*?)' README.md", script)
    assert picked
    assert [line for line in README.splitlines() if re.search(picked[1], line)] == INSTALLS
    assert script.index('-c "$test"') < script.index('-c "$run"')


def test_the_run_command_works_but_for_the_install(tmp_path):
    """The part after the installation, with this installation's `hubnet`, on a scale that takes a second."""
    words = shlex.split(INSTALLS[0].split("&&")[-1])
    assert words[0] == ".venv/bin/hubnet"
    command = [sys.executable, "-m", "hubnet", *words[1:], "--set", "scale=1/200", "--set", "clock.horizon=2 d"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "west-shift" in done.stdout
    assert (tmp_path / "out" / "summary.json").exists()


def test_the_python_example_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    code = code.replace(
        '"scenarios/two-hubs.yaml")', '"scenarios/two-hubs.yaml", ["clock.horizon=3 h", "clock.warmup=0 s"])'
    )
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    out = capsys.readouterr().out
    assert "utilization" in out
    assert "the same in both gears" in out


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
