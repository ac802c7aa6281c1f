"""What happened, what it hit, and which trunks took over: read off the tables of a result."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import tables
from .tables import ResultTables

COUNTS = (
    "flows_moved",
    "flows_stalled",
    "pairs_moved",
    "pairs_cut_off",
    "jobs_displaced",
    "work_lost_device_s",
)
ENOUGH = 0.1  # of the traffic that a trunk lost; a direction that gained less did not take over
MOST_TAKERS = 3  # for one incident; more lines hide the story
Direction = tuple[str, str, str]  # trunk, from, to


def ranked(result: ResultTables) -> pd.DataFrame:
    """The incidents, the most harmful first: by jobs displaced, transfers stalled and pairs cut off together, then by
    transfers moved, pairs moved and time.

    An outage that takes several pools of a hub at the same time is one row. Columns as in `result.incidents`, and
    pools: the device types that were hit, as a tuple; empty for a trunk.
    """
    rows = result.incidents
    if rows.empty:
        return rows.assign(pools=pd.Series(dtype=object))
    outage = rows["kind"] == "outage"
    pools = [target.removeprefix(f"{hub}/") for target, hub in zip(rows["target"], rows["hub"], strict=True)]
    where, alone = rows["hub"].astype(object).where(outage, rows["target"]), rows["incident"].where(~outage, -1)
    rows = rows.assign(pool=pools, where=where, alone=alone)
    number = rows.groupby(["kind", "where", "alone", "at_s", "end_s", "factor"], sort=False).ngroup()
    found = rows[~number.duplicated()].drop(columns=["pool", "where", "alone"])
    together = rows.groupby(number.to_numpy(), sort=False)
    for count in COUNTS:
        found[count] = together[count].sum().to_numpy()
    found["pools"] = [
        tuple(dict.fromkeys(names)) if kind == "outage" else ()
        for kind, names in zip(found["kind"], together["pool"].agg(list), strict=True)
    ]
    several = found["pools"].map(len) > 1
    found["what"] = [
        what.replace(target, hub) if more else what
        for what, target, hub, more in zip(found["what"], found["target"], found["hub"], several, strict=True)
    ]
    found["harm"] = found["jobs_displaced"] + found["flows_stalled"] + found["pairs_cut_off"]
    order = ["harm", "flows_moved", "pairs_moved", "at_s", "incident"]
    found = found.sort_values(order, ascending=[False, False, False, True, True], kind="stable")
    return found.drop(columns="harm").reset_index(drop=True)


def of_trunks(incidents: pd.DataFrame) -> pd.DataFrame:
    """The incidents that happened to trunks."""
    return incidents[incidents["kind"].isin(["cut", "degrade"])]


def trunks_hit(incidents: pd.DataFrame, span: tuple[float, float] | None = None) -> set[str]:
    """The trunks that were cut or degraded, at any time or at some time in `span` (s)."""
    rows = of_trunks(incidents)
    if span is not None:
        rows = rows[(rows["at_s"] < span[1]) & (rows["end_s"] > span[0])]
    return set(rows["target"])


def took_over(result: ResultTables, trunk: str, at: float, end: float) -> pd.Series:
    """Which directions took over from a trunk that was hit from `at` to `end` s, and how much their use rose against
    the same length of time before; index: trunk, from, to; the largest rise first.

    Where there is a time after, the rise is against that too, whichever is less: what does not fall again was not
    called on by the incident. And a direction must have gained at least `ENOUGH` of the bit/s that the trunk lost, in
    both directions together: the use of a narrow trunk goes up and down by itself.
    """
    length = end - at
    (before, sent_before), (meanwhile, sent), (after, _) = (
        _means(result, span) for span in ((at - length, at), (at, end), (end, end + length))
    )
    gained = sent - sent_before
    lost = -gained[gained.index.get_level_values("trunk") == trunk].sum()
    rise = (meanwhile - before).clip(upper=(meanwhile - after).fillna(np.inf))
    found = rise[(rise > 0) & (lost > 0) & (gained >= ENOUGH * lost)]
    return found.sort_values(ascending=False, kind="stable")


def _means(result: ResultTables, span: tuple[float, float]) -> tuple[pd.Series, pd.Series]:
    """Mean use, and bit/s, of each direction (the index) over a time in s, as far as the run covers it."""
    rows = tables.trunk_uses(result, span).set_index(["trunk", "from", "to"]).sort_index()
    bins = result.trunks
    seconds = min(span[1], bins["end_s"].max()) - max(span[0], bins["start_s"].min())
    return rows["use"], rows["bits"] / seconds if seconds > 0 else rows["bits"]


def followed(
    result: ResultTables, incidents: pd.DataFrame, end: float, most: int
) -> tuple[list[Direction], list[Direction]]:
    """The directions whose use tells the story of `incidents` (as `ranked`), of a run that ends at `end` s: those that
    were hit, and those that took over, at most `most` in all.

    Of a trunk that was hit it is the direction that is busier in the window. Each incident in turn adds the next of the
    first `MOST_TAKERS` that took over (see `took_over`).
    """
    busier: dict[str, Direction] = {}
    for found in _directions(tables.trunk_uses(result)):
        busier.setdefault(found[0], found)
    hit: list[Direction] = []
    queues: list[list[Direction]] = []
    for _, row in of_trunks(incidents).iterrows():
        trunk, at, until = row["target"], float(row["at_s"]), min(float(row["end_s"]), end)
        if trunk not in busier:
            continue
        if busier[trunk] not in hit:
            if len(hit) == most // 2:
                break
            hit.append(busier[trunk])
        aside = trunks_hit(incidents, (at, until))
        others = _directions(took_over(result, trunk, at, until).reset_index())
        queues.append([other for other in others if other[0] not in aside][:MOST_TAKERS])
    takers: list[Direction] = []
    for turn in range(max((len(queue) for queue in queues), default=0)):
        for queue in queues:
            takers += [other for other in queue[turn : turn + 1] if other not in (*takers, *hit)]
    return hit, takers[: most - len(hit)]


def _directions(rows: pd.DataFrame) -> list[Direction]:
    return list(rows[["trunk", "from", "to"]].itertuples(index=False, name=None))
