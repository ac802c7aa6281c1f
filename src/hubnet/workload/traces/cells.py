"""Cells of a column, whatever their type, as numbers, dates or names; what cannot be read is marked, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.types as types

pc: Any = pyarrow.compute  # most of its functions are made when it is imported, so type checkers do not see them
EMPTY = pa.array(["", "NA", "N/A", "null", "NULL", "None", "\\N"])
NUMBER = r"(?i)^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?|nan)$"
DATE = r"^(17|18|19|20|21)\d\d-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?)?"
ZONE = r"(Z|[+-]\d\d(:?\d\d)?)"
NS = 1e9  # in a second


@dataclass(frozen=True)
class Dates:
    """ns: int64 since 1970-01-01 (UTC if `zoned`, else as it stands). known: which were read. bad: which could not
    be."""

    ns: np.ndarray
    known: np.ndarray
    bad: np.ndarray
    zoned: bool


def is_text(kind: pa.DataType) -> bool:
    """Are cells of this type text?"""
    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def plain(cells: pa.Array) -> pa.Array:
    """The cells without dictionary, text trimmed, with null for empty ones and those that say so ("NA")."""
    if types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if not is_text(cells.type):
        return cells
    cells = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    return pc.if_else(pc.is_in(cells, EMPTY), None, cells)


def numbers(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(float [rows], NaN where empty or unreadable; bool [rows], where filled but no number). Durations are in s.

    Raises TypeError for a type that holds no numbers.
    """
    cells = plain(cells)
    kind, filled = cells.type, pc.is_valid(cells).to_numpy(zero_copy_only=False)
    if is_text(kind):
        try:
            floats = cells.cast(pa.float64())
        except pa.ArrowInvalid:
            good = pc.fill_null(pc.match_substring_regex(cells, NUMBER), False)
            floats = pc.if_else(good, cells, None).cast(pa.float64())
    elif types.is_duration(kind):
        floats = pc.divide(cells.cast(pa.duration("ns")).cast(pa.int64()).cast(pa.float64(), safe=False), NS)
    elif types.is_boolean(kind):
        floats = cells.cast(pa.uint8()).cast(pa.float64())
    elif types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        floats = cells.cast(pa.float64(), safe=False)
    else:
        raise TypeError(f"it holds {kind}, not numbers")
    values = pc.fill_null(floats, np.nan).to_numpy(zero_copy_only=False)
    return values, np.isnan(values) & filled


def dates(cells: pa.Array, zoned: bool | None = None) -> Dates:
    """Dates of ISO 8601 text or of timestamps. zoned: do they name a time zone; None: most of them say.

    Raises TypeError for a type that holds no dates.
    """
    cells = plain(cells)
    kind = cells.type
    if types.is_date(kind):
        kind, cells = pa.timestamp("s"), cells.cast(pa.timestamp("s"))
    if types.is_timestamp(kind):
        zoned = kind.tz is not None
        low, high = (pa.scalar(date(year, 1, 1)).cast(pa.timestamp("s", kind.tz)).cast(kind) for year in (1700, 2200))
        inside = pc.fill_null(pc.and_(pc.greater_equal(cells, low), pc.less(cells, high)), False)
    elif is_text(kind):
        if zoned is None:
            zoned = _count(cells, DATE + ZONE + "$") > _count(cells, DATE + "$")
        inside = _readable(cells, zoned)
    else:
        raise TypeError(f"it holds {kind}, not dates")
    bad = pc.and_(pc.invert(inside), pc.is_valid(cells)).to_numpy(zero_copy_only=False)
    ns = pc.if_else(inside, cells, None).cast(pa.timestamp("ns", "UTC" if zoned else None)).cast(pa.int64())
    known = inside.to_numpy(zero_copy_only=False)
    return Dates(pc.fill_null(ns, 0).to_numpy(zero_copy_only=False), known, bad, zoned)


def _readable(cells: pa.Array, zoned: bool) -> pa.Array:
    """Which cells are dates that exist: 30 February has the right shape, too."""
    good = pc.fill_null(pc.match_substring_regex(cells, DATE + (ZONE if zoned else "") + "$"), False)
    days = pc.utf8_slice_codeunits(cells, 0, 10)
    absent = [day for day in pc.unique(days.filter(good)).to_pylist() if not _exists(day)]
    return pc.and_(good, pc.invert(pc.is_in(days, pa.array(absent, pa.string())))) if absent else good


def _count(cells: pa.Array, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def looks_dated(cells: pa.Array) -> bool:
    """Does a column hold dates rather than numbers? Text is what most of its filled cells are."""
    cells = plain(cells)
    if not is_text(cells.type):
        return types.is_timestamp(cells.type) or types.is_date(cells.type)
    return _count(cells, DATE) > _count(cells, NUMBER)


def labels(cells: pa.Array) -> tuple[np.ndarray, list[str]]:
    """(index into the names [rows], -1 where empty; the names that occur)."""
    cells = plain(cells)
    if types.is_floating(cells.type):
        whole = pc.all(pc.equal(pc.floor(cells), cells)).as_py()
        cells = cells.cast(pa.int64()) if whole else cells
    cells = cells.cast(pa.string()).dictionary_encode()
    return pc.fill_null(cells.indices, -1).to_numpy(zero_copy_only=False), cells.dictionary.to_pylist()
