"""What can be done to a trace: small functions from a `Trace` to another, each noted in its report.

They go in the order cut, sample, scale, repeat: a trace that repeats cannot be cut any more.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np

from ...errors import Problem, TableError
from ...text import number, percent, seconds
from .trace import Trace

PERIODS = (7 * 86400.0, 86400.0, 3600.0, 60.0, 1.0)  # s; a trace starts anew after a whole number of one of these
GAP = 1.05  # how much longer than the trace the time between two starts may be


def sample(trace: Trace, share: float, salt: int = 0) -> Trace:
    """A share (0 to 1) of the jobs, chosen by a hash of their place in the file.

    So the same jobs stay whatever else is done, and a smaller sample is part of a larger one. salt: another sample.
    """
    if not 0 < share <= 1:
        raise TableError(Problem(f"a sample of {share:g} makes no sense", "a share is above 0 and at most 1"))
    kept = trace.take(hashed(trace.at, salt) < share)
    return _noted(kept, f"a sample of {percent(share)}")


def scale_time(trace: Trace, speed: float) -> Trace:
    """Jobs come `speed` times as fast: 2 halves the gaps between them. Their work stays."""
    _check_factor("time", speed)
    numbers = {**trace.numbers, "submit": trace.submit / speed}
    scaled = replace(trace, numbers=numbers, length=trace.length / speed, every=trace.every / speed)
    return _noted(scaled, f"{speed:g} times as fast")


def scale_work(trace: Trace, factor: float) -> Trace:
    """Every job's work, and a deadline that its row gives, becomes `factor` times as long."""
    _check_factor("work", factor)
    numbers = dict(trace.numbers)
    for key in ("work", "deadline"):
        if key in numbers:
            numbers[key] = numbers[key] * factor
    return _noted(replace(trace, numbers=numbers), f"work x {factor:g}")


def cut(trace: Trace, start: float = 0.0, end: float = math.inf) -> Trace:
    """The jobs submitted in [start, end), in s; `start` is the new time 0, and the trace ends at `end`."""
    if trace.every:
        raise TableError(Problem("a trace that repeats cannot be cut", "cut it before it repeats"))
    if not 0 <= start < end:
        raise TableError(Problem(f"the cut from {start:g} s to {end:g} s is empty", "it needs 0 <= from < to"))
    low, high = np.searchsorted(trace.submit, [start, end])
    if low == high:
        covered = f"the trace covers {seconds(trace.length)}"
        raise TableError(Problem(f"no job is submitted from {seconds(start)} to {_until(end)}: {covered}"))
    kept = trace.take(np.arange(low, high))
    kept.numbers["submit"] = kept.submit - start
    begin = trace.start + timedelta(seconds=start) if trace.start is not None else None
    length = (trace.length if math.isinf(end) else end) - start
    return _noted(replace(kept, length=length, start=begin), f"cut from {seconds(start)} to {_until(end)}")


def repeat(trace: Trace, every: float | None = None) -> Trace:
    """The trace starts anew `every` s, for as long as a run lasts; at least its last submit time.

    Without `every` it is the trace's length, rounded up to whole weeks if that adds at most 5 %, else to whole days,
    hours, minutes or seconds likewise: so the hours of the day, and if possible the days of the week, stay in step.
    """
    period = _period(trace.length) if every is None else every
    last = float(trace.submit[-1]) if len(trace) else 0.0
    if not (period > 0 and last <= period < math.inf):
        raise TableError(
            Problem(f"a trace of {seconds(last)} cannot start anew every {seconds(period)}", "say a longer time")
        )
    step = "" if period % 86400 == 0 else ": not whole days, so the hours of the day drift"
    return _noted(replace(trace, every=period), f"starts anew every {seconds(period)}{step}")


def hashed(values: np.ndarray, salt: int) -> np.ndarray:
    """A number in [0, 1) for every whole number, the same on every machine (the finalizer of SplitMix64)."""
    bits = values.astype(np.uint64) + np.uint64(salt % 2**32) * np.uint64(0x9E3779B97F4A7C15)
    bits += np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(11)).astype(float) * 2.0**-53


def _period(length: float) -> float:
    for period in PERIODS:
        whole = math.ceil(length / period) * period
        if whole <= GAP * length:
            return whole
    return length


def _check_factor(what: str, factor: float) -> None:
    if not 0 < factor < math.inf:
        raise TableError(Problem(f"{what} cannot be scaled by {number(factor)}", "a factor is above 0, and finite"))


def _until(end: float) -> str:
    return "its end" if math.isinf(end) else seconds(end)


def _noted(trace: Trace, what: str) -> Trace:
    return replace(trace, report=trace.report.then(what, len(trace)))
