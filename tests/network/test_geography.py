"""Distances and delays against values that are known from elsewhere."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubnet.network.geography import (
    EARTH_RADIUS_KM,
    FIBRE_S_PER_KM,
    LAYER_FACTOR,
    NODE_S,
    great_circle_km,
    trunk_delay_s,
)

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_nashville_to_los_angeles() -> None:
    """Rosetta Code, "Haversine formula": BNA to LAX is 2887.2599506071 km on a sphere of 6372.8 km."""
    known = 2887.2599506071 * EARTH_RADIUS_KM / 6372.8
    assert great_circle_km((36.12, -86.67), (33.94, -118.40)) == pytest.approx(known, rel=1e-12)


def test_pole_to_equator_is_a_quarter_of_the_circumference() -> None:
    assert great_circle_km((90, 0), (0, 37)) == pytest.approx(math.pi / 2 * 6371.0088, rel=1e-15)


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    """1.852 km by definition, after the mean minute of latitude of the real Earth."""
    assert great_circle_km((45, 10), (45 + 1 / 60, 10)) == pytest.approx(1.852, rel=1e-3)


def test_antipodes_are_half_a_circumference_apart() -> None:
    assert great_circle_km((30, 40), (-30, -140)) == pytest.approx(math.pi * 6371.0088, rel=1e-9)


def test_near_points_keep_their_precision() -> None:
    """One millionth of a degree of longitude on the equator: R times the angle, 11 cm."""
    assert great_circle_km((0, 0), (0, 1e-6)) == pytest.approx(6371.0088 * math.radians(1e-6), rel=1e-9)


@given(places, places)
def test_a_distance_is_symmetric_and_at_most_half_the_circumference(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    distance = great_circle_km(a, b)
    assert distance == pytest.approx(great_circle_km(b, a), abs=1e-6)
    assert 0 <= distance <= math.pi * EARTH_RADIUS_KM * (1 + 1e-12)


def test_light_in_fibre_of_group_index_1_468() -> None:
    assert pytest.approx(1.468 / 299792.458, rel=1e-3) == FIBRE_S_PER_KM


def test_layer_factors_are_ratios_of_the_published_means() -> None:
    """14.6 and 16.7 ms over 9.7 ms."""
    assert LAYER_FACTOR["optical"] == 1
    assert LAYER_FACTOR["private-ip"] == pytest.approx(14.6 / 9.7, abs=0.006)
    assert LAYER_FACTOR["public-ip"] == pytest.approx(16.7 / 9.7, abs=0.006)


def test_a_measured_delay_replaces_the_time_in_the_fibre_but_not_the_node() -> None:
    assert trunk_delay_s(1000) == pytest.approx(4.9e-3 + NODE_S)
    assert trunk_delay_s(1000, one_way_ms=3) == pytest.approx(3e-3 + 1e-4)
    assert trunk_delay_s(None, one_way_ms=0) == NODE_S


def test_a_trunk_of_which_nothing_is_known_has_no_delay() -> None:
    with pytest.raises(ValueError, match="length or a one-way delay"):
        trunk_delay_s(None)
