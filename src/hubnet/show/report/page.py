"""The page itself: data and words into one HTML file, in which every text is escaped."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jinja2
import matplotlib

from ...study.finished import FinishedStudy
from ...text import energy, mass, money, percent, seconds
from ..style import PARTS, UTILIZATION
from .assumptions import assumptions
from .figures import run_figures
from .words import answer, asked, headline

RAMP = 10  # steps of the colours for shares from 0 to 1


def page(study: FinishedStudy) -> str:
    """The report of a study, as HTML."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("hubnet.show.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"percent": _or_nothing(percent), "seconds": _or_nothing(seconds), "energy": energy}
    made.filters |= {"money": money, "mass": mass, "clock": clock}
    runs = [run_figures(results[0]) for results in study.results.values()]
    return made.get_template("report.html").render(
        study=study,
        manifest=study.manifest,
        asked=asked(study),
        answer=answer(study),
        headline=headline(study),
        runs=runs,
        ramp=ramp(),
        parts=[(part, colour) for part, (colour, _) in PARTS.items()],
        data=script_json({"runs": [_replay(run) for run in runs], "ramp": ramp()}),
        assumptions=assumptions(study.manifest),
        checks=_checks(study),
    )


def _replay(run: dict[str, Any]) -> dict[str, Any]:
    """What the script needs of a run."""
    return {
        "name": run["name"],
        "hours": run["hours"],
        "hubs": [{"name": hub["name"], "week": hub["week"], "path": hub["path"]} for hub in run["hubs"]],
        "trunks": [trunk["use"] for trunk in (run["map"] or {"trunks": []})["trunks"]],
        "incidents": run["incidents"],
    }


def _checks(study: FinishedStudy) -> list[str]:
    """Checks of the runs that failed or are in doubt, in words; see `hubnet.study.checks`."""
    found = study.summary().get("checks", {})
    return [f"{name}: {warning}" for name, one in found.items() for warning in one.get("warnings", [])]


def script_json(data: Any) -> str:
    """JSON that is safe inside a script element: it cannot end the element, or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def ramp() -> list[str]:
    """Colours of shares 0, 0.1, ... 1, those of the charts."""
    return [matplotlib.colors.to_hex(UTILIZATION(max(k / RAMP, 0.001))) for k in range(RAMP + 1)]


def clock(time: float) -> str:
    """A time of a run: day (from 1), hour and minute."""
    minutes = round(time / 60)
    return f"day {minutes // 1440 + 1}, {minutes // 60 % 24:02d}:{minutes % 60:02d}"


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
