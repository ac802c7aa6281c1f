"""`hubnet resilience`: play every single failure, keep what is finished, write the folder, draw the charts, print the
worst."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from .front import silent, tell
from .loading import load
from .network.plain_graph import plain_graph
from .resilience_plan import plan_failures
from .study.folder import as_json as json_text
from .study.resilience import KINDS, NETWORK, read_resilience, summary, write_resilience
from .study.spreadsheets import write_csv
from .study.store import Finished
from .sweeping import PlayOptions, is_finished, play_kept


@dataclass(frozen=True, kw_only=True)
class ResilienceOptions(PlayOptions):
    """What the command line asks for. kinds: of failures; all unless given. at, lasting: texts such as "12 h"."""

    noun: ClassVar[str] = "study of failures"
    suffix: ClassVar[str] = "resilience"
    kinds: tuple[str, ...] = ()
    at: str | None = None
    lasting: str | None = None
    replications: int = 1


def run_resilience(path: Path, options: ResilienceOptions, as_json: bool = False, quiet: bool = False) -> None:
    """Do what `hubnet resilience` does. Raises InputError before anything runs."""
    from .screen.resilience import print_finished, print_resilience
    from .show.failures import save_resilience

    quiet = quiet or as_json
    scenario = load(path, options.settings)
    folder = options.target(scenario, path)
    kinds = options.kinds or tuple(KINDS)
    say = silent if quiet else tell
    todo = plan_failures(
        scenario,
        kinds,
        options.at,
        options.lasting,
        options.allocations,
        options.seed,
        say,
        options.replications,
    )
    kept = None
    if not (options.resume and is_finished(folder, todo.plan)):

        def write(draft: Path, done: dict[str, Finished], manifest: dict[str, Any]) -> int:
            table = todo.table(done)
            write_resilience(table, draft, manifest | {"failures": len(todo.failures), "kinds": list(kinds)})
            (draft / NETWORK).write_text(json_text(plain_graph(scenario.network().graph)))
            if options.csv:
                write_csv(draft)
            return len(save_resilience(table, scenario.network(), draft / "charts"))

        kept = play_kept(todo.plan, scenario, path, folder, options, write, quiet)
    table = read_resilience(folder)
    if as_json:
        print(json_text(summary(table)), end="")
        return
    print_resilience(table)
    print_finished(folder, kept)
