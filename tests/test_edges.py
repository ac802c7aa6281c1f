"""Corners where a run, a sweep or a folder once went wrong: each with the least case that showed it."""

import json
import shutil
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn
from hubnet.study.folder import check_target
from hubnet.study.growth import Growth
from hubnet.study.health import _thirds_of
from hubnet.study.store import FILES, PARTS
from hubnet.text import counted, number, percent
from hubnet.theory import countable, mmc_queue


def one_hub(load, work, horizon="1 d", data="0 B", devices=None, **more):
    return hn.Scenario(
        name="One hub",
        network={
            "regions": {"A": {"at": [1, 1]}},
            "hubs": {"B": {"at": [2, 2], "pools": {"gpu": 12}}},
            "trunks": [{"between": ["A", "B"], "capacity": "100 Gbit/s"}],
        },
        devices=devices or {"gpu": {"speed": 1}},
        clock={"horizon": horizon},
        workload={
            "classes": {"c": {"share": "100 %", "work": {"exponential": {"mean": work}}, "input": data}},
            "load": load,
        },
        **more,
    )


def test_inputs_of_jobs_that_have_not_finished_are_within_rounding():
    """1 kB at 100 Gbit/s takes 80 ns: the clock of a day cannot tell it to better than a millionth."""
    result = hn.simulate(one_hub("1000 %", "1 d", "2 h", "1 kB"), gear="python")
    assert result.measures["jobs", "finished"].value < result.measures["jobs", "submitted"].value
    assert all(one.holds for one in result.checks.identities.values())


def test_a_load_next_to_full_has_no_formula_and_no_end_of_memory():
    assert not countable(12, 11.999999999999998)
    assert countable(12, 11.0)
    with pytest.raises(hn.InputError, match="too near to full"):
        mmc_queue(12, 11.999999999999998, 1.0)
    result = hn.simulate(one_hub("100 %", "0.7 s", "5 min"), gear="python")
    assert result.checks.words()


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "manifest.json").write_text('{"manifest_version": 3}')
    with pytest.raises(hn.InputError, match="not a folder of results"):
        check_target(tmp_path / "extension")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hn.InputError, match="the folder that you are in"):
        check_target(Path())


def test_a_sweep_reads_the_files_of_a_scenario_anew(tmp_path):
    def write(km):
        graph = nx.Graph()
        graph.add_node("A", lat=1.0, lon=1.0, hub=0)
        graph.add_node("B", lat=2.0, lon=2.0, hub=1, pools="gpu 4", region=0)
        graph.nodes["A"]["region"] = 1
        graph.add_edge("A", "B", capacity_bit_s=1e10, length_km=km)
        nx.write_graphml(graph, tmp_path / "g.graphml")

    (tmp_path / "s.yaml").write_text(
        "hubnet: 1\nname: File\nnetwork: g.graphml\nclock: {horizon: 10 min}\n"
        "workload: {classes: {c: {rate: 1 /s, work: 1 s}}}\n"
    )
    delays = []
    for km in (100.0, 1000.0):
        write(km)
        table = hn.sweep(tmp_path / "s.yaml", {"seed": [1]})
        delays.append(table.loc[table["measure"] == "one_way_ms.mean", "value"].iloc[0])
    assert delays[1] - delays[0] == pytest.approx(900 * 4.9e-3)


def test_every_source_between_a_scenario_and_its_measures_is_in_the_keys_of_stored_runs():
    """What `loading.py` and `workers.py` import of the package is hashed, but for words, errors and the front."""
    root = Path(hn.__file__).parent
    held = {root / name for name in FILES} | {file for part in PARTS for file in (root / part).rglob("*.py")}
    for name in ("loading.py", "workers.py", "plan.py", "setting_up.py"):
        assert root / name in held
        for line in (root / name).read_text().splitlines():
            if line.startswith("from .") and not line.startswith("from .study"):
                module = line.split()[1].strip(".").replace(".", "/")
                exempt = module in ("errors", "text", "front", "checking")  # none of them changes a number
                assert exempt or root / f"{module}.py" in held, line


