"""Finished folders: what `hn.open` gives back is what `simulate` and `study` gave, and what is not whole is refused."""

import copy
import json
import pickle
import shutil

import matplotlib
import numpy as np
import pandas as pd
import pytest

import hubnet as hn
from hubnet.study.folder import FORMAT, TABLES

matplotlib.use("Agg")
FIRST = "[red]as\x1b[31mbuilt[/red]"


@pytest.fixture(scope="module")
def given(small):
    """What the folder was written from, simulated again."""
    return hn.study(hn.load(small), replications=2)


@pytest.mark.parametrize("table", [*TABLES, "incidents"])
def test_tables_are_those_of_the_result(given, finished, table):
    opened = hn.open(finished).results["more"][1]
    expected = getattr(given.results["more"][1], table)
    pd.testing.assert_frame_equal(getattr(opened, table), expected, check_dtype=False)


def test_jobs_and_measures_are_those_of_the_result(small, finished, alone):
    given = hn.simulate(hn.load(small), allocation="more", records=True)
    opened = hn.open(finished).results["more"][0]
    pd.testing.assert_frame_equal(opened.jobs, given.jobs, check_dtype=False)
    assert opened.summary() == given.summary()
    assert (opened.window, opened.name, opened.gear) == (given.window, given.name, given.gear)
    assert hn.open(alone).summary() == given.summary()
    assert not hasattr(hn.open(alone), "jobs")
    with pytest.raises(AttributeError, match="run it with --records"):
        _ = hn.open(alone).jobs


def test_a_study_says_what_it_said(given, finished):
    opened = hn.open(finished)
    for measure in ("response_s.mean", "utilization.mean"):
        pd.testing.assert_frame_equal(opened.difference(measure), given.difference(measure))
    assert opened.summary() == given.summary() == json.loads((finished / "summary.json").read_text())
    assert opened.compare("utilization.mean").words() == given.compare("utilization.mean").words()
    assert opened.checked() == given.checked()
    assert opened.failed_checks() == given.failed_checks()
    assert opened.doubts()[:1] == given.doubts()[:1]


def test_the_network_is_there_for_maps(given, finished):
    ours, theirs = (study.results["more"][0].network.graph for study in (hn.open(finished), given))
    assert dict(ours.nodes(data=True)) == dict(theirs.nodes(data=True))
    assert {frozenset(ends): data for *ends, data in ours.edges(data=True)} == {
        frozenset(ends): data for *ends, data in theirs.edges(data=True)
    }


@pytest.mark.parametrize("chart", ["utilization", "latency", "map", "trunks", "trunks_over_time", "incidents", "heat"])
def test_charts_are_the_same_pictures(given, finished, chart):
    draw = getattr(hn.plot, chart)
    pictures = [_pixels(draw(study.results["more"][0])) for study in (given, hn.open(finished))]
    assert np.array_equal(*pictures)


@pytest.mark.parametrize("chart", ["compare", "accounts"])
def test_charts_of_studies_are_the_same_pictures(given, finished, chart):
    assert np.array_equal(*(_pixels(getattr(hn.plot, chart)(study)) for study in (given, hn.open(finished))))


def _pixels(drawn):
    figure = drawn if hasattr(drawn, "canvas") and hasattr(drawn, "savefig") else drawn.get_figure(root=True)
    figure.set_dpi(40)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def test_what_was_run_is_known(small, finished, alone):
    for opened in (hn.open(finished), hn.open(alone)):
        assert opened.manifest["scenario"] == small.read_text()
        assert opened.manifest["format"] == FORMAT
    again = hn.scenario_of(finished)
    assert again.name == "Small $x_1$ [bold]"
    assert again.allocations == (FIRST, "more")
    result = hn.simulate(again, allocation="more")
    pd.testing.assert_frame_equal(result.utilization, hn.open(alone).utilization, check_dtype=False)


def test_settings_are_part_of_what_was_run(small, hubnet, tmp_path):
    words = ("--set", "clock.horizon=20 min", "--allocation", "more", "--quiet", "-o", tmp_path / "short")
    assert hubnet("run", small, *words).exit_code == 0
    assert hn.scenario_of(tmp_path / "short").spec.clock.horizon == 1200


