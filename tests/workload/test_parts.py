"""What a scenario's classes read from files: columns to draw from, profiles; and what may be wrong with them."""

import pytest

import hubnet as hn
from hubnet.workload.parts import class_parts

TEXT = """
hubnet: 1
name: files
network:
  regions: {H: {at: [0, 0]}}
  hubs: {H: {at: [0, 0], pools: {cpu: 100}}}
  trunks: []
clock: {horizon: 1 h}
workload:
  classes:
    c: {rate: 1 /s, WHAT}
"""
HOURS = "hour,weekday,weekend\n" + "".join(f"{h},{h % 2 + 1},{h // 12}\n" for h in range(24))


def load(tmp_path, what, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "s.yaml").write_text(TEXT.replace("WHAT", what))
    return hn.load(tmp_path / "s.yaml")


def parts(tmp_path, what, **files):
    scenario = load(tmp_path, what, **files)
    return class_parts(scenario.spec, None, tmp_path)["c"]


def problems(tmp_path, what, **files):
    with pytest.raises(hn.ScenarioError) as caught:
        load(tmp_path, what, **files)
    return caught.value.problems


def test_columns_become_distributions(tmp_path):
    trace = "gpus,run_min,gb,other\n1,5,0.5,x\n8,60,2,\n1,5,0,y\n\n1,90,1,z\n"
    what = (
        "devices: {empirical: {file: jobs.csv, column: gpus}}, "
        "work: {empirical: {file: jobs.csv, column: run_min, unit: min}}, "
        "input: {empirical: {file: jobs.csv, column: gb, unit: GB}}, "
        "campaigns: {size: {empirical: [1, 3]}}"
    )
    found = parts(tmp_path, what, jobs=trace)
    assert found.devices.values.tolist() == [1, 8]
    assert found.devices.shares.tolist() == [0.75, 0.25]
    assert found.work.values.tolist() == [300, 300, 3600, 5400]
    assert found.upload.values.tolist() == [0, 4e9, 8e9, 16e9]
    assert found.campaign.mean == 2


def test_a_profile_from_a_file_or_a_nation(tmp_path):
    week = parts(tmp_path, "work: 1 s, profile: day.csv", day=HOURS).week
    mean = (5 * 36 + 2 * 12) / 168
    assert week[:2] == pytest.approx((1 / mean, 2 / mean))
    assert week[120 + 11 : 120 + 13] == pytest.approx((0.0, 1 / mean))
    assert parts(tmp_path, "work: 1 s, profile: china").week[17] > 1.5
    assert parts(tmp_path, "work: 1 s, profile: flat").week is None


WORK = "work: {empirical: {file: jobs.csv, column: s, unit: s}}"


@pytest.mark.parametrize(
    ("what", "files", "message", "line"),
    [
        (WORK, {}, "workload.classes.c.work: there is no file", 11),
        (WORK, {"jobs": "t\n1\n"}, 'there is no column "s"', 1),
        (WORK, {"jobs": "s\n"}, "the table has no rows", None),
        (WORK, {"jobs": "s\n1\n-1\n"}, 's "-1" is negative (in traces: not known)', 3),
        (WORK, {"jobs": "s\n1\nlong\n"}, 's "long" is not a number', 3),
        (WORK, {"jobs": "s\n1\ninf\n"}, 's "inf" is not finite', 3),
        (WORK, {"jobs": "s,t\n1\n"}, "the row has 1 cells, the header 2", 2),
        ("work: 1 s, devices: {empirical: {file: jobs.csv, column: n}}", {"jobs": "n\n1.5\n"}, "not a whole number", 2),
        (
            "work: 1 s, campaigns: {size: {empirical: {file: jobs.csv, column: n}}}",
            {"jobs": "n\n0\n"},
            'the column "n" of "jobs.csv" has numbers below 1',
            11,
        ),
        ("work: 1 s, profile: nowhere", {}, 'workload.classes.c.profile: "nowhere" is not a profile', 11),
        ("work: 1 s, profile: day.csv", {}, "workload.classes.c.profile: there is no file", 11),
        ("work: 1 s, profile: day.csv", {"day": HOURS.replace("23,", "22,")}, "each hour from 0 to 23 once", None),
        ("work: 1 s, profile: day.csv", {"day": HOURS.replace("weekend", "sunday")}, 'column "weekend" is missing', 1),
        ("work: 1 s, profile: day.csv", {"day": HOURS.replace("5,2,0", "5,2,-1")}, 'weekend "-1" is out of range', 7),
        (
            "work: 1 s, profile: day.csv",
            {"day": "hour,weekday,weekend\n" + "".join(f"{h},0,0\n" for h in range(24))},
            "is 0 at all hours",
            None,
        ),
        (
            "work: 1 s, profile: day.csv",
            {"day": "profile," + HOURS[:21] + "".join(f"{p},{h},1,1\n" for p in "ab" for h in range(24))},
            '"day.csv" has 2 profiles',
            11,
        ),
    ],
)
def test_one_mistake_is_one_problem_at_its_place(tmp_path, what, files, message, line):
    (problem,) = problems(tmp_path, what, **files)
    assert message in problem.message
    assert problem.line == line
    assert problem.file


def test_all_mistakes_at_once_and_each_once(tmp_path):
    what = f"{WORK}, input: {{empirical: {{file: jobs.csv, column: s, unit: B}}}}, profile: nowhere"
    found = problems(tmp_path, what, jobs="s\n" + "-1\n" * 5)
    assert [problem.line for problem in found] == [11, 2, 3, 4, None]
    assert found[-1].message == "2 more rows have a s that is negative (in traces: not known)"


def test_a_nations_class_with_an_unknown_profile(tmp_path):
    from hubnet.network.nation import load_nation

    china = load_nation("china").folder
    for table in china.glob("*.csv"):
        (tmp_path / table.name).write_text(table.read_text("utf-8").replace(",helios_venus,", ",venus,"), "utf-8")
    (tmp_path / "profile.csv").write_text((china / "profile.csv").read_text("utf-8"), "utf-8")
    (tmp_path / "s.yaml").write_text(
        "hubnet: 1\nname: n\nnetwork: .\nclock: {horizon: 1 h}\nworkload: {classes: ., load: 50 %}\n"
    )
    with pytest.raises(hn.ScenarioError) as caught:
        hn.load(tmp_path / "s.yaml")
    assert 'the class "weather" has the profile "venus", which profile.csv does not have' in str(caught.value)
    (tmp_path / "profile.csv").unlink()
    with pytest.raises(hn.ScenarioError, match="there is no file"):
        hn.load(tmp_path / "s.yaml")
