"""A nation's own job classes, in the same terms as the classes that a scenario spells out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..network.rows import BIT_PER_GB, ClassRow
from ..scenario.sizes import Choice, Lognormal


@dataclass(frozen=True)
class NationClass:
    """A class of a nation, with the fields of a scenario's class; `jobs_share` instead of a share of device time
    for a class that asks for no devices: its jobs over those of all other simulated classes. profile: the name of one
    of the nation's. A class that is deferrable may be held as long as its deadline leaves time beside the work."""

    share: float | None
    jobs_share: float | None
    devices: Choice
    work: Lognormal
    input: float
    output: float
    deadline_slack: float | None
    tolerance: float | None
    regions: dict[str, float] | None
    profile: str | None
    checkpoint: float | None = None
    slack: float = 0.0
    trend: None = None
    swings: None = None
    bursts: None = None
    campaigns: None = None
    scaling: float = 0.0
    rate: float | None = None
    runs_on: None = None
    deadline: None = None
    wave: None = None
    priority: int = 0
    estimate: float = 1.0
    areas: None = None
    hubs: None = None


def nation_classes(rows: Sequence[ClassRow]) -> dict[str, NationClass]:
    """The classes of a nation's default mix; online ones are served by the reserve, not simulated job by job."""
    mix = [row for row in rows if row.default_mix and not row.online]
    others = math.fsum(row.jobs_share for row in mix if _asks_for_devices(row))
    return {row.name: _class(row, others) for row in mix}


def _asks_for_devices(row: ClassRow) -> bool:
    return any(devices > 0 for devices, _ in row.devices)


def _class(row: ClassRow, others: float) -> NationClass:
    shared = _asks_for_devices(row)
    slack, tolerance = row.deadline_slack_h, row.tolerance_one_way_ms
    return NationClass(
        share=row.share / 100 if shared else None,
        jobs_share=None if shared or not others else row.jobs_share / others,
        devices=Choice(tuple(n for n, _ in row.devices), tuple(weight for _, weight in row.devices)),
        work=Lognormal(row.median_s, row.sigma, row.cap_s),
        input=row.input_gb * BIT_PER_GB,
        output=row.output_gb * BIT_PER_GB,
        deadline_slack=None if slack is None else slack * 3600,
        slack=(slack or 0.0) * 3600 if row.deferrable else 0.0,
        checkpoint=None if row.checkpoint_h is None else row.checkpoint_h * 3600,
        tolerance=None if tolerance is None else tolerance / 1e3,
        regions=dict(row.regions) or None,
        profile=row.profile or None,
    )
