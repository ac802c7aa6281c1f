"""Both gears and the textbook agree about every job, to the last bit, with and without ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.textbook import Textbook
from worlds import outcome, random_setup, same_rows


@hn.policy
def least_busy(job, pool, now, world):
    if world.pools.devices[pool] == 0:
        return np.inf
    return (world.pools.busy[pool] + world.pools.queued_devices[pool]) / world.pools.devices[pool]


@hn.router(memory=1)
def round_robin(job, now, world):
    for step in range(len(world.pools)):
        pool = (int(world.memory[0]) + step) % len(world.pools)
        if hn.eligible(job, pool, world):
            world.memory[0] = pool + 1
            return pool
    return -1


@hn.policy(hold=True)
def dear_nights(job, pool, now, world):
    return hn.mean_price(pool, now, world.jobs.work[job], world) - world.pools.devices[pool]


@hn.router
def holds_some(job, now, world):
    for pool in range(len(world.pools)):
        if hn.eligible(job, pool, world):
            if world.jobs.u1[job] < 0.7:
                last = hn.latest_release(job, now, world)
                hn.hold(job, now + world.jobs.u2[job] * (last - now), world)
            return pool
    return -1


RULES = [*BUILT_IN, least_busy, round_robin, dear_nights, holds_some]

runs = {
    "seed": st.integers(0, 2**32 - 1),
    "jobs": st.integers(1, 250),
    "ties": st.booleans(),
    "routing": st.sampled_from(RULES),
    "horizon": st.sampled_from([np.inf, 30.0]),
    "load": st.sampled_from([0.5, 0.9, 1.5]),
    "factors": st.booleans(),
}


def three_ways(setup, *processes):
    compiled = outcome(HubEnvironment, setup, *processes, gear="compiled")
    return compiled, outcome(HubEnvironment, setup, *processes, gear="python"), outcome(Textbook, setup, *processes)


def assert_equal(results):
    (rows, end), *others = results
    for other_rows, other_end in others:
        assert same_rows(rows, other_rows)
        assert end.end == other_end.end
        for column in ("busy_s", "devices_s", "capacity_s", "waiting_s", "bits"):
            np.testing.assert_allclose(end.bins.table(column), other_end.bins.table(column), rtol=1e-9, atol=1e-6)


@given(**runs)
@settings(max_examples=60)
def test_gears_and_textbook_agree(**run):
    assert_equal(three_ways(random_setup(**run)))


@pytest.mark.long
def test_gears_and_textbook_agree_over_many_runs(budget):
    for seed in range(budget):
        for rule in RULES:
            setup = random_setup(
                seed, jobs=400, ties=seed % 2 == 0, routing=rule, horizon=[np.inf, 60.0][seed % 3 == 0]
            )
            assert_equal(three_ways(setup))


def meddler(seed):
    """A user process that resizes pools, submits jobs, waits for jobs, and notes what it sees."""

    def process(env):
        rng = np.random.default_rng(seed)
        pools = len(env.setup.pools)
        for _ in range(12):
            yield env.timeout(float(rng.integers(0, 6)))
            pool = env.setup.pools[rng.integers(pools)]
            name = env.setup.hubs[pool["hub"]], env.setup.devices[pool["device"]]
            env.resize(name, int(rng.integers(0, 9)))
            job = env.submit(env.setup.regions[0], devices=int(rng.integers(1, 3)), work_s=3.0, input_bit=4.0)
            if rng.random() < 0.5:
                awaited = env.finished(int(rng.integers(0, 60)))
                happened = yield awaited | env.timeout(20)  # a pool may have become too small for the job
                env.notes.append((env.now, awaited in happened))
            if rng.random() < 0.2:
                yield env.finished(job) | env.timeout(20)
            env.notes.append((env.now, env.world.pools.busy.tolist(), env.world.pools.waiting.tolist()))
        for pool in env.setup.pools:
            env.resize((env.setup.hubs[pool["hub"]], env.setup.devices[pool["device"]]), 9)

    return process


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans(), routing=st.sampled_from(RULES))
@settings(max_examples=40)
def test_user_processes_beside_the_jobs(seed, ties, routing):
    setup = random_setup(seed, jobs=80, ties=ties, routing=routing)
    results = three_ways(setup, meddler(seed))
    assert_equal(results)
    assert results[0][1].notes == results[1][1].notes == results[2][1].notes
    assert results[0][1].notes


@given(seed=st.integers(0, 2**32 - 1), block=st.integers(1, 300))
@settings(max_examples=20)
def test_the_size_of_the_blocks_does_not_matter(seed, block):
    whole, _ = outcome(HubEnvironment, random_setup(seed, block=10_000), gear="compiled")
    parts, _ = outcome(HubEnvironment, random_setup(seed, block=block), gear="compiled")
    assert same_rows(whole, parts)


def test_a_process_that_goes_on_for_ever_does_not_keep_the_run_from_ending():
    def monitor(env):
        while True:
            env.notes.append(env.now)
            yield env.timeout(7)

    results = three_ways(random_setup(1, jobs=20), monitor)
    assert_equal(results)
    rows, end = results[0]
    assert end.end == np.nanmax([rows["finish"], rows["submit"]])
    assert results[0][1].notes == results[1][1].notes == results[2][1].notes


def test_whole_seconds_do_make_ties():
    """The cases above mean something: many events coincide."""
    rows, _ = outcome(HubEnvironment, random_setup(3, jobs=300, ties=True, load=5.0), gear="python")
    times = np.concatenate([rows[name] for name in ("submit", "deliver", "end", "finish")])
    _, index, count = np.unique(times[np.isfinite(times)], return_inverse=True, return_counts=True)
    assert (count[index] > 1).mean() > 0.5  # of the events, those that share their time with another
