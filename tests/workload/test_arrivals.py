"""Generated jobs: when, how many, how large; and what leaves them as they are. Limits: see `limits`."""

import math
from itertools import islice, pairwise

import numpy as np
import pytest
from scipy import stats

from hubnet.network.weeks import week_of
from hubnet.workload.arrivals import JobClass, Surge, job_blocks
from hubnet.workload.classes import PerWork
from hubnet.workload.distributions import Choice, Constant, Exponential, Lognormal
from hubnet.workload.rates import Swings
from hubnet.workload.streams import stream
from workload.limits import Z, dispersion, follows, near, poisson, shares

ONE = Choice((1,), (1.0,))
HOUR, DAY = 3600.0, 86400.0
WEEKDAY = [0.2] * 8 + [2.0] * 10 + [1.0] * 6
WEEK = week_of(WEEKDAY, [0.5] * 12 + [0.0] * 12)
EVERYTHING = {
    "week": WEEK,
    "growth": 1e-6,
    "swings": Swings(500.0, 700.0, 3.0),
    "cv": 3.0,
    "campaign": Choice((1, 5), (0.8, 0.2)),
    "devices": Choice((1, 4, 8), (0.5, 0.3, 0.2)),
    "work": Lognormal(100.0, 1.0),
    "scaling": 0.3,
    "upload": Exponential(1e9),
    "download": PerWork(5.0),
}


def jobs(*classes, regions=("A", "B"), seed=1, replication=0, horizon=10_000.0, **options):
    blocks = list(job_blocks(classes, regions, seed, replication, horizon, **options))
    return np.concatenate(blocks) if blocks else np.zeros(0, [("submit", "f8")])


def a_class(name="c", rate=1.0, **fields):
    return JobClass(
        **{"name": name, "rate": rate, "regions": {"A": 1.0, "B": 3.0}, "devices": ONE, "work": Constant(1.0)} | fields
    )


def alone(rate=1.0, **fields):
    """A class of region A only: one stream."""
    return a_class(rate=rate, **{"regions": {"A": 1.0}} | fields)


# -- how often


def test_counts_follow_the_rate_and_the_weights():
    in_a, in_b = np.bincount(jobs(a_class(rate=2.0))["region"])
    assert poisson(in_a, 5_000)
    assert poisson(in_b, 15_000)


def test_gaps_are_exponential_and_independent():
    gaps = np.diff(jobs(a_class(rate=2.0))["submit"])
    assert follows(gaps, stats.expon(scale=0.5).cdf)
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < Z / math.sqrt(len(gaps))


def test_counts_of_replications_are_poisson():
    counts = np.array([len(jobs(alone(), horizon=50.0, replication=r)) for r in range(1000)])
    assert dispersion(counts, 50.0)
    assert near(counts.mean(), 50.0, math.sqrt(50.0 / 1000))


def gamma_gaps(gaps, mean, cv, least=1e-6):
    """Gaps of mean m and coefficient of variation c: gamma of shape 1 / c^2 and scale m c^2.

    In bursts a fair share of them is so small that sums of them round: those below `least` are only counted.
    """
    known = stats.gamma(cv**-2, scale=mean * cv**2)
    small = known.cdf(least)
    sd = math.sqrt(len(gaps) * small * (1 - small))
    assert near((gaps < least).sum(), len(gaps) * small, sd)
    return follows(gaps[gaps >= least], lambda x: (known.cdf(x) - small) / (1 - small))


@pytest.mark.parametrize("cv", [0.5, 3.0])
def test_bursts_have_gamma_gaps(cv):
    gaps = np.diff(jobs(alone(rate=2.0, cv=cv))["submit"])
    assert gamma_gaps(gaps, 0.5, cv)
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < Z / math.sqrt(len(gaps))
    kurtosis = 3 + 6 * cv**2
    sd_of_variance = math.sqrt((kurtosis - 1) / len(gaps)) * (0.5 * cv) ** 2
    assert near(gaps.var(), (0.5 * cv) ** 2, sd_of_variance)


