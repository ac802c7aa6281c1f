"""The loops of the meters over rows of jobs: one pass each, compiled whatever the gear, so that both add up alike."""

from __future__ import annotations

from typing import Any

SHIFT = 45  # of a float's 64 bits: what remains is its exponent and the first 7 bits of its fraction


def spread(group: Any, values: Any, bits: Any, offset: int, sums: Any, least: Any, most: Any, cells: Any) -> None:
    """Take in values >= 0: per group their sum, the extremes, and a histogram, cells[group, bin].

    bits: the values' bits as integers. offset: see `meters.bin_of`, of which this is the loop.
    """
    last = cells.shape[1] - 1
    for i in range(len(values)):
        g, value = group[i], values[i]
        sums[g] += value
        least[g] = min(least[g], value)
        most[g] = max(most[g], value)
        cells[g, min(max((bits[i] >> SHIFT) - offset, 0), last)] += 1


def count(row: Any, column: Any, table: Any) -> None:
    """Add 1 to the cells (row, column) of a table of integers."""
    for i in range(len(row)):
        table[row[i], column[i]] += 1


def add(row: Any, column: Any, values: Any, table: Any) -> None:
    """Add values to the cells (row, column) of a table."""
    for i in range(len(row)):
        table[row[i], column[i]] += values[i]
