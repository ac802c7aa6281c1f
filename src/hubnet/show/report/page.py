"""The page itself: data and words into one HTML file, in which every text is escaped."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import matplotlib

from ...study.finished import FinishedStudy
from ...study.folder import MANIFEST
from ...study.nations import several
from ...study.notes import run_notes
from ...study.reading import damaged
from ...study.reasons import reason_lines
from ...text import energy, mass, money, percent, seconds
from ..style import PARTS, UTILIZATION
from .assumptions import assumptions
from .compared import difference_rows, headline, hub_rows, nation_rows
from .figures import clock, run_figures
from .words import answer, asked, lead, question

RAMP = 10  # steps of the colours for shares from 0 to 1
TOLD = (  # of the manifest
    *("scenario", "scenario_file", "scenario_sha256", "settings", "command", "seed", "replications", "policy"),
    *("gear", "events", "wall_s", "finished_at", "versions"),
)
ACCOUNTS = {
    "energy_kwh": ("energy", energy),
    "cost_yuan": ("electricity", money),
    "capital_yuan": ("capital", money),
    "value_yuan": ("value of the work", money),
    "carbon_kg": ("CO2, by the grid", mass),
    "carbon_contract_kg": ("CO2, by contracts", mass),
}


def page(study: FinishedStudy) -> str:
    """The report of a study, as HTML. What is shown over time is of the first replication.

    Raises InputError if the manifest does not say what the report tells of.
    """
    if lacking := [key for key in TOLD if key not in study.manifest]:
        raise damaged(study.folder / MANIFEST, f"it does not say {lacking[0]!r}")
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("hubnet.show.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"percent": _or_nothing(percent), "seconds": _or_nothing(seconds), "clock": clock}
    made.filters |= {"colour": colour, "command": shlex.join}
    runs = [run_figures(results[0]) for results in study.results.values()]
    for run in runs:
        run["begin"] = beginning(run)
    return made.get_template("report.html").render(
        study=study,
        manifest=study.manifest,
        question=question(study.manifest),
        asked=asked(study),
        lead=lead(study),
        answer=answer(study),
        headline=headline(study),
        hub_rows=hub_rows(study),
        differences=difference_rows(study),
        reasons=nation_rows(study),
        reason_lines=reason_lines(study.nations) if several(study.results) else [],
        runs=runs,
        ramp=ramp(),
        parts=[(part, colour) for part, (colour, _) in PARTS.items()],
        accounts=ACCOUNTS,
        data=script_json({"runs": [_replay(run) for run in runs], "ramp": ramp()}),
        assumptions=assumptions(study),
        checked=study.checked().removeprefix("checks: "),
        warnings=study.failed_checks(),
        notes=[*study.doubts(), *run_notes(study)],
    )


def _replay(run: dict[str, Any]) -> dict[str, Any]:
    """What the script needs of a run."""
    kept = ("name", "devices", "utilization", "week", "path")
    return {
        "name": run["name"],
        "hours": run["hours"],
        "hubs": [{key: hub[key] for key in kept} for hub in run["hubs"]],
        "trunks": [{"name": trunk["name"], "use": trunk["use"]} for trunk in (run["map"] or {"trunks": []})["trunks"]],
        "incidents": [{key: one[key] for key in ("what", "target", "hub", "at", "end")} for one in run["incidents"]],
    }


def beginning(run: dict[str, Any]) -> int:
    """The hour at which the replay stands at first: that of the first incident, or of the window."""
    moment = min((one["at"] for one in run["incidents"]), default=run["window"][0])
    last = max(len(run["hours"]) - 2, 0)
    return min(max((k for k, hour in enumerate(run["hours"]) if hour <= moment), default=0), last)


def script_json(data: Any) -> str:
    """JSON that is safe inside a script element: it cannot end the element, or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def ramp() -> list[str]:
    """Colours of shares 0, 0.1, ... 1, those of the charts."""
    return [matplotlib.colors.to_hex(UTILIZATION(max(k / RAMP, 0.001))) for k in range(RAMP + 1)]


def colour(shares: Sequence[int], hour: int) -> str:
    """The colour of a share in percent at an hour, for readers without the script."""
    share = shares[hour] if hour < len(shares) else -1
    return "#a8a8b2" if share < 0 else ramp()[min(round(share / 100 * RAMP), RAMP)]


def write_page(study: FinishedStudy, path: Path) -> None:
    """Write the report; whole or not at all."""
    text = page(study)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _or_nothing(form: Any) -> Any:
    """What writes a value, also one that is not known, or that falls on jobs that have not finished."""

    def written(value: float | None) -> str:
        if value is None or math.isnan(value):
            return "-"
        return "beyond the end" if math.isinf(value) else str(form(value))

    return written
