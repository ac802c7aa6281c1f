"""Columns that grow."""

from __future__ import annotations

from typing import Any

import numpy as np


class Packed:
    """One column to which batches are added. It doubles its room when it is full; room that was never written takes no
    memory, so a column costs its own size, and twice that only while it grows."""

    def __init__(self, dtype: Any) -> None:
        self._room = np.empty(1024, dtype)
        self._count = 0

    def add(self, values: np.ndarray) -> None:
        """Append values."""
        count = self._count + len(values)
        if count > len(self._room):
            room = np.empty(max(count, 2 * len(self._room)), self._room.dtype)
            room[: self._count] = self._room[: self._count]
            self._room = room
        self._room[self._count : count] = values
        self._count = count

    def values(self) -> np.ndarray:
        """All of them, as a view."""
        return self._room[: self._count]
