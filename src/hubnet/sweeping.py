"""`hubnet sweep`: plan the points, play what is missing, write the folder, draw the charts, print the table.

DIR.partial/    while the sweep is unfinished: sweep.json (what it is) and runs/ (those that are finished)
DIR/            when it is done: whole, or absent

`play_kept` does so for any plan of runs.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .errors import InputError, Problem
from .front import Say, silent, tell
from .loading import Scenario, load
from .running import slug
from .scenario.ranges import read_varied
from .study.folder import MANIFEST, check_target, versions, whole_folder
from .study.spreadsheets import write_csv
from .study.store import Finished, Store
from .study.sweep import read_sweep, write_sweep
from .sweep_plan import Plan, Progress, make_plan, play_plan, read_each
from .unfinished import check_ours, claim, kept, noted, partial_of
from .workers import cluster, cores, processes, warm

NOTE = "sweep.json"


@dataclass(frozen=True, kw_only=True)
class PlayOptions:
    """What the command line asks for of a plan of runs, beside the scenario. noun: what messages call the whole.
    suffix: of the folder's usual name."""

    noun: ClassVar[str] = "sweep"
    suffix: ClassVar[str] = "sweep"
    allocations: tuple[str, ...] = ()
    seed: int | None = None
    workers: int | None = None
    cluster: str | None = None
    resume: bool = False
    csv: bool = False
    folder: Path | None = None
    settings: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def target(self, scenario: Scenario, path: Path) -> Path:
        """The folder of the results. Raises InputError if it holds something else, or nobody knows where to run."""
        if self.cluster and self.workers:
            raise InputError(Problem("--workers and --cluster both say where to run", "leave one of them out"))
        folder = self.folder or Path("runs") / f"{slug(scenario.name) or path.stem}-{self.suffix}"
        check_target(folder)
        return folder


@dataclass(frozen=True, kw_only=True)
class SweepOptions(PlayOptions):
    """What the command line asks for. vary: texts "path=values"."""

    vary: tuple[str, ...]
    replications: int | None = None
    samples: int | None = None


@dataclass(frozen=True)
class Kept:
    """A folder that has been written. replaced: an earlier one."""

    charts: int
    replaced: bool
    seconds: float


Write = Callable[[Path, dict[str, Finished], dict[str, Any]], int]


def run_sweep(path: Path, options: SweepOptions, quiet: bool = False) -> None:
    """Do what `hubnet sweep` does. Raises InputError before anything runs."""
    from .screen.sweep import print_finished, print_sweep
    from .show.sweeps import save_sweep

    scenario, which = load(path, options.settings), read_each(read_varied, options.vary)
    folder = options.target(scenario, path)
    plan = make_plan(scenario, which, options.allocations, options.seed, options.replications, options.samples)
    if options.resume and is_finished(folder, plan):
        print_sweep(read_sweep(folder))
        print_finished(folder)
        return

    def write(draft: Path, done: dict[str, Finished], manifest: dict[str, Any]) -> int:
        table = plan.table(done)
        write_sweep(table, draft, manifest | {"vary": list(options.vary), "samples": options.samples})
        if options.csv:
            write_csv(draft)
        return len(save_sweep(table, draft / "charts"))

    kept = play_kept(plan, scenario, path, folder, options, write, quiet)
    print_sweep(read_sweep(folder))
    print_finished(folder, kept.charts, kept.replaced, kept.seconds)


def play_kept(
    plan: Plan, scenario: Scenario, path: Path, folder: Path, options: PlayOptions, write: Write, quiet: bool
) -> Kept:
    """Play the runs of a plan that are missing, each kept on disk as soon as it is done; then write the folder.

    write: writes tables and charts into a folder, from the finished runs by key and the manifest, and tells how many
    charts there are. Raises InputError before anything runs.
    """
    began, say = time.time(), silent if quiet else tell
    partial = partial_of(folder)
    store = _open(partial, plan, options)
    before, damaged = store.load(plan.tasks)
    _report(plan, len(before), damaged, partial, options.resume, say)
    replaced = folder.exists()
    with kept(partial, lambda: f"{len(store)} finished runs are" if len(store) else ""):
        done = _play(plan, store, before, options, quiet, say)
        manifest = _manifest(scenario, path, options, plan, done, len(before), time.time() - began)
        with whole_folder(folder) as draft:
            say("drawing charts ...")
            charts = write(draft, done, manifest)
    shutil.rmtree(partial)
    return Kept(charts, replaced, time.time() - began)


