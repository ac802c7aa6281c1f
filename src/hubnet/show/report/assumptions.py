"""What the results rest on: a nation's weak spots, and its figures by how well they are known, with their sources."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from ...errors import HubnetError
from ...network.describe import describe
from ...network.nation import Nation, load_nation
from ...network.tables import UNSTATED
from ...scenario.source import read_yaml
from ...study.finished import FinishedStudy

# The tables that a simulation reads, in the order of `docs/data.md`; the others are for people.
READ = ("regions", "hubs", "devices", "pools", "trunks", "classes", "hours", "mixes", "nation", "cities")
WEAKNESS = {UNSTATED: 1.0, "estimate": 1.0, "derived": 0.5, "sourced": 0.0}  # only for the order
MOST_SOURCES, LONGEST = 4, 400  # of a table; letters of one


def assumptions(study: FinishedStudy) -> list[dict[str, Any]]:
    """What each nation of a study rests on. weak: (what, effect, advice), those that move results most first. figures:
    see `figures_known`. nation: its name. note: why there are none of these, if so."""
    names = dict.fromkeys(runs[0].nation.get("nation") for runs in study.results.values())
    if None in names:
        tree, _ = read_yaml(study.manifest["scenario"], study.manifest["scenario_file"])
        plain = tree.plain()
        named = plain.get("network") if isinstance(plain, dict) else None
        for setting in study.manifest["settings"]:
            path, _, text = setting.partition("=")
            named = text.strip() if path.strip() == "network" else named
        names = dict.fromkeys([named.get("nation") if isinstance(named, dict) else named])
    return [_of_nation(name) for name in names]


def _of_nation(name: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"weak": [], "figures": [], "nation": ""}
    if not isinstance(name, str):
        return nothing | {"note": "The scenario file, below, spells its network out: all figures are its own."}
    try:
        tables = load_nation(name, Path())
        facts = describe(tables)
    except HubnetError:
        return nothing | {"note": f"The tables of {name} are not here, so their sources are not shown."}
    figures = figures_known(tables)
    return {"weak": facts.weak_spots, "figures": figures, "note": "", "nation": facts.title or facts.name}


def figures_known(nation: Nation) -> list[dict[str, Any]]:
    """A row for every kind of figure that a simulation reads: what ("trunks: capacity"), estimate, derived, sourced and
    unstated (how many of each), and sources (the most frequent of its table); the weakest kinds first."""
    found = []
    for table in READ:
        rows = nation.tables.get(table, ())
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            for column, value in row.items():
                if column.split("_")[0] == "confidence" and value:
                    counts[column.removeprefix("confidence").strip("_")][value] += 1
        sources = Counter(row["source"] for row in rows if row.get("source"))
        for what, known in (counts or {"": Counter({UNSTATED: len(rows)})}).items():
            if total := known.total():
                found.append(
                    {
                        "what": f"{table}: {what}" if what else table,
                        "counts": {kind: known[kind] for kind in WEAKNESS},
                        "weakness": sum(WEAKNESS.get(kind, 1.0) * count for kind, count in known.items()) / total,
                        "sources": [_short(source) for source, _ in sources.most_common(MOST_SOURCES)],
                        "more": max(len(sources) - MOST_SOURCES, 0),
                    }
                )
    return sorted(found, key=lambda row: -row["weakness"])


def _short(source: str) -> str:
    return source if len(source) <= LONGEST else f"{source[: LONGEST - 4].rstrip()} ..."
