"""What surges make of the demand: means over a run and the busiest moment, by hand and against drawn jobs."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.network.weeks import week_of
from hubnet.workload.arrivals import JobClass, Surge, job_blocks
from hubnet.workload.distributions import Choice, Constant
from hubnet.workload.surges import peak, planned_surges, with_surges

HOUR, DAY = 3600.0, 86400.0
ONE = Choice((1,), (1.0,))


def a_class(name: str = "c", rate: float = 1.0, **fields: Any) -> JobClass:
    return JobClass(name, rate, {"A": 1.0, "B": 3.0}, ONE, Constant(10.0), **fields)


def test_entries_of_a_scenario() -> None:
    entry = {"at": 5.0, "lasting": None, "by": 2.0, "surge": ("all",), "regions": None, "name": None}
    other = entry | {"lasting": 7.0, "surge": ("a", "b"), "regions": ("A",), "name": "x"}
    cut = dict.fromkeys(entry) | {"cut": "A-B"}
    assert planned_surges([SimpleNamespace(**one) for one in (entry, cut, other)]) == (
        Surge(5.0, math.inf, 2.0),
        Surge(5.0, 7.0, 2.0, ("a", "b"), ("A",), "x"),
    )


def test_what_a_surge_is_called() -> None:
    assert Surge(0, 1, 3).what == "surge all x3"
    assert Surge(0, 1, 0.5, ("a", "b"), ("A",)).what == "lull a, b in A x0.5"
    assert Surge(0, 1, 3, name="Festival").what == "Festival"


def test_mean_rates_over_a_run() -> None:
    # B has 3 of 4 jobs; three times as many for a tenth of the run are 1.2 times as many there: 0.25 + 0.75 x 1.2
    klass, other = a_class(), a_class("d")
    grown, same = with_surges((klass, other), (Surge(100.0, 50.0, 3.0, ("c",), ("B",)),), 0.0, 500.0)
    assert grown.rate == pytest.approx(1.15)
    assert grown.rate_in("A") == pytest.approx(0.25)
    assert same is other
    (beyond,) = with_surges((klass,), (Surge(400.0, math.inf, 3.0),), 0.0, 500.0)
    assert beyond.rate == pytest.approx(1.4)
    (none,) = with_surges((klass,), (Surge(0.0, math.inf, 0.0),), 0.0, 500.0)
    assert none.rate == 0
    assert with_surges((klass,), (Surge(500.0, math.inf, 9.0),), 0.0, 500.0)[0].rate == pytest.approx(1.0)


def test_a_profile_weighs_the_hours_of_a_surge() -> None:
    # a rate of 0 at night and 2 by day: a surge by day counts twice as much, at night not at all
    klass = a_class(week=week_of([0.0] * 12 + [1.0] * 12, [0.0] * 12 + [1.0] * 12))
    by_day, at_night = (with_surges((klass,), (Surge(at, HOUR, 5.0),), 0.0, DAY)[0].rate for at in (13 * HOUR, HOUR))
    assert by_day == pytest.approx(1 + 4 * 2 / 24)
    assert at_night == pytest.approx(1.0)
    most = peak((klass,), (Surge(11 * HOUR, 3 * HOUR, 5.0),), 0.0, DAY)
    assert most is not None
    assert (most.at, most.rate, most.usual_rate) == pytest.approx((12 * HOUR, 10.0, 2.0))


def test_the_busiest_moment() -> None:
    # at 20 both surges are in force: 1 x (0.25 x 2 + 0.75 x 6) + 0.5 x 2 = 6 jobs/s, which ask for 50 + 1 x 100 devices
    classes = a_class(), JobClass("d", 0.5, {"A": 1.0}, Choice((10,), (1.0,)), Constant(10.0))
    surges = Surge(10.0, 20.0, 3.0, ("c",), ("B",)), Surge(20.0, math.inf, 2.0), Surge(25.0, 1.0, 0.5)
    most = peak(classes, surges, 0.0, 100.0)
    assert most is not None
    assert (most.at, most.rate, most.devices) == pytest.approx((20.0, 6.0, 150.0))
    assert (most.usual_rate, most.usual_devices) == pytest.approx((1.5, 60.0))
    assert peak(classes, surges[2:], 0.0, 100.0) is None
    assert peak(classes, surges, 0.0, 10.0) is None


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 900), st.floats(1, 900), st.sampled_from([0.0, 0.3, 1.0, 2.0, 5.0])), max_size=4),
    st.integers(0, 10**6),
)
def test_as_many_jobs_come_as_are_expected(plans: list[tuple[float, float, float]], seed: int) -> None:
    klass = a_class(rate=5.0)
    surges = [Surge(at, lasting, by, None, ("A",) if i % 2 else None) for i, (at, lasting, by) in enumerate(plans)]
    (grown,) = with_surges((klass,), surges, 0.0, 1000.0)
    blocks = list(job_blocks((klass,), ("A", "B"), seed, 0, 1000.0, surges=surges))
    count = sum(len(block) for block in blocks)
    mean = grown.rate * 1000
    assert abs(count - mean) < 7 * math.sqrt(mean) + 7  # 10^-9 of right counts are beyond, however small their mean
    if blocks and grown.rate:
        share = np.concatenate(blocks)["region"].mean()
        expected = grown.rate_in("B") / grown.rate
        assert abs(share - expected) < 7 * math.sqrt(expected * (1 - expected) / count) + 7 / count
