"""The accounts of a run: energy, electricity cost, CO2 by two rules, capital of the devices, value of the work.

They are reckoned after the run, from the integrals of the pools per time bin and the device-seconds per class and pool;
the event loop knows nothing of them. All figures are of the window, of the simulated share of the nation, and of the
pools less the reserve.

* energy = device-hours x power x PUE, where a device that is in force and idle takes `idle_power` of the busy power.
* cost = energy x price; carbon = energy x grid factor; by the hour where the hub has profiles: the energy of a time
  bin at the mean factor of that bin, which is exact for bins that end on the hour.
* carbon by contract = energy x the hub's factor by its contracts for green power, at all hours; where none is
  known, it is that of the grid.
* capital = price x annuity x time, of all devices that a pool was built with, in force or not, or has been given since.
* value = device-hours x speed x the class's yuan per hour of the reference device, late work included.

Every pool's account is split into parts: what each class used; `stopped`: what jobs had used when an incident stopped
them; `idle`: the rest, which is nobody's. Within a pool all busy time costs the same, the mean of its busy hours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..engine.arrays import week_records
from ..engine.setup import Outcome
from ..engine.world import FINISHED
from ..network.network import Network
from .measures import Path, Value, window_length, window_totals

COLUMNS = ("energy_kwh", "cost_yuan", "carbon_kg", "carbon_contract_kg", "capital_yuan", "value_yuan")
COSTS = COLUMNS[:5]
STOPPED, IDLE = "stopped", "idle"
JOULES = 3.6e6  # of a kWh
HOUR, HOURS = 3600.0, 168
ROUNDING = 1e-9  # of the busy time: less is no job that was stopped


def device_seconds(run: Outcome) -> np.ndarray:
    """[pools, parts]: device-seconds in the window of each class, then of jobs that were stopped, then idle."""
    served = run.jobs.sums.service.T
    busy, capacity = window_totals(run, "busy_s"), window_totals(run, "capacity_s")
    stopped = busy - served.sum(axis=1)
    stopped = np.where(stopped > ROUNDING * busy, stopped, 0.0)
    return np.column_stack([served, stopped, np.maximum(capacity - busy, 0.0)])


def amounts(run: Outcome, network: Network) -> np.ndarray:
    """[columns, pools, parts], in order of `COLUMNS` and of `device_seconds`; NaN: it cannot be reckoned."""
    setup, terms, spent = run.setup, run.setup.accounts, device_seconds(run)
    pools, classes = setup.pools, len(setup.classes)
    busy, idle = np.arange(classes + 1), classes + 1
    share = np.where(np.arange(classes + 2) == idle, terms.idle_power, 1.0)
    energy = times(spent * share, (pools["power"] * pools["pue"] / JOULES)[:, None])
    price, carbon = (np.empty(spent.shape) for _ in range(2))
    for factors, name in ((price, "price"), (carbon, "carbon")):
        at_work, at_rest = mean_factors(run, name)
        factors[:, busy], factors[:, idle] = (pools[name] * at_work)[:, None], pools[name] * at_rest
    contract = np.array([_number(network.graph.nodes[setup.hubs[hub]].get("carbon_contract")) for hub in pools["hub"]])
    green = np.where(np.isnan(contract)[:, None], carbon, contract[:, None])
    prices = np.array([_number(network.devices[setup.devices[kind]].price_yuan) for kind in pools["device"]])
    owned = spent.copy()
    owned[:, idle] = np.maximum(owned_seconds(run) - spent[:, busy].sum(axis=1), 0.0)
    capital = times(owned, (prices * terms.capital)[:, None])
    return np.array(
        [energy, times(energy, price), times(energy, carbon), times(energy, green), capital, worth(run, spent)]
    )


def mean_factors(run: Outcome, name: str) -> tuple[np.ndarray, np.ndarray]:
    """What "price" or "carbon" was over its mean over a week, in the mean over the busy and over the idle time of each
    pool in the window."""
    setup, window = run.setup, run.bins.in_window()
    week = week_records(len(setup.pools)) if setup.week is None else setup.week
    edges = np.asarray(run.bins.edges)
    upto = np.array(
        [integral(week[name][pool], week[f"{name}_sum"][pool], edges + setup.start) for pool in range(len(week))]
    ).reshape(len(week), len(edges))
    factors = (np.diff(upto, axis=1) / (np.diff(edges) / HOUR)).T.reshape(len(edges) - 1, len(week))[window]
    busy = run.bins.table("busy_s")[window]
    idle = run.bins.table("capacity_s")[window] - busy
    return _weighted(factors, busy), _weighted(factors, idle)


def integral(factors: np.ndarray, sums: np.ndarray, at: np.ndarray) -> np.ndarray:
    """h; the integral of 168 hourly factors from Monday 00:00 to each time in `at`, s; sums: up to each hour."""
    hours = at / HOUR
    whole = np.floor(hours).astype(np.int64)
    weeks, hour = whole // HOURS, whole % HOURS
    week = sums[-1] + factors[-1]
    return np.asarray(weeks * week + sums[hour] + factors[hour] * (hours - whole))


def _weighted(factors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Means over rows; 1 for columns without weight, of which nothing is asked."""
    total = weights.sum(axis=0)
    return np.divide((factors * weights).sum(axis=0), total, out=np.ones(len(total)), where=total > 0)


