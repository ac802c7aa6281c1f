"""Allocations: how many devices are in each pool, and what each trunk carries.

An allocation of a scenario is worked out in one order: the nation's counts x the scenario's scale, then `like`
(start from another allocation instead), `mix` (other types of devices with the same compute), `add` (devices beside
them), `rule` (spread each type's total anew), `pools` (spelled-out counts), `move`, `scale` (the allocation's own),
`trunks`; then what the year makes of it (`supply.py`). Whatever a scenario spells out are counts
and capacities of the whole nation, so the scenario's scale multiplies them as well.

Nothing is lost in rounding: what is spread or moved is shared out by largest remainder, ties by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from hubnet.errors import Problem, ScenarioError
from hubnet.network.network import Network, unknown
from hubnet.scenario.words import quote

Pools = dict[tuple[str, str], int]
Key = TypeVar("Key", str, tuple[str, str])
CPU = "cpu"  # the kind of devices that are no accelerators


@dataclass(frozen=True)
class Allocation:
    """How many devices are in each pool, and what each trunk carries.

    pools: (hub, device type) -> devices, ordered by hub and type. trunks: name -> bit/s per direction; 0 = down.
    """

    name: str
    pools: Pools
    trunks: dict[str, float]


def allocate(
    network: Network,
    name: str,
    allocations: Mapping[str, Any] | None = None,
    scale: float = 1.0,
) -> Allocation:
    """The allocation `name` of a scenario's `allocations` (name -> fields as in the schema), at a scenario's scale.

    Without `allocations`, the network as built. Raises ScenarioError with every problem of this allocation.
    """
    allocations = {name: None} if allocations is None else allocations
    problems: list[Problem] = []
    if name not in allocations:
        raise ScenarioError(unknown("allocation", name, allocations))
    pools, trunks = _resolve(network, name, allocations, scale, (), problems)
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return Allocation(name, in_order(network, pools), trunks)


def in_order(network: Network, pools: Pools) -> Pools:
    """The pools by hub and type, both in the network's order."""
    types = list(network.devices)
    order = sorted(pools, key=lambda key: (network.hubs.index(key[0]), types.index(key[1])))
    return {key: pools[key] for key in order}


def reserved(count: int, share: float) -> int:
    """Devices of a pool that are left when `share` of it (floored) is set aside."""
    return count - floor(count * share)


def floor(value: float) -> int:
    """The whole part of a product of floats: 90 * 0.7 = 62.99999999999999 means 63."""
    return math.floor(value + 1e-9 + 1e-12 * abs(value))


def round_half_up(value: float) -> int:
    """The nearest whole number, halves upwards, forgiving the noise of floats likewise."""
    return floor(value + 0.5)


