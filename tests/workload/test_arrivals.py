"""Generated jobs: rates, distributions, named streams. False alarms: 1 in 1000 per test; seeds are fixed."""

import math
from itertools import islice

import numpy as np
import pytest
from scipy import stats

from hubnet.workload.arrivals import JobClass, poisson_blocks, window_length
from hubnet.workload.distributions import Choice, Constant, Exponential, Lognormal
from hubnet.workload.streams import stream

ONE = Choice((1,), (1.0,))


def jobs(*classes, regions=("A", "B"), seed=1, replication=0, horizon=10_000.0):
    return np.concatenate(list(poisson_blocks(classes, regions, seed, replication, horizon)))


def a_class(name="c", rate=1.0, **fields):
    return JobClass(
        **{"name": name, "rate": rate, "regions": {"A": 1.0, "B": 3.0}, "devices": ONE, "work": Constant(1.0)} | fields
    )


def test_counts_follow_the_rate_and_the_weights():
    rows = jobs(a_class(rate=2.0))
    in_a, in_b = np.bincount(rows["region"])
    assert stats.poisson.cdf(in_a, 5_000) == pytest.approx(0.5, abs=0.4995)
    assert stats.poisson.cdf(in_b, 15_000) == pytest.approx(0.5, abs=0.4995)


def test_gaps_are_exponential():
    gaps = np.diff(jobs(a_class(rate=2.0))["submit"])
    assert stats.kstest(gaps, stats.expon(scale=0.5).cdf).pvalue > 0.001
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 3.3 / math.sqrt(len(gaps))


def test_rows_are_sorted_numbered_and_before_the_horizon():
    rows = jobs(a_class(), a_class("d", rate=5.0), horizon=777.0)
    assert (np.diff(rows["submit"]) >= 0).all()
    assert rows["submit"].max() < 777.0
    assert rows["id"].tolist() == list(range(len(rows)))


def test_a_class_keeps_its_jobs_when_another_is_added():
    # the windows must stay the same too: the added class is too rare to change them
    alone = jobs(a_class(rate=1.5))
    both = jobs(a_class(rate=1.5), a_class("rare", rate=1e-3))
    assert window_length(1.5) == window_length(1.501)
    mine = both[both["klass"] == 0]
    for name in ("submit", "region", "u1", "u2"):
        assert np.array_equal(alone[name], mine[name])


def test_seeds_and_replications_differ_and_repeat():
    first = jobs(a_class())
    assert np.array_equal(first, jobs(a_class()))
    assert not np.array_equal(first["submit"][:50], jobs(a_class(), seed=2)["submit"][:50])
    assert not np.array_equal(first["submit"][:50], jobs(a_class(), replication=1)["submit"][:50])


def test_a_longer_horizon_only_adds_jobs():
    short, long = jobs(a_class(), horizon=1_000.0), jobs(a_class(), horizon=9_000.0)
    assert np.array_equal(short, long[: len(short)])


def test_blocks_are_bounded():
    blocks = poisson_blocks([a_class(rate=50_000.0)], ["A"], 1, 0, 60.0)
    assert all(len(block) < 2**17 + 5 * 2**8.5 for block in islice(blocks, 5))


def test_deadline_is_fixed_or_work_plus_slack():
    rows = jobs(a_class(work=Exponential(5.0), slack=60.0), a_class("d", deadline=7.0))
    slack, fixed = rows[rows["klass"] == 0], rows[rows["klass"] == 1]
    assert np.array_equal(slack["deadline"], slack["work"] + 60.0)
    assert (fixed["deadline"] == 7.0).all()


@pytest.mark.parametrize(
    ("drawn", "known"),
    [
        (Exponential(3.0), stats.expon(scale=3.0)),
        (Lognormal(2.0, 0.7), stats.lognorm(0.7, scale=2.0)),
    ],
)
def test_distributions(drawn, known):
    sample = drawn.draw(stream(1, 0, "x"), 20_000)
    assert stats.kstest(sample, known.cdf).pvalue > 0.001
    assert drawn.mean == pytest.approx(known.mean())


@pytest.mark.parametrize(("sigma", "cap"), [(0.5, 3.0), (2.0, 10.0), (1.0, 0.5)])
def test_mean_of_a_capped_lognormal(sigma, cap):
    exact = stats.lognorm(sigma, scale=1.0).expect(lambda x: np.minimum(x, cap), lb=0, ub=cap) + cap * stats.lognorm(
        sigma, scale=1.0
    ).sf(cap)
    assert Lognormal(1.0, sigma, cap).mean == pytest.approx(exact, rel=1e-6)
    assert Lognormal(1.0, sigma, cap).draw(stream(1, 0, "x"), 1000).max() <= cap


def test_choice():
    drawn = Choice((1, 4, 8), (0.7, 0.1, 0.2))
    counts = np.bincount(drawn.draw(stream(1, 0, "x"), 10_000), minlength=9)[[1, 4, 8]]
    assert stats.chisquare(counts, [7000, 1000, 2000]).pvalue > 0.001
    assert drawn.mean == pytest.approx(2.7)
