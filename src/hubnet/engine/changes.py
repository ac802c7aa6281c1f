"""Incidents from outside the event loop: made from names, given paths, and told about afterwards.

An incident that concerns several pools, such as the outage of a hub, is several changes of one time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import RunError
from .setup import Setup
from .world import CHANGE, IN_FORCE, NOTHING, POOL_FACTOR, REPAIR, RESIZE, TRUNK_FACTOR


@dataclass(frozen=True)
class Change:
    """What happens to one pool or trunk.

    kind: POOL_FACTOR, TRUNK_FACTOR, RESIZE or REPAIR. target: pool, trunk, or the change that a REPAIR ends. factor:
    share of the nominal devices or capacity that is left. nominal: devices, of RESIZE. kill: are running jobs that do
    not fit any more stopped? at, until: s; until inf = for good. name: a title for tables and charts, or "".
    """

    kind: int
    target: int
    factor: float = 1.0
    nominal: int = 0
    kill: bool = False
    at: float = 0.0
    until: float = math.inf
    name: str = ""

    def row(self) -> Any:
        """As the event loop keeps it."""
        row = np.zeros(1, CHANGE)
        row["kind"], row["target"], row["factor"], row["nominal"] = self.kind, self.target, self.factor, self.nominal
        row["kill"], row["until"], row["at"], row["end"] = self.kill, self.until, np.nan, np.inf
        return row[0]


def cut(setup: Setup, trunk: Any, to: float, at: float, until: float, name: str = "") -> list[Change]:
    """A trunk keeps the share `to` of its capacity, 0 <= to < 1; `trunk` is its name, or its two cities."""
    _check(to, at, until)
    return [Change(TRUNK_FACTOR, setup.trunk_of(trunk), to, at=at, until=until, name=name)]


def outage(setup: Setup, where: Any, to: float, running: str, at: float, until: float, name: str = "") -> list[Change]:
    """The pools of a hub, or one pool, keep the share `to` of their devices; `running` jobs: "kill" or "drain"."""
    _check(to, at, until)
    if running not in ("kill", "drain"):
        raise ValueError(f"running={running!r} is neither 'kill' nor 'drain'")
    kill = running == "kill"
    return [Change(POOL_FACTOR, pool, to, kill=kill, at=at, until=until, name=name) for pool in setup.pools_of(where)]


def _check(to: float, at: float, until: float) -> None:
    if not 0 <= to < 1:
        raise ValueError(f"to={to!r} is not a share from 0 up to, but not including, 1")
    if not until > at:
        raise ValueError(f"an incident from {at!r} s until {until!r} s ends before it begins")


def reroute(setup: Setup, world: Any, machine: Any, change: int) -> Any:
    """Give every pair the path that it has over the trunks that are up; returns the machine with the new paths.

    A pair that has no path now keeps its usual values and is marked as broken. If the change has just begun, what it
    did to paths and to flows under way is noted in it.
    """
    if setup.reroute is None:
        raise RunError("this run's setup cannot find other paths, so no trunk of it can be cut")
    links = machine.links
    cut_now = (links["capacity"] == 0) & (links["nominal"] > 0)
    pairs, path = setup.reroute(frozenset((np.flatnonzero(cut_now[::2])).tolist()))
    pairs = pairs.copy()
    broken = np.isinf(pairs["one_way"]) & np.isfinite(setup.pairs["one_way"])
    pairs[broken] = setup.pairs[broken]
    pairs["broken"] = broken
    if machine.changes["state"][change] == IN_FORCE:
        _note(machine.changes[change : change + 1], world, machine.path, pairs, path)
    world.pairs[...] = pairs
    hops = max(int(pairs["hops"].max(initial=1)), 1)
    if hops > machine.ledger["hops"][0]:  # nobody is on a link at this moment
        machine.ledger["hops"] = hops
        nodes = {name: np.zeros(len(machine.classes) * hops, np.int64) for name in NODES}
        machine = machine._replace(**nodes)
    return machine._replace(path=path)


NODES = ("node_next", "node_before", "node_class")


def _note(change: Any, world: Any, old_path: np.ndarray, pairs: np.ndarray, path: np.ndarray) -> None:
    """What a change that begins does to the pairs, and to the flows that are under way between them."""
    old, shape = world.pairs, pairs.shape
    worked = (old["broken"] == 0) & np.isfinite(old["one_way"])
    cut_off = worked & (pairs["broken"] == 1)
    moved = np.zeros(shape, np.bool_)
    for pair in zip(*np.nonzero(worked & ~cut_off), strict=True):
        a, b = old[pair], pairs[pair]
        before, after = old_path[a["first"] :][: a["hops"]], path[b["first"] :][: b["hops"]]
        moved[pair] = not np.array_equal(before, after)
    sending = world.jobs[world.jobs["sends"] != NOTHING]
    flows = np.bincount(sending["region"] * shape[1] + sending["hub"], minlength=pairs.size).reshape(shape)
    longer = pairs["one_way"][moved] - old["one_way"][moved]
    change["pairs_moved"], change["pairs_cut_off"] = moved.sum(), cut_off.sum()
    change["flows_moved"], change["flows_stalled"] = flows[moved].sum(), flows[cut_off].sum()
    change["detour"], change["worst_detour"] = longer.sum(), longer.max(initial=0.0)


# -- what is told of them

INCIDENT_COLUMNS = (
    *("incident", "what", "kind", "target", "hub", "factor", "at_s", "end_s", "flows_moved", "flows_stalled"),
    *("pairs_moved", "pairs_cut_off", "detour_mean_ms", "detour_max_ms", "jobs_displaced", "work_lost_device_s"),
)


NO_HARM = dict.fromkeys(INCIDENT_COLUMNS[8:], 0) | {
    "detour_mean_ms": math.nan,
    "detour_max_ms": math.nan,
    "work_lost_device_s": 0.0,
}


def told(setup: Setup, changes: np.ndarray, names: list[str], end: float) -> list[dict[str, Any]]:
    """Of every incident that has begun by the `end` of the run (s): number, what, kind, target, hub, factor, when, and
    what it did. Surges come last: their factor is that of the rate, and what they did is in the jobs.

    Changes of the number of devices by `resize` are not told: an autoscaler makes thousands.
    """
    rows = []
    for number, change in enumerate(changes):
        if change["kind"] in (RESIZE, REPAIR) or np.isnan(change["at"]):
            continue
        factor, moved = float(change["factor"]), int(change["pairs_moved"])
        if change["kind"] == POOL_FACTOR:
            pool = setup.pools[change["target"]]
            hub = setup.hubs[pool["hub"]]
            kind, target = "outage", f"{hub}/{setup.devices[pool['device']]}"
        else:
            hub = None
            kind, target = "degrade" if factor else "cut", setup.links[2 * change["target"]][0]
        rows.append(
            {
                "incident": number,
                "what": names[number] or _words(kind, target, factor),
                "kind": kind,
                "target": target,
                "hub": hub,
                "factor": factor,
                "at_s": float(change["at"]),
                "end_s": float(change["end"]),
                "flows_moved": int(change["flows_moved"]),
                "flows_stalled": int(change["flows_stalled"]),
                "pairs_moved": moved,
                "pairs_cut_off": int(change["pairs_cut_off"]),
                "detour_mean_ms": float(change["detour"]) / moved * 1e3 if moved else math.nan,
                "detour_max_ms": float(change["worst_detour"]) * 1e3 if moved else math.nan,
                "jobs_displaced": int(change["jobs_displaced"]),
                "work_lost_device_s": float(change["work_lost"]),
            }
        )
    for number, surge in enumerate(setup.surges, len(changes)):
        if surge.at < end:
            over = surge.until if surge.until < end else math.inf
            row = {"incident": number, "what": surge.what, "kind": "surge", "target": surge.target, "hub": None}
            rows.append(row | {"factor": surge.by, "at_s": surge.at, "end_s": over} | NO_HARM)
    return rows


def _words(kind: str, target: str, factor: float) -> str:
    return f"{kind} {target}" + (f" to {100 * factor:g} %" if factor else "")
