"""The library of scenarios: every file is in its table, has no mistakes, and shows what the table's page says."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app

FOLDER = Path(__file__).parent.parent / "scenarios"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
PAGE = (FOLDER / "README.md").read_text()

SMALL = ["scale=1/50", "clock.horizon=3 d"]
CLAIMS = [  # file, settings that make it small, measure, allocation, the one that it has more (or less) than
    ("west-share", SMALL, "one_way_ms.mean", "far-west", "more", "as-built"),
    ("west-share", SMALL, "cost_yuan", "far-west", "less", "as-built"),
    ("west-share", SMALL, "cost_yuan", "by-demand", "more", "as-built"),
    ("west-share", SMALL, "one_way_ms.mean", "one-place", "more", "far-west"),
    ("three-pillars", SMALL, "utilization.mean", "infrastructure", "less", "as-built"),
    ("three-pillars", SMALL, "response_s.mean", "faster-chips", "less", "infrastructure"),
    ("surge", [], "deadline_met", "more-in-south", "more", "as-built"),
    ("surge", [], "response_s.mean", "more-in-south", "less", "as-built"),
    ("two-hubs", ["clock.horizon=8 h"], "response_s.mean", "north", "more", "as-built"),
]
_studies = {}


def study(name, settings):
    """Three replications of a scenario, once per session."""
    if name not in _studies:
        _studies[name] = hn.study(hn.load(FOLDER / f"{name}.yaml", settings), replications=3)
    return _studies[name]


@pytest.mark.parametrize("name, settings, measure, one, way, other", CLAIMS)
def test_what_the_page_says_holds_in_every_replication(name, settings, measure, one, way, other):
    found = study(name, settings)
    pairs = zip(found.values(one, measure), found.values(other, measure), strict=True)
    gaps = [here.value - there.value for here, there in pairs]
    assert all(gap > 0 if way == "more" else gap < 0 for gap in gaps), gaps


def test_every_scenario_is_in_the_table_and_nothing_else():
    assert sorted(set(re.findall(r"scenarios/([\w-]+\.yaml)", PAGE))) == FILES


@pytest.mark.parametrize("name", FILES)
def test_no_scenario_has_a_mistake(name):
    done = CliRunner().invoke(app, ["check", str(FOLDER / name)])
    assert done.exit_code == 0, done.exception
    assert "no mistakes found" in " ".join(done.output.split())
