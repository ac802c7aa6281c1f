"""When there are enough replications: the rule by hand, and what sequential stopping does to the intervals."""

import numpy as np
import pytest
from scipy import stats

from hubnet.errors import InputError
from hubnet.study.measures import Value, t_interval
from hubnet.study.precision import LEAST, Rule


def values(*samples):
    return {name: [Value(x) for x in sample] for name, sample in zip("abc", samples, strict=False)}


def test_never_before_the_tenth_replication():
    steady = [100.0, 100.1] * 5
    assert Rule(0.05).outcome(values(steady[:9])) is None
    reached = Rule(0.05).outcome(values(steady))
    assert reached is not None
    assert (reached.replications, reached.reason) == (10, "")


def test_the_share_is_divided_by_one_plus_itself():
    sample = np.linspace(90, 110, 12).tolist()
    mean, low, high = t_interval(sample)
    half = (high - low) / 2 / mean
    enough = half / (1 - half)  # g / (1 + g) = half
    assert Rule(1.001 * enough).outcome(values(sample)) is not None
    assert Rule(0.999 * enough).outcome(values(sample)) is None, "half is below g, and above g / (1 + g)"
    assert half < 0.999 * enough


def test_every_run_has_to_be_known():
    steady, wild = [100.0, 100.1] * 6, [50.0, 150.0] * 6
    assert Rule(0.05, most=20).outcome(values(steady, wild)) is None
    reached = Rule(0.05, most=12).outcome(values(steady, wild))
    assert reached is not None
    assert reached.run == "b"
    assert "was not reached" in reached.words()
    assert reached.shown()["reached"] is False


def test_what_is_always_zero_is_known():
    reached = Rule(0.05).outcome(values([0.0] * 10))
    assert reached is not None
    assert reached.reason == ""


def test_what_will_never_have_an_interval_is_told_at_once():
    reached = Rule(0.05).outcome({"a": [Value(1.0)] * 9 + [Value(2.0, True)]})
    assert reached is not None
    assert "cannot be reached" in reached.words()
    assert reached.shown()["widest"] is None


def test_all_that_is_wrong_is_said():
    with pytest.raises(InputError) as caught:
        Rule(precision=1.5, most=1)
    assert len(caught.value.problems) == 2


def test_stopping_early_costs_little_coverage():
    # normal, exponential: mean 1; known within 20%: between 10 and some hundred replications
    rng = np.random.default_rng(4)
    for draw, deviation in ((lambda: rng.normal(1, 0.5), 0.5), (lambda: rng.exponential(1), 1.0)):
        held, numbers = 0, []
        for _ in range(300):
            sample = [draw() for _ in range(LEAST)]
            while (reached := Rule(0.2, most=1000).outcome(values(sample))) is None:
                sample.append(draw())
            assert reached.reason == ""
            _, low, high = t_interval(sample)
            held, numbers = held + (low <= 1 <= high), [*numbers, len(sample)]
        assert held >= stats.binom.ppf(0.001, 300, 0.91)  # Law and Kelton measured such losses for this rule
        expected = (1.96 * deviation * 1.2 / 0.2) ** 2
        assert 0.75 * expected < np.mean(numbers) < 1.3 * expected
