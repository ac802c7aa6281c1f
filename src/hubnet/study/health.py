"""Is a run long enough, and can it last? One place for all doubts about stability and settling.

Before a run, `overloaded` tells which pools are asked for more than they have. After it, `doubts` looks at what
happened: queues that grow, busy devices that still move, and the place where MSER-5 finds the beginning settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import Problem
from ..text import number, percent
from ..text import seconds as duration
from .expect import Expectation
from .result import Result
from .warmup import ENOUGH, Truncation, truncation, without_rhythm

GROWTH, JOBS = 2.0, 5.0  # a queue grows if it gets this many times, and this many jobs, longer
UNEVEN = 0.01  # of the jobs, finished in one run and not in another
DRIFT, POINTS = 0.1, 0.01  # busy devices have settled if they move by no more than this share, or by this much

Loads = Mapping[tuple[str, str], float]


def overloaded(name: str, expectation: Expectation) -> list[Problem]:
    """The pools of an allocation that are asked for all that they have, or more: the worst, and how many others."""
    pools = sorted((pool for pool in expectation.pools if pool.load >= 1), key=lambda pool: -pool.load)
    if not pools:
        return []
    worst, more = pools[0], len(pools) - 1
    others = f"; so {'is another pool' if more == 1 else f'are {more} other pools'}" if more else ""
    return [
        Problem(
            f"{name}: {worst.hub}/{worst.device} is unstable: it is asked for {percent(worst.load)} of the "
            f"device-seconds that it has, so its queue grows as long as the run lasts{others}",
            "lower workload.load or the rates, or give more devices",
        )
    ]


def doubts(results: Sequence[Result], loads: Loads | None = None) -> list[str]:
    """Why the measures of these replications of one run may not speak of the long run, in sentences without a
    subject's name; empty if nothing speaks against them.

    loads: (hub, device type) -> offered load, where it is known. Where incidents happened nothing has to settle, so
    only queues are looked at.
    """
    found = growing(results, loads or {})
    if any(len(result.incidents) for result in results):
        return found
    if drift := settling(results):
        found.append(
            f"{drift} inside the measured window, so the run has not settled; a longer clock.warmup and clock.horizon "
            "may change the comparison."
        )
    return [*found, *beginning(results)]


def uneven(results: Mapping[str, Sequence[Result]]) -> list[str]:
    """Runs that look better than they are, because means are over finished jobs and they finished fewer."""
    shares = {}
    for name, runs in results.items():
        submitted, finished = (
            sum(float(run.measures["jobs", count].value or 0) for run in runs) for count in ("submitted", "finished")
        )
        shares[name] = finished / submitted if submitted else 1.0
    most = max(shares.values())
    return [
        f"{name}: {percent(share)} of its jobs finished, and {percent(most)} elsewhere: means are over finished jobs, "
        "so they look better than they are."
        for name, share in shares.items()
        if most - share > UNEVEN
    ]


def growing(results: Sequence[Result], loads: Loads) -> list[str]:
    """Pools whose queues get longer from third to third of the window: the one that grows most."""
    waiting, busy, could = (_thirds(results, column) for column in ("waiting", "busy", "devices"))
    names = list(zip(results[0].utilization["hub"], results[0].utilization["pool"], strict=True))
    gain = waiting[2] - waiting[0]
    grows = (waiting[0] < waiting[1]) & (waiting[1] < waiting[2]) & (gain >= JOBS)
    grows &= waiting[2] >= GROWTH * waiting[0]
    if not grows.any():
        return []
    index = int(np.where(grows, gain, -1.0).argmax())
    hub, device = names[index]
    full = busy[2][index] / could[2][index] if could[2][index] else 1.0
    load = loads.get((hub, device))
    asked = "" if load is None else f"; it is asked for about {percent(load)} of the device-seconds that it has"
    why = ", so it is unstable" if load is not None and load >= 1 else ""
    more = f" {number(grows.sum() - 1)} other queues grow too." if grows.sum() > 2 else ""
    more = " Another queue grows too." if grows.sum() == 2 else more
    return [
        f"the queue of {hub}/{device} grows from {number(_round(waiting[0][index]))} to "
        f"{number(_round(waiting[2][index]))} waiting jobs, first to last third of the window, with "
        f"{percent(full)} of its devices busy at the end{asked}{why}.{more}"
    ]


def settling(results: Sequence[Result]) -> str:
    """How far the busy devices still move from the first to the last third of the window, in words; "" if little."""
    busy, could = (_thirds(results, column).sum(axis=1) for column in ("busy", "devices"))
    first, last = (float(busy[third] / could[third]) if could[third] else 0.0 for third in (0, 2))
    if abs(last - first) <= max(DRIFT * first, POINTS):
        return ""
    return f"busy devices go from {percent(first)} to {percent(last)}"


def beginning(results: Sequence[Result]) -> list[str]:
    """Is there enough of the run after the place where MSER-5 finds it settled, and does the warm-up reach there? Runs
    of few time bins are not judged."""
    if _bins(results[0]) < ENOUGH:
        return []
    found, width = settled_from(results), results[0].window[1] / _bins(results[0])
    if not found.settled:
        return [
            "no settled stretch is found in the first half of the run (MSER-5), so clock.horizon is too short to tell "
            "where warming up ends."
        ]
    start, at = results[0].window[0], found.index * width
    if at > start + 2 * width:
        return [f"the run settles after about {duration(at)} (MSER-5), and clock.warmup is {duration(start)}."]
    return []


def settled_from(results: Sequence[Result]) -> Truncation:
    """MSER-5 of busy devices and jobs in flight per bin, from the start of the run."""
    return truncation([series(result) for result in results])


def series(result: Result) -> list[np.ndarray]:
    """Busy devices (mean of each bin), and jobs in flight (at its end), less their rhythm of the day."""
    bins = result.transfers
    starts, lengths = bins["start_s"].to_numpy(), (bins["end_s"] - bins["start_s"]).to_numpy()
    busy = result.pools["busy"].to_numpy().reshape(len(bins), -1).sum(axis=1)
    width = float(lengths.max(initial=0.0))
    return [without_rhythm(each, starts, width) for each in (busy, bins["open"].to_numpy())]


def _thirds(results: Sequence[Result], column: str) -> np.ndarray:
    """[3, pools]: means of a column of the pools' tables in each third of the window, over the replications."""
    return np.mean([_thirds_of(result, column) for result in results], axis=0)


def _thirds_of(result: Result, column: str) -> np.ndarray:
    start, end = result.window
    bins, pools = _bins(result), result.pools
    begin, stop = (result.transfers[name].to_numpy()[:, None] for name in ("start_s", "end_s"))
    values = pools[column].to_numpy().reshape(bins, -1)
    means = []
    for third in range(3):
        low, high = (start + (end - start) * (third + more) / 3 for more in (0, 1))
        inside = np.maximum(np.minimum(stop, high) - np.maximum(begin, low), 0.0)  # s of each bin in this third
        seconds = inside.sum()
        means.append((values * inside).sum(axis=0) / seconds if seconds else np.zeros(values.shape[1]))
    return np.array(means)


def _bins(result: Result) -> int:
    return len(result.transfers)


def _round(jobs: float) -> float:
    return round(jobs, 1) if jobs < 10 else round(jobs)
