"""The classes of jobs in a scenario, and the distributions that they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, ConfigDict, Field

from hubnet.scenario.fields import MAPPING, VALUE, VALUE_OR_MAPPING, Form, Name, Part, Whole, Words
from hubnet.scenario.units import BitRate, Bits, Duration, Fraction, Load, OneWay, Rate, Span, Spread, Weight
from hubnet.scenario.words import fault, listing

WEIGHTS_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Choice:
    """Whole numbers and their probabilities, which add up to 1. A fixed number is a choice of one."""

    values: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Constant:
    """Always `value` seconds."""

    value: float


@dataclass(frozen=True)
class Exponential:
    """Exponentially distributed with this mean in seconds."""

    mean: float


@dataclass(frozen=True)
class Lognormal:
    """Lognormally distributed: ln(x) is normal with mean ln(median) and standard deviation sigma.

    median: s. cap: longer draws are cut to this many seconds; None = not cut.
    """

    median: float
    sigma: float
    cap: float | None = None


Distribution = Constant | Exponential | Lognormal


class ExponentialForm(Form):
    """{mean: ...}"""

    mean: Span = Field(description="mean of the exponential distribution")


class LognormalForm(Form):
    """{median: ..., sigma: ..., cap: ...}"""

    median: Span = Field(description="median of the lognormal distribution")
    sigma: Spread = Field(description="standard deviation of the natural logarithm")
    cap: Span | None = Field(default=None, description="longer draws are cut to this duration")


class WorkForm(Form):
    """One distribution of durations."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    constant: Duration | None = Field(default=None, description="always the same duration")
    exponential: ExponentialForm | None = Field(default=None, description="exponentially distributed durations")
    lognormal: LognormalForm | None = Field(default=None, description="lognormally distributed durations")


class DevicesForm(Form):
    """A choice of numbers of devices."""

    choice: dict[Annotated[int, Whole(digits=True)], Weight] = Field(
        description="number of devices -> probability; the probabilities add up to 1",
        json_schema_extra={"additionalProperties": False},
        examples=[{"4": 0.7, "8": 0.3}],
    )


def _distribution(form: WorkForm) -> Distribution:
    given = sorted(form.model_fields_set)
    if len(given) != 1:
        names = listing(WorkForm.model_fields)
        raise fault(
            f"it names {listing(given, last='and')} at once" if given else "it names no distribution",
            f"name one of {names}",
        )
    if form.exponential is not None:
        return Exponential(form.exponential.mean)
    if form.lognormal is not None:
        return Lognormal(form.lognormal.median, form.lognormal.sigma, form.lognormal.cap)
    if form.constant is not None:
        return Constant(form.constant)
    raise fault("nothing is given", 'write for example {exponential: {mean: 1 s}} or "90 min"', at=(given[0],))


def _choice(form: DevicesForm) -> Choice:
    total = sum(form.choice.values())
    if abs(total - 1) > WEIGHTS_TOLERANCE:
        raise fault(
            f"the weights of the choice add up to {total:.10g}, not to 1",
            "write for example {choice: {4: 0.7, 8: 0.3}}",
            at=("choice",),
        )
    return Choice(tuple(form.choice), tuple(form.choice.values()))


def _fixed(devices: int) -> Choice:
    return Choice((devices,), (1.0,))


if TYPE_CHECKING:  # what they are once read
    Work = Distribution
    Devices = Choice
else:  # how they are written
    Work = Annotated[
        Annotated[Duration, AfterValidator(Constant), VALUE]
        | Annotated[WorkForm, AfterValidator(_distribution), MAPPING],
        VALUE_OR_MAPPING,
    ]
    Devices = Annotated[
        Annotated[int, Whole(), AfterValidator(_fixed), VALUE]
        | Annotated[DevicesForm, AfterValidator(_choice), MAPPING],
        VALUE_OR_MAPPING,
    ]


class ClassSpec(Part):
    """A class of jobs: what its jobs need, where they are born and where they may run."""

    share: Fraction | None = Field(
        default=None, description="share of the device time that `load` speaks of; either this or `rate`"
    )
    rate: Rate | None = Field(
        default=None, description="jobs submitted per time, over all regions; either this or `share`"
    )
    devices: Devices = Field(default=_fixed(1), description="devices that a job needs at once; 0 = it takes no pool")
    runs_on: Annotated[tuple[str, ...], Words("a device type")] | None = Field(
        default=None, description="device types that it can run on; any unless given"
    )
    work: Work = Field(description="service time on the reference device, fixed or a distribution")
    input: Bits = Field(default=0.0, description="data uploaded before a job can start")
    output: Bits = Field(default=0.0, description="data downloaded after it ends")
    deadline: Span | None = Field(default=None, description="longest allowed response, from submit to finish")
    deadline_slack: Duration | None = Field(
        default=None, description="deadline = work on the reference device + this; instead of `deadline`"
    )
    wave: BitRate | None = Field(
        default=None, description="booked wave: the highest rate of one transfer; the region's unless given"
    )
    tolerance: OneWay | None = Field(
        default=None, description="highest one-way network delay to the hub that it runs at"
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


class WorkloadSpec(Part):
    """The jobs that are submitted."""

    classes: Annotated[
        Annotated[Name, VALUE] | Annotated[dict[Name, ClassSpec], Field(min_length=1), MAPPING], VALUE_OR_MAPPING
    ] = Field(description="the classes of a nation by the nation's name, or name -> class")
    load: Load | None = Field(
        default=None,
        description="device time asked for by the classes with a share, over the first allocation's less the reserve",
    )
