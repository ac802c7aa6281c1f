"""A stationary start against renewal theory and M/G/inf: what is under way at time 0, and what then stays constant."""

import math

import numpy as np
import pytest
from scipy import stats

import hubnet as hn
from hubnet.engine.policy import find_router
from hubnet.network.weeks import week_of
from hubnet.workload.arrivals import JobClass, job_blocks
from hubnet.workload.classes import PerWork
from hubnet.workload.distributions import Choice, Constant, Exponential, Lognormal
from hubnet.workload.rates import Rhythm
from workload.limits import dispersion, follows, near, poisson, shares

ONE = Choice((1,), (1.0,))
HOUR = 3600.0
WEEK = week_of([0.2] * 8 + [2.0] * 10 + [1.0] * 6, [0.5] * 24)


def a_class(rate, work, **fields):
    return JobClass(**{"name": "c", "rate": rate, "regions": {"A": 1.0}, "devices": ONE, "work": work} | fields)


def started(klass, replication=0, horizon=1e-9, start=0.0):
    """The jobs that are under way at time 0: those with submit = 0."""
    blocks = list(job_blocks([klass], ["A"], 1, replication, horizon, stationary=True, start=start))
    rows = np.concatenate(blocks) if blocks else np.zeros(0, [("submit", "f8"), ("work", "f8")])
    return rows[rows["submit"] == 0]


def test_the_number_is_poisson_with_rate_times_mean_work():
    counts = np.array([len(started(a_class(2.0, Exponential(15.0)), r)) for r in range(1000)])
    assert dispersion(counts, 30.0)
    assert near(counts.mean(), 30.0, math.sqrt(30.0 / 1000))


def test_twice_as_fast_devices_have_half_as_many_with_the_same_work_left():
    rows = started(a_class(1000.0, Exponential(15.0), speed=2.0))
    assert poisson(len(rows), 7_500)
    assert follows(rows["work"], stats.expon(scale=15.0).cdf)


@pytest.mark.parametrize(
    ("work", "left"),
    [
        (Exponential(15.0), stats.expon(scale=15.0).cdf),  # memoryless
        (Constant(15.0), stats.uniform(scale=15.0).cdf),
        # lognormal (m, s): P(left <= x) = (x S(x) + E[W; W < x]) / E W = x S(x) / E W + Phi((ln x - m) / s - s)
        (
            Lognormal(15.0, 2.0),
            lambda x: (
                x * stats.norm.sf(np.log(x / 15) / 2) / (15 * math.exp(2)) + stats.norm.cdf(np.log(x / 15) / 2 - 2)
            ),
        ),
    ],
)
def test_what_is_left(work, left):
    rows = started(a_class(20_000.0 / work.mean, work))
    assert poisson(len(rows), 20_000)
    assert follows(rows["work"], left)


def test_long_jobs_and_their_devices_are_found_more_often():
    # devices are length-biased by the mean work of a job that has as many: P(D) in proportion to p(D) D^0.5
    devices = Choice((0, 1, 4, 64), (0.1, 0.5, 0.3, 0.1))
    rows = started(a_class(4_000.0, Exponential(5.0), devices=devices, scaling=0.5))
    assert poisson(len(rows), 0.9 * 20_000)  # those without devices take no time
    assert shares(np.bincount(rows["devices"], minlength=65)[[1, 4, 64]], np.array([0.5, 0.3 * 2, 0.1 * 8]))
    unit = (0.5 + 0.6 + 0.8) / 0.9
    for gang in (1, 4, 64):
        left = rows["work"][rows["devices"] == gang]
        assert follows(left, stats.expon(scale=5 * math.sqrt(gang) / unit).cdf)


@pytest.mark.parametrize("start", [0.0, 3.5 * 24 * HOUR])
@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_under_a_profile_the_past_counts_as_it_was(start, speed):
    # M(t)/G/inf: mean number = integral over ages a of rate(-a) S(a), and of it a share rate(-a) S(a + x) has more
    # than x left; ages and x by the clock, which runs `speed` times as fast as the work. Sums over steps of 2 min.
    work = Lognormal(2 * HOUR, 1.2)
    rows = started(a_class(1.0, work, week=WEEK, speed=speed), start=start)
    rate = Rhythm(WEEK, start)
    age = (np.arange(30 * 720) + 0.5) * 120.0
    weight = rate.at(-age) * 120.0
    known = stats.lognorm(1.2, scale=2 * HOUR / speed)
    mean = (weight * known.sf(age)).sum()
    assert poisson(len(rows), mean)
    grid = np.geomspace(1.0, 1e7, 150)
    more = np.array([(weight * known.sf(age + x)).sum() for x in grid]) / mean
    assert follows(rows["work"] / speed, lambda x: np.interp(x, grid, 1 - more))


