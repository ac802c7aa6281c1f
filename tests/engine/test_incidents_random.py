"""Incidents in random runs: the gears and the textbook agree, and no job, bit or device-second is lost or made."""

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import hubnet as hn
from hubnet.engine.environment import HubEnvironment
from hubnet.engine.routers import BUILT_IN
from hubnet.engine.textbook import Textbook
from hubnet.engine.world import FINISHED, REJECTED, UNFINISHED
from worlds import outcome, random_setup, same_rows

MANY = 12  # incidents
runs = {
    "seed": st.integers(0, 2**32 - 1),
    "jobs": st.integers(1, 150),
    "routing": st.sampled_from([*BUILT_IN]),
    "horizon": st.sampled_from([np.inf, 30.0]),
    "factors": st.booleans(),
}


def same_bins(end, other):
    for name in ("busy_s", "devices_s", "capacity_s", "waiting_s", "bits", "capacity_bits", "full_s", "stalled_s"):
        np.testing.assert_allclose(end.bins.table(name), other.bins.table(name), rtol=1e-9, atol=1e-6)


@given(ties=st.booleans(), sharing=st.booleans(), **runs)
@settings(max_examples=60)
def test_gears_agree_to_the_last_bit(sharing, **run):
    setup = random_setup(**run, sharing=sharing, incidents=MANY)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    others, other = outcome(HubEnvironment, setup, gear="python")
    assert same_rows(rows, others)
    assert str(end.incidents) == str(other.incidents)  # NaN is not equal to itself
    assert end.end == other.end
    same_bins(end, other)


@given(ties=st.booleans(), **runs)
@settings(max_examples=60)
def test_the_textbook_agrees_to_the_last_bit_where_flows_do_not_share(**run):
    setup = random_setup(**run, incidents=MANY)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    others, other = outcome(Textbook, setup)
    assert same_rows(rows, others)
    assert str(end.incidents) == str(other.incidents)
    assert end.end == other.end
    same_bins(end, other)


@given(**runs)
@settings(max_examples=60)
def test_the_textbook_agrees_where_flows_share(**run):
    setup = random_setup(**run, sharing=True, incidents=MANY)
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    others, other = outcome(Textbook, setup)
    for name in rows.dtype.names:
        np.testing.assert_allclose(rows[name], others[name], rtol=1e-9, atol=0, err_msg=name)
    same_bins(end, other)


@pytest.mark.long
def test_the_textbook_agrees_over_many_runs(budget):
    for seed in range(budget):
        for sharing in (False, True):
            ties = seed % 2 == 0 and not sharing
            setup = random_setup(seed, ties=ties, sharing=sharing, incidents=20, routing=[*BUILT_IN][seed % 4])
            rows, _ = outcome(HubEnvironment, setup, gear="compiled")
            others, _ = outcome(Textbook, setup)
            for name in rows.dtype.names:
                tolerance = 1e-9 if sharing else 0
                np.testing.assert_allclose(rows[name], others[name], rtol=tolerance, atol=0, err_msg=f"{seed} {name}")


