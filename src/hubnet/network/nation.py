"""Nations: a folder of CSV tables, one per noun, read and checked as a whole.

A nation needs cities, regions, hubs, devices, pools and trunks; every other table may be left out. Built-in
nations are folders in the package's `data`; a user's folder has the same tables.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import networkx as nx

from hubnet.errors import NationError, Problem
from hubnet.network.geography import ROUTE_RATIO
from hubnet.network.rows import (
    NEEDED,
    OPTIONAL,
    CatalogueRow,
    City,
    ClassRow,
    DeviceRow,
    HubRow,
    MixRow,
    PoolRow,
    RegionRow,
    Scalar,
    TrunkRow,
)
from hubnet.network.tables import Table
from hubnet.network.weeks import ProfileRow, Week, weeks_in
from hubnet.scenario.words import listing, quote, suggestion

DEFAULT_MIX = "default"  # the shares in classes.csv

SCALARS = {
    "reference_tflops": (0.0, math.inf),
    "default_wave_gbit_s": (0.0, math.inf),
    "wave_use_percent": (0.0, 100.0),
    "route_ratio": (1.0, 10.0),
    "idle_power_percent": (0.0, 100.0),
    "lifetime_years": (0.0, 100.0),
    "interest_percent": (0.0, 100.0),
    "yuan_per_local_currency": (0.0, math.inf),
}


@dataclass(frozen=True)
class Nation:
    """The tables of a nation, as typed rows in the order of the files.

    scalars: the figures of nation.csv by key. hours: the profiles of hours.csv by name. tables: every
    CSV file of the folder as rows of text, also those that only people read. notes: what is odd, but no mistake.
    """

    name: str
    folder: Path
    cities: tuple[City, ...]
    regions: tuple[RegionRow, ...]
    hubs: tuple[HubRow, ...]
    devices: tuple[DeviceRow, ...]
    pools: tuple[PoolRow, ...]
    trunks: tuple[TrunkRow, ...]
    classes: tuple[ClassRow, ...]
    mixes: tuple[MixRow, ...]
    accelerators: tuple[CatalogueRow, ...]
    scalars: dict[str, str]
    hours: dict[str, Week]
    tables: dict[str, tuple[dict[str, str], ...]]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The nation's name as people write it."""
        return self.scalars.get("title", self.name)

    @property
    def wave_bit_s(self) -> float | None:
        """What a booked wave carries (rate x use), in bit/s; None = flows have no cap."""
        rate = self.scalars.get("default_wave_gbit_s")
        return None if rate is None else float(rate) * 1e9 * float(self.scalars.get("wave_use_percent", 100)) / 100

    def area(self, city: str) -> str:
        """The area of a city, as the cities' table or else the hubs' table says; empty if neither does."""
        rows: tuple[City | HubRow, ...] = (*self.cities, *self.hubs)
        return next((row.area for row in rows if row.city == city and row.area), "")

    @property
    def catalogue(self) -> dict[str, CatalogueRow]:
        """Types of devices that a scenario may name beside those of devices.csv."""
        own = {row.device for row in self.devices}
        return {row.device: row for row in self.accelerators if row.device not in own}

    @property
    def reference_tflops(self) -> float | None:
        """FP16 TFLOPS of the reference device; None if neither nation.csv nor a device of speed 1 says it."""
        if "reference_tflops" in self.scalars:
            return float(self.scalars["reference_tflops"])
        return next((row.tflops_fp16 for row in self.devices if row.speed == 1 and row.tflops_fp16), None)

    @property
    def mix_names(self) -> tuple[str, ...]:
        """The mixes of its classes, the default one first."""
        return tuple(dict.fromkeys([DEFAULT_MIX, *(row.mix for row in self.mixes)]))

    @property
    def route_ratio(self) -> float:
        """Fibre length over great circle for trunks without a length."""
        return float(self.scalars.get("route_ratio", ROUTE_RATIO))


def money_of(nation: Nation) -> dict[str, str]:
    """What the nation's money was before it was turned into yuan, and at which rate: `currency`, `yuan_per_unit`, and
    the rate's `rate_source` and `rate_confidence`. Nothing if its tables do not say."""
    rows = {row["key"]: row for row in nation.tables.get("nation", ())}
    name, rate = rows.get("local_currency"), rows.get("yuan_per_local_currency")
    if name is None or rate is None:
        return {}
    said = {"rate_source": rate.get("source", ""), "rate_confidence": rate.get("confidence", "")}
    return {"currency": name["value"], "yuan_per_unit": rate["value"]} | said


