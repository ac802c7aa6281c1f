"""Limits that a right program crosses once in 10,000 seeds; the tests' seeds are fixed."""

from __future__ import annotations

import numpy as np
from scipy import stats

FALSE_ALARM = 1e-4
Z = float(stats.norm.isf(FALSE_ALARM / 2))  # 3.89


def near(value: float, mean: float, sd: float) -> bool:
    """Is a value that is nearly normal within its limits?"""
    return bool(abs(value - mean) <= Z * sd)


def poisson(count: int, mean: float) -> bool:
    """Is a count within the limits of a Poisson distribution?"""
    low, high = stats.poisson.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], mean)
    return bool(low <= count <= high)


def dispersion(counts: np.ndarray, mean: float) -> bool:
    """Do independent counts scatter around this mean as Poisson counts do? Sum of (n - mean)^2 / mean is chi-square."""
    low, high = stats.chi2.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], len(counts))
    return bool(low < ((counts - mean) ** 2 / mean).sum() < high)


def follows(sample: np.ndarray, cdf: object) -> bool:
    """Kolmogorov-Smirnov against a distribution function."""
    return bool(stats.kstest(sample, cdf).pvalue > FALSE_ALARM)


def shares(counts: np.ndarray, expected: np.ndarray) -> bool:
    """Chi-square: do counts fall on the cells in these proportions?"""
    return bool(stats.chisquare(counts, np.asarray(expected) * counts.sum() / np.sum(expected)).pvalue > FALSE_ALARM)
