"""`hubnet report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, Problem


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A finished folder of `hubnet run`.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The HTML file [DIR/report.html].")
    ] = None,
) -> None:
    """Write a finished run as one HTML file, with a replay on the map, for those who do not run hubnet."""
    from ..opening import open_study
    from ..show.report.page import write_page

    target = output or folder / "report.html"
    study = open_study(folder)
    try:
        write_page(study, target)
    except OSError as error:
        raise InputError(Problem(f"cannot write {target}: {error.strerror}", "choose another file with -o")) from error
    typer.echo(f"{target}  ({target.stat().st_size / 1e6:.1f} MB; it opens in any browser, and needs no network)")
