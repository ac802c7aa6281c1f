"""How often the 95% intervals hold the truth, where the truth is known: the mean wait of M/M/c."""

import numpy as np
import pytest
from scipy import stats

import hubnet as hn
from hubnet.study.measures import t_interval

SERVERS, LOAD = 3, 2.1  # a mean service of 1 s: 70% busy


def mean_waits(runs, jobs, warmup, seed=1):
    """[runs]: mean wait in independent runs of M/M/c, by the recursion of Kiefer and Wolfowitz (1955)."""
    rng = np.random.default_rng(seed)
    work = np.zeros((runs, SERVERS))  # of each server until it is free, least first
    total = np.zeros(runs)
    for job in range(warmup + jobs):
        if job >= warmup:
            total += work[:, 0]
        work[:, 0] += rng.exponential(1, runs)
        work = np.sort(np.maximum(work - rng.exponential(1 / LOAD, runs)[:, None], 0), axis=1)
    return total / jobs


def test_intervals_over_replications_hold_the_mean_wait_of_mmc():
    # 500 jobs of warm-up: the relaxation time of this queue is about 1 / (1 - sqrt(0.7))^2 = 37 services, 80 jobs
    truth = hn.theory.mmc_wait(SERVERS, LOAD, 1.0)
    studies, replications = 300, 10
    waits = mean_waits(studies * replications, 4000, 500).reshape(studies, replications)
    limits = [t_interval(sample.tolist()) for sample in waits]
    held = sum(low <= truth <= high for _, low, high in limits)
    assert 0.92 * studies <= held <= 0.98 * studies  # 2.4 standard deviations of a binomial count with 95%


def hub(seed, **more):
    clock = {"horizon": "1500 s", "warmup": "150 s"} | more.pop("clock", {})
    return hn.Scenario(
        name="M/M/c",
        seed=seed,
        network={
            "regions": {"R": {"at": [0, 0]}},
            "hubs": {"R": {"at": [0, 0], "pools": {"cpu": SERVERS}}},
            "trunks": [],
        },
        devices={"cpu": {"speed": 1}},
        clock=clock,
        workload={"classes": {"jobs": {"rate": f"{LOAD} /s", "devices": 1, "work": {"exponential": {"mean": "1 s"}}}}},
        **more,
    )


@pytest.mark.long
def test_intervals_of_studies_hold_the_mean_wait_of_mmc(budget):
    truth = hn.theory.mmc_wait(SERVERS, LOAD, 1.0)
    held = 0
    for seed in range(budget):
        summary = hn.study(hub(seed), replications=6, gear="compiled").summary()
        low, high = summary["allocations"]["as-built"]["wait_s"]["mean"]["ci95"]
        held += low <= truth <= high
    # short runs of a skewed measure: 93% rather than 95%
    assert held >= stats.binom.ppf(0.001, budget, 0.93)


@pytest.mark.long
def test_batch_means_of_one_run_hold_the_mean_response_and_use_of_mmc(budget):
    truth = {
        ("response_s", "mean"): 1 + hn.theory.mmc_wait(SERVERS, LOAD, 1.0),
        ("utilization", "mean"): LOAD / SERVERS,
    }
    held, given = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for seed in range(budget):
        scenario = hub(seed, clock={"horizon": "9000 s", "bin": "15 s"})
        found = hn.study(scenario, gear="compiled").results["as-built"][0].batch_means
        for path, value in truth.items():
            if path in found:
                given[path] += 1
                held[path] += found[path].low <= value <= found[path].high
    for path, count in given.items():
        assert count >= 0.6 * budget
        assert held[path] >= stats.binom.ppf(0.001, count, 0.91), path


def test_a_warm_up_is_found_for_a_queue_that_starts_empty_and_settles():
    study = hn.study(hub(1, clock={"warmup": "auto", "horizon": "6000 s"}), replications=4, gear="compiled")
    found = study.warmup
    assert found is not None
    assert found["settled"]
    assert (found["pilots"], found["method"]) == (4, "MSER-5")
    assert 0 <= found["value_s"] <= 3000
    assert study.results["as-built"][0].window == (found["value_s"], 6000.0)
    assert study.summary()["warmup"]["by"] == {"as-built": found["value_s"]}


def test_a_long_warm_up_that_was_planted_is_found():
    # 200 jobs that each take about 1,000 s come to 300 servers that are empty: busy ones rise for thousands of s
    scenario = hn.Scenario(
        name="slow",
        network={"regions": {"R": {"at": [0, 0]}}, "hubs": {"R": {"at": [0, 0], "pools": {"cpu": 1000}}}, "trunks": []},
        clock={"horizon": "40000 s", "warmup": "auto"},
        workload={"classes": {"jobs": {"rate": "0.5 /s", "devices": 1, "work": {"exponential": {"mean": "1000 s"}}}}},
    )
    result = hn.simulate(scenario, gear="compiled", say=lambda text: None)
    start = result.window[0]
    # busy devices follow 500 (1 - exp(-t / 1000)) with a deviation of 22: below one deviation after 3,100 s
    assert 2000 <= start <= 20000
    assert 1 - np.exp(-start / 1000) > 0.85
