"""What every environment has in common: a SimPy clock, the state of a run, its meters, and the user's verbs.

User processes run beside the jobs: they read `env.world`, wait with `env.timeout` or `env.finished`, and change things
with `env.resize`, `env.cut`, `env.outage`, `env.repair` and `env.submit`. At equal times a SimPy event comes before
the jobs' events.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import simpy

from ..errors import PolicyError, Problem, RunError
from ..workload.jobs import JOB, NONE, empty_block
from ..workload.streams import stream
from .arrays import as_columns, new_machine, new_world, with_more_changes, with_more_classes, with_more_slots
from .audit import Audit
from .changes import Change, cut, outage, reroute, told
from .hours import latest_release
from .meters import JobMeter, TimeMeter
from .setup import Outcome, Setup
from .world import OVER, REPAIR, RESIZE, TRUNK_FACTOR

Sink = Callable[[np.ndarray], None]
USER_ERRORS = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError)  # of a router
FIRST_EXTRA_ID = 2**40  # ids of jobs that user processes submit, above those of any workload


class Incident(list[int]):
    """What `cut` and `outage` return, and `repair` takes: the numbers of the changes that it consists of."""


class Clock(simpy.Environment, ABC):
    """A SimPy environment that carries a run along; `HubEnvironment` and `Textbook` say how jobs are played.

    setup: what to run. sink: called with the rows of jobs that have left, in order of leaving (for per-job
    records). progress: called now and then with (simulated s, jobs that have left).
    """

    gear = ""

    def __init__(
        self, setup: Setup, sink: Sink | None = None, progress: Callable[[float, int], None] | None = None
    ) -> None:
        super().__init__()
        self.setup, self._sink, self._progress = setup, sink, progress
        pools, memory = setup.pools, setup.router.memory
        self._world = new_world(pools, setup.pairs, setup.fit, memory, setup.slots, setup.week, setup.start)
        queues = len(setup.pools) * setup.lanes
        self._machine = new_machine(
            setup.links_table, setup.path, setup.pairs, setup.slots, 2**16, setup.sharing, queues
        )
        ledger = self._machine.ledger
        ledger["discipline"], ledger["lanes"], ledger["depth"] = setup.discipline, setup.lanes, setup.depth
        self._blocks, self._taken = setup.blocks(), 0
        self._awaited: dict[int, simpy.Event] = {}
        self._extra, self._left, self._until_idle = 0, 0, False
        self._incident_names: list[str] = []
        sizes = len(setup.classes), len(setup.regions), len(setup.hubs)
        self.jobs = JobMeter(*sizes, setup.warmup, setup.bin, setup.horizon, setup.paces)
        self.bins = TimeMeter(setup.warmup, setup.bin, setup.horizon, len(setup.pools), len(setup.links))
        self.audit = Audit(setup.warmup, len(setup.pools), len(setup.regions), len(setup.hubs), len(setup.links))
        self.world, self._columns = as_columns(self._world), as_columns(self._machine)

    @property
    def machine(self) -> Any:
        """What only the event loop needs, as columns."""
        return self._columns

    def _see(self) -> None:
        """Look at the arrays anew, after one of them has been replaced."""
        self.world.jobs.look_at(self._world.jobs)
        self._columns = as_columns(self._machine)

    # -- what a user process may ask and do

    def nominal(self, pool: str | tuple[str, str]) -> int:
        """How many devices a pool nominally has now; `pool` as in `resize`."""
        return int(self._world.pools["nominal"][self.setup.pool_of(pool)])

    def resize(self, pool: str | tuple[str, str], devices: int) -> None:
        """Give a pool this many devices from now on; running jobs are not interrupted.

        pool: (hub, device type), "hub/type", or the hub alone if it has one pool. Takes effect as an incident
        of the present time: after the events that end at this very time, before deliveries and submissions.
        """
        if devices < 0 or int(devices) != devices:
            raise ValueError(f"devices must be a whole number of at least 0, not {devices!r}")
        self._announce(Change(RESIZE, self.setup.pool_of(pool), nominal=int(devices), at=float(self.now)))

    def cut(self, trunk: Any, other: str | None = None, *, to: float = 0.0, lasting: float = math.inf) -> Incident:
        """Cut a trunk, or leave it the share `to` of its capacity, for `lasting` s (default: until repaired).

        trunk: its name, or its two cities: cut("Gavle-South"), cut("Gavle", "South"). Paths are found anew; flows
        move with the bits that they have left, or stand still if no path is left. Takes effect as an incident of the
        present time. Returns what `repair` takes. KeyError for a trunk that is not there.
        """
        return self._announce(*cut(self.setup, _pair(trunk, other), to, float(self.now), float(self.now) + lasting))

    def outage(
        self, hub: str | tuple[str, str], *, to: float = 0.0, running: str = "kill", lasting: float = math.inf
    ) -> Incident:
        """Leave all pools of a hub, or one pool, the share `to` of their devices, for `lasting` s.

        hub: a hub, "hub/type" or (hub, device type). running: "kill" stops the jobs that started last until the rest
        fits; they lose what they did since their last checkpoint and are routed afresh. "drain" lets all of them
        finish. Takes effect as an incident of the present time. Returns what `repair` takes.
        """
        return self._announce(*outage(self.setup, hub, to, running, float(self.now), float(self.now) + lasting))

    def repair(self, what: Any, other: str | None = None) -> None:
        """End an incident: what `cut` or `outage` returned; or all that are in force on a trunk, named as in `cut`."""
        if not isinstance(what, Incident):
            trunk = self.setup.trunk_of(_pair(what, other))
            known = self._machine.changes[: len(self._incident_names)]
            mine = (known["kind"] == TRUNK_FACTOR) & (known["target"] == trunk) & (known["state"] != OVER)
            begun = mine & ~(known["at"] > self.now)
            what = Incident(np.flatnonzero(begun).tolist())
        self._announce(*(Change(REPAIR, change, at=float(self.now)) for change in what))

    def submit(self, region: str, devices: int = 1, work_s: float = 0.0, **columns: Any) -> int:
        """Submit one more job now; returns its id.

        region: name. devices: gang. work_s: s on the reference device. columns: klass (a name), input_bit,
        output_bit, wave_bit_s, deadline_s, slack_s, hub (pins the job). It may run where its class may, and saves
        checkpoints as it does. ValueError for
        a name that is not known or a number that makes no sense.
        """
        names = {"input_bit": "input", "output_bit": "output", "wave_bit_s": "wave"}
        names |= {"deadline_s": "deadline", "slack_s": "slack"}
        setup, row = self.setup, empty_block(1)
        klass, hub = columns.pop("klass", setup.classes[0]), columns.pop("hub", None)
        row["region"] = _place_in(setup.regions, region, "region")
        row["klass"] = _place_in(setup.classes, klass, "class")
        row["place"] = setup.class_places[row["klass"][0]] if setup.class_places else 0
        row["lane"] = setup.class_lanes[row["klass"][0]] if setup.class_lanes else 0
        if setup.drawn:  # jobs of a table have these one by one
            of_class = setup.drawn[int(row["klass"][0])]
            row["tolerance"], row["pinned"] = of_class.tolerance, of_class.pinned
            row["checkpoint"], row["estimate"] = of_class.checkpoint, of_class.estimate
        if hub is not None:
            row["pinned"] = _place_in(setup.hubs, hub, "hub")
        if not float(devices).is_integer() or not math.isfinite(work_s):
            raise ValueError(f"devices={devices!r}, work_s={work_s!r}: devices are whole, and work is finite")
        row["devices"], row["work"] = devices, work_s
        for name, value in columns.items():
            if name not in names:
                raise TypeError(f"submit() has no column {name!r}; there are: klass, hub, {', '.join(names)}")
            row[names[name]] = value
        if not all(math.isfinite(row[name][0]) for name in ("input", "output")):
            raise ValueError("input_bit and output_bit are finite")
        if not all(row[name][0] >= 0 for name in ("devices", "work", *names.values())) or row["wave"][0] == 0:
            raise ValueError("devices, work, sizes, deadline and slack are at least 0, and a wave is more than 0")
        rng = stream(0, 0, "submitted by a process", self._extra)
        row["u1"], row["u2"] = rng.random(2)
        row["id"], row["submit"] = FIRST_EXTRA_ID + self._extra, self.now
        self._extra += 1
        self._submit(row)
        return int(row["id"][0])

    def finished(self, job: int) -> simpy.Event:
        """The event, to be yielded, that job number `job` leaves: it has finished, or was rejected."""
        if job < 0:
            raise ValueError(f"job {job}: ids count from 0")
        if job in self._awaited:
            return self._awaited[job]
        event = self.event()
        if self._has_left(job):
            return event.succeed(job)
        self._awaited[job] = event
        self._watch(job)
        return event

    def counts(self) -> dict[str, int]:
        """How many jobs were submitted, rejected, finished, and are in flight at this instant."""
        ledger = self._machine.ledger
        counted = {name: int(ledger[name][0]) for name in ("submitted", "rejected", "finished")}
        counted["in_flight"] = int((self._world.jobs["live"] == 1).sum())
        return counted

    def run(self, until: Any = None) -> Any:
        """Run to the horizon, or to `until` (a time or an event) as SimPy does.

        Without either, until the workload is used up and nothing is in flight: what user processes would do later
        is not played, so that one that goes on for ever does not keep the run from ending.
        """
        if until is None and np.isfinite(self.setup.horizon):
            until = self.setup.horizon
        self._until_idle = until is None
        self._machine.ledger["until_idle"] = self._until_idle
        return super().run(until)

    # -- the end of a run

    def close(self) -> Outcome:
        """End the run here: close the last bin, and take in the jobs still in flight as unfinished."""
        end = float(self.now)
        while self.bins.edges[-1] < end:
            self._close_bin(min(self.bins.next_edge, end))
        rows = self._unfinished_rows()
        rows["release"][rows["release"] > end] = np.nan  # still held: this is when it would have been released
        self.audit.close(rows, end, self._world, self._machine, self._bits_left(end))
        if self._sink and len(rows):
            self._sink(rows)
        self.jobs.add(rows, end=end)
        events = int(self._machine.ledger["events"][0])
        changes = self._machine.changes[: len(self._incident_names)]
        incidents = told(self.setup, changes, self._incident_names, end)
        self.audit.disturbed = bool(self._incident_names) or self._extra > 0
        return Outcome(self.setup, self.gear, self.jobs, self.bins, events, end, incidents, self.audit)

    def _close_bin(self, edge: float) -> None:
        self.bins.close(edge, self._world.pools, self._machine.links, self._machine.ledger)
        if self._progress:
            self._progress(edge, self._left)

    def _take_in(self, rows: np.ndarray) -> None:
        """Rows of jobs that have left go to the meters, and to the sink if there is one."""
        self._left += len(rows)
        self.jobs.add(rows)
        self.audit.add(rows)
        if self._sink and len(rows):
            self._sink(rows.copy())

    def _next_block(self) -> np.ndarray | None:
        """The next block that is not empty; None at the end of the workload."""
        for block in self._blocks:
            self._taken += 1
            if block.dtype != JOB:
                raise RunError("a workload must hand over arrays of hubnet's JOB rows")
            if len(block):
                return block
        return None

    def _router_fault(self, job: int, pool: Any = None) -> PolicyError:
        """What is wrong with the choice that was made for the job in a slot; pool: the choice, if it is known."""
        jobs, name = self.world.jobs, self.setup.router.name
        number, release = int(jobs.id[job]), float(jobs.release[job])
        latest = latest_release(job, max(float(self.now), float(self.machine.ledger.now[0])), self.world)
        if jobs.hub[job] != NONE:
            message = f"{name} holds job {number} until {release:g} s; it may be held until {latest:g} s"
            return PolicyError(Problem(message, hint="hubnet.latest_release(job, now, world) says until when"))
        chosen = "a pool" if pool is None else f"pool {pool}"
        return PolicyError(
            Problem(
                f"{name} chose {chosen} that job {number} may not use: of a type that it does not run "
                "on, too small, out of reach, or not a pool at all",
                hint="return only pools for which hubnet.eligible(job, pool, world) is true, or -1 to reject",
            )
        )

    def _router_failed(self, error: Exception) -> PolicyError:
        """What a router of the user's raised, as an error that names it."""
        problem = f"{self.setup.router.name} fails: {type(error).__name__}: {error}"
        return PolicyError(Problem(problem, "hubnet.check_policy tries a policy on small worlds"))

    def _grow(self) -> None:
        """Make room: for jobs in flight if no slot is free, otherwise for path classes."""
        if self._machine.ledger["free"][0] == 0:
            self._world, self._machine = with_more_slots(self._world, self._machine)
        else:
            self._machine = with_more_classes(self._machine)
        self._see()

    def _announce(self, *changes: Change) -> Incident:
        """Note changes, each of which happens at its time."""
        numbers = Incident()
        for change in changes:
            number = len(self._incident_names)
            self._incident_names.append(change.name)
            if number == len(self._machine.changes):
                self._machine = with_more_changes(self._machine)
                self._see()
            self._machine.changes[number] = change.row()
            self._machine.ledger["changes"] = number + 1
            self._schedule(number, change.at)
            numbers.append(number)
        return numbers

    def _reroute(self, change: int) -> None:
        """Find the paths over the trunks that are up since a change."""
        self._flush()
        self.audit.repath(self._world, self._machine, self._bits_left(float(self._machine.ledger["now"][0])))
        self._machine = reroute(self.setup, self._world, self._machine, change)
        self._see()

    # -- how jobs are played, which the two environments know

    @abstractmethod
    def _schedule(self, change: int, at: float) -> None: ...

    @abstractmethod
    def _submit(self, row: np.ndarray) -> None: ...

    @abstractmethod
    def _watch(self, job: int) -> None: ...

    @abstractmethod
    def _unfinished_rows(self) -> np.ndarray: ...

    @abstractmethod
    def _flush(self) -> None:
        """Take in the rows of jobs that have left so far."""

    @abstractmethod
    def _bits_left(self, now: float) -> np.ndarray:
        """[slots]: bits that each job has still to send of what it is sending at `now`; else 0."""

    def _has_left(self, job: int) -> bool:
        """Was this job submitted before now, and is it gone?"""
        live = self._world.jobs["live"] > 0
        if job in self._world.jobs["id"][live]:
            return False
        if job >= FIRST_EXTRA_ID:
            return job < FIRST_EXTRA_ID + self._extra
        return job < self._next_id()

    @abstractmethod
    def _next_id(self) -> int: ...


def _pair(trunk: Any, other: str | None) -> Any:
    """A trunk's name, or its two cities."""
    return trunk if other is None else (trunk, other)


def _place_in(names: tuple[str, ...], name: str, noun: str) -> int:
    """Index of a name; ValueError with the known names."""
    if name not in names:
        raise ValueError(f"{name!r} is not a {noun}; there are: {', '.join(names)}")
    return names.index(name)
