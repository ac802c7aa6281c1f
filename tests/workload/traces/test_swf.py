"""The Standard Workload Format: header, columns, round trip, and what the header's fields do."""

import gzip
import re
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.errors import TableError
from hubnet.workload.traces import swf, swfsource
from hubnet.workload.traces.lines import line_chunks
from hubnet.workload.traces.read import read_trace
from hubnet.workload.traces.swf import FIELDS, SwfHeader, header_of, read_swf, write_swf

HEADER = """\
; Version: 2.2
; Computer: Old Iron
;Installation: A centre, in the north
; Acknowledge: Ada
; Information: http://one.example/
;              http://two.example/
; MaxJobs: 3
; MaxRecords: 3
; UnixStartTime: 1027839845
; TimeZone: 3600
; TimeZoneString: Europe/Stockholm
; StartTime: Sun Jul 28 09:04:05 CEST 2002
; MaxProcs: 240
; Note: uses MAUI
; Note: twice
; Queue:  1 [fque:1]
; Partition:  1 DEFAULT
; Partition: 2 ALL
; Cake: yes
;;   #  sub  runtime
;
"""


def row(job=1, submit=0, wait=-1, run=10, allocated=1, **fields):
    values = dict.fromkeys(FIELDS, -1) | {
        "job": job,
        "submit": submit,
        "wait": wait,
        "run": run,
        "allocated": allocated,
    }
    return " ".join(str((values | fields)[name]) for name in FIELDS) + "\n"


def test_header():
    header = header_of(HEADER.splitlines())
    assert header.text("version") == "2.2"
    assert header.text("Installation") == "A centre, in the north"
    assert header.text("Information") == "http://one.example/\nhttp://two.example/"
    assert header.number("MaxProcs") == 240
    assert header.number("MaxNodes") is None
    assert header.all("Note") == ["uses MAUI", "twice"]
    assert header.names("Queue") == {1: "[fque:1]"}
    assert header.names("Partition") == {1: "DEFAULT", 2: "ALL"}
    assert header.text("Cake") == "yes"  # unknown fields are kept
    assert header.all("") == ["#  sub  runtime"]


def test_the_date_of_time_0_is_in_the_zone_of_the_log():
    # the deprecated TimeZone forgets summer time: it would make it 08:04
    start = header_of(HEADER.splitlines()).start()
    assert start.isoformat() == "2002-07-28T09:04:05+02:00"
    only_offset = SwfHeader((("UnixStartTime", "1027839845"), ("TimeZone", "3600")))
    assert only_offset.start().isoformat() == "2002-07-28T08:04:05+01:00"
    only_text = SwfHeader((("StartTime", "Sun Jul 28 09:04:05 CEST 2002"),))
    assert only_text.start() == datetime(2002, 7, 28, 9, 4, 5)
    assert SwfHeader((("UnixStartTime", "-1"), ("StartTime", "whenever"))).start() is None


def test_read_columns(tmp_path):
    file = tmp_path / "a.swf"
    file.write_text(HEADER + "  1   0 5\t10.5 4 " + "-1 " * 13 + "\r\n\n \n" + row(2, 7, run=3).strip())
    header, columns = read_swf(file)
    assert header == header_of(HEADER.splitlines())
    assert list(columns) == list(FIELDS)
    assert columns["submit"].tolist() == [0, 7]
    assert columns["wait"].tolist() == [5, -1]
    assert columns["run"].tolist() == [10.5, 3]
    assert columns["think"].tolist() == [-1, -1]


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=9)
values = st.lists(words, min_size=1, max_size=3).map(" ".join)
keys = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,11}", fullmatch=True)
numbers = st.one_of(st.integers(-1, 10**12), st.floats(0, 1e12, width=64), st.just(-1))


@given(
    entries=st.lists(
        st.tuples(keys, st.lists(values.filter(lambda v: not v.startswith("//")), min_size=1, max_size=2))
    ),
    rows=st.lists(st.lists(numbers, min_size=18, max_size=18), min_size=1, max_size=20),
)
def test_round_trip(tmp_path_factory, entries, rows):
    file = tmp_path_factory.mktemp("swf") / "a.swf"
    header = SwfHeader(tuple((key, "\n".join(lines)) for key, lines in entries))
    columns = {name: np.array([float(r[i]) for r in rows]) for i, name in enumerate(FIELDS)}
    write_swf(file, header, columns)
    again, read = read_swf(file)
    assert again == header
    for name in FIELDS:
        assert np.array_equal(read[name], columns[name]), name


