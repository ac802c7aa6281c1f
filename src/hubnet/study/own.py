"""A graph and a table of jobs that the user brings, made ready to be simulated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..engine.policy import Router, find_router
from ..engine.setup import Setup
from ..engine.world import DISCIPLINE
from ..errors import Problem, TableError
from ..network.allocation import allocate
from ..network.network import Network
from ..workload.incidents import Incident, plain_specs
from ..workload.incidents import incidents as planned
from ..workload.mix import Place
from ..workload.tables import NAMES, job_table
from .assemble import Terms, assemble, default_bin

if TYPE_CHECKING:
    import networkx as nx


def table_setup(
    network: nx.Graph | Network,
    jobs: pd.DataFrame | Mapping[str, Any] | list[dict[str, Any]],
    pools: Mapping[tuple[str, str], int] | None = None,
    devices: Mapping[str, Any] | None = None,
    *,
    policy: Router | str | None = None,
    seed: int = 0,
    horizon: float | None = None,
    warmup: float = 0.0,
    bin: float | None = None,
    layer: str | None = None,
    background: float = 0.0,
    sharing: str = "max-min",
    incidents: Iterable[Mapping[str, Any]] = (),
    queue: str = "fifo",
    depth: int = 256,
) -> tuple[Setup, Network]:
    """A graph and a table of jobs, ready to be simulated.

    network: a `networkx.Graph` whose edges have length_km (or one_way_ms) and capacity_bit_s, and whose nodes may
    have lat, lon, area. jobs: one row per job, see `hubnet.workload.tables`. pools: (hub, device type) ->
    count; may be left out when no job asks for devices. devices: type -> {"speed": 1, "power": W}. horizon, warmup,
    bin: s; without a horizon the run ends when nothing is in flight. layer: "optical" (default), "private-ip" or
    "public-ip". background: share of every trunk's
    capacity that other traffic takes. sharing: "max-min" or "none". queue: "fifo", "priority", "preempt" or
    "backfill", which looks at `depth` jobs behind the head. incidents: as in a scenario's file, with times in
    s and shares as fractions: {"at": 3600, "lasting": 600, "cut": ("A", "B")}. Raises TableError with every problem
    found.
    """
    _check_numbers(horizon, warmup, bin, background, sharing)
    if queue not in DISCIPLINE:
        raise TableError(Problem(f"queue={queue!r} makes no sense here", f"queue is one of {', '.join(DISCIPLINE)}"))
    if depth < 1:
        raise TableError(Problem(f"depth={depth!r} makes no sense here", "it is a number of jobs, 1 or more"))
    frame = pd.DataFrame(jobs)
    columns = {str(name): plain_column(frame[name]) for name in frame.columns}
    counts = _pool_counts(pools or {})
    if isinstance(network, Network):
        if pools is not None or devices is not None or layer is not None:
            raise TypeError(
                "a hubnet Network has its own pools, devices and layer: give a networkx.Graph, or leave them out"
            )
    else:
        regions = list(dict.fromkeys(str(name) for name in columns.get("region", ())))
        pinned = [str(name) for name in columns.get("hub", ()) if name is not None]
        hubs = list(dict.fromkeys([hub for hub, _ in counts] + pinned))
        network = Network.from_graph(
            network, layer or "optical", regions=regions, hubs=hubs, pools=counts, devices=devices or {}
        )
    router = find_router(policy or "least-response")
    checked = job_table(columns, network.regions, network.hubs, tuple(network.devices), seed)
    _check_pools(checked.rows, network)
    end = math.inf if horizon is None else float(horizon)
    last = float(checked.rows["submit"][-1]) if len(checked.rows) else 0.0
    width = bin or (default_bin(end) if math.isfinite(end) else max(last, 1.0) / 96)
    setup = assemble(
        network,
        allocate(network, "as-built"),
        Terms(
            horizon=end,
            warmup=warmup,
            bin=width,
            background=background,
            sharing=sharing == "max-min",
            queue=queue,
            depth=depth,
        ),
        router,
        checked.classes,
        (*checked.places, Place()),
        partial(checked.blocks, end),
        {"scenario": "jobs", "allocation": "as-built"},
        [len(checked.places)] * len(checked.classes),
        [checked.lanes - 1] * len(checked.classes),  # of jobs that a process submits
        _incidents(incidents, network, seed, end),
    )
    return setup, network


def _incidents(entries: Iterable[Mapping[str, Any]], network: Network, seed: int, end: float) -> tuple[Incident, ...]:
    trunks = dict(zip(network.trunk_names, network.trunks, strict=True))
    places = {*network.hubs, *(f"{hub}/{device}" for hub, device in network.pools)}
    specs = plain_specs(entries, trunks, places, end)
    return planned(specs, network.trunk_names, network.hubs, seed, 0, end)


def _check_pools(rows: np.ndarray, network: Network) -> None:
    if network.pools:
        return
    asking = int((rows["devices"] > 0).sum())
    homeless = int(((rows["devices"] == 0) & (rows["pinned"] < 0)).sum())
    if asking:
        raise TableError(
            Problem(f"{asking} jobs ask for devices, and there are no pools", "give pools={(hub, type): n}")
        )
    if homeless:
        raise TableError(Problem(f"{homeless} jobs have no hub to go to: no pools, no `hub`", "give either"))


def plain_column(values: pd.Series) -> np.ndarray:
    """A column with None for empty cells of names, and whole numbers that pandas made floats as they were.

    Raises TableError for dates and durations: times are numbers of s.
    """
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        hint = "for example (column - start).dt.total_seconds()"
        raise TableError(Problem(f"the column {values.name!r} holds dates or durations, not numbers of s", hint))
    if str(values.name) in NAMES:
        cells = [None if pd.isna(value) else value for value in values]
        return np.array([int(c) if isinstance(c, float) and c.is_integer() else c for c in cells], object)
    if pd.api.types.is_extension_array_dtype(values) and pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return values.to_numpy()


def _check_numbers(horizon: float | None, warmup: float, bin: float | None, background: float, sharing: str) -> None:
    given = {"horizon": horizon, "warmup": warmup, "bin": bin, "background": background}
    if wrong := [name for name, one in given.items() if not (one is None or isinstance(one, Real))]:
        raise TableError([Problem(f"{name}={given[name]!r} is not a number") for name in wrong])
    tests = [
        (horizon is None or horizon > 0, f"horizon={horizon!r}", "a number of s above 0, or None"),
        (bin is None or 0 < bin < math.inf, f"bin={bin!r}", "a number of s above 0"),
        (0 <= warmup < (math.inf if horizon is None else horizon), f"warmup={warmup!r}", "s, from 0 up to the horizon"),
        (0 <= background < 1, f"background={background!r}", "a share from 0 up to, but not including, 1"),
        (sharing in ("max-min", "none"), f"sharing={sharing!r}", "max-min or none"),
    ]
    problems = [Problem(f"{what} makes no sense here", f"it is {meant}") for good, what, meant in tests if not good]
    if problems:
        raise TableError(problems)


def _pool_counts(pools: Mapping[Any, Any]) -> dict[tuple[str, str], int]:
    """(hub, device type) -> devices, with names as text. Raises TableError with every problem found."""
    problems, counts = [], {}
    for key, count in pools.items():
        if not isinstance(key, tuple) or len(key) != 2:
            problems.append(
                Problem(f"pools: {key!r} is not a pair of hub and device type", 'write {("Gavle", "cpu"): 18}')
            )
        elif isinstance(count, bool) or not isinstance(count, int | np.integer) or not 0 <= count < 2**40:
            problems.append(Problem(f"pools: {count!r} devices in {key!r} are not a whole number that makes sense"))
        elif (str(key[0]), str(key[1])) in counts:
            problems.append(Problem(f"pools: {key!r} stands there twice, once as text"))
        else:
            counts[str(key[0]), str(key[1])] = int(count)
    if problems:
        raise TableError(problems)
    return counts
