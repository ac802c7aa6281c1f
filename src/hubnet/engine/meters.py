"""Meters: what a run remembers of jobs that have left and of time that has passed, in constant memory per bin.

Per class, each measure has its `Spread`; so has the wait by width, which is how many devices a job wants. Regions
have counts and sums. Per time bin, classes leave one row of demand, pools and links one of integrals.
"""

from __future__ import annotations

import math

import numpy as np

from .demand import DemandMeter
from .gears import loops
from .service import ServiceMeter
from .sharing import FULL
from .spread import Spread
from .world import FINISHED, REJECTED, UNFINISHED

PARTS = ("held", "upload", "propagation", "wait", "service", "download")  # they add up to the response
MEASURES = ("response", "wait", "one_way", "upload", "propagation", "service", "download", "held", "slowdown")
FLOORS = {"slowdown": 1.0}  # the least value of a measure, where it is not 0
POOL_INTEGRALS = ("busy_s", "devices_s", "capacity_s", "waiting_s")  # fields of world.POOL
LINK_INTEGRALS = ("bits", "capacity_bits", "full_s")  # fields of world.LINK
ROUNDING = 1 + 1e-12  # a job that is late by no more than the last bits of its times is not late
ROUNDED_OFF = 1e-6  # s: what is shorter may be nothing but the last bits of a job's times
SHORTEST = 10.0  # s: slowdown takes no run for shorter, so that jobs of no length do not decide it
PIECE = 4096  # rows that a processor's cache holds, so that looking at one column after the other is fast
WIDTHS = 34  # bins of devices: 0, 1, 2, 3-4, 5-8, ..., up to 2^32


