"""Distributions as people write them: of work, of data, of whole numbers; what they are once read is in `spread`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from hubnet.scenario.fields import (
    LIST,
    LIST_OR_MAPPING,
    MAPPING,
    VALUE,
    VALUE_OR_MAPPING,
    Form,
    Name,
    PositiveCount,
    Whole,
)
from hubnet.scenario.spread import (
    CONTINUOUS,
    Choice,
    Column,
    Constant,
    Distribution,
    Empirical,
    PerWork,
)
from hubnet.scenario.units import (
    BIT_RATE,
    Bits,
    DataUnit,
    Duration,
    DurationUnit,
    Kind,
    Shape,
    Sigma,
    Slope,
    Span,
    Volume,
    Weight,
)
from hubnet.scenario.words import fault, listing

WEIGHTS_TOLERANCE = 1e-6
Q = TypeVar("Q")  # a positive quantity
U = TypeVar("U")  # a unit


class _Named(Form):
    """Generic forms: the name of what they are about goes into the JSON Schema."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        about = "_".join(getattr(param, "__metadata__", [param])[0].name for param in params)
        return f"{cls.__name__}_of_{about.replace(' ', '_')}"


class ExponentialForm(_Named, Generic[Q]):
    """{mean: ..., cap: ...}"""

    mean: Q = Field(description="mean of the exponential distribution, before the cap")
    cap: Q | None = Field(default=None, description="larger draws are cut to this")


class LognormalForm(_Named, Generic[Q]):
    """{median: ..., sigma: ..., cap: ...}"""

    median: Q = Field(description="median of the lognormal distribution")
    sigma: Sigma = Field(description="standard deviation of the natural logarithm")
    cap: Q | None = Field(default=None, description="larger draws are cut to this")


class WeibullForm(_Named, Generic[Q]):
    """{scale: ..., shape: ..., cap: ...}"""

    scale: Q = Field(description="what 63 % of the draws stay below")
    shape: Shape = Field(description="1 = exponential; below 1 = many short and a few very long")
    cap: Q | None = Field(default=None, description="larger draws are cut to this")


class GammaForm(_Named, Generic[Q]):
    """{mean: ..., shape: ..., cap: ...}"""

    mean: Q = Field(description="mean of the gamma distribution, before the cap")
    shape: Shape = Field(description="1 / the square of the coefficient of variation")
    cap: Q | None = Field(default=None, description="larger draws are cut to this")


class ParetoForm(_Named, Generic[Q]):
    """{least: ..., shape: ..., cap: ...}"""

    least: Q = Field(description="smallest value")
    shape: Shape = Field(description="P(X > x) = (least / x)^shape; a shape of 1 or less needs a cap")
    cap: Q | None = Field(default=None, description="larger draws are cut to this")


class ColumnForm(_Named, Generic[U]):
    """{file: ..., column: ..., unit: ...}"""

    file: Name = Field(description="a CSV file with a header line; relative to the scenario's folder")
    column: Name = Field(description="the column to draw from; each row has the same chance")
    unit: U = Field(description="unit of the numbers in the column")


class NumberColumnForm(Form):
    """{file: ..., column: ...}"""

    file: Name = Field(description="a CSV file with a header line; relative to the scenario's folder")
    column: Name = Field(description="the column of whole numbers to draw from; each row has the same chance")


class WorkForm(Form):
    """One distribution of durations."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    constant: Duration | None = Field(default=None, description="always the same duration")
    exponential: ExponentialForm[Span] | None = Field(default=None, description="exponentially distributed durations")
    lognormal: LognormalForm[Span] | None = Field(default=None, description="lognormally distributed durations")
    weibull: WeibullForm[Span] | None = Field(default=None, description="durations with a Weibull distribution")
    gamma: GammaForm[Span] | None = Field(default=None, description="durations with a gamma distribution")
    pareto: ParetoForm[Span] | None = Field(default=None, description="durations with a Pareto distribution")
    empirical: (
        Annotated[
            Annotated[list[Duration], Field(min_length=1), LIST] | Annotated[ColumnForm[DurationUnit], MAPPING],
            LIST_OR_MAPPING,
        ]
        | None
    ) = Field(default=None, description="observed durations: a list, or a column of a CSV file")


class DataForm(Form):
    """One distribution of amounts of data."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    constant: Bits | None = Field(default=None, description="always the same amount")
    exponential: ExponentialForm[Volume] | None = Field(default=None, description="exponentially distributed amounts")
    lognormal: LognormalForm[Volume] | None = Field(default=None, description="lognormally distributed amounts")
    weibull: WeibullForm[Volume] | None = Field(default=None, description="amounts with a Weibull distribution")
    gamma: GammaForm[Volume] | None = Field(default=None, description="amounts with a gamma distribution")
    pareto: ParetoForm[Volume] | None = Field(default=None, description="amounts with a Pareto distribution")
    empirical: (
        Annotated[
            Annotated[list[Bits], Field(min_length=1), LIST] | Annotated[ColumnForm[DataUnit], MAPPING],
            LIST_OR_MAPPING,
        ]
        | None
    ) = Field(default=None, description="observed amounts: a list, or a column of a CSV file")


