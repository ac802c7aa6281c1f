"""Surges in a scenario: more jobs, in their time and place; all others as they were. Limits: see `workload.limits`."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

import hubnet as hn
from hubnet.errors import ScenarioError
from hubnet.screen.check import idle_surges, print_check
from workload.limits import Z, near, poisson

HOUR = 3600.0
CITY = {"at": [60, 17]}
NETWORK = {
    "regions": {"A": {**CITY, "weight": 1}, "B": {"at": [61, 17], "weight": 3}},
    "hubs": {"H": {"at": [62, 17], "pools": {"cpu": 900}}},
    "trunks": [
        {"between": ["A", "H"], "capacity": "100 Gbit/s"},
        {"between": ["B", "H"], "capacity": "100 Gbit/s"},
    ],
}
CLASSES = {
    "chat": {"rate": "1 /s", "work": {"exponential": {"mean": "10 s"}}, "input": "1 MB"},
    "film": {"rate": "0.2 /s", "work": "60 s", "devices": 4},
}
SURGE = {"at": "1 h", "lasting": "2 h", "surge": "chat", "by": "3", "regions": "B"}


def scenario(*incidents: dict[str, Any], **more: Any) -> hn.Scenario:
    values: dict[str, Any] = {
        "name": "Surge",
        "network": NETWORK,
        "clock": {"horizon": "5 h"},
        "workload": {"classes": CLASSES},
        "incidents": list(incidents),
    }
    return hn.Scenario(**(values | more))


def submitted(*incidents: dict[str, Any], **more: Any) -> pd.DataFrame:
    return hn.simulate(scenario(*incidents, **more), records=True).jobs


def spans(jobs: pd.DataFrame, klass: str, region: str, *edges: float) -> list[int]:
    mine = jobs[(jobs["class"] == klass) & (jobs["region"] == region)]["submit_s"]
    return [int(((mine >= a) & (mine < b)).sum()) for a, b in pairwise(edges)]


@pytest.fixture(scope="module")
def calm() -> pd.DataFrame:
    return submitted()


DRAWN = ["class", "region", "submit_s", "devices"]


def test_a_surge_adds_jobs_in_its_time_and_place_and_leaves_all_others(calm: pd.DataFrame) -> None:
    surged = submitted(SURGE)
    before, inside, after = spans(surged, "chat", "B", 0, HOUR, 3 * HOUR, 5 * HOUR)
    assert poisson(inside, 3 * 0.75 * 7200)
    assert [before, after] == spans(calm, "chat", "B", 0, HOUR, 3 * HOUR, 5 * HOUR)[::2]
    old = surged[surged["submit_s"].isin(calm["submit_s"])]
    assert old[DRAWN].reset_index(drop=True).equals(calm[DRAWN])
    new = surged[~surged["submit_s"].isin(calm["submit_s"])]
    assert poisson(len(new), 2 * 0.75 * 7200)
    assert set(zip(new["class"], new["region"], strict=True)) == {("chat", "B")}
    assert new["submit_s"].between(HOUR, 3 * HOUR).all()


def test_a_lull_leaves_jobs_out_and_0_stops_a_class(calm: pd.DataFrame) -> None:
    lull = submitted(SURGE | {"by": "1/4"})
    (usual,), (left,) = (spans(jobs, "chat", "B", HOUR, 3 * HOUR) for jobs in (calm, lull))
    assert near(left, usual / 4, math.sqrt(usual * 3 / 16))
    assert lull["submit_s"].isin(calm["submit_s"]).all()
    stopped = submitted({"at": "2 h", "surge": ["film", "chat"], "by": "0"})
    assert stopped["submit_s"].max() < 2 * HOUR
    assert stopped[DRAWN].equals(calm[calm["submit_s"] < 2 * HOUR][DRAWN])


def test_surges_that_overlap_multiply() -> None:
    jobs = submitted(SURGE, {"at": "2 h", "surge": "all", "by": "2"})
    counts = spans(jobs, "chat", "B", 0, HOUR, 2 * HOUR, 3 * HOUR, 5 * HOUR)
    for count, factor, hours in zip(counts, (1, 3, 6, 2), (1, 1, 1, 2), strict=True):
        assert poisson(count, factor * 0.75 * hours * HOUR)
    for count, factor, hours in zip(spans(jobs, "film", "A", 0, 2 * HOUR, 5 * HOUR), (1, 2), (2, 3), strict=True):
        assert poisson(count, factor * 0.05 * hours * HOUR)


def test_every_allocation_meets_the_same_jobs() -> None:
    allocations = {"as-built": {}, "small": {"pools": {"H": {"cpu": 20}}}}
    both = scenario(SURGE, allocations=allocations)
    one, other = (hn.simulate(both, allocation=name, records=True) for name in allocations)
    assert one.jobs[DRAWN].equals(other.jobs[DRAWN])
    assert one.jobs["start_s"].notna().sum() > other.jobs["start_s"].notna().sum()
    assert one.incidents.equals(other.incidents)


def test_a_surge_is_told_after_what_happens_to_the_network() -> None:
    entries = (SURGE, {"at": "2 h", "cut": ["A", "H"]}, {"at": "4 h", "surge": "all", "by": "0.5", "name": "Night"})
    late = {"at": "5 h", "surge": "film", "by": "2"}
    told = hn.simulate(scenario(*entries, late)).incidents
    columns = ["incident", "what", "kind", "target", "factor", "at_s", "end_s"]
    assert told[columns].values.tolist() == [
        [0, "cut A-H", "cut", "A-H", 0.0, 2 * HOUR, math.inf],
        [1, "surge chat in B x3", "surge", "chat in B", 3.0, HOUR, 3 * HOUR],
        [2, "Night", "surge", "all", 0.5, 4 * HOUR, math.inf],
    ]
    assert told[["flows_moved", "jobs_displaced", "work_lost_device_s"]].iloc[1:].to_numpy().sum() == 0


@pytest.mark.parametrize("gear", ["python", "textbook"])
def test_all_engines_tell_the_same(gear: str) -> None:
    small = scenario(SURGE, clock={"horizon": "90 min"})
    one, other = hn.simulate(small), hn.simulate(small, gear=gear)
    assert one.incidents.equals(other.incidents)
    assert one.summary()["jobs"] == other.summary()["jobs"]


def test_check_counts_the_jobs_of_a_surge_and_tells_its_peak(capsys: pytest.CaptureFixture[str]) -> None:
    # chat: 18,000 + 2 x 0.75 x 7,200 = 28,800; film 3,600, of which the half of two hours, 720, stay away: 2,880
    lull = {"at": "3 h", "surge": "film", "by": "0.5"}
    busy = scenario(SURGE, lull)
    print_check(busy, "surge.yaml")
    said = " ".join(capsys.readouterr().out.split())
    assert "expected: 31,680 jobs" in said
    # at the peak 0.25 + 3 x 0.75 = 2.5 chats and 0.2 films a second: 25 + 48 = 73 devices of 900, instead of 58
    assert "highest after 1 h: 2.7 jobs/s instead of 1.2, which ask for 8.1 % of all devices instead of 6.4 %" in said
    assert "surge chat in B x3 1 h 2 h" in said
    assert "lull film x0.5 3 h good" in said
    jobs = len(submitted(SURGE, lull))
    assert abs(jobs - 31_680) < Z * math.sqrt(31_680)


def test_check_warns_of_a_surge_of_nobody() -> None:
    classes = CLASSES | {"film": CLASSES["film"] | {"regions": {"A": 1}}}
    idle = scenario(
        SURGE, SURGE | {"surge": ["film"]}, SURGE | {"surge": ["film", "chat"]}, workload={"classes": classes}
    )
    (warning,) = idle_surges(idle)
    assert warning.message.startswith("surge film in B x3: no job")


def test_a_mistake_is_told_before_anything_runs() -> None:
    with pytest.raises(ScenarioError, match='unknown class "chta"'):
        scenario(SURGE | {"surge": "chta"})
