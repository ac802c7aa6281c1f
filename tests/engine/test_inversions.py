"""No priority is inverted, told from the records of random runs alone.

A job is *ahead* of another in a pool if its priority is higher, or equal and it was delivered earlier (of equal times,
the lower id). It *waits* at t if it was delivered before t and starts later. Then

* under `priority` no job starts while one ahead of it waits in its pool, whether that one would fit or not;
* under `backfill` a job may start past the head, the waiting job that is ahead of all others there, only if the head
  does not fit: it wants more devices than those that are free, once the jobs ahead of it have started.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.engine.environment import HubEnvironment
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import BACKFILL, FIFO, PRIORITY
from worlds import outcome, random_setup


def passed(seed, discipline, kind=HubEnvironment, **options):
    """For each start past a waiting job that is ahead: did the head fit?"""
    setup = random_setup(seed, jobs=150, load=1.5, discipline=discipline)
    every = np.concatenate([*setup.blocks()])
    rows, _ = outcome(kind, setup, **options)
    lanes = every["lane"][np.searchsorted(every["id"], rows["id"])]
    found = []
    for pool, devices in enumerate(setup.pools["nominal"]):
        mine = rows["pool"] == pool
        jobs = rows[mine]
        rank = np.empty(len(jobs), int)
        rank[np.lexsort((jobs["id"], jobs["deliver"], lanes[mine]))] = np.arange(len(jobs))
        for job in np.flatnonzero(np.isfinite(jobs["start"])):
            now = jobs["start"][job]
            waits = (jobs["deliver"] < now) & ~(jobs["start"] <= now)
            if (rank[waits] < rank[job]).any():
                head = np.flatnonzero(waits)[rank[waits].argmin()]
                began = (jobs["start"] < now) | ((jobs["start"] == now) & (rank < rank[head]))
                free = devices - jobs["devices"][began & (jobs["end"] > now)].sum()
                found.append(jobs["devices"][head] <= free)
    return found


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_under_priority_nobody_passes_a_job_that_is_ahead(seed):
    assert passed(seed, PRIORITY, gear="compiled") == []


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_under_backfill_nobody_passes_a_head_that_fits(seed):
    assert not any(passed(seed, BACKFILL, gear="compiled"))


@pytest.mark.parametrize("discipline", [PRIORITY, BACKFILL])
def test_nor_in_the_textbook(discipline):
    for seed in range(5):
        assert not any(passed(seed, discipline, Textbook))


def test_the_search_finds_inversions_where_there_are_some():
    """FIFO does not know priorities, so it passes jobs that are ahead, and some that fit; and backfill does pass."""
    fifo = [fits for seed in range(10) for fits in passed(seed, FIFO, gear="compiled")]
    easy = [fits for seed in range(10) for fits in passed(seed, BACKFILL, gear="compiled")]
    assert sum(fifo) > 20
    assert len(easy) > 20
