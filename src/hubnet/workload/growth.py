"""The work of jobs in a later year: the same distributions, stretched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..scenario import sizes
from ..scenario.growth import Later

SCALES = ("value", "mean", "median", "scale", "least", "cap", "values", "unit")  # fields in s; the others are shapes


def with_work_of(specs: Mapping[str, Any], later: Later | None) -> Mapping[str, Any]:
    """The classes (name -> spec) with the work of a later year. Their data stay: what is in proportion to the work is
    so much more for each second of it."""
    if later is None:
        return specs
    return {name: _stretched(spec, later.work(name)) for name, spec in specs.items()}


def _stretched(spec: Any, factor: float) -> Any:
    if factor == 1:
        return spec
    changed = {"work": stretched(spec.work, factor)}
    for key in ("input", "output"):
        if isinstance(size := getattr(spec, key), sizes.PerWork):
            changed[key] = sizes.PerWork(size.rate / factor)
    return replace(spec, **changed) if is_dataclass(spec) else spec.model_copy(update=changed)  # type: ignore[type-var]


def stretched(work: Any, factor: float) -> Any:
    """A distribution, as a scenario has it, of `factor` times what it was."""
    given = {field.name: getattr(work, field.name) for field in fields(work) if field.name in SCALES}
    new = {
        name: tuple(one * factor for one in value) if isinstance(value, tuple) else value * factor
        for name, value in given.items()
        if value is not None
    }
    return replace(work, **new)
