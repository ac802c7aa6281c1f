"""`reference/commands.md`: what `--help` says, command by command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from hubnet.cli import app
from making.words import cell, code, table

HEAD = """# Commands

What `hubnet COMMAND --help` says. Tables go to stdout; progress and messages to stderr. Exit codes: 0 done; 1 failed;
2 bad input, and nothing is written; 130 interrupted, and what was finished is kept. What is used unless an option is
given stands in brackets.
"""


def page() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    group: Any = get_command(app)
    yield from _options(group)
    for name, command in group.commands.items():
        yield from _command(f"hubnet {name}", command)


def _command(name: str, command: Any) -> Iterator[str]:
    """A command, or a group of them."""
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = [_metavar(one) if one.required else _optional(_metavar(one)) for one in arguments]
    yield f"## {name}\n"
    yield f"{cell(command.help or '')}\n"
    yield f"```text\n{' '.join([name, *words, '[OPTIONS]'])}\n```\n"
    told = [one for one in arguments if getattr(one, "help", None)]
    if told:
        yield from table(("argument", "what it is"), ((code(_metavar(one)), cell(one.help)) for one in told))
    yield from _options(command)
    for inner, each in getattr(command, "commands", {}).items():
        yield from _command(f"{name} {inner}", each)


def _options(command: Any) -> Iterator[str]:
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    if options:
        yield from table(("option", "what it does"), map(_option, options))


def _option(option: Any) -> tuple[str, str]:
    value = "" if option.is_flag else f" {_metavar(option)}"
    text = cell(option.help or "")
    if option.required:
        text += " **Needed.**"
    if isinstance(option.default, str | int) and not isinstance(option.default, bool) and not option.is_flag:
        text += f" [{cell(option.default)}]"
    return code(", ".join(option.opts) + value), text


def _optional(metavar: str) -> str:
    """In brackets, if it is not: typer's own way for several is "[NAME]..."."""
    return metavar if metavar.startswith("[") else f"[{metavar}]"


def _metavar(param: Any) -> str:
    return str(param.metavar or param.name.upper())
