"""`hubnet job`: what one job of a finished run lived through, and what it could have chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError, Problem
from .opening import open_study, scenario_of
from .study.finished import FinishedStudy
from .study.folder import versions


@dataclass(frozen=True)
class Story:
    """row: the job's record, as in `result.jobs`. waiting: what stood before it in its queue when it came (None if it
    did not wait). pools: see `engine.considered`; None with the reason in `note` if the run could not be played again.
    """

    row: dict[str, Any]
    waiting: dict[str, Any] | None
    pools: list[dict[str, Any]] | None
    note: str

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it: None for what was not reached, and for what is endless, such as no deadline."""
        pools = None if self.pools is None else [_plain(pool) for pool in self.pools]
        return {"job": _plain(self.row), "waiting": self.waiting, "pools": pools, "note": self.note}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    cells = {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
    return {key: None if isinstance(cell, float) and not math.isfinite(cell) else cell for key, cell in cells.items()}


def job_story(folder: str | Path, job: int, allocation: str | None = None, replication: int = 0) -> Story:
    """The story of a job in a finished folder of a run with records.

    >>> story = hn.job_story("runs/two-hubs", 17)
    >>> story.row["start_s"], story.pools

    allocation: the first unless given. replication: from 0. The run is played again up to the job's submission, to see
    the pools as they were. Raises InputError if there are no records, or no such job or allocation.
    """
    study = open_study(folder)
    allocation = allocation or next(iter(study.results))
    if allocation not in study.results:
        raise InputError(Problem(f"there is no allocation {allocation!r}", f"there are: {', '.join(study.results)}"))
    if not 0 <= replication < study.replications:
        raise InputError(Problem(f"there is no replication {replication + 1}", f"there are {study.replications}"))
    result = study.results[allocation][replication]
    try:
        jobs = result.jobs
    except AttributeError as error:
        raise InputError(Problem(f"{folder} holds no job records", "run the scenario again with --records")) from error
    mine = jobs[jobs["job"] == job]
    if mine.empty:
        known = f"its jobs are {jobs['job'].min()} to {jobs['job'].max()}" if len(jobs) else "it has none"
        raise InputError(Problem(f"{folder} has no job {job}", known))
    row: dict[str, Any] = {str(key): value for key, value in mine.iloc[0].to_dict().items()}
    pools, note = _pools(study, result, row)
    return Story(row, _queue(jobs, row), pools, note)


def _queue(jobs: Any, row: dict[str, Any]) -> dict[str, Any] | None:
    """Who was in the pool when the job was delivered to it: those that waited, and the devices of those that ran."""
    came = row["deliver_s"]
    if math.isnan(came) or row["devices"] == 0 or row["start_s"] == came:
        return None
    here = jobs[(jobs["hub"] == row["hub"]) & (jobs["pool"] == row["pool"]) & (jobs["job"] != row["job"])]
    waits = here[(here["deliver_s"] <= came) & ~(here["start_s"] <= came)]
    runs = here[(here["start_s"] <= came) & ~(here["end_s"] <= came)]
    return {
        "jobs_ahead": len(waits),
        "devices_they_want": int(waits["devices"].sum()),
        "jobs_running": len(runs),
        "devices_busy": int(runs["devices"].sum()),
    }


def _pools(study: FinishedStudy, result: Any, row: dict[str, Any]) -> tuple[list[dict[str, Any]] | None, str]:
    """The pools as they were at the job's submission, by playing the run again up to it; else why not."""
    from .engine.considered import considered
    from .engine.environment import HubEnvironment
    from .engine.policy import find_router
    from .engine.routers import BUILT_IN
    from .plan import plan

    manifest = study.manifest
    policies = manifest["policy"].split(", ")
    policy = policies[0] if len(policies) == 1 else result.allocation.rpartition(", ")[2]
    if "policy_sha256" in manifest or policy not in BUILT_IN:
        return None, f"the policy {policy} is not built in, so the run is not played again"
    try:
        scenario = scenario_of(study.folder)
        todo = plan(scenario, None, [find_router(name) for name in policies], manifest["seed"])
        setting = todo.setup(result.allocation, result.replication)
    except InputError as error:
        return None, f"the scenario cannot be read again: {error.problems[0].message}"
    env = HubEnvironment(setting, say=lambda text: None)
    if row["submit_s"] > 0:
        env.run(until=row["submit_s"])
    try:
        pools = considered(env, int(row["job"]))
    except KeyError:
        return None, "the run cannot be played again: it has other jobs now"
    changed = "" if manifest["versions"] == versions() else "other versions of hubnet or its libraries played this run"
    return pools, changed


def told(story: Story) -> list[str]:
    """The story in words, a line each."""
    from .text import counted, number, seconds

    row = story.row
    lines = [
        f"job {row['job']}: {row['class']}, from {row['region']}, {counted(row['devices'], 'device')}, "
        f"{seconds(row['work_s'])} of work on the reference device; {row['status']}"
        + (f" ({row['reason']})" if row["reason"] else ""),
    ]
    if row["hub"]:
        lines.append(f"went to {row['hub']}/{row['pool'] or 'no pool'}" + (_again(row["attempts"])))
    stages = (
        ("submitted", "submit_s", None, ""),
        ("released", "release_s", "submit_s", "held in its region"),
        ("input sent", "sent_s", "release_s", "upload"),
        ("delivered", "deliver_s", "sent_s", "on the fibre"),
        ("started", "start_s", "deliver_s", "waited for devices"),
        ("ended", "end_s", "start_s", "ran"),
        ("finished", "finish_s", "end_s", "download and fibre"),
    )
    for name, time, since, what in stages:
        if math.isnan(row[time]):
            continue
        took = "" if since is None or math.isnan(row[since]) else f"{what} {seconds(row[time] - row[since])}"
        lines.append(f"  {name:11} {seconds(row[time]):>12}   {took}".rstrip())
    if story.waiting:
        one = story.waiting
        lines.append(
            f"  when it came, {counted(one['jobs_running'], 'job')} ran on {counted(one['devices_busy'], 'device')}, "
            f"and {counted(one['jobs_ahead'], 'job')} waited for {number(one['devices_they_want'])}"
        )
    return lines


def _again(attempts: int) -> str:
    return f", at attempt {attempts}: incidents had stopped it" if attempts > 1 else ""
