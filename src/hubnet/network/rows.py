"""The tables of a nation, one row class each: the schema is here, the reading in `tables.py`.

Fields have the names and units of the columns. Every row keeps
where its figures come from (`source`) and how sure they are (`confidence`: sourced, derived or estimate); where a
row mixes, `confidence_...` says it for single columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from hubnet.network.tables import confidence, number, text, weights, whole, yes_no

BIT_PER_GB = 8e9


@dataclass(frozen=True)
class Fact:
    """What every row has: where its figures come from, and how sure they are."""

    source: str = text(default="")
    confidence: str = confidence()


@dataclass(frozen=True)
class Scalar(Fact):
    """A row of nation.csv: one figure of the whole nation."""

    key: str = text(needed=True)
    value: str = text(needed=True)
    unit: str = text(default="")
    note: str = text(default="")


@dataclass(frozen=True)
class City(Fact):
    """A row of cities.csv: a node of the graph. lat, lon in degrees."""

    city: str = text(needed=True)
    lat: float = number(-90, 90)
    lon: float = number(-180, 180)
    province: str = text(default="")
    area: str = text(default="")


@dataclass(frozen=True)
class RegionRow(Fact):
    """A row of regions.csv: a city that submits jobs; `weight` in proportion to its share of them."""

    city: str = text(needed=True)
    weight: float = number(0)
    province: str = text(default="")
    weight_gdp: float | None = number(0, default=None)
    weight_population: float | None = number(0, default=None)
    weight_ai: float | None = number(0, default=None)


@dataclass(frozen=True)
class HubRow(Fact):
    """A row of hubs.csv: a city that runs jobs.

    eflops_fp16: dense FP16, reconciled with the national total; eflops_claimed: as published, by the definition in
    `claim`. carbon_kg_per_kwh: of the grid; carbon_contract_kg_per_kwh: less the contracted green power. price_profile,
    carbon_profile: names of profiles in hours.csv, by which both vary around their means; empty = they do not.
    """

    city: str = text(needed=True)
    title: str = text(default="")
    kind: str = text(default="")
    hub_region: str = text(default="")
    province: str = text(default="")
    area: str = text(default="")
    eflops_fp16: float | None = number(0, default=None)
    eflops_claimed: float | None = number(0, default=None)
    claim: str = text(default="")
    claim_as_of: str = text(default="")
    accelerators_claimed: int | None = whole(default=None)
    racks: int | None = whole(default=None)
    racks_as_of: str = text(default="")
    pue: float = number(1, default=1.0)
    price_yuan_per_kwh: float | None = number(0, default=None)
    carbon_kg_per_kwh: float | None = number(0, default=None)
    green_power_percent: float | None = number(0, 100, default=None)
    carbon_contract_kg_per_kwh: float | None = number(0, default=None)
    price_profile: str = text(default="")
    carbon_profile: str = text(default="")
    confidence_eflops: str = confidence()
    confidence_claim: str = confidence()
    confidence_pue: str = confidence()
    confidence_price: str = confidence()
    confidence_carbon: str = confidence()
    confidence_contract: str = confidence()
    basis: str = text(default="")
    note: str = text(default="")


@dataclass(frozen=True)
class DeviceRow(Fact):
    """A row of devices.csv: a type of device. speed over the reference device's. price_yuan: of one, its share of the
    server included, by `price_basis`."""

    device: str = text(needed=True)
    kind: str = text(default="")
    speed: float = number(0, above=True, default=1.0)
    tflops_fp16: float | None = number(0, default=None)
    memory_gb: float | None = number(0, default=None)
    power_w: float | None = number(0, default=None)
    price_yuan: float | None = number(0, default=None)
    confidence_price: str = confidence()
    price_basis: str = text(default="")
    note: str = text(default="")


@dataclass(frozen=True)
class CatalogueRow(Fact):
    """A row of accelerators.csv: a type of device that a scenario may name; without TFLOPS its speed is not known."""

    device: str = text(needed=True)
    kind: str = text(default="")
    tflops_fp16: float | None = number(0, above=True, default=None)
    memory_gb: float | None = number(0, default=None)
    memory_tb_s: float | None = number(0, default=None)
    power_w: float | None = number(0, default=None)
    price_yuan: float | None = number(0, default=None)
    confidence_price: str = confidence()
    price_basis: str = text(default="")
    export_restricted: str = text(default="")
    restricted_since: str = text(default="")
    note: str = text(default="")

    @property
    def restricted(self) -> bool:
        """Is its export restricted, or in need of a licence? Cells that begin with "no" say that it is not."""
        return self.export_restricted != "" and not self.export_restricted.lower().startswith("no")


@dataclass(frozen=True)
class PoolRow(Fact):
    """A row of pools.csv: `count` devices of one type at a hub."""

    hub: str = text(needed=True)
    device: str = text(needed=True)
    count: int = whole()


@dataclass(frozen=True)
class TrunkRow(Fact):
    """A row of trunks.csv: a fibre route; capacity per direction. Without a length: great circle x route ratio."""

    a: str = text(needed=True)
    b: str = text(needed=True)
    capacity_gbit_s: float = number(0, above=True)
    name: str = text(default="")
    length_km: float | None = number(0, default=None)
    one_way_ms: float | None = number(0, default=None)
    cables: int = whole(1, default=1)
    routes: str = text(default="")
    confidence_length: str = confidence()
    confidence_capacity: str = confidence()


@dataclass(frozen=True)
class ClassRow(Fact):
    """A row of classes.csv: a kind of job.

    share: percent of device time. jobs_share: percent of all jobs; it gives the rate of a class without devices, or
    with a share of 0, relative to the jobs of the others.
    checkpoint_h: hours of service between two checkpoints; empty = none.
    devices: gang sizes with their weights. median_s, sigma, cap_s: lognormal work on the reference device.
    value_yuan_per_device_h: what its work is worth per hour of the reference device, by `value_basis`.
    online: served by the reserve, not simulated job by job. default_mix: among the classes that a scenario gets by
    naming the nation. regions: where it is born, with weights; empty = everywhere. runs_on: kinds of devices, with
    factors on their speed; empty = any. profile: the name of its arrivals'
    profile in profile.csv; empty = the same rate at all hours.
    """

    name: str = text(needed=True, column="class")
    title: str = text(default="")
    share: float = number(0, 100)
    jobs_share: float = number(0, default=0.0)
    devices: tuple[tuple[int, float], ...] = weights(int, sum_to_one=True)
    median_s: float = number(0)
    sigma: float = number(0)
    cap_s: float | None = number(0, above=True, default=None)
    input_gb: float = number(0, default=0.0)
    output_gb: float = number(0, default=0.0)
    deadline_slack_h: float | None = number(0, default=None)
    checkpoint_h: float | None = number(0, above=True, default=None)
    tolerance_one_way_ms: float | None = number(0, default=None)
    online: bool = yes_no(default=False)
    default_mix: bool = yes_no(default=True)
    regions: tuple[tuple[str, float], ...] = weights(str, default=())
    runs_on: tuple[tuple[str, float], ...] = weights(str, default=())
    movable: bool = yes_no(default=True)
    movable_note: str = text(default="")
    deferrable: bool = yes_no(default=False)
    deferrable_note: str = text(default="")
    device_kind: str = text(default="")
    policy_class: str = text(default="")
    arrival: str = text(default="")
    profile: str = text(default="")
    confidence_share: str = confidence()
    confidence_devices: str = confidence()
    confidence_work: str = confidence()
    confidence_data: str = confidence()
    value_yuan_per_device_h: float | None = number(0, default=None)
    confidence_value: str = confidence()
    value_basis: str = text(default="")
    note: str = text(default="")

    @property
    def has_device_time(self) -> bool:
        """Do its jobs take devices, for some time?"""
        return self.median_s > 0 and any(devices > 0 and weight > 0 for devices, weight in self.devices)


@dataclass(frozen=True)
class MixRow(Fact):
    """A row of mixes.csv: the share of a class, in percent of device time, in a mix other than the default one."""

    mix: str = text(needed=True)
    name: str = text(needed=True, column="class")
    share: float = number(0, 100, above=True)
    note: str = text(default="")


NEEDED: dict[str, type[Fact]] = {
    "cities": City,
    "regions": RegionRow,
    "hubs": HubRow,
    "devices": DeviceRow,
    "pools": PoolRow,
    "trunks": TrunkRow,
}
OPTIONAL: dict[str, type[Fact]] = {"nation": Scalar, "classes": ClassRow, "mixes": MixRow, "accelerators": CatalogueRow}
