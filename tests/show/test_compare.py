"""Allocations side by side, and the files of all charts."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image
from scipy import stats

from hubnet import show
from hubnet.show import files, tables

ALWAYS = ("utilization", "heat", "demand", "latency", "widths", "map", "trunks")  # charts of every run


@pytest.mark.parametrize(
    ("allocations", "replications"),
    [(("as-built", "b"), 1), (("as-built", "b", "c"), 3), (("one",), 1), (tuple(f"_a{n}$" for n in range(9)), 1)],
)
def test_compare_draws_every_kind_of_study(allocations: tuple[str, ...], replications: int, build: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = show.compare(build.study(allocations, replications, bin_s=86400.0))
        figure.draw_without_rendering()
    assert len(figure.axes) == 5
    assert len(figure.legends[0].get_texts()) == len(allocations)
    assert plt.get_fignums() == []


def test_a_mark_per_allocation_stands_at_the_utilization_of_the_table(build: Any) -> None:
    study = build.study(("a", "b"), bin_s=86400.0)
    ax = show.compare(study).axes[0]
    drawn = sorted(float(line.get_xdata()[0]) for line in ax.lines)
    expected = np.concatenate([tables.hubs(runs[0])["utilization"] for runs in study.results.values()])
    assert drawn == pytest.approx(sorted(expected))


def test_with_replications_marks_are_means_with_student_intervals(build: Any) -> None:
    study = build.study(("a",), 4, bin_s=86400.0)
    ax = show.compare(study).axes[0]
    values = [tables.hubs(run)["utilization"]["City 0"] for run in study.results["a"]]
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    bars = [container for container in ax.containers if container.has_xerr]
    line, _, (segments,) = bars[0].lines
    assert line.get_xdata()[0] == pytest.approx(np.mean(values))
    assert segments.get_segments()[0][:, 0] == pytest.approx([np.mean(values) - half, np.mean(values) + half])


def test_totals_come_from_the_summary(build: Any) -> None:
    study = build.study(("a", "b"), bin_s=86400.0)
    figure = show.compare(study)
    for ax, path in zip(
        figure.axes[2:], (("deadline_met",), ("utilization", "mean"), ("east_to_west_jobs",)), strict=True
    ):
        expected = []
        for allocation in ("a", "b"):
            measure = study.summary()["allocations"][allocation]
            for key in path:
                measure = measure[key]
            expected.append(measure["value"])
        assert [bar.get_width() for bar in ax.patches] == pytest.approx(expected)


def test_a_total_that_the_summary_lacks_is_a_sentence(build: Any) -> None:
    study = build.study(("a", "b"), bin_s=86400.0)
    for totals in study.totals.values():
        totals["east_to_west_jobs"] = None
        del totals["deadline_met"]
    axes = show.compare(study).axes
    assert "no areas" in axes[4].texts[0].get_text()
    assert "deadline" in axes[2].texts[0].get_text()


def test_compare_without_jobs_says_so(build: Any) -> None:
    study = build.study(("a", "b"), bin_s=86400.0)
    idle = {name: [build.empty(run) for run in runs] for name, runs in study.results.items()}
    figure = show.compare(type(study)(idle, {"a": {}, "b": {}}))
    assert figure.axes[1].texts[0].get_text().startswith("No job finished")


def test_save_all_writes_every_chart_of_every_allocation(build: Any, tmp_path: Path) -> None:
    paths = show.save_all(
        build.study(("as-built", "west/30 %"), graph=build.graph(1, 1), bin_s=86400.0), tmp_path / "charts"
    )
    names = [path.name for path in paths]
    charts = (*ALWAYS, "trunks-over-time")
    assert names == [
        *(f"{chart}-as-built.png" for chart in charts),
        *(f"{chart}-west-30.png" for chart in charts),
        "compare.png",
    ]
    assert all(path.is_file() for path in paths)
    assert {Image.open(path).width for path in paths} == {13 * 110}
    assert plt.get_fignums() == []


def test_allocations_with_like_names_get_files_of_their_own() -> None:
    names = ["a/b", "A b", "?", "../..", "..", "a" * 300]
    stems = files.file_stems(names)
    assert stems[:2] == ["a-b", "A-b-2"]
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(re.fullmatch(r"[\w+-][\w.+-]{0,80}", stem) for stem in stems)


def test_charts_of_what_there_is_not_are_not_written(build: Any, tmp_path: Path) -> None:
    result = build.result(build.graph(1, 0), bin_s=86400.0)
    assert result.trunks.empty
    assert [path.name for path in show.save_all(result, tmp_path)] == [f"{chart}-as-built.png" for chart in ALWAYS]
    result = build.hit(result, ("outage", "City 0", 0.0, 2.0, 3.0))
    assert [path.name for path in show.save_all(result, tmp_path)][-1] == "incidents-as-built.png"


@pytest.mark.parametrize("word", ["City", "A place with a very long name indeed, number"])
def test_nothing_is_drawn_outside_the_picture(word: str, build: Any, tmp_path: Path) -> None:
    """A chart that is cut off has ink in its outermost pixels."""
    names = tuple(f"{word} {index}" for index in range(64))
    result = build.result(build.graph(27, 36, names=names), classes=11, bin_s=86400.0, name=f"{word} and more" * 2)
    happened = [("outage", names[0], 0.5, 2.0, 3.0), ("outage", names[1], 0.5, 6.9, math.inf)]
    cuts = [("cut", trunk, 0.0, 1.0 + index / 2, 2.0 + index) for index, trunk in enumerate(result.trunks["trunk"][:9])]
    result = build.hit(result, *happened, *cuts, flows_stalled=3, work_lost_device_s=1e12, detour_max_ms=123.456)
    paths = show.save_all(result, tmp_path)
    assert [path.stem for path in paths] == [f"{chart}-as-built" for chart in files.CHARTS]
    show.compare(build.study(("a", "b"), bin_s=86400.0)).savefig(tmp_path / "compare.png")
    for path in [*paths, tmp_path / "compare.png"]:
        pixels = np.asarray(Image.open(path).convert("L"))
        edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert edge.min() == 255, path.name
