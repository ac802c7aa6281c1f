"""The measures that people compare runs by, in the order and the words of every table: on screens and in the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..text import energy, mass, money, number, percent, seconds
from .measures import Path, Value

if TYPE_CHECKING:
    from .study import Study

HIGH = 10  # a slowdown above it needs no decimals
ALWAYS, KNOWN, SOME, TROUBLE = range(4)  # where it is shown: see `Row`


class Row(NamedTuple):
    """title: in a table. form: writes a value. shown: ALWAYS; where any run has it (KNOWN); where any run has more than
    none of it (SOME); where there were incidents (TROUBLE)."""

    title: str
    path: Path
    form: Callable[[float], str]
    shown: int = ALWAYS


def milliseconds(value: float) -> str:
    return f"{value:.2f} ms"


def _ratio(value: float) -> str:
    return f"{value:,.2f}" if value < HIGH else number(value)


HEADLINE = (
    Row("jobs submitted", ("jobs", "submitted"), number),
    Row("jobs finished", ("jobs", "finished"), number),
    Row("jobs rejected", ("jobs", "rejected"), number),
    Row("jobs open at the end", ("jobs", "unfinished"), number),
    Row("response, mean of finished", ("response_s", "mean"), seconds),
    Row("response, median", ("response_s", "p50"), seconds),
    Row("response, 95%", ("response_s", "p95"), seconds),
    Row("wait, mean of finished", ("wait_s", "mean"), seconds),
    Row("held, mean of finished", ("held_s", "mean"), seconds, SOME),
    Row("bounded slowdown, mean", ("slowdown", "mean"), _ratio),
    Row("one-way delay, mean", ("one_way_ms", "mean"), milliseconds),
    Row("deadlines met, of those decided", ("deadline_met",), percent),
    Row("utilization, mean", ("utilization", "mean"), percent),
    Row("goodput: finished in time", ("goodput",), percent),
    Row("fairness over regions", ("fairness",), "{:.3f}".format),
    Row("trunk use, mean", ("trunk_use", "mean"), percent),
    Row("trunk use, highest", ("trunk_use", "max"), percent),
    Row("jobs east to west", ("east_to_west_jobs",), number, KNOWN),
    Row("energy", ("energy_kwh",), energy, KNOWN),
    Row("electricity", ("cost_yuan",), money, KNOWN),
    Row("capital of the devices", ("capital_yuan",), money, KNOWN),
    Row("value of the work", ("value_yuan",), money, KNOWN),
    Row("CO2, by the grid", ("carbon_kg",), mass, KNOWN),
    Row("CO2, by contracts", ("carbon_contract_kg",), mass, KNOWN),
    Row("electricity per EFLOP-hour", ("accounts", "per_eflop_hour", "cost_yuan"), money, KNOWN),
    Row("capital per EFLOP-hour", ("accounts", "per_eflop_hour", "capital_yuan"), money, KNOWN),
    Row("incidents", ("incidents", "count"), number, TROUBLE),
    Row("jobs displaced", ("incidents", "jobs_displaced"), number, TROUBLE),
    Row("work lost, device-hours", ("incidents", "work_lost_device_s"), lambda s: number(s / 3600), TROUBLE),
    Row("transfers that had to move", ("incidents", "flows_moved"), number, TROUBLE),
    Row("transfers that stood still", ("incidents", "flows_stalled"), number, TROUBLE),
    Row("detour, mean of moved pairs", ("incidents", "detour_ms", "mean"), milliseconds, TROUBLE),
)


def row_of(measure: str) -> Row | None:
    """The row of a measure, by its path with dots or by its title; None if it has none."""
    return next((row for row in HEADLINE if measure in (".".join(row.path), row.title)), None)


def path_of(measure: str) -> str:
    """A measure's path with dots; people may also give the title that it has in tables."""
    row = row_of(measure)
    return ".".join(row.path) if row else measure


def headline(study: Study) -> list[tuple[Row, list[Sequence[Value]]]]:
    """The rows that a table of this study has, each with the values of every run, replication by replication."""
    runs = [study.measures(name) for name in study.results]
    nothing: Sequence[Value] = [Value(None)]
    trouble = any(run.get(("incidents", "count"), nothing)[0].value for run in runs)
    found = []
    for row in HEADLINE:
        samples = [run.get(row.path, nothing) for run in runs]
        values = [one.value for sample in samples for one in sample]
        if (
            row.shown == ALWAYS
            or (row.shown == KNOWN and any(value is not None for value in values))
            or (row.shown == SOME and any(values))
            or (row.shown == TROUBLE and trouble)
        ):
            found.append((row, samples))
    return found
