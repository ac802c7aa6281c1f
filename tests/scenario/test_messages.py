"""One mistake each, put into a good file: it is found once, at its line and column, in words that help.

In the replacement, § stands where the problem has to point.
"""

from __future__ import annotations

import pytest

from scenario.small import GOOD, changed, problems, without_mark

PYDANTIC_WORDS = ("Input should", "type=", "validation error", "Extra inputs", "Field required")

KEYS = [
    ("name: Small", "§nam: Small", 'unknown key "nam"', 'did you mean "name"?'),
    ("name: Small", "name: Small\n§weather: []", 'unknown key "weather"', "known keys: hubnet, name, network"),
    ("name: Small\n", "", 'the key "name" is missing', "add"),
    ("clock: {horizon: 24 h, warmup: 2 h}", "§clock: {warmup: 2 h}", 'clock: the key "horizon" is missing', "7 d"),
    ("{horizon: 24 h", "{§horizn: 24 h", 'clock: unknown key "horizn"', 'did you mean "horizon"?'),
    ("rate: 14 /s", "§raet: 14 /s", 'workload.classes.chat: unknown key "raet"', 'did you mean "rate"?'),
    ("    train: {share: 1, ", "    §train: {", "neither a share nor a rate is given", "rate: 14 /s"),
    (", work: 20 h", ", §wrok: 20 h", 'unknown key "wrok"', '"work"'),
    ("  exchanges:", "  §exchangs:", 'network: unknown key "exchangs"', '"exchanges"'),
    ("  hubs:", "  §hub:", 'network: unknown key "hub"', '"hubs"'),
    ("    chat:", "    §5:", '"5" is a number; a name is text', 'put it in quotes: "5"'),
    ("{exponential:", "{§exponental:", 'unknown key "exponental"', '"exponential"'),
]
UNITS = [
    ("horizon: 24 h", "horizon: §7", 'clock.horizon: "7" has no unit; a duration needs one', 'example "7 d", "36 h"'),
    ("rate: 14 /s", "rate: §14", '"14" has no unit; a rate needs one', "14 /s"),
    ("capacity: 100 Gbit/s", "capacity: §100 GB", '"100 GB" is an amount of data; a bit rate is needed', "Gbit/s"),
    ("weight: 3,", "weight: 3, wave: §10,", 'network.regions.South.wave: "10" has no unit', "100 Gbit/s"),
    ("weight: 3,", "weight: 3, wave: §0 Gbit/s,", "a bit rate has to be more than 0 bit/s", ""),
    ("capacity: 100 Gbit/s", "capacity: §100 gbit/s", 'unknown unit "gbit"', '"100 Gbit/s"'),
    ("length: 5 km", "length: §-5 km", '"-5 km" is negative; a length cannot be', "km"),
    ("price: 0.35 yuan/kWh", "price: §0.35 yaun/kWh", 'unknown unit "yaun"', '"0.35 yuan/kWh"'),
    ("share: 30 %", "share: §130 %", "allocations.moved.move.share: ", "30 %"),
    ("400 W", "§.nan", '"nan" is not finite', "400 W"),
    ("load: 60 %", "load: §sixty", 'workload.load: "sixty" is not a load', "62 %"),
    ("Last mile: x2", "Last mile: §double", 'allocations.north.trunks.Last mile: "double"', "800 Gbit/s"),
]
CLASSES = [
    ("work: 20 h", "work: {pareto: {least: 1 h, shape: §0.9}}", "shape 0.9 has no finite mean", "give it a cap"),
    ("work: 20 h", "work: {weibull: {scale: 1 h, shape: §0}}", "at least 0.1 and at most 100", "0.7"),
    ("work: 20 h", "work: {lognormal: {median: 1 h, sigma: §20}}", "at most 10", ""),
    ("work: 20 h", "work: {§gamma: {shape: 2}}", 'gamma: the key "mean" is missing', "7 d"),
    ("work: 20 h", "work: {empirical: §[]}", "it is empty", ""),
    ("work: 20 h", "work: {empirical: [1 h, §2]}", 'work.empirical.1: "2" has no unit', "7 d"),
    ("work: 20 h", "work: {§empirical: {file: a.csv, column: b}}", 'the key "unit" is missing', 'add "unit: s"'),
    (
        "work: 20 h",
        "work: {empirical: {file: a.csv, column: b, unit: §GB}}",
        "is an amount of data; a unit of time",
        "",
    ),
    ("work: 20 h", "work: {empirical: {file: a.csv, column: b, unit: §1 s}}", '"1 s" is not a unit of time', '"ms"'),
    ("work: 20 h", "work: {empirical: {§fiel: a.csv, column: b, unit: s}}", 'unknown key "fiel"', '"file"'),
    ("{choice: {4: 0.7, 8: 0.3}}", "{powers: {from: §3, to: 64}}", '"3" is not a power of two', "write 2 or 4"),
    ("{choice: {4: 0.7, 8: 0.3}}", "{powers: {from: §64, to: 8}}", '"64" is more than "8"', "exchange"),
    ("{choice: {4: 0.7, 8: 0.3}}", "§{powers: {from: 1, to: 2}, choice: {1: 1}}", "choice and powers at once", ""),
    ("{choice: {4: 0.7, 8: 0.3}}", "{empirical: [1, §1.5]}", '"1.5" is not a whole number', ""),
    ("work: 20 h", "work: 20 h, input: §2 GB/kg", '"2 GB/kg" is in GB/kg; an amount of data is needed', "2 GB/h"),
    ("work: 20 h", "work: 20 h, output: {lognormal: {median: §2 h, sigma: 1}}", "is a duration; an amount of data", ""),
    ("work: 20 h", "work: 20 h, scaling: §4", "at least -3 and at most 3", "0.3"),
    ("work: 20 h", "work: 20 h, bursts: {cv: §-1}", '"-1" is negative; a coefficient of variation cannot be', ""),
    ("work: 20 h", "work: 20 h, campaigns: {size: §0}", '"0" is no size of a campaign', "at least 1"),
    ("work: 20 h", "work: 20 h, trend: §{by: 10, over: 1 h}", "by a factor of 10^24 during the run", "30 %"),
    ("work: 20 h", "work: 20 h, swings: §{busy: 1 s, quiet: 1 s, by: 2}", "would swing 86,400 times", "lengthen"),
    ("work: 20 h", "work: 20 h, profile: {weekday: §[1, 2]}", "the list has 2 numbers; 24 are needed", ""),
    ("work: 20 h", f"work: 20 h, profile: {{weekday: [§-1, {'1, ' * 22}1]}}", '"-1" is not a number of at least 0', ""),
    ("work: 20 h", f"work: 20 h, profile: §{{weekday: [{'0, ' * 23}0]}}", "the values of all hours are 0", "above 0"),
    ("warmup: 2 h", "warmup: 2 h, initial: §ful", '"ful" is not known here; it can be stationary or empty', ""),
]
VALUES = [
    ("hubnet: 1", "hubnet: §2", '"2" is not a version', "write 1"),
    ("name: Small", "name: §2025", '"2025" is a number; a name is text', 'put it in quotes: "2025"'),
    ("cpu: 12", "cpu: §twelve", 'network.hubs.Lulea.pools.cpu: "twelve" is not a whole number', ""),
    ("cpu: 12", 'cpu: §"12"', "is text; a whole number is needed", "without quotes"),
    ("cpu: 12", "cpu: §-1", "has to be at least 0", ""),
    ("cpu: 12", "cpu: §1.5", '"1.5" is not a whole number', ""),
    ("at: [62.39, 17.31]", "at: §62.39", '"62.39" is not a place', "latitude, longitude"),
    ("at: [62.39, 17.31]", "at: [§162.39, 17.31]", '"162.39" is not a latitude', "latitude comes first"),
    ("routing: random", "routing: §nearst", '"nearst" is not known here', 'did you mean "nearest"?'),
    ("routing: random", "routing: random, queue: §lifo", "it can be fifo, priority, backfill or preempt", ""),
    ("runs_on: [cpu]", "runs_on: §cpu", '"cpu" is not a list of names', "write [cpu]"),
    ("runs_on: [cpu]", "runs_on: §[]", "the list is empty", ""),
    ("runs_on: [cpu]", "runs_on: §{}", "it is empty; at least one entry is needed", ""),
    ("runs_on: [cpu]", "runs_on: {cpu: §0}", "has to be more than 0", ""),
    ("as-built: {}", "as-built: {mix: §{cpu: 70 %, gpu: 20 %}}", "the shares add up to 90 %, not to 100 %", "compute"),
    ("as-built: {}", "as-built: {add: {cpu: §0 %}}", "has to be more than 0", "1/5"),
    ("{power: 400 W}", "§fast", 'devices.cpu: "fast" stands here; a mapping is needed', "speed, power"),
    ("as-built: {}", "§as-built:", "allocations.as-built: nothing is given", "like, rule"),
    ("{4: 0.7, 8: 0.3}", "§{4: 0.7, 8: 0.4}", "the weights of the choice add up to 1.1, not to 1", "choice"),
    ("work: 20 h", "work: §{constant: 1 h, exponential: {mean: 1 s}}", "constant and exponential at once", "one of"),
    ("{horizon: 24 h", "{start: §yesterday, horizon: 24 h", '"yesterday" is not a date', "2025-06-02"),
    ("[Gavle, South]", "§[Gavle, South, North]", "the list has 3 names; 2 are needed", "[A, B]"),
]
CROSS = [
    ("[Sundsvall, Gavle]", "[§Sundsval, Gavle]", 'unknown city "Sundsval"', 'did you mean "Sundsvall"?'),
    ("[Sundsvall, Gavle]", "§[Gavle, Gavle]", 'goes from "Gavle" to itself', "two different"),
    (
        "Sundsvall: {at: [62.39",
        "Sundsvall: {at: [62.39, 17.31]}\n    Gavle: {at: §[62.39",
        "also in `hubs`",
        "one place",
    ),
    ("{cpu: 12}", "{§cpuu: 12}", 'network.hubs.Lulea.pools: unknown device type "cpuu"', '"cpu"'),
    ("runs_on: [cpu]", "runs_on: [cpu, §cgpu]", 'unknown device type "cgpu"', '"gpu"'),
    ("runs_on: [cpu]", "runs_on: {cpu: 1, §cgpu: 0.1}", 'runs_on: unknown device type "cgpu"', '"gpu"'),
    ("as-built: {}", "as-built: {mix: {§cgpu: 1}}", 'allocations.as-built.mix: unknown device type "cgpu"', '"gpu"'),
    ("hubs: [Lulea]", "hubs: [§Lula]", 'workload.classes.chat.hubs.0: unknown hub "Lula"', '"Lulea"'),
    ("areas: [down]", "areas: [§west]", 'unknown area "west"', "known areas: down and up"),
    ("regions: {South: 1}", "regions: {§Souf: 1}", 'unknown region "Souf"', '"South"'),
    ("regions: {South: 1}", "regions: §{South: 0}", "weights of its regions are all 0", ""),
    ("pools: {Lulea: {cpu: 20}}", "pools: {§Lule: {cpu: 20}}", 'unknown hub "Lule"', '"Lulea"'),
    ("pools: {Lulea: {cpu: 20}}", "pools: {Lulea: {§cp: 20}}", 'unknown device type "cp"', '"cpu"'),
    ("Last mile: x2", "§Gavle-Suth: x2", 'unknown trunk "Gavle-Suth"', 'did you mean "Last mile"?'),
    ("Last mile: x2", "§South-Gavle: x2", 'unknown trunk "South-Gavle"', 'did you mean "Last mile"?'),
    ("Last mile: x2", "§Paris: x2", 'unknown trunk "Paris"', "known trunks: Last mile, Lulea-Sundsvall, North-Lulea"),
    ("Last mile: x2", "§al: x2", 'unknown trunk "al"', 'did you mean "all"?'),
    ("like: as-built", "like: §as-buld", 'unknown allocation "as-buld"', '"as-built"'),
    ("as-built: {}", "as-built: {like: §north}", '"as-built" -> "north" -> "as-built"', "from nothing"),
    ("to: Gavle", "to: §[Gavle, Lulea]", '`from` and `to` overlap in "Lulea"', "different"),
    ("from: up", "from: §upp", 'allocations.moved.move.from: unknown hub or area "upp"', '"up"'),
    ("warmup: 2 h", "warmup: §24 h", "not shorter than the horizon", "shorten it"),
    ("policy:", "reserve: §{a: 60 %, b: 2/5}\npolicy:", "the reserves add up to 100 %", "less than 100 %"),
    ("rate: 14 /s", "share: 2 %, rate: §14 /s", "a rate and a share are given", "remove one"),
    ("  load: 60 %\n", "", 'class "train" has a share of the load, and no `load`', "load: 62 %"),
    ("share: 1,", "rate: 1 /h,", "a load is given, and no class has a share", ""),
    ("share: 1,", "share: 1, deadline: 5 h, deadline_slack: §1 h,", "a deadline and a", "remove one"),
    ("devices: {choice: {4: 0.7, 8: 0.3}}", "devices: 0", "a class without devices", "give a rate"),
    ("    South: {at", "    §Alone: {at: [1, 2]}\n    South: {at", 'no trunk reaches "Alone"', "add a trunk"),
]


