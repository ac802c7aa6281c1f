"""What an allocation says: devices per pool, moves, mixes, and what trunks carry."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from hubnet.scenario.fields import (
    LIST,
    LIST_OR_MAPPING,
    MAPPING,
    Count,
    JsonSchema,
    Name,
    OneOf,
    Part,
    Words,
)
from hubnet.scenario.units import (
    BIT_RATE,
    Factor,
    Fraction,
    Kind,
)
from hubnet.scenario.words import fault

Rule = Literal["proportional", "square-root", "uniform", "centralised"]


class MoveSpec(Part):
    """Moves devices between hubs or areas; totals and types are kept."""

    from_: Annotated[tuple[str, ...], Words("a hub or an area", alone=True)] = Field(
        alias="from", description="where the devices are taken: an area, a hub, or a list of them"
    )
    to: Annotated[tuple[str, ...], Words("a hub or an area", alone=True)] = Field(
        description="where they go, in proportion to the pools there: an area, a hub, or a list of them"
    )
    share: Fraction = Field(description="share of each source pool's devices that moves")


if TYPE_CHECKING:  # what it is once read
    Moves = list[MoveSpec]
else:  # how it is written
    Moves = Annotated[
        Annotated[list[MoveSpec], LIST] | Annotated[MoveSpec, AfterValidator(lambda move: [move]), MAPPING],
        LIST_OR_MAPPING,
    ]


@dataclass(frozen=True)
class Times:
    """A factor on a trunk's nominal capacity, written "x2"."""

    factor: float


class TrunkSetting:
    """Reads what an allocation says about a trunk: a capacity in bit/s, or `Times`."""

    EXAMPLES = ("800 Gbit/s", "x2")
    RATE = replace(BIT_RATE, examples=EXAMPLES)
    FACTOR = Kind("a factor", "", ("x2", "x0.5"), above=True)

    def read(self, value: object) -> float | Times:
        """bit/s as a float, or a factor. Raises PydanticCustomError."""
        if isinstance(value, str) and value.strip()[:1] in ("x", "X", "×"):
            return Times(self.FACTOR.read(value.strip()[1:]))
        return self.RATE.read(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {"type": "string", "examples": list(self.EXAMPLES), "unit": "bit/s"}


def _whole_mix(mix: dict[str, float]) -> dict[str, float]:
    total = math.fsum(mix.values())
    if mix and abs(total - 1) > 1e-6:
        raise fault(f"the shares add up to {total * 100:g} %, not to 100 %", "they split the compute of each hub")
    return mix


class AllocationSpec(Part):
    """How many devices are in each pool and what each trunk carries; what it does not say stays as built."""

    like: Name | None = Field(default=None, description="another allocation of the file that this one starts from")
    rule: Annotated[Rule, OneOf(Rule)] | None = Field(
        default=None,
        description="spreads all devices of a type over the hubs: by the demand nearest to them, by its square root, "
        "evenly, or all to the hub with the least mean delay",
    )
    mix: Annotated[dict[Name, Fraction], AfterValidator(_whole_mix)] = Field(
        default={},
        description="device type -> its share of each hub's compute (devices x speed), which stays the same; 100 % "
        "together; CPU servers stay as they are",
    )
    add: dict[Name, Factor] = Field(
        default={},
        description="device type -> devices put beside those of each hub, for each one that is no CPU server",
    )
    pools: dict[Name, dict[Name, Count]] = Field(default={}, description="hub -> device type -> number of devices")
    move: Moves = Field(default=[], description="one move of devices, or a list of them, in order")
    scale: Factor = Field(default=1.0, description="multiplies every pool")
    trunks: dict[Name, Annotated[float | Times, TrunkSetting()]] = Field(
        default={}, description='trunk (or "all") -> capacity per direction, or a factor such as x2'
    )
