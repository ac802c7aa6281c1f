"""Studies: the verb, paired differences by hand, and what replications may and may not say."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import hubnet as hn
from hubnet.study.measures import Value, t_interval, written
from hubnet.study.study import paired

SCENARIO = Path(__file__).parent.parent / "scenarios" / "two-hubs.yaml"


@pytest.fixture(scope="module")
def small():
    return hn.load(SCENARIO, ["clock.horizon=30 min", "clock.warmup=0 s"])


@pytest.fixture(scope="module")
def runs(small):
    return hn.study(small, replications=4)


def test_the_verb_works_after_its_package_was_imported(small, runs):
    assert list(runs.results) == list(small.allocations)
    assert runs.replications == 4


def test_differences_are_paired(runs):
    means = {
        name: np.array([result.measures["response_s", "mean"].value for result in results])
        for name, results in runs.results.items()
    }
    gaps = means["north"] - means["as-built"]
    low, high = stats.t.interval(0.95, 3, gaps.mean(), stats.sem(gaps))
    row = runs.difference("response_s.mean", against="as-built").iloc[0]
    assert (row["allocation"], row["difference"]) == ("north", pytest.approx(gaps.mean()))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_unknown_measures_and_allocations_are_explained(runs):
    with pytest.raises(hn.InputError, match=r"response_s\.p99"):
        runs.difference("response.p99")
    with pytest.raises(hn.InputError, match="as-built"):
        runs.difference("response_s.mean", against="east")


def test_t_interval_against_scipy():
    sample = [1.0, 2.5, 2.0, 4.0]
    mean, low, high = t_interval(sample)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 3, np.mean(sample), stats.sem(sample)))
    assert mean == np.mean(sample)


def test_forms_of_a_measure():
    assert written([Value(None)]) is None
    assert written([Value(3)]) == {"value": 3}
    assert written([Value(3.0, True)]) == {"value": 3.0, "at_least": True}
    assert set(written([Value(3.0), Value(4.0)])) == {"value", "ci95"}
    assert written([Value(3.0), Value(5.0, True)]) == {"value": 4.0, "at_least": True}


def test_a_difference_of_a_lower_bound_is_not_known():
    assert paired([Value(3.0), Value(5.0, True)], [Value(1.0), Value(1.0)]) == [Value(None), Value(None)]
    assert paired([Value(3.0), Value(5.0)], [Value(1.0), Value(1.5)]) == [Value(2.0), Value(3.5)]


def test_the_comparison_of_the_summary_is_that_of_the_differences(runs):
    found = runs.summary()["comparison"]
    assert (found["measure"], found["better"], found["baseline"]) == ("response_s.mean", "less", "as-built")
    row = runs.difference("response_s.mean").iloc[0]
    difference = found["differences"]["north"]
    assert [difference["value"], *difference["ci95"]] == pytest.approx([row["difference"], row["low"], row["high"]])
    assert difference["p"] == difference["p_holm"]
    means = [[result.measures["response_s", "mean"].value for result in each] for each in runs.results.values()]
    gain = (np.var(means[0]) + np.var(means[1])) / np.var(np.subtract(*means))
    assert difference["variance_reduction"] == pytest.approx(gain)
    assert found["best"]["name"] == "as-built"
    assert found["words"] == runs.compare().words()
    assert runs.compare("response_s.p95", against="north").differences[0].name == "as-built"


def test_what_cannot_be_compared_is_explained(small, runs):
    one = hn.study(small, replications=1)
    assert "comparison" not in one.summary()
    with pytest.raises(hn.InputError, match="two replications"):
        one.compare()
    with pytest.raises(hn.InputError, match=r"response_s\.p99"):
        runs.compare("response.p99")
    with pytest.raises(hn.InputError, match="only a lower bound"):
        runs.compare("classes.train.response_s.p99")


def test_one_replication_has_intervals_by_batch_means(small):
    study = hn.study(small, replications=1)
    found = study.summary()["batch_means"]["as-built"]
    response = found["response_s.mean"]
    assert response["method"] == "batch means"
    assert response["value"] == pytest.approx(study.summary()["allocations"]["as-built"]["response_s"]["mean"]["value"])
    assert response["interval95"][0] < response["value"] < response["interval95"][1]
    assert 10 <= response["batches"] <= 30
    use = study.results["as-built"][0].summary()["utilization"]["by_pool"]["Lulea/cpu"]["value"]
    assert found["utilization.by_pool.Lulea/cpu"]["value"] == pytest.approx(use)


def test_policies_are_compared_over_the_same_jobs(small):
    study = hn.study(small, replications=3, policies=["nearest", "least-response"], baseline="north, nearest")
    names = [f"{one}, {other}" for one in ("as-built", "north") for other in ("nearest", "least-response")]
    assert list(study.results) == names
    jobs = {tuple(r.measures["jobs", "submitted"].value for r in runs) for runs in study.results.values()}
    assert len(jobs) == 1
    summary = study.summary()
    assert set(summary["differences"]) == {*names} - {"north, nearest"}
    assert summary["comparison"]["baseline"] == "north, nearest"
    p = [(one["p"], one["p_holm"]) for one in summary["comparison"]["differences"].values()]
    assert all(adjusted >= alone for alone, adjusted in p)
    alone = hn.simulate(small, allocation="north", policy="nearest")
    here = study.results["north, nearest"][0]
    assert here.measures == alone.measures
    assert here.allocation == "north, nearest"


def test_replications_until_a_measure_is_known(small):
    study = hn.study(small, replications="auto", measure="one_way_ms.mean", precision=0.05)
    assert study.replications == 10
    assert study.summary()["precision"]["reached"] is True
    said = []
    study = hn.study(small, replications="auto", precision=0.0001, most=3, say=said.append)
    assert study.replications == 3
    assert "was not reached" in said[-1]
    assert study.summary()["precision"]["reached"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": "many"}, "not a number"),
        ({"replications": 0}, "not at least 1"),
        ({"replications": 3, "precision": 0.1}, "number of replications is fixed"),
        ({"most": 30}, "number of replications is fixed"),
        ({"replications": "auto", "precision": 2}, "between 0 and 1"),
        ({"baseline": "east"}, "no run is called 'east'"),
        ({"policies": ["nearest", "nearest"]}, "two policies are called 'nearest'"),
        ({"measure": "response.mean"}, r"no measure 'response\.mean'"),
    ],
)
def test_bad_wishes_are_explained(small, options, message):
    with pytest.raises(hn.InputError, match=message):
        hn.study(small, **options)
