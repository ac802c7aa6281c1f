"""How long a command takes until it simulates: `hubnet run`, from the start of the process to the first event.

`python start.py COMMAND...` plays a command and says so; `measure` does it in processes of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCENARIO = Path(__file__).parent.parent / "scenarios" / "two-hubs.yaml"


def once(cache: Path | None) -> float:
    """s of wall time; with a folder to compile to, of a first run ever."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, __file__, "run", str(SCENARIO), "--quiet", "--json", "-o", f"{folder}/out"]
        settings = os.environ | ({"HUBNET_CACHE": str(cache)} if cache else {})
        began = time.time()
        done = subprocess.run(words, check=True, capture_output=True, text=True, env=settings)
        return float(done.stderr.split("simulates at")[1].split()[0]) - began


def measure(repeats: int, firsts: int) -> dict[str, list[float]]:
    """s of later runs, and of runs that compile the kernel."""
    found = {"later": [once(None) for _ in range(repeats)], "first": []}
    for _ in range(firsts):
        with tempfile.TemporaryDirectory() as folder:
            found["first"].append(once(Path(folder)))
    return found


def main() -> None:
    """The command, which tells on stderr when it begins to play."""
    from hubnet import cli
    from hubnet.engine import environment

    play = environment.HubEnvironment._play

    def tell(self: Any, until: float) -> int:
        print(f"simulates at {time.time()}", file=sys.stderr)
        environment.HubEnvironment._play = play  # type: ignore[method-assign]
        return play(self, until)

    environment.HubEnvironment._play = tell  # type: ignore[method-assign]
    cli.main()


if __name__ == "__main__":
    main()
