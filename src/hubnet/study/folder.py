"""A run's folder: `manifest.json`, `summary.json`, the tables as Parquet, the charts. Whole, or absent.

Everything is written under a temporary name beside the target and then renamed, so that an interrupted run leaves
nothing behind, and an earlier folder stays as it was until the new one is complete.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import InputError, Problem
from .study import Study

MANIFEST, SUMMARY = "manifest.json", "summary.json"
TABLES = ("pools", "trunks", "classes", "widths", "regions", "demand", "od", "accounts")
TABLES_OF_INCIDENTS = ("incidents", "transfers")  # only where there were any
VERSIONS = ("hubnet", "networkx", "numba", "numpy", "pandas", "scipy", "simpy")


def check_target(folder: Path) -> None:
    """Refuse to replace anything that is not a run's folder. Raises InputError."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise InputError(
            Problem(
                f"{folder} exists and is not a folder of results, so it is not replaced", "choose another one with -o"
            )
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem(f"{folder} is a file", "choose another folder with -o"))


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends well, and vanishes when it does not."""
    check_target(target)
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise InputError(
            Problem(f"cannot write to {target.parent}: {error.strerror}", "choose another folder with -o")
        ) from error
    try:
        yield draft
        draft.chmod(0o755)
        if target.exists():
            old = draft.with_name(draft.name + ".old")
            os.rename(target, old)
            os.rename(draft, target)
            shutil.rmtree(old)
        else:
            os.rename(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        for parent in made:
            if not any(parent.iterdir()):
                parent.rmdir()
        raise


def write_study(study: Study, folder: Path, manifest: dict[str, Any]) -> None:
    """Write tables, summary and manifest into an existing folder."""
    happened = any(len(result.incidents) for results in study.results.values() for result in results)
    for table in TABLES + (TABLES_OF_INCIDENTS if happened else ()):
        frames = [
            getattr(result, table).assign(allocation=name, replication=replication)
            for name, results in study.results.items()
            for replication, result in enumerate(results)
        ]
        whole = pd.concat(frames, ignore_index=True)
        first = ["allocation", "replication"]
        whole = whole[first + [column for column in whole.columns if column not in first]]
        whole.to_parquet(folder / f"{table}.parquet", compression="zstd", index=False)
    (folder / SUMMARY).write_text(as_json(study.summary()))
    (folder / MANIFEST).write_text(as_json(manifest))


def as_json(tree: Any) -> str:
    """Strict JSON: no NaN, no Infinity."""
    return json.dumps(tree, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def versions() -> dict[str, str]:
    """The versions of the parts that determine a result."""
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}
