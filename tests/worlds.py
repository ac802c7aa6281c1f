"""Random small runs for the engine's tests, made from a seed, with or without ties."""

import numpy as np

from hubnet.engine.arrays import week_records
from hubnet.engine.changes import Change
from hubnet.engine.policy import Router
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.setup import Setup
from hubnet.engine.world import FIFO, LINK, PAIR, POOL, POOL_FACTOR, ROW, TRUNK_FACTOR
from hubnet.workload.arrivals import JobClass, job_blocks
from hubnet.workload.distributions import Choice
from hubnet.workload.jobs import NONE, empty_block


def random_setup(
    seed,
    jobs=300,
    ties=False,
    routing="least-response",
    horizon=np.inf,
    load=0.9,
    block=64,
    sharing=False,
    incidents=0,
    discipline=FIFO,
    depth=256,
    factors=False,
):
    """A few regions, hubs and pools of several types; gangs, data both ways, pins, deadlines, whole seconds. factors:
    jobs of some rules of place are slower or faster in some pools than the pool's speed says."""
    rng = np.random.default_rng(seed)
    whole = np.ceil if ties else lambda x: x
    regions, hubs, types, links = (
        rng.integers(1, 6),
        rng.integers(1, 5),
        rng.integers(1, 4),
        2 * rng.integers(1, 7),
    )
    pools = random_pools(rng, hubs, types, whole)
    table = np.zeros(links, LINK)
    table["capacity"] = 4.0 if ties else np.repeat(rng.uniform(2, 20, links // 2), 2)
    pairs, path = random_pairs(rng, regions, hubs, table, whole)

    def reroute(down):
        rng = np.random.default_rng([seed, *sorted(down)])
        return random_pairs(rng, regions, hubs, table, whole, down, pairs)

    fit = np.ones((3, len(pools)))
    fit[1] = pools["device"] == 0
    fit[2] = rng.random(len(pools)) < 0.5
    if factors:
        fit *= np.random.default_rng([seed, 1]).choice(
            [0.25, 0.5, 1.0, 2.0] if ties else [0.3, 0.7, 1.0, 3.7], fit.shape
        )
    rows = random_jobs(rng, jobs, regions, hubs, pools, whole, load)
    changes = random_changes(rng, incidents, links // 2, len(pools), rows["submit"][-1], whole)

    def blocks():
        return iter([rows[i : i + block].copy() for i in range(0, len(rows), block)])

    hours = {"price": rng.uniform(0.5, 1.5, (len(pools), 168)), "demand": whole(rng.uniform(0, 2, 168))}
    router = routing if isinstance(routing, Router) else Router(BUILT_IN[routing], routing)
    return Setup(
        regions=tuple(f"R{i}" for i in range(regions)),
        hubs=tuple(f"H{i}" for i in range(hubs)),
        devices=tuple(f"d{i}" for i in range(types)),
        classes=("a", "b"),
        links=tuple((f"T{i // 2}", f"x{i}", f"x{i ^ 1}") for i in range(links)),
        pools=pools,
        pairs=pairs,
        path=path,
        links_table=table,
        fit=fit,
        blocks=blocks,
        router=router,
        horizon=horizon,
        bin=50.0,
        slots=4,
        sharing=sharing,
        discipline=discipline,
        lanes=3 if discipline != FIFO else 1,
        depth=depth,
        reroute=reroute,
        changes=changes,
        week=week_records(len(pools), **hours),
        start=float(whole(rng.uniform(0, 7 * 86400))),
    )


def random_changes(rng, count, trunks, pools, last, whole):
    """Cuts, trunks that lose a part, outages of pools that kill or drain, some at the same time, some for good."""
    changes = []
    for _ in range(count):
        at = float(whole(rng.uniform(0, last)))
        until = float(at + whole(rng.exponential(last / 6)) + 1) if rng.random() < 0.9 else np.inf
        factor = float(rng.choice([0.0, 0.0, 0.25, 0.5]))
        if rng.random() < 0.5:
            changes.append(Change(TRUNK_FACTOR, int(rng.integers(trunks)), factor, at=at, until=until))
        else:
            kill = bool(rng.random() < 0.6)
            changes.append(Change(POOL_FACTOR, int(rng.integers(pools)), factor, kill=kill, at=at, until=until))
    return tuple(changes)


def random_pools(rng, hubs, types, whole):
    places = [(hub, device) for hub in range(hubs) for device in range(types) if device == 0 or rng.random() < 0.5]
    pools = np.zeros(len(places), POOL)
    pools["hub"], pools["device"] = np.array(places).T
    pools["nominal"] = pools["devices"] = rng.integers(1, 9, len(places))
    pools["speed"] = 1.0 if whole is np.ceil else rng.uniform(0.5, 3, len(places))
    pools["power"], pools["pue"] = 400.0, 1.2
    pools["price"] = np.round(rng.uniform(0.3, 0.6, len(places)), 1)
    return pools


def random_pairs(rng, regions, hubs, links, whole, down=(), before=None):
    """Paths over the trunks that are up; pairs in one city, and pairs that never had a path, stay what they were."""
    pairs = np.zeros((regions, hubs), PAIR)
    up = np.array([trunk for trunk in range(len(links) // 2) if trunk not in down], int)
    path = []
    for pair in np.ndindex(regions, hubs):
        hops = min(rng.integers(0, 4), len(up))
        lost = rng.random() < 0.1
        if before is not None:
            hops, lost = (0, False) if before[pair]["hops"] == 0 else (max(hops, 1), lost or len(up) == 0)
            lost = lost or np.isinf(before[pair]["one_way"])
        trunks = rng.permutation(up)[:hops]  # a path crosses a trunk once
        walked = 2 * trunks + rng.integers(0, 2, len(trunks))
        pairs[pair]["first"], pairs[pair]["hops"] = len(path), len(walked)
        delay = whole(rng.uniform(0, 3))
        pairs[pair]["one_way"] = 0 if hops == 0 else np.inf if lost else delay
        pairs[pair]["capacity"] = links["capacity"][walked].min(initial=np.inf)
        path.extend(walked)
    return pairs, np.array(path or [0], np.int64)


def random_jobs(rng, jobs, regions, hubs, pools, whole, load):
    rows = empty_block(jobs)
    rows["id"] = np.arange(jobs)
    rows["klass"], rows["region"] = rng.integers(0, 2, jobs), rng.integers(0, regions, jobs)
    rows["devices"] = rng.choice([0, 1, 1, 1, 2, 4, 9], jobs)
    rows["work"] = whole(rng.exponential(5, jobs))
    rate = load * (pools["nominal"] * pools["speed"]).sum() / (5 * max(rows["devices"].mean(), 0.5))
    rows["submit"] = whole(np.cumsum(rng.exponential(1 / rate, jobs)))
    rows["input"] = 4 * whole(rng.exponential(2, jobs)) * (rng.random(jobs) < 0.6)
    rows["output"] = 4 * whole(rng.exponential(2, jobs)) * (rng.random(jobs) < 0.6)
    rows["wave"] = np.where(rng.random(jobs) < 0.5, 4.0, np.inf)
    rows["deadline"] = np.where(rng.random(jobs) < 0.5, whole(rng.uniform(5, 30, jobs)), np.inf)
    rows["checkpoint"] = np.where(rng.random(jobs) < 0.3, np.inf, whole(rng.uniform(0.5, 3, jobs)))
    rows["tolerance"] = np.where(rng.random(jobs) < 0.1, 1.0, np.inf)
    rows["place"] = rng.integers(0, 3, jobs)
    rows["pinned"] = np.where(rows["devices"] == 0, rng.integers(-1, hubs, jobs), NONE)
    rows["slack"] = whole(rng.exponential(1, jobs) * rng.choice([0, 20, 9000], jobs))
    rows["u1"], rows["u2"] = rng.random(jobs), rng.random(jobs)
    rows["lane"] = rng.integers(0, 3, jobs)
    rows["estimate"] = rng.choice([0.5, 1.0, 1.0, 1.0, 2.0], jobs)
    return rows


def outcome(kind, setup, *processes, **options):
    """Rows by job id, and the outcome (with the processes' `notes`), of one run to its end."""
    parts = []
    env = kind(setup, sink=parts.append, **options)
    env.notes = []
    for process in processes:
        env.process(process(env))
    env.run()
    end = env.close()
    object.__setattr__(end, "notes", env.notes)
    rows = np.concatenate(parts) if parts else np.zeros(0, ROW)
    return rows[np.argsort(rows["id"], kind="stable")], end


def same_rows(a, b):
    """Are all columns of two arrays of job rows equal, bit by bit (NaN equals NaN)?"""
    return a.shape == b.shape and all(
        np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f") for name in a.dtype.names
    )


def single_hub(servers, rate, work, seed, replication, horizon, warmup, devices=(1,)):
    """One region and one hub in the same city, Poisson arrivals of `rate` jobs/s, work from a distribution."""
    mix = (JobClass("jobs", rate, {"R": 1.0}, Choice(devices, (1.0,) * len(devices)), work),)
    pools, pairs = np.zeros(1, POOL), np.zeros((1, 1), PAIR)
    pools["nominal"] = pools["devices"] = servers
    pools["speed"] = 1.0
    pairs["capacity"] = np.inf
    return Setup(
        regions=("R",),
        hubs=("H",),
        devices=("d",),
        classes=("jobs",),
        links=(),
        pools=pools,
        pairs=pairs,
        path=np.zeros(1, np.int64),
        links_table=np.zeros(0, LINK),
        fit=np.ones((1, 1)),
        blocks=lambda: job_blocks(mix, ("R",), seed, replication, horizon),
        router=Router(BUILT_IN["nearest"], "nearest"),
        horizon=horizon,
        warmup=warmup,
        bin=100.0,
    )
