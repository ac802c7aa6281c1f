"""What goes into a run, and what comes out of it: arrays and names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scenario.accounts import AccountTerms
from ..workload.classes import JobClass
from ..workload.jobs import Blocks
from ..workload.rates import Surge
from .audit import Audit
from .meters import JobMeter, TimeMeter
from .policy import Router
from .world import FIFO

if TYPE_CHECKING:
    from .changes import Change


@dataclass(frozen=True)
class Setup:
    """One allocation, one seed, ready to be simulated.

    regions, hubs, devices, classes, links: names, in index order (a link is one direction of a trunk: trunk i
    forward is 2 i, backward 2 i + 1). pools: `world.POOL` records. pairs: `world.PAIR` records [regions, hubs];
    path: the links of all pairs, one after the other. links_table: `world.LINK` records. fit:
    [places, pools], the factor on the pool's speed for jobs under a rule of place; 0 = they may not run there.
    blocks: makes the jobs, anew at each call. reroute: makes pairs and path for a set of trunks that are down.
    changes: the incidents that the scenario plans, in order of announcement; surges: those of demand, which `blocks`
    makes the jobs of, for the tables. horizon, warmup, bin: s; horizon inf =
    until nothing is in flight.
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
    fit: np.ndarray
    blocks: Callable[[], Blocks]
    router: Router
    horizon: float = math.inf
    warmup: float = 0.0
    bin: float = 900.0
    slots: int = 4096
    class_places: tuple[int, ...] = ()  # the rule of place of each class, for jobs that a user process submits
    class_lanes: tuple[int, ...] = ()  # likewise the lane of each class
    week: np.ndarray | None = None  # `world.WEEK` records [pools, 168]; None = all hours are the same
    start: float = 0.0  # s from Monday 00:00 to time 0
    discipline: int = FIFO
    lanes: int = 1  # of each queue: how many priorities there are
    depth: int = 256  # jobs behind the head that backfill looks at
    sharing: bool = False  # are links shared max-min fairly, or does every flow run as if it were alone?
    reserve: float = 0.0  # the share that the pools do not hold any more: for messages and titles, like the two below
    scale: float = 1.0
    names: dict[str, str] = field(default_factory=dict)  # scenario, allocation, replication
    reroute: Callable[[frozenset[int]], tuple[np.ndarray, np.ndarray]] | None = None
    changes: tuple[Change, ...] = ()
    surges: tuple[Surge, ...] = ()
    accounts: AccountTerms = field(default_factory=AccountTerms)  # for `study.accounts`
    drawn: tuple[JobClass, ...] = ()  # the classes whose jobs `blocks` draws, if it does: for the checks of a run

    def pool_of(self, where: str | tuple[str, str]) -> int:
        """Index of a pool: (hub, device type), "hub/type", or the hub alone if it has one pool. Else KeyError."""
        pools = self.pools_of(where)
        if len(pools) == 1:
            return pools[0]
        raise KeyError(f"{where!r} names {len(pools)} pools; there are: {', '.join(self.pool_names)}")

    def pools_of(self, where: str | tuple[str, str]) -> list[int]:
        """Indexes of a hub's pools, or of one pool, named as in `pool_of`; KeyError if there is none."""
        hub, device = where if isinstance(where, tuple) else (where, None)
        if device is None and "/" in hub and hub not in self.hubs:
            hub, device = hub.rsplit("/", 1)
        found = [
            i
            for i, pool in enumerate(self.pools)
            if self.hubs[pool["hub"]] == hub and device in (None, self.devices[pool["device"]])
        ]
        if not found:
            raise KeyError(f"{where!r} names no pool; there are: {', '.join(self.pool_names)}")
        return found

    @property
    def paces(self) -> np.ndarray:
        """How fast each class is served in each pool, over the reference device: [classes, pools]; where it may not
        run, at the pool's own speed."""
        fit = self.fit[list(self.class_places or [0] * len(self.classes))]
        return np.where(fit > 0, fit, 1.0) * self.pools["speed"]

    @property
    def pool_names(self) -> list[str]:
        """hub/type of every pool."""
        return [f"{self.hubs[pool['hub']]}/{self.devices[pool['device']]}" for pool in self.pools]

    def trunk_of(self, trunk: str | tuple[str, str] | list[str]) -> int:
        """Index of a trunk, by its name or its two cities in either order; KeyError if there is none."""
        ends = {trunk} if isinstance(trunk, str) else set(trunk)
        for link, (name, a, b) in enumerate(self.links):
            if ends == {name} or ends == {a, b} or (isinstance(trunk, str) and trunk == f"{a}-{b}"):
                return link // 2
        raise KeyError(f"{trunk!r} is not a trunk; there are: {', '.join(name for name, _, _ in self.links[::2])}")


@dataclass(frozen=True)
class Outcome:
    """A finished run. gear: which engine played it. events: how many. end: s, when it was over."""

    setup: Setup
    gear: str
    jobs: JobMeter
    bins: TimeMeter
    events: int
    end: float
    incidents: list[dict[str, Any]]  # see `changes.told`
    audit: Audit
