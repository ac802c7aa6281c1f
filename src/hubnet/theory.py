"""Queueing theory: exact answers for simple cases, to check a simulation against or to get a feeling for it.

load is the offered load: arrival rate x mean service, in servers. All times in the unit of the service time.
"""

from __future__ import annotations

import math

from .errors import InputError, Problem


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
    waits = erlang_c(servers, load)
    if 1 - share >= waits:
        return 0.0
    return service * math.log(waits / (1 - share)) / (servers - load)


def mg1_wait(load: float, service: float, cv2: float) -> float:
    """Mean wait of M/G/1: load service (1 + cv2) / (2 (1 - load)), cv2 = variance / mean^2 of the service time.

    Source: Pollaczek, 1930; Khinchine, 1932.
    """
    _stable(1, load)
    return load * service * (1 + cv2) / (2 * (1 - load))


def _check(servers: int, load: float) -> None:
    if servers < 1 or servers != int(servers):
        raise InputError(Problem(f"servers = {servers!r} is not a whole number of at least 1"))
    if not load >= 0 or math.isinf(load):
        raise InputError(Problem(f"load = {load!r} is not a number of at least 0"))


def _stable(servers: int, load: float) -> None:
    _check(servers, load)
    if load >= servers:
        raise InputError(
            Problem(f"a load of {load:g} on {servers} servers is unstable: the queue grows for ever", "lower the load")
        )
