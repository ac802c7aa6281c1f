"""`hubnet plot`: which files it draws, in which format, and what it refuses."""

import os

import matplotlib
import matplotlib.image
import pytest

import hubnet as hn
from hubnet.text import plain

matplotlib.use("Agg")
STARTS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


def test_all_charts_are_those_that_the_run_drew(finished, hubnet, tmp_path):
    done = hubnet("plot", finished, "-o", tmp_path)
    assert done.exit_code == 0, done.output
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == sorted(path.name for path in (finished / "charts").iterdir())
    assert sorted(line.rpartition("/")[2] for line in done.stdout.splitlines()) == drawn
    for name in ("compare.png", "map-more.png"):  # the same picture, as the network and the note below are the same
        ours, theirs = (matplotlib.image.imread(folder / name) for folder in (tmp_path, finished / "charts"))
        assert ours.shape == theirs.shape
        assert abs(ours - theirs).max() == 0


def test_charts_by_name_go_beside_the_others(alone, hubnet):
    before = os.stat(alone / "charts" / "map-more.png").st_mtime_ns
    done = hubnet("plot", alone, "map", "map", "--quiet")
    assert done.stdout.split() == [str(alone / "charts" / "map-more.png")]
    assert done.stderr == ""
    assert os.stat(alone / "charts" / "map-more.png").st_mtime_ns > before


@pytest.mark.parametrize("ending", ["svg", "pdf", "png", "PNG"])
def test_the_ending_says_the_format(alone, finished, hubnet, tmp_path, ending):
    chart = tmp_path / f"chart.{ending}"
    assert hubnet("plot", alone, "latency", "-o", chart).exit_code == 0
    assert chart.read_bytes().startswith(STARTS[ending.lower()])
    assert hubnet("plot", finished, "widths", "--allocation", "more", "-o", chart).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [chart.name], "drafts are left behind"


def test_one_file_gets_the_chart_of_the_first_allocation_and_says_so(finished, hubnet, tmp_path):
    first, more = hn.open(finished).results
    done = hubnet("plot", finished, "map", "-o", tmp_path / "map.svg")
    assert done.exit_code == 0
    assert plain(f"map: of {first}; --allocation chooses another: {first}, {more}") in done.stderr
    hubnet("plot", finished, "map", "--allocation", first, "-o", tmp_path / "same.png")
    hubnet("plot", finished, "map", "-o", tmp_path / "map.png")
    assert (tmp_path / "same.png").read_bytes() == (tmp_path / "map.png").read_bytes()


def test_what_is_next_is_said(alone, hubnet, tmp_path):
    said = hubnet("plot", alone, "map", "-o", tmp_path).stderr
    assert said == f"Next: hubnet compare {alone} DIR\n"


@pytest.mark.parametrize(
    "words, said",
    [
        (("{finished}", "maps"), ["has no chart 'maps'", 'did you mean "map"']),
        (("{finished}", "map", "-o", "x.gif"), ["ends in .gif", "png, svg, pdf"]),
        (("{finished}", "map", "heat", "-o", "x.svg"), ["4 charts are asked for", "name one of them"]),
        (("{finished}", "map", "--allocation", "mor"), ["has no allocation 'mor'", "more"]),
        (("{alone}", "compare"), ["has no chart 'compare'"]),
        (("{finished}", "maps", "--allocation", "mor", "-o", "x.gif"), ["'maps'", "'mor'", ".gif"]),
        (("nowhere", "map"), ["there is no folder nowhere"]),
        (("{alone}", "map", "-o", "{alone}/manifest.json/x.png"), ["cannot write"]),
        (("{alone}", "map", "-o", "{alone}/manifest.json/x"), ["cannot write"]),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(finished, alone, hubnet, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = hubnet("plot", *(word.format(finished=finished, alone=alone) for word in words))
    assert isinstance(done.exception, hn.InputError)
    for part in said:
        assert part in str(done.exception)
    assert not any(tmp_path.iterdir())


def test_folders_of_other_commands_have_charts_too(small, hubnet, tmp_path):
    vary = "workload.classes.wide.rate=1 /min,2 /min"
    runs = {
        "sweep": (("sweep", small, "--vary", vary), ["lines.png"]),
        "harm": (("resilience", small, "--hubs", "--allocation", "more"), ["critical-more.png", "failures-more.png"]),
    }
    for name, (words, charts) in runs.items():
        folder = tmp_path / name
        assert hubnet(*words, "--workers", "1", "--quiet", "-o", folder).exit_code == 0
        assert sorted(path.name for path in (folder / "charts").iterdir()) == charts
        done = hubnet("plot", folder, "-o", tmp_path / "again")
        assert sorted(line.rpartition("/")[2] for line in done.stdout.splitlines()) == charts
        assert "compare" not in done.stderr  # it has no runs of one's own to compare
        chart = tmp_path / f"{name}.svg"
        assert hubnet("plot", folder, charts[-1].partition("-")[0].removesuffix(".png"), "-o", chart).exit_code == 0
        assert chart.read_bytes().startswith(STARTS["svg"])
