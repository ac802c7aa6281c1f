"""`hubnet sweep`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Allocations, ScenarioFile, Setting, WithCsv


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
    allocation: Allocations = None,
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
    csv: WithCsv = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for results [runs/<scenario>-sweep].")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no messages.")] = False,
) -> None:
    """Simulate a scenario at every combination of some settings, on all cores or a cluster, with the same jobs."""
    from ..sweeping import SweepOptions, run_sweep

    options = SweepOptions(
        vary=tuple(vary),
        allocations=tuple(allocation or ()),
        seed=seed,
        replications=replications,
        samples=samples,
        workers=workers,
        cluster=cluster,
        resume=resume,
        csv=csv,
        folder=output,
        settings=tuple(settings or ()),
        command=tuple(sys.argv[1:]),
    )
    run_sweep(scenario, options, quiet=quiet)
