"""One stream of jobs in order of time: a class in a region, or what a surge adds to it.

See `arrivals` for how, and why so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .classes import JobClass, bits
from .rates import Curve, Surge
from .streams import stream

SMALLEST, LARGEST = 2**8, 2**13  # jobs in the first window of a stream, and in those from the sixth on
FIELDS = ("submit", "devices", "work", "u1", "u2", "input", "output")  # of drawn jobs: an array [jobs, fields]
Names = tuple[str | int, ...]


def jobs_in(window: int) -> int:
    """How many jobs a window has, about: it doubles from window to window, up to a limit."""
    return min(SMALLEST << min(window, 32), LARGEST)


def gaps(rng: np.random.Generator, rows: int, cv: float, first: bool) -> np.ndarray:
    """Gaps of mean 1: gamma with shape 1 / cv^2, which is exponential for cv 1.

    first: the first gap is what is left of one that is under way at a random time, so that the process is stationary:
    a uniform share of a length-biased gap, and a length-biased gamma of shape s is a gamma of shape s + 1.
    """
    if cv == 1:
        return rng.standard_exponential(rows)
    if cv == 0:
        drawn = np.ones(rows)
        drawn[0] = rng.random() if first else 1.0
        return drawn
    shape = cv**-2
    drawn = rng.standard_gamma(shape, rows) / shape
    if first:
        drawn[0] = rng.random() * rng.standard_gamma(shape + 1) / shape
    return drawn


@dataclass(frozen=True)
class Thinning:
    """A surge by less than 1: each job in it is left out with probability 1 - by. names: of its own random stream."""

    surge: Surge
    names: Names


@dataclass(frozen=True)
class Terms:
    """What all streams of a run share. fields: how many of `FIELDS` are drawn; 5 if no input or output varies."""

    seed: int
    replication: int
    fields: int


class Source:
    """The jobs of one stream; its windows are drawn as they are needed, and do not depend on when that is.

    names: of its random streams (class, region, ...). rate: jobs/s, times `curve`. place: indices of class and region.
    """

    def __init__(
        self,
        terms: Terms,
        names: Names,
        klass: JobClass,
        rate: float,
        curve: Curve,
        place: tuple[int, int],
        thinnings: tuple[Thinning, ...] = (),
    ) -> None:
        self.klass, self.rate, self.curve, self.place = klass, rate, curve, place
        self._terms, self._names, self._thinnings = terms, names, thinnings
        self._window, self._passed, self._reached = 0, 0.0, -math.inf
        self._jobs = np.zeros((0, terms.fields))
        self._next = 0

    def until(self, time: float) -> list[np.ndarray]:
        """The next jobs, those submitted before `time`: arrays [jobs, fields], one after the other."""
        pieces = []
        while True:
            stop = int(self._jobs[:, 0].searchsorted(time))
            if stop > self._next:
                pieces.append(self._jobs[self._next : stop])
                self._next = stop
            if self._reached >= time:
                return pieces
            self._draw()

    def _draw(self) -> None:
        """Draw the next window: gaps, campaigns, devices, work, uniforms, input and output, in this order."""
        klass, window = self.klass, self._window
        rng = self._stream()
        together = 1.0 if klass.campaign is None else klass.campaign.mean
        events = math.ceil(jobs_in(window) / together)
        passed = np.cumsum(gaps(rng, events, klass.cv, first=window == 0))
        passed += self._passed
        submit = self.curve.when(passed * (together / self.rate))
        if klass.campaign is not None:
            submit = np.repeat(submit, klass.campaign.draw(rng, events))
        self._jobs = jobs_at(submit, klass, rng, self._terms.fields)
        self._next, self._passed, self._reached = 0, float(passed[-1]), float(submit[-1])
        for thinning in self._thinnings:
            self._thin(thinning)
        self._window += 1

    def _thin(self, thinning: Thinning) -> None:
        surge, submit = thinning.surge, self._jobs[:, 0]
        chance = self._stream(*thinning.names).random(len(submit))
        self._jobs = self._jobs[(submit < surge.at) | (submit >= surge.until) | (chance < surge.by)]

    def _stream(self, *names: str | int) -> np.random.Generator:
        return stream(self._terms.seed, self._terms.replication, *self._names, *names, self._window)


def jobs_at(submit: np.ndarray, klass: JobClass, rng: np.random.Generator, fields: int) -> np.ndarray:
    """Jobs [jobs, fields] of a class that are submitted at these times."""
    rows = len(submit)
    jobs = np.empty((rows, fields))
    jobs[:, 0] = submit
    jobs[:, 1] = devices = klass.devices.draw(rng, rows)
    jobs[:, 2] = work = klass.work.draw(rng, rows) * klass.stretch(devices)
    jobs[:, 3], jobs[:, 4] = rng.random(rows), rng.random(rows)
    if fields > 5:
        jobs[:, 5], jobs[:, 6] = bits(klass.upload, rng, work), bits(klass.download, rng, work)
    return jobs
