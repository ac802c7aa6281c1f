"""`reference/scenario.md`: every key of a scenario file, from the models that check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hubnet.scenario.reference import Row, example, keys_at, reference_table
from hubnet.scenario.units import UNITS
from making.words import cell, code, table

LARGE = 6  # keys below one key, from which on they get a section of their own
HEAD = """# Scenario keys

Every key of a scenario file, from the models that check it; `hubnet schema` prints the same as JSON Schema, for
editors. `NAME` stands for a name of your own, `N` for the place in a list: `network.hubs.NAME.pue` is `pue` of a hub,
and `--set "network.trunks.0.capacity=1 Tbit/s"` changes the first trunk. A key in **bold** has to be there, once what
it is in is. A range is in the unit that hubnet reckons in; you may write any unit of that kind.

"""


def page() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    yield from units()
    rows = reference_table()
    homes = _homes(rows)
    for home in dict.fromkeys(homes.values()):
        mine = [row for row in rows if homes[row.path] == home]
        yield f"## {home or 'The file'}\n"
        about = next((row.description for row in rows if row.path == home.removesuffix(".NAME").removesuffix(".N")), "")
        if about:
            yield f"{cell(about[0].upper() + about[1:])}.\n"
        yield from table(
            ("key", "what it says", "such as", "range", "unless given"), (_row(row, home, homes) for row in mine)
        )


def units() -> Iterator[str]:
    """What quantities are written in."""
    yield "## Quantities\n"
    yield "A quantity is a number and a unit, `100 Gbit/s`; a bare number where a unit is needed is a mistake."
    yield "Durations may be put together: `3 d 10 h`. Shares are `30 %`, `0.3` or `3/10`. Rates are `14 /s`. Units may"
    yield "be divided: `yuan/kWh`.\n"
    rows = []
    for what, lines in UNITS.items():
        names = [name.strip() for line in lines for name in line.split("=") if name.strip().isalpha()]
        rows.append((what.removeprefix("an ").removeprefix("a "), ", ".join(code(name) for name in names)))
    yield from table(("of", "units"), rows)


def _homes(rows: list[Row]) -> dict[str, str]:
    """The section of each key: the nearest mapping above it that is in the file itself, has names or numbers, or is
    large."""
    below = Counter(above for row in rows for above in _above(row.path))
    found = {}
    for row in rows:
        found[row.path] = next(
            above for above in _above(row.path)
            if above.count(".") == 0 or above.endswith((".NAME", ".N")) or below[above] > LARGE
        )  # fmt: skip
    return found


def _above(path: str) -> Iterator[str]:
    """The mappings that a key is in, the nearest first; "" is the file."""
    while path:
        path = path.rpartition(".")[0]
        yield path


def _row(row: Row, home: str, homes: dict[str, str]) -> tuple[str, ...]:
    name = row.path.removeprefix(home).lstrip(".")
    text = f"**{code(name)}**" if row.required else code(name)
    deeper = next((other for other in dict.fromkeys(homes.values()) if _leads_to(row.path, other)), None)
    more = f"; see [{deeper}](#{_anchor(deeper)})" if deeper else ""
    shown = _example(row)
    return (text, cell(row.description) + more, code(shown), cell(row.allowed), code(row.default))


def _leads_to(path: str, home: str) -> bool:
    return home in (path, f"{path}.NAME", f"{path}.N")


def _anchor(home: str) -> str:
    return home.replace(".", "").lower()


def _example(row: Row) -> str:
    """A value as one writes it, where there is a short one."""
    *above, name = row.path.split(".")
    keys = keys_at(tuple(0 if part == "N" else part for part in above)) or {}
    return example(keys[name]) if name in keys else ""
