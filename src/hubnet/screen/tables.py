"""Tables for a terminal, at home in 80 columns."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..text import plain


class Paper(Console):
    """stdout, for a reader that may have seen enough before the end: what it does not take is dropped."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """Where tables go: stdout, without colour codes when it is not a terminal."""
    return Paper(highlight=False)


def table(*columns: str, title: str | None = None) -> Table:
    """A plain table; the first column holds names, the others figures. Columns are shown as they are, never as markup;
    of a title the parts that come from scenarios need `safe`."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        made.add_column(safe(column), justify="left" if index == 0 else "right", overflow="fold")
    return made


def add(made: Table, *cells: object) -> None:
    """Add a row; text from scenarios is shown as it is, never as markup."""
    made.add_row(*(safe(cell) for cell in cells))


def safe(words: object) -> str:
    """Text from anywhere, for a place where rich reads markup and a terminal reads orders."""
    return escape(plain(str(words)))
