"""Runs of a study that are kept on disk while they are played, so that a stop costs little: `hubnet run --checkpoint`.

DIR.partial/run.json                what these runs are of
DIR.partial/runs/KEY/               one run; its key is a hash of all that determines it
    000003.state, 000004.state      its last two states, at the edges of time bins; gone when it is finished
    jobs-00000.parquet, ...         its job records so far, with --records
    finished.state                  what it came to
"""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from .engine.environment import HubEnvironment
from .engine.plain import Packed, pack, unpack
from .engine.setup import Outcome, Setup
from .engine.state import restore, saved
from .errors import InputError, Problem
from .front import Say, engine
from .plan import Play, Report, Takers
from .study.parts import RecordParts, are_whole
from .study.records import JobsFile
from .study.statefile import read_state, write_state
from .text import seconds as duration

FINISHED = "finished.state"
OF_OUTCOME = (
    "jobs",
    "bins",
    "events",
    "end",
    "incidents",
    "audit",
)  # of a finished run
STATES_KEPT = 2  # the last one, and one more in case it is damaged


class Keeper:
    """Keeps runs in a folder. identity: a hash of all that they have in common. every: s of simulated time."""

    def __init__(self, folder: Path, identity: str, every: float) -> None:
        self.folder, self.identity, self.every = folder, identity, every
        self._records: list[RecordParts] = []

    def player(self, gear: str, say: Say) -> Play:
        """What plays, or goes on with, or only reads the runs of a study."""
        return partial(self._play, gear, say)

    def sink(self, setup: Setup, replication: int) -> RecordParts:
        """What takes in the job rows of a run, if there are to be records."""
        self._records.append(RecordParts(setup, replication))
        return self._records[-1]

    def join(self, path: Path) -> None:
        """The records of all runs, in the order in which they were asked for, in one file."""
        whole = JobsFile(path)
        for parts in self._records:
            parts.add_to(whole)
        whole.close()

    def words(self) -> str:
        """What is here, in words; empty if nothing is."""
        runs = [place for place in self.folder.glob("*") if place.is_dir()]
        finished = sum((run / FINISHED).exists() for run in runs)
        begun = sum(1 for run in runs if not (run / FINISHED).exists() and _states(run))
        parts = [f"{finished} finished run{'s' if finished > 1 else ''}"] if finished else []
        parts += [f"the last state of {begun} unfinished run{'s' if begun > 1 else ''}"] if begun else []
        return f"{' and '.join(parts)} {'is' if finished + begun == 1 else 'are'}" if parts else ""

    def _play(self, gear: str, say: Say, setup: Setup, takers: Takers | None, report: Report | None) -> Outcome:
        run = _Run(self.folder, self.identity, setup, takers, say)
        if (outcome := run.finished()) is not None:
            return outcome
        env = engine(gear, setup, sink=takers, progress=report, say=say)
        assert isinstance(env, HubEnvironment)  # `running` refuses the textbook, whose jobs are processes
        last = run.go_on(env)

        def at_edge() -> None:
            nonlocal last
            edge = env.bins.edges[-1]
            if _count(edge, self.every) > _count(last, self.every):
                run.save(env)
                last = edge

        env.at_edge = at_edge
        env.run()
        outcome = env.close()
        run.finish(outcome)
        return outcome


def _count(time: float, every: float) -> int:
    """How many states are due by then."""
    return int(time / every + 1e-9)


class _Run:
    """One run, and what is on disk of it."""

    def __init__(self, root: Path, identity: str, setup: Setup, takers: Takers | None, say: Say) -> None:
        self.setup, self.say = setup, say
        self.batches = takers.batches if takers else None
        sink = takers.sink if takers else None
        self.records = sink if isinstance(sink, RecordParts) else None
        names = setup.names["allocation"], setup.names["replication"]
        keeps = self.batches is not None, self.records is not None
        key = sha256(json.dumps([identity, *names, setup.warmup, setup.bin, *keeps]).encode()).hexdigest()
        self.folder = root / key[:32]
        self.title = f"{names[0]}, replication {int(names[1]) + 1}"
        if self.records is not None:
            self.records.go_on(self.folder, [])

    def finished(self) -> Outcome | None:
        """What the run came to, if that is here and whole."""
        found = self._read(self.folder / FINISHED)
        if found is None:
            return None
        state, about = found
        new = HubEnvironment(self.setup, "python")
        held = unpack(state, {"jobs": new.jobs, "bins": new.bins, "audit": new.audit, "beside": self.batches})
        if self.records is not None:
            self.records.go_on(self.folder, about["parts"])
        return Outcome(self.setup, about["gear"], *(held[name] for name in OF_OUTCOME))

    def go_on(self, env: HubEnvironment) -> float:
        """Give the environment the last state that is whole, if there is any. Returns the time of it, s."""
        states = _states(self.folder)
        for path in states:
            if (found := self._read(path)) is not None:
                state, about = found
                restore(env, state, self.batches)
                if self.records is not None:
                    self.records.go_on(self.folder, about["parts"])
                self.say(f"{self.title} goes on from {duration(about['at_s'])}")
                return float(about["at_s"])
        if states:
            self.say(f"{self.title} begins anew: no state of it is whole")
        self._make_folder()
        return 0.0

    def save(self, env: HubEnvironment) -> None:
        """Keep the present state; all but the last few are dropped."""
        states = _states(self.folder)
        number = int(states[0].stem) + 1 if states else 1
        self._write(f"{number:06d}.state", saved(env, self.batches), at_s=env.bins.edges[-1])
        for path in states[STATES_KEPT - 1 :]:
            path.unlink()

    def finish(self, outcome: Outcome) -> None:
        """Keep what the run came to, and no states any more."""
        held = {name: getattr(outcome, name) for name in OF_OUTCOME}
        self._write(FINISHED, pack(held | {"beside": self.batches}), gear=outcome.gear)
        for path in _states(self.folder):
            path.unlink()

    def _write(self, name: str, state: Packed, **about: Any) -> None:
        parts = self.records.cut() if self.records is not None else []
        write_state(self.folder / name, state, {"parts": parts, **about})

    def _read(self, path: Path) -> tuple[Packed, dict[str, Any]] | None:
        """A state; None if there is none. One that is damaged, or whose records are, is told about and removed."""
        if not path.exists():
            return None
        found = read_state(path)
        if found is None or not are_whole(self.folder, found[1]["parts"]):
            self.say(f"{path} is damaged, and is not used")
            path.unlink()
            return None
        return found

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot write to {self.folder.parent}: {error.strerror}"
            raise InputError(Problem(message, "choose another folder with -o")) from error


def _states(folder: Path) -> list[Path]:
    """The states of an unfinished run, the last one first."""
    return sorted((path for path in folder.glob("*.state") if path.name != FINISHED), reverse=True)
