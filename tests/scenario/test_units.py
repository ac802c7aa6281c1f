"""Quantities: what is read, checked by hand, and what is refused, with its message."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from hubnet.scenario import units
from hubnet.scenario.units import DECIMAL, Kind


def kind(annotated: object) -> Kind:
    return annotated.__metadata__[0]


def refused(annotated: object, value: object) -> tuple[str, str]:
    with pytest.raises(PydanticCustomError) as caught:
        kind(annotated).read(value)
    context = caught.value.context
    return context["message"], context["hint"]


@pytest.mark.parametrize(
    "annotated, text, expected",
    [
        (units.Duration, "7 d", 7 * 86400),
        (units.Duration, "15 min", 900),
        (units.Duration, "3 d 10 h", 3 * 86400 + 10 * 3600),
        (units.Duration, "3d10h", 295200),
        (units.Duration, "1 h 30 min 2.5 s", 5402.5),
        (units.Duration, "9.7 ms", 0.0097),
        (units.Duration, "250 us", 0.00025),
        (units.Duration, "1e3 s", 1000),
        (units.Duration, "2 weeks", 14 * 86400),
        (units.Duration, "0 s", 0),
        (units.Bits, "2 TB", 16e12),
        (units.Bits, "2 Tbit", 2e12),
        (units.Bits, "4 kB", 32000),
        (units.Bits, "1 GiB", 8 * 2**30),
        (units.BitRate, "100 Gbit/s", 100e9),
        (units.BitRate, "100 Gbps", 100e9),
        (units.BitRate, "100 GBps", 800e9),
        (units.BitRate, "12 GB/s", 96e9),
        (units.BitRate, "90 TB/d", 90 * 8e12 / 86400),
        (units.Rate, "14 /s", 14),
        (units.Rate, "14/s", 14),
        (units.Rate, "1 /h", 1 / 3600),
        (units.Price, "0.35 yuan/kWh", 0.35),
        (units.Price, "350 yuan/MWh", 0.35),
        (units.Carbon, "0.02 kg/kWh", 0.02),
        (units.Carbon, "570 g/kWh", 0.57),
        (units.Power, "400 W", 400),
        (units.Power, "0.7 kW", 700),
        (units.Length, "5 km", 5),
        (units.Length, "500 m", 0.5),
        (units.Delay, "5 ms", 0.005),
        (units.OneWay, "5 ms one_way", 0.005),
        (units.OneWay, "10 ms rtt", 0.005),
        (units.OneWay, "9.7 ms one_way", 0.0097),
        (units.Fraction, "30 %", 0.3),
        (units.Fraction, "1/5", 0.2),
        (units.Fraction, 0.3, 0.3),
        (units.Fraction, 1, 1),
        (units.Factor, "1/5", 0.2),
        (units.Factor, "120 %", 1.2),
    ],
)
def test_reads(annotated: object, text: object, expected: float) -> None:
    assert kind(annotated).read(text) == expected  # exact: the result is the nearest float


@pytest.mark.parametrize(
    "annotated, value, message, hint",
    [
        (units.Duration, 7, '"7" has no unit; a duration needs one', 'write for example "7 d", "36 h" or "90 min"'),
        (units.Duration, "7", '"7" has no unit; a duration needs one', "90 min"),
        (units.BitRate, 400, '"400" has no unit; a bit rate needs one', "100 Gbit/s"),
        (units.Price, 0.35, '"0.35" has no unit; a price of energy needs one', "yuan/kWh"),
        (units.Duration, "5 GB", '"5 GB" is an amount of data; a duration is needed', "7 d"),
        (units.Duration, "15 m", '"15 m" is a length; a duration is needed', "90 min"),
        (units.BitRate, "100 GB", '"100 GB" is an amount of data; a bit rate is needed', "100 Gbit/s"),
        (units.Bits, "5 Gbit/s", '"5 Gbit/s" is a bit rate; an amount of data is needed', "2 TB"),
        (units.Power, "700 Wh", '"700 Wh" is an energy; a power is needed', "400 W"),
        (units.Fraction, "5 s", '"5 s" is a duration; a share is needed', "30 %"),
        (units.Duration, "5 dayz", 'unknown unit "dayz"', 'did you mean "5 day'),
        (
            units.BitRate,
            "100 mbit/s",
            'unknown unit "mbit"',
            'did you mean "100 Mbit/s"? (upper and lower case differ)',
        ),
        (units.Bits, "4 KB", 'unknown unit "KB"', 'did you mean "4 kB"?'),
        (units.BitRate, "100 Gb/s", 'unknown unit "Gb"', 'write "Gbit" for bits or "GB" for bytes'),
        (units.Duration, "5 Ms", 'unknown unit "Ms"', 'did you mean "5 ms"?'),
        (units.Length, "830 miles", 'unknown unit "miles"', "830 km"),
        (units.Duration, "-5 s", '"-5 s" is negative; a duration cannot be', ""),
        (units.Duration, "-3 d 2 h", '"-3 d 2 h" is negative', ""),
        (units.Fraction, -0.1, '"-0.1" is negative; a share cannot be', ""),
        (units.Duration, "nan s", '"nan s" is not finite', ""),
        (units.Duration, math.inf, '"inf" is not finite', ""),
        (units.Fraction, math.nan, '"nan" is not finite', ""),
        (units.Power, "1e400 W", "too large", ""),
        (units.Power, "1e308 MW", "too large", ""),
        (units.Duration, "1e-999999999 s 1e999999999 s", "", ""),
        (units.Fraction, "150 %", '"150 %" is out of range; a share has to be at least 0 and at most 1', ""),
        (units.FractionBelowOne, "100 %", "less than 1", ""),
        (units.Fraction, "1/0", '"1/0" divides by zero', ""),
        (units.BitRate, "0 Gbit/s", "has to be more than 0 bit/s", ""),
        (units.AtLeastOne, 0.9, '"0.9" is out of range; a number has to be at least 1', ""),
        (units.Duration, "10 h 3 d", "does not go from larger to smaller units", ""),
        (units.Duration, "3 h 3 h", "does not go from larger to smaller units", ""),
        (units.Duration, "2 h 30", '"2 h 30" is not a duration', ""),
        (units.Duration, "1,5 h", "number that cannot be read", "point for decimals"),
        (units.Length, "1,000 km", "number that cannot be read", "nothing between thousands"),
        (units.BitRate, "Gbit/s", "it has no number", "100 Gbit/s"),
        (units.Duration, "18:30", '"18:30" is not a duration', "36 h"),
        (units.Duration, True, '"true" is not a duration', ""),
        (units.Duration, None, "nothing is given", "7 d"),
        (units.Duration, ["7 d"], "a list is not a duration", ""),
        (units.OneWay, "5 ms", "does not say its direction, one_way or rtt", '"10 ms rtt"'),
        (units.OneWay, "5 ms both", "does not say its direction", ""),
        (units.OneWay, 5, '"5" has no unit', "5 ms one_way"),
        (units.OneWay, "5 GB one_way", "is an amount of data", ""),
        (units.Duration, "__import__('os').getcwd() s", "is not a duration", ""),
    ],
)
def test_refuses(annotated: object, value: object, message: str, hint: str) -> None:
    said, way_out = refused(annotated, value)
    assert message in said
    assert hint in way_out


NUMBERS = st.floats(min_value=1e-6, max_value=1e9, allow_nan=False).map(lambda x: float(f"{x:.6g}"))


@given(NUMBERS, st.sampled_from(sorted(DECIMAL)))
def test_bytes_are_eight_bits_under_every_prefix(number: float, prefix: str) -> None:
    bits = kind(units.Bits).read(f"{number!r} {prefix}bit")
    assert bits == pytest.approx(number * DECIMAL[prefix], rel=1e-15)
    assert kind(units.Bits).read(f"{number!r} {prefix}B") == pytest.approx(8 * bits, rel=1e-15)
    assert kind(units.BitRate).read(f"{number!r} {prefix}Bps") == pytest.approx(8 * bits, rel=1e-15)


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_compound_durations_are_the_sum_of_their_parts(d: int, h: int, m: int, s: int) -> None:
    assert kind(units.Duration).read(f"{d} d {h} h {m} min {s} s") == 86400 * d + 3600 * h + 60 * m + s


@given(st.floats(min_value=1e-9, max_value=1e15))
@pytest.mark.parametrize("annotated", [units.Duration, units.Bits, units.BitRate, units.Price, units.Length])
def test_written_in_its_own_unit_a_number_comes_back(annotated: object, number: float) -> None:
    reader = kind(annotated)
    assert reader.read(f"{number!r} {reader.unit}") == number
    assert reader.read(reader.written(number)) == pytest.approx(number, rel=1e-5)


@given(st.text(max_size=20) | st.from_regex(r"[-+0-9.e]{1,8} ?[a-zA-Z/% ]{0,8}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    for annotated in (units.Duration, units.BitRate, units.Rate, units.Fraction, units.OneWay):
        try:
            number = kind(annotated).read(text)
        except PydanticCustomError:
            continue
        assert math.isfinite(number)
