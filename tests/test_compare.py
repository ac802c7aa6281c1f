"""`hubnet compare`: finished folders side by side, and what makes them hard to compare."""

import json
import shutil

import matplotlib
import pandas as pd
import pytest

import hubnet as hn
from hubnet.comparing import Joined, names_of
from hubnet.opening import open_study

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def other(small, hubnet, tmp_path_factory):
    """Of another network, seed and policy: one hub more, and the electricity has a price."""
    text = small.read_text().replace('"$G$": {at', 'Third: {at: [60, 17], pools: {cpu: 2}}\n    "$G$": {at')
    text = text.replace("pools: {cpu: 3}}", "pools: {cpu: 3}, price: 0.35 yuan/kWh}").replace(
        "pools: {cpu: 4}}", "pools: {cpu: 4}, price: 0.35 yuan/kWh}"
    )
    text = text.replace("pools: {cpu: 2}}", "pools: {cpu: 2}, price: 0.35 yuan/kWh}")
    text = text.replace("    - {between: [\"$G$\", South]", "    - {between: [\"$G$\", Third], capacity: 1 Gbit/s}\n"
                        "    - {between: [\"$G$\", South]")  # fmt: skip
    file = tmp_path_factory.mktemp("other") / "other.yaml"
    file.write_text(text)
    out = file.parent / "third"
    words = ("--seed", "2", "--policy", "nearest", "--allocation", "more", "--quiet", "-o", out)
    done = hubnet("run", file, *words)
    assert done.exit_code == 0, (done.output, done.exception)
    return out


def test_measures_are_those_of_the_folders(finished, alone, hubnet):
    done = hubnet("compare", finished, alone, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found["allocations"]) == ["two: [red]as\x1b[31mbuilt[/red]", "two: more", "one"]
    summaries = {name: json.loads((folder / "summary.json").read_text()) for name, folder in
                 (("two", finished), ("one", alone))}  # fmt: skip
    assert found["allocations"]["one"] == summaries["one"]["allocations"]["more"]
    assert found["allocations"]["two: more"] == summaries["two"]["allocations"]["more"]
    assert found["notes"] == ["the numbers of replications differ"]
    assert done.stderr == ""


def test_the_table_is_for_a_terminal(finished, alone, hubnet):
    done = hubnet("compare", finished, alone)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "jobs submitted" in done.stdout
    assert "\x1b" not in done.output  # nobody's name gives orders
    assert "[/red]" in done.stdout  # nor is it markup
    assert done.stderr == "note: the numbers of replications differ\n"
    assert hubnet("compare", finished, alone, "--quiet").stderr == ""


def test_what_differs_is_said(alone, other, hubnet):
    said = hubnet("compare", alone, other).stderr.splitlines()
    assert said == [
        "note: the scenario files differ",
        "note: the seeds differ, so the jobs do",
        "note: the policies differ",
        "note: one does not have cost_yuan, accounts.per_job.cost_yuan, accounts.idle.cost_yuan",
    ]


def test_many_runs_are_shown_in_parts(finished, alone, other, hubnet, tmp_path):
    shutil.copytree(alone, tmp_path / "last", ignore=shutil.ignore_patterns("charts"))
    shown = hubnet("compare", finished, alone, other, tmp_path / "last").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("jobs submitted") == 2  # three runs, and two more
    assert shown.count("continued") == 1
    assert all(name in shown for name in ("two: more", "third", "one", "last"))


def test_hubs_of_all_folders_are_listed(alone, other, hubnet):
    shown = hubnet("compare", alone, other).stdout
    assert [line.split()[0] for line in shown.splitlines()[-3:]] == ["@Lulea", "$G$", "Third"]
    assert shown.splitlines()[-1].split()[1:3] == ["-", "-"]


def test_the_comparison_is_drawn(alone, other, hubnet, tmp_path):
    chart = tmp_path / "c.svg"
    assert hubnet("compare", alone, other, "-o", chart).exit_code == 0
    assert chart.read_bytes().startswith(b"<?xml")


def test_the_chart_speaks_of_all_folders(finished, other):
    joined = Joined({"two": hn.open(finished), "third": open_study(other)})
    figure = hn.plot.compare(joined)
    title = figure.get_suptitle()
    assert "1 to 2 replications" in title
    hubs = [label.get_text().replace("\\", "") for label in figure.axes[0].get_yticklabels()]
    assert set(hubs) == {"@Lulea", "$G$", "Third"}


def test_one_folder_is_shown_alone(finished, hubnet):
    shown = hubnet("compare", finished).stdout
    jobs = pd.read_parquet(finished / "classes.parquet").groupby("allocation")["submitted"].sum() / 2
    assert f"{jobs['more']:.0f}" in next(line for line in shown.splitlines() if line.startswith("jobs submitted"))


@pytest.mark.parametrize(
    "words, said",
    [
        (("nowhere", "{empty}"), ["there is no folder nowhere", "is not a folder of results"]),
        (("{alone}", "{alone}"), ["named twice"]),
        (("{alone}", "-o", "x.gif"), ["ends in .gif"]),
        (("{alone}", "-o", "x"), ["not the name of a file"]),
        (("{alone}", "-o", "{alone}/manifest.json/x.svg"), ["cannot write"]),
    ],
)
def test_what_is_wrong_is_said(alone, hubnet, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    done = hubnet("compare", *(word.format(alone=alone, empty=tmp_path / "empty") for word in words))
    assert isinstance(done.exception, hn.InputError)
    for part in said:
        assert part in str(done.exception)
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_folders_of_sweeps_are_refused(small, hubnet, tmp_path):
    vary = ("--vary", "workload.classes.wide.rate=1 /min,2 /min", "--allocation", "more")
    assert hubnet("sweep", small, *vary, "--workers", "1", "--quiet", "-o", tmp_path / "s").exit_code == 0
    assert "is of `hubnet sweep`" in str(hubnet("compare", tmp_path / "s").exception)


def test_folders_are_named_by_what_tells_them_apart(tmp_path):
    a, b, c = tmp_path / "a" / "out", tmp_path / "b" / "out", tmp_path / "c"
    assert names_of([a, b, c]) == ["a/out", "b/out", f"{tmp_path.name}/c"]
    assert names_of([a, c]) == ["out", "c"]
