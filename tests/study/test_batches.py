"""Batch means: by hand, how often the interval holds, and when there is none."""

import math

import numpy as np
import pytest
from scipy import stats

from hubnet.study.batches import FINE, JobBatches, independent, ratio_interval


def autoregressive(coefficient, length, seed):
    """A stationary series x(i) = c x(i - 1) + noise, around 0."""
    rng = np.random.default_rng(seed)
    x = np.empty(length)
    x[0] = rng.normal() / math.sqrt(1 - coefficient**2)
    for i, noise in enumerate(rng.normal(size=length - 1)):
        x[i + 1] = coefficient * x[i] + noise
    return x


def test_equal_wholes_give_students_interval_of_the_batches():
    part = np.random.default_rng(2).normal(5, 1, 30)
    found = ratio_interval(part, np.ones(30))
    assert found is not None
    assert found.batches == 30
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 29, part.mean(), stats.sem(part)))


def test_a_ratio_of_sums_by_hand():
    part, whole = np.array([2.0, 1.0] * 5), np.array([1.0, 2.0] * 5)
    found = ratio_interval(part, whole)
    # r = 15 / 15; errors 1, -1, ...: deviation sqrt(10 / 9); half = t(0.975, 9) deviation / (sqrt(10) x 1.5)
    assert found is not None
    assert (found.value, found.batches) == (1.0, 10)
    assert found.high - 1 == pytest.approx(2.262157 * math.sqrt(10 / 9) / (math.sqrt(10) * 1.5), rel=1e-6)


def test_no_interval_from_too_few_empty_or_dependent_batches():
    noise = np.random.default_rng(1).normal(size=300)
    assert ratio_interval(noise[:9], np.ones(9)) is None
    assert ratio_interval(noise, np.r_[np.zeros(31), np.ones(269)]) is None
    assert ratio_interval(np.arange(300.0), np.ones(300)) is None
    assert ratio_interval(np.ones(300), np.ones(300)) is None, "nothing varies: there is nothing to learn"


def test_the_check_of_neighbours_has_the_error_that_it_should():
    rng = np.random.default_rng(7)
    for count in (10, 30):
        refused = sum(not independent(rng.normal(size=count)) for _ in range(4000))
        assert stats.binom.ppf(0.001, 4000, 0.07) <= refused <= stats.binom.ppf(0.999, 4000, 0.12)
    refused = sum(not independent(autoregressive(0.8, 30, seed)) for seed in range(300))
    assert refused > 290


@pytest.mark.parametrize("coefficient", [0.0, 0.8])
def test_the_interval_holds_as_often_as_it_says(coefficient):
    found = [ratio_interval(autoregressive(coefficient, 3000, seed) + 9, np.ones(3000)) for seed in range(300)]
    given = [one for one in found if one is not None]
    assert len(given) > 280
    held = sum(one.low <= 9 <= one.high for one in given)
    # what the check lets pass may be slightly dependent: 93% instead of 95%, within computed limits
    assert stats.binom.ppf(0.001, len(given), 0.93) <= held <= stats.binom.ppf(0.999, len(given), 0.96)


def test_without_the_check_of_neighbours_dependence_would_break_it():
    held = 0
    for seed in range(300):
        batches = autoregressive(0.98, 300, seed).reshape(30, 10).mean(axis=1)
        low, high = stats.t.interval(0.95, 29, batches.mean(), stats.sem(batches))
        held += low <= 0 <= high
    assert held < 0.8 * 300
    assert sum(ratio_interval(autoregressive(0.98, 300, s), np.ones(300)) is None for s in range(300)) > 200


def test_jobs_are_put_into_the_bins_of_their_submission():
    from hubnet.engine.world import FINISHED, ROW, UNFINISHED

    rows = np.zeros(4, ROW)
    rows["submit"] = [5.0, 10.0, 109.99, 110.0]  # the window is [10, 110): the first and the last are outside
    rows["finish"], rows["start"] = rows["submit"] + [1, 2, 3, 4], rows["submit"] + 0.5
    rows["deliver"] = rows["submit"]
    rows["status"] = FINISHED
    batches = JobBatches(10.0, 110.0)
    batches.add(rows)
    rows["status"] = UNFINISHED
    batches.add(rows)
    assert batches.jobs.sum() == 2
    assert (batches.sums["response"][0], batches.sums["response"][FINE - 1]) == (2.0, pytest.approx(3.0))
    assert batches.sums["wait"].sum() == pytest.approx(1.0)
