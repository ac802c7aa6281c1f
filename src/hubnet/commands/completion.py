"""What a shell offers at the Tab key: names of nations, allocations, policies and charts.

Shells may read what is offered as code of theirs, so only names of plain words are. A file with mistakes offers none.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

LINES = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")  # where shells say what has been typed
PLAIN = re.compile(r"[\w.+@%][\w.+@%-]*")


def nation_names(incomplete: str) -> list[str]:
    """The built-in nations."""
    from ..network.nation import builtin_nations

    return _offered(builtin_nations(), incomplete)


def policy_names(incomplete: str) -> list[str]:
    """The built-in policies."""
    from ..engine.routers import BUILT_IN

    return _offered(BUILT_IN, incomplete)


def scenario_allocations(ctx: Any, incomplete: str) -> list[str]:
    """The allocations of the scenario that is named before."""
    from ..loading import load

    return _offered(_tried(lambda: load(_named(ctx, "scenario", Path.is_file)).allocations), incomplete)


def folder_allocations(ctx: Any, incomplete: str) -> list[str]:
    """The allocations in the finished folder that is named before."""
    from ..opening import manifest_of

    names = _tried(lambda: manifest_of(_named(ctx, "folder", Path.is_dir))["allocations"])
    return _offered(names, incomplete)


def chart_names(ctx: Any, incomplete: str) -> list[str]:
    """The charts that there are of the finished folder that is named before."""
    from ..drawing import charts_in

    names = _tried(lambda: dict.fromkeys(chart.name for chart in charts_in(_named(ctx, "folder", Path.is_dir))))
    return _offered(names, incomplete)


def _named(ctx: Any, argument: str, fits: Callable[[Path], bool]) -> Path:
    """The file or folder that the line names. Where an option still lacks its value the parser has given up, and it is
    the first word that is one."""
    if given := ctx.params.get(argument):
        return Path(given)
    words = next((line for name in LINES if (line := os.environ.get(name))), "")
    return next((path for word in shlex.split(words)[2:] if fits(path := Path(word).expanduser())), Path())


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete) and PLAIN.fullmatch(name)]


def _tried(names: Callable[[], Iterable[str]]) -> list[str]:
    from ..errors import HubnetError

    try:
        return list(names())
    except (HubnetError, OSError, KeyError, TypeError, ValueError):
        return []
