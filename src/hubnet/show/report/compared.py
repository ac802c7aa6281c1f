"""The runs side by side: headline measures, their paired differences, and the hubs, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...study.finished import FinishedStudy
from ...study.headline import HEADLINE, milliseconds
from ...study.headline import headline as headline_of
from ...study.measures import half_width, written
from ...study.nations import several
from ...study.reasons import reason_rows
from ...text import number, percent, seconds
from .words import found_at

Form = Callable[[float], str]


def headline(study: FinishedStudy) -> list[tuple[str, list[dict[str, Any]]]]:
    """Title and cells, one per allocation: value, low and high (None: no interval), and the text of them. Rows that no
    allocation has are left out."""
    rows = headline_of(study)
    return _rows((row.title, row.form, [written(sample) for sample in samples]) for row, samples in rows)


def hub_rows(study: FinishedStudy) -> list[tuple[str, list[dict[str, Any]]]]:
    """Likewise the utilization of every hub, the largest of the first allocation first."""
    each = study.summary()["allocations"].values()
    runs = [results[0].utilization for results in study.results.values()]
    sizes = runs[0].groupby("hub", sort=False)["devices"].sum().sort_values(ascending=False, kind="stable")
    names = dict.fromkeys([*sizes.index, *(hub for one in runs for hub in one["hub"])])
    path = ("utilization", "by_hub")
    rows = ((str(name), percent, [found_at(one, *path, str(name)) for one in each]) for name in names)
    return _rows(rows, most=1.0)


def nation_rows(study: FinishedStudy) -> list[tuple[str, list[dict[str, Any]]]]:
    """Likewise, of a study of nations, why they differ; none of other studies."""
    if not several(study.results):
        return []
    nothing = _cell(None, number) | _line(_cell(None, number), 0.0, 0.0)
    return [(words, [nothing | {"text": text} for text in texts]) for words, *texts in reason_rows(study.nations)]


def difference_rows(study: FinishedStudy) -> list[dict[str, Any]]:
    """For every other allocation than the baseline, and every headline measure: name, rows of (title, cell), where a
    cell has `sure` if 0 lies outside its interval. What never differs is left out; empty without intervals."""
    if study.replications < 2:
        return []
    found = []
    for name, each in study.summary()["differences"].items():
        rows = []
        for words, path, form, _ in HEADLINE:
            value = each.get(".".join(path))
            if value and any(value.get("ci95", ())):
                low, high = value["ci95"]
                told = [_signed(form, end) for end in (value["value"], low, high)]
                cell = {"value": value["value"], "low": low, "high": high, "sure": low > 0 or high < 0}
                cell |= {"text": told[0], "interval": f"{told[1]} to {told[2]}"}
                rows.append((words, cell | _line(cell, *_around(low, high))))
        found.append({"name": name, "rows": rows})
    return found


def _rows(rows: Iterable[tuple[str, Form, list[Any]]], most: float = 0.0) -> list[tuple[str, list[dict[str, Any]]]]:
    """rows: title, what writes a value, and each run's measure as the summary has it."""
    found = []
    for title, form, measures in rows:
        cells = [_cell(measure, form) for measure in measures]
        ends = [end for cell in cells for end in (cell["value"], cell["high"]) if end is not None]
        if ends:
            found.append((title, [cell | _line(cell, 0.0, max([most, *ends])) for cell in cells]))
    return found


def _cell(found: Any, form: Form) -> dict[str, Any]:
    """A measure as the summary has it, and as text: its value, and half of its interval."""
    if not found or found.get("value") is None:
        return {"value": None, "low": None, "high": None, "text": "-", "interval": ""}
    low, high = found.get("ci95") or (None, None)
    text = ("> " if found.get("at_least") else "") + form(found["value"])
    width = half_width(found)
    half = f"±{form(width).replace(' %', ' points')}" if width else ""
    return {"value": found["value"], "low": low, "high": high, "text": text, "interval": half}


def _line(cell: Mapping[str, Any], left: float, right: float) -> dict[str, float | None]:
    """Where value and interval stand between two values, in percent of the way; beyond them, at the end."""
    places: dict[str, float | None] = {}
    for key in ("value", "low", "high"):
        end = cell[key]
        inside = end is not None and right > left
        places[f"{key}_at"] = round(min(max(100 * (end - left) / (right - left), 0.0), 100.0), 2) if inside else None
    return places


def _around(low: float, high: float) -> tuple[float, float]:
    """A line with 0 in its middle that an interval fits on."""
    most = max(abs(low), abs(high))
    return -most, most


def _signed(form: Form, value: float) -> str:
    """A difference with its sign and two or three digits, however small it is; shares differ by points."""
    size = abs(value)
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    if form is percent:
        points = 100 * size
        return f"{sign}{points:.0f} points" if points >= 10 else f"{sign}{points:.2g} points"
    return sign + (seconds(size / 1e3) if form is milliseconds else form(size))
