"""Incidents as a scenario plans them: fixed ones, and random failures drawn from named streams.

A unit that fails at random is up for an exponential time of mean `mtbf`, counted from its last repair, then down for
an exponential time of mean `mttr`; all units begin up, each with a stream of its own. Failures do not depend on the
allocation or the policy, so every run of a study meets the same ones.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from ..errors import Problem, TableError
from .streams import stream

KINDS = ("cut", "degrade", "outage")
FIELDS = (*KINDS, "at", "lasting", "mtbf", "mttr", "to", "running", "name")
ALL = "all"


@dataclass(frozen=True)
class Incident:
    """Something that happens to a trunk or to a hub.

    kind: "cut", "degrade" or "outage". target: a trunk's name or its two cities; a hub, or "hub/device type". at,
    until: s; until inf = for good. to: the share of capacity or devices that is left. running: "kill" or "drain", what
    happens to jobs that run. name: a title, or "".
    """

    kind: str
    target: str | tuple[str, ...]
    at: float
    until: float = math.inf
    to: float = 0.0
    running: str = "kill"
    name: str = ""


def incidents(
    specs: Sequence[Any], trunks: Sequence[str], hubs: Sequence[str], seed: int, replication: int, horizon: float
) -> tuple[Incident, ...]:
    """The incidents that begin before the horizon, in order of announcement: by spec, then target, then time.

    specs: with the fields of the scenario's schema. trunks, hubs: all names, for the target "all".
    """
    found: list[Incident] = []
    rules: dict[str, int] = {}
    for spec in specs:
        kind = next(kind for kind in KINDS if getattr(spec, kind) is not None)
        given = getattr(spec, kind)
        given = given[0] if isinstance(given, tuple) and len(given) == 1 else given
        targets = (hubs if kind == "outage" else trunks) if given == ALL else (given,)
        share = 0.0 if spec.to is None else spec.to
        running, name = spec.running or "kill", spec.name or ""
        rule = rules.get(kind, 0)
        if spec.at is None:
            rules[kind] = rule + 1  # rules of one kind are told apart, so that each has streams of its own
        for target in targets:
            for at, until in _times(spec, (seed, replication, kind, rule, _key(target)), horizon):
                found.append(Incident(kind, target, at, until, share, running, name))
    return tuple(found)


def _times(spec: Any, key: tuple[Any, ...], horizon: float) -> Iterator[tuple[float, float]]:
    """When it begins and ends: once, or again and again at random."""
    if spec.at is not None:
        if spec.at < horizon:
            yield spec.at, math.inf if spec.lasting is None else spec.at + spec.lasting
        return
    seed, replication, *names = key
    rng = stream(seed, replication, "incident", *names)
    at = float(rng.exponential(spec.mtbf))
    while at < horizon:
        until = at + float(rng.exponential(spec.mttr))
        yield at, until
        at = until + float(rng.exponential(spec.mtbf))


def _key(target: str | Iterable[str]) -> str:
    return target if isinstance(target, str) else "-".join(sorted(target))


def plain_specs(
    entries: Iterable[Any], trunks: Mapping[str, tuple[str, str]], pools: Iterable[str], horizon: float
) -> list[Any]:
    """Specs from plain values: mappings with the keys of the scenario's file, times in s and shares as fractions.

    trunks: name -> its two cities. pools: "hub/device type" and hubs. horizon: s; random failures need a finite one.
    Raises TableError with every problem found.
    """
    names = {*trunks, *(f"{a}-{b}" for a, b in trunks.values()), *(f"{b}-{a}" for a, b in trunks.values()), ALL}
    problems: list[Problem] = []
    specs = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            hint = 'write for example {"at": 3600, "lasting": 600, "cut": ("A", "B")}'
            problems.append(Problem(f"incidents, entry {number}: {entry!r} is not a mapping", hint))
            continue
        values = dict.fromkeys(FIELDS) | dict(entry)
        spec = SimpleNamespace(**values)
        specs.append(spec)
        for message, hint in _mistakes(values, names, {*pools, ALL}, horizon):
            problems.append(Problem(f"incidents, entry {number}: {message}", hint))
    if problems:
        raise TableError(problems)
    return specs


def _mistakes(values: dict[str, Any], trunks: set[str], pools: set[str], horizon: float) -> Iterator[tuple[str, str]]:
    """(message, hint) of everything that is wrong with an entry."""
    for key in values:
        if key not in FIELDS:
            near = difflib.get_close_matches(key, FIELDS, 1)
            yield f"unknown key {key!r}", f"did you mean {near[0]!r}?" if near else f"keys: {', '.join(FIELDS)}"
    kinds = [kind for kind in KINDS if values[kind] is not None]
    if len(kinds) != 1:
        yield f"it names {' and '.join(kinds) or 'nothing'}", "name one of cut, degrade and outage"
    for kind in kinds:
        given = values[kind]
        name = given if isinstance(given, str) else "-".join(str(end) for end in given)
        known, noun = (pools, "hub or pool") if kind == "outage" else (trunks, "trunk")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known)[:12])}"
            yield f"{kind}: {name!r} is not a {noun}", hint
    if (values["at"] is None) == (values["mtbf"] is None) or (values["mtbf"] is None) != (values["mttr"] is None):
        yield "it says neither clearly when nor how often", "give `at`, and perhaps `lasting`; or `mtbf` and `mttr`"
    for key in ("at", "lasting", "mtbf", "mttr"):
        value = values[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and (value > 0 or (key == "at" and value == 0))):
            yield f"{key}={value!r} is not a number of s above 0", "times are numbers of s"
    if values["mtbf"] is not None and not math.isfinite(horizon):
        yield "random failures would go on for ever", "give a horizon"
    share = values["to"]
    if share is not None and not (isinstance(share, int | float) and 0 <= share < 1):
        yield f"to={share!r} is not a share from 0 up to, but not including, 1", ""
    if values["cut"] is not None and share:
        yield "a cut trunk carries nothing", "use `degrade`"
    if values["degrade"] is not None and not share:
        yield "nothing says how much of its capacity is left", "give `to`, or use `cut`"
    if values["running"] not in (None, "kill", "drain"):
        yield f"running={values['running']!r}", "it is 'kill' or 'drain'"
