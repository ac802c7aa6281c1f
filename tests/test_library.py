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

SMALL = ["scale=1/100", "clock.horizon=4 d", "clock.warmup=1 d"]
TOY = ["scale=1/100"]
PRICE = "policy.routing=cheapest-in-time"
CLAIMS = [
    # file, settings that make it small, measure, a run, and which other run it has more (or less) than. A run is an
    # allocation (or a nation, where there are several), and after a bar the settings that are changed for it; `year` is
    # one of a scenario's years.
    ("astronomy", [], "response_s.mean", "far", "more", "near"),
    ("astronomy", [], "response_s.mean", "far", "more", "far-and-wide"),
    ("astronomy", [], "cost_yuan", "far-and-wide", "more", "near"),
    ("cloud-comes-home", TOY, "response_s.mean", "as-built", "more", "as-built | incidents=[]"),
    ("cloud-comes-home", TOY, "deadline_met", "as-built", "less", "prepared"),
    ("cloud-comes-home", TOY, "cost_yuan", "prepared-in-the-west", "less", "prepared"),
    ("device-types", SMALL, "response_s.mean", "mixed", "more", "domestic"),
    ("device-types", SMALL, "accounts.per_eflop_hour.energy_kwh", "mixed", "more", "domestic"),
    ("device-types", SMALL, "capital_yuan", "mixed", "less", "mixed | supply.year=2025"),
    ("driving", [], "response_s.mean", "in-qinghai", "more", "at-home"),
    ("driving", [], "cost_yuan", "in-qinghai", "less", "at-home"),
    ("driving", [], "carbon_kg", "in-qinghai", "less", "at-home"),
    ("driving", [], "response_s.mean", "in-qinghai-wide", "less", "in-qinghai"),
    ("driving", [], "deadline_met", "in-qinghai | workload.classes.campaign.input=200 TB", "less", "in-qinghai"),
    ("east-data-west-computing", ["scale=1/40"], "cost_yuan", "east-first", "more", "as-built"),
    ("east-data-west-computing", ["scale=1/40"], "cost_yuan", "west-shift", "less", "east-first"),
    ("fibre-cut", ["scale=1/40"], "incidents.flows_moved", "as-built", "more", "wide"),
    ("film", [], "cost_yuan", "as-built", "less", f"as-built | {PRICE}"),
    ("film", [], "response_s.mean", "as-built", "more", f"as-built | {PRICE}"),
    ("genomics", [], "response_s.mean", "faster-lines", "less", "as-built"),
    ("genomics", [], "response_s.mean", "faster-lines", "less", "twice-the-servers"),
    ("genomics", [], "wait_s.mean", "twice-the-servers", "less", "as-built"),
    ("geography", [], "classes.disaster.deadline_met", "as-built", "more", "as-built | policy.queue=fifo"),
    ("geography", [], "classes.disaster.response_s.mean", "as-built", "less", "as-built | policy.queue=fifo"),
    ("geography", [], "classes.disaster.response_s.mean", "spare", "less", "as-built | policy.queue=fifo"),
    ("growth-to-2030", TOY, "utilization.mean", "as-built | year=2030", "more", "as-built | year=2025"),
    ("growth-to-2030", TOY, "utilization.mean", "as-built | year=2027", "more", "as-built | year=2026"),
    ("growth-to-2030", TOY, "classes.transcoding.deadline_met", "as-built | year=2030", "less", "as-built | year=2025"),
    ("hub-outage", ["scale=1/20"], "incidents.work_lost_device_s", "as-built", "more", "as-built | incidents=[]"),
    ("hub-outage", ["scale=1/20", "workload.load=80%"], "incidents.work_lost_device_s", "spread", "less", "as-built"),
    ("hundred-trunks", ["scale=1/20"], "response_s.mean", "half", "more", "as-built"),
    ("hundred-trunks", ["scale=1/20"], "classes.logs.response_s.mean", "half", "more", "as-built"),
    ("large-models", [], "wait_s.mean", "even", "more", "as-built"),
    ("large-models", [], "wait_s.mean", "campuses", "less", "as-built"),
    ("large-models", ["workload.load=90 %"], "response_s.mean", "campuses", "less", "as-built"),
    ("restricted-supply", TOY, "utilization.mean", "imported", "more", "hedged"),
    ("restricted-supply", TOY, "utilization.mean", "imported", "more", "imported | supply.restricted=100%"),
    ("restricted-supply", TOY, "deadline_met", "imported | workload.load=80%", "less", "imported"),
    ("single-cable", [], "response_s.mean", "one-cable", "more", "two-cables"),
    ("single-cable", [], "deadline_met", "one-cable", "less", "two-cables"),
    ("single-cable", [], "deadline_met", "one-cable", "less", "one-cable | incidents=[]"),
    ("single-supplier", [], "response_s.mean", "one-maker", "more", "two-makers"),
    ("single-supplier", [], "deadline_met", "one-maker", "less", "two-makers"),
    ("single-supplier", ["incidents=[]", "workload.load=85 %"], "response_s.mean", "two-makers", "more", "one-maker"),
    ("surge", [], "deadline_met", "more-in-south", "more", "as-built"),
    ("surge", [], "response_s.mean", "more-in-south", "less", "as-built"),
    ("surge", [], "response_s.mean", "as-built", "more", "as-built | incidents=[]"),
    ("three-pillars", SMALL, "utilization.mean", "infrastructure", "less", "as-built"),
    ("three-pillars", SMALL, "response_s.mean", "faster-chips", "less", "infrastructure"),
    ("three-pillars", SMALL, "utilization.mean", "as-built | workload.load=75 %", "more", "as-built"),
    ("three-pillars", SMALL, "utilization.mean", "as-built | workload.load=52 %", "less", "as-built"),
    ("two-hubs", ["clock.horizon=8 h"], "response_s.mean", "north", "more", "as-built"),
    ("two-nations", [], "accounts.per_eflop_hour.carbon_kg", "united-states", "less", "china"),
    ("two-nations", [], "one_way_ms.mean", "united-states", "more", "china"),
    ("united-states", SMALL, "cost_yuan", "as-built", "less", "as-built | policy.routing=least-response"),
    ("united-states", SMALL, "response_s.mean", "as-built", "more", "as-built | policy.routing=least-response"),
    ("value-first", TOY, "value_yuan", "build", "more", "as-built"),
    ("value-first", TOY, "value_yuan", "as-built | policy.queue=priority", "more", "as-built"),
    ("value-first", TOY, "value_yuan", "build", "more", "as-built | policy.queue=priority"),
    ("value-of-computing", TOY, "capital_yuan", "a-tenth-more", "more", "as-built"),
    ("value-of-computing", ["scale=1/100", "workload.load=110%"], "value_yuan", "a-tenth-more", "more", "as-built"),
    ("west-share", SMALL, "one_way_ms.mean", "far-west", "more", "as-built"),
    ("west-share", SMALL, "one_way_ms.mean", "one-place", "more", "far-west"),
    ("west-share", SMALL, "cost_yuan", "far-west", "less", "as-built"),
    ("west-share", SMALL, "cost_yuan", "by-demand", "more", "as-built"),
    ("west-share", SMALL, "cost_yuan", "a-third", "more", "as-built"),
]
_studies = {}


