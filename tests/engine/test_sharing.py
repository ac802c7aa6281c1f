"""Max-min fair sharing of trunks: cases solved by hand, an independent simulator, conservation, and random runs.

Unless said otherwise all jobs ask for no devices: they are flows from a region to a hub. Sizes are a few bits and
capacities a few bit/s, so that the numbers can be followed. The equations stand above the numbers; `rates` that
hold from the start are checked with sizes of rate x T, which all end at T only if every rate is right.
"""

import json
from itertools import count, pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hubnet as hn

HOP = 1e-4  # s, one-way delay of a trunk of length 0
GEARS = ("compiled", "python", "textbook")
SIMGRID = json.loads((Path(__file__).parents[1] / "data" / "maxmin_simgrid.json").read_text())["cases"]
NAMES = [case["name"] for case in SIMGRID]
SMALL = [case for case in SIMGRID if len(case["flows"]) <= 22]
each_gear = pytest.mark.parametrize("gear", GEARS)


def trunks(*edges):
    """A graph of (city, city, capacity in bit/s) with no length."""
    graph = nx.Graph()
    for a, b, capacity in edges:
        graph.add_edge(a, b, length_km=0.0, capacity_bit_s=float(capacity))
    return graph


def chain(*capacities):
    """Cities 0, 1, 2, ... in a row."""
    return trunks(*((str(i), str(i + 1), capacity) for i, capacity in enumerate(capacities)))


def simulate(graph, jobs, gear="compiled", **options):
    options = {"policy": "nearest", "records": True} | options
    return hn.simulate(network=graph, jobs=jobs, gear=gear, **options)


def flows(rows):
    """Rows (region, hub, release, bits[, cap]) as a table of jobs; they must be in order of release."""
    names = ["region", "hub", "submit_s", "input_bit", "wave_bit_s"]
    table = pd.DataFrame([(*row, np.inf)[:5] for row in rows], columns=names)
    assert table.submit_s.is_monotonic_increasing  # else rows and job numbers would differ
    return table.assign(devices=0, work_s=0.0)


def sent(graph, rows, gear="compiled", **options):
    """When the last bit of each flow is sent."""
    return simulate(graph, flows(rows), gear, **options).jobs.sent_s.tolist()


def exactly(times):
    """Equal up to a few last bits."""
    return pytest.approx(times, rel=1e-13, abs=0)


# -- one trunk


@each_gear
def test_one_bottleneck(gear):
    # three flows of 2, 4 and 6 bit share 6 bit/s:  3 x = 6, x = 2    the first ends at 2 / 2 = 1
    # 2 and 4 bit are left:                         2 x = 6, x = 3    the second ends at 1 + 2/3
    # 2 bit are left:                                 x = 6           the third ends at 5/3 + 2/6 = 2 = 12 bit / 6
    rows = [("0", "1", 0.0, size) for size in (2.0, 4.0, 6.0)]
    assert sent(chain(6), rows, gear) == exactly([1.0, 5 / 3, 2.0])


@each_gear
def test_flows_arrive_and_leave(gear):
    # a: 12 bit from 0, b: 3 bit from 1, c: 1 bit from 1.5 with a cap of 1; the trunk has 6 bit/s
    # 0 to 1:     a = 6                                     a has 6 left
    # 1 to 1.5:   a = b = 3                                 a 4.5, b 1.5
    # from 1.5:   c = 1, a = b = (6 - 1) / 2 = 2.5          b ends at 1.5 + 1.5 / 2.5 = 2.1;  a 3, c 0.4
    # from 2.1:   c = 1, a = 5                              c ends at 2.5;  a 1
    # from 2.5:   a = 6                                     a ends at 2.5 + 1/6
    rows = [("0", "1", 0.0, 12.0), ("0", "1", 1.0, 3.0), ("0", "1", 1.5, 1.0, 1.0)]
    assert sent(chain(6), rows, gear) == exactly([2.5 + 1 / 6, 2.1, 2.5])


