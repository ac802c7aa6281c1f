"""What the accounts of a run rest on beside prices and powers: the scenario's section `accounts`, and its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from hubnet.scenario.fields import Part
from hubnet.scenario.units import DurationKind, Fraction, Kind

YEAR = 365.25 * 86400.0  # s
# Estimates, for networks whose data give none. Idle: accelerators draw 10 to 30% of their busy power without work,
# whole servers 20 to 50%. Devices are written off over 3 to 6 years, at 3 to 8% a year.
IDLE_POWER, LIFETIME, INTEREST = 0.30, 5 * YEAR, 0.05

Money = Annotated[float, Kind("a sum of money", "yuan", ("200000 yuan", "1.2e5 yuan"))]
Value = Annotated[float, Kind("a value of device time", "yuan/h", ("6 yuan/h", "0.5 yuan/h"))]
Lifetime = Annotated[float, DurationKind("a lifetime", "s", ("5 yr", "1500 d"), above=True)]


class AccountsSpec(Part):
    """What energy and capital are reckoned with, beside the prices, carbon intensities and powers of the network."""

    idle_power: Fraction | None = Field(
        default=None,
        description="power of a device without work over that of a busy one; the nation's figure, or else 30 % (an "
        "estimate)",
    )
    lifetime: Lifetime | None = Field(
        default=None,
        description="years over which a device is paid off; the nation's figure, or else 5 yr (an estimate)",
    )
    interest: Fraction | None = Field(
        default=None,
        description="interest per year on the price of devices; the nation's figure, or else 5 % (an estimate)",
    )


@dataclass(frozen=True)
class AccountTerms:
    """What a run's accounts are reckoned with.

    idle_power: share of the busy power. lifetime: s, of a device. interest: per year. values: class -> yuan per hour
    of the reference device, for the work served; a class that is not there has no known value.
    """

    idle_power: float = IDLE_POWER
    lifetime: float = LIFETIME
    interest: float = INTEREST
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def annuity(self) -> float:
        """What a device costs per year, over its price: r / (1 - (1 + r)^-n) for n years at the interest r; 1 / n
        without interest. The present value of n such payments, each at the end of its year, is the price."""
        years, rate = self.lifetime / YEAR, self.interest
        return float(rate / (1 - (1 + rate) ** -years)) if rate else 1 / years

    @property
    def capital(self) -> float:
        """What a device costs per s, over its price."""
        return self.annuity / YEAR


def account_terms(spec: AccountsSpec, scalars: Mapping[str, str], values: Mapping[str, float]) -> AccountTerms:
    """What the scenario says, or else the nation's figures (`idle_power_percent`, `lifetime_years`,
    `interest_percent`), or else the defaults."""
    nation = {
        "idle_power": float(scalars.get("idle_power_percent", 100 * IDLE_POWER)) / 100,
        "lifetime": float(scalars.get("lifetime_years", LIFETIME / YEAR)) * YEAR,
        "interest": float(scalars.get("interest_percent", 100 * INTEREST)) / 100,
    }
    given = {name: getattr(spec, name) for name in nation}
    return AccountTerms(**{name: nation[name] if own is None else own for name, own in given.items()}, values=values)
