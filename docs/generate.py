"""Writes the pages of `docs/reference/` from the code: scenario keys, commands, tables, the Python interface.

    python docs/generate.py

A test compares the pages with what this writes, so they cannot fall behind.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

import hubnet as hn
from hubnet.cli import app
from hubnet.scenario.reference import json_schema
from hubnet.study.folder import INCIDENTS, TABLES
from hubnet.study.result import Result

HERE = Path(__file__).parent
SCENARIO = HERE.parent / "scenarios" / "surge.yaml"
UNITS = {  # what the end of a column's name says
    "_device_s": "device-seconds",
    "device_s": "device-seconds",
    "_s": "s",
    "_ms": "ms",
    "_bits": "bit",
    "bits": "bit",
    "_bit": "bit",
    "_kwh": "kWh",
    "_yuan": "yuan",
    "_kg": "kg",
    "use": "share",
    "utilization": "share",
    "saturated": "share",
    "deadline_met": "share",
}


def pages() -> dict[str, str]:
    """Name and text of every page."""
    made = {"scenario": scenario_keys(), "commands": commands(), "tables": tables(), "python": python()}
    return {f"{name}.md": "\n".join(lines).rstrip() + "\n" for name, lines in made.items()}


def scenario_keys() -> Iterator[str]:
    """A section for each kind of mapping, a row for each of its keys."""
    schema = json_schema()
    yield "# Scenario keys\n"
    yield "Every key of a scenario file. `hubnet schema` prints the same as JSON Schema, for editors.\n"
    yield from _mapping("The file", schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part:
            yield from _mapping(name.removesuffix("Spec"), part)


def _mapping(title: str, part: dict[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    if part.get("description"):
        yield f"{_line(part['description'])}\n"
    yield "| key | what it says | form | default |"
    yield "|---|---|---|---|"
    for key, field in part["properties"].items():
        must = "" if key in part.get("required", ()) else _default(field)
        needed = "**needed**" if key in part.get("required", ()) else must
        yield f"| `{key}` | {_line(field.get('description', ''))} | {_form(field)} | {needed} |"
    yield ""


def _form(field: Any) -> str:
    """What kind of value a key has, with an example."""
    if not isinstance(field, dict):
        return "value"
    if "$ref" in field:
        return f"[{_name(field['$ref'])}](#{_name(field['$ref']).lower()})"
    forms = [_form(one) for one in field.get("anyOf", field.get("oneOf", ())) if one.get("type") != "null"]
    if forms:
        return " or ".join(dict.fromkeys(forms))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    kind = field.get("type", "value")
    if kind == "array":
        return f"list of {_form(field.get('items', {}))}"
    if kind == "object":
        inner = field.get("additionalProperties")
        return f"name: {_form(inner)}" if isinstance(inner, dict) else "mapping"
    examples = field.get("examples", ())
    return f"such as `{_line(str(examples[0]))}`" if examples else str(kind)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2].removesuffix("Spec")


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, {}, []) else f"`{_line(str(value))}`"


def _line(text: str) -> str:
    """Text in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def commands() -> Iterator[str]:
    """What `--help` says, command by command."""
    yield "# Commands\n"
    yield "Exit codes: 0 done; 1 failed; 2 bad input (nothing is written); 130 interrupted.\n"
    group: Any = get_command(app)
    for name, command in group.commands.items():
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        words = " ".join(str(one.metavar or one.name).upper() for one in arguments)
        yield f"## hubnet {name}\n"
        yield f"`hubnet {name} {words}`\n"
        yield f"{_line(command.help or '')}\n"
        options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
        if options:
            yield "| option | what it does |"
            yield "|---|---|"
        for option in options:
            yield f"| `{', '.join(option.opts)}` | {_line(option.help or '')} |"
        yield ""


def tables() -> Iterator[str]:
    """Every table of a result, with its columns and their units."""
    yield "# Result tables\n"
    yield "The tables of a `Result`, and, with the columns `allocation` and `replication` in front, of a run's folder"
    yield "as Parquet (and CSV with `--csv`). Shares are of 1. NaN: there is no such value; inf: it falls on a job that"
    yield "has not finished.\n"
    result = hn.simulate(hn.load(SCENARIO, ["clock.horizon=6 h", "clock.warmup=1 h"]), records=True)
    for name in (*TABLES, INCIDENTS, "jobs"):
        yield f"## {name}\n"
        yield f"{_line(inspect.getdoc(getattr(Result, name)) or '')}\n"
        yield "| column | unit |"
        yield "|---|---|"
        for column in getattr(result, name).columns:
            yield f"| `{column}` | {unit(column)} |"
        yield ""


def unit(column: str) -> str:
    """The unit that a column's name ends in."""
    return next((word for ending, word in UNITS.items() if column.endswith(ending)), "")


def python() -> Iterator[str]:
    """The public names of `hubnet`, and of `hubnet.plot` and `hubnet.theory`."""
    yield "# Python\n"
    yield "`import hubnet as hn` is instant: names are loaded when they are first used.\n"
    for name in hn.__all__:
        thing = getattr(hn, name)
        if inspect.ismodule(thing):
            continue
        yield from _described(f"hn.{name}", thing)
        if inspect.isclass(thing):
            for member, value in inspect.getmembers(thing):
                if not member.startswith("_") and member in vars(thing) and inspect.getdoc(value):
                    yield f"**{name}.{member}** {_line(inspect.getdoc(value) or '')}\n"
    for module in (hn.plot, hn.theory):
        short = {"hubnet.show": "hn.plot", "hubnet.theory": "hn.theory"}[module.__name__]
        yield f"## {short}\n"
        names = getattr(module, "__all__", None) or [
            name for name, one in vars(module).items() if inspect.isfunction(one) and not name.startswith("_")
        ]
        for name in names:
            yield from _described(f"{short}.{name}", getattr(module, name), "###")


def _described(title: str, thing: Any, level: str = "##") -> Iterator[str]:
    yield f"{level} {title}\n"
    doc = (inspect.getdoc(thing) or "").replace("```", "'''")
    yield f"```text\n{doc}\n```\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / "reference" / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
