"""The label placer: boxes never intersect, the important come first, none leaves the bounds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.show.labels import Box, Spot, place

BOUNDS = Box(0, 0, 400, 300)
SPOTS = st.lists(
    st.builds(
        Spot,
        x=st.floats(0, 400),
        y=st.floats(0, 300),
        radius=st.floats(0, 30),
        width=st.floats(1, 90),
        height=st.floats(1, 20),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(SPOTS)
def test_no_label_meets_another_or_a_foreign_mark_or_leaves_the_map(spots: list[Spot]) -> None:
    boxes = place(spots, BOUNDS)
    assert len(boxes) == len(spots)
    placed = [box for box in boxes if box is not None]
    assert not any(a.meets(b) for a, b in combinations(placed, 2))
    assert all(box.within(BOUNDS) for box in placed)
    for spot, box in zip(spots, boxes, strict=True):
        if box is not None:
            assert not any(box.meets(other.mark) for other in spots if other.mark != spot.mark)


def test_a_lone_label_stands_right_of_its_mark() -> None:
    (box,) = place([Spot(100, 100, 5, 40, 10)], BOUNDS, gaps=(2.0,))
    assert box == Box(107, 95, 147, 105)


def test_the_first_spot_gets_the_room_and_the_last_is_dropped() -> None:
    tight = Box(0, 0, 60, 12)
    first, second = place([Spot(10, 6, 2, 45, 10), Spot(10, 6, 2, 45, 10)], tight, gaps=(2.0,))
    assert first is not None
    assert second is None


def test_a_label_avoids_lines_where_it_can() -> None:
    right = np.column_stack([np.linspace(105, 150, 50), np.full(50, 100.0)])
    (box,) = place([Spot(100, 100, 5, 40, 10)], BOUNDS, gaps=(2.0,), points=right)
    assert box is not None
    assert box.right <= 93


def test_boxes_that_share_an_edge_do_not_meet() -> None:
    assert not Box(0, 0, 1, 1).meets(Box(1, 0, 2, 1))
    assert Box(0, 0, 1, 1).meets(Box(0.9, 0.9, 2, 2))
