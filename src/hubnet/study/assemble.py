"""From a network, an allocation and a workload to the arrays that the engine plays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine.arrays import week_records
from ..engine.changes import Change, cut, outage
from ..engine.policy import Router
from ..engine.setup import Setup
from ..engine.world import DISCIPLINE, LINK, PAIR, POOL
from ..errors import InputError, Problem
from ..network.allocation import Allocation, reserved
from ..network.network import Network
from ..network.weeks import HOURS, Week
from ..workload.incidents import Incident
from ..workload.jobs import Blocks
from ..workload.mix import Place, fit


@dataclass(frozen=True)
class Terms:
    """How long and how finely to simulate, and over what fibre; times in s, shares as fractions."""

    horizon: float = math.inf
    warmup: float = 0.0
    bin: float = 900.0
    background: float = 0.0
    reserve: float = 0.0
    sharing: bool = True
    scale: float = 1.0
    queue: str = "fifo"
    depth: int = 256
    start: float = 0.0  # s from Monday 00:00 to time 0
    demand: Week | None = None  # factors on what is asked for, by the hour of the week


def assemble(
    network: Network,
    allocation: Allocation,
    terms: Terms,
    router: Router,
    classes: Sequence[str],
    places: Sequence[Place],
    blocks: Callable[[], Blocks],
    names: dict[str, str],
    class_places: Sequence[int] = (),
    class_lanes: Sequence[int] = (0,),
    incidents: Sequence[Incident] = (),
) -> Setup:
    """One run's setup. A trunk whose capacity is 0 in this allocation is down: no path uses it. An outage of a pool
    that this allocation does not have changes nothing.

    Raises InputError if the router needs prices that are not known.
    """
    if missing := unpriced(network, allocation.pools, router.name):
        raise InputError([Problem(message, "give it, or choose another policy") for message in missing])
    down = [name for name, capacity in allocation.trunks.items() if capacity == 0]
    links = link_records(network, allocation, terms.background)
    pairs, path = pair_records(network, links, down)

    def reroute(cut: frozenset[int]) -> tuple[np.ndarray, np.ndarray]:
        return pair_records(network, links, [*down, *(network.trunk_names[trunk] for trunk in cut)])

    area_of = {hub: network.graph.nodes[hub].get("area") for hub in network.hubs}
    setup = Setup(
        regions=network.regions,
        hubs=network.hubs,
        devices=tuple(network.devices),
        classes=tuple(classes),
        links=link_names(network),
        pools=pool_records(network, allocation, terms.reserve),
        pairs=pairs,
        path=path,
        links_table=links,
        fit=fit(places, allocation.pools, area_of),
        blocks=blocks,
        router=router,
        horizon=terms.horizon,
        warmup=terms.warmup,
        bin=terms.bin,
        reserve=terms.reserve,
        scale=terms.scale,
        sharing=terms.sharing,
        class_places=tuple(class_places),
        class_lanes=tuple(class_lanes),
        discipline=DISCIPLINE.index(terms.queue),
        lanes=1 if terms.queue == "fifo" else max(class_lanes) + 1,
        depth=terms.depth,
        names=names,
        reroute=reroute,
        week=hour_records(network, allocation, terms.demand),
        start=terms.start,
    )
    return replace(setup, changes=tuple(change for incident in incidents for change in changes_of(setup, incident)))


def changes_of(setup: Setup, incident: Incident) -> list[Change]:
    """What an incident changes in this run. Raises KeyError for a trunk or hub that is not there."""
    if incident.kind != "outage":
        return cut(setup, incident.target, incident.to, incident.at, incident.until, incident.name)
    hub, _, device = str(incident.target).rpartition("/")
    if str(incident.target) in setup.hubs:
        hub, device = str(incident.target), ""
    known = {(setup.hubs[pool["hub"]], setup.devices[pool["device"]]) for pool in setup.pools}
    if hub in setup.hubs and not any(h == hub and device in ("", d) for h, d in known):
        return []
    span = incident.at, incident.until
    return outage(setup, incident.target, incident.to, incident.running, *span, incident.name)


def pool_records(network: Network, allocation: Allocation, reserve: float) -> np.ndarray:
    """`engine.world.POOL` records of an allocation, less the reserve; unknown prices are NaN."""
    pools = np.zeros(len(allocation.pools), POOL)
    types = list(network.devices)
    for record, ((hub, device), count) in zip(pools, allocation.pools.items(), strict=True):
        place, kind = network.graph.nodes[hub], network.devices[device]
        record["hub"], record["device"] = network.hubs.index(hub), types.index(device)
        record["nominal"] = record["devices"] = reserved(count, reserve)
        record["speed"], record["power"] = kind.speed, _known(kind.power_w)
        record["price"], record["carbon"] = _known(place.get("price")), _known(place.get("carbon"))
        record["pue"] = place.get("pue", 1.0)
    return pools


def hour_records(network: Network, allocation: Allocation, demand: Week | None) -> np.ndarray:
    """`engine.world.WEEK` records of an allocation's pools."""
    hubs = [network.graph.nodes[hub] for hub, _ in allocation.pools]
    flat = (1.0,) * HOURS
    factors = {name: np.array([hub.get(f"{name}_week") or flat for hub in hubs]) for name in ("price", "carbon")}
    if not hubs:
        return week_records(0)
    return week_records(len(hubs), **factors, demand=np.array(demand or flat))