def test_what_is_left_out_is_unknown(tmp_path):
    write_swf(tmp_path / "a.swf", SwfHeader(), {"run": np.array([1.5, np.nan])})
    assert (tmp_path / "a.swf").read_text() == ("-1 -1 -1 1.5" + " -1" * 14 + "\n" + "-1 -1 -1 -1" + " -1" * 14 + "\n")
    with pytest.raises(TableError, match="no such fields: devices"):
        write_swf(tmp_path / "a.swf", SwfHeader(), {"devices": np.array([1])})


def test_reading_does_not_depend_on_the_chunks(tmp_path, monkeypatch, read):
    text = HEADER + "".join(row(i, submit=i * 3, run=i % 7, partition=i % 3, queue=1) for i in range(200))
    whole, columns = read(text, "a.swf"), read_swf(tmp_path / "a.swf")[1]
    monkeypatch.setattr(swfsource, "line_chunks", partial(line_chunks, size=97))
    monkeypatch.setattr(swf, "line_chunks", partial(line_chunks, size=61))
    pieces, again = read(text, "a.swf"), read_swf(tmp_path / "a.swf")[1]
    assert pieces.report == whole.report
    assert pieces.sites == whole.sites
    assert np.array_equal(pieces.at, whole.at)
    assert all(np.array_equal(pieces.numbers[key], whole.numbers[key]) for key in whole.numbers)
    assert all(np.array_equal(columns[name], again[name]) for name in FIELDS)


def test_a_whole_file_of_18_numbers_or_an_error_that_quotes_the_line(tmp_path):
    file = tmp_path / "a.swf"
    file.write_text(row(1) + "1 2 3\n" + row(3, run="x"))
    with pytest.raises(TableError) as caught:
        read_swf(file)
    few, letters = caught.value.problems
    assert (few.line, few.message) == (2, "the line '1 2 3' has 3 fields, not 18")
    assert letters.line == 3
    assert "no numbers" in letters.message


def test_header_fields_in_a_trace(read, skipped):
    rows = row(1, partition=2, queue=1) + row(2, submit=5, partition=1, queue=0) + row(3, submit=9, partition=7)
    trace = read(HEADER + rows, "a.swf")
    assert skipped(trace) == {}
    assert trace.report.kind == "Standard Workload Format 2.2"
    assert trace.report.credit.startswith("Ada; A centre, in the north; Old Iron")
    assert trace.sites == ("ALL", "DEFAULT", "partition 7")
    assert [trace.sites[code] for code in trace.names["site"].codes] == ["ALL", "DEFAULT", "partition 7"]
    # queue 1 has a name, 0 has none, and the third job has no queue
    assert [trace.classes[code] for code in trace.names["class"].codes] == ["[fque:1]", "queue 0", "jobs"]
    assert trace.start == datetime.fromisoformat("2002-07-28T09:04:05+02:00")
    assert trace.report.warnings == ()
    assert "the header notes: uses MAUI" in trace.report.notes


def test_times_count_from_the_start_of_the_log(read):
    trace = read(HEADER + row(1, submit=200_000) + row(2, submit=200_060), "a.swf")
    assert trace.submit.tolist() == [200_000, 200_060]
    assert any("the first job comes 2.31 d after the log's start" in note for note in trace.report.notes)


def test_processors_are_those_allocated_or_else_those_requested(read, skipped):
    text = row(1, allocated=4, requested=8) + row(2, allocated=-1, requested=8) + row(3, allocated=-1)
    trace = read(text + row(4, allocated=0, requested=-1), "a.swf")
    assert trace.numbers["devices"].tolist() == [4, 8]
    assert skipped(trace) == {
        "number of devices unknown (-1)": (1, (3,)),
        "asks for no devices": (1, (4,)),
    }


def test_unknown_run_times_and_cancelled_jobs(read, skipped):
    text = row(1, run=-1) + row(2, run=-1, status=5) + row(3, run=0, status=5) + row(4, run=7, status=5)
    text += row(5, run=-3) + row(6, run=2, status=0) + row(7, run=0, status=1) + row(8, submit=-1)
    trace = read(text, "a.swf")
    assert trace.at.tolist() == [4, 6, 7]
    assert skipped(trace) == {
        "cancelled before it ran": (2, (2, 3)),
        "run time unknown (-1)": (1, (1,)),
        "run time is negative": (1, (5,)),
        "submit time unknown (-1)": (1, (8,)),
    }
    assert any("1 job with a run time of 0 s" in note for note in trace.report.notes)


