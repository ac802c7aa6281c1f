"""Distributions of work and devices: how to draw them, and their exact means.

A scenario specifies them under the same names and with the same fields (`scenario.classes`).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np


def normal_share(z: float) -> float:
    """Phi(z): the share of a standard normal below z."""
    return math.erfc(-z / math.sqrt(2)) / 2


class Distribution(Protocol):
    """Anything that can be drawn and whose mean is known."""

    mean: float

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray: ...


class Constant:
    """Always `value`; draws nothing."""

    def __init__(self, value: float) -> None:
        self.value = self.mean = float(value)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return np.full(rows, self.value)


class Exponential:
    """Exponential with the given mean."""

    def __init__(self, mean: float) -> None:
        self.mean = float(mean)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return rng.standard_exponential(rows) * self.mean


class Lognormal:
    """Lognormal by median and sigma of the logarithm; values above `cap` become `cap`.

    Mean without cap: median exp(sigma^2 / 2). With cap c, m = ln median, s = sigma:
    E min(X, c) = median exp(s^2 / 2) Phi((ln c - m - s^2) / s) + c (1 - Phi((ln c - m) / s)).
    """

    def __init__(self, median: float, sigma: float, cap: float | None = None) -> None:
        self.median, self.sigma = float(median), float(sigma)
        self.cap = math.inf if cap is None else float(cap)
        self.mean = self._mean()

    def _mean(self) -> float:
        if self.sigma == 0:
            return min(self.median, self.cap)
        whole = self.median * math.exp(self.sigma**2 / 2)
        if math.isinf(self.cap):
            return whole
        z = math.log(self.cap / self.median) / self.sigma
        return whole * normal_share(z - self.sigma) + self.cap * normal_share(-z)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        return np.minimum(self.median * np.exp(self.sigma * rng.standard_normal(rows)), self.cap)


class Choice:
    """One of `values`, with probabilities in proportion to `weights`."""

    def __init__(self, values: tuple[int, ...], weights: tuple[float, ...]) -> None:
        self.values = np.asarray(values)
        self.shares = np.asarray(weights, float) / math.fsum(weights)
        self.edges = np.cumsum(self.shares)[:-1]
        self.mean = math.fsum(self.values * self.shares)

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        if len(self.values) == 1:
            return np.full(rows, self.values[0])
        return self.values[np.searchsorted(self.edges, rng.random(rows), side="right")]


KINDS = {kind.__name__: kind for kind in (Constant, Exponential, Lognormal, Choice)}


def distribution(spec: Any) -> Distribution:
    """The distribution that a specification of the same name and fields describes."""
    return KINDS[type(spec).__name__](**asdict(spec))
