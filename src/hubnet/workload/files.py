"""What a workload reads from CSV files: profiles of the day, and columns to draw from."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from ..errors import Problem
from ..network.tables import Table
from ..network.weeks import ProfileRow, Week, weeks_in
from ..scenario.words import quote, suggestion

MOST_REPORTED = 3  # problems of one kind in one column


def read_profiles(path: Path, problems: list[Problem]) -> dict[str, Week]:
    """The profiles in a table by their names, "" if they have none; what is wrong goes to `problems`."""
    mine: list[Problem] = []
    table = _table(path, mine)
    rows = table.rows(ProfileRow, []) if table else []
    found = {} if mine else weeks_in(rows, str(path), mine)
    problems += mine
    return found


def read_column(path: Path, column: str, counts: bool, problems: list[Problem]) -> tuple[float, ...]:
    """The numbers in a column of a CSV file, each finite and not negative, and whole if they are counts."""
    before = len(problems)
    table = _table(path, problems)
    if table is None or len(problems) > before:
        return ()
    if column not in table.header:
        hint = suggestion(column, table.header, "columns")
        problems.append(Problem(f"there is no column {quote(column)}", hint, str(path), 1))
        return ()
    place = table.header.index(column)
    cells = [record[2][place] for record in table.records]
    if not cells:
        problems.append(Problem("the table has no rows", "", str(path)))
    values = [_number(cell) for cell in cells]
    tests: list[tuple[str, Callable[[float], bool]]] = [
        ("is not a number", math.isnan),
        ("is negative (in traces: not known)", lambda value: value < 0),
        ("is not finite", math.isinf),
    ]
    if counts:
        tests.append(("is not a whole number", lambda value: math.isfinite(value) and value != math.floor(value)))
    for what, wrong in tests:
        rows = [row for row, value in enumerate(values) if wrong(value)]
        for row in rows[:MOST_REPORTED]:
            table.problem(row, column, f"{column} {quote(cells[row])} {what}", "leave such rows out of the file")
        if len(rows) > MOST_REPORTED:
            message = f"{len(rows) - MOST_REPORTED} more rows have a {column} that {what}"
            problems.append(Problem(message, "", str(path)))
    return tuple(values)


def _table(path: Path, problems: list[Problem]) -> Table | None:
    if not path.is_file():
        problems.append(Problem(f"there is no file {quote(str(path))}"))
        return None
    return Table(path, str(path), problems)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