@each_gear
def test_flows_that_end_at_the_same_instant(gear):
    # three flows of 2 bit and one of 5 share 6 bit/s:  4 x = 6, x = 1.5   three end at 2 / 1.5 = 4/3
    # 5 - 2 = 3 bit are left:                             x = 6            the last ends at 4/3 + 3/6
    rows = [("0", "1", 0.0, size) for size in (2.0, 2.0, 5.0, 2.0)]
    first = 2 / 1.5
    assert sent(chain(6), rows, gear) == exactly([first, first, first + 0.5, first])


@each_gear
def test_flows_that_start_apart_and_end_together(gear):
    # 2 bit/s; a: 3 bit from 0, alone until 1, when 1 bit is left; b: 1 bit from 1. Both at 1 bit/s: both end at 2.
    assert sent(chain(2), [("0", "1", 0.0, 3.0), ("0", "1", 1.0, 1.0)], gear) == [2.0, 2.0]


@each_gear
def test_a_flow_that_starts_when_another_ends(gear):
    # 4 bit/s; a: 4 bit from 0 to 1. b: 4 bit from 1, alone, to 2.
    assert sent(chain(4), [("0", "1", 0.0, 4.0), ("0", "1", 1.0, 4.0)], gear) == [1.0, 2.0]


@each_gear
def test_caps_above_and_below_the_fair_share(gear):
    # 10 bit/s, caps 1, 4 and 100. Fair share 10/3: the first stays at 1.  (10 - 1) / 2 = 4.5: the second stays at 4.
    # The third takes 10 - 1 - 4 = 5, below its cap. Sizes rate x 3: all end at 3.
    caps = (1.0, 4.0, 100.0)
    rows = [("0", "1", 0.0, 3.0 * rate, cap) for rate, cap in zip((1.0, 4.0, 5.0), caps, strict=True)]
    assert sent(chain(10), rows, gear) == exactly([3.0] * 3)
    # sizes 1, 4 and 20: two end at 1, the third has 15 bit left and runs at 10 bit/s; with a cap of 7.5, at that
    rows = [("0", "1", 0.0, size, cap) for size, cap in zip((1.0, 4.0, 20.0), caps, strict=True)]
    assert sent(chain(10), rows, gear) == exactly([1.0, 1.0, 2.5])
    rows[2] = ("0", "1", 0.0, 20.0, 7.5)
    assert sent(chain(10), rows, gear) == exactly([1.0, 1.0, 3.0])


@each_gear
def test_background_takes_its_share_of_every_trunk(gear):
    # 8 bit/s less 25% is 6: two flows at 3 bit/s; a cap of 2 leaves 4 to the other
    assert sent(chain(8), [("0", "1", 0.0, 6.0)] * 2, gear, background=0.25) == exactly([2.0, 2.0])
    capped = [("0", "1", 0.0, 6.0, 2.0), ("0", "1", 0.0, 12.0)]
    assert sent(chain(8), capped, gear, background=0.25) == exactly([3.0, 3.0])


@each_gear
def test_nothing_saturates(gear):
    # every flow runs at its cap, alone in effect
    rng = np.random.default_rng(1)
    caps = rng.choice([1.5, 2.7, 11.3], 60)
    rows = [
        ("0", "3", float(release), float(size), float(cap))
        for release, size, cap in zip(np.sort(rng.uniform(0, 9, 60)), rng.exponential(20, 60), caps, strict=True)
    ]
    alone = [release + size / cap for _, _, release, size, cap in rows]
    assert sent(chain(1e6, 1e5, 1e6), rows, gear) == exactly(alone)


@each_gear
def test_no_bits_and_no_trunks_take_no_time(gear):
    # without input sent = release; in the same city too, whatever the size; neither takes a share from the flow
    rows = [("0", "1", 0.0, 8.0), ("0", "1", 1.0, 0.0), ("1", "1", 1.5, 1e9)]
    assert sent(chain(4), rows, gear) == [2.0, 1.0, 1.5]


# -- several trunks


