"""Poisson arrivals of job classes, in blocks of one window of time each.

In a window a stream draws, in this order: how many jobs, when, devices, work, two uniforms. The windows are
fixed by the total rate alone, so what a job looks like never depends on how the blocks are consumed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .distributions import Choice, Distribution
from .jobs import NONE, Blocks, empty_block
from .streams import stream

ROWS_PER_WINDOW = 2**17  # expected at most; a block of this many rows is 16 MB


@dataclass(frozen=True)
class JobClass:
    """One kind of job, ready to be drawn.

    rate: jobs/s over all regions. regions: weight per region name. devices, work: distributions (work in s on
    the reference device). input, output: bit. wave: bit/s. deadline: s after submit; slack: s, then the
    deadline is work + slack. tolerance: s one way. place: index of the rule that says which pools it may use.
    pinned: index of the only hub that it may use, or NONE. checkpoint: s of service between two.
    """

    name: str
    rate: float
    regions: dict[str, float]
    devices: Choice
    work: Distribution
    input: float = 0.0
    output: float = 0.0
    wave: float = math.inf
    deadline: float = math.inf
    slack: float | None = None
    tolerance: float = math.inf
    place: int = 0
    pinned: int = NONE
    checkpoint: float = math.inf

    @property
    def device_seconds(self) -> float:
        """Mean devices x work of one job, on the reference device (devices and work are independent)."""
        return self.devices.mean * self.work.mean


def window_length(rate: float) -> float:
    """Length in s of the windows for this total rate: a power of two, so that edges are exact."""
    return 2.0 ** min(math.floor(math.log2(ROWS_PER_WINDOW / rate)), 17)


def poisson_blocks(
    classes: Sequence[JobClass], regions: Sequence[str], seed: int, replication: int, horizon: float
) -> Blocks:
    """The jobs of all classes submitted in [0, horizon), as sorted blocks with running ids."""
    total = math.fsum(c.rate for c in classes)
    if total == 0:
        return
    window = window_length(total)
    streams = [
        (k, klass, r, region, klass.rate * klass.regions[region] / math.fsum(klass.regions.values()))
        for k, klass in enumerate(classes)
        for r, region in enumerate(regions)
        if klass.rate > 0 and klass.regions.get(region, 0) > 0
    ]
    first_id = 0
    for w in range(math.ceil(horizon / window)):
        draws = []
        for k, klass, r, region, rate in streams:
            rng = stream(seed, replication, klass.name, region, w)
            draws.append((k, r, *_draw(klass, rng, rate * window)))
        block = _block(classes, draws, w, window, horizon, first_id)
        first_id += len(block)
        if len(block):
            yield block


def _draw(klass: JobClass, rng: np.random.Generator, mean: float) -> tuple[np.ndarray, ...]:
    """One stream's window: place in the window (0 to 1, sorted), devices, work, two uniforms."""
    rows = int(rng.poisson(mean))
    when = np.sort(rng.random(rows))
    return when, klass.devices.draw(rng, rows), klass.work.draw(rng, rows), rng.random(rows), rng.random(rows)


def _block(
    classes: Sequence[JobClass], draws: list[tuple], w: int, window: float, horizon: float, first_id: int
) -> np.ndarray:
    """All streams' rows of one window, sorted by time; earlier streams come first at equal times."""
    counts = [len(draw[2]) for draw in draws]
    when, devices, work, u1, u2 = (np.concatenate([draw[i] for draw in draws]) for i in range(2, 7))
    submit = (w + when) * window
    order = np.argsort(submit, kind="stable")
    order = order[: np.searchsorted(submit[order], horizon)]
    klass = np.repeat([draw[0] for draw in draws], counts)[order]
    block = empty_block(len(order))
    block["id"] = np.arange(first_id, first_id + len(order))
    block["klass"], block["region"] = klass, np.repeat([draw[1] for draw in draws], counts)[order]
    block["submit"], block["devices"], block["work"] = submit[order], devices[order], work[order]
    block["u1"], block["u2"] = u1[order], u2[order]
    for name in ("place", "pinned", "input", "output", "wave", "tolerance", "deadline", "checkpoint"):
        block[name] = np.array([getattr(c, name) for c in classes])[klass]
    slack = np.array([math.nan if c.slack is None else c.slack for c in classes])[klass]
    block["deadline"] = np.where(np.isnan(slack), block["deadline"], block["work"] + slack)
    return block
