"""The first minutes: a starter scenario, what to try next, versions, completion at the Tab key."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from types import SimpleNamespace

import pytest

import hubnet as hn
from hubnet.commands.completion import chart_names, folder_allocations, nation_names, policy_names, scenario_allocations
from hubnet.text import plain


def test_the_starter_has_no_mistakes_and_leads_on(hubnet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("new", "my country.yaml")
    for following in ("check", "run"):
        done = hubnet(*words)
        assert done.exit_code == 0, done.output
        assert done.stderr.splitlines()[-1] == f"Next: hubnet {following} 'my country.yaml'"
        assert max(map(len, done.output.splitlines())) <= 80
        words = (following, "my country.yaml")
    ran = hubnet(*words, "-o", "out")
    assert ran.exit_code == 0, ran.output
    assert ran.stderr.splitlines()[-1] == "Next: hubnet run 'my country.yaml' --replications 5"
    assert max(map(len, ran.stdout.splitlines())) <= 80
    summary = hn.open("out").summary()["allocations"]
    assert list(summary) == ["as-built", "more-inland"]
    for found in summary.values():
        assert found["jobs"]["rejected"]["value"] == 0
        assert 0.4 < found["utilization"]["mean"]["value"] < 0.95


def test_the_starter_teaches_the_format(hubnet, tmp_path):
    hubnet("new", tmp_path / "x.yaml")
    lines = (tmp_path / "x.yaml").read_text().splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= 100
    assert sum("#" in line for line in lines) > len(lines) / 3


def test_nothing_is_overwritten(hubnet, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("mine")
    for place, words in ((file, "is there already"), (tmp_path, "is there already"), (file / "x", "cannot write")):
        done = hubnet("new", place)
        assert isinstance(done.exception, hn.InputError)
        assert words in str(done.exception)
    assert file.read_text() == "mine"


def test_what_is_next_is_said_to_people_only(small, hubnet, tmp_path):
    words = ("run", small, "--replications", "2", "--allocation", "more", "-o", tmp_path / "out")
    assert hubnet(*words).stderr.splitlines()[-1] == f"Next: hubnet report {tmp_path / 'out'}"
    for option in ("--quiet", "--json"):
        assert "Next" not in hubnet(*words, option).output
    said = hubnet("check", small, "--set", "seed=2", "--set", "name=A b").stderr
    assert said == f"Next: hubnet run {small} --set seed=2 --set 'name=A b'\n"


def test_version_names_the_parts_and_the_cache(hubnet, tmp_path, monkeypatch):
    monkeypatch.setenv("HUBNET_CACHE", str(tmp_path))
    done = hubnet("--version")
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["hubnet", hn.__version__]
    for part in ("numpy", "numba", "networkx", "simpy", "pandas", "pyarrow"):
        assert [part, version(part)] in lines
    assert str(tmp_path) in lines[-1]


# -- names that mean harm


def test_a_terminal_obeys_no_name(small, hubnet):
    for words in (("check", small), ("run", small, "--set", "clock.horizon=10 min", "-o", small.parent / "out")):
        done = hubnet(*words)
        assert done.exit_code == 0, done.output
        assert "\x1b" not in done.output
        assert r"\x1b[31mbuilt" in re.sub(r"\s+", "", done.output)
        assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "words, shown",
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x07\x08\r\x9b", r"a\x07\x08\x0d\x9b"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("Lanzhou-兰州 é\t\n", "Lanzhou-兰州 é\t\n"),
    ],
)
def test_plain(words, shown):
    assert plain(words) == shown


# -- the Tab key


def test_names_are_offered(small, finished, tmp_path):
    assert nation_names("c") == ["china"]
    assert "cheapest-in-time" in policy_names("cheap")
    at = SimpleNamespace(params={"scenario": small, "folder": finished})
    assert scenario_allocations(at, "") == ["more"]  # the other one is no plain word
    assert folder_allocations(at, "m") == ["more"]
    assert folder_allocations(at, "x") == []
    assert chart_names(at, "tr") == ["trunks", "trunks-over-time"]


@pytest.mark.parametrize("offer", [scenario_allocations, folder_allocations, chart_names])
@pytest.mark.parametrize("content", [None, "hubnet: [", "\x00"])
def test_mistakes_offer_nothing(tmp_path, offer, content):
    place = tmp_path / "x"
    if content is not None:
        place.write_text(content)
    for params in ({}, {"scenario": None, "folder": None}, {"scenario": place, "folder": place}):
        assert offer(SimpleNamespace(params=params), "") == []


def test_a_shell_gets_them(small):
    words = f"hubnet run {small} --allocation mo"
    asked = {"_HUBNET_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": "4"}
    code = "import sys; sys.argv[0] = 'hubnet'; from hubnet.cli import app; app(prog_name='hubnet')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["more"], done.stderr
