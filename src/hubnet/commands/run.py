"""`hubnet run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .completion import policy_names
from .options import Allocations, ScenarioFile, Setting, WithCsv


def run(
    scenario: ScenarioFile,
    allocation: Allocations = None,
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
        str | None,
        typer.Option(
            metavar="NAME",
            help="What runs are compared by: a title in the table, or a path in the summary [response_s.mean; of "
            "nations electricity per EFLOP-hour].",
        ),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="NAME", help="The run that differences are against [the first].")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE.py:NAME",
            autocompletion=policy_names,
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
    csv: WithCsv = False,
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
    from ..running import RunOptions, run_scenario, share, span, whole_or_auto

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
        csv=csv,
        checkpoint=span("--checkpoint", checkpoint),
        resume=resume,
        folder=output,
        workers=workers,
        settings=(*(settings or ()), *(() if year is None else (f"year={year}",))),
        command=tuple(sys.argv[1:]),
    )
    run_scenario(scenario, options, as_json=as_json, quiet=quiet or as_json)
