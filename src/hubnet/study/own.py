"""A graph and a table of jobs that the user brings, made ready to be simulated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..engine.policy import Router, find_router
from ..engine.setup import Setup
from ..errors import Problem, TableError
from ..network.allocation import allocate
from ..network.network import Network
from ..workload.tables import job_table
from .assemble import Terms, assemble, default_bin, unpriced

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
    layer: str = "optical",
    background: float = 0.0,
    sharing: str = "max-min",
) -> tuple[Setup, Network]:
    """A graph and a table of jobs, ready to be simulated.

    network: a `networkx.Graph` whose edges have length_km (or one_way_ms) and capacity_bit_s, and whose nodes may
    have lat, lon, area. jobs: one row per job, see `hubnet.workload.tables`. pools: (hub, device type) ->
    count; may be left out when no job asks for devices. devices: type -> {"speed": 1, "power": W}. horizon, warmup,
    bin: s; without a horizon the run ends when nothing is in flight. background: share of every trunk's
    capacity that other traffic takes. sharing: "max-min" or "none". Raises TableError with every problem found.
    """
    frame = pd.DataFrame(jobs)
    columns = {str(name): frame[name].to_numpy() for name in frame.columns}
    pools = {(str(hub), str(kind)): count for (hub, kind), count in (pools or {}).items()}
    if not isinstance(network, Network):
        regions = list(dict.fromkeys(str(name) for name in columns.get("region", ())))
        pinned = [str(name) for name in columns.get("hub", ()) if name is not None and name == name]
        hubs = list(dict.fromkeys([hub for hub, _ in pools] + pinned))
        network = Network.from_graph(network, layer, regions=regions, hubs=hubs, pools=pools, devices=devices or {})
    if sharing not in ("max-min", "none"):
        raise TableError(Problem(f"sharing={sharing!r} is not known", "choose max-min or none"))
    router = find_router(policy or "least-response")
    if policy == "cheapest-in-time" and (missing := unpriced(network)):
        raise TableError(
            [Problem(text, "give hubs a `price` (yuan/kWh) and devices a `power` (W)") for text in missing]
        )
    checked = job_table(columns, network.regions, network.hubs, tuple(network.devices), seed)
    _check_pools(checked.rows, network)
    end = math.inf if horizon is None else float(horizon)
    last = float(checked.rows["submit"][-1]) if len(checked.rows) else 0.0
    width = bin or default_bin(end if math.isfinite(end) else max(last, 1.0))
    setup = assemble(
        network,
        allocate(network, "as-built"),
        Terms(horizon=end, warmup=warmup, bin=width, background=background, sharing=sharing == "max-min"),
        router,
        checked.classes,
        checked.places,
        partial(checked.blocks, end),
        {"scenario": "jobs", "allocation": "as-built"},
    )
    return setup, network


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
