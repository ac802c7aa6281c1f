"""The report's sentences: what was asked, and the answer, made from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...study.finished import FinishedStudy
from ...study.verdict import amount, less_is_better, title
from ...text import energy, mass, money, number, percent, seconds

Measures = Mapping[str, Any]


def asked(study: FinishedStudy) -> list[str]:
    """What was simulated, in words."""
    manifest, first = study.manifest, next(iter(study.results.values()))[0]
    start, end = first.window
    names = list(study.results)
    said = [
        f"{study.scenario}: {_listing(names)}, each with the same jobs"
        if len(names) > 1
        else f"{study.scenario}: {names[0]}",
        f"measured from {seconds(start)} to {seconds(end)} of simulated time, after a warm-up"
        if start
        else f"measured over {seconds(end)} of simulated time",
        f"{manifest['replications']} replication{'s' if manifest['replications'] > 1 else ''}, "
        f"routing {manifest['policy']}, seed {manifest['seed']}",
    ]
    if first.scale != 1:
        said.append(f"{percent(first.scale)} of the nation's jobs, devices and trunks are simulated")
    if first.reserve:
        said.append(f"{percent(first.reserve)} of every pool is set aside, and not in these figures")
    return said


def answer(study: FinishedStudy) -> list[str]:
    """The answer in three sentences: which allocation, by how much, how sure; where it is tight; what it costs."""
    each = study.summary()["allocations"]
    return [_which(study, each), _tight(each), _cost(each)]


def _which(study: FinishedStudy, each: Mapping[str, Measures]) -> str:
    names, measure = list(each), study.measure
    if len(names) > 1 and study.comparison:
        return f"{study.comparison.words().rstrip('.')}."
    values = {name: _value(each[name], *measure.split(".")) for name in names}
    known = {name: value for name, value in values.items() if value is not None}
    if not known:
        return f"No allocation has a {title(measure)}: nothing finished in the time that is measured."
    order = sorted(known, key=lambda name: known[name], reverse=not less_is_better(measure))
    best = order[0]
    if len(order) == 1:
        return f"Under {best} the {title(measure)} is {amount(measure, known[best])}."
    gap = abs(known[order[1]] - known[best])
    share = f" ({percent(gap / abs(known[order[1]]))})" if known[order[1]] else ""
    way = "least" if less_is_better(measure) else "highest"
    return (
        f"{best} has the {way} {title(measure)}, {amount(measure, known[best])}; the next, {order[1]}, is "
        f"{amount(measure, gap)}{share} away. One replication cannot say whether that is chance: --replications 5 can."
    )


def _tight(each: Mapping[str, Measures]) -> str:
    """The fullest hub, and the busiest trunk."""
    hubs = {
        (name, hub): found["value"]
        for name, measures in each.items()
        for hub, found in measures["utilization"].get("by_hub", {}).items()
        if found
    }
    if not hubs:
        return "No hub has devices, so none can be full."
    (name, hub), most = max(hubs.items(), key=lambda item: item[1])
    trunks = {name: _value(measures, "trunk_use", "max") for name, measures in each.items()}
    words = f"The fullest hub is {hub}, {percent(most)} busy under {name}"
    known = {name: value for name, value in trunks.items() if value is not None}
    if not known:
        return f"{words}."
    worst = max(known, key=lambda name: known[name])
    return f"{words}; the busiest trunk carries {percent(known[worst])} of what it can, under {worst}."


def _cost(each: Mapping[str, Measures]) -> str:
    """Deadlines, energy and money of every allocation, as far as they are known."""
    said = []
    for name, measures in each.items():
        parts = []
        for path, form, words in (
            (("deadline_met",), percent, "of deadlines met"),
            (("energy_kwh",), energy, ""),
            (("cost_yuan",), money, "for electricity"),
            (("carbon_kg",), mass, "of CO2"),
        ):
            value = _value(measures, *path)
            if value is not None:
                parts.append(f"{form(value)} {words}".strip())
        said.append(f"{name}: {', '.join(parts)}" if parts else f"{name}: neither deadlines nor prices are known")
    return f"{'; '.join(said)}."


def headline(study: FinishedStudy) -> list[tuple[str, list[dict[str, Any]]]]:
    """The comparison: title, and for each allocation the value, its interval, and the text of both."""
    rows = []
    each = study.summary()["allocations"]
    for words, path, form in (
        ("jobs submitted", ("jobs", "submitted"), number),
        ("jobs rejected", ("jobs", "rejected"), number),
        ("response, mean of finished", ("response_s", "mean"), seconds),
        ("response, 95%", ("response_s", "p95"), seconds),
        ("wait, mean of finished", ("wait_s", "mean"), seconds),
        ("one-way delay, mean", ("one_way_ms", "mean"), lambda ms: f"{ms:.2f} ms"),
        ("deadlines met, of those decided", ("deadline_met",), percent),
        ("utilization, mean", ("utilization", "mean"), percent),
        ("trunk use, mean", ("trunk_use", "mean"), percent),
        ("trunk use, highest", ("trunk_use", "max"), percent),
        ("energy", ("energy_kwh",), energy),
        ("electricity", ("cost_yuan",), money),
        ("CO2, by the grid", ("carbon_kg",), mass),
    ):
        cells = [_cell(_found(measures, *path), form) for measures in each.values()]
        if any(cell["value"] is not None for cell in cells):
            rows.append((words, _scaled(cells)))
    return rows


def _cell(found: Any, form: Any) -> dict[str, Any]:
    if not found or found.get("value") is None:
        return {"value": None, "text": "-"}
    low, high = found.get("ci95") or (None, None)
    text = ("> " if found.get("at_least") else "") + form(found["value"])
    interval = f"{form(low)} to {form(high)}" if low is not None else ""
    return {"value": found["value"], "low": low, "high": high, "text": text, "interval": interval}


def _scaled(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the places of value and interval on a line from 0 (or the least) to the most of the row, in percent."""
    ends = [
        float(end) for cell in cells for end in (cell["value"], cell.get("low"), cell.get("high")) if end is not None
    ]
    low, high = min(0.0, *ends), max(ends)
    for cell in cells:
        for key in ("value", "low", "high"):
            end = cell.get(key)
            cell[f"{key}_at"] = None if end is None or high <= low else round(100 * (end - low) / (high - low), 2)
    return cells


def _found(measures: Measures, *path: str) -> Any:
    found: Any = measures
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _value(measures: Measures, *path: str) -> float | None:
    found = _found(measures, *path)
    return None if not found else found.get("value")


def _listing(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
