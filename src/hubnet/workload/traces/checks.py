"""What makes a row no job: the rules, in the order in which a row is blamed for the first that it breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import Problem, TableError
from ...text import number, seconds
from .report import Tally, many

YEAR = 365 * 86400.0
FAR = 10 * YEAR  # no trace is that long: a submit time so far from the median one is a mistake
FEW = 0.01  # rows that break a rule of size are skipped up to this share; more of them point to a wrong unit
MOST_DEVICES = 2**40
WORDS = {
    "submit": "submit time",
    "work": "run time",
    "devices": "number of devices",
    "input": "input",
    "output": "output",
    "wave": "wave",
    "deadline": "deadline",
    "priority": "priority",
}
NEUTRAL = {"input": 0.0, "output": 0.0, "wave": np.inf, "deadline": np.inf, "priority": 0.0}  # of an empty cell
ENDLESS = ("wave", "deadline")


@dataclass(frozen=True)
class Rules:
    """What the reader of a trace may choose. longest: s, run times above are mistakes. without_devices: keep jobs that
    ask for none (they take no pool). statuses: those to keep; None = all. cancelled: the name of the status of a job
    that was given up; it is skipped if it never ran."""

    longest: float = YEAR
    without_devices: bool = False
    statuses: tuple[str, ...] | None = None
    cancelled: str = "cancelled"


def row_tests(
    values: Mapping[str, np.ndarray],
    bad: Mapping[str, np.ndarray],
    dated: bool,
    status: tuple[np.ndarray, list[str]] | None,
    unknown: str,
    rules: Rules,
) -> Iterator[tuple[np.ndarray, str]]:
    """(which rows fail, why). values, bad: per field. dated: submit times are dates, so may lie before the first.
    status: index into names [rows], names."""
    submit, work, devices = values["submit"], values["work"], values["devices"]
    yield from _status_tests(work, status, rules)
    for name in ("submit", "work", "devices"):
        yield bad[name], f"{WORDS[name]} is not a number" + (" or a date like the others" if name == "submit" else "")
        yield np.isnan(values[name]), f"{WORDS[name]} unknown ({unknown})"
        yield np.isinf(values[name]), f"{WORDS[name]} is infinite"
    if not dated:
        yield submit < 0, "submit time is negative"
    yield work < 0, "run time is negative"
    yield devices < 0, "number of devices is negative"
    if not rules.without_devices:
        yield devices == 0, "asks for no devices"
    yield devices != np.floor(devices), "number of devices is not whole"
    yield devices > MOST_DEVICES, "more devices than any pool could hold"
    for name in NEUTRAL:
        if name in values:
            yield bad[name], f"{WORDS[name]} is not a number"
            if name != "priority":
                yield values[name] < 0, f"{WORDS[name]} is negative"
            if name not in ENDLESS:
                yield np.isinf(values[name]), f"{WORDS[name]} is infinite"
            if name == "wave":
                yield values[name] == 0, "wave is 0: nothing would ever be sent"


def _status_tests(
    work: np.ndarray, status: tuple[np.ndarray, list[str]] | None, rules: Rules
) -> Iterator[tuple[np.ndarray, str]]:
    if status is None:
        return
    codes, names = status
    for code, name in enumerate(names):
        if rules.statuses is not None and name not in rules.statuses:
            yield codes == code, f"status is {name}"
        elif name == rules.cancelled:
            yield (codes == code) & ~(work > 0), "cancelled before it ran"
    if rules.statuses is not None and "unknown" not in rules.statuses:
        yield codes < 0, "status unknown"


def size_tests(
    submit: np.ndarray, work: np.ndarray, at: np.ndarray, place: str, file: str, rules: Rules, tally: Tally
) -> np.ndarray:
    """Which rows have a size that can be (bool). The others are counted as skipped, if they are few.

    Raises TableError if they are many: then the unit is probably wrong.
    """
    if not len(at):
        return np.ones(0, np.bool_)
    long = work > rules.longest
    far = np.abs(submit - np.median(submit)) > FAR
    problems = []
    for wrong, worst, what, way in (
        (long, work, f"run longer than {seconds(rules.longest)}", "; or allow longer ones with `longest`"),
        (far, np.abs(submit - np.median(submit)), "were submitted over 10 years from the middle of the trace", ""),
    ):
        if wrong.sum() > max(1, FEW * len(at)):
            row = int(np.argmax(worst))
            message = f"{int(wrong.sum()):,} of {len(at):,} jobs {what} ({seconds(worst[row])} in {place} {at[row]})"
            hint = f"is the unit of time wrong? say it with time_unit or the column's unit{way}"
            problems.append(Problem(message, hint, file, int(at[row]) if place == "line" else None))
    if problems:
        raise TableError(problems)
    reasons = [(long, f"runs longer than {seconds(rules.longest)}")]
    reasons.append((far, "submit time is over 10 years from the middle of the trace"))
    return tally.sift(at, reasons)


def limit_test(beyond: np.ndarray, at: np.ndarray, limit: str, tally: Tally) -> np.ndarray:
    """Which rows to keep (bool), given which are beyond a limit that the file states of itself."""
    if not beyond.any():
        return ~beyond
    if beyond.sum() <= max(1, FEW * len(at)):
        return tally.sift(at, [(beyond, limit)])
    tally.warnings.append(f"{many(int(beyond.sum()), 'job')} with {limit}: the header is not believed, they stay")
    return np.ones(len(at), np.bool_)


def empty_cells(values: dict[str, np.ndarray], tally: Tally) -> None:
    """Fill the empty cells of the fields that may be empty, and say so."""
    for name, neutral in NEUTRAL.items():
        if name in values:
            holes = np.isnan(values[name])
            if holes.any():
                shown = "no limit" if np.isinf(neutral) else number(neutral)
                tally.notes.append(f"{WORDS[name]} is empty in {many(int(holes.sum()), 'row')}: {shown}")
                values[name] = np.where(holes, neutral, values[name])
