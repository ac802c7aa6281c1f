"""The jobs of a scenario from a file, a trace: which file, what its columns mean, and what is done to its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from hubnet.scenario.fields import JsonSchema, Name, OneOf, Part, Text, Words, _Plain
from hubnet.scenario.units import Duration, Factor, Kind, OneWay, Positive, Span
from hubnet.scenario.words import fault, quote

FormatWord = Literal["swf", "csv", "parquet"]


class Column(_Plain):
    """What a field of a job is: plain values, which `workload.traces.columns` reads once it knows the file."""

    def read(self, value: object) -> Any:
        if value is None or isinstance(value, bool) or not isinstance(value, str | int | float | Mapping | list):
            found = "nothing is given" if value is None else f"{quote(value)} is not a column"
            raise fault(found, "write the name of a column, or for example {column: t, unit: ms}")
        return value

    def json(self) -> JsonSchema:
        return {"type": ["string", "number", "object", "array"]}


class Again(_Plain):
    """true, false, or the time after which a trace starts anew."""

    SPAN = Span.__metadata__[0]  # type: ignore[attr-defined]

    def read(self, value: object) -> bool | float:
        return value if isinstance(value, bool) else float(self.SPAN.read(value))

    def json(self) -> JsonSchema:
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "examples": list(self.SPAN.examples)}]}


class TraceSpec(Part):
    """The keys of a workload that is a trace. They apply in this order: from and to, share, speedup and work_factor,
    repeat."""

    trace: Annotated[str, Text("a file")] | None = Field(
        default=None,
        description="file of jobs, relative to the scenario: Standard Workload Format (.swf, .swf.gz), .csv or "
        ".parquet; instead of `classes`",
    )
    map: dict[Name, Annotated[Any, Column()]] = Field(
        default={},
        description="field of a job -> column of the trace: submit, devices, work, and if wanted input, output, wave, "
        "deadline, priority, class, site, runs_on, hub, status; for SWF and known files only what differs",
    )
    time_unit: Annotated[str, Text("a unit of time")] | None = Field(
        default=None, description="unit of the trace's times that have none, such as ms; s for SWF"
    )
    format: Annotated[FormatWord, OneOf(FormatWord)] | None = Field(
        default=None, description="what the file is; its name says it unless given"
    )
    status: Annotated[tuple[str, ...], Words("an outcome", alone=True)] | None = Field(
        default=None, description="outcomes of the jobs that are played, such as completed; all unless given"
    )
    regions: dict[Name, Name] = Field(
        default={},
        description='site of the trace -> region that submits its jobs, or "demand": spread by the regions\' weights; '
        '"*" = all other sites, and jobs without one; all jobs are spread so unless given',
    )
    hubs: dict[Name, Name] = Field(
        default={}, description="hub of the trace -> hub here; those of the same name need no entry"
    )
    devices: dict[Name, Name] = Field(
        default={}, description="device type of the trace -> device type here; those of the same name need no entry"
    )
    tolerance: OneWay | None = Field(
        default=None, description="highest one-way network delay of the trace's jobs to their hubs"
    )
    deadline_slack: Duration | None = Field(
        default=None, description="deadline = work on the reference device + this; where the trace has no deadlines"
    )
    slack: Duration | None = Field(
        default=None,
        description="how long a policy may hold the trace's jobs for a better hour; not at all unless given",
    )
    from_: Duration | None = Field(
        alias="from", default=None, description="time of the trace that becomes the start of the run"
    )
    to: Span | None = Field(default=None, description="time of the trace after which no job is played")
    share: Annotated[float, Kind("a share", "", ("20 %", "1/5", "0.2"), high=1.0, above=True)] = Field(
        default=1.0, description="share of the trace's jobs that is played; always the same ones, and times `scale`"
    )
    speedup: Positive = Field(
        default=1.0, description="jobs come so many times as fast as in the trace; their work stays"
    )
    work_factor: Factor = Field(default=1.0, description="factor on every job's work, and on deadlines in the file")
    repeat: Annotated[bool | float, Again()] = Field(
        default=False,
        description="whether the trace starts anew when it is over, or after which time; true: after whole weeks, "
        "days, hours or minutes, whichever adds least beyond its length",
    )


TRACE_KEYS = tuple(field.alias or name for name, field in TraceSpec.model_fields.items() if name != "trace")
