"""From what a scenario says of a trace to the jobs that it plays."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Problem, ScenarioError, TableError
from ...scenario.load import problem_at
from ...scenario.schema import ScenarioSpec
from ...scenario.traces import TRACE_KEYS
from ...text import percent
from .homes import map_sites, spread_jobs
from .play import TraceJobs, trace_jobs
from .read import read_trace
from .trace import Trace
from .transform import cut, repeat, sample, scale_time, scale_work

ABOUT = re.compile(rf"(?P<key>{'|'.join(TRACE_KEYS)})(?:\.(?P<below>.+?))?: (?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Surroundings:
    """What a trace's jobs meet. weights: region -> demand, in order of index. hubs, devices: names, likewise.
    wave: bit/s of flows whose region names none. waves: region -> bit/s, where it names one."""

    weights: Mapping[str, float]
    hubs: Sequence[str]
    devices: Sequence[str]
    wave: float
    waves: Mapping[str, float]


def scenario_jobs(spec: ScenarioSpec, folder: Path, around: Surroundings) -> TraceJobs:
    """The jobs of the scenario's trace. folder: relative files start here. Raises ScenarioError, with the places of
    the keys at fault."""
    said, regions = spec.workload, tuple(around.weights)
    _check_scale(spec)
    trace = _transformed(spec, _read(spec, folder))
    with _blamed(spec, "regions" if said.regions else "trace"):
        if said.regions:
            homes = map_sites(trace, said.regions, regions, around.weights)
        else:
            homes = spread_jobs(trace, around.weights, regions)
    given = {"tolerance": said.tolerance, "deadline_slack": said.deadline_slack, "slack": said.slack}
    with _blamed(spec, "trace"):
        jobs = trace_jobs(
            trace,
            homes,
            around.hubs,
            around.devices,
            hub_of=said.hubs,
            device_of=said.devices,
            given={key: value for key, value in given.items() if value is not None},
        )
    return replace(jobs, waves=np.array([around.waves.get(region, around.wave) for region in regions]))


def _read(spec: ScenarioSpec, folder: Path) -> Trace:
    said = spec.workload
    options: dict[str, Any] = {"time_unit": said.time_unit, "format": said.format, "status": said.status}
    with _blamed(spec, "trace"):
        return read_trace(folder / str(said.trace), said.map, **options)


def _transformed(spec: ScenarioSpec, trace: Trace) -> Trace:
    """The trace after everything that the scenario does to it; its times are those of the file until `speedup`."""
    said = spec.workload
    if said.from_ is not None or said.to is not None:
        with _blamed(spec, "from" if said.from_ is not None else "to"):
            trace = cut(trace, said.from_ or 0.0, math.inf if said.to is None else said.to)
    if (share := said.share * spec.scale) < 1:
        trace = sample(trace, share)
        if not len(trace):
            message = f"none of the trace's jobs is in a sample of {percent(share)}"
            raise ScenarioError(problem_at(spec, ("workload", "share"), message, "raise `share` or `scale`"))
    if said.speedup != 1:
        trace = scale_time(trace, said.speedup)
    if said.work_factor != 1:
        trace = scale_work(trace, said.work_factor)
    if said.repeat is not False:
        with _blamed(spec, "repeat"):
            trace = repeat(trace, None if said.repeat is True else said.repeat)
    return trace


def _check_scale(spec: ScenarioSpec) -> None:
    """A trace has only the jobs that it has."""
    if spec.workload.share * spec.scale > 1:
        message = f"{spec.workload.share * spec.scale:g} times the jobs of a trace cannot be played"
        hint = "with a trace, `scale` is the share of its jobs that is played: at most 1, times `share`"
        raise ScenarioError(problem_at(spec, ("scale",), message, hint))


@contextmanager
def _blamed(spec: ScenarioSpec, key: str) -> Iterator[None]:
    """Problems with a trace become problems of the scenario: at the key that they name, else at this one."""
    try:
        yield
    except TableError as error:
        raise ScenarioError([_located(spec, key, problem) for problem in error.problems]) from None


def _located(spec: ScenarioSpec, key: str, problem: Problem) -> Problem:
    path: tuple[str, ...] = ("workload", key)
    message = problem.message
    about = ABOUT.fullmatch(message)
    if about and getattr(spec.workload, {"from": "from_"}.get(about["key"], about["key"])):
        path, message = ("workload", about["key"], *([about["below"]] if about["below"] else [])), about["rest"]
    if problem.file:
        line = "" if problem.line is None else f", line {problem.line}"
        message += f" ({problem.file}{line})"
    return problem_at(spec, path, message, problem.hint)
