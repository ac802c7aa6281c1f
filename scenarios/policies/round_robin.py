"""Round robin: the pools take turns.

    hubnet run scenarios/two-hubs.yaml --policy scenarios/policies/round_robin.py:round_robin

A router is the full form of a policy: it returns the pool itself, and may keep numbers of its own in `world.memory`,
which begin at 0 in every run.
"""

import hubnet as hn


@hn.router(memory=1)
def round_robin(job, now, world):
    """The next pool, after the one that was chosen last, that may take the job; -1 (rejected) if none may."""
    last = int(world.memory[0])
    for step in range(len(world.pools)):
        pool = (last + step) % len(world.pools)
        if hn.eligible(job, pool, world):
            world.memory[0] = pool + 1
            return pool
    return -1
