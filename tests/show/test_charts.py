"""Every chart, on ordinary and on odd results: what is drawn is what the tables say, and nothing leaks."""

from __future__ import annotations

import doctest
import inspect
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import hubnet as hn
from growing_world import world
from hubnet import show
from hubnet.show import tables

PANELS = [show.utilization_bars, show.utilization_over_time, show.response_times, show.response_parts]
OF_WORKLOAD = [show.demand, show.heat, show.widths]
TRUNKS = [show.map, show.trunks, show.trunks_over_time]
ONE_AXES = [*PANELS, *OF_WORKLOAD, *TRUNKS]
FIGURES = [show.utilization, show.latency]
WHOLE = [*FIGURES, show.incidents]
DAY = 86400.0
ODD_NAMES = ("$x_1$ and $y", "_hidden", "back\\slash $", "two\nlines", "100 % {brace} ^", "A very long name " * 12)
CASES: dict[str, Callable[[Any], Any]] = {
    "normal": lambda build: build.result(),
    "national": lambda build: build.result(build.graph(27, 36), classes=11, bin_s=86400.0),
    "one hub": lambda build: build.result(build.graph(1, 0)),
    "one hub, one region": lambda build: build.result(build.graph(1, 1)),
    "one region": lambda build: build.result(build.graph(3, 1)),
    "no jobs": lambda build: build.empty(build.result()),
    "no coordinates": lambda build: build.result(build.graph(4, 5, places=False)),
    "odd names": lambda build: build.result(build.graph(6, 3, names=ODD_NAMES), name="_$cost$ " * 30, allocation="_$"),
    "two kinds": lambda build: build.result(kinds=("cpu_$", "gpu")),
    "no classes": lambda build: _replace(build.result(), classes=pd.DataFrame(), demand=build.result().demand[:0]),
    "no warm-up": lambda build: build.result(days=1.0, warmup=0.0, bin_s=3600.0),
    "no areas": lambda build: _without_areas(build),
    "incidents": lambda build: _hurt(build, build.result(kinds=("cpu", "gpu"))),
    "incidents, odd names": lambda build: _hurt(
        build, build.result(build.graph(6, 3, names=ODD_NAMES), name="_$" * 90)
    ),
    "incidents, no jobs": lambda build: build.empty(_hurt(build, build.result())),
    "incidents, no coordinates": lambda build: _hurt(build, build.result(build.graph(4, 5, places=False))),
    "incidents, an empty window": lambda build: _replace(_hurt(build, build.result()), window=(7 * DAY, 7 * DAY)),
    "many incidents": lambda build: _hurt_often(build, build.result(build.graph(9, 9))),
}


def _replace(result: Any, **changes: Any) -> Any:
    return type(result)(**{**vars(result), **changes})


def _hurt(build: Any, result: Any) -> Any:
    """A cut, an outage, a trunk that is degraded to the end, and a cut in the last instant."""
    first, second = list(result.trunks["trunk"].unique())[:2]
    hub = result.pools["hub"][0]
    return build.hit(
        result,
        ("cut", first, 0.0, 2.0, 3.0),
        ("outage", hub, 0.5, 3.5, 4.0),
        ("degrade", second, 0.4, 4.2, math.inf),
        ("cut", second, 0.0, 7.0, math.inf),
        flows_moved=3,
        jobs_displaced=2,
    )


def _hurt_often(build: Any, result: Any) -> Any:
    random = np.random.default_rng(3)
    trunks, hubs = list(result.trunks["trunk"].unique()), list(result.pools["hub"].unique())
    return build.hit(
        result,
        *(
            (kind, random.choice(hubs if kind == "outage" else trunks), 0.5 * (kind != "cut"), at, at + 0.2)
            for kind, at in zip(["cut", "degrade", "outage"] * 100, np.linspace(0.0, 7.0, 300), strict=True)
        ),
    )


