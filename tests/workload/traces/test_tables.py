"""CSV and Parquet: maps, units, dates, and cells that cannot be read."""

import gzip
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hubnet.errors import TableError
from hubnet.workload.traces import sources
from hubnet.workload.traces.lines import line_chunks
from hubnet.workload.traces.read import read_trace

MS = {"submit": "t", "devices": "n", "work": "d"}


def test_a_table_in_ms(read):
    trace = read("t,n,d\n1000,1,2500\n4000,8,1\n", map=MS, time_unit="ms")
    assert trace.submit.tolist() == [0, 3]
    assert trace.numbers["devices"].tolist() == [1, 8]
    assert trace.numbers["work"].tolist() == [2.5, 0.001]
    assert trace.start is None
    assert "the first job is submitted at 1 s in the file: that is time 0 here" in trace.report.notes


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 1e-3), ("us", 1e-6), ("min", 60), ("h", 3600), ("d", 86400)]
)
def test_units_of_time(read, unit, factor):
    trace = read("t,n,d\n0,1,3\n", map={**MS, "work": {"column": "d", "unit": unit}}, time_unit="s")
    assert trace.numbers["work"].tolist() == [3 * factor]


def test_line_ends_quotes_blank_lines_and_the_byte_order_mark(read, skipped):
    text = '\ufeff t , n,"d",where\r\n1,1,2,"a, ""b"""\r\n\r\n 2 ,1, 3 , c\r\n'
    trace = read(text, map={"submit": "t", "devices": "n", "work": "d", "site": "where"}, time_unit="s")
    assert skipped(trace) == {}
    assert trace.submit.tolist() == [0, 1]
    assert trace.sites == ('a, "b"', "c")
    assert trace.at.tolist() == [2, 4]


@pytest.mark.parametrize(("mark", "said"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators(read, mark, said):
    trace = read("t,n,d\n0,1,2\n".replace(",", mark))
    assert trace.numbers["work"].tolist() == [2]
    assert said in trace.report.kind


def test_rows_that_are_not_whole(read, skipped):
    text = 't,n,d\n0,1,2\n1,1\n2,1,3,4\n3,1,"5\n4",1,6\n5,1,7\r8,1,9\n6,1,8\n'
    trace = read(text)
    assert trace.submit.tolist() == [0, 6]
    assert skipped(trace) == {
        "has 2 cells, not 3": (1, (3,)),
        "has 4 cells, not 3": (1, (4,)),
        "has a quote that is not closed on its line": (2, (5, 6)),
        "has a stray carriage return": (1, (7,)),
    }


def test_reading_does_not_depend_on_the_chunks(read, monkeypatch):
    lines = [f"{i},{i % 3},{i % 5}" + ",9" * (i % 7 == 0) for i in range(300)]
    text = "t,n,d\n" + "\n".join(lines)
    whole = read(text)
    monkeypatch.setattr(sources, "line_chunks", lambda path, size=31: line_chunks(path, 31))
    pieces = read(text)
    assert pieces.report == whole.report
    assert all(np.array_equal(pieces.numbers[key], whole.numbers[key]) for key in whole.numbers)


def test_dates_with_a_fraction_of_seven_digits(read):
    trace = read(
        "t,n,d\n2023-11-16 18:17:03.9799600,1,1\n2023-11-16 18:17:04.0319601,1,1\n", map={**MS, "work": {"is": "5 s"}}
    )
    assert trace.submit.tolist() == pytest.approx([0, 0.0520001], abs=1e-12)
    assert trace.start == datetime(2023, 11, 16, 18, 17, 3, 979960)
    assert trace.numbers["work"].tolist() == [5, 5]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2025-06-02T18:30:00Z", datetime(2025, 6, 2, 18, 30, tzinfo=UTC)),
        ("2025-06-02 18:30:00+08:00", datetime(2025, 6, 2, 10, 30, tzinfo=UTC)),
        ("2025-06-02 18:30", datetime(2025, 6, 2, 18, 30)),
        ("2025-06-02", datetime(2025, 6, 2)),
    ],
)
def test_dates(read, text, start):
    assert read(f"t,n,d\n{text},1,1\n", map=MS, time_unit="s").start == start


