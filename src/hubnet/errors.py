"""What can go wrong, as one tree.

    HubnetError                 anything that hubnet raises on purpose
    +-- InputError              the input is at fault; carries every Problem found (exit code 2)
    |   +-- ScenarioError       a scenario file, or the values it is built from
    |   +-- NationError         a folder of nation tables
    |   +-- TableError          a graph, job table or pool table given from Python, or a trace
    |   +-- PolicyError         a user's policy or router
    +-- RunError                a run that could not be finished (exit code 1)

A `Problem` names the culprit, where it stands, and the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in the input.

    message: what is wrong and why, in one sentence, naming the offending text.
    hint: the way out, in one sentence; empty if the message already says it.
    file, line, column: where it stands (line and column count from 1), if known.
    text: the offending source line, shown under the message, if known.
    """

    message: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    text: str = ""

    def __str__(self) -> str:
        """The message as a terminal shows it: `file:line:column: message`, source line, hint."""
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.text and self.line is not None and self.column is not None:
            lines.append(f"{self.line:>6} | {self.text}")
            lines.append(f"       | {' ' * (self.column - 1)}^")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class HubnetError(Exception):
    """Anything that hubnet raises on purpose."""


class InputError(HubnetError):
    """The input is at fault. `problems` lists everything found, not only the first."""

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ScenarioError(InputError):
    """A scenario file, or the values a scenario is built from, is wrong."""


class NationError(InputError):
    """A folder of nation tables is wrong."""


class TableError(InputError):
    """A graph, job table or pool table given from Python, or a trace, is wrong."""


class PolicyError(InputError):
    """A user's policy or router breaks its contract."""


class RunError(HubnetError):
    """A run could not be finished."""
