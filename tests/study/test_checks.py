"""Every run checks itself: identities hold to rounding and notice what is lost; formulas warn as often as they say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import hubnet as hn
from hubnet import theory
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import BACKFILL, FIFO, PREEMPT, PRIORITY
from hubnet.study.checks import checks
from hubnet.study.formulas import FALSE_ALARMS, formulas, limit
from hubnet.workload.arrivals import JobClass, job_blocks
from hubnet.workload.distributions import Choice, Exponential
from worlds import outcome, random_setup, single_hub

WORLD = {
    "seed": st.integers(0, 2**32 - 1),
    "sharing": st.booleans(),
    "ties": st.booleans(),
    "incidents": st.sampled_from([0, 6]),
    "horizon": st.sampled_from([np.inf, 40.0]),
    "discipline": st.sampled_from([FIFO, PRIORITY, BACKFILL, PREEMPT]),
    "routing": st.sampled_from(["least-response", "valley", "cheapest-hour"]),
}


def assert_identities(run):
    found = checks(run)
    assert found.warnings() == []
    assert found.identities["jobs"].gap == 0
    assert max(one.gap for one in found.identities.values()) <= 1e-9


@given(**WORLD)
@settings(max_examples=40)
def test_identities_hold_in_random_worlds(seed, **world):
    _, run = outcome(HubEnvironment, random_setup(seed, **world), gear="compiled")
    assert_identities(run)


@pytest.mark.parametrize("kind", ["python", "textbook"])
@given(**WORLD)
@settings(max_examples=8)
def test_identities_hold_in_the_other_gears(kind, seed, **world):
    setup = random_setup(seed, jobs=120, **world)
    _, run = outcome(Textbook, setup) if kind == "textbook" else outcome(HubEnvironment, setup, gear="python")
    assert_identities(run)


@pytest.mark.long
def test_identities_hold_in_many_random_worlds(budget):
    for seed in range(10 * budget):
        setup = random_setup(seed, 400, seed % 2 == 0, sharing=seed % 3 > 0, incidents=seed % 9, discipline=seed % 4)
        _, run = outcome(HubEnvironment, setup, gear="compiled")
        assert_identities(run)


def doctored(change):
    """The checks of a run whose rows were changed before they were added up."""

    class Doctored(HubEnvironment):
        def _take_in(self, rows):
            super()._take_in(change(rows.copy()) if len(rows) else rows)

    _, run = outcome(Doctored, random_setup(4, sharing=True), gear="compiled")
    return {key for key, one in checks(run).identities.items() if not one.holds}, checks(run)


def changed(name, by):
    """Change one field of the first finished job in a pool that was sent data."""

    def change(rows):
        job = np.flatnonzero((rows["pool"] >= 0) & (rows["status"] == 0) & (rows["input"] > 0))[0]
        rows[name][job] = by(rows[job])
        return rows

    return change


def test_a_lost_job_is_noticed():
    failed, found = doctored(lambda rows: rows[1:])
    assert "jobs" in failed
    assert any("mistake in hubnet" in warning and "by 2 jobs" in warning for warning in found.warnings())
    assert "rejected, finished or in flight differ by 2 jobs" in found.words()


def test_a_doubled_service_is_noticed():
    failed, _ = doctored(changed("end", lambda row: 2 * row["end"] - row["start"]))
    assert failed == {"busy_time"}


def test_a_wait_that_is_too_long_is_noticed():
    failed, _ = doctored(changed("deliver", lambda row: row["deliver"] - 1e-3))
    assert failed == {"littles_law"}


def test_a_bit_too_many_is_noticed():
    assert doctored(lambda rows: rows)[0] == set()

    def all_of_them(rows):
        rows["output"] *= 1.001
        return rows

    failed, _ = doctored(all_of_them)
    assert failed == {"bits"}


# -- formulas


def scenario(routing="nearest", queue="fifo", sharing="max-min", incidents=(), surge=None, **changes):
    """Two hubs of 4 devices, each in a region of its own; loads 0.8."""
    at = {"A": [60, 17], "B": [61, 18]}
    klass = {"rate": "96 /min", "devices": 1, "work": {"exponential": {"mean": "4 s"}}, "runs_on": ["gpu"]} | changes
    return hn.Scenario(
        name="two queues",
        network={
            "regions": {name: {"at": place} for name, place in at.items()},
            "hubs": {name: {"at": place, "pools": {"gpu": 4}} for name, place in at.items()},
            "trunks": [{"between": ["A", "B"], "capacity": "1 Gbit/s"}],
        },
        devices={"gpu": {"speed": 1}},
        clock={"horizon": "1 d", "warmup": "1 h"},
        fibre={"sharing": sharing},
        policy={"routing": routing, "queue": queue},
        workload={"classes": {"jobs": klass}},
        incidents=list(incidents),
    )


def test_two_queues_by_region():
    found = hn.simulate(scenario()).checks
    assert [one.where for one in found.formulas] == ["A/gpu", "B/gpu"]
    for one in found.formulas:
        assert one.name == "Erlang C"
        assert one.expected == pytest.approx(theory.mmc_wait(4, 3.2, 4.0))
        assert one.simulated == pytest.approx(one.expected, rel=0.3)
    assert found.ok
    assert found.words().startswith("checks: jobs conserved, Little's law holds, busy time = work done, bits in = bits")
    assert "; Erlang C 2.98 s, simulated" in found.words()


def test_a_pinned_class_and_a_random_split():
    (one,) = hn.simulate(scenario("least-response", hubs=["B"], rate="48 /min")).checks.formulas
    assert one.where == "B/gpu"
    assert len(hn.simulate(scenario("random")).checks.formulas) == 2


def test_uploads_that_share_one_trunk():
    """48 /min from A to B of 0.75 Gbit, on 1 Gbit/s less nothing: load 0.3 of jobs from A, 0.75 s / (1 - 0.3)."""
    size = {"exponential": {"mean": "0.09375 GB"}}
    (one,) = hn.simulate(scenario("least-response", hubs=["B"], rate="48 /min", input=size)).checks.formulas
    assert (one.name, one.where) == ("processor sharing", "A -> B")
    assert one.expected == pytest.approx(0.75 / (1 - 0.4 * 0.75))
    assert abs(one.deviation) < limit(1)


@pytest.mark.parametrize(
    "changes",
    [
        {"bursts": {"cv": 2}},
        {"devices": 2, "rate": "40 /min"},
        {"work": {"lognormal": {"median": "2 s", "sigma": 1}}},
        {"routing": "least-response"},
        {"queue": "priority"},
        {"input": "1 MB", "routing": "random"},
        {"incidents": [{"at": "2 h", "lasting": "1 h", "cut": ["A", "B"]}]},
        {"incidents": [{"at": "2 h", "lasting": "1 h", "surge": "all", "by": 1.1}]},
        {"rate": "200 /min"},
    ],
    ids=str,
)
def test_where_no_formula_applies(changes):
    assert hn.simulate(scenario(**changes)).checks.formulas == ()


def test_unshared_uploads_leave_poisson_arrivals_poisson():
    assert len(hn.simulate(scenario("random", sharing="none", input="1 MB")).checks.formulas) == 2


def test_what_user_processes_change_is_not_compared():
    def more(env):
        yield env.timeout(100)
        env.submit("A", devices=1, work_s=3.0)

    assert hn.simulate(scenario(), processes=[more]).checks.formulas == ()


def mmc(seed, cv=1.0, horizon=40_000.0, said=1.0):
    """M/M/4 at load 0.8, or with gaps of another variation than the checks are told."""
    made = JobClass("jobs", 0.8, {"R": 1.0}, Choice((1,), (1.0,)), Exponential(4.0), cv=cv)
    setup = single_hub(4, 0.8, made.work, seed, 0, horizon, horizon / 20)
    setup = replace(
        setup, blocks=lambda: job_blocks((made,), ("R",), seed, 0, horizon), drawn=(replace(made, cv=said),)
    )
    _, run = outcome(HubEnvironment, setup, gear="compiled")
    return run


def test_bursts_that_pose_as_poisson_are_noticed():
    found = checks(mmc(1, cv=3.0))
    assert not found.ok
    assert "H/d: Erlang C says 2.98 s" in found.warnings()[0]
    assert formulas(mmc(1, cv=3.0, said=3.0)) == ()


def test_a_short_window_is_not_compared():
    assert formulas(mmc(1, horizon=2000.0)) == ()


def test_the_limit_shares_the_false_alarms():
    assert limit(1) == pytest.approx(stats.norm.isf(FALSE_ALARMS / 2))
    assert limit(10) == pytest.approx(stats.norm.isf(FALSE_ALARMS / 20))


@pytest.mark.long
def test_false_alarms_are_as_rare_as_stated(budget):
    """Deviations over seeds are standard normal, about: their number beyond 1.96 and their mean square are within
    99.9% limits, of the binomial and (with a tenth more for skewness) of chi-square; and hardly any is an alarm."""
    runs = 2 * budget
    deviations = np.array([formulas(mmc(seed))[0].deviation for seed in range(runs)])
    beyond = int((np.abs(deviations) > 1.96).sum())
    assert beyond <= stats.binom.isf(0.001, runs, 0.06)
    low, high = stats.chi2.ppf([0.0005, 0.9995], runs) / runs
    assert 0.9 * low < (deviations**2).mean() < 1.1 * high
    assert (np.abs(deviations) > limit(1)).sum() <= stats.binom.isf(0.001, runs, 3 * FALSE_ALARMS)


def test_variances_of_averages():
    """M/M/1: the number in the system has 2 rho (1 + rho) / (1 - rho)^4 (Whitt, 1992), with service rate 1."""
    for load in (0.3, 0.8, 0.95):
        mean, variance = theory.shared_flows(1.0, np.inf, load, 1.0)
        assert mean == pytest.approx(load / (1 - load))
        assert variance == pytest.approx(2 * load * (1 + load) / (1 - load) ** 4)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (4, 3.2), (1000, 950.0)])
def test_mean_queue(servers, load):
    mean, _ = theory.mmc_queue(servers, load, 2.0)
    assert mean == pytest.approx(theory.mmc_wait(servers, load, 2.0) * load / 2.0)


def test_capped_flows_are_a_queue_of_many_servers():
    """Caps of a quarter of the link: M/M/4, whose number in the system is that in service and that waiting."""
    assert theory.shared_flows(4.0, 1.0, 3.2, 1.0)[0] == pytest.approx(3.2 + theory.mmc_queue(4, 3.2, 1.0)[0])
