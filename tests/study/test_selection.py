"""Which run is best: by hand, and how often the statement is wrong on normal examples with known means."""

import math

import numpy as np
import pytest
from scipy import stats

from hubnet.study.many import t_quantile
from hubnet.study.selection import best, needed_replications
from hubnet.study.verdict import comparison

WRONG = 0.05
STUDIES = 2000
LIMIT = stats.binom.ppf(0.9999, STUDIES, WRONG)  # errors in so many studies, if each is wrong with 5%


def studies(means, replications, seed=1, spread=1.0):
    """Studies of runs with these means; the jobs that they share make half of the variance."""
    rng = np.random.default_rng(seed)
    for _ in range(STUDIES):
        common = rng.normal(size=replications)
        yield {
            name: (mean + spread * (common + rng.normal(size=replications))).tolist()
            for name, mean in zip("abcdefgh", means, strict=False)
        }


def test_two_runs_by_hand():
    # differences b - a: 1, 2, 3: mean 2, standard deviation 1; t(0.95, 2) = 2.9200; 2.92 / sqrt(3) = 1.686 < 2
    found = best({"a": [1.0, 1.0, 1.0], "b": [2.0, 3.0, 4.0]})
    assert (found.name, found.candidates, found.behind, found.sure) == ("a", ("a",), 0.0, True)
    # differences 0, 2, 4: standard deviation 2, width 3.372: none is excluded, and b may be 3.372 - 2 better than a
    found = best({"a": [1.0, 1.0, 1.0], "b": [1.0, 3.0, 5.0]})
    assert (found.name, found.candidates, found.sure) == ("a", ("a", "b"), False)
    assert found.behind == pytest.approx(2.919986 * 2 / math.sqrt(3) - 2, abs=1e-5)
    assert found.within(1.4)
    assert not found.within(1.3)
    # 2 sd t(0.95, n - 1) / sqrt(n) < 2 needs n = 5: t(0.95, 4) = 2.132 < sqrt(5); t(0.95, 3) = 2.353 > 2
    assert found.needed == 5


def test_more_is_better_turns_everything_around():
    samples = {"a": [1.0, 1.0, 1.0], "b": [2.0, 3.0, 4.0]}
    assert best(samples, less=False).name == "b"
    assert best(samples, less=False).sure


def test_runs_that_are_the_same_cannot_be_told_apart():
    found = best({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    assert (found.candidates, found.needed, found.behind) == (("a", "b"), None, 0.0)
    # differences -1, -2, -6 of b: mean -3, standard deviation sqrt(7); best asks for 2.920 sqrt(7 / 3) = 4.46 > 3: no.
    # With -2, -3, -4: 2.920 / sqrt(3) = 1.69 < 3 for one side, and 4.303 / sqrt(3) = 2.48 < 3 for both.
    # With -2, -4, -6: mean -4, 3.37 < 4 for one side, but 4.97 > 4 for both.
    for gaps, sure, one_sided in (([1, 2, 6], False, False), ([2, 3, 4], True, False), ([2, 4, 6], True, True)):
        told = comparison("response_s.mean", {"a": [9.0] * 3, "b": [9.0 - gap for gap in gaps]}, "a").words()
        assert ("it is the best of 2" in told) == sure
        assert ("one side" in told) == one_sided
    words = comparison("response_s.mean", {"a": [1.0, 2.0], "b": [1.0, 2.0]}, "a").words()
    assert words == "a and b have the same mean response in each of 2 replications."


@pytest.mark.parametrize("means", [(0, 0, 0, 0), (0, 1, 1, 1), (0, 0.2, 0.4, 3)], ids=str)
@pytest.mark.parametrize("replications", [5, 20])
def test_statements_are_wrong_no_more_often_than_they_may(means, replications):
    excluded = behind = 0
    for samples in studies(means, replications):
        found = best(samples)
        excluded += "a" not in found.candidates
        behind += means["abcd".index(found.name)] - min(means) > found.behind
    assert excluded <= LIMIT
    assert behind <= LIMIT


def test_the_best_is_found_when_there_are_as_many_replications_as_were_said_to_be_needed():
    # three runs worse by the indifference zone 0.8: the least favourable case; differences have the variance 2
    n = needed_replications(0.8, math.sqrt(2), 1 - WRONG / 3)
    found = [best(samples) for samples in studies((0, 0.8, 0.8, 0.8), n)]
    wrong = sum(one.name != "a" for one in found)
    assert wrong <= LIMIT, "the probability of correct selection is less than 95%"
    assert sum(one.sure for one in found) > 0.2 * STUDIES, "as good as never sure: the test would pass for any rule"
    assert sum(one.sure and one.name != "a" for one in found) <= stats.binom.ppf(0.9999, STUDIES, 0.01)


def test_the_number_needed_is_the_first_that_is_enough():
    for gap, deviation in ((0.5, 1.0), (0.1, 1.0), (3.0, 1.0), (0.01, 0.5)):
        n = needed_replications(gap, deviation, 0.975)
        assert t_quantile(0.975, n - 1) * deviation / math.sqrt(n) < gap
        assert n == 2 or t_quantile(0.975, n - 2) * deviation / math.sqrt(n - 1) >= gap
    assert needed_replications(0.0, 1.0, 0.975) is None


def test_the_verdict_in_words():
    base = [10.0, 11.0, 12.0, 13.0, 14.0]
    samples = {"as-built": base, "west": [x - 1.2 - 0.01 * i for i, x in enumerate(base)]}
    words = comparison("response_s.mean", samples, "as-built").words()
    # mean 1.22 of 12, t interval of 0, 0.01 ... 0.04: 1.22 +- 2.776 x 0.0158 / sqrt(5) = 0.0196
    assert words == (
        "west has the least mean response: 10.2 % [10, 10.3] less than as-built; "
        "with 95 % confidence it is the best of 2."
    )
    samples = {"as-built": base, "west": [10.0, 11.5, 11.0, 13.5, 13.5]}
    words = comparison("response_s.mean", samples, "as-built").words()
    assert "5 replications cannot tell it apart from as-built" in words
    assert "would be needed, if the differences stay what they are." in words
    few = comparison("response_s.mean", {name: sample[1:] for name, sample in samples.items()}, "as-built").words()
    assert "a rough guess: 4 say little" in few
    near = comparison("response_s.mean", samples, "as-built", indifference=2.0).words()
    assert "within the 2 s that do not matter" in near


def test_the_verdict_about_the_baseline_and_about_shares():
    samples = {"as-built": [0.9, 0.91, 0.92], "west": [0.8, 0.81, 0.83]}
    found = comparison("deadline_met", samples, "as-built")
    assert not found.less
    assert found.words().startswith("as-built has the highest deadlines met, of those decided: west has 10.6 % [")
    assert found.words().endswith("with 95 % confidence it is the best of 2.")
    zero = comparison("jobs.rejected", {"a": [0.0, 0.0, 0.0], "b": [4.0, 5.0, 6.0]}, "a").words()
    assert "b has 5 [2.52, 7.48] more than a" in zero
