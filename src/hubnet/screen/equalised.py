"""What `check` and `run` say of allocations that were brought to the same total."""

from __future__ import annotations

from ..loading import Scenario
from ..network.equalise import total
from ..plan import run_name
from ..text import number

UNITS = {"devices": (1.0, "devices"), "eflops": (1e6, "EFLOPS"), "power": (1e6, "MW"), "yuan": (1e6, "M yuan")}


def equalised_words(scenario: Scenario) -> list[str]:
    """One line: by how much each allocation was scaled, and to what; none if the scenario does not ask for it."""
    by = scenario.spec.equalise
    if by == "none":
        return []
    before = scenario.varied(["equalise=none"])
    size, unit = UNITS[by]
    parts, goal = [], 0.0
    for nation in scenario.nations or ("",):
        then, now = (one.in_nation(nation) if nation else one for one in (before, scenario))
        for name in scenario.allocations:
            old, new = (total(one.allocation(name), by, one.network().devices) for one in (then, now))
            goal = goal or new
            if now.is_base(name):
                continue
            told = run_name(scenario, nation, name)
            parts.append(f"{told} x {new / old:.4g}" if new != old else f"{told} as it is")
    return [f"equalised: {', '.join(parts)} to {number(goal / size)} {unit}"] if parts else []
