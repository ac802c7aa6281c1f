"""Distributions of work and sizes: how to draw them, their exact means, and their length-biased quantiles.

A scenario specifies them under the same names and with the same fields (`scenario.sizes`). `cap`: larger draws are cut
to it. For X cut at c, with the partial mean M(x) = E[X; X < x],

    E min(X, c) = M(c) + c P(X >= c).

A job that is under way at a random time is long with more than its due chance, in proportion to its work: W has the
length-biased distribution P(W <= w) = E[W; W <= w] / E[W], whose quantile is min(M^-1(u E[W]), c) (Cox, Renewal
Theory, 1962, section 5.4). `biased` gives it, exactly, also where X itself has no mean.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np


def normal_share(z: float) -> float:
    """Phi(z): the share of a standard normal below z."""
    return math.erfc(-z / math.sqrt(2)) / 2


class Distribution(Protocol):
    """Anything not negative that can be drawn, and whose mean is known."""

    mean: float

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        """`rows` independent values."""

    def biased(self, u: np.ndarray) -> np.ndarray:
        """The length-biased quantiles at u, in [0, 1)."""


class Constant:
    """Always `value`; draws nothing."""

    def __init__(self, value: float) -> None:
        self.value = self.mean = float(value)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return np.full(rows, self.value)

    def biased(self, u: np.ndarray) -> np.ndarray:
        return np.full(len(u), self.value)


class Cut(ABC):
    """A continuous X cut at `cap`: what the distributions below have in common."""

    def __init__(self, cap: float | None) -> None:
        self.cap = math.inf if cap is None else float(cap)
        self.mean = self.below(self.cap) + (0.0 if math.isinf(self.cap) else self.cap * self.above(self.cap))

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        drawn = self.uncut(rng, rows)
        return drawn if math.isinf(self.cap) else np.minimum(drawn, self.cap, out=drawn)

    def biased(self, u: np.ndarray) -> np.ndarray:
        return np.minimum(self.inverse(u * self.mean), self.cap)

    @abstractmethod
    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        """Values of X."""

    @abstractmethod
    def below(self, x: float) -> float:
        """M(x) = E[X; X < x]; x may be infinite."""

    @abstractmethod
    def above(self, x: float) -> float:
        """P(X >= x), x finite."""

    @abstractmethod
    def inverse(self, y: np.ndarray) -> np.ndarray:
        """The x with M(x) = y, for 0 <= y < M(inf)."""


class Lognormal(Cut):
    """Lognormal by median and sigma of the logarithm. M(x) = E X Phi(ln(x / median) / sigma - sigma), with
    E X = median exp(sigma^2 / 2)."""

    def __init__(self, median: float, sigma: float, cap: float | None = None) -> None:
        self.median, self.sigma = float(median), float(sigma)
        self.whole = self.median * math.exp(self.sigma**2 / 2)
        super().__init__(cap)
        if self.sigma == 0 or self.median == 0:  # nothing is left to chance
            self.mean = min(self.median, self.cap)

    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        drawn = rng.standard_normal(rows)
        drawn *= self.sigma
        np.exp(drawn, out=drawn)
        drawn *= self.median
        return drawn

    def below(self, x: float) -> float:
        return self.whole if math.isinf(x) else self.whole * normal_share(self._sigmas(x) - self.sigma)

    def above(self, x: float) -> float:
        return normal_share(-self._sigmas(x))

    def inverse(self, y: np.ndarray) -> np.ndarray:
        from scipy.special import ndtri

        if self.sigma == 0 or self.median == 0:
            return np.full(len(y), self.median)
        return self.median * np.exp(self.sigma * (ndtri(y / self.whole) + self.sigma))

    def _sigmas(self, x: float) -> float:
        """How many sigmas ln x is above the median's logarithm."""
        return math.log(x / self.median) / self.sigma if self.sigma * self.median else math.inf


class Weibull(Cut):
    """P(X >= x) = exp(-(x / scale)^shape). M(x) = scale Gamma(a) P(a, (x / scale)^shape), a = 1 + 1 / shape."""

    def __init__(self, scale: float, shape: float, cap: float | None = None) -> None:
        self.scale, self.shape = float(scale), float(shape)
        self.order = 1 + 1 / self.shape
        self.whole = self.scale * math.gamma(self.order)
        super().__init__(cap)

    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return self.scale * rng.standard_exponential(rows) ** (1 / self.shape)

    def below(self, x: float) -> float:
        from scipy.special import gammainc  # late, here and below: many runs do not need it

        return self.whole if math.isinf(x) else self.whole * float(gammainc(self.order, (x / self.scale) ** self.shape))

    def above(self, x: float) -> float:
        return math.exp(-((x / self.scale) ** self.shape))

    def inverse(self, y: np.ndarray) -> np.ndarray:
        from scipy.special import gammaincinv

        return self.scale * gammaincinv(self.order, y / self.whole) ** (1 / self.shape)


