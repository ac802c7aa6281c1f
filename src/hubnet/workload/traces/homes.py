"""Where the jobs of a trace come from: its sites become regions, or its jobs are spread over them by demand.

`Homes.of_site` gives the region of every site; a job whose site has none there, or that has no site, is drawn by weight
(in `play`, from a named stream), so that one trace can do both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import Problem, TableError
from ..jobs import NONE
from .columns import near
from .report import many
from .trace import Trace

REST = "*"  # in a map of sites: all that are not named, and jobs without a site
DEMAND = "demand"  # in a map of sites, as a region: spread its jobs by weight


@dataclass(frozen=True)
class Homes:
    """of_site: index of the region per site, and last for jobs without one; -1 = drawn by `shares`.
    shares: [regions], sum 1; empty if nothing is drawn."""

    of_site: np.ndarray
    shares: np.ndarray

    def regions(self, codes: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Index of the region [jobs]. codes: site per job, -1 = none. u: uniforms in [0, 1), for those drawn."""
        region = self.of_site[codes]
        drawn = region < 0
        if drawn.any():
            edges = np.cumsum(self.shares)[:-1]
            region[drawn] = np.searchsorted(edges, u[drawn], side="right")
        return region


def map_sites(
    trace: Trace, mapping: Mapping[str, str], regions: Sequence[str], weights: Mapping[str, float] | None = None
) -> Homes:
    """Every site goes to the region that `mapping` names.

    mapping: site -> region, or -> "demand" to spread its jobs by weight; "*" stands for all other sites. A site that is
    called like a region needs no entry. regions: all names, in order of index. weights: region -> demand. Raises
    TableError for sites without region, for unknown names, and if there is demand but no weight.
    """
    problems = []
    for site, region in mapping.items():
        if site != REST and site not in trace.sites:
            problems.append(Problem(f"regions: the trace has no site {site!r}", near(site, trace.sites)))
        if region != DEMAND and region not in regions:
            problems.append(Problem(f"regions.{site}: there is no region {region!r}", near(region, regions)))
    if problems:
        raise TableError(problems)
    place: dict[str | None, int] = {DEMAND: NONE, None: NONE}
    place |= {name: index for index, name in enumerate(regions)}
    rest = mapping.get(REST)
    named = [mapping.get(site, site if site in regions else rest) for site in trace.sites]
    codes = trace.names["site"].codes if "site" in trace.names else np.full(len(trace), -1)
    jobs = np.bincount(codes + 1, minlength=len(named) + 1)
    lost = {site: int(jobs[i + 1]) for i, site in enumerate(trace.sites) if named[i] is None and jobs[i + 1]}
    if rest is None and jobs[0]:
        lost["(no site)"] = int(jobs[0])
    if lost:
        shown = ", ".join(f"{site} ({many(count, 'job')})" for site, count in list(lost.items())[:5])
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        raise TableError(
            Problem(
                f"regions: {shown}{more} go to no region",
                f'name them, or all others by {{"{REST}": REGION}}, or spread those by {{"{REST}": {DEMAND}}}',
            )
        )
    of_site = np.array([place[name] for name in (*named, rest)])
    drawn = DEMAND in (*named, rest)
    return Homes(of_site, _shares(weights, regions) if drawn else np.empty(0))


def spread_jobs(trace: Trace, weights: Mapping[str, float], regions: Sequence[str]) -> Homes:
    """Every job's region is drawn by weight, whatever its site."""
    return Homes(np.full(len(trace.sites) + 1, -1), _shares(weights, regions))


def spread_sites(trace: Trace, weights: Mapping[str, float], regions: Sequence[str]) -> Homes:
    """Every site goes to one region as a whole, so that the regions' device-seconds come close to their weights.

    The largest site first, each to the region that is furthest below its share; ties by name. Nothing is drawn, except
    for jobs without a site.
    """
    shares = _shares(weights, regions)
    if "site" not in trace.names:
        raise TableError(Problem("regions: the trace has no sites to spread", "map.site names their column"))
    codes = trace.names["site"].codes
    asked = np.bincount(codes + 1, trace.numbers["devices"] * trace.numbers["work"], len(trace.sites) + 1)[1:]
    due = shares * asked.sum()
    of_site = np.full(len(trace.sites) + 1, -1)
    for site in sorted(range(len(trace.sites)), key=lambda i: (-asked[i], trace.sites[i])):
        region = max(np.flatnonzero(shares > 0).tolist(), key=lambda r: (due[r], [-ord(c) for c in regions[r]]))
        of_site[site] = region
        due[region] -= asked[site]
    return Homes(of_site, shares)


def _shares(weights: Mapping[str, float] | None, regions: Sequence[str]) -> np.ndarray:
    values = np.array([(weights or {}).get(region, 0.0) for region in regions], float)
    if not (values >= 0).all() or not values.sum() > 0 or not np.isfinite(values).all():
        raise TableError(Problem("regions: no region has a weight above 0", "give the regions weights, or map sites"))
    return values / values.sum()
