"""MSER-5 finds a planted transient, agrees with its formula, and knows when it cannot tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.study.warmup import mser5, truncation, without_rhythm


def by_formula(series):
    """(first value kept, settled), straight from the definition."""
    means = [np.mean(series[i : i + 5]) for i in range(0, len(series) // 5 * 5, 5)]
    n = len(means)
    scores = [np.sum((means[d:] - np.mean(means[d:])) ** 2) / (n - d) ** 2 for d in range(n - 5)]
    half = n // 2 + 1
    return 5 * int(np.argmin(scores[:half])), int(np.argmin(scores)) < half


@given(st.integers(0, 10_000), st.integers(50, 400), st.sampled_from([0.0, 1.0, 20.0]))
def test_it_is_its_formula(seed, length, slope):
    rng = np.random.default_rng(seed)
    series = rng.normal(size=length) + slope * np.exp(-np.arange(length) / 30)
    found = mser5(series)
    assert (found.index, found.settled) == by_formula(series)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("start", [0, 100, 250])
def test_a_planted_step_is_found(seed, start):
    series = np.random.default_rng(seed).normal(size=1000)
    series[:start] += 8
    found = mser5(series)
    assert found.settled
    # never before the step: each batch of it left in adds 64 (n - d) / (n - d)^2 to a score of about 0.2 / (n - d)
    assert start <= found.index
    assert found.index - start <= 150


@pytest.mark.parametrize("seed", range(20))
def test_a_transient_that_decays_is_cut_where_it_no_longer_shows(seed):
    at = np.arange(2000)
    series = 10 * np.exp(-at / 100) + np.random.default_rng(seed).normal(size=2000)
    found = mser5(series)
    assert found.settled
    bias = 10 * np.exp(-at[found.index :] / 100).mean()
    # of the bias of 0.5 that the whole series has, less than a fifth is left
    assert bias < 0.2 * 10 * np.exp(-at / 100).mean()
    assert found.index < 700


def test_what_never_settles_is_told():
    assert not mser5(np.arange(1000.0)).settled
    late = np.where(np.arange(1000) < 700, 5.0, 0.0) + np.random.default_rng(1).normal(size=1000)
    assert not mser5(late).settled
    assert mser5(late).index <= 500
    assert not mser5(np.ones(40)).settled, "40 values are too few to tell"


def test_a_constant_has_settled_at_once():
    assert mser5(np.full(200, 3.0)) == mser5(np.zeros(200))
    assert (mser5(np.zeros(200)).index, mser5(np.zeros(200)).settled) == (0, True)


def test_several_series_are_pooled_over_replications_and_the_latest_counts():
    rng = np.random.default_rng(3)
    step = np.where(np.arange(500) < 100, 1.0, 0.0)
    runs = [[rng.normal(size=500) + step, rng.normal(size=500)] for _ in range(40)]
    found = truncation(runs)  # a step of one standard deviation: clear in the mean over 40, not in a single run
    assert found.settled
    assert 100 <= found.index <= 200


def test_a_rhythm_of_the_day_is_no_transient():
    # a week of quarter hours: a wave of the day, ten times as high as the noise; and a step after the first day
    starts = np.arange(7 * 96) * 900.0
    wave = 10 * np.sin(2 * np.pi * starts / 86400)
    noise = np.random.default_rng(9).normal(size=len(starts))
    flat = without_rhythm(wave + noise + 50, starts, 900.0)
    # what is left of the wave is what 7 values of noise per time of day leave of their mean
    assert np.std(flat) == pytest.approx(np.sqrt(6 / 7), rel=0.1)
    assert flat.mean() == pytest.approx(50, abs=0.2)
    assert mser5(flat).settled
    step = np.where(starts < 86400, 5.0, 0.0)
    found = mser5(without_rhythm(wave + noise + step, starts, 900.0))
    assert found.settled
    assert 96 <= found.index <= 200
    assert mser5(wave + noise + step).index != found.index, "with the rhythm in, the step is not seen"


def test_two_days_or_odd_bins_have_no_rhythm_that_can_be_learned():
    starts = np.arange(2 * 96) * 900.0
    series = np.sin(starts)
    assert without_rhythm(series, starts, 900.0) is series
    odd = np.arange(500) * 1000.0
    assert without_rhythm(np.sin(odd), odd, 1000.0).tolist() == np.sin(odd).tolist()