@pytest.mark.parametrize("old, new, message, hint", KEYS + UNITS + CLASSES + VALUES + CROSS)
def test_one_mistake_is_one_problem_at_its_place(old: str, new: str, message: str, hint: str) -> None:
    text = changed(old, new)
    place = None
    if "§" in text:
        text, *place = without_mark(text)
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    assert found[0].file == "small.yaml"
    if place:
        assert [found[0].line, found[0].column] == place
        assert found[0].text == text.split("\n")[place[0] - 1]
    assert message in found[0].message
    assert hint in found[0].hint
    assert not any(word in str(found[0]) for word in PYDANTIC_WORDS)


def test_a_problem_looks_like_this() -> None:
    (problem,) = problems(changed("horizon: 24 h", "horizon: 7"))
    assert str(problem) == (
        'small.yaml:20:18: clock.horizon: "7" has no unit; a duration needs one\n'
        "    20 | clock: {horizon: 7, warmup: 2 h}\n"
        "       |                  ^\n"
        '  hint: write for example "7 d", "36 h" or "90 min"'
    )


@pytest.mark.parametrize(
    "text, line, column, message",
    [
        ("", 1, 1, "the scenario is empty"),
        ("# nothing\n", 1, 1, "the scenario is empty"),
        ("- hubnet: 1\n", 1, 1, "the scenario is a list, not a mapping"),
        ("hubnet", 1, 1, 'the scenario is "hubnet", not a mapping'),
        (GOOD + "name: Again\n", 31, 1, 'the key "name" is given twice'),
        (GOOD.replace("  exchanges", "\texchanges"), 10, 1, "a tab"),
        (GOOD.replace("cpu: 12", "cpu: !!int 12"), 8, 46, '"!!int" is not allowed'),
    ],
)
def test_what_is_wrong_with_the_text_itself(text: str, line: int, column: int, message: str) -> None:
    (problem,) = problems(text)
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


