"""Classes that run faster or slower on a device type than its speed says, by hand."""

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.changes import Change
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.policy import Router
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.setup import Setup
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import LINK, PAIR, POOL, POOL_FACTOR
from hubnet.workload.jobs import empty_block
from worlds import outcome

FIT = np.array([[1.0, 1.0], [2.0, 0.25], [0.0, 0.5]])  # [rules of place, pools]
WAYS = [(HubEnvironment, {"gear": "python"}), (HubEnvironment, {"gear": "compiled"}), (Textbook, {})]


def setup_of(jobs, routing="least-response", devices=(1, 1), changes=()):
    """One city, a slow pool of speed 1 and a fast one of speed 8; jobs: (submit, devices, work, rule of place)."""
    pools, pairs = np.zeros(2, POOL), np.zeros((1, 1), PAIR)
    pools["device"], pools["nominal"], pools["devices"], pools["speed"] = (0, 1), devices, devices, (1.0, 8.0)
    pools["power"], pools["pue"], pools["price"] = 1000.0, 1.0, 1.0
    pairs["capacity"] = np.inf
    rows = empty_block(len(jobs))
    rows["id"] = np.arange(len(jobs))
    for column, name in enumerate(("submit", "devices", "work", "place")):
        rows[name] = [job[column] for job in jobs]
    rows["checkpoint"] = 3.0
    return Setup(
        regions=("R",),
        hubs=("H",),
        devices=("slow", "fast"),
        classes=("c",),
        links=(),
        pools=pools,
        pairs=pairs,
        path=np.zeros(1, np.int64),
        links_table=np.zeros(0, LINK),
        fit=FIT,
        blocks=lambda: iter([rows.copy()]),
        router=routing if isinstance(routing, Router) else Router(BUILT_IN[routing], routing),
        changes=changes,
    )


@pytest.mark.parametrize("kind, options", WAYS)
def test_every_job_takes_its_class_own_time(kind, options):
    # 16 s of work: rule 0 takes 16 s in the slow pool and 2 s in the fast one; rule 1, twice as fast in the slow one,
    # four times as slow in the fast one, 8 s in both; rule 2 may only run in the fast one, in 4 s.
    # Job 0 takes the fast pool until 2. Job 1: slow 8, fast 2 + 8. Job 2 has no choice: it runs from 2 to 6. Job 3:
    # slow 8 + 16; fast 6 + 2, for what waits there is 4 s of that pool's time (16 s of work / (8 x 0.5)).
    jobs = [(0, 1, 16.0, 0), (0, 1, 16.0, 1), (0, 1, 16.0, 2), (0, 1, 16.0, 0)]
    rows, _ = outcome(kind, setup_of(jobs), **options)
    assert rows["pool"].tolist() == [1, 0, 1, 1]
    assert rows["start"].tolist() == [0, 0, 2, 6]
    assert rows["end"].tolist() == [2, 8, 6, 8]


@pytest.mark.parametrize("kind, options", WAYS)
def test_the_expected_wait_is_in_the_time_of_the_pool_for_each_class(kind, options):
    # Both pools are taken until 100 (slow) and 50 (fast). In the fast one wait 16 s of work of rule 1 (8 s) and of rule
    # 2 (4 s): a job that comes then waits 50 + 12 s for it, and is served in 2 s.
    jobs = [(0, 1, 400.0, 0), (0, 1, 50.0, 1), (1, 1, 16.0, 2), (2, 1, 16.0, 2), (3, 1, 32.0, 0)]
    seen = []

    def look(env):
        yield env.timeout(2.5)
        pools = env.world.pools
        seen.extend([pools.queued_work[1], hn.response(0, 1, env.now, env.world), pools.busy.tolist()])

    rows, _ = outcome(kind, setup_of(jobs), look, **options)
    assert rows["pool"].tolist() == [1, 0, 1, 1, 0]
    assert seen == [64.0, (400 / 8 - 2.5) + 64 / 8 + 400 / 8, [1, 1]]  # 2 x 16 s / 0.5, over the speed of 8: 8 s
    assert rows["end"].tolist() == [50, 25, 54, 58, 57]


@pytest.mark.parametrize("kind, options", WAYS)
def test_what_is_cheapest_depends_on_the_class(kind, options):
    # the same power and price in both: the cheaper pool is the one in which the job is shorter
    jobs = [(0, 1, 16.0, 0), (100, 1, 1.0, 1), (200, 1, 16.0, 2)]
    rows, _ = outcome(kind, setup_of(jobs, "cheapest-in-time"), **options)
    assert rows["pool"].tolist() == [1, 0, 1]


@pytest.mark.parametrize("kind, options", WAYS)
def test_a_checkpoint_keeps_the_work_that_the_class_has_done(kind, options):
    # 40 s of work at 8 x 0.5: 10 s. Stopped after 7, the checkpoint at 6 kept 24 s of work. Back at 9 it needs 4 s.
    down = Change(POOL_FACTOR, 1, 0.0, kill=True, at=7.0, until=9.0)
    rows, end = outcome(kind, setup_of([(0, 1, 40.0, 2)], changes=(down,)), **options)
    assert (rows["start"][0], rows["end"][0], rows["attempts"][0]) == (9.0, 13.0, 2)
    assert end.incidents[0]["work_lost_device_s"] == 1.0


@pytest.mark.parametrize("kind, options", WAYS)
def test_a_gang_that_fits_only_where_it_may_not_run_is_too_large(kind, options):
    rows, _ = outcome(kind, setup_of([(0, 2, 16.0, 2)], devices=(4, 1)), **options)
    assert (rows["status"][0], rows["reason"][0]) == (1, 1)


@hn.policy
def shortest_service(job, pool, now, world):
    return hn.service_time(job, pool, world)


@pytest.mark.parametrize("kind, options", WAYS)
def test_a_policy_may_ask_for_the_service_time(kind, options):
    # 2 s in the fast pool; 8 s in both, and the first one wins; only the fast one
    jobs = [(0, 1, 16.0, 0), (100, 1, 16.0, 1), (200, 1, 16.0, 2)]
    rows, _ = outcome(kind, setup_of(jobs, shortest_service), **options)
    assert rows["pool"].tolist() == [1, 0, 1]
