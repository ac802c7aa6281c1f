"""What single failures did: the harm of each, beside the same run without it, in order of harm.

A failure's harm is a difference: its run less the baseline, a run of the same allocation over the same jobs without
the failure. Below 0 it is a gain, which happens: whoever is sent elsewhere may be served sooner.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .. import text
from .folder import as_json, write_manifest
from .many import mean
from .reading import read_table
from .store import Finished

TABLE, NETWORK = "failures.parquet", "network.json"  # the network, for the map, as plain data
KINDS = {"trunk": "trunk cut", "hub": "hub down", "type": "device type lost"}
# The columns of harm, in the order in which they rank failures: what each is, and how people read it.
HARM = {
    "deadlines_missed": ("deadlines missed", text.number),
    "unfinished": ("jobs not finished", text.number),
    "response_mean_s": ("response, mean", text.seconds),
    "response_p95_s": ("response, 95%", text.seconds),
    "work_lost_device_s": ("work lost, device-seconds", text.number),
    "one_way_ms": ("one-way delay, mean", lambda ms: f"{ms:.3g} ms"),
    "flows_stalled": ("transfers stalled", text.number),
    "pairs_cut_off": ("pairs cut off", text.number),
    "detour_ms": ("detour", lambda ms: f"{ms:.3g} ms"),
}
MEASURES = {
    "deadlines_missed": "deadlines_missed",
    "response_mean_s": "response_s.mean",
    "response_p95_s": "response_s.p95",
    "work_lost_device_s": "incidents.work_lost_device_s",
    "one_way_ms": "one_way_ms.mean",
    "flows_stalled": "incidents.flows_stalled",
    "pairs_cut_off": "incidents.pairs_cut_off",
}
P95 = "response_p95_s"
COUNTS = ("deadlines_missed", "unfinished", "flows_stalled", "pairs_cut_off")  # whole numbers, of one replication
ENOUGH = 0.1
WORST = 10  # how many are listed


@dataclass(frozen=True)
class Failure:
    """Something that fails, alone. kind: of KINDS. name: of the trunk, hub or type. incidents: what happens, as
    entries of a scenario's `incidents`."""

    kind: str
    name: str
    incidents: tuple[Mapping[str, Any], ...]


def harm_table(
    failures: Sequence[Failure], runs: Mapping[str, Sequence[Sequence[Finished]]], attrs: Mapping[Any, Any]
) -> pd.DataFrame:
    """The tidy table of harm: by allocation in the order of `runs`, then by rank.

    runs: allocation -> for each replication its baseline and then its run of each failure. Columns: allocation, rank
    (1 = worst), kind, failure, those of `HARM`, in the mean over the replications, harmless (none of them is above 0),
    and rank_best and rank_worst: from which to which rank the failure goes in single replications, where equals have
    all the ranks that they share. Jobs not finished are those rejected and those open at the end. Response is that of
    finished jobs, and NaN without any; its p95 counts the others as infinitely long: where it falls on one, its
    difference is a lower bound, and NaN if it does so in the baseline. one_way_ms: what the mean delay of jobs gained,
    with their choice of hub. detour_ms: what the pairs of region and hub that took another path gained, in the mean; 0
    if none did.

    The worst is the failure with most deadlines missed; of equals that with most jobs not finished, and so on along
    `HARM`; of equals in all, the first in `failures`. attrs: of the table; `baseline` is added: allocation -> values.
    """
    rows, baseline = [], {}
    for allocation, replications in runs.items():
        befores = [_before(base) for base, *_ in replications]
        baseline[allocation] = {
            name: mean([before[name] for before in befores]) for name in HARM if name != "detour_ms"
        }
        each = [
            [_harm(before, _values(run)) for run in played]
            for before, (_, *played) in zip(befores, replications, strict=True)
        ]
        harms = [{name: mean([one[name] for one in same]) for name in HARM} for same in zip(*each, strict=True)]
        places = [_places(one) for one in each]
        for rank, index in enumerate(_order(harms), 1):
            failure, harm = failures[index], harms[index]
            first, last = min(one[index][0] for one in places), max(one[index][1] for one in places)
            harmless = not any(value > 0 for value in harm.values())
            rows.append((allocation, rank, failure.kind, failure.name, *harm.values(), harmless, first, last))
    columns = ["allocation", "rank", "kind", "failure", *HARM, "harmless", "rank_best", "rank_worst"]
    table = pd.DataFrame(rows, columns=columns)
    if all(len(replications) == 1 for replications in runs.values()):
        table = table.astype(dict.fromkeys(COUNTS, "int64"))
    table.attrs = {**attrs, "baseline": baseline}
    return table


