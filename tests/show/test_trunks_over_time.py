"""Use of the trunks: means where capacity varies, and the heat map over time."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, QuadMesh
from matplotlib.figure import Figure

from hubnet import show
from hubnet.show import fibre, tables

DAY = 86400.0


def _names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def _cells(ax: Axes) -> np.ma.MaskedArray:
    (mesh,) = (entry for entry in ax.collections if isinstance(entry, QuadMesh))
    return np.ma.asarray(mesh.get_array())


def _boxes(ax: Axes, hatched: bool) -> list[tuple[float, float, float]]:
    """(row, from, to) of what marks trunks as down (`hatched`) or reduced; in data units."""
    found = [
        entry for entry in ax.collections if isinstance(entry, PatchCollection) and bool(entry.get_hatch()) == hatched
    ]
    boxes = [path.get_extents() for entry in found for path in entry.get_paths()]
    return [(math.floor((box.y0 + box.y1) / 2 + 0.5), box.x0, box.x1) for box in boxes]


def _key(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    return [] if legend is None else [entry.get_text() for entry in legend.get_texts()]


def _trunk(result: Any, name: str, **columns: Any) -> Any:
    """The result with columns of one trunk changed."""
    trunks = result.trunks.copy()
    for column, values in columns.items():
        trunks.loc[trunks["trunk"] == name, column] = values
    return type(result)(**{**vars(result), "trunks": trunks})


def test_mean_use_is_bits_over_the_capacity_that_was_in_force(build: Any) -> None:
    """Capacity C, bins of 1 day: whole at use 0.2, a quarter at use 0.8, cut. Bits: 0.2 C + 0.25 x 0.8 C = 0.4 C day;
    in force: 1 + 0.25 = 1.25 C day. Use: 0.4 / 1.25 = 0.32; the mean of the bins would be 0.5."""
    result = build.result(build.graph(1, 1), days=3.0, warmup=0.0, bin_s=DAY)
    name = result.trunks["trunk"][0]
    both = [0.2, 0.8, np.nan] * 2
    result = _trunk(result, name, use=both, up=[1.0, 0.25, 0.0] * 2, bits=[2.0, 2.0, 0.0] * 2)
    found = tables.trunk_uses(result)
    assert found["use"].tolist() == pytest.approx([0.32, 0.32])
    assert found["bits"].tolist() == [4.0, 4.0]


def test_a_bin_that_the_window_cuts_counts_by_its_seconds_and_its_capacity(build: Any) -> None:
    """Bins of 4 h, window from 6 h to 12 h: half of the second bin, at half its capacity, and the third whole:
    (0.5 x 0.5 u1 + u2) / (0.5 x 0.5 + 1)."""
    result = build.result(build.graph(1, 1), days=0.5, warmup=0.25, bin_s=4 * 3600.0)
    result = _trunk(result, result.trunks["trunk"][0], use=[0.1, 0.6, 0.3] * 2, up=[1.0, 0.5, 1.0] * 2)
    assert tables.trunk_uses(result)["use"].tolist() == pytest.approx([(0.25 * 0.6 + 0.3) / 1.25] * 2)


def test_a_trunk_that_was_down_all_the_time_has_no_use_and_comes_last(build: Any, result: Any) -> None:
    name = tables.trunk_uses(result)["trunk"][0]
    found = tables.trunk_uses(build.hit(result, ("cut", name, 0.0, 0.0, 9.0)))
    assert found["trunk"][-2:].tolist() == [name, name]
    assert found["use"].isna().sum() == 2
    assert show.trunks(build.hit(result, ("cut", name, 0.0, 0.0, 9.0)), count=99).get_ylim()[0] == len(found) - 2.4


def test_use_over_a_span_of_its_own(result: Any) -> None:
    rows = result.trunks[result.trunks["start_s"] == 2 * DAY].set_index(["trunk", "from", "to"])["use"]
    found = tables.trunk_uses(result, (2 * DAY, 2.25 * DAY)).set_index(["trunk", "from", "to"])["use"]
    assert found.to_dict() == pytest.approx(rows.to_dict())
    assert tables.trunk_uses(result, (9 * DAY, 9.5 * DAY))["use"].isna().all()


def test_rows_are_the_busiest_directions_and_cells_their_use(result: Any) -> None:
    ax = show.trunks_over_time(result, count=4)
    busiest = tables.trunk_uses(result).head(4)
    assert _names(ax) == [f"{row['from']} → {row['to']}" for _, row in busiest.iterrows()]
    _, uses, _ = tables.trunk_bins(result)
    for place, row in busiest.iterrows():
        assert _cells(ax)[place].data == pytest.approx(uses.loc[(row["trunk"], row["from"], row["to"])].to_numpy())
    assert "warm-up" in "".join(entry.get_text() for entry in ax.texts)
    assert not _key(ax)


def test_directions_that_were_hit_are_always_among_the_rows(build: Any, result: Any) -> None:
    order = tables.trunk_uses(result)
    quiet = order["trunk"].iloc[-1]
    ax = show.trunks_over_time(build.hit(result, ("degrade", quiet, 0.5, 2.0, 3.0)), count=4)
    names = _names(ax)
    assert len(names) == 4
    assert sum(name.startswith("✕ ") for name in names) == 2
    assert {name for name in names if name.startswith("✕ ")} == {
        f"✕ {row['from']} → {row['to']}" for _, row in order[order["trunk"] == quiet].iterrows()
    }
    assert names[0] == f"{order['from'][0]} → {order['to'][0]}"


def test_more_directions_hit_than_rows_asked_for_are_all_shown(build: Any, result: Any) -> None:
    trunks = list(result.trunks["trunk"].unique())
    ax = show.trunks_over_time(build.hit(result, *(("cut", name, 0.0, 2.0, 3.0) for name in trunks)), count=4)
    assert len(_names(ax)) == 2 * len(trunks)


def test_down_is_hatched_and_reduced_is_a_line_with_a_key(build: Any, result: Any) -> None:
    cut, slow = tables.trunk_uses(result)["trunk"].unique()[:2]
    ax = show.trunks_over_time(build.hit(result, ("cut", cut, 0.0, 2.0, 3.0), ("degrade", slow, 0.4, 4.0, math.inf)))
    uses = tables.trunk_uses(build.hit(result, ("cut", cut, 0.0, 2.0, 3.0), ("degrade", slow, 0.4, 4.0, math.inf)))
    rows = [place for place, trunk in enumerate(uses["trunk"]) if trunk == cut]
    assert sorted(_boxes(ax, hatched=True)) == [(row, 2 * DAY, 3 * DAY) for row in rows]
    rows = [place for place, trunk in enumerate(uses["trunk"]) if trunk == slow]
    assert sorted(_boxes(ax, hatched=False)) == [(row, 4 * DAY, 7 * DAY) for row in rows]
    assert _key(ax) == ["down", "a part of the capacity in force", "cut", "degrade"]
    assert _cells(ax).mask.sum() == 2 * 4  # both directions, four bins of six hours


def test_a_bin_that_a_cut_covers_in_part_is_not_down(build: Any, result: Any) -> None:
    """Bins of 6 h; cut from 3 h to 15 h: a half of the first and of the third bin, all of the second."""
    name = tables.trunk_uses(result)["trunk"][0]
    ax = show.trunks_over_time(build.hit(result, ("cut", name, 0.0, 2.125, 2.625)))
    assert {box[1:] for box in _boxes(ax, hatched=True)} == {(2.25 * DAY, 2.5 * DAY)}
    assert {box[1:] for box in _boxes(ax, hatched=False)} == {(2 * DAY, 2.25 * DAY), (2.5 * DAY, 2.75 * DAY)}


def test_few_incidents_have_lines_through_the_rows_and_many_only_marks(build: Any, result: Any) -> None:
    name = result.trunks["trunk"][0]
    few = show.trunks_over_time(
        build.hit(result, ("cut", name, 0.0, 2.0, 3.0), ("outage", "City 0", 0.5, 5.0, math.inf))
    )
    begins = {line.get_marker(): list(line.get_xdata()) for line in few.lines if line.get_marker() in ("X", "s")}
    assert begins == {"X": [2 * DAY], "s": [5 * DAY]}
    upright = [path.vertices[0, 0] for entry in few.collections for path in entry.get_paths() if _upright(path)]
    assert sorted(upright) == [2 * DAY, 3 * DAY, 5 * DAY]  # nothing at the end, where the outage is still in force
    cuts = [("cut", name, 0.0, at, at + 0.01) for at in np.linspace(0.0, 7.0, 300)]
    many = show.trunks_over_time(build.hit(result, *cuts))
    assert not [path for entry in many.collections for path in entry.get_paths() if _upright(path)]
    (marks,) = (line for line in many.lines if line.get_marker() == "X")
    assert len(marks.get_xdata()) == 300


def _upright(path: Any) -> bool:
    return len(path.vertices) == 2 and path.vertices[0, 0] == path.vertices[1, 0]


def test_colours_reach_to_the_highest_use_and_never_beyond_the_capacity(result: Any) -> None:
    top = float(result.trunks["use"].max())
    (mesh,) = (entry for entry in show.trunks_over_time(result, count=99).collections if isinstance(entry, QuadMesh))
    assert top <= mesh.norm.vmax < 2 * top
    assert mesh.colorbar.extend == "min"
    busy = type(result)(**{**vars(result), "trunks": result.trunks.assign(use=result.trunks["use"] * 20)})
    (mesh,) = (entry for entry in show.trunks_over_time(busy, count=99).collections if isinstance(entry, QuadMesh))
    assert mesh.norm.vmax == 1.0
    assert mesh.colorbar.extend == "both"


def test_one_trunk_and_its_cut(build: Any) -> None:
    result = build.result(build.graph(1, 1))
    ax = show.trunks_over_time(build.hit(result, ("cut", result.trunks["trunk"][0], 0.0, 0.0, 7.0)))
    assert len(_boxes(ax, hatched=True)) == 2
    assert _cells(ax).mask.all()


def test_without_trunks_or_without_traffic_a_sentence_says_so(build: Any) -> None:
    ax = show.trunks_over_time(build.result(build.graph(1, 0)))
    assert ax.texts[0].get_text() == "There are no trunks."
    ax = show.trunks_over_time(build.empty(build.result()))
    assert ax.texts[0].get_text() == "No trunk carried anything in the window."


def test_names_in_a_low_chart_do_not_cover_each_other(build: Any, large: Any) -> None:
    cuts = [("cut", name, 0.0, 2.0, 3.0) for name in large.trunks["trunk"].unique()[:60]]
    figure = Figure(figsize=(7, 4))
    ax = show.trunks_over_time(build.hit(large, *cuts), ax=figure.subplots())
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels() if label.get_text()]
    assert 20 < len(boxes) < 120
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(boxes))


@pytest.mark.parametrize(
    ("flags", "found"),
    [([], []), ([0, 0], []), ([1], [(0, 1)]), ([0, 1, 1, 0, 1], [(1, 3), (4, 5)]), ([1, 1], [(0, 2)])],
)
def test_spells(flags: list[int], found: list[tuple[int, int]]) -> None:
    assert fibre.spells(np.array(flags, dtype=bool)) == found
