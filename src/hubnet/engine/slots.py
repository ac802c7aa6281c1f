"""The coming and going of jobs: each takes a slot when it is submitted, and leaves a row behind when it goes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .jit import jitable
from .world import FINISHED, NO_REASON, REACHED, ROW, UNFINISHED, WATCHED


@jitable
def admit(row: int, world: Any, machine: Any) -> int:
    """Give the job in a row of the block a slot."""
    jobs, block, ledger = world.jobs, machine.block, machine.ledger
    ledger.free[0] -= 1
    job = machine.free[ledger.free[0]]
    jobs.id[job], jobs.klass[job], jobs.region[job] = block.id[row], block.klass[row], block.region[row]
    jobs.submit[job], jobs.devices[job], jobs.work[job] = (
        block.submit[row],
        block.devices[row],
        block.work[row],
    )
    jobs.input[job], jobs.output[job], jobs.wave[job] = block.input[row], block.output[row], block.wave[row]
    jobs.deadline[job], jobs.tolerance[job], jobs.slack[job] = (
        block.deadline[row],
        block.tolerance[row],
        block.slack[row],
    )
    jobs.place[job], jobs.pinned[job] = block.place[row], block.pinned[row]
    jobs.lane[job], jobs.estimate[job] = block.lane[row], block.estimate[row]
    jobs.checkpoint[job], jobs.whole[job], jobs.attempts[job] = block.checkpoint[row], block.work[row], 0
    jobs.u1[job], jobs.u2[job] = block.u1[row], block.u2[row]
    return job


@jitable
def leave(job: int, status: int, reason: int, now: float, world: Any, machine: Any) -> int:
    """Write the job's row and free its slot; returns WATCHED if somebody waits for this job."""
    jobs, ledger = world.jobs, machine.ledger
    write(job, status, reason, now if status == FINISHED else np.nan, world, machine)
    jobs.live[job] = 0
    machine.free[ledger.free[0]] = job
    ledger.free[0] += 1
    if status == FINISHED:
        ledger.finished[0] += 1
    else:
        ledger.rejected[0] += 1
    for i in range(ledger.watches[0]):
        if machine.watched[i] == jobs.id[job]:
            ledger.watches[0] -= 1
            machine.watched[i] = machine.watched[ledger.watches[0]]
            return WATCHED
    return REACHED


@jitable
def write(job: int, status: int, reason: int, finish: float, world: Any, machine: Any) -> None:
    """Append the job's row to the output buffer."""
    jobs, out, ledger = world.jobs, machine.out, machine.ledger
    row = ledger.written[0]
    ledger.written[0] = row + 1
    out.id[row], out.klass[row], out.region[row] = jobs.id[job], jobs.klass[job], jobs.region[job]
    out.devices[row], out.hub[row], out.pool[row] = jobs.devices[job], jobs.hub[job], jobs.pool[job]
    out.status[row], out.reason[row], out.attempts[row] = status, reason, jobs.attempts[job]
    out.submit[row], out.work[row], out.deadline[row] = jobs.submit[job], jobs.whole[job], jobs.deadline[job]
    out.input[row], out.output[row] = jobs.input[job], jobs.output[job]
    out.one_way[row], out.one_way_back[row] = jobs.one_way[job], jobs.one_way_back[job]
    out.release[row], out.sent[row] = jobs.release[job], jobs.sent[job]
    out.deliver[row], out.start[row], out.end[row] = jobs.deliver[job], jobs.start[job], jobs.end[job]
    out.finish[row] = finish


def unfinished(jobs: np.ndarray, now: float) -> np.ndarray:
    """The rows of all jobs still in flight."""
    live = jobs[jobs["live"] == 1]
    rows = np.zeros(len(live), ROW)
    for name in set(rows.dtype.names or ()) & set(live.dtype.names or ()):
        rows[name] = live[name]
    rows["status"], rows["reason"], rows["work"] = UNFINISHED, NO_REASON, live["whole"]
    rows["end"][rows["end"] > now] = np.nan  # it runs, and this is when it would have ended
    rows["finish"] = np.nan
    return rows
