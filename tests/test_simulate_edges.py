"""Odd but lawful input to the front door, and unlawful input that must be refused in words."""

import datetime
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn


@pytest.fixture
def line():
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=1000.0, capacity_bit_s=1e9)
    return graph


def run(graph, jobs, **options):
    given = {"policy": "nearest", "gear": "python", "records": True} | options
    return hn.simulate(network=graph, jobs=jobs, **given)


def one(**columns):
    return {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [10.0]} | columns


def test_no_pools_and_no_trunks_still_make_tables(line):
    result = run(line, one(devices=[0], hub=["B"]))
    assert result.summary()["jobs"]["finished"] == {"value": 1}
    assert result.utilization.empty
    assert result.pools.empty
    alone = nx.Graph()
    alone.add_node("A")
    result = run(alone, one(), pools={("A", "cpu"): 1})
    assert result.trunks.empty
    assert result.summary()["trunk_use"]["mean"] is None


def test_an_empty_table_is_a_run_of_nothing(line):
    result = run(line, {"region": [], "submit_s": [], "devices": [], "work_s": []}, pools={("B", "cpu"): 1})
    assert result.jobs.empty
    assert result.summary()["jobs"]["submitted"] == {"value": 0}


def test_nodes_that_are_numbers_and_empty_cells_in_every_form():
    graph = nx.Graph()
    graph.add_edge(1, 2, length_km=10.0, capacity_bit_s=1e9)
    graph.add_edge(2, 3, length_km=10.0, capacity_bit_s=1e9, population=7)
    table = pd.DataFrame({"region": [1, 1, 1], "submit_s": [0, 1, 2], "devices": [1, 1, 1], "work_s": [1, 1, 1]})
    for hub in ([3, np.nan, None], pd.array([3, None, None], dtype="Int64"), ["3", None, None]):
        result = run(graph, table.assign(hub=hub), pools={(2, "cpu"): 1, (3, "cpu"): 1})
        assert result.jobs.hub.tolist() == ["3", "2", "2"]


def test_the_estimate_knows_that_nothing_is_sent_within_a_city(line):
    jobs = one(input_bit=[1e9], wave_bit_s=[1e6])
    pools = {("B", "fast"): 1, ("A", "cpu"): 1}
    result = run(line, jobs, pools=pools, devices={"fast": {"speed": 1.5}}, policy="least-response")
    assert result.jobs.hub.tolist() == ["A"]