def _without_areas(build: Any) -> Any:
    graph = build.graph(8, 3)
    for _, node in graph.nodes(data=True):
        node.pop("area", None)
    return build.result(graph)


def _root(drawn: Figure | Axes) -> Figure:
    return drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True)  # type: ignore[return-value]


def _words(ax: Axes) -> str:
    return "\n".join(entry.get_text() for entry in ax.texts)


@pytest.mark.parametrize(
    ("draw", "case"),
    [
        *(
            (draw, case)
            for draw in (*WHOLE, *OF_WORKLOAD, show.map, show.trunks, show.trunks_over_time)
            for case in CASES
        ),
        *((draw, case) for draw in PANELS for case in ("normal", "no jobs")),
    ],
)
def test_every_chart_draws_every_case_without_a_warning_or_an_open_figure(
    draw: Callable[..., Any], case: str, build: Any
) -> None:
    result = CASES[case](build)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw(result)
        _root(drawn).draw_without_rendering()
    assert isinstance(drawn, Figure if draw in WHOLE else Axes)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("draw", [*ONE_AXES, *FIGURES], ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("layout", [None, "constrained"])
def test_a_chart_draws_on_the_given_axes_and_returns_it(draw: Callable[..., Any], layout: Any, result: Any) -> None:
    figure = Figure(figsize=(12, 5), layout=layout)
    left, right = figure.subplots(1, 2)
    assert draw(result, ax=right) is right
    figure.draw_without_rendering()
    assert right.has_data()
    assert not left.has_data()
    assert "as-built" in right.get_title(loc="left")


@pytest.mark.parametrize("draw", [*ONE_AXES, *FIGURES], ids=lambda draw: draw.__name__)
def test_titles_say_scenario_and_allocation_and_axes_have_labels(draw: Callable[..., Any], result: Any) -> None:
    drawn = draw(result)
    title = drawn.get_suptitle() if isinstance(drawn, Figure) else drawn.get_title(loc="left")
    assert result.name in title
    assert "allocation as-built" in title
    assert "1 d to 7 d" in title
    if draw is not show.map:
        assert all(ax.get_xlabel() or ax.get_ylabel() for ax in _root(drawn).axes)


@pytest.mark.parametrize("draw", [show.map, *WHOLE], ids=lambda draw: draw.__name__)
def test_charts_leave_the_users_settings_alone(draw: Callable[..., Any], result: Any) -> None:
    before = dict(matplotlib.rcParams)
    draw(result)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("draw", [show.trunks, show.latency], ids=lambda draw: draw.__name__)
def test_a_chart_shows_itself_in_a_notebook(draw: Callable[..., Any], result: Any) -> None:
    assert draw(result)._repr_png_().startswith(b"\x89PNG")


def test_the_bars_are_the_utilization_of_the_table(large: Any) -> None:
    ax = show.utilization_bars(large)
    table = large.utilization.set_index("hub")["utilization"]
    labels = {tick: label.get_text() for tick, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)}
    drawn = {labels[round(bar.get_y() + bar.get_height() / 2)]: bar.get_width() for bar in ax.patches}
    assert drawn == pytest.approx(table.to_dict())


def test_hubs_stand_by_area_then_by_size(large: Any) -> None:
    order = tables.hubs(large)
    assert len(order) == 27
    areas = list(order["area"])
    totals = order.groupby("area")["devices"].sum()
    assert list(dict.fromkeys(areas)) == list(totals.sort_values(ascending=False).index)
    assert areas == sorted(areas, key=lambda area: -totals[area])
    assert all(group["devices"].is_monotonic_decreasing for _, group in order.groupby("area"))


def test_a_hub_with_two_kinds_shows_both_and_their_sum(build: Any) -> None:
    result = build.result(kinds=("cpu", "gpu"))
    table = result.utilization
    ax = show.utilization_bars(result)
    sums = table.groupby("hub")[["busy_device_s", "capacity_device_s"]].sum()
    whole = sums["busy_device_s"] / sums["capacity_device_s"]
    assert sorted(bar.get_width() for bar in ax.patches) == pytest.approx(sorted(whole))
    marks = np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() in ("o", "s")])
    assert sorted(marks) == pytest.approx(sorted(table["utilization"]))


