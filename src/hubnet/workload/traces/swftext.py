"""Lines of the Standard Workload Format as columns of numbers, a chunk at a time and without a loop over lines.

The lines' fields are runs of bytes above 32; numpy finds where they start and stop, puts one comma after each in place
of whatever white space stood there, and pyarrow's CSV reader turns that into floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from .cells import numbers

COMMENT, COMMA, NEWLINE = 59, 44, 10  # ; , \n


@dataclass(frozen=True)
class Parsed:
    """One chunk. columns: name -> float [rows], NaN where a field is not a number. at: the rows' lines.

    odd: lines that are neither rows, comments nor blank; fields: how many fields each of those has.
    comments: the text of the comment lines.
    """

    columns: dict[str, np.ndarray]
    at: np.ndarray
    odd: np.ndarray
    fields: np.ndarray
    comments: list[str]


def parse(chunk: bytes, first: int, names: Sequence[str], wanted: Sequence[str]) -> Parsed:
    """Columns of a chunk of whole lines, of which the first is line `first`. names: of the fields of a row."""
    data = np.frombuffer(chunk, np.uint8)
    solid = data > 32
    turns = solid.copy()
    turns[1:] ^= solid[:-1]
    edges = np.flatnonzero(turns)
    starts, stops = edges[::2], edges[1::2]  # every line ends with a newline, so every field stops
    ends = np.flatnonzero(data == NEWLINE)
    upto = np.searchsorted(starts, ends)
    fields = np.diff(upto, prepend=0)
    filled = fields > 0
    comment = np.zeros(len(ends), np.bool_)
    comment[filled] = data[starts[(upto - fields)[filled]]] == COMMENT
    rows = (fields == len(names)) & ~comment
    odd = filled & ~rows & ~comment
    lines = np.arange(first, first + len(ends))
    begins = np.concatenate([[0], ends[:-1] + 1])
    return Parsed(
        _columns(data, solid, stops, ends, fields, rows, names, wanted),
        lines[rows],
        lines[odd],
        fields[odd],
        [decoded(chunk[begins[i] : ends[i]]) for i in np.flatnonzero(comment)],
    )


def decoded(line: bytes) -> str:
    """Text in UTF-8, or else in Latin-1, which the archive's older files use."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _columns(
    data: np.ndarray,
    solid: np.ndarray,
    stops: np.ndarray,
    ends: np.ndarray,
    fields: np.ndarray,
    rows: np.ndarray,
    names: Sequence[str],
    wanted: Sequence[str],
) -> dict[str, np.ndarray]:
    if not rows.any():
        return {name: np.empty(0) for name in wanted}
    keep = solid.copy()
    keep[stops] = True
    if not rows.all():
        keep &= np.repeat(rows, np.diff(ends, prepend=-1))
        stops = stops[np.repeat(rows, fields)]
    text = data.copy()
    text[stops] = COMMA
    text[stops[len(names) - 1 :: len(names)]] = NEWLINE
    packed = pa.py_buffer(text[keep])
    try:
        table = _csv(packed, names, wanted, pa.float64())
    except pa.ArrowInvalid:  # somewhere a field is not a number: find out which
        table = _csv(packed, names, wanted, pa.string())
    return {name: numbers(table[name].combine_chunks())[0] for name in wanted}


def _csv(packed: pa.Buffer, names: Sequence[str], wanted: Sequence[str], kind: pa.DataType) -> pa.Table:
    return pacsv.read_csv(
        pa.BufferReader(packed),
        pacsv.ReadOptions(use_threads=False, block_size=packed.size + 1, column_names=list(names)),
        pacsv.ParseOptions(quote_char=False),
        pacsv.ConvertOptions(
            include_columns=list(wanted), column_types=dict.fromkeys(names, kind), strings_can_be_null=False
        ),
    )
