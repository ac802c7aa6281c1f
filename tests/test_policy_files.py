"""Policies from files: the examples do what they say in every gear, and a file comes from the command line only."""

import hashlib
import importlib.util
import json
import math
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app

POLICIES = Path(__file__).parent.parent / "scenarios" / "policies"
SERVERS = 40


def router(name, file):
    spec = importlib.util.spec_from_file_location(file, POLICIES / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


ROUND_ROBIN, POWER_OF_TWO = router("round_robin", "round_robin"), router("power_of_two", "power_of_two")


def run(policy, jobs, gear="auto", seed=1, load=0.9):
    """Single servers at no distance, Poisson arrivals and exponential service of mean 1."""
    graph = nx.Graph()
    graph.add_nodes_from(["home", *(f"h{k:02d}" for k in range(SERVERS))])
    graph.add_edges_from(
        (("home", f"h{k:02d}") for k in range(SERVERS)), length_km=0.0, capacity_bit_s=1e9, one_way_ms=0.0
    )
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"submit_s": rng.exponential(1 / (load * SERVERS), jobs).cumsum(), "work_s": rng.exponential(size=jobs)}
    )
    table["region"], table["devices"] = "home", 1
    pools = {(f"h{k:02d}", "cpu"): 1 for k in range(SERVERS)}
    return hn.simulate(network=graph, jobs=table, pools=pools, policy=policy, gear=gear, records=True)


@pytest.mark.parametrize("policy", [ROUND_ROBIN, POWER_OF_TWO])
def test_all_gears_agree(policy):
    found = [run(policy, 400, gear).jobs for gear in ("compiled", "python", "textbook")]
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)


def test_round_robin_takes_turns():
    hubs = run(ROUND_ROBIN, 400).jobs.sort_values("job")["hub"].tolist()
    assert hubs == [f"h{k % SERVERS:02d}" for k in range(400)]


def test_two_choices_wait_as_the_mean_field_says():
    """With many servers at load r, the share of servers with k jobs or more is r^(2^k - 1) (Mitzenmacher 2001), so the
    mean time in system is sum over k >= 1 of r^(2^k - 2), at r = 0.9: 2.61; at random it would be 1 / (1 - r) = 10."""
    r, jobs = 0.9, 60_000
    exact = sum(r ** (2**k - 2) for k in range(1, 12))
    means = []
    for seed in range(6):
        rows = run(POWER_OF_TWO, jobs, seed=seed).jobs
        rows = rows[rows["job"] > jobs // 10]
        means.append((rows["finish_s"] - rows["submit_s"]).mean())
    mean, error = np.mean(means), np.std(means, ddof=1) / math.sqrt(len(means))
    # 40 servers are not infinitely many: at most 10% above the limit, and 4 standard errors
    assert exact - 4 * error < mean < 1.1 * exact + 4 * error
    at_random = run("random", jobs).jobs
    assert (at_random["finish_s"] - at_random["submit_s"]).mean() > 2 * mean


def test_the_manifest_has_the_hash_of_the_code(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import hubnet as hn\n\n\n@hn.policy\ndef first(job, pool, now, world):\n    return float(pool)\n")
    scenario = "scenarios/two-hubs.yaml"
    words = ["run", scenario, "--policy", f"{file}:first", "--quiet", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*words, "--set", "clock.horizon=1 h", "--set", "clock.warmup=5 min"])
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["policy"] == "first"
    assert manifest["policy_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_scenario_cannot_name_code(tmp_path):
    marker = tmp_path / "ran"
    (tmp_path / "mine.py").write_text(f"open({str(marker)!r}, 'w')\n")
    text = Path("scenarios/two-hubs.yaml").read_text()
    assert "routing: random" in text
    (tmp_path / "evil.yaml").write_text(text.replace("routing: random", f"routing: {tmp_path}/mine.py:first"))
    with pytest.raises(hn.ScenarioError):
        hn.load(tmp_path / "evil.yaml")
    assert not marker.exists()
