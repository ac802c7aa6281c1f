"""The points of a sweep: a full grid of the settings that vary, or a Latin hypercube of samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from ..errors import InputError, Problem
from ..scenario.ranges import Amount, Varied, amount, plain
from ..workload.streams import stream

MOST_POINTS = 100_000
Point = tuple[str, ...]  # a YAML text for each setting that varies


@dataclass(frozen=True)
class Axis:
    """A setting as a column of a table: its value at each point.

    values: numbers in `unit` (shares, also in percent, as numbers without unit) if all of them are numbers, else texts.
    """

    path: str
    values: tuple[Any, ...]
    unit: str = ""

    @property
    def numeric(self) -> bool:
        return all(isinstance(value, float) for value in self.values)


def plan_points(varied: Sequence[Varied], samples: int | None, seed: int) -> list[Point]:
    """The points, each once. samples: how many a Latin hypercube has; None = the full grid, the last setting fastest.

    Raises InputError with every problem found.
    """
    problems = [
        Problem(f"{one.path} is varied twice", "put all its values into one --vary")
        for index, one in enumerate(varied)
        if one.path in [other.path for other in varied[:index]]
    ]
    if not varied:
        problems.append(Problem("nothing varies", 'say what, such as --vary "workload.load=40%:90%:10%"'))
    if samples is None:
        problems += [
            Problem(f"{one.path}: a range without a step is no grid", "write low:high:step, or use --samples")
            for one in varied
            if one.span
        ]
        if not problems and (size := prod(len(one.values) for one in varied)) > MOST_POINTS:
            hint = "take larger steps, or draw some of them with --samples"
            problems.append(Problem(f"the grid has {size} points; {MOST_POINTS} are the most", hint))
    elif not 1 <= samples <= MOST_POINTS:
        problems.append(Problem(f"samples={samples} is not from 1 to {MOST_POINTS}"))
    if problems:
        raise InputError(problems)
    return list(product(*(one.values for one in varied))) if samples is None else hypercube(varied, samples, seed)


def hypercube(varied: Sequence[Varied], samples: int, seed: int) -> list[Point]:
    """A Latin hypercube: along every setting the points fall one each into `samples` equal parts of its range.

    A setting with a list of values takes them equally often, as far as that goes. Points that are drawn twice, which
    happens between lists only, are kept once. Source: McKay, Beckman and Conover (1979), as in scipy.stats.qmc.
    """
    from scipy.stats.qmc import LatinHypercube  # late: it takes a while to import, and a grid does not need it

    cube = LatinHypercube(d=len(varied), rng=stream(seed, 0, "latin hypercube")).random(samples)
    drawn = [tuple(_at(one, part) for one, part in zip(varied, row, strict=True)) for row in cube.tolist()]
    return list(dict.fromkeys(drawn))


def settings_of(varied: Sequence[Varied], point: Point) -> tuple[str, ...]:
    """The point as settings "path=value"."""
    return tuple(f"{one.path}={text}" for one, text in zip(varied, point, strict=True))


def axes_of(varied: Sequence[Varied], points: Sequence[Point]) -> list[Axis]:
    """Each setting with its value at every point."""
    return [_axis(one.path, [point[index] for point in points]) for index, one in enumerate(varied)]


def _at(one: Varied, part: float) -> str:
    return one.span.at(part) if one.span else one.values[int(part * len(one.values))]


def _axis(path: str, texts: list[str]) -> Axis:
    seen = {text: plain(text) for text in dict.fromkeys(texts)}
    amounts = {text: amount(value) for text, value in seen.items()}
    first = next(iter(amounts.values()))
    if first is not None:
        base = Amount(first.number, "" if first.unit == "%" else first.unit, first.factor)
        numbers = {text: _number(base, other) for text, other in amounts.items()}
        if None not in numbers.values():
            return Axis(path, tuple(numbers[text] for text in texts), "x" if base.factor else base.unit)
    shown = {text: text if isinstance(value, dict | list) else _word(value) for text, value in seen.items()}
    return Axis(path, tuple(shown[text] for text in texts))


def _number(base: Amount, other: Amount | None) -> float | None:
    factor = None if other is None else base.shares_unit(other)
    return None if other is None or factor is None else float(other.number * factor)


def _word(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
