"""A scenario of several nations: what it may say, and which one of them a network stands for.

The same file is read for every nation, so what it names has to exist in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hubnet.scenario.problems import Fault, Found, missing
from hubnet.scenario.schema import ScenarioSpec
from hubnet.scenario.words import quote, suggestion


def settled(spec: ScenarioSpec) -> ScenarioSpec:
    """The scenario with the nation that is simulated as its network: the chosen one, or else the first."""
    if not spec.nations:
        return spec
    return spec.model_copy(update={"network": spec.nation or spec.nations[0]})


def nations_faults(spec: ScenarioSpec, found: Found) -> Iterable[Fault]:
    """Every contradiction in what `spec`, which may be partial and is not settled yet, says of nations."""
    if not found.nothing_in("nations") or found.misspelt((), "network", "nations"):
        return
    if spec.nations is None:
        if spec.network is None and found.nothing_in("network"):
            yield missing(("network",))
        if spec.nation is not None:
            hint = "write `network` for a single one, or list them in `nations`"
            yield Fault(("nation",), "`nation` chooses one of `nations`, and there are none", hint)
        return
    if spec.network is not None or not found.nothing_in("network"):
        message = "`network` and `nations` are given"
        yield Fault(("network",), message, "a study of nations has their networks; remove one")
    for i, name in enumerate(spec.nations):
        if name in spec.nations[:i]:
            yield Fault(("nations", i), f"{quote(name)} is there twice", "name each nation once")
    if len(spec.nations) < 2:
        message = "one nation alone has nothing to stand beside"
        yield Fault(("nations",), message, f"name another one, or write network: {spec.nations[0]}")
    if spec.nation is not None and spec.nation not in spec.nations:
        hint = suggestion(spec.nation, spec.nations, "nations of the study")
        yield Fault(("nation",), f"{quote(spec.nation)} is not one of `nations`", hint)
    if spec.years is not None:
        hint = "remove one; a scenario file for each nation may have `years`"
        yield Fault(("years",), "`years` and `nations` are given: a study is by year or by nation", hint)


def of_all(each: Mapping[str, list[Fault]]) -> list[Fault]:
    """The faults of every nation in one list: those that all nations have once, others with the nation's name."""
    counts: dict[tuple[object, ...], int] = {}
    for faults in each.values():
        for key in dict.fromkeys(map(_what, faults)):
            counts[key] = counts.get(key, 0) + 1
    found: dict[tuple[object, ...], Fault] = {}
    for nation, faults in each.items():
        for fault in faults:
            if counts[_what(fault)] == len(each):
                found.setdefault(_what(fault), fault)
                continue
            message = f"{fault.message}, in the nation {quote(nation)}"
            other = next(name for name in each if name != nation)
            hint = f"name what all nations of the study have, or leave it to a scenario of one: network: {other}"
            found[nation, *_what(fault)] = replace(fault, message=message, hint=hint)
    return list(found.values())


def _what(fault: Fault) -> tuple[object, ...]:
    return fault.path, fault.message, fault.at_key, fault.missing
