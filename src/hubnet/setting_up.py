"""One run of a scenario, ready for an engine: its jobs, its network under an allocation, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from .engine.policy import Router
from .engine.setup import Setup
from .network.nation import money_of
from .network.weeks import Week
from .scenario.accounts import AccountTerms, account_terms
from .study.assemble import Terms, assemble, default_bin
from .workload.arrivals import JobClass, job_blocks
from .workload.jobs import Blocks
from .workload.mix import Place
from .workload.rates import week_second

if TYPE_CHECKING:
    from .loading import Scenario


@dataclass(frozen=True)
class RunJobs:
    """The jobs of a run, and what they refer to by index. class_places, lanes: of each class. demand: by the hour of
    the week, if it is known. drawn: the classes that they are drawn from, if they are."""

    classes: Sequence[str]
    places: Sequence[Place]
    blocks: Callable[[], Blocks]
    class_places: Sequence[int]
    lanes: Sequence[int]
    demand: Week | None = None
    drawn: tuple[JobClass, ...] = ()


def set_up(scenario: Scenario, allocation: str, router: Router, seed: int, replication: int) -> Setup:
    """One run of a scenario under one of its allocations."""
    spec, clock, jobs = scenario.spec, scenario.spec.clock, _jobs(scenario, seed, replication)
    terms = Terms(
        horizon=clock.horizon,
        warmup=0.0 if clock.warmup == "auto" else clock.warmup,
        bin=clock.bin or default_bin(clock.horizon),
        background=spec.fibre.background,
        reserve=scenario.reserve,
        sharing=spec.fibre.sharing == "max-min",
        scale=spec.scale,
        queue=spec.policy.queue,
        depth=spec.policy.depth,
        start=week_second(clock.start),
        demand=jobs.demand,
    )
    setup = assemble(
        scenario.network(),
        scenario.allocation(allocation),
        terms,
        router,
        jobs.classes,
        jobs.places,
        jobs.blocks,
        {"scenario": scenario.name, "allocation": allocation} | _whereabouts(scenario),
        jobs.class_places,
        jobs.lanes,
        scenario.incidents(seed, replication),
    )
    return replace(setup, surges=scenario.surges(), accounts=_account_terms(scenario), drawn=jobs.drawn)


def _jobs(scenario: Scenario, seed: int, replication: int) -> RunJobs:
    """The jobs of one run, from classes or from the trace."""
    clock, mix, trace = scenario.spec.clock, scenario.mix(), scenario.trace()
    if trace is not None:
        blocks = partial(trace.blocks, seed, replication, clock.horizon)
        return RunJobs(trace.classes, trace.places, blocks, trace.class_places, trace.lanes)
    blocks = partial(
        job_blocks,
        mix.classes,
        scenario.network().regions,
        seed,
        replication,
        clock.horizon,
        start=week_second(clock.start),
        surges=scenario.surges(),
        stationary=scenario.stationary,
    )
    names, own_places = [klass.name for klass in mix.classes], [klass.place for klass in mix.classes]
    lanes = [klass.lane for klass in mix.classes]
    return RunJobs(names, mix.places, blocks, own_places, lanes, mix.demand(), mix.classes)


def _whereabouts(scenario: Scenario) -> dict[str, str]:
    """In a study of nations: which one this is, and how its money was turned into yuan."""
    spec, nation = scenario.spec, scenario.nation()
    return {} if not spec.nations or nation is None else {"nation": str(spec.network)} | money_of(nation)


def _account_terms(scenario: Scenario) -> AccountTerms:
    """What the run's accounts are reckoned with."""
    nation, classes = scenario.nation(), {} if scenario.trace() is not None else scenario.parts()[0]
    values = {name: one.value for name, one in classes.items() if one.value is not None}
    return account_terms(scenario.spec.accounts, nation.scalars if nation else {}, values)
