"""`hubnet check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from .options import Setting


def check(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (YAML).")],
    settings: Setting = None,
) -> None:
    """Say what scenarios mean and would run: every problem, expected jobs, time, memory, and load per pool."""
    from ..loading import load
    from ..screen.check import print_check
    from ..screen.next import say_next

    problems = []
    for path in scenarios:
        try:
            print_check(load(path, settings or []), str(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    for path in scenarios:
        say_next("run", path, *(word for setting in settings or () for word in ("--set", setting)))
