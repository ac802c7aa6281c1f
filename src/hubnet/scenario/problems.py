"""Turns what validation finds into problems: in plain words, with the place in the file and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from pydantic import ValidationError

from hubnet.errors import Problem
from hubnet.scenario.fields import TAGS
from hubnet.scenario.names import ALL, Known, Names
from hubnet.scenario.reference import example, keys_at
from hubnet.scenario.tree import Node, Path, dotted
from hubnet.scenario.words import listing, nearest, quote, suggestion


@dataclass(frozen=True)
class Fault:
    """Something wrong at a path.

    path: where it is. message: what is wrong, without the path. hint: the way out.
    at_key: it is the key that is wrong, not its value; the message then speaks about the parent.
    missing: a key that should be under `path` and is not; the place is then the key of what lacks it.
    """

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False
    missing: str = ""


class Found:
    """What validation found already, so that one cause is reported once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.paths = {fault.path for fault in faults}
        self.unknown_keys = [fault.path for fault in faults if fault.at_key]

    def nothing_in(self, *path: Any) -> bool:
        """Whether nothing is wrong at the path or below it."""
        return not any(found[: len(path)] == path for found in self.paths)

    def misspelt(self, path: Path, *keys: str) -> bool:
        """Whether the mapping at `path` has an unknown key that was probably meant to be one of `keys`."""
        known = keys_at(path) or ()
        return any(found[:-1] == path and nearest(str(found[-1]), known) in keys for found in self.unknown_keys)

    def given(self, path: Path, key: str) -> bool:
        """Whether the mapping at `path` has the key with a value at fault, or probably meant to have it."""
        return not self.nothing_in(*path, key) or self.misspelt(path, key)


def schema_faults(error: ValidationError) -> list[Fault]:
    """One fault per cause. A key that is missing because its name is misspelt is not reported twice."""
    faults = [_fault(details) for details in error.errors(include_url=False)]
    unknown = [fault.path for fault in faults if fault.at_key]
    misspelt = {(path[:-1], nearest(str(path[-1]), keys_at(path[:-1]) or ())) for path in unknown}
    return [fault for fault in faults if not (fault.missing and (fault.path, fault.missing) in misspelt)]


def located(faults: Iterable[Fault], tree: Node) -> list[Problem]:
    """The problems of the faults, each once, at their places in the tree."""
    seen: dict[Any, Problem] = {}
    for fault in faults:
        mark, path = tree.find(fault.path, fault.at_key or bool(fault.missing))
        about = dotted(path[:-1] if fault.at_key else path)
        problem = mark.problem(f"{about}: {fault.message}" if about else fault.message, fault.hint)
        # an alias repeats a mistake at another path; it still stands in one place
        place = (mark, fault.message) if mark.origin.lines else problem
        seen.setdefault(place, problem)
    return list(seen.values())


def unknown(path: Path, name: str, known: Known, what: str, plural: str, at_key: bool = False) -> Iterable[Fault]:
    """A fault if the name is not a known one; the hint has the nearest."""
    if known is not None and name not in known:
        yield Fault(path, f"unknown {what} {quote(name)}", suggestion(name, sorted(known), plural), at_key)


def unknown_device(path: Path, name: str, names: Names, at_key: bool = False) -> Iterable[Fault]:
    """A fault if the device type is not known, or its speed is not; the hint has the nearest, or how to declare one."""
    for fault in unknown(path, name, names.devices, "device type", "device types", at_key):
        if name in names.unrated:
            message = f"the nation's catalogue has no TFLOPS of {quote(name)}, so its speed is not known"
            yield Fault(path, message, f'give its speed: "devices: {{{name}: {{speed: 1}}}}"', at_key)
            continue
        hint = fault.hint if names.devices else f'declare it: "devices: {{{name}: {{speed: 1}}}}"'
        yield Fault(path, fault.message, hint, at_key)


def unknown_trunk(path: Path, name: str, names: Names, at_key: bool = False) -> Iterable[Fault]:
    """A fault if no trunk has the name, and it is not "all". The hint has the nearest, if need be by its cities."""
    if names.trunks is None or name == ALL or name in names.trunks:
        return
    meant = {known: known for known in (*sorted(names.trunks), ALL)}
    for pair, own in (names.joined or {}).items():
        for ends in permutations(sorted(pair)):
            meant.setdefault("-".join(ends), own)
    close = nearest(name, meant)
    hint = (
        f'did you mean "{meant[close]}"?' if close else f"known trunks: {listing([*sorted(names.trunks), ALL], 'and')}"
    )
    yield Fault(path, f"unknown trunk {quote(name)}", hint, at_key)


def _fault(details: Any) -> Fault:
    """The fault for one entry of pydantic's list of errors."""
    kind, given = details["type"], details["input"]
    path = tuple(step for step in details["loc"] if step not in TAGS)
    at_key = bool(path) and path[-1] == "[key]"
    path = path[:-1] if at_key else path
    if kind == "hubnet":
        context = details["ctx"]
        return Fault(path + context["at"], context["message"], context["hint"], at_key)
    if kind == "missing":
        return missing(path)
    if kind in ("extra_forbidden", "invalid_key"):
        return Fault(
            path, f"unknown key {quote(path[-1])}", suggestion(path[-1], keys_at(path[:-1]) or (), "keys"), True
        )
    if kind == "too_short":
        return Fault(path, "it is empty; at least one entry is needed")
    needed = "a list" if kind == "list_type" else "a mapping"
    known = keys_at(path)
    entries = 'write "name: value" entries' if needed == "a mapping" else 'begin each entry with "- "'
    hint = f"its keys are {', '.join(known)}" if known else entries
    found = "nothing is given" if given is None else f"{quote(given)} stands here"
    return Fault(path, f"{found}; {needed} is needed", hint)


def missing(path: Path) -> Fault:
    """The fault of a key that should be there."""
    key = str(path[-1])
    field = (keys_at(path[:-1]) or {})[key]
    written = example(field)
    hint = f'add "{key}: {written}"' if written else f'add "{key}:"'
    return Fault(path[:-1], f'the key "{key}" is missing', f"{hint}: {field.description}", missing=key)
