"""Writes the pages of `docs/reference/` from the code: scenario keys, commands, tables, the Python interface.

    python docs/generate.py

A test compares the pages with what this writes, so they cannot fall behind.
"""

from __future__ import annotations

from pathlib import Path

from making import commands, keys, python, tables

HERE = Path(__file__).parent


def pages() -> dict[str, str]:
    """Name and text of every page."""
    made = {"scenario": keys.page(), "commands": commands.page(), "tables": tables.page(), "python": python.page()}
    return {f"{name}.md": "\n".join(lines).rstrip() + "\n" for name, lines in made.items()}


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / "reference" / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
