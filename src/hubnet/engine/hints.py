"""Hints for the compiled gear, that change no result: what an index cannot be, and what will be looked at soon.

In plain Python they do nothing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .jit import LEAN

LINE = 64  # bytes that a processor fetches at once
READ, KEEP, DATA = 0, 3, 1  # what llvm.prefetch is told
INLINE: Any = {"jit_options": LEAN, "inline": "always"}


def at(index: int) -> int:
    """An index that is not negative: compiled code need not ask whether it counts from the end."""
    return index


@overload(at, **INLINE)
def _at(index):
    return lambda index: np.uint64(index)


def soon(records: Any, index: int) -> None:
    """A record will be looked at soon: the processor fetches it from memory meanwhile, rather than wait for it then.

    Running jobs lie scattered over more memory than a cache holds: with 30,000 of them a run takes a quarter less time.
    """


@overload(soon, **INLINE)
def _soon(records, index):
    return lambda records, index: _prefetch(records, index)  # type: ignore[call-arg]


@intrinsic
def _prefetch(typing, records, index):
    """llvm.prefetch of every cache line of a record."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        size = signature.args[0].dtype.size
        whole, number, pointer = ir.IntType(64), ir.IntType(32), ir.IntType(8).as_pointer()
        start = builder.ptrtoint(context.make_array(signature.args[0])(context, builder, arguments[0]).data, whole)
        start = builder.add(start, builder.mul(arguments[1], ir.Constant(whole, size)))
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for line in range(0, size, LINE):
            place = builder.inttoptr(builder.add(start, ir.Constant(whole, line)), pointer)
            builder.call(prefetch, [place, *(ir.Constant(number, told) for told in (READ, KEEP, DATA))])
        return context.get_dummy_value()

    return numba.types.void(records, numba.types.int64), code
