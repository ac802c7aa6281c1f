"""The chart of what hubs cost and emit."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hubnet import plot


def rows(**hubs):
    """A table of accounts: hub -> (electricity, capital, CO2 by the grid, by contracts), in two parts each."""
    columns = ["cost_yuan", "capital_yuan", "carbon_kg", "carbon_contract_kg"]
    halves = {hub: {c: v / 2 for c, v in zip(columns, values, strict=True)} for hub, values in hubs.items()}
    return pd.DataFrame([{"hub": hub, **half} for hub, half in halves.items() for _ in range(2)])


def bars(ax):
    """[(start, length)] of the bars of an Axes, as drawn."""
    return [(bar.get_x(), bar.get_width()) for bar in ax.patches]


def test_cost_is_stacked_and_carbon_is_in_front(build):
    result = replace(build.result(), accounts=rows(Small=(1, 4, 30, 3), Large=(10, 90, 20, 20)))
    figure = plot.accounts(result)
    all_cost, cost, all_carbon, carbon = figure.axes
    assert [label.get_text() for label in cost.get_yticklabels()] == ["Large", "Small"]
    assert bars(cost) == [(0, 10), (0, 1), (10, 90), (1, 4)]
    assert bars(carbon) == [(0, 20), (0, 30), (0, 20), (0, 3)]
    assert bars(all_cost) == [(0, 11), (11, 94)]
    assert bars(all_carbon) == [(0, 50), (0, 23)]


def test_allocations_share_their_rows_and_replications_their_mean(build):
    here = [replace(build.result(), accounts=rows(A=(2, 2, 2, 2), B=(1, 1, 1, 1)))] * 2
    there = [replace(build.result(), accounts=rows(A=(x, x, x, x))) for x in (2, 4)]
    figure = plot.accounts(SimpleNamespace(results={"here": here, "there": there}))
    cost = figure.axes[1]
    assert bars(cost) == [(0, 2), (0, 1), (2, 2), (1, 1), (0, 3), (0, 0), (3, 3), (0, 0)]
    heights = [bar.get_y() for bar in cost.patches]
    assert heights[0] < heights[4] < heights[1]  # the second allocation stands below the first, in the same row


def test_what_is_unknown_has_no_bar_and_no_sum(build):
    table = rows(A=(2, 2, 2, 2), B=(1, np.nan, np.nan, 1), C=(np.nan,) * 4)
    figure = plot.accounts(replace(build.result(), accounts=table))
    assert [label.get_text() for label in figure.axes[1].get_yticklabels()] == ["A", "B"]
    assert "no sum" in figure.axes[0].texts[0].get_text()
    nothing = plot.accounts(replace(build.result(), accounts=rows(C=(np.nan,) * 4)))
    assert "nothing to reckon" in nothing.axes[0].texts[0].get_text()


@pytest.mark.parametrize(("table", "there"), [(rows(A=(2,) * 4), True), (rows(A=(np.nan,) * 4), False)])
def test_it_is_saved_where_something_is_known(build, tmp_path, table, there):
    paths = plot.save_all(replace(build.result(days=1.0, warmup=0.0), accounts=table), tmp_path)
    assert ((tmp_path / "accounts.png") in paths) == there
