"""Where things lie in the report's charts: worked out by hand."""

import pytest

from hubnet.show.report.drawing import frame_of, labels, line, polyline
from hubnet.show.report.figures import clock, ticks


def test_a_line_follows_the_great_circle():
    # from 50 N 0 E to 50 N 90 E: the middle is at atan(tan 50 / cos 45) = 59.32 N, 45 E
    frame = frame_of([(50.0, 0.0), (50.0, 90.0), (59.32, 45.0)])
    points = [tuple(map(float, point.split(","))) for point in line(frame, (50.0, 0.0), (50.0, 90.0))[1:].split("L")]
    assert points[0] == frame.at(50.0, 0.0)
    assert points[-1] == frame.at(50.0, 90.0)
    assert points[len(points) // 2] == pytest.approx(frame.at(59.32, 45.0), abs=0.2)


def test_a_frame_holds_its_places_and_lines_have_gaps():
    frame = frame_of([(10.0, 100.0), (50.0, 130.0)])
    for place in ((10.0, 100.0), (50.0, 130.0)):
        x, y = frame.at(*place)
        assert 0 < x < 900
        assert 0 < y < frame.height
    assert polyline([0.0, 1.0, None, 0.5], 400, 100) == "M0.0,100.0H100.0L100.0,0.0H200.0M300.0,50.0H400.0"
    assert clock(2 * 86400 + 3 * 3600 + 60) == "day 3, 03:01"


def test_labels_do_not_overlap():
    marks = [(f"Hub {k}", 400.0 + 9 * k, 300.0 + 5 * k, 10.0) for k in range(6)] + [("贵阳", 100.0, 100.0, 5.0)]
    placed = [label for label in labels(marks, 600.0) if label]
    assert len(placed) >= 4
    boxes = [(one["x"], one["x"] + 6.6 * len(one["word"]), one["y"] - 10, one["y"] + 3) for one in placed]
    for k, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] + 0.2 or other[3] <= top + 0.2


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (5 * 86400, ["day 1", "day 2", "day 3", "day 4", "day 5"]),
        (20 * 3600, ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00"]),
        (0, []),
    ],
)
def test_a_time_axis_is_marked_in_days_or_hours(span, words):
    marks = ticks(0.0, float(span))
    assert [mark["word"] for mark in marks] == words
    assert [mark["at"] for mark in marks] == sorted(mark["at"] for mark in marks)
