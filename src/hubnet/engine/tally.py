"""The loops of the meters over rows of jobs: compiled whatever the gear, so that all gears add up alike.

`take_in` looks at each row once and notes it in every table that it belongs to; `add_up` tells the same a second time,
for the audit. What is counted is counted in place. What is summed is summed per call, into tables that were zero, and
added to the totals afterwards: so 65,000 rows at a time lose fewer last bits than millions one by one.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from .jit import jitable
from .world import FINISHED, REJECTED, UNFINISHED

MEASURES = ("response", "wait", "one_way", "upload", "propagation", "service", "download", "held", "slowdown")
RESPONSE, WAIT, SLOWDOWN = (MEASURES.index(name) for name in ("response", "wait", "slowdown"))
FLOORS = (0.0,) * SLOWDOWN + (1.0,)  # the least value of each measure
ROUNDING = 1 + 1e-12  # a job that is late by no more than the last bits of its times is not late
ROUNDED_OFF = 1e-6  # s: what is shorter may be nothing but the last bits of a job's times
SHORTEST = 10.0  # s: slowdown takes no run for shorter, so that jobs of no length do not decide it
WIDTHS = 34  # bins of devices: 0, 1, 2, 3-4, 5-8, ..., up to 2^32

SHIFT = 45  # of a float's 64 bits: what remains is its exponent and the first 7 bits of its fraction
SMALLEST = 2.0**-20  # s, about 1 us; anything below counts as zero
OFFSET = int(np.float64(SMALLEST).view(np.int64) >> SHIFT) - 1
BINS = 55 * 128  # up to 2^35 s, 1,000 years

Counts = namedtuple(
    "Counts",
    "status width_status region_status pair_jobs "  # [classes, 3], [widths, 3], [regions, 3], [regions, hubs]
    "met missed reasons "  # [classes, regions] twice, [classes, regions, 4]
    "cells least most "  # of measures by class: [measures, classes, bins], [measures, classes] twice
    "width_cells width_least width_most",  # of waits by width: [1, widths, bins], [1, widths] twice
)
Sums = namedtuple(
    "Sums",
    "spread width_spread "  # [measures, classes], [1, widths]
    "region_response region_slowdown "  # [regions]
    "pair_device_s pair_input pair_output "  # [regions, hubs]
    "service useful",  # [classes, pools], [1]: device-s in the window
)
Demand = namedtuple("Demand", "jobs device_s part step")  # [bins, classes]: see `demand.DemandMeter`


def take_in(
    rows: Any, end: float, warmup: float, width: float, horizon: float, paces: Any,
    demand: Any, counts: Any, sums: Any, found: Any, bits: Any,
) -> None:  # fmt: skip
    """Note rows of jobs that have left, or with `end`, the end of the run, of jobs that have not; else inf.

    width, horizon: s, of the bins of demand. paces: `Setup.paces`, and NaN for no pool. found: room for the measures
    of a job; bits: the same memory as integers.
    """
    for i in range(len(rows)):
        ask(i, rows, width, horizon, demand)
        klass, region, status = rows.klass[i], rows.region[i], rows.status[i]
        latest = (rows.submit[i] + rows.deadline[i]) * ROUNDING
        in_time = status == FINISHED and rows.finish[i] <= latest
        serve(i, rows, end, warmup, paces, in_time, sums)
        if rows.submit[i] < warmup:
            continue
        wide = width_of(rows.devices[i])
        counts.status[klass, status] += 1
        counts.reasons[klass, region, rows.reason[i]] += 1
        counts.width_status[wide, status] += 1
        counts.region_status[region, status] += 1
        if in_time and rows.deadline[i] < np.inf:
            counts.met[klass, region] += 1
        elif not in_time and rows.deadline[i] < np.inf and (status != UNFINISHED or end > latest):
            counts.missed[klass, region] += 1
        if status != REJECTED:
            cross(i, rows, counts, sums)
        if status == FINISHED:
            measure(i, rows, found)
            sums.region_response[region] += found[RESPONSE]
            sums.region_slowdown[region] += found[SLOWDOWN]
            found[SLOWDOWN] -= 1.0  # its floor
            for m in range(len(found)):
                spread(m, klass, found[m], bits[m], sums.spread, counts.least, counts.most, counts.cells)
            spread(
                0, wide, found[WAIT], bits[WAIT],
                sums.width_spread, counts.width_least, counts.width_most, counts.width_cells,
            )  # fmt: skip


@jitable
def ask(i: int, rows: Any, width: float, horizon: float, demand: Any) -> None:
    """What the job asks for on the reference device, from its submission on."""
    klass, devices, begin = rows.klass[i], rows.devices[i], rows.submit[i]
    if begin >= horizon:
        return  # user code may run the clock further, where there are no bins
    work = rows.work[i] if devices > 0 else 0.0
    place = int(begin / width)
    demand.jobs[place, klass] += 1
    demand.device_s[place, klass] += devices * work
    turn(place, begin, devices, klass, width, horizon, demand)
    if begin + work < horizon:
        turn(int((begin + work) / width), begin + work, -devices, klass, width, horizon, demand)


@jitable
def turn(place: int, time: float, devices: int, klass: int, width: float, horizon: float, demand: Any) -> None:
    """So many devices more, or fewer, from this time on, which lies in the bin `place`."""
    demand.part[place, klass] += devices * (min((place + 1) * width, horizon) - time)
    demand.step[place, klass] += devices


@jitable
def serve(i: int, rows: Any, end: float, warmup: float, paces: Any, in_time: bool, sums: Any) -> None:
    """The device-seconds that the job had in the window, and whether they were good for something.

    Of a job that was stopped, the last attempt counts; if it was good for something, so does what checkpoints had kept
    of earlier ones: the rest of its work, at the pace of its last pool.
    """
    klass, pool, devices, start, until = rows.klass[i], rows.pool[i], rows.devices[i], rows.start[i], rows.end[i]
    if not until <= end:
        until = end  # it runs, or it never started
    if pool >= 0 and until > start and until > warmup:  # not if it never started, as its start is NaN
        had = devices * (until - max(start, warmup))
        sums.service[klass, pool] += had
        if in_time:
            sums.useful[0] += had
    if in_time and rows.attempts[i] > 1 and devices > 0:
        kept = min(rows.work[i] / paces[klass, pool] - (until - start), start - warmup)
        if kept > 0:
            sums.useful[0] += devices * kept


@jitable
def cross(i: int, rows: Any, counts: Any, sums: Any) -> None:
    """The job went from a region to a hub: what it ran there, and the bits that were sent."""
    region, hub = rows.region[i], rows.hub[i]
    counts.pair_jobs[region, hub] += 1
    if rows.end[i] >= rows.start[i]:  # not if one of them is NaN, as a time is that was not reached
        sums.pair_device_s[region, hub] += rows.devices[i] * (rows.end[i] - rows.start[i])
    if rows.sent[i] >= 0:
        sums.pair_input[region, hub] += rows.input[i]
    if rows.finish[i] >= 0:
        sums.pair_output[region, hub] += rows.output[i]


@jitable
def measure(i: int, rows: Any, found: Any) -> None:
    """The `MEASURES` of a finished job, s.

    held is the time from submit to release; of a job that an incident stopped, its earlier attempts are in it.
    download is 0 without output, but a result of no bits may have stood still for want of a path.
    """
    one_way, back, end = rows.one_way[i], rows.one_way_back[i], rows.end[i]
    held, wait, run = rows.release[i] - rows.submit[i], rows.start[i] - rows.deliver[i], end - rows.start[i]
    download = rows.finish[i] - end - back
    if rows.output[i] == 0 and not download > ROUNDED_OFF:
        download = 0.0
    found[0] = rows.finish[i] - rows.submit[i]
    found[1] = wait
    found[2] = one_way
    found[3] = rows.sent[i] - rows.release[i]
    found[4] = one_way + back
    found[5] = run
    found[6] = max(download, 0.0)
    found[7] = held
    found[8] = slowdown(held + wait, run)


@jitable
def slowdown(waited: Any, ran: Any) -> Any:
    """Bounded slowdown: (waited + ran) / max(ran, 10 s), and at least 1; times in s.

    Feitelson, Rudolph, Schwiegelshohn, Sevcik, Wong: Theory and practice in parallel job scheduling, 1997. Waited is
    held + wait, which the scheduling decides; transfers and delays, which the network decides, are not in it.
    """
    return np.maximum((waited + ran) / np.maximum(ran, SHORTEST), 1.0)


@jitable
def width_of(devices: int) -> int:
    """The bin of a number of devices: 0, 1, 2, 3-4, 5-8, ...; bin k > 1 holds 2^(k-2) + 1 to 2^(k-1)."""
    if devices == 0:
        return 0
    wide, rest = 1, devices - 1
    while rest > 0:
        rest >>= 1
        wide += 1
    return min(wide, WIDTHS - 1)


@jitable
def spread(m: int, group: int, value: float, bits: int, sums: Any, least: Any, most: Any, cells: Any) -> None:
    """Note a value >= 0 of a measure: the group's sum, its extremes, and a histogram. bits: the value's, as an integer.

    The histogram's bins are 128 equal ones between powers of two, which the bits tell: see `spread.bin_of`.
    """
    sums[m, group] += value
    least[m, group] = min(least[m, group], value)
    most[m, group] = max(most[m, group], value)
    cells[m, group, min(max((bits >> SHIFT) - OFFSET, 0), BINS - 1)] += 1


def reach(rows: Any, horizon: float) -> float:
    """The last time before the horizon at which a job asks for devices, or would be done with them."""
    last = 0.0
    for i in range(len(rows)):
        end = rows.submit[i] + (rows.work[i] if rows.devices[i] > 0 else 0.0)
        last = max(last, rows.submit[i])
        if end < horizon:
            last = max(last, end)
    return last


def measures(rows: Any, table: Any) -> None:
    """The measures of many jobs: table [rows, measures]."""
    for i in range(len(rows)):
        measure(i, rows, table[i])


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