def test_dates_that_do_not_exist_or_are_not_like_the_others(read, skipped):
    dates = ["2024-02-29", "2023-02-29", "2024-02-30 10:00", "2024-02-28T10:00:00Z", "29.2.2024", "", "2024-02-28"]
    trace = read("t,n,d\n" + "".join(f"{day},1,1\n" for day in dates), map=MS, time_unit="s")
    assert trace.submit.tolist() == [0, 86400]
    assert trace.at.tolist() == [8, 2]
    assert skipped(trace) == {
        "submit time is not a number or a date like the others": (4, (3, 4, 5)),
        "submit time unknown (empty)": (1, (7,)),
    }


def test_the_time_between_two_columns_and_a_deadline_at_a_date(read, skipped):
    text = (
        "t,from,to,due,n\n2024-01-01,2024-01-01 01:00,2024-01-01 03:00,2024-01-02,1\n2024-01-01,2024-01-01 02:00,,,1\n"
    )
    table = {"submit": "t", "devices": "n", "work": {"from": "from", "to": "to"}, "deadline": "due"}
    trace = read(text, map=table)
    assert trace.numbers["work"].tolist() == [7200]
    assert trace.numbers["deadline"].tolist() == [86400]
    assert skipped(trace) == {"run time unknown (empty)": (1, (3,))}
    ms = {"submit": {"column": "t", "unit": "s"}, "devices": 1, "work": {"from": "a", "to": "b", "unit": "ms"}}
    assert read("t,a,b\n0,1500,2500\n", map=ms).numbers["work"].tolist() == [1]


def test_dates_and_numbers_do_not_mix(read, tmp_path):
    table = {"submit": "t", "devices": "n", "work": "d", "deadline": "due"}
    with pytest.raises(TableError, match=r"map.deadline: it holds dates, but submit times are numbers"):
        read("t,n,d,due\n0,1,1,2024-01-01\n", map=table, time_unit="s")
    columns = {"t": [datetime(2025, 6, 2)], "n": [1], "d": [1], "due": [datetime(2025, 6, 2, tzinfo=UTC)]}
    with pytest.raises(TableError, match="some columns of dates name their time zone"):
        parquet(tmp_path, table, columns, time_unit="s")


def test_sizes_rates_sums_and_constants(read):
    trace = read(
        "t,out,in,cores\n0,50,5000,8\n1,25,0,9\n",
        map={
            "submit": {"column": "t", "unit": "s"},
            "devices": {"column": "cores", "per": 8},
            "work": [{"column": "out", "per": "25 /s"}, {"column": "in", "per": "5000/s"}],
            "input": {"column": "in", "unit": "4 B"},
            "output": {"is": "2 MB"},
            "wave": {"is": "10 Gbit/s"},
            "class": {"is": "chat"},
            "runs_on": {"is": "gpu"},
        },
    )
    assert trace.numbers["devices"].tolist() == [1, 2]  # rounded up
    assert trace.numbers["work"].tolist() == [3, 1]
    assert trace.numbers["input"].tolist() == [160_000, 0]
    assert trace.numbers["output"].tolist() == [16e6, 16e6]
    assert trace.numbers["wave"].tolist() == [1e10, 1e10]
    assert trace.classes == ("chat",)
    assert trace.names["runs_on"].names == ("gpu",)


def test_empty_cells_of_what_may_be_empty(read, skipped):
    text = "t,n,d,in,due,what\n0,1,1,5,9,a\n1,1,1,,NA,\n2,1,1,x,9,a\n3,1,1,-1,9,a\n4,1,1,1,-2,a\n5,1,1,inf,9,b\n"
    table = {"input": {"column": "in", "unit": "B"}, "deadline": {"column": "due", "unit": "s"}, "class": "what"}
    trace = read(text, map={**MS, **table}, time_unit="s")
    assert trace.numbers["input"].tolist() == [40, 0]
    assert trace.numbers["deadline"].tolist() == [9, np.inf]
    assert [trace.classes[code] for code in trace.names["class"].codes] == ["a", "jobs"]
    assert skipped(trace) == {
        "input is not a number": (1, (4,)),
        "input is negative": (1, (5,)),
        "deadline is negative": (1, (6,)),
        "input is infinite": (1, (7,)),
    }
    assert "input is empty in 1 row: 0" in trace.report.notes
    assert "deadline is empty in 1 row: no limit" in trace.report.notes


