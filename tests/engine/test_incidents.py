"""Incidents: hand-solved cases in every gear, and what each of them reports.

Sizes are a few bits and capacities a few bit/s; D = 1e-4 s is the one-way delay of a trunk of length 0. The graph of
most cases is a triangle: A-B is short, and the way round, A-C-B, has a trunk of 1,000 km.
"""

import math

import networkx as nx
import pandas as pd
import pytest

import hubnet as hn

D = 1e-4
LONG = 1000 * 4.9e-6 + D  # s, one-way delay of the trunk of 1,000 km
each_gear = pytest.mark.parametrize("gear", ["compiled", "python", "textbook"])
each_sharing = pytest.mark.parametrize("sharing", ["max-min", "none"])


def triangle(direct=6.0, detour=2.0):
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=0.0, capacity_bit_s=direct)
    graph.add_edge("A", "C", length_km=0.0, capacity_bit_s=8.0)
    graph.add_edge("C", "B", length_km=1000.0, capacity_bit_s=detour)
    return graph


def line(capacity=6.0):
    graph = nx.Graph()
    graph.add_edge("A", "B", length_km=0.0, capacity_bit_s=capacity)
    return graph


def jobs(*rows, **columns):
    """Rows (submit, devices, work[, input, output]) of region A and hub B."""
    table = pd.DataFrame([(*row, 0.0, 0.0)[:5] for row in rows])
    table.columns = ["submit_s", "devices", "work_s", "input_bit", "output_bit"]
    return table.assign(region="A", hub="B", **columns)


def play(graph, table, gear="compiled", processes=(), **options):
    options = {"policy": "nearest", "records": True, "processes": processes} | options
    return hn.simulate(network=graph, jobs=table, gear=gear, **options)


def about(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12)


# -- trunks


