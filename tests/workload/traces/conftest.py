"""Small trace files, and where the real ones are."""

import os
from pathlib import Path

import pytest

from hubnet.workload.traces.read import read_trace

ROOT = Path(__file__).parents[3]
REAL = Path(os.environ.get("HUBNET_TRACES", ROOT.parent / "shared" / "traces"))
MAP = {"submit": {"column": "t", "unit": "s"}, "devices": "n", "work": {"column": "d", "unit": "s"}}


@pytest.fixture
def read(tmp_path):
    """Write text (or bytes) to a file and read it as a trace."""

    def go(text, name="trace.csv", map=None, **options):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        if map is None and not name.startswith("known") and ".swf" not in name:
            map = MAP
        return read_trace(file, map, **options)

    return go


@pytest.fixture
def real():
    """The path of a real trace; the test is skipped where they are not."""

    def find(name):
        if not (REAL / name).exists():
            pytest.skip(f"no {name} in {REAL} (HUBNET_TRACES says where the real traces are)")
        return REAL / name

    return find


@pytest.fixture
def skipped():
    """reason -> (rows, places) of a trace's report, after checking that every row is accounted for."""

    def reasons(trace):
        report = trace.report
        assert report.rows == report.kept + sum(s.rows for s in report.skipped)
        assert report.kept == len(trace) or report.changes
        return {s.reason: (s.rows, s.at) for s in report.skipped}

    return reasons