class Gamma(Cut):
    """Gamma by mean and shape. M(x) = mean P(shape + 1, x shape / mean)."""

    def __init__(self, mean: float, shape: float, cap: float | None = None) -> None:
        self.whole, self.shape = float(mean), float(shape)
        self.scale = self.whole / self.shape
        super().__init__(cap)

    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return self.scale * rng.standard_gamma(self.shape, rows)

    def below(self, x: float) -> float:
        from scipy.special import gammainc

        return self.whole if math.isinf(x) else self.whole * float(gammainc(self.shape + 1, x / self.scale))

    def above(self, x: float) -> float:
        from scipy.special import gammaincc

        return float(gammaincc(self.shape, x / self.scale))

    def inverse(self, y: np.ndarray) -> np.ndarray:
        from scipy.special import gammaincinv

        return self.scale * gammaincinv(self.shape + 1, y / self.whole)


class Exponential(Gamma):
    """Exponential with the given mean."""

    def __init__(self, mean: float, cap: float | None = None) -> None:
        super().__init__(mean, 1.0, cap)

    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return rng.standard_exponential(rows) * self.scale


class Pareto(Cut):
    """P(X >= x) = (least / x)^shape for x >= least; with a shape of 1 or less its mean is finite only with a cap.

    M(x) = shape least L(ln(x / least)) with L(z) = (1 - exp(-(shape - 1) z)) / (shape - 1), which is z for shape 1.
    """

    def __init__(self, least: float, shape: float, cap: float | None = None) -> None:
        self.least, self.shape = float(least), float(shape)
        super().__init__(cap)

    def uncut(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return self.least * np.exp(rng.standard_exponential(rows) / self.shape)

    def below(self, x: float) -> float:
        if x <= self.least:
            return 0.0
        z, extra = math.log(x / self.least), self.shape - 1
        return self.shape * self.least * (-math.expm1(-extra * z) / extra if extra else z)

    def above(self, x: float) -> float:
        return min((self.least / x) ** self.shape, 1.0)

    def inverse(self, y: np.ndarray) -> np.ndarray:
        level, extra = y / (self.shape * self.least), self.shape - 1
        return self.least * np.exp(-np.log1p(-extra * level) / extra if extra else level)


class Empirical:
    """One of the given values, each with the same chance."""

    def __init__(self, values: tuple[float, ...]) -> None:
        self.values = np.sort(np.asarray(values, float))
        self.mean = math.fsum(self.values) / len(self.values)
        self.levels = np.cumsum(self.values)[:-1]

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return self.values[rng.integers(0, len(self.values), rows)]

    def biased(self, u: np.ndarray) -> np.ndarray:
        return self.values[np.searchsorted(self.levels, u * self.mean * len(self.values), side="right")]


class Choice:
    """One of `values`, whole numbers, with probabilities in proportion to `weights`."""

    def __init__(self, values: tuple[int, ...], weights: tuple[float, ...]) -> None:
        self.values = np.asarray(values)
        self.shares = np.asarray(weights, float) / math.fsum(weights)
        self.edges = np.cumsum(self.shares)[:-1]
        self.mean = math.fsum(self.values * self.shares)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        if len(self.values) == 1:
            return np.full(rows, self.values[0])
        u = rng.random(rows)
        if len(self.values) > 16:
            return self.values[np.searchsorted(self.edges, u, side="right")]
        index = np.zeros(rows, np.int8)  # the same by counting, which is faster for a few values
        for edge in self.edges:
            index += u >= edge
        return self.values.take(index)


KINDS: dict[str, Callable[..., Distribution]] = {
    kind.__name__: kind for kind in (Constant, Exponential, Lognormal, Weibull, Gamma, Pareto, Empirical)
}


def distribution(spec: Any) -> Distribution:
    """The distribution that a specification of the same name and fields describes."""
    return KINDS[type(spec).__name__](**asdict(spec))
