"""The Python front door: a graph and a table of one's own, scenarios from values, hand-solved jobs."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn

LIGHT = 4.9e-6  # s/km, and 0.1 ms per trunk: DESIGN of the model, see docs/design.md


@pytest.fixture
def line():
    """A --100 km, 1 Gbit/s-- B --200 km, 400 Mbit/s-- C"""
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=100.0, capacity_bit_s=1e9)
    graph.add_edge("B", "C", length_km=200.0, capacity_bit_s=4e8)
    return graph


def run(graph, jobs, **options):
    options.setdefault("policy", "nearest")
    return hn.simulate(network=graph, jobs=pd.DataFrame(jobs), records=True, gear="python", **options)


def test_one_job_by_hand(line):
    jobs = [{"region": "A", "submit_s": 10.0, "devices": 2, "work_s": 30.0, "input_bit": 8e8, "output_bit": 4e8}]
    job = run(line, jobs, pools={("C", "gpu"): 4}, devices={"gpu": {"speed": 3}}).jobs.iloc[0]
    delay = (100 * LIGHT + 1e-4) + (200 * LIGHT + 1e-4)
    assert job.sent_s == 10 + 8e8 / 4e8  # the narrowest trunk
    assert job.deliver_s == job.sent_s + delay
    assert job.start_s == job.deliver_s
    assert job.end_s == job.start_s + 10.0  # 30 s / speed 3
    assert job.finish_s == (job.end_s + 1.0) + delay
    assert (job.hub, job.pool, job.status, job.reason) == ("C", "gpu", "finished", "")


def test_the_layer_multiplies_and_a_wave_caps(line):
    jobs = [{"region": "A", "submit_s": 0.0, "devices": 1, "work_s": 1.0, "input_bit": 1e8, "wave_bit_s": 1e8}]
    job = run(line, jobs, pools={("B", "cpu"): 1}, layer="public-ip", background=0.5).jobs.iloc[0]
    assert job.sent_s == 1.0  # the wave, less than half of 1 Gbit/s
    assert job.deliver_s == 1.0 + 1.72 * (100 * LIGHT + 1e-4)


def test_same_city_means_no_network(line):
    jobs = [{"region": "A", "submit_s": 5.0, "devices": 1, "work_s": 2.0, "input_bit": 1e15, "output_bit": 1e15}]
    job = run(line, jobs, pools={("A", "cpu"): 1}).jobs.iloc[0]
    assert (job.sent_s, job.deliver_s, job.end_s, job.finish_s) == (5.0, 5.0, 7.0, 7.0)


def test_a_job_without_devices_only_travels(line):
    jobs = [{"region": "A", "submit_s": 0.0, "devices": 0, "work_s": 99.0, "input_bit": 4e8, "hub": "C"}]
    job = run(line, jobs).jobs.iloc[0]
    assert job.start_s == job.end_s == job.finish_s == job.deliver_s > 1.0
    assert job.hub == "C"
    assert job.pool is None


def test_gangs_wait_for_all_their_devices_and_the_head_blocks(line):
    jobs = {"region": ["A"] * 4, "submit_s": [0, 1, 2, 3], "devices": [3, 2, 1, 4], "work_s": [10, 10, 1, 1]}
    table = run(line, jobs, pools={("A", "cpu"): 4}).jobs
    assert table.start_s.tolist() == [0, 10, 10, 20]  # job 2 would fit at 2 s, but job 1 is before it


def test_every_reason_for_rejection(line):
    line.add_node("Island")
    jobs = {
        "region": ["A", "Island", "A", "A"],
        "submit_s": [0, 0, 0, 0],
        "devices": [5, 1, 1, 1],
        "work_s": [1, 1, 1, 1],
        "runs_on": ["cpu", "cpu", "cpu", "gpu"],
    }

    @hn.policy
    def no_gpu(job, pool, now, world):
        return math.inf if world.pools.device[pool] == 1 else 0.0

    pools = {("B", "cpu"): 4, ("B", "gpu"): 9}
    result = run(line, jobs, pools=pools, devices={"cpu": {}, "gpu": {}}, policy=no_gpu)
    assert result.jobs.reason.tolist() == ["too-large", "no-path", "", "policy"]
    assert result.jobs.status.tolist() == ["rejected", "rejected", "finished", "rejected"]
    counts = {key: value["value"] for key, value in result.summary()["jobs"].items()}
    assert counts == {"submitted": 4, "finished": 1, "rejected": 3, "unfinished": 0}


def test_an_unfinished_job_counts_as_infinite(line):
    jobs = {"region": ["A"] * 3, "submit_s": [0.0, 0.0, 0.0], "devices": [1] * 3, "work_s": [2.0, 4.0, 50.0]}
    result = run(line, jobs, pools={("A", "cpu"): 3}, horizon=20.0)
    response = result.summary()["response_s"]
    assert response["mean"] == {"value": 3.0}
    assert response["p50"]["value"] == pytest.approx(4.0, rel=0.01)
    assert response["p99"] == {"value": pytest.approx(20.0, rel=0.02), "at_least": True}
    assert np.isnan(result.jobs.end_s[2])
    assert result.utilization.utilization[0] == pytest.approx((2 + 4 + 20) / 60)


def test_a_measure_of_nothing_is_null(line):
    jobs = {"region": ["A"], "submit_s": [0.0], "devices": [9], "work_s": [1.0]}
    summary = run(line, jobs, pools={("A", "cpu"): 3}).summary()
    assert summary["response_s"]["mean"] is None
    assert summary["deadline_met"] is None
    assert summary["east_to_west_jobs"] is None


def test_deadlines(line):
    jobs = {
        "region": ["A"] * 5,
        "submit_s": [0.0, 0.0, 0.0, 10.0, 19.0],
        "devices": [1, 1, 9, 1, 1],  # in time, late, rejected, open beyond its deadline, open before it
        "work_s": [5.0, 6.0, 1.0, 50.0, 50.0],
        "deadline_s": [5.0, 5.0, 5.0, 5.0, 5.0],
    }
    summary = run(line, jobs, pools={("A", "cpu"): 4}, horizon=20.0).summary()
    assert summary["deadline_met"] == {"value": 1 / 4}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"region": ["Z"]}, 'unknown region "Z"'),
        ({"work_s": [math.nan]}, "work_s = nan is not a number"),
        ({"submit_s": [-1.0]}, "submit_s = -1 is negative"),
        ({"devices": [1.5]}, "devices = 1.5 is not a whole number"),
        ({"wave_bit_s": [0.0]}, "nothing would ever be sent"),
        ({"input_bits": [1.0]}, "did you mean 'input_bit'?"),
        ({"runs_on": ["gpuu"]}, "'gpuu' is not a known runs on"),
        ({"work_s": ["long"]}, "not a number"),
    ],
)
def test_bad_tables(line, change, message):
    table = {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [1.0]} | change
    with pytest.raises(hn.TableError) as caught:
        run(line, table, pools={("B", "cpu"): 1})
    assert message in str(caught.value)


def test_all_mistakes_of_a_table_at_once(line):
    table = {"submit_s": [-1.0, 0.0], "devices": [1, 2.5], "work_s": [1.0, math.inf], "region": ["A", "A"]}
    with pytest.raises(hn.TableError) as caught:
        run(line, table, pools={("B", "cpu"): 1})
    assert len(caught.value.problems) == 3


def test_jobs_that_ask_for_devices_need_pools(line):
    with pytest.raises(hn.TableError, match="there are no pools"):
        run(line, {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [1.0]})


def test_cheapest_in_time_by_hand():
    graph = nx.Graph()
    graph.add_node("R")
    graph.add_node("Dear", price=0.8)
    graph.add_node("Cheap", price=0.2)
    graph.add_edge("R", "Dear", length_km=10, capacity_bit_s=1e12)
    graph.add_edge("R", "Cheap", length_km=1000, capacity_bit_s=1e12)
    jobs = {
        "region": ["R"] * 4,
        "submit_s": [0.0, 1.0, 2.0, 3.0],
        "devices": [1] * 4,
        "work_s": [100.0] * 4,
        # cheap and idle; cheap would be late, so dear; both late, so the earlier one; no deadline: cheap, whenever
        "deadline_s": [200.0, 150.0, 1.0, math.inf],
    }
    pools = {("Dear", "cpu"): 1, ("Cheap", "cpu"): 1}
    result = run(graph, jobs, pools=pools, devices={"cpu": {"power": 400}}, policy="cheapest-in-time")
    assert result.jobs.hub.tolist() == ["Cheap", "Dear", "Cheap", "Cheap"]


def test_cheapest_in_time_needs_prices(line):
    with pytest.raises(hn.InputError, match="needs an electricity price"):
        run(line, {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [1.0]}, pools={("B", "cpu"): 1},
            policy="cheapest-in-time")  # fmt: skip


def test_an_outage_beside_the_jobs(line):
    jobs = {"region": ["A"] * 3, "submit_s": [0.0, 1.0, 30.0], "devices": [1] * 3, "work_s": [5.0] * 3}
    seen = []

    def outage(env):
        yield env.timeout(0.5)
        env.resize("A", 0)
        yield env.timeout(9.5)
        env.resize(("A", "cpu"), 1)
        seen.append((yield env.finished(2)))
        seen.append(env.now)

    for gear in ("compiled", "python", "textbook"):
        seen.clear()
        result = hn.simulate(
            network=line,
            jobs=jobs,
            pools={("A", "cpu"): 1},
            gear=gear,
            records=True,
            processes=[outage],
            policy="nearest",
        )
        # job 0 was running and is not interrupted; job 1 finds no pool large enough: resize sets the nominal count
        assert result.jobs.end_s.tolist()[::2] == [5.0, 35.0]
        assert result.jobs.reason.tolist() == ["", "too-large", ""]
        assert seen == [2, 35.0]


def test_result_jobs_can_be_fed_back(line):
    jobs = {"region": ["A", "C"], "submit_s": [0.0, 1.0], "devices": [1, 2], "work_s": [5.0, 6.0]}
    first = run(line, jobs, pools={("B", "cpu"): 4})
    again = run(line, first.jobs, pools={("B", "cpu"): 4})
    pd.testing.assert_frame_equal(first.jobs, again.jobs)


def test_unknown_names_are_explained(line):
    jobs = {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [1.0]}
    with pytest.raises(hn.PolicyError, match="least-response"):
        run(line, jobs, pools={("B", "cpu"): 1}, policy="quickest")
    with pytest.raises(hn.InputError, match="textbook"):
        hn.simulate(network=line, jobs=jobs, pools={("B", "cpu"): 1}, gear="fast")
