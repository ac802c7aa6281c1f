"""Every chart of `hubnet.plot`, also those still to come: drawn from odd results, on given Axes, and as a vector."""

import inspect
import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import hubnet as hn
from hubnet import show
from hubnet.show import style
from hubnet.show.sweeps import measure_axis

CHINESE = ("上海", "贵阳", "乌兰察布", "北京", "成都", "广州", "西安", "兰州")
MATHS = tuple(f"$x^{number}$" for number in range(2, 10))
RESULTS = {
    "one hub": lambda build: build.result(build.graph(1, 2)),
    "one region": lambda build: build.result(build.graph(3, 1)),
    "no jobs": lambda build: build.empty(build.result()),
    "names in Chinese": lambda build: build.result(build.graph(4, 4, names=CHINESE), name="东数西算"),
    "names of formulas": lambda build: build.result(build.graph(4, 4, names=MATHS), name="$x^2$", allocation="$x^2$"),
}
CHARTS = sorted(set(show.__all__) - {"save_all"})
TAKE_AXES = [name for name in CHARTS if "ax" in inspect.signature(getattr(show, name)).parameters]
OF_A_RESULT = [name for name in CHARTS if next(iter(inspect.signature(getattr(show, name)).parameters)) == "result"]
SETTINGS = {"sweep_lines": ("workload.load",), "sweep_heat": ("workload.load", "policy.routing"), "tornado": ()}
NAMELESS = {*SETTINGS, "growth"}  # they show settings and years, and of names only the scenario's
VECTORS = {"svg": b"<?xml", "pdf": b"%PDF"}  # by how such a file begins


def odd_scenario(**more):
    """A scenario of two hubs with odd names, small enough to be simulated many times."""
    hubs = {"上海": {"at": [30, 119], "pools": {"gpu": 3}}, "$x^2$": {"at": [36, 105], "pools": {"gpu": 3}}}
    return hn.Scenario(
        name="$x^2$ 东数西算",
        network={
            "regions": {"Coast": {"at": [30, 120], "weight": 1}},
            "hubs": hubs,
            "trunks": [
                {"between": ["Coast", "上海"], "capacity": "10 Gbit/s"},
                {"between": ["上海", "$x^2$"], "capacity": "10 Gbit/s"},
            ],
        },
        devices={"gpu": {"power": "700 W"}},
        clock={"horizon": "1 d"},
        workload={"classes": {"train": {"share": "100 %", "work": "1 h", "deadline": "2 h"}}, "load": "60 %"},
        allocations={"西移 $x^2$": {}},
        **more,
    )


@pytest.fixture(scope="module")
def tables():
    """What those charts draw that are of no single result."""
    scenario = odd_scenario()
    vary = {"workload.load": "40%:60%:20%", "policy.routing": ["nearest", "random"]}
    return {
        "sweep": hn.sweep(scenario, vary),
        "failures": hn.resilience(scenario, say=lambda words: None),
        "network": scenario.network(),
        "study": hn.study(scenario),
        "growth": hn.growth(odd_scenario(years=[2025, 2026], growth={"demand": "30 %/yr"})),
    }


def arguments(name, result, build, tables):
    """What a chart is called with, beside `ax`."""
    if name in OF_A_RESULT:
        return (result,)
    if name == "growth":
        return (tables[name],)
    if name in ("accounts", "nations"):
        return (tables["study"],)
    if name.startswith("resilience"):
        return (tables["failures"], tables["network"]) if name == "resilience_map" else (tables["failures"],)
    if name in SETTINGS:
        return (tables["sweep"], *SETTINGS[name])
    return (build.study((result.allocation, "another"), graph=result.network.graph, name=result.name),)


def figure_of(chart):
    return chart if isinstance(chart, Figure) else chart.get_figure(root=True)


def drawn(name, *given, **options):
    """The chart, drawn to the end; any warning is an error, but for those of a machine without Chinese letters."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*(Glyph|[Ff]ont).*")
        chart = getattr(show, name)(*given, **options)
        figure_of(chart).draw_without_rendering()
    return chart


def test_charts_that_show_one_thing_take_axes():
    """Those of several panels cannot; whoever writes a new chart chooses here."""
    several = {"compare", "accounts", "incidents", "growth", "nations", "resilience_bars"}
    several |= set(SETTINGS)
    assert set(CHARTS) == set(TAKE_AXES) | several


@pytest.mark.parametrize("case", RESULTS)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_draws_odd_results_and_returns_what_it_drew(name, case, build, tables):
    assert isinstance(drawn(name, *arguments(name, RESULTS[case](build), build, tables)), Axes | Figure)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("case", RESULTS)
@pytest.mark.parametrize("name", TAKE_AXES)
def test_every_chart_of_one_axes_draws_on_the_given_ones(name, case, build, tables):
    """Nothing is drawn on the neighbours, and no figure is made."""
    figure = Figure(figsize=(14, 6), layout="constrained")
    left, right = figure.subplots(1, 2)
    chart = drawn(name, *arguments(name, RESULTS[case](build), build, tables), ax=right)
    assert chart is right
    assert right.has_data() or right.texts or right.collections
    assert not left.has_data()
    assert not [*left.texts, *left.collections, *left.patches]
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", CHARTS)
def test_dollars_are_letters(name, build, tables):
    """A name like a formula is shown as it is written: no text has a dollar that matplotlib would parse."""
    chart = drawn(name, *arguments(name, RESULTS["names of formulas"](build), build, tables))
    words = [entry.get_text() for entry in figure_of(chart).findobj(plt.Text)]
    found = [text for text in words if "x^" in text]
    assert found or name in NAMELESS
    assert not [text for text in found if "$" in text.replace(r"\$", "")]


@pytest.mark.parametrize("ending", VECTORS)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_written_as_a_vector(name, ending, build, tables, tmp_path):
    result = build.result(build.graph(2, 2), days=2.0, bin_s=43200.0)
    file = tmp_path / f"chart.{ending}"
    figure_of(getattr(show, name)(*arguments(name, result, build, tables))).savefig(file)
    assert file.read_bytes().startswith(VECTORS[ending])


@pytest.mark.parametrize("most", [2, 3, 5, 7, 40, 1_500])
def test_counts_are_marked_at_whole_numbers(most):
    for steps in (3, 4, 6):
        marks = style.whole_numbers(steps).tick_values(0, most)
        assert len(marks) > 1
        assert all(float(mark).is_integer() for mark in marks)


@pytest.mark.parametrize(("measure", "top", "whole"), [("jobs.rejected", 3, True), ("one_way_ms.mean", 0.4, False)])
def test_sweeps_mark_counts_at_whole_numbers_and_nothing_else(measure, top, whole):
    ax = Figure().add_subplot()
    ax.plot([0, 1], [0, top])
    measure_axis(ax.yaxis, measure)
    assert bool(np.all(np.mod(ax.get_yticks(), 1) == 0)) == whole


def test_a_comparison_counts_whole_jobs(build):
    study = build.study(("as-built", "west"))
    for totals in study.totals.values():
        totals["east_to_west_jobs"] = {"value": 3.0}
    (ax,) = [ax for ax in show.compare(study).axes if ax.get_xlabel() == "jobs"]
    assert all(float(mark).is_integer() for mark in ax.get_xticks())
