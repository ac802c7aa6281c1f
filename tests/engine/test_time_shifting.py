"""Jobs that are held for a better hour: hand-solved cases, the rules of the slack, and users' own policies."""

import math

import networkx as nx
import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.arrays import as_columns, new_world, week_records
from hubnet.engine.hours import integral, mean_factor, next_hour
from hubnet.engine.world import PAIR, POOL
from hubnet.errors import PolicyError

HUB = {"price": 1.0, "carbon": 1.0, "pue": 1.0}
CHEAP_AT_3 = [1.0, 1.0, 1.0, 0.2, *[1.0] * 20] * 7  # relative; the mean is 23.2 / 24
GEARS = ["compiled", "python", "textbook"]


def two_hubs(**attributes):
    """A and B, both regions and hubs, 1 ms apart."""
    graph = nx.Graph()
    graph.add_node("A", **HUB, **attributes)
    graph.add_node("B", **HUB)
    graph.add_edge("A", "B", one_way_ms=1.0, capacity_bit_s=1e9)
    return graph


def played(graph, jobs, policy, gear="python", pools=(("A", 4), ("B", 4)), **options):
    given = {(hub, "cpu"): n for hub, n in pools}
    devices = {"cpu": {"speed": 1, "power": 1000}}
    run = hn.simulate(
        network=graph, jobs=jobs, pools=given, devices=devices, policy=policy, gear=gear, records=True, **options
    )
    return run.jobs


def a_job(**columns):
    return {"region": "A", "submit_s": 600.0, "devices": 1, "work_s": 1800.0, **columns}


@pytest.mark.parametrize("gear", GEARS)
def test_a_job_waits_for_the_cheap_hour_at_its_own_hub(gear):
    """A is cheap from 03:00 on; the job may wait until 05:10, so it is released at 03:00 and runs there at once."""
    jobs = played(two_hubs(price_week=CHEAP_AT_3), [a_job(slack_s=5 * 3600.0)], "cheapest-hour", gear)
    assert jobs.hub[0] == "A"
    assert jobs.release_s[0] == 3 * 3600
    assert jobs.start_s[0] == 3 * 3600
    assert jobs.finish_s[0] == 3.5 * 3600


@pytest.mark.parametrize(
    ("slack", "deadline", "release"),
    [
        (2.8 * 3600, math.inf, 600.0),  # 02:58: the cheap hour is out of reach, all others are equal
        (2.9 * 3600, math.inf, 3 * 3600.0),  # 03:04
        (9 * 3600, 3.34 * 3600, 3 * 3600.0),  # done at 03:30, 3.33 h after submit
        (9 * 3600, 3.33 * 3600, 600.0),  # too late by 12 s
        (0.0, math.inf, 600.0),
    ],
)
def test_slack_and_deadline_bound_the_wait(slack, deadline, release):
    """The job runs half an hour; at 03:00 it costs a fifth, if it may be held so long and is still in time."""
    graph = two_hubs(price_week=CHEAP_AT_3)
    jobs = played(graph, [a_job(slack_s=slack, deadline_s=deadline)], "cheapest-hour", pools=[("A", 4)])
    assert jobs.release_s[0] == release


def test_without_any_hour_in_time_the_job_goes_now_to_the_least_response():
    jobs = played(two_hubs(), [a_job(slack_s=9e4, deadline_s=60.0)], "cheapest-hour")
    assert jobs.release_s[0] == 600
    assert jobs.hub[0] == "A"


def test_a_long_job_looks_at_all_hours_in_which_it_runs():
    """4 h of work over hours that cost 1, except 0.2 from 03:00 and 0.1 from 05:00: of the starts at 00:10, 01:00,
    ..., 06:00 those at 02:00 and 03:00 and 04:00 hold 05:00; 02:00 (1 + .2 + 1 + .1) and 03:00 (.2 + 1 + .1 + 1)
    are equal, and the earlier one is taken."""
    prices = [1.0] * 24
    prices[3], prices[5] = 0.2, 0.1
    jobs = played(
        two_hubs(price_week=prices * 7), [a_job(work_s=4 * 3600.0, slack_s=2e4)], "cheapest-hour", pools=[("A", 4)]
    )
    assert jobs.release_s[0] == 2 * 3600


def test_greenest_hour_looks_at_carbon_and_not_at_the_price():
    graph = two_hubs(price_week=CHEAP_AT_3, carbon_week=[1.0] * 5 + [0.5] + [1.0] * 162)
    jobs = played(graph, [a_job(slack_s=9 * 3600.0)], "greenest-hour")
    assert (jobs.hub[0], jobs.release_s[0]) == ("A", 5 * 3600)


def test_flat_hours_hold_nobody():
    """All hours are equal but for rounding: waiting would save nothing."""
    jobs = [a_job(submit_s=float(at), work_s=7.0 * at + 1, slack_s=7e5) for at in range(0, 90_000, 1234)]
    for policy in ("cheapest-hour", "greenest-hour", "valley"):
        rows = played(two_hubs(), jobs, policy)
        assert (rows.release_s == rows.submit_s).all()


