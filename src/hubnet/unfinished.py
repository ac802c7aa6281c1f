"""DIR.partial: what is kept of a run or a sweep while it is unfinished, beside the folder that it is for.

A note, a JSON file, says what it is. Nothing in it is lost that was not asked for: what is not ours is left alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import HubnetError, InputError, Problem
from .front import tell
from .study.folder import as_json


def partial_of(folder: Path) -> Path:
    """Where the unfinished results for a folder are kept."""
    return folder.with_name(f"{folder.name}.partial")


def noted(file: Path, key: str) -> Any:
    """What a JSON file says under a key; None if it does not, or is not there."""
    try:
        return json.loads(file.read_text())[key]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_ours(partial: Path, note: str, what: str) -> None:
    """Refuse a folder that is there and is no unfinished `what`. Raises InputError."""
    if partial.exists() and not (partial / note).is_file() and (not partial.is_dir() or any(partial.iterdir())):
        message = f"{partial} exists and is not an unfinished {what}, so it is left alone"
        raise InputError(Problem(message, "choose another folder with -o"))


def claim(partial: Path, runs: Path, note: str, content: dict[str, Any]) -> None:
    """Make the folder, with a place for its runs, and the note in it. Raises InputError if that cannot be done."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
        (partial / note).write_text(as_json(content))
    except OSError as error:
        message = f"cannot write to {partial}: {error.strerror}"
        raise InputError(Problem(message, "choose another folder with -o")) from error


@contextmanager
def kept(partial: Path, what: Callable[[], str]) -> Iterator[None]:
    """Says what is kept of work that does not end well: `what` in words, or "" if nothing is worth it."""
    try:
        yield
    except (KeyboardInterrupt, HubnetError) as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        if words := what():
            end = "Interrupted" if interrupted else "Stopped"
            tell(f"{end}: {words} kept in {partial}. The same command with --resume goes on.")
        else:
            shutil.rmtree(partial)
            if interrupted:
                tell("Interrupted: no run was finished, and nothing was written.")
        raise
