"""The file of job records: what a thread writes is in order and whole, and what goes wrong there is not lost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubnet.engine.world import ROW
from hubnet.study.records import JobsFile
from worlds import random_setup


def a_run():
    return replace(random_setup(1), names={"allocation": "as-built"})


def rows(first, count):
    made = np.zeros(count, ROW)
    made["id"] = np.arange(first, first + count)
    return made


def test_rows_stay_in_the_order_in_which_they_were_given(tmp_path):
    file = JobsFile(tmp_path / "jobs.parquet")
    take = file.sink(a_run(), 0)
    for group in range(20):
        take(rows(100 * group, 100))
    file.close()
    assert pd.read_parquet(tmp_path / "jobs.parquet")["job"].tolist() == list(range(2000))


def test_what_goes_wrong_while_writing_stops_the_run(tmp_path):
    file = JobsFile(tmp_path / "no such folder" / "jobs.parquet")
    take = file.sink(a_run(), 0)
    for group in range(JobsFile.AHEAD):
        take(rows(100 * group, 100))
    with pytest.raises(FileNotFoundError):
        take(rows(500, 100))


def test_what_goes_wrong_with_the_last_rows_is_raised_too(tmp_path):
    file = JobsFile(tmp_path / "no such folder" / "jobs.parquet")
    file.sink(a_run(), 0)(rows(0, 100))
    with pytest.raises(FileNotFoundError):
        file.close()


def test_the_run_waits_for_the_file_so_that_memory_stays_the_same(tmp_path):
    file = JobsFile(tmp_path / "jobs.parquet")
    take = file.sink(a_run(), 0)
    for group in range(50):
        take(rows(group, 1000))
        assert len(file._given) <= JobsFile.AHEAD
    file.close()
