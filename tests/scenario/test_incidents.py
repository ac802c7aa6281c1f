"""Incidents: what they mean once read, and every rule broken once. In the texts, § stands where the problem points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubnet.errors import ScenarioError
from hubnet.loading import names_of as names_in_tables
from hubnet.scenario import IncidentSpec, Names, from_values, json_schema, parse, reference_table
from hubnet.scenario.source import read_yaml
from scenario.small import GOOD, problems, without_mark
from scenario.test_mutations import SCRAPS, check, mutated, paths, refusal

MOVE = "  moved: {move: {from: up, to: Gavle, share: 30 %}}\n"
INCIDENTS = """\
incidents:
  - {at: 3 d 10 h, lasting: 6 h, cut: [Lulea, Sundsvall]}
  - {at: 0 s, cut: [Sundsvall, Lulea], name: For good}
  - {at: 1 d, lasting: 12 h, degrade: Last mile, to: 40 %}
  - {at: 2 d, lasting: 12 h, outage: Gavle}
  - {at: 2 d, lasting: 1 d, outage: Gavle/gpu, to: 50 %, running: drain}
  - {cut: all, mtbf: 400 d, mttr: 12 h}
  - {outage: all, mtbf: 200 d, mttr: 4 h, to: 1/2}
  - {degrade: [South, Gavle], to: 0.1, mtbf: 30 d, mttr: 90 min}
  - {outage: Lulea/cpu, mtbf: 20 d, mttr: 1 h, to: 0 %, running: kill}
  - {at: 9 h, lasting: 3 h, surge: chat, by: 3, regions: [North, South], name: Festival}
  - {at: 1 d, surge: [chat, train], by: 20 %, regions: South}
  - {at: 0 s, surge: all, by: 0}
