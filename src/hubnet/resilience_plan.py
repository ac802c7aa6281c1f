"""`resilience`, the verb: every single failure of a scenario, one by one, as the points of a sweep over `incidents`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from .errors import InputError, Problem
from .front import Say, play_setup, tell
from .loading import Scenario, load
from .plan import AUTO, find_warmup, plan
from .scenario.ranges import Varied
from .scenario.units import DurationKind
from .study.resilience import KINDS, Failure, harm_table
from .study.store import Finished
from .sweep_plan import Plan, Progress, known_allocations, make_plan, play_on

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Failures:
    """All runs of a study of failures. plan: its points are the baseline and the failures, in order. attrs: of the
    table: the scenario's name, the seed, how many replications, when the failures begin, and how long they last
    (None: to the end)."""

    plan: Plan
    failures: tuple[Failure, ...]
    attrs: Mapping[Any, Any]

    def table(self, done: Mapping[str, Finished]) -> pd.DataFrame:
        """The table of harm, once all runs are done."""
        played: dict[str, dict[int, list[Finished]]] = {}
        for run in self.plan.runs:
            played.setdefault(run.allocation, {}).setdefault(run.replication, []).append(done[run.key])
        return harm_table(self.failures, {name: list(each.values()) for name, each in played.items()}, self.attrs)


def resilience(
    scenario: Scenario | str | Path,
    *,
    kinds: Iterable[str] = tuple(KINDS),
    at: str | None = None,
    lasting: str | None = None,
    allocations: Iterable[str] | str | None = None,
    seed: int | None = None,
    replications: int = 1,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    say: Say = tell,
) -> pd.DataFrame:
    """Simulate every single failure of a scenario, one by one, over the same jobs; rank them by harm.

    kinds: of "trunk" (each trunk is cut), "hub" (each hub goes down, and its running jobs are killed) and "type" (each
    device type is lost in all its pools). at: when, such as "12 h"; unless given, in the middle of what is measured.
    lasting: how long; unless given, to the end. A failure comes on top of the scenario's own incidents. replications:
    with more than one, harm is in the mean, and the table says from which to which rank each failure goes: what differs
    little may be chance. allocations, workers, executor, progress: as of `hubnet.sweep`.

    Returns one row per allocation and failure, see `hubnet.study.resilience.harm_table`. Raises InputError, with every
    problem, before anything runs.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    chosen = (allocations,) if isinstance(allocations, str) else tuple(allocations or ())
    todo = plan_failures(scenario, kinds, at, lasting, chosen, seed, say, replications)
    return todo.table(play_on(todo.plan, workers, executor, progress, say))


def plan_failures(
    scenario: Scenario,
    kinds: Iterable[str],
    at: str | None,
    lasting: str | None,
    allocations: Sequence[str],
    seed: int | None,
    say: Say,
    replications: int = 1,
) -> Failures:
    """Plan the runs. With `warmup: auto` pilot runs without a failure find it, once for all. Raises InputError."""
    chosen = known_allocations(scenario, allocations)
    begin, length = _times(scenario, at, lasting)
    scenario = _settled(scenario, chosen, seed, say)
    if begin is None:
        warmup, horizon = scenario.spec.clock.warmup, scenario.spec.clock.horizon
        assert not isinstance(warmup, str)
        begin = (warmup + horizon) / 2
    when = {"at": f"{begin!r} s"} | ({} if length is None else {"lasting": f"{length!r} s"})
    found = tuple(_failures(scenario, chosen, frozenset(kinds), when))
    if not found:
        raise InputError(Problem("the scenario has nothing of what is to fail", f"kinds: {', '.join(KINDS)}"))
    assert scenario.spec.source is not None
    own = list(scenario.spec.source.tree.plain().get("incidents") or ())
    texts = [json.dumps([*own, *failure.incidents], ensure_ascii=False) for failure in (NOTHING, *found)]
    made = make_plan(scenario, [Varied("incidents", tuple(texts))], chosen, seed, replications)
    seed = scenario.spec.seed if seed is None else seed
    attrs = {"scenario": scenario.name, "seed": seed, "replications": replications, "at_s": begin, "lasting_s": length}
    return Failures(made, found, attrs)


NOTHING = Failure("", "", ())  # the baseline


def _failures(scenario: Scenario, chosen: Sequence[str], kinds: frozenset[str], when: Any) -> Iterator[Failure]:
    """Every single failure: trunks, hubs and types of devices in order of definition."""
    if unknown := kinds - set(KINDS):
        raise InputError([Problem(f"no kind {kind!r}", f"kinds: {', '.join(KINDS)}") for kind in sorted(unknown)])
    network = scenario.network()
    if "trunk" in kinds:
        for name, ends in zip(network.trunk_names, network.trunks, strict=True):
            yield Failure("trunk", name, ({**when, "cut": list(ends)},))
    pools = list(dict.fromkeys(key for name in chosen for key, n in scenario.allocation(name).pools.items() if n))
    if "hub" in kinds:
        for hub in network.hubs:
            if any(place == hub for place, _ in pools):
                yield Failure("hub", hub, ({**when, "outage": hub},))
    if "type" in kinds:
        for device in dict.fromkeys(device for _, device in pools):
            lost = [f"{hub}/{other}" for hub, other in pools if other == device]
            yield Failure("type", device, tuple({**when, "outage": pool} for pool in lost))


def _times(scenario: Scenario, at: str | None, lasting: str | None) -> tuple[float | None, float | None]:
    """When failures begin, and how long they last, in s."""
    horizon, problems, found = scenario.spec.clock.horizon, [], []
    moment = DurationKind("the time of the failures", "s", (f"{horizon / 2:g} s",), high=horizon, below=True)
    length = DurationKind("the length of the failures", "s", ("6 h",), above=True)
    for option, kind, given in (("--at", moment, at), ("--lasting", length, lasting)):
        try:
            found.append(None if given is None else kind.read(given))
        except PydanticCustomError as error:
            context = error.context or {}
            problems.append(Problem(f"{option}: {context.get('message')}", context.get("hint", "")))
    if problems:
        raise InputError(problems)
    return found[0], found[1]


def _settled(scenario: Scenario, chosen: Sequence[str], seed: int | None, say: Say) -> Scenario:
    """The scenario with a warm-up that does not depend on failures."""
    if scenario.spec.clock.warmup != AUTO:
        return scenario
    todo = plan(scenario, chosen, (), seed)
    found = find_warmup(todo, partial(play_setup, "auto", say), 1, say)["value_s"]
    return scenario.varied([f"clock.warmup={found!r} s"])
