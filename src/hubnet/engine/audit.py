"""What the rows of jobs say that a run must have done, to be checked against what its integrals over time say.

The event loop keeps integrals: devices busy, jobs waiting, bits on each link. The rows of jobs tell the same a second
time, job by job. `Audit` adds the rows up, over the whole run and all jobs, and `study.checks` compares.

Bits go over paths, and incidents change paths while jobs are under way. So bits are added up per pair of region and
hub, and given to the links of its path whenever paths change; what jobs in flight have sent by then counts for the old
path, and is taken off what their rows will bring to the new one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .gears import loops
from .world import END_TRANSFER, INPUT, KIND, NOTHING


class Audit:
    """Sums over the rows of all jobs of a run.

    counts [3]: jobs by status. waits (job-s) and service (device-s) [pools]: of what waited or ran there, stopped
    attempts and unfinished jobs included. link_bits [links]. uploading [regions, hubs]: flow-s of input that was under
    way in the window. flows: how many rows brought bits, for limits of rounding. submitted, finished, rejected: as the
    event loop counted. disturbed: did incidents or user processes change anything?
    """

    def __init__(self, warmup: float, pools: int, regions: int, hubs: int, links: int) -> None:
        self.warmup, self.disturbed = float(warmup), False
        self.counts, self.flows = np.zeros(3, np.int64), 0
        self.submitted = self.finished = self.rejected = 0
        self.waits, self.service, self.link_bits = np.zeros(pools), np.zeros(pools), np.zeros(links)
        self._up, self._down = np.zeros((regions, hubs)), np.zeros((regions, hubs))  # since the paths changed
        self.uploading = np.zeros((regions, hubs))

    def add(self, rows: np.ndarray) -> None:
        """Take in the rows of jobs that have finished or were rejected."""
        sums = self.counts, self.waits, self.service, self._up, self._down, self.uploading
        loops().add_up(rows, self.warmup, *sums)
        self.flows += len(rows)

    def close(self, rows: np.ndarray, end: float, world: Any, machine: Any, left: np.ndarray) -> None:
        """The run ends: take in the rows of unfinished jobs, with what they have had so far; as in `repath`."""
        self.repath(world, machine, left)
        self.flows += len(rows)
        ledger = machine.ledger
        self.submitted, self.finished, self.rejected = (
            int(ledger[name][0]) for name in ("submitted", "finished", "rejected")
        )
        start, over, sent = (
            np.where(np.isnan(rows[name]) & np.isfinite(rows[since]), end, rows[name])
            for name, since in (("start", "deliver"), ("end", "start"), ("sent", "release"))
        )
        pool, pools = rows["pool"] + 1, len(self.waits) + 1  # pool -1 is none
        self.counts += np.bincount(rows["status"], minlength=3)
        self.waits += np.bincount(pool, np.nan_to_num(start - rows["deliver"]), pools)[1:]
        self.service += np.bincount(pool, rows["devices"] * np.nan_to_num(over - rows["start"]), pools)[1:]
        under_way = np.nan_to_num(sent - np.maximum(rows["release"], self.warmup))
        self.uploading += self._per_pair(self._pairs(rows), np.maximum(under_way, 0.0))
        self.waits += world.pools["stopped_wait_s"]
        self.service += world.pools["stopped_s"]

    def repath(self, world: Any, machine: Any, left: np.ndarray) -> None:
        """Give the bits so far to the links of the paths that the world still has; all rows so far have been added.

        left [slots]: bits that jobs in flight have still to send of what they are sending.
        """
        table, pairs = world.jobs, world.pairs
        going = np.flatnonzero((table["live"] == 1) & (table["hub"] >= 0))
        names = ("region", "hub", "sends", "input", "output", "sent", "one_way_back")
        jobs, left = {name: table[name][going] for name in names}, left[going]
        inputs = jobs["sends"] == INPUT
        outputs = ~inputs & (jobs["sends"] != NOTHING)
        up = np.where(inputs, jobs["input"] - left, np.where(np.isfinite(jobs["sent"]), jobs["input"], 0.0))
        sent_back = np.where(np.isfinite(jobs["one_way_back"]), jobs["output"], 0.0)
        down = np.where(outputs, jobs["output"] - left, sent_back)
        pair = self._pairs(jobs)
        up, down = self._per_pair(pair, up), self._per_pair(pair, down)
        self._carry(pairs, machine.path, self._up + up + pairs["stopped_bits"], self._down + down)
        self._up, self._down = -up, -down
        pairs["stopped_bits"] = 0.0

    def _carry(self, pairs: np.ndarray, path: np.ndarray, up: np.ndarray, down: np.ndarray) -> None:
        """Bits of pairs [regions, hubs] go over the links of their paths; of broken pairs, over none."""
        hops = np.where(pairs["broken"] == 1, 0, pairs["hops"]).ravel()
        before = np.cumsum(hops) - hops
        place = np.repeat(pairs["first"].ravel() - before, hops) + np.arange(hops.sum())
        crossed, links = path[place], len(self.link_bits)
        if links:
            self.link_bits += np.bincount(crossed, np.repeat(up.ravel(), hops), links)
            self.link_bits += np.bincount(crossed ^ 1, np.repeat(down.ravel(), hops), links)

    def _pairs(self, rows: Any) -> np.ndarray:
        """1 + the index of each row's pair; 0 for a row without hub."""
        return np.where(rows["hub"] < 0, 0, rows["region"] * self._up.shape[1] + rows["hub"] + 1)

    def _per_pair(self, pair: np.ndarray, values: np.ndarray) -> np.ndarray:
        sums = np.bincount(pair, values, self._up.size + 1)[1:]
        return sums.astype(float).reshape(self._up.shape)  # of no rows, numpy makes whole numbers


def bits_left(world: Any, machine: Any, now: float) -> np.ndarray:
    """[slots]: bits that each job has still to send of what it is sending at `now`, by the kernel's state; else 0."""
    jobs, left = world.jobs, np.zeros(len(world.jobs))
    sends = (jobs["live"] == 1) & (jobs["sends"] != NOTHING)
    if machine.ledger["sharing"][0] == 1:
        classes = machine.classes[jobs["flow"][sends]]
        left[sends] = jobs["mark"][sends] - classes["sent"] - classes["rate"] * (now - classes["since"])
        return left
    stands = sends & (jobs["rate"] == 0)
    left[stands] = jobs["mark"][stands]
    events, pending = machine.calendar, int(machine.ledger["pending"][0])
    sending = np.flatnonzero(events.key[:pending] // KIND == END_TRANSFER)
    job = events.slot[sending]
    left[job] = (events.time[sending] - now) * jobs["rate"][job]
    return left
