"""A stationary start: the jobs that are under way when the run begins.

Were there always enough devices, the jobs under way at time 0 would be those submitted at -a that take longer than a
(M/G/inf): a Poisson number of mean rate x E[work] / speed if the rate is constant; their work is length-biased, in
devices as well if the two depend on each other; the age is a uniform share of the work (divided by speed), and what is
left is the rest. Where the rate has a profile, each is kept in proportion to the rate when it was submitted, which is
exact for Poisson arrivals. A trend starts at time 0, and the same rate is taken to have lasted before.

They are submitted at 0 with the work that is left, without input (it was sent long ago); their output is that of the
whole work. Their deadline counts from 0: what is left + slack is what remains of a deadline of work + slack; a fixed
one begins anew. Without any, policies that look at deadlines would let them wait in the cheapest hub's queue, and the
others' devices would stand still. That they are the only jobs with submit = 0 marks them: with any warm-up they are
outside of the window. Not covered: queues, transfers under way, and the larger spread of the number of jobs under
bursts, campaigns and swings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .classes import JobClass, bits
from .rates import Rhythm
from .sources import Terms
from .streams import stream


def under_way(
    classes: Sequence[JobClass], regions: Sequence[str], terms: Terms, start: float
) -> list[tuple[tuple[int, int], np.ndarray]]:
    """(class, region) and jobs [jobs, fields] of all classes and regions that have such jobs."""
    pieces = []
    for k, klass in enumerate(classes):
        for r, region in enumerate(regions):
            rate = klass.rate_in(region)
            rng = stream(terms.seed, terms.replication, klass.name, region, "under way")
            if rate > 0 and len(piece := residuals(klass, rate, rng, klass.rhythm(start), terms.fields)):
                pieces.append(((k, r), piece))
    return pieces


def residuals(klass: JobClass, rate: float, rng: np.random.Generator, rhythm: Rhythm, fields: int) -> np.ndarray:
    """The jobs [jobs, fields] of one stream that are under way at time 0, `rate` jobs/s in the mean."""
    values = klass.devices.values
    biased = klass.devices.shares * np.where(values > 0, klass.stretch(values), 0.0)
    levels, highest = np.cumsum(biased), max(rhythm.week or (1.0,))
    rows = int(rng.poisson(rate * highest * klass.work.mean * levels[-1] / klass.speed))
    devices = values[np.searchsorted(levels[:-1], rng.random(rows) * levels[-1], side="right")]
    whole = klass.work.biased(rng.random(rows)) * klass.stretch(devices)
    left = whole * rng.random(rows)
    jobs = np.zeros((rows, fields))
    jobs[:, 1], jobs[:, 2] = devices, left
    jobs[:, 3], jobs[:, 4] = rng.random(rows), rng.random(rows)
    if fields > 5:
        jobs[:, 6] = bits(klass.download, rng, whole)
    return jobs[rng.random(rows) * highest < rhythm.at((left - whole) / klass.speed)]
