"""Making the arrays of a run, making them larger, and seeing record arrays as columns in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workload.jobs import JOB, NONE
from .world import CHANGE, CLASS, LEDGER, ROW, SLOT, TALLY, WEEK, Events, Machine, World


class Columns:
    """A record array by its fields: `columns.field[i]`, `len(columns)` rows; views, not copies."""

    def __init__(self, records: np.ndarray) -> None:
        self.look_at(records)

    def look_at(self, records: np.ndarray) -> None:
        """Show these records from now on; whoever holds this object sees them too."""
        self._rows = len(records)
        for name in records.dtype.names or ():
            setattr(self, name, records[name])

    def __len__(self) -> int:
        return self._rows

    def __getattr__(self, name: str) -> Any:
        fields = ", ".join(field for field in vars(self) if not field.startswith("_"))
        raise AttributeError(f"no column {name!r}; there are: {fields}")


def as_columns(arrays: Any) -> Any:
    """The same named tuple with every record array seen through `Columns`."""
    return type(arrays)(*(Columns(a) if isinstance(a, np.ndarray) and a.dtype.names else a for a in arrays))


def new_world(
    pools: np.ndarray,
    pairs: np.ndarray,
    fit: np.ndarray,
    memory: int,
    slots: int,
    week: np.ndarray | None = None,
    start: float = 0.0,
) -> World:
    """An idle world with room for `slots` jobs in flight and `memory` numbers of a router's own.

    week: `WEEK` records [pools, 168]; without them all hours are the same. start: s from Monday 00:00 to time 0.
    """
    pools = pools.copy()
    pools["shadow_head"] = pools["first_running"] = NONE
    hours = week_records(len(pools)) if week is None else week.copy()
    own = np.zeros(max(memory, 1))
    return World(np.zeros(slots, SLOT), pools, pairs.copy(), fit.astype(float), own, hours, np.array([start]))


def week_records(pools: int, **factors: Any) -> np.ndarray:
    """`WEEK` records. factors: price, carbon, demand: [168] for all pools or [pools, 168]; 1 unless given."""
    week = np.zeros((pools, 168), WEEK)
    for name in ("price", "carbon", "demand"):
        week[name] = factors.get(name, 1.0)
        week[f"{name}_sum"] = np.cumsum(week[name], axis=1) - week[name]
    return week


def new_machine(
    links: np.ndarray, path: np.ndarray, pairs: np.ndarray, slots: int, out_rows: int, sharing: bool, queues: int
) -> Machine:
    """An event loop with nothing to do: every slot free, an empty block, and more blocks to come; with room for so
    many queues, the lanes of all pools."""
    ledger = np.zeros(1, LEDGER)
    ledger["free"], ledger["more"], ledger["fault"] = slots, 1, NONE
    ledger["sharing"], ledger["hubs"], ledger["hops"] = sharing, pairs.shape[1], max(pairs["hops"].max(initial=1), 1)
    links = links.copy()
    links["head"], links["nominal"] = NONE, links["capacity"]
    classes = 64
    nodes = np.full(classes * int(ledger["hops"][0]), NONE)
    return Machine(
        calendar=no_events(slots + 64),
        travels=no_events(slots),
        travelling=np.zeros(1, TALLY),
        block=np.zeros(1, JOB),
        out=np.zeros(out_rows, ROW),
        links=links,
        path=path.copy(),
        free=np.arange(slots)[::-1].copy(),
        watched=np.zeros(8, np.int64),
        changes=np.zeros(8, CHANGE),
        victims=no_events(slots),
        tally=np.zeros(1, TALLY),
        lane_head=np.full(max(queues, 1), NONE),
        lane_tail=np.full(max(queues, 1), NONE),
        lane_running=np.full(max(queues, 1), NONE),
        ledger=ledger,
        classes=np.zeros(classes, CLASS),
        class_head=np.full(2 * pairs.size, NONE),
        node_next=nodes,
        node_before=nodes.copy(),
        node_class=nodes.copy(),
        agenda=np.zeros(classes, np.int64),
        some_links=np.zeros(max(len(links), 1), np.int64),
        some_classes=np.zeros(classes, np.int64),
        open_links=np.zeros(max(len(links), 1), np.int64),
        capped=np.zeros(classes, np.int64),
    )


def no_events(room: int) -> Events:
    """An empty heap of events, with two places more, which `calendar.take_out` looks at."""
    return Events(np.zeros(room + 2), np.zeros(room + 2, np.int64), np.zeros(room + 2, np.int64))


def with_room(events: Events, more: int) -> Events:
    """The same heap with room for so many events more."""
    return Events(*(np.concatenate([column, np.zeros(more, column.dtype)]) for column in events))


def with_more_slots(world: World, machine: Machine) -> tuple[World, Machine]:
    """The same state with twice the room for jobs in flight."""
    old, ledger = len(world.jobs), machine.ledger
    jobs = np.concatenate([world.jobs, np.zeros(old, SLOT)])
    calendar = with_room(machine.calendar, old)
    travels = with_room(machine.travels, old)
    victims = no_events(2 * old)
    free = np.zeros(2 * old, np.int64)
    count = int(ledger["free"][0])
    free[:count] = machine.free[:count]
    free[count : count + old] = np.arange(2 * old - 1, old - 1, -1)
    ledger["free"] += old
    return world._replace(jobs=jobs), machine._replace(calendar=calendar, travels=travels, victims=victims, free=free)


def with_more_changes(machine: Machine) -> Machine:
    """The same state with twice the room for incidents."""
    changes = np.concatenate([machine.changes, np.zeros_like(machine.changes)])
    calendar = with_room(machine.calendar, len(machine.changes))
    return machine._replace(changes=changes, calendar=calendar)


def with_more_classes(machine: Machine) -> Machine:
    """The same state with twice the room for path classes."""
    longer = {
        name: np.concatenate([getattr(machine, name), np.zeros_like(getattr(machine, name))])
        for name in ("classes", "node_next", "node_before", "node_class", "agenda", "some_classes", "capped")
    }
    return machine._replace(**longer)
