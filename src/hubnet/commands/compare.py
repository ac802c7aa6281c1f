"""`hubnet compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Finished folders of `hubnet run`.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Also draw the comparison: .png, .svg, .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON, and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="The tables only.")] = False,
) -> None:
    """Show finished folders side by side, and in what they differ."""
    from ..comparing import compare_folders

    compare_folders(folders, output, as_json, quiet)
