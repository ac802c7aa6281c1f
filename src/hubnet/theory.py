"""Queueing theory: exact answers for simple cases, to check a simulation against or to get a feeling for it.

load is the offered load: arrival rate x mean service, in servers. All times in the unit of the service time.
"""

from __future__ import annotations

import math

import numpy as np

from .errors import InputError, Problem

MOST_STATES = 1e6  # numbers of jobs that a formula sums over


def erlang_b(servers: int, load: float) -> float:
    """Probability that a job finds all servers busy and is lost (M/G/c/c).

    By the recursion B(0) = 1, B(n) = load B(n-1) / (n + load B(n-1)). Source: Erlang, 1917.
    """
    _check(servers, load)
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that a job has to wait (M/M/c). load < servers.

    C = B / (1 - rho (1 - B)) with B from `erlang_b` and rho = load / servers. Source: Erlang, 1917.
    """
    _stable(servers, load)
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_wait(servers: int, load: float, service: float) -> float:
    """Mean wait of M/M/c: C service / (servers - load). Source: Kleinrock, Queueing Systems 1, 1975, 3.5."""
    return erlang_c(servers, load) * service / (servers - load)


def mmc_wait_quantile(servers: int, load: float, service: float, share: float) -> float:
    """The wait that a `share` of jobs does not exceed in M/M/c, first in first out.

    P(W > t) = C exp(-(servers - load) t / service), so t = service ln(C / (1 - share)) / (servers - load), or 0.
    """
    if not 0 <= share < 1:
        raise InputError(Problem(f"share = {share!r} is not a share from 0 up to, but not including, 1"))
    waits = erlang_c(servers, load)
    if 1 - share >= waits:
        return 0.0
    return service * math.log(waits / (1 - share)) / (servers - load)


def birth_death(arrivals: float, deaths: np.ndarray, measure: np.ndarray) -> tuple[float, float]:
    """A birth-death process with births at the rate `arrivals` in every state: mean of `measure`, and the asymptotic
    variance of its average over time.

    deaths, measure [states]: rate of deaths in, and value of, the states 0, 1, ...; the states must hold all but a
    negligible probability. An average over a long time T has about the variance s / T, with

        s = 2 sum over j of (sum over i <= j of (f_i - mean) p_i)^2 / (arrivals p_j).

    Source: Whitt, Asymptotic formulas for Markov processes with applications to simulation, Operations Research 40,
    1992, formula 12 for birth-death processes.
    """
    logs = np.append(0.0, np.cumsum(math.log(arrivals) - np.log(deaths[1:])))
    p = np.exp(logs - logs.max())
    p /= p.sum()
    mean = float((measure * p).sum())
    parts = (measure - mean) * p
    below, above = np.cumsum(parts), np.append(-np.cumsum(parts[::-1])[::-1][1:], 0.0)
    mode = int(p.argmax())
    sums = np.append(below[:mode], above[mode:])  # each from the side on which it is small
    some = p > 1e-250  # the rest adds nothing
    return mean, float(2 * (sums[some] ** 2 / (arrivals * p[some])).sum())


def mmc_queue(servers: int, load: float, service: float) -> tuple[float, float]:
    """M/M/c: mean number waiting, and the asymptotic variance of its average over time; see `birth_death`."""
    _stable(servers, load)
    if not load:
        return 0.0, 0.0
    states = np.arange(_states(servers, load))
    return birth_death(load / service, np.minimum(states, servers) / service, np.maximum(states - servers, 0.0))


def shared_flows(capacity: float, cap: float, rate: float, bits: float) -> tuple[float, float]:
    """Flows that come at random, of exponential sizes, share a link: mean number, and the asymptotic variance of its
    average over time.

    capacity, cap (of one flow): bit/s. rate: flows/s. bits: mean size. n flows are served at min(n cap, capacity): for
    cap >= capacity this is M/M/1 with processor sharing (Kleinrock, Queueing Systems 2, 1976, 4.4).
    """
    servers = max(capacity / cap, 1.0)  # as many flows fill the link
    load = rate * bits / capacity * servers
    _stable(1, load / servers)
    states = np.arange(_states(math.ceil(servers), load))
    return birth_death(rate, np.minimum(states * min(cap, capacity), capacity) / bits, states.astype(float))


def countable(servers: int, load: float) -> bool:
    """Can `mmc_queue` and `shared_flows` reckon with such a load? Next to full, there would be millions of states."""
    return not load or (0 < load < servers and servers - 40 / math.log(load / servers) < MOST_STATES)


def _states(servers: int, load: float) -> int:
    """So many states that the probability of all further ones is below 1e-17 or so of that of the queue."""
    if not countable(servers, load):
        words = f"a load of {load!r} on {servers} servers is too near to full to reckon with"
        raise InputError(Problem(words, "lower the load"))
    return servers + math.ceil(40 / -math.log(load / servers)) + 2 if load else 2


def mg1_wait(load: float, service: float, cv2: float) -> float:
    """Mean wait of M/G/1: load service (1 + cv2) / (2 (1 - load)), cv2 = variance / mean^2 of the service time.

    Source: Pollaczek, 1930; Khinchine, 1932.
    """
    _stable(1, load)
    return load * service * (1 + cv2) / (2 * (1 - load))


def _check(servers: int, load: float) -> None:
    if not (servers >= 1 and float(servers).is_integer()):
        raise InputError(Problem(f"servers = {servers!r} is not a whole number of at least 1"))
    if not load >= 0 or math.isinf(load):
        raise InputError(Problem(f"load = {load!r} is not a number of at least 0"))


def _stable(servers: int, load: float) -> None:
    _check(servers, load)
    if load >= servers:
        raise InputError(
            Problem(f"a load of {load:g} on {servers} servers is unstable: the queue grows for ever", "lower the load")
        )
