"""Two gears of one source: plain Python, and the same functions in machine code.

The router is passed to the kernel by pointer, so one compiled kernel, cached on disk, serves all policies. The
cache folder is the user's own and is named by the kernel's sources, because numba does not notice edits in other
files than the one that it compiles.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.errors import NumbaError, UnsupportedBytecodeError

from ..errors import PolicyError, Problem
from . import (
    calendar,
    decisions,
    disciplines,
    flows,
    hints,
    hours,
    incidents,
    jit,
    kernel,
    preemption,
    queues,
    routers,
    sharing,
    slots,
    tally,
    transfers,
    world,
)
from .arrays import new_machine, new_world
from .jit import compile_cost, compile_kernel, compile_loop, compile_router
from .policy import Router, frozen_values
from .routers import BUILT_IN
from .world import LINK, PAIR, POOL, ROW

Message = Callable[[str], None]
UNCOMPILABLE = (NumbaError, UnsupportedBytecodeError, NotImplementedError)
LOOP = (calendar, flows, sharing, slots, queues, preemption, disciplines, transfers, incidents, kernel)
PARTS = (jit, hints, world, decisions, hours, routers, *LOOP, tally)


def cache_folder() -> Path:
    """Where compiled code is kept between runs: HUBNET_CACHE, or `hubnet` in the user's cache folder."""
    root = os.environ.get("HUBNET_CACHE")
    home = Path(root) if root else Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "hubnet"
    source = sha256(b"".join(Path(str(part.__file__)).read_bytes() for part in PARTS)).hexdigest()[:12]
    folder = home / f"kernel-{source}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"hubnet-{os.getuid()}-{source}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != os.getuid():  # somebody else's code must not be loaded
            folder = Path(tempfile.mkdtemp(prefix="hubnet-"))
    return folder


@contextmanager
def numba_cache_in(folder: Path) -> Iterator[None]:
    """Let numba keep what is compiled inside this block in `folder`, and leave its settings as they were."""
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]


@cache
def signatures() -> tuple[Any, Any]:
    """numba's types of a router and of `advance`."""
    shape = np.zeros((1, 1), PAIR)
    parts = new_world(np.zeros(1, POOL), shape, np.zeros((1, 1), np.bool_), 1, 1)
    machine = new_machine(np.zeros(1, LINK), np.zeros(1, np.int64), shape, 1, 1, False, 1)
    world_type, machine_type = numba.typeof(parts), numba.typeof(machine)
    route = numba.int64(numba.int64, numba.float64, world_type)
    play = numba.int64(world_type, machine_type, numba.float64, numba.types.FunctionType(route))
    return route, play


@cache
def compiled_kernel() -> Any:
    """`advance` in machine code, from the cache if it has been compiled before."""
    _, signature = signatures()
    with numba_cache_in(cache_folder()):
        return compile_kernel(kernel.advance, signature)


Loops = namedtuple("Loops", "take_in reach measures add_up")


@cache
def loops() -> Loops:
    """The loops of the meters in machine code: see `tally`."""
    rows, real = numba.typeof(np.zeros(1, ROW)), numba.float64
    line, table, whole = real[::1], real[:, ::1], numba.int64[:, ::1]
    deep = numba.int64[:, :, ::1]
    demand = numba.types.NamedTuple((whole, table, table, whole), tally.Demand)
    counts = numba.types.NamedTuple((*(whole,) * 6, deep, deep, table, table, deep, table, table), tally.Counts)
    sums = numba.types.NamedTuple((table, table, line, line, table, table, table, table, line), tally.Sums)
    take_in = rows, *(real,) * 4, table, demand, counts, sums, line, numba.int64[::1]
    with numba_cache_in(cache_folder()):
        return Loops(
            compile_loop(tally.take_in, numba.void(*take_in)),
            compile_loop(tally.reach, real(rows, real)),
            compile_loop(tally.measures, numba.void(rows, table)),
            compile_loop(tally.add_up, numba.void(rows, real, numba.int64[::1], line, line, table, table, table)),
        )


_routers: dict[Any, Any] = {}


def compiled_router(router: Router) -> Any:
    """The router in machine code; compiled anew when a value that it has frozen has changed."""
    key = (router.choose, router.source, frozen_values(router))
    if key not in _routers:
        signature, _ = signatures()
        built_in = router.choose in BUILT_IN.values()
        with numba_cache_in(cache_folder()):
            choose = router.among(compile_cost(router.source)) if router.among else router.choose
            _routers[key] = compile_router(choose, signature, cache=built_in)
    return _routers[key]


def gears(router: Router, gear: str, say: Message = lambda text: None) -> tuple[str, Any, Any]:
    """The gear's name, `advance` and the router's function in that gear.

    gear: "compiled", "python" or "auto" (compiled, unless the router cannot be). `say` is told about what takes
    time, and about a router that runs slower than it might.
    """
    if gear == "python":
        return "python", kernel.advance, router.choose
    if not compiled_kernel.cache_info().currsize and not any(cache_folder().rglob("*.nbc")):
        say(
            "Compiling the simulation kernel, once: up to a minute. The result is kept between runs (HUBNET_CACHE says "
            "where), so later ones start at once."
        )
    play = compiled_kernel()
    try:
        return "compiled", play, compiled_router(router)
    except UNCOMPILABLE as error:
        if gear == "compiled":
            message = f"{router.name} does not compile: {_first_line(error)}"
            raise PolicyError(Problem(message, "use --gear auto or python, or write it with plain loops")) from error
        say(
            f"{router.name} does not compile ({_first_line(error)}), so this run uses the Python gear: "
            "same result, about 50 times slower."
        )
        return "python", kernel.advance, router.choose


def _first_line(error: Exception) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Failed in", "-", "During"))]
    return (useful or lines or ["unknown reason"])[0][:120]
