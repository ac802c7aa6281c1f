"""What `check` expects: by hand, and against what a run then does."""

import numpy as np
import pytest

import hubnet as hn
from hubnet.engine.arrays import as_columns, new_world
from hubnet.engine.decisions import eligible
from hubnet.engine.policy import find_router
from hubnet.study.expect import expect, may_use
from hubnet.workload.jobs import NONE
from worlds import random_setup

TEXT = """
hubnet: 1
name: by hand
network:
  regions: {R: {at: [0, 0]}}
  hubs:
    Near: {at: [0, 0.1], pools: {cpu: 10}}
    Far: {at: [0, 5], pools: {cpu: 30}}
  trunks:
    - {between: [R, Near], capacity: 1 Gbit/s}
    - {between: [Near, Far], capacity: 10 Gbit/s}
devices: {cpu: {speed: 2}}
clock: {horizon: 1 h}
workload:
  classes:
    small: {rate: 1 /s, devices: 4, work: 8 s, input: 1 MB}
    huge: {rate: 1 /h, devices: {choice: {20: 0.5, 40: 0.5}}, work: 60 s}
"""


def expectation(tmp_path, routing):
    (tmp_path / "s.yaml").write_text(TEXT)
    scenario = hn.load(tmp_path / "s.yaml", [f"policy.routing={routing}"])
    return expect(scenario.setup("as-built", find_router(routing), 1), scenario.mix().classes)


def test_loads_by_hand(tmp_path):
    # small: 1/s x 4 devices x 8 s / speed 2 = 16 devices; huge: 1/3600 x half x 20 devices x 30 s, only in Far
    huge = 0.5 / 3600 * 20 * 30
    assert [pool.load for pool in expectation(tmp_path, "nearest").pools] == pytest.approx([16 / 10, huge / 30])
    assert [pool.load for pool in expectation(tmp_path, "random").pools] == pytest.approx([8 / 10, (8 + huge) / 30])
    split = expectation(tmp_path, "least-response").pools
    assert [pool.load for pool in split] == pytest.approx([4 / 10, (12 + huge) / 30])


def test_trunks_jobs_and_misfits_by_hand(tmp_path):
    found = expectation(tmp_path, "nearest")
    assert found.jobs == pytest.approx(3600 + 1)
    assert found.trunks[0][:2] == ("R", "Near")
    assert found.trunks[0][2] == pytest.approx(8e6 / 1e9)
    assert [(m.klass, m.devices, m.share, m.largest) for m in found.misfits] == [("huge", 40, 0.5, 30)]


@pytest.mark.parametrize("seed", range(20))
def test_may_use_is_the_engines_rule(seed):
    setup = random_setup(seed)
    world = new_world(setup.pools, setup.pairs, setup.fit, 0, 1)
    columns, job = as_columns(world), world.jobs[0]
    job["pinned"] = NONE
    for place, gang, tolerance in ((0, 1, np.inf), (1, 4, 1.0), (2, 9, 0.0)):
        job["place"], job["devices"], job["tolerance"] = place, gang, tolerance
        table = may_use(setup, place, gang, tolerance)
        for region, pool in np.ndindex(table.shape):
            job["region"] = region
            assert table[region, pool] == eligible(0, pool, columns)


def test_a_run_gets_the_jobs_and_the_load_that_were_expected(tmp_path):
    found = expectation(tmp_path, "random")
    result = hn.simulate(hn.load(tmp_path / "s.yaml", ["policy.routing=random", "clock.horizon=20 h"]), gear="compiled")
    jobs = result.summary()["jobs"]["submitted"]["value"]
    assert abs(jobs - 20 * found.jobs) < 4 * (20 * found.jobs) ** 0.5
    assert result.utilization.utilization.tolist() == pytest.approx([pool.load for pool in found.pools], rel=0.03)
