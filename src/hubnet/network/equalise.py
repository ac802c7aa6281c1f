"""Allocations at the same budget: each is scaled as a whole to the first one's total, so that they can be compared.
In a study of nations that is the first allocation of the first nation.

The total is of devices, of dense FP16 TFLOPS, of the devices' power, or of their prices. Every pool is multiplied by
the same factor; what is not whole goes by largest remainder, ties by name, as in a mix (`allocation.convert`): the
total is met to within half a device of the type that counts most. Trunks stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from hubnet.errors import Problem, ScenarioError
from hubnet.network.allocation import Allocation, convert
from hubnet.network.network import Device, Network
from hubnet.scenario.words import quote

SAME = 1e-12  # totals that differ by no more than this share are equal: nothing is touched
LACKS = {  # what a type of device may lack -> how to give it
    "eflops": ("TFLOPS (FP16, dense)", "take the type `from` a nation, or equalise: devices"),
    "power": ("power", "give its `power`, or equalise: devices"),
    "yuan": ("price", "give its `price`, or equalise: devices"),
}


def figure(device: Device, by: str) -> float | None:
    """What one device counts: 1, TFLOPS, W or yuan; None if that is not known."""
    known = {"devices": 1.0, "eflops": device.tflops_fp16, "power": device.power_w, "yuan": device.price_yuan}
    return known[by]


def total(allocation: Allocation, by: str, devices: Mapping[str, Device]) -> float:
    """The allocation's total; its types' figures must be known."""
    counts: dict[str, int] = {}
    for (_, device), count in allocation.pools.items():
        counts[device] = counts.get(device, 0) + count
    return math.fsum(count * (figure(devices[device], by) or 0.0) for device, count in counts.items() if count)


def equalised(network: Network, by: str, allocation: Allocation, goal: Callable[[], float]) -> Allocation:
    """The allocation, scaled to the total of the first one; unchanged if `by` is "none" or the totals are equal.

    goal: gives that total (see `total`).

    Raises ScenarioError for types of devices whose figure is not known, and for an allocation without any total.
    """
    if by == "none":
        return allocation
    used = dict.fromkeys(device for (_, device), count in allocation.pools.items() if count)
    if missing := [device for device in used if not figure(network.devices[device], by)]:
        what, hint = LACKS[by]
        raise ScenarioError(
            [Problem(f"equalise: {by}: the device type {quote(device)} has no {what}", hint) for device in missing]
        )
    here, there = total(allocation, by, network.devices), goal()
    if abs(here - there) <= SAME * there:
        return allocation
    if here == 0:
        raise ScenarioError(
            Problem(
                f"equalise: {by}: {quote(allocation.name)} has no devices to scale", "give it some, or leave it out"
            )
        )
    each = {key: figure(network.devices[key[1]], by) or 0.0 for key, count in allocation.pools.items() if count}
    scaled = convert(there, {key: allocation.pools[key] * one for key, one in each.items()}, each)
    return replace(allocation, pools={key: scaled.get(key, 0) for key in allocation.pools})
