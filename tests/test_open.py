"""Finished folders: what `hn.open` gives back is what `simulate` and `study` gave, and what is not whole is refused."""

import json
import shutil

import matplotlib
import pandas as pd
import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app
from hubnet.study.folder import TABLES
from hubnet.study.spreadsheets import harmless

matplotlib.use("Agg")
EVIL = '=cmd|"/C calc"!A0'
SCENARIO = """
hubnet: 1
name: {name}
network:
  regions: {{North: {{at: [65.58, 22.15], weight: 1}}, South: {{at: [59.33, 18.07], weight: 3}}}}
  hubs:
    Lulea: {{at: [65.58, 22.15], pools: {{cpu: 3}}}}
    Gavle: {{at: [60.67, 17.14], pools: {{cpu: 4}}}}
  trunks:
    - {{between: [North, Lulea], capacity: 1 Gbit/s, length: 5 km}}
    - {{between: [Lulea, Gavle], capacity: 1 Gbit/s}}
    - {{between: [Gavle, South], capacity: 1 Gbit/s}}
devices: {{cpu: {{speed: 1, power: 400 W}}}}
clock: {{horizon: 1 h, warmup: 5 min, bin: 10 min}}
seed: 1
fibre: {{layer: optical, sharing: max-min}}
workload:
  classes:
    "{klass}": {{rate: 2 /min, devices: 1, work: {{exponential: {{mean: 1 min}}}}, input: 4 MB}}
    wide: {{rate: 1 /min, devices: 5, work: 10 s}}
policy: {{routing: least-response, queue: fifo}}
allocations: {{as-built: {{}}, more: {{pools: {{Lulea: {{cpu: 5}}, Gavle: {{cpu: 2}}}}}}}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenarios") / "small.yaml"
    path.write_text(SCENARIO.format(name="Small", klass=EVIL.replace('"', '\\"')))
    return path


def hubnet(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture(scope="module")
def folder(file, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "two"
    done = hubnet("run", file, "--replications", "2", "--records", "--csv", "-o", out)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def alone(file, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "one"
    assert hubnet("run", file, "--allocation", "as-built", "-o", out, "--quiet").exit_code == 0
    return out


@pytest.mark.parametrize("table", [*TABLES, "incidents", "transfers"])
def test_tables_are_those_of_the_result(file, folder, table):
    given = hn.study(hn.load(file), replications=2).results["more"][1]
    opened = hn.open(folder).results["more"][1]
    pd.testing.assert_frame_equal(getattr(opened, table), getattr(given, table), check_dtype=False)


def test_jobs_and_measures_are_those_of_the_result(file, folder, alone):
    given = hn.simulate(hn.load(file), allocation="as-built", records=True)
    opened = hn.open(folder).results["as-built"][0]
    pd.testing.assert_frame_equal(opened.jobs, given.jobs, check_dtype=False)
    assert opened.summary() == given.summary()
    assert opened.window == given.window
    assert hn.open(alone).summary() == given.summary()
    with pytest.raises(AttributeError, match="run it with --records"):
        _ = hn.open(alone).jobs


def test_a_study_differs_as_it_did(file, folder):
    given, opened = hn.study(hn.load(file), replications=2), hn.open(folder)
    for measure in ("response_s.mean", "utilization.mean"):
        pd.testing.assert_frame_equal(opened.difference(measure), given.difference(measure))
    assert opened.summary() == json.loads((folder / "summary.json").read_text())
    assert opened.compare().words() == given.compare().words()


def test_rejections_add_up(folder):
    for results in hn.open(folder).results.values():
        for result in results:
            by_class = result.classes.set_index("class")
            found = result.rejections.groupby("class")["jobs"].sum()
            assert found.to_dict() == by_class["rejected"][by_class["rejected"] > 0].to_dict()
    wide = hn.open(folder).results["as-built"][0].rejections
    assert set(wide["reason"]) == {"too-large"}
    assert set(wide["region"]) == {"North", "South"}
    assert "more" in hn.open(folder).results
    assert hn.open(folder).results["more"][0].rejections.empty  # five devices are there


def test_charts_are_drawn_from_a_folder(folder, alone, tmp_path):
    for draw in (hn.plot.utilization, hn.plot.latency, hn.plot.map, hn.plot.trunks):
        assert draw(hn.open(alone)) is not None
    done = hubnet("plot", folder, "map", "compare", "-o", tmp_path)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compare.png", "map-as-built.png", "map-more.png"]
    for ending, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        chart = tmp_path / f"map.{ending}"
        assert hubnet("plot", alone, "map", "-o", chart).exit_code == 0
        assert chart.read_bytes().startswith(start)


@pytest.mark.parametrize(
    "words, said",
    [
        (("plot", "{folder}", "maps"), "there is no chart 'maps'"),
        (("plot", "{folder}", "map", "-o", "x.gif"), "ends in .gif"),
        (("plot", "{folder}", "map", "-o", "x.svg"), "2 charts are asked for"),
        (("plot", "nowhere", "map"), "there is no folder nowhere"),
        (("compare", "nowhere", "{empty}"), "is not a folder of results"),
        (("compare", "{folder}", "{folder}"), "named twice"),
    ],
)
def test_what_is_wrong_is_said(folder, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    done = hubnet(*(word.format(folder=folder, empty=tmp_path / "empty") for word in words))
    assert done.exit_code != 0
    assert said in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def look_at(folder):
    study = hn.open(folder)
    return study.summary(), study.difference("response_s.mean")


@pytest.mark.parametrize("name", ["runs.json", "summary.json", "measures.parquet"])
def test_a_damaged_folder_is_refused(folder, tmp_path, name):
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / name).write_bytes(b"{")
    with pytest.raises(hn.InputError, match="damaged"):
        look_at(broken)
    (broken / name).unlink()
    with pytest.raises(hn.InputError, match="older version, or damaged"):
        look_at(broken)


def test_a_folder_that_is_not_finished_says_how_to_go_on(tmp_path):
    (tmp_path / "week.partial").mkdir()
    for place in ("week", "week.partial"):
        with pytest.raises(hn.InputError, match="--resume"):
            hn.open(tmp_path / place)


def test_folders_are_compared_and_cautions_said(folder, alone):
    done = hubnet("compare", folder, alone, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["allocations"]
    assert list(found) == ["two: as-built", "two: more", "one"]
    assert found["one"] == json.loads((alone / "summary.json").read_text())["allocations"]["as-built"]
    shown = hubnet("compare", folder, alone)
    assert "jobs submitted" in shown.output
    assert max(map(len, shown.stdout.splitlines())) <= 80


# -- CSV


def test_a_spreadsheet_runs_nothing(folder):
    for path in folder.glob("*.csv"):
        whole = pd.read_csv(path, keep_default_na=False, dtype=str)
        assert len(whole) == len(pd.read_parquet(path.with_suffix(".parquet")))
        for name in whole:
            cells = whole[name]
            assert (
                not cells[~cells.str.fullmatch(r"[-+]?[\d.eE+-]*(inf|nan)?")].str.startswith(("=", "+", "-", "@")).any()
            )
    assert f"'{EVIL}" in set(pd.read_csv(folder / "classes.csv")["class"])
    assert len(list(folder.glob("*.csv"))) == len(list(folder.glob("*.parquet")))


@pytest.mark.parametrize(
    "cell, shown",
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("Paris", "Paris"),
        ("贵阳", "贵阳"),
        (-1.5, -1.5),
        (["a", "b"], "a.b"),
    ],
)
def test_harmless(cell, shown):
    assert harmless(cell) == shown


def test_csv_says_the_same_numbers(folder):
    ours = pd.read_csv(folder / "utilization.csv")
    pd.testing.assert_frame_equal(ours, pd.read_parquet(folder / "utilization.parquet"), check_dtype=False)


# -- other folders


def test_a_sweep_and_a_resilience_study_give_their_tables(file, tmp_path):
    vary = "workload.classes.wide.rate=1 /min,2 /min"
    assert hubnet("sweep", file, "--vary", vary, "--workers", "1", "--quiet", "-o", tmp_path / "s").exit_code == 0
    assert set(hn.open(tmp_path / "s")["workload.classes.wide.rate"]) != set()
    words = ("resilience", file, "--hubs", "--workers", "1", "--quiet", "-o", tmp_path / "r")
    assert hubnet(*words).exit_code == 0
    assert "harm" in " ".join(hn.open(tmp_path / "r").columns) or len(hn.open(tmp_path / "r"))
    for place in ("s", "r"):
        done = hubnet("plot", tmp_path / place)
        assert "hn.open gives its table" in str(done.exception)


# -- the first five minutes


def test_new_makes_a_scenario_without_mistakes_that_says_what_to_do_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = hubnet("new", "mine.yaml")
    assert done.exit_code == 0
    assert "hubnet run mine.yaml" in done.stderr
    checked = hubnet("check", "mine.yaml")
    assert checked.exit_code == 0
    assert "no mistakes found" in checked.output
    assert all(len(line) <= 100 for line in (tmp_path / "mine.yaml").read_text().splitlines())
    ran = hubnet("run", "mine.yaml", "--set", "clock.horizon=8 h", "-o", "out")
    assert ran.exit_code == 0, ran.output
    again = hubnet("new", "mine.yaml")
    assert "is there already" in str(again.exception)


def test_version_names_the_parts():
    done = hubnet("--version")
    assert done.stdout.startswith("hubnet ")
    assert "numba" in done.stdout


def test_the_shell_can_complete():
    assert "install-completion" in hubnet("--help").output
