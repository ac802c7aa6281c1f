"""The types of devices that a scenario gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hubnet.errors import NationError, Problem, ScenarioError
from hubnet.network.build import nation_devices
from hubnet.network.nation import load_nation
from hubnet.scenario.load import problem_at
from hubnet.scenario.schema import ScenarioSpec
from hubnet.scenario.words import quote, suggestion


def given_devices(spec: ScenarioSpec, folder: Path) -> dict[str, Any]:
    """The types of devices that the scenario gives; those `from` a nation as its tables have them, but for a power
    or price of the scenario's own.

    folder: relative names start there. Raises ScenarioError with every problem found.
    """
    given: dict[str, Any] = dict(spec.devices)
    problems: list[Problem] = []
    for name, device in spec.devices.items():
        if device.from_ is None:
            continue
        path = ("devices", name, "from")
        try:
            nation = load_nation(device.from_, folder)
        except NationError as error:
            problems += [p if p.file else problem_at(spec, path, p.message, p.hint) for p in error.problems]
            continue
        known = nation_devices(nation)
        if name in known:
            own: dict[str, Any] = {"power_w": device.power, "price_yuan": device.price}
            given[name] = replace(known[name], **{key: value for key, value in own.items() if value is not None})
            continue
        what = "has no TFLOPS of" if name in nation.catalogue else "has no device type"
        message = f"{quote(device.from_)} {what} {quote(name)}"
        problems.append(problem_at(spec, path, message, suggestion(name, known, "device types")))
    if problems:
        raise ScenarioError(problems)
    return given