def parts(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of job rows, s; NaN where a job did not get that far.

    held is the time from submit to release; of a job that an incident stopped, its earlier attempts are in it.
    download is 0 without output, but a result of no bits may have stood still for want of a path.
    """
    one_way, back = rows["one_way"], rows["one_way_back"]
    held, wait = rows["release"] - rows["submit"], rows["start"] - rows["deliver"]
    service, download = rows["end"] - rows["start"], rows["finish"] - rows["end"] - back
    return {
        "response": rows["finish"] - rows["submit"],
        "wait": wait,
        "one_way": one_way,
        "upload": rows["sent"] - rows["release"],
        "propagation": one_way + back,
        "service": service,
        "download": np.where((rows["output"] > 0) | (download > ROUNDED_OFF), np.maximum(download, 0.0), 0.0),
        "held": held,
        "slowdown": slowdown(held + wait, service),
    }


def slowdown(waited: np.ndarray, ran: np.ndarray) -> np.ndarray:
    """Bounded slowdown: (waited + ran) / max(ran, 10 s), and at least 1; times in s.

    Feitelson, Rudolph, Schwiegelshohn, Sevcik, Wong: Theory and practice in parallel job scheduling, 1997. Waited is
    held + wait, which the scheduling decides; transfers and delays, which the network decides, are not in it.
    """
    return np.maximum((waited + ran) / np.maximum(ran, SHORTEST), 1.0)


def width_of(devices: np.ndarray) -> np.ndarray:
    """The bin of a number of devices: 0, 1, 2, 3-4, 5-8, ...; bin k > 1 holds 2^(k-2) + 1 to 2^(k-1)."""
    _, powers = np.frexp(np.maximum(devices - 1, 0).astype(float))
    return np.minimum(np.where(devices > 0, powers.astype(np.int64) + 1, 0), WIDTHS - 1)


def where(mask: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows for which the mask holds; the same array, not a copy, if it holds for all."""
    return rows if mask.all() else rows[mask]


def count(table: np.ndarray, row: np.ndarray, column: np.ndarray) -> None:
    """Add 1 to the cells (row, column) of a table of integers."""
    loops()[1](row, column, table)


def latest(rows: np.ndarray) -> np.ndarray:
    """When a job may finish at the latest, s; inf without a deadline."""
    return (rows["submit"] + rows["deadline"]) * ROUNDING


def in_time(rows: np.ndarray) -> np.ndarray:
    """Has the job finished, by its deadline if it has one?"""
    return rows["finish"] <= latest(rows)


class JobMeter:
    """Counts, sums and spreads per class, width and region over the jobs submitted in the window, flows per pair; and
    over all jobs, the demand per time bin and the device time that was good for something.

    width: s, of a bin of demand. paces: `Setup.paces`.
    """

    def __init__(
        self,
        classes: int,
        regions: int,
        hubs: int,
        warmup: float = 0.0,
        width: float = 900.0,
        horizon: float = math.inf,
        paces: np.ndarray | None = None,
    ) -> None:
        self.warmup = warmup
        unknown = np.full((classes, 1), np.nan)
        self.paces = unknown if paces is None else np.hstack([paces, unknown])  # pool -1, none, is NaN
        self.status = np.zeros((classes, 3), np.int64)  # finished, rejected, unfinished
        self.reasons = np.zeros((classes, 4), np.int64)
        self.spreads = {measure: Spread(classes, FLOORS.get(measure, 0.0)) for measure in MEASURES}
        self.width_status, self.width_wait = np.zeros((WIDTHS, 3), np.int64), Spread(WIDTHS)
        self.region_status = np.zeros((regions, 3), np.int64)
        self.region_slowdown, self.region_response = np.zeros(regions), np.zeros(regions)  # sums over finished jobs
        self.met, self.missed = np.zeros((classes, regions), np.int64), np.zeros((classes, regions), np.int64)
        self.useful = 0.0  # device-s, see `_usefulness`
        self.demand = DemandMeter(classes, width, horizon)
        self.service = ServiceMeter(classes, self.paces.shape[1] - 1, warmup)
        self.pair_jobs = np.zeros((regions, hubs), np.int64)
        self.pair_device_s = np.zeros((regions, hubs))
        self.pair_input, self.pair_output = np.zeros((regions, hubs)), np.zeros((regions, hubs))

    def add(self, rows: np.ndarray, end: float | None = None) -> None:
        """Take in job rows; `end` is the end of the run when the rows are of unfinished jobs."""
        self.demand.add(rows)
        self.service.add(rows, end)
        if end is None:
            self._usefulness(rows)
        rows = where(rows["submit"] >= self.warmup, rows)
        if len(rows) == 0:
            return
        width = width_of(rows["devices"])
        count(self.status, rows["klass"], rows["status"])
        count(self.reasons, rows["klass"], rows["reason"])
        count(self.width_status, width, rows["status"])
        count(self.region_status, rows["region"], rows["status"])
        self._deadlines(rows, end)
        self._pairs(where(rows["status"] != REJECTED, rows))
        if end is not None:
            self._so_far(rows, width, end)
            return
        done = rows["status"] == FINISHED
        if done.any():
            self._measures(where(done, rows), where(done, width))

    def _measures(self, rows: np.ndarray, width: np.ndarray) -> None:
        """The measures of finished jobs."""
        regions = len(self.region_status)
        for i in range(0, len(rows), PIECE):
            some, widths = rows[i : i + PIECE], width[i : i + PIECE]
            found = parts(some)
            for measure, values in found.items():
                self.spreads[measure].add(some["klass"], values)
            self.width_wait.add(widths, found["wait"])
            self.region_slowdown += np.bincount(some["region"], found["slowdown"], regions)
            self.region_response += np.bincount(some["region"], found["response"], regions)

    def _deadlines(self, rows: np.ndarray, end: float | None) -> None:
        """met: finished in time. missed: late, rejected, or open beyond its deadline. Otherwise left out."""
        limited = rows["deadline"] < np.inf
        if not limited.any():
            return
        met = limited & in_time(rows)
        late = (rows["status"] == FINISHED) & ~met
        if end is not None:
            late |= (rows["status"] == UNFINISHED) & (end > latest(rows))
        missed = limited & (late | (rows["status"] == REJECTED))
        for table, mask in ((self.met, met), (self.missed, missed)):
            count(table, rows["klass"][mask], rows["region"][mask])

    def _usefulness(self, rows: np.ndarray) -> None:
        """Add up the device-seconds that jobs had in the window and that were good for something: those of jobs that
        finished by their deadline, or had none, whenever they were submitted.

        Of a job that was stopped, the last attempt counts, and what checkpoints had kept of earlier ones: the rest of
        its work, at the pace of its last pool.
        """
        useful, devices = in_time(rows), rows["devices"]
        served = np.clip(rows["end"] - np.maximum(rows["start"], self.warmup), 0.0, None)
        self.useful += float((devices * np.where(useful, served, 0.0)).sum())
        again = rows[useful & (devices > 0) & (rows["attempts"] > 1)]
        kept = self._whole(again) - (again["end"] - again["start"])
        kept = np.clip(np.minimum(kept, again["start"] - self.warmup), 0.0, None)
        self.useful += float((again["devices"] * kept).sum())

    def _whole(self, rows: np.ndarray) -> np.ndarray:
        """s that all of a job's work takes in the pool where it is; NaN without a pool."""
        return rows["work"] / self.paces[rows["klass"], rows["pool"]]

    def _pairs(self, rows: np.ndarray) -> None:
        flows = loops()[2]
        tables = self.pair_device_s, self.pair_input, self.pair_output
        sums = [np.zeros_like(table) for table in tables]  # of these rows alone: fewer roundings
        flows(rows, self.pair_jobs, *sums)
        for table, more in zip(tables, sums, strict=True):
            table += more

    def _so_far(self, rows: np.ndarray, width: np.ndarray, end: float) -> None:
        """Unfinished jobs: per measure, the least that it can still become.

        A slowdown falls while a job runs, so it is that of a job that starts now, if it waits, and runs for all of its
        work in the pool where it is.
        """

        def until(time: str, since: str) -> np.ndarray:
            return np.nan_to_num(np.where(np.isfinite(rows[time]), rows[time], end) - rows[since])

        held = until("release", "submit")
        wait = until("start", "deliver")
        run = self._whole(rows)
        one_way = np.nan_to_num(rows["one_way"])
        so_far = {
            "response": end - rows["submit"],
            "wait": wait,
            "one_way": one_way,
            "upload": until("sent", "release"),
            "propagation": one_way,
            "service": until("end", "start"),
            "download": np.zeros(len(rows)),
            "held": held,
            "slowdown": np.fmax(slowdown(held + wait, run), 1.0),
        }
        for measure, values in so_far.items():
            self.spreads[measure].add_open(rows["klass"], values)
        self.width_wait.add_open(width, wait)

    def quantile(self, measure: str, share: float, klass: int | None = None) -> tuple[float, bool] | None:
        """A quantile of a measure over all classes or one: see `Spread.quantile`."""
        return self.spreads[measure].quantile(share, klass)

    def mean(self, measure: str, klass: int | None = None) -> float | None:
        """Mean over finished jobs; None if there is none."""
        return self.spreads[measure].mean(klass)


def carry_all(links: np.ndarray, now: float) -> None:
    """Bring the integrals of all links up to now, as `sharing.carry` does for one."""
    span = now - links["since"]
    links["bits"] += links["rate"] * span
    links["full_s"] += np.where((links["rate"] > 0) & (links["rate"] >= FULL * links["capacity"]), span, 0.0)
    links["capacity_bits"] += links["capacity"] * (now - links["capacity_since"])
    links["since"] = links["capacity_since"] = now


class TimeMeter:
    """Per time bin, the integrals of pools and links: rows are appended when a bin closes."""

    MANY = 4096  # bins; without a horizon their width doubles each time that so many have gone by

    def __init__(self, warmup: float, width: float, horizon: float, pools: int, links: int) -> None:
        self.warmup, self.width, self.horizon = warmup, width, horizon
        self.sizes = dict.fromkeys(POOL_INTEGRALS, pools) | dict.fromkeys(LINK_INTEGRALS, links)
        self.sizes |= {"stalled_s": 1, "in_flight": 1}
        self.edges: list[float] = [0.0]
        self.rows: list[dict[str, np.ndarray]] = []

    @property
    def next_edge(self) -> float:
        """When the open bin closes: at the next multiple of the width, the end of warm-up, or the horizon."""
        last = self.edges[-1]
        step = self.width * (np.floor(last / self.width + 1e-9) + 1)
        stops = [stop for stop in (step, self.warmup, self.horizon) if stop > last]
        return float(min(stops, default=np.inf))

    def close(self, edge: float, pools: np.ndarray, links: np.ndarray, ledger: np.ndarray) -> None:
        """Close the open bin at `edge`: bring the integrals up to it, keep them, and set them to zero."""
        span = edge - pools["since"]
        pools["busy_s"] += pools["busy"] * span
        pools["devices_s"] += pools["devices"] * span
        pools["capacity_s"] += np.maximum(pools["devices"], pools["busy"]) * span
        pools["waiting_s"] += pools["waiting"] * span
        carry_all(links, edge)
        pools["since"] = edge
        ledger["stalled_s"] += ledger["stalled"] * (edge - ledger["stalled_since"])
        ledger["stalled_since"] = edge
        in_flight = ledger["submitted"] - ledger["rejected"] - ledger["finished"]
        row = {name: pools[name].copy() for name in POOL_INTEGRALS} | {
            name: links[name].copy() for name in LINK_INTEGRALS
        }
        self.rows.append(row | {"stalled_s": ledger["stalled_s"].copy(), "in_flight": in_flight})
        for name in POOL_INTEGRALS:
            pools[name] = 0.0
        for name in LINK_INTEGRALS:
            links[name] = 0.0
        ledger["stalled_s"] = 0.0
        self.edges.append(edge)
        if np.isinf(self.horizon) and len(self.rows) % self.MANY == 0:
            self.width *= 2

    def table(self, name: str) -> np.ndarray:
        """One integral as [bins, pools, links or 1]: busy_s, devices_s, capacity_s, waiting_s of pools; bits,
        capacity_bits, full_s of links; stalled_s of flows; and in_flight, the jobs in flight when the bin ends."""
        return np.array([row[name] for row in self.rows]).reshape(len(self.rows), self.sizes[name])

    def in_window(self) -> np.ndarray:
        """Which bins lie in the window [warmup, end)."""
        return np.asarray(self.edges[:-1]) >= self.warmup
