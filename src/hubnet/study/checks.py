"""Every run checks itself: what its integrals over time say must be what its jobs say, and what textbooks say.

Identities hold for every run, to rounding, whatever the model is; one that fails is a mistake of hubnet. They are taken
over the whole run, warm-up included, and unfinished jobs count with what they have had so far, so there are no edges.
Formulas hold within chance; see `study.formulas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..engine.setup import Outcome
from ..engine.world import FINISHED, REJECTED
from ..text import percent, seconds
from .formulas import FALSE_ALARMS, Formula, formulas, limit

RELATIVE = 1e-9  # the gap that rounding may explain
NAMES = {  # key -> (in words when it holds, what differs when it does not)
    "jobs": ("jobs conserved", "jobs submitted and jobs rejected, finished or in flight differ"),
    "littles_law": ("Little's law holds", "the number waiting over time and the sum of waits differ"),
    "busy_time": ("busy time = work done", "busy device-time and the sum of what jobs ran differ"),
    "bits": ("bits in = bits out", "bits carried by links and bits sent over them differ"),
}


@dataclass(frozen=True)
class Identity:
    """Two accounts of the same. gap: of the worst pool or link, as a share of it (of jobs: their number); holds: is it
    no more than rounding?"""

    gap: float
    holds: bool


@dataclass(frozen=True)
class Checks:
    """How a run's accounts of itself agree. identities: by the keys of `NAMES`."""

    identities: Mapping[str, Identity]
    formulas: tuple[Formula, ...]

    @property
    def ok(self) -> bool:
        """Do all identities hold, and is no formula further off than chance allows?"""
        return not self.warnings()

    def warnings(self) -> list[str]:
        """What is wrong, in sentences."""
        found = [
            f"{NAMES[key][1]} by {_gap(key, one.gap)}: this is a mistake in hubnet, so do not trust this run; please "
            "report it with the scenario"
            for key, one in self.identities.items()
            if not one.holds
        ]
        most = limit(len(self.formulas))
        return found + [
            f"{one.where}: {one.name} says {seconds(one.expected)}, and {seconds(one.simulated)} was simulated, "
            f"{abs(one.deviation):.1f} standard deviations off; chance explains up to {most:.1f}, but for one run in "
            f"{1 / FALSE_ALARMS:,.0f}"
            for one in self.formulas
            if abs(one.deviation) > most
        ]

    def words(self) -> str:
        """One line."""
        return words([self])


def checks(run: Outcome) -> Checks:
    """Compare what a finished run says of itself."""
    audit = run.audit
    lost = abs(audit.submitted - int(audit.counts.sum()))
    lost += abs(audit.finished - int(audit.counts[FINISHED])) + abs(audit.rejected - int(audit.counts[REJECTED]))
    waiting, busy, bits = (run.bins.table(name).sum(axis=0) for name in ("waiting_s", "busy_s", "bits"))
    moment = float(np.spacing(run.end))  # s: times are no finer than this
    rounding = audit.flows * moment
    found = {
        "jobs": Identity(lost, lost == 0),
        "littles_law": _identity(waiting, audit.waits, moment),
        "busy_time": _identity(busy, audit.service, moment),
        "bits": _identity(bits, audit.link_bits, rounding * run.setup.links_table["capacity"]),
    }
    return Checks(found, formulas(run))


def _identity(integrals: np.ndarray, sums: np.ndarray, rounding: float | np.ndarray) -> Identity:
    """Compare two accounts, pool by pool or link by link; rounding: a gap that is none, in their unit."""
    gap, size = np.abs(integrals - sums), np.maximum(np.abs(integrals), np.abs(sums))
    share = np.divide(gap, size, out=np.zeros(len(gap)), where=size > 0)
    return Identity(float(share.max(initial=0.0)), bool((gap <= RELATIVE * size + rounding).all()))


def words(all_checks: Sequence[Checks]) -> str:
    """One line for the checks of several runs: the worst of them."""
    parts, worst = [], 0.0
    for key, (good, bad) in NAMES.items():
        mine = [one.identities[key] for one in all_checks]
        failed = [one.gap for one in mine if not one.holds]
        parts.append(f"{bad} by {_gap(key, max(failed))}" if failed else good)
        worst = max([worst, *(one.gap for one in mine if one.holds)])
    line = f"{', '.join(parts)} (worst gap {worst:.0e})"
    compared = [one for each in all_checks for one in each.formulas]
    if compared:
        worst_of = max(compared, key=lambda one: abs(one.deviation))
        more = f", the furthest off of {len(compared)}" if len(compared) > 1 else ""
        line += (
            f"; {worst_of.name} {seconds(worst_of.expected)}, simulated {seconds(worst_of.simulated)} "
            f"({worst_of.where}{more})"
        )
    return f"checks: {line}"


def _gap(key: str, gap: float) -> str:
    return f"{gap:.0f} jobs" if key == "jobs" else percent(gap) if gap >= 0.001 else f"{gap:.0e}"


def shown(all_checks: Sequence[Checks]) -> dict[str, Any]:
    """The checks of one run's replications as `summary.json` has them: of identities, the worst."""
    found: dict[str, Any] = {}
    for key in NAMES:
        mine = [one.identities[key] for one in all_checks]
        found[key] = {"gap": max(one.gap for one in mine), "holds": all(one.holds for one in mine)}
    found["formulas"] = [
        {"replication": number, **asdict(one)} for number, each in enumerate(all_checks) for one in each.formulas
    ]
    return found | {"false_alarms": FALSE_ALARMS, "warnings": [text for one in all_checks for text in one.warnings()]}
