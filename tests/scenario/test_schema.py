"""The models: what a good file means in SI units; the JSON Schema and the table that follow from them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hubnet.scenario import Choice, Constant, Exponential, Lognormal, Names, Times, json_schema, parse, read
from hubnet.scenario.source import read_yaml
from scenario.small import GOOD, changed
from scenario.test_incidents import INCIDENTS, VALUES, WHAT, WHEN, with_incidents

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NATION = """\
hubnet: 1
name: A nation by its name
network: atlantis
clock: {start: 2025-06-02, horizon: 7 d, warmup: 1 d, bin: 15 min}
seed: 7
replications: 1
fibre: {layer: private-ip, sharing: none, background: 16 %}
scale: 1/5
reserve: {online: 30 %}
workload: {classes: atlantis, load: 62 %}
policy: {routing: cheapest-in-time, queue: fifo}
allocations:
  as-built: {}
  east-first: {move: {from: west, to: east, share: 30 %}}
  west-shift: {move: [{from: [east], to: west, share: 30 %}]}
"""
NAMES = Names(hubs=frozenset({"Ur"}), areas=frozenset({"west", "east"}), devices=frozenset({"accelerator"}))


def test_two_hubs_in_si_units() -> None:
    spec = read(SCENARIOS / "two-hubs.yaml")
    assert spec.name == "Two hubs"
    assert (spec.clock.horizon, spec.clock.warmup, spec.clock.bin, spec.clock.start) == (86400, 7200, None, None)
    assert (spec.seed, spec.replications, spec.scale, spec.reserve) == (1, 1, 1, {})
    network = spec.network
    assert not isinstance(network, str)
    assert network.regions["South"].weight == 3
    assert network.hubs["Lulea"].pools == {"cpu": 12}
    assert (network.hubs["Lulea"].price, network.hubs["Lulea"].carbon, network.hubs["Lulea"].pue) == (0.35, 0.02, 1.1)
    assert (network.hubs["Gavle"].price, network.hubs["Gavle"].pue) == (None, 1)
    assert [trunk.capacity for trunk in network.trunks] == [100e9, 400e9, 400e9, 400e9]
    assert [trunk.length for trunk in network.trunks] == [5, 830, None, None]
    assert network.trunks[3].name == "Gavle-South"
    assert network.trunks[3].between == ("Gavle", "South")
    assert network.route_ratio == 1.5
    assert (spec.devices["gpu"].speed, spec.devices["gpu"].power) == (20, 700)
    assert not isinstance(spec.workload.classes, str)
    chat, train = spec.workload.classes["chat"], spec.workload.classes["train"]
    assert (chat.rate, chat.devices, chat.runs_on, chat.work) == (14, Choice((1,), (1.0,)), ("cpu",), Exponential(1))
    assert (chat.input, chat.output, chat.deadline, chat.wave) == (32e3, 96e3, 5, 10e9)
    assert (train.rate, train.devices) == (1 / 3600, Choice((4, 8), (0.7, 0.3)))
    assert (train.work, train.input, train.wave) == (Lognormal(72000, 1, None), 16e12, None)
    assert list(spec.allocations) == ["as-built", "north"]
    assert spec.allocations["north"].pools == {"Lulea": {"cpu": 20}, "Gavle": {"cpu": 10}}


def test_a_nation_by_its_name() -> None:
    spec = parse(NATION, names_of={"atlantis": NAMES}.get)
    assert (spec.network, spec.workload.classes, spec.workload.load) == ("atlantis", "atlantis", 0.62)
    assert spec.clock.start == datetime(2025, 6, 2)
    assert (spec.clock.bin, spec.scale, spec.fibre.background) == (900, 0.2, 0.16)
    for name, ends in (("east-first", (("west",), ("east",))), ("west-shift", (("east",), ("west",)))):
        (move,) = spec.allocations[name].move
        assert (move.from_, move.to, move.share) == (*ends, 0.3)


def test_defaults() -> None:
    spec = parse(GOOD.replace("policy: {routing: random}\n", "").split("allocations:")[0])
    assert (spec.policy.routing, spec.policy.queue) == ("least-response", "fifo")
    assert (spec.fibre.layer, spec.fibre.sharing, spec.fibre.background) == ("optical", "max-min", 0)
    assert list(spec.allocations) == ["as-built"]
    assert spec.allocations["as-built"].move == []


def test_other_ways_to_write_things() -> None:
    spec = parse(changed("weight: 3,", "weight: 3, wave: 10 Gbit/s,"))
    assert not isinstance(spec.network, str)
    assert [region.wave for region in spec.network.regions.values()] == [None, 10e9]
    spec = parse(changed("work: 20 h", "tolerance: 10 ms rtt, work: {constant: 20 h}").replace("x2}", "800 Gbit/s}"))
    assert not isinstance(spec.workload.classes, str)
    assert spec.workload.classes["train"].work == Constant(72000)
    assert spec.workload.classes["train"].tolerance == 0.005
    assert spec.allocations["north"].trunks == {"Last mile": 800e9}
    assert parse(GOOD).allocations["north"].trunks == {"Last mile": Times(2)}


def as_json(text: str) -> Any:
    """What an editor hands to a JSON Schema: the plain values, keys as text."""
    return json.loads(json.dumps(read_yaml(text, "")[0].plain()))


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("text", [GOOD, NATION, (SCENARIOS / "two-hubs.yaml").read_text("utf-8")])
def test_the_json_schema_accepts_good_scenarios(validator: Any, text: str) -> None:
    assert [error.message for error in validator.iter_errors(as_json(text))] == []


@pytest.mark.parametrize(
    "old, new",
    [
        ("name: Small", "nam: Small"),
        ("name: Small\n", ""),
        ("horizon: 24 h", "horizon: 24"),
        ("horizon: 24 h", "horizon: soon"),
        ("capacity: 100 Gbit/s", "capacity: 100"),
        ("cpu: 12", "cpu: many"),
        ("cpu: 12", "cpu: -1"),
        ("routing: random", "routing: nearst"),
        ("share: 30 %", "share: 1.3"),
        ("work: 20 h", "work: {}"),
        ("[Gavle, South]", "[Gavle]"),
        ("{4: 0.7, 8: 0.3}", "{four: 0.7, 8: 0.3}"),
        ("at: [62.39, 17.31]", "at: [162.39, 17.31]"),
    ],
)
def test_the_json_schema_refuses_bad_scenarios(validator: Any, old: str, new: str) -> None:
    assert not validator.is_valid(as_json(changed(old, new)))


def test_the_json_schema_knows_how_incidents_are_made_up(validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(as_json(GOOD + INCIDENTS))] == []
    unseen = ("to: §0 %", "§-1 h", "§0 s", "§0 d", "§100 %", "§150 %")  # a pattern knows no range
    for entry, *_ in WHAT + WHEN + VALUES:
        if not any(part in entry for part in unseen):
            assert not validator.is_valid(as_json(with_incidents(entry.replace("§", "")))), entry


def test_the_json_schema_knows_units_and_examples() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    horizon = schema["$defs"]["ClockSpec"]["properties"]["horizon"]
    assert (horizon["type"], horizon["unit"], horizon["examples"][0]) == ("string", "s", "7 d")
    assert schema["$defs"]["ClockSpec"]["properties"]["warmup"]["default"] == "0 s"
    objects = [schema, *schema["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in objects)
    assert all(field["description"] for part in objects for field in part["properties"].values())


def test_the_reference_table_has_every_key_once() -> None:
    from hubnet.scenario import reference_table

    rows = {row.path: row for row in reference_table()}
    assert len(rows) == len(reference_table())
    assert all(row.description for row in rows.values())
    capacity = rows["network.trunks.N.capacity"]
    assert (capacity.unit, capacity.required, capacity.allowed) == ("bit/s", True, "more than 0 bit/s")
    assert (rows["clock.warmup"].default, rows["clock.warmup"].required) == ("0 s", False)
    assert (
        rows["policy.routing"].allowed
        == "nearest, cheapest-in-time, least-response, random, cheapest-hour, greenest-hour or valley"
    )
    assert rows["workload.classes.NAME.devices"].default == "1"
    assert rows["allocations.NAME.move.N.from"].required
    wave = rows["network.regions.NAME.wave"]
    assert (wave.unit, wave.required, wave.allowed) == ("bit/s", False, "more than 0 bit/s")
