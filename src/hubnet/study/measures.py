"""The measures of one run, by path: ("response_s", "p99") -> value. The same paths as in `summary.json`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.setup import Outcome
from ..engine.spread import Spread
from ..engine.world import FINISHED, STATUS
from ..network.network import Network
from .many import mean, t_quantile, variance

Path = tuple[str, ...]
PAIRS = ("pairs_moved", "pairs_cut_off")
ROUNDING = 1e-9  # of a value: an interval that is narrower is one of the arithmetic
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Value:
    """A measure's value; None = a measure of nothing. at_least: the true value is this or more."""

    value: float | None
    at_least: bool = False


def written(values: Sequence[Value]) -> dict[str, Any] | None:
    """A measure as `summary.json` shows it, from its value in each replication; None for a measure of nothing.

    {"value"} for one replication; {"value", "ci95": [low, high]} for more: the mean, and Student's t interval
    over the replications. With "at_least": true there is no interval, for the value is only a lower bound.
    """
    known = [value for value in values if value.value is not None]
    if not known:
        return None
    if len(values) == 1:
        shown: dict[str, Any] = {"value": known[0].value}
    else:
        sample = [float(value.value) for value in known if value.value is not None]
        mean, low, high = t_interval(sample)
        shown = {"value": mean}
        if len(sample) > 1 and not any(value.at_least for value in known):
            shown["ci95"] = [low, high]
    if any(value.at_least for value in known):
        shown["at_least"] = True
    return shown


def half_width(shown: Mapping[str, Any]) -> float | None:
    """Half of the interval of a measure as `written` gives it; 0 if that is one of the arithmetic, None without any."""
    if shown.get("ci95") is None:
        return None
    low, high = shown["ci95"]
    return 0.0 if high - low <= ROUNDING * abs(shown["value"]) else (high - low) / 2


