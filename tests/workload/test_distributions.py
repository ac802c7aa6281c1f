"""Distributions against integrals of their survival functions: means, draws, what is under way at a random time."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import cumulative_trapezoid

from hubnet.workload.distributions import (
    Choice,
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Pareto,
    Weibull,
    distribution,
)
from hubnet.workload.streams import stream
from workload.limits import follows, near, shares

ROWS = 20_000
CASES = [  # what is drawn, and the same in scipy's terms, before the cap
    (Exponential(3.0), stats.expon(scale=3.0)),
    (Exponential(3.0, 2.0), stats.expon(scale=3.0)),
    (Lognormal(2.0, 0.7), stats.lognorm(0.7, scale=2.0)),
    (Lognormal(2.0, 0.7, 3.0), stats.lognorm(0.7, scale=2.0)),
    (Lognormal(1.0, 2.0, 50.0), stats.lognorm(2.0, scale=1.0)),
    (Lognormal(5.0, 1.0, 2.0), stats.lognorm(1.0, scale=5.0)),  # most draws are cut
    (Weibull(2.0, 0.6), stats.weibull_min(0.6, scale=2.0)),
    (Weibull(2.0, 0.6, 5.0), stats.weibull_min(0.6, scale=2.0)),
    (Weibull(2.0, 3.0), stats.weibull_min(3.0, scale=2.0)),
    (Gamma(4.0, 0.5), stats.gamma(0.5, scale=8.0)),
    (Gamma(4.0, 2.5, 5.0), stats.gamma(2.5, scale=1.6)),
    (Pareto(1.0, 4.5), stats.pareto(4.5)),
    (Pareto(2.0, 1.5, 300.0), stats.pareto(1.5, scale=2.0)),
    (Pareto(2.0, 1.0, 300.0), stats.pareto(1.0, scale=2.0)),  # has no mean without the cap
    (Pareto(2.0, 0.8, 300.0), stats.pareto(0.8, scale=2.0)),
]


def highest(drawn, known):
    """The cap, or a value that hardly anything exceeds."""
    return drawn.cap if math.isfinite(drawn.cap) else known.isf(1e-13)


def integral(f, low, high):
    """Gauss-Legendre with 16 nodes on each of 80 pieces, which get narrower towards `low`."""
    edges = low + np.concatenate([[0.0], np.geomspace(1e-6, 1, 80)]) * (high - low)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half, middle = np.diff(edges) / 2, (edges[:-1] + edges[1:]) / 2
    return float((f(middle[:, None] + half[:, None] * nodes) * weights * half[:, None]).sum())


def moments(drawn, known):
    """E W and E W^2 as integrals of S(x) and 2 x S(x) up to the cap, from the least value on."""
    least, top = min(known.support()[0], drawn.cap), highest(drawn, known)
    first = least + integral(known.sf, least, top)
    return first, least**2 + integral(lambda x: 2 * x * known.sf(x), least, top)


@pytest.mark.parametrize(("drawn", "known"), CASES)
def test_means_are_exact(drawn, known):
    assert drawn.mean == pytest.approx(moments(drawn, known)[0], rel=1e-6)


@pytest.mark.parametrize(("drawn", "known"), CASES)
def test_draws_follow_the_distribution_up_to_the_cap(drawn, known):
    sample = drawn.draw(stream(1, 0, "draws"), ROWS)
    first, second = moments(drawn, known)
    assert near(sample.mean(), first, math.sqrt((second - first**2) / ROWS))
    whole = sample[sample < drawn.cap]
    assert follows(whole, lambda x: known.cdf(x) / known.cdf(drawn.cap))
    if math.isfinite(drawn.cap):
        cut = known.sf(drawn.cap)
        assert near((sample == drawn.cap).sum(), ROWS * cut, math.sqrt(ROWS * cut * (1 - cut)))


@pytest.mark.parametrize(("drawn", "known"), CASES)
def test_what_is_left_of_a_job_under_way_has_the_survival_function_as_density(drawn, known):
    # renewal theory: P(left <= x) = integral of S from 0 to x, over the mean; left = a uniform share of a biased draw
    rng = stream(2, 0, "residuals")
    left = rng.random(ROWS) * drawn.biased(rng.random(ROWS))
    top = highest(drawn, known)
    grid = np.unique(np.concatenate([np.linspace(0, top, 4_001), np.geomspace(top * 1e-9, top, 8_001)]))
    level = cumulative_trapezoid(known.sf(grid), grid, initial=0.0)
    assert level[-1] == pytest.approx(drawn.mean, rel=1e-3)
    assert follows(left, lambda x: np.interp(x, grid, level / level[-1]))


@pytest.mark.parametrize(("drawn", "known"), CASES)
def test_biased_quantiles_by_their_definition(drawn, known):
    # E[W; W <= w] = u E[W] at w = biased(u), wherever w is below the cap
    low = known.support()[0]
    for u in (0.05, 0.5, 0.9):
        (w,) = drawn.biased(np.array([u]))
        if w < drawn.cap:
            assert integral(lambda x: x * known.pdf(x), low, w) == pytest.approx(u * drawn.mean, rel=1e-4)
        else:
            assert u * drawn.mean >= drawn.mean - drawn.cap * known.sf(drawn.cap) - 1e-9


def test_constant_draws_nothing():
    rng = stream(1, 0, "x")
    assert Constant(3.0).draw(rng, 4).tolist() == [3.0] * 4
    assert Constant(3.0).biased(rng.random(3)).tolist() == [3.0] * 3
    assert rng.random() == stream(1, 0, "x").random(4)[3]


def test_a_lognormal_without_spread_is_constant():
    for drawn, value in ((Lognormal(2.0, 0.0), 2.0), (Lognormal(2.0, 0.0, 1.5), 1.5), (Lognormal(0.0, 1.0, 9.0), 0.0)):
        assert drawn.mean == value
        assert drawn.draw(stream(1, 0, "x"), 3).tolist() == [value] * 3
        assert drawn.biased(np.array([0.1, 0.9])).tolist() == [value] * 2


def test_empirical_by_hand():
    # 1, 2, 2, 5: mean 2.5; biased: 1 with probability 1/10, 2 with 4/10, 5 with 5/10
    drawn = Empirical((2.0, 5.0, 1.0, 2.0))
    assert drawn.mean == 2.5
    assert drawn.biased(np.array([0.0, 0.0999, 0.1001, 0.4999, 0.5001, 0.9999])).tolist() == [1, 1, 2, 2, 5, 5]
    sample = drawn.draw(stream(1, 0, "x"), ROWS)
    assert shares(np.array([(sample == value).sum() for value in (1, 2, 5)]), np.array([1, 2, 1]))


@pytest.mark.parametrize("many", [3, 40])
def test_choice(many):
    values = tuple(range(1, many + 1))
    weights = tuple(1.0 / value for value in values)
    drawn = Choice(values, weights)
    assert shares(np.bincount(drawn.draw(stream(1, 0, "x"), ROWS), minlength=many + 1)[1:], np.array(weights))
    assert drawn.mean == pytest.approx(many / math.fsum(weights))


def test_specifications_have_the_same_names_and_fields():
    from hubnet.scenario import spread

    pairs = {
        spread.Lognormal(2.0, 0.7, 9.0): Lognormal(2.0, 0.7, 9.0),
        spread.Exponential(3.0): Exponential(3.0),
        spread.Weibull(2.0, 0.6): Weibull(2.0, 0.6),
        spread.Gamma(4.0, 0.5, 8.0): Gamma(4.0, 0.5, 8.0),
        spread.Pareto(2.0, 1.0, 300.0): Pareto(2.0, 1.0, 300.0),
        spread.Empirical((1.0, 2.0)): Empirical((1.0, 2.0)),
        spread.Constant(7.0): Constant(7.0),
    }
    for spec, drawn in pairs.items():
        assert distribution(spec).mean == drawn.mean
        assert type(distribution(spec)) is type(drawn)
