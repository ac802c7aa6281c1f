"""Policies of one's own: what is refused, and why; what compiles; what a changed global does."""

import math

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.gears import gears
from worlds import outcome, random_setup, same_rows

LIMIT = 0.5
SEEN = []
TOTAL = 0


@hn.policy
def greenest_in_time(job, pool, now, world):
    if hn.response(job, pool, now, world) > world.jobs.deadline[job]:
        return math.inf
    return world.pools.carbon[pool]


@hn.policy
def with_a_constant(job, pool, now, world):
    return LIMIT * world.pools.price[pool]


@hn.router(memory=2)
def two_choices(job, now, world):
    first, second = -1, -1
    for pool in range(len(world.pools)):
        if hn.eligible(job, pool, world):
            if world.jobs.u1[job] < 0.5 or first < 0:
                first = pool
            second = pool
    world.memory[1] += 1
    return first if world.pools.busy[max(first, 0)] < world.pools.busy[max(second, 0)] else second


@pytest.mark.parametrize("policy", [greenest_in_time, with_a_constant, two_choices, "cheapest-in-time", "random"])
def test_good_policies_pass(policy):
    report = hn.check_policy(policy)
    assert report.compiled
    assert "the same in both gears" in str(report)


@hn.policy
def remembers(job, pool, now, world):
    SEEN.append(job)
    return 0.0


@hn.policy
def counts(job, pool, now, world):
    global TOTAL
    TOTAL += 1
    return float(TOTAL)


@hn.policy
def not_a_number(job, pool, now, world):
    return world.pools.busy[pool] * math.nan


@hn.policy
def meddles(job, pool, now, world):
    world.pools.price[pool] += 1.0
    return 1.0


@hn.router
def anywhere(job, now, world):
    return 99


@hn.router
def a_word(job, now, world):
    return "Guiyang"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (remembers, "reads 'SEEN', a list that can change"),
        (counts, "writes to 'TOTAL'"),
        (not_a_number, "a cost is a number"),
        (meddles, "changes the world"),
        (anywhere, "may not use"),
        (a_word, "not the number of a pool"),
    ],
)
def test_bad_policies_are_refused_with_the_reason(policy, message):
    with pytest.raises(hn.PolicyError) as caught:
        hn.check_policy(policy)
    assert message in str(caught.value)


@hn.policy
def does_not_compile(job, pool, now, world):
    return float(sum({"pue": world.pools.pue[pool]}.get(key, 0.0) for key in ("pue", "x")))


def test_what_numba_cannot_compile_runs_in_python_and_says_so():
    said = []
    gear, _, _ = gears(does_not_compile, "auto", said.append)
    assert gear == "python"
    assert "does not compile" in said[-1]
    assert not hn.check_policy(does_not_compile).compiled


def test_a_global_changed_between_runs_is_noticed(monkeypatch):
    first, _ = outcome(HubEnvironment, random_setup(4, routing=with_a_constant), gear="compiled")
    monkeypatch.setitem(globals(), "LIMIT", -0.5)
    changed, _ = outcome(HubEnvironment, random_setup(4, routing=with_a_constant), gear="compiled")
    python, _ = outcome(HubEnvironment, random_setup(4, routing=with_a_constant), gear="python")
    assert same_rows(changed, python)
    assert not np.array_equal(first["pool"], changed["pool"])


def test_a_router_that_chooses_wrongly_stops_the_run():
    for gear in ("compiled", "python"):
        with pytest.raises(hn.PolicyError, match="anywhere chose"):
            outcome(HubEnvironment, random_setup(1, routing=anywhere), gear=gear)


def test_memory_starts_at_zero_in_every_run():
    first, _ = outcome(HubEnvironment, random_setup(5, routing=two_choices), gear="compiled")
    again, _ = outcome(HubEnvironment, random_setup(5, routing=two_choices), gear="compiled")
    assert same_rows(first, again)


def test_a_policy_can_still_be_called_by_hand():
    assert with_a_constant.__name__ == "with_a_constant"
    assert hn.policy(lambda job, pool, now, world: pool + 1.0)(0, 2, 0.0, None) == 3.0
