"""Power of two choices: of two pools drawn at random, the less loaded one.

    hubnet run scenarios/two-hubs.yaml --policy scenarios/policies/power_of_two.py:power_of_two

Two looks are nearly as good as looking everywhere: the longest queues grow with log log n rather than log n
(Mitzenmacher, The power of two choices in randomized load balancing, IEEE Transactions on Parallel and Distributed
Systems 12, 2001).
Every job carries two uniforms, u1 and u2, for such policies: the same in every run, so that runs can be compared.
"""

import hubnet as hn


@hn.router
def power_of_two(job, now, world):
    """Of two different eligible pools, the one with the smaller share of its devices busy or asked for."""
    jobs, pools = world.jobs, world.pools
    count = 0
    for pool in range(len(pools)):
        count += hn.eligible(job, pool, world)
    if count == 0:
        return -1
    first = int(jobs.u1[job] * count)
    second = first
    if count > 1:
        second = (first + 1 + int(jobs.u2[job] * (count - 1))) % count
    best, least, seen = -1, 0.0, 0
    for pool in range(len(pools)):
        if hn.eligible(job, pool, world):
            if seen in (first, second):
                load = (pools.busy[pool] + pools.queued_devices[pool]) / max(pools.devices[pool], 1)
                if best == -1 or load < least:
                    best, least = pool, load
            seen += 1
    return best
