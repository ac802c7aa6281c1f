"""Time and work scaled, cuts, samples, repeats: small cases by hand, and the count of jobs over all of them."""

import math
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hubnet.errors import TableError
from hubnet.workload.traces.report import Report
from hubnet.workload.traces.trace import Names, Trace
from hubnet.workload.traces.transform import cut, hashed, repeat, sample, scale_time, scale_work

DAY = 86400.0


def a_trace(submit, **numbers):
    submit = np.array(submit, float)
    count = len(submit)
    return Trace(
        {"submit": submit, "devices": np.ones(count, int), "work": np.arange(count) + 1.0, **numbers},
        {"class": Names(np.zeros(count, np.int32), ("jobs",)), "site": Names(np.arange(count) % 2, ("a", "b"))},
        np.arange(2, count + 2),
        float(submit[-1]),
        Report("file", "kind", "line", count, count, ()),
        datetime(2025, 6, 2),
    )


def test_scale_time_moves_jobs_closer_and_leaves_their_work():
    trace = scale_time(repeat(a_trace([0, 10, 30]), 50), 2)
    assert trace.submit.tolist() == [0, 5, 15]
    assert trace.numbers["work"].tolist() == [1, 2, 3]
    assert (trace.length, trace.every) == (15, 25)


def test_scale_work_scales_deadlines_of_rows_with_it():
    trace = scale_work(a_trace([0, 10], deadline=np.array([5.0, np.inf])), 3)
    assert trace.numbers["work"].tolist() == [3, 6]
    assert trace.numbers["deadline"].tolist() == [15, np.inf]


def test_cut_takes_from_including_to_excluding():
    trace = cut(a_trace([0, 10, 20, 30]), 10, 30)
    assert trace.submit.tolist() == [0, 10]
    assert trace.at.tolist() == [3, 4]
    assert trace.names["site"].codes.tolist() == [1, 0]
    assert trace.length == 20
    assert trace.start == datetime(2025, 6, 2, 0, 0, 10)
    assert cut(a_trace([0, 10, 20, 30]), 10).length == 20
    assert cut(a_trace([0, 10])).submit.tolist() == [0, 10]


def test_what_cannot_be_done():
    trace = a_trace([0, 10])
    for wrong in (
        lambda: cut(trace, 11, 20),
        lambda: cut(trace, 5, 5),
        lambda: cut(trace, -1, 5),
        lambda: cut(repeat(trace, 20), 0, 5),
        lambda: repeat(trace, 5),
        lambda: repeat(a_trace([0])),
        lambda: repeat(trace, math.inf),
        lambda: sample(trace, 0),
        lambda: sample(trace, 1.1),
        lambda: scale_time(trace, 0),
        lambda: scale_work(trace, math.nan),
    ):
        with pytest.raises(TableError):
            wrong()


@pytest.mark.parametrize(
    ("length", "every"),
    [
        (109 * DAY, 112 * DAY),  # 16 weeks are 2.8 % more
        (57.3 * DAY, 58 * DAY),  # 9 weeks would be 10 % more
        (10.999 * DAY, 11 * DAY),
        (7 * DAY, 7 * DAY),
        (25.5 * 3600, 26 * 3600),
        (3501.7, 3600),
        (95.2, 96),
        (0.25, 0.25),  # a second would be four times as long
    ],
)
def test_a_trace_starts_anew_after_whole_weeks_days_hours(length, every):
    assert repeat(a_trace([0, length])).every == every


def test_the_report_says_when_the_hours_drift():
    assert "drift" in repeat(a_trace([0, 25.5 * 3600])).report.changes[-1].what
    assert "drift" not in repeat(a_trace([0, 6.9 * DAY])).report.changes[-1].what


def test_jobs_before_a_horizon():
    trace = a_trace([0, 10, 10, 30])
    assert [trace.jobs_before(t) for t in (0, 5, 10, 10.1, 31, math.inf)] == [0, 1, 1, 3, 4, 4]
    assert [trace.device_seconds(t) for t in (10, 10.1, math.inf)] == [1, 1 + 2 + 3, 10]
    again = repeat(trace, 40)  # 0 10 10 30, 40 50 50 70, 80
    assert again.device_seconds(50.1) == 10 + 1 + 2 + 3
    tight = repeat(a_trace([0, 10]), 10)  # 0 10, 10 20, 20 30
    assert [tight.jobs_before(t) for t in (10, 10.1, 20, 20.1, 30)] == [1, 3, 3, 5, 5]
    with pytest.raises(TableError, match="never ends"):
        again.jobs_before(math.inf)
    assert [again.jobs_before(t) for t in (0, 40, 40.1, 50.1, 80, 80.1)] == [0, 4, 5, 7, 8, 9]


def test_a_smaller_sample_is_part_of_a_larger_one():
    trace = a_trace(range(10_000))
    tenth, half, other = sample(trace, 0.1), sample(trace, 0.5), sample(trace, 0.1, salt=1)
    assert set(tenth.at.tolist()) < set(half.at.tolist())
    assert set(tenth.at.tolist()) != set(other.at.tolist())
    # a job stays in the sample whatever is done before
    assert set(sample(cut(trace, 500, 900), 0.1).at.tolist()) == set(tenth.at.tolist()) & set(range(502, 902))
    assert sample(trace, 1).at.tolist() == trace.at.tolist()


def test_the_hash_is_uniform_and_independent_of_its_neighbour():
    u = hashed(np.arange(100_000), 0)  # false alarms: 1 in 1000
    assert stats.kstest(u, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 3.3 / math.sqrt(100_000)


@given(
    submit=st.lists(st.floats(0, 1e6), min_size=1, max_size=50).map(sorted),
    share=st.floats(0.01, 1),
    speed=st.floats(0.1, 10),
    edges=st.tuples(st.floats(0, 2e6), st.floats(0, 2e6)).map(sorted).filter(lambda e: e[0] + 1 <= e[1]),
)
def test_no_job_appears_or_disappears_unsaid(submit, share, speed, edges):
    trace = a_trace(submit)
    sampled = trace.take(hashed(trace.at, 0) < share)
    assert len(sample(trace, share)) == len(sampled)
    faster = scale_time(trace, speed)
    assert len(faster) == len(trace)
    start, end = edges
    inside = [t for t in faster.submit if start <= t < end]
    if not inside:
        with pytest.raises(TableError, match="no job is submitted from"):
            cut(faster, start, end)
        return
    parts = [cut(faster, *part) for part in ((0, start), (start, end), (end, math.inf)) if _any(faster, *part)]
    assert sum(len(part) for part in parts) == len(faster)
    assert sorted(row for part in parts for row in part.at.tolist()) == faster.at.tolist()
    again = repeat(cut(faster, start, end), (end - start) * 1.5)
    assert again.jobs_before(7.5 * (end - start) * 1.000001) >= 5 * len(inside)
    counts = [(change.before, change.after) for change in again.report.changes]
    assert counts[0] == (len(trace), len(trace))
    assert counts[1] == (len(trace), len(inside))
    assert all(earlier[1] == later[0] for earlier, later in pairwise(counts))
    assert counts[-1][1] == len(again)


def _any(trace, start, end):
    return start < end and any(start <= t < end for t in trace.submit)
