"""What a size may be, once it is read: one of these distributions. `workload.distributions` draws from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """Whole numbers and their probabilities, which add up to 1. A fixed number is a choice of one."""

    values: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Constant:
    """Always `value`: s or bit, as in all distributions below."""

    value: float


@dataclass(frozen=True)
class Exponential:
    """Exponentially distributed with this mean. cap: larger draws are cut to it; None = not cut."""

    mean: float
    cap: float | None = None


@dataclass(frozen=True)
class Lognormal:
    """Lognormally distributed: ln(x) is normal with mean ln(median) and standard deviation sigma."""

    median: float
    sigma: float
    cap: float | None = None


@dataclass(frozen=True)
class Weibull:
    """P(X > x) = exp(-(x / scale)^shape)."""

    scale: float
    shape: float
    cap: float | None = None


@dataclass(frozen=True)
class Gamma:
    """Gamma distributed; its coefficient of variation is 1 / sqrt(shape)."""

    mean: float
    shape: float
    cap: float | None = None


@dataclass(frozen=True)
class Pareto:
    """P(X > x) = (least / x)^shape, for x of at least `least`."""

    least: float
    shape: float
    cap: float | None = None


@dataclass(frozen=True)
class Empirical:
    """One of the values, each with the same chance."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class Column:
    """The values in a column of a CSV file, each with the same chance; a 1 there means `unit`."""

    file: str
    column: str
    unit: float = 1.0


@dataclass(frozen=True)
class PerWork:
    """Data in proportion to the work: bit per s of work on the reference device."""

    rate: float


Distribution = Constant | Exponential | Lognormal | Weibull | Gamma | Pareto | Empirical
CONTINUOUS = {kind.__name__.lower(): kind for kind in (Exponential, Lognormal, Weibull, Gamma, Pareto)}
