"""The code knows no nation: whatever one nation has, and another may not have, stands in its tables."""

import re
from functools import cache
from pathlib import Path

import pytest

import hubnet
from hubnet.network.nation import builtin_nations, load_nation

PEOPLES = ("chinese", "american")  # of the nations that come with the package; no table says them
CODE = sorted(Path(hubnet.__file__).parent.glob("**/*.py"))


def names(nation: str) -> set[str]:
    """The cities of the nation, its provinces or states, and its hubs, as its tables write them."""
    tables = load_nation(nation)
    own = {text for row in (*tables.cities, *tables.regions, *tables.hubs) for text in (row.city, row.province)}
    own |= {part for hub in tables.hubs for part in re.split(r"[()]", hub.title)}
    return {name.strip() for name in own if name.strip()}


@cache
def patterns(nation: str) -> tuple[re.Pattern[str], ...]:
    """What finds its names as words of their own; the nation and its people in capitals too."""
    places = sorted(names(nation), key=len, reverse=True)
    nations = [nation, load_nation(nation).title, *PEOPLES]
    return tuple(
        re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", flags)
        for words, flags in ((places, 0), (nations, re.IGNORECASE))
    )


def mentions(nation: str, text: str) -> list[str]:
    """The names of the nation that stand in the text."""
    return [found for pattern in patterns(nation) for found in pattern.findall(text)]


@pytest.mark.parametrize("nation", builtin_nations())
def test_no_line_of_code_names_a_nation_or_a_place_in_it(nation: str) -> None:
    assert len(CODE) > 50
    found = {path.name: words for path in CODE if (words := mentions(nation, path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize("nation", builtin_nations())
def test_the_search_finds_what_it_looks_for(nation: str) -> None:
    tables = load_nation(nation)
    city, title = tables.hubs[0].city, tables.title
    assert mentions(nation, f'x = "{city}"') == [city]
    assert mentions(nation, f"# {title.upper()}") == [title.upper()]
    assert mentions(nation, f"{city}ish") == []
    assert len(names(nation)) > 60
