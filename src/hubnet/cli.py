"""The `hubnet` command. Tables go to stdout; progress and messages to stderr.

Exit codes: 0 done; 1 failed; 2 bad input; 130 interrupted, also by a signal to end.
"""

from __future__ import annotations

import signal
import sys
import warnings
from typing import Annotated, Any

import typer

from .commands.check import check
from .commands.compare import compare
from .commands.data import data
from .commands.job import job
from .commands.new import new
from .commands.plot import plot
from .commands.report import report
from .commands.resilience import resilience
from .commands.run import run
from .commands.schema import schema
from .commands.sweep import sweep
from .errors import HubnetError, InputError
from .text import plain

app = typer.Typer(
    name="hubnet",
    help="Simulate national compute networks: regions, hubs, trunk fibre, and the jobs between them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in (new, check, run, sweep, resilience, plot, report, compare, job, data, schema):
    app.command()(_command)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the versions of hubnet and its parts.")] = False,
) -> None:
    if version:
        from .engine.gears import cache_folder
        from .study.folder import versions

        parts = versions()
        typer.echo(f"hubnet {parts.pop('hubnet')}")
        for name, number in parts.items():
            typer.echo(f"  {name} {number}")
        typer.echo(f"compiled kernels are kept in {cache_folder().parent}")
        raise typer.Exit


def main() -> None:
    """The `hubnet` command: errors that hubnet knows become messages, never tracebacks."""
    for name in ("SIGTERM", "SIGHUP"):  # a batch system's way to say Ctrl-C; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    warnings.showwarning = _warn
    try:
        app()
    except InputError as error:
        _say(error)
        sys.exit(2)
    except HubnetError as error:
        _say(f"hubnet: {error}")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except MemoryError:
        _say("hubnet: there is not enough memory; `hubnet check` says what a run needs. A smaller scale needs less")
        sys.exit(1)
    except OSError as error:
        _say(f"hubnet: {error}")
        sys.exit(1)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    """One line, without the line of the code that it came from."""
    if "--quiet" not in sys.argv:
        _say(f"warning: {message}")


def _say(error: object) -> None:
    typer.echo(plain(str(error)), err=True)  # names of scenarios are in it