@each_gear
def test_two_trunks_in_series(gear):
    # x and y over both trunks, z over the first only; 6 and 2 bit/s
    # second trunk: x + y = 2, x = y = 1 (the first would give 6/3 = 2);  first trunk: z = 6 - 1 - 1 = 4
    rows = [("0", "2", 0.0, 3.0), ("0", "2", 0.0, 3.0), ("0", "1", 0.0, 12.0)]
    assert sent(chain(6, 2), rows, gear) == exactly([3.0] * 3)
    # the same with 6 and 10 bit/s: the first trunk is the bottleneck of all, 6/3 = 2 bit/s each;
    # at 3/2 x and y are gone, z has 12 - 3 = 9 bit left at 6 bit/s
    assert sent(chain(6, 10), rows, gear) == exactly([1.5, 1.5, 3.0])


@each_gear
@pytest.mark.parametrize("hops", [1, 2, 5, 9])
def test_parking_lot(hops, gear):
    # One flow crosses all n trunks of capacity 1; on trunk i there are i flows more, i = 1..n.
    # The last trunk is the first bottleneck:  x = 1 / (n + 1) for its n own and for the long one;
    # then trunk i:  i y_i = 1 - x = n / (n + 1),  y_i = n / (i (n + 1))
    long = 1 / (hops + 1)
    rows = [("0", str(hops), 0.0, 7 * long)]
    for i in range(1, hops + 1):
        rows += [(str(i - 1), str(i), 0.0, 7 * hops / (i * (hops + 1)))] * i
    assert sent(chain(*[1.0] * hops), rows, gear) == exactly([7.0] * len(rows))


@each_gear
@pytest.mark.parametrize("hops", [2, 6])
def test_all_ways_to_the_car_park_exit(hops, gear):
    # Flow i joins at city i and goes to the end; each has i + 1 bit. The last trunk, of capacity n, is everyone's
    # bottleneck: with k flows left each has n / k. Sizes grow by 1 bit, so flow i ends (n - i) / n after flow i - 1.
    rows = [(str(i), str(hops), 0.0, i + 1.0) for i in range(hops)]
    ends = np.cumsum([(hops - i) / hops for i in range(hops)])
    assert sent(chain(*[float(hops)] * hops), rows, gear) == exactly(ends.tolist())


@each_gear
def test_a_triangle_with_a_detour(gear):
    # A-B 4, B-C 3 and a long A-C, 1 bit/s: A to C goes over B.  a: A-B-C,  b: A-B,  c: B-C,  d: B-C
    # B-C:  a + c + d = 3, each 1;   A-B:  b = 4 - 1 = 3;  C-A is idle, and C to B is another direction: e = 3
    graph = trunks(("A", "B", 4), ("B", "C", 3), ("A", "C", 1))
    graph.edges["A", "C"]["length_km"] = 1000.0
    pairs = ("AC", 1), ("AB", 3), ("BC", 1), ("BC", 1), ("CB", 3)
    rows = [(ends[0], ends[1], 0.0, 2.0 * rate) for ends, rate in pairs]
    assert sent(graph, rows, gear) == exactly([2.0] * 5)


@each_gear
def test_a_ring_where_every_flow_meets_two_others(gear):
    # Trunk i joins city i and i + 1 (mod 5); flow i takes trunks i and i + 1. Capacities 2, 3, 5, 8, 10:
    # trunk 0:  f0 + f4 = 2   f0 = f4 = 1
    # trunk 1:  f0 + f1 = 3   f1 = 2
    # trunk 2:  f1 + f2 = 5   f2 = 3
    # trunk 3:  f2 + f3 = 8   f3 = 5;   trunk 4:  f3 + f4 = 6 of 10
    graph = trunks(*((str(i), str((i + 1) % 5), capacity) for i, capacity in enumerate((2, 3, 5, 8, 10))))
    rows = [(str(i), str((i + 2) % 5), 0.0, 4.0 * rate) for i, rate in enumerate((1, 2, 3, 5, 1))]
    assert sent(graph, rows, gear) == exactly([4.0] * 5)