def test_few_hubs_are_lines_and_many_are_a_heat_map(result: Any, large: Any) -> None:
    few, many = show.utilization_over_time(result), show.utilization_over_time(large)
    pools = result.pools[result.pools["hub"] == "City 0"]
    assert any(
        np.allclose(line.get_ydata()[:-1], pools["utilization"]) for line in few.lines if len(line.get_ydata()) > 2
    )
    (mesh,) = (entry for entry in many.collections if type(entry).__name__ == "QuadMesh")
    cells = np.ma.compressed(np.ma.masked_invalid(mesh.get_array()))
    assert sorted(cells) == pytest.approx(sorted(large.pools["utilization"]))
    for ax in (few, many):
        assert "warm-up" in _words(ax)


def test_legends_show_every_hub_whatever_its_name(build: Any) -> None:
    ax = show.utilization_over_time(build.result(build.graph(6, 3, names=ODD_NAMES)))
    shown = [entry.get_text() for entry in ax.get_legend().get_texts()]
    assert len(shown) == 6
    assert {"_hidden", "two lines", r"\$x_1\$ and \$y", "back\\slash \\$"} <= set(shown)


def test_boxes_are_the_quantiles_and_the_quickest_class_is_at_the_top(result: Any) -> None:
    ax = show.response_times(result)
    rows = result.classes.sort_values("response_p50_s").reset_index(drop=True)
    boxes = {round(bar.get_y() + bar.get_height() / 2): bar for bar in ax.patches}
    for place, row in rows.iterrows():
        assert boxes[place].get_x() == pytest.approx(row["response_p25_s"])
        assert boxes[place].get_x() + boxes[place].get_width() == pytest.approx(row["response_p75_s"])
    assert ax.yaxis_inverted()
    assert ax.get_xscale() == "log"


def test_a_quantile_on_unfinished_jobs_is_an_arrow_at_the_edge(result: Any) -> None:
    assert math.isinf(result.classes["response_p95_s"].max())
    ax = show.response_times(result)
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    assert [line.get_xdata()[0] for line in arrows] == [ax.get_xlim()[1]]


def test_a_class_of_which_nothing_finished_is_shown_as_such(result: Any) -> None:
    classes = result.classes.copy()
    columns = [column for column in classes if column.startswith("response_p")]
    classes.loc[1, ["finished", "unfinished"]] = [0, classes.loc[1, "submitted"]]
    classes.loc[1, columns] = np.inf
    classes.loc[1, [column for column in classes if column.endswith("mean_s")]] = np.nan
    ax = show.response_times(_replace(result, classes=classes))
    assert "fewer than 5 % finished" in _words(ax)
    assert len(ax.get_yticks()) == len(classes)
    show.response_parts(_replace(result, classes=classes)).figure.draw_without_rendering()


def test_the_parts_add_up_to_the_whole_and_keep_their_ratio(result: Any) -> None:
    ax = show.response_parts(result)
    rows = result.classes.sort_values("response_p50_s").reset_index(drop=True)
    for place, row in rows.iterrows():
        bars = [bar for bar in ax.patches if round(bar.get_y() + bar.get_height() / 2) == place]
        parts = [row[f"{part}_mean_s"] for part in ("propagation", "upload", "wait", "service", "download")]
        assert [bar.get_width() for bar in bars] == pytest.approx([part / row["response_mean_s"] for part in parts])


@pytest.mark.parametrize(
    "draw",
    [show.response_times, show.response_parts, show.trunks, show.trunks_over_time, show.utilization_bars, *OF_WORKLOAD],
)
def test_without_jobs_a_sentence_says_so(draw: Callable[..., Any], build: Any) -> None:
    ax = draw(build.empty(build.result()))
    assert _words(ax).startswith(("No job", "No trunk", "No device"))
    assert not ax.patches


