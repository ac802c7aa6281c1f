"""What the models of a scenario are made of: whole numbers, names, choices, and the base of every model."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from hubnet.scenario.words import fault, listing, quote, suggestion

JsonSchema = dict[str, Any]
LENIENT = {"lenient": True}
_ABSENT = object()


class Form(BaseModel):
    """Base of every mapping in a scenario: immutable, and a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_alias=True, validate_by_name=False)


class Part(Form):
    """A form that can be read leniently.

    Validated with the context `LENIENT`, a field that is missing or wrong becomes None instead of an error, so
    that the checks across parts can still see the rest of a faulty scenario.
    """

    @model_validator(mode="before")
    @classmethod
    def _fill_absent(cls, data: Any, info: ValidationInfo) -> Any:
        if info.context is not LENIENT:
            return data
        given = data if isinstance(data, Mapping) else {}
        keys = {field.alias or name: field for name, field in cls.model_fields.items()}
        filled = {key: _ABSENT for key, field in keys.items() if field.is_required()}
        return filled | {key: value for key, value in given.items() if key in keys}

    @field_validator("*", mode="wrap")
    @classmethod
    def _none_if_wrong(cls, value: Any, handler: Any, info: ValidationInfo) -> Any:
        if info.context is not LENIENT:
            return handler(value)
        try:
            return None if value is _ABSENT else handler(value)
        except ValidationError:
            return None


class _Plain:
    """A field whose value one function reads; used as pydantic metadata."""

    def read(self, value: object) -> Any:
        raise NotImplementedError

    def json(self) -> JsonSchema:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return self.json()


@dataclass(frozen=True)
class Whole(_Plain):
    """A whole number >= `low`; 1e6 is one, "12" in quotes is not, except as a key with `digits` (as in JSON)."""

    low: int = 0
    digits: bool = False

    def read(self, value: object) -> int:
        if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value.strip()):
            if self.digits:
                return int(value)
            raise fault(f"{quote(value)} is text; a whole number is needed", "write it without quotes")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise fault(f"{quote(value)} is not a whole number" if value is not None else "nothing is given")
        if isinstance(value, float) and not value.is_integer():
            raise fault(f"{quote(value)} is not a whole number")
        if value < self.low:
            raise fault(f"{quote(value)} is out of range; the number has to be at least {self.low}")
        if value >= 2**63:
            raise fault(f"{quote(value)} is too large for a whole number")
        return int(value)

    def json(self) -> JsonSchema:
        return {"pattern": "^[0-9]+$"} if self.digits else {"type": "integer", "minimum": self.low}


@dataclass(frozen=True)
class Text(_Plain):
    """A name: text that is not empty. what: its noun with the article, for messages."""

    what: str

    def read(self, value: object) -> str:
        if isinstance(value, int | float):
            raise fault(f"{quote(value)} is a {'truth value' if isinstance(value, bool) else 'number'}; "
                        f"{self.what} is text", f"put it in quotes: {quote(value)}")  # fmt: skip
        if not isinstance(value, str):
            raise fault(
                f"{quote(value)} is not {self.what}" if value is not None else "nothing is given", "write one name"
            )
        if not value.strip():
            raise fault(f"{self.what} cannot be empty")
        return value

    def json(self) -> JsonSchema:
        return {"type": "string", "minLength": 1}


class OneOf(_Plain):
    """One word of a `Literal` type."""

    def __init__(self, literal: Any) -> None:
        self.words: tuple[Hashable, ...] = get_args(literal)

    def read(self, value: object) -> Any:
        if isinstance(value, Hashable) and not isinstance(value, bool) and value in self.words:
            return value
        known = [str(word) for word in self.words]
        if value is None:
            raise fault("nothing is given", f"known words: {listing(known, last='and')}")
        raise fault(
            f"{quote(value)} is not known here; it can be {listing(known) if len(known) > 1 else f'only {known[0]}'}",
            self._hint(value, known),
        )

    def _hint(self, value: object, known: list[str]) -> str:
        hint = suggestion(value, known, "words")
        return hint if hint.startswith("did") else ""

    def json(self) -> JsonSchema:
        return {"enum": list(self.words)}


class Version(OneOf):
    """The version of the file format."""

    def read(self, value: object) -> Any:
        if value in self.words and not isinstance(value, bool):
            return value
        raise fault(f"{quote(value)} is not a version of the scenario format that is known here",
                    f"write {listing(self.words)}")  # fmt: skip


