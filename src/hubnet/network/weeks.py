"""Profiles of the week: factors on a mean, by the hour, from two lists of 24 numbers.

A table of profiles has the columns hour, weekday and weekend, and profile if it holds several.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Problem
from ..scenario.words import quote
from .rows import Fact
from .tables import number, text, whole

HOURS = 168  # of a week, from Monday 00:00
Week = tuple[float, ...]  # a factor for each hour of the week; their mean is 1


@dataclass(frozen=True)
class ProfileRow(Fact):
    """A row of a table of profiles: the relative value in one hour of the day. profile: its name, if there are many."""

    profile: str = text(default="")
    hour: int = whole()
    weekday: float = number(0)
    weekend: float = number(0)


def week_of(weekday: Sequence[float], weekend: Sequence[float]) -> Week:
    """The factors that 24 relative values of weekdays and 24 of weekends make; not all of them are 0."""
    hours = [*weekday] * 5 + [*weekend] * 2
    mean = math.fsum(hours) / HOURS
    return tuple(hour / mean for hour in hours)


def weeks_in(rows: Sequence[ProfileRow], file: str, problems: list[Problem]) -> dict[str, Week]:
    """The profiles in a table by their names, "" if they have none; what is wrong goes to `problems`."""
    found: dict[str, Week] = {}
    for name in dict.fromkeys(row.profile for row in rows):
        mine = {row.hour: row for row in rows if row.profile == name}
        about = f"the profile {quote(name)}" if name else "the profile"
        if sorted(row.hour for row in rows if row.profile == name) != list(range(24)):
            problems.append(Problem(f"{about} does not have each hour from 0 to 23 once", "", file))
            continue
        weekday, weekend = zip(*((mine[i].weekday, mine[i].weekend) for i in range(24)), strict=True)
        if any(weekday + weekend):
            found[name] = week_of(weekday, weekend)
        else:
            problems.append(Problem(f"{about} is 0 at all hours", "give some hour a number above 0", file))
    return found
