"""A scenario spelled out in YAML, and the same network and jobs built in Python, give the same result, job by job."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn

TEXT = """
hubnet: 1
name: Both ways
network:
  regions:
    North: {at: [65.58, 22.15], weight: 1, area: west}
    South: {at: [59.33, 18.07], weight: 3, area: east}
  hubs:
    Lulea: {at: [65.58, 22.15], pools: {cpu: 3}, price: 0.35 yuan/kWh, area: west}
    Gavle: {at: [60.67, 17.14], pools: {cpu: 4, gpu: 8}, price: 0.5 yuan/kWh, pue: 1.2, area: east}
  exchanges: {Sundsvall: {at: [62.39, 17.31]}}
  trunks:
    - {between: [North, Lulea], capacity: 100 Gbit/s, length: 5 km}
    - {between: [Lulea, Sundsvall], capacity: 400 Gbit/s, length: 830 km}
    - {between: [Sundsvall, Gavle], capacity: 400 Gbit/s, one_way: 3 ms}
    - {between: [Gavle, South], capacity: 40 Gbit/s, length: 180 km}
devices:
  cpu: {speed: 1.0, power: 400 W}
  gpu: {speed: 20, power: 700 W}
clock: {horizon: 4 h, warmup: 30 min}
seed: 3
fibre: {layer: private-ip, background: 25 %}
workload:
  classes:
    chat: {rate: 2 /s, devices: 1, runs_on: [cpu], work: {exponential: {mean: 3 s}}, input: 4 MB, deadline: 5 s}
    train: {rate: 1 /min, devices: {choice: {4: 0.7, 8: 0.3}}, runs_on: [gpu],
            work: {lognormal: {median: 20 min, sigma: 1}}, input: 2 TB, output: 100 GB, wave: 10 Gbit/s}
policy: {routing: ROUTING}
"""

GRAPH = {  # lengths in km and capacities in bit/s, as in the text
    ("North", "Lulea"): {"length_km": 5.0, "capacity_bit_s": 100e9},
    ("Lulea", "Sundsvall"): {"length_km": 830.0, "capacity_bit_s": 400e9},
    ("Sundsvall", "Gavle"): {"one_way_ms": 3.0, "capacity_bit_s": 400e9},
    ("Gavle", "South"): {"length_km": 180.0, "capacity_bit_s": 40e9},
}


@pytest.mark.parametrize("routing", ["nearest", "random", "least-response", "cheapest-in-time"])
def test_the_same_result(tmp_path, routing):
    (tmp_path / "both.yaml").write_text(TEXT.replace("ROUTING", routing))
    scenario = hn.load(tmp_path / "both.yaml")
    written = hn.simulate(scenario, records=True, gear="compiled")

    graph = nx.Graph()
    graph.add_nodes_from(["North", "South"])
    graph.add_node("Lulea", price=0.35)
    graph.add_node("Gavle", price=0.5, pue=1.2)
    for (a, b), edge in GRAPH.items():
        graph.add_edge(a, b, **edge)
    table, uniforms = drawn_jobs(scenario)
    pools = {("Lulea", "cpu"): 3, ("Gavle", "cpu"): 4, ("Gavle", "gpu"): 8}
    devices = {"cpu": {"speed": 1.0, "power": 400}, "gpu": {"speed": 20, "power": 700}}
    built = hn.simulate(
        network=graph, jobs=table, pools=pools, devices=devices, layer="private-ip", background=0.25,
        horizon=4 * 3600.0, warmup=1800.0, policy=routing, records=True, gear="compiled",
    )  # fmt: skip
    if routing == "random":  # a table draws its own uniforms, so only what does not depend on them is the same
        assert uniforms.between(0, 1).all()
        pd.testing.assert_frame_equal(written.jobs[["job", "submit_s"]], built.jobs[["job", "submit_s"]])
        return
    pd.testing.assert_frame_equal(written.jobs, built.jobs, check_exact=True)
    assert written.summary()["response_s"] == built.summary()["response_s"]


def drawn_jobs(scenario):
    """The scenario's jobs as a table that a user could have made, and their first uniforms."""
    setup = scenario.setup("as-built", hn.router(lambda job, now, world: -1), scenario.spec.seed)
    rows = np.concatenate(list(setup.blocks()))
    klass = np.array(setup.classes)[rows["klass"]]
    table = pd.DataFrame(
        {
            "region": np.array(setup.regions)[rows["region"]],
            "class": klass,
            "submit_s": rows["submit"],
            "devices": rows["devices"],
            "work_s": rows["work"],
            "input_bit": rows["input"],
            "output_bit": rows["output"],
            "wave_bit_s": rows["wave"],
            "deadline_s": rows["deadline"],
            "runs_on": np.where(klass == "chat", "cpu", "gpu"),
        }
    )
    return table, pd.Series(rows["u1"])


def test_values_and_text_say_the_same():
    text = hn.Scenario(
        name="Values",
        network={
            "regions": {"R": {"at": [0, 0]}},
            "hubs": {"H": {"at": [0, 1], "pools": {"cpu": 4}}},
            "trunks": [{"between": ["R", "H"], "capacity": "1 Gbit/s"}],
        },
        clock={"horizon": "1 h"},
        workload={"classes": {"c": {"rate": "1 /s", "work": "2 s"}}},
    )
    result = hn.simulate(text, gear="python")
    assert result.summary()["jobs"]["finished"]["value"] > 3000
    with pytest.raises(hn.ScenarioError, match=r"clock\.horizon"):
        hn.Scenario(name="x", network="china", clock={"horizon": "1 kg"}, workload={"classes": "china", "load": 0.5})
