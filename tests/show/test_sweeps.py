"""Charts of sweeps: what is drawn is what the table says."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from hubnet import InputError, show
from hubnet.scenario.ranges import varied
from hubnet.show.sweeps import save_sweep
from hubnet.study.points import axes_of, plan_points
from hubnet.study.store import Finished
from hubnet.study.sweep import Run, means, sweep_table

NAMES = ("response_s.mean", "response_s.p95", "deadline_met", "utilization.mean")


def build(vary, value, replications=3, allocations=("as-built", "north"), samples=None, at_least=()):
    """The table of a sweep in which `value(point, allocation, replication)` is the mean response in s."""
    which = [varied(path, values) for path, values in vary.items()]
    points = plan_points(which, samples, 1)
    axes = axes_of(which, points)
    runs, done = [], {}
    for index in range(len(points)):
        for replication in range(replications):
            for name in allocations:
                seconds = value({axis.path: axis.values[index] for axis in axes}, name, replication)
                key = f"{index}/{name}/{replication}"
                runs.append(Run(index, name, replication, key))
                bounds = (0,) if key in at_least else ()
                done[key] = Finished(NAMES, (seconds, 2 * seconds, None, 0.5), bounds, 1.0, "compiled", 1)
    return sweep_table("Té$t", axes, runs, done)


def response(point, allocation, replication):
    return point["load"] * 100 + 20 * (allocation == "north") + replication**2


LOAD = {"load": "40%:80%:20%"}
ROUTING = {"routing": ["nearest", "random", "cheapest-in-time"]}


def test_the_band_is_students_interval():
    table = build(LOAD, response)
    figure = show.sweep_lines(table, "load")
    ax = figure.axes[0]
    sample = [40.0, 41.0, 44.0]
    low, high = stats.t.interval(0.95, 2, np.mean(sample), stats.sem(sample))
    assert ax.lines[0].get_xdata() == pytest.approx([0.4, 0.6, 0.8])
    assert ax.lines[0].get_ydata() == pytest.approx([np.mean(sample) + step for step in (0, 20, 40)])
    band = ax.collections[0].get_paths()[0].vertices
    ends = band[np.isclose(band[:, 0], 0.4), 1]
    assert (ends.min(), ends.max()) == (pytest.approx(low), pytest.approx(high))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["as-built", "north"]


def test_a_lower_bound_has_an_open_mark_and_no_band():
    table = build(LOAD, response, at_least={"1/north/2"})
    row = means(table, "response_s.mean").query("allocation == 'north' and load == 0.6").iloc[0]
    assert row["at_least"]
    assert math.isnan(row["low"])
    ax = show.sweep_lines(table, "load", ["response_s.mean"]).axes[0]
    open_marks = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_xdata()) for line in open_marks] == [[], [0.6]]


def test_lines_per_other_setting_until_there_are_too_many():
    few = show.sweep_lines(build(LOAD | ROUTING, response), "load")
    assert len(few.legends[0].get_texts()) == 6
    many = show.sweep_lines(build(LOAD | {"n": "1:9:1"}, response), "load")
    assert [text.get_text() for text in many.legends[0].get_texts()] == ["as-built", "north"]
    assert not many.axes[0].collections, "a band over different settings says nothing of chance"


def test_a_heat_map_has_a_cell_per_point():
    table = build(LOAD | ROUTING, response)
    figure = show.sweep_heat(table, "load", "routing", "response_s.mean")
    grid = figure.axes[1].collections[0].get_array()
    assert np.asarray(grid) == pytest.approx(np.tile([20 + 5 / 3 + 100 * load for load in (0.4, 0.6, 0.8)], (3, 1)))
    assert "1.03 min" in {text.get_text() for text in figure.axes[1].texts}


def effects(figure):
    """Setting -> the ends of its bars, from top to bottom."""
    ax = figure.axes[0]
    names = [label.get_text() for label in ax.get_yticklabels()]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    return {name: bars[2 * row : 2 * row + 2] for row, name in enumerate(names)}


def test_a_tornado_has_the_strongest_setting_on_top():
    figure = show.tornado(build(LOAD | ROUTING, response), ["response_s.mean"])
    found = effects(figure)
    middle = 60 + 10 + 5 / 3
    assert list(found) == ["load", "allocation", "routing"]
    assert [end for _, end in found["load"]] == pytest.approx([middle - 20, middle + 20])
    assert [end for _, end in found["allocation"]] == pytest.approx([middle - 10, middle + 10])
    assert [end for _, end in found["routing"]] == pytest.approx([middle, middle])
    assert {"0.4", "0.8", "as-built", "north"} <= {text.get_text() for text in figure.axes[0].texts}


def test_a_tornado_of_samples_compares_thirds():
    table = build({"load": "0:1", "x": "0:1"}, response, samples=30, allocations=("as-built",))
    rows = table[table["measure"] == "response_s.mean"]
    low = rows[rows["load"] <= sorted(set(rows["load"]))[9]]["value"].mean()
    assert effects(show.tornado(table, ["response_s.mean"]))["load"][0][1] == pytest.approx(low)


@pytest.mark.parametrize(
    ("vary", "samples", "names"),
    [
        (LOAD, None, {"lines"}),
        (ROUTING, None, {"tornado"}),
        (LOAD | ROUTING, None, {"lines", "tornado", *(f"heat-{name}" for name in NAMES)}),
        ({"load": "0:1", "x": "0:1"}, 20, {"tornado"}),
        (LOAD | ROUTING | {"n": [1, 2]}, None, {"tornado"}),
    ],
)
def test_charts_that_suit_the_sweep(vary, samples, names, tmp_path):
    table = build(vary, lambda *run: response({"load": 0.5} | run[0], *run[1:]), 1, samples=samples)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = save_sweep(table, tmp_path / "charts")
    assert {path.stem for path in paths} == names
    assert all(path.stat().st_size > 10_000 for path in paths)
    assert plt.get_fignums() == []


def test_unknown_names_are_explained():
    table = build(LOAD, response)
    with pytest.raises(InputError, match=r"response_s\.p95"):
        show.sweep_lines(table, "load", ["response_s.p59"])
    with pytest.raises(InputError, match="load"):
        show.sweep_heat(table, "loud", "load")


def test_units_and_names_survive_parquet(tmp_path):
    table = build({"clock.horizon": "1 d,36 h"}, lambda *run: 1.0)
    table.to_parquet(tmp_path / "study.parquet")
    back = pd.read_parquet(tmp_path / "study.parquet")
    pd.testing.assert_frame_equal(back, table, check_exact=True)
    assert back.attrs == {"scenario": "Té$t", "units": {"clock.horizon": "d"}}
