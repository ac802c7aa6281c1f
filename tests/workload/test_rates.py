"""Rates over time: the integral and its inverse, by hand and as properties; profiles of the week."""

import math
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.network.weeks import week_of
from hubnet.workload.rates import HOUR, Curve, Rhythm, week_second

DAY = 24 * HOUR
UNEVEN = week_of([h + 1.0 for h in range(24)], [24.0 - h for h in range(24)])


def curves(least):
    steps = st.lists(st.tuples(st.floats(0.01, 100.0), st.floats(least, 50.0)), min_size=1, max_size=8)
    growth = st.sampled_from([0.0, 1e-9, 0.01, -0.01])

    def curve(pairs, growth):
        spans, rates = zip(*pairs, strict=True)
        return Curve(np.concatenate([[0.0], np.cumsum(spans[:-1])]), np.array(rates), growth)

    return st.builds(curve, steps, growth)


TIMES = st.lists(st.floats(0.0, 300.0), min_size=1, max_size=20).map(lambda times: np.sort(np.array(times)))


@given(curves(least=0.1), TIMES)
def test_when_undoes_before(curve, times):
    assert curve.when(curve.before(times)) == pytest.approx(times, rel=1e-9, abs=1e-9)


@given(curves(least=0.0), TIMES)
def test_before_undoes_when_wherever_that_much_is_reached(curve, levels):
    times = curve.when(levels)
    assert (np.diff(times[np.isfinite(times)]) >= 0).all()
    reached = np.isfinite(times)
    assert curve.before(times[reached]) == pytest.approx(levels[reached], rel=1e-9, abs=1e-9)
    if not reached.all():  # a rate that ends at 0, or that falls for ever, gives only so much
        assert curve.before(np.array([1e4]))[0] <= levels[~reached][0] * (1 + 1e-9)


def test_steps_by_hand():
    curve = Curve(np.array([0.0, 10.0, 20.0]), np.array([2.0, 0.0, 1.0]))
    assert curve.before(np.array([5.0, 10.0, 15.0, 20.0, 25.0])).tolist() == [10, 20, 20, 20, 25]
    assert curve.when(np.array([10.0, 19.0, 20.0, 25.0])).tolist() == [5, 9.5, 20, 25]
    ended = curve.times(0.0, 10.0, 1.0, 0.0)
    assert ended.when(np.array([19.0, 20.0, 21.0])).tolist() == [9.5, math.inf, math.inf]


def test_factors_by_hand():
    curve = Curve(np.zeros(1), np.ones(1)).times(10.0, 20.0, 3.0)
    assert curve.before(np.array([10.0, 15.0, 20.0, 30.0])).tolist() == [10, 25, 40, 50]
    both = curve.times(15.0, math.inf, 2.0)
    assert both.before(np.array([15.0, 20.0, 30.0])).tolist() == [25, 55, 75]


def test_a_trend_by_hand():
    # rate exp(t ln 2 / 100): 2 at t = 100; integral (2^(t / 100) - 1) 100 / ln 2
    curve = Rhythm(growth=math.log(2) / 100).curve(300.0)
    assert curve.before(np.array([100.0, 200.0])) == pytest.approx(np.array([1.0, 3.0]) * 100 / math.log(2))
    falling = Rhythm(growth=-math.log(2) / 100).curve(300.0)
    assert falling.when(np.array([50.0, 150.0]) / math.log(2)) == pytest.approx([100.0, math.inf])


def test_a_week_has_five_weekdays_and_the_mean_1():
    week = week_of([3.0] * 24, [1.0] * 24)
    assert math.fsum(week) == pytest.approx(168)
    assert week[119] / week[120] == 3.0
    assert week[0] == week[119] == pytest.approx(3 * 168 / (3 * 120 + 48))


def test_the_hour_of_the_week_follows_the_start():
    assert week_second(None) == 0
    assert week_second(datetime(2025, 6, 2)) == 0  # a Monday
    assert week_second(datetime(2025, 6, 7, 18, 30)) == 5 * DAY + 18.5 * HOUR
    assert week_second(datetime(1969, 12, 28)) == 6 * DAY  # a Sunday, before the origin
    rhythm = Rhythm(UNEVEN, start=5 * DAY + 18.5 * HOUR)
    hours = np.array([-19.0, -18.5, 0.0, 0.4, 0.5, 53.4, 53.5]) * HOUR  # Friday 23:30 to Monday's 00:00
    assert rhythm.at(hours).tolist() == [UNEVEN[i] for i in (119, 120, 138, 138, 139, 23, 24)]


def test_the_curve_of_a_rhythm_is_its_integral():
    rhythm = Rhythm(UNEVEN, start=3 * DAY + 1234.5, growth=1e-6)
    horizon = 10 * DAY
    middle = (np.arange(200_000) + 0.5) * horizon / 200_000
    assert rhythm.curve(horizon).before(np.array([horizon]))[0] == pytest.approx(
        rhythm.at(middle).mean() * horizon, 1e-5
    )
    assert Rhythm(UNEVEN, start=1234.5).curve(7 * DAY).before(np.array([7 * DAY]))[0] == pytest.approx(7 * DAY)