@each_gear
def test_an_end_far_away_changes_rates_in_both_senses(gear):
    # 0-1 and 1-2 have 4 and 6 bit/s.  a: 0-1, b: 0-1-2, c: 1-2.   a = b = 2, c = 4
    # a (2 bit) ends at 1:   b + c = 6, b = c = 3.   So the end of a makes b faster and c slower.
    # b has 9 - 2 = 7 left, c 10 - 4 = 6:  c ends at 1 + 6/3 = 3.   b then has 1 left at min(4, 6): ends at 3.25
    rows = [("0", "1", 0.0, 2.0), ("0", "2", 0.0, 9.0), ("1", "2", 0.0, 10.0)]
    assert sent(chain(4, 6), rows, gear) == exactly([1.0, 3.25, 3.0])


@each_gear
def test_a_cap_frees_capacity_on_another_trunk(gear):
    # 0-1 and 1-2 of 6 bit/s.  a: 0-1-2 with cap 1,  b: 0-1,  c and d: 1-2.   a = 1, b = 5, c = d = 2.5
    rows = [("0", "2", 0.0, 2.0, 1.0), ("0", "1", 0.0, 10.0), ("1", "2", 0.0, 5.0), ("1", "2", 0.0, 5.0)]
    assert sent(chain(6, 6), rows, gear) == exactly([2.0] * 4)


@each_gear
def test_a_cap_of_its_own_for_every_flow(gear):
    # n flows start together, flow i with cap i, on a trunk of 3 n (n + 1) / 8; the sum of caps is n (n + 1) / 2.
    # Caps up to k stay, the other n - k flows get s = (capacity - k (k + 1) / 2) / (n - k), with k <= s < k + 1.
    n = 120
    capacity = 3 * n * (n + 1) / 8
    share = next(s for k in range(n) if k <= (s := (capacity - k * (k + 1) / 2) / (n - k)) < k + 1)
    rates = [min(i, share) for i in range(1, n + 1)]
    assert sum(rates) == pytest.approx(capacity)
    rows = [("0", "1", 0.0, 5.0 * rate, float(i)) for i, rate in enumerate(rates, 1)]
    assert sent(chain(capacity), rows, gear) == exactly([5.0] * n)


# -- both directions, downloads


@each_gear
def test_directions_are_independent(gear):
    # 6 bit/s each way. One flow forward: 6.  Two flows back: 3 each.
    rows = [("0", "1", 0.0, 6.0), ("1", "0", 0.0, 6.0), ("1", "0", 0.0, 6.0)]
    assert sent(chain(6), rows, gear) == exactly([1.0, 2.0, 2.0])


@each_gear
def test_a_download_meets_downloads_and_not_uploads(gear):
    # 6 bit/s; d = one trunk's delay. Job 0: up 6 bit in 1 s, arrives at 1 + d, runs 1 s, ends at 2 + d.
    # Job 1 starts its upload of 9 bit at 2 and is alone in its direction, until job 2 joins at 2.5 with 6 bit:
    #   6 bit left each, 3 bit/s each, both sent at 4.5.
    # Job 0's output of 12 bit is alone: 2 s, finish at 4 + d + d.
    # Jobs 1 and 2 arrive at 4.5 + d, run 1 s, and share the way back: 2 x 3 bit in 1 s, finish at 6.5 + d + d.
    jobs = {
        "region": ["0"] * 3,
        "submit_s": [0.0, 2.0, 2.5],
        "devices": [1] * 3,
        "work_s": [1.0] * 3,
        "input_bit": [6.0, 9.0, 6.0],
        "output_bit": [12.0, 3.0, 3.0],
    }
    table = simulate(chain(6), jobs, gear, pools={("1", "cpu"): 3}).jobs
    assert table.sent_s.tolist() == exactly([1.0, 4.5, 4.5])
    assert table.finish_s.tolist() == exactly([4 + 2 * HOP, 6.5 + 2 * HOP, 6.5 + 2 * HOP])


