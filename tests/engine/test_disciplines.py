"""Queues: hand-made cases of priority and EASY backfill, theory, and random runs against the textbook.

In the hand-made cases region and hub are one city, so a job is delivered when it is submitted.
"""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import BACKFILL, FIFO, PREEMPT, PRIORITY
from worlds import outcome, random_setup, same_rows

each_gear = pytest.mark.parametrize("gear", ["compiled", "python", "textbook"])


def starts(rows, devices, queue, gear="compiled", **options):
    """When each job (submit, devices, work[, priority, estimate]) starts."""
    graph = nx.Graph()
    graph.add_node("A")
    jobs = pd.DataFrame([(*row, 0, 1.0) if len(row) == 3 else row for row in rows])
    jobs = jobs.set_axis(["submit_s", "devices", "work_s", "priority", "estimate"], axis=1).assign(region="A")
    options = {"pools": {("A", "cpu"): devices}, "queue": queue, "gear": gear, "records": True} | options
    return hn.simulate(network=graph, jobs=jobs, **options).jobs.start_s.tolist()


# -- priority


@each_gear
def test_higher_priorities_go_first_and_equal_ones_by_delivery(gear):
    # one device, busy until 4. Waiting: 1 (priority 0), 2 and 3 (priority 5), 4 (priority 9): 4, 2, 3, 1
    rows = [(0.0, 1, 4.0), (1.0, 1, 1.0), (1.5, 1, 1.0, 5, 1.0), (2.0, 1, 1.0, 5, 1.0), (3.0, 1, 1.0, 9, 1.0)]
    assert starts(rows, 1, "priority", gear) == [0.0, 7.0, 5.0, 6.0, 4.0]
    assert starts(rows, 1, "fifo", gear) == [0.0, 4.0, 5.0, 6.0, 7.0]


@each_gear
def test_the_head_blocks_under_priority(gear):
    # 2 devices, one busy until 5. The head wants both; the job behind it would fit, and waits; nobody is stopped.
    rows = [(0.0, 1, 5.0), (1.0, 2, 1.0, 1, 1.0), (2.0, 1, 1.0)]
    assert starts(rows, 2, "priority", gear) == [0.0, 5.0, 6.0]


# -- backfill


@each_gear
def test_a_short_job_passes_a_head_that_does_not_fit(gear):
    # 4 devices; job 0 has 3 until 10. Head: job 1, 4 devices, shadow 10. Job 2 (1 device, 5 s) ends at 7: passes at 2.
    # Job 3 (1 device, 9 s): would end at 12 beyond the shadow, and nothing is left over: waits for the head, until 11.
    rows = [(0.0, 3, 10.0), (1.0, 4, 1.0), (2.0, 1, 5.0), (3.0, 1, 9.0)]
    assert starts(rows, 4, "backfill", gear) == [0.0, 10.0, 2.0, 11.0]


@each_gear
def test_a_long_job_passes_on_devices_that_the_head_leaves_over(gear):
    # 5 devices; job 0 has 3 until 10. Head: job 1, 4 devices; at 10 five are free, one is left over.
    # Job 2 (1 device, 99 s) takes that one at 2. Job 3, likewise, finds none left over: it waits until 11, when
    # the head, which starts at 10, is done.
    rows = [(0.0, 3, 10.0), (1.0, 4, 1.0), (2.0, 1, 99.0), (3.0, 1, 99.0)]
    assert starts(rows, 5, "backfill", gear) == [0.0, 10.0, 2.0, 11.0]


@each_gear
def test_a_job_that_ends_exactly_at_the_shadow_passes(gear):
    rows = [(0.0, 3, 10.0), (1.0, 4, 1.0), (2.0, 1, 8.0), (2.0, 1, 8.5)]
    assert starts(rows, 4, "backfill", gear) == [0.0, 10.0, 2.0, 11.0]


@each_gear
def test_the_shadow_is_when_enough_devices_are_free_not_when_the_first_is(gear):
    # 4 devices: jobs 0, 1, 2 have one each until 4, 8, 12. Head wants 3: with one free, shadow = 8.
    # Job 4 (1 device, 5 s) at 3 ends at 8: passes. Job 5 at 3.5, 5 s, 8.5: too late, and nothing is left over (at 8:
    # free 1 + 2 = 3, of which the head takes 3; job 4 has given its device back). It waits for 12, when job 2 ends
    # (the head runs until 28).
    rows = [(0.0, 1, 4.0), (0.0, 1, 8.0), (0.0, 1, 12.0), (2.0, 3, 20.0), (3.0, 1, 5.0), (3.5, 1, 5.0)]
    assert starts(rows, 4, "backfill", gear) == [0.0, 0.0, 0.0, 8.0, 3.0, 12.0]


