"""The loops of the meters over rows of jobs: one pass each, compiled whatever the gear, so that both add up alike."""

from __future__ import annotations

from typing import Any

SHIFT = 45  # of a float's 64 bits: what remains is its exponent and the first 7 bits of its fraction


def spread(group: Any, values: Any, bits: Any, offset: int, sums: Any, least: Any, most: Any, cells: Any) -> None:
    """Take in values >= 0: per group their sum, the extremes, and a histogram, cells[group, bin].

    bits: the values' bits as integers. offset: see `spread.bin_of`, of which this is the loop.
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


def flows(rows: Any, jobs: Any, device_s: Any, inputs: Any, outputs: Any) -> None:
    """Add to tables per region and hub: how many jobs went there, what they ran, and the bits that were sent."""
    for i in range(len(rows)):
        region, hub = rows.region[i], rows.hub[i]
        jobs[region, hub] += 1
        if rows.end[i] >= rows.start[i]:  # not if one of them is NaN, as a time is that was not reached
            device_s[region, hub] += rows.devices[i] * (rows.end[i] - rows.start[i])
        if rows.sent[i] >= 0:
            inputs[region, hub] += rows.input[i]
        if rows.finish[i] >= 0:
            outputs[region, hub] += rows.output[i]


def add_up(rows: Any, warmup: float, counts: Any, waits: Any, service: Any, up: Any, down: Any, uploading: Any) -> None:
    """Add the rows of jobs that have left to the sums of an `audit.Audit`; bits as if their paths were those of now."""
    for row in range(len(rows)):
        counts[rows.status[row]] += 1
        region, hub, pool = rows.region[row], rows.hub[row], rows.pool[row]
        if hub >= 0:
            up[region, hub] += rows.input[row]
            down[region, hub] += rows.output[row]
            uploading[region, hub] += max(rows.sent[row] - max(rows.release[row], warmup), 0.0)
        if pool >= 0:
            waits[pool] += rows.start[row] - rows.deliver[row]
            service[pool] += rows.devices[row] * (rows.end[row] - rows.start[row])
