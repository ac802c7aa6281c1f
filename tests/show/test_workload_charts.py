"""The charts of demand, hours and widths: what is drawn is what the tables say."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hubnet import show
from hubnet.show import tables

HOUR, DAY = 3600.0, 86400.0


def stacked(ax: Axes) -> np.ndarray:
    """The heights of the stack's layers from bottom to top, [layers, columns]."""
    layers = []
    for area in ax.collections:
        corners = area.get_paths()[0].vertices
        middles = (np.unique(corners[:, 0])[:-1] + np.unique(corners[:, 0])[1:]) / 2
        layers.append([_thickness(corners, x) for x in middles])
    return np.array(layers)


def _thickness(corners: np.ndarray, x: float) -> float:
    """How high a closed outline of steps is at x."""
    level = [y for (a, y), (b, _) in pairwise(corners) if min(a, b) < x < max(a, b)]
    return max(level) - min(level)


def mesh(ax: Axes) -> np.ndarray:
    """The cells of the heat map, NaN where there is nothing."""
    (found,) = (entry for entry in ax.collections if type(entry).__name__ == "QuadMesh")
    return np.ma.filled(np.ma.masked_invalid(found.get_array()), np.nan)


def marks(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    """(x, y) of the marks: filled, hollow, arrows."""
    found: dict[str, list[tuple[float, float]]] = {"filled": [], "hollow": [], "arrow": []}
    for line in ax.lines:
        point = float(line.get_xdata()[0]), float(line.get_ydata()[0])
        if line.get_marker() == "^":
            found["arrow"].append(point)
        elif line.get_marker() == "o":
            found["hollow" if line.get_markerfacecolor() == "white" else "filled"].append(point)
    return {kind: sorted(points) for kind, points in found.items()}


# -- demand


def test_the_layers_are_the_devices_of_the_classes(result: Any) -> None:
    table = result.demand.pivot_table(index="class", columns="start_s", values="devices")
    order = table.sum(axis=1).sort_values(ascending=False).index
    ax = show.demand(result)
    np.testing.assert_allclose(stacked(ax), table.loc[order].to_numpy())
    labels = [entry.get_text() for entry in ax.get_legend().get_texts()]
    assert labels == list(order[::-1])  # from top to bottom, as they lie


def test_fine_bins_become_hours(build: Any) -> None:
    result = build.result(days=2.0, bin_s=900.0, classes=2)
    ax = show.demand(result)
    table = result.demand.assign(hour=result.demand["start_s"] // HOUR)
    means = table.groupby(["class", "hour"])["devices"].mean().unstack()
    np.testing.assert_allclose(stacked(ax).sum(axis=0), means.sum().to_numpy())
    assert stacked(ax).shape == (2, 48)


def test_many_classes_are_seven_and_the_rest(large: Any) -> None:
    ax = show.demand(large)
    layers = stacked(ax)
    assert len(layers) == 8
    total = large.demand.groupby("start_s")["devices"].sum().to_numpy()
    np.testing.assert_allclose(layers.sum(axis=0), total)
    assert ax.get_legend().get_texts()[0].get_text() == "4 other classes"


def test_a_class_that_asks_for_nothing_has_no_layer(result: Any) -> None:
    nothing = result.demand["class"] == "class-1"
    ax = show.demand(replace(result, demand=result.demand.assign(devices=result.demand["devices"] * ~nothing)))
    assert "class-1" not in {entry.get_text() for entry in ax.get_legend().get_texts()}


# -- hours


def test_the_cells_are_the_hubs_hours(build: Any) -> None:
    result = build.result(build.graph(8, 3), days=3.0, bin_s=900.0, kinds=("cpu", "gpu"))
    pools = result.pools.assign(hour=result.pools["start_s"] // HOUR)
    sums = pools.groupby(["hub", "hour"])[["busy", "devices"]].sum()
    shares = (sums["busy"] / sums["devices"]).unstack()
    ax = show.heat(result)
    cells = mesh(ax)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert cells.shape == (len(rows), 72)
    drawn = [(name, row) for name, row in zip(rows, cells, strict=True) if name in shares.index]
    assert len(drawn) == 8
    for name, row in drawn:
        np.testing.assert_allclose(row, shares.loc[name])


def test_a_week_has_its_days_and_168_hours(build: Any) -> None:
    ax = show.heat(build.result(days=7.0, bin_s=1800.0))
    assert mesh(ax).shape[1] == 168
    days = [label.get_text() for label in ax.get_xticklabels(minor=True)]
    assert days == [f"day {day}" for day in range(1, 8)]
    assert list(ax.get_xticks(minor=True)) == [(day + 0.5) * DAY for day in range(7)]


@pytest.mark.parametrize(("days", "bin_s", "columns"), [(0.25, 900.0, 24), (1.0, 900.0, 24), (40.0, 3 * HOUR, 320)])
def test_columns_fit_the_length_of_the_run(days: float, bin_s: float, columns: int, build: Any) -> None:
    ax = show.heat(build.result(days=days, warmup=0.0, bin_s=bin_s))
    assert mesh(ax).shape[1] == columns


def test_a_bin_across_two_columns_is_divided() -> None:
    # bins of 1.5 h from 0: hour 0 has two thirds of the first, hour 1 the rest and a third of the second
    totals = pd.DataFrame([[3.0, 6.0]])
    found = tables.rebinned(totals, np.array([0, 1.5, 3.0]), np.array([0, 1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, [[2.0, 1.0 + 2.0, 4.0]])


# -- widths


def test_the_marks_are_the_quantiles_of_the_widths(result: Any) -> None:
    ax = show.widths(result)
    table = result.widths[result.widths["submitted"] > result.widths["rejected"]].reset_index(drop=True)
    found, waited = marks(ax), table[table["wait_p50_s"] > 0]
    assert {x: y for x, y in found["filled"] if x >= 2} == pytest.approx(waited["wait_p50_s"].to_dict())
    tails = waited[np.isfinite(waited["wait_p95_s"])]
    assert {x: y for x, y in found["hollow"] if x >= 2} == pytest.approx(tails["wait_p95_s"].to_dict())
    assert found["arrow"] == [(10, ax.get_ylim()[1])]
    names = [label.get_text().split("\n")[0] for label in ax.get_xticklabels()]
    assert names == list(table["width"])
    assert ax.get_xticklabels()[1].get_text() == "1\n5"


def test_no_wait_stands_on_a_line_of_its_own(result: Any) -> None:
    ax = show.widths(result)
    lines = {label.get_text(): tick for tick, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)}
    found = marks(ax)
    assert found["filled"][:2] == found["hollow"][:2] == [(0, lines["none"]), (1, lines["none"])]
    assert lines["none"] < result.widths["wait_p50_s"][2] / 2


@pytest.mark.parametrize("wait", [0.0, math.inf, 5.0])
def test_waits_that_are_all_alike_are_drawn(wait: float, result: Any) -> None:
    columns = [name for name in result.widths if name.startswith("wait_")]
    show.widths(
        replace(result, widths=result.widths.assign(**dict.fromkeys(columns, wait)))
    ).figure.draw_without_rendering()


# -- held


def test_held_is_a_part_where_somebody_was_held_and_else_not_named(result: Any) -> None:
    def named(drawn: Axes) -> list[str]:
        return [entry.get_text() for entry in drawn.get_legend().get_texts()]

    assert "held" not in named(show.response_parts(result))
    more = result.classes.assign(held_mean_s=100.0, response_mean_s=result.classes["response_mean_s"] + 100.0)
    ax = show.response_parts(replace(result, classes=more))
    assert "held" in named(ax)
    rows = more.sort_values("response_p50_s").reset_index(drop=True)
    for place, row in rows.iterrows():
        bars = [bar for bar in ax.patches if round(bar.get_y() + bar.get_height() / 2) == place]
        assert sum(bar.get_width() for bar in bars) == pytest.approx(1.0)
        assert bars[0].get_width() == pytest.approx(100 / row["response_mean_s"])
