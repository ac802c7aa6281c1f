"""A run's folder: `manifest.json`, `summary.json`, the tables as Parquet, the charts. Whole, or absent.

Everything is written under a temporary name beside the target and then renamed, so that an interrupted run leaves
nothing behind, and an earlier folder stays as it was until the new one is complete. What a user has put into it stays.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import InputError, Problem
from ..network.plain_graph import plain_graph
from .result import Result
from .study import Study

MANIFEST, SUMMARY = "manifest.json", "summary.json"
FORMAT = 1  # of finished folders: one more when an older hubnet would read a new folder wrongly
JOBS, MEASURES, RUNS = "jobs.parquet", "measures.parquet", "runs.json"
TABLES = (
    *("utilization", "pools", "trunks", "transfers", "classes", "widths", "regions", "rejections", "demand", "od"),
    "accounts",
)
OURS = {MANIFEST, SUMMARY, RUNS, "network.json", "report.html", "charts"}  # in folders of any command, beside tables
INCIDENTS = "incidents"  # a table only where there were any
VERSIONS = ("hubnet", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy", "simpy")


def check_target(folder: Path) -> None:
    """Refuse to replace anything that is not a run's folder. Raises InputError."""
    if folder.is_dir() and folder.resolve() == Path.cwd():
        message = f"{folder} is the folder that you are in, and a whole folder is put in its place"
        raise InputError(Problem(message, "choose another one with -o"))
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        raise InputError(
            Problem(
                f"{folder} exists and is not a folder of results, so it is not replaced", "choose another one with -o"
            )
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem(f"{folder} is a file", "choose another folder with -o"))


def _is_ours(folder: Path) -> bool:
    """Does its manifest say that hubnet wrote it? Others have files of this name too."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "hubnet" in (manifest.get("versions") or ())


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
            for entry in strangers(old):
                if not (target / entry.name).exists():
                    os.rename(entry, target / entry.name)
            shutil.rmtree(old)
        else:
            os.rename(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        for parent in made:
            if not any(parent.iterdir()):
                parent.rmdir()
        raise


def strangers(folder: Path) -> list[Path]:
    """What stands in a folder of results that no command writes there, such as notes: it outlives the results."""
    tables = {path.stem for path in folder.glob("*.parquet")}
    return [
        path
        for path in folder.iterdir()
        if path.name not in OURS and path.suffix != ".parquet" and not (path.suffix == ".csv" and path.stem in tables)
    ]


def write_study(study: Study, folder: Path, manifest: dict[str, Any]) -> None:
    """Write tables, summary and manifest into an existing folder."""
    happened = any(len(result.incidents) for results in study.results.values() for result in results)
    for table in (*TABLES, *([INCIDENTS] if happened else ())):
        whole = _all_runs(study, attrgetter(table))
        whole.to_parquet(folder / f"{table}.parquet", compression="zstd", index=False)
    _all_runs(study, _measures).to_parquet(folder / MEASURES, compression="zstd", index=False)
    (folder / RUNS).write_text(as_json({name: _about(results) for name, results in study.results.items()}))
    (folder / SUMMARY).write_text(as_json(study.summary()))
    said = {"checked": study.checked(), "failed_checks": study.failed_checks(), "doubts": study.doubts()}
    write_manifest(folder, {"baseline": study.baseline, "measure": study.measure, **said} | manifest)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write what was run, and how, with the format of the folder."""
    (folder / MANIFEST).write_text(as_json({"format": FORMAT} | manifest))


def _all_runs(study: Study, table: Callable[[Result], pd.DataFrame]) -> pd.DataFrame:
    """A table of all runs, in one."""
    frames = [
        table(result).assign(allocation=name, replication=replication)
        for name, results in study.results.items()
        for replication, result in enumerate(results)
    ]
    whole = pd.concat(frames, ignore_index=True)
    first = ["allocation", "replication"]
    return whole[first + [column for column in whole.columns if column not in first]]


def _measures(result: Result) -> pd.DataFrame:
    """All measures of a run, a row each: path (its parts), value (NaN: of nothing), at_least."""
    rows = [(list(path), one.value, one.at_least) for path, one in result.measures.items()]
    return pd.DataFrame(rows, columns=["path", "value", "at_least"]).astype({"value": float})


def _about(results: list[Result]) -> dict[str, Any]:
    """What the tables do not say of the runs of an allocation, for those who open the folder again."""
    first = results[0]
    return {
        "scenario": first.name,
        "windows_s": [result.window for result in results],
        "reserve": first.reserve,
        "scale": first.scale,
        **({"nation": first.nation} if first.nation else {}),
        "graph": plain_graph(first.network.graph),
    }


def as_json(tree: Any) -> str:
    """Strict JSON: no NaN, no Infinity."""
    return json.dumps(tree, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def versions() -> dict[str, str]:
    """The versions of the parts that determine a result."""
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}
