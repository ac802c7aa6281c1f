"""What a nation's tables hold, as plain data: the facts behind `hubnet data NAME`. Nothing is printed here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hubnet.network.build import catalogue_devices
from hubnet.network.nation import Nation
from hubnet.network.rows import TrunkRow
from hubnet.network.tables import CONFIDENCE, UNSTATED


@dataclass(frozen=True)
class HubFacts:
    """One hub. eflops: FP16 dense, of its pools; share: of the nation's; confidence: of its compute."""

    name: str
    title: str
    area: str
    eflops: float
    share: float
    devices: int
    pue: float
    price_yuan_per_kwh: float | None
    carbon_kg_per_kwh: float | None
    confidence: str


@dataclass(frozen=True)
class AreaFacts:
    """One area, or several together. share: of the nation's EFLOPS; demand: share of the regions' weight."""

    name: str
    hubs: int
    eflops: float
    share: float
    demand: float


@dataclass(frozen=True)
class TrunkFacts:
    """The trunks together. routes counts parallel ones apart. total_bit_s: sum of the capacities per direction."""

    trunks: int
    routes: int
    total_bit_s: float
    total_km: float
    longest: str
    longest_km: float


@dataclass(frozen=True)
class DeviceFacts:
    """One type of device. speed: over the reference device's, None if it is not known."""

    name: str
    kind: str
    speed: float | None
    tflops_fp16: float | None
    power_w: float | None
    export_restricted: str
    confidence: str


@dataclass(frozen=True)
class TableFacts:
    """One table. figures: how many of its figures are sourced, derived, estimate or unstated.

    Every cell of a column named `confidence` or `confidence_...` counts as one figure.
    """

    name: str
    rows: int
    figures: dict[str, int]


@dataclass(frozen=True)
class Description:
    """What fits a page about a nation.

    areas: by demand, most first. outside: all areas but the first of these together, None if there is only one.
    devices: its own types, then those of the catalogue. mixes: of its classes, by name.
    weak_spots: (what, effect, advice), those that move results most first.
    """

    name: str
    title: str
    scalars: dict[str, str]
    hubs: list[HubFacts]
    areas: list[AreaFacts]
    outside: AreaFacts | None
    regions: int
    trunks: TrunkFacts
    tables: list[TableFacts]
    weak_spots: list[tuple[str, str, str]]
    notes: list[str]
    mixes: list[str]
    devices: list[DeviceFacts]


def describe(nation: Nation) -> Description:
    """The facts about a nation. Compute is devices x TFLOPS of their type, NaN where a type has none."""
    hubs = hub_facts(nation)
    areas = area_facts(nation, hubs)
    return Description(
        name=nation.name,
        title=nation.title,
        scalars=dict(nation.scalars),
        hubs=hubs,
        areas=areas,
        outside=together(f"all but {areas[0].name}", areas[1:]) if len(areas) > 1 else None,
        regions=len(nation.regions),
        trunks=trunk_facts(nation.trunks),
        tables=table_facts(nation),
        weak_spots=[
            (row.get("what", ""), row.get("effect", ""), row.get("advice", ""))
            for row in nation.tables.get("weak_spots", ())
            if row.get("kind", "weak spot") == "weak spot"
        ],
        notes=list(nation.notes),
        mixes=list(nation.mix_names) if nation.classes else [],
        devices=device_facts(nation),
    )


