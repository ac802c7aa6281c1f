"""Tables as CSV: the same numbers, and no text that a spreadsheet runs."""

import numpy as np
import pandas as pd
import pytest

from hubnet.study.spreadsheets import harmless, write_csv

EVIL = '=cmd|"/C calc"!A0'
START = ("=", "+", "-", "@", "\t", "\r")


def test_every_table_has_a_twin(finished, alone):
    tables, twins = ({path.stem for path in finished.glob(f"*.{ending}")} for ending in ("parquet", "csv"))
    assert tables == twins
    assert not list(alone.glob("*.csv"))  # only where they are asked for


def test_a_spreadsheet_runs_nothing(finished):
    for path in finished.glob("*.csv"):
        rows = pd.read_parquet(path.with_suffix(".parquet"))
        shown = pd.read_csv(path, keep_default_na=False, dtype=str, encoding="utf-8")
        assert len(shown) == len(rows)
        for name in rows:
            if not pd.api.types.is_numeric_dtype(rows[name]):
                assert not shown[name].str.startswith(START).any(), (path.name, name)
    assert f"'{EVIL}" in set(pd.read_csv(finished / "classes.csv")["class"])
    assert "'@Lulea" in set(pd.read_csv(finished / "pools.csv")["hub"])


@pytest.mark.parametrize("table", ["utilization", "pools", "classes", "accounts", "jobs"])
def test_numbers_stay_the_numbers_they_are(finished, table):
    rows = pd.read_parquet(finished / f"{table}.parquet")
    numbers = rows.select_dtypes("number")
    shown = pd.read_csv(finished / f"{table}.csv")[list(numbers)]
    pd.testing.assert_frame_equal(shown, numbers, check_dtype=False, check_exact=True)


@pytest.mark.parametrize(
    "cell, shown",
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("Paris", "Paris"),
        ("a=b", "a=b"),
        ("", ""),
        ("贵阳", "贵阳"),
        (-1.5, -1.5),
        (np.int64(-3), -3),
        (True, True),
        (["a", "b"], "a.b"),
        (["=a", "b"], "'=a.b"),
    ],
)
def test_harmless(cell, shown):
    assert harmless(cell) == shown


def test_names_of_columns_are_text_too(tmp_path):
    pd.DataFrame({"=x": [-1.0], "y": ['a,"b"\nc']}).to_parquet(tmp_path / "t.parquet")
    (path,) = write_csv(tmp_path)
    rows = pd.read_csv(path)
    assert list(rows) == ["'=x", "y"]
    assert rows.values.tolist() == [[-1.0, 'a,"b"\nc']]


def test_large_tables_are_written_in_parts_under_one_header(tmp_path):
    rows = pd.DataFrame({"n": np.arange(150_000), "name": ["-a"] * 150_000})
    rows.to_parquet(tmp_path / "t.parquet")
    write_csv(tmp_path)
    shown = pd.read_csv(tmp_path / "t.csv")
    assert shown["n"].tolist() == rows["n"].tolist()
    assert set(shown["name"]) == {"'-a"}
