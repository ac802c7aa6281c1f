"""`nations`, the verb: the same demand in several nations, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import InputError, Problem
from .front import study
from .loading import Scenario, load
from .study.study import Study


def nations(scenario: Scenario | str | Path, **options: Any) -> Study:
    """Simulate the same demand in each of a scenario's `nations`.

    >>> found = hn.nations("scenarios/two-nations.yaml", replications=5)
    >>> found.nations                      # a DataFrame: what it takes in each nation, and why
    >>> found.difference("cost_yuan")      # with its 95% interval
    >>> hn.plot.nations(found)

    The study is that of `hubnet.study`, whose options these are; its runs are called by their nations, and by
    allocation and policy too where there are several. Every nation gets as many jobs per second of each class as the
    first one, where `workload.load` says how many that are; places, trunks, prices and grids are its own, so the jobs
    are not the same ones, and replications are paired by number only. Raises InputError for a scenario without nations.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    if not scenario.nations:
        hint = 'instead of `network` write for example "nations: [here, there]"'
        if scenario.spec.nation is not None:
            hint = "it has one chosen: leave `nation` out"
        raise InputError(Problem("the scenario has no `nations` to compare", hint))
    return study(scenario, **options)
