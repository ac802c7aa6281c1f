"""`reference/python.md`: the public names of hubnet with their signatures and docstrings.

The docstrings are prose with `>>>` examples, not sections of a docstring dialect; so they are shown as they are, but
for the examples, which become blocks of code. What they refer to in other modules is on the page too.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import hubnet as hn

HEAD = """# Python

`import hubnet as hn` is instant: names are loaded when they are first used. Times are s, sizes bit, rates bit/s,
money yuan, unless a name says otherwise. Tables are pandas DataFrames; [result tables](tables.md) has all their
columns.
"""
WIDE = 100  # characters; a longer signature gets a line per parameter
NAMED = re.compile(r"`(hubnet(?:\.\w+)+)`")
MODULES = {"hubnet.show": "hn.plot", "hubnet.theory": "hn.theory"}


class Page:
    """The page as it grows. told: what it describes; asked: what its docstrings refer to."""

    def __init__(self) -> None:
        self.told: dict[str, None] = {}
        self.asked: dict[str, None] = {}

    def lines(self) -> Iterator[str]:
        yield HEAD
        for kind, names in _kinds().items():
            yield f"## {kind}\n"
            for name in names:
                yield from self.thing(f"hn.{name}", getattr(hn, name), "###")
        for module in (hn.plot, hn.theory):
            short = MODULES[module.__name__]
            yield f"## {short}\n"
            yield f"{self.text(module)}\n"
            names = getattr(module, "__all__", None) or [
                name for name, one in vars(module).items() if inspect.isfunction(one) and not name.startswith("_")
            ]
            for name in names:
                yield from self.thing(f"{short}.{name}", getattr(module, name), "###")
        yield "## Explanations\n"
        yield "What the texts above refer to.\n"
        while missing := [name for name in self.asked if name not in self.told and _found(name) is not None]:
            for name in missing:
                self.told[name] = None
                yield f"### {name}\n"
                thing = _found(name)
                if inspect.isfunction(thing):
                    yield f"```python\n{_signature(name.rpartition('.')[2], thing)}\n```\n"
                yield f"{self.text(thing)}\n"

    def thing(self, title: str, thing: Any, level: str) -> Iterator[str]:
        """A function, a class with its members, or a decorator."""
        yield f"{level} {title}\n"
        if signature := _signature(title, thing):
            yield f"```python\n{signature}\n```\n"
        yield f"{self.text(thing)}\n"
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            for name, member in _members(thing).items():
                yield from self.member(name, member)

    def member(self, name: str, member: Any) -> Iterator[str]:
        """A method or an attribute of a class."""
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        shown = _signature(f".{name}", function) if inspect.isfunction(function) else f".{name}"
        yield f"**`{' '.join(shown.split()).replace('( ', '(').replace(', )', ')')}`**\n"
        yield f"{self.text(member)}\n"

    def text(self, thing: Any) -> str:
        """The docstring as Markdown."""
        text = _text(thing)
        self.asked |= dict.fromkeys(NAMED.findall(text))
        lines, inside = [], False
        for line in text.splitlines():
            example = line.startswith((">>> ", "... ")) or line in (">>>", "...")
            if example != inside:
                lines.append("```python" if example else "```")
                inside = example
            plain = line if line.startswith("    ") else NAMED.sub(_link, line.replace("<", "&lt;"))
            lines.append(line[4:] if example else plain)
        return "\n".join([*lines, *(["```"] if inside else [])])


def page() -> Iterator[str]:
    """The page, line by line."""
    return Page().lines()


def _kinds() -> dict[str, list[str]]:
    """The public names, by what they are."""
    found: dict[str, list[str]] = {"Functions": [], "Classes": [], "Errors": []}
    for name in hn.__all__:
        thing = getattr(hn, name)
        if inspect.ismodule(thing):
            continue
        error = inspect.isclass(thing) and issubclass(thing, Exception)
        found["Errors" if error else "Classes" if inspect.isclass(thing) else "Functions"].append(name)
    return found


def _text(thing: Any) -> str:
    described = thing.func if isinstance(thing, cached_property) else thing
    if not isinstance(described, property) and not callable(described) and not inspect.ismodule(described):
        described = getattr(described, "__func__", None)
    own = getattr(described, "__doc__", None)
    return inspect.cleandoc(own) if own else ""


def _signature(title: str, thing: Any) -> str:
    """The call, as one would write it; empty for what is not called."""
    try:
        signature = inspect.signature(getattr(thing, "py_func", thing))
    except (TypeError, ValueError):
        return ""
    parameters = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    texts = [_parameter(one) for one in parameters]
    stars = [index for index, one in enumerate(parameters) if one.kind is one.KEYWORD_ONLY]
    if stars and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        texts.insert(stars[0], "*")
    end = "" if signature.return_annotation is signature.empty or inspect.isclass(thing) else (
        f" -> {str(signature.return_annotation).strip(chr(39))}"
    )  # fmt: skip
    line = f"{title}({', '.join(texts)}){end}"
    if len(line) <= WIDE:
        return line
    return f"{title}(\n" + "".join(f"    {text},\n" for text in texts) + f"){end}"


def _parameter(one: inspect.Parameter) -> str:
    """A parameter as it is written: annotations without quotes, and functions by their names."""
    star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    text = star + one.name
    if one.annotation is not one.empty:
        text += f": {one.annotation}" if isinstance(one.annotation, str) else f": {one.annotation.__name__}"
    if one.default is one.empty:
        return text
    shown = repr(one.default)
    if inspect.isfunction(one.default):
        shown = "..." if one.default.__name__ == "<lambda>" else one.default.__name__
    return f"{text} = {shown}" if ":" in text else f"{text}={shown}"


def _members(thing: type) -> dict[str, Any]:
    """The public methods and attributes of a class that say what they are, with those of its bases in hubnet."""
    found: dict[str, Any] = {}
    for base in reversed([one for one in thing.__mro__ if one.__module__.startswith("hubnet.")]):
        found |= {name: member for name, member in vars(base).items() if not name.startswith("_") and _text(member)}
    return found


def _link(match: re.Match[str]) -> str:
    """A name in a docstring, as a link to where the page explains it."""
    name = match[1]
    if name.removeprefix("hubnet.") in hn.__all__:
        return f"[{match[0]}](#{_anchor(name.replace('hubnet.', 'hn.', 1))})"
    return match[0] if _found(name) is None else f"[{match[0]}](#{_anchor(name)})"


def _anchor(title: str) -> str:
    return title.replace(".", "").lower()


def _found(name: str) -> Any:
    """What a dotted name stands for; None if there is nothing of that name, or it is on the page anyway."""
    if name.removeprefix("hubnet.") in hn.__all__:
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        module, _, member = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), member, None)
    except ImportError:
        return None