@each_gear
def test_estimates_decide_and_an_early_end_moves_the_shadow(gear):
    # Job 0 is estimated at twice its 5 s: shadow 10. Job 2 (8 s) passes at 1.5 until 9.5, and holds a device when job 0
    # ends at 5: the head, which wants all, starts at 9.5, as no estimate foresaw.
    rows = [(0.0, 3, 5.0, 0, 2.0), (1.0, 4, 1.0), (1.5, 1, 8.0)]
    assert starts(rows, 4, "backfill", gear) == [0.0, 9.5, 1.5]


@each_gear
def test_a_job_that_overran_its_estimate_is_taken_to_end_now(gear):
    # Job 0 is estimated to end at 5 and runs until 10. At 6 the shadow of the head is 6: job 2 would end after it,
    # and nothing is left over. At 10 the head starts.
    rows = [(0.0, 3, 10.0, 0, 0.5), (1.0, 4, 1.0), (6.0, 1, 1.0)]
    assert starts(rows, 4, "backfill", gear) == [0.0, 10.0, 11.0]


@each_gear
def test_backfill_looks_only_so_far(gear):
    # behind the head stand two long jobs and a short one; with a depth of 2 the short one is not seen until job 0 ends
    rows = [(0.0, 3, 10.0), (1.0, 4, 1.0), (2.0, 1, 50.0), (2.0, 1, 50.0), (2.0, 1, 1.0)]
    assert starts(rows, 4, "backfill", gear)[4] == 2.0
    assert starts(rows, 4, "backfill", gear, depth=2)[4] == 11.0
    assert starts(rows, 4, "backfill", gear, depth=3)[4] == 2.0


@each_gear
def test_a_head_that_cannot_fit_does_not_hold_others(gear):
    # half of the devices are out from 1 to 20: the head can never fit by the estimates, all that fit may pass
    outage = [{"at": 1.0, "lasting": 19.0, "outage": "A", "to": 0.5}]
    rows = [(2.0, 4, 1.0), (3.0, 2, 15.0), (4.0, 1, 1.0)]
    assert starts(rows, 4, "backfill", gear, incidents=outage) == [20.0, 3.0, 18.0]


# -- properties


def delays(setup):
    rows, _ = outcome(HubEnvironment, setup, gear="compiled")
    return rows


@given(seed=st.integers(0, 2**32 - 1), load=st.sampled_from([0.9, 1.5, 3.0]))
@settings(max_examples=60)
def test_with_exact_estimates_the_first_blocked_head_starts_when_it_does_under_fifo(seed, load):
    """Until a head blocks both disciplines are one; with exact estimates backfill starts that head no later.

    (Later heads may start later: a job that passed may hold devices that FIFO would have had free.)
    """
    rows = random_setup(seed, jobs=120, load=load, routing="nearest").blocks()
    jobs = np.concatenate([*rows])
    jobs["estimate"], jobs["lane"] = 1.0, 0
    found = {}
    for discipline in (FIFO, BACKFILL):
        setup = random_setup(seed, jobs=120, load=load, routing="nearest", discipline=discipline)
        object.__setattr__(setup, "blocks", lambda: iter([jobs.copy()]))
        found[discipline] = delays(setup)
    fifo, easy = found[FIFO], found[BACKFILL]
    for pool in np.unique(fifo["pool"][fifo["pool"] >= 0]):
        mine = np.flatnonzero((fifo["pool"] == pool) & (easy["pool"] == pool))
        order = mine[np.lexsort((fifo["id"][mine], fifo["deliver"][mine]))]
        blocked = [job for job in order if fifo["start"][job] > fifo["deliver"][job]]
        if blocked:
            assert not easy["start"][blocked[0]] > fifo["start"][blocked[0]]


