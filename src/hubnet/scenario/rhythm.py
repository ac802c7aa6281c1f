"""When jobs are submitted, as people write it: the profile of a day, a trend, bursts and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from hubnet.scenario.fields import MAPPING, VALUE, VALUE_OR_MAPPING, Form, Hours, Name, Part
from hubnet.scenario.sizes import Counts
from hubnet.scenario.spread import Choice, Column
from hubnet.scenario.units import Factor, Span, Variation
from hubnet.scenario.words import fault

FLAT = "flat"  # the profile of a rate that is the same at all hours


@dataclass(frozen=True)
class Profile:
    """Relative values of 24 hours, from 00:00, on weekdays and at weekends; only their proportions matter."""

    weekday: tuple[float, ...]
    weekend: tuple[float, ...]


class ProfileForm(Form):
    """{weekday: [24 numbers], weekend: [24 numbers]}"""

    weekday: Annotated[tuple[float, ...], Hours()] = Field(
        description="relative value in each hour from 00:00, Monday to Friday"
    )
    weekend: Annotated[tuple[float, ...], Hours()] | None = Field(
        default=None, description="the same for Saturday and Sunday; as on weekdays unless given"
    )


def _profile(form: ProfileForm) -> Profile:
    profile = Profile(form.weekday, form.weekday if form.weekend is None else form.weekend)
    if not any(profile.weekday + profile.weekend):
        raise fault("the values of all hours are 0", "give some hour a number above 0")
    return profile


if TYPE_CHECKING:  # what it is once read
    ProfileOrName = str | Profile
    InlineProfile = Profile
else:  # how it is written
    ProfileOrName = Annotated[
        Annotated[Name, VALUE] | Annotated[ProfileForm, AfterValidator(_profile), MAPPING], VALUE_OR_MAPPING
    ]
    InlineProfile = Annotated[ProfileForm, AfterValidator(_profile)]


class TrendSpec(Part):
    """Growth or decline of a rate during the run."""

    by: Factor = Field(description="factor by which the rate changes, evenly, in the time `over`; 1 = no trend")
    over: Span | None = Field(default=None, description="the time that it takes; the length of the run unless given")


class SwingsSpec(Part):
    """A rate that alternates at random between busy and quiet, in all regions at once; its mean stays."""

    busy: Span = Field(description="mean length of busy spans, which is exponentially distributed")
    quiet: Span = Field(description="mean length of quiet spans, likewise")
    by: Factor = Field(description="rate in busy spans over the rate in quiet ones")


class BurstsSpec(Part):
    """How unevenly jobs are submitted, apart from profile and trend."""

    cv: Variation = Field(
        description="coefficient of variation of the gaps between submissions in a region, which have a gamma "
        "distribution; 1 = Poisson, above 1 = bursts, 0 = regular"
    )


def _some_jobs(size: Choice | Column) -> Choice | Column:
    if isinstance(size, Choice) and min(size.values) < 1:
        raise fault('"0" is no size of a campaign', "a campaign has at least 1 job")
    return size


class CampaignsSpec(Part):
    """Jobs that are submitted several at once."""

    size: Annotated[Counts, AfterValidator(_some_jobs)] = Field(
        description="how many jobs at once: fixed, or a distribution; the rate counts jobs, bursts concern campaigns"
    )
