"""How the engine's functions are compiled, in one place.

`jitable` marks plain functions that compiled code may call. They allocate nothing, so numba's reference counting
is switched off for them: it would cost more than the simulation itself (each look at a field of a record array
counts a reference up and down, atomically).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.extending import register_jitable

F = TypeVar("F", bound=Callable[..., Any])

LEAN: dict[str, Any] = {"_nrt": False, "forceinline": True}
INSIDE: dict[str, Any] = {"no_cfunc_wrapper": True}  # called by compiled code only
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def jitable(function: F) -> F:
    """A plain function that compiled code may call too."""
    return register_jitable(**LEAN, **INSIDE)(function)


def rarely(function: F) -> F:
    """A plain function that compiled code calls now and then: not copied to where it is called, to compile faster.

    Such a call takes about 0.1 us, as every array of the world and the machine is handed over.
    """
    told = {"_nrt": False, "forceinline": False}  # left out, they would be the caller's
    return register_jitable(**told, **INSIDE)(function)


def compile_kernel(function: Callable[..., Any], signature: Any) -> Any:
    """The event loop in machine code, from numba's cache if it is there."""
    return njit(signature, cache=True, **OPTIONS, **LEAN)(function)


def compile_router(function: Callable[..., Any], signature: Any, cache: bool) -> Any:
    """A router in machine code; a user's may allocate and err, so it keeps reference counts and checks bounds."""
    return njit(signature, cache=cache, boundscheck=not cache, **OPTIONS)(function)


def compile_loop(function: Callable[..., Any], signature: Any) -> Any:
    """A loop of the meters in machine code, from numba's cache if it is there."""
    return njit(signature, cache=True, **OPTIONS, **LEAN)(function)


def compile_cost(function: Callable[..., Any]) -> Any:
    """A user's cost in machine code, with the values that its globals have now."""
    return njit(boundscheck=True, **OPTIONS)(function)
