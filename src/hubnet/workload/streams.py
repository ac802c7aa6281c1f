"""Named random streams: every draw belongs to a (seed, replication, class, region, window).

A stream does not depend on how many other streams exist or in which order they are read. So the jobs are the
same for every allocation and policy, and a class keeps its jobs when another is added.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

import numpy as np


@lru_cache(maxsize=4096)
def name_key(name: str) -> int:
    """32 bits that stand for a name, the same on every machine."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "little")


def stream(seed: int, replication: int, *names: str | int) -> np.random.Generator:
    """The generator of one named stream; `names` are class, region, window or whatever else tells it apart."""
    key = [name if isinstance(name, int) else name_key(name) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(replication, *key))))
