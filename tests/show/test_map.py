"""The map: labels do not intersect, sizes and colours follow the tables, odd networks work."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

from hubnet import show
from hubnet.show import atlas, places, tables
from hubnet.show.atlas_key import Scale
from hubnet.show.labels import Labels


def _labels(ax: Axes) -> Labels:
    ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    (labels,) = (child for child in ax.get_children() if isinstance(child, Labels))
    return labels


@pytest.mark.parametrize("size", [(13, 9), (6, 4), (3, 3)])
def test_no_two_labels_intersect_at_any_size(size: tuple[float, float], large: Any) -> None:
    labels = _labels(show.map(large, ax=Figure(figsize=size).subplots()))
    boxes = [box for box in labels.boxes if box is not None]
    assert len(boxes) > 5
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))


def test_labels_are_placed_anew_when_the_figure_changes(large: Any) -> None:
    ax = show.map(large)
    before = list(_labels(ax).boxes)
    ax.figure.set_size_inches(7, 5)
    after = _labels(ax).boxes
    assert sum(box is not None for box in after) < sum(box is not None for box in before)
    assert not any(a.meets(b) for a, b in combinations([box for box in after if box is not None], 2))


def test_every_hub_of_a_small_network_is_labelled_with_its_utilization(result: Any) -> None:
    labels = _labels(show.map(result))
    shown = [text.get_text() for text, box in zip(labels.texts, labels.boxes, strict=True) if box is not None]
    for hub, share in tables.hubs(result)["utilization"].items():
        assert f"{hub}, {100 * share:.0f} %" in shown


def test_hubs_are_the_most_important_labels(large: Any) -> None:
    order = [text.get_text().split(",")[0] for text in _labels(show.map(large)).texts]
    hubs = tables.hubs(large)["devices"].sort_values(ascending=False)
    assert order[:27] == list(hubs.index)


def test_the_colour_of_a_trunk_is_the_use_of_its_busier_direction(result: Any) -> None:
    ax = show.map(result)
    (lines,) = (entry for entry in ax.collections if isinstance(entry, LineCollection))
    uses = tables.trunk_uses(result).groupby("trunk")["use"].max()
    assert sorted(lines.get_array()) == pytest.approx(sorted(uses))


def test_the_width_of_a_trunk_grows_with_its_capacity(result: Any) -> None:
    ax = show.map(result)
    (lines,) = (entry for entry in ax.collections if isinstance(entry, LineCollection))
    capacities = {edge["capacity_bit_s"] for _, _, edge in result.network.graph.edges(data=True)}
    assert len(set(lines.get_linewidths())) == len(capacities)


@pytest.mark.parametrize(("level", "top"), [(0.0, -0.5), (0.25, -0.25), (0.5, 0.0), (1.0, 0.5), (7.0, 0.5)])
def test_a_circle_is_filled_up_to_its_level(level: float, top: float) -> None:
    points = atlas.circle(1.0, level).vertices
    assert points[:, 1].min() == pytest.approx(-0.5, abs=1e-3)
    assert points[:, 1].max() == pytest.approx(top, abs=1e-3)
    assert np.hypot(*points.T).max() <= 0.5 + 1e-9


def test_a_scale_gives_areas_in_proportion_and_round_examples() -> None:
    scale = Scale.over([100.0, 400.0], (1.0, 20.0), zoom=1.0)
    assert scale(400.0) == 20.0
    assert scale(100.0) == 10.0
    assert scale(0.0) == 1.0
    assert scale.examples() == [200.0, 100.0]
    assert Scale.over([1.0, 10.0, 1e6], (6.0, 30.0), zoom=1.0).examples() == [1e6, 1000.0]
    assert Scale.over([], (1.0, 20.0), zoom=1.0).examples() == []


def test_degrees_are_drawn_true_to_the_mean_latitude(result: Any) -> None:
    ax = show.map(result)
    low, high = ax.get_ylim()
    assert ax.get_aspect() == pytest.approx(1 / np.cos(np.radians((low + high) / 2)), rel=1e-3)


def test_without_coordinates_the_map_says_that_it_is_a_schematic(build: Any) -> None:
    ax = show.map(build.result(build.graph(4, 5, places=False)))
    assert "schematic" in ax.get_xlabel()
    assert not ax.get_xticks().size
    assert ax.get_aspect() == 1.0


def test_a_region_in_the_city_of_a_hub_does_not_hide_how_full_it_is(result: Any) -> None:
    """The first city is a hub and a region: the square's centre is on the rim of the circle."""
    ax = show.map(result)
    (marks,) = (entry for entry in ax.collections if isinstance(entry, PathCollection))
    here = [
        path
        for path, place in zip(marks.get_paths(), marks.get_offsets(), strict=True)
        if tuple(place) == (result.network.graph.nodes["City 0"]["lon"], result.network.graph.nodes["City 0"]["lat"])
    ]
    circle, _, square = here
    middle = square.vertices[:4].mean(axis=0)
    assert np.hypot(*middle) == pytest.approx(circle.vertices[:, 0].max(), rel=1e-2)