@each_gear
def test_an_upload_meets_a_download_of_the_other_direction(gear):
    # Job 0 of region 0 runs at hub 1 from HOP to 1 + HOP; its 12 bit go from 1 to 0.  Job 1 of region 1 sends 12 bit
    # from 1 to 0 from time 0: they share that direction's 6 bit/s from 1 + d on.  Job 1 has 12 - 6 (1 + d) left, at 3
    # bit/s: sent at (1 + d) + 4 - 2 (1 + d) = 3 - d.   Job 0 has then had 3 (2 - 2 d) bit, 6 + 6 d are left, at 6:
    # 1 + d more, last bit at 4; the result is there a delay later.
    jobs = {
        "region": ["0", "1"],
        "submit_s": [0.0, 0.0],
        "devices": [1, 0],
        "work_s": [1.0, 0.0],
        "input_bit": [0.0, 12.0],
        "output_bit": [12.0, 0.0],
        "hub": ["1", "0"],
    }
    table = simulate(chain(6), jobs, gear, pools={("1", "cpu"): 1}).jobs
    assert table.sent_s.tolist() == exactly([0.0, 3 - HOP])
    assert table.finish_s.tolist() == exactly([4 + HOP, 3 - HOP + HOP])


# -- the option


@each_gear
def test_without_sharing_flows_do_not_meet(gear):
    rows = [("0", "1", 0.0, 6.0), ("0", "1", 0.0, 6.0), ("0", "1", 0.5, 6.0, 2.0)]
    assert sent(chain(6), rows, gear, sharing="none") == [1.0, 1.0, 3.5]
    # shared: 3 + 3, then 2 each from 0.5, all with 4.5, 4.5 and 6 bit left; the first two end at 2.75, the third
    # goes on at its cap: 6 / 2 = 3 s
    assert sent(chain(6), rows, gear, sharing="max-min") == exactly([2.75, 2.75, 3.5])


def test_graphs_and_tables_share_unless_told_not_to():
    rows = [("0", "1", 0.0, 6.0)] * 2
    assert sent(chain(6), rows) == sent(chain(6), rows, sharing="max-min") == exactly([2.0, 2.0])


def test_an_unknown_kind_of_sharing_is_an_error():
    with pytest.raises(hn.InputError, match="max-min"):
        sent(chain(6), [("0", "1", 0.0, 6.0)], sharing="fair")


SCENARIO = """
hubnet: 1
name: Full
network:
  regions: {R: {at: [60, 20]}}
  hubs: {H: {at: [61, 20], pools: {cpu: 100}}}
  trunks: [{between: [R, H], capacity: 10 Gbit/s, length: 100 km}]
clock: {horizon: 10 min}
fibre: {FIBRE background: 20 %}
workload: {classes: {data: {rate: 0.7 /s, devices: 1, work: {constant: 1 s}, input: 1 GB}}}
"""


@each_gear
def test_the_key_of_a_scenario(tmp_path, gear):
    # 8 Gbit at 10 Gbit/s less 20%: 1 s each without sharing. Shared, the trunk is a queue with a load of 0.7 that
    # nobody's cap slows: some flows are alone, many are not. Nothing written means max-min.
    found = {}
    for text in ("sharing: none,", "sharing: max-min,", ""):
        path = tmp_path / "full.yaml"
        path.write_text(SCENARIO.replace("FIBRE", text))
        jobs = hn.simulate(hn.load(path), records=True, gear=gear).jobs
        found[text] = (jobs.sent_s - jobs.release_s).dropna()
    assert found["sharing: none,"].tolist() == pytest.approx([1.0] * len(found["sharing: none,"]))
    assert found["sharing: max-min,"].min() == pytest.approx(1.0)
    assert found["sharing: max-min,"].mean() > 1.5
    assert found[""].tolist() == found["sharing: max-min,"].tolist()


# -- an independent simulator


def simgrid_jobs(case):
    """The case's graph and flows; where delays are written as one_way_ms, paths are by them."""
    graph = nx.Graph()
    for edge in case["edges"]:
        graph.add_edge(edge["a"], edge["b"], capacity_bit_s=edge["capacity_bit_s"], one_way_ms=edge["one_way_ms"])
    rows = [(f["region"], f["hub"], f["submit_s"], f["input_bit"], f["wave_bit_s"] or np.inf) for f in case["flows"]]
    return graph, flows(rows)


