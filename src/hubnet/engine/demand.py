"""What was asked for over time, by class: a meter that does not care what became of the jobs."""

from __future__ import annotations

import math

import numpy as np


class DemandMeter:
    """Per time bin and class, the submitted jobs and the device-seconds that they ask for on the reference device.

    Jobs count in the bin of their submission, in the warm-up too, rejected and unfinished ones included. Bin i is
    [i, i + 1) x width; without a horizon the width doubles each time that 4096 bins have gone by.
    """

    MANY = 4096

    def __init__(self, classes: int, width: float, horizon: float) -> None:
        self.width, self.endless = width, math.isinf(horizon)
        self._jobs, self._device_s = np.zeros((64, classes), np.int64), np.zeros((64, classes))
        self.bins = 0  # in use

    @property
    def jobs(self) -> np.ndarray:
        """Jobs, [bins, classes]."""
        return self._jobs[: self.bins]

    @property
    def device_s(self) -> np.ndarray:
        """Devices x work, [bins, classes]."""
        return self._device_s[: self.bins]

    def add(self, rows: np.ndarray) -> None:
        """Take in rows of jobs, in any order."""
        if len(rows) == 0:
            return
        latest = float(rows["submit"].max())
        while self.endless and latest >= self.MANY * self.width:
            self.width *= 2
            self._jobs, self._device_s = _in_pairs(self._jobs), _in_pairs(self._device_s)
            self.bins = -(-self.bins // 2)
        place = (rows["submit"] / self.width).astype(np.int64)
        first, last = int(place.min()), int(place.max())
        self.bins = max(self.bins, last + 1)
        while self.bins > len(self._jobs):
            self._jobs = np.concatenate([self._jobs, np.zeros_like(self._jobs)])
            self._device_s = np.concatenate([self._device_s, np.zeros_like(self._device_s)])
        span, classes = last + 1 - first, self._jobs.shape[1]
        cell = (place - first) * classes + rows["klass"]
        asked = np.bincount(cell, rows["devices"] * rows["work"], span * classes)
        self._jobs[first : last + 1] += np.bincount(cell, minlength=span * classes).reshape(span, classes)
        self._device_s[first : last + 1] += asked.reshape(span, classes)


def _in_pairs(table: np.ndarray) -> np.ndarray:
    """Rows 0 + 1, 2 + 3, ...; as many zeros follow, so that the room stays (it is a power of two)."""
    return np.concatenate([table[::2] + table[1::2], np.zeros_like(table[::2])])
