"""The job as a row: what a workload hands to the engine, block by block.

A *block* is a structured array of `JOB` rows, sorted by submit time. Blocks follow one another in time,
so an engine never holds more of the workload than the block it is playing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

NONE = -1  # no hub, no pool, no job

JOB = np.dtype(
    [
        ("id", "i8"),  # the number users know: the row after a stable sort by submit time
        ("klass", "i8"),  # index of the class
        ("region", "i8"),  # index of the region that submits
        ("submit", "f8"),  # s from the scenario's start
        ("devices", "i8"),  # the gang; 0 takes no pool
        ("work", "f8"),  # s on the reference device
        ("input", "f8"),  # bit
        ("output", "f8"),  # bit
        ("wave", "f8"),  # bit/s, cap on the rate of its flows; inf = none
        ("deadline", "f8"),  # s after submit, longest allowed response; inf = none
        ("slack", "f8"),  # s, how long it may be held in its region before its input is sent
        ("tolerance", "f8"),  # s, longest allowed one-way delay; inf = none
        ("place", "i8"),  # index of the rule that says which pools it may use
        ("lane", "i8"),  # of a queue that knows priorities: 0 goes first
        ("estimate", "f8"),  # of its work, as a factor: 1 is exact
        ("pinned", "i8"),  # index of the only hub it may use, or NONE
        ("checkpoint", "f8"),  # s of service after which its state is safe, again and again; inf = never
        ("u1", "f8"),  # two uniforms in [0, 1), for random policies
        ("u2", "f8"),
    ],
    align=True,
)

Blocks = Iterator[np.ndarray]


def empty_block(rows: int) -> np.ndarray:
    """`rows` jobs with the neutral value in every column: no data, no deadline, no limits."""
    block = np.zeros(rows, JOB)
    for name in ("wave", "deadline", "tolerance", "checkpoint"):
        block[name] = np.inf
    block["pinned"], block["estimate"] = NONE, 1.0
    return block
