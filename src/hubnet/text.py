"""How charts and tables write numbers and times: the only place that formats them; and how names are shown.

Numbers keep about three digits. A space stands between number and unit (10 ms, 63 %).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

NOTHING = "\N{EN DASH}"  # shown for a measure of nothing
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z")

# The values that a logarithmic axis of seconds may mark. Coarse: about one per factor of ten.
_COARSE = (
    *(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0),
    *(MINUTE, 10 * MINUTE, HOUR),
    *(DAY, 10 * DAY, 100 * DAY, 1000 * DAY),
)
_FINE = tuple(
    sorted(
        {
            *(digit * 10.0**power for power in range(-6, 1) for digit in (1, 2, 5)),
            *(10.0, 30.0),  # neighbours differ by a factor of 2 or more, so that their labels do not meet
            *(minutes * MINUTE for minutes in (1, 2, 5, 10, 30)),
            *(hours * HOUR for hours in (1, 2, 5, 10)),
            *(digit * 10.0**power * DAY for power in range(4) for digit in (1, 2, 5)),
        }
    )
)

# What a terminal obeys instead of showing it, but for tab and newline; and what turns the direction of writing around.
_ORDERS = {
    code: rf"\x{code:02x}" if code < 256 else rf"\u{code:04x}"
    for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def plain(said: str) -> str:
    """A text that may be anybody's, such as a name from a scenario, so that a terminal shows it and obeys nothing."""
    return said.translate(_ORDERS)


def number(value: float) -> str:
    """A count: 0.25, 12, 12,300, 2.46 M (millions), 1.2 G."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return str(value)
    if abs(value) >= 1e6:
        return _prefixed(value, "").strip()
    if value == round(value) or abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def counted(count: float, one: str, many: str = "") -> str:
    """1 job, 12,300 jobs. many: unless it is `one` with an s."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(fraction: float) -> str:
    """A share of 1 as percent: 63 %, 4.2 %, 99.6 %. What is not quite 0 or 100 does not look like it."""
    if math.isnan(fraction):
        return NOTHING
    value = 100 * fraction
    if 0 < value < 0.1:
        return "<0.1 %"
    if -0.1 < value < 0:
        return ">-0.1 %"
    if 99.9 < value < 100:
        return ">99.9 %"
    if value == 0 or 10 <= abs(value) <= 99 or abs(value) >= 100:
        return f"{value:.0f} %"
    return f"{value:.1f} %"


def energy(kwh: float) -> str:
    """An amount of energy, given in kWh: 12.9 GWh."""
    return NOTHING if math.isnan(kwh) else _prefixed(1000 * kwh, "Wh")


def money(yuan: float) -> str:
    """A sum of money: 6.7 M yuan, 850 yuan."""
    return NOTHING if math.isnan(yuan) else f"{number(yuan)} yuan"


def mass(kilograms: float) -> str:
    """A mass: 850 kg, 7,860 t."""
    if math.isnan(kilograms):
        return NOTHING
    return f"{number(kilograms / 1000)} t" if abs(kilograms) >= 1000 else f"{number(kilograms)} kg"


def bits(value: float) -> str:
    """An amount of data: 3.2 Tbit. Prefixes are decimal."""
    return NOTHING if math.isnan(value) else _prefixed(value, "bit")


def rate(value: float) -> str:
    """A capacity in bit/s: 19.2 Tbit/s."""
    return NOTHING if math.isnan(value) else _prefixed(value, "bit/s")


def seconds(value: float) -> str:
    """A time in s in the unit that people would use: 350 µs, 12 ms, 1.5 s, 25 min, 3.2 h, 6 d.

    Infinite (a quantile that falls on unfinished jobs) is `unfinished`.
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "unfinished"
    size = abs(value)
    if size == 0:
        return "0 s"
    if size < 0.9995e-3:
        return f"{value * 1e6:.3g} µs"
    if size < 0.9995:
        return f"{value * 1e3:.3g} ms"
    if size < MINUTE:
        return f"{value:.3g} s"
    if size < HOUR:
        return f"{value / MINUTE:.3g} min"
    if size < DAY:
        return f"{value / HOUR:.3g} h"
    return f"{value / DAY:.3g} d" if size < 1000 * DAY else f"{value / DAY:,.0f} d"


def second_ticks(low: float, high: float, most: int = 9) -> list[float]:
    """Round times in s between `low` and `high` (both > 0) for a logarithmic axis, at most `most` of them."""
    fine = _between(_FINE, low, high)
    if len(fine) <= most:
        return fine
    coarse = _between(_COARSE, low, high)
    step = -(-len(coarse) // most)
    return coarse[::step]


def time_unit(span: float) -> tuple[float, str]:
    """The unit of a linear axis of `span` s: its length in s, and its name."""
    for length, unit in ((2 * DAY, "days"), (2 * HOUR, "hours"), (2 * MINUTE, "minutes")):
        if span >= length:
            return length / 2, unit
    return 1.0, "seconds"


def round_below(value: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above `value` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return max(digit * power for digit in (1, 2, 5) if digit * power <= value * (1 + 1e-9))


def round_above(value: float) -> float:
    """The smallest 1, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below `value` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return min(digit * power for digit in (1, 2, 3, 4, 5, 6, 8, 10) if digit * power >= value * (1 - 1e-9))


def _between(values: Iterable[float], low: float, high: float) -> list[float]:
    return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def _prefixed(value: float, unit: str) -> str:
    power = 0 if value == 0 else min(max(math.floor(math.log10(abs(value)) / 3 + 1e-12), 0), len(_PREFIXES) - 1)
    if abs(value) / 1000.0**power >= 999.5 and power < len(_PREFIXES) - 1:
        power += 1
    return f"{value / 1000.0**power:.3g} {_PREFIXES[power]}{unit}"
