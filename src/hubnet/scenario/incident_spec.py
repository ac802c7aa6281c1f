"""What an incident says: something that happens to a trunk, a hub, a pool or demand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from hubnet.scenario.fields import (
    Name,
    OneOf,
    Part,
    Text,
    Words,
)
from hubnet.scenario.units import (
    Duration,
    FractionBelowOne,
    Span,
    Weight,
)

Running = Literal["kill", "drain"]


class IncidentSpec(Part):
    """Something that happens to a trunk, a hub or a pool, once or again and again at random; or to demand, once."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": [event]} for event in ("cut", "degrade", "outage", "surge")]},
                {"oneOf": [{"required": ["at"]}, {"required": ["mtbf", "mttr"]}]},
            ],
            "not": {"anyOf": [{"required": [*pair]} for pair in (("cut", "to"), ("surge", "to"), ("surge", "mtbf"))]},
            "dependentRequired": {
                "lasting": ["at"],
                "degrade": ["to"],
                "running": ["outage"],
                "surge": ["by"],
                "by": ["surge"],
                "regions": ["surge"],
                "mtbf": ["mttr"],
                "mttr": ["mtbf"],
            },
        }
    )

    at: Duration | None = Field(
        default=None, description="when it happens, after the start of the run; instead of `mtbf` and `mttr`"
    )
    lasting: Span | None = Field(default=None, description="how long it lasts; for good unless given")
    cut: Annotated[tuple[str, ...], Words("a trunk or a city", alone=True, exactly=2)] | None = Field(
        default=None, description='trunk that carries nothing: its name, its two cities, or "all"'
    )
    degrade: Annotated[tuple[str, ...], Words("a trunk or a city", alone=True, exactly=2)] | None = Field(
        default=None, description="trunk that keeps the share `to` of its capacity; named as in `cut`"
    )
    outage: Annotated[str, Text("a hub or a pool")] | None = Field(
        default=None, description='hub (all its pools), pool such as Gavle/gpu, or "all", that loses devices'
    )
    surge: Annotated[tuple[str, ...], Words("a class", alone=True)] | None = Field(
        default=None, description='class, or list of classes, whose jobs come at `by` times their rate; "all" = all'
    )
    by: Weight | None = Field(
        default=None,
        description="factor on the rate during a surge; below 1 it is a lull; surges that overlap multiply",
    )
    regions: Annotated[tuple[str, ...], Words("a region", alone=True)] | None = Field(
        default=None, description="region, or list of regions, of a surge; all unless given"
    )
    to: FractionBelowOne | None = Field(
        default=None,
        description="share of the capacity, or of the devices, that is left; 0 % for an outage unless given",
    )
    running: Annotated[Running, OneOf(Running)] | None = Field(
        default=None, description="jobs that run on devices of an outage are killed, or may end; kill unless given"
    )
    mtbf: Span | None = Field(
        default=None, description="random failures: mean time from repair to the next failure, exponential"
    )
    mttr: Span | None = Field(default=None, description="random failures: mean time to repair, exponential")
    name: Name | None = Field(default=None, description="title for tables and charts")
