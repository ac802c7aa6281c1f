"""Finished runs on disk: whole or absent, noticed when damaged, and named by all that determines them."""

import pytest

import hubnet as hn
from hubnet.scenario.ranges import varied
from hubnet.study.store import Finished, Store
from hubnet.sweep_plan import make_plan

RUN = Finished(("a", "b", "c"), (0.1 + 0.2, None, 7.0), (2,), 1.5, "compiled", 12)
KEY = "ab" + "0" * 62


@pytest.fixture
def store(tmp_path):
    kept = Store(tmp_path)
    kept.save(KEY, RUN)
    return kept


def test_what_is_kept_comes_back_to_the_bit(store):
    assert store.load([KEY, "cd" + KEY]) == ({KEY: RUN}, 0)
    assert len(store) == 1
    assert [path.suffix for path in store.folder.rglob("*") if path.is_file()] == [".json"], "a draft is left"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace("7.0", "8.0"),
        lambda text: "",
        lambda text: "\n".join(reversed(text.split("\n"))),
        lambda text: text + "more",
    ],
)
def test_a_damaged_file_is_noticed(store, damage):
    (file,) = store.folder.rglob("*.json")
    file.write_text(damage(file.read_text()))
    assert store.load([KEY]) == ({}, 1)


def test_a_file_under_another_name_is_noticed(store):
    other = "ab" + "1" * 62
    (file,) = store.folder.rglob("*.json")
    file.rename(file.with_name(f"{other}.json"))
    assert store.load([other]) == ({}, 1)


SCENARIO = """\
hubnet: 1
name: One
network:
  regions: {A: {at: [60, 20]}}
  hubs: {B: {at: [61, 21], pools: {cpu: 4}}}
  trunks: [{between: [A, B], capacity: 1 Gbit/s}]
clock: {horizon: 1 h}
workload: {profile: day.csv, classes: {chat: {rate: 1 /s, work: 1 s}}}
"""


def keys(folder, *settings, text=SCENARIO, seed=None, replications=1):
    file = folder / "one.yaml"
    file.write_text(text)
    plan = make_plan(hn.load(file, settings), [varied("policy.queue", ["fifo"])], (), seed, replications)
    return [run.key for run in plan.runs]


def test_a_key_holds_all_that_determines_a_run_and_no_more(tmp_path, monkeypatch):
    profile = tmp_path / "day.csv"
    hours = "hour,weekday,weekend\n" + "".join(f"{hour},1,1\n" for hour in range(24))
    profile.write_text(hours)
    (base,) = keys(tmp_path)
    assert keys(tmp_path) == [base]
    assert keys(tmp_path, text=f"# a remark\n{SCENARIO}".replace("name: One", "name: Uno")) == [base]
    assert keys(tmp_path, "clock.horizon=60 min", "clock.warmup=0 s") == [base], "the same, in other words"
    assert keys(tmp_path, replications=2)[0] == base
    others = [
        keys(tmp_path, seed=3)[0],
        keys(tmp_path, "seed=4")[0],
        keys(tmp_path, replications=2)[1],
        keys(tmp_path, "clock.horizon=2 h")[0],
        keys(tmp_path, "policy.routing=nearest")[0],
        keys(tmp_path, "allocations={other: {}}")[0],
    ]
    profile.write_text(hours.replace("3,1,1", "3,2,1"))
    others.append(keys(tmp_path)[0])
    profile.write_text(hours)
    assert keys(tmp_path) == [base]
    monkeypatch.setattr("hubnet.study.store.model_version", lambda: "another")
    others.append(keys(tmp_path)[0])
    assert len({base, *others}) == 1 + len(others)
