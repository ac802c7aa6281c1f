"""`hubnet job`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def job(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A finished folder of `hubnet run --records`.")],
    number: Annotated[int, typer.Argument(metavar="ID", help="The job's number.")],
    allocation: Annotated[str | None, typer.Option(help="Of which allocation [the first].")] = None,
    replication: Annotated[int, typer.Option(help="Of which replication.", min=1)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the story as JSON, and nothing else.")] = False,
) -> None:
    """Tell one job's story: the pools that it could choose from, the times of every stage, why it waited."""
    from ..screen.job import print_story
    from ..story import job_story
    from ..study.folder import as_json as to_json

    story = job_story(folder, number, allocation, replication - 1)
    if as_json:
        typer.echo(to_json(story.plain()), nl=False)
    else:
        print_story(story)