def test_a_deadline_is_met_to_the_last_bit(line):
    submit = 0.37 * np.arange(1000)
    jobs = {"region": ["A"] * 1000, "submit_s": submit, "devices": [1] * 1000, "work_s": [0.1] * 1000}
    result = run(line, jobs | {"deadline_s": [0.1] * 1000}, pools={("A", "cpu"): 100}, gear="compiled")
    assert result.summary()["deadline_met"] == {"value": 1.0}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"background": 16}, "background"),
        ({"background": math.nan}, "background"),
        ({"horizon": math.nan}, "horizon"),
        ({"horizon": 0}, "horizon"),
        ({"warmup": -5.0}, "warmup"),
        ({"warmup": 10.0, "horizon": 5.0}, "warmup"),
        ({"sharing": "fair"}, "sharing"),
        ({"pools": {"B": 2}}, "pair"),
        ({"pools": {("B", "cpu"): 10**19}}, "whole number"),
        ({"pools": {("B", "cpu"): 1.5}}, "whole number"),
        ({"jobs": one(devices=[1e19])}, "more than any pool"),
        ({"jobs": one(submit_s=[datetime.timedelta(seconds=5)])}, "dates or durations"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(line, options, word):
    given = {"jobs": one(), "pools": {("B", "cpu"): 1}} | options
    with pytest.raises(hn.TableError, match=word):
        run(line, **given)


def test_a_network_has_its_own_pools(line):
    network = hn.Network.from_graph(line, pools={("B", "cpu"): 1})
    with pytest.raises(TypeError, match="its own pools"):
        run(network, one(), pools={("B", "cpu"): 10})
    assert run(network, one()).jobs.status.tolist() == ["finished"]


@pytest.mark.parametrize("gear", ["compiled", "python", "textbook"])
def test_jobs_that_a_process_submits_go_where_they_may(line, gear):
    line.add_edge("A", "C", length_km=1.0, capacity_bit_s=1e9)
    pools = {("B", "cpu"): 9, ("C", "cpu"): 9}

    def more(env):
        for hub in (None, "B", "C"):
            yield env.timeout(1.0)
            env.submit("A", 1, 1.0, **({} if hub is None else {"hub": hub}))
        with pytest.raises(ValueError, match="there are: A"):
            env.submit("Z")
        with pytest.raises(ValueError, match="at least 0"):
            env.submit("A", devices=-1)

    result = run(line, one(hub=["B"]), pools=pools, gear=gear, processes=[more])
    assert result.jobs.hub.tolist() == ["B", "C", "B", "C"]


def test_submitted_jobs_carry_uniforms_of_their_own(line):
    line.add_edge("A", "C", length_km=1.0, capacity_bit_s=1e9)

    def more(env):
        for _ in range(40):
            env.submit("A", 1, 1.0)
        yield env.timeout(0)

    result = run(line, one(), pools={("B", "cpu"): 99, ("C", "cpu"): 99}, policy="random", processes=[more])
    assert 5 < (result.jobs.hub == "B").sum() < 36


def test_a_late_start_does_not_make_millions_of_bins(line):
    result = run(line, one(submit_s=[1.7e9]), pools={("B", "cpu"): 1})
    assert len(result.pools) < 200


def test_a_policy_that_fails_is_named(line):
    @hn.policy
    def off_the_end(job, pool, now, world):
        return world.pools.price[pool + 99]

    for gear in ("python", "textbook"):
        with pytest.raises(hn.PolicyError, match="off_the_end fails: IndexError"):
            run(line, one(), pools={("B", "cpu"): 1}, policy=off_the_end, gear=gear)
    with pytest.raises(hn.PolicyError, match="off_the_end fails: IndexError"):
        hn.check_policy(off_the_end)


PRICE = 1.0


@hn.policy
def by_signal(job, pool, now, world):
    return PRICE * world.pools.hub[pool]


def test_a_global_that_changes_during_a_run_is_noticed(line, monkeypatch):
    def signal(env):
        yield env.timeout(1.0)
        monkeypatch.setitem(globals(), "PRICE", -1.0)

    with pytest.raises(hn.PolicyError, match=r"changed during the run"):
        run(
            line, one(), pools={("B", "cpu"): 1, ("A", "cpu"): 1}, policy=by_signal, gear="compiled", processes=[signal]
        )


def test_the_same_allocation_twice_is_one():
    text = {
        "network": {
            "regions": {"R": {"at": [0, 0]}},
            "hubs": {"H": {"at": [0, 1], "pools": {"cpu": 4}}, "K": {"at": [1, 1], "pools": {}}},
            "trunks": [
                {"between": ["R", "H"], "capacity": "1 Gbit/s"},
                {"between": ["R", "H"], "capacity": "2 Gbit/s", "length": "5 km"},
                {"between": ["R", "K"], "capacity": "1 Gbit/s"},
            ],
        },
        "clock": {"horizon": "10 min"},
        "workload": {
            "classes": {
                "c": {"rate": "1 /s", "work": "2 s"},
                "copy": {"rate": "1 /min", "devices": 0, "work": "1 s", "hubs": ["K"]},
            }
        },
    }
    scenario = hn.Scenario(name="Twice", **text)
    study = hn.study(scenario, allocations=["as-built", "as-built"], gear="python")
    assert study.replications == 1
    assert hn.study(scenario, allocations="as-built", gear="python").replications == 1
    with pytest.raises(hn.InputError, match="at least 1"):
        hn.study(scenario, replications=0)
    # parallel routes are one trunk: shortest length, summed capacity
    edge = scenario.network().graph.edges["R", "H"]
    assert (edge["length_km"], edge["capacity_bit_s"], edge["cables"]) == (5.0, 3e9, 2)
    # a class without devices that is bound to one hub needs no pool there
    assert study.results["as-built"][0].classes.set_index("class").loc["copy", "rejected"] == 0


def test_prices_are_needed_whoever_asks_for_them():
    hubs = {"H": {"at": [0, 1], "pools": {"cpu": 4}}}
    scenario = hn.Scenario(
        name="Unpriced",
        network={
            "regions": {"R": {"at": [0, 0]}},
            "hubs": hubs,
            "trunks": [{"between": ["R", "H"], "capacity": "1 Gbit/s"}],
        },
        clock={"horizon": "10 min"},
        workload={"classes": {"c": {"rate": "1 /s", "work": "2 s"}}},
    )
    with pytest.raises(hn.InputError, match="hub 'H' has none"):
        hn.simulate(scenario, policy="cheapest-in-time")


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_a_seed_is_a_whole_number_from_0(seed):
    for verb in (hn.simulate, hn.study):
        with pytest.raises(hn.InputError, match="not a whole number from 0"):
            verb("scenarios/two-hubs.yaml", seed=seed)


def test_arguments_that_are_not_there_are_told():
    with pytest.raises(TypeError, match=r'no argument is called .horizn.: did you mean "horizon"'):
        hn.simulate(network=None, jobs=None, horizn=3)
    with pytest.raises(TypeError, match="give a scenario, or a network and jobs: jobs is missing"):
        hn.simulate(network=None)


def test_a_chart_says_what_it_draws():
    result = hn.simulate("scenarios/two-hubs.yaml", seed=1)
    with pytest.raises(hn.InputError, match=r"hn.plot.compare draws a study, and got a Result"):
        hn.plot.compare(result)
    with pytest.raises(hn.InputError, match=r"hn.plot.map draws a result, and got a str"):
        hn.plot.map("runs")


def test_wrong_kinds_of_arguments_are_told():
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=100.0, capacity_bit_s=1e9)
    jobs = pd.DataFrame({"region": ["A"], "hub": ["B"], "devices": [0], "submit_s": [0.0], "work_s": [0.0]})
    with pytest.raises(hn.TableError, match="horizon='x' is not a number"):
        hn.simulate(network=graph, jobs=jobs, horizon="x")
    with pytest.raises(hn.TableError, match="entry 0: 5 is not a mapping"):
        hn.simulate(network=graph, jobs=jobs, horizon=10.0, incidents=[5])
