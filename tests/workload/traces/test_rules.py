"""Which rows are jobs: every rule, wrong units, order, and an oracle that reads line by line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.errors import TableError
from hubnet.workload.traces.read import read_trace

YEAR = 365 * 86400


def table(*rows):
    return "t,n,d\n" + "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def test_one_row_per_rule(read, skipped):
    rows = {
        "number of devices is not a number": (1, "many", 1),
        "number of devices is infinite": (1, "inf", 1),
        "number of devices is not whole": (1, 1.5, 1),
        "number of devices is negative": (1, -1, 1),
        "asks for no devices": (1, 0, 1),
        "more devices than any pool could hold": (1, 1e15, 1),
        "number of devices unknown (empty)": (1, "", 1),
        "run time is not a number": (1, 1, "nan"),
        "run time is infinite": (1, 1, "1e999"),
        "run time is negative": (1, 1, -3),
        "run time unknown (empty)": (1, 1, "NULL"),
        "submit time is negative": (-5, 1, 1),
        "submit time unknown (empty)": (" ", 1, 1),
        "submit time is not a number or a date like the others": ("soon", 1, 1),
        "submit time is infinite": ("inf", 1, 1),
    }
    trace = read(table(*rows.values(), (1, 1, 1)))
    assert len(trace) == 1
    assert skipped(trace) == {reason: (1, (line,)) for line, reason in enumerate(rows, 2)}


def test_jobs_without_devices_can_stay(read):
    assert read(table((0, 0, 1), (1, 1, 1)), without_devices=True).numbers["devices"].tolist() == [0, 1]


def test_a_row_with_several_faults_counts_once(read, skipped):
    assert skipped(read(table((-1, -1, -1), (0, 1, 1)))) == {"submit time is negative": (1, (2,))}


def test_rows_out_of_order_are_sorted_and_said(read):
    trace = read(table((5, 1, 1), (3, 1, 2), (5, 1, 3), (4, 1, 4)))
    assert trace.submit.tolist() == [0, 1, 2, 2]
    assert trace.numbers["work"].tolist() == [2, 4, 1, 3]  # equal times keep the file's order
    assert trace.report.warnings == ("not in order of submit time: 2 rows earlier than the one above; sorted now",)


def test_a_job_of_30_years_is_skipped_if_it_is_the_exception(read, skipped):
    rows = [(i, 1, 60) for i in range(99)] + [(100, 1, 30 * YEAR)]
    assert skipped(read(table(*rows))) == {"runs longer than 365 d": (1, (101,))}
    assert len(read(table(*rows), longest=40 * YEAR)) == 100


def test_many_such_jobs_point_to_a_wrong_unit(read):
    rows = [(i, 1, 3_600_000 * 24 * (i % 10)) for i in range(100)]  # ms: up to nine days
    with pytest.raises(TableError) as caught:
        read(table(*rows))
    (problem,) = caught.value.problems
    # 1 day in ms, read as s, is 1000 days: over a year, so the 90 rows that are not 0
    assert problem.message == "90 of 100 jobs run longer than 365 d (9,000 d in line 11)"
    assert "is the unit of time wrong? say it with time_unit" in problem.hint
    assert problem.line == 11


def test_the_exception_is_one_row_or_one_in_a_hundred(read):
    def count(wrong, rows):
        return [(i, 1, 2 * YEAR if i < wrong else 60) for i in range(rows)]

    assert len(read(table(*count(1, 3)))) == 2
    assert len(read(table(*count(3, 300)))) == 297
    for wrong, rows in ((2, 150), (4, 300)):
        with pytest.raises(TableError, match=f"{wrong} of {rows} jobs run longer"):
            read(table(*count(wrong, rows)))


def test_names_stay_with_their_rows(read):
    text = "t,n,d,c\n0,0,1,a\n1,1,1,b\n2,0,1,c\n3,1,1,d\n2,1,1,a\n4,0,1,z\n"
    trace = read(text, map={"submit": "t", "devices": "n", "work": "d", "class": "c", "site": "c"}, time_unit="s")
    assert [trace.classes[code] for code in trace.names["class"].codes] == ["b", "a", "d"]
    assert [trace.sites[code] for code in trace.names["site"].codes] == ["b", "a", "d"]
    assert trace.classes == ("a", "b", "d")  # classes that have jobs
    assert trace.sites == ("a", "b", "c", "d", "z")  # all sites that the file names


def test_submit_times_far_from_the_others(read, skipped):
    epoch = 1_500_000_000
    trace = read(table((0, 1, 1), *[(epoch + i, 1, 1) for i in range(5)]))
    assert skipped(trace) == {"submit time is over 10 years from the middle of the trace": (1, (2,))}
    assert trace.submit.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(TableError, match="submitted over 10 years from the middle"):  # 109 days in ms, read as s
        read(table(*[(i * 1e8, 1, 1) for i in range(100)]))


def test_run_times_of_0_stay_and_are_said(read):
    trace = read(table((0, 1, 0), (1, 1, 1)))
    assert trace.numbers["work"].tolist() == [0, 1]
    assert "1 job with a run time of 0 s, less than their clock could tell; kept" in trace.report.notes


def test_nothing_is_left(read):
    with pytest.raises(TableError) as caught:
        read(table((0, 1, -1), (0, 0, 1), (1, 0, 1)))
    (problem,) = caught.value.problems
    assert problem.message == "no row of this trace is a job: 2 asks for no devices; 1 run time is negative"
    assert problem.line == 3


def test_the_report_as_text(read):
    trace = read(table((0, 1, 1), (1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 0, 1), (5, 1, "x")))
    lines = trace.report.text()
    assert lines[0].endswith("trace.csv: CSV, 3 columns")
    assert [line.strip() for line in lines[1:]] == [
        "6 read",
        "1 kept",
        "4 skipped: asks for no devices (lines 3, 4, 5, ...)",
        "1 skipped: run time is not a number (line 7)",
    ]


CELLS = st.sampled_from(["0", "1", "2", "3.5", "1e3", "-1", "-7", "", "x", "nan", "inf", "1e12", "1e16", " 4 ", "NA"])
ROWS = st.lists(st.one_of(st.just([]), st.lists(CELLS, min_size=2, max_size=4)), max_size=30)


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return math.nan


def is_job(cells):
    """The rules once more, in plain Python and for one line (but for those that need the whole trace)."""
    if len(cells) != 3:
        return False
    t, n, d = (number(cell) for cell in cells)
    finite = all(math.isfinite(value) for value in (t, n, d))
    return finite and t >= 0 and d >= 0 and n > 0 and n == int(n) and n <= 2**40


@given(rows=ROWS)
def test_every_row_is_kept_or_counted(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    good = [["0", "1", "1"]] * 60  # so that a few odd sizes are exceptions
    lines = [",".join(cells) for cells in [*good, *rows]]
    file.write_text("t,n,d\n" + "\n".join(lines))
    written = [cells for cells in rows if ",".join(cells).strip()]
    table_map = {"submit": {"column": "t", "unit": "s"}, "devices": "n", "work": {"column": "d", "unit": "s"}}
    jobs = [cells for cells in [*good, *written] if is_job(cells)]
    long = [cells for cells in jobs if number(cells[2]) > YEAR]
    far = [cells for cells in jobs if number(cells[0]) > 10 * YEAR]
    if len(long) > 1 or len(far) > 1:
        with pytest.raises(TableError, match="is the unit of time wrong"):
            read_trace(file, table_map)
        return
    report = read_trace(file, table_map).report
    assert report.rows == 60 + len(written)
    assert report.kept == len(jobs) - sum(cells in long or cells in far for cells in jobs)
    assert report.rows == report.kept + sum(s.rows for s in report.skipped)
    assert all(len(s.at) == min(s.rows, 3) for s in report.skipped)
