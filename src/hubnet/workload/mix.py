"""The mix of job classes: from what a scenario or a nation says of them to rates and rules of place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import Problem, ScenarioError
from ..network.network import Device
from ..network.weeks import HOURS, Week
from .classes import JobClass
from .jobs import NONE
from .parts import Parts
from .rates import Swings


@dataclass(frozen=True)
class Place:
    """Which pools a job may use. None = any. runs_on: device types. hubs, areas: names. factors: on the speed of each
    device type of `runs_on`, for these jobs; empty = 1. or_any: where there are none of these types, any will do."""

    runs_on: tuple[str, ...] | None = None
    hubs: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    factors: tuple[float, ...] = ()
    or_any: bool = False

    def fit(self, hub: str, device: str, area: str | None) -> float:
        """The factor on the speed of a pool of this hub, device type and area; 0 = it may not be used."""
        if self.hubs is not None and hub not in self.hubs:
            return 0.0
        if self.areas is not None and area not in self.areas:
            return 0.0
        if self.runs_on is None:
            return 1.0
        if device not in self.runs_on:
            return 0.0
        return self.factors[self.runs_on.index(device)] if self.factors else 1.0


def fit(places: Sequence[Place], pools: Mapping[tuple[str, str], int], area_of: Mapping[str, str | None]) -> np.ndarray:
    """float [places, pools]: `Place.fit` of each rule of place in each pool. pools: (hub, device type) -> devices."""
    there = {device for (_, device), count in pools.items() if count}
    table = np.zeros((len(places), len(pools)))
    for p, place in enumerate(places):
        if place.or_any and there.isdisjoint(place.runs_on or ()):
            place = replace(place, runs_on=None)
        table[p] = [place.fit(hub, device, area_of.get(hub)) for hub, device in pools]
    return table


@dataclass(frozen=True)
class Fleet:
    """The devices of an allocation. pools: (hub, type) -> count; devices: the types, by name; area_of: hub -> area."""

    pools: Mapping[tuple[str, str], int]
    devices: Mapping[str, Device]
    area_of: Mapping[str, str | None]

    def paces(self, place: Place) -> list[tuple[int, float, float]]:
        """(devices, speed, factor) of the pools that a rule of place allows and that hold devices."""
        (factors,) = fit([place], self.pools, self.area_of).tolist()
        found = zip(self.pools.items(), factors, strict=True)
        return [(count, self.devices[kind].speed, factor) for ((_, kind), count), factor in found if count * factor > 0]

    def of_kinds(self, kinds: Mapping[str, float]) -> dict[str, float]:
        """Device type -> factor, of the types of these kinds; those of which no kind is known run as they are."""
        known = {"": 1.0} | dict(kinds)
        return {name: known[device.kind] for name, device in self.devices.items() if device.kind in known}

    def mean_speed(self, place: Place) -> float:
        """Mean speed of the devices that a rule of place allows, factors included; 1 if there are none."""
        paces = self.paces(place)
        devices = sum(count for count, _, _ in paces)
        return math.fsum(count * speed * factor for count, speed, factor in paces) / devices if devices else 1.0

    def mean_factor(self, place: Place) -> float:
        """Mean factor on those devices' speeds, over devices x speed; 1 if there are none."""
        paces = self.paces(place)
        plain = math.fsum(count * speed for count, speed, _ in paces)
        return math.fsum(count * speed * factor for count, speed, factor in paces) / plain if plain else 1.0


@dataclass(frozen=True)
class Mix:
    """Job classes with their rates, and the rules of place that their `place` indexes."""

    classes: tuple[JobClass, ...]
    places: tuple[Place, ...]

    def at_rates(self, rates: Mapping[str, float]) -> Mix:
        """The same classes with other rates in jobs/s, by name."""
        return replace(self, classes=tuple(replace(klass, rate=rates[klass.name]) for klass in self.classes))

    def demand(self) -> Week:
        """What all classes together ask for, in device-seconds, by the hour over the mean; 1 if they ask for nothing.

        Profiles only: trends, swings and surges are no habits of a week.
        """
        asked = [(klass.rate * klass.device_seconds, klass.week) for klass in self.classes]
        total = math.fsum(amount for amount, _ in asked)
        if total == 0:
            return (1.0,) * HOURS
        flat = math.fsum(amount for amount, week in asked if week is None)
        varying = [(amount, week) for amount, week in asked if week is not None]
        return tuple(
            (flat + math.fsum(amount * week[hour] for amount, week in varying)) / total for hour in range(HOURS)
        )


