"""Nothing disappears: jobs at every instant, work and bits over a whole run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.engine.environment import HubEnvironment
from hubnet.engine.textbook import Textbook
from worlds import outcome, random_setup


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans(), kind=st.sampled_from([HubEnvironment, Textbook]))
@settings(max_examples=30)
def test_jobs_at_random_instants(seed, ties, kind):
    def look(env):
        rng = np.random.default_rng(seed)
        for _ in range(30):
            yield env.timeout(float(rng.exponential(2)))
            counts = env.counts()
            assert counts["submitted"] == counts["rejected"] + counts["finished"] + counts["in_flight"]
            assert (env.world.pools.busy <= env.world.pools.devices).all()
            env.notes.append(counts["submitted"])

    _, end = outcome(kind, random_setup(seed, jobs=150, ties=ties), look)
    assert end.notes == sorted(end.notes)


@given(seed=st.integers(0, 2**32 - 1), horizon=st.sampled_from([np.inf, 40.0]))
@settings(max_examples=30)
def test_busy_time_is_the_work_done(seed, horizon):
    setup = random_setup(seed, horizon=horizon)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    served = rows[rows["pool"] >= 0]
    stop = np.where(np.isfinite(served["end"]), served["end"], end.end)
    done = np.nan_to_num(served["devices"] * (stop - served["start"]))
    busy = np.bincount(served["pool"], done, minlength=len(setup.pools))
    np.testing.assert_allclose(end.bins.table("busy_s").sum(axis=0), busy, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(end.bins.table("capacity_s").sum(axis=0), setup.pools["devices"] * end.end, rtol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_links_carry_the_bits_that_are_sent(seed):
    setup = random_setup(seed)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    bits = np.zeros(len(setup.links))
    for row in rows[rows["hub"] >= 0]:
        pair = setup.pairs[row["region"], row["hub"]]
        path = setup.path[pair["first"] : pair["first"] + pair["hops"]]
        np.add.at(bits, path, row["input"])
        np.add.at(bits, path ^ 1, row["output"])
    np.testing.assert_allclose(end.bins.table("bits").sum(axis=0), bits, rtol=1e-6, atol=1e-6)


def test_meters_and_rows_tell_the_same():
    setup = random_setup(11, jobs=3000, horizon=200.0)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    finished = rows[rows["status"] == 0]
    response = finished["finish"] - finished["submit"]
    assert end.jobs.mean("response") == pytest.approx(response.mean())
    counted = np.concatenate([response, np.full((rows["status"] == 2).sum(), np.inf)])
    for share in (0.1, 0.5, 0.9):
        exact = np.quantile(counted, share, method="inverted_cdf")
        value, at_least = end.jobs.quantile("response", share)
        assert at_least == np.isinf(exact)
        if not at_least:
            assert value == pytest.approx(exact, rel=0.0101)