"""


def with_incidents(*entries: str) -> str:
    return GOOD + "incidents:\n" + "".join(f"  - {entry}\n" for entry in entries)


def said(one: IncidentSpec) -> dict[str, Any]:
    """What an incident says, without what it leaves open."""
    return {key: value for key, value in one if value is not None}


def test_incidents_in_si_units() -> None:
    day = 86400.0
    assert [said(one) for one in parse(GOOD + INCIDENTS).incidents] == [
        {"at": 82 * 3600.0, "lasting": 6 * 3600.0, "cut": ("Lulea", "Sundsvall")},
        {"at": 0.0, "cut": ("Sundsvall", "Lulea"), "name": "For good"},
        {"at": day, "lasting": day / 2, "degrade": ("Last mile",), "to": 0.4},
        {"at": 2 * day, "lasting": day / 2, "outage": "Gavle"},
        {"at": 2 * day, "lasting": day, "outage": "Gavle/gpu", "to": 0.5, "running": "drain"},
        {"cut": ("all",), "mtbf": 400 * day, "mttr": day / 2},
        {"outage": "all", "mtbf": 200 * day, "mttr": day / 6, "to": 0.5},
        {"degrade": ("South", "Gavle"), "to": 0.1, "mtbf": 30 * day, "mttr": 5400.0},
        {"outage": "Lulea/cpu", "mtbf": 20 * day, "mttr": 3600.0, "to": 0.0, "running": "kill"},
        {"at": 9 * 3600.0, "lasting": 3 * 3600.0, "surge": ("chat",), "by": 3.0, "regions": ("North", "South")}
        | {"name": "Festival"},
        {"at": day, "surge": ("chat", "train"), "by": 0.2, "regions": ("South",)},
        {"at": 0.0, "surge": ("all",), "by": 0.0},
    ]
    assert parse(GOOD).incidents == []


def test_incidents_in_block_style_and_python_values() -> None:
    block = (
        GOOD + "incidents:\n  -\n    at: 1 h\n    cut:\n      - Gavle\n      - South\n  - at: 2 h\n    outage: Gavle\n"
    )
    expected = [{"at": 3600.0, "cut": ("Gavle", "South")}, {"at": 7200.0, "outage": "Gavle"}]
    assert [said(one) for one in parse(block).incidents] == expected
    values = read_yaml(GOOD, "")[0].plain()
    values["incidents"] = ({"at": "1 h", "cut": ("Gavle", "South")}, {"at": "2 h", "outage": "Gavle"})
    assert [said(one) for one in from_values(values).incidents] == expected
    assert dict(from_values(read_yaml(GOOD + INCIDENTS, "")[0].plain())) == dict(parse(GOOD + INCIDENTS))


WHAT = [
    ("§{at: 1 h}", "incidents.0: it does not say what happens", 'add "cut: [A, B]"'),
    ("{at: 1 h, cut: Last mile, outage: §Gavle}", "incidents.0.outage: `cut` and `outage` are given", "one for each"),
    ("{at: 1 h, cut: Last mile, degrade: §all, to: 5 %}", "`cut` and `degrade` are given", "one for each"),
    ("{at: 1 h, cut: all, degrade: all, outage: §all}", "`cut`, `degrade` and `outage` are given", "one for each"),
    ("{at: 1 h, cut: all, to: §40 %}", "incidents.0.to: a cut trunk carries nothing", "use `degrade`"),
    ("§{at: 1 h, degrade: all}", "does not say which share of its capacity the trunk keeps", 'add "to: 40 %"'),
    ("{at: 1 h, degrade: all, to: §0 %}", "degraded to 0 % carries nothing", "use `cut` instead"),
    ("{at: 1 h, cut: all, running: §kill}", "a `cut` stops no running job", "belongs to an `outage`"),
    ("{at: 1 h, degrade: all, to: 1/3, running: §drain}", "a `degrade` stops no running job", "`outage`"),
    ("§{at: 1 h, surge: chat}", "does not say by which factor the rate is multiplied", 'add "by: 3"'),
    ("{at: 1 h, surge: chat, by: 3, to: §40 %}", "a surge takes no capacity and no devices", "remove `to`"),
    ("{at: 1 h, surge: chat, by: 3, running: §drain}", "a `surge` stops no running job", "`outage`"),
    ("{at: 1 h, cut: all, by: §3}", "incidents.0.by: a `cut` has no `by`", "it belongs to a `surge`"),
    ("{at: 1 h, outage: all, regions: §[North]}", "an `outage` has no `regions`", "it belongs to a `surge`"),
    ("{at: 1 h, cut: all, surge: §chat, by: 3}", "`cut` and `surge` are given", "one for each"),
    ("§5", 'incidents.0: "5" stands here; a mapping is needed', "its keys are at, lasting, cut"),
]
WHEN = [
    ("§{cut: all}", "incidents.0: it does not say when it happens", 'add "at: 3 d 10 h", or for random failures "mtbf'),
    ("§{lasting: 1 h, cut: all}", "how long it lasts, and not when it begins", 'add "at'),
    ("{at: 1 h, cut: all, mtbf: §1 d, mttr: 1 h}", "incidents.0.mtbf: `at` and `mtbf` are given", "remove one"),
    ("{at: 1 h, cut: all, mttr: §1 h}", "incidents.0.mttr: `at` and `mttr` are given", "remove one"),
    ("{lasting: 1 h, cut: all, mtbf: §1 d, mttr: 1 h}", "`lasting` and `mtbf` are given", "remove one"),
    ("{surge: chat, by: 3, mtbf: §1 d, mttr: 1 h}", "a surge does not come at random", "`swings`"),
    ("§{cut: all, mtbf: 1 d}", "`mtbf` is given alone", 'add "mttr: 12 h", the mean time to repair'),
    ("§{cut: all, mttr: 1 d}", "`mttr` is given alone", 'add "mtbf: 400 d", the mean time to the next failure'),
]
VALUES = [
    ("{at: §5, cut: all}", 'incidents.0.at: "5" has no unit; a duration needs one', "7 d"),
    ("{at: §-1 h, cut: all}", '"-1 h" is negative', "7 d"),
    ("{at: 1 h, lasting: §0 s, cut: all}", '"0 s" is out of range', "7 d"),
    ("{mtbf: §0 d, mttr: 1 h, cut: all}", '"0 d" is out of range', "7 d"),
    ("{mtbf: 1 d, mttr: §soon, cut: all}", '"soon" is not a duration', "7 d"),
    ("{at: 1 h, outage: all, to: §100 %}", "has to be at least 0 and less than 1", "16 %"),
    ("{at: 1 h, degrade: all, to: §150 %}", "has to be at least 0 and less than 1", "16 %"),
    ("{at: 1 h, outage: all, running: §drian}", 'incidents.0.running: "drian" is not known here', '"drain"'),
    ("{at: 1 h, cut: §5}", 'incidents.0.cut: "5" is not a name or a list of 2 names', "[A, B]"),
    ("{at: 1 h, cut: §[Gavle]}", "the list has 1 name; 2 are needed", "[A, B]"),
    ("{at: 1 h, cut: §[Gavle, South, North]}", "the list has 3 names; 2 are needed", "[A, B]"),
    ("{at: 1 h, outage: §[Gavle, Lulea]}", "a list is not a hub or a pool", "write one name"),
    ("{at: 1 h, outage: §7}", '"7" is a number; a hub or a pool is text', "quotes"),
    ("{at: 1 h, cut: all, name: §2025}", '"2025" is a number; a name is text', "quotes"),
    ("{at: 1 h, surge: chat, by: §-1}", '"-1" is negative', "3"),
    ("{at: 1 h, surge: chat, by: §1001}", "1,001 times as high, which is more than 1,000 times", "by: 3"),
    ("{at: 1 h, surge: chat, by: §often}", '"often" is not a weight', "3"),
    ("{at: 1 h, surge: §[], by: 3}", "the list is empty", ""),
    ("{at: 1 h, surge: §5, by: 3}", '"5" is not a name or a list of names', "[A, B]"),
    ("{at: 1 h, surge: chat, §bye: 3}", 'unknown key "bye"', 'did you mean "by"?'),
    ("{at: 1 h, §ct: all}", 'incidents.0: unknown key "ct"', 'did you mean "cut"?'),
    ("{at: 1 h, cut: all, §lastng: 1 h}", 'unknown key "lastng"', 'did you mean "lasting"?'),
    ("{§mtbff: 1 d, mttr: 1 h, cut: all}", 'unknown key "mtbff"', 'did you mean "mtbf"?'),
    ("{at: 1 h, degrade: all, §too: 10 %}", 'unknown key "too"', 'did you mean "to"?'),
]
NAMED = [
    ("{at: 1 h, cut: §Lst mile}", 'incidents.0.cut: unknown trunk "Lst mile"', 'did you mean "Last mile"?'),
    ("{at: 1 h, cut: §Sundsvall-Lulea}", 'unknown trunk "Sundsvall-Lulea"', 'did you mean "Lulea-Sundsvall"?'),
    ("{at: 1 h, cut: §Gavle-South}", 'unknown trunk "Gavle-South"', 'did you mean "Last mile"?'),
    ("{at: 1 h, cut: §Paris}", 'unknown trunk "Paris"', "known trunks: Last mile, Lulea-Sundsvall"),
    ("{at: 1 h, cut: §Gavle}", 'unknown trunk "Gavle"', "both of its cities: [Gavle, South] and [Gavle, Sundsvall]"),
    ("{at: 1 h, degrade: §al, to: 5 %}", 'incidents.0.degrade: unknown trunk "al"', 'did you mean "all"?'),
    ("{at: 1 h, cut: [Gavle, §Sundsvll]}", 'incidents.0.cut.1: unknown city "Sundsvll"', 'did you mean "Sundsvall"?'),
    ("{at: 1 h, cut: §[Gavle, Gavle]}", '"Gavle" is given twice', "other end"),
    (
        "{at: 1 h, cut: §[North, South]}",
        'incidents.0.cut: no trunk joins "North" and "South"',
        "the trunks of North are [North, Lulea]",
    ),
    ("{at: 1 h, surge: §chatt, by: 3}", 'incidents.0.surge: unknown class "chatt"', 'did you mean "chat"?'),
    ("{at: 1 h, surge: §al, by: 3}", 'unknown class "al"', 'did you mean "all"?'),
    ("{at: 1 h, surge: §film, by: 3}", 'unknown class "film"', "known classes: all, chat and train"),
    ("{at: 1 h, surge: [chat, §trian], by: 3}", 'incidents.0.surge.1: unknown class "trian"', '"train"?'),
    ("{at: 1 h, surge: [chat, §all], by: 3}", 'unknown class "all"', "known classes: chat and train"),
    ("{at: 1 h, surge: all, by: 3, regions: §Nort}", 'incidents.0.regions: unknown region "Nort"', '"North"?'),
    ("{at: 1 h, surge: all, by: 3, regions: [North, §Lulea]}", 'regions.1: unknown region "Lulea"', "North and South"),
    ("{at: 1 h, outage: §Gavel}", 'incidents.0.outage: unknown hub "Gavel"', 'did you mean "Gavle"?'),
    ("{at: 1 h, outage: §Sundsvall}", 'unknown hub "Sundsvall"', "known hubs: Gavle, Lulea and all"),
    ("{at: 1 h, outage: §al}", 'unknown hub "al"', 'did you mean "all"?'),
    ("{at: 1 h, outage: §Gavel/gpu}", 'unknown hub "Gavel"', 'did you mean "Gavle"?'),
    ("{at: 1 h, outage: §Gavle/cgpu}", 'incidents.0.outage: unknown device type "cgpu"', 'did you mean "gpu"?'),
]


@pytest.mark.parametrize("entry, message, hint", WHAT + WHEN + VALUES + NAMED)
def test_one_mistake_is_one_problem_at_its_place(entry: str, message: str, hint: str) -> None:
    text, line, column = without_mark(with_incidents(entry))
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    assert (found[0].file, found[0].line, found[0].column) == ("small.yaml", line, column)
    assert message in found[0].message
    assert hint in found[0].hint


def test_the_same_mistakes_in_python_values() -> None:
    for entry, message, hint in WHAT + WHEN + VALUES + NAMED:
        values = read_yaml(with_incidents(entry.replace("§", "")), "")[0].plain()
        with pytest.raises(ScenarioError) as caught:
            from_values(values)
        (problem,) = caught.value.problems
        assert (problem.file, problem.line) == ("", None)
        assert message in problem.message
        assert hint in problem.hint


def test_every_mistake_is_listed_in_the_order_of_lines() -> None:
    text = with_incidents(
        "{at: 5, lasting: 1 h, cut: Lst mile}",
        "{outage: Gavel, to: 200 %, mtbf: 1 d}",
        "{at: 1 h, cut: all}",
        "7",
        "{degrade: [Gavle, North], at: 1 h}",
    )
    assert [((problem.line or 0) - 32, problem.message) for problem in problems(text)] == [
        (0, 'incidents.0.at: "5" has no unit; a duration needs one'),
        (0, 'incidents.0.cut: unknown trunk "Lst mile"'),
        (1, "incidents.1: `mtbf` is given alone; random failures need both means"),
        (1, 'incidents.1.outage: unknown hub "Gavel"'),
        (1, 'incidents.1.to: "200 %" is out of range; a share has to be at least 0 and less than 1'),
        (3, 'incidents.3: "7" stands here; a mapping is needed'),
        (4, "incidents.4: it does not say which share of its capacity the trunk keeps"),
        (4, 'incidents.4.degrade: no trunk joins "Gavle" and "North"'),
    ]


def test_a_list_is_needed() -> None:
    (problem,) = problems(GOOD + "incidents: {at: 1 h, cut: all}\n")
    assert (problem.line, problem.column) == (31, 12)
    assert problem.message == "incidents: a mapping stands here; a list is needed"
    assert problem.hint == 'begin each entry with "- "'


def test_a_pool_has_to_be_in_some_allocation() -> None:
    """Where a rule or a move makes pools, hub and device type have to exist, and the rest is seen later."""
    text = with_incidents("{at: 1 h, outage: Lulea/gpu}")
    assert problems(text) == []
    assert MOVE in text
    (problem,) = problems(text.replace(MOVE, ""))
    assert (problem.line, problem.column) == (31, 23)
    assert problem.message == 'incidents.0.outage: no allocation has a pool of "gpu" in "Lulea"'
    assert problem.hint == "there is Lulea/cpu"
    assert problems(text.replace(MOVE, "  more: {pools: {Lulea: {gpu: 2}}}\n")) == []
    assert problems(text.replace(MOVE, "  even: {rule: uniform}\n")) == []
    bare = text.replace(MOVE, "").replace("{Lulea: {cpu: 20}}", "{}").replace("pools: {cpu: 12}", "pools: {}")
    assert problems(bare)[0].hint == "it has no pool"


def test_names_with_a_slash() -> None:
    text = with_incidents("{at: 1 h, outage: Gavle/old/gpu}", "{at: 1 h, outage: Gavle/old}").replace(
        "    Gavle: {at", "    Gavle/old: {at: [60.67, 17.14], pools: {gpu: 1}}\n    Gavle: {at"
    )
    assert problems(text) == []


@pytest.mark.parametrize(
    "old, new, entry, first",
    [
        ("[Gavle, South], capacity", "[Gavle, 5], capacity", "{at: 1 h, cut: Last mile}", "network.trunks.3.between.1"),
        ("name: Last mile}", "nam: Last mile}", "{at: 1 h, cut: Last mile}", "network.trunks.3"),
        ("  hubs:\n", "  hub:\n", "{at: 1 h, outage: Gavle}", "network"),
        ("  trunks:\n", "  trunk:\n", "{at: 1 h, cut: [Gavle, South]}", "network"),
        ("pools: {cpu: 18, gpu: 16}", "pols: {cpu: 18, gpu: 16}", "{at: 1 h, outage: Gavle/cpu}", "network.hubs.Gavle"),
    ],
)
def test_a_mistake_elsewhere_is_not_repeated(old: str, new: str, entry: str, first: str) -> None:
    """An incident that names what a faulty part of the network may have meant is not at fault itself."""
    text = with_incidents(entry).replace(MOVE, "").replace("  north: {like: as-built, pools: {Lulea: {cpu: 20}}, "
                                                          "trunks: {Last mile: x2}}\n", "")  # fmt: skip
    assert old in text
    (problem,) = problems(text.replace(old, new))
    assert problem.message.startswith(f"{first}: ")


def test_parallel_routes_are_one_trunk_with_the_name_of_the_first() -> None:
    twin = "    - {between: [South, Gavle], capacity: 1 Gbit/s, name: Spare}\ndevices:"
    text = with_incidents("{at: 1 h, cut: Last mile}", "{at: 1 h, cut: [South, Gavle]}").replace("devices:", twin, 1)
    assert problems(text) == []
    (problem,) = problems(text.replace("cut: Last mile", "cut: Spare"))
    assert 'unknown trunk "Spare"' in problem.message


def override_problem(text: str, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "small.yaml", overrides)
    return "; ".join(f"{problem.file}: {problem.message}" for problem in caught.value.problems)


def test_overrides_go_by_number() -> None:
    settings = ["incidents.0.at=1 d", "incidents.1.lasting=2 h", "incidents.2.to=70 %", "incidents.5.cut=[South,Gavle]"]
    incidents = parse(GOOD + INCIDENTS, overrides=settings).incidents
    assert (incidents[0].at, incidents[1].lasting, incidents[2].to) == (86400, 7200, 0.7)
    assert incidents[5].cut == ("South", "Gavle")
    (one,) = parse(GOOD, overrides=["incidents=[{at: 1 h, outage: all}]"]).incidents
    assert said(one) == {"at": 3600.0, "outage": "all"}
    assert parse(GOOD + INCIDENTS, overrides=["incidents=[]"]).incidents == []


@pytest.mark.parametrize(
    "setting, message",
    [
        ("incidents.12.at=1 d", 'incidents has no entry "12"'),
        ("incidents.0.att=1 d", 'incidents.0 has no key "att"'),
        ("incidents.0.at=1", 'incidents.0.at: "1" has no unit'),
        ("incidents.0.mtbf=1 d", "incidents.0.mtbf: `at` and `mtbf` are given"),
        ("incidents.3.outage=Gavel", 'incidents.3.outage: unknown hub "Gavel"'),
    ],
)
def test_wrong_overrides_name_themselves(setting: str, message: str) -> None:
    assert override_problem(GOOD + INCIDENTS, setting).startswith(f"--set {setting}: {message}")


NATION = """\
hubnet: 1
name: Atlantis
network: atlantis
clock: {horizon: 7 d}
workload: {load: 50 %, classes: {film: {share: 1, work: 2 h}}}
incidents:
  - {at: 1 h, cut: [Uruk, Ur]}
  - {at: 1 h, cut: Ur-Uruk}
  - {at: 1 h, outage: Ur/npu}