def test_azure_files_are_known_by_their_columns(read, skipped):
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,5000,25\r\n"
    trace = read(text + "2023-11-16 18:15:47.6805910,0,5\r\n", "known.csv")
    assert skipped(trace) == {}
    assert trace.submit.tolist() == pytest.approx([0, 1.000001], abs=1e-12)
    assert trace.numbers["work"].tolist() == [2, 0.2]
    assert trace.numbers["input"].tolist() == [160_000, 0]
    assert trace.numbers["output"].tolist() == [800, 160]
    assert trace.classes == ("llm-request",)
    assert "recognised by its columns: Azure LLM inference trace" in trace.report.notes
    assert "CC BY 4.0" in trace.report.credit
    own = read(text, "known.csv", {"input": {"is": "1 kB"}, "work": {"is": "3 s"}})
    assert (own.numbers["input"].tolist(), own.numbers["work"].tolist()) == ([8000], [3])
    # a note goes with what it is about: work is the user's now, the output's size is still an estimate
    assert sum("estimate" in note for note in trace.report.notes) == 2
    assert [note for note in own.report.notes if "estimate" in note] == [
        "estimate: data = tokens x 4 B (map.input, map.output change it)"
    ]


def test_philly_files_are_known_by_their_columns(read):
    trace = read("timestamp,duration,num_gpus,cluster\n2017-09-04 10:30:41,60,8,7f\n", "known.csv")
    assert (trace.numbers["work"].tolist(), trace.numbers["devices"].tolist(), trace.sites) == ([60], [8], ("7f",))
    assert "SOSP 2023" in trace.report.credit
    other = "timestamp,duration,num_gpus,cluster,queue\n2017-09-04 10:30:41,60,8,7f,1\n"
    with pytest.raises(TableError, match="nothing says what 'submit' is"):
        read(other, "known.csv")


def test_a_class_with_several_priorities_becomes_several(read):
    trace = read(
        "t,n,d,p,c\n0,1,1,3,a\n1,1,1,1,a\n2,1,1,1,b\n", map={**MS, "priority": "p", "class": "c"}, time_unit="s"
    )
    assert trace.classes == ("a, priority 1", "a, priority 3", "b")
    assert trace.priorities == {"a, priority 1": 1, "a, priority 3": 3, "b": 1}
    assert trace.names["class"].codes.tolist() == [1, 0, 2]


def test_too_many_classes(read):
    text = "t,n,d\n" + "".join(f"{i},1,1\n" for i in range(1001))
    with pytest.raises(TableError, match="1,001 different names"):
        read(text, map={**MS, "class": "t"}, time_unit="s")


def problems(read, text, **options):
    with pytest.raises(TableError) as caught:
        read(text, **options)
    return [(problem.message, problem.hint) for problem in caught.value.problems]


def test_maps_that_are_wrong(read):
    text = "t,n,duration\n0,1,2\n"
    assert problems(read, text, map={"submt": "t", "region": "n", "devices": "N", "work": {"colum": "d"}}) == [
        ("map.submt: no field of a job is called 'submt'", "did you mean 'submit'?"),
        ("map.region: no field of a job is called 'region'", "sites go to regions by `regions`: call it site"),
        ("map.work: unknown key 'colum'", "did you mean 'column'?"),
        ("map: nothing says what 'submit' is", "write submit: COLUMN; the file has the columns t, n, duration"),
    ]
    assert problems(read, text, map={**MS, "work": "durations", "class": "x"}, time_unit="s") == [
        ("map.work: the file has no column 'durations'", "did you mean 'duration'?"),
        ("map.class: the file has no column 'x'", "the file has the columns t, n, duration"),
    ]
    assert problems(read, text, map={**MS, "work": "duration"})[0] == (
        "map.submit: the column 't' holds numbers of no known unit",
        "write submit: {column: t, unit: ms} or give time_unit for all times",
    )
    wrong = {"submit": 3, "devices": {"column": "n", "per": 0}, "work": {"column": "duration", "unit": "parsec"}}
    wrong |= {"input": {"column": "n", "per": "4 /s"}, "class": {"unit": "s"}, "site": [1]}
    assert [message for message, _ in problems(read, text, map=wrong)] == [
        "map.submit: 3 has no unit",
        "map.devices: 0 is not a number above 0",
        'map.work: "1 parsec" has the unknown unit "parsec"',
        "map.input: column, per do not make sense together",
        "map.class: unit do not make a name",
        "map.site: [1] is neither a column nor a mapping",
    ]


def test_columns_that_hold_something_else(read):
    (found,) = problems(read, "t,n,d\n2017/01/02 10:00,1,2\n", map={**MS, "work": {"is": "1 s"}})
    assert found[0] == (
        "map.submit: the column 't' holds '2017/01/02 10:00', neither a number nor a date as 2025-06-02 18:30:00"
    )
    (found,) = problems(read, "t,n,d\n0,1,2024-01-01\n", map=MS, time_unit="s")
    assert found == ("map.work: the column 'd' holds dates, and not a duration", "write {from: COLUMN, to: COLUMN}")
    (found,) = problems(read, "t,n,d\n0,many,1\n1,few,1\n")
    assert found[0] == "no row of this trace is a job: 2 number of devices is not a number"


