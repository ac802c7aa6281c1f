"""What a year makes of an allocation: it grows; then restricted devices go, and others fill in for them.

An allocation says what is wanted. Its counts and capacities grow by the rates of `growth`, every pool rounded to the
nearest device (halves upwards) from its count in the first year, so that small pools grow too, if late. Then each
pool of a type whose export is restricted keeps its share, floored; and at each hub devices of another type replace
a share of the compute (devices x speed of the year) that is lost there, to the nearest device.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol

from hubnet.errors import Problem
from hubnet.network.allocation import Allocation, Pools, floor, in_order, round_half_up
from hubnet.network.network import Network
from hubnet.scenario.growth import Later
from hubnet.scenario.words import quote


class Fill(Protocol):
    """What fills in: the type's name, and the share of the lost compute that it replaces."""

    @property
    def with_(self) -> str: ...
    @property
    def share(self) -> float: ...


def grown(allocation: Allocation, network: Network, later: Later | None) -> Allocation:
    """The allocation in a later year; None = the first."""
    if later is None:
        return allocation
    area = {hub: network.graph.nodes[hub].get("area") for hub in network.hubs}
    pools = {
        (hub, kind): round_half_up(n * later.devices(hub, area[hub])) for (hub, kind), n in allocation.pools.items()
    }
    trunks = {name: capacity * later.trunk(name) for name, capacity in allocation.trunks.items()}
    return replace(allocation, pools=pools, trunks=trunks)


def supplied(allocation: Allocation, network: Network, share: float, fill: Fill | None = None) -> Allocation:
    """The allocation with the share of restricted devices that is there, and with what fills in for the others."""
    if share >= 1:
        return allocation
    pools = {
        key: floor(count * share) if network.devices[key[1]].restricted else count
        for key, count in allocation.pools.items()
    }
    if fill is not None:
        for hub in network.hubs:
            lost = math.fsum(
                (count - pools[key]) * network.devices[key[1]].speed
                for key, count in allocation.pools.items()
                if key[0] == hub
            )
            if lost:
                more = round_half_up(lost * fill.share / network.devices[fill.with_].speed)
                pools[hub, fill.with_] = pools.get((hub, fill.with_), 0) + more
    return replace(allocation, pools=in_order(network, pools))


def faster(network: Network, later: Later | None) -> Network:
    """The network with the devices of a later year: as many W, more speed and TFLOPS."""
    if later is None or not later.growth.device_speed:
        return network
    devices = {}
    for name, device in network.devices.items():
        factor = later.speed(name)
        tflops = None if device.tflops_fp16 is None else device.tflops_fp16 * factor
        devices[name] = replace(device, speed=device.speed * factor, tflops_fp16=tflops)
    return replace(network, devices=devices)


def rated(network: Network, factor: float, given: Collection[str]) -> Network:
    """The network with speeds over another reference device: x factor, but for the types that the scenario gives."""
    if factor == 1:
        return network
    devices = {
        name: device if name in given else replace(device, speed=device.speed * factor)
        for name, device in network.devices.items()
    }
    return replace(network, devices=devices)


def supply_problem(
    network: Network, wanted: Iterable[Pools], fill: Fill | None
) -> tuple[tuple[str, ...], Problem] | None:
    """What is wrong with a supply, and at which of its keys. wanted: the pools of all allocations without it."""
    if not any(network.devices[kind].restricted for pools in wanted for (_, kind), count in pools.items() if count):
        message = "no allocation has devices of a type whose export is restricted, so a supply changes nothing"
        hint = "remove it, or name such a type in `mix`, `add` or `pools`: hubnet data NATION lists them"
        return (), Problem(message, hint)
    if fill is not None and network.devices[fill.with_].restricted:
        message = f"the export of {quote(fill.with_)} is restricted too, so it cannot fill in"
        free = [name for name, device in network.devices.items() if not device.restricted and device.kind != "cpu"]
        return ("fill", "with"), Problem(message, f"choose for example {quote(free[0])}" if free else "")
    return None
