"""Jobs that the user brings: a table with one row per job becomes blocks of rows.

Columns: region, submit_s, devices, work_s, and if wanted class, input_bit, output_bit, wave_bit_s, deadline_s,
slack_s (it may be held so long), checkpoint_s, estimate (of the work, as a factor), priority, runs_on (device type),
hub (pins the job to that hub).
Times in s, sizes in bit. A row's id is its place after a stable sort by submit time. Other columns are ignored, unless
their name looks like a slip in a known one.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem, TableError
from .jobs import NONE, Blocks, empty_block
from .mix import Place
from .streams import stream

ROWS_PER_BLOCK = 2**17
NEEDED = ("region", "submit_s", "devices", "work_s")
NUMBERS = {  # column -> (field of a row, least value, may be infinite)
    "submit_s": ("submit", 0.0, False),
    "devices": ("devices", 0.0, False),
    "work_s": ("work", 0.0, False),
    "input_bit": ("input", 0.0, False),
    "output_bit": ("output", 0.0, False),
    "wave_bit_s": ("wave", 0.0, True),
    "deadline_s": ("deadline", 0.0, True),
    "slack_s": ("slack", 0.0, True),
    "checkpoint_s": ("checkpoint", 0.0, True),
    "estimate": ("estimate", 0.0, False),
}
RESULT_COLUMNS = (
    *("job", "pool", "status", "reason", "attempts"),
    *("release_s", "sent_s", "deliver_s", "start_s", "end_s", "finish_s"),
)
NAMES = ("region", "class", "runs_on", "hub")
MOST_PRIORITIES = 100
ONLY_CLASS = "jobs"  # the class of a table that names none


@dataclass(frozen=True)
class JobTable:
    """A checked table: its rows, and the names that they refer to by index."""

    rows: np.ndarray
    classes: tuple[str, ...]
    places: tuple[Place, ...]
    lanes: int = 1

    def blocks(self, horizon: float = math.inf) -> Blocks:
        """The jobs submitted before the horizon, in blocks."""
        rows = self.rows[self.rows["submit"] < horizon]
        return iter([rows[i : i + ROWS_PER_BLOCK] for i in range(0, len(rows), ROWS_PER_BLOCK)])


def job_table(
    columns: Mapping[str, Any],
    regions: Sequence[str],
    hubs: Sequence[str],
    devices: Sequence[str],
    seed: int = 0,
) -> JobTable:
    """Check the columns (name -> sequence of equal length) and make rows of them.

    regions, hubs, devices: the names that columns may hold. seed: of the two uniforms that every row carries.
    Raises TableError with every problem found, at most three rows each.
    """
    problems = _column_problems(columns)
    if problems:
        raise TableError(problems)
    count = len(columns["submit_s"])
    rows = empty_block(count)
    for column, (field, least, endless) in NUMBERS.items():
        if column in columns:
            values = _numbers(column, columns[column], least, endless, problems)
            rows[field] = values if values is not None else rows[field]
    rows["region"] = _index("region", columns["region"], regions, problems)
    pins = _index("hub", columns["hub"], hubs, problems) if "hub" in columns else np.full(count, NONE)
    types = _index("runs_on", columns["runs_on"], devices, problems) if "runs_on" in columns else np.full(count, NONE)
    if problems:
        raise TableError(problems)
    rows["pinned"] = pins
    pairs, rows["place"] = np.unique(np.column_stack([types, pins]), axis=0, return_inverse=True)
    places = tuple(
        Place(None if d == NONE else (devices[d],), None if h == NONE else (hubs[h],)) for d, h in pairs.tolist()
    )
    names = [_text(name) or ONLY_CLASS for name in columns.get("class", [ONLY_CLASS] * count)]
    classes = tuple(sorted(set(names))) or (ONLY_CLASS,)
    place = {name: index for index, name in enumerate(classes)}
    rows["klass"] = [place[name] for name in names]
    priorities = -_priorities(columns.get("priority", np.zeros(count)))
    ranks, rows["lane"] = np.unique(priorities, return_inverse=True)
    rows = rows[np.argsort(rows["submit"], kind="stable")]
    rows["id"] = np.arange(count)
    rng = stream(seed, 0, "table")
    rows["u1"], rows["u2"] = rng.random(count), rng.random(count)
    return JobTable(rows, classes, places or (Place(),), max(len(ranks), 1))


def _priorities(column: Any) -> np.ndarray:
    """Whole numbers; raises TableError for anything else, and for more than MOST_PRIORITIES of them."""
    problems: list[Problem] = []
    numbers = _numbers("priority", column, -math.inf, False, problems)
    if problems or numbers is None:
        raise TableError(problems)
    if len(np.unique(numbers)) > MOST_PRIORITIES:
        raise TableError(
            Problem(f"the column 'priority' holds more than {MOST_PRIORITIES} values", "priorities are a few levels")
        )
    return numbers


def _column_problems(columns: Mapping[str, Any]) -> list[Problem]:
    known = (*NAMES, *NUMBERS, "priority")
    problems = []
    for name in NEEDED:
        if name not in columns:
            problems.append(Problem(f"the job table has no column {name!r}", f"it needs {', '.join(NEEDED)}"))
    for name in columns:
        absent = [other for other in known if other not in columns]  # a column may stand beside one like it
        near = difflib.get_close_matches(str(name), absent, 1, 0.75)
        if name not in (*known, *RESULT_COLUMNS) and near:
            problems.append(Problem(f"the job table has an unknown column {name!r}", f"did you mean {near[0]!r}?"))
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        problems.append(Problem(f"the job table's columns differ in length: {sorted(lengths)}"))
    return problems


def _numbers(column: str, values: Any, least: float, endless: bool, problems: list[Problem]) -> np.ndarray | None:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        problems.append(Problem(f"the column {column!r} holds something that is not a number"))
        return None
    if endless:  # an empty cell means no limit
        numbers = np.where(np.isnan(numbers), np.inf, numbers)
    tests: list[tuple[np.ndarray, str]] = [
        (np.isnan(numbers), "is not a number"),
        (numbers < least, "is negative"),
    ]
    if not endless:
        tests.append((np.isinf(numbers), "is infinite"))
    if column == "wave_bit_s":
        tests.append((numbers == 0, "is 0: nothing would ever be sent"))
    if column == "estimate":
        tests.append((numbers == 0, "is 0: it is the estimated over the true work, and 1 is exact"))
    if column == "checkpoint_s":
        tests.append((numbers == 0, "is 0: leave it empty if there are no checkpoints"))
    if column == "devices":
        tests.append((numbers > 2**40, "is more than any pool could hold"))
        tests.append((numbers != np.floor(numbers), "is not a whole number"))
    good = True
    for wrong, what in tests:
        rows = np.flatnonzero(wrong)
        good &= len(rows) == 0
        for row in rows[:3]:
            problems.append(Problem(f"job table, row {row}: {column} = {numbers[row]:g} {what}"))
        if len(rows) > 3:
            problems.append(Problem(f"the job table has {len(rows) - 3} more rows whose {column} {what}"))
    return numbers if good else None


def _text(value: Any) -> str | None:
    """A name as text; None for an empty cell."""
    return None if value is None or value != value else str(value)


def _index(column: str, values: Any, known: Sequence[str], problems: list[Problem]) -> np.ndarray:
    """Each name's index in `known`; NONE for an empty cell, which only a region may not be."""
    place: dict[str | None, int] = {name: i for i, name in enumerate(known)}
    if column != "region":
        place[None] = NONE
    index = np.full(len(values), NONE)
    wrong: dict[str | None, int] = {}
    for row, value in enumerate(values):
        name = _text(value)
        if name in place:
            index[row] = place[name]
        else:
            wrong.setdefault(name, row)
    for name, row in list(wrong.items())[:3]:
        near = difflib.get_close_matches(str(name), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(list(known)[:12])}"
        problems.append(Problem(f"job table, row {row}: {name!r} is not a known {column.replace('_', ' ')}", hint))
    return index