@pytest.mark.parametrize("cv", [0.0, 0.5, 3.0])
def test_bursts_begin_as_if_they_had_always_been(cv):
    # stationary: exactly rate x time in the mean from the start; a run that begins with a whole gap has
    # (cv^2 - 1) / 2 more of them, 4 for cv 3. And the first gap is distributed as what is left of one:
    # P(<= x) = (x S(x) + E[G; G < x]) / E G, where E[G; G < x] / E G is a gamma distribution of shape + 1
    firsts, counts = [], []
    for r in range(2000):
        submit = jobs(alone(cv=cv), horizon=200.0, replication=r)["submit"]
        firsts.append(submit[0] if len(submit) else 200.0)
        counts.append((submit < 5.0).sum())
    assert near(np.mean(counts), 5.0, np.std(counts) / math.sqrt(len(counts)))
    if cv == 0:
        assert follows(np.array(firsts), stats.uniform.cdf)
        return
    gap, longer = stats.gamma(cv**-2, scale=cv**2), stats.gamma(cv**-2 + 1, scale=cv**2)
    assert follows(np.array(firsts), lambda x: np.where(x < 200, x * gap.sf(x) + longer.cdf(x), 1.0))


def test_regular_jobs_are_regular():
    assert np.diff(jobs(alone(rate=4.0, cv=0.0))["submit"]) == pytest.approx(0.25)


def test_campaigns_are_submitted_at_once():
    sizes = Choice((1, 2, 20), (0.5, 0.3, 0.2))  # mean 5.1
    rows = jobs(alone(rate=5.1, campaign=sizes))
    times, counts = np.unique(rows["submit"], return_counts=True)
    assert poisson(len(times), 10_000)
    assert follows(np.diff(times), stats.expon.cdf)
    assert shares(np.bincount(counts, minlength=21)[[1, 2, 20]], sizes.shares)
    assert rows["id"].tolist() == list(range(len(rows)))


def operational(submit, factor, horizon):
    """Submit times on the clock of the integral of a factor, by the midpoint rule in steps of 10 s, and its end."""
    edges = np.arange(0.0, horizon + 1, 10.0)
    integral = np.concatenate([[0.0], np.cumsum(factor((edges[1:] + edges[:-1]) / 2) * 10.0)])
    return np.interp(submit, edges, integral), integral[-1]


