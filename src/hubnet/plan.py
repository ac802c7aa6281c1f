"""Which runs a study consists of, how long they warm up, and when there are enough of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from .engine.policy import Router, find_router
from .engine.setup import Outcome, Setup
from .errors import InputError, Problem
from .loading import Scenario
from .study.batches import JobBatches
from .study.expect import expect
from .study.headline import path_of
from .study.health import settled_from
from .study.nations import usual_measure
from .study.precision import MOST, PRECISION, Reached, Rule
from .study.result import Result
from .study.study import MEASURE, Study
from .study.warmup import BATCH, DAY, DAYS

PILOTS = 5  # replications of every run, at most, that are simulated to find the warm-up
PILOT_BINS = 1000
AUTO = "auto"

Sink = Callable[[np.ndarray], Any]
Report = Callable[[float, int], None]  # of simulated s, and jobs that have left
Say = Callable[[str], None]


@dataclass(frozen=True)
class Takers:
    """What takes in the job rows of a run, if anything does."""

    sink: Sink | None
    batches: JobBatches | None

    def __call__(self, rows: np.ndarray) -> None:
        if self.sink is not None:
            self.sink(rows)
        if self.batches is not None:
            self.batches.add(rows)


Play = Callable[[Setup, Takers | None, Report | None], Outcome]


@dataclass(frozen=True)
class Planned:
    """One run, but for its replication. scenario: in one nation, if it has several."""

    scenario: Scenario
    allocation: str
    router: Router


@dataclass(frozen=True)
class Plan:
    """Runs of a scenario, by name. seed: of all of them."""

    scenario: Scenario
    runs: Mapping[str, Planned]
    seed: int

    def setup(self, name: str, replication: int = 0) -> Setup:
        """One run, which bears its name in the study as its allocation."""
        run = self.runs[name]
        setup = run.scenario.setup(run.allocation, run.router, self.seed, replication)
        return replace(setup, names=setup.names | {"allocation": name, "replication": str(replication)})

    def loads(self) -> dict[str, dict[tuple[str, str], float]]:
        """Offered load by run and pool."""
        found = {}
        for name, run in self.runs.items():
            expected = expect(self.setup(name), run.scenario.mix().classes)
            found[name] = {(pool.hub, pool.device): pool.load for pool in expected.pools}
        return found


def plan(
    scenario: Scenario,
    allocations: Iterable[str] | str | None,
    policies: Sequence[Router | str],
    seed: int | None,
) -> Plan:
    """Every allocation under every policy, in every nation. A run is called by what there are several of in the
    study: "nation, allocation, policy"; by its allocation if there is nothing else to tell it by.

    Raises InputError for two policies of one name.
    """
    chosen = (allocations,) if isinstance(allocations, str) else tuple(allocations or ()) or scenario.allocations
    check_seed(seed)
    routers = [find_router(policy) for policy in policies or (scenario.spec.policy.routing,)]
    names = [router.name for router in routers]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(Problem(f"two policies are called {twice!r}", "give each function a name of its own"))
    runs = {}
    for nation in scenario.nations or ("",):
        here = scenario.in_nation(nation) if nation else scenario
        for allocation in dict.fromkeys(chosen):
            for router in routers:
                name = run_name(scenario, nation, allocation)
                runs[f"{name}, {router.name}" if len(routers) > 1 else name] = Planned(here, allocation, router)
    return Plan(scenario, runs, scenario.spec.seed if seed is None else seed)


def check_seed(seed: object) -> None:
    """Raises InputError for a seed that is no whole number from 0, or None for the scenario's."""
    if seed is not None and (not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0):
        raise InputError(Problem(f"seed={seed!r} is not a whole number from 0"))


def run_name(scenario: Scenario, nation: str, allocation: str) -> str:
    """What a run is called, but for its policy. nation: "" in a study of one network."""
    if not nation:
        return allocation
    return f"{nation}, {allocation}" if len(scenario.allocations) > 1 else nation


