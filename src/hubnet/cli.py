"""The commands. Tables go to stdout; progress and messages to stderr. Heavy imports wait until a command needs them.

Exit codes: 0 done; 1 failed; 2 bad input; 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .errors import HubnetError, InputError

app = typer.Typer(
    name="hubnet",
    help="Simulate national compute networks: regions, hubs, trunk fibre, and the jobs between them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (YAML).")]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help='Change a setting, such as --set "workload.load=70 %".'),
]


@app.command()
def check(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (YAML).")],
    settings: Setting = None,
) -> None:
    """Say what scenarios mean and would run: every problem, expected jobs, time, memory, and load per pool."""
    from .loading import load
    from .screen.check import print_check

    problems = []
    for path in scenarios:
        try:
            print_check(load(path, settings or []), str(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)


@app.command()
def run(
    scenario: ScenarioFile,
    allocation: Annotated[
        list[str] | None, typer.Option("--allocation", metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    settings: Setting = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random numbers.", min=0)] = None,
    replications: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="Repeat with other random numbers; 2 or more give 95% intervals."),
    ] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="SHARE", help="--replications auto: known within this share [5 %].")
    ] = None,
    most: Annotated[int | None, typer.Option(help="--replications auto: no more than these [50].", min=2)] = None,
    measure: Annotated[
        str | None, typer.Option(metavar="PATH", help="What runs are compared by [response_s.mean].")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="NAME", help="The run that differences are against [the first].")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE.py:NAME",
            help="A built-in policy or one of your own (the file is run as code); repeat it to compare policies.",
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option(metavar="Y", help="Of a scenario with `years`: run this year only [all, by year].")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="For several years: processes [as many as there are cores].", min=1)
    ] = None,
    gear: Annotated[str, typer.Option(help="auto, compiled, python or textbook; all give the same result.")] = "auto",
    records: Annotated[bool, typer.Option("--records", help="Also write jobs.parquet, one row per job.")] = False,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help='Keep finished runs, and the state after each "1 d" or so of simulated time.'
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on from what a stopped run with --checkpoint, or of several years, has kept."
        ),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for results [runs/<scenario>].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no messages.")] = False,
) -> None:
    """Simulate every allocation of a scenario with the same jobs; compare them in a table and in charts."""
    from .running import RunOptions, run_scenario, share, span, whole_or_auto

    options = RunOptions(
        allocations=tuple(allocation or ()),
        seed=seed,
        replications=whole_or_auto("--replications", replications),
        precision=share("--precision", precision),
        most=most,
        measure=measure,
        baseline=baseline,
        policies=tuple(policy or ()),
        gear=gear,
        records=records,
        checkpoint=span("--checkpoint", checkpoint),
        resume=resume,
        folder=output,
        workers=workers,
        settings=(*(settings or ()), *(() if year is None else (f"year={year}",))),
        command=tuple(sys.argv[1:]),
    )
    run_scenario(scenario, options, as_json=as_json, quiet=quiet or as_json)


@app.command()
def sweep(
    scenario: ScenarioFile,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="PATH=VALUES",
            help='A setting and its values: a list, "policy.routing=nearest,random"; a range with units, '
            '"workload.load=40%:90%:10%" or "clock.horizon=1 d:7 d:2 d" (low:high:step); or both. Quotes make one '
            'value of a text with commas or colons; "18:30" is one, a time of day. May be repeated.',
        ),
    ],
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Draw N points as a Latin hypercube, not the full grid: any number of a range low:high, and the "
            "values of lists and of low:high:step equally often.",
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(help="Repeat with other random numbers; 2 or more give 95% intervals.", min=1)
    ] = None,
    allocation: Annotated[
        list[str] | None, typer.Option("--allocation", metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    settings: Setting = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the random numbers; the same at every point.", min=0)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes of this machine [as many as it has cores].", min=1)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the Dask cluster whose scheduler is there.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Run only what an interrupted sweep has not finished.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for results [runs/<scenario>-sweep].")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no messages.")] = False,
) -> None:
    """Simulate a scenario at every combination of some settings, on all cores or a cluster, with the same jobs."""
    from .sweeping import SweepOptions, run_sweep

    options = SweepOptions(
        vary=tuple(vary),
        allocations=tuple(allocation or ()),
        seed=seed,
        replications=replications,
        samples=samples,
        workers=workers,
        cluster=cluster,
        resume=resume,
        folder=output,
        settings=tuple(settings or ()),
        command=tuple(sys.argv[1:]),
    )
    run_sweep(scenario, options, quiet=quiet)


@app.command()
def resilience(
    scenario: ScenarioFile,
    trunks: Annotated[bool, typer.Option("--trunks", help="Cut each trunk [all three kinds of failures].")] = False,
    hubs: Annotated[bool, typer.Option("--hubs", help="Take down each hub; its running jobs are killed.")] = False,
    types: Annotated[bool, typer.Option("--types", help="Lose each type of device, wherever it stands.")] = False,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help='When, such as "12 h" [the middle of what is measured].')
    ] = None,
    lasting: Annotated[str | None, typer.Option(metavar="TIME", help='How long, such as "6 h" [to the end].')] = None,
    allocation: Annotated[
        list[str] | None, typer.Option("--allocation", metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    settings: Setting = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random numbers.", min=0)] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes of this machine [as many as it has cores].", min=1)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the Dask cluster whose scheduler is there.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Run only what an interrupted command has not finished.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder for results [runs/<scenario>-resilience]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no messages.")] = False,
) -> None:
    """Cut every trunk and take down every hub, one by one, with the same jobs; rank them by the harm that they do."""
    from .resilience_run import ResilienceOptions, run_resilience

    options = ResilienceOptions(
        kinds=tuple(kind for kind, asked in (("trunk", trunks), ("hub", hubs), ("type", types)) if asked),
        at=at,
        lasting=lasting,
        allocations=tuple(allocation or ()),
        seed=seed,
        workers=workers,
        cluster=cluster,
        resume=resume,
        folder=output,
        settings=tuple(settings or ()),
        command=tuple(sys.argv[1:]),
    )
    run_resilience(scenario, options, as_json=as_json, quiet=quiet)


@app.command()
def data(
    nation: Annotated[str | None, typer.Argument(metavar="NAME", help="A built-in nation, or a folder.")] = None,
) -> None:
    """List the built-in nations, or show one: hubs, trunks, sources, confidence, weak spots."""
    from .screen.data import print_nation, print_nations

    if nation is None:
        print_nations()
    else:
        print_nation(nation)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the scenario file, for editors."""
    import json

    from .scenario.reference import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        from . import __version__

        typer.echo(f"hubnet {__version__}")
        raise typer.Exit


def main() -> None:
    """The `hubnet` command: errors that hubnet knows become messages, never tracebacks."""
    try:
        app()
    except InputError as error:
        _say(error)
        sys.exit(2)
    except HubnetError as error:
        _say(f"hubnet: {error}")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _say(error: object) -> None:
    typer.echo(str(error), err=True)
