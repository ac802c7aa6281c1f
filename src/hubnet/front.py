"""The public verbs: simulate one run, step it oneself, or study every allocation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from .engine.clock import Clock
from .engine.environment import HubEnvironment
from .engine.policy import Router
from .engine.setup import Outcome, Setup
from .engine.textbook import Textbook
from .errors import InputError, Problem
from .loading import Scenario, load
from .network.network import Network
from .plan import AUTO, PILOTS, Play, carry_out, check_seed, find_warmup, plan, rule_of
from .scenario.words import suggestion
from .study.own import table_setup
from .study.result import Result
from .study.study import Study
from .text import plain

Progress = Callable[[float, int], None]
Say = Callable[[str], None]
GEARS = ("auto", "compiled", "python", "textbook")


def tell(message: str) -> None:
    """Say something beside the results: on stderr."""
    print(plain(message), file=sys.stderr)


def silent(message: str) -> None:
    """Nobody listens, as with --quiet."""


def simulate(
    scenario: Scenario | str | Path | None = None,
    *,
    allocation: str | None = None,
    policy: Router | str | None = None,
    seed: int | None = None,
    records: bool = False,
    gear: str = "auto",
    processes: Iterable[Callable[[Any], Any]] = (),
    progress: Progress | None = None,
    say: Say = tell,
    **table: Any,
) -> Result:
    """Simulate one run.

    Either a scenario or its file (of several nations in the first one, see `Scenario.in_nation`), with the `allocation`
    to use (default: its first) and perhaps another `policy` or `seed`; or a graph and a table of one's own:
    `simulate(network=graph, jobs=table, pools=..., ...)`, see `table_setup`.

    policy: a name, or a function under `@hubnet.policy` or `@hubnet.router`. records: keep a row per job
    (`result.jobs`). gear: "auto", "compiled", "python", or "textbook"; all give the same result. processes: SimPy
    process functions that run beside the jobs; each is called with the environment. progress: called with
    (simulated s, jobs that have left). say: told about slow things, such as compiling.
    """
    rows: list[np.ndarray] | None = [] if records else None
    setup, network = _setup(scenario, allocation, policy, seed, table, gear, say)
    sink = None if rows is None else rows.append
    env = engine(gear, setup, sink=sink, progress=progress, say=say)
    for process in processes:
        env.process(process(env))
    env.run()
    return Result(env.close(), network, rows)


def environment(
    scenario: Scenario | str | Path | None = None,
    *,
    allocation: str | None = None,
    policy: Router | str | None = None,
    seed: int | None = None,
    gear: str = "auto",
    say: Say = tell,
    **table: Any,
) -> Clock:
    """The SimPy environment that `simulate` runs, for those who want to step it themselves: `env.run(until=...)`.

    The arguments are those of `simulate`.
    """
    setup, _ = _setup(scenario, allocation, policy, seed, table, gear, say)
    return engine(gear, setup, say=say)


def study(
    scenario: Scenario | str | Path,
    *,
    replications: int | str | None = None,
    allocations: Iterable[str] | str | None = None,
    policy: Router | str | None = None,
    policies: Iterable[Router | str] = (),
    baseline: str | None = None,
    measure: str | None = None,
    precision: float | None = None,
    most: int | None = None,
    seed: int | None = None,
    gear: str = "auto",
    sink: Callable[[Setup, int], Any] | None = None,
    progress: Callable[[str, int, float, int], None] | None = None,
    say: Say = tell,
    player: Callable[[str, Say], Play] | None = None,
) -> Study:
    """Simulate every allocation, `replications` times (default: as the scenario says), over the same jobs.

    replications: a number, or "auto": 10, and then one more at a time until `measure` of every allocation is known
    within `precision` (share of itself, 5% unless given), at most `most` (50); see `hubnet.study.precision`.
    policies: several, to compare them too; a run is then called "allocation, policy". baseline: the name of the
    run that differences are against (default: the first). measure: what runs are compared by, as a path in the summary
    (default: "response_s.mean"). sink: makes, from (setup, replication), what takes in the job rows of one run.
    progress: called with (allocation, replication, simulated s, jobs that have left). player: makes, from (gear, say),
    what plays each run, such as one that keeps them on disk (`hubnet.keeping`).
    """
    if policy is not None and policies:
        raise TypeError("give policy or policies, not both")
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    rule = rule_of(replications, precision, measure, most)
    todo = plan(scenario, allocations, tuple(policies) or ((policy,) if policy else ()), seed)
    say = once(say)
    count = PILOTS if rule else int(replications or scenario.spec.replications)
    return carry_out(
        todo,
        player(gear, say) if player else partial(play_setup, gear, say),
        replications=count,
        rule=rule,
        measure=measure,
        baseline=baseline,
        sink=sink,
        progress=progress,
        say=say,
    )


def play_setup(gear: str, say: Say, setup: Setup, sink: Any, progress: Progress | None) -> Outcome:
    """One run, from its beginning to its horizon."""
    env = engine(gear, setup, sink=sink, progress=progress, say=say)
    env.run()
    return env.close()


def once(say: Say) -> Say:
    """`say` for messages that several runs would repeat: each is said once."""
    said: set[str] = set()

    def say_new(message: str) -> None:
        if message not in said:
            said.add(message)
            say(message)

    return say_new


def engine(gear: str, setup: Setup, say: Say = tell, **options: Any) -> Clock:
    """The environment of a gear; options: sink, progress."""
    if gear not in GEARS:
        raise InputError(Problem(f"no gear {gear!r}", f"choose one of {', '.join(GEARS)}"))
    if gear == "textbook":
        return Textbook(setup, **options)
    return HubEnvironment(setup, gear=gear, say=say, **options)


def _setup(
    scenario: Scenario | str | Path | None,
    allocation: str | None,
    policy: Router | str | None,
    seed: int | None,
    table: dict[str, Any],
    gear: str,
    say: Say,
) -> tuple[Setup, Network]:
    """One run's setup, from a scenario or from a graph and a table. `warmup: auto` takes a pilot run to find it."""
    if isinstance(scenario, str | Path):
        scenario = load(scenario)
    if scenario is None:
        if allocation is not None:
            raise TypeError("an allocation is one of a scenario's; a graph and a table have none")
        _check_table(table)
        check_seed(seed)
        return table_setup(**table, policy=policy, seed=seed or 0)
    if table:
        raise TypeError(f"a scenario already says what {', '.join(table)} would; use one or the other")
    if scenario.nations:
        scenario = scenario.in_nation(scenario.nations[0])
    name = allocation or scenario.allocations[0]
    todo = plan(scenario, name, (policy,) if policy else (), seed)
    setup = todo.setup(name)
    if scenario.spec.clock.warmup == AUTO:
        setup = replace(setup, warmup=find_warmup(todo, partial(play_setup, gear, say), 1, say)["value_s"])
    return setup, scenario.network()


def _check_table(given: dict[str, Any]) -> None:
    """Raises TypeError for arguments that `simulate` does not have, and without those that it needs."""
    known = [name for name in signature(table_setup).parameters if name not in ("policy", "seed")]
    for name in given:
        if name not in known:
            raise TypeError(f"no argument is called {name!r}: {suggestion(name, known, 'arguments')}")
    if lacking := [name for name in ("network", "jobs") if name not in given]:
        raise TypeError(f"give a scenario, or a network and jobs: {' and '.join(lacking)} is missing")