def test_outcomes_can_be_chosen(read, skipped):
    text = "".join(row(i, submit=i, status=status) for i, status in enumerate((1, 0, 5, -1, 1, 17)))
    trace = read(text, "a.swf", status=["completed"])
    assert trace.submit.tolist() == [0, 4]
    assert skipped(trace) == {
        "status is failed": (1, (2,)),
        "status is cancelled": (1, (3,)),
        "status is unknown": (1, (4,)),
        "status is status 17": (1, (6,)),
    }
    hint = "no job has the status 'complete': did you mean 'completed'?"
    assert hint in read(text, "a.swf", status=["complete", "failed"]).report.warnings
    with pytest.raises(TableError, match=r"hint: .*" + re.escape(hint)):
        read(text, "a.swf", status=["complete"])


def test_parts_of_a_job_that_has_a_line_of_its_own_are_left_out(read, skipped):
    text = row(1, run=30, status=1) + row(1, run=10, status=2) + row(1, submit=-1, run=20, status=3) + row(2, submit=50)
    trace = read("; Preemption: Double\n; MaxJobs: 2\n; MaxRecords: 4\n" + text, "a.swf")
    assert trace.numbers["work"].tolist() == [30, 10]
    assert skipped(trace) == {"part of a preempted job that has a line of its own": (2, (3 + 2, 3 + 3))}
    assert trace.report.warnings == ()


def test_parts_alone_become_one_job(read, skipped, monkeypatch):
    text = row(9, run=1) + row(1, submit=3, run=10, status=2) + row(1, submit=-1, run=20, status=2)
    text += row(1, submit=-1, run=5, status=4) + row(2, submit=50, run=2) + row(3, submit=60, run=-1, status=2)
    trace = read(text, "a.swf")
    assert trace.submit.tolist() == [0, 3, 50]
    assert trace.numbers["work"].tolist() == [1, 10 + 20 + 5, 2]
    assert trace.at.tolist() == [1, 2, 5]
    assert not any("order" in warning for warning in trace.report.warnings)
    assert skipped(trace) == {
        "later part of a preempted job: its time was added to the first": (2, (3, 4)),
        "run time unknown (-1)": (1, (6,)),
    }
    monkeypatch.setattr(swfsource, "line_chunks", partial(line_chunks, size=40))  # parts in different chunks
    assert read(text, "a.swf").report == trace.report


def test_more_processors_than_the_machine_has(read, skipped):
    few = "".join(row(i, submit=i) for i in range(1, 200)) + row(200, submit=200, allocated=241)
    assert skipped(read("; MaxProcs: 240\n" + few, "a.swf")) == {
        "more processors than the machine has (MaxProcs: 240)": (1, (201,))
    }
    assert skipped(read("; MaxNodes: 240\n" + few, "a.swf")) == {
        "more processors than the machine has (MaxNodes: 240)": (1, (201,))
    }
    # MaxProcs goes before MaxNodes: a node may have several processors
    assert skipped(read("; MaxNodes: 240\n; MaxProcs: 480\n" + few, "a.swf")) == {}
    many = read("; MaxProcs: 240\n" + "".join(row(i, allocated=i % 2 * 500 + 1) for i in range(10)), "a.swf")
    assert skipped(many) == {}
    assert many.report.warnings == (
        "5 jobs with more processors than the machine has (MaxProcs: 240): the header is not believed, they stay",
    )


def warned(read, header, rows):
    return read(header + rows, "a.swf").report.warnings


def test_headers_that_lie(read):
    assert warned(read, "; MaxJobs: 527371\n", row()) == ("the header promises 527,371 (MaxJobs), the file has 1 row",)
    assert warned(read, "; MaxRuntime: 9\n", row(run=10)) == ("1 job ran longer than MaxRuntime (9 s); kept",)
    over = row(requested_time=5, run=10)
    assert warned(read, "; AllowOveruse: Yes\n", over) == ()
    assert "1 job ran longer than requested" in warned(read, "; AllowOveruse: No\n", over)[0]
    assert "time slices" in warned(read, "; Preemption: TS\n", row())[0]
    assert warned(read, "; Version: 7\n", row()) == ("the header says version 7; it was read as 2.2",)
    assert (
        "time zone 'Mars/Olympus' is not known"
        in warned(read, "; UnixStartTime: 0\n; TimeZoneString: Mars/Olympus\n", row())[0]
    )
    assert (
        "StartTime (2005-11-20 00:00:05) is not UnixStartTime"
        in warned(read, "; UnixStartTime: 0\n; StartTime: Sun Nov 20 00:00:05 GMT 2005\n", row())[0]
    )
    dates = "; StartTime: Sun Nov 20 00:00:05 GMT 2005\n; EndTime: Mon Dec 05 10:30:24 GMT 2005\n"
    assert "15.4 d apart (StartTime, EndTime); the rows end after 0 d" in warned(read, dates, row())[0]
    assert warned(read, dates, row(submit=15 * 86400)) == ()
    assert warned(read, "; MaxPartitions: 1\n", row(partition=1) + row(2, partition=2)) == (
        "the header counts 1 partition (MaxPartitions), the rows name 2",
    )
    assert warned(read, "; Version: 2.2\n", row(1) + row(1)) == (
        "1 row with a job number that was there before; kept as jobs of their own",
    )
    assert "the file has no header" in warned(read, "", row())[0]


