"""Many comparisons at once: Holm by hand and under the null hypothesis, intervals that hold together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hubnet.study.compare import differences, pairing_gain
from hubnet.study.many import bonferroni, holm, p_value


def test_holm_by_hand():
    # sorted: 0.005 x 4 = 0.02, 0.01 x 3 = 0.03, 0.03 x 2 = 0.06, 0.04 x 1 = 0.04, which is raised to 0.06
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_nothing_and_bonferroni(p):
    for one, adjusted in zip(p, holm(p), strict=True):
        assert one <= adjusted <= min(1.0, len(p) * one) + 1e-12


def test_p_values_are_those_of_the_paired_t_test():
    a, b = [3.0, 4.5, 2.0, 6.0], [2.5, 4.0, 2.5, 4.0]
    found = differences({"b": b, "a": a}, "b")[0]
    assert found.p == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(stats.ttest_rel(a, b).confidence_interval(0.95)))
    assert p_value(0.0, 0.0, 5) == 1.0
    assert p_value(1.0, 0.0, 5) == 0.0


def families(count, runs, replications, seed):
    """[count, runs, replications] of normal values, common to all runs of a replication in part, all means equal."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(count, 1, replications))
    return 2 * common + rng.normal(size=(count, runs, replications)) * np.arange(1, runs + 1)[:, None]


def test_holm_keeps_the_error_of_the_family():
    count, runs = 2000, 5
    wrong = outside = single = 0
    for values in families(count, runs, 8, 1):
        found = differences({str(i): sample.tolist() for i, sample in enumerate(values)}, "0")
        wrong += min(one.p_holm for one in found) < 0.05
        outside += any(not one.low_all <= 0 <= one.high_all for one in found)
        single += any(not one.low <= 0 <= one.high for one in found)
    limit = stats.binom.ppf(0.9999, count, 0.05)
    assert wrong == outside, "under the null, Holm's first step is Bonferroni's"
    assert 0 < wrong <= limit
    assert single > limit, "without a correction the family's error is larger: the test can tell"


def test_holm_rejects_what_bonferroni_cannot():
    assert max(holm([0.01, 0.04])) == pytest.approx(0.04)
    assert bonferroni(2) == 0.975


def test_the_gain_by_pairing_by_hand():
    # var(a) = 1, var(b) = 4, a - b = (-1, -2, -3) has variance 1
    assert pairing_gain([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == pytest.approx(5.0)
    assert pairing_gain([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]) == np.inf
    assert pairing_gain([1.0, 1.0], [2.0, 2.0]) == 1.0
    assert pairing_gain([1.0, 2.0], [2.0, 1.0]) == pytest.approx(0.5)


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=12), st.lists(st.integers(0, 50), min_size=41, max_size=41))
def test_pairing_never_costs_when_both_runs_go_the_same_way(values, steps):
    # Chebyshev's sum inequality: the sample covariance of x and f(x) is not negative for any f that never falls
    rising = np.cumsum(steps)
    here, there = [float(x) for x in values], [float(rising[x + 20]) for x in values]
    assert pairing_gain(here, there) >= 1 - 1e-12


def test_pairing_narrows_the_interval_for_queues_that_meet_the_same_jobs():
    # waits of a single server, by Lindley's recursion, rise with every service time and fall with every gap, so those
    # of a slow and a fast server that meet the same jobs are positively correlated (association)
    rng = np.random.default_rng(5)
    studies, replications, jobs = 60, 10, 1500
    gaps, work = (
        rng.exponential(1 / 0.7, (jobs, studies, replications)),
        rng.exponential(1, (jobs, studies, replications)),
    )
    means = {}
    for name, speed in (("slow", 1.0), ("fast", 1.1)):
        wait, total = np.zeros((studies, replications)), np.zeros((studies, replications))
        for gap, one in zip(gaps, work, strict=True):
            wait = np.maximum(wait + one / speed - gap, 0)
            total += wait
        means[name] = total / jobs
    for slow, fast in zip(means["slow"], means["fast"], strict=True):
        found = differences({"slow": slow.tolist(), "fast": fast.tolist()}, "slow")[0]
        apart = stats.ttest_ind(fast, slow, equal_var=False).confidence_interval(0.95)
        assert found.high - found.low < apart.high - apart.low
        assert found.gain > 1