def builtin_nations() -> list[str]:
    """The names of the nations that come with the package."""
    return sorted(folder.name for folder in _data().iterdir() if (folder / "cities.csv").is_file())


def load_nation(name: str | Path, base: str | Path = ".") -> Nation:
    """A built-in nation by name, or a folder of the same tables (a relative one is looked for in `base`).

    Raises NationError with every problem found.
    """
    if str(name) in builtin_nations():
        return read_nation(_data() / str(name))
    folder = Path(base) / name
    if folder.is_dir():
        return read_nation(folder)
    known = builtin_nations()
    hint = suggestion(str(name), known, "built-in nations")
    raise NationError(Problem(f"no nation or folder is named {quote(str(name))}", hint))


def read_nation(folder: Path) -> Nation:
    """The nation in a folder of tables. Raises NationError with every problem found."""
    problems: list[Problem] = []
    notes: list[str] = []
    tables: dict[str, Table] = {}
    for path in sorted(folder.glob("*.csv")):
        tables[path.stem] = Table(path, str(path), problems)
    for stem in NEEDED:
        if stem not in tables:
            hint = suggestion(stem, tables, "tables in the folder")
            problems.append(Problem(f"the table {stem}.csv is missing", hint, str(folder)))
    rows: dict[str, list[Any]] = {
        stem: tables[stem].rows(kind, notes) if stem in tables else []
        for stem, kind in {**NEEDED, **OPTIONAL, "hours": ProfileRow}.items()
    }
    hours = weeks_in(rows["hours"], tables["hours"].file, problems) if "hours" in tables and not problems else {}
    _check(tables, rows)
    scalars = {row.key: row.value for row in rows["nation"]}
    _check_scalars(tables, rows["nation"])
    if problems:
        raise NationError(problems)
    notes += _pieces(rows["cities"], rows["trunks"])
    nation = Nation(
        name=scalars.get("name", folder.name),
        folder=folder,
        **{stem: tuple(rows[stem]) for stem in (*NEEDED, *OPTIONAL) if stem != "nation"},
        scalars=scalars,
        hours=hours,
        tables={stem: tuple(table.dicts()) for stem, table in tables.items()},
        notes=tuple(notes),
    )
    for index, pool in enumerate(nation.pools):
        row = nation.catalogue.get(pool.device)
        if row is not None and not (row.tflops_fp16 and nation.reference_tflops):
            what = "accelerators.csv gives no TFLOPS for it, or there is no reference_tflops in nation.csv"
            tables["pools"].problem(index, "device", f"device {quote(pool.device)} has no speed: {what}")
    if problems:
        raise NationError(problems)
    return nation


def _data() -> Path:
    return Path(str(files("hubnet"))) / "data"


