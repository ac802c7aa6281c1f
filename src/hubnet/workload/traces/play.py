"""A trace as blocks of jobs: what the engine plays, round after round if the trace repeats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import Problem, TableError
from ..jobs import NONE, Blocks, empty_block
from ..mix import Place
from ..streams import stream
from ..tables import ROWS_PER_BLOCK
from .columns import near
from .homes import Homes
from .report import many
from .trace import Trace

OWN = ("input", "output", "wave", "deadline")  # fields that a trace may give job by job
GIVEN = (*OWN, "tolerance", "slack", "deadline_slack")  # and those that a class may give instead


@dataclass(frozen=True, eq=False)
class TraceJobs:
    """A trace with everything that its jobs refer to by index, ready to be played.

    places: the rules of place; place [jobs]: each job's. pinned [jobs]: index of its only hub, or NONE. given: field of
    `GIVEN` -> value per class, for the fields that the trace does not have. waves [regions]: bit/s of flows of jobs
    that say nothing of their wave; None = no limit.
    """

    trace: Trace
    homes: Homes
    places: tuple[Place, ...]
    place: np.ndarray | None
    pinned: np.ndarray | None
    given: dict[str, np.ndarray]
    waves: np.ndarray | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in order of index."""
        return self.trace.classes

    @cached_property
    def lanes(self) -> tuple[int, ...]:
        """The place of each class's priority among all of them, 0 the highest; a class without one has priority 0."""
        priorities = [self.trace.priorities.get(name, 0.0) for name in self.classes]
        levels = sorted(set(priorities), reverse=True)
        return tuple(levels.index(priority) for priority in priorities)

    @cached_property
    def class_places(self) -> tuple[int, ...]:
        """Index of the rule of place that most jobs of each class have: for jobs that a user process submits."""
        if self.place is None:
            return (0,) * len(self.classes)
        codes, width = self.trace.names["class"].codes, len(self.places)
        jobs = np.bincount(codes * width + self.place, minlength=len(self.classes) * width)
        return tuple(jobs.reshape(-1, width).argmax(axis=1).tolist())

    def blocks(self, seed: int, replication: int, horizon: float) -> Blocks:
        """The jobs submitted in [0, horizon), as sorted blocks with running ids.

        What a block draws comes from a stream named by (seed, replication, "trace", round, block), so it depends
        neither on the horizon nor on how blocks are consumed. Raises TableError if the jobs would never end.
        """
        trace, rounds, first_id = self.trace, 0, 0
        left = trace.jobs_before(horizon)
        while first_id < left:
            offset = rounds * trace.every
            for start in range(0, len(trace), ROWS_PER_BLOCK):
                block = self._block(start, offset, stream(seed, replication, "trace", rounds, start // ROWS_PER_BLOCK))
                block = block[: left - first_id]
                block["id"] = np.arange(first_id, first_id + len(block))
                first_id += len(block)
                yield block
                if first_id == left:
                    return
            rounds += 1

    def _block(self, start: int, offset: float, rng: np.random.Generator) -> np.ndarray:
        trace = self.trace
        rows = slice(start, min(start + ROWS_PER_BLOCK, len(trace)))
        count = rows.stop - start
        block = empty_block(count)
        for name in ("submit", "devices", "work", *OWN):
            if name in trace.numbers:
                block[name] = trace.numbers[name][rows]
        block["submit"] += offset
        klass = trace.names["class"].codes[rows]
        block["klass"] = klass
        block["lane"] = np.array(self.lanes)[klass]
        for name, values in self.given.items():
            if name == "deadline_slack":
                slack = values[klass]
                block["deadline"] = np.where(np.isnan(slack), block["deadline"], block["work"] + slack)
            else:
                block[name] = values[klass]
        block["u1"], block["u2"], u = rng.random(count), rng.random(count), rng.random(count)
        sites = trace.names["site"].codes[rows] if "site" in trace.names else np.full(count, NONE)
        block["region"] = self.homes.regions(sites, u)
        if self.waves is not None and "wave" not in trace.numbers and "wave" not in self.given:
            block["wave"] = self.waves[block["region"]]
        block["place"] = 0 if self.place is None else self.place[rows]
        block["pinned"] = NONE if self.pinned is None else self.pinned[rows]
        return block


def trace_jobs(
    trace: Trace,
    homes: Homes,
    hubs: Sequence[str] = (),
    devices: Sequence[str] = (),
    *,
    hub_of: Mapping[str, str] | None = None,
    device_of: Mapping[str, str] | None = None,
    given: Mapping[str, float | Mapping[str, float]] | None = None,
) -> TraceJobs:
    """A trace ready to be played.

    hubs, devices: the names that the scenario knows, in order of index. hub_of, device_of: name in the trace -> name in
    the scenario; names that are the same need no entry. given: field -> value for all classes or per class, for the
    fields of `GIVEN` (SI; deadline_slack: deadline = work + this); what the trace says job by job goes first. Raises
    TableError with every name that is unknown.
    """
    problems: list[Problem] = []
    hub = _indices(trace, "hub", hubs, hub_of or {}, problems)
    device = _indices(trace, "runs_on", devices, device_of or {}, problems)
    values = _given(trace, given or {}, problems)
    if problems:
        raise TableError(problems)
    if hub is None and device is None:
        return TraceJobs(trace, homes, (Place(),), None, None, values)
    none = np.full(len(trace), NONE)
    pairs, place = np.unique(
        np.column_stack([none if device is None else device, none if hub is None else hub]), axis=0, return_inverse=True
    )
    places = tuple(
        Place(None if d == NONE else (devices[d],), None if h == NONE else (hubs[h],)) for d, h in pairs.tolist()
    )
    return TraceJobs(trace, homes, places or (Place(),), place.ravel(), hub, values)


def _indices(
    trace: Trace, key: str, known: Sequence[str], translate: Mapping[str, str], problems: list[Problem]
) -> np.ndarray | None:
    """Index among the known names [jobs], NONE where the trace says nothing; None if it has no such column."""
    said, where = {"hub": ("hub", "hubs"), "runs_on": ("device type", "devices")}[key]
    if key not in trace.names:
        message = f"{where}: no column says the trace's {said}s"
        problems += [Problem(message, f"map.{key} names their column")] if translate else []
        return None
    names = trace.names[key]
    for name in translate:
        if name not in names.names:
            problems.append(Problem(f"{where}: the trace has no {said} {name!r}", near(name, names.names)))
    meant = [translate.get(name, name) for name in names.names]
    for name, target in zip(names.names, meant, strict=True):
        jobs = int((names.codes == names.names.index(name)).sum())
        if target not in known and jobs:
            message = f"{where}: the trace's {said} {name!r} ({many(jobs, 'job')}) is none of the scenario's"
            problems.append(
                Problem(message if name == target else f"{where}: there is no {said} {target!r}", near(target, known))
            )
    if problems:
        return None
    place = {name: index for index, name in enumerate(known)}
    return np.array([*(place.get(name, NONE) for name in meant), NONE])[names.codes]


def _given(
    trace: Trace, given: Mapping[str, float | Mapping[str, float]], problems: list[Problem]
) -> dict[str, np.ndarray]:
    values = {}
    for key, value in given.items():
        if key not in GIVEN:
            problems.append(Problem(f"a class of a trace has no {key!r}", near(key, GIVEN)))
            continue
        if key in trace.numbers or (key == "deadline_slack" and "deadline" in trace.numbers):
            continue
        per_class = value if isinstance(value, Mapping) else dict.fromkeys(trace.classes, value)
        neutral = math.nan if key == "deadline_slack" else float(empty_block(1)[key][0])
        for name in per_class:
            if name not in trace.classes:
                problems.append(Problem(f"the trace has no class {name!r}", near(name, trace.classes)))
        values[key] = np.array([per_class.get(name, neutral) for name in trace.classes])
    return dict(sorted(values.items()))  # deadline before deadline_slack
