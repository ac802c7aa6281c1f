"""What a shell offers at the Tab key: names of nations, allocations, policies and charts.

Shells may read what is offered as code of theirs, so only names of plain words are. A file with mistakes offers none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

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

    return _offered(_tried(lambda: load(ctx.params["scenario"]).allocations), incomplete)


def folder_allocations(ctx: Any, incomplete: str) -> list[str]:
    """The allocations in the finished folder that is named before."""
    from ..opening import manifest_of

    return _offered(_tried(lambda: manifest_of(Path(ctx.params["folder"]))["allocations"]), incomplete)


def chart_names(ctx: Any, incomplete: str) -> list[str]:
    """The charts that there are of the finished folder that is named before."""
    from ..drawing import charts_in

    names = _tried(lambda: dict.fromkeys(chart.name for chart in charts_in(Path(ctx.params["folder"]))))
    return _offered(names, incomplete)


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete) and PLAIN.fullmatch(name)]


def _tried(names: Callable[[], Iterable[str]]) -> list[str]:
    from ..errors import HubnetError

    try:
        return list(names())
    except (HubnetError, OSError, KeyError, TypeError, ValueError):
        return []
