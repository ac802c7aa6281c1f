"""Numbers, times and names as the charts write them."""

from __future__ import annotations

import math

import pytest

from hubnet import text
from hubnet.show import fonts

DAY = 86400.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0 s"),
        (3.5e-4, "350 µs"),
        (0.0171, "17.1 ms"),
        (0.9999, "1 s"),
        (59.0, "59 s"),
        (90.0, "1.5 min"),
        (5.5 * 3600, "5.5 h"),
        (36 * 3600, "1.5 d"),
        (4000 * DAY, "4,000 d"),
        (math.inf, "unfinished"),
        (math.nan, "–"),
    ],
)
def test_times_are_in_units_that_people_use(value: float, words: str) -> None:
    assert text.seconds(value) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (0.00004, "<0.1 %"),
        (0.042, "4.2 %"),
        (0.63, "63 %"),
        (0.996, "99.6 %"),
        (0.99996, ">99.9 %"),
        (1.0, "100 %"),
        (2.604, "260 %"),
        (math.nan, "–"),
    ],
)
def test_percent_never_rounds_to_a_false_0_or_100(share: float, words: str) -> None:
    assert text.percent(share) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (0.25, "0.25"), (12, "12"), (12300, "12,300"), (468750.0, "468,750"), (2.46e6, "2.46 M")],
)
def test_numbers(value: float, words: str) -> None:
    assert text.number(value) == words


def test_bits_and_rates_have_decimal_prefixes() -> None:
    assert text.bits(8e12) == "8 Tbit"
    assert text.bits(0.0) == "0 bit"
    assert text.bits(999.9e9) == "1 Tbit"
    assert text.rate(19.2e12) == "19.2 Tbit/s"


def test_names_are_one_line_escaped_and_short() -> None:
    assert fonts.name("a\n b") == "a b"
    assert fonts.name("$x$") == r"\$x\$"
    long = fonts.name("Aaaa " * 40, 30)
    assert len(long) <= 30
    assert "…" in long


@pytest.mark.parametrize(("low", "high"), [(1e-6, 1e8), (0.1, 5e7), (600.0, 8e5), (1.0, 3.0), (30.0, 31.0)])
def test_ticks_of_time_lie_in_the_axis_and_are_few(low: float, high: float) -> None:
    ticks = text.second_ticks(low, high)
    assert len(ticks) <= 9
    assert all(low <= tick <= high for tick in ticks)
    assert ticks == sorted(ticks)


def test_round_numbers_below_and_above() -> None:
    assert [text.round_below(value) for value in (1.0, 4.9, 50, 0.07)] == [1, 2, 50, 0.05]
    assert [text.round_above(value) for value in (1.0, 4.1, 0.07)] == pytest.approx([1, 5, 0.08])