def test_such_jobs_have_no_input_and_come_first_and_their_deadline_counts_from_the_start():
    klass = a_class(10.0, Exponential(5.0), upload=PerWork(7.0), download=PerWork(3.0), deadline_slack=60.0)
    rows = np.concatenate(list(job_blocks([klass, klass], ["A"], 1, 0, 100.0, stationary=True)))
    first = rows["submit"] == 0
    assert first[: first.sum()].all()
    assert rows["id"].tolist() == list(range(len(rows)))
    assert (rows["input"][first] == 0).all()
    assert (rows["output"][first] > 3 * rows["work"][first]).all()  # of the whole work
    assert (rows["input"][~first] == 7 * rows["work"][~first]).all()
    assert (rows["deadline"] == rows["work"] + 60).all()
    whole = rows["output"][first] / 3
    assert follows(whole, stats.gamma(2, scale=5.0).cdf)  # a length-biased exponential


def test_the_jobs_that_are_submitted_later_are_the_same():
    klass = a_class(10.0, Exponential(5.0))
    empty = np.concatenate(list(job_blocks([klass], ["A"], 1, 0, 100.0)))
    rows = np.concatenate(list(job_blocks([klass], ["A"], 1, 0, 100.0, stationary=True)))
    for name in ("submit", "work", "u1"):
        assert np.array_equal(rows[name][rows["submit"] > 0], empty[name])


@pytest.mark.parametrize("week", [None, WEEK])
def test_as_many_devices_are_busy_from_the_start_as_ever(week):
    # M/G/inf, where each job starts at once: busy(t) is compound Poisson with mean integral of rate(t - a) S(a) E[D]
    # and variance the same with E[D^2]; for a constant rate both stay the same from t = 0 on. Heavy tails: sigma 1.5.
    devices, work = Choice((1, 8), (0.7, 0.3)), Lognormal(HOUR, 1.5, 100 * HOUR)
    klass = a_class(0.02, work, devices=devices, week=week)
    times = np.array([0.0, 0.1, 1.0, 8.0, 30.0]) * HOUR
    runs = 300
    busy = np.zeros((runs, len(times)))
    for r in range(runs):
        rows = np.concatenate(list(job_blocks([klass], ["A"], 1, r, 31 * HOUR, stationary=True)))
        during = (rows["submit"][:, None] <= times) & (times < (rows["submit"] + rows["work"])[:, None])
        busy[r] = (rows["devices"][:, None] * during).sum(axis=0)
    age = (np.arange(24_000) + 0.5) * 15.0  # up to the cap
    survival = stats.lognorm(1.5, scale=HOUR).sf(age) * 15.0
    rate = Rhythm(week)
    for t, found in zip(times, busy.T, strict=True):
        jobs = 0.02 * (rate.at(t - age) * survival).sum()
        if week is None:
            assert jobs == pytest.approx(0.02 * work.mean, rel=1e-3)
        assert near(found.mean(), jobs * (0.7 + 2.4), math.sqrt(jobs * (0.7 + 0.3 * 64) / runs))


TEXT = """
hubnet: 1
name: start
network:
  regions: {H: {at: [0, 0]}}
  hubs: {H: {at: [0, 0], pools: {cpu: 1000}}}
  trunks: []
devices: {cpu: {speed: 2}}
clock: {horizon: 20 min, initial: INITIAL}
workload:
  load: 50 %
  classes: {long: {share: 1, work: {lognormal: {median: 10 h, sigma: 1.5, cap: 30 d}}}}
"""


def test_a_short_run_of_long_jobs_shows_the_load_that_was_asked_for(tmp_path):
    # 500 of 1000 devices in the mean, Poisson (M/G/inf: it never gets near 1000); the same jobs all along
    used = {}
    for initial in ("stationary", "empty"):
        (tmp_path / f"{initial}.yaml").write_text(TEXT.replace("INITIAL", initial))
        result = hn.simulate(hn.load(tmp_path / f"{initial}.yaml"), gear="python")
        used[initial] = result.utilization.utilization[0]
    assert near(used["stationary"], 0.5, math.sqrt(500) / 1000)
    assert used["empty"] < 0.02


def test_nations_start_at_work_and_networks_of_ones_own_empty(tmp_path):
    (tmp_path / "own.yaml").write_text(TEXT.replace(", initial: INITIAL", ""))
    nation = {"name": "n", "network": "china", "workload": {"classes": "china", "load": 0.5}, "scale": 0.01}
    nation["allocations"] = {"as-built": {}}
    for scenario, at_work in (
        (hn.load(tmp_path / "own.yaml"), False),
        (hn.Scenario(**nation, clock={"horizon": "1 h"}), True),
        (hn.Scenario(**nation, clock={"horizon": "1 h", "initial": "empty"}), False),
    ):
        block = next(scenario.setup("as-built", find_router("nearest"), 1).blocks())
        assert (block["submit"] == 0).any() == at_work
