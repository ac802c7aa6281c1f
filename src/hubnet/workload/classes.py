"""`JobClass`: one kind of job, ready to be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..network.weeks import Week
from .distributions import Choice, Constant, Distribution
from .jobs import NONE
from .rates import Rhythm, Swings


@dataclass(frozen=True)
class PerWork:
    """Data in proportion to a job's work: `rate` bit per s of work on the reference device."""

    rate: float


Size = Distribution | PerWork
NOTHING = Constant(0.0)


@dataclass(frozen=True)
class JobClass:
    """One kind of job.

    When: rate is in jobs/s over all regions, the mean over a week, at time 0 if there is a trend; regions: its weight
    in each; week: the factor on the rate by the hour; growth: 1/s, of its trend; swings: its random ups and downs; cv:
    coefficient of variation of the gaps between the submissions (of campaigns, if it has any) in one region, 1 =
    Poisson; campaign: jobs submitted at once.

    What: devices, work (s on the reference device), and scaling: work grows as devices^scaling, around the given mean,
    `cap` of the work and all. upload, download: bit.

    Where and how: wave: bit/s, of regions that are not in `waves`. deadline: s after submit; deadline_slack: s, then
    the deadline is work + this. slack: s, for which it may be held before its input is sent. tolerance: s one way.
    place: index of the rule that says which pools it may use. pinned: index of the only hub that it may use, or NONE.
    checkpoint: s of service between two. lane: place of its priority among all, 0 the highest; estimate: of its work,
    as a factor. speed: mean speed of the devices that it may use.
    """

    name: str
    rate: float
    regions: dict[str, float]
    devices: Choice
    work: Distribution
    scaling: float = 0.0
    upload: Size = NOTHING
    download: Size = NOTHING
    week: Week | None = None
    growth: float = 0.0
    swings: Swings | None = None
    cv: float = 1.0
    campaign: Choice | None = None
    wave: float = math.inf
    waves: dict[str, float] = field(default_factory=dict)
    deadline: float = math.inf
    deadline_slack: float | None = None
    slack: float = 0.0
    tolerance: float = math.inf
    place: int = 0
    pinned: int = NONE
    checkpoint: float = math.inf
    lane: int = 0
    estimate: float = 1.0
    speed: float = 1.0

    @property
    def device_seconds(self) -> float:
        """Mean devices x work of one job, on the reference device, exactly."""
        devices = self.devices
        return self.work.mean * math.fsum(devices.shares * devices.values * self.stretch(devices.values))

    @property
    def input(self) -> float:
        """Mean bits of a job's input."""
        return self._bits(self.upload)

    @property
    def output(self) -> float:
        """Mean bits of a job's output."""
        return self._bits(self.download)

    def rate_in(self, region: str) -> float:
        """jobs/s that one region submits."""
        weight = self.regions.get(region, 0.0)
        return self.rate * weight / math.fsum(self.regions.values()) if weight else 0.0

    def rhythm(self, start: float) -> Rhythm:
        """The factor on its rate; start: s from Monday 00:00 to time 0."""
        return Rhythm(self.week, start, self.growth)

    def stretch(self, devices: np.ndarray) -> np.ndarray | float:
        """The factor on the work of a job with so many devices: (devices / d)^scaling, with d such that its mean is 1.

        Jobs without devices have the factor 1. So E[work | devices] = stretch x E[work].
        """
        if self.scaling == 0:
            return 1.0
        some = devices > 0
        return np.where(some, np.where(some, devices, 1.0) ** self.scaling / self._unit, 1.0)

    @cached_property
    def _unit(self) -> float:
        """d^scaling: the mean of devices^scaling over the jobs that have devices."""
        some = self.devices.values > 0
        shares, values = self.devices.shares[some], self.devices.values[some]
        return math.fsum(shares * values.astype(float) ** self.scaling) / math.fsum(shares) if some.any() else 1.0

    def _bits(self, size: Size) -> float:
        return size.rate * self.work.mean if isinstance(size, PerWork) else size.mean


def bits(size: Size, rng: np.random.Generator, work: np.ndarray) -> np.ndarray:
    """Sizes in bit of jobs with this much work."""
    return size.rate * work if isinstance(size, PerWork) else size.draw(rng, len(work))
