"""`hubnet run`: simulate, write the folder, draw the charts, print the comparison."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from .engine.policy import Router, find_router
from .engine.routers import BUILT_IN
from .errors import InputError, PolicyError, Problem
from .front import GEARS, silent, study, tell
from .loading import Scenario, load
from .plan import AUTO
from .study.folder import JOBS, SUMMARY, check_target, versions, whole_folder, write_study
from .study.folder import as_json as to_json
from .study.records import JobsFile
from .study.spreadsheets import write_csv
from .text import plain
from .unfinished import kept, partial_of

Progress = Callable[[str, int, float, int], None]


@dataclass(frozen=True)
class RunOptions:
    """What the command line asks for, beside the scenario. checkpoint: s of simulated time between two states."""

    allocations: tuple[str, ...] = ()
    seed: int | None = None
    replications: int | str | None = None
    precision: float | None = None
    most: int | None = None
    measure: str | None = None
    baseline: str | None = None
    policies: tuple[str, ...] = ()
    gear: str = "auto"
    records: bool = False
    csv: bool = False
    checkpoint: float | None = None
    resume: bool = False
    folder: Path | None = None
    workers: int | None = None
    settings: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


def run_scenario(path: Path, options: RunOptions, as_json: bool = False, quiet: bool = False) -> None:
    """Do what `hubnet run` does. Raises InputError before anything is written."""
    scenario = load(path, options.settings)
    if scenario.spec.years is not None and scenario.spec.year is None:
        from .yearly import run_years

        run_years(path, scenario, options, as_json, quiet)
        return
    try:
        _run_allocations(path, scenario, options, as_json, quiet)
    except KeyboardInterrupt:
        if options.checkpoint is None and not options.resume:
            tell("Interrupted: nothing was written.")
        raise


def _run_allocations(path: Path, scenario: Scenario, options: RunOptions, as_json: bool, quiet: bool) -> None:
    from .resume import STUDY, Identity, identity, is_finished, open_keeper
    from .screen.check import warnings_before
    from .screen.next import after_run
    from .screen.run import print_place, print_study

    trace = _trace_file(scenario)  # before the run: the file as it was read
    _check_options(scenario, options)
    routers = [_load_policy(policy) for policy in options.policies] or [find_router(scenario.spec.policy.routing)]
    folder = options.folder or Path("runs") / (slug(scenario.name) or path.stem)
    check_target(folder)
    replaced, began = folder.exists(), time.time()
    keeps = options.checkpoint is not None or options.resume
    who = identity(scenario, options) if keeps else Identity({}, "")
    if options.resume and is_finished(folder, who):
        _print_finished(folder, as_json)
        return
    keeper = open_keeper(folder, who, options, silent if quiet else tell) if keeps else None
    if not quiet:
        names = options.allocations or scenario.allocations
        for warning in dict.fromkeys(w for router in routers for w in warnings_before(scenario, router, names)):
            tell(f"warning: {warning}")
    with ExitStack() as stack:
        jobs_file = None
        if keeper:
            stack.enter_context(kept(partial_of(folder), keeper.words))
        else:
            draft = stack.enter_context(whole_folder(folder))
            jobs_file = JobsFile(draft / JOBS) if options.records else None
        with _progress(scenario, options, quiet) as (progress, say):
            result = study(
                scenario,
                replications=options.replications,
                allocations=options.allocations or None,
                policies=routers,
                baseline=options.baseline,
                measure=options.measure,
                precision=options.precision,
                most=options.most,
                seed=options.seed,
                gear=options.gear,
                sink=jobs_file.sink if jobs_file else keeper.sink if keeper and options.records else None,
                progress=progress,
                say=say,
                player=keeper.player if keeper else None,
            )
        if keeper:
            draft = stack.enter_context(whole_folder(folder))
            if options.records:
                keeper.join(draft / JOBS)
        elif jobs_file:
            jobs_file.close()
        manifest = _manifest(scenario, path, options, routers, time.time() - began, result)
        write_study(result, draft, manifest | trace | ({STUDY: who.study} if keeper else {}))
        if options.csv:
            write_csv(draft)
        if not as_json:
            print_study(result, _about(scenario, routers, result.replications))
        if not quiet:
            print("drawing charts ...", file=sys.stderr)
        from . import show  # not before: matplotlib takes a third of a second, and the run need not wait for it

        (draft / "charts").mkdir()
        charts = show.save_all(result, draft / "charts")
    if keeper:
        shutil.rmtree(partial_of(folder))
    if as_json:
        sys.stdout.write(to_json(result.summary()))
    else:
        print_place(result, folder, len(charts), replaced, time.time() - began)
        if not quiet:
            after_run(path, folder, result.replications)


def _print_finished(folder: Path, as_json: bool) -> None:
    """What there is to say of a run that is finished already."""
    if as_json:
        sys.stdout.write((folder / SUMMARY).read_text())
    else:
        print(f"nothing was missing: {folder} is finished")


def _about(scenario: Scenario, routers: Sequence[Router], replications: int) -> str:
    """The settings that a reader of the table must know."""
    from .screen.equalised import equalised_words

    spec = scenario.spec
    parts = [
        f"routing {' or '.join(router.name for router in routers)}",
        f"sharing {spec.fibre.sharing}",
        f"scale {spec.scale:g}",
        f"{replications} replication" + ("s" if replications > 1 else ""),
        *equalised_words(scenario),
    ]
    return ", ".join(parts)


def _check_options(scenario: Scenario, options: RunOptions) -> None:
    problems = []
    if options.workers:
        problems.append(Problem("--workers is for a scenario with `years`, run in all of them", "leave it out"))
    for name in options.allocations:
        if name not in scenario.allocations:
            known = ", ".join(scenario.allocations)
            problems.append(Problem(f"--allocation: the scenario has no allocation {name!r}", f"it has: {known}"))
    if options.gear not in GEARS:
        problems.append(Problem(f"--gear: there is no gear {options.gear!r}", f"choose one of {', '.join(GEARS)}"))
    if options.gear == "textbook" and (options.checkpoint is not None or options.resume):
        message = "--checkpoint: a run of the textbook gear cannot be saved, because its jobs are processes"
        problems.append(Problem(message, "choose another gear: all give the same result"))
    if problems:
        raise InputError(problems)


def whole_or_auto(option: str, given: str | None) -> int | str | None:
    """A number of at least 1, or "auto". Raises InputError."""
    if given is None or given == AUTO:
        return given
    if not re.fullmatch(r"\s*\d{1,9}\s*", given) or int(given) < 1:
        raise InputError(Problem(f"{option}: {given!r} is not a whole number of at least 1", f'or write "{AUTO}"'))
    return int(given)


def share(option: str, given: str | None) -> float | None:
    """A share such as "2 %". Raises InputError."""
    from .scenario.units import Kind

    return _read(Kind("a share", "", ("2 %", "0.02"), above=True, high=1.0, below=True), option, given)


def span(option: str, given: str | None) -> float | None:
    """A time such as "1 d", s. Raises InputError."""
    from .scenario.units import DurationKind

    return _read(DurationKind("a time between two states", "s", ("1 d", "6 h"), above=True), option, given)


def _read(kind: Any, option: str, given: str | None) -> float | None:
    if given is None:
        return None
    try:
        return float(kind.read(given))
    except PydanticCustomError as error:
        context = error.context or {}
        raise InputError(Problem(f"{option}: {context.get('message')}", context.get("hint", ""))) from error


def _load_policy(place: str) -> Router:
    """A built-in policy, or the router in `FILE.py:NAME`. The file is run: it comes from the command line, never from
    a scenario."""
    if place in BUILT_IN:
        return find_router(place)
    file, _, name = place.rpartition(":")
    if not file or not name:
        hint = f"write for example my_policy.py:greenest; built in are {', '.join(BUILT_IN)}"
        raise PolicyError(Problem(f"--policy: {place!r} is not FILE.py:NAME", hint))
    if not Path(file).is_file():
        raise PolicyError(Problem(f"--policy: there is no file {file!r}"))
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    if spec is None or spec.loader is None:
        raise PolicyError(Problem(f"--policy: {file!r} is not a Python file", "its name must end in .py"))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the user's own code raises
        raise PolicyError(Problem(f"--policy: {file} fails: {type(error).__name__}: {error}")) from error
    found = getattr(module, name, None)
    if not isinstance(found, Router):
        known = ", ".join(key for key, value in vars(module).items() if isinstance(value, Router)) or "none"
        raise PolicyError(
            Problem(
                f"--policy: {file} has no policy {name!r}",
                f"put @hubnet.policy or @hubnet.router above a function; policies in the file: {known}",
            )
        )
    return found


def slug(name: str) -> str:
    """A name as a folder: lower case letters, digits and hyphens."""
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:80]


def _trace_file(scenario: Scenario) -> dict[str, str]:
    """What the manifest says of the file of a trace: its name and hash. Nothing without a trace."""
    file = scenario.trace_file()
    if file is None:
        return {}
    with file.open("rb") as opened:
        return {"trace_file": file.name, "trace_sha256": file_digest(opened, "sha256").hexdigest()}


def _manifest(
    scenario: Scenario, path: Path, options: RunOptions, routers: Sequence[Router], seconds: float, result: Any
) -> dict[str, Any]:
    source = scenario.spec.source
    text = source.text if source else ""
    first = next(iter(result.results.values()))[0]
    manifest = {
        "scenario_file": path.name,
        "scenario": text,
        "scenario_sha256": sha256(text.encode()).hexdigest(),
        "settings": list(options.settings),
        "command": ["hubnet", *options.command],
        "seed": result.seed,
        "replications": result.replications,
        "allocations": list(result.results),
        "policy": ", ".join(router.name for router in routers),
        "gear": first.gear,
        "events": sum(run.events for runs in result.results.values() for run in runs),
        "wall_s": round(seconds, 3),
        "finished_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
    }
    files = [Path(policy.rpartition(":")[0]) for policy in options.policies if policy not in BUILT_IN]
    if files:
        manifest["policy_sha256"] = ", ".join(sha256(file.read_bytes()).hexdigest() for file in files)
    return manifest


@contextmanager
def _progress(
    scenario: Scenario, options: RunOptions, quiet: bool
) -> Iterator[tuple[Progress | None, Callable[[str], None]]]:
    """A bar per run on a terminal: simulated time, jobs/s, time left. And where messages go."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    if quiet:
        yield None, lambda text: None
        return
    console = Console(stderr=True)
    say = lambda text: console.print(plain(text), style="dim", highlight=False, markup=False, soft_wrap=True)  # noqa: E731
    if not console.is_terminal:
        yield None, say
        return
    days = scenario.spec.clock.horizon / 86400
    many = (options.replications or scenario.spec.replications) != 1
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[day]:6.2f} of {task.fields[days]:.4g} d"),
        TextColumn("{task.fields[rate]:>10,.0f} jobs/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        tasks: dict[tuple[str, int], tuple[Any, float]] = {}

        def report(name: str, replication: int, now: float, left: int) -> None:
            key = name, replication
            if key not in tasks:
                title = f"{name} {replication + 1}" if many else name
                tasks[key] = bar.add_task(title, total=days, day=0.0, days=days, rate=0.0), time.monotonic()
            task, began = tasks[key]
            rate = left / max(time.monotonic() - began, 1e-3)
            bar.update(task, completed=now / 86400, day=now / 86400, rate=rate)

        yield report, say
