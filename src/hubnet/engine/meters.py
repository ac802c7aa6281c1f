"""Meters: what a run remembers of jobs that have left and of time that has passed, in constant memory per bin.

Per class, each measure has its `Spread`; so has the wait by width, which is how many devices a job wants. Regions
have counts and sums. Per time bin, classes leave one row of demand, pools and links one of integrals.
"""

from __future__ import annotations

import math

import numpy as np

from .demand import DemandMeter
from .gears import loops
from .sharing import FULL
from .spread import Spread
from .tally import BINS, FLOORS, MEASURES, WIDTHS, Counts, Sums, slowdown, width_of
from .world import FINISHED

PARTS = ("held", "upload", "propagation", "wait", "service", "download")  # they add up to the response
POOL_INTEGRALS = ("busy_s", "devices_s", "capacity_s", "waiting_s")  # fields of world.POOL
LINK_INTEGRALS = ("bits", "capacity_bits", "full_s")  # fields of world.LINK


def parts(rows: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of finished jobs by name, s: see `tally.measure`."""
    table = np.zeros((len(rows), len(MEASURES)))
    loops().measures(rows, table)
    return dict(zip(MEASURES, table.T, strict=True))


def where(mask: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows for which the mask holds; the same array, not a copy, if it holds for all."""
    return rows if mask.all() else rows[mask]


class JobMeter:
    """Counts, sums and spreads per class, width and region over the jobs submitted in the window, flows per pair; and
    over all jobs, the demand per time bin, and the device-seconds in the window: all, and those good for something,
    as jobs had them that finished by their deadline, or had none.

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
        self.warmup = float(warmup)
        pools = 0 if paces is None else paces.shape[1]
        self.paces = np.full((classes, pools + 1), np.nan)  # pool -1, none, is the last one
        if paces is not None:
            self.paces[:, :pools] = paces
        self.demand = DemandMeter(classes, width, horizon)
        self.counts = Counts(
            status=np.zeros((classes, 3), np.int64),  # finished, rejected, unfinished
            met=np.zeros((classes, regions), np.int64),
            missed=np.zeros((classes, regions), np.int64),
            width_status=np.zeros((WIDTHS, 3), np.int64),
            region_status=np.zeros((regions, 3), np.int64),
            pair_jobs=np.zeros((regions, hubs), np.int64),
            reasons=np.zeros((classes, regions, 4), np.int64),
            **_spreads("", len(MEASURES), classes),
            **_spreads("width_", 1, WIDTHS),
        )
        self.sums = Sums(
            spread=np.zeros((len(MEASURES), classes)),
            width_spread=np.zeros((1, WIDTHS)),
            region_response=np.zeros(regions),
            region_slowdown=np.zeros(regions),
            pair_device_s=np.zeros((regions, hubs)),
            pair_input=np.zeros((regions, hubs)),
            pair_output=np.zeros((regions, hubs)),
            service=np.zeros((classes, pools)),
            useful=np.zeros(1),
        )
        self.open: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in (*MEASURES, "width")}

    def add(self, rows: np.ndarray, end: float | None = None) -> None:
        """Take in job rows; `end` is the end of the run when the rows are of unfinished jobs."""
        self.demand.make_room(rows)
        sums, found = Sums(*map(np.zeros_like, self.sums)), np.zeros(len(MEASURES))
        loops().take_in(
            rows,
            np.inf if end is None else end,
            self.warmup,
            self.demand.width,
            self.demand.horizon,
            self.paces,
            self.demand.tables,
            self.counts,
            sums,
            found,
            found.view(np.int64),
        )
        for total, more in zip(self.sums, sums, strict=True):
            total += more
        if end is not None:
            self._so_far(rows[rows["submit"] >= self.warmup], end)

    def _so_far(self, rows: np.ndarray, end: float) -> None:
        """Unfinished jobs: per measure, the least that it can still become.

        A slowdown falls while a job runs, so it is that of a job that starts now, if it waits, and runs for all of its
        work in the pool where it is.
        """

        def until(time: str, since: str) -> np.ndarray:
            return np.nan_to_num(np.where(np.isfinite(rows[time]), rows[time], end) - rows[since])

        held = until("release", "submit")
        wait = until("start", "deliver")
        run = rows["work"] / self.paces[rows["klass"], rows["pool"]]  # NaN without a pool
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
        for measure, floor in zip(MEASURES, FLOORS, strict=True):
            self.open[measure].append((rows["klass"], so_far[measure] - floor))
        self.open["width"].append((np.array([width_of(n) for n in rows["devices"]], np.int64), wait))

    @property
    def spreads(self) -> dict[str, Spread]:
        """How each measure spreads over the jobs of each class."""
        counts, jobs = self.counts, self.counts.status[:, FINISHED]
        return {
            name: Spread(
                jobs, self.sums.spread[m], counts.least[m], counts.most[m], counts.cells[m], self.open[name], FLOORS[m]
            )
            for m, name in enumerate(MEASURES)
        }

    @property
    def width_wait(self) -> Spread:
        """How the wait spreads over the jobs of each width."""
        counts, jobs = self.counts, self.counts.width_status[:, FINISHED]
        extremes = counts.width_least[0], counts.width_most[0]
        return Spread(jobs, self.sums.width_spread[0], *extremes, counts.width_cells[0], self.open["width"])

    def quantile(self, measure: str, share: float, klass: int | None = None) -> tuple[float, bool] | None:
        """A quantile of a measure over all classes or one: see `Spread.quantile`."""
        return self.spreads[measure].quantile(share, klass)

    def mean(self, measure: str, klass: int | None = None) -> float | None:
        """Mean over finished jobs; None if there is none."""
        return self.spreads[measure].mean(klass)


def _spreads(prefix: str, measures: int, groups: int) -> dict[str, np.ndarray]:
    """Histograms and extremes of some measures of nobody, as fields of `Counts`."""
    return {
        f"{prefix}cells": np.zeros((measures, groups, BINS), np.int64),
        f"{prefix}least": np.full((measures, groups), np.inf),
        f"{prefix}most": np.full((measures, groups), -np.inf),
    }


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
