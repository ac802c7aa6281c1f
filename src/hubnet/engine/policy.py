"""Policies of one's own: a small function with a decorator.

`@policy` makes a cost into a policy: the eligible pool of least cost is chosen; inf forbids a pool, and a job whose
every pool is forbidden is rejected. With `hold=True` the cost is asked for later hours too, and a job with slack is
held until the best of them. `@router` is the full form: it returns the pool itself, or -1 to reject, may call `hold`,
and may keep `memory` numbers of its own in `world.memory`.
"""

from __future__ import annotations

import builtins
import dis
import functools
import types
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, overload

import numpy as np

from ..errors import PolicyError, Problem
from ..workload.jobs import NONE
from .decisions import eligible
from .hours import HOUR, HOURS, hold, latest_release, next_hour
from .routers import BUILT_IN, better

Cost = Callable[[int, int, float, Any], float]
Route = Callable[[int, float, Any], int]


class Router:
    """A rule that chooses pools.

    choose: function (job, now, world) -> pool or -1. memory: how many float64 numbers of its own it keeps in
    `world.memory`, all 0 at the start. source: the user's function, for messages. among: if that is a cost, what makes
    `choose` of it.
    """

    def __init__(
        self,
        choose: Route,
        name: str,
        memory: int = 0,
        source: Callable[..., Any] | None = None,
        among: Callable[[Cost], Route] | None = None,
    ) -> None:
        self.choose, self.name, self.memory = choose, name, memory
        self.source, self.among = source or choose, among
        functools.update_wrapper(self, self.source)

    @property
    def is_cost(self) -> bool:
        """Was it made from a cost, by `policy`?"""
        return self.among is not None

    def __call__(self, *args: Any) -> Any:
        """The user's own function, called as it was written."""
        return self.source(*args)

    def __repr__(self) -> str:
        return f"<hubnet router {self.name}>"


@overload
def policy(cost: Cost) -> Router: ...
@overload
def policy(*, hold: bool = False) -> Callable[[Cost], Router]: ...
def policy(cost: Cost | None = None, *, hold: bool = False) -> Router | Callable[[Cost], Router]:
    """Make a cost into a policy.

    cost(job, pool, now, world) -> float, in any unit, smaller is better; inf forbids the pool. It must be pure:
    the same arguments and world give the same number, and nothing is changed.

    hold: ask for the cost at this moment and at each later full hour, as `now`, to which the slack of the job's class
    allows it to be held (for a week at most); the job is released to the best pool in the best hour, the earliest of
    equals.

    >>> @policy
    ... def least_busy(job, pool, now, world):
    ...     return world.pools.busy[pool] / max(world.pools.devices[pool], 1)
    """
    if cost is None:
        return lambda function: _of_cost(function, cheapest_time if hold else cheapest)
    return _of_cost(cost, cheapest)


def _of_cost(cost: Cost, among: Callable[[Cost], Route]) -> Router:
    return Router(among(_plain(cost)), _name_of(cost), source=cost, among=among)


def cheapest(cost: Cost) -> Route:
    """The router that takes the eligible pool of least cost, the first of equals."""

    def choose(job: int, now: float, world: Any) -> int:
        best, least = NONE, np.inf
        for pool in range(len(world.pools)):
            if eligible(job, pool, world):
                value = cost(job, pool, now, world)
                if value < least:
                    best, least = pool, value
        return best

    return choose


def cheapest_time(cost: Cost) -> Route:
    """The router that takes the pool and the release of least cost: the earliest, then the first of equals."""

    def choose(job: int, now: float, world: Any) -> int:
        best, release, least = NONE, now, np.inf
        at, last = now, min(latest_release(job, now, world), now + HOURS * HOUR)
        while at <= last:
            for pool in range(len(world.pools)):
                if eligible(job, pool, world):
                    value = cost(job, pool, at, world)
                    if better(value, least):
                        best, release, least = pool, at, value
            at = next_hour(at, world)
        if release > now:
            hold(job, release, world)
        return best

    return choose


