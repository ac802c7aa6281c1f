"""Great circles, the 180th meridian, and networks without coordinates."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from hubnet.show import places


def test_a_great_circle_along_the_equator_is_straight() -> None:
    line = places.great_circle((10.0, 0.0), (50.0, 0.0), steps=4)
    assert line == pytest.approx(np.array([[10, 0], [20, 0], [30, 0], [40, 0], [50, 0]]), abs=1e-9)


def test_a_great_circle_bends_to_the_pole() -> None:
    """Half way between (0, 60) and (90, 60): the sum of the unit vectors has latitude atan(tan 60 * sqrt 2)."""
    line = places.great_circle((0.0, 60.0), (90.0, 60.0), steps=2)
    assert line[1] == pytest.approx([45.0, np.degrees(np.arctan(np.tan(np.radians(60)) * np.sqrt(2)))])


def test_a_great_circle_ends_where_it_should_across_the_180th_meridian() -> None:
    line = places.great_circle((170.0, 10.0), (190.0, -10.0))
    assert line[0] == pytest.approx([170, 10])
    assert line[-1] == pytest.approx([190, -10])
    assert np.abs(np.diff(line[:, 0])).max() < 5


def test_the_line_between_two_cities_at_one_place() -> None:
    assert places.great_circle((5.0, 6.0), (5.0, 6.0), steps=3) == pytest.approx(np.array([[5.0, 6.0]] * 4))


def _graph(*longitudes: float) -> nx.Graph:
    graph = nx.Graph()
    for index, longitude in enumerate(longitudes):
        graph.add_node(str(index), lat=10.0 * index, lon=longitude)
    return graph


def test_a_nation_across_the_180th_meridian_stays_whole() -> None:
    x = [place[0] for place in places.positions(_graph(170.0, 179.0, -175.0)).values()]
    assert x == pytest.approx([170.0, 179.0, 185.0])


@pytest.mark.parametrize("longitudes", [(-10.0, 5.0, 30.0), (116.0, 87.0), (-120.0,), ()])
def test_ordinary_longitudes_are_kept(longitudes: tuple[float, ...]) -> None:
    assert [place[0] for place in places.positions(_graph(*longitudes)).values()] == pytest.approx(list(longitudes))


def test_one_city_without_coordinates_makes_a_schematic_which_is_always_the_same(build: Any) -> None:
    graph = build.graph(3, 3)
    assert places.known(graph)
    del graph.nodes["City 2"]["lat"]
    assert not places.known(graph)
    first, second = places.positions(graph), places.positions(graph)
    assert first == second
    assert len(set(first.values())) == len(graph)