class Moment(_Plain):
    """A date or a local date and time, in ISO 8601."""

    def read(self, value: object) -> datetime:
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value.strip())
            elif isinstance(value, datetime):
                moment = value
            elif isinstance(value, date):
                moment = datetime(value.year, value.month, value.day)
            else:
                raise ValueError
        except ValueError:
            raise fault(f"{quote(value)} is not a date",
                        'write for example "2025-06-02" or "2025-06-02 18:30"') from None  # fmt: skip
        if moment.tzinfo is not None:
            raise fault(f"{quote(value)} has a time zone; a scenario has one local time", "leave the zone out")
        return moment

    def json(self) -> JsonSchema:
        return {"type": "string", "examples": ["2025-06-02", "2025-06-02 18:30"]}


class Place(_Plain):
    """Latitude and longitude in degrees."""

    def read(self, value: object) -> tuple[float, float]:
        hint = "write [latitude, longitude] in degrees, for example [65.58, 22.15]"
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise fault(f"{quote(value)} is not a place", hint)
        for i, degrees in enumerate(value):
            if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -1e9 < degrees < 1e9:
                raise fault(f"{quote(degrees)} is not a number of degrees", hint, at=(i,))
        latitude, longitude = (float(degrees) for degrees in value)
        if abs(latitude) > 90:
            swapped = abs(longitude) <= 90 and abs(latitude) <= 180
            raise fault(f"{quote(latitude)} is not a latitude; latitudes are from -90 to 90",
                        "latitude comes first, then longitude" if swapped else hint, at=(0,))  # fmt: skip
        if abs(longitude) > 180:
            raise fault(f"{quote(longitude)} is not a longitude; longitudes are from -180 to 180", hint, at=(1,))
        return latitude, longitude

    def json(self) -> JsonSchema:
        return {"type": "array", "prefixItems": [
            {"type": "number", "minimum": -90, "maximum": 90}, {"type": "number", "minimum": -180, "maximum": 180},
        ], "items": False, "minItems": 2, "examples": [[65.58, 22.15]]}  # fmt: skip


@dataclass(frozen=True)
class Words(_Plain):
    """A list of names, not empty; with `alone`, one name may stand without brackets.

    exactly: how many there have to be, if that is fixed.
    """

    what: str
    alone: bool = False
    exactly: int | None = None

    def read(self, value: object) -> tuple[str, ...]:
        many = f"{'a name or ' if self.alone else ''}a list of {self.exactly or ''} names".replace("  ", " ")
        example = f"write [{', '.join('AB') if self.exactly else value if isinstance(value, str) else 'A, B'}]"
        if isinstance(value, str) and self.alone:
            return (Text(self.what).read(value),)
        if not isinstance(value, list | tuple):
            raise fault(f"{quote(value)} is not {many}" if value is not None else "nothing is given", example)
        if not value:
            raise fault(f"the list is empty; it has to name {self.what}")
        if self.exactly not in (None, len(value)):
            found = f"{len(value)} name{'s' if len(value) > 1 else ''}"
            raise fault(f"the list has {found}; {self.exactly} are needed", example)
        for i, name in enumerate(value):
            if not isinstance(name, str) or not name.strip():
                raise fault(f"{quote(name)} is not {self.what}", "put names that look like numbers in quotes", at=(i,))
        return tuple(value)

    def json(self) -> JsonSchema:
        names: JsonSchema = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
        if self.exactly:
            names |= {"minItems": self.exactly, "maxItems": self.exactly}
        return {"anyOf": [{"type": "string", "minLength": 1}, names]} if self.alone else names


class Hours(_Plain):
    """24 numbers, none of them negative, one per hour of the day from 00:00."""

    def read(self, value: object) -> tuple[float, ...]:
        if not isinstance(value, list | tuple):
            raise fault(f"{quote(value)} is not a list of 24 numbers" if value is not None else "nothing is given")
        if len(value) != 24:
            raise fault(f"the list has {len(value)} numbers; 24 are needed, one per hour from 00:00")
        for i, number in enumerate(value):
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1e9:
                raise fault(f"{quote(number)} is not a number of at least 0", at=(i,))
        return tuple(float(number) for number in value)

    def json(self) -> JsonSchema:
        return {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 24, "maxItems": 24}


# Tags of unions that are told apart by the form of what is written; they are cut out of the paths of errors.
VALUE, MAPPING, LIST = Tag("<value>"), Tag("<mapping>"), Tag("<list>")
TAGS = (VALUE.tag, MAPPING.tag, LIST.tag)
VALUE_OR_MAPPING = Discriminator(lambda given: (MAPPING if isinstance(given, Mapping) else VALUE).tag)
LIST_OR_MAPPING = Discriminator(lambda given: (MAPPING if isinstance(given, Mapping) else LIST).tag)

Count = Annotated[int, Whole()]
PositiveCount = Annotated[int, Whole(low=1)]
Year = Annotated[int, Whole(low=1900)]
Name = Annotated[str, Text("a name")]
Area = Annotated[str, Text("an area")]
LatLon = Annotated[tuple[float, float], Place()]
Start = Annotated[datetime, Moment()]