@overload
def router(choose: Route) -> Router: ...
@overload
def router(*, memory: int = 0) -> Callable[[Route], Router]: ...
def router(choose: Route | None = None, *, memory: int = 0) -> Router | Callable[[Route], Router]:
    """Make a function (job, now, world) -> pool into a router; `hubnet.eligible` says which pools it may return.

    It may hold the job in its region: `hubnet.hold(job, release, world)`, until `hubnet.latest_release` at most.

    >>> @router(memory=1)
    ... def round_robin(job, now, world):
    ...     for step in range(len(world.pools)):
    ...         pool = (int(world.memory[0]) + step) % len(world.pools)
    ...         if eligible(job, pool, world):
    ...             world.memory[0] = pool + 1
    ...             return pool
    ...     return -1
    """
    if choose is not None:
        return Router(_plain(choose), _name_of(choose), memory)
    return lambda function: Router(_plain(function), _name_of(function), memory)


def find_router(rule: Router | str) -> Router:
    """The router that a name or a decorated function stands for."""
    if isinstance(rule, Router):
        return rule
    if isinstance(rule, str) and rule in BUILT_IN:
        return Router(BUILT_IN[rule], rule)
    known = ", ".join(BUILT_IN)
    raise PolicyError(
        Problem(
            f"{getattr(rule, '__name__', repr(rule))} is not a policy",
            hint=f"use one of {known}, or a function under @hubnet.policy",
        )
    )


def captured(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Names and values from outside that the function's code uses: its globals and its closure.

    Functions of the user's own module are followed, because numba compiles them in.
    """
    seen: set[int] = set()
    todo = [function]
    while todo:
        code_owner = todo.pop()
        if id(code_owner) in seen or not isinstance(code_owner, types.FunctionType):
            continue
        seen.add(id(code_owner))
        closure = dict(
            zip(
                code_owner.__code__.co_freevars,
                (c.cell_contents for c in code_owner.__closure__ or ()),
                strict=True,
            )
        )
        for name in (*code_owner.__code__.co_names, *code_owner.__code__.co_freevars):
            value = closure.get(name, code_owner.__globals__.get(name, builtins))
            if isinstance(value, types.FunctionType):
                if not value.__module__.startswith("hubnet."):
                    todo.append(value)
            elif isinstance(value, types.ModuleType):
                for attribute in code_owner.__code__.co_names:
                    inside = getattr(value, attribute, None)
                    if isinstance(inside, bool | int | float | str | np.ndarray | list | dict | set):
                        yield f"{name}.{attribute}", inside
            elif value is not builtins and not isinstance(value, type | Router):
                yield name, value


def frozen_values(router: Router) -> tuple[tuple[str, str], ...]:
    """What a compiled form of the router has frozen: it must be compiled anew when this changes."""
    return tuple(sorted((name, _print_of(value)) for name, value in captured(router.source)))


def _print_of(value: Any) -> str:
    """Text that changes when the value does."""
    if isinstance(value, np.ndarray):
        return sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    return repr(value)


def outside_state(router: Router) -> list[Problem]:
    """Ways in which the router depends on, or changes, something outside the world."""
    problems = []
    code = router.source.__code__
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_GLOBAL", "STORE_DEREF") and instruction.argval not in code.co_cellvars:
            problems.append(
                Problem(
                    f"{router.name} writes to {instruction.argval!r}, which is outside the world",
                    hint="keep a router's own state in world.memory: @hubnet.router(memory=1)",
                )
            )
    for name, value in captured(router.source):
        if isinstance(value, list | dict | set | bytearray | np.ndarray):
            problems.append(
                Problem(
                    f"{router.name} reads {name!r}, a {type(value).__name__} that can change during a run; the "
                    "compiled gear freezes it, plain Python does not",
                    hint="use a tuple for constants, and world.memory for state",
                )
            )
    return problems


def _plain(function: Any) -> Any:
    """The function, if it is a plain Python one. Raises PolicyError otherwise."""
    if not isinstance(function, types.FunctionType):
        kind = type(function).__name__
        raise PolicyError(Problem(f"a policy is a plain Python function, not a {kind}", "hubnet compiles it by itself"))
    return function


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "policy")