@each_gear
@each_sharing
def test_a_flow_takes_the_other_way_with_the_bits_that_it_has_left(gear, sharing):
    # 12 bit from 0 at 6 bit/s; the cut at 1 leaves 6, at 2 bit/s over C: sent at 4, and there LONG + D later.
    cut = [{"at": 1.0, "cut": ("A", "B")}]
    result = play(triangle(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=cut, sharing=sharing)
    job = result.jobs.iloc[0]
    assert job.sent_s == about(4.0)
    assert job.deliver_s == about(4.0 + LONG + D)
    assert job.one_way_s == about(LONG + D)
    bits = result.trunks.groupby(["from", "to"]).bits.sum()
    assert bits["A", "B"] == about(6.0)
    assert bits["A", "C"] == bits["C", "B"] == about(6.0)


@each_gear
@each_sharing
def test_after_the_repair_a_flow_goes_back_to_the_short_way(gear, sharing):
    # 6 bit until 1, then 2 bit/s until 2, then 6 bit/s for the 12 - 6 - 2 = 4 that are left: sent at 2 + 4/6
    cut = [{"at": 1.0, "lasting": 1.0, "cut": "A-B"}]
    job = play(triangle(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=cut, sharing=sharing).jobs.iloc[0]
    assert job.sent_s == about(2 + 4 / 6)
    assert job.deliver_s == about(2 + 4 / 6 + D)


@each_gear
@each_sharing
def test_without_another_way_a_flow_stands_still(gear, sharing):
    # 6 of 12 bit until 1, nothing until 3, 6 more in 1 s
    cut = [{"at": 1.0, "lasting": 2.0, "cut": ("B", "A")}]
    result = play(line(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=cut, sharing=sharing, bin=1.0)
    assert result.jobs.sent_s[0] == about(4.0)
    assert result.transfers.stalled.tolist()[:4] == about([0.0, 1.0, 1.0, 0.0])
    there = result.trunks[result.trunks["from"] == "A"]
    assert there.up.tolist()[:4] == about([1.0, 0.0, 0.0, 1.0])
    assert there.use.tolist()[0] == there.use.tolist()[3] == about(1.0)
    assert there.use.isna().tolist()[:4] == [False, True, True, False]
    assert there.saturated.tolist()[:4] == about([1.0, 0.0, 0.0, 1.0])
    told = result.incidents.iloc[0]
    assert (told.what, told.kind, told.target, told.at_s, told.end_s) == ("cut A-B", "cut", "A-B", 1.0, 3.0)
    assert (told.flows_stalled, told.flows_moved, told.pairs_cut_off, told.pairs_moved) == (1, 0, 1, 0)
    assert math.isnan(told.detour_mean_ms)


@each_gear
@each_sharing
def test_a_trunk_that_keeps_a_part(gear, sharing):
    # 6 bit/s until 1; a third of it, 2 bit/s, until 2; then 6 again: 12 = 6 + 2 + 4, sent at 2 + 4/6
    part = [{"at": 1.0, "lasting": 1.0, "degrade": "A-B", "to": 1 / 3}]
    result = play(triangle(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=part, sharing=sharing)
    assert result.jobs.sent_s[0] == about(2 + 4 / 6)
    assert result.incidents.flows_moved[0] == 0
    use = result.summary()["trunk_use"]["by_trunk"]["A->B"]["value"]
    end = result.window[1]
    assert use == about(12 / (6 * (end - 1) + 2))


@each_gear
@each_sharing
def test_factors_multiply(gear, sharing):
    # 8 bit/s x 1/2 from 1 to 4, x 1/2 from 2 to 3: 8 + 4 + 2 + 4 = 18 bit at 4, and 2 more of 20 at 4.25
    parts = [
        {"at": 1.0, "lasting": 3.0, "degrade": "A-B", "to": 0.5},
        {"at": 2.0, "lasting": 1.0, "degrade": "A-B", "to": 0.5},
    ]
    result = play(line(8.0), jobs((0.0, 0, 0.0, 20.0)), gear, incidents=parts, sharing=sharing)
    assert result.jobs.sent_s[0] == about(4.25)


@each_gear
@each_sharing
def test_two_cuts_of_one_trunk_last_until_both_are_over(gear, sharing):
    cuts = [{"at": 1.0, "lasting": 2.0, "cut": "A-B"}, {"at": 2.0, "lasting": 3.0, "cut": "A-B"}]
    result = play(line(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=cuts, sharing=sharing)
    assert result.jobs.sent_s[0] == about(6.0)
    assert result.incidents.flows_stalled.tolist() == [1, 0]


@each_gear
def test_flows_that_move_share_the_trunks_with_those_that_are_there(gear):
    # a: A to B, 12 bit; b: C to B over A, 4 bit; both at 3 bit/s. At 1 a has 9 left, b 1, and both go over C-B at
    # 1 bit/s: b is sent at 2; a has 8 left, at 2 bit/s: sent at 6
    table = pd.DataFrame({"region": ["A", "C"], "hub": "B", "submit_s": 0.0, "devices": 0, "work_s": 0.0})
    table["input_bit"] = [12.0, 4.0]
    result = play(triangle(), table, gear, incidents=[{"at": 1.0, "cut": "A-B"}])
    assert result.jobs.sent_s.tolist() == about([6.0, 2.0])


@each_gear
@each_sharing
def test_who_is_submitted_while_the_only_way_is_down_waits_and_is_not_rejected(gear, sharing):
    # the cut is from 1 to 5. Job 0 needs no device; job 1 does, and has nothing to send: its request waits as well;
    # job 2 sends 6 bit, from 5 on
    cut = [{"at": 1.0, "lasting": 4.0, "cut": "A-B"}]
    table = jobs((2.0, 0, 0.0), (2.0, 1, 1.0), (3.0, 1, 1.0, 6.0)).assign(hub=["B", None, None])
    result = play(line(), table, gear, incidents=cut, sharing=sharing, pools={("B", "cpu"): 5})
    assert result.jobs.status.tolist() == ["finished"] * 3
    assert result.jobs.sent_s.tolist() == about([5.0, 5.0, 6.0])
    assert result.jobs.finish_s.tolist() == about([5 + D, 6 + 2 * D, 7 + 2 * D])


@each_gear
@each_sharing
def test_a_result_waits_for_the_way_back(gear, sharing):
    # delivered at D, runs until 2 + D, while the trunk is down from 1 to 4: the result of job 0 leaves at 4, that of
    # job 1 has 6 bit
    cut = [{"at": 1.0, "lasting": 3.0, "cut": "A-B"}]
    table = jobs((0.0, 1, 2.0), (0.0, 1, 2.0, 0.0, 6.0))
    result = play(line(), table, gear, incidents=cut, sharing=sharing, pools={("B", "cpu"): 5})
    assert result.jobs.end_s.tolist() == about([2 + D] * 2)
    assert result.jobs.finish_s.tolist() == about([4 + D, 5 + D])


@each_gear
def test_bits_on_the_fibre_arrive(gear):
    # the last bit is sent at 1, the cut comes before it is there
    cut = [{"at": 1.0 + D / 2, "cut": "A-B"}]
    result = play(line(), jobs((0.0, 0, 0.0, 6.0)), gear, incidents=cut)
    assert result.jobs.finish_s[0] == about(1 + D)


@each_gear
@each_sharing
def test_cut_for_good(gear, sharing):
    """Without a horizon the run ends when nothing can happen any more; the job is unfinished."""
    result = play(line(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=[{"at": 1.0, "cut": "A-B"}], sharing=sharing)
    assert result.jobs.status.tolist() == ["unfinished"]
    assert result.window[1] == 1.0
    assert result.incidents.end_s.tolist() == [math.inf]
    assert result.trunks.bits.sum() == about(6.0)


@each_gear
def test_incidents_after_the_last_job_do_not_keep_the_run_going(gear):
    plan = [{"at": 1e6, "lasting": 5.0, "cut": "A-B"}, {"at": 0.5, "lasting": 1e7, "degrade": "A-B", "to": 0.5}]
    result = play(line(), jobs((0.0, 0, 0.0, 6.0)), gear, incidents=plan)
    assert result.window[1] == about(1.5 + D)
    assert result.incidents.what.tolist() == ["degrade A-B to 50 %"]


@each_gear
def test_the_detour_is_told(gear):
    result = play(triangle(), jobs((0.0, 0, 0.0, 12.0)), gear, incidents=[{"at": 1.0, "cut": "A-B"}])
    told = result.incidents.iloc[0]
    assert (told.flows_moved, told.pairs_moved, told.pairs_cut_off) == (1, 1, 0)
    assert told.detour_mean_ms == told.detour_max_ms == about(1e3 * LONG)  # LONG + D instead of D
    summary = result.summary()["incidents"]
    assert summary["count"]["value"] == 1
    assert summary["detour_ms"]["max"]["value"] == about(1e3 * LONG)


# -- pools


@each_gear
def test_an_outage_stops_those_that_started_last(gear):
    # jobs 0 and 1 start at D, job 2 at 1 + D; three devices, one stays. 2 started last, 1 has the higher id of the two
    # that are left: both are stopped at 2 and sent again; job 0 ends at 10 + D. From 5 on all devices are back.
    table = jobs((0.0, 1, 10.0), (0.0, 1, 10.0), (1.0, 1, 10.0))
    plan = [{"at": 2.0, "lasting": 3.0, "outage": "B", "to": 1 / 3}]
    result = play(line(), table, gear, incidents=plan, pools={("B", "cpu"): 3})
    assert result.jobs.attempts.tolist() == [1, 2, 2]
    assert result.jobs.start_s.tolist() == about([D, 5.0, 5.0])
    assert result.jobs.release_s.tolist() == [0.0, 2.0, 2.0]
    assert result.jobs.end_s.tolist() == about([10 + D, 15.0, 15.0])
    told = result.incidents.iloc[0]
    assert (told.what, told.hub) == ("outage B/cpu to 33.3333 %", "B")
    assert told.jobs_displaced == 2
    assert told.work_lost_device_s == about(2 - D + 1 - D)
    pool = result.utilization.iloc[0]
    assert pool.busy_device_s == about(10 + (2 - D) + (1 - D) + 10 + 10)


@each_gear
def test_draining_lets_them_finish(gear):
    # two devices, none left from 1 to 8: both jobs end at 3 + D; the third waits until 8
    table = jobs((0.0, 1, 3.0), (0.0, 1, 3.0), (2.0, 1, 1.0))
    plan = [{"at": 1.0, "lasting": 7.0, "outage": "B/cpu", "running": "drain"}]
    result = play(line(), table, gear, incidents=plan, pools={("B", "cpu"): 2}, bin=1.0)
    assert result.jobs.end_s.tolist() == about([3 + D, 3 + D, 9.0])
    assert result.incidents.jobs_displaced.tolist() == [0]
    end = result.window[1]
    assert result.utilization.utilization[0] == about((6 + 1) / (2 * (3 + D) + 2 * (end - 8)))


@each_gear
def test_work_up_to_the_last_checkpoint_is_kept(gear):
    # Speed 2, 20 s of work, a checkpoint every 1.5 s of service. Stopped at 4 + D, after 4 s: 3 s of them are safe, so
    # 6 of the 20 s of work. 1 s of 2 devices is lost. It is sent again (6 bit, 1 s), and has 14 s of work: 7 s.
    table = jobs((0.0, 2, 20.0, 6.0), checkpoint_s=1.5)
    plan = [{"at": 5.0 + D, "lasting": 0.5, "outage": "B"}]
    options = {"pools": {("B", "gpu"): 2}, "devices": {"gpu": {"speed": 2}}}
    result = play(line(), table, gear, incidents=plan, **options)
    job = result.jobs.iloc[0]
    assert (job.release_s, job.sent_s) == (about(5 + D), about(6 + D))
    assert (job.start_s, job.end_s) == (about(6 + 2 * D), about(13 + 2 * D))
    assert job.work_s == 20.0
    assert result.incidents.work_lost_device_s[0] == about(2.0)
    assert result.summary()["incidents"]["work_lost_device_s"]["value"] == about(2.0)


@each_gear
def test_a_stopped_job_is_routed_afresh(gear):
    """Where its hub is down, the least response is elsewhere; nearest would go back and wait."""
    graph = triangle()
    table = jobs((0.0, 1, 10.0)).drop(columns="hub")
    plan = [{"at": 2.0, "outage": "B"}]
    pools = {("B", "cpu"): 1, ("C", "cpu"): 1}
    found = {
        rule: play(graph, table, gear, incidents=plan, pools=pools, policy=rule, horizon=50.0).jobs.iloc[0]
        for rule in ("least-response", "nearest")
    }
    # B and C are equally near, B is the first. At 2 it goes to C at once: 2 + D + 10
    assert (found["least-response"].hub, found["least-response"].end_s) == ("C", about(12 + D))
    assert (found["nearest"].hub, found["nearest"].status) == ("B", "unfinished")


@each_gear
def test_devices_in_force_are_floored_and_resize_sets_the_nominal_count(gear):
    # 7 devices x 0.5 = 3; resized to 9 while the outage lasts: 4; after it: 9
    seen = []

    def process(env):
        for _ in range(6):
            seen.append(int(env.world.pools.devices[0]))
            yield env.timeout(1.0)
            if env.now == 3.0:
                env.resize("B", 9)

    plan = [{"at": 0.5, "lasting": 4.0, "outage": "B", "to": 0.5}]
    play(line(), jobs((0.0, 1, 9.0)), gear, [process], incidents=plan, pools={("B", "cpu"): 7})
    assert seen == [7, 3, 3, 3, 4, 9]


@each_gear
def test_an_outage_of_a_hub_takes_all_its_pools(gear):
    plan = [{"at": 1.0, "lasting": 1.0, "outage": "B"}]
    pools = {("B", "cpu"): 1, ("B", "gpu"): 2}
    result = play(line(), jobs((0.0, 1, 0.5)), gear, incidents=plan, pools=pools, horizon=4.0)
    assert result.incidents.target.tolist() == ["B/cpu", "B/gpu"]
    assert result.incidents.incident.tolist() == [0, 1]
    assert result.utilization.devices.tolist() == about([0.75, 1.5])


@each_gear
def test_a_stopped_job_that_fits_nowhere_any_more_is_rejected(gear):
    def process(env):
        yield env.timeout(1.0)
        env.resize("B", 1)
        yield env.timeout(1.0)
        env.outage("B", to=0.5, lasting=1.0)

    result = play(line(), jobs((0.0, 2, 9.0)), gear, [process], pools={("B", "cpu"): 2})
    job = result.jobs.iloc[0]
    assert (job.status, job.reason, job.attempts) == ("rejected", "too-large", 2)
    assert result.summary()["jobs"]["rejected"]["value"] == 1


# -- from processes


@each_gear
@each_sharing
def test_processes_cut_and_repair(gear, sharing):
    # as in the case that stands still; once by the handle, once by the trunk's name, once by itself
    def by_handle(env):
        yield env.timeout(1.0)
        cut = env.cut("A", "B")
        yield env.timeout(2.0)
        env.repair(cut)

    def by_name(env):
        yield env.timeout(1.0)
        env.cut("A-B")
        env.cut(("B", "A"), lasting=10.0)
        yield env.timeout(2.0)
        env.repair("A", "B")

    def by_itself(env):
        yield env.timeout(1.0)
        env.cut("A-B", lasting=2.0)

    for process in (by_handle, by_name, by_itself):
        result = play(line(), jobs((0.0, 0, 0.0, 12.0)), gear, [process], sharing=sharing)
        assert result.jobs.sent_s[0] == about(4.0), process.__name__
        assert result.incidents.end_s.tolist() == [3.0] * len(result.incidents)


@each_gear
def test_a_repair_of_what_is_over_changes_nothing(gear):
    def process(env):
        cut = env.cut("A-B", lasting=1.0)
        yield env.timeout(2.0)
        env.repair(cut)
        env.repair("A-B")

    result = play(line(), jobs((0.0, 0, 0.0, 6.0)), gear, [process])
    assert result.jobs.sent_s[0] == about(2.0)
    assert result.incidents.end_s.tolist() == [1.0]


@each_gear
def test_an_outage_from_a_process(gear):
    def process(env):
        yield env.timeout(1.0)
        out = env.outage(("B", "cpu"), running="drain")
        yield env.timeout(4.0)
        env.repair(out)

    result = play(line(), jobs((0.0, 1, 2.0), (0.5, 1, 1.0)), gear, [process], pools={("B", "cpu"): 1})
    assert result.jobs.end_s.tolist() == about([2 + D, 6.0])


@pytest.mark.parametrize(
    "verb, words",
    [
        (lambda env: env.cut("A-X"), "'A-X' is not a trunk; there are: A-B"),
        (lambda env: env.cut("A-B", to=1.0), "not a share"),
        (lambda env: env.cut("A-B", lasting=0.0), "ends before it begins"),
        (lambda env: env.outage("Q"), "names no pool; there are: B/cpu"),
        (lambda env: env.outage("B", running="wait"), "neither 'kill' nor 'drain'"),
        (lambda env: env.repair("Q-R"), "not a trunk"),
    ],
)
def test_verbs_say_what_is_wrong(verb, words):
    env = hn.environment(network=line(), jobs=jobs((0.0, 1, 1.0)), pools={("B", "cpu"): 1})
    with pytest.raises((KeyError, ValueError), match=words):
        verb(env)


def test_plain_values_say_what_is_wrong():
    entries = [
        {"at": 1.0, "cut": "A-C"},
        {"at": -1.0, "cut": "A-B"},
        {"cut": "A-B"},
        {"at": 1.0, "cutt": "A-B"},
        {"at": 1.0, "degrade": "A-B"},
        {"at": 1.0, "outage": "B", "to": 2},
        {"mtbf": 10.0, "mttr": 1.0, "cut": "all"},
        {"at": 1.0, "outage": "B", "running": "stop"},
    ]
    with pytest.raises(hn.TableError) as error:
        play(line(), jobs((0.0, 1, 1.0)), pools={("B", "cpu"): 1}, incidents=entries)
    text = str(error.value)
    for number, words in enumerate(
        [
            "'A-C' is not a trunk",
            "at=-1.0",
            "when nor how often",
            "did you mean 'cut'",
            "use `cut`",
            "to=2",
            "a horizon",
        ]
    ):
        assert f"entry {number}: " in text
        assert words in text


# -- random failures


def failing(seed, gear="compiled", **options):
    plan = [{"cut": "all", "mtbf": 50.0, "mttr": 5.0}, {"outage": "all", "mtbf": 40.0, "mttr": 10.0, "to": 0.5}]
    options = {"incidents": plan, "pools": {("B", "cpu"): 4}, "horizon": 20_000.0, "seed": seed} | options
    return play(triangle(), jobs((0.0, 1, 1.0)), gear, **options)


def test_failures_are_up_and_down_for_exponential_times():
    # n repairs of a trunk with mean 5 s have a mean within 4.9 standard errors 5 / sqrt(n) of it (1 in a million)
    table = failing(3).incidents
    for kind, mtbf, mttr in (("cut", 50.0, 5.0), ("outage", 40.0, 10.0)):
        rows = table[table.kind == kind]
        down = rows.end_s - rows.at_s
        down = down[down < math.inf]
        ups = pd.concat(
            [group.at_s - group.end_s.shift(fill_value=0.0) for _, group in rows.groupby("target", sort=False)]
        )
        for sample, mean in ((down, mttr), (ups, mtbf)):
            assert len(sample) > 300
            assert abs(sample.mean() - mean) < 4.9 * mean / math.sqrt(len(sample))
            assert abs(sample.std() - mean) < 4.9 * 2 * mean / math.sqrt(len(sample))  # sd of s is 2 / sqrt(n) x it
    assert table.target[table.kind == "cut"].nunique() == 3


def test_the_same_failures_for_every_policy_and_other_ones_for_another_seed():
    one, same, other = failing(3), failing(3, policy="random", sharing="none"), failing(4)
    times = ["at_s", "end_s", "target"]
    pd.testing.assert_frame_equal(one.incidents[times], same.incidents[times])
    assert one.incidents.at_s.tolist() != other.incidents.at_s.tolist()
