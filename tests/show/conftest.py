"""Synthetic results with the columns of `hubnet.study`, so that charts are tested without a simulation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

MEASURES = ("response", "wait", "one_way", "upload", "propagation", "service", "download", "held")
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
DAY = 86400.0
INCIDENTS = {
    "incident": int, "what": object, "kind": object, "target": object, "hub": object, "factor": float,
    "at_s": float, "end_s": float, "flows_moved": int, "flows_stalled": int, "pairs_moved": int, "pairs_cut_off": int,
    "detour_mean_ms": float, "detour_max_ms": float, "jobs_displaced": int, "work_lost_device_s": float,
}  # fmt: skip


@dataclass(frozen=True)
class FakeResult:
    """A duck-typed Result."""

    name: str
    allocation: str
    window: tuple[float, float]
    network: Any
    utilization: pd.DataFrame
    pools: pd.DataFrame
    trunks: pd.DataFrame
    classes: pd.DataFrame
    widths: pd.DataFrame
    demand: pd.DataFrame
    incidents: pd.DataFrame
    transfers: pd.DataFrame
    reserve: float = 0.3
    scale: float = 0.2
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    nation: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FakeStudy:
    """A duck-typed Study; `totals` become the summary of each allocation."""

    results: dict[str, list[FakeResult]]
    totals: dict[str, dict[str, Any]] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        return {"allocations": self.totals}


class Builder:
    """Makes graphs and results of any size."""

    day = DAY

    def graph(self, hubs: int = 3, regions: int = 4, names: tuple[str, ...] = (), places: bool = True) -> nx.Graph:
        """A ring of cities with chords: hubs first, then regions (the first region lies in the first hub's
        city if there are several cities), then one exchange if there are more than two cities."""
        random = np.random.default_rng(5)
        areas = ("east", "west", "central", "northeast")
        graph = nx.Graph()
        labels = list(names) + [f"City {number}" for number in range(len(names), hubs + regions + 1)]
        for index, city in enumerate(labels[: hubs + regions]):
            spot = {"lat": 22 + 20 * random.random(), "lon": 95 + 30 * random.random()} if places else {}
            graph.add_node(
                city,
                **spot,
                area=areas[index % 4],
                hub=index < hubs,
                region=index >= hubs or (index == 0 and hubs > 1),
                exchange=False,
            )
            if graph.nodes[city]["region"]:
                graph.nodes[city]["weight"] = 1.0 + index
        if hubs + regions > 2:
            spot = {"lat": 30.0, "lon": 105.0} if places else {}
            graph.add_node(labels[-1], **spot, hub=False, region=False, exchange=True)
        cities = list(graph)
        chords = list(pairwise(cities)) + list(zip(cities, cities[3:], strict=False))
        for index, (a, b) in enumerate(chords):
            graph.add_edge(a, b, name=f"{a}-{b}", length_km=500.0, capacity_bit_s=(1 + index % 3) * 4e12)
        return graph

    def result(
        self,
        graph: nx.Graph | None = None,
        *,
        name: str = "A test scenario",
        allocation: str = "as-built",
        classes: int = 4,
        kinds: tuple[str, ...] = ("accelerator",),
        days: float = 7.0,
        warmup: float = 1.0,
        bin_s: float = 6 * 3600.0,
        seed: int = 0,
    ) -> FakeResult:
        """A result with random but consistent numbers on `graph`."""
        graph = self.graph() if graph is None else graph
        random = np.random.default_rng(seed)
        edges = np.arange(0, days * DAY + 1, bin_s)
        hubs = [city for city, node in graph.nodes(data=True) if node["hub"]]
        pools = self._pools(random, hubs, kinds, edges)
        window = (warmup * DAY, days * DAY)
        return FakeResult(
            name=name,
            allocation=allocation,
            window=window,
            network=SimpleNamespace(graph=graph),
            utilization=self._utilization(pools, window),
            pools=pools,
            trunks=self._trunks(random, graph, edges),
            classes=self._classes(random, classes),
            widths=self._widths(random),
            demand=self._demand(random, classes, edges),
            incidents=self.incidents(),
            transfers=pd.DataFrame({"start_s": edges[:-1], "end_s": edges[1:], "stalled": 0.0, "open": 50.0}),
        )

    @staticmethod
    def incidents(*rows: dict[str, Any]) -> pd.DataFrame:
        """The table of incidents; what a row does not say is 0, or NaN for a detour."""
        nothing = dict.fromkeys(INCIDENTS, 0) | {"hub": None, "detour_mean_ms": np.nan, "detour_max_ms": np.nan}
        table = pd.DataFrame([nothing | row for row in rows], columns=list(INCIDENTS))
        return table.astype(INCIDENTS)

    def hit(self, result: FakeResult, *incidents: tuple[str, str, float, float, float], **harm: Any) -> FakeResult:
        """The same result with incidents: (kind, trunk or hub, share left, from and until in days). An outage hits all
        pools of its hub. harm: columns of every row, such as `jobs_displaced`."""
        trunks, pools, transfers = result.trunks.copy(), result.pools.copy(), result.transfers.copy()
        rows = []
        for kind, target, factor, start, end in incidents:
            at, until = start * DAY, end * DAY
            words = f"{kind} {{}}" + (f" to {100 * factor:g} %" if factor else "")
            row = {"kind": kind, "factor": factor, "at_s": at, "end_s": until, **harm}
            if kind == "outage":
                struck = pools["hub"] == target
                pools.loc[struck, "devices"] *= 1 - self._covered(pools[struck], at, until) * (1 - factor)
                pools.loc[struck, "busy"] = pools.loc[struck, ["busy", "devices"]].min(axis=1)
                names = [f"{target}/{kind}" for kind in pools.loc[struck, "pool"].unique()]
                more = [{"target": name, "hub": target, "what": words.format(name)} for name in names]
            else:
                struck = trunks["trunk"] == target
                trunks.loc[struck, "up"] *= 1 - self._covered(trunks[struck], at, until) * (1 - factor)
                transfers["stalled"] += 3 * self._covered(transfers, at, until) * (factor == 0)
                more = [{"target": target, "what": words.format(target)}]
            rows += [row | part | {"incident": len(rows) + index} for index, part in enumerate(more)]
        trunks.loc[trunks["up"] <= 0, ["use", "bits"]] = [np.nan, 0.0]
        return replace(result, trunks=trunks, pools=pools, transfers=transfers, incidents=self.incidents(*rows))

    @staticmethod
    def _covered(bins: pd.DataFrame, at: float, until: float) -> pd.Series:
        """The share of each bin between two times in s."""
        inside = bins["end_s"].clip(upper=until) - bins["start_s"].clip(lower=at)
        return inside.clip(lower=0) / (bins["end_s"] - bins["start_s"])

    def empty(self, result: FakeResult) -> FakeResult:
        """The same result without a single job."""
        columns = [column for column in result.classes if column.endswith("_s")]
        nothing = result.classes.assign(submitted=0, finished=0, rejected=0, unfinished=0, deadline_met=np.nan)
        nothing[columns] = np.nan
        return replace(
            result,
            utilization=result.utilization.assign(utilization=0.0, busy_device_s=0.0),
            pools=result.pools.assign(busy=0.0, utilization=0.0, waiting=0.0),
            trunks=result.trunks.assign(bits=0.0, use=0.0),
            classes=nothing,
            widths=result.widths.iloc[:0],
            demand=result.demand.assign(jobs=0, device_s=0.0, devices=0.0),
        )

    def study(
        self,
        allocations: tuple[str, ...] = ("as-built", "east-first", "west"),
        replications: int = 1,
        graph: nx.Graph | None = None,
        **how: Any,
    ) -> FakeStudy:
        """A study on one graph; with replications its totals have intervals."""
        graph = self.graph() if graph is None else graph
        results = {
            allocation: [
                self.result(graph, allocation=allocation, seed=10 * index + run, **how) for run in range(replications)
            ]
            for index, allocation in enumerate(allocations)
        }
        totals = {
            allocation: {
                "deadline_met": self._measure(0.9 + 0.01 * index, 0.01, replications),
                "utilization": {"mean": self._measure(0.5 + 0.05 * index, 0.02, replications)},
                "east_to_west_jobs": self._measure(12000.0 + 900 * index, 300, replications),
            }
            for index, allocation in enumerate(allocations)
        }
        return FakeStudy(results, totals)

    @staticmethod
    def _measure(value: float, half: float, replications: int) -> dict[str, Any]:
        return {"value": value} | ({"ci95": [value - half, value + half]} if replications > 1 else {})

    @staticmethod
    def _pools(random: np.random.Generator, hubs: list[str], kinds: tuple[str, ...], edges: np.ndarray) -> pd.DataFrame:
        parts = []
        for index, hub in enumerate(hubs):
            for kind in kinds:
                devices = int(400_000 / (1 + index) ** 1.1)
                middle = edges[:-1] / DAY
                share = 0.35 + 0.5 * random.random() + 0.12 * np.sin(2 * np.pi * (middle + random.random()))
                share = np.clip(share + 0.04 * random.normal(size=middle.size), 0, 1)
                parts.append(
                    pd.DataFrame(
                        {
                            "start_s": edges[:-1],
                            "end_s": edges[1:],
                            "hub": hub,
                            "pool": kind,
                            "devices": float(devices),
                            "busy": share * devices,
                            "utilization": share,
                            "waiting": 0.0,
                        }
                    )
                )
        return pd.concat(parts, ignore_index=True)

    @staticmethod
    def _utilization(pools: pd.DataFrame, window: tuple[float, float]) -> pd.DataFrame:
        inside = pools[pools["start_s"] >= window[0]]
        seconds = inside["end_s"] - inside["start_s"]
        sums = (
            inside.assign(busy_device_s=inside["busy"] * seconds, capacity_device_s=inside["devices"] * seconds)
            .groupby(["hub", "pool"], sort=False)
            .agg(
                devices=("devices", "first"),
                busy_device_s=("busy_device_s", "sum"),
                capacity_device_s=("capacity_device_s", "sum"),
            )
            .reset_index()
        )
        sums["utilization"] = sums["busy_device_s"] / sums["capacity_device_s"]
        return sums

    @staticmethod
    def _trunks(random: np.random.Generator, graph: nx.Graph, edges: np.ndarray) -> pd.DataFrame:
        columns = ["start_s", "end_s", "trunk", "from", "to", "bits", "use", "saturated", "up"]
        numbers = [name for name in columns if name not in ("trunk", "from", "to")]
        parts = [pd.DataFrame(columns=columns).astype(dict.fromkeys(numbers, float))]
        for a, b, edge in graph.edges(data=True):
            for start, end in ((a, b), (b, a)):
                use = random.random() ** 4 * 0.35 * (0.8 + 0.4 * random.random(edges.size - 1))
                bits = use * edge["capacity_bit_s"] * np.diff(edges)
                parts.append(
                    pd.DataFrame(
                        {
                            "start_s": edges[:-1],
                            "end_s": edges[1:],
                            "trunk": edge["name"],
                            "from": start,
                            "to": end,
                            "bits": bits,
                            "use": use,
                            "saturated": 0.0,
                            "up": 1.0,
                        }
                    )
                )
        return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)

    @staticmethod
    def _widths(random: np.random.Generator) -> pd.DataFrame:
        """Widths 0, 1, 2, 3-4, ..., 513-1024; no wait at 0, unfinished jobs at the top, none that ran at 513."""
        rows: list[dict[str, Any]] = []
        for index in range(12):
            least, most = (index, index) if index < 2 else (2 ** (index - 2) + 1, 2 ** (index - 1))
            name = str(least) if least == most else f"{least}-{most}"
            middle = 60.0 * 1.7**index * (index > 1)
            row = {"width": name, "devices_least": least, "devices_most": most, "submitted": 4**index % 9999 + 1}
            row |= {"finished": row["submitted"], "rejected": 0, "unfinished": 0, "wait_mean_s": middle}
            tail = 1 + random.random()
            row |= {f"wait_{label}_s": middle * (0.5 + share * tail) for label, share in QUANTILES.items()}
            rows.append(row)
        table = pd.DataFrame(rows)
        table.loc[10, ["wait_p75_s", "wait_p95_s", "wait_p99_s"]] = np.inf
        table.loc[11, ["finished", "rejected"]] = [0, table.loc[11, "submitted"]]
        return table

    @staticmethod
    def _demand(random: np.random.Generator, classes: int, edges: np.ndarray) -> pd.DataFrame:
        bins, names = len(edges) - 1, [f"class-{index}" for index in range(classes)]
        jobs = random.integers(0, 50, bins * classes)
        return pd.DataFrame(
            {
                "start_s": np.repeat(edges[:-1], classes),
                "end_s": np.repeat(edges[1:], classes),
                "class": np.tile(np.array(names, object), bins),
                "jobs": jobs,
                "device_s": jobs * 7200.0,
                "devices": 1000.0 * random.random(bins * classes),
            }
        )

    @staticmethod
    def _classes(random: np.random.Generator, count: int) -> pd.DataFrame:
        rows = []
        for index in range(count):
            size = 2000
            service = np.exp(random.normal(np.log(8.0 * 4.0**index if index else 0.4), 1.2, size))
            parts = {
                "service": service,
                "wait": random.exponential(0.3 * np.median(service), size) * (random.random(size) < 0.6),
                "propagation": np.clip(random.normal(0.02, 0.006, size), 0.001, None),
                "upload": np.exp(random.normal(np.log(0.004 * 8.0**index), 0.6, size)),
                "download": np.exp(random.normal(np.log(0.002 * 5.0**index), 0.6, size)),
            }
            parts["held"] = np.zeros(size)
            parts["response"] = sum(parts.values())
            parts["one_way"] = parts["propagation"] / 2
            row = {
                "class": f"class-{index}",
                "submitted": int(10 ** (5.2 - 0.35 * index)),
                "rejected": 0,
                "unfinished": 3,
            }
            row["finished"] = row["submitted"] - 3
            row["deadline_met"] = 0.99 - 0.03 * index if index % 4 else np.nan
            for measure in MEASURES:
                row[f"{measure}_mean_s"] = parts[measure].mean()
                for label, share in QUANTILES.items():
                    row[f"{measure}_{label}_s"] = np.quantile(parts[measure], share)
            rows.append(row)
        table = pd.DataFrame(rows)
        if count > 3:  # the slowest class has a tail that is unfinished
            table.loc[count - 1, ["response_p95_s", "response_p99_s"]] = np.inf
        return table


@pytest.fixture(scope="session")
def build() -> Builder:
    """Makes graphs, results and studies."""
    return Builder()


@pytest.fixture
def result(build: Builder) -> FakeResult:
    """Three hubs, five regions."""
    return build.result()


@pytest.fixture(scope="session")
def large(build: Builder) -> FakeResult:
    """A nation: 27 hubs, 37 regions, 11 classes, a week in bins of six hours."""
    return build.result(build.graph(27, 36), classes=11)