Chances = Annotated[
    dict[Annotated[int, Whole(digits=True)], Weight],
    Field(json_schema_extra={"additionalProperties": False}, examples=[{"4": 0.7, "8": 0.3}]),
]


class PowersForm(Form):
    """{from: ..., to: ..., slope: ...}"""

    from_: PositiveCount = Field(alias="from", description="smallest number, a power of two")
    to: PositiveCount = Field(description="largest number, a power of two")
    slope: Slope = Field(default=0.0, description="each doubling is 2^slope times as rare; 0 = all are alike")


class CountForm(Form):
    """One distribution of whole numbers."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    choice: Chances | None = Field(default=None, description="number -> probability; the probabilities add up to 1")
    powers: PowersForm | None = Field(default=None, description="the powers of two between two of them")
    empirical: (
        Annotated[
            Annotated[list[Annotated[int, Whole()]], Field(min_length=1), LIST] | Annotated[NumberColumnForm, MAPPING],
            LIST_OR_MAPPING,
        ]
        | None
    ) = Field(default=None, description="observed numbers: a list, or a column of a CSV file")


def _only(form: Form, hint: str) -> tuple[str, Any]:
    """The one key that a form of alternatives was given, and its value."""
    given = sorted(form.model_fields_set)
    if len(given) != 1:
        names = listing(type(form).model_fields)
        raise fault(
            f"it names {listing(given, last='and')} at once" if given else "it names no distribution",
            f"name one of {names}",
        )
    value = getattr(form, given[0])
    if value is None:
        raise fault("nothing is given", hint, at=(given[0],))
    return given[0], value


def _distribution(form: WorkForm | DataForm) -> Distribution | Column:
    hint = 'write for example {exponential: {mean: 1 s}} or "90 min"'
    name, value = _only(form, hint if isinstance(form, WorkForm) else 'write for example "2 TB"')
    if name == "constant":
        return Constant(value)
    if name == "empirical":
        return Empirical(tuple(value)) if isinstance(value, list) else Column(value.file, value.column, value.unit)
    if name == "pareto" and value.shape <= 1 and value.cap is None:
        message = f"a Pareto distribution of shape {value.shape:g} has no finite mean"
        raise fault(message, "give it a cap, or a shape above 1", at=("pareto", "shape"))
    return CONTINUOUS[name](**dict(value))


def _count(form: CountForm) -> Choice | Column:
    name, value = _only(form, "write for example {choice: {4: 0.7, 8: 0.3}}")
    if name == "powers":
        return _powers(value)
    if name == "empirical":
        if not isinstance(value, list):
            return Column(value.file, value.column)
        return frequencies(value)
    total = sum(value.values())
    if abs(total - 1) > WEIGHTS_TOLERANCE:
        raise fault(
            f"the weights of the choice add up to {total:.10g}, not to 1",
            "write for example {choice: {4: 0.7, 8: 0.3}}",
            at=("choice",),
        )
    return Choice(tuple(value), tuple(value.values()))


def frequencies(numbers: Sequence[int]) -> Choice:
    """The numbers that occur, each with its share."""
    counts = sorted(Counter(numbers).items())
    return Choice(tuple(value for value, _ in counts), tuple(count / len(numbers) for _, count in counts))


def _powers(form: PowersForm) -> Choice:
    for key, number in (("from", form.from_), ("to", form.to)):
        if number & (number - 1):
            below = 1 << (number.bit_length() - 1)
            raise fault(f'"{number}" is not a power of two', f"write {below} or {2 * below}", at=("powers", key))
    if form.from_ > form.to:
        raise fault(f'"{form.from_}" is more than "{form.to}"', "exchange the two", at=("powers", "from"))
    values = [1 << i for i in range(form.from_.bit_length() - 1, form.to.bit_length())]
    weights = [(value / form.from_) ** -form.slope for value in values]
    return Choice(tuple(values), tuple(weight / sum(weights) for weight in weights))


def fixed(number: int) -> Choice:
    """Always this number."""
    return Choice((number,), (1.0,))


class SizeKind(Kind):
    """An amount of data, fixed ("2 TB") or in proportion to the work ("2 GB/h")."""

    def read(self, value: object) -> Any:
        """bit as a float, or `PerWork`. Raises PydanticCustomError."""
        try:
            return super().read(value)
        except PydanticCustomError as error:
            try:
                return PerWork(BIT_RATE.read(value))
            except PydanticCustomError:
                raise error from None


if TYPE_CHECKING:  # what they are once read
    Work = Distribution | Column
    Size = float | PerWork | Distribution | Column
    Counts = Choice | Column
else:  # how they are written
    Work = Annotated[
        Annotated[Duration, AfterValidator(Constant), VALUE]
        | Annotated[WorkForm, AfterValidator(_distribution), MAPPING],
        VALUE_OR_MAPPING,
    ]
    Size = Annotated[
        Annotated[float, SizeKind("an amount of data", "bit", ("2 TB", "12 kB", "2 GB/h")), VALUE]
        | Annotated[DataForm, AfterValidator(_distribution), MAPPING],
        VALUE_OR_MAPPING,
    ]
    Counts = Annotated[
        Annotated[int, Whole(), AfterValidator(fixed), VALUE] | Annotated[CountForm, AfterValidator(_count), MAPPING],
        VALUE_OR_MAPPING,
    ]
