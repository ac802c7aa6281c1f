"""The jobs of a finished run in the Standard Workload Format, for other simulators and for `read_trace`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from .swf import SwfHeader

FINISHED, FAILED = "finished", "rejected"


def jobs_as_swf(
    jobs: Mapping[str, Any], start: datetime | None = None, name: str = "hubnet", notes: Sequence[str] = ()
) -> tuple[SwfHeader, dict[str, np.ndarray]]:
    """Header and columns for `write_swf`, from the columns of a run's job table (`result.jobs`; arrays or sequences).

    job, submit_s, start_s, end_s, devices, status, class, region, hub. Wait is start - submit (upload and queue), run
    is end - start, on the devices that the job got; both are -1 for a job that did not get that far. Status: finished
    is completed, rejected is failed, unfinished is unknown. Classes are queues, hubs are partitions, regions are
    groups. start: the date of time 0.
    """
    submit, begin, end, devices = (np.asarray(jobs[k], float) for k in ("submit_s", "start_s", "end_s", "devices"))
    status = np.asarray([str(text) for text in jobs["status"]])
    queue, queues = _numbered(jobs["class"])
    partition, partitions = _numbered(jobs["hub"])
    group, groups = _numbered(jobs["region"])
    columns = {
        "job": np.asarray(jobs["job"], float) + 1,  # SWF counts from 1
        "submit": submit,
        "wait": _or_unknown(begin - submit),
        "run": _or_unknown(end - begin),
        "allocated": np.where(np.isnan(begin), -1, devices),
        "requested": devices,
        "status": np.where(status == FINISHED, 1.0, np.where(status == FAILED, 0.0, -1.0)),
        "group": group,
        "queue": queue,
        "partition": partition,
    }
    order = np.argsort(submit, kind="stable")
    entries = [("Version", "2.2"), ("Computer", name), ("Conversion", "hubnet"), ("MaxJobs", str(len(submit)))]
    entries += [("MaxRecords", str(len(submit))), ("Preemption", "No")]
    if start is not None:
        entries += [("UnixStartTime", f"{start.timestamp():.0f}")] if start.tzinfo else []
        entries.append(("StartTime", f"{start:%a %b} {start.day:2d} {start:%H:%M:%S} {start:%Z} {start:%Y}"))
    for key, names in (("Queue", queues), ("Partition", partitions)):
        entries.append((f"Max{key}s", str(len(names))))
        entries += [(key, f"{number} {text}") for number, text in enumerate(names, 1)]
    entries += [("Note", text) for text in notes] + [
        ("Note", f"group {i} is the region {g}") for i, g in enumerate(groups, 1)
    ]
    return SwfHeader(tuple(entries)), {key: column[order] for key, column in columns.items()}


def _or_unknown(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), -1.0, values)


def _numbered(names: Any) -> tuple[np.ndarray, list[str]]:
    """(number from 1 per row, -1 for an empty one; the names, sorted)."""
    texts = ["" if name is None or name != name else str(name) for name in names]
    known = sorted(set(texts) - {""})
    number = {name: float(i) for i, name in enumerate(known, 1)} | {"": -1.0}
    return np.array([number[text] for text in texts], float), known
