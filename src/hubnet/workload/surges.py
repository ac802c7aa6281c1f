"""Surges as a scenario plans them, and what they make of the demand: on average over a run, and at their peak."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .classes import JobClass
from .rates import Curve, Surge

ALL = "all"


def planned_surges(specs: Iterable[Any]) -> tuple[Surge, ...]:
    """The surges among the incidents of a scenario, in order; specs: with the fields of the scenario's schema."""
    return tuple(
        Surge(
            at=spec.at,
            lasting=math.inf if spec.lasting is None else spec.lasting,
            by=spec.by,
            classes=None if spec.surge == (ALL,) else spec.surge,
            regions=spec.regions,
            name=spec.name or "",
        )
        for spec in specs
        if spec.surge is not None
    )


@dataclass(frozen=True)
class Peak:
    """The busiest moment of surges: when, in s; the jobs/s and the devices asked for then (on the reference device, as
    the mean of jobs in service); and what they would be without surges."""

    at: float
    rate: float
    devices: float
    usual_rate: float
    usual_devices: float


def with_surges(
    classes: Sequence[JobClass], surges: Sequence[Surge], start: float, horizon: float
) -> tuple[JobClass, ...]:
    """The classes with the mean rates, and weights of regions, that trends and surges give them over a run of `horizon`
    s.

    So much more, or less, as the integral of the rate over the run grows; the rate itself stays the mean over a week.
    start: s from Monday 00:00 to time 0.
    """
    return tuple(_grown(_trended(klass, horizon), surges, start, horizon) for klass in classes)


def _trended(klass: JobClass, horizon: float) -> JobClass:
    """With the mean of its trend, exp(growth t), over the run."""
    grown = klass.growth * horizon
    return replace(klass, rate=klass.rate * math.expm1(grown) / grown) if grown else klass


def _grown(klass: JobClass, surges: Sequence[Surge], start: float, horizon: float) -> JobClass:
    if not any(surge.concerns(klass.name, region) for surge in surges for region in klass.regions):
        return klass
    curve, end = klass.rhythm(start).curve(horizon), np.array([horizon])
    usual = float(curve.before(end)[0])
    weights = {
        region: weight * float(_surged(curve, klass.name, region, surges).before(end)[0]) / usual if usual else weight
        for region, weight in klass.regions.items()
    }
    growth = math.fsum(weights.values()) / math.fsum(klass.regions.values())
    return replace(klass, rate=klass.rate * growth, regions=weights if growth else klass.regions)


def peak(classes: Sequence[JobClass], surges: Sequence[Surge], start: float, horizon: float) -> Peak | None:
    """When most devices are asked for while a surge by more than 1 is in force (of equals, most jobs, then the first);
    None if there is no such surge. Random swings count as their mean."""
    high = [surge for surge in surges if surge.by > 1 and surge.at < horizon]
    if not high:
        return None
    curves = [klass.rhythm(start).curve(horizon) for klass in classes]
    edges = [edge for surge in surges for edge in (surge.at, surge.until)]
    steps = np.concatenate([edges, [horizon], *(curve.at for curve in curves)])
    times = np.unique(np.concatenate([steps, np.nextafter(steps, -np.inf)]))  # with a trend a step ends at its highest
    times = times[(times < horizon) & np.any([(s.at <= times) & (times < s.until) for s in high], axis=0)]
    sums = np.zeros((4, len(times)))  # jobs/s and devices, with and without surges
    for klass, curve in zip(classes, curves, strict=True):
        usual = klass.rate * curve.value(times)
        rate = sum(
            (
                klass.rate_in(region) * _surged(curve, klass.name, region, surges).value(times)
                for region in klass.regions
            ),
            np.zeros(len(times)),
        )
        sums += [rate, rate * klass.device_seconds, usual, usual * klass.device_seconds]
    best = max(range(len(times)), key=lambda i: (sums[1, i], sums[0, i], -i))
    rate, devices, usual_rate, usual_devices = sums[:, best].tolist()
    return Peak(float(times[best]), rate, devices, usual_rate, usual_devices)


def _surged(curve: Curve, klass: str, region: str, surges: Sequence[Surge]) -> Curve:
    """The curve of a class in a region, times all surges that concern it."""
    for surge in surges:
        if surge.concerns(klass, region):
            curve = curve.times(surge.at, surge.until, surge.by)
    return curve
