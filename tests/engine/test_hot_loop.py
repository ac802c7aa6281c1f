"""The compiled gear plays jobs without Python and without the allocator: both are at work per block, not per job."""

import sys
from dataclasses import replace

import pytest
from numba.core.runtime import _nrt_python, rtsys

from hubnet.engine.environment import HubEnvironment
from worlds import random_setup

FEW, MANY = 300, 6_000


def made_ready(jobs, gear, sharing):
    """A run whose jobs are one block, fit the output buffer, and need no more slots while it goes on."""
    setup = random_setup(5, jobs=jobs, block=jobs, routing="least-response", sharing=sharing)
    return HubEnvironment(replace(setup, slots=MANY, bin=1e9), gear=gear)


def calls(jobs, gear, sharing):
    """How often Python calls a function while the run goes on, its own or one in C."""
    env, seen = made_ready(jobs, gear, sharing), []
    sys.setprofile(lambda frame, event, arg: seen.append(event))
    try:
        env.run()
    finally:
        sys.setprofile(None)
    assert env.counts()["submitted"] == jobs
    return seen.count("call") + seen.count("c_call")


@pytest.mark.parametrize("sharing", [False, True])
def test_python_is_called_per_block(sharing):
    calls(FEW, "compiled", sharing)  # whatever happens only once
    assert abs(calls(MANY, "compiled", sharing) - calls(FEW, "compiled", sharing)) < 100
    assert calls(FEW, "python", sharing) > 10 * FEW


@pytest.mark.parametrize("sharing", [False, True])
def test_nothing_is_allocated(sharing):
    env = made_ready(MANY, "compiled", sharing)
    _nrt_python.memsys_enable_stats()
    try:
        before = rtsys.get_allocation_stats().alloc
        env.run()
        assert rtsys.get_allocation_stats().alloc == before
    finally:
        _nrt_python.memsys_disable_stats()
    assert env.counts()["finished"] > MANY / 2
