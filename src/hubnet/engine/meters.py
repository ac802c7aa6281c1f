"""Meters: what a run remembers of jobs that have left and of time that has passed, in constant memory per bin.

Per class, each measure has a count, a sum, the extremes, and a histogram with 128 bins between powers of two: a
quantile read from it is within 1% of the sample's. Per time bin, pools and links leave one row of integrals.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .gears import loops
from .sharing import FULL
from .tally import SHIFT
from .world import FINISHED, REJECTED, UNFINISHED

MEASURES = ("response", "wait", "one_way", "upload", "propagation", "service", "download")
POOL_INTEGRALS = ("busy_s", "devices_s", "capacity_s", "waiting_s")  # fields of world.POOL
LINK_INTEGRALS = ("bits", "capacity_bits", "full_s")  # fields of world.LINK
ROUNDING = 1 + 1e-12  # a job that is late by no more than the last bits of its times is not late
SMALLEST = 2.0**-20  # s, about 1 us; anything below counts as zero
OFFSET = int(np.float64(SMALLEST).view(np.int64) >> SHIFT) - 1
PIECE = 4096  # rows
BINS = 55 * 128  # up to 2^35 s, 1,000 years


def bin_of(values: np.ndarray) -> np.ndarray:
    """The histogram bin of each value, read off its bits: 128 equal bins between powers of two, bin 0 for zero."""
    bits = np.ascontiguousarray(values, np.float64).view(np.int64)
    return np.clip((bits >> SHIFT) - OFFSET, 0, BINS - 1)


def lower_edge_of(index: int) -> float:
    """What every value of a bin is at least."""
    return 0.0 if index == 0 else float(np.int64((index + OFFSET) << SHIFT).view(np.float64))


def parts(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of job rows, s; NaN where a job did not get that far."""
    one_way, back = rows["one_way"], rows["one_way_back"]
    return {
        "response": rows["finish"] - rows["submit"],
        "wait": rows["start"] - rows["deliver"],
        "one_way": one_way,
        "upload": rows["sent"] - rows["release"],
        "propagation": one_way + back,
        "service": rows["end"] - rows["start"],
        "download": np.where(rows["output"] > 0, np.maximum(rows["finish"] - rows["end"] - back, 0.0), 0.0),
    }