def values(name, small, run, measure):
    """A measure of one run in three replications; a run is played once per session."""
    allocation, _, changes = run.partition(" | ")
    year = int(changes.removeprefix("year=")) if changes.startswith("year=") else None
    settings = (*small, changes) if changes and not year else tuple(small)
    scenario = hn.load(FOLDER / f"{name}.yaml", list(settings))
    only = None if scenario.spec.nations else allocation
    if (name, settings, year, only) not in _studies:
        scenario = scenario.in_year(year) if year else scenario
        _studies[name, settings, year, only] = hn.study(scenario, allocations=only, replications=3)
    return [found.value for found in _studies[name, settings, year, only].values(allocation, measure)]


@pytest.mark.parametrize("name, small, measure, one, way, other", CLAIMS)
def test_what_the_page_says_holds_in_every_replication(name, small, measure, one, way, other):
    here, there = values(name, small, one, measure), values(name, small, other, measure)
    gaps = [a - b for a, b in zip(here, there, strict=True)]
    assert all(gap > 0 if way == "more" else gap < 0 for gap in gaps), gaps


def test_every_scenario_makes_a_claim():
    assert sorted({f"{name}.yaml" for name, *_ in CLAIMS}) == FILES


def test_every_scenario_is_in_the_table_and_nothing_else():
    assert sorted(set(re.findall(r"scenarios/([\w-]+\.yaml)", PAGE))) == FILES


@pytest.mark.parametrize("name", FILES)
def test_no_scenario_has_a_mistake(name):
    done = CliRunner().invoke(app, ["check", str(FOLDER / name)])
    assert done.exit_code == 0, done.exception
    assert "no mistakes found" in " ".join(done.output.split())
