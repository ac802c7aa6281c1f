"""Overrides, Python values, nations, and finding a place again after loading."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from hubnet.errors import NationError, Problem, ScenarioError
from hubnet.scenario import Names, from_values, locate, parse, problem_at, read
from hubnet.scenario.source import read_yaml
from scenario.small import GOOD


def override_problem(*overrides: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        parse(GOOD, "small.yaml", overrides)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0]


def test_overrides_replace_and_add() -> None:
    settings = [
        "workload.load=70 %",
        "clock.bin=15 min",
        "seed=1e3",
        "fibre.background=10 %",
        "network.trunks.0.capacity=1 Tbit/s",
        "network.hubs.Lulea.pools.gpu=4",
        "workload.classes.train.devices={choice: {2: 1}}",
        "workload.classes.chat.hubs=[Gavle]",
        "name=a = b",
        "allocations.more={}",
    ]
    spec = parse(GOOD, "small.yaml", settings)
    assert (spec.workload.load, spec.clock.bin, spec.seed, spec.fibre.background) == (0.7, 900, 1000, 0.1)
    assert not isinstance(spec.network, str)
    assert not isinstance(spec.workload.classes, str)
    assert spec.network.trunks[0].capacity == 1e12
    assert spec.network.hubs["Lulea"].pools == {"cpu": 12, "gpu": 4}
    assert spec.workload.classes["train"].devices.values == (2,)
    assert spec.workload.classes["chat"].hubs == ("Gavle",)
    assert (spec.name, list(spec.allocations)) == ("a = b", ["as-built", "north", "moved", "more"])
    assert spec.source is not None
    assert spec.source.overrides == tuple(settings)
    assert parse(GOOD).workload.load == 0.6


def test_the_last_override_wins_and_an_override_can_mend_the_file() -> None:
    text = GOOD.replace("load: 60 %", "load: much")
    assert parse(text, overrides=["workload.load=1", "workload.load=80 %"]).workload.load == 0.8


def test_an_override_of_an_alias_leaves_its_twin() -> None:
    text = GOOD.replace("{at: [62.39, 17.31]}", "&place {at: [62.39, 17.31]}\n    Umea: *place")
    spec = parse(text, overrides=["network.exchanges.Umea.at=[63.8, 20.3]"])
    assert not isinstance(spec.network, str)
    assert [exchange.at for exchange in spec.network.exchanges.values()] == [(62.39, 17.31), (63.8, 20.3)]


@pytest.mark.parametrize(
    "setting, message, hint",
    [
        ("workload.lod=70 %", 'workload has no key "lod"', 'did you mean "load"?'),
        ("workload.classes.chta.rate=5 /s", 'workload.classes has no key "chta"', 'did you mean "chat"?'),
        ("wrkload.load=5 %", 'the scenario has no key "wrkload"', 'did you mean "workload"?'),
        ("network.trunks.4.cables=2", 'network.trunks has no entry "4"', "numbered 0 to 3"),
        ("network.trunks.first.cables=2", 'network.trunks has no entry "first"', "numbered"),
        ("seed.x=2", "seed is one value; there is nothing below it", ""),
        ("workload.classes.chat.deadline.x=2", "workload.classes.chat.deadline is one value", ""),
        ("name.x=2", 'name is "Small"; there is nothing below it', ""),
        ("workload.load", "is not path=value", "workload.load=70 %"),
        ("=5", "is not path=value", ""),
        (
            "workload.load=70",
            'workload.load: "70" is out of range; a load has to be more than 0 and at most 10',
            "62 %",
        ),
        ("clock.horizon=7", 'clock.horizon: "7" has no unit', "7 d"),
        ("clock.warmup=2 d", "not shorter than the horizon", ""),
        ("workload.classes.chat.hubs=[Oulu]", 'unknown hub "Oulu"', ""),
        ("name=!!python/name:os.system x", "is not allowed", ""),
        ("name={a: ", "not valid YAML", ""),
    ],
)
def test_wrong_overrides_name_themselves(setting: str, message: str, hint: str) -> None:
    problem = override_problem(setting)
    assert problem.file == f"--set {setting}"
    assert problem.line is None
    assert message in problem.message
    assert hint in problem.hint


def test_wrong_overrides_come_with_the_problems_of_the_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(GOOD.replace("rate: 14 /s", "rate: 14"), "small.yaml", ["workload.lod=1", "clock.horizon=7"])
    assert [problem.file for problem in caught.value.problems] == [
        "small.yaml",
        "--set workload.lod=1",
        "--set clock.horizon=7",
    ]


def test_python_values_mean_the_same_as_the_file() -> None:
    values = read_yaml(GOOD, "")[0].plain()
    assert dict(from_values(values)) == dict(parse(GOOD))
    del values["hubnet"]
    assert dict(from_values(values)) == dict(parse(GOOD))


def test_problems_of_python_values_say_the_path() -> None:
    values = read_yaml(GOOD, "")[0].plain()
    values["workload"]["classes"]["chat"]["work"] = 5
    values["network"]["trunks"] = tuple(values["network"]["trunks"])
    values["network"]["trunks"][1]["between"] = ("Lulea", "Oulu")
    with pytest.raises(ScenarioError) as caught:
        from_values(values)
    assert {str(problem).split("\n")[0] for problem in caught.value.problems} == {
        'workload.classes.chat.work: "5" has no unit; a duration needs one',
        'network.trunks.1.between.1: unknown city "Oulu"',
    }


def test_python_values_that_contain_themselves() -> None:
    values: dict[str, object] = {"name": "Endless"}
    values["network"] = values
    with pytest.raises(ScenarioError, match="nested"):
        from_values(values)


NATION = """\
hubnet: 1
name: Atlantis
network: atlantis
clock: {horizon: 7 d}
devices: {fast: {speed: 3}}
workload:
  load: 50 %
  classes:
    film: {share: 1, work: 2 h, runs_on: [npu, fast], areas: [west], hubs: [Ur], regions: {Uruk: 1}}
