"""`hubnet resilience`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Allocations, ScenarioFile, Setting, WithCsv


def resilience(
    scenario: ScenarioFile,
    trunks: Annotated[bool, typer.Option("--trunks", help="Cut each trunk [all three kinds of failures].")] = False,
    hubs: Annotated[bool, typer.Option("--hubs", help="Take down each hub; its running jobs are killed.")] = False,
    types: Annotated[bool, typer.Option("--types", help="Lose each type of device, wherever it stands.")] = False,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help='When, such as "12 h" [the middle of what is measured].')
    ] = None,
    lasting: Annotated[str | None, typer.Option(metavar="TIME", help='How long, such as "6 h" [to the end].')] = None,
    allocation: Allocations = None,
    settings: Setting = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random numbers.", min=0)] = None,
    replications: Annotated[
        int,
        typer.Option(help="Repeat with other random numbers; with 2 or more the ranks say how sure they are.", min=1),
    ] = 1,
    workers: Annotated[
        int | None, typer.Option(help="Processes of this machine [as many as it has cores].", min=1)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the Dask cluster whose scheduler is there.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Run only what an interrupted command has not finished.")
    ] = False,
    csv: WithCsv = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder for results [runs/<scenario>-resilience]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no messages.")] = False,
) -> None:
    """Cut every trunk and take down every hub, one by one, with the same jobs; rank them by the harm that they do."""
    from ..resilience_run import ResilienceOptions, run_resilience

    options = ResilienceOptions(
        kinds=tuple(kind for kind, asked in (("trunk", trunks), ("hub", hubs), ("type", types)) if asked),
        at=at,
        lasting=lasting,
        allocations=tuple(allocation or ()),
        seed=seed,
        replications=replications,
        workers=workers,
        cluster=cluster,
        resume=resume,
        csv=csv,
        folder=output,
        settings=tuple(settings or ()),
        command=tuple(sys.argv[1:]),
    )
    run_resilience(scenario, options, as_json=as_json, quiet=quiet)
