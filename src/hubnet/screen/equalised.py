"""What `check` and `run` say of allocations that were brought to the same total."""

from __future__ import annotations

from ..loading import Scenario
from ..network.equalise import total
from ..text import number

UNITS = {"devices": (1.0, "devices"), "eflops": (1e6, "EFLOPS"), "power": (1e6, "MW"), "yuan": (1e6, "M yuan")}


def equalised_words(scenario: Scenario) -> list[str]:
    """One line: by how much each allocation was scaled, and to what; none if the scenario does not ask for it."""
    by, devices = scenario.spec.equalise, scenario.network().devices
    if by == "none":
        return []
    before = scenario.varied(["equalise=none"])
    size, unit = UNITS[by]
    parts = []
    for name in scenario.allocations[1:]:
        old, new = (total(one.allocation(name), by, devices) for one in (before, scenario))
        parts.append(f"{name} x {new / old:.4g}" if new != old else f"{name} as it is")
    goal = total(scenario.allocation(scenario.allocations[0]), by, devices)
    return [f"equalised: {', '.join(parts)} to {number(goal / size)} {unit}"] if parts else []