def scenario(routing, **changes):
    """One region and one hub; nearly all work is asked for from 08:00 to 20:00."""
    day = [0.1] * 8 + [1.0] * 12 + [0.1] * 4
    batch = {"rate": "20 /h", "work": "6 min", "slack": "12 h", "profile": {"weekday": day}}
    values = {
        "name": "night",
        "network": {
            "regions": {"R": {"at": [0, 0]}},
            "hubs": {"H": {"at": [0, 1], "pools": {"cpu": 50}}},
            "trunks": [{"between": ["R", "H"], "capacity": "1 Gbit/s"}],
        },
        "clock": {"start": "2025-06-02", "horizon": "2 d"},
        "workload": {"classes": {"batch": batch | changes}},
        "policy": {"routing": routing},
    }
    return hn.Scenario(**values)


def test_the_valley_is_where_the_profile_says_that_little_is_asked_for():
    rows = hn.simulate(scenario("valley"), records=True, gear="python").jobs
    hour = rows.submit_s % 86400 / 3600
    held = rows.release_s - rows.submit_s
    assert len(rows) > 300
    assert (held[(hour < 8) | (hour >= 20)] == 0).all()
    busy = rows[(hour >= 8.01) & (hour < 20) & rows.finish_s.notna()]
    assert (busy.release_s % 86400 == 20 * 3600).all()
    now = hn.simulate(scenario("least-response"), records=True, gear="python").jobs
    assert np.array_equal(now.submit_s, rows.submit_s)  # the same jobs under every policy
    assert (now.release_s == now.submit_s).all()


def test_no_slack_no_holding():
    rows = hn.simulate(scenario("valley", slack="0 s"), records=True, gear="python").jobs
    assert (rows.release_s == rows.submit_s).all()


@hn.router
def sleeper(job, now, world):
    hn.hold(job, now + 3 * 3600.0, world)
    return 0


@pytest.mark.parametrize("gear", GEARS)
def test_a_router_that_holds_too_long_is_told_so(gear):
    with pytest.raises(PolicyError, match=r"sleeper holds job 0 until 11400 s; it may be held until 7800 s"):
        played(two_hubs(), [a_job(slack_s=7200.0)], sleeper, gear)
    assert played(two_hubs(), [a_job(slack_s=10800.0)], sleeper, gear).release_s[0] == 11400


def test_check_policy_tells_of_holding_too_long():
    with pytest.raises(PolicyError, match="holds a job until"):
        hn.check_policy(sleeper)


@hn.policy(hold=True)
def cheap_and_soon(job, pool, now, world):
    """Price of the hours in which it runs, and a little for waiting."""
    return hn.mean_price(pool, now, world.jobs.work[job], world) + 0.05 * (now - world.jobs.submit[job]) / 3600


@pytest.mark.parametrize("gear", GEARS)
def test_a_cost_of_ones_own_may_hold_jobs(gear):
    """Prices by the mean: 24 / 23.2 = 1.034 and 0.2069 at 03:00. Held for 170 min it costs 0.2069 + 0.1417 < 1.034."""
    report = hn.check_policy(cheap_and_soon)
    assert report.compiled
    jobs = played(two_hubs(price_week=CHEAP_AT_3), [a_job(slack_s=5 * 3600.0)], cheap_and_soon, gear)
    assert jobs.release_s[0] == 3 * 3600


def test_a_held_job_takes_no_room_in_the_queue_until_it_is_released():
    """The job held until 03:00 is not expected at its pool before; a second one finds the pool empty."""
    seen = []

    def look(env):
        for at in (3500.0, 10900.0):
            yield env.timeout(at - env.now)
            seen.append((int(env.world.pools.queued_devices[0]), int(env.world.pools.busy[0])))

    graph = two_hubs(price_week=CHEAP_AT_3)
    played(graph, [a_job(slack_s=5 * 3600.0)], "cheapest-hour", pools=[("A", 4)], processes=[look])
    assert seen == [(0, 0), (0, 1)]


def world_of(week, start):
    pools, pairs = np.zeros(1, POOL), np.zeros((1, 1), PAIR)
    return as_columns(new_world(pools, pairs, np.ones((1, 1), bool), 0, 1, week, start))


def test_means_over_hours_are_those_of_a_fine_sum():
    rng = np.random.default_rng(5)
    factors = rng.uniform(0, 2, 168)
    for _ in range(50):
        start, begin = rng.uniform(0, 7 * 86400, 2)
        length = rng.exponential(3e5)
        world = world_of(week_records(1, price=factors), start)
        grid = begin + (np.arange(200_000) + 0.5) / 200_000 * length
        fine = factors[((grid + start) // 3600).astype(int) % 168].mean()
        args = (world.week.price, world.week.price_sum, 0)
        assert mean_factor(*args, begin, length, world) == pytest.approx(fine, abs=2e-3)
        assert mean_factor(*args, begin, 0.0, world) == factors[int((begin + start) // 3600) % 168]
        assert integral(*args, 0.0, world) <= integral(*args, length, world)


@pytest.mark.parametrize(
    ("start", "at", "then"), [(0, 0, 3600), (0, 3599.5, 3600), (1800, 0, 1800), (1800, 1800, 5400)]
)
def test_the_next_hour_is_on_the_clock(start, at, then):
    assert next_hour(float(at), world_of(None, float(start))) == then


def test_the_next_hour_is_always_later():
    """Starts that are no whole numbers of s must not stop the search for hours."""
    rng = np.random.default_rng(1)
    for start in rng.uniform(0, 7 * 86400, 200):
        world, at = world_of(None, start), 0.0
        for _ in range(50):
            later = next_hour(at, world)
            assert at < later < at + 7200
            at = later
