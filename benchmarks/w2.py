"""W2: flows over a network of trunks, for the speed of max-min sharing."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from hubnet.engine.clock import Clock
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.setup import Outcome, Setup
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import FINISHED
from hubnet.study.own import table_setup

FILE = Path(__file__).with_name("w2.json")
FEW = 200  # flows, for the slow gears
MS = 1e9  # the file's delays are of about 1e-9 ms; as 1 ms their order, which makes the paths, is above all rounding


@dataclass(frozen=True)
class Variant:
    """Flows of W2 with other sizes and caps: mean size in bit, cap in bit/s."""

    size: float = 8e9
    cap: float = np.inf


# The busiest direction is asked for 99% of what it has: flows are slowed everywhere.
SATURATED = Variant()
# At half the size it is asked for 49%. A flow at 0.2 Gbit/s lives 20 s, and the narrowest trunk, of 33 Gbit/s, has
# room for 166; it holds 82 +- 9 (the number is Poisson): nothing ever saturates, and 20,000 flows are under way.
FREE = Variant(size=4e9, cap=2e8)


@cache
def workload() -> dict[str, Any]:
    """What the file says."""
    return json.loads(FILE.read_text())


def graph() -> nx.Graph:
    """30 cities and 60 trunks; paths are those of least delay."""
    cities = nx.Graph()
    for edge in workload()["edges"]:
        delay = edge["one_way_ms"] * MS
        cities.add_edge(edge["a"], edge["b"], capacity_bit_s=edge["capacity_bit_s"], one_way_ms=delay)
    return cities


def flows(count: int, variant: Variant, seed: int) -> pd.DataFrame:
    """Poisson arrivals, pairs by weight, exponential sizes."""
    rng = np.random.default_rng(seed)
    pairs = pd.DataFrame(workload()["pairs"])
    chosen = rng.choice(len(pairs), count, p=pairs.weight / pairs.weight.sum())
    return pd.DataFrame(
        {
            "region": pairs.region.to_numpy()[chosen],
            "hub": pairs.hub.to_numpy()[chosen],
            "submit_s": np.cumsum(rng.exponential(1 / workload()["rate_per_s"], count)),
            "devices": 0,
            "work_s": 0.0,
            "input_bit": rng.exponential(variant.size, count),
            "wave_bit_s": variant.cap,
        }
    )


def setup(count: int, variant: Variant = SATURATED, seed: int = 1) -> Setup:
    """`count` flows of W2; the run ends when all are sent."""
    return table_setup(graph(), flows(count, variant, seed), policy="nearest", sharing="max-min")[0]


def play(make: type[Clock], run: Setup, **options: Any) -> tuple[float, Outcome]:
    """Wall time in s of a run, all meters included, and what came out."""
    began = time.perf_counter()
    env = make(run, **options)
    env.run()
    end = env.close()
    return time.perf_counter() - began, end


def speed(make: type[Clock], count: int, variant: Variant = SATURATED, **options: Any) -> float:
    """Completed flows/s of one run; making the table is not counted."""
    spent, end = play(make, setup(count, variant), **options)
    return float(end.jobs.counts.status[:, FINISHED].sum() / spent)


def check_answer(count: int) -> str:
    """Free flows run at their cap, full trunks carry no more than they can, all bits arrive: speed alone is nothing."""
    found = {}
    for name, variant in (("free", FREE), ("saturated", SATURATED)):
        parts: list[np.ndarray] = []
        run = setup(count, variant)
        _, end = play(HubEnvironment, run, gear="compiled", sink=parts.append)
        rows, bits = np.concatenate(parts), end.bins.table("bits")
        due = (rows["input"] * run.pairs["hops"][rows["region"], rows["hub"]]).sum()
        highest = (bits / (np.diff(end.bins.edges)[:, None] * run.links_table["capacity"])).max()
        if len(rows) != count or abs(bits.sum() / due - 1) > 1e-9 or highest > 1 + 1e-9:
            raise SystemExit(f"W2 is wrong: {len(rows)} flows, {bits.sum():g} of {due:g} bit, trunk use {highest:g}")
        found[name] = rows["sent"] - rows["release"], rows["input"], highest
    taken, sizes, highest = found["free"]
    if not np.allclose(taken, sizes / FREE.cap, rtol=1e-6, atol=1e-9) or highest > 0.9:
        raise SystemExit(f"W2 is wrong: free flows do not run at their cap; highest trunk use {highest:g}")
    full = found["saturated"]
    return (
        f"highest trunk use in a bin {highest:.1%} with caps, {full[2]:.1%} without; "
        f"mean transfer {taken.mean():.1f} s and {full[0].mean():.1f} s"
    )


def measure(count: int, repeats: int) -> dict[str, list[float]]:
    """Completed flows/s of each gear and variant, taken in turn; the slow ones on the first flows only."""
    speed(HubEnvironment, 1_000, gear="compiled")  # load the kernel
    found: dict[str, list[float]] = {"compiled, saturated": [], "compiled, free": []}
    found |= {f"{gear}, first {FEW} flows": [] for gear in ("compiled", "python", "textbook")}
    for _ in range(repeats):
        found["compiled, saturated"].append(speed(HubEnvironment, count, gear="compiled"))
        found["compiled, free"].append(speed(HubEnvironment, count, FREE, gear="compiled"))
        for gear in ("compiled", "python"):
            found[f"{gear}, first {FEW} flows"].append(speed(HubEnvironment, FEW, gear=gear))
        found[f"textbook, first {FEW} flows"].append(speed(Textbook, FEW))
    return found
