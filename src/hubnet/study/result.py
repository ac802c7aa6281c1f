"""`Result`: one run, as tables.

All times are s, sizes bit; hubs, regions, classes and device types go by name. A table is made when it is first
asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..engine.changes import INCIDENT_COLUMNS
from ..engine.meters import LINK_INTEGRALS, POOL_INTEGRALS
from ..engine.setup import Outcome
from ..engine.spread import Spread
from ..engine.tally import MEASURES
from ..engine.world import FINISHED, REASON, STATUS
from ..network.network import Network
from .accounts import account_measures, accounts_table
from .batches import Batched, JobBatches, batch_means
from .checks import Checks, checks
from .measures import (
    Path,
    Value,
    deadline_met,
    job_measures,
    measures,
    nested,
    width_limits,
    width_name,
    widths,
    window_totals,
    written,
)
from .records import jobs_frame

NATION = ("nation", "currency", "yuan_per_unit", "rate_source", "rate_confidence")  # what names say of the nation
CLASS_QUANTILES = (5, 25, 50, 75, 95, 99)


class Result:
    """What one run of one allocation gave.

    name, allocation: of the scenario. nation: in a study of nations its `nation`, and as far as known `currency`,
    `yuan_per_unit`, `rate_source` and `rate_confidence`: what its money was before it became yuan. network: the
    `Network` it ran on. gear: "compiled", "python" or "textbook". window: (start_s, end_s) that the measures speak
    of. reserve: the share of every pool that is set aside; devices and utilization speak of the rest. scale: the share
    of the nation that was simulated. terms: what the accounts are reckoned with.
    """

    def __init__(
        self,
        run: Outcome,
        network: Network,
        rows: list[np.ndarray] | None = None,
        batches: JobBatches | None = None,
    ) -> None:
        self._run, self._rows, self.network, self._batches = run, rows, network, batches
        self.name = run.setup.names.get("scenario", "")
        self.allocation = run.setup.names.get("allocation", "")
        self.nation = {key: run.setup.names[key] for key in NATION if key in run.setup.names}
        self.gear = run.gear
        self.window = (run.setup.warmup, run.end)
        self.terms = run.setup.accounts
        self.events, self.reserve, self.scale = run.events, run.setup.reserve, run.setup.scale

    def __repr__(self) -> str:
        jobs = {path[-1]: value.value for path, value in job_measures(self._run, None) if path[0] == "jobs"}
        counts = ", ".join(f"{count} {name}" for name, count in jobs.items())
        return f"<hubnet result {self.name!r}, {self.allocation!r}: jobs {counts}>"

    @cached_property
    def measures(self) -> dict[Path, Value]:
        """Every measure by its path, as in the summary."""
        return measures(self._run, self.network) | dict(account_measures(self._run, self.network))

    def summary(self) -> dict[str, Any]:
        """The measures as in `summary.json`, for this allocation alone."""
        return nested({path: written([value]) for path, value in self.measures.items()})

    @cached_property
    def checks(self) -> Checks:
        """What the run's accounts of itself say of each other; `print(result.checks.words())`. See
        `hubnet.study.checks`."""
        return checks(self._run)

    @cached_property
    def batch_means(self) -> dict[Path, Batched]:
        """95% intervals from this run alone, by path, of the measures whose batches allow one; see
        `hubnet.study.batches`. Means over jobs are among them if the run came from a study of one replication."""
        return batch_means(self._run, self._batches)

    @cached_property
    def utilization(self) -> pd.DataFrame:
        """One row per pool, over the window: hub, pool (device type), devices (mean in force), utilization (share),
        busy_device_s, capacity_device_s."""
        busy, devices, capacity = (window_totals(self._run, name) for name in ("busy_s", "devices_s", "capacity_s"))
        length = self.window[1] - self.window[0]
        return self._pool_names().assign(
            devices=devices / length if length > 0 else 0.0,
            utilization=ratio(busy, capacity),
            busy_device_s=busy,
            capacity_device_s=capacity,
        )

    @cached_property
    def pools(self) -> pd.DataFrame:
        """One row per time bin and pool: start_s, end_s, hub, pool, devices (mean in force), busy (mean),
        utilization (share), waiting (mean jobs in the queue)."""
        names, (starts, ends) = self._pool_names(), self._bins()
        busy, devices, capacity, waiting = (self._run.bins.table(name).ravel() for name in POOL_INTEGRALS)
        bins, span = len(starts), np.repeat(ends - starts, len(names))
        return pd.DataFrame(
            {
                "start_s": np.repeat(starts, len(names)),
                "end_s": np.repeat(ends, len(names)),
                "hub": np.tile(names["hub"].to_numpy(), bins),
                "pool": np.tile(names["pool"].to_numpy(), bins),
                "devices": devices / span,
                "busy": busy / span,
                "utilization": ratio(busy, capacity),
                "waiting": waiting / span,
            }
        )

    @cached_property
    def trunks(self) -> pd.DataFrame:
        """One row per time bin and direction: start_s, end_s, trunk, from, to, bits (carried), use (share of the
        capacity in force less background; NaN while down), saturated (share of the bin in which it was full), up
        (mean share of its capacity that was in force)."""
        links, (starts, ends) = self._run.setup.links, self._bins()
        bits, capacity, full = (self._run.bins.table(name).ravel() for name in LINK_INTEGRALS)
        nominal = np.outer(ends - starts, self._run.setup.links_table["capacity"]).ravel()
        return pd.DataFrame(
            {
                "start_s": np.repeat(starts, len(links)),
                "end_s": np.repeat(ends, len(links)),
                "trunk": np.tile(np.array([link[0] for link in links], object), len(starts)),
                "from": np.tile(np.array([link[1] for link in links], object), len(starts)),
                "to": np.tile(np.array([link[2] for link in links], object), len(starts)),
                "bits": bits,
                "use": ratio(bits, capacity),
                "saturated": full / np.repeat(ends - starts, len(links)),
                "up": ratio(capacity, nominal),
            }
        )

    @cached_property
    def transfers(self) -> pd.DataFrame:
        """One row per time bin: start_s, end_s, stalled (mean number of transfers that stood still for want of a
        path), open (jobs in flight when the bin ends)."""
        starts, ends = self._bins()
        stalled, open_jobs = (self._run.bins.table(name).ravel() for name in ("stalled_s", "in_flight"))
        return pd.DataFrame({"start_s": starts, "end_s": ends, "stalled": stalled / (ends - starts), "open": open_jobs})

    @cached_property
    def incidents(self) -> pd.DataFrame:
        """One row per incident and target, in order of announcement: incident (number), what (words), kind (cut,
        degrade, outage or surge), target, hub, factor (share that was left; of a surge, on the rate), at_s, end_s (inf:
        in force when the run ends), flows_moved and flows_stalled (transfers under way when it began), pairs_moved and
        pairs_cut_off (of region and hub), detour_mean_ms and detour_max_ms (one-way delay that moved pairs gained; NaN
        if none), jobs_displaced, work_lost_device_s."""
        return pd.DataFrame(self._run.incidents, columns=list(INCIDENT_COLUMNS))

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row per class: class, submitted, finished, rejected, unfinished, rejected_too_large,
        rejected_no_path, rejected_policy, deadline_met, and for response,
        wait, one_way, upload, propagation, service, download and held their m_mean_s and quantiles m_p5_s ...
        m_p99_s (NaN: no job; inf: the quantile falls on an unfinished job); for the bounded slowdown, which has no
        unit, slowdown_mean, slowdown_p5 ... slowdown_p99. The means of held, upload, propagation, wait, service and
        download add up to that of response."""
        return pd.DataFrame([self._class_row(index, name) for index, name in enumerate(self._run.setup.classes)])

    def _class_row(self, index: int, name: str) -> dict[str, Any]:
        meter = self._run.jobs
        flat = {path: value.value for path, value in job_measures(self._run, index)}
        row: dict[str, Any] = {"class": name} | _counts(meter.counts.status[index])
        reasons = meter.counts.reasons[index].sum(axis=0)
        row |= {f"rejected_{name.replace('-', '_')}": int(reasons[i]) for i, name in enumerate(REASON) if name}
        met = flat["deadline_met",]
        row["deadline_met"] = np.nan if met is None else met
        for measure in MEASURES:
            row |= _statistics(meter.spreads[measure], measure, index)
        return row

    @cached_property
    def widths(self) -> pd.DataFrame:
        """One row per width, a bin of devices per job (0, 1, 2, 3-4, 5-8, ...) that has jobs: width (in words),
        devices_least, devices_most, submitted, finished, rejected, unfinished, wait_mean_s and wait_p5_s ...
        wait_p99_s, as in `classes`."""
        meter, rows = self._run.jobs, []
        for index in widths(self._run):
            least, most = width_limits(index)
            row: dict[str, Any] = {"width": width_name(index), "devices_least": least, "devices_most": most}
            row |= _counts(meter.counts.width_status[index])
            rows.append(row | _statistics(meter.width_wait, "wait", index))
        names = [f"wait_{name}_s" for name in ("mean", *(f"p{percent}" for percent in CLASS_QUANTILES))]
        return pd.DataFrame(rows, columns=["width", "devices_least", "devices_most", "submitted", *STATUS, *names])

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row per region: region, submitted, finished, rejected, unfinished, deadline_met, slowdown_mean,
        response_mean_s (NaN: no such job)."""
        meter = self._run.jobs
        finished = meter.counts.region_status[:, FINISHED]
        met = [deadline_met(meter.counts.met[:, i], meter.counts.missed[:, i]).value for i in range(len(finished))]
        return pd.DataFrame(
            {
                "region": np.array(self._run.setup.regions, object),
                "submitted": meter.counts.region_status.sum(axis=1),
                **{name: meter.counts.region_status[:, index] for index, name in enumerate(STATUS)},
                "deadline_met": np.array(met, float),
                "slowdown_mean": ratio(meter.sums.region_slowdown, finished),
                "response_mean_s": ratio(meter.sums.region_response, finished),
            }
        )

    @cached_property
    def demand(self) -> pd.DataFrame:
        """One row per time bin and class, from time 0: start_s, end_s, class, jobs (submitted in the bin, whatever
        became of them), device_s (their devices x work: device-seconds on the reference device), devices (mean
        number of reference devices that would be busy if every job ran from its submission)."""
        meter, names, end = self._run.jobs.demand, np.array(self._run.setup.classes, object), self._run.end
        edges = meter.edges(end)
        bins = len(edges) - 1
        return pd.DataFrame(
            {
                "start_s": np.repeat(edges[:-1], len(names)),
                "end_s": np.repeat(edges[1:], len(names)),
                "class": np.tile(names, bins),
                "jobs": meter.tables.jobs[:bins].ravel(),
                "device_s": meter.tables.device_s[:bins].ravel(),
                "devices": (meter.busy_s(end) / np.diff(edges)[:, None]).ravel(),
            }
        )

    @cached_property
    def od(self) -> pd.DataFrame:
        """One row per region and hub between which jobs went: region, hub, jobs, device_s (served),
        input_bits, output_bits (sent)."""
        meter, setup = self._run.jobs, self._run.setup
        region, hub = np.nonzero(meter.counts.pair_jobs)
        return pd.DataFrame(
            {
                "region": np.array(setup.regions, object)[region],
                "hub": np.array(setup.hubs, object)[hub],
                "jobs": meter.counts.pair_jobs[region, hub],
                "device_s": meter.sums.pair_device_s[region, hub],
                "input_bits": meter.sums.pair_input[region, hub],
                "output_bits": meter.sums.pair_output[region, hub],
            }
        )

    @cached_property
    def rejections(self) -> pd.DataFrame:
        """Why jobs were rejected, one row per reason, class and region that has any: reason, class, region, jobs."""
        setup, reasons = self._run.setup, self._run.jobs.counts.reasons
        klass, region, reason = np.nonzero(reasons[:, :, 1:])
        rows = pd.DataFrame(
            {
                "reason": np.array(REASON[1:], object)[reason],
                "class": np.array(setup.classes, object)[klass],
                "region": np.array(setup.regions, object)[region],
                "jobs": reasons[klass, region, 1 + reason],
            }
        )
        return rows.sort_values("jobs", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Energy, cost, CO2, capital and value by pool and class: see `hubnet.study.accounts`."""
        return accounts_table(self._run, self.network)

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per submitted job, by id; see `hubnet.study.records` for the columns."""
        if self._rows is None:
            raise AttributeError("this run kept no job records: simulate with records=True (--records)")
        return jobs_frame(self._rows, self._run.setup)

    def _pool_names(self) -> pd.DataFrame:
        setup = self._run.setup
        return pd.DataFrame(
            {
                "hub": np.array(setup.hubs, object)[setup.pools["hub"]],
                "pool": np.array(setup.devices, object)[setup.pools["device"]],
            }
        )

    def _bins(self) -> tuple[np.ndarray, np.ndarray]:
        edges = np.asarray(self._run.bins.edges)
        return edges[:-1], edges[1:]


def _counts(status: np.ndarray) -> dict[str, Any]:
    """Jobs submitted, and what became of them."""
    return {"submitted": int(status.sum())} | {name: int(status[index]) for index, name in enumerate(STATUS)}


def _statistics(spread: Spread, measure: str, group: int) -> dict[str, float]:
    """Mean and quantiles of one group, as columns; NaN: no job, inf: the quantile falls on an unfinished job."""
    mean, unit = spread.mean(group), "" if measure == "slowdown" else "_s"
    row = {f"{measure}_mean{unit}": np.nan if mean is None else mean}
    for percent in CLASS_QUANTILES:
        found = spread.quantile(percent / 100, group)
        row[f"{measure}_p{percent}{unit}"] = np.nan if found is None else np.inf if found[1] else found[0]
    return row


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
