"""Simulated queues against formulas, within confidence limits that the test computes.

Every limit is Student's t interval over independent replications at 99.9%, so a right simulator fails one such
test in a thousand; the seeds are fixed, so it fails always or never.
"""

import math

import numpy as np
import pytest
from scipy import stats

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.workload.distributions import Constant, Exponential, Lognormal
from worlds import single_hub

REPLICATIONS, JOBS = 12, 80_000


def replicate(servers, load, work, measure, seed=5):
    """A measure of each of several independent runs of one hub with Poisson arrivals."""
    sample, rate = [], load / work.mean
    horizon = JOBS / rate
    for replication in range(REPLICATIONS):
        setup = single_hub(servers, rate, work, seed, replication, horizon, warmup=horizon / 10)
        env = HubEnvironment(setup, gear="compiled")
        env.run()
        sample.append(measure(env.close()))
    return np.array(sample)


def assert_covers(sample, expected):
    mean, error = sample.mean(), stats.sem(sample)
    half = stats.t.ppf(0.9995, len(sample) - 1) * error
    assert abs(mean - expected) <= half, f"{expected:g} is outside {mean:g} +- {half:g}"
    assert half < 0.2 * expected, f"the limits +- {half:g} are too wide to tell anything about {expected:g}"


def mean_wait(run):
    return run.jobs.mean("wait")


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_mm1_mean_wait(load):
    assert_covers(replicate(1, load, Exponential(1.0), mean_wait), hn.theory.mmc_wait(1, load, 1.0))


@pytest.mark.parametrize(("servers", "load"), [(4, 3.2), (16, 13.6)])
def test_mmc_mean_wait(servers, load):
    assert_covers(replicate(servers, load, Exponential(1.0), mean_wait), hn.theory.mmc_wait(servers, load, 1.0))


def test_mmc_probability_of_waiting():
    def share_waiting(run):
        cells = run.jobs.spreads["wait"].histogram.sum(axis=0)  # waits; bin 0 is no wait
        return 1 - cells[0] / cells.sum()

    assert_covers(replicate(8, 6.4, Exponential(1.0), share_waiting), hn.theory.erlang_c(8, 6.4))


def test_mmc_quantile_of_the_wait():
    def p95(run):
        return run.jobs.quantile("wait", 0.95)[0]

    assert_covers(replicate(4, 3.2, Exponential(1.0), p95), hn.theory.mmc_wait_quantile(4, 3.2, 1.0, 0.95))


@pytest.mark.parametrize(("work", "cv2"), [(Constant(1.0), 0.0), (Lognormal(1.0, 0.8), math.exp(0.64) - 1)])
def test_mg1_pollaczek_khinchine(work, cv2):
    expected = hn.theory.mg1_wait(0.7, work.mean, cv2)
    assert_covers(replicate(1, 0.7, work, mean_wait), expected)


@pytest.mark.parametrize("work", [Constant(2.0), Exponential(2.0), Lognormal(1.0, 1.1774100225154747)])
def test_mg_infinity_busy_servers_do_not_depend_on_the_distribution(work):
    # with servers to spare the mean number of busy ones is the offered load, whatever the distribution; all means are 2
    assert work.mean == pytest.approx(2.0)

    def busy(run):
        window = run.bins.in_window()
        return run.bins.table("busy_s")[window].sum() / (0.9 * run.end)

    sample = replicate(1000, 6.0, work, busy)
    assert_covers(sample, 6.0)


def test_mg_infinity_number_in_system_is_poisson():
    # sampled far apart, the number of busy servers has a variance equal to its mean
    setup = single_hub(1000, 4.0, Exponential(1.0), 9, 0, 20_000.0, 0.0)
    env = HubEnvironment(setup, gear="compiled")
    seen = []

    def look(env):
        while True:
            yield env.timeout(20.0)
            seen.append(int(env.world.pools.busy[0]))

    env.process(look(env))
    env.run()
    counts = np.bincount(np.minimum(seen, 10), minlength=11)
    expected = len(seen) * np.append(stats.poisson.pmf(range(10), 4.0), stats.poisson.sf(9, 4.0))
    assert stats.chisquare(counts, expected).pvalue > 0.001


@pytest.mark.parametrize("servers", [1, 5])
def test_littles_law(servers):
    # L = lambda W holds for the path itself: the integral of the queue equals the sum of waits, up to the edges
    setup = single_hub(servers, 0.8 * servers, Exponential(1.0), 3, 0, 20_000.0, 0.0)
    env = HubEnvironment(setup, gear="compiled")
    env.run()
    run = env.close()
    waiting = run.bins.table("waiting_s").sum()
    waits = run.jobs.spreads["wait"].sums.sum()
    open_waits = sum(so_far.sum() for _, so_far in run.jobs.spreads["wait"].open)
    assert waiting == pytest.approx(waits + open_waits, rel=1e-9)


def test_corners_of_the_formulas():
    assert hn.theory.mmc_queue(10, 0, 1.0) == (0.0, 0.0)
    for wrong in (lambda: hn.theory.mmc_wait_quantile(2, 1.0, 1.0, 1.0), lambda: hn.theory.erlang_b(math.nan, 1.0)):
        with pytest.raises(hn.InputError):
            wrong()