def _open(partial: Path, plan: Plan, options: PlayOptions) -> Store:
    """The finished runs of the unfinished sweep. Raises InputError rather than lose any that are not asked for."""
    store = Store(partial / "runs")
    check_ours(partial, NOTE, options.noun)
    if (count := len(store)) and not options.resume:
        whose = f"{'this' if noted(partial / NOTE, 'plan_sha256') == plan.sha256 else 'another'} {options.noun}"
        message = f"{partial} has {count} finished runs of {whose}, which was not finished"
        raise InputError(Problem(message, "go on with --resume, or remove that folder, or choose another with -o"))
    note = {"plan_sha256": plan.sha256, "runs": len(plan.tasks), "command": ["hubnet", *options.command]}
    claim(partial, store.folder, NOTE, note)
    return store


def is_finished(folder: Path, plan: Plan) -> bool:
    """Are the results of this very plan in the folder, whole?"""
    return bool(noted(folder / MANIFEST, "plan_sha256") == plan.sha256)


def _report(plan: Plan, before: int, damaged: int, partial: Path, resume: bool, say: Say) -> None:
    """What there is to do, and what is left of before."""
    count = len(plan.tasks)
    say(f"points: {len(plan.points)}, runs: {count}")
    if damaged:
        say(f"{damaged} damaged results in {partial} are run again")
    if before:
        say(f"{before} of the runs are finished already; {count - before} are missing")
    elif resume and not damaged:
        say(f"nothing to resume in {partial}: all runs are to be played")


def _play(
    plan: Plan, store: Store, before: dict[str, Finished], options: PlayOptions, quiet: bool, say: Say
) -> dict[str, Finished]:
    """All runs; each is on disk as soon as it is done."""
    missing = len(plan.tasks) - len(before)
    if not missing:
        return before
    with _place(options, missing, say) as executor:
        warm(plan.routings, say)
        with _progress(len(before), len(plan.tasks), quiet) as progress:
            return play_plan(plan, executor, before, store.save, progress)


def _place(options: PlayOptions, missing: int, say: Say) -> Any:
    """Where the runs are played, as a context of an executor."""
    if options.cluster:
        return cluster(options.cluster, say)
    return processes(min(options.workers or cores(), missing))


def _manifest(
    scenario: Scenario,
    path: Path,
    options: PlayOptions,
    plan: Plan,
    done: dict[str, Finished],
    before: int,
    seconds: float,
) -> dict[str, Any]:
    source = scenario.spec.source
    runs = list(done.values())
    first = next(iter(plan.tasks.values()))
    return {
        "scenario_file": path.name,
        "scenario": source.text if source else "",
        "scenario_sha256": source.sha256 if source else "",
        "settings": list(options.settings),
        "command": ["hubnet", *options.command],
        "seed": first.seed,
        "replications": 1 + max(run.replication for run in plan.runs),
        "allocations": list(dict.fromkeys(run.allocation for run in plan.runs)),
        "points": len(plan.points),
        "runs": len(plan.tasks),
        "resumed_runs": before,
        "plan_sha256": plan.sha256,
        "model_sha256": first.model,
        "gears": sorted({run.gear for run in runs}),
        "events": sum(run.events for run in runs),
        "runs_s": round(sum(run.seconds for run in runs), 3),
        "wall_s": round(seconds, 3),
        "finished_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
    }


@contextmanager
def _progress(before: int, total: int, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal: runs done, runs/s, time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.1f} runs/s" if task.speed else "")

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, completed=before)
        yield lambda done, _: bar.update(task, completed=done)
