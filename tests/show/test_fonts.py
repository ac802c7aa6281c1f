"""Characters that the installed fonts do not have."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from hubnet import show
from hubnet.show import fonts

NAME = "贵阳"


@pytest.fixture
def only_the_main_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entries = [entry for entry in font_manager.fontManager.ttflist if entry.name not in fonts.WIDE]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    fonts.forget()
    yield
    monkeypatch.undo()
    fonts.forget()


@pytest.fixture
def a_wide_font(only_the_main_font: None, tmp_path: Path) -> None:
    """A font of one family of `fonts.WIDE` that has the characters of NAME, as plain boxes."""
    pen = TTGlyphPen(None)
    for index, point in enumerate(((0, 0), (0, 700), (700, 700), (700, 0))):
        (pen.lineTo if index else pen.moveTo)(point)
    pen.closePath()
    glyph = pen.glyph()
    names = [".notdef", *(f"uni{ord(character):04X}" for character in NAME)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(character): f"uni{ord(character):04X}" for character in NAME})
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (800, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Noto Sans CJK SC", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "wide.ttf"
    builder.save(path)
    font_manager.fontManager.addfont(path)
    fonts.forget()


@pytest.mark.usefixtures("only_the_main_font")
def test_without_a_font_characters_become_squares_with_one_warning_in_all() -> None:
    with pytest.warns(UserWarning, match="no installed font"):
        assert fonts.shown(f"a{NAME}é") == "a□□é"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.shown(NAME) == "□□"


@pytest.mark.usefixtures("only_the_main_font")
def test_without_a_font_charts_draw_without_a_flood_of_warnings(build: Any) -> None:
    result = build.result(build.graph(2, 2, names=(NAME, "北京", "上海")), name=NAME)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        show.map(result).figure.draw_without_rendering()
        show.utilization(result).draw_without_rendering()
    assert len([entry for entry in caught if "font" in str(entry.message)]) == 1


@pytest.mark.usefixtures("a_wide_font")
def test_an_installed_font_is_used_for_the_characters_that_it_has() -> None:
    assert fonts.families() == [fonts.MAIN, "Noto Sans CJK SC"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.shown(NAME) == NAME


@pytest.mark.usefixtures("a_wide_font")
def test_every_text_of_a_chart_may_take_the_second_font(build: Any) -> None:
    result = build.result(build.graph(2, 2, names=(NAME,)), name=NAME, allocation=NAME)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = show.utilization_bars(result).figure
        figure.draw_without_rendering()
        show.map(result).figure.draw_without_rendering()
        show.trunks(result).figure.draw_without_rendering()
    assert any(label.get_text() == NAME for label in figure.axes[0].get_yticklabels())
