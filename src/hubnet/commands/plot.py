"""`hubnet plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plot(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A finished folder of `hubnet run`.")],
    charts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHART]...",
            help="utilization, heat, demand, latency, widths, map, trunks, trunks-over-time, incidents, accounts, "
            "compare [all].",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE|DIR", help="A .png, .svg or .pdf for one chart; or a folder."),
    ] = None,
) -> None:
    """Draw charts of a finished run again, as PNG, SVG or PDF."""
    from ..drawing import draw

    for path in draw(folder, charts or (), output):
        typer.echo(str(path))