def test_an_opened_result_is_a_good_citizen(alone):
    opened = hn.open(alone)
    assert {"pools", "rejections", "summary"} <= set(dir(opened))
    assert "Small" in repr(opened)
    for other in (copy.copy(opened), pickle.loads(pickle.dumps(opened))):
        pd.testing.assert_frame_equal(other.od, opened.od)
    with pytest.raises(AttributeError, match="no 'checks'"):
        _ = opened.checks


def test_rejections_add_up(finished):
    for results in hn.open(finished).results.values():
        for result in results:
            by_class = result.classes.set_index("class")
            found = result.rejections.groupby("class")["jobs"].sum()
            assert found.to_dict() == by_class["rejected"][by_class["rejected"] > 0].to_dict()
    wide = hn.open(finished).results[FIRST][0].rejections
    assert list(wide.columns) == ["reason", "class", "region", "jobs"]
    assert set(wide["reason"]) == {"too-large"}
    assert set(wide["class"]) == {"wide"}
    assert set(wide["region"]) == {"=North", "South"}
    assert hn.open(finished).results["more"][0].rejections.empty  # five devices are there


def test_rejections_are_shown(small, hubnet, tmp_path):
    done = hubnet("run", small, "-o", tmp_path / "out")
    words = " ".join(done.stdout.split())
    assert "jobs were rejected" in words
    assert "too-large, wide from South" in words


# -- folders that are not whole


def look_at(folder):
    study = hn.open(folder)
    return study.summary(), study.difference("response_s.mean"), study.results["more"][0].pools


@pytest.mark.parametrize("name", ["runs.json", "summary.json", "manifest.json", "measures.parquet", "pools.parquet"])
@pytest.mark.parametrize("content", [b"{", b"", b"[]", b"\xff\xfe"])
def test_a_damaged_folder_is_refused(finished, tmp_path, name, content):
    broken = tmp_path / "broken"
    shutil.copytree(finished, broken, ignore=shutil.ignore_patterns("charts", "*.csv", "jobs*"))
    (broken / name).write_bytes(content)
    with pytest.raises(hn.InputError, match=f"{name} is damaged") as caught:
        look_at(broken)
    assert caught.value.problems[0].hint


@pytest.mark.parametrize("change", [{"more": {}}, {"more": None}, {"more": {"graph": {}}}])
def test_a_list_of_runs_that_lacks_something_is_damaged(finished, tmp_path, change):
    broken = tmp_path / "broken"
    shutil.copytree(finished, broken, ignore=shutil.ignore_patterns("charts", "*.csv", "jobs*"))
    runs = json.loads((broken / "runs.json").read_text())
    for words in (runs | change, {}):
        (broken / "runs.json").write_text(json.dumps(words))
        with pytest.raises(hn.InputError, match=r"runs.json is damaged"):
            hn.open(broken)


@pytest.mark.parametrize("name", ["runs.json", "summary.json", "measures.parquet"])
def test_a_folder_that_lacks_a_file_is_refused(finished, tmp_path, name):
    broken = tmp_path / "broken"
    shutil.copytree(finished, broken, ignore=shutil.ignore_patterns("charts", "*.csv", "jobs*"))
    (broken / name).unlink()
    with pytest.raises(hn.InputError, match="older version, or damaged"):
        look_at(broken)


def test_a_folder_of_a_later_version_is_refused(finished, tmp_path):
    later = tmp_path / "later"
    shutil.copytree(finished, later, ignore=shutil.ignore_patterns("charts"))
    manifest = json.loads((later / "manifest.json").read_text())
    (later / "manifest.json").write_text(json.dumps(manifest | {"format": FORMAT + 1}))
    with pytest.raises(hn.InputError, match="a later version of hubnet") as caught:
        hn.open(later)
    assert "newer hubnet" in caught.value.problems[0].hint
    manifest.pop("format")  # as it was before there were formats
    (later / "manifest.json").write_text(json.dumps(manifest))
    hn.open(later)


def test_a_folder_that_is_not_finished_says_how_to_go_on(tmp_path):
    (tmp_path / "week.partial").mkdir()
    for place in ("week", "week.partial"):
        with pytest.raises(hn.InputError, match="--resume"):
            hn.open(tmp_path / place)


