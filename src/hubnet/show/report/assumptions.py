"""What the results rest on: a nation's weak spots, and how much of its figures is sourced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import HubnetError
from ...network.describe import describe
from ...network.nation import load_nation
from ...scenario.source import read_yaml


def assumptions(manifest: dict[str, Any]) -> dict[str, Any]:
    """weak: (what, effect, advice) of the nation, those that move results most first. tables: name, rows and how many
    figures are sourced, derived or estimates. note: why there are none, if so."""
    tree, _ = read_yaml(manifest["scenario"], manifest["scenario_file"])
    plain = tree.plain()
    nation = plain.get("network") if isinstance(plain, dict) else None
    name = nation.get("nation") if isinstance(nation, dict) else nation
    if not isinstance(name, str):
        return {"weak": [], "tables": [], "note": "The scenario file spells the network out: all figures are its own."}
    try:
        facts = describe(load_nation(name, Path()))
    except HubnetError:
        note = f"The tables of {name} are not here, so their sources are not shown."
        return {"weak": [], "tables": [], "note": note}
    tables = [
        {
            "name": one.name,
            "rows": one.rows,
            **{kind: one.figures.get(kind, 0) for kind in ("sourced", "derived", "estimate")},
        }
        for one in facts.tables
        if one.figures
    ]
    return {"weak": facts.weak_spots, "tables": tables, "note": "", "nation": facts.title or facts.name}
