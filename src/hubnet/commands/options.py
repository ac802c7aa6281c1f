"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .completion import scenario_allocations

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (YAML).")]
FinishedFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A finished folder, such as one in runs/.")]
Allocations = Annotated[
    list[str] | None,
    typer.Option(
        "--allocation", metavar="NAME", autocompletion=scenario_allocations, help="Only this one; may be repeated."
    ),
]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help='Change a setting, such as --set "workload.load=70 %".'),
]
WithCsv = Annotated[bool, typer.Option("--csv", help="Also write every table as CSV, for spreadsheets.")]