def link_records(network: Network, allocation: Allocation, background: float) -> np.ndarray:
    """`engine.world.LINK` records, two per trunk, with what the background leaves of the capacity."""
    links = np.zeros(2 * len(network.trunks), LINK)
    capacity = np.array([allocation.trunks[name] for name in network.trunk_names], float)
    links["capacity"] = np.repeat(capacity * (1 - background), 2)
    return links


def link_names(network: Network) -> tuple[tuple[str, str, str], ...]:
    """(trunk, from, to) of every link."""
    both = []
    for name, (a, b) in zip(network.trunk_names, network.trunks, strict=True):
        both += [(name, a, b), (name, b, a)]
    return tuple(both)


def pair_records(network: Network, links: np.ndarray, down: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """`engine.world.PAIR` records [regions, hubs], and the links of all paths one after the other."""
    table = network.path_table(down)
    pairs = np.zeros(table.one_way_s.shape, PAIR)
    pairs["one_way"] = table.one_way_s
    pairs["first"] = table.first[:-1].reshape(pairs.shape)
    pairs["hops"] = np.diff(table.first).reshape(pairs.shape)
    for pair in np.ndindex(pairs.shape):
        first, hops = pairs[pair]["first"], pairs[pair]["hops"]
        used = links["capacity"][table.links[first : first + hops]]
        pairs[pair]["capacity"] = used.min() if hops else np.inf
    return pairs, table.links if len(table.links) else np.zeros(1, np.int64)


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)


LOOKS_AT = {  # routing -> what it must know of a hub
    "cheapest-in-time": ("price", "an electricity price"),
    "cheapest-hour": ("price", "an electricity price"),
    "greenest-hour": ("carbon", "a carbon intensity"),
}


def unpriced(network: Network, pools: Iterable[tuple[str, str]], routing: str) -> list[str]:
    """What a routing must know of pools, (hub, device type), and does not."""
    if routing not in LOOKS_AT:
        return []
    keys, (key, what) = list(pools), LOOKS_AT[routing]
    hubs = [hub for hub, _ in keys if network.graph.nodes[hub].get(key) is None]
    kinds = [kind for _, kind in keys if network.devices[kind].power_w is None]
    return [
        *(f"{routing} needs {what}, and hub {hub!r} has none" for hub in dict.fromkeys(hubs)),
        *(f"{routing} needs a power, and device {kind!r} has none" for kind in dict.fromkeys(kinds)),
    ]


def default_bin(horizon: float) -> float:
    """s; 15 minutes for runs of days, finer for shorter ones, wider for those of years: 96 to 100,000 bins."""
    return max(min(900.0, horizon / 96), horizon / 100_000)