@pytest.mark.parametrize("case", SIMGRID, ids=NAMES)
def test_simgrid(case):
    graph, jobs = simgrid_jobs(case)
    found = simulate(graph, jobs).jobs.sent_s
    np.testing.assert_allclose(found, case["sent_s"], rtol=1e-9, atol=0)


@pytest.mark.parametrize("gear", ["python", "textbook"])
def test_simgrid_in_the_slow_gears(gear):
    assert len(SMALL) >= 20
    for case in SMALL:
        graph, jobs = simgrid_jobs(case)
        found = simulate(graph, jobs, gear).jobs.sent_s
        np.testing.assert_allclose(found, case["sent_s"], rtol=1e-9, atol=0, err_msg=case["name"])


def test_simgrid_cases_do_depend_on_sharing():
    """Each says something: without sharing, or in doubled trunks, the times would be others."""
    apart = sum(
        not np.allclose(simulate(*simgrid_jobs(case), sharing="none").jobs.sent_s, case["sent_s"], rtol=1e-9)
        for case in SIMGRID
    )
    assert apart >= 50


# -- nothing is lost


def carried(result):
    """Bits by (from, to), over the whole run."""
    return result.trunks.groupby(["from", "to"]).bits.sum()


def bits_due(result):
    """Bits that all jobs of a run that is over send, by (from, to), each over its path and back."""
    due = dict.fromkeys(carried(result).index, 0.0)
    for job in result.jobs.itertuples():
        if job.status == "finished":
            for a, b in pairwise(result.network.path(job.region, job.hub)):
                due[a, b] += job.input_bit
                due[b, a] += job.output_bit
    return pd.Series(due)


@pytest.mark.parametrize("case", SIMGRID[::7], ids=NAMES[::7])
def test_trunks_carry_what_is_sent(case):
    result = simulate(*simgrid_jobs(case))
    np.testing.assert_allclose(carried(result), bits_due(result)[carried(result).index], rtol=1e-9, atol=1e-3)
    assert result.trunks.use.max() <= 1 + 1e-9


@each_gear
def test_trunk_use_by_hand(gear):
    # the flows of `test_flows_arrive_and_leave`, stopped at 2.25: the trunk was full all the time, the way back idle
    rows = [("0", "1", 0.0, 12.0), ("0", "1", 1.0, 3.0), ("0", "1", 1.5, 1.0, 1.0)]
    result = simulate(chain(6), flows(rows), gear, horizon=2.25, bin=0.5)
    forward, back = (result.trunks[result.trunks["from"] == end] for end in "01")
    assert forward.use.tolist() == exactly([1.0] * 5)
    assert forward.bits.tolist() == exactly([3.0] * 4 + [1.5])
    assert back.bits.sum() == 0
    assert np.isnan(result.jobs.sent_s).tolist() == [True, False, True]


@each_gear
def test_a_run_cut_short_has_the_same_beginning(gear):
    case = SMALL[3]
    graph, jobs = simgrid_jobs(case)
    stop = float(np.median(case["sent_s"]))
    short, whole = simulate(graph, jobs, gear, horizon=stop).jobs, simulate(graph, jobs, gear).jobs
    early = short.sent_s.notna()
    assert 0 < early.sum() < len(whole)
    assert short.sent_s[early].tolist() == whole.sent_s[early].tolist()


# -- random runs


