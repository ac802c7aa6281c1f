"""`hubnet new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as my-country.yaml.")],
) -> None:
    """Write a small commented scenario to start from."""
    from ..screen.next import say_next
    from ..starting import write_starter

    write_starter(file)
    typer.echo(f"{file}: two regions, two hubs and their trunks, with comments")
    say_next("check", file)