def owned_seconds(run: Outcome) -> np.ndarray:
    """[pools]: device-seconds in the window that are paid for, whether the devices are in force or not."""
    window = run.bins.in_window()
    built = np.outer(np.diff(run.bins.edges), run.setup.pools["nominal"])
    return np.asarray(np.maximum(built, run.bins.table("capacity_s"))[window].sum(axis=0))


def worth(run: Outcome, spent: np.ndarray) -> np.ndarray:
    """[pools, parts]: yuan, the value of the work that each class had done; none of the other parts has any."""
    setup, values = run.setup, run.setup.accounts.values
    if not values:
        return np.full(spent.shape, np.nan)
    rates = np.zeros(spent.shape)
    for index, name in enumerate(setup.classes):
        factor = setup.fit[setup.class_places[index]] if setup.class_places else 1.0
        rates[:, index] = values.get(name, np.nan) * setup.pools["speed"] * factor / HOUR
    return times(spent, rates)


def times(amount: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """amount x rate. Nothing costs nothing, also where the rate is not known; unless it is known nowhere."""
    if np.isnan(rate).all():
        return np.full(amount.shape, np.nan)
    return np.where(amount == 0, 0.0, amount * rate)


def eflop_hours(run: Outcome, network: Network) -> float:
    """Busy device-hours x dense FP16 EFLOPS of the device; NaN if those of a pool that was busy are not known."""
    speeds = [_number(network.devices[run.setup.devices[kind]].tflops_fp16) for kind in run.setup.pools["device"]]
    return float(times(window_totals(run, "busy_s") / HOUR, np.array(speeds) * 1e-6).sum())


def account_measures(run: Outcome, network: Network) -> Iterator[tuple[Path, Value]]:
    """The totals; per job and EFLOP-hour, of the parts that are nobody's, and by hub; and by class. What cannot be
    reckoned is left out: it is not 0."""
    setup = run.setup
    if not len(setup.pools) or window_length(run) <= 0:
        return
    found = amounts(run, network)
    totals = found.sum(axis=(1, 2))
    yield from _known((), totals)
    for name, over in (
        ("per_job", float(run.jobs.counts.status[:, FINISHED].sum())),
        ("per_eflop_hour", eflop_hours(run, network)),
    ):
        if over > 0:
            yield from _known(("accounts", name), totals[: len(COSTS)] / over)
    parts = {IDLE: -1} | ({STOPPED: -2} if device_seconds(run)[:, -2].any() else {})
    for name, part in parts.items():
        yield from _known(("accounts", name), found[: len(COSTS), :, part].sum(axis=1))
    for index, hub in enumerate(setup.hubs):
        if (mine := setup.pools["hub"] == index).any():
            yield from _known(("accounts", "by_hub", hub), found[:, mine].sum(axis=(1, 2)))
    for index, name in enumerate(setup.classes):
        valued = len(COLUMNS) if name in setup.accounts.values else len(COSTS)
        yield from _known(("classes", name), found[:valued, :, index].sum(axis=1))


def _known(path: Path, values: np.ndarray) -> Iterator[tuple[Path, Value]]:
    for name, value in zip(COLUMNS, values, strict=False):
        if not np.isnan(value):
            yield (*path, name), Value(float(value))


def accounts_table(run: Outcome, network: Network) -> pd.DataFrame:
    """One row per pool and part that had any device time or is paid for: hub, pool (device type), part (class, stopped
    or idle), class (None but for the first), device_s, and `COLUMNS`; NaN: it cannot be reckoned."""
    setup, spent, found = run.setup, device_seconds(run), amounts(run, network)
    there = spent > 0
    there[:, -1] |= owned_seconds(run) > 0  # devices that are paid for, although they were away
    pool, part = np.nonzero(there)
    classes = len(setup.classes)
    names = {
        "hub": np.array(setup.hubs, object)[setup.pools["hub"][pool]],
        "pool": np.array(setup.devices, object)[setup.pools["device"][pool]],
        "part": np.array(["class"] * classes + [STOPPED, IDLE], object)[part],
        "class": np.array([*setup.classes, None, None], object)[part],
        "device_s": spent[pool, part],
    }
    return pd.DataFrame(names | {name: found[index, pool, part] for index, name in enumerate(COLUMNS)})


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
