"""Jobs of higher priority stop others: by hand, against theory, and never in vain."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.world import PREEMPT, PRIORITY
from worlds import outcome, random_setup

GEARS = ["compiled", "python", "textbook"]


def run(jobs, devices, gear="python", **options):
    """Jobs (submit_s, devices, work_s, priority, checkpoint_s) at one hub without any way."""
    graph = nx.Graph()
    graph.add_node("A")
    table = pd.DataFrame(jobs, columns=["submit_s", "devices", "work_s", "priority", "checkpoint_s"])
    return hn.simulate(
        network=graph,
        jobs=table.assign(region="A"),
        pools={("A", "cpu"): devices},
        queue="preempt",
        records=True,
        gear=gear,
        **options,
    )


@pytest.mark.parametrize("gear", GEARS)
def test_a_low_job_loses_what_it_did_since_its_last_checkpoint(gear):
    """One device. The low job (10 s, checkpoints every 2 s) runs from 0 and is stopped at 5: it keeps 4 s. The high
    one runs from 5 to 8; the low one then needs 6 s more, until 14."""
    result = run([(0, 1, 10, 0, 2), (5, 1, 3, 1, math.inf)], 1, gear)
    jobs = result.jobs
    assert jobs.start_s.tolist() == [8, 5]
    assert jobs.end_s.tolist() == [14, 8]
    assert jobs.attempts.tolist() == [2, 1]
    assert result.utilization.utilization.tolist() == [1.0]  # 14 s of 14


@pytest.mark.parametrize("gear", GEARS)
def test_the_lowest_and_the_latest_go_first(gear):
    """Five devices, all in use by jobs of one device that take 100 s: priorities 1, 0, 0, 1, 0, started at 0, 1, 2, 3
    and 4. At 10 a job of priority 2 wants three: those of priority 0 go, the last first. At 20 one of priority 2 wants
    two: both of priority 1. When the first ends, at 30, three devices are free, and one more at 40 for each."""
    low = [(i, 1, 100, priority, math.inf) for i, priority in enumerate((1, 0, 0, 1, 0))]
    jobs = run([*low, (10, 3, 20, 2, math.inf), (20, 2, 20, 2, math.inf)], 5, gear).jobs
    # at 30 the two of priority 1 start, in order of delivery, then the oldest of priority 0; at 40 the other two
    assert jobs.start_s.tolist() == [30, 30, 40, 30, 40, 10, 20]
    assert jobs.attempts.tolist() == [2, 2, 2, 2, 2, 1, 1]
    assert (jobs.end_s - jobs.start_s).tolist() == [100] * 5 + [20, 20]


@pytest.mark.parametrize("gear", GEARS)
def test_nobody_is_stopped_in_vain(gear):
    """Four devices: an equal job holds two, a low one two. A head that wants three would have to stop both kinds, and
    may only stop the low one: it waits, and so does everybody behind it."""
    jobs = run([(0, 2, 50, 1, math.inf), (0, 2, 60, 0, math.inf), (10, 3, 5, 1, math.inf)], 4, gear).jobs
    assert jobs.start_s.tolist() == [0, 55, 50]  # at 50 the equal one has ended, and stopping the low one is enough
    assert jobs.attempts.tolist() == [1, 2, 1]


def test_without_lower_priorities_it_is_priority():
    for seed in range(10):
        setups = [random_setup(seed, jobs=120, load=1.5, discipline=d) for d in (PREEMPT, PRIORITY)]
        for setup in setups:
            blocks = setup.blocks

            def equal(blocks=blocks):
                for block in blocks():
                    block["lane"] = 1
                    yield block

            object.__setattr__(setup, "blocks", equal)
        one, other = (outcome(HubEnvironment, setup, gear="python")[0] for setup in setups)
        assert np.array_equal(one["start"], other["start"], equal_nan=True)


def test_two_priorities_preemptive_resume():
    # M/M/1, preemptive resume, equal means 1/mu: T1 = (1/mu) / (1 - r1), T2 = (1/mu) / ((1 - r1)(1 - r1 - r2))
    # (White and Christie, 1958). Checkpoints every 1/1000 of the mean are next to resuming; what they lose, on
    # average half of one per stop, is below 1e-3 of T2. 12 replications; Student's t with 11 degrees of freedom at
    # 1 - 1e-5 two-sided is 7.7.
    rates, mean = (0.4, 0.3), 1.0
    exact = [mean / (1 - rates[0]), mean / ((1 - rates[0]) * (1 - rates[0] - rates[1]))]
    found = []
    for replication in range(12):
        rng = np.random.default_rng(replication)
        jobs = []
        for klass, rate in enumerate(rates):
            count = rng.poisson(rate * 20_000)
            times, work = np.sort(rng.uniform(0, 20_000, count)), rng.exponential(mean, count)
            jobs += [(at, 1, w, 1 - klass, 1e-3) for at, w in zip(times, work, strict=True)]
        jobs.sort()
        table = run(jobs, 1, "compiled").jobs
        priority = np.array([job[3] for job in jobs])
        response, settled = table.finish_s - table.submit_s, table.submit_s > 1000
        found.append([response[settled & (priority == 1)].mean(), response[settled & (priority == 0)].mean()])
    for sample, value in zip(np.array(found).T, exact, strict=True):
        assert abs(sample.mean() - value) < 7.7 * sample.std(ddof=1) / math.sqrt(len(sample)) + 1e-3 * value


def test_jobs_are_stopped_in_random_worlds():
    """The search of gears against the textbook means something: many jobs are stopped, and all of them go on."""
    stopped = 0
    for seed in range(10):
        rows, _ = outcome(HubEnvironment, random_setup(seed, jobs=150, load=1.5, discipline=PREEMPT), gear="python")
        stopped += int((rows["attempts"] - 1).sum())
        assert (rows["status"] != 2).all()
    assert stopped > 50
