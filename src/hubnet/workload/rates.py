"""How the rate of a class moves: by hour and day, by trend, in surges; its integral over time, and the inverse of that.

Rates are steps (one per hour of the week, and where surges begin and end), times exp(growth x t) if there is a trend.
So the integral and its inverse are closed forms, and non-homogeneous arrivals are exact; see `arrivals`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ..network.weeks import HOURS, Week

HOUR = 3600.0


def week_second(moment: datetime | None) -> float:
    """s from Monday 00:00 to a local time; without any, the week begins."""
    return 0.0 if moment is None else (moment - datetime(1970, 1, 5)).total_seconds() % (HOURS * HOUR)


@dataclass(frozen=True)
class Surge:
    """A factor `by` on the rate from `at` for `lasting` s, of some classes or all (None) in some regions or all (None).

    Factors of surges at the same time multiply. name: a title for tables and charts, or "".
    """

    at: float
    lasting: float
    by: float
    classes: Collection[str] | None = None
    regions: Collection[str] | None = None
    name: str = ""

    def concerns(self, klass: str, region: str) -> bool:
        """Does it change the rate of a class in a region?"""
        return (self.classes is None or klass in self.classes) and (self.regions is None or region in self.regions)

    @property
    def until(self) -> float:
        """When it is over, in s."""
        return self.at + self.lasting

    @property
    def target(self) -> str:
        """Whose jobs, in words: "chat, film in Gavle", or "all"."""
        places = "" if self.regions is None else f" in {', '.join(self.regions)}"
        return ("all" if self.classes is None else ", ".join(self.classes)) + places

    @property
    def what(self) -> str:
        """Its title, or what it is."""
        return self.name or f"{'lull' if self.by < 1 else 'surge'} {self.target} x{self.by:g}"


@dataclass(frozen=True)
class Swings:
    """A rate that alternates, at random, between busy and quiet: Markov-modulated, with two states.

    busy, quiet: mean lengths of the spans, s, which are exponential. by: the rate of busy spans over that of quiet
    ones. The mean rate stays as it is.
    """

    busy: float
    quiet: float
    by: float

    def factors(self, rng: np.random.Generator, horizon: float) -> tuple[np.ndarray, np.ndarray]:
        """Times at which spans begin, from 0, and the factor on the rate in each; beyond the horizon, too."""
        total = self.busy + self.quiet
        first_busy = rng.random() < self.busy / total
        means = np.array([self.busy, self.quiet] if first_busy else [self.quiet, self.busy])
        spans = np.zeros(0)
        while spans.sum() < horizon:  # in pairs of fixed number, so that the horizon does not change them
            spans = np.concatenate([spans, (rng.standard_exponential((128, 2)) * means).ravel()])
        busy = (np.arange(len(spans)) % 2 == 0) == first_busy
        return np.concatenate([[0.0], np.cumsum(spans[:-1])]), np.where(busy, self.by, 1.0) * total / (
            self.by * self.busy + self.quiet
        )


@dataclass(frozen=True)
class Rhythm:
    """The factor on a class's rate at every time.

    week: by the hour; None = always 1. start: s from Monday 00:00 to the time 0 of the run. growth: 1/s; the rate is
    multiplied by exp(growth t) from time 0 on, and as at time 0 before.
    """

    week: Week | None = None
    start: float = 0.0
    growth: float = 0.0

    def at(self, t: np.ndarray) -> np.ndarray:
        """The factor at times t, which may lie before 0."""
        trend = np.exp(self.growth * np.maximum(t, 0.0))
        if self.week is None:
            return trend
        hour = np.floor((np.asarray(t) + self.start) / HOUR).astype(np.int64) % HOURS
        return np.asarray(self.week)[hour] * trend

    def curve(self, horizon: float) -> Curve:
        """The factor as a curve over [0, horizon]; its last step goes on for ever."""
        if self.week is None:
            return Curve(np.zeros(1), np.ones(1), self.growth)
        first = math.floor(self.start / HOUR)
        hours = np.arange(first, math.ceil((self.start + horizon) / HOUR) + 1)
        at = np.maximum(hours * HOUR - self.start, 0.0)
        return Curve(at, np.asarray(self.week)[hours % HOURS], self.growth)


class Curve:
    """A rate over time: rate[i] exp(growth t) from at[i] to at[i + 1], and from the last at[i] on for ever.

    at: s, from 0, ascending. rate: 1/s. growth: 1/s.
    """

    def __init__(self, at: np.ndarray, rate: np.ndarray, growth: float = 0.0) -> None:
        self.at, self.growth, self.steps = at, growth, rate
        self.rate = rate * np.exp(growth * at)  # at the beginning of each step
        self.sums = np.concatenate([[0.0], np.cumsum(self.rate[:-1] * self._stretch(np.diff(at)))])

    def before(self, t: np.ndarray) -> np.ndarray:
        """The integral from 0 to t."""
        step = np.searchsorted(self.at, t, side="right") - 1
        return self.sums[step] + self.rate[step] * self._stretch(t - self.at[step])

    def when(self, x: np.ndarray) -> np.ndarray:
        """The first times at which the integral is more than x, which ascends; inf where it never is."""
        with np.errstate(over="ignore"):  # of a rate next to nothing: never
            if len(self.at) == 1 and self.growth == 0 and self.rate[0] > 0:
                return x / self.rate[0]
            step = np.searchsorted(self.sums, x, side="right") - 1
            rate = self.rate[step]
            spent = np.divide(x - self.sums[step], rate, out=np.full(len(x), np.inf), where=rate > 0)
            times = self.at[step] + self._shrink(spent)
        np.minimum(times, np.append(self.at[1:], np.inf)[step], out=times)  # rounding stays within the step
        return np.maximum.accumulate(times, out=times)

    def value(self, t: np.ndarray) -> np.ndarray:
        """The rate at times t, in 1/s."""
        return self.steps[np.searchsorted(self.at, t, side="right") - 1] * np.exp(self.growth * t)

    def times(self, begin: float, end: float, inside: float, outside: float = 1.0) -> Curve:
        """The curve times a factor from `begin`, which is at least 0, to `end`, and times another outside."""
        edges = np.unique([0.0, begin, *([end] if end < math.inf else [])])
        return self.modulated(edges, np.where((begin <= edges) & (edges < end), inside, outside))

    def modulated(self, edges: np.ndarray, factors: np.ndarray) -> Curve:
        """The curve times factors[i] from edges[i] on; edges ascend from 0."""
        at = np.union1d(self.at, edges)
        steps = self.steps[np.searchsorted(self.at, at, side="right") - 1]
        return Curve(at, steps * factors[np.searchsorted(edges, at, side="right") - 1], self.growth)

    def _stretch(self, t: np.ndarray) -> np.ndarray:
        """The integral of exp(growth s) over s from 0 to t."""
        return np.expm1(self.growth * t) / self.growth if self.growth else t

    def _shrink(self, spent: np.ndarray) -> np.ndarray:
        """The inverse of `_stretch`; inf where a falling rate never gets that far."""
        if not self.growth:
            return spent
        reached = self.growth * spent > -1
        return np.log1p(self.growth * spent, out=np.full(len(spent), -np.inf), where=reached) / self.growth