def test_bins_count_for_each_third_by_what_lies_in_it():
    """One bin of two hours: busy all along, so each third is as busy as the whole."""
    result = hn.simulate(one_hub("50 %", "10 min", "2 h"), gear="python")
    bins = hn.simulate(one_hub("50 %", "10 min", "2 h").varied(["clock.bin=2 h"]), gear="python")
    thirds = _thirds_of(bins, "busy")
    assert np.ptp(thirds) == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(_thirds_of(result, "busy")) > 0


def test_accounts_by_hub_of_a_study_by_year_keep_their_form():
    study = object.__new__(Growth)
    object.__setattr__(study, "names", ())
    assert study._path("accounts.by_hub.A.b.energy_kwh") == ("accounts", "by_hub", "A.b", "energy_kwh")


def test_jobs_that_take_no_device_have_accounts():
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=100.0, capacity_bit_s=1e9)
    jobs = pd.DataFrame({"region": ["A"], "hub": ["B"], "devices": [0], "submit_s": [0.0], "work_s": [0.0]})
    result = hn.simulate(network=graph, jobs=jobs, gear="python")
    assert result.accounts.empty
    assert result.summary()


def test_a_generator_of_allocations_serves_every_nation():
    scenario = hn.load("scenarios/two-nations.yaml", ["scale=1/1000", "clock.horizon=1 h", "clock.warmup=0 s"])
    found = hn.study(scenario, allocations=(name for name in ("as-built",)), replications=1)
    assert list(found.results) == ["china", "united-states"]


def test_numbers_for_people():
    assert [number(value) for value in (999.4, 999.7, 1e3, float("inf"))] == ["999", "1,000", "1,000", "inf"]
    assert [percent(value) for value in (-0.0003, 0.0003, -0.5)] == [">-0.1 %", "<0.1 %", "-50 %"]
    assert (counted(1, "job"), counted(12_300, "class", "classes")) == ("1 job", "12,300 classes")


def test_a_very_slow_device_can_be_in_a_mix():
    mixed = {"mixed": {"mix": {"gpu": "50 %", "slow": "50 %"}}}
    with_slow = {"gpu": {"speed": 1}, "slow": {"speed": 1e-10}}
    scenario = one_hub("50 %", "10 min", devices=with_slow, allocations=mixed)
    assert scenario.allocation("mixed").pools == {("B", "gpu"): 6, ("B", "slow"): 6 * 10**10}


def test_a_job_that_makes_no_sense_is_refused():
    def submit(env):
        with pytest.raises(ValueError, match="devices are whole"):
            env.submit("South", devices=1.7)
        with pytest.raises(ValueError, match="work is finite"):
            env.submit("South", work_s=float("inf"))
        yield env.timeout(1)

    hn.simulate(hn.load("scenarios/two-hubs.yaml", ["clock.horizon=3 h"]), processes=[submit])