def where(mask: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows for which the mask holds; the same array, not a copy, if it holds for all."""
    return rows if mask.all() else rows[mask]


def pieces(rows: np.ndarray) -> Iterator[np.ndarray]:
    """The rows in pieces that a processor's cache holds, so that looking at one column after the other is fast."""
    return (rows[i : i + PIECE] for i in range(0, len(rows), PIECE))


def count(table: np.ndarray, row: np.ndarray, column: np.ndarray) -> None:
    """Add 1 to the cells (row, column) of a table of integers."""
    loops()[1](row, column, table)


class JobMeter:
    """Counts, sums and histograms per class over the jobs submitted in the window, and flows per pair."""

    def __init__(self, classes: int, regions: int, hubs: int, warmup: float) -> None:
        self.warmup = warmup
        self.status = np.zeros((classes, 3), np.int64)  # finished, rejected, unfinished
        self.reasons = np.zeros((classes, 4), np.int64)
        self.met, self.missed = np.zeros(classes, np.int64), np.zeros(classes, np.int64)
        self.sums = np.zeros((len(MEASURES), classes))
        self.least = np.full((len(MEASURES), classes), np.inf)
        self.most = np.full((len(MEASURES), classes), -np.inf)
        self.histogram = np.zeros((len(MEASURES), classes, BINS), np.int64)
        self.ages: list[np.ndarray] = []  # (class, measure..., so far) of unfinished jobs
        self.pair_jobs = np.zeros((regions, hubs), np.int64)
        self.pair_device_s = np.zeros((regions, hubs))
        self.pair_input, self.pair_output = np.zeros((regions, hubs)), np.zeros((regions, hubs))

    def add(self, rows: np.ndarray, end: float | None = None) -> None:
        """Take in job rows; `end` is the end of the run when the rows are of unfinished jobs."""
        rows = where(rows["submit"] >= self.warmup, rows)
        if len(rows) == 0:
            return
        count(self.status, rows["klass"], rows["status"])
        count(self.reasons, rows["klass"], rows["reason"])
        self._deadlines(rows, end)
        self._pairs(where(rows["status"] != REJECTED, rows))
        finished = where(rows["status"] == FINISHED, rows)
        if len(finished):
            self._measures(finished)
        if end is not None:
            self.ages.append(self._so_far(rows, end))

    def _measures(self, rows: np.ndarray) -> None:
        spread, _, _ = loops()
        sums = np.zeros_like(self.sums)  # of these rows alone: fewer roundings
        for some in pieces(rows):
            for m, values in enumerate(parts(some).values()):
                values = np.ascontiguousarray(values)
                bits = values.view(np.int64)
                spread(some["klass"], values, bits, OFFSET, sums[m], self.least[m], self.most[m], self.histogram[m])
        self.sums += sums

    def _deadlines(self, rows: np.ndarray, end: float | None) -> None:
        """met: finished in time. missed: late, rejected, or open beyond its deadline. Otherwise left out."""
        limited = where(rows["deadline"] < np.inf, rows)
        if len(limited) == 0:
            return
        latest = (limited["submit"] + limited["deadline"]) * ROUNDING
        met = limited["finish"] <= latest
        late = (limited["status"] == FINISHED) & ~met
        if end is not None:
            late |= (limited["status"] == UNFINISHED) & (end > latest)
        missed = late | (limited["status"] == REJECTED)
        classes = len(self.met)
        self.met += np.bincount(limited["klass"][met], minlength=classes)
        self.missed += np.bincount(limited["klass"][missed], minlength=classes)

    def _pairs(self, rows: np.ndarray) -> None:
        _, _, flows = loops()
        tables = self.pair_device_s, self.pair_input, self.pair_output
        sums = [np.zeros_like(table) for table in tables]
        flows(rows, self.pair_jobs, *sums)
        for table, more in zip(tables, sums, strict=True):
            table += more

    @staticmethod
    def _so_far(rows: np.ndarray, end: float) -> np.ndarray:
        """Per unfinished job its class and, per measure, the least that it can still become."""
        age = end - rows["submit"]
        waited = np.where(np.isfinite(rows["start"]), rows["start"], end) - rows["deliver"]
        uploaded = np.where(np.isfinite(rows["sent"]), rows["sent"], end) - rows["release"]
        served = np.where(np.isfinite(rows["end"]), rows["end"], end) - rows["start"]
        zeros = np.zeros(len(rows))
        columns = [age, waited, rows["one_way"], uploaded, rows["one_way"], served, zeros]
        return np.column_stack([rows["klass"], *(np.nan_to_num(column) for column in columns)])

    def quantile(self, measure: str, share: float, klass: int | None = None) -> tuple[float, bool] | None:
        """The smallest value that at least `share` of the jobs do not exceed, over all classes or one.

        Unfinished jobs count as infinite. Returns (value, at_least): at_least is true when the quantile falls
        on an unfinished job; the value is then what the quantile is at least, from how long those jobs have
        already taken. None if there is no job that was not rejected.
        """
        m = MEASURES.index(measure)
        pick = slice(None) if klass is None else slice(klass, klass + 1)
        cells = self.histogram[m, pick].sum(axis=0)
        done = int(cells.sum())
        open_jobs = np.concatenate(self.ages) if self.ages else np.zeros((0, 1 + len(MEASURES)))
        if klass is not None:
            open_jobs = open_jobs[open_jobs[:, 0] == klass]
        total = done + len(open_jobs)
        if total == 0:
            return None
        rank = max(int(np.ceil(share * total - 1e-9)), 1)
        at_least = rank > done
        if at_least:
            cells = cells + np.bincount(bin_of(open_jobs[:, 1 + m]), minlength=BINS)
        upto = np.cumsum(cells)
        index = int(np.searchsorted(upto, rank))
        low, high = lower_edge_of(index), lower_edge_of(index + 1) if index else 0.0
        if at_least:
            return low, True
        within = (rank - (upto[index] - cells[index]) - 0.5) / cells[index]  # the bin's values taken as evenly spread
        value = low + within * (high - low)
        return float(np.clip(value, self.least[m, pick].min(), self.most[m, pick].max())), False

    def mean(self, measure: str, klass: int | None = None) -> float | None:
        """Mean over finished jobs; None if there is none."""
        pick = slice(None) if klass is None else slice(klass, klass + 1)
        count = int(self.status[pick, FINISHED].sum())
        return float(self.sums[MEASURES.index(measure), pick].sum()) / count if count else None


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
