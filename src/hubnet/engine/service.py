"""Who used the devices: device-seconds by class and pool, in the window."""

from __future__ import annotations

import numpy as np


class ServiceMeter:
    """Adds up, over all jobs whenever submitted, the device-seconds that they had in the window.

    Of a job that an incident stopped, the last attempt counts: what earlier ones had is in the busy time of the pool,
    and in none of the classes.

    device_s: [classes, pools].
    """

    def __init__(self, classes: int, pools: int, warmup: float) -> None:
        self.warmup, self.device_s = warmup, np.zeros((classes, pools))

    def add(self, rows: np.ndarray, end: float | None = None) -> None:
        """Take in job rows; `end` is the end of the run when the rows are of unfinished jobs."""
        until = rows["end"] if end is None else np.where(rows["end"] <= end, rows["end"], end)
        spent = rows["devices"] * np.maximum(until - np.maximum(rows["start"], self.warmup), 0.0)  # NaN: never started
        shape = self.device_s.shape
        served = np.flatnonzero(spent > 0)
        if len(served):
            cell = rows["klass"][served] * shape[1] + rows["pool"][served]
            self.device_s += np.bincount(cell, spent[served], shape[0] * shape[1]).reshape(shape)