def exact(value: float) -> Fraction:
    """The number that a float stands for, without its noise: 0.1 is a tenth."""
    return Fraction(value).limit_denominator(10**9) or Fraction(value)


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Shares `total` out in proportion to `weights`, by largest remainder, ties by name; evenly if all are 0."""
    parts = {name: exact(weight) for name, weight in weights.items()}
    if not any(parts.values()):
        parts = dict.fromkeys(weights, Fraction(1))
    whole = sum(parts.values())
    quota = {name: total * weight / whole for name, weight in parts.items()}
    shares = {name: math.floor(part) for name, part in quota.items()}
    left = total - sum(shares.values())
    for name in sorted(quota, key=lambda n: (shares[n] - quota[n], n))[:left]:
        shares[name] += 1
    return shares


def nearest_demand(network: Network) -> dict[str, float]:
    """Hub -> summed weight of the regions to which it is the nearest (least one-way delay, ties to the first).

    A region without a path to any hub counts nowhere.
    """
    delays = network.path_table().one_way_s
    demand = dict.fromkeys(network.hubs, 0.0)
    for region, row in zip(network.regions, delays, strict=True):
        nearest = int(row.argmin())
        if math.isfinite(row[nearest]):
            demand[network.hubs[nearest]] += network.graph.nodes[region]["weight"]
    return demand


def _resolve(
    network: Network,
    name: str,
    allocations: Mapping[str, Any],
    scale: float,
    above: tuple[str, ...],
    problems: list[Problem],
) -> tuple[Pools, dict[str, float]]:
    """Pools and trunks of one allocation; `above` are the ones that start from it, to notice a circle."""
    spec = allocations[name]
    like = getattr(spec, "like", None)
    if like is not None and (like not in allocations or like in (*above, name)):
        circle = Problem(f"the allocation {name!r} is like itself, by way of {' -> '.join((*above, name, like))}")
        problems.append(unknown("allocation", like, allocations) if like not in allocations else circle)
        like = None
    if like is not None:
        pools, trunks = _resolve(network, like, allocations, scale, (*above, name), problems)
    else:
        pools = {pool: round_half_up(count * scale) for pool, count in network.pools.items()}
        trunks = {trunk: capacity * scale for trunk, capacity in network.capacities.items()}
    if spec is None:
        return pools, trunks
    where = f"allocations.{name}"
    if spec.mix:
        _mix(network, where, spec.mix, pools, problems)
    if spec.add:
        _add(network, where, spec.add, pools, problems)
    if spec.rule is not None:
        pools = _spread(network, spec.rule, pools)
    _spell_out(network, where, spec.pools, scale, pools, problems)
    for move in spec.move:
        _move(network, where, move, pools, problems)
    if spec.scale != 1:
        pools = {pool: round_half_up(count * spec.scale) for pool, count in pools.items()}
    _carry(where, spec.trunks, scale, trunks, problems)
    return pools, trunks


def _mix(network: Network, where: str, mix: Mapping[str, float], pools: Pools, problems: list[Problem]) -> None:
    """Replaces the devices of each hub, but for its CPU servers, by a mix that computes as much: devices x speed."""
    if not _known_types(network, f"{where}.mix", mix, problems):
        return
    for device in mix:
        if network.devices[device].kind == CPU:
            hint = f'put it beside the others: "add: {{{device}: 1/64}}"'
            problems.append(
                Problem(f"{where}.mix: {quote(device)} is a CPU server, and a mix is of accelerators", hint)
            )
            return
    speeds = {device: network.devices[device].speed for device in mix}
    for hub in network.hubs:
        replaced = [key for key in pools if key[0] == hub and network.devices[key[1]].kind != CPU]
        compute = math.fsum(pools[key] * network.devices[key[1]].speed for key in replaced)
        pools.update(dict.fromkeys(replaced, 0))
        pools.update({(hub, device): count for device, count in convert(compute, mix, speeds).items()})


def convert(compute: float, shares: Mapping[Key, float], speeds: Mapping[Key, float]) -> dict[Key, int]:
    """Devices of each type, or pool, that have their shares of a compute (devices x speed), by largest remainder, ties
    by name.

    A type gets one more device, in that order, if this brings the total nearer to the compute: it is met to within half
    a device of the fastest type.
    """
    whole = sum(exact(share) for share in shares.values())
    quota = {device: exact(compute) * exact(share) / whole / exact(speeds[device]) for device, share in shares.items()}
    counts = {device: math.floor(part) for device, part in quota.items()}
    left = exact(compute) - sum(counts[device] * exact(speeds[device]) for device in counts)
    for device in sorted(quota, key=lambda name: (counts[name] - quota[name], name)):
        if shares[device] and left * 2 > exact(speeds[device]):
            counts[device] += 1
            left -= exact(speeds[device])
    return counts


def _add(network: Network, where: str, add: Mapping[str, float], pools: Pools, problems: list[Problem]) -> None:
    """Puts further devices into each hub: so many for each one there that is no CPU server, rounded."""
    if not _known_types(network, f"{where}.add", add, problems):
        return
    for hub in network.hubs:
        there = sum(n for (at, device), n in pools.items() if at == hub and network.devices[device].kind != CPU)
        for device, ratio in add.items():
            pools[hub, device] = pools.get((hub, device), 0) + round_half_up(there * ratio)


def _known_types(network: Network, where: str, given: Mapping[str, float], problems: list[Problem]) -> bool:
    missing = [device for device in given if device not in network.devices]
    problems += [unknown(f"device type in {where}:", device, network.devices) for device in missing]
    return not missing


def rule_weights(network: Network, rule: str) -> dict[str, float]:
    """What each hub gets of a type's total, up to a factor.

    proportional: the demand nearest to it. square-root: the square root of that, so that small hubs get more than
    their share: they need it, as the spare capacity that keeps waits alike grows with the root of the load (square-root
    staffing: Halfin and Whitt, Heavy-traffic limits for queues with many exponential servers, Operations Research 29,
    1981). uniform: the same for all. centralised: all of it to the hub of least mean one-way delay over the demand, the
    first of those that are equal.
    """
    if rule == "uniform":
        return dict.fromkeys(network.hubs, 1.0)
    if rule == "centralised":
        middle = _middle(network)
        return {hub: float(hub == middle) for hub in network.hubs}
    demand = nearest_demand(network)
    return demand if rule == "proportional" else {hub: math.sqrt(weight) for hub, weight in demand.items()}


def _middle(network: Network) -> str:
    """The hub of least mean one-way delay over the demand (the 1-median); a hub that some demand cannot reach is none,
    unless that is so of all."""
    weights = [network.graph.nodes[region]["weight"] for region in network.regions]
    delays = network.path_table().one_way_s
    sums = [
        math.fsum(weight * delay for weight, delay in zip(weights, delays[:, hub], strict=True) if weight)
        for hub in range(len(network.hubs))
    ]
    return network.hubs[sums.index(min(sums))]


def _spread(network: Network, rule: str, pools: Pools) -> Pools:
    """Each type's total over all hubs, by a rule."""
    weights = rule_weights(network, rule)
    spread: Pools = {}
    for device in dict.fromkeys(device for _, device in pools):
        total = sum(count for (_, kind), count in pools.items() if kind == device)
        for hub, count in apportion(total, weights).items():
            if count or (hub, device) in pools:
                spread[hub, device] = count
    return spread