@given(
    seed=st.integers(0, 2**32 - 1),
    ties=st.booleans(),
    routing=st.sampled_from([*BUILT_IN]),
    load=st.sampled_from([0.9, 1.5, 3.0]),
    discipline=st.sampled_from([PRIORITY, BACKFILL, PREEMPT]),
    depth=st.sampled_from([1, 3, 256]),
    incidents=st.sampled_from([0, 8]),
    factors=st.booleans(),
)
@settings(max_examples=100)
def test_gears_and_textbook_agree(**run):
    setup = random_setup(jobs=150, **run)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    for kind, options in ((HubEnvironment, {"gear": "python"}), (Textbook, {})):
        others, other = outcome(kind, setup, **options)
        assert same_rows(rows, others)
        np.testing.assert_allclose(end.bins.table("waiting_s"), other.bins.table("waiting_s"), rtol=1e-9, atol=1e-6)


def test_backfill_does_pass():
    """The searches above mean something: many jobs start sooner than under FIFO, and some later."""
    sooner = later = 0
    for seed in range(20):
        fifo, easy = (delays(random_setup(seed, jobs=150, load=2.0, discipline=d)) for d in (FIFO, BACKFILL))
        sooner += int((easy["start"] < fifo["start"]).sum())
        later += int((easy["start"] > fifo["start"]).sum())
    assert sooner > 200
    assert later > 20


# -- theory


def test_two_priorities_by_cobham():
    # M/M/c with two classes, non-preemptive (Cobham, 1954): W0 = C(c, a) / (c mu), W1 = W0 / (1 - s1),
    # W2 = W0 / ((1 - s1)(1 - s1 - s2)), s_i = lambda_i / (c mu). 12 replications; Student's t with 11 degrees of
    # freedom at 1 - 1e-5 two-sided is 7.7.
    servers, rates, mean = 4, (1.5, 1.7), 1.0
    share = [rate * mean / servers for rate in rates]
    base = hn.theory.erlang_c(servers, sum(rates) * mean) * mean / servers
    exact = [base / (1 - share[0]), base / ((1 - share[0]) * (1 - share[0] - share[1]))]
    waits = []
    for replication in range(12):
        rng = np.random.default_rng(replication)
        parts = []
        for klass, rate in enumerate(rates):
            count = rng.poisson(rate * 20_000)
            times, work = np.sort(rng.uniform(0, 20_000, count)), rng.exponential(mean, count)
            parts.append(pd.DataFrame({"submit_s": times, "work_s": work, "priority": 1 - klass}))
        jobs = pd.concat(parts).sort_values("submit_s").assign(region="A", devices=1)
        graph = nx.Graph()
        graph.add_node("A")
        table = hn.simulate(
            network=graph, jobs=jobs, pools={("A", "cpu"): servers}, queue="priority", records=True
        ).jobs
        settled = table[table.submit_s > 1000]
        wait = settled.start_s - settled.deliver_s
        priority = jobs.priority.to_numpy()[table.submit_s > 1000]
        waits.append([wait[priority == 1].mean(), wait[priority == 0].mean()])
    for sample, value in zip(np.array(waits).T, exact, strict=True):
        assert abs(sample.mean() - value) < 7.7 * sample.std(ddof=1) / math.sqrt(len(sample))


# -- the settings


def test_settings_say_what_is_wrong():
    with pytest.raises(hn.TableError, match="queue is one of fifo, priority, backfill"):
        starts([(0.0, 1, 1.0)], 1, "lifo")
    with pytest.raises(hn.TableError, match="estimate = 0 is 0"):
        starts([(0.0, 1, 1.0, 0, 0.0)], 1, "backfill")


YAML = """
hubnet: 1
name: Queues
network:
  regions: {A: {at: [60, 20]}}
  hubs: {A: {at: [60, 20], pools: {cpu: 8}}}
  trunks: []
clock: {horizon: 3 d}
workload:
  classes:
    small: {rate: 1 /min, devices: 1, work: {exponential: {mean: 2 min}}}
    large: {rate: 0.3 /min, devices: 6, work: {exponential: {mean: 2 min}}, priority: 3, estimate: 2}
policy: {queue: QUEUE, depth: 7}
"""


def test_a_scenario_names_its_queue(tmp_path):
    waits = {}
    for queue in ("fifo", "priority", "backfill"):
        path = tmp_path / "queue.yaml"
        path.write_text(YAML.replace("QUEUE", queue))
        result = hn.simulate(hn.load(path), seed=4)
        waits[queue] = result.classes.set_index("class").wait_mean_s
    assert waits["priority"]["large"] < waits["fifo"]["large"]
    assert waits["priority"]["small"] > waits["priority"]["large"]
    assert waits["backfill"]["small"] < waits["priority"]["small"]