def hourly(start_hour):
    """The profile of the tests, spelled out once more; hours from Monday 00:00."""
    hours = np.array(WEEKDAY * 5 + ([0.5] * 12 + [0.0] * 12) * 2)
    return lambda t: (hours / hours.mean())[((t / HOUR + start_hour) // 1).astype(int) % 168]


@pytest.mark.parametrize("start_hour", [0, 5 * 24 + 7.5])
def test_a_profile_is_exact_at_every_moment(start_hour):
    horizon = 9 * DAY
    rows = jobs(alone(rate=0.02, week=WEEK), horizon=horizon, start=start_hour * HOUR)
    passed, total = operational(rows["submit"], hourly(start_hour), horizon)
    assert poisson(len(rows), 0.02 * total)
    assert follows(np.diff(passed), stats.expon(scale=50.0).cdf)
    assert follows(passed, stats.uniform(scale=total).cdf)
    hours = ((rows["submit"] / HOUR + start_hour) // 1).astype(int) % 168
    assert not (hours >= 5 * 24 + 12)[hours < 6 * 24].any()  # the profile is 0 in these hours


def test_a_profile_keeps_the_mean_rate_of_a_week():
    counts = [
        len(jobs(alone(rate=0.001, week=WEEK), horizon=7 * DAY, start=r * HOUR, replication=r)) for r in range(300)
    ]
    assert near(np.mean(counts), 604.8, math.sqrt(604.8 / 300))


def test_a_trend_is_exact_at_every_moment():
    # doubles every 1000 s: the integral is (2^(t / 1000) - 1) 1000 / ln 2
    growth = math.log(2) / 1000
    rows = jobs(alone(rate=0.5, growth=growth), horizon=5_000.0)
    passed = np.expm1(growth * rows["submit"]) / growth
    assert poisson(len(rows), 0.5 * 31 / growth)
    assert follows(np.diff(passed), stats.expon(scale=2.0).cdf)


def test_bursts_under_a_profile_are_bursts_on_its_clock():
    rows = jobs(alone(rate=0.02, week=WEEK, cv=3.0), horizon=7 * DAY)
    passed, _ = operational(rows["submit"], hourly(0), 7 * DAY)
    assert gamma_gaps(np.diff(passed), 50.0, 3.0)


def test_swings_are_exponential_and_keep_the_mean():
    swings = Swings(busy=200.0, quiet=600.0, by=5.0)
    at, factors = swings.factors(stream(1, 0, "x"), 4e6)
    spans, high, low = np.diff(at), factors.max(), factors.min()
    assert high == pytest.approx(5 * low)
    assert (high * 200 + low * 600) / 800 == pytest.approx(1.0)
    assert (factors[1:] != factors[:-1]).all()
    assert follows(spans[factors[:-1] == high], stats.expon(scale=200.0).cdf)
    assert follows(spans[factors[:-1] == low], stats.expon(scale=600.0).cdf)
    busy_first = sum(swings.factors(stream(1, r, "x"), 1.0)[1][0] == high for r in range(2000))
    assert near(busy_first, 500, math.sqrt(2000 * 0.25 * 0.75))


def test_counts_under_swings_scatter_as_those_of_a_modulated_poisson_process():
    # two states with rates a, b, left at rates p, q; d = a - b, s = p + q (Fischer and Meier-Hellstern, 1993):
    # Var N(t) / E N(t) = 1 + 2 d^2 p q / (s^2 (a q + b p)) x (1 - (1 - exp(-s t)) / (s t))
    low = 800 / (5 * 200 + 600)
    a, b, p, q, t = 5 * low, low, 1 / 200, 1 / 600, 2_000.0
    s = p + q
    ratio = 1 + 2 * (a - b) ** 2 * p * q / (s**2 * (a * q + b * p)) * (1 - (1 - math.exp(-s * t)) / (s * t))
    assert ratio > 100  # Poisson has 1
    klass = a_class(swings=Swings(200.0, 600.0, 5.0))
    counts = np.array([len(jobs(klass, horizon=t, replication=r)) for r in range(1000)])
    assert near(counts.mean(), t, math.sqrt(ratio * t / 1000))
    square = (counts - t) ** 2
    assert near(square.mean(), ratio * t, square.std() / math.sqrt(1000))


# -- surges


def test_a_surge_adds_jobs_and_leaves_the_others():
    surge = Surge(2_000.0, 3_000.0, 3.0, "c", frozenset({"B"}))
    classes = a_class(), a_class("d")
    calm, surged = jobs(*classes), jobs(*classes, surges=[surge])
    old = np.isin(surged["submit"], calm["submit"])
    for name in ("submit", "klass", "region", "work", "u1", "u2"):
        assert np.array_equal(surged[name][old], calm[name])
    new = surged[~old]
    assert (new["klass"] == 0).all()
    assert (new["region"] == 1).all()
    assert poisson(len(new), 0.75 * 2 * 3_000)
    assert follows(new["submit"], stats.uniform(2_000, 3_000).cdf)


def test_a_surge_by_less_than_1_leaves_jobs_out():
    surge = Surge(2_000.0, 3_000.0, 0.25)
    calm, surged = jobs(a_class()), jobs(a_class(), surges=[surge])
    assert np.isin(surged["submit"], calm["submit"]).all()
    inside = (calm["submit"] >= 2_000) & (calm["submit"] < 5_000)
    kept = np.isin(calm["submit"], surged["submit"])
    assert kept[~inside].all()
    assert near(kept[inside].sum(), inside.sum() * 0.25, math.sqrt(inside.sum() * 0.25 * 0.75))


def test_surges_multiply():
    surges = [Surge(0.0, math.inf, 2.0), Surge(2_000.0, 4_000.0, 3.0), Surge(4_000.0, 6_000.0, 0.5)]
    edges = [0, 2_000, 4_000, 6_000, 10_000]
    counts, _ = np.histogram(jobs(a_class(), surges=surges)["submit"], edges)
    for count, (a, b), factor in zip(counts, pairwise(edges), (2, 6, 3, 1), strict=True):
        assert poisson(count, factor * (b - a))


def test_a_surge_by_0_stops_a_class_for_good():
    rows = jobs(a_class(), a_class("d"), surges=[Surge(500.0, math.inf, 0.0, "c")])
    assert rows["submit"][rows["klass"] == 0].max() < 500
    assert rows["submit"][rows["klass"] == 1].max() > 9_900


def test_a_surge_goes_along_with_the_profile():
    rows = jobs(alone(rate=0.02, week=WEEK), horizon=7 * DAY, surges=[Surge(DAY, 2 * DAY, 4.0)])
    passed, total = operational(
        rows["submit"], lambda t: hourly(0)(t) * np.where((t >= DAY) & (t < 3 * DAY), 4.0, 1.0), 7 * DAY
    )
    assert poisson(len(rows), 0.02 * total)
    assert follows(passed, stats.uniform(scale=total).cdf)


# -- what leaves the jobs as they are


def test_blocks_of_another_size_hold_the_same_jobs():
    classes = a_class(rate=0.3, **EVERYTHING), a_class("d", rate=0.5)
    surges = [Surge(3_000.0, 2_000.0, 2.0), Surge(4_000.0, 4_000.0, 0.5, "c")]
    options = {"horizon": 2e4, "surges": surges, "stationary": True, "start": 9 * HOUR}
    whole = jobs(*classes, **options)
    assert len(whole) > 5_000
    for rows in (1, 100, 2**12):
        assert np.array_equal(jobs(*classes, **options, rows=rows), whole)


def test_a_class_and_a_region_keep_their_jobs_when_others_are_added():
    few = jobs(a_class(rate=1.5))
    many = jobs(a_class(rate=1.5), a_class("busy", rate=100.0))
    mine = many[many["klass"] == 0]
    for name in ("submit", "region", "u1", "u2"):
        assert np.array_equal(few[name], mine[name])
    wider = jobs(a_class(rate=3.0, regions={"A": 1.0, "B": 3.0, "C": 4.0}), regions=("C", "A", "B"))
    for region, name in ((1, "A"), (2, "B")):
        assert np.array_equal(few["submit"][few["region"] == region - 1], wider["submit"][wider["region"] == region]), (
            name
        )


def test_at_another_load_the_same_jobs_come_at_other_times():
    # the n-th job comes when the integral of the rate reaches the same level: at t / 1.25
    less = jobs(alone(rate=0.8, devices=Choice((1, 4), (0.5, 0.5)), work=Exponential(5.0)))
    more = jobs(alone(rate=1.0, devices=Choice((1, 4), (0.5, 0.5)), work=Exponential(5.0)))[: len(less)]
    assert more["submit"] == pytest.approx(less["submit"] * 0.8)
    for name in ("devices", "work", "u1", "u2"):
        assert np.array_equal(less[name], more[name])


def test_seeds_and_replications_differ_and_repeat():
    first = jobs(a_class(**EVERYTHING))
    assert np.array_equal(first, jobs(a_class(**EVERYTHING)))
    for other in (jobs(a_class(**EVERYTHING), seed=2), jobs(a_class(**EVERYTHING), replication=1)):
        assert not np.isin(first["u1"], other["u1"]).any()


def test_a_longer_horizon_only_adds_jobs():
    fields = EVERYTHING | {"week": WEEK}
    short, long = jobs(a_class(**fields), horizon=1_000.0), jobs(a_class(**fields), horizon=9_000.0)
    assert len(short) > 100
    assert np.array_equal(short, long[: len(short)])


# -- rows


def test_rows_are_sorted_numbered_and_before_the_horizon():
    rows = jobs(a_class(), a_class("d", rate=5.0), horizon=777.0)
    assert (np.diff(rows["submit"]) >= 0).all()
    assert rows["submit"].max() < 777.0
    assert rows["id"].tolist() == list(range(len(rows)))


def test_blocks_are_bounded():
    blocks = job_blocks([a_class(rate=50_000.0)], ["A"], 1, 0, 60.0)
    assert all(len(block) < 2**17 + Z * 2**8.5 for block in islice(blocks, 5))


def test_nothing_to_submit():
    assert list(job_blocks([], ["A"], 1, 0, 10.0)) == []
    assert list(job_blocks([a_class(rate=0.0)], ["A"], 1, 0, 10.0, stationary=True)) == []


def test_deadline_is_fixed_or_work_plus_slack():
    rows = jobs(a_class(work=Exponential(5.0), deadline_slack=60.0), a_class("d", deadline=7.0))
    slack, fixed = rows[rows["klass"] == 0], rows[rows["klass"] == 1]
    assert np.array_equal(slack["deadline"], slack["work"] + 60.0)
    assert (fixed["deadline"] == 7.0).all()


def test_a_wave_is_the_regions_or_else_the_class_has_one_for_all():
    rows = jobs(a_class(wave=5.0, waves={"B": 2.0}), a_class("d", wave=7.0))
    waves = {(k, r): set(rows["wave"][(rows["klass"] == k) & (rows["region"] == r)]) for k in (0, 1) for r in (0, 1)}
    assert waves == {(0, 0): {5.0}, (0, 1): {2.0}, (1, 0): {7.0}, (1, 1): {7.0}}


def test_data_in_proportion_to_work_or_drawn():
    rows = jobs(
        a_class(work=Exponential(5.0), upload=PerWork(3.0), download=Lognormal(2.0, 0.5)),
        a_class("d", upload=Constant(4.0)),
    )
    drawn, fixed = rows[rows["klass"] == 0], rows[rows["klass"] == 1]
    assert np.array_equal(drawn["input"], 3.0 * drawn["work"])
    assert follows(drawn["output"], stats.lognorm(0.5, scale=2.0).cdf)
    assert abs(np.corrcoef(drawn["output"], drawn["work"])[0, 1]) < Z / math.sqrt(len(drawn))
    assert set(fixed["input"]) == {4.0}
    assert set(fixed["output"]) == {0.0}
    klass = a_class(work=Exponential(5.0), upload=PerWork(3.0), download=Lognormal(2.0, 0.5))
    assert klass.input == 15.0
    assert klass.output == Lognormal(2.0, 0.5).mean


@pytest.mark.parametrize("scaling", [0.4, -0.7])
def test_work_that_scales_with_devices_keeps_its_mean(scaling):
    # work = W (D / d)^p with d^p = E D^p over the jobs with devices; jobs without keep W
    devices = Choice((0, 1, 8, 64), (0.1, 0.4, 0.3, 0.2))
    klass = alone(rate=2.0, devices=devices, work=Exponential(5.0), scaling=scaling)
    unit = (0.4 + 0.3 * 8**scaling + 0.2 * 64**scaling) / 0.9
    stretch = {0: 1.0, 1: 1 / unit, 8: 8**scaling / unit, 64: 64**scaling / unit}
    assert math.fsum(devices.shares * klass.stretch(devices.values)) == pytest.approx(1.0)
    assert klass.device_seconds == pytest.approx(5 * (0.4 * stretch[1] + 2.4 * stretch[8] + 12.8 * stretch[64]))
    rows = jobs(klass)
    for gang, factor in stretch.items():
        assert follows(rows["work"][rows["devices"] == gang], stats.expon(scale=5.0 * factor).cdf)
    product = rows["devices"] * rows["work"]
    square = (
        2 * 25 * sum(p * n**2 * stretch[n] ** 2 for p, n in zip(devices.shares, devices.values.tolist(), strict=True))
    )
    assert near(product.mean(), klass.device_seconds, math.sqrt((square - klass.device_seconds**2) / len(rows)))
