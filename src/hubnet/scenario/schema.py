"""The scenario as data: one model per part, each field with its unit, default, range and description.

Validation, the JSON Schema and the reference table of the documentation all follow from these models.
Quantities are SI (s, bit, bit/s, W) except price (yuan/kWh), carbon (kg/kWh) and length (km).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PrivateAttr

from hubnet.scenario.accounts import AccountsSpec, Money
from hubnet.scenario.allocation_spec import AllocationSpec, MoveSpec, Times
from hubnet.scenario.classes import ClassSpec, WorkloadSpec
from hubnet.scenario.fields import (
    MAPPING,
    VALUE,
    VALUE_OR_MAPPING,
    Area,
    Count,
    LatLon,
    Name,
    OneOf,
    Part,
    PositiveCount,
    Start,
    Version,
    Words,
    Year,
)
from hubnet.scenario.growth import AbroadSpec, GrowthSpec, PromisesSpec, SupplySpec, Years
from hubnet.scenario.incident_spec import IncidentSpec
from hubnet.scenario.rhythm import InlineProfile
from hubnet.scenario.tree import Source
from hubnet.scenario.units import (
    AtLeastOne,
    BitRate,
    Carbon,
    Delay,
    DurationOrAuto,
    Fraction,
    FractionBelowOne,
    Length,
    Positive,
    Power,
    Price,
    Scale,
    Span,
    Weight,
)
from hubnet.scenario.words import fault

__all__ = [
    "AllocationSpec",
    "ClassSpec",
    "ClockSpec",
    "DeviceSpec",
    "ExchangeSpec",
    "FibreSpec",
    "HubSpec",
    "IncidentSpec",
    "MoveSpec",
    "NetworkSpec",
    "PolicySpec",
    "RegionSpec",
    "ScenarioSpec",
    "SupplySpec",
    "Times",
    "TrunkSpec",
    "WorkloadSpec",
]

NOTHING: Any = None  # for what the checks see to
Initial = Literal["stationary", "empty"]
Layer = Literal["optical", "private-ip", "public-ip"]
Sharing = Literal["max-min", "none"]
Routing = Literal["nearest", "cheapest-in-time", "least-response", "random", "cheapest-hour", "greenest-hour", "valley"]
Queue = Literal["fifo", "priority", "backfill", "preempt"]
Equalise = Literal["none", "devices", "eflops", "power", "yuan"]


class RegionSpec(Part):
    """A place that submits jobs."""

    at: LatLon = Field(description="latitude and longitude in degrees")
    weight: Weight = Field(default=1.0, description="its share of each class's jobs is its weight over the sum of all")
    area: Area | None = Field(default=None, description="area that it lies in, such as east or west")
    wave: BitRate | None = Field(
        default=None,
        description="booked wave of transfers of classes that name none; the nation's default, if any, unless given",
    )


class HubSpec(Part):
    """A place that runs jobs."""

    at: LatLon = Field(description="latitude and longitude in degrees")
    pools: dict[Name, Count] = Field(description="device type -> number of devices")
    price: Price | None = Field(default=None, description="electricity price")
    carbon: Carbon | None = Field(default=None, description="carbon intensity of its electricity, that of the grid")
    carbon_contract: Carbon | None = Field(
        default=None, description="carbon intensity by its contracts for green power; that of the grid unless given"
    )
    price_profile: InlineProfile | None = Field(
        default=None, description="how the price varies by hour around `price`, its mean over a week; flat unless given"
    )
    carbon_profile: InlineProfile | None = Field(
        default=None, description="how the carbon intensity varies by hour around `carbon`; flat unless given"
    )
    pue: AtLeastOne = Field(default=1.0, description="power usage effectiveness: site power over device power")
    area: Area | None = Field(default=None, description="area that it lies in, such as east or west")


class ExchangeSpec(Part):
    """A city where trunks meet, without jobs or pools."""

    at: LatLon = Field(description="latitude and longitude in degrees")


class TrunkSpec(Part):
    """A fibre route between two cities; parallel routes are one trunk."""

    between: Annotated[tuple[str, str], Words("a city", exactly=2)] = Field(description="the two cities that it joins")
    capacity: BitRate = Field(description="capacity per direction, summed over parallel routes")
    length: Length | None = Field(default=None, description="route length; great circle x `route_ratio` unless given")
    one_way: Delay | None = Field(default=None, description="propagation delay, instead of length x 4.9 us/km")
    name: Name | None = Field(default=None, description='name; "A-B" of the two cities unless given')
    cables: PositiveCount = Field(default=1, description="number of parallel routes in it")


class NetworkSpec(Part):
    """A nation spelled out in the scenario."""

    regions: dict[Name, RegionSpec] = Field(min_length=1, description="region (a city) -> where it is, its weight")
    hubs: dict[Name, HubSpec] = Field(min_length=1, description="hub (a city) -> where it is, its pools")
    exchanges: dict[Name, ExchangeSpec] = Field(default={}, description="city where only trunks meet -> where it is")
    trunks: list[TrunkSpec] = Field(description="the trunks")
    route_ratio: AtLeastOne = Field(
        default=1.5, description="length of a trunk over the great circle, where a trunk gives no length (an estimate)"
    )


class DeviceSpec(Part):
    """A type of device."""

    from_: Name | None = Field(
        default=None,
        alias="from",
        description="nation whose tables have a type of this name: its speed, power and price; instead of `speed`",
    )
    speed: Positive = Field(default=1.0, description="speed relative to the reference device")
    power: Power | None = Field(
        default=None, description="power of one busy device; needed for energy, cost and carbon"
    )
    price: Money | None = Field(
        default=None, description="price of one device, its share of the server included; needed for the capital"
    )


class ClockSpec(Part):
    """When the run starts, how long it is, and what is measured."""

    start: Start | None = Field(
        default=None,
        description="local date, or date and time, at which the run starts; for profiles a Monday, 00:00, unless given",
    )
    horizon: Span = Field(description="length of the run")
    initial: Annotated[Initial, OneOf(Initial)] | None = Field(
        default=None,
        description="stationary: jobs are under way when the run starts, as many as in the long run; empty: none are; "
        "stationary unless given if the network is a nation, else empty",
    )
    warmup: DurationOrAuto = Field(
        default=0.0,
        description="time at the beginning that is not measured; less than the horizon. auto: where pilot runs have "
        "settled (MSER-5), at most half of the horizon",
    )
    bin: Span | None = Field(default=None, description="width of the time bins of the pools' and trunks' tables")


class FibreSpec(Part):
    """How the fibre carries data."""

    layer: Annotated[Layer, OneOf(Layer)] = Field(
        default="optical", description="layer of the network; it multiplies propagation delays by 1, 1.51 or 1.72"
    )
    sharing: Annotated[Sharing, OneOf(Sharing)] = Field(
        default="max-min", description="how transfers share trunks: fairly, or not at all (each at min(wave, capacity))"
    )
    background: FractionBelowOne = Field(
        default=0.0, description="share of every trunk's capacity that other traffic takes"
    )


class PolicySpec(Part):
    """Which pool a job goes to, and which job of a queue is next."""

    routing: Annotated[Routing, OneOf(Routing)] = Field(
        default="least-response",
        description="chooses the pool of a job; cheapest-hour, greenest-hour and valley also hold jobs of classes with "
        "`slack` for hours of cheap or clean electricity, or of little demand",
    )
    queue: Annotated[Queue, OneOf(Queue)] = Field(default="fifo", description="chooses the next job of a pool's queue")
    depth: PositiveCount = Field(
        default=256, description="how many jobs behind the head of its queue `backfill` looks at"
    )


def _some_allocation(allocations: dict[str, AllocationSpec]) -> dict[str, AllocationSpec]:
    if not allocations:
        raise fault("there is no allocation", "write {as-built: {}}, or leave the key out")
    return allocations


class ScenarioSpec(Part):
    """Everything that one scenario file says."""

    hubnet: Annotated[Literal[1], Version(Literal[1])] = Field(description="version of the scenario format")
    name: Name = Field(description="title of the scenario")
    network: Annotated[Annotated[Name, VALUE] | Annotated[NetworkSpec, MAPPING], VALUE_OR_MAPPING] = Field(
        default=NOTHING,  # once read, a scenario with nations has the one that is simulated here
        description="a built-in nation, a folder of tables, a GraphML or GML file, or a network spelled out here; "
        "needed unless `nations` is given",
    )
    nations: Annotated[tuple[str, ...], Words("a nation")] | None = Field(
        default=None,
        description="instead of `network`: nations in which the same demand is simulated, side by side; the first one "
        "sets the demand, and the total that `equalise` brings all allocations to",
    )
    nation: Name | None = Field(
        default=None, description="the only one of `nations` that is simulated; all unless given"
    )
    devices: dict[Name, DeviceSpec] = Field(default={}, description="device type -> its speed, power and price")
    clock: ClockSpec = Field(description="start, length and measurement of the run")
    seed: Count = Field(default=0, description="seed of the random numbers")
    replications: PositiveCount = Field(
        default=1, description="how often the study is repeated with other random numbers"
    )
    fibre: FibreSpec = Field(default=FibreSpec(), description="how the fibre carries data")
    scale: Scale = Field(
        default=1.0,
        description="share of the nation simulated: scales job rates, devices and trunks; jobs keep their size",
    )
    reserve: dict[Name, Fraction] = Field(
        default={}, description="service -> share of every pool set aside for it; less than 100 % together"
    )
    workload: WorkloadSpec = Field(description="the jobs")
    policy: PolicySpec = Field(default=PolicySpec(), description="choice of pools and order of queues")
    allocations: Annotated[dict[Name, AllocationSpec], AfterValidator(_some_allocation)] = Field(
        default={"as-built": AllocationSpec()},
        description="name -> allocation; the first one is the base of comparisons",
    )
    equalise: Annotated[Equalise, OneOf(Equalise)] = Field(
        default="none",
        description="scales every allocation as a whole to the first one's total of devices, of FP16 TFLOPS, of power "
        "or of prices, after `supply`; types keep their shares",
    )
    supply: SupplySpec | None = Field(
        default=None, description="devices that can be had, in every allocation; all of them unless given"
    )
    years: Years | None = Field(
        default=None, description="years of a study, such as 2025..2030, or a list; the first one is the scenario as is"
    )
    year: Year | None = Field(
        default=None,
        description="a year from the first of `years` to the last, which alone is simulated; all of them unless given",
    )
    growth: GrowthSpec | None = Field(default=None, description="what changes from year to year")
    abroad: AbroadSpec | None = Field(default=None, description="demand that is served abroad, and comes home")
    promises: PromisesSpec | None = Field(
        default=None,
        description="what is promised every year; deadline_met 95 %, hub_utilization 90 %, trunk_use 80 % and load "
        "100 % unless given",
    )
    accounts: AccountsSpec = Field(
        default=AccountsSpec(), description="what energy, cost and capital are reckoned with"
    )
    incidents: list[IncidentSpec] = Field(default=[], description="what happens to the network during the run")

    _source: Source | None = PrivateAttr(None)

    @property
    def source(self) -> Source | None:
        """Where the scenario was read from, with the positions of its keys; None if it was not read by `load`."""
        return self._source
