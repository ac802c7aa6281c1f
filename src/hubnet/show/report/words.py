"""The report's sentences: what was asked, and the answer, made from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from ...study.finished import FinishedStudy
from ...study.many import bonferroni
from ...study.measures import t_interval
from ...study.nations import several
from ...study.verdict import amount, less_is_better, title
from ...text import counted, money, number, percent, seconds

Measures = Mapping[str, Any]


def question(manifest: Mapping[str, Any]) -> str:
    """What the scenario's author wrote above it: the first paragraphs of its leading comment, at most two, without
    indented lines, which are commands."""
    paragraphs: list[list[str]] = [[]]
    for line in takewhile(lambda line: line.startswith("#"), manifest["scenario"].splitlines()):
        if not line.strip("# \t"):
            paragraphs.append([])
        elif not line.startswith(("#  ", "#\t")):
            paragraphs[-1].append(line.strip("# \t"))
    said = " ".join(" ".join(lines) for lines in [lines for lines in paragraphs if lines][:2])
    return f"{said[:-1]}." if said.endswith(":") else said  # what a colon led to was left out


def asked(study: FinishedStudy) -> list[str]:
    """What was simulated, in sentences."""
    manifest, first = study.manifest, next(iter(study.results.values()))[0]
    start, end = first.window
    names, count = list(study.results), manifest["replications"]
    said = [
        *_where(study),
        _meeting(names, several(study.results)),
        f"Routing is {manifest['policy']}; seed {manifest['seed']}, {counted(count, 'replication')}.",
        f"Measured from {seconds(start)} to {seconds(end)} of simulated time.",
    ]
    if first.scale != 1:
        said.append(
            f"{percent(first.scale)} of the jobs, devices and trunks are simulated; all figures are of that part."
        )
    if first.reserve:
        said.append(f"A reserve of {percent(first.reserve)} of every pool is set aside, and is not in these figures.")
    incidents = first.incidents.drop_duplicates("incident")
    if len(incidents):
        said.append(f"Incidents: {', '.join(str(what) for what in incidents['what'])}.")
    return said


def _where(study: FinishedStudy) -> list[str]:
    """On what network the jobs are, once per nation."""
    said = []
    for runs in {runs[0].nation.get("nation", ""): runs for runs in reversed(study.results.values())}.values():
        run = runs[0]
        hubs, regions = run.utilization["hub"].nunique(), len(run.regions)
        devices = number(round(float(run.utilization["devices"].sum())))
        jobs = run.measures["jobs", "submitted"].value or 0
        place = f"{run.nation['nation']}: " if several(study.results) else ""
        said.append(
            f"{place}{counted(regions, 'region')} send{'s' if regions == 1 else ''} jobs to {counted(hubs, 'hub')} "
            f"with {devices} devices in all, over {counted(run.network.graph.number_of_edges(), 'trunk')}: "
            f"{number(jobs)} jobs of {counted(len(run.classes), 'class', 'classes')}."
        )
    return said[::-1]


def _meeting(names: Sequence[str], nations: bool) -> str:
    if len(names) == 1:
        return f"One allocation is simulated: {names[0]}."
    if nations:
        return "Every nation gets the same demand, as many jobs per second of each class, at places of its own."
    return f"{_listing(names)} meet the same jobs."


def lead(study: FinishedStudy) -> str:
    """The answer in a few words: which allocation, if any, is known to be best."""
    names, of = list(study.results), title(study.measure)
    if len(names) == 1:
        return f"What happens under {names[0]}"
    if study.comparison is None:
        return "Which is best is not known yet" if study.replications == 1 else "No comparison is possible"
    best = study.comparison.best
    if best.sure:
        return f"{best.name} has the best {of}"
    return f"By {of} there is no clear winner between {_listing(best.candidates)}"


def answer(study: FinishedStudy) -> list[str]:
    """The answer in three sentences: which allocation, by how much, how sure; where it is tight; what it costs."""
    each = study.summary()["allocations"]
    return [_which(study, each), _tight(each), _cost(study, each)]


def _which(study: FinishedStudy, each: Mapping[str, Measures]) -> str:
    names, measure = list(each), study.measure
    if len(names) > 1 and study.comparison:
        return f"{study.comparison.words().rstrip('.')}."
    values = {name: value_of(each[name], *measure.split(".")) for name in names}
    known = {name: value for name, value in values.items() if value is not None}
    if not known:
        return f"No allocation has a {title(measure)}: nothing finished in the time that is measured."
    order = sorted(known, key=lambda name: known[name], reverse=not less_is_better(measure))
    best = order[0]
    if len(names) == 1:
        return f"Under {best} the {title(measure)} is {amount(measure, known[best])}."
    if study.replications > 1:
        return f"{study.why_not}."
    if len(order) == 1:
        return f"Only {best} has a {title(measure)}, {amount(measure, known[best])}."
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
    trunks = {name: value_of(measures, "trunk_use", "max") for name, measures in each.items()}
    words = f"The fullest hub is {hub}, {percent(most)} busy under {name}"
    known = {name: value for name, value in trunks.items() if value is not None}
    if not known:
        return f"{words}."
    worst = max(known, key=lambda name: known[name])
    return f"{words}; the busiest trunk carries {percent(known[worst])} of what it can, under {worst}."


def _cost(study: FinishedStudy, each: Mapping[str, Measures]) -> str:
    """Deadlines met, and what electricity costs, least and most."""
    met = {name: value_of(measures, "deadline_met") for name, measures in each.items()}
    shown = {name: percent(value) for name, value in met.items() if value is not None}
    costs = {name: value_of(measures, "cost_yuan") for name, measures in each.items()}
    known = {name: value for name, value in costs.items() if value is not None}
    parts = []
    if len(shown) > 1 and len(set(shown.values())) == 1:
        parts.append(f"{next(iter(shown.values()))} of the deadlines are met under each of them")
    elif shown:
        told = [f"{share} under {name}" for name, share in shown.items()]
        parts.append(f"deadlines met: {', '.join(told)}")
    if known:
        parts.append(_electricity(study, known))
    words = "; ".join(parts) or "neither deadlines nor prices of electricity are known"
    return f"{words[0].upper()}{words[1:]}."


def _electricity(study: FinishedStudy, costs: Mapping[str, float]) -> str:
    least, most = min(costs, key=lambda name: costs[name]), max(costs, key=lambda name: costs[name])
    if least == most:
        return f"electricity costs {money(costs[least])}"
    said = f"electricity costs least under {least}, {money(costs[least])}, and most under {most}, {money(costs[most])}"
    if study.replications == 1:
        return said
    here, there = (study.values(name, "cost_yuan") for name in (most, least))
    gaps = [a.value - b.value for a, b in zip(here, there, strict=True) if a.value is not None and b.value is not None]
    pairs = len(costs) * (len(costs) - 1) // 2  # the two were picked for being far apart: Bonferroni over all pairs
    _, low, _ = t_interval(gaps, bonferroni(pairs)) if gaps else (0.0, 0.0, 0.0)
    return f"{said}, which is more than chance" if low > 0 else f"{said}, which may be chance"


def value_of(measures: Measures, *path: str) -> float | None:
    """The value at a path of the summary; None for a measure of nothing, or one that is not there."""
    found = found_at(measures, *path)
    return None if not found else found.get("value")


def found_at(measures: Measures, *path: str) -> Any:
    """What the summary has at a path; None if that is not there."""
    found: Any = measures
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _listing(names: Sequence[str]) -> str:
    """Names in a row; with semicolons where a name has a comma of its own, as "allocation, policy" has."""
    comma = "; " if any("," in name for name in names) else ", "
    last = "; and " if comma == "; " else " and "
    return f"{comma.join(names[:-1])}{last}{names[-1]}" if len(names) > 1 else names[0]
