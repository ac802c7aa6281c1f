"""What goes into a run, and what comes out of it: arrays and names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..workload.jobs import Blocks
from .meters import JobMeter, TimeMeter
from .policy import Router


@dataclass(frozen=True)
class Setup:
    """One allocation, one seed, ready to be simulated.

    regions, hubs, devices, classes, links: names, in index order (a link is one direction of a trunk: trunk i
    forward is 2 i, backward 2 i + 1). pools: `world.POOL` records. pairs: `world.PAIR` records [regions, hubs];
    path: the links of all pairs, one after the other. links_table: `world.LINK` records. allowed: bool
    [places, pools], which pools a rule of place permits.
    blocks: makes the jobs, anew at each call. horizon, warmup, bin: s; horizon inf = until nothing is in flight.
    """

    regions: tuple[str, ...]
    hubs: tuple[str, ...]
    devices: tuple[str, ...]
    classes: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...]  # trunk, from, to
    pools: np.ndarray
    pairs: np.ndarray
    path: np.ndarray
    links_table: np.ndarray
    allowed: np.ndarray
    blocks: Callable[[], Blocks]
    router: Router
    horizon: float = math.inf
    warmup: float = 0.0
    bin: float = 900.0
    slots: int = 4096
    class_places: tuple[int, ...] = ()  # the rule of place of each class, for jobs that a user process submits
    sharing: bool = False  # are links shared max-min fairly, or does every flow run as if it were alone?
    reserve: float = 0.0  # the share that the pools do not hold any more: for messages and titles, like the two below
    scale: float = 1.0
    names: dict[str, str] = field(default_factory=dict)  # scenario, allocation

    def pool_of(self, hub: str, device: str | None) -> int:
        """Index of the pool of a hub and device type; KeyError with the known pools otherwise."""
        matches = [
            i
            for i, pool in enumerate(self.pools)
            if self.hubs[pool["hub"]] == hub and device in (None, self.devices[pool["device"]])
        ]
        if len(matches) == 1:
            return matches[0]
        known = ", ".join(f"{self.hubs[p['hub']]}/{self.devices[p['device']]}" for p in self.pools)
        wanted = hub if device is None else f"{hub}/{device}"
        raise KeyError(f"{wanted!r} names {len(matches)} pools; there are: {known}")


@dataclass(frozen=True)
class Outcome:
    """A finished run. gear: which engine played it. events: how many. end: s, when it was over."""

    setup: Setup
    gear: str
    jobs: JobMeter
    bins: TimeMeter
    events: int
    end: float
