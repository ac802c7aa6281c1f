"""What follows from the models: the keys at a path, the JSON Schema, and the table for the documentation."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticUndefined, core_schema

from hubnet.scenario.fields import OneOf, Whole
from hubnet.scenario.schema import ScenarioSpec
from hubnet.scenario.spread import Choice
from hubnet.scenario.tree import Path
from hubnet.scenario.units import Kind
from hubnet.scenario.words import listing

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Row:
    """One key of the scenario file; in `path`, NAME is a name that the writer chooses, and N the number in a list.

    unit: empty for what has none. default: as one writes it; empty if the key is required, or means nothing when
    it is left out. allowed: the range of numbers, or the words to choose from.
    """

    path: str
    unit: str
    required: bool
    default: str
    allowed: str
    description: str


def reference_table() -> list[Row]:
    """Every key of the scenario file in the order of the models."""
    return list(_rows(ScenarioSpec, ""))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file, for editors."""
    schema = ScenarioSpec.model_json_schema(schema_generator=_Generator)
    return {"$schema": DIALECT} | schema | {"title": "hubnet scenario"}


def keys_at(path: Path) -> dict[str, FieldInfo] | None:
    """The keys that the mapping at `path` may have; None if the writer chooses them, or it is no mapping."""
    fields: dict[str, FieldInfo] = {}
    for form in _at(path):
        if isinstance(form, type) and issubclass(form, BaseModel):
            fields |= {field.alias or name: field for name, field in form.model_fields.items()}
    return fields or None


def ends_at(path: Path) -> bool:
    """Whether the key at `path` has a plain value, with no keys or entries below it."""
    return not any(get_origin(form) in (dict, list) or hasattr(form, "model_fields") for form in _at(path))


def example(field: FieldInfo) -> str:
    """A value that the field may have, as one writes it; empty if there is no short one."""
    for reader in _readers(field):
        if isinstance(reader, Kind):
            return reader.examples[0]
        if isinstance(reader, OneOf):
            return str(reader.words[0])
    return ""


def _forms(annotation: Any) -> Iterator[Any]:
    """The alternatives of a type, without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _forms(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _forms(option)
    else:
        yield annotation


def _below(form: Any, key: Any) -> Iterator[Any]:
    """What may stand under `key` in a value of type `form`."""
    if get_origin(form) in (dict, list):
        yield from _forms(get_args(form)[-1])
    elif isinstance(form, type) and issubclass(form, BaseModel):
        for name, field in form.model_fields.items():
            if key in (field.alias or name, "*"):
                yield from _forms(field.annotation)


def _at(path: Path) -> list[Any]:
    forms: list[Any] = [ScenarioSpec]
    for key in path:
        # a single mapping may stand for a list of one, so that an index may be missing from the path
        lists = [item for form in forms if get_origin(form) is list for item in _below(form, 0)]
        forms = [below for form in forms + lists for below in _below(form, key)] if key != 0 else lists or forms
    return forms


def _readers(field: FieldInfo) -> list[Any]:
    """The objects that read the field's value: its metadata and that of its alternatives."""
    options = [field.annotation, *get_args(field.annotation)]
    return [*field.metadata, *(each for option in options for each in getattr(option, "__metadata__", ()))]


def _written(value: Any, readers: list[Any]) -> str:
    """A default as one writes it in a scenario."""
    if isinstance(value, Choice):
        return str(value.values[0])
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        kinds = [reader for reader in readers if isinstance(reader, Kind)]
        return kinds[0].written(value) if kinds else f"{value:g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {{}}" for key in value) + "}"
    return "" if value is None or value is PydanticUndefined or isinstance(value, BaseModel) else str(value)


def _allowed(readers: list[Any]) -> str:
    """The range of a number, or the words that a choice may be."""
    for reader in readers:
        if isinstance(reader, Kind):
            return reader.range()
        if isinstance(reader, OneOf):
            return listing(reader.words)
        if isinstance(reader, Whole):
            return f"at least {reader.low}"
    return ""


def _rows(form: type[BaseModel], prefix: str) -> Iterator[Row]:
    for name, field in form.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        readers = _readers(field)
        units = [reader.unit for reader in readers if isinstance(reader, Kind)]
        default = _written(field.default, readers)
        yield Row(path, "".join(units[:1]), field.is_required(), default, _allowed(readers), field.description or "")
        shown = set()
        for below in _forms(field.annotation):
            step = {dict: ".NAME.", list: ".N."}.get(get_origin(below), ".")
            inner = list(_forms(get_args(below)[-1])) if step != "." else [below]
            for model in inner:
                if isinstance(model, type) and issubclass(model, BaseModel) and model not in shown:
                    shown.add(model)
                    yield from _rows(model, path + step)


class _Generator(GenerateJsonSchema):
    """Writes defaults as one would in a scenario, not as the SI numbers that they are inside."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json = super().default_schema(schema)
        default = schema.get("default")
        if isinstance(default, Choice):
            json["default"] = default.values[0]
        elif isinstance(default, BaseModel):
            json["default"] = {}
        elif isinstance(default, dict):
            json["default"] = {name: {} for name in default}
        elif isinstance(default, float) and "unit" in json:
            json["default"] = f"{default:g} {json['unit']}"
        elif default is None:
            json.pop("default", None)
        return json