def test_a_map_says_what_is_different(read):
    text = "; Partition: 1 a\n" + row(1, user=5, allocated=16, run=2, partition=1, group=-1)
    trace = read(text, "a.swf", {"devices": {"column": "processors", "per": 8}, "site": "user", "hub": "partition"})
    assert trace.numbers["devices"].tolist() == [2]
    assert trace.sites == ("user 5",)
    assert trace.names["hub"].names == ("a",)
    # a log in ms, against the standard
    assert read(text, "a.swf", time_unit="ms").numbers["work"].tolist() == [0.002]


def test_gzip_is_told_by_its_bytes(tmp_path, read):
    packed = gzip.compress((HEADER + row()).encode())
    assert len(read(packed, "a.swf.gz")) == len(read(packed, "a.swf")) == 1
    assert len(read(HEADER + row(), "a.swf.gz")) == 1
    with pytest.raises(TableError, match="cut short"):
        read(packed[:-9], "a.swf.gz")
    with pytest.raises(TableError, match="damaged"):
        read(packed[:40] + bytes(len(packed) - 40), "a.swf.gz")


def test_text_that_is_not_utf8(read):
    assert "Åke" in read("; Acknowledge: Åke\n".encode("latin-1") + row().encode(), "a.swf").report.credit


def test_not_swf(read):
    with pytest.raises(TableError) as caught:
        read("t,n,d\n1,2,3\n", "a.swf")
    (problem,) = caught.value.problems
    assert (problem.line, problem.message) == (1, "the line 't,n,d' has 1 field, not 18")
    with pytest.raises(TableError, match="is a job: it has none"):
        read("; Version: 2.2\n", "a.swf")


def test_dates_in_the_year_that_the_header_says(read):
    trace = read("; UnixStartTime: 0\n" + row(submit=60), "a.swf")
    assert trace.start + timedelta(seconds=float(trace.submit[0])) == datetime.fromisoformat(
        "1970-01-01T00:01:00+00:00"
    )


LINES = st.one_of(
    st.builds(
        row,
        submit=st.sampled_from([-1, 0, 7, 7.25, "1e2", "x", "nan"]),
        run=st.sampled_from([-1, 0, 5, 1e3, "-4", "inf", "0x5"]),
        allocated=st.sampled_from([-1, 0, 1, 3, 2.5]),
        requested=st.sampled_from([-1, 0, 4]),
        status=st.sampled_from([-1, 0, 1, 5]),
        user=st.sampled_from([-1, 2, "?"]),
    ),
    st.sampled_from(["\n", " \t \n", "; Note: 1 2 3\n", "  ; x\n", "1 2 3\n", "x\n", row().strip() + " 19\n", "\r\n"]),
)


def plain_job(line):
    """(submit, devices, run) of a line if it is a job, else None: the rules once more, for one line."""
    fields = line.split()
    if len(fields) != 18:
        return None
    try:
        submit, run, allocated, requested, status = (float(fields[FIELDS.index(name)]) for name in NEEDED)
    except ValueError:
        return None
    devices = allocated if allocated > 0 else requested if requested > 0 else allocated
    cancelled = status == 5 and not run > 0
    known = 0 <= submit < np.inf and 0 <= run < np.inf and devices > 0 and devices == int(devices)
    return (submit, devices, run) if known and not cancelled else None


NEEDED = ("submit", "run", "allocated", "requested", "status")


@given(lines=st.lists(LINES, max_size=25), size=st.integers(20, 300))
def test_every_line_is_kept_or_counted(tmp_path_factory, lines, size):
    file = tmp_path_factory.mktemp("swf") / "a.swf"
    lines = [row(), *lines]
    file.write_text("".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swfsource, "line_chunks", partial(line_chunks, size=size))
        trace = read_trace(file)
    report = trace.report
    assert report.rows == sum(bool(line.strip()) and not line.strip().startswith(";") for line in lines)
    assert report.rows == report.kept + sum(s.rows for s in report.skipped)
    jobs = sorted(job for line in lines if (job := plain_job(line)))
    read = zip(trace.submit, trace.numbers["devices"], trace.numbers["work"], strict=True)
    assert sorted(tuple(map(float, job)) for job in read) == jobs