def t_interval(sample: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean and the limits of Student's t interval for it: mean +- t sqrt(variance / n), n - 1 degrees of freedom."""
    n, centre = len(sample), mean(sample)
    if n < 2:
        return centre, math.nan, math.nan
    half = t_quantile(0.5 + confidence / 2, n - 1) * math.sqrt(variance(sample) / n)
    return centre, centre - half, centre + half


def measures(run: Outcome, network: Network) -> dict[Path, Value]:
    """Every measure of a finished run, in the order in which the summary shows them."""
    found: dict[Path, Value] = dict(job_measures(run, None))
    found["deadlines_missed",] = Value(int(run.jobs.counts.missed.sum()))
    found.update(utilization(run))
    found["goodput",] = goodput(run)
    found.update(trunk_use(run))
    found.update(trouble(run))
    jobs, bits = _east_to_west(run, network)
    found["east_to_west_jobs",], found["east_to_west_bits",] = Value(jobs), Value(bits)
    found["fairness",] = fairness(run)
    found.update(by_region(run))
    found.update(by_width(run))
    for index, name in enumerate(run.setup.classes):
        for path, value in job_measures(run, index):
            found["classes", name, *path] = value
    return found


def job_measures(run: Outcome, klass: int | None) -> Iterator[tuple[Path, Value]]:
    """Counts, times and deadlines over all classes, or one."""
    meter = run.jobs
    pick = slice(None) if klass is None else slice(klass, klass + 1)
    status = meter.counts.status[pick].sum(axis=0)
    yield ("jobs", "submitted"), Value(int(status.sum()))
    for index, name in enumerate(STATUS):
        yield ("jobs", name), Value(int(status[index]))
    for name, measure, factor in (
        ("response_s", "response", 1),
        ("wait_s", "wait", 1),
        ("held_s", "held", 1),
        ("slowdown", "slowdown", 1),
        ("one_way_ms", "one_way", 1e3),
    ):
        for statistic, value in statistics(meter.spreads[measure], klass, factor):
            yield (name, statistic), value
    yield ("deadline_met",), deadline_met(meter.counts.met[pick], meter.counts.missed[pick])


def statistics(spread: Spread, group: int | None, factor: float = 1) -> Iterator[tuple[str, Value]]:
    """Mean and quantiles of a measure, over all groups or one, in units of 1 / factor."""
    mean = spread.mean(group)
    yield "mean", Value(None if mean is None else mean * factor)
    least = 0.0  # under the rule that unfinished jobs are infinite, a higher quantile is never less
    for quantile, share in QUANTILES.items():
        found = spread.quantile(share, group)
        least = least if found is None else max(least, found[0])
        yield quantile, Value(None) if found is None else Value(least * factor, found[1])


def deadline_met(met: np.ndarray, missed: np.ndarray) -> Value:
    """met / (met + missed)."""
    return Value(_share(int(met.sum()), int((met + missed).sum())))


def by_region(run: Outcome) -> Iterator[tuple[Path, Value]]:
    """What the jobs of each region met with."""
    meter = run.jobs
    for index, (name, status) in enumerate(zip(run.setup.regions, meter.counts.region_status, strict=True)):
        yield ("regions", name, "jobs"), Value(int(status.sum()))
        yield ("regions", name, "deadline_met"), deadline_met(meter.counts.met[:, index], meter.counts.missed[:, index])
        yield ("regions", name, "slowdown", "mean"), Value(_share(meter.sums.region_slowdown[index], status[FINISHED]))


def by_width(run: Outcome) -> Iterator[tuple[Path, Value]]:
    """The wait of the jobs of each width, a bin of the number of devices."""
    for index in widths(run):
        name, status = width_name(index), run.jobs.counts.width_status[index]
        yield ("widths", name, "jobs"), Value(int(status.sum()))
        for statistic, value in statistics(run.jobs.width_wait, index):
            yield ("widths", name, "wait_s", statistic), value


def widths(run: Outcome) -> list[int]:
    """The bins of widths that occur."""
    return [int(index) for index in np.flatnonzero(run.jobs.counts.width_status.sum(axis=1))]


def width_limits(index: int) -> tuple[int, int]:
    """The least and the most devices of a bin: see `engine.meters.width_of`."""
    return (index, index) if index < 2 else (2 ** (index - 2) + 1, 2 ** (index - 1))


def width_name(index: int) -> str:
    """A bin of widths in words: 0, 1, 2, 3-4, 5-8."""
    least, most = width_limits(index)
    return str(least) if least == most else f"{least}-{most}"


def fairness(run: Outcome) -> Value:
    """Jain's index over the mean bounded slowdown x of each region with finished jobs: (sum x)^2 / (n sum x^2).

    1: equal in all regions; 1/n: one region has all of it. Jain, Chiu, Hawe: A quantitative measure of fairness and
    discrimination for resource allocation in shared computer systems, DEC-TR-301, 1984.
    """
    finished = run.jobs.counts.region_status[:, FINISHED]
    some = finished > 0
    means = run.jobs.sums.region_slowdown[some] / finished[some]
    return Value(_share(means.sum() ** 2, len(means) * (means**2).sum()))


def goodput(run: Outcome) -> Value:
    """Useful device-seconds over device-seconds in force, in the window: see `engine.meters.JobMeter`.

    It is less than the utilization by what jobs have that came late, that were stopped, or that are open at the end.
    """
    return Value(_share(run.jobs.sums.useful[0], window_totals(run, "capacity_s").sum()))


def utilization(run: Outcome) -> Iterator[tuple[Path, Value]]:
    """Busy device-seconds over device-seconds in force, in the window: mean, by hub, by pool."""
    setup = run.setup
    busy, capacity = window_totals(run, "busy_s"), window_totals(run, "capacity_s")
    yield ("utilization", "mean"), Value(_share(busy.sum(), capacity.sum()))
    hubs = setup.pools["hub"]
    for index, hub in enumerate(setup.hubs):
        if (hubs == index).any():
            yield (
                ("utilization", "by_hub", hub),
                Value(_share(busy[hubs == index].sum(), capacity[hubs == index].sum())),
            )
    for index, pool in enumerate(setup.pools):
        name = f"{setup.hubs[pool['hub']]}/{setup.devices[pool['device']]}"
        yield ("utilization", "by_pool", name), Value(_share(busy[index], capacity[index]))


def trunk_use(run: Outcome) -> Iterator[tuple[Path, Value]]:
    """Bits carried over the integral of the capacity in force, in the window: mean, highest, per direction; and the
    share of the window in which a direction was full."""
    bits, could = window_totals(run, "bits"), window_totals(run, "capacity_bits")
    use = [_share(b, c) for b, c in zip(bits, could, strict=True)]
    full = [_share(seconds, window_length(run)) for seconds in window_totals(run, "full_s")]
    yield ("trunk_use", "mean"), Value(_share(bits.sum(), could.sum()))
    for name, shares in (("trunk_use", use), ("trunk_saturated", full)):
        yield (name, "max"), Value(max((share for share in shares if share is not None), default=None))
        for (_, a, b), share in zip(run.setup.links, shares, strict=True):
            yield (name, "by_trunk", f"{a}->{b}"), Value(share)


def trouble(run: Outcome) -> Iterator[tuple[Path, Value]]:
    """What incidents did, over the whole run; and how many transfers stood still, in the mean of the window."""
    each = run.incidents
    yield ("incidents", "count"), Value(len(each))
    for name in ("jobs_displaced", "work_lost_device_s", "flows_moved", "flows_stalled", *PAIRS):
        yield ("incidents", name), Value(sum(incident[name] for incident in each))
    longer = [incident for incident in each if incident["pairs_moved"]]
    pairs = sum(incident["pairs_moved"] for incident in longer)
    gained = math.fsum(incident["detour_mean_ms"] * incident["pairs_moved"] for incident in longer)
    yield ("incidents", "detour_ms", "mean"), Value(gained / pairs if pairs else None)
    yield (
        ("incidents", "detour_ms", "max"),
        Value(max((incident["detour_max_ms"] for incident in longer), default=None)),
    )
    yield ("stalled_transfers", "mean"), Value(_share(window_totals(run, "stalled_s")[0], window_length(run)))


def window_totals(run: Outcome, name: str) -> np.ndarray:
    """One of the time meter's integrals, summed over the bins of the window."""
    return run.bins.table(name)[run.bins.in_window()].sum(axis=0)


def window_length(run: Outcome) -> float:
    """s from the end of warm-up to the end of the run."""
    return max(run.end - run.setup.warmup, 0.0)


def _east_to_west(run: Outcome, network: Network) -> tuple[int | None, float | None]:
    """Jobs, and their bits of input, that regions of the area `east` sent to hubs of the area `west`; None without
    areas."""
    area = {name: network.graph.nodes[name].get("area") for name in (*network.regions, *network.hubs)}
    if not any(area.values()):
        return None, None
    east = [area[name] == "east" for name in run.setup.regions]
    west = [area[name] == "west" for name in run.setup.hubs]
    pairs = np.ix_(np.flatnonzero(east), np.flatnonzero(west))
    return int(run.jobs.counts.pair_jobs[pairs].sum()), float(run.jobs.sums.pair_input[pairs].sum())


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def nested(flat: Mapping[Path, object]) -> dict[str, object]:
    """Paths as nested dictionaries."""
    tree: dict[str, object] = {}
    for path, value in flat.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})  # type: ignore[assignment]
        node[path[-1]] = value
    return tree
