"""Text on its way into Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def cell(text: object) -> str:
    """Text in a cell of a table: one line, and nothing that Markdown would take for a cell's end or for HTML."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def code(text: object) -> str:
    """Text as code in a cell; nothing for nothing."""
    written = " ".join(str(text).split()).replace("|", "\\|")
    return f"`{written}`" if written else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, and the empty line after it. Cells are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
