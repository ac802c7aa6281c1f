"""How the messages about a scenario speak: quoting, listing, and guessing what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date

from pydantic_core import PydanticCustomError

MOST_LISTED = 16


def fault(message: str, hint: str = "", at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """An error for a validator to raise; `problems` turns it into a `Problem`.

    message: what is wrong, starting with the quoted culprit; the path is put in front of it later.
    at: where inside the value that was read the culprit stands.
    """
    return PydanticCustomError("hubnet", "{message}", {"message": message, "hint": hint, "at": at})


def quote(value: object) -> str:
    """`value` as the writer of the file knows it: short scalars in double quotes, the rest by its kind."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    if isinstance(value, str | int | float | date):
        text = f"{value:g}" if isinstance(value, float) else str(value)
        text = text if len(text) <= 60 else f"{text[:57]}..."
        return f'"{"".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)}"'
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return f"a value of type {type(value).__name__}"


def listing(words: Iterable[object], last: str = "or") -> str:
    """`a, b or c`; long lists are cut, and say how many there are."""
    known = [str(word) for word in words]
    if len(known) > MOST_LISTED:
        return f"{', '.join(known[:MOST_LISTED])}, ... ({len(known)} in all)"
    return f" {last} ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else "".join(known)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None if none is close."""
    candidates = list(known)
    folded = {name.casefold(): name for name in reversed(candidates)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def suggestion(word: object, known: Iterable[str], what: str) -> str:
    """A hint for an unknown word: the nearest known one, else all of them (`what` names them, in plural)."""
    candidates = list(dict.fromkeys(known))
    close = nearest(str(word), candidates)
    if close is not None:
        return f'did you mean "{close}"?'
    return f"known {what}: {listing(candidates, last='and')}" if candidates else f"there are no {what} here"
