"""`hubnet plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .completion import chart_names, folder_allocations
from .options import FinishedFolder


def plot(
    folder: FinishedFolder,
    charts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHART]...",
            autocompletion=chart_names,
            help="Of a run: utilization, heat, demand, latency, widths, map, trunks, trunks-over-time, incidents, "
            "accounts, nations, compare. Of a sweep: lines, heat, tornado. Of years: lines, promises. Of single "
            "failures: failures, critical. [all]",
        ),
    ] = None,
    allocation: Annotated[
        list[str] | None,
        typer.Option(
            "--allocation", metavar="NAME", autocompletion=folder_allocations, help="Only this one; may be repeated."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR", help="A .png, .svg or .pdf for one chart; or a folder [DIR/charts]."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the names of the files.")] = False,
) -> None:
    """Draw charts of a finished folder again, as PNG, SVG or PDF."""
    from ..drawing import draw
    from ..opening import RUN, kind_of
    from ..screen.next import say_next

    for path in draw(folder, charts or (), allocation or (), output):
        typer.echo(str(path))
    if not quiet and kind_of(folder) == RUN:
        say_next("compare", folder, "DIR")
