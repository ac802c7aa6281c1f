"""The tables of a folder as CSV, for spreadsheets: UTF-8, a header, a file beside each Parquet file."""

from __future__ import annotations

from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula
ROWS = 2**16  # at a time, so that memory does not follow the number of jobs


def write_csv(folder: Path) -> list[Path]:
    """Write every Parquet table in the folder as CSV too; returns the files.

    Texts that a spreadsheet would take for a formula get an apostrophe in front, as names come from scenario files and
    may be anybody's; numbers stay numbers. Of a path of a measure, the parts are joined with dots.
    """
    written = []
    for path in sorted(folder.glob("*.parquet")):
        target = path.with_suffix(".csv")
        with target.open("w", encoding="utf-8", newline="") as file, pq.ParquetFile(path) as table:
            _plain(table.schema_arrow.empty_table().to_pandas()).to_csv(file, index=False)
            for batch in table.iter_batches(ROWS):
                _plain(batch.to_pandas()).to_csv(file, index=False, header=False)
        written.append(target)
    return written


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with harmless texts, and harmless names of columns: those of a sweep hold names of classes."""
    texts = [name for name in rows.columns if not pd.api.types.is_numeric_dtype(rows[name])]
    return rows.assign(**{name: rows[name].map(harmless, na_action="ignore") for name in texts}).rename(
        columns=harmless
    )


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet runs."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    if isinstance(cell, Number | np.generic):
        return cell
    return harmless(".".join(map(str, cell)))