def test_files_that_are_wrong(read, tmp_path):
    assert problems(read, "")[0][0] == "the file is empty"
    assert problems(read, "t,n,d\n")[0][0] == "no row of this trace is a job: it has none"
    assert problems(read, "t,n,t\n1,1,1\n")[0][0] == "the column 't' is there twice"
    assert problems(read, "t,n,d\r0,1,1\r")[0][0] == "lines end with carriage returns alone"
    assert "does not say the trace's format" in problems(read, "t,n,d\n", name="a.txt")[0][0]
    assert problems(read, "t,n,d\n", format="xml")[0][0] == "format: there is none called 'xml'"
    assert len(read("t,n,d\n0,1,1\n", name="a.txt", format="csv")) == 1
    with pytest.raises(TableError, match=r"nowhere.csv: this trace does not exist"):
        read_trace(tmp_path / "nowhere.csv")
    with pytest.raises(TableError, match=r"cannot be read: Is a directory"):
        read_trace(tmp_path, format="csv")
    assert problems(read, b"PAR1 nonsense", name="a.parquet")[0][0].startswith("the Parquet file is damaged")
    assert problems(read, b"nonsense", name="a.parquet")[0][0] == "this is not a Parquet file"
    assert "has no column for it" in problems(read, "t,n,d\n0,1,1\n", status=["x"])[0][0]


def test_compressed_csv_cut_short(read):
    packed = gzip.compress(b"t,n,d\n" + b"".join(b"%d,1,%d\n" % (i, i * 7919 % 1000) for i in range(50_000)))
    assert len(read(packed, "a.csv.gz")) == 50_000
    assert problems(read, packed[: len(packed) // 2], name="a.csv.gz")[0][0].startswith("the gzip file is cut short")


def parquet(tmp_path, map, columns, **options):
    pq.write_table(pa.table(columns), tmp_path / "a.parquet", row_group_size=2)
    return read_trace(tmp_path / "a.parquet", map, **options)


def test_parquet_types(tmp_path, skipped):
    begin = datetime(2025, 6, 2, tzinfo=UTC)
    trace = parquet(
        tmp_path,
        {"submit": "when", "devices": "n", "work": "took", "input": {"column": "size", "unit": "bit"}, "site": "site"},
        {
            "when": pa.array([begin, begin + timedelta(seconds=1.5), None], pa.timestamp("us", "Asia/Shanghai")),
            "n": pa.array([1, 2, 3], pa.int8()),
            "took": pa.array([timedelta(minutes=1), timedelta(milliseconds=2), timedelta(1)], pa.duration("ms")),
            "size": [Decimal("1.5"), Decimal("2.5"), Decimal("3.5")],
            "site": pa.array([7.0, None, 8.0]),
        },
    )
    assert trace.submit.tolist() == [0, 1.5]
    assert trace.start == begin
    assert trace.numbers["work"].tolist() == [60, 0.002]
    assert trace.numbers["input"].tolist() == [1.5, 2.5]
    assert trace.sites == ("7", "8")
    assert trace.names["site"].codes.tolist() == [0, -1]
    assert skipped(trace) == {"submit time unknown (empty)": (1, (3,))}
    assert "row 3" in "\n".join(trace.report.text())


def test_parquet_faults(tmp_path, skipped):
    table = {"t": [0.0, np.nan, 2.0, 3.0], "n": [1, 1, 1, None], "d": ["1", "x", "3", "4"]}
    trace = parquet(tmp_path, MS, table, time_unit="s")
    assert trace.numbers["work"].tolist() == [1, 3]
    assert skipped(trace) == {
        "submit time is not a number or a date like the others": (1, (2,)),
        "number of devices unknown (empty)": (1, (4,)),
    }
    with pytest.raises(TableError, match=r"map.devices: the column 'n' holds list<.*>, not numbers"):
        parquet(tmp_path, MS, {"t": [1], "n": [[1]], "d": [1]}, time_unit="s")
    days = {"t": [date(2025, 1, 1), date(2025, 1, 3)], "n": [1, 1], "d": [1, 1]}
    assert parquet(tmp_path, MS, days, time_unit="s").submit.tolist() == [0, 2 * 86400]
