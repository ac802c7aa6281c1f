"""What the jobs of a trace ask for in the mean, as classes with rates: for estimates before a run, not for playing."""

from __future__ import annotations

import numpy as np

from ..classes import JobClass
from ..distributions import Choice, Constant
from .play import TraceJobs


def typical_classes(jobs: TraceJobs, regions: tuple[str, ...], horizon: float) -> tuple[JobClass, ...]:
    """A `JobClass` for all jobs of one class, rule of place and number of devices, submitted before the horizon.

    So several may have the same name. Their rates are jobs over horizon, and work, input and output are means, so that
    sums over them are those of the trace; where the jobs come from is taken to be independent of how large they are.
    """
    trace = jobs.trace
    rounds, rest = divmod(trace.jobs_before(horizon), max(len(trace), 1))
    times = rounds + (np.arange(len(trace)) < rest)  # how often each job is played
    place = np.zeros(len(trace), int) if jobs.place is None else jobs.place
    keys = np.column_stack([trace.names["class"].codes, place, trace.numbers["devices"]]).astype(int)
    kinds, kind = np.unique(keys[times > 0], axis=0, return_inverse=True)
    kind, times = kind.ravel(), times[times > 0]
    played = np.bincount(kind, times, len(kinds))
    means = {
        name: np.bincount(kind, times * trace.numbers[name][: len(kind)], len(kinds)) / played
        for name in ("work", "input", "output")
        if name in trace.numbers
    }
    homes = _homes(jobs, kind, times, len(kinds), len(regions))
    tolerance, zero = jobs.given.get("tolerance"), np.zeros(len(kinds))
    return tuple(
        JobClass(
            name=jobs.classes[klass],
            rate=float(played[k]) / horizon,
            regions=dict(zip(regions, homes[k].tolist(), strict=True)),
            devices=Choice((devices,), (1.0,)),
            work=Constant(means["work"][k]),
            upload=Constant(means.get("input", zero)[k]),
            download=Constant(means.get("output", zero)[k]),
            tolerance=np.inf if tolerance is None else float(tolerance[klass]),
            place=place,
        )
        for k, (klass, place, devices) in enumerate(kinds.tolist())
    )


def _homes(jobs: TraceJobs, kind: np.ndarray, times: np.ndarray, kinds: int, regions: int) -> np.ndarray:
    """Expected number of jobs that each region submits [kinds, regions]."""
    sites = jobs.trace.names["site"].codes[: len(kind)] if "site" in jobs.trace.names else np.full(len(kind), -1)
    region = jobs.homes.of_site[sites]
    sure = region >= 0
    counts = np.bincount(kind[sure] * regions + region[sure], times[sure], kinds * regions).reshape(kinds, regions)
    if not sure.all():
        counts = counts + np.outer(np.bincount(kind[~sure], times[~sure], kinds), jobs.homes.shares)
    return counts
