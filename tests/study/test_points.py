"""The points of a sweep: full grids, and Latin hypercubes in which every stratum is met once."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet import InputError
from hubnet.scenario.ranges import amount, varied
from hubnet.study.points import axes_of, plan_points, settings_of

LOAD, ROUTING = varied("workload.load", "40%:90%"), varied("policy.routing", "nearest,random")


def test_a_grid_has_every_combination_the_last_setting_fastest():
    which = [varied("a", [1, 2]), ROUTING]
    points = plan_points(which, None, 0)
    assert points == [("1", "nearest"), ("1", "random"), ("2", "nearest"), ("2", "random")]
    assert settings_of(which, points[1]) == ("a=1", "policy.routing=random")


@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_latin_hypercube_meets_every_stratum_once(samples, seed):
    which = [LOAD, varied("clock.horizon", "1 d:7 d")]
    points = plan_points(which, samples, seed)
    for index, (low, high) in enumerate([(40, 90), (1, 7)]):
        values = [float(amount(point[index]).number) for point in points]
        strata = sorted(int((value - low) / (high - low) * samples) for value in values)
        assert strata == list(range(samples))


def test_a_latin_hypercube_takes_the_values_of_a_list_equally_often():
    points = plan_points([LOAD, ROUTING, varied("n", "1:3:1")], 12, 5)
    assert Counter(point[1] for point in points) == {"nearest": 6, "random": 6}
    assert Counter(point[2] for point in points) == {"1": 4, "2": 4, "3": 4}
    assert plan_points([LOAD, ROUTING], 12, 5) == plan_points([LOAD, ROUTING], 12, 5)
    assert plan_points([LOAD, ROUTING], 12, 5) != plan_points([LOAD, ROUTING], 12, 6)


def test_points_that_are_drawn_twice_are_kept_once():
    assert sorted(plan_points([ROUTING], 10, 0)) == [("nearest",), ("random",)]


def test_all_problems_at_once():
    with pytest.raises(InputError) as caught:
        plan_points([LOAD, varied("a", [1]), varied("a", [2])], None, 0)
    messages = [problem.message for problem in caught.value.problems]
    assert messages == ["a is varied twice", "workload.load: a range without a step is no grid"]
    with pytest.raises(InputError, match="nothing varies"):
        plan_points([], None, 0)
    with pytest.raises(InputError, match="1000000 points"):
        plan_points([varied("a", "1:1000:1"), varied("b", "1:1000:1")], None, 0)
    with pytest.raises(InputError, match="samples=0"):
        plan_points([LOAD], 0, 0)


@pytest.mark.parametrize(
    ("values", "column", "unit"),
    [
        ("40%:60%:20%", (0.4, 0.6), ""),
        ([0.4, 0.6], (0.4, 0.6), ""),
        ("1 d,36 h", (1.0, 1.5), "d"),
        ("x1,x2", (1.0, 2.0), "x"),
        ("nearest,random", ("nearest", "random"), ""),
        ("1 d,3 GB", ("1 d", "3 GB"), ""),
        ([True, False], ("true", "false"), ""),
        (["60 %", "nearest"], ("60 %", "nearest"), ""),
    ],
)
def test_a_setting_is_a_column_of_numbers_if_it_can_be(values, column, unit):
    which = [varied("a", values)]
    (axis,) = axes_of(which, plan_points(which, None, 0))
    assert (axis.values, axis.unit) == (column, unit)