def rule_of(
    replications: int | str | None, precision: float | None, measure: str | None, most: int | None
) -> Rule | None:
    """When a study has enough replications; None if their number is fixed. Raises InputError with every problem."""
    problems = []
    if replications != AUTO:
        if isinstance(replications, str):
            problems.append(Problem(f"replications={replications!r} is not a number", f'give a number, or "{AUTO}"'))
        elif replications is not None and replications < 1:
            problems.append(Problem(f"replications={replications} is not at least 1"))
        for name, value in (("precision", precision), ("most", most)):
            if value is not None:
                problems.append(
                    Problem(f"{name} says when to stop, and the number of replications is fixed", f"ask for {AUTO}")
                )
    if problems:
        raise InputError(problems)
    if replications != AUTO:
        return None
    share, many = PRECISION if precision is None else precision, MOST if most is None else most
    return Rule(share, path_of(measure or MEASURE), many)


def carry_out(
    todo: Plan,
    play: Play,
    *,
    replications: int,
    rule: Rule | None,
    measure: str | None,
    baseline: str | None,
    sink: Callable[[Setup, int], Sink] | None,
    progress: Callable[[str, int, float, int], None] | None,
    say: Say,
) -> Study:
    """Simulate a plan: replication by replication all its runs, until there are enough."""
    if baseline is not None and baseline not in todo.runs:
        raise InputError(Problem(f"no run is called {baseline!r}", f"baseline is one of: {', '.join(todo.runs)}"))
    scenario, results = todo.scenario, {name: list[Result]() for name in todo.runs}
    found = find_warmup(todo, play, replications, say) if scenario.spec.clock.warmup == AUTO else None
    measure = path_of(measure) if measure else None
    options: dict[str, Any] = {"baseline": baseline, "warmup": found}
    options["loads"] = todo.loads()
    reached: Reached | None = None
    while len(next(iter(results.values()))) < replications if rule is None else reached is None:
        replication = len(next(iter(results.values())))
        for name in todo.runs:
            setup = todo.setup(name, replication)
            if found:
                setup = replace(setup, warmup=found["value_s"])
            alone = rule is None and replications == 1
            batches = JobBatches(setup.warmup, setup.horizon) if alone else None
            takers = Takers(sink and sink(setup, replication), batches) if sink or batches else None
            report = None if progress is None else partial(progress, name, replication)
            run = play(setup, takers, report)
            results[name].append(Result(run, todo.runs[name].scenario.network(), batches=batches))
        options["measure"] = measure or usual_measure(results, MEASURE)
        so_far = Study(scenario.name, todo.seed, results, **options)
        if replication == 0 and measure is not None:
            so_far.values(so_far.baseline, measure)  # a slip of the pen is told now, not after all replications
        if rule is not None:
            reached = rule.outcome({name: so_far.values(name, rule.measure) for name in results})
    if reached is not None and reached.reason:
        say(reached.words())
    return Study(scenario.name, todo.seed, results, precision=reached, **options)


def find_warmup(todo: Plan, play: Play, replications: int, say: Say) -> dict[str, Any]:
    """The warm-up that pilot runs ask for, as `summary.json` tells it: the longest over the plan's runs.

    The pilots are the first replications themselves, measured from time 0 in about 1,000 bins: busy devices and jobs in
    flight, each in the mean over the pilots (`study.warmup`). They have to be simulated again, because what is
    measured of a job depends on when measuring begins.
    """
    width = pilot_bin(todo.scenario.spec.clock.horizon)
    pilots, by, settled = min(replications, PILOTS), {}, True
    say(f"finding the warm-up: {pilots} pilot run{'s' if pilots > 1 else ''} of each allocation ...")
    for name in todo.runs:
        results = []
        for replication in range(pilots):
            setup = replace(todo.setup(name, replication), warmup=0.0, bin=width)
            results.append(Result(play(setup, None, None), todo.runs[name].scenario.network()))
        place = settled_from(results)
        by[name], settled = place.index * width, settled and place.settled
    found = {"value_s": max(by.values()), "settled": settled, "method": f"MSER-{BATCH}", "pilots": pilots, "by": by}
    if not settled:
        say("the pilot runs have not settled in the first half of clock.horizon: it is too short to find a warm-up")
    return found


def pilot_bin(horizon: float) -> float:
    """s; a bin that divides the day, if there are days, so that their rhythm can be told from warming up."""
    width = horizon / PILOT_BINS
    return width if horizon < DAYS * DAY else DAY / math.ceil(DAY / width)
