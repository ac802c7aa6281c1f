"""What was asked for over time, by class: a meter that does not care what became of the jobs."""

from __future__ import annotations

import math

import numpy as np

from .gears import loops
from .tally import Demand


class DemandMeter:
    """Per time bin and class: the submitted jobs, the device-seconds that they ask for on the reference device, and the
    device-seconds in which they would be busy if each ran there from its submission.

    Rejected and unfinished jobs count, in the warm-up too. Bin i is [i, i + 1) x width, the last one cut by the
    horizon; without a horizon the width doubles as soon as 4096 bins do not hold all jobs.
    """

    MANY = 4096

    def __init__(self, classes: int, width: float, horizon: float) -> None:
        self.width, self.horizon = width, horizon
        self.tables = Demand(  # [bins, classes], with room for more bins
            jobs=np.zeros((64, classes), np.int64),
            device_s=np.zeros((64, classes)),
            part=np.zeros((64, classes)),  # busy device-seconds in a bin, of devices that begin and end in it
            step=np.zeros((64, classes), np.int64),  # and how many of them are left over for the next bin
        )

    def edges(self, end: float) -> np.ndarray:
        """The edges of the bins that begin before `end`, s, with jobs or without."""
        end = min(end, self.horizon)
        self._room_until(end)
        edges = np.arange(max(math.ceil(end / self.width), 0) + 1) * self.width
        edges[-1] = min(edges[-1], self.horizon)
        return edges

    def busy_s(self, end: float) -> np.ndarray:
        """Device-seconds in which devices would be busy, [bins, classes], of the bins that begin before `end`."""
        edges = self.edges(end)
        count = len(edges) - 1
        step = self.tables.step[:count]
        return self.tables.part[:count] + (np.cumsum(step, axis=0) - step) * np.diff(edges)[:, None]

    def make_room(self, rows: np.ndarray) -> None:
        """Have bins for all that `tally.take_in` will note of these rows, in `tables`."""
        if len(self.tables.jobs) * self.width <= self.horizon:
            self._room_until(loops().reach(rows, self.horizon))

    def _room_until(self, latest: float) -> None:
        """Bins up to `latest`, and one more."""
        while math.isinf(self.horizon) and latest >= self.MANY * self.width:
            kept = self.tables.step[::2] * self.width  # what begins in the first of two bins is there in the second
            for table in self.tables:
                table[:] = _in_pairs(table)
            self.tables.part[: len(kept)] += kept
            self.width *= 2
        while latest >= len(self.tables.jobs) * self.width:
            self.tables = Demand(*(np.concatenate([table, np.zeros_like(table)]) for table in self.tables))


def _in_pairs(table: np.ndarray) -> np.ndarray:
    """Rows 0 + 1, 2 + 3, ...; as many zeros follow, so that the room stays (it is a power of two)."""
    return np.concatenate([table[::2] + table[1::2], np.zeros_like(table[::2])])
