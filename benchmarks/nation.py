"""The national week, unscaled: seven days of one allocation with shared trunks, as a command.

The load is 90% rather than the scenario's 62%, so that there are more than ten million jobs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parent.parent / "scenarios" / "east-data-west-computing.yaml"
SETTINGS = ("scale=1", "fibre.sharing=max-min", "workload.load=90 %")


def week(quick: bool) -> tuple[int, float, float]:
    """Jobs submitted, wall time in s, and the most memory in MB of the command. quick: a twentieth of the nation."""
    settings = ("scale=1/20", *SETTINGS[1:]) if quick else SETTINGS
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "hubnet", "run", str(SCENARIO), "--allocation", "as-built", "--quiet", "--json"]
        words += ["-o", f"{folder}/out", *(word for setting in settings for word in ("--set", setting))]
        began = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.PIPE) as command:
            assert command.stdout
            summary = json.loads(command.stdout.read())
            _, status, usage = os.wait4(command.pid, 0)
            command.returncode = os.waitstatus_to_exitcode(status)
        spent = time.perf_counter() - began
    whole = 7 / 6  # the first day is not measured
    jobs = summary["allocations"]["as-built"]["jobs"]["submitted"]["value"] * whole
    return int(jobs), spent, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
