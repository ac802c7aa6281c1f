"""The state of a run that is under way, as plain data: saved at a time bin's edge, and given to a new environment.

What there is to save is found, not listed: every array of `World` and `Machine`, and every attribute of the environment
and its meters but those below. Three things are not saved: the block of jobs being read and those before it, which the
workload makes again (it is deterministic, and drawing jobs is faster than playing them); what the environment is made
with; and the unused part of the output buffer. Saving changes nothing: a run that was saved has the bits of one that
was not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import simpy
from simpy.core import StopSimulation

from ..errors import RunError
from .arrays import as_columns
from .environment import HubEnvironment
from .plain import Packed, pack, unpack
from .world import Machine, World

GIVEN = frozenset({"setup", "gear", "at_edge", "_sink", "_progress", "_advance", "_route", "_frozen"})
APART = frozenset({"world", "_world", "_machine", "_columns", "_blocks", "_awaited"})
NOT_SAVED = (frozenset(vars(simpy.Environment())) - {"_now"}) | GIVEN | APART


def saved(env: HubEnvironment, beside: Any = None) -> Packed:
    """The state of a run. beside: what else has taken in the job rows, such as `JobBatches`.

    Its arrays are those of the run, not copies. Raises RunError if processes of the user run beside the jobs: they
    are code that is under way, which no file can hold.
    """
    if not isinstance(env, HubEnvironment):
        raise RunError("a run of the textbook gear cannot be saved: its jobs are processes")
    heard = [callback for *_, event in env._queue for callback in event.callbacks or ()]
    if env._awaited or any(callback != StopSimulation.callback for callback in heard):
        raise RunError("a run with processes beside the jobs cannot be saved: they are code, and only data is kept")
    written = int(env._machine.ledger["written"][0])
    machine = env._machine._replace(block=None, out=env._machine.out[:written])
    parts = {name: value for name, value in vars(env).items() if name not in NOT_SAVED}
    return pack({"world": env._world._asdict(), "machine": machine._asdict(), "env": parts, "beside": beside})


def restore(env: HubEnvironment, state: Packed, beside: Any = None) -> None:
    """Give a new environment, of the same setup, the state of an earlier one. beside: as new, of the same kind as then.

    The arrays of the state are used, not copied. Raises RunError if it is not a state of such a run.
    """
    parts = {name: value for name, value in vars(env).items() if name not in NOT_SAVED}
    given = {"world": env._world._asdict(), "machine": env._machine._asdict(), "env": parts, "beside": beside}
    found = unpack(state, given)
    if any(set(found[name]) != set(given[name]) for name in ("world", "machine", "env")):
        raise RunError("the state is of another form than this version of hubnet has")
    for name, value in found["env"].items():
        setattr(env, name, value)
    machine, out = Machine(**found["machine"]), env._machine.out
    out[: len(machine.out)] = machine.out
    env._world = World(**found["world"])
    env._machine = machine._replace(out=out, block=_skip(env))
    if int(env._machine.ledger["rows"][0]) not in (0, len(env._machine.block)):
        raise RunError("the state is of a run with other jobs")
    env._see()
    env.world = as_columns(env._world)


def _skip(env: HubEnvironment) -> np.ndarray:
    """Let the workload make the blocks that had been taken; the last one that is not empty was being read."""
    block: np.ndarray = env._machine.block
    for _ in range(env._taken):
        made = next(env._blocks, None)
        if made is None:
            raise RunError("the state is of a run with more jobs")
        if len(made):
            block = made
    return block