def hub_facts(nation: Nation) -> list[HubFacts]:
    """The hubs, by compute, most first."""
    given = {row.device: row.tflops_fp16 for row in nation.accelerators}
    given |= {row.device: row.tflops_fp16 for row in nation.devices}
    tflops = {device: math.nan if rate is None else rate for device, rate in given.items()}
    eflops = dict.fromkeys((hub.city for hub in nation.hubs), 0.0)
    devices = dict.fromkeys(eflops, 0)
    for pool in nation.pools:
        eflops[pool.hub] += pool.count * tflops[pool.device] * 1e-6
        devices[pool.hub] += pool.count
    total = math.fsum(eflops.values())
    facts = [
        HubFacts(
            name=hub.city,
            title=hub.title or hub.city,
            area=nation.area(hub.city),
            eflops=eflops[hub.city],
            share=eflops[hub.city] / total if total else math.nan,
            devices=devices[hub.city],
            pue=hub.pue,
            price_yuan_per_kwh=hub.price_yuan_per_kwh,
            carbon_kg_per_kwh=hub.carbon_kg_per_kwh,
            confidence=hub.confidence_eflops if hub.confidence_eflops != UNSTATED else hub.confidence,
        )
        for hub in nation.hubs
    ]
    return sorted(facts, key=lambda hub: (-hub.eflops, hub.name))


def device_facts(nation: Nation) -> list[DeviceFacts]:
    """The types of devices that a scenario may name; those without a speed it cannot."""
    speeds = {name: device.speed for name, device in catalogue_devices(nation).items()}
    own = [
        DeviceFacts(row.device, row.kind, row.speed, row.tflops_fp16, row.power_w, "", row.confidence)
        for row in nation.devices
    ]
    return own + [
        DeviceFacts(
            name, row.kind, speeds.get(name), row.tflops_fp16, row.power_w, row.export_restricted, row.confidence
        )
        for name, row in nation.catalogue.items()
    ]


def area_facts(nation: Nation, hubs: Sequence[HubFacts]) -> list[AreaFacts]:
    """The areas of hubs and regions, by demand, most first; a city without an area is in the area ""."""
    demand: dict[str, float] = {hub.area: 0.0 for hub in hubs}
    for region in nation.regions:
        area = nation.area(region.city)
        demand[area] = demand.get(area, 0.0) + region.weight
    total = math.fsum(demand.values())
    facts = []
    for area, weight in demand.items():
        own = [hub for hub in hubs if hub.area == area]
        eflops, share = math.fsum(hub.eflops for hub in own), math.fsum(hub.share for hub in own)
        facts.append(AreaFacts(area, len(own), eflops, share, weight / total))
    return sorted(facts, key=lambda area: (-area.demand, area.name))


def together(name: str, areas: Sequence[AreaFacts]) -> AreaFacts:
    """Several areas added up."""
    return AreaFacts(
        name=name,
        hubs=sum(area.hubs for area in areas),
        eflops=math.fsum(area.eflops for area in areas),
        share=math.fsum(area.share for area in areas),
        demand=math.fsum(area.demand for area in areas),
    )


def trunk_facts(trunks: Sequence[TrunkRow]) -> TrunkFacts:
    """Counts, sums and the longest trunk, over the trunks whose length is given."""
    lengths = {trunk.name or f"{trunk.a}-{trunk.b}": trunk.length_km for trunk in trunks}
    known = {name: km for name, km in lengths.items() if km is not None}
    longest = max(known, key=lambda name: known[name], default="")
    return TrunkFacts(
        trunks=len(trunks),
        routes=sum(trunk.cables for trunk in trunks),
        total_bit_s=math.fsum(trunk.capacity_gbit_s for trunk in trunks) * 1e9,
        total_km=math.fsum(known.values()),
        longest=longest,
        longest_km=known.get(longest, math.nan),
    )


def table_facts(nation: Nation) -> list[TableFacts]:
    """Every table of the nation's folder, with the number of its figures by confidence."""
    facts = []
    for name, rows in nation.tables.items():
        counts: Counter[str] = Counter()
        for row in rows:
            stated = [value for column, value in row.items() if column.split("_")[0] == "confidence" and value]
            counts.update(stated or [UNSTATED])
        figures = {kind: counts[kind] for kind in (*CONFIDENCE, UNSTATED) if counts[kind]}
        facts.append(TableFacts(name, len(rows), figures))
    return facts
