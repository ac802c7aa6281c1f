"""`sweep`, the verb: plan the points of a sweep, check all of them, and play their runs wherever an executor is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem
from .front import Say, tell
from .loading import Scenario, load
from .scenario.ranges import Varied, varied
from .study.points import Point, axes_of, plan_points, settings_of
from .study.store import Finished, PointKeys, model_version, run_key, same_names
from .study.sweep import Run, sweep_table
from .workers import Base, Task, finished, forget, processes, warm

if TYPE_CHECKING:
    import pandas as pd

MOST_PROBLEMS = 20
NOT_IN_POINTS = {"name": "", "seed": 0, "replications": 1}  # what a run's key holds by itself, or need not hold
Progress = Callable[[int, int], None]
Keep = Callable[[str, Finished], None]


@dataclass(frozen=True)
class Plan:
    """A sweep before it runs. runs: in order of the table. tasks: by key; runs of the same content are played once."""

    name: str
    varied: tuple[Varied, ...]
    points: tuple[Point, ...]
    runs: tuple[Run, ...]
    tasks: Mapping[str, Task]
    routings: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """A hash of all that determines the table."""
        held = [repr((self.varied, self.points)), *(run.key for run in self.runs)]
        return sha256("\n".join(held).encode()).hexdigest()

    def table(self, done: Mapping[str, Finished]) -> pd.DataFrame:
        """The table of its finished runs."""
        return sweep_table(self.name, axes_of(self.varied, self.points), self.runs, done)


def sweep(
    scenario: Scenario | str | Path,
    settings: Mapping[str, Any],
    *,
    samples: int | None = None,
    replications: int | None = None,
    allocations: Iterable[str] | str | None = None,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    say: Say = tell,
) -> pd.DataFrame:
    """Simulate a scenario at every combination of the settings, all with the same random numbers.

    settings: path -> values, such as {"workload.load": [0.4, 0.6], "clock.horizon": "1 d:7 d:2 d"}; a text is read
    as by `hubnet sweep --vary`. samples: the size of a Latin hypercube to draw instead of the full grid. workers:
    processes of this machine; 1 = this process alone; a script that wants more has to keep what it does under
    `if __name__ == "__main__":`. executor: any `concurrent.futures.Executor` to use instead, such as one of Dask
    (`client.get_executor(pure=False)`) or of mpi4py. progress: called with (runs done, runs in all).

    Returns one row per run and measure, see `hubnet.study.sweep.sweep_table`. Raises InputError, with the problems of
    all points, before anything runs.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    chosen = (allocations,) if isinstance(allocations, str) else tuple(allocations or ())
    which = read_each(lambda item: varied(*item), settings.items())
    plan = make_plan(scenario, which, chosen, seed, replications, samples)
    return plan.table(play_on(plan, workers, executor, progress, say))


def play_on(
    plan: Plan, workers: int, executor: Executor | None, progress: Progress | None, say: Say
) -> dict[str, Finished]:
    """Play all runs of a plan on an executor, or else on processes of this machine; returns them by key."""
    if workers < 1:
        raise InputError(Problem(f"workers={workers} is not at least 1"))
    forget()
    if executor is not None:
        warm(plan.routings, say)
        return play_plan(plan, executor, progress=progress)
    with processes(min(workers, len(plan.tasks))) as own:
        warm(plan.routings, say)
        return play_plan(plan, own, progress=progress)


def read_each(read: Callable[[Any], Varied], items: Iterable[Any]) -> tuple[Varied, ...]:
    """The settings that `read` finds in the items. Raises InputError with the problems of all."""
    found, problems = [], []
    for item in items:
        try:
            found.append(read(item))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def make_plan(
    scenario: Scenario,
    which: Sequence[Varied],
    allocations: Sequence[str] = (),
    seed: int | None = None,
    replications: int | None = None,
    samples: int | None = None,
) -> Plan:
    """Plan a sweep; seed and replications: the scenario's unless given. Raises InputError with every problem found."""
    if replications is not None and replications < 1:
        raise InputError(Problem(f"replications={replications} is not at least 1"))
    paths = [one.path for one in which]
    if "replications" in paths or (seed is not None and "seed" in paths):
        hint = "say it with --replications" if "replications" in paths else "leave one of --seed and --vary seed out"
        raise InputError(Problem("--vary: this cannot vary here", hint))
    if scenario.nations and "nation" not in paths:
        one, other = scenario.nations[:2]
        hint = f"choose one: --set nation={one}; a sweep may vary it too: --vary nation={one},{other}"
        raise InputError(Problem("the scenario has several nations, and this study is of one", hint))
    base = Base.of(scenario)
    points = plan_points(which, samples, scenario.spec.seed if seed is None else seed)
    keys = PointKeys(Path(base.file).parent)
    problems: dict[Problem, None] = {}
    runs: list[Run] = []
    tasks: dict[str, Task] = {}
    routings: dict[str, None] = {}
    for number, point in enumerate(points):
        settings = settings_of(which, point)
        try:
            here = scenario.varied(settings, "--vary")
            names = known_allocations(here, allocations)
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
            continue
        spec = here.spec
        routings[spec.policy.routing] = None
        assert spec.source is not None
        content = keys.key(repr(spec.model_copy(update=NOT_IN_POINTS)), spec.source.tree.plain())
        chosen_seed = spec.seed if seed is None else seed
        for replication in range(replications or spec.replications):
            for name in names:
                key = run_key(content, name, chosen_seed, replication)
                runs.append(Run(number, name, replication, key))
                tasks.setdefault(key, Task(base, settings, name, chosen_seed, replication, model_version()))
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise InputError([*problems][:MOST_PROBLEMS] + ([Problem(f"and {more} more problems")] if more > 0 else []))
    return Plan(scenario.name, tuple(which), tuple(points), tuple(runs), tasks, tuple(routings))


def play_plan(
    plan: Plan,
    executor: Executor,
    done: Mapping[str, Finished] | None = None,
    keep: Keep | None = None,
    progress: Progress | None = None,
) -> dict[str, Finished]:
    """Play what is not done yet; keep: called with each run as soon as it is finished. Returns all runs by key."""
    found = dict(done or {})
    for key, run in finished(executor, [(key, task) for key, task in plan.tasks.items() if key not in found]):
        if keep is not None:
            keep(key, run)
        found[key] = same_names(run)
        if progress is not None:
            progress(len(found), len(plan.tasks))
    return found


def known_allocations(scenario: Scenario, allocations: Sequence[str]) -> tuple[str, ...]:
    """The allocations that are asked for; all of the scenario unless some are named. Raises InputError."""
    wrong = [name for name in allocations if name not in scenario.allocations]
    if wrong:
        known = ", ".join(scenario.allocations)
        raise InputError([Problem(f"the scenario has no allocation {name!r}", f"it has: {known}") for name in wrong])
    return tuple(dict.fromkeys(allocations)) or scenario.allocations
