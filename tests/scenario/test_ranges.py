"""What varies, in one text: hand cases of ranges and lists, and what is refused."""

import pytest

from hubnet import ScenarioError
from hubnet.scenario.ranges import amount, read_varied, varied


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("40%:90%:10%", ("40 %", "50 %", "60 %", "70 %", "80 %", "90 %")),
        ("0.1:0.5:0.1", ("0.1", "0.2", "0.3", "0.4", "0.5")),  # floats would stop at 0.4, for 3 x 0.1 > 0.3
        ("1 d:7 d:2 d", ("1 d", "3 d", "5 d", "7 d")),
        ("1 d:6 d:2 d", ("1 d", "3 d", "5 d")),  # the end is not reached
        ("12 h:2 d:12 h", ("12 h", "24 h", "36 h", "48 h")),  # in the unit of the start
        ("90%:40%:-25%", ("90 %", "65 %", "40 %")),
        ("10:20:5", ("10", "15", "20")),  # whole numbers stay whole
        ("1e6:3e6:1e6", ("1000000", "2000000", "3000000")),
        ("1/20:1/5:1/20", ("0.05", "0.1", "0.15", "0.2")),
        ("14 /s:18 /s:2 /s", ("14 /s", "16 /s", "18 /s")),
        ("x1:x2:x0.5", ("x1", "x1.5", "x2")),
        ("5 ms one_way:15 ms one_way:5 ms one_way", ("5 ms one_way", "10 ms one_way", "15 ms one_way")),
        ("100 Gbit/s:300 Gbit/s:100 Gbit/s", ("100 Gbit/s", "200 Gbit/s", "300 Gbit/s")),
        ("5:5:1", ("5",)),
        ("10%,40%:60%:10%", ("10%", "40 %", "50 %", "60 %")),
        ("nearest,cheapest-in-time", ("nearest", "cheapest-in-time")),
        ("{from: [a, b], to: c},{from: d, to: e}", ("{from: [a, b], to: c}", "{from: d, to: e}")),
        ("18:30", ("18:30",)),  # a time of day
        ("18:30,19:00", ("18:30", "19:00")),
        ("2025-06-02 18:30", ("2025-06-02 18:30",)),
        ("2025-06-02 12:30:00", ("2025-06-02 12:30:00",)),
        ("'1:9:2',\"a,b\"", ("'1:9:2'", '"a,b"')),  # quotes make one value
    ],
)
def test_values_of_a_text(text, values):
    found = read_varied(f"some.path={text}")
    assert (found.path, found.values, found.span) == ("some.path", values, None)


def test_two_ends_are_all_numbers_between():
    span = read_varied("workload.load=40%:90%").span
    assert (span.at(0), span.at(0.5), span.at(1)) == ("40 %", "65 %", "90 %")
    assert varied("clock.horizon", "12 h:2 d").span.at(0.25) == "21 h"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("load", "is not path=values"),
        ("load=", "is not path=values"),
        ("load=1,,2", "empty entry"),
        ("load=1,2,1", "given twice"),
        ("load=1:5:0", "does not lead"),
        ("load=5:1:1", "does not lead"),
        ("load=1:7 d:1 d", "a unit in some places only"),
        ("load=1 d:2 GB:1 d", "do not measure the same"),
        ("load=0:1:0.00001", "100001 values"),
        ("load=90%:40%", "does not go up"),
        ("load=1,2:3", "no step"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        read_varied(text)
    assert all("--vary" in problem.file for problem in caught.value.problems)


def test_python_values_become_yaml():
    assert varied("a", [0.4, 1, "60 %", True, None, {"to": "x"}]).values == (
        "0.4", "1", '"60 %"', "true", "null", '{"to": "x"}',
    )  # fmt: skip
    for wrong in (3, [], "a,"):
        with pytest.raises(ScenarioError):
            varied("a", wrong)


def test_amounts_are_exact():
    assert amount("40 %").number == 40
    assert amount("1/3").number * 3 == 1
    assert amount("nearest") is amount(True) is amount("3 d 10 h") is amount(float("nan")) is None