def test_trunks_are_the_busiest_directions_of_the_window(result: Any) -> None:
    ax = show.trunks(result, count=5)
    inside = result.trunks[result.trunks["start_s"] >= result.window[0]]
    means = inside.groupby(["from", "to"])["use"].mean().sort_values(ascending=False).head(5)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(list(means))
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"{a} → {b}" for a, b in means.index]


def test_a_bin_that_the_window_cuts_counts_in_proportion(build: Any) -> None:
    """Bins of 4 h, window from 6 h: the second bin lies half inside. Two bins: use (0.5 u1 + u2) / 1.5."""
    result = build.result(build.graph(1, 1), days=0.5, warmup=0.25, bin_s=4 * 3600.0)
    rows = result.trunks[result.trunks["from"] == "City 0"]
    uses, bits = rows["use"].to_numpy(), rows["bits"].to_numpy()
    found = tables.trunk_uses(result).set_index("from").loc["City 0"]
    assert found["use"] == pytest.approx((0.5 * uses[1] + uses[2]) / 1.5)
    assert found["bits"] == pytest.approx(0.5 * bits[1] + bits[2])


def test_a_trunk_that_is_used_beyond_its_capacity_shows_the_capacity(result: Any) -> None:
    ax = show.trunks(_replace(result, trunks=result.trunks.assign(use=result.trunks["use"] * 10)))
    assert "capacity" in _words(ax)
    assert ax.get_xlim()[1] > 1


def test_a_trunk_with_a_name_of_its_own_shows_it(result: Any) -> None:
    named = result.trunks.replace({"trunk": {"City 0-City 1": "Coast_$ line"}})
    labels = [label.get_text() for label in show.trunks(_replace(result, trunks=named), count=99).get_yticklabels()]
    assert any(label.endswith(r"(Coast_\$ line)") for label in labels)


def _small_scenario(**more: Any) -> hn.Scenario:
    train = {"share": "100 %", "work": "1 h", "deadline": "2 h"}
    workload = {"classes": {"train": train}, "load": "60 %"}
    return world({"E": {"gpu": 3}, "W": {"gpu": 3}}, {"gpu": {"power": "700 W"}}, workload, **more)


def _in_an_example(name: str, build: Any) -> dict[str, Any]:
    """What the names in the example of a chart stand for."""
    study = build.study(("as-built",), graph=build.graph(1, 1), bin_s=86400.0)
    known: dict[str, Any] = {"hn": SimpleNamespace(plot=show), "result": build.result(), "study": study}
    if name in ("sweep_lines", "sweep_heat", "tornado"):
        vary = {"workload.load": "40%:60%:20%", "policy.routing": ["nearest", "random"]}
        known["table"] = hn.sweep(_small_scenario(), vary)
    elif name.startswith("resilience"):
        known["scenario"] = _small_scenario()
        known["table"] = hn.resilience(known["scenario"], say=lambda text: None)
    elif name == "growth":
        known["hn"].growth = lambda path: hn.growth(_small_scenario(years=[2025, 2026], growth={"demand": "30 %/yr"}))
    elif name == "nations":
        file = Path(__file__).parents[2] / "scenarios" / "two-nations.yaml"
        short = ["scale=1/200", "clock.horizon=12 h", "clock.warmup=0 s", "replications=1"]
        known["hn"].nations = lambda path: hn.nations(hn.load(file, short), say=lambda text: None)
    elif name == "accounts":
        known["study"] = hn.study(_small_scenario())
    return known


@pytest.mark.parametrize("name", show.__all__)
def test_the_examples_in_the_docstrings_run(
    name: str, build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function, known = getattr(show, name), _in_an_example(name, build)
    (example,) = doctest.DocTestFinder(recurse=False).find(inspect.unwrap(function), name, globs=known)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0
