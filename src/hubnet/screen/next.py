"""What to try next, in one line on stderr."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ..text import plain

OPEN = ("DIR", "FILE")  # words for the reader to replace


def say_next(*words: object) -> None:
    """Say which command to try next: `Next: hubnet ...`, in quotes where a shell needs them."""
    quoted = [plain(str(word)) if str(word) in OPEN else shlex.quote(plain(str(word))) for word in words]
    print("Next: hubnet", " ".join(quoted), file=sys.stderr)


def after_run(scenario: Path, folder: Path, replications: int) -> None:
    """What to try after `hubnet run`: more replications if there was one, else the report for others."""
    if replications == 1:
        say_next("run", scenario, "--replications", 5)
    else:
        say_next("report", folder)
