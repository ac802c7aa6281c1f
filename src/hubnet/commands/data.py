"""`hubnet data`."""

from __future__ import annotations

from typing import Annotated

import typer

from .completion import nation_names


def data(
    nation: Annotated[
        str | None, typer.Argument(metavar="NAME", autocompletion=nation_names, help="A built-in nation, or a folder.")
    ] = None,
) -> None:
    """List the built-in nations, or show one: hubs, trunks, sources, confidence, weak spots."""
    from ..screen.data import print_nation, print_nations

    if nation is None:
        print_nations()
    else:
        print_nation(nation)