def _spell_out(
    network: Network,
    where: str,
    given: Mapping[str, Mapping[str, int]],
    scale: float,
    pools: Pools,
    problems: list[Problem],
) -> None:
    for hub, counts in given.items():
        if hub not in network.hubs:
            problems.append(unknown(f"hub in {where}.pools:", hub, network.hubs))
            continue
        for device, count in counts.items():
            if device not in network.devices:
                problems.append(unknown(f"device type in {where}.pools.{hub}:", device, network.devices))
            else:
                pools[hub, device] = round_half_up(count * scale)


def _move(network: Network, where: str, move: Any, pools: Pools, problems: list[Problem]) -> None:
    """Takes the share (floored) of each source pool and gives it to the destinations in proportion to their size."""
    before = len(problems)
    sources = _hubs(network, f"{where}.move.from", move.from_, problems)
    targets = _hubs(network, f"{where}.move.to", move.to, problems)
    both = [hub for hub in sources if hub in targets]
    if both:
        problems.append(Problem(f"{where}.move goes from and to the same hub: {', '.join(both)}"))
    if len(problems) > before:
        return
    for device in dict.fromkeys(device for _, device in pools):
        sizes = {hub: pools.get((hub, device), 0) for hub in targets}
        taken = 0
        for hub in sources:
            part = floor(pools.get((hub, device), 0) * move.share)
            if part:
                pools[hub, device] -= part
                taken += part
        for hub, count in apportion(taken, sizes).items():
            if count:
                pools[hub, device] = sizes[hub] + count


def _hubs(network: Network, where: str, names: str | Sequence[str], problems: list[Problem]) -> list[str]:
    """The hubs that a hub's name, an area's name or a list of them stand for, each once, in the network's order."""
    areas: dict[str, list[str]] = {}
    for hub in network.hubs:
        area = network.graph.nodes[hub].get("area")
        if area is not None:
            areas.setdefault(area, []).append(hub)
    chosen: list[str] = []
    for name in [names] if isinstance(names, str) else names:
        if name in network.hubs:
            chosen.append(name)
        elif name in areas:
            chosen.extend(areas[name])
        else:
            problems.append(unknown(f"hub or area in {where}:", name, [*areas, *network.hubs]))
    return [hub for hub in network.hubs if hub in chosen]


def _carry(
    where: str, given: Mapping[str, Any], scale: float, trunks: dict[str, float], problems: list[Problem]
) -> None:
    """Sets trunk capacities: a trunk's own entry goes before `all`; a factor multiplies what it carried."""
    for name in given:
        if name != "all" and name not in trunks:
            problems.append(unknown(f"trunk in {where}.trunks:", name, trunks))
    for name, carried in trunks.items():
        entry = given.get(name, given.get("all"))
        if entry is not None:
            trunks[name] = carried * entry.factor if hasattr(entry, "factor") else entry * scale
