"""Studies by year: every year is played as it would be alone, and broken promises are found in their year."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import hubnet as hn
from growing_world import GROWTH, growing
from hubnet import show
from hubnet.cli import app
from hubnet.scenario.growth import PromisesSpec
from hubnet.study.growth import Growth
from hubnet.study.promises import breaks, by_year, promises_of, with_loads
from hubnet.yearly import offered_load

ROOT = Path(__file__).parent.parent
SCENARIO = ROOT / "scenarios" / "growth-to-2030.yaml"
NORTH = {"as-built": {}, "moved": {"move": {"from": "east", "to": "west", "share": "50 %"}}}
TINY = ["scale=1/400", "clock.horizon=6 h", "clock.warmup=1 h", "years=[2025, 2028]"]


def hand_made(values, years=(2025, 2026, 2027)):
    """The table of a study of two replications, from (allocation, measure) -> its value in each year; the replications
    are 0.01 below and above it. A value in brackets is a lower bound."""
    rows = []
    for (name, measure), series in values.items():
        for year, value in zip(years, series, strict=True):
            bound = isinstance(value, list)
            for replication, step in enumerate((-0.01, 0.01)):
                rows.append((year, name, replication, measure, (value[0] if bound else value) + step, bound))
    made = pd.DataFrame(rows, columns=["year", "allocation", "replication", "measure", "value", "at_least"])
    made = made.astype({"measure": "category", "allocation": "category"})
    made.attrs["scenario"] = "by hand"
    return made


PROMISES = promises_of(
    PromisesSpec.model_validate(
        {"deadline_met": "95 %", "hub_utilization": "90 %", "response_p95": "2 h", "load": 1,
         "classes": {"chat.v2": {"deadline_met": "99 %"}}}
    )
)  # fmt: skip
TABLE = hand_made(
    {
        ("a", "deadline_met"): (0.97, 0.94, 0.96),
        ("b", "deadline_met"): (0.99, 0.96, 0.95),
        ("a", "utilization.by_hub.East"): (0.5, 0.8, 0.92),
        ("a", "utilization.by_hub.West"): (0.6, 0.7, 0.91),
        ("b", "utilization.by_hub.East"): (0.5, 0.6, math.nan),
        ("b", "utilization.by_hub.West"): (math.nan, 0.89, 0.9),
        ("a", "response_s.p95"): (3600, 7300, 9000),
        ("b", "response_s.p95"): ([3600], [7100], 3600),
        ("a", "classes.chat.v2.deadline_met"): (1.0, 0.98, 1.0),
        ("b", "classes.chat.v2.deadline_met"): (math.nan,) * 3,
    }
)
LOADS = {(year, name): 0.7 + 0.2 * (year - 2025) for year in (2025, 2026, 2027) for name in "ab"}


def study():
    return Growth("by hand", 1, with_loads(TABLE, LOADS), PROMISES, frozenset({"chat.v2"}))


def test_the_year_in_which_a_promise_breaks():
    found = study().breaks.set_index(["promise", "allocation"])
    years = {key: None if pd.isna(year) else year for key, year in found["year"].items()}
    assert years == {
        ("deadline_met", "a"): 2026,  # and is kept again in 2027
        ("deadline_met", "b"): None,  # exactly at its target in the end
        ("response_p95", "a"): 2026,
        ("response_p95", "b"): None,
        ("hub_utilization", "a"): 2027,
        ("hub_utilization", "b"): None,
        ("load", "a"): 2027,
        ("load", "b"): 2027,
        ("classes.chat.v2.deadline_met", "a"): 2026,
        ("classes.chat.v2.deadline_met", "b"): None,  # it has no deadlines
    }
    assert found.loc[("hub_utilization", "a"), ["value", "where"]].tolist() == [pytest.approx(0.92), "East"]
    assert found.loc[("hub_utilization", "b"), ["value", "where"]].tolist() == [pytest.approx(0.9), "West"]
    assert found.loc[("load", "a"), "value"] == pytest.approx(1.1)
    assert found["sure"].tolist() == [key != ("response_p95", "b") for key in years]


def test_a_promise_broken_before_a_bound_is_sure():
    table = hand_made({("a", "response_s.p95"): (9000, [10], [10])})
    kept = by_year(table, promises_of(PromisesSpec.model_validate({"response_p95": "2 h"})))
    assert kept["kept"].tolist() == [False, pd.NA, pd.NA]
    assert breaks(kept)[["year", "sure"]].values.tolist() == [[2025, True]]


def test_the_usual_promises():
    assert {p.name: p.target for p in promises_of(None)} == {
        "deadline_met": 0.95,
        "hub_utilization": 0.9,
        "trunk_use": 0.8,
        "load": 1.0,
    }


def test_the_summary_has_the_form_of_a_studys_in_every_year():
    tree = study().summary()
    json.dumps(tree, allow_nan=False)
    assert list(tree["years"]) == ["2025", "2026", "2027"]
    assert tree["allocations"] == tree["years"]["2025"]["allocations"]
    one = tree["years"]["2026"]["allocations"]["a"]
    assert one["utilization"]["by_hub"]["West"]["value"] == pytest.approx(0.7)
    assert one["classes"]["chat.v2"]["deadline_met"]["ci95"][0] < 0.98
    assert tree["years"]["2027"]["differences"]["b"]["deadline_met"]["value"] == pytest.approx(-0.01)
    assert tree["promises"][0] == {"promise": "deadline_met", "allocation": "a", "year": 2026, "target": 0.95,
                                   "value": pytest.approx(0.94), "where": "", "kept": False, "sure": True}  # fmt: skip


def test_the_chart_shows_each_promise_and_its_breaks():
    figure = show.growth(study())
    assert len(figure.axes) == len(PROMISES)
    ax = figure.axes[0]
    first, crosses, second, none, target = ax.lines
    assert list(first.get_xdata()) == [2025, 2026, 2027]
    assert list(first.get_ydata()) == pytest.approx([0.97, 0.94, 0.96])
    assert list(crosses.get_xdata()) == [2026]
    assert list(second.get_ydata()) == pytest.approx([0.99, 0.96, 0.95])
    assert len(none.get_xdata()) == 0
    assert list(target.get_ydata()) == [0.95, 0.95]
    assert [text.get_text() for text in ax.texts] == ["a: 2026"]


def test_offered_load_by_hand():
    """60 % of 20 devices of speed 2 in the first year; then 1.69 times as much on 12 + 17 of 2 x 1.15^2; and 6 jobs/h
    of an hour, then 6 x 2.25 of 0.64 h."""
    made = growing(growth=GROWTH)
    assert offered_load(made, "as-built") == pytest.approx(0.6 + 6 / 40)
    later = made.in_year(2027)
    capacity = (12 + 17) * 2 * 1.15**2
    assert offered_load(later, "as-built") == pytest.approx((24 * 1.69 + 6 * 2.25 * 0.64) / capacity)


@pytest.fixture(scope="module")
def tiny():
    return growing(growth=GROWTH, allocations=NORTH, promises={"deadline_met": "95 %"})


def test_every_year_is_played_as_it_would_be_alone(tiny):
    found = hn.growth(tiny, allocations="moved")
    assert found.years == list(range(2025, 2031))
    assert found.allocations == ["moved"]
    for year in (2025, 2028):
        alone = hn.simulate(tiny.in_year(year), allocation="moved")
        rows = found.table[(found.table["year"] == year) & found.table["value"].notna()]
        mine = dict(zip(rows["measure"], rows["value"], strict=True))
        expected = {".".join(path): one.value for path, one in alone.measures.items() if one.value is not None}
        assert mine == expected | {"offered_load": offered_load(tiny.in_year(year), "moved")}


def test_a_scenario_without_years_does_not_grow():
    made = hn.load(ROOT / "scenarios" / "two-hubs.yaml")
    with pytest.raises(hn.InputError, match="no `years`"):
        hn.growth(made)


def hubnet(*words):
    return CliRunner().invoke(app, ["run", str(SCENARIO), *map(str, words)])


SET = [word for setting in TINY for word in ("--set", setting)]


def test_the_command_writes_one_folder_for_all_years(tmp_path):
    folder = tmp_path / "out"
    done = hubnet(*SET, "-o", folder, "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "first year in which a promise breaks" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == [
        "charts", "manifest.json", "promises.parquet", "study.parquet", "summary.json",
    ]  # fmt: skip
    assert sorted(path.name for path in (folder / "charts").iterdir()) == ["lines.png", "promises.png"]
    table = pd.read_parquet(folder / "study.parquet")
    assert sorted(table["year"].unique()) == [2025, 2028]
    same = hn.growth(hn.load(SCENARIO, TINY))
    pd.testing.assert_frame_equal(table, same.table, check_exact=True)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary == json.loads(json.dumps(same.summary()))
    assert set(summary["years"]["2028"]["allocations"]) == {"as-built", "west-shift"}
    again = hubnet(*SET, "-o", folder, "--workers", 1, "--resume", "--json")
    assert json.loads(again.stdout) == summary


def test_one_year_is_a_plain_run(tmp_path, monkeypatch):
    monkeypatch.setattr(show, "save_all", lambda study, folder: [])
    done = hubnet(*SET, "--year", 2028, "-o", tmp_path / "one", "--json", "--allocation", "west-shift")
    assert done.exit_code == 0, done.output
    value = json.loads(done.stdout)["allocations"]["west-shift"]["response_s"]["mean"]["value"]
    alone = hn.simulate(hn.load(SCENARIO, TINY).in_year(2028), allocation="west-shift")
    assert value == alone.measures["response_s", "mean"].value
    assert (tmp_path / "one" / "pools.parquet").exists()


@pytest.mark.parametrize(
    "words, messages",
    [
        (("--records",), ["--records is for the runs of one year", "--year 2025"]),
        (("--policy", "nearest", "--gear", "python"), ["--policy is for the runs", "--gear is for the runs"]),
        (("--replications", "auto"), ["--replications auto is for the runs of one year"]),
        (("--year", 2028, "--workers", 2), ["--workers is for a scenario with `years`"]),
        (("--year", 2031), ["2031 is not within the years of the study"]),
        (("--allocation", "east"), ["no allocation 'east'"]),
    ],
)
def test_options_that_do_not_go_together(words, messages, tmp_path):
    done = hubnet(*SET, *words, "-o", tmp_path / "none")
    assert isinstance(done.exception, hn.InputError)
    for message in messages:
        assert message in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_scenario_file_says_what_it_is():
    made = hn.load(SCENARIO)
    pools = {year: made.in_year(year).allocation("as-built").pools for year in (2025, 2026, 2027)}
    restricted = {year: sum(n for (_, kind), n in each.items() if kind == "NVIDIA H20") for year, each in pools.items()}
    assert restricted[2025] > restricted[2026] > restricted[2027] == 0
    assert sum(n for (_, kind), n in pools[2027].items() if kind == "Huawei Ascend 910C") > 0
    rates = [sum(klass.rate for klass in made.in_year(year).mix().classes) for year in (2026, 2027)]
    assert rates[1] == pytest.approx(rates[0] * 1.3 * 1.1, rel=0.01)
