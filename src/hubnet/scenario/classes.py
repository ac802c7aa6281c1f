"""The classes of jobs in a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from hubnet.scenario.accounts import Value
from hubnet.scenario.fields import LIST, LIST_OR_MAPPING, MAPPING, VALUE, VALUE_OR_MAPPING, Count, Name, Part, Words
from hubnet.scenario.rhythm import BurstsSpec, CampaignsSpec, ProfileOrName, SwingsSpec, TrendSpec
from hubnet.scenario.sizes import Counts, Size, Work, fixed
from hubnet.scenario.traces import TRACE_KEYS, TraceSpec
from hubnet.scenario.units import BitRate, Duration, Exponent, Fraction, Load, OneWay, Positive, Rate, Span, Weight

RunsOn = Annotated[
    Annotated[tuple[str, ...], Words("a device type"), LIST]
    | Annotated[dict[Name, Positive], Field(min_length=1), MAPPING],
    LIST_OR_MAPPING,
]


class ClassSpec(Part):
    """A class of jobs: what its jobs need, where they are born and where they may run."""

    share: Fraction | None = Field(
        default=None, description="share of the device time that `load` speaks of; either this or `rate`"
    )
    rate: Rate | None = Field(
        default=None,
        description="jobs submitted per time, over all regions, in the mean over a week; either this or `share`",
    )
    profile: ProfileOrName | None = Field(
        default=None,
        description="how the rate varies by hour: hours spelled out, a CSV file with the columns hour, weekday and "
        'weekend, a nation\'s name, or "flat"; as `workload.profile` says unless given',
    )
    trend: TrendSpec | None = Field(
        default=None, description="growth of the rate; `rate` and `share` then speak of the beginning of the run"
    )
    swings: SwingsSpec | None = Field(
        default=None, description="a rate that alternates at random between busy and quiet; it does not unless given"
    )
    bursts: BurstsSpec | None = Field(default=None, description="uneven submissions; Poisson unless given")
    campaigns: CampaignsSpec | None = Field(
        default=None, description="jobs submitted several at once; one at a time unless given"
    )
    devices: Counts = Field(
        default=fixed(1), description="devices that a job needs at once, fixed or a distribution; 0 = it takes no pool"
    )
    runs_on: RunsOn | None = Field(
        default=None,
        description="device types that it can run on, or device type -> factor on its speed for this class; any, as "
        "fast as they are, unless given",
    )
    work: Work = Field(description="service time on the reference device, fixed or a distribution")
    scaling: Exponent = Field(
        default=0.0,
        description="work grows as devices^scaling, with its mean as given; 0 = they are independent",
    )
    input: Size = Field(
        default=0.0,
        description="data uploaded before a job can start: fixed, in proportion to its work (2 GB/h), or drawn",
    )
    output: Size = Field(default=0.0, description="data downloaded after it ends; written as `input`")
    deadline: Span | None = Field(default=None, description="longest allowed response, from submit to finish")
    deadline_slack: Duration | None = Field(
        default=None, description="deadline = work on the reference device + this; instead of `deadline`"
    )
    slack: Duration = Field(
        default=0.0, description="how long a policy may hold it in its region for a better hour, from submit to release"
    )
    wave: BitRate | None = Field(
        default=None, description="booked wave: the highest rate of one transfer; the region's unless given"
    )
    tolerance: OneWay | None = Field(
        default=None, description="highest one-way network delay to the hub that it runs at"
    )
    priority: Count = Field(
        default=0, description="under the queues `priority`, `backfill` and `preempt`, jobs of a higher one go first"
    )
    estimate: Positive = Field(
        default=1.0, description="what backfill takes a job's work to be, over its true work; 1 is exact"
    )
    value: Value | None = Field(
        default=None, description="what its work is worth, per hour of the reference device; for the accounts"
    )
    checkpoint: Span | None = Field(
        default=None, description="service time after which its state is safe, again and again; never unless given"
    )
    regions: dict[Name, Weight] | None = Field(
        default=None, description="where it is born: region -> weight; the regions' own weights unless given"
    )
    areas: Annotated[tuple[str, ...], Words("an area")] | None = Field(
        default=None, description="areas where it may run; anywhere unless given"
    )
    hubs: Annotated[tuple[str, ...], Words("a hub")] | None = Field(
        default=None, description="hubs where it may run; any unless given"
    )


class WorkloadSpec(TraceSpec):
    """The jobs that are submitted: those of classes, or those of a trace."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["classes"]}, {"required": ["trace"]}],
            "dependentRequired": {
                **{key: ["trace"] for key in TRACE_KEYS},
                "mix": ["classes"],
                "load": ["classes"],
                "profile": ["classes"],
            },
        }
    )

    classes: (
        Annotated[
            Annotated[Name, VALUE] | Annotated[dict[Name, ClassSpec], Field(min_length=1), MAPPING], VALUE_OR_MAPPING
        ]
        | None
    ) = Field(
        default=None,
        description="the classes of a nation by the nation's name, or name -> class; instead of a `trace`",
    )
    mix: Name | None = Field(
        default=None,
        description="which of the nation's mixes gives its classes their shares; the default one unless given",
    )
    load: Load | None = Field(
        default=None,
        description="device time asked for by the classes with a share, over the first allocation's less the reserve",
    )
    profile: ProfileOrName | None = Field(
        default=None,
        description="profile of the classes that give none; a nation's classes keep to its tables unless given, others "
        "have the same rate at all hours",
    )
