"""What was asked for over time, by class: a meter that does not care what became of the jobs."""

from __future__ import annotations

import math

import numpy as np


class DemandMeter:
    """Per time bin and class: the submitted jobs, the device-seconds that they ask for on the reference device, and the
    device-seconds in which they would be busy if each ran there from its submission.

    Rejected and unfinished jobs count, in the warm-up too. Bin i is [i, i + 1) x width, the last one cut by the
    horizon; without a horizon the width doubles as soon as 4096 bins do not hold all jobs.
    """

    MANY = 4096

    def __init__(self, classes: int, width: float, horizon: float) -> None:
        self.width, self.horizon = width, horizon
        self.jobs = np.zeros((64, classes), np.int64)  # [bins, classes], with room for more bins
        self.device_s = np.zeros((64, classes))
        self._part = np.zeros((64, classes))  # busy device-seconds in a bin, of devices that begin and end in it
        self._step = np.zeros((64, classes), np.int64)  # and how many of them are left over for the next bin

    def edges(self, end: float) -> np.ndarray:
        """The edges of the bins that begin before `end`, s, with jobs or without."""
        end = min(end, self.horizon)
        self._make_room(end)
        edges = np.arange(max(math.ceil(end / self.width), 0) + 1) * self.width
        edges[-1] = min(edges[-1], self.horizon)
        return edges

    def busy_s(self, end: float) -> np.ndarray:
        """Device-seconds in which devices would be busy, [bins, classes], of the bins that begin before `end`."""
        edges = self.edges(end)
        count = len(edges) - 1
        before = np.cumsum(self._step[:count], axis=0) - self._step[:count]
        return self._part[:count] + before * np.diff(edges)[:, None]

    def add(self, rows: np.ndarray) -> None:
        """Take in rows of jobs, in any order."""
        if len(rows) == 0:
            return
        klass, devices, begins = rows["klass"], rows["devices"], rows["submit"]
        work = np.where(devices > 0, rows["work"], 0.0)
        ends = begins + work
        inside = ends < self.horizon
        self._make_room(max(float(begins.max()), float(ends[inside].max(initial=0.0))))
        place = (begins / self.width).astype(np.int64)
        self._add(self.jobs, place, klass, None)
        self._add(self.device_s, place, klass, devices * work)
        self._turn(place, begins, klass, devices)
        ends = ends[inside]
        self._turn((ends / self.width).astype(np.int64), ends, klass[inside], -devices[inside])

    def _turn(self, place: np.ndarray, times: np.ndarray, klass: np.ndarray, devices: np.ndarray) -> None:
        """So many devices more, or less, from these times on, which lie in the bins `place`."""
        rest = np.minimum((place + 1) * self.width, self.horizon) - times
        self._add(self._part, place, klass, devices * rest)
        self._add(self._step, place, klass, devices)

    def _add(self, table: np.ndarray, place: np.ndarray, klass: np.ndarray, values: np.ndarray | None) -> None:
        if len(place) == 0:
            return
        first, classes = int(place.min()), table.shape[1]
        sums = np.bincount((place - first) * classes + klass, values)
        table.reshape(-1)[first * classes : first * classes + len(sums)] += sums.astype(table.dtype)

    def _make_room(self, latest: float) -> None:
        """Bins up to `latest`, and one more."""
        while math.isinf(self.horizon) and latest >= self.MANY * self.width:
            kept = self._step[::2] * self.width  # what begins in the first of two bins is there in the second
            self._part[:] = _in_pairs(self._part)
            self._part[: len(kept)] += kept
            for table in (self.jobs, self.device_s, self._step):
                table[:] = _in_pairs(table)
            self.width *= 2
        while latest >= len(self.jobs) * self.width:
            self.jobs, self.device_s, self._part, self._step = (
                np.concatenate([table, np.zeros_like(table)])
                for table in (self.jobs, self.device_s, self._part, self._step)
            )


def _in_pairs(table: np.ndarray) -> np.ndarray:
    """Rows 0 + 1, 2 + 3, ...; as many zeros follow, so that the room stays (it is a power of two)."""
    return np.concatenate([table[::2] + table[1::2], np.zeros_like(table[::2])])