def test_the_good_file_is_good() -> None:
    assert problems(GOOD) == []


def test_no_hub_has_a_device_is_one_problem() -> None:
    text = GOOD.replace("cpu: 12", "cpu: 0").replace("{cpu: 18, gpu: 16}", "{cpu: 0}").replace("{cpu: 20}", "{}")
    (problem,) = problems(text)
    assert (problem.line, problem.column) == (7, 3)
    assert 'no hub has any device, but the class "chat" needs some' in problem.message


def test_regions_without_weight_are_one_problem() -> None:
    (problem,) = problems(GOOD.replace("weight: 1", "weight: 0").replace("weight: 3", "weight: 0"))
    assert (problem.line, problem.column) == (5, 5)
    assert "the weights of all regions are 0" in problem.message


def test_a_missing_part_hides_nothing_else() -> None:
    text = GOOD.replace("clock: {horizon: 24 h, warmup: 2 h}\n", "").replace("hubs: [Lulea]", "hubs: [Oulu]")
    assert [problem.message for problem in problems(text)] == [
        'the key "clock" is missing',
        'workload.classes.chat.hubs.0: unknown hub "Oulu"',
    ]


def test_every_mistake_is_listed_once_in_the_order_of_lines() -> None:
    """Mistakes of all sorts, several in one mapping, some in parts whose other keys are wrong too."""
    text = changed("weight: 1", "weight: one")
    for old, new in [
        ("Lulea: {at: [65.58, 22.15], pools: {cpu: 12}", "Lulea: {at: [65.58], pools: {cpu: many, gppu: 3}"),
        ("0.35 yuan/kWh", "0.35"),
        ("[Lulea, Sundsvall], capacity: 400 Gbit/s", "[Lulea, Sundsvll], capacity: 400"),
        ("{horizon: 24 h", "{horizn: 24 h"),
        ("{rate: 14 /s, runs_on: [cpu], work", "{raet: 14 /s, runs_on: [cpuu], wrok"),
        ("hubs: [Lulea]", "hubs: [Luleo]"),
        ("8: 0.3", "8: 0.4"),
        ("routing: random", "routing: nearst"),
        ("like: as-built", "like: as-bult"),
        ("share: 30 %", "share: 300 %"),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    found = problems(text)
    assert [(problem.line, problem.message) for problem in found] == [
        (5, 'network.regions.North.weight: "one" is not a weight'),
        (8, "network.hubs.Lulea.at: a list is not a place"),
        (8, 'network.hubs.Lulea.pools.cpu: "many" is not a whole number'),
        (8, 'network.hubs.Lulea.pools: unknown device type "gppu"'),
        (8, 'network.hubs.Lulea.price: "0.35" has no unit; a price of energy needs one'),
        (14, 'network.trunks.1.between.1: unknown city "Sundsvll"'),
        (14, 'network.trunks.1.capacity: "400" has no unit; a bit rate needs one'),
        (20, 'clock: unknown key "horizn"'),
        (24, 'workload.classes.chat: unknown key "raet"'),
        (24, 'workload.classes.chat.runs_on.0: unknown device type "cpuu"'),
        (24, 'workload.classes.chat: unknown key "wrok"'),
        (24, 'workload.classes.chat.hubs.0: unknown hub "Luleo"'),
        (25, "workload.classes.train.devices.choice: the weights of the choice add up to 1.1, not to 1"),
        (
            26,
            'policy.routing: "nearst" is not known here; it can be nearest, cheapest-in-time, least-response, random, '
            "cheapest-hour, greenest-hour or valley",
        ),
        (29, 'allocations.north.like: unknown allocation "as-bult"'),
        (30, 'allocations.moved.move.share: "300 %" is out of range; a share has to be at least 0 and at most 1'),
    ]
    assert all(problem.column for problem in found)


def test_a_mistake_under_an_alias_is_reported_once() -> None:
    text = GOOD.replace("{at: [62.39, 17.31]}", "&place {at: [162.39, 17.31]}\n    Umea: *place")
    assert len(problems(text)) == 1