def _check(tables: dict[str, Table], rows: dict[str, list[Any]]) -> None:
    """What one table says must agree with the others."""
    cities = [row.city for row in rows["cities"]]
    regions, hubs = [row.city for row in rows["regions"]], [row.city for row in rows["hubs"]]
    devices = [row.device for row in rows["devices"]]
    catalogue = [row.device for row in rows["accelerators"]]
    names = [row.name or f"{row.a}-{row.b}" for row in rows["trunks"]]
    for stem, column, keys in (
        ("cities", "city", cities),
        ("regions", "city", regions),
        ("hubs", "city", hubs),
        ("devices", "device", devices),
        ("accelerators", "device", [row.device for row in rows["accelerators"]]),
        ("trunks", "name", names),
        ("pools", "device", [f"{row.device} at {row.hub}" for row in rows["pools"]]),
        ("classes", "class", [row.name for row in rows["classes"]]),
        ("mixes", "class", [f"{row.name} in the mix {row.mix}" for row in rows["mixes"]]),
        ("nation", "key", [row.key for row in rows["nation"]]),
    ):
        _unique(tables, stem, column, keys)
    for stem, column, given, known, noun in (
        ("regions", "city", regions, cities, "cities"),
        ("hubs", "city", hubs, cities, "cities"),
        ("trunks", "a", [row.a for row in rows["trunks"]], cities, "cities"),
        ("trunks", "b", [row.b for row in rows["trunks"]], cities, "cities"),
        ("pools", "hub", [row.hub for row in rows["pools"]], hubs, "hubs"),
        ("pools", "device", [row.device for row in rows["pools"]], [*devices, *catalogue], "devices"),
    ):
        _known(tables, stem, column, enumerate(given), known, noun)
    profiles = {row.profile for row in rows["hours"]}
    for column in ("price_profile", "carbon_profile"):
        given = [(row, getattr(hub, column)) for row, hub in enumerate(rows["hubs"])]
        _known(tables, "hubs", column, given, profiles or {"(none: there is no table hours.csv)"}, "profiles")
    born = [(row, region) for row, kind in enumerate(rows["classes"]) for region, _ in kind.regions]
    _known(tables, "classes", "regions", born, regions, "regions")
    _check_mixes(tables, rows)
    areas = {row.city: row.area for row in rows["cities"]}
    for row, hub in enumerate(rows["hubs"]):
        if hub.area and areas.get(hub.city) not in (None, "", hub.area):
            what = f"area {quote(hub.area)} is not that of its city, {quote(areas[hub.city])}"
            tables["hubs"].problem(row, "area", what)
    for row, trunk in enumerate(rows["trunks"]):
        if trunk.a and trunk.a == trunk.b:
            tables["trunks"].problem(row, "b", f"the trunk joins {quote(trunk.a)} with itself")
    if "regions" in tables and not any(row.weight for row in rows["regions"]):
        table = tables["regions"]
        table.problems.append(Problem("no region has a weight above 0", "", table.file, 1))
    if "hubs" in tables and not hubs:
        tables["hubs"].problems.append(Problem("there is no hub", "", tables["hubs"].file, 1))


def _check_mixes(tables: dict[str, Table], rows: dict[str, list[Any]]) -> None:
    """A mix is of classes that have device time, and that are simulated job by job."""
    classes = {row.name: row for row in rows["classes"]}
    for row, part in enumerate(rows["mixes"]):
        kind = classes.get(part.name)
        if kind is None and part.name:
            what = f"class {quote(part.name)} is not among the classes"
            tables["mixes"].problem(row, "class", what, suggestion(part.name, classes, "classes"))
        elif kind is not None and (kind.online or not kind.has_device_time):
            why = "is online: the reserve serves it" if kind.online else "asks for no device time"
            tables["mixes"].problem(row, "class", f"class {quote(part.name)} {why}, so it cannot have a share")
        if part.mix == DEFAULT_MIX:
            what = f"the mix {quote(DEFAULT_MIX)} is that of classes.csv"
            tables["mixes"].problem(row, "mix", what, "give the mix another name")


def _unique(tables: dict[str, Table], stem: str, column: str, keys: Sequence[str]) -> None:
    count = Counter(keys)
    seen: dict[str, int] = {}
    for row, key in enumerate(keys):
        if key and count[key] > 1 and key in seen:
            line = tables[stem].records[seen[key]][0]
            tables[stem].problem(row, column, f"{quote(key)} is there twice; it also stands on line {line}")
        seen.setdefault(key, row)


def _known(
    tables: dict[str, Table],
    stem: str,
    column: str,
    given: Iterable[tuple[int, str]],
    known: Collection[str],
    noun: str,
) -> None:
    for row, name in given:
        if name and name not in known and known:
            what = f"{column} {quote(name)} is not among the {noun}"
            tables[stem].problem(row, column, what, suggestion(name, known, noun))


def _check_scalars(tables: dict[str, Table], rows: Sequence[Scalar]) -> None:
    for row, scalar in enumerate(rows):
        if scalar.key not in SCALARS:
            continue
        least, most = SCALARS[scalar.key]
        try:
            good = least < float(scalar.value) <= most or float(scalar.value) == least > 0
        except ValueError:
            good = False
        if not good or math.isinf(float(scalar.value)):
            what = f"{scalar.key} {quote(scalar.value)} must be a number above {least:g}"
            tables["nation"].problem(row, "value", what + ("" if math.isinf(most) else f", {most:g} at most"))


def _pieces(cities: Sequence[City], trunks: Sequence[TrunkRow]) -> list[str]:
    """A note for every city, or group of cities, that no trunk joins to the largest group."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(row.city for row in cities)
    graph.add_edges_from((row.a, row.b) for row in trunks)
    groups = sorted(nx.connected_components(graph), key=len, reverse=True)
    return [f"no trunk joins {listing(sorted(group), last='and')} to the rest" for group in groups[1:]]
