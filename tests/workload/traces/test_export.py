"""A run's jobs in the Standard Workload Format, read back as a trace."""

from datetime import UTC, datetime

import numpy as np

import hubnet as hn
from hubnet.workload.traces.export import jobs_as_swf
from hubnet.workload.traces.read import read_trace
from hubnet.workload.traces.swf import read_swf, write_swf

START = datetime(2025, 6, 2, 12, tzinfo=UTC)
JOBS = {
    "job": [0, 1, 2],
    "class": ["b", "a", "b"],
    "region": ["East", "West", "East"],
    "hub": ["Lulea", None, "Lulea"],
    "devices": [4, 1, 2],
    "submit_s": [0.0, 1.5, 2.0],
    "start_s": [10.0, np.nan, np.nan],
    "end_s": [30.25, np.nan, np.nan],
    "status": ["finished", "rejected", "unfinished"],
}


def test_columns(tmp_path):
    header, columns = jobs_as_swf(JOBS, START)
    write_swf(tmp_path / "run.swf", header, columns)
    again, read = read_swf(tmp_path / "run.swf")
    assert again == header
    assert read["job"].tolist() == [1, 2, 3]
    assert read["wait"].tolist() == [10, -1, -1]
    assert read["run"].tolist() == [20.25, -1, -1]
    assert read["allocated"].tolist() == [4, -1, -1]
    assert read["requested"].tolist() == [4, 1, 2]
    assert read["status"].tolist() == [1, 0, -1]
    assert read["queue"].tolist() == [2, 1, 2]
    assert read["partition"].tolist() == [1, -1, 1]
    trace = read_trace(tmp_path / "run.swf")
    assert trace.start == START
    assert (trace.sites, trace.classes) == (("Lulea",), ("b",))
    assert trace.numbers["work"].tolist() == [20.25]
    assert trace.report.warnings == ()
    by_region = read_trace(tmp_path / "run.swf", {"site": "group"})
    assert by_region.sites == ("group 1", "group 2")
    assert "the header notes: group 1 is the region East" in by_region.report.notes


def test_a_run_can_be_played_again(tmp_path):
    world = {
        "network": {
            "regions": {"North": {"at": [65, 22]}},
            "hubs": {"Lulea": {"at": [65, 22], "pools": {"cpu": 8}}},
            "trunks": [{"between": ["North", "Lulea"], "capacity": "1 Gbit/s", "length": "5 km"}],
        },
        "devices": {"cpu": {"speed": 1.0}},
        "clock": {"horizon": "1 h"},
        "workload": {
            "classes": {
                "chat": {"rate": "0.5 /s", "devices": 1, "runs_on": ["cpu"], "work": {"exponential": {"mean": "3 s"}}}
            }
        },
        "allocations": {"as-built": {}},
    }
    jobs = hn.simulate(hn.Scenario(name="one hub", **world), records=True, gear="python").jobs
    write_swf(tmp_path / "run.swf", *jobs_as_swf(jobs))
    trace = read_trace(tmp_path / "run.swf")
    done = jobs[jobs["end_s"].notna()]
    assert len(done) > 1000
    assert len(trace) == len(done)
    assert np.array_equal(trace.submit, done["submit_s"])
    assert np.array_equal(trace.numbers["work"], done["end_s"] - done["start_s"])
