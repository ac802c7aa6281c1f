"""A small scenario without mistakes, and a way to put mistakes into it."""

from __future__ import annotations

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario import parse

GOOD = """\
hubnet: 1
name: Small
network:
  regions:
    North: {at: [65.58, 22.15], weight: 1, area: up}
    South: {at: [59.33, 18.07], weight: 3, area: down}
  hubs:
    Lulea: {at: [65.58, 22.15], pools: {cpu: 12}, price: 0.35 yuan/kWh, area: up}
    Gavle: {at: [60.67, 17.14], pools: {cpu: 18, gpu: 16}, area: down}
  exchanges:
    Sundsvall: {at: [62.39, 17.31]}
  trunks:
    - {between: [North, Lulea], capacity: 100 Gbit/s, length: 5 km}
    - {between: [Lulea, Sundsvall], capacity: 400 Gbit/s}
    - {between: [Sundsvall, Gavle], capacity: 400 Gbit/s}
    - {between: [Gavle, South], capacity: 400 Gbit/s, name: Last mile}
devices:
  cpu: {power: 400 W}
  gpu: {speed: 20}
clock: {horizon: 24 h, warmup: 2 h}
workload:
  load: 60 %
  classes:
    chat: {rate: 14 /s, runs_on: [cpu], work: {exponential: {mean: 1 s}}, hubs: [Lulea]}
    train: {share: 1, devices: {choice: {4: 0.7, 8: 0.3}}, work: 20 h, areas: [down], regions: {South: 1}}
policy: {routing: random}
allocations:
  as-built: {}
  north: {like: as-built, pools: {Lulea: {cpu: 20}}, trunks: {Last mile: x2}}
  moved: {move: {from: up, to: Gavle, share: 30 %}}
"""
MARK = "§"


def changed(old: str, new: str) -> str:
    """GOOD with the first `old` replaced by `new`."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def problems(text: str) -> list[Problem]:
    """What is wrong with a scenario text."""
    try:
        parse(text, "small.yaml")
    except ScenarioError as error:
        return error.problems
    return []


def without_mark(text: str) -> tuple[str, int, int]:
    """The text without its mark, and the line and column, from 1, at which the mark stood."""
    before = text.split(MARK)[0].split("\n")
    assert text.count(MARK) == 1
    return text.replace(MARK, ""), len(before), len(before[-1]) + 1
