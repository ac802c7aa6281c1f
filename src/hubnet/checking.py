"""What can only be seen of a scenario with its network at hand: each mistake with its place in the file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .errors import InputError, Problem, ScenarioError
from .network.allocation import allocate
from .network.supply import supply_problem
from .scenario.load import problem_at
from .study.assemble import unpriced
from .text import number

if TYPE_CHECKING:
    from .loading import Scenario

MOST_JOBS = 1e12  # of a run, expected: at a few million a second, days of computing
MOST_BINS = 1e6  # rows per pool and trunk in a run's tables


def check(scenario: Scenario) -> None:
    """Raises ScenarioError with all that is wrong; of a study of nations, in each."""
    if not scenario.nations:
        _check_one(scenario)
        return
    problems: dict[Problem, None] = {}
    for name in scenario.nations:
        try:
            scenario.in_nation(name)
        except InputError as error:
            problems |= {replace(p, message=f"in {name}: {p.message}"): None for p in error.problems}
    if problems:
        raise ScenarioError(list(problems))


def _check_one(scenario: Scenario) -> None:
    spec, problems = scenario.spec, list[Problem]()
    network = scenario.network()
    for name in scenario.allocations:
        try:
            scenario.allocation(name)
        except InputError as error:
            problems += [problem_at(spec, ("allocations", name), p.message, p.hint) for p in error.problems]
    if not problems:
        keys = dict.fromkeys(key for name in scenario.allocations for key in scenario.allocation(name).pools)
        problems += [
            problem_at(spec, ("policy", "routing"), message, "give it, or choose another routing")
            for message in unpriced(network, keys, spec.policy.routing)
        ]
    if spec.supply is not None and not problems:
        wanted = [allocate(network, one, spec.allocations, spec.scale).pools for one in scenario.allocations]
        if (wrong := supply_problem(network, wanted, spec.supply.fill)) is not None:
            (path, problem) = wrong
            problems.append(problem_at(spec, ("supply", *path), problem.message, problem.hint))
    if problems:
        raise ScenarioError(problems)
    if endless := list(_endless(scenario)):
        raise ScenarioError(endless)


def _endless(scenario: Scenario) -> Iterator[Problem]:
    """What no machine would come to the end of: a slip in a unit, mostly."""
    spec, clock = scenario.spec, scenario.spec.clock
    jobs = math.fsum(klass.rate for klass in scenario.expected_classes()) * clock.horizon
    if scenario.trace() is None and not jobs <= MOST_JOBS:
        message = f"{number(jobs)} jobs are expected, and a run of {number(MOST_JOBS)} takes days"
        yield problem_at(spec, ("clock", "horizon"), message, "shorten clock.horizon, or lower the rates or the scale")
    if clock.bin and clock.horizon / clock.bin > MOST_BINS:
        message = f"the run has {number(clock.horizon / clock.bin)} bins, and {number(MOST_BINS)} are many"
        yield problem_at(spec, ("clock", "bin"), message, "widen clock.bin, or shorten clock.horizon")
