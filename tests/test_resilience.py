"""Single failures: their harm by hand, on rings and trees; and the same table wherever and however they are played."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import hubnet as hn
from hubnet import workers
from hubnet.resilience_plan import plan_failures
from hubnet.resilience_run import ResilienceOptions, run_resilience
from hubnet.show import failures
from hubnet.study.resilience import HARM, harm_table, primary, read_resilience
from hubnet.sweep_plan import play_plan

ROOT = Path(__file__).parent.parent
SCENARIO = ROOT / "scenarios" / "two-hubs.yaml"
SMALL = ["clock.horizon=20 min", "clock.warmup=1 min"]


def world(folder, trunks, jobs, hubs=None, allocations=None):
    """A scenario with jobs of a table, (region, submit s, devices, work s) each, and 100 km per trunk unless told."""
    cities = dict.fromkeys(city for trunk in trunks for city in trunk[:2])
    hubs = hubs or {"H": {"cpu": 100}}
    regions = sorted({job[0] for job in jobs})
    at = {city: f"[{50 + index}, 10]" for index, city in enumerate(cities)}
    lines = ["hubnet: 1", "name: By hand", "clock: {horizon: 1000 s, warmup: 0 s}", "network:"]
    lines += ["  regions:", *(f"    {name}: {{at: {at[name]}}}" for name in regions)]
    lines += ["  hubs:", *(f"    {hub}: {{at: {at[hub]}, pools: {json.dumps(pools)}}}" for hub, pools in hubs.items())]
    others = [city for city in cities if city not in regions and city not in hubs]
    lines += ["  exchanges:", *(f"    {city}: {{at: {at[city]}}}" for city in others)] if others else []
    lines += ["  trunks:"]
    lines += [
        f"    - {{between: [{a}, {b}], capacity: 1 Gbit/s, length: {km[0] if km else 100} km}}" for a, b, *km in trunks
    ]
    lines += ["devices: {cpu: {speed: 1}, gpu: {speed: 1}}", f"allocations: {json.dumps(allocations or {'plain': {}})}"]
    lines += ["workload:", "  trace: jobs.csv", "  map:"]
    lines += [
        "    submit: {column: at, unit: s}",
        "    devices: n",
        "    work: {column: work, unit: s}",
        "    site: site",
        "    deadline: {column: due, unit: s}",
    ]
    lines += [f"  regions: {json.dumps({name: name for name in regions})}"]
    (folder / "s.yaml").write_text("\n".join(lines) + "\n")
    table = [f"{at},{site},{n},{work},60" for site, at, n, work in sorted(jobs, key=lambda job: job[1])]
    (folder / "jobs.csv").write_text("\n".join(["at,site,n,work,due", *table]) + "\n")
    return hn.load(folder / "s.yaml")


def of(table, allocation):
    return table[table["allocation"] == allocation].reset_index(drop=True)


def row(table, failure):
    return table[table["failure"] == failure].iloc[0]


STAR = [("A", "H"), ("B", "H"), ("C", "H"), ("D", "H")]
STAR_JOBS = [("A", 0, 1, 10)] + [
    (name, 600 + i, 1, 10) for name, n in zip("ABCD", (2, 4, 1, 3), strict=True) for i in range(n)
]


def test_four_trunks_by_hand(tmp_path):
    # Each region has a trunk of its own, and 2, 4, 1, 3 of 10 jobs; one more job comes at 0. While its trunk is cut,
    # from 500 to 800 s, jobs stand still: a job of time 600 + i then takes 200 - i s longer, and misses its 60 s.
    table = hn.resilience(world(tmp_path, STAR, STAR_JOBS), kinds=["trunk"], at="500 s", lasting="5 min")
    assert table["failure"].tolist() == ["B-H", "D-H", "A-H", "C-H"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["deadlines_missed"].tolist() == [4, 3, 2, 1]
    assert table["unfinished"].tolist() == [0, 0, 0, 0]
    added = [sum(200 - i for i in range(n)) / 11 for n in (4, 3, 2, 1)]
    assert table["response_mean_s"].tolist() == pytest.approx(added, rel=1e-9)
    assert table["pairs_cut_off"].tolist() == [1, 1, 1, 1]
    assert table["detour_ms"].tolist() == [0, 0, 0, 0]
    assert not table["harmless"].any()
    assert table.attrs["baseline"]["plain"]["deadlines_missed"] == 0
    assert (table.attrs["at_s"], table.attrs["lasting_s"]) == (500, 300)


def test_a_cut_to_the_end_leaves_its_jobs_open(tmp_path):
    table = hn.resilience(world(tmp_path, STAR, STAR_JOBS), kinds=["trunk"])
    assert table.attrs["at_s"] == 500  # the middle of what is measured
    assert table["unfinished"].tolist() == [4, 3, 2, 1]
    assert table["response_mean_s"].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-9)  # of those that finish
    assert table["response_p95_s"].iloc[0] > 0  # open jobs count as infinitely long


def test_harm_of_several_replications_is_their_mean_and_ranks_say_how_sure_they_are(scenario):
    """Each replication alone is a study of failures with its own jobs; every table has the same failures."""
    many = of(hn.resilience(scenario, kinds=["trunk"], replications=3), "as-built")
    todo = plan_failures(scenario, ["trunk"], None, None, ("as-built",), None, print, 3)
    done = play_plan(todo.plan, ThreadPoolExecutor(1))
    alone = []
    for number in range(3):
        runs = [done[run.key] for run in todo.plan.runs if run.replication == number]
        alone.append(harm_table(todo.failures, {"as-built": [runs]}, {}).set_index("failure"))
    for _, found in many.iterrows():
        each = [table.loc[found["failure"]] for table in alone]
        assert found["response_mean_s"] == pytest.approx(sum(one["response_mean_s"] for one in each) / 3)
        assert found["rank_best"] == min(one["rank_best"] for one in each)
        assert found["rank_worst"] == max(one["rank_worst"] for one in each)
    assert many["rank"].tolist() == list(range(1, len(many) + 1))
    assert len({table["response_mean_s"].iloc[0] for table in alone}) == 3  # other jobs


def test_equal_failures_share_a_rank_in_single_replications(tmp_path):
    jobs = [(name, 600, 1, 10) for name in "ABCD"]
    table = hn.resilience(world(tmp_path, STAR, jobs), kinds=["trunk"], at="500 s", lasting="5 min")
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert (table["rank_best"].tolist(), table["rank_worst"].tolist()) == ([1] * 4, [4] * 4)


def test_what_fails_after_the_last_job_does_no_harm(tmp_path):
    late = hn.resilience(world(tmp_path, STAR, STAR_JOBS), kinds=["hub", "type"], at="900 s")
    assert late["harmless"].all()
    assert (late[list(HARM)] == 0).all().all()
    assert late["failure"].tolist() == ["H", "cpu"]  # equals stay in order


RING = [("R", "X", 100), ("X", "H", 100), ("H", "Y", 200), ("Y", "R", 200)]


def test_no_single_cut_disconnects_a_ring(tmp_path):
    # 200 km lead from R to H over X, 400 km over Y: 200 km x 4.9 us more
    table = hn.resilience(world(tmp_path, RING, [("R", 0, 1, 10), ("R", 600, 1, 10)]), kinds=["trunk"])
    assert (table["pairs_cut_off"] == 0).all()
    used = table[table["failure"].isin(["R-X", "X-H"])]
    assert used["detour_ms"].tolist() == pytest.approx([0.98, 0.98])
    assert used["one_way_ms"].tolist() == pytest.approx([0.98 / 2] * 2)  # one of two jobs takes the longer way,
    assert used["response_mean_s"].tolist() == pytest.approx([0.98e-3] * 2)  # there and back
    assert used["rank"].tolist() == [1, 2]
    assert table[~table["failure"].isin(["R-X", "X-H"])]["harmless"].all()


def test_every_cut_disconnects_a_tree(tmp_path):
    # A - X - H, B - X: the trunk to the hub cuts off both regions
    tree = [("A", "X"), ("B", "X"), ("X", "H")]
    table = hn.resilience(world(tmp_path, tree, [("A", 600, 1, 10), ("B", 600, 1, 10)]), kinds=["trunk"])
    found = dict(zip(table["failure"], table["pairs_cut_off"], strict=True))
    assert found == {"A-X": 1, "B-X": 1, "X-H": 2}


def test_hubs_and_types_by_hand(tmp_path):
    # H has 2 cpu and 1 gpu, G has 2 cpu. Jobs of 2 devices start at once in the hubs that their regions are at: one on
    # G's cpu at 450, one on H's at 480, each for 100 s. They are stopped at 500 and have nowhere else to run: no other
    # pool is free for two within the horizon, as both hubs' cpu is gone, and gpu is too small.
    hubs = {"G": {"cpu": 2}, "H": {"cpu": 2, "gpu": 1}}
    jobs = [("G", 0, 1, 10), ("G", 450, 2, 100), ("H", 480, 2, 100)]
    table = hn.resilience(world(tmp_path, [("G", "H")], jobs, hubs), kinds=["hub", "type"], at="500 s")
    cpu = row(table, "cpu")
    assert cpu["rank"] == 1
    assert cpu["work_lost_device_s"] == pytest.approx(2 * 50 + 2 * 20)
    assert cpu["unfinished"] == 2
    assert row(table, "G")["work_lost_device_s"] == pytest.approx(2 * 50)
    assert row(table, "H")["work_lost_device_s"] == pytest.approx(2 * 20)
    assert row(table, "gpu")["harmless"]


def test_a_type_is_lost_in_the_pools_of_every_allocation(tmp_path):
    hubs = {"G": {"cpu": 1}, "H": {"gpu": 1}}
    allocations = {"one": {}, "other": {"pools": {"H": {"cpu": 2, "gpu": 0}}}}
    jobs = [("G", 0, 1, 10), ("G", 600, 1, 50), ("G", 610, 1, 50)]
    table = hn.resilience(world(tmp_path, [("G", "H")], jobs, hubs, allocations), kinds=["type"], at="500 s")
    found = {(one.allocation, one.failure): one.unfinished for one in table.itertuples()}
    assert found == {("one", "cpu"): 0, ("one", "gpu"): 0, ("other", "cpu"): 2, ("other", "gpu"): 0}


def plain_values(scenario, name):
    result = hn.simulate(scenario, allocation=name)
    return {".".join(path): value.value for path, value in result.measures.items()}


@pytest.fixture(scope="module")
def scenario():
    return hn.load(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def table(scenario):
    return hn.resilience(scenario, kinds=["trunk", "hub"], at="10 min")


def test_the_baseline_is_a_plain_run(scenario):
    todo = plan_failures(scenario, ["hub"], "10 min", None, [], None, lambda text: None)
    done = play_plan(todo.plan, workers.Here())
    for run in todo.plan.runs[:2]:
        expected = plain_values(scenario, run.allocation)
        assert dict(zip(done[run.key].names, done[run.key].values, strict=True)) == expected


def test_a_failure_comes_on_top_of_the_scenarios_own_incidents():
    own = {"at": "5 min", "lasting": "1 min", "cut": ["Gavle", "South"]}
    base = hn.load(SCENARIO, [*SMALL, f"incidents=[{json.dumps(own)}]"])
    table = hn.resilience(base, kinds=["hub"], at="10 min", allocations="as-built")
    outage = {"at": "10 min", "outage": "Lulea"}
    both = hn.load(SCENARIO, [*SMALL, f"incidents={json.dumps([own, outage])}"])
    before, after = plain_values(base, "as-built"), plain_values(both, "as-built")
    assert before["incidents.count"] == 1
    assert before["incidents.pairs_cut_off"] > 0
    lulea = row(table, "Lulea")
    for column, measure in (("deadlines_missed", "deadlines_missed"), ("response_mean_s", "response_s.mean")):
        assert lulea[column] == after[measure] - before[measure]
    assert lulea["pairs_cut_off"] == 0  # those of the scenario's own cut are in both


def test_a_warmup_to_be_found_is_found_once_without_failures():
    auto = hn.load(SCENARIO, ["clock.horizon=20 min", "clock.warmup=auto"])
    said = []
    table = hn.resilience(auto, kinds=["type"], at="15 min", allocations="as-built", say=said.append)
    study = hn.study(auto, allocations="as-built", say=lambda text: None)
    value = study.results["as-built"][0].measures["response_s", "mean"].value
    assert table.attrs["baseline"]["as-built"]["response_mean_s"] == value
    assert any("warm-up" in text for text in said)


def test_any_executor_gives_the_same(scenario, table):
    with ThreadPoolExecutor(2) as threads:
        again = hn.resilience(scenario, kinds=["trunk", "hub"], at="10 min", executor=threads)
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def hubnet(*words):
    settings = [word for setting in SMALL for word in ("--set", setting)]
    command = [sys.executable, "-m", "hubnet", "resilience", str(SCENARIO), *settings, *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_the_command_writes_the_same_table_from_two_processes(table, tmp_path):
    target = tmp_path / "out"
    words = ["--trunks", "--hubs", "--at", "10 min", "--allocation", "north", "-o", target]
    done = hubnet(*words, "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert "points: 7, runs: 7" in done.stderr
    assert "failures did no harm" in done.stdout
    found = read_resilience(target)
    pd.testing.assert_frame_equal(found, of(table, "north"), check_exact=True)
    assert found.attrs["baseline"] == {"north": table.attrs["baseline"]["north"]}
    summary = json.loads((target / "summary.json").read_text())
    assert summary["allocations"]["north"]["worst"][0]["failure"] == of(table, "north")["failure"][0]
    manifest = json.loads((target / "manifest.json").read_text())
    assert (manifest["runs"], manifest["failures"], manifest["kinds"]) == (7, 6, ["trunk", "hub"])
    charts = {path.name for path in (target / "charts").iterdir()}
    assert charts == {"failures-north.png", "critical-north.png"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    again = hubnet(*words, "--resume", "--json")
    assert json.loads(again.stdout) == summary
    assert again.stderr == ""


def test_what_is_stopped_goes_on(table, tmp_path, monkeypatch, capsys):
    words = {"kinds": ("trunk", "hub"), "at": "10 min", "settings": tuple(SMALL), "allocations": ("north",)}
    words |= {"workers": 1, "folder": tmp_path / "out"}
    played, real = [], workers.play

    def play(task):
        if len(played) == 5:
            raise KeyboardInterrupt
        played.append(task)
        return real(task)

    monkeypatch.setattr(failures, "save_resilience", lambda *_: [])
    monkeypatch.setattr(workers, "play", play)
    with pytest.raises(KeyboardInterrupt):
        run_resilience(SCENARIO, ResilienceOptions(**words))
    assert "5 finished runs are kept" in capsys.readouterr().err
    monkeypatch.setattr(workers, "play", real)
    with pytest.raises(hn.InputError, match="5 finished runs of this study of failures"):
        run_resilience(SCENARIO, ResilienceOptions(**words))
    run_resilience(SCENARIO, ResilienceOptions(**words, resume=True))
    pd.testing.assert_frame_equal(read_resilience(tmp_path / "out"), of(table, "north"), check_exact=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["resumed_runs"] == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"allocations": ("south",)}, "no allocation 'south'"),
        ({"at": "20 min"}, "--at: "),
        ({"at": "10"}, "has no unit"),
        ({"lasting": "0 s"}, "--lasting: "),
        ({"settings": ("clock.horizon=null",)}, "horizon"),
        ({"workers": 2, "cluster": "x"}, "leave one of them out"),
    ],
)
def test_bad_input_is_told(options, message, tmp_path):
    with pytest.raises(hn.InputError, match=message):
        run_resilience(SCENARIO, ResilienceOptions(**{"settings": tuple(SMALL), "folder": tmp_path / "out", **options}))
    assert list(tmp_path.iterdir()) == []


def test_bad_input_ends_the_command_with_2(tmp_path):
    done = hubnet("--at", "20 min", "--lasting", "0 s", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.count("has to be") == 2
    assert "Traceback" not in done.stderr


def test_bad_input_is_told_in_python(scenario):
    for options, message in (({"kinds": ["cable"]}, "no kind 'cable'"), ({"workers": 0}, "workers=0")):
        with pytest.raises(hn.InputError, match=message):
            hn.resilience(scenario, **options)


def test_the_charts_show_what_the_table_says(table, scenario):
    ax = hn.plot.resilience_map(table, scenario.network(), "north")
    trunks = table[(table["allocation"] == "north") & (table["kind"] == "trunk")]
    (drawn,) = (one for one in ax.collections if one.get_array() is not None)
    values = trunks[primary(trunks)]
    assert sorted(drawn.get_array()) == sorted(values[values > 0])
    widths = dict(zip(drawn.get_array(), drawn.get_linewidths(), strict=True))
    assert widths[max(widths)] == max(widths.values())
    ranks = {entry.get_text() for entry in ax.texts}
    assert ranks == {str(rank) for rank in trunks[~trunks["harmless"]]["rank"]}
    bars = hn.plot.resilience_bars(table, "north")
    names = [label.get_text() for part in bars.subfigs for label in part.axes[0].get_yticklabels()]
    worst = table[(table["allocation"] == "north") & ~table["harmless"]]
    assert sorted(names) == sorted(f"{one.rank}. {one.failure}" for one in worst.itertuples())


def test_charts_without_any_harm(tmp_path):
    made = world(tmp_path, STAR, STAR_JOBS)
    late = hn.resilience(made, at="900 s")
    for chart in (hn.plot.resilience_bars(late), hn.plot.resilience_map(late, made.network()).figure):
        chart.savefig(tmp_path / "chart.png")
