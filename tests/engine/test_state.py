"""A run that is saved and restored goes on to the same bits, whatever was under way."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.plain import pack, unpack
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.setup import Outcome
from hubnet.engine.state import restore, saved
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import BACKFILL, FIFO, PRIORITY
from hubnet.errors import RunError
from hubnet.study.batches import JobBatches
from hubnet.study.statefile import read_state, write_state
from worlds import random_setup, same_rows


@hn.router(memory=1)
def round_robin(job, now, world):
    for step in range(len(world.pools)):
        pool = (int(world.memory[0]) + step) % len(world.pools)
        if hn.eligible(job, pool, world):
            world.memory[0] = pool + 1
            return pool
    return -1


@hn.router(memory=1)
def holds_and_counts(job, now, world):
    for pool in range(len(world.pools)):
        if hn.eligible(job, pool, world):
            world.memory[0] += 1
            if world.memory[0] % 3 == 0:
                hn.hold(job, now + world.jobs.u2[job] * (hn.latest_release(job, now, world) - now), world)
            return pool
    return -1


class Player:
    """A run that is saved to a file and goes on as another environment as often as asked."""

    def __init__(self, setup, gear, file):
        self.setup, self.gear, self.file = setup, gear, file
        self.rows, self.batches, self.saves = [], JobBatches(0.0, 30.0), 0
        self.env = HubEnvironment(setup, gear, sink=self.take)

    def take(self, rows):
        self.batches.add(rows)
        self.rows.append(rows)

    def leave_and_return(self, gear):
        write_state(self.file, saved(self.env, self.batches), {"rows": len(self.rows)})
        state, about = read_state(self.file)
        assert about == {"rows": len(self.rows)}
        self.batches, self.saves = JobBatches(0.0, 30.0), self.saves + 1
        self.env = HubEnvironment(self.setup, gear, sink=self.take)
        restore(self.env, state, self.batches)

    def end(self, until=None):
        self.env.run(until)
        return self.env.close()


class Left(Exception):
    """The process ends here."""


def stop():
    raise Left


def everything(outcome: Outcome):
    """All that an outcome consists of, as bytes."""
    tree, arrays = pack([outcome.jobs, outcome.bins, outcome.events, outcome.end, outcome.incidents])
    return repr(tree), [array.tobytes() for array in arrays]


worlds = {
    "seed": st.integers(0, 2**32 - 1),
    "jobs": st.integers(1, 250),
    "ties": st.booleans(),
    "routing": st.sampled_from([*BUILT_IN, round_robin, holds_and_counts]),
    "horizon": st.sampled_from([np.inf, 30.0]),
    "load": st.sampled_from([0.5, 0.9, 1.5]),
    "sharing": st.booleans(),
    "incidents": st.integers(0, 8),
    "discipline": st.sampled_from([FIFO, PRIORITY, BACKFILL]),
}


@given(
    world=st.fixed_dictionaries(worlds),
    times=st.lists(st.floats(0.01, 60.0), min_size=1, max_size=4),
    gears=st.tuples(*[st.sampled_from(["python", "compiled"])] * 2),
)
@settings(max_examples=15)
def test_a_run_goes_on_from_any_moment(world, times, gears, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "moment.state"
    setup = random_setup(**world)
    whole, parted = Player(setup, gears[0], file), Player(setup, gears[0], file)
    for time in sorted(set(times)):
        if time < world["horizon"]:
            for player in (whole, parted):
                player.env.run(until=time)
            parted.leave_and_return(gears[parted.saves % 2])
    assert everything(whole.end()) == everything(parted.end())
    rows = [np.concatenate([*player.rows, np.zeros(0, player.rows[0].dtype)]) for player in (whole, parted)]
    assert same_rows(*rows)
    assert pack(whole.batches)[0] == pack(parted.batches)[0]
    for one, other in zip(pack(whole.batches)[1], pack(parted.batches)[1], strict=True):
        assert one.tobytes() == other.tobytes()


@given(world=st.fixed_dictionaries(worlds), every=st.integers(1, 4))
@settings(max_examples=10)
def test_being_saved_at_edges_changes_nothing(world, every, tmp_path_factory):
    """As `hubnet run --checkpoint` does: the event loop is left at the edge of a bin, in the middle of `run`."""
    file = tmp_path_factory.getbasetemp() / "edge.state"
    setup = random_setup(**world)
    object.__setattr__(setup, "bin", 3.0)
    whole, parted = Player(setup, "python", file), Player(setup, "python", file)
    expected, count = everything(whole.end()), 0

    def at_edge():
        nonlocal count
        count += 1
        if count % every == 0 and parted.saves < 5:
            raise Left

    while True:
        parted.env.at_edge = at_edge
        try:
            found = everything(parted.end())
            break
        except Left:
            parted.leave_and_return("python")
    assert found == expected
    assert same_rows(np.concatenate(whole.rows), np.concatenate(parted.rows))


def test_a_run_with_processes_cannot_be_saved():
    env = HubEnvironment(random_setup(1), "python")

    def process(env):
        yield env.timeout(1e6)

    env.process(process(env))
    with pytest.raises(RunError, match="processes"):
        saved(env)


def test_a_run_that_somebody_waits_for_cannot_be_saved():
    env = HubEnvironment(random_setup(1), "python")
    env.finished(10_000)
    with pytest.raises(RunError, match="processes"):
        saved(env)


def test_a_state_fits_only_the_run_that_it_is_of():
    setup, other = random_setup(1, jobs=200, block=16), random_setup(1, jobs=20, block=16)
    env = HubEnvironment(setup, "python")
    env.run(until=20.0)
    with pytest.raises(RunError, match="more jobs"):
        restore(HubEnvironment(other, "python"), saved(env))
    env.jobs.unheard_of = 1
    with pytest.raises(RunError, match="another form"):
        restore(HubEnvironment(setup, "python"), saved(env))


@pytest.mark.parametrize("thing", [object(), simpy.Environment(), {1: 2.0}, np.array([None]), {"a": [{"b": stop}]}])
def test_what_is_not_plain_is_refused(thing):
    with pytest.raises(RunError, match="cannot be saved"):
        pack(thing)


def test_plain_things_come_back_as_they_were(tmp_path):
    thing = {
        "numbers": [1, -0.0, np.inf, 1e-320, 2**70, None, True, "x", np.float32(0.1), np.int64(3)],
        "floats": [0.1, np.inf, 1 / 3],
        "rows": [{"a": np.arange(3.0) * i, "b": np.array([i])} for i in range(4)],
        "mixed": [{"a": 1.0, "b": None}, {"a": np.zeros(2)}],
        "empty": [[], (), {}, np.zeros((0, 3))],
        "pair": (np.zeros((2, 0)), [1]),
    }
    write_state(tmp_path / "x", pack(thing), {"n": 1})
    state, about = read_state(tmp_path / "x")
    assert about == {"n": 1}
    assert repr(unpack(state)) == repr(thing)
    assert [type(number) for number in unpack(state)["numbers"]] == [type(number) for number in thing["numbers"]]


def test_any_damage_to_a_file_is_noticed(tmp_path):
    env = HubEnvironment(random_setup(3), "python")
    env.run(until=5.0)
    file = tmp_path / "state"
    write_state(file, saved(env), {})
    content = file.read_bytes()
    assert read_state(file) is not None
    for place in (0, 70, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert read_state(file) is None
    for rest in (b"", content[:50], content[:-1]):
        file.write_bytes(rest)
        assert read_state(file) is None
    assert read_state(tmp_path / "absent") is None
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_the_textbook_is_not_saved():
    with pytest.raises(RunError, match="textbook"):
        saved(Textbook(random_setup(1)))