def random_network(seed):
    """A graph of up to 7 cities, flows between them that tie with each other, and incidents that tie with nothing.

    A flow that ends at the very time of a cut is sent before or after it by its last bit alone.
    """
    rng = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(int(rng.integers(2, 8)), int(rng.integers(1, 10)), seed=int(rng.integers(2**31)))
    graph = nx.relabel_nodes(graph, {i: f"n{i}" for i in graph})
    cities = sorted(graph)
    graph.add_edges_from(pairwise(cities[: 1 + int(rng.integers(len(cities)))]))
    graph.add_edge(cities[0], cities[1])
    for edge in graph.edges.values():
        edge["length_km"] = float(rng.integers(0, 900))
        edge["capacity_bit_s"] = float(rng.integers(2, 6))
    flows = int(rng.integers(1, 40))
    table = pd.DataFrame(
        {
            "region": rng.choice(cities, flows),
            "hub": rng.choice(cities, flows),
            "submit_s": np.sort(rng.integers(0, 20, flows)).astype(float),
            "devices": 0,
            "work_s": 0.0,
            "input_bit": rng.integers(0, 20, flows).astype(float),
            "wave_bit_s": rng.choice([1.0, 2.0, np.inf], flows),
        }
    )
    trunks = list(graph.edges)
    incidents = []
    for _ in range(rng.integers(1, 9)):
        trunk = trunks[rng.integers(len(trunks))]
        incident = {"at": rng.uniform(0, 25), "lasting": rng.uniform(1, 9)}
        incident |= {"cut": trunk} if rng.random() < 0.6 else {"degrade": trunk, "to": 0.5}
        incidents.append(incident)
    return graph, table, incidents


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_with_ties_every_transfer_of_the_textbook_agrees(seed):
    """Flows alone: no decision depends on the order of what happens at one time, so times agree, ties or not."""
    graph, table, incidents = random_network(seed)
    options = {"policy": "nearest", "records": True, "incidents": incidents, "horizon": 200.0}
    kernel, textbook = (
        hn.simulate(network=graph, jobs=table, gear=gear, **options) for gear in ("compiled", "textbook")
    )
    assert (kernel.jobs.status == textbook.jobs.status).all()
    np.testing.assert_allclose(kernel.jobs.sent_s, textbook.jobs.sent_s, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(kernel.jobs.finish_s, textbook.jobs.finish_s, rtol=1e-9, atol=1e-9)
    assert kernel.incidents.flows_stalled.tolist() == textbook.incidents.flows_stalled.tolist()


def test_random_runs_do_meet_incidents():
    """The searches above mean something: jobs are stopped, flows move and stand still."""
    told = {"jobs_displaced": 0, "flows_moved": 0, "flows_stalled": 0}
    for seed in range(40):
        _, end = outcome(HubEnvironment, random_setup(seed, jobs=150, incidents=MANY), gear="compiled")
        for incident in end.incidents:
            for name in told:
                told[name] += incident[name]
    assert min(told.values()) > 30, told


@given(seed=st.integers(0, 2**32 - 1), sharing=st.booleans())
@settings(max_examples=40)
def test_device_time_is_the_work_done_and_the_work_lost(seed, sharing):
    """At speed 1: busy device-seconds = devices x work of the jobs that were served + what stopped jobs lost."""
    setup = random_setup(seed, jobs=120, sharing=sharing, incidents=MANY)
    setup.pools["speed"] = 1.0
    setup = replace(setup, changes=tuple(replace(c, until=min(c.until, c.at + 9.0)) for c in setup.changes))
    rows, end = outcome(HubEnvironment, setup, gear="compiled")
    assume(not (rows["status"] == UNFINISHED).any())  # cut off for ever: what they had done is not in their rows
    assume(not ((rows["status"] == REJECTED) & (rows["attempts"] > 1)).any())
    lost = sum(incident["work_lost_device_s"] for incident in end.incidents)
    work = (rows["devices"] * rows["work"])[rows["status"] == FINISHED].sum()
    assert end.bins.table("busy_s").sum() == pytest.approx(work + lost, rel=1e-9, abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1), sharing=st.sampled_from(["max-min", "none"]))
@settings(max_examples=60)
def test_trunks_carry_what_flows_send_over_them(seed, sharing):
    """Between any two changes of the trunks, what a flow has sent less went over the path that it had."""
    graph, table, incidents = random_network(seed)
    options = {"network": graph, "jobs": table, "policy": "nearest", "incidents": incidents, "sharing": sharing}
    changes = sorted({time for i in incidents for time in (i["at"], i["at"] + i["lasting"])})
    result = hn.simulate(**options, horizon=1000.0)
    carried = result.trunks.groupby(["from", "to"]).bits.sum()
    due = dict.fromkeys(carried.index, 0.0)
    env = hn.environment(**options, horizon=1000.0, gear="textbook")
    reached = [nx.has_path(graph, a, b) for a, b in zip(table.region, table.hub, strict=True)]
    sent = np.zeros(len(table))
    for begin, end in pairwise([0.0, *(time for time in changes if time > 0), 1000.0]):
        env.run(until=end)
        before, sent = sent, bits_sent(env, table) * reached
        down = [frozenset(i["cut"]) for i in incidents if "cut" in i and i["at"] <= begin < i["at"] + i["lasting"]]
        up = graph.edge_subgraph([edge for edge in graph.edges if frozenset(edge) not in down]).copy()
        up.add_nodes_from(graph)
        network = hn.Network.from_graph(up)
        for flow in np.flatnonzero(sent > before + 1e-9):
            for a, b in pairwise(network.path(table.region[flow], table.hub[flow])):
                due[a, b] += sent[flow] - before[flow]
    np.testing.assert_allclose(carried, pd.Series(due)[carried.index], rtol=1e-9, atol=1e-9)


def bits_sent(env, table):
    """Bits that each flow of a table has sent by now; those within one city send nothing."""
    sent = np.where((table.submit_s < env.now) & (table.region != table.hub), table.input_bit, 0.0)
    for flow in env.fibre.flows:
        sent[flow.number] -= (flow.due - env.now) * flow.rate if flow.rate > 0 else flow.left
    return sent