def test_the_report_reads_the_nation_of_a_setting(hubnet, tmp_path):
    text = Path("scenarios/united-states.yaml").read_text().replace("network: united-states", "network: china")
    (tmp_path / "s.yaml").write_text(text)
    small = [
        word
        for path in ("network=united-states", "scale=1/500", "clock.horizon=1 d", "clock.warmup=0 s")
        for word in ("--set", path)
    ]
    done = hubnet("run", tmp_path / "s.yaml", *small, "--allocation", "as-built", "--quiet", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    hubnet("report", tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "The weak spots of United States" in page


def test_a_policy_of_ones_own_is_not_taken_for_a_built_in_one_of_its_name(hubnet, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import hubnet as hn\n\n@hn.policy\ndef random(job, pool, now, world):\n    return pool\n"
    )
    words = ["--set", "clock.horizon=3 h", "--allocation", "as-built", "--records", "--quiet"]
    scenario, policy = "scenarios/two-hubs.yaml", f"{tmp_path / 'mine.py'}:random"
    assert hubnet("run", scenario, *words, "--policy", policy, "-o", tmp_path / "own").exit_code == 0
    assert "not built in" in hn.job_story(tmp_path / "own", 5).note
    both = ["--policy", "nearest", "--policy", "random"]
    assert hubnet("run", scenario, *words, *both, "-o", tmp_path / "both").exit_code == 0
    story = hn.job_story(tmp_path / "both", 5, allocation="as-built, random")
    assert story.pools is not None
    assert "built in" not in story.note
    assert json.loads((tmp_path / "both" / "manifest.json").read_text())["policy"] == "nearest, random"
    shutil.rmtree(tmp_path / "both")


@pytest.mark.parametrize("gear", ["python", "compiled"])
def test_jobs_after_the_horizon_are_nowhere_in_its_bins(gear):
    """The clock of a user may run on; what is submitted then belongs to no bin of the run."""
    asked = []
    for more in (False, True):
        env = hn.environment(hn.load("scenarios/two-hubs.yaml", ["clock.horizon=3 h"]), gear=gear)
        env.run(until=1e6)
        if more:
            env.submit("South", work_s=10.0)
            env.run(until=1e6 + 100)
        env.close()
        asked.append(env.jobs.demand.busy_s(3 * 3600.0))
    assert np.array_equal(*asked)


def test_expected_jobs_grow_with_the_trend():
    """A rate that grows tenfold over ten days has the mean (10 - 1) / ln 10 = 3.909 of its beginning."""
    scenario = one_hub("10 %", "1 min", "10 d")
    flat = sum(klass.rate for klass in scenario.expected_classes())
    grown = scenario.varied(["workload.classes.c.trend={by: 10, over: 10 d}"])
    assert sum(klass.rate for klass in grown.expected_classes()) / flat == pytest.approx(9 / np.log(10))


def test_the_factor_within_an_hour_is_exact():
    """A flat profile, 51 weeks after the start: the difference of two integrals would be off by 1e-9."""
    from types import SimpleNamespace

    from hubnet.engine.hours import mean_factor

    factors, sums = np.ones((1, 168)), np.arange(168.0)[None, :]
    world = SimpleNamespace(start=np.zeros(1))
    assert mean_factor(factors, sums, 0, 364 * 86400.0 + 100.3, 1.0, world) == 1.0


def test_ids_of_jobs_count_from_0():
    env = hn.environment(hn.load("scenarios/two-hubs.yaml", ["clock.horizon=3 h"]), gear="python")
    with pytest.raises(ValueError, match="count from 0"):
        env.finished(-7)


@pytest.mark.parametrize("gear", ["python", "textbook"])
def test_what_is_held_at_the_end_has_not_been_released(gear):
    scenario = hn.load("scenarios/film.yaml", ["clock.horizon=2 d", "clock.warmup=0 s"])
    jobs = hn.simulate(scenario, policy="cheapest-hour", records=True, gear=gear).jobs
    held = jobs[jobs["release_s"].isna() & jobs["status"].eq("unfinished")]
    assert len(held) > 10
    assert jobs["release_s"].max() <= 2 * 86400
    assert held["sent_s"].isna().all()


def test_a_submitted_job_is_as_near_as_its_class_demands():
    """South to Lulea takes longer than the 3 ms that the class tolerates, to Gavle not; both have free devices."""
    scenario = hn.load("scenarios/two-hubs.yaml", ["clock.horizon=3 h", "workload.classes.chat.tolerance=3 ms one_way"])

    def submit(env):
        for _ in range(20):
            env.submit("South", work_s=1.0, klass="chat")
        yield env.timeout(1)

    network = scenario.network()
    assert network.one_way_ms("South", "Gavle") < 3 < network.one_way_ms("South", "Lulea")
    jobs = hn.simulate(scenario, processes=[submit], records=True, gear="python").jobs
    assert set(jobs.sort_values("job").tail(20)["hub"]) == {"Gavle"}