"""
NAMES = Names(
    cities=frozenset({"Ur", "Uruk", "Eridu"}),
    regions=frozenset({"Uruk"}),
    hubs=frozenset({"Ur"}),
    trunks=frozenset({"Ur-Uruk"}),
    joined={frozenset({"Ur", "Uruk"}): "Ur-Uruk"},
    devices=frozenset({"npu", "gpu"}),
    pools=frozenset({("Ur", "npu")}),
    classes=frozenset({"papyrus", "clay"}),
)


def nation_messages(text: str, names: Names = NAMES) -> Sequence[str]:
    try:
        parse(text, "n.yaml", names_of={"atlantis": names}.get)
    except ScenarioError as error:
        return [problem.message for problem in error.problems]
    return []


def test_names_of_a_nation() -> None:
    assert nation_messages(NATION) == []
    for old, new, message in [
        ("[Uruk, Ur]", "[Uruk, Eridu]", 'incidents.0.cut: no trunk joins "Uruk" and "Eridu"'),
        ("[Uruk, Ur]", "[Uruk, Urr]", 'incidents.0.cut.1: unknown city "Urr"'),
        ("cut: Ur-Uruk", "cut: Uruk-Ur", 'incidents.1.cut: unknown trunk "Uruk-Ur"'),
        ("Ur/npu", "Uruk/npu", 'incidents.2.outage: unknown hub "Uruk"'),
        ("Ur/npu", "Ur/gpu", 'incidents.2.outage: no allocation has a pool of "gpu" in "Ur"'),
    ]:
        assert nation_messages(NATION.replace(old, new)) == [message]


SURGE = "  - {at: 1 h, surge: %s, by: 2, regions: %s}\n"


def test_classes_and_regions_of_a_nation() -> None:
    own = NATION + SURGE % ("film", "Uruk")
    theirs = own.replace("classes: {film: {share: 1, work: 2 h}}", "classes: atlantis").replace("film", "clay")
    assert nation_messages(own) == nation_messages(theirs) == []
    assert nation_messages(theirs.replace("clay", "film")) == ['incidents.3.surge: unknown class "film"']
    assert nation_messages(own.replace("surge: film", "surge: clay")) == ['incidents.3.surge: unknown class "clay"']
    assert nation_messages(own.replace("regions: Uruk", "regions: Ur")) == ['incidents.3.regions: unknown region "Ur"']
    assert nation_messages(theirs.replace("clay", "x"), replace(NAMES, classes=None)) == []


def test_a_surge_of_a_trace_is_refused() -> None:
    text = GOOD.split("workload:")[0] + "workload: {trace: jobs.swf}\nincidents:\n" + SURGE % ("all", "North")
    (problem,) = problems(text)
    assert problem.message.startswith("incidents.0.surge: a trace has its jobs at its own times")
    assert "speedup" in problem.hint


def test_the_classes_of_china() -> None:
    text = NATION.split("workload:")[0].replace("atlantis", "china") + "workload: {classes: china, load: 60 %}\n"
    with pytest.raises(ScenarioError, match='unknown class "chatt"') as caught:
        parse(text + "incidents:\n" + SURGE % ("chatt", "Beijing"), names_of=names_in_tables())
    assert len(caught.value.problems) == 1


def test_what_is_not_known_is_not_checked() -> None:
    wrong = NATION.replace("[Uruk, Ur]", "[A, B]").replace("cut: Ur-Uruk", "cut: C").replace("Ur/npu", "D/e")
    parse(wrong)
    assert nation_messages(wrong, Names()) == []
    assert nation_messages(NATION.replace("Ur/npu", "Ur/gpu"), replace(NAMES, pools=None)) == []


def test_the_trunks_of_china_are_found_in_either_order() -> None:
    text = NATION.split("incidents:")[0].replace("atlantis", "china") + (
        "incidents:\n  - {at: 1 h, cut: [Lanzhou, Xian]}\n  - {at: 1 h, cut: [Xian, Lanzhou]}\n"
        "  - {at: 1 h, cut: Xian-Lanzhou}\n  - {at: 1 h, outage: Zhongwei}\n"
    )
    assert len(parse(text, names_of=names_in_tables()).incidents) == 4
    with pytest.raises(ScenarioError, match='no trunk joins "Lanzhou" and "Shanghai"'):
        parse(text.replace("[Lanzhou, Xian]", "[Lanzhou, Shanghai]"), names_of=names_in_tables())


def test_the_schema_has_every_key() -> None:
    part = json_schema()["$defs"]["IncidentSpec"]
    keys = [
        "at",
        "lasting",
        "cut",
        "degrade",
        "outage",
        "surge",
        "by",
        "regions",
        "to",
        "running",
        "mtbf",
        "mttr",
        "name",
    ]
    assert list(part["properties"]) == keys
    rows = {row.path: row for row in reference_table()}
    assert [path for path in rows if path.startswith("incidents")] == ["incidents", *(f"incidents.N.{k}" for k in keys)]
    assert (rows["incidents.N.lasting"].unit, rows["incidents.N.lasting"].allowed) == ("s", "more than 0 s")
    assert rows["incidents.N.to"].allowed == "at least 0 and less than 1"
    assert rows["incidents.N.running"].allowed == "kill or drain"
    assert not any(row.required for path, row in rows.items() if path.startswith("incidents"))


WHOLE = read_yaml(GOOD + INCIDENTS, "")[0].plain()
EDIT = st.tuples(
    st.sampled_from([path for path in paths(WHOLE) if path[:1] == ("incidents",)]),
    st.sampled_from([*SCRAPS, "Last mile", "Gavle/gpu", "Gavle/", "/", ["Gavle", "South"], ["Gavle", "Gavle"], "50 %"]),
    st.sampled_from(["delete", "replace", "rename"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=4))
def test_mutated_incidents(edits: list[Any]) -> None:
    values = WHOLE
    for path, new, how in edits:
        if path in paths(values):
            values = mutated(values, path, new, how)
    check(refusal(from_values, values))
