"""A trace: the jobs of a file in hubnet's terms, sorted by submit time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from ...errors import Problem, TableError
from .report import Report


@dataclass(frozen=True)
class Names:
    """A name for every job: code [jobs] is an index into `names`, -1 where the file gives none."""

    codes: np.ndarray
    names: tuple[str, ...]

    def take(self, rows: np.ndarray) -> Names:
        """The same names for a selection of jobs (indices or bool)."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, eq=False)
class Trace:
    """Jobs, sorted by submit time.

    numbers: field -> [jobs]: submit (s from `start`), devices (whole), work (s on the reference device), and if the
    file has them input, output (bit), wave (bit/s), deadline (s after submit). names: class, and if the file has them
    site, runs_on, hub. at: line or row of the file [jobs]. length: s that the trace covers, from 0. start: the date of
    time 0, if known. every: s after which it starts anew; 0 = it is played once. priorities: class -> priority.
    """

    numbers: dict[str, np.ndarray]
    names: dict[str, Names]
    at: np.ndarray
    length: float
    report: Report
    start: datetime | None = None
    every: float = 0.0
    priorities: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    @property
    def submit(self) -> np.ndarray:
        """s from `start` [jobs]."""
        return self.numbers["submit"]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in order of index."""
        return self.names["class"].names

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of the sites, in order of index; empty if the file has none."""
        return self.names["site"].names if "site" in self.names else ()

    def device_seconds(self, horizon: float) -> float:
        """Devices x work of the jobs submitted before the horizon (s), on the reference device, repeats included."""
        rounds, rest = divmod(self.jobs_before(horizon), max(len(self), 1))
        asked = self.numbers["devices"] * self.numbers["work"]
        return rounds * float(asked.sum()) + float(asked[:rest].sum())

    def take(self, rows: np.ndarray) -> Trace:
        """A selection of the jobs, in order (indices or bool)."""
        numbers = {name: values[rows] for name, values in self.numbers.items()}
        names = {key: value.take(rows) for key, value in self.names.items()}
        return replace(self, numbers=numbers, names=names, at=self.at[rows])

    def jobs_before(self, horizon: float) -> int:
        """How many jobs are submitted before the horizon (s), repeats included. Raises TableError if they never end."""
        if not self.every:
            return int(np.searchsorted(self.submit, horizon))
        if not horizon < float("inf"):
            raise TableError(Problem("a trace that repeats never ends", "give the run a horizon"))
        whole = max(int(horizon // self.every) - 1, 0)  # rounds that are over for sure
        last = (self.submit + k * self.every for k in range(whole, whole + 3))
        return whole * len(self) + sum(int(np.searchsorted(times, horizon)) for times in last)