def _before(base: Finished) -> dict[str, float]:
    """The values of a baseline; its p95, if that is a lower bound, as NaN: a difference to it says nothing."""
    lower_bound = MEASURES[P95] in (base.names[index] for index in base.at_least)
    return _values(base) | ({P95: math.nan} if lower_bound else {})


def _order(harms: Sequence[Mapping[str, float]]) -> list[int]:
    """The failures by number, the worst first."""
    return sorted(range(len(harms)), key=lambda index: [-value for value in _ranked(harms[index])])


def _places(harms: Sequence[Mapping[str, float]]) -> list[tuple[int, int]]:
    """The first and last rank that each failure shares with its equals."""
    marks = [_ranked(harm) for harm in harms]
    return [(1 + sum(other > mark for other in marks), sum(other >= mark for other in marks)) for mark in marks]


def primary(rows: pd.DataFrame) -> str:
    """The first column of harm, in the order of ranking, that a tenth of these failures has; else the most frequent."""
    shares = {name: (rows[name] > 0).mean() for name in HARM} if len(rows) else dict.fromkeys(HARM, 0.0)
    return next((name for name, share in shares.items() if share >= ENOUGH), max(HARM, key=shares.__getitem__))


def summary(table: pd.DataFrame) -> dict[Any, Any]:
    """What `summary.json` holds: of every allocation its baseline, its worst failures, and how many did no harm."""
    allocations: dict[Any, Any] = {}
    for name, rows in table.groupby("allocation", sort=False):
        worst = rows.head(WORST).drop(columns=["allocation"]).to_dict("records")
        allocations[name] = {
            "baseline": _plain(table.attrs["baseline"][name]),
            "failures": len(rows),
            "harmless": int(rows["harmless"].sum()),
            "worst": [_plain(row) for row in worst],
        }
    known = {key: value for key, value in table.attrs.items() if key != "baseline"}
    return {**known, "order": list(HARM), "allocations": allocations}


def write_resilience(table: pd.DataFrame, folder: Path, manifest: dict[str, Any]) -> None:
    """Write the table, the summary and the manifest into an existing folder."""
    table.to_parquet(folder / TABLE, compression="zstd", index=False)
    (folder / "summary.json").write_text(as_json(summary(table)))
    write_manifest(folder, manifest)


def read_resilience(folder: Path) -> pd.DataFrame:
    """The table in a folder of results. Raises InputError."""
    return read_table(folder / TABLE, columns=("allocation", "rank", "kind", "failure", *HARM))


def _values(run: Finished) -> dict[str, float]:
    """The measures of a run that harm is read from; NaN = a measure of nothing."""
    known = dict(zip(run.names, run.values, strict=True))

    def value(name: str) -> float:
        found = known[name]
        return math.nan if found is None else found

    found = {column: value(name) for column, name in MEASURES.items()}
    found["unfinished"] = value("jobs.submitted") - value("jobs.finished")
    found["moved"] = value("incidents.pairs_moved")
    found["gained_ms"] = found["moved"] * value("incidents.detour_ms.mean") if found["moved"] else 0.0
    return found


def _harm(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    found = {name: after[name] - before[name] for name in HARM if name != "detour_ms"}
    moved = after["moved"] - before["moved"]
    found["detour_ms"] = (after["gained_ms"] - before["gained_ms"]) / moved if moved > 0 else 0.0
    return found


def _ranked(harm: Mapping[str, float]) -> list[float]:
    return [0.0 if math.isnan(value) else value for value in harm.values()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
