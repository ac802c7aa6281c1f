"""Where the runs of a sweep are played: in this process, in processes of this machine, on a Dask cluster, or elsewhere.

Every place is a `concurrent.futures.Executor`. A task is plain data, and so is what comes back.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from .engine.gears import gears
from .engine.policy import find_router
from .errors import HubnetError, InputError, Problem, RunError
from .front import Say, engine, play_setup
from .loading import Scenario, names_of
from .plan import AUTO, find_warmup, plan
from .scenario.load import from_values
from .study.result import Result
from .study.store import Finished, model_version

IN_FLIGHT = 256  # tasks that wait in an executor or run there; more would only take memory
PATIENCE = "10s"  # for a scheduler to answer


@dataclass(frozen=True)
class Base:
    """A scenario as plain data. values: its tree, pickled. file: where it was read from; empty if from no file."""

    values: bytes
    file: str

    @staticmethod
    def of(scenario: Scenario) -> Base:
        source = scenario.spec.source
        assert source is not None  # every scenario was read, from a file or from values
        return Base(pickle.dumps(source.tree.plain()), str(Path(source.file).resolve()) if source.file else "")


@dataclass(frozen=True)
class Task:
    """One run. settings: those of its point, "path=value". model: the `model_version` that is asked for."""

    base: Base
    settings: tuple[str, ...]
    allocation: str
    seed: int
    replication: int
    model: str


def play(task: Task) -> Finished:
    """Simulate one run, in whatever process this is. Raises RunError if another version of hubnet is here."""
    if model_version() != task.model:
        raise RunError("a worker has another version of hubnet, or of numpy, than the one that asks; install the same")
    with _preparing:
        scenario = _point(task.base, task.settings)
        router = find_router(scenario.spec.policy.routing)
        setup = scenario.setup(task.allocation, router, task.seed, task.replication)
        if scenario.spec.clock.warmup == AUTO:
            setup = replace(setup, warmup=_warmup(task.base, task.settings, task.seed))
        env = engine("auto", setup, say=_silent)
    began = time.perf_counter()
    env.run()
    seconds = time.perf_counter() - began
    run = Result(env.close(), scenario.network())
    measures = run.measures
    return Finished(
        names=tuple(".".join(path) for path in measures),
        values=tuple(None if one.value is None else float(one.value) for one in measures.values()),
        at_least=tuple(index for index, one in enumerate(measures.values()) if one.at_least),
        seconds=seconds,
        gear=run.gear,
        events=int(run.events),
    )


_preparing = threading.Lock()  # a worker with several threads builds, and compiles, one scenario at a time


def forget() -> None:
    """Read scenarios anew: the files that they name may have changed since this process last played one."""
    for kept in (_scenario, _point, _warmup):
        kept.cache_clear()


@lru_cache(maxsize=2)
def _scenario(base: Base) -> Scenario:
    values = pickle.loads(base.values)
    folder = Path(base.file).parent if base.file else None
    return Scenario(from_values(values, names_of(folder), file=base.file))


@lru_cache(maxsize=4)
def _point(base: Base, settings: tuple[str, ...]) -> Scenario:
    """The scenario of a point; runs of the same point come one after the other."""
    return _scenario(base).varied(settings)


@lru_cache(maxsize=4)
def _warmup(base: Base, settings: tuple[str, ...], seed: int) -> float:
    """s; what one pilot run of each allocation of a point asks for: the same in every worker."""
    todo = plan(_point(base, settings), None, (), seed)
    return float(find_warmup(todo, partial(play_setup, "auto", _silent), 1, _silent)["value_s"])


def _silent(text: str) -> None:
    """Nobody listens to a worker."""


def finished(executor: Executor, tasks: Iterable[tuple[str, Task]]) -> Iterator[tuple[str, Finished]]:
    """Play the tasks (key, task); give each (key, run) as soon as it is done, in any order.

    Raises RunError if a worker dies for good, and what a run raises; tasks that have not begun are then dropped.
    """
    done: SimpleQueue[Future[Finished]] = SimpleQueue()
    pending: dict[Future[Finished], str] = {}
    try:
        for key, task in tasks:
            if len(pending) == IN_FLIGHT:
                yield _taken(done.get(), pending)
            future = executor.submit(play, task)
            pending[future] = key
            future.add_done_callback(done.put)
            while (one := _already(done)) is not None:
                yield _taken(one, pending)
        while pending:
            yield _taken(done.get(), pending)
    except BrokenExecutor as error:
        raise RunError(
            "a worker process died: killed, perhaps for want of memory (fewer workers need less), or begun by a script "
            'that does not keep what it does under `if __name__ == "__main__":`'
        ) from error
    finally:
        for future in list(pending):
            future.cancel()


def _taken(future: Future[Finished], pending: dict[Future[Finished], str]) -> tuple[str, Finished]:
    key = pending.pop(future)
    try:
        return key, future.result()
    except (HubnetError, BrokenExecutor):
        raise
    except CancelledError as error:
        raise RunError("the workers dropped a run: is their scheduler gone?") from error
    except Exception as error:  # whatever an executor raises when its workers fail
        raise RunError(f"a run failed: {type(error).__name__}: {error}") from error


def _already(done: SimpleQueue[Any]) -> Any:
    try:
        return done.get_nowait()
    except Empty:
        return None


class Here(Executor):
    """Plays every task at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **options))
        except Exception as error:  # an executor hands on whatever its task raises; the one who asked decides
            future.set_exception(error)
        return future


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """`workers` processes of this machine; one is this process itself. They end with the block, at once if it fails,
    and with this process, however it ends."""
    if workers == 1:
        yield Here()
        return
    context = multiprocessing.get_context("spawn")
    theirs, mine = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, _begin, (theirs,))
    try:
        for _ in range(workers):
            pool.submit(int)  # so that the processes start while this one still prepares
        yield pool
        pool.shutdown()
    finally:
        mine.close()  # tells those that still play to stop
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _begin(line: Connection) -> None:
    """A worker process starts: Ctrl-C is its parent's business, and it ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    ends: list[Any] = [line, parent.sentinel]

    def watch() -> None:
        wait(ends)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def cluster(address: str, say: Say) -> Iterator[Executor]:
    """The workers of a Dask cluster. Raises InputError if there is none at the address."""
    try:
        from distributed import Client
    except ImportError:
        hint = "install it: pip install 'hubnet[cluster]'"
        raise InputError(Problem("--cluster: Dask is not installed", hint)) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).split("\n")[0]
        hint = 'start "dask scheduler", and use the address that it tells, such as tcp://127.0.0.1:8786'
        raise InputError(Problem(f"--cluster: no scheduler answers at {address}: {reason}", hint)) from error
    with client:
        if not client.scheduler_info()["workers"]:
            say(f"No worker has joined {address} yet: waiting for one (dask worker {address}).")
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)  # also tells the cluster to drop what has not begun


def warm(routings: Iterable[str], say: Say) -> None:
    """Compile what the workers need once, before they get a task: they take it from the cache on disk."""
    for routing in dict.fromkeys(routings):
        gears(find_router(routing), "auto", say)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