allocations:
  a: {pools: {Ur: {npu: 3}}, trunks: {Ur-Uruk: x2}}
"""
NAMES = Names(
    cities=frozenset({"Ur", "Uruk"}),
    regions=frozenset({"Uruk"}),
    hubs=frozenset({"Ur"}),
    areas=frozenset({"west"}),
    trunks=frozenset({"Ur-Uruk"}),
    devices=frozenset({"npu"}),
)


def names_of(name: str) -> Names | None:
    if name == "torn":
        raise NationError([Problem("the weight is negative", "", "torn/regions.csv", 3)])
    if name == "lost":
        raise NationError(Problem('no nation or folder is named "lost"', ""))
    return NAMES if name == "atlantis" else None


def nation_problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "n.yaml", names_of=names_of, nations=["atlantis", "torn"])
    return [str(problem).replace("\n", " ") for problem in caught.value.problems]


def test_names_of_a_nation_are_checked() -> None:
    parse(NATION, names_of=names_of)
    parse(NATION.replace("[Ur]", "[Nippur]"))  # nobody knows the names: not checked
    for old, new, message in [
        ("hubs: [Ur]", "hubs: [Urr]", 'unknown hub "Urr"'),
        ("areas: [west]", "areas: [wst]", 'unknown area "wst"'),
        ("{Uruk: 1}", "{Ur: 1}", 'unknown region "Ur"'),
        ("[npu, fast]", "[gpu, fast]", 'unknown device type "gpu"'),
        ("Ur-Uruk: x2", "Ur-Urk: x2", 'unknown trunk "Ur-Urk"'),
    ]:
        (problem,) = nation_problems(NATION.replace(old, new))
        assert message in problem


def test_unknown_nations() -> None:
    (problem,) = nation_problems(NATION.replace("network: atlantis", "network: atlantic"))
    assert 'n.yaml:3:10: network: unknown nation "atlantic"' in problem
    assert 'did you mean "atlantis"?' in problem
    (problem,) = nation_problems(NATION.replace("network: atlantis", "network: lost"))
    assert 'n.yaml:3:10: network: no nation or folder is named "lost"' in problem
    assert "known nations: atlantis and torn" in problem
    here, there = nation_problems(NATION.replace("network: atlantis", "network: torn"))
    assert 'network: the tables of the nation "torn" have mistakes' in here
    assert "torn/regions.csv:3: the weight is negative" in there


def test_classes_of_a_nation_need_a_load() -> None:
    text = NATION.split("workload:")[0] + "workload: {classes: atlantis}\n"
    (problem,) = nation_problems(text)
    assert "n.yaml:6:1: workload: the classes of" in problem
    assert 'add "load' in problem
    (problem,) = nation_problems(text.replace("{classes: atlantis}", "{classes: lemuria, load: 1}"))
    assert 'n.yaml:6:21: workload.classes: unknown nation "lemuria"' in problem


def test_a_scenario_remembers_where_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(GOOD, encoding="utf-8")
    spec = read(path)
    assert locate(spec, ("workload", "classes", "chat", "rate"))[:3] == (str(path), 24, 18)
    assert locate(spec, ("network", "trunks", 1, "between", 0)) == (
        str(path), 14, 18, "    - {between: [Lulea, Sundsvall], capacity: 400 Gbit/s}",
    )  # fmt: skip
    assert locate(spec, ("fibre", "background"))[1:3] == (1, 1)  # not in the file: the nearest above
    assert problem_at(spec, ("fibre", "background"), "too high").message == "fibre.background: too high"
    problem = problem_at(spec, ("allocations", "moved", "move", 0, "share"), "too much", "less")
    assert str(problem).startswith(f"{path}:30:46: allocations.moved.move.share: too much\n")
    assert spec.source is not None
    assert spec.source.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert spec.source.text == GOOD


def test_a_scenario_from_values_has_no_places() -> None:
    spec = from_values(read_yaml(GOOD, "")[0].plain())
    assert locate(spec, ("name",)) == ("", None, None, "")
    assert str(problem_at(spec, ("clock", "horizon"), "too long")) == "clock.horizon: too long"


def test_loading_needs_no_heavy_library() -> None:
    code = (
        "import sys, hubnet.scenario; print(*[m for m in ('pint', 'numpy', 'pandas', 'networkx') if m in sys.modules])"
    )
    command = [sys.executable, "-c", f"import sys; sys.modules['hubnet'] = type(sys)('hubnet'); {_package()}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def _package() -> str:
    """Lets the part be imported without the front door, which imports everything."""
    import hubnet.errors

    return f"sys.modules['hubnet'].__path__ = [{str(Path(hubnet.errors.__file__).parent)!r}]"
