"""Job records: one row per job, as a pandas table or as Parquet row groups written while the run goes on.

Columns: job, class, region, hub, pool (device type), devices, submit_s, release_s, sent_s, deliver_s, start_s,
end_s, finish_s, status, reason, attempts, work_s, input_bit, output_bit, deadline_s, one_way_s. Times not reached
are NaN; hub and pool are empty for a job that has none. A job that an incident stopped shows its last attempt.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..engine.setup import Setup
from ..engine.world import REASON, ROW, STATUS

TIMES = ("submit", "release", "sent", "deliver", "start", "end", "finish")


def job_columns(rows: np.ndarray, setup: Setup) -> dict[str, Any]:
    """Column name -> array, or (index array, names) for a column of names; index -1 is an empty cell."""
    kinds = np.append(setup.pools["device"], -1)[rows["pool"]]  # pool -1, none, picks the appended -1
    return {
        "job": rows["id"],
        "class": (rows["klass"], setup.classes),
        "region": (rows["region"], setup.regions),
        "hub": (rows["hub"], setup.hubs),
        "pool": (kinds, setup.devices),
        "devices": rows["devices"],
        **{f"{name}_s": rows[name] for name in TIMES},
        "status": (rows["status"], STATUS),
        "reason": (rows["reason"], REASON),
        "attempts": rows["attempts"],
        "work_s": rows["work"],
        "input_bit": rows["input"],
        "output_bit": rows["output"],
        "deadline_s": rows["deadline"],
        "one_way_s": rows["one_way"],
    }


def jobs_frame(parts: list[np.ndarray], setup: Setup) -> pd.DataFrame:
    """The rows of a run as a table, by job id."""
    rows = np.concatenate(parts) if parts else np.zeros(0, ROW)
    columns = job_columns(rows[np.argsort(rows["id"], kind="stable")], setup)
    return pd.DataFrame({name: _named(*c) if isinstance(c, tuple) else c for name, c in columns.items()})


def _named(index: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    return np.array([*names, None], object)[index]


class JobsFile:
    """`jobs.parquet`, written row group by row group, in the order in which jobs leave.

    A thread writes while the run goes on: compressing takes as long as playing, and both leave Python's lock alone. The
    run waits when it is `AHEAD` row groups in front, so that memory stays the same; what goes wrong there is raised by
    the next call.
    """

    AHEAD = 3

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._given: deque[Future[None]] = deque()
        self._writer: pq.ParquetWriter | None = None
        self._empty: pa.Table | None = None

    def sink(self, setup: Setup, replication: int) -> Callable[[np.ndarray], None]:
        """What takes in the rows of one run."""
        run = {"allocation": setup.names["allocation"], "replication": replication}
        self._empty = _arrow(np.zeros(0, ROW), setup, run)

        def take(rows: np.ndarray) -> None:
            self._wait(self.AHEAD)
            self._given.append(self._thread.submit(lambda: self._write(_arrow(rows, setup, run))))

        return take

    def _wait(self, groups: int) -> None:
        """Until fewer row groups than this have still to be written."""
        while len(self._given) >= groups:
            self._given.popleft().result()

    def _write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, **_format(table))
        self._writer.write_table(table)

    def append(self, path: Path) -> None:
        """Take over the rows of another such file, row group by row group."""
        self._wait(1)
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                self._write(file.read_row_group(group))

    def close(self) -> None:
        """The file is complete; without any job it is a table without rows."""
        self._wait(1)
        self._thread.shutdown()
        if self._writer is None and self._empty is not None:
            self._write(self._empty)
        if self._writer is not None:
            self._writer.close()


def _arrow(rows: np.ndarray, setup: Setup, run: dict[str, Any]) -> pa.Table:
    columns: dict[str, Any] = {
        "allocation": _dictionary(np.zeros(len(rows), np.int32), (run["allocation"],)),
        "replication": np.full(len(rows), run["replication"], np.int32),
    }
    for name, column in job_columns(rows, setup).items():
        columns[name] = _dictionary(*column) if isinstance(column, tuple) else np.ascontiguousarray(column)
    return pa.table(columns)


def _format(table: pa.Table) -> dict[str, Any]:
    """How Parquet writes it fast: times and ids hardly repeat, so that a dictionary of them is only work; statistics
    are kept for the columns by which one looks for jobs."""
    repeat = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    repeat += ["replication", "devices", "attempts", "input_bit", "output_bit", "deadline_s", "one_way_s"]
    return {"compression": "lz4", "use_dictionary": repeat, "write_statistics": ["job", "class", "submit_s"]}


def _dictionary(index: np.ndarray, names: tuple[str, ...]) -> pa.DictionaryArray:
    codes = pa.array(index.astype(np.int32), mask=index < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))
