"""`growth`, the verb, and `hubnet run` of a scenario with `years`: a sweep over the year, and its promises."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem
from .front import Say, tell
from .loading import Scenario, load
from .scenario.ranges import Varied, varied
from .study.folder import as_json
from .study.growth import Growth
from .study.promises import TABLE as PROMISES
from .study.promises import promises_of, with_loads
from .study.store import Finished
from .sweep_plan import Plan, Progress, make_plan, play_on

if TYPE_CHECKING:
    import pandas as pd

    from .running import RunOptions

YEAR = "year"


def growth(
    scenario: Scenario | str | Path,
    *,
    replications: int | None = None,
    allocations: Iterable[str] | str | None = None,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    say: Say = tell,
) -> Growth:
    """Simulate every year and allocation of a scenario with `years`, all with the same random numbers.

    >>> found = hn.growth("scenarios/growth-to-2030.yaml")
    >>> found.table, found.kept, found.breaks

    The arguments are those of `hubnet.sweep`. Raises InputError, with the problems of all years, before anything runs.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    chosen = (allocations,) if isinstance(allocations, str) else tuple(allocations or ())
    plan = make_plan(scenario, years_of(scenario), chosen, seed, replications)
    return grown(scenario, plan, plan.table(play_on(plan, workers, executor, progress, say)))


def years_of(scenario: Scenario) -> tuple[Varied, ...]:
    """The setting that a study by year varies. Raises InputError for a scenario without years."""
    years = scenario.spec.years
    if years is None:
        raise InputError(Problem("the scenario has no `years`", 'add for example "years: 2025..2030"'))
    return (varied(YEAR, years if scenario.spec.year is None else (scenario.spec.year,)),)


def grown(scenario: Scenario, plan: Plan, table: pd.DataFrame) -> Growth:
    """The study by year that a sweep's table is."""
    first = next(iter(plan.tasks.values()))
    loads: dict[tuple[int, str], float] = {}
    for year in dict.fromkeys(int(year) for year in table[YEAR]):
        here = scenario.in_year(year)
        loads |= {(year, name): offered_load(here, name) for name in dict.fromkeys(table["allocation"])}
    return study_of(scenario, first.seed, with_loads(table, loads))


def study_of(scenario: Scenario, seed: int, table: pd.DataFrame) -> Growth:
    """The study by year that a table with loads is."""
    classes = [klass.name for klass in scenario.mix().classes]
    names = frozenset([*classes, *scenario.network().regions])
    return Growth(scenario.name, seed, table, promises_of(scenario.spec.promises), names)


def offered_load(scenario: Scenario, allocation: str) -> float:
    """Device-seconds that all classes ask for, over those of an allocation's devices less the reserve, both on the
    reference device; of a class that is slower or faster on the devices that it may use, so many more or fewer."""
    mix, fleet, capacity = scenario.mix(), scenario.fleet(allocation), scenario.capacity(allocation)
    asked = math.fsum(
        klass.rate * klass.device_seconds / fleet.mean_factor(mix.places[klass.place])
        for klass in mix.classes
        if klass.rate
    )
    return asked / capacity if capacity else math.inf if asked else 0.0


def run_years(path: Path, scenario: Scenario, options: RunOptions, as_json_only: bool, quiet: bool) -> None:
    """Do what `hubnet run` does with a scenario with `years`: play what is missing, write, draw, print.

    The folder has study.parquet (tidy, with a column `year`), promises.parquet, summary.json, manifest.json and charts.
    """
    from .running import slug
    from .screen.next import say_next
    from .screen.sweep import print_finished
    from .screen.years import print_growth
    from .show.years import save_growth
    from .study.spreadsheets import write_csv
    from .study.sweep import read_sweep, write_sweep
    from .sweeping import PlayOptions, is_finished, play_kept

    _check_options(scenario, options)
    play = PlayOptions(
        allocations=options.allocations,
        seed=options.seed,
        workers=options.workers,
        resume=options.resume,
        csv=options.csv,
        folder=options.folder or Path("runs") / (slug(scenario.name) or path.stem),
        settings=options.settings,
        command=options.command,
    )
    replications = None if options.replications is None else int(options.replications)
    plan = make_plan(scenario, years_of(scenario), play.allocations, play.seed, replications)
    folder, kept = play.target(scenario, path), None
    seed = next(iter(plan.tasks.values())).seed

    def write(draft: Path, done: dict[str, Finished], manifest: dict[str, Any]) -> int:
        found = grown(scenario, plan, plan.table(done))
        vary = f"{YEAR}={','.join(map(str, scenario.spec.years or ()))}"
        told = {"promises": [asdict(one) for one in found.promises], "names": sorted(found.names)}
        write_sweep(found.table, draft, manifest | {"vary": [vary], "samples": None} | told)
        found.kept.to_parquet(draft / PROMISES, compression="zstd", index=False)
        (draft / "summary.json").write_text(as_json(found.summary()))
        if options.csv:
            write_csv(draft)
        return len(save_growth(found, draft / "charts"))

    if not (play.resume and is_finished(folder, plan)):
        kept = play_kept(plan, scenario, path, folder, play, write, quiet)
    found = study_of(scenario, seed, read_sweep(folder))
    if as_json_only:
        sys.stdout.write(as_json(found.summary()))
        return
    print_growth(found)
    if kept:
        print_finished(folder, kept.charts, kept.replaced, kept.seconds)
    else:
        print_finished(folder)
    if not quiet:
        say_next("run", path, "--year", found.years[-1])


def _check_options(scenario: Scenario, options: RunOptions) -> None:
    """Raises InputError for options that speak of single runs."""
    given: dict[str, Any] = {
        "--policy": options.policies,
        "--records": options.records,
        "--checkpoint": options.checkpoint,
        "--measure": options.measure,
        "--baseline": options.baseline,
        "--precision": options.precision,
        "--most": options.most,
        "--gear": options.gear != "auto",
        "--replications auto": isinstance(options.replications, str),
    }
    years = scenario.spec.years or (0,)
    hint = f"leave it out, or choose a year, such as --year {years[0]}"
    problems = [Problem(f"{name} is for the runs of one year", hint) for name, value in given.items() if value]
    if problems:
        raise InputError(problems)
