"""One shared trunk against the theory of processor sharing, within confidence limits that the test computes.

Flows of one class arrive at one trunk as a Poisson process: the trunk is an M/G/1 queue with processor sharing, the
flows' caps make it a queue with several servers' worth of rate. Limits as in `test_theory`: Student's t interval
over independent replications at 99.9%, with fixed seeds.
"""

import functools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hubnet as hn

REPLICATIONS, FLOWS = 12, 25_000
CAPACITY = 3.0  # bit/s
SIGMA = 0.9  # of the lognormal: squared coefficient of variation 1.25

SIZES = {  # all of mean 1 bit
    "exponential": lambda rng, n: rng.exponential(1.0, n),
    "constant": lambda rng, n: np.ones(n),
    "lognormal": lambda rng, n: rng.lognormal(-(SIGMA**2) / 2, SIGMA, n),
    "two sizes": lambda rng, n: rng.choice([0.5, 3.0], n, p=[0.8, 0.2]),
}


def trunk():
    graph = nx.Graph()
    graph.add_edge("R", "H", length_km=0.0, capacity_bit_s=CAPACITY)
    return graph


def poisson_flows(load, sizes, seed, cap=math.inf, flows=FLOWS):
    """A table of flows that ask for `load` x capacity; each size is a class of its own if there are few."""
    rng = np.random.default_rng([seed, 77])
    bits = SIZES[sizes](rng, flows)
    return pd.DataFrame(
        {
            "region": "R",
            "hub": "H",
            "submit_s": np.cumsum(rng.exponential(1 / (load * CAPACITY), flows)),
            "devices": 0,
            "work_s": 0.0,
            "input_bit": bits,
            "wave_bit_s": cap,
            "class": [f"{size:g}" for size in bits] if sizes == "two sizes" else "flows",
        }
    )


@functools.cache
def replicate(load, sizes, cap=math.inf):
    """Mean time from release to sent, by replication and class, of the flows after the first tenth."""
    sample = []
    for replication in range(REPLICATIONS):
        table = poisson_flows(load, sizes, replication, cap)
        warmup = float(table.submit_s.iloc[FLOWS // 10])
        result = hn.simulate(network=trunk(), jobs=table, policy="nearest", sharing="max-min", warmup=warmup)
        sample.append(result.classes.set_index("class").upload_mean_s.sort_index())
    return np.array(sample)


def assert_covers(sample, expected):
    mean, error = sample.mean(), stats.sem(sample)
    half = stats.t.ppf(0.9995, len(sample) - 1) * error
    assert abs(mean - expected) <= half, f"{expected:g} is outside {mean:g} +- {half:g}"
    assert half < 0.1 * expected, f"the limits +- {half:g} are too wide to tell anything about {expected:g}"


@pytest.mark.parametrize("sizes", ["exponential", "constant", "lognormal"])
@pytest.mark.parametrize("load", [0.4, 0.75])
def test_mg1_processor_sharing(load, sizes):
    # mean time = (size / capacity) / (1 - load) for every distribution of sizes (Kleinrock 2, 1976, 4.4)
    assert_covers(replicate(load, sizes)[:, 0], 1 / CAPACITY / (1 - load))


@pytest.mark.parametrize(("column", "size"), [(0, 0.5), (1, 3.0)])
def test_time_is_proportional_to_size(column, size):
    # a flow of x bit takes x / (capacity (1 - load)) in the mean: nobody waits for a longer one
    assert_covers(replicate(0.7, "two sizes")[:, column], size / CAPACITY / (1 - 0.7))


@pytest.mark.parametrize(("waves", "load", "sizes"), [
    (1, 0.6, "exponential"),
    (4, 0.8, "exponential"),
    (4, 0.8, "lognormal"),
    (12, 0.85, "exponential"),
])  # fmt: skip
def test_caps_make_several_servers(waves, load, sizes):
    # Cap = capacity / k: n flows end at rate min(n, k) mu, mu = cap / size, like the servers of M/M/k, so the number
    # of flows is the same birth-death chain: L = a + C(k, a) rho / (1 - rho), a = k rho; by Little, time = L / rate of
    # arrival. With state-dependent processor sharing this too holds for every distribution of sizes (Cohen, 1979).
    offered = waves * load
    flows = offered + hn.theory.erlang_c(waves, offered) * load / (1 - load)
    expected = flows / (load * CAPACITY)
    assert_covers(replicate(load, sizes, CAPACITY / waves)[:, 0], expected)


@pytest.mark.parametrize("sizes", ["exponential", "constant"])
def test_number_of_flows_is_geometric(sizes):
    # P(n) = (1 - load) load^n, whatever the sizes; seen at instants far apart (relaxation: about 12 mean services)
    load, flows = 0.5, 120_000
    table = poisson_flows(load, sizes, 99, flows=flows)
    jobs = hn.simulate(network=trunk(), jobs=table, policy="nearest", sharing="max-min", records=True).jobs
    instants = np.arange(100.0, jobs.release_s.iloc[-1], 30.0)  # 90 services
    begun = np.searchsorted(jobs.release_s.to_numpy(), instants)
    ended = np.searchsorted(np.sort(jobs.sent_s.to_numpy()), instants)
    seen = np.bincount(np.minimum(begun - ended, 8), minlength=9)
    expected = (1 - load) * load ** np.arange(9)
    expected[8] = load**8
    assert stats.chisquare(seen, len(instants) * expected).pvalue > 0.001
    assert len(instants) > 2000
