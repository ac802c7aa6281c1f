"""Which characters the charts can show.

Matplotlib's own font has no Han, kana or hangul characters, and warns once for every glyph
that it lacks. So names are checked before they become text: a second font is taken if one is
installed, and a character that no font has becomes an empty square, with one warning in all.
"""

from __future__ import annotations

import warnings
from functools import cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from ..text import plain

MAIN = "DejaVu Sans"  # comes with matplotlib, so it is always there
WIDE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
    "Noto Serif CJK SC",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "AR PL UMing CN",
    "Unifont",
)
MISSING = "\N{WHITE SQUARE}"


@cache
def families() -> list[str]:
    """The font families of every chart, in order of preference; all of them are installed."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return [MAIN, *[family for family in WIDE if family in installed][:1]]


def shown(text: str) -> str:
    """`text` with every character that no font of `families()` has replaced by an empty square.

    Warns (UserWarning) the first time in a process that this happens.
    """
    if text.isascii():
        return text
    result = "".join(character if _known(character) else MISSING for character in text)
    if result != text:
        _warn_once()
    return result


def forget() -> None:
    """Look for the installed fonts again, for instance after adding one to matplotlib's font manager."""
    for remembered in (families, _faces, _known, _warn_once):
        remembered.cache_clear()


@cache
def _faces() -> list[FT2Font]:
    return [font_manager.get_font(font_manager.findfont(family)) for family in families()]


@cache
def _known(character: str) -> bool:
    return any(face.get_char_index(ord(character)) for face in _faces())


@cache
def _warn_once() -> None:
    warnings.warn(
        "some names have characters that no installed font can show (drawn as empty squares); "
        f"install one of these fonts: {', '.join(WIDE[:3])}",
        UserWarning,
        stacklevel=4,
    )


def name(text: object, width: int = 36) -> str:
    """A name from the user's input as plain text of at most `width` characters.

    White space becomes single spaces, a long name loses its middle, `$` is kept from starting a formula, and
    characters without a glyph become squares.
    """
    words = " ".join(plain(str(text)).split())
    if len(words) > width:
        head = (width - 1) * 2 // 3
        tail = words[len(words) - (width - 1 - head) :]
        words = f"{words[:head].rstrip()}\N{HORIZONTAL ELLIPSIS}{tail.lstrip()}"
    return shown(words).replace("$", r"\$")