class CutsAndRepairs(RuleBasedStateMachine):
    """Any sequence of cuts, repairs, new transfers and time: no flow is lost or served twice.

    After every step all jobs are accounted for, nothing stands still without a cause, and the gears are in one state.
    """

    @initialize(seed=st.integers(0, 2**32 - 1), sharing=st.sampled_from(["max-min", "none"]))
    def begin(self, seed, sharing):
        graph, table, _ = random_network(seed)
        pools = {(hub, "cpu"): 2 for hub in sorted(graph)}
        table = pd.concat([table, table.head(1).loc[[0] * len(graph)].assign(region=sorted(graph))])
        table = table.sort_values("region", kind="stable").assign(hub=None)
        table["submit_s"] = np.arange(len(table)) % 20.0
        table["devices"] = np.arange(len(table)) % 3
        table["work_s"] = 1.0 + np.arange(len(table)) % 4
        self.graph, self.cities = graph, sorted(graph)
        self.trunks = list(graph.edges)
        self.total = len(table)
        options = {"network": graph, "jobs": table, "pools": pools, "policy": "nearest", "sharing": sharing}
        options["horizon"] = 1e4
        self.envs = [hn.environment(gear=gear, **options) for gear in ("compiled", "python")]
        self.parts = [[], []]
        for env, parts in zip(self.envs, self.parts, strict=True):
            env._sink = parts.append
        self.incidents = []

    @rule(index=st.integers(0, 100), to=st.sampled_from([0.0, 0.0, 0.5]), lasting=st.sampled_from([np.inf, 2.0, 5.0]))
    def cut(self, index, to, lasting):
        trunk = self.trunks[index % len(self.trunks)]
        self.incidents.append([env.cut(*trunk, to=to, lasting=lasting) for env in self.envs])

    @rule(index=st.integers(0, 100), to=st.sampled_from([0.0, 0.5]), running=st.sampled_from(["kill", "drain"]))
    def outage(self, index, to, running):
        hub = self.cities[index % len(self.cities)]
        self.incidents.append([env.outage(hub, to=to, running=running) for env in self.envs])

    @precondition(lambda self: self.incidents)
    @rule(index=st.integers(0, 100))
    def repair(self, index):
        for env, incident in zip(self.envs, self.incidents[index % len(self.incidents)], strict=True):
            env.repair(incident)

    @rule(index=st.integers(0, 100), bits=st.integers(0, 30), devices=st.integers(0, 2))
    def submit(self, index, bits, devices):
        a, b = self.cities[index % len(self.cities)], self.cities[(index // 3) % len(self.cities)]
        for env in self.envs:
            env.submit(a, devices=devices, work_s=2.0, input_bit=float(bits), output_bit=float(bits // 2), hub=b)
        self.total += 1

    @rule(span=st.sampled_from([0.25, 1.0, 3.0, 20.0]))
    def wait(self, span):
        for env in self.envs:
            env.run(until=env.now + span)

    @invariant()
    def nothing_disappears(self):
        for env in getattr(self, "envs", ()):
            counts = env.counts()
            assert counts["submitted"] == counts["rejected"] + counts["finished"] + counts["in_flight"]
            assert (env.world.pools.busy >= 0).all()
            if not env.world.pairs.broken.any():
                assert env.machine.ledger.stalled[0] == 0

    @invariant()
    def the_gears_are_in_the_same_state(self):
        if getattr(self, "envs", None):
            one, other = (env.counts() for env in self.envs)
            assert one == other
            assert (self.envs[0].world.pools.busy == self.envs[1].world.pools.busy).all()

    def teardown(self):
        """When all is repaired every job leaves, once; its bits went over one trunk at least, and all at most."""
        for number, env in enumerate(getattr(self, "envs", ())):
            for incident in self.incidents:
                env.repair(incident[number])
            env.run(until=env.now + 5000.0)
            end = env.close()
            rows = np.concatenate(self.parts[number])
            assert env.counts()["in_flight"] == 0
            assert sorted(rows["id"].tolist()) == sorted(set(rows["id"].tolist()))
            assert len(rows) == self.total
            once = rows[rows["attempts"] == 1]
            travels = once["region"] != once["hub"]  # every city is both, in the same order
            bits = ((once["input"] + once["output"]) * travels)[once["status"] == FINISHED].sum()
            carried = end.bins.table("bits").sum()
            assert carried >= bits * (1 - 1e-9)
            if len(once) == len(rows):
                assert carried <= bits * (len(self.cities) - 1) * (1 + 1e-9)


TestCutsAndRepairs = CutsAndRepairs.TestCase
TestCutsAndRepairs.settings = settings(max_examples=40, stateful_step_count=25)