def test_without_traffic_trunks_have_no_colours(build: Any) -> None:
    ax = show.map(build.empty(build.result()))
    assert "no trunk carried anything" in ax.get_xlabel()
    assert not any("trunk use" in other.get_ylabel() for other in ax.figure.axes)


def test_a_network_without_cities(build: Any, result: Any) -> None:
    nothing = type(result)(**{**vars(result), "network": type(result.network)(graph=nx.Graph())})
    assert "no cities" in show.map(nothing).texts[0].get_text()


def test_more_use_than_capacity_is_the_darkest_colour_with_a_tip(result: Any) -> None:
    busy = type(result)(**{**vars(result), "trunks": result.trunks.assign(use=result.trunks["use"] * 20)})
    ax = show.map(busy)
    (lines,) = (entry for entry in ax.collections if isinstance(entry, LineCollection))
    assert lines.norm.vmax == 1.0
    assert lines.colorbar.extend == "max"


def _crosses(ax: Axes) -> np.ndarray:
    return np.array([line.get_xydata() for line in ax.lines if line.get_marker() == "X"]).reshape(-1, 2)


def _key(ax: Axes) -> list[str]:
    legends = [other.get_legend() for other in ax.figure.axes if other.get_legend()]
    return [entry.get_text() for legend in legends for entry in legend.get_texts()]


def test_a_trunk_that_was_hit_has_a_cross_at_the_middle_of_its_great_circle(build: Any, result: Any) -> None:
    """Of three incidents one is over before the window, one is an outage: one cross."""
    names = list(result.trunks["trunk"].unique())
    ax = show.map(
        build.hit(
            result,
            ("cut", names[0], 0.0, 0.2, 0.9),
            ("degrade", names[1], 0.3, 3.0, 4.0),
            ("outage", "City 0", 0, 2, 3),
        )
    )
    row = result.trunks[result.trunks["trunk"] == names[1]].iloc[0]
    at = places.positions(result.network.graph)
    middle = places.great_circle(at[row["from"]], at[row["to"]], steps=2)[1]
    assert _crosses(ax) == pytest.approx(middle.reshape(1, 2))
    assert "trunk hit by an incident" in _key(ax)
    assert "trunk down all the time" not in _key(ax)


def test_without_incidents_in_the_window_there_is_no_cross_and_no_key_for_it(build: Any, result: Any) -> None:
    name = result.trunks["trunk"][0]
    for calm in (result, build.hit(result, ("cut", name, 0.0, 0.2, 0.9), ("cut", name, 0.0, 7.0, 9.0))):
        ax = show.map(calm)
        assert not _crosses(ax).size
        assert "trunk hit by an incident" not in _key(ax)


def test_a_small_map_explains_its_crosses(build: Any, result: Any) -> None:
    hurt = build.hit(result, ("cut", result.trunks["trunk"][0], 0.0, 3.0, 4.0))
    for size, key in (((4, 3), ["trunk hit by an incident"]), ((13, 9), _key(show.map(hurt)))):
        ax = show.map(hurt, ax=Figure(figsize=size).subplots())
        assert _key(ax) == key


def test_a_trunk_that_was_down_all_the_time_is_grey_and_the_others_keep_their_colours(build: Any, result: Any) -> None:
    name = result.trunks["trunk"][0]
    ax = show.map(build.hit(result, ("cut", name, 0.0, 0.0, 9.0)))
    ax.figure.draw_without_rendering()
    (lines,) = (entry for entry in ax.collections if isinstance(entry, LineCollection))
    uses = tables.trunk_uses(result).groupby("trunk")["use"].max()
    assert lines.get_array().compressed() == pytest.approx(sorted(uses.drop(name)))
    assert lines.get_array().mask.sum() == 1
    assert [tuple(colour) for colour in lines.get_colors()].count(tuple(lines.cmap.get_bad())) == 1
    assert "trunk down all the time" in _key(ax)


def test_when_every_trunk_was_down_the_map_has_no_colours(build: Any, result: Any) -> None:
    cuts = [("cut", name, 0.0, 0.0, 9.0) for name in result.trunks["trunk"].unique()]
    ax = show.map(build.hit(result, *cuts))
    assert "no trunk carried anything" in ax.get_xlabel()
    assert len(_crosses(ax)) == len(cuts)


def test_in_a_window_without_length_no_trunk_was_down(result: Any) -> None:
    ax = show.map(type(result)(**{**vars(result), "window": (3 * 86400.0, 3 * 86400.0)}))
    assert "no trunk carried anything" in ax.get_xlabel()
    assert "trunk down all the time" not in _key(ax)