@dataclass(frozen=True)
class Frame:
    """What a mix is built for.

    weights: region -> share of each class's jobs that come from there, unless the class says otherwise. hubs: all of
    them, in order of index. capacity: devices x speed of the first allocation less the reserve. horizon: s. load:
    device-seconds asked for by the classes with a share, over capacity x seconds. scale: multiplies rates that are
    given as such. wave: bit/s of flows whose class and region name none. waves: region -> bit/s, where it names one.
    fleet: the devices of the first allocation; None = all of them are reference devices.
    """

    weights: Mapping[str, float]
    hubs: Sequence[str]
    capacity: float
    horizon: float
    load: float | None = None
    scale: float = 1.0
    wave: float = math.inf
    waves: Mapping[str, float] = field(default_factory=dict)
    fleet: Fleet | None = None


def build_mix(specs: Mapping[str, Any], parts: Mapping[str, Parts], frame: Frame) -> Mix:
    """The mix of a scenario. specs: name -> class as in the scenario's schema, or a nation's; parts: of each.

    Shares are renormalised to 1. The rate of a class with share s is s x load x capacity / (E[devices x work] /
    mean factor on the speed of the devices that it may use). A class
    may instead have `jobs_share`: its jobs over the jobs of all classes of the mix that have a share or a rate.
    """
    shares = {name: spec.share for name, spec in specs.items() if spec.share is not None}
    total = math.fsum(shares.values())
    places: dict[Place, int] = {}
    drafts = {name: _draft(name, spec, parts[name], frame, places) for name, spec in specs.items()}
    rates: dict[str, float] = {}
    for name, spec in specs.items():
        if spec.rate is not None:
            rates[name] = spec.rate * frame.scale
        elif spec.share is not None:
            asked = drafts[name].device_seconds
            if asked == 0:
                raise ScenarioError(
                    Problem(
                        f"class {name!r} has a share of device time but asks for none",
                        "give it a rate instead",
                    )
                )
            factor = frame.fleet.mean_factor(list(places)[drafts[name].place]) if frame.fleet else 1.0
            rates[name] = spec.share / total * (frame.load or 0.0) * frame.capacity / (asked / factor)
    known = math.fsum(rates.values())
    for name, spec in specs.items():
        if name not in rates:
            rates[name] = (getattr(spec, "jobs_share", None) or 0.0) * known
    levels = sorted({spec.priority for spec in specs.values()}, reverse=True)
    classes = tuple(
        replace(drafts[name], rate=rates[name], lane=levels.index(spec.priority)) for name, spec in specs.items()
    )
    return Mix(classes, tuple(places))


def _draft(name: str, spec: Any, parts: Parts, frame: Frame, places: dict[Place, int]) -> JobClass:
    """The class, but for its rate."""
    kinds = getattr(spec, "kinds", None)  # of a nation's classes
    types = frame.fleet.of_kinds(kinds) if kinds and frame.fleet else spec.runs_on
    runs_on, hubs, areas = (None if names is None else tuple(names) for names in (types, spec.hubs, spec.areas))
    factors = tuple(types.values()) if isinstance(types, Mapping) else ()
    place = Place(runs_on, hubs, areas, factors, or_any=bool(kinds))
    growth = 0.0 if spec.trend is None else math.log(spec.trend.by) / (spec.trend.over or frame.horizon)
    return JobClass(
        name=name,
        rate=0.0,
        regions=dict(spec.regions or frame.weights),
        devices=parts.devices,
        work=parts.work,
        scaling=spec.scaling,
        upload=parts.upload,
        download=parts.download,
        week=parts.week,
        growth=growth,
        swings=None if spec.swings is None else Swings(spec.swings.busy, spec.swings.quiet, spec.swings.by),
        cv=1.0 if spec.bursts is None else spec.bursts.cv,
        campaign=parts.campaign,
        wave=frame.wave if spec.wave is None else spec.wave,
        waves=dict(frame.waves) if spec.wave is None else {},
        deadline=math.inf if spec.deadline is None else spec.deadline,
        deadline_slack=spec.deadline_slack,
        slack=spec.slack,
        tolerance=math.inf if spec.tolerance is None else spec.tolerance,
        checkpoint=math.inf if spec.checkpoint is None else spec.checkpoint,
        estimate=spec.estimate,
        place=places.setdefault(place, len(places)),
        pinned=frame.hubs.index(spec.hubs[0]) if spec.hubs is not None and len(spec.hubs) == 1 else NONE,
        speed=frame.fleet.mean_speed(place) if frame.fleet else 1.0,
    )
