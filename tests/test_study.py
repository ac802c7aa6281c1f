"""Studies: the verb, paired differences by hand, and what replications may and may not say."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import hubnet as hn
from hubnet.study.measures import Value, t_interval, written
from hubnet.study.study import paired

SCENARIO = Path(__file__).parent.parent / "scenarios" / "two-hubs.yaml"


@pytest.fixture(scope="module")
def small():
    return hn.load(SCENARIO, ["clock.horizon=30 min", "clock.warmup=0 s"])


@pytest.fixture(scope="module")
def runs(small):
    return hn.study(small, replications=4)


def test_the_verb_works_after_its_package_was_imported(small, runs):
    assert list(runs.results) == list(small.allocations)
    assert runs.replications == 4


def test_differences_are_paired(runs):
    means = {
        name: np.array([result.measures["response_s", "mean"].value for result in results])
        for name, results in runs.results.items()
    }
    gaps = means["north"] - means["as-built"]
    low, high = stats.t.interval(0.95, 3, gaps.mean(), stats.sem(gaps))
    row = runs.difference("response_s.mean", against="as-built").iloc[0]
    assert (row["allocation"], row["difference"]) == ("north", pytest.approx(gaps.mean()))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_unknown_measures_and_allocations_are_explained(runs):
    with pytest.raises(hn.InputError, match=r"response_s\.p99"):
        runs.difference("response.p99")
    with pytest.raises(hn.InputError, match="as-built"):
        runs.difference("response_s.mean", against="east")


def test_t_interval_against_scipy():
    sample = [1.0, 2.5, 2.0, 4.0]
    mean, low, high = t_interval(sample)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 3, np.mean(sample), stats.sem(sample)))
    assert mean == np.mean(sample)


def test_forms_of_a_measure():
    assert written([Value(None)]) is None
    assert written([Value(3)]) == {"value": 3}
    assert written([Value(3.0, True)]) == {"value": 3.0, "at_least": True}
    assert set(written([Value(3.0), Value(4.0)])) == {"value", "ci95"}
    assert written([Value(3.0), Value(5.0, True)]) == {"value": 4.0, "at_least": True}


def test_a_difference_of_a_lower_bound_is_not_known():
    assert paired([Value(3.0), Value(5.0, True)], [Value(1.0), Value(1.0)]) == [Value(None), Value(None)]
    assert paired([Value(3.0), Value(5.0)], [Value(1.0), Value(1.5)]) == [Value(2.0), Value(3.5)]