def random_run(seed, ties=False):
    """A connected graph, pools, and jobs with gangs, data both ways, caps and pins; all numbers differ, or tie."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 8))
    graph = nx.Graph()
    numbers = count()
    for i in range(1, size):
        graph.add_edge(f"n{i}", f"n{rng.integers(i)}", number=next(numbers))
    for _ in range(rng.integers(0, size)):
        a, b = rng.choice(size, 2, replace=False)
        graph.add_edge(f"n{a}", f"n{b}", number=next(numbers))
    for edge in graph.edges.values():
        edge["one_way_ms"] = float(rng.uniform(1, 50))
        edge["capacity_bit_s"] = 4.0 if ties else float(rng.uniform(1, 9))
    hubs = [f"n{i}" for i in range(rng.integers(1, size + 1))]
    pools = {(hub, "cpu"): int(rng.integers(1, 5)) for hub in hubs} | {(hubs[0], "gpu"): int(rng.integers(1, 5))}
    jobs = int(rng.integers(1, 60))
    devices = rng.choice([0, 0, 1, 1, 2, 4], jobs)
    unit = np.ceil if ties else np.asarray
    table = pd.DataFrame(
        {
            "region": [f"n{i}" for i in rng.integers(0, size, jobs)],
            "submit_s": unit(np.cumsum(rng.exponential(rng.choice([0.3, 2.0]), jobs))),
            "devices": devices,
            "work_s": unit(rng.exponential(3, jobs)),
            "input_bit": unit(rng.exponential(5, jobs)) * (rng.random(jobs) < 0.8),
            "output_bit": unit(rng.exponential(5, jobs)) * (rng.random(jobs) < 0.5),
            "wave_bit_s": rng.choice([0.7, 2.0, 3.1, np.inf, np.inf], jobs),
            "hub": [rng.choice(hubs) if n == 0 or rng.random() < 0.2 else None for n in devices],
        }
    )
    options = {
        "pools": pools,
        "devices": {"cpu": {"speed": 1.0}, "gpu": {"speed": 2.0 if ties else 2.3}},
        "background": float(rng.choice([0.0, 0.25 if ties else 0.17])),
        "policy": str(rng.choice(["nearest", "random", "least-response"])),
        "horizon": [None, 30.0][int(rng.random() < 0.2)],
        "seed": seed,
    }
    return graph, table, options


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans())
@settings(max_examples=60)
def test_gears_agree_to_the_last_bit(seed, ties):
    graph, table, options = random_run(seed, ties)
    compiled, python = (simulate(graph, table, gear, **options) for gear in ("compiled", "python"))
    pd.testing.assert_frame_equal(compiled.jobs, python.jobs, check_exact=True)
    pd.testing.assert_frame_equal(compiled.trunks, python.trunks, check_exact=True)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_the_textbook_agrees(seed):
    graph, table, options = random_run(seed)
    compiled, textbook = (simulate(graph, table, gear, **options) for gear in ("compiled", "textbook"))
    pd.testing.assert_frame_equal(compiled.jobs, textbook.jobs, rtol=1e-9, atol=0)
    np.testing.assert_allclose(compiled.trunks.bits, textbook.trunks.bits, rtol=1e-9, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_bits_both_ways_add_up_and_no_trunk_carries_too_much(seed):
    graph, table, options = random_run(seed)
    result = simulate(graph, table, **(options | {"horizon": None}))
    due = bits_due(result)[carried(result).index]
    np.testing.assert_allclose(carried(result), due, rtol=1e-9, atol=1e-9)
    assert not (result.trunks.use > 1 + 1e-9).any()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_sharing_never_beats_having_the_path_alone(seed):
    graph, table, options = random_run(seed)
    options |= {"policy": "nearest", "horizon": None}  # a policy that does not look at the traffic
    alone, shared = (simulate(graph, table, **options, sharing=kind).jobs for kind in ("none", "max-min"))
    assert (shared.status == alone.status).all()
    went = shared.status == "finished"
    assert (shared.sent_s[went] >= alone.sent_s[went] * (1 - 1e-12)).all()


def test_random_runs_do_share():
    """The searches above mean something: many flows are slowed by others, and many jobs send a result."""
    slowed = sent_back = 0
    for seed in range(30):
        graph, table, options = random_run(seed)
        options |= {"policy": "nearest", "horizon": None}
        alone, shared = (simulate(graph, table, **options, sharing=kind).jobs for kind in ("none", "max-min"))
        slowed += int((shared.sent_s > alone.sent_s * (1 + 1e-9)).sum())
        sent_back += int((shared.output_bit > 0).sum())
    assert slowed > 120
    assert sent_back > 200