def test_what_is_no_folder_of_results_is_told_apart(finished, tmp_path):
    (tmp_path / "file").write_text("")
    cases = ((tmp_path / "file", "is a file"), (tmp_path, "is not a folder of results"), ("no-where", "no folder"))
    for place, words in cases:
        with pytest.raises(hn.InputError, match=words):
            hn.open(place)
    with pytest.raises(hn.InputError) as caught:
        hn.open(finished.parent)
    assert str(finished) in caught.value.problems[0].hint


# -- folders of other commands


def test_a_sweep_gives_its_table(small, hubnet, tmp_path):
    vary = "workload.classes.wide.rate=1 /min,2 /min"
    done = hubnet("sweep", small, "--vary", vary, "--workers", "1", "--csv", "--quiet", "-o", tmp_path / "s")
    assert done.exit_code == 0, done.output
    table = hn.open(tmp_path / "s")
    given = hn.sweep(hn.load(small), {"workload.classes.wide.rate": "1 /min,2 /min"})
    pd.testing.assert_frame_equal(table, given, check_dtype=False)
    assert table.attrs == given.attrs
    assert hn.plot.sweep_lines(table, "workload.classes.wide.rate") is not None
    assert len(pd.read_csv(tmp_path / "s" / "study.csv")) == len(table)
    (tmp_path / "s" / "study.parquet").write_bytes(b"PAR1")
    with pytest.raises(hn.InputError, match=r"study.parquet is damaged"):
        hn.open(tmp_path / "s")


def test_single_failures_give_their_table(small, hubnet, tmp_path):
    words = ("resilience", small, "--hubs", "--workers", "1", "--csv", "--quiet", "-o", tmp_path / "r")
    done = hubnet(*words)
    assert done.exit_code == 0, done.output
    table, given = hn.open(tmp_path / "r"), hn.resilience(hn.load(small), kinds=["hub"])
    pd.testing.assert_frame_equal(table, given, check_dtype=False)
    assert table.attrs == given.attrs
    assert hn.plot.resilience_map(table, hn.scenario_of(tmp_path / "r").network()) is not None
    assert len(pd.read_csv(tmp_path / "r" / "failures.csv")) == len(table)


def test_a_study_by_year_is_what_growth_gives(hubnet, tmp_path):
    file = tmp_path / "grow.yaml"
    file.write_text(GROWING)
    done = hubnet("run", file, "--workers", "1", "--csv", "-o", tmp_path / "g")
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[-1] == f"Next: hubnet run {file} --year 2026"
    opened, given = hn.open(tmp_path / "g"), hn.growth(hn.load(file))
    for table in ("table", "kept", "breaks"):
        pd.testing.assert_frame_equal(getattr(opened, table), getattr(given, table), check_dtype=False)
    assert opened.summary() == given.summary()
    assert hn.plot.growth(opened) is not None
    manifest = json.loads((tmp_path / "g" / "manifest.json").read_text())
    without = manifest | {"scenario": "network: of-a-file-that-is-elsewhere.graphml"}
    (tmp_path / "g" / "manifest.json").write_text(json.dumps(without))
    assert hn.open(tmp_path / "g").summary() == given.summary()
    (tmp_path / "g" / "manifest.json").write_text(json.dumps(manifest))
    assert {"study.csv", "promises.csv"} <= {path.name for path in (tmp_path / "g").iterdir()}
    drawn = hubnet("plot", tmp_path / "g", "-o", tmp_path / "again").stdout.split()
    assert [path.rpartition("/")[2] for path in drawn] == ["lines.png", "promises.png"]
    assert "by year" in str(hubnet("compare", tmp_path / "g").exception)


GROWING = """
hubnet: 1
name: Growing
years: [2025, 2026]
growth: {demand: 60 %/yr}
promises: {load: 90 %, deadline_met: 95 %}
network:
  regions: {A: {at: [60, 17], weight: 1}}
  hubs: {B: {at: [61, 17], pools: {cpu: 4}}}
  trunks: [{between: [A, B], capacity: 1 Gbit/s}]
devices: {cpu: {speed: 1}}
clock: {horizon: 1 h}
workload: {classes: {web: {rate: 2 /min, devices: 1, work: {exponential: {mean: 1 min}}, deadline: 5 min}}}
allocations: {as-built: {}}
"""
