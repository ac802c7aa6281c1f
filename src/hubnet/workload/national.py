"""A nation's own job classes, in the same terms as the classes that a scenario spells out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..network.nation import DEFAULT_MIX
from ..network.rows import BIT_PER_GB, ClassRow, MixRow
from ..scenario.spread import Choice, Lognormal


@dataclass(frozen=True)
class NationClass:
    """A class of a nation, with the fields of a scenario's class; `jobs_share` instead of a share of device time
    for a class that has none: its jobs over those of the simulated classes that have one. profile: the name of one
    of the nation's. kinds: of devices that it runs on, with factors on their speed; where there are none, on any. A
    class that is deferrable may be held as long as its deadline leaves time beside the work."""

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
    kinds: dict[str, float] | None
    value: float | None = None
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


def nation_classes(
    rows: Sequence[ClassRow], mixes: Sequence[MixRow] = (), mix: str = DEFAULT_MIX
) -> dict[str, NationClass]:
    """The classes of one of a nation's mixes; unless told, of the default one. Classes whose rate follows from
    their share of the jobs are in every mix, as many per job of the others as in the default one. Online classes are
    served by the reserve, not simulated job by job."""
    default = [row for row in rows if row.default_mix and not row.online]
    by_jobs = [row for row in default if _counted_by_jobs(row, row.share)]
    others = math.fsum(row.jobs_share for row in default if row not in by_jobs)
    shares = {row.name: row.share for row in default}
    if mix != DEFAULT_MIX:
        shares = {row.name: 0.0 for row in by_jobs} | {row.name: row.share for row in mixes if row.mix == mix}
    return {row.name: _class(row, shares[row.name], others) for row in rows if row.name in shares}


def _counted_by_jobs(row: ClassRow, share: float) -> bool:
    """Does its share of the jobs give its rate, and not its share of device time?"""
    return not any(devices > 0 for devices, _ in row.devices) or (share == 0 and row.jobs_share > 0)


def _class(row: ClassRow, share: float, others: float) -> NationClass:
    """share: of device time, in percent. others: the share of all jobs of the classes that have one."""
    shared = not _counted_by_jobs(row, share)
    slack, tolerance = row.deadline_slack_h, row.tolerance_one_way_ms
    return NationClass(
        share=share / 100 if shared else None,
        jobs_share=None if shared or not others else row.jobs_share / others,
        devices=Choice(tuple(n for n, _ in row.devices), tuple(weight for _, weight in row.devices)),
        work=Lognormal(row.median_s, row.sigma, row.cap_s),
        input=row.input_gb * BIT_PER_GB,
        output=row.output_gb * BIT_PER_GB,
        deadline_slack=None if slack is None else slack * 3600,
        slack=(slack or 0.0) * 3600 if row.deferrable else 0.0,
        value=row.value_yuan_per_device_h,
        checkpoint=None if row.checkpoint_h is None else row.checkpoint_h * 3600,
        tolerance=None if tolerance is None else tolerance / 1e3,
        regions=dict(row.regions) or None,
        profile=row.profile or None,
        kinds=dict(row.runs_on) or None,
    )
