"""Reading what finished folders hold: files that are missing, damaged or of another version are named, with the way
out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..errors import InputError, Problem

AGAIN = "run the command that made it again: it replaces the folder"


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a finished folder. Raises InputError."""
    check_there(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    if not isinstance(found, dict):
        raise damaged(path, "it holds no object")
    return found


def read_table(
    path: Path, filters: Sequence[tuple[str, str, Any]] | None = None, columns: Sequence[str] = ()
) -> pd.DataFrame:
    """A table of a finished folder. filters: (column, "=", value) of the rows that are wanted. columns: those that
    must be there. Raises InputError."""
    check_there(path)
    try:
        found = pd.read_parquet(path, filters=list(filters) if filters else None)
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise damaged(path, error) from error
    if lacking := [name for name in columns if name not in found.columns]:
        raise damaged(path, f"it has no column {lacking[0]}")
    return found


def check_there(path: Path) -> None:
    """Raises InputError if a finished folder lacks a file."""
    if not path.exists():
        raise InputError(Problem(f"{path.parent} has no {path.name}: it is of an older version, or damaged", AGAIN))


def damaged(path: Path, why: object) -> InputError:
    """The error that a file is not what it should be; why: in words, or the error that says so."""
    said = next(iter(str(why).splitlines()), "") or type(why).__name__
    return InputError(Problem(f"{path} is damaged: {said}", AGAIN))
