"""The report: its figures are those of the summary, a scenario's texts are only texts, and the replay is right."""

import json
import re
import shutil

import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app
from hubnet.network.nation import load_nation
from hubnet.opening import open_study
from hubnet.show.report.assumptions import figures_known
from hubnet.show.report.compared import difference_rows, headline, hub_rows
from hubnet.show.report.figures import run_figures
from hubnet.show.report.page import beginning, page, script_json
from hubnet.show.report.words import _electricity, answer, asked, lead, question
from hubnet.study.measures import Value


def test_the_command_writes_one_small_file_that_loads_nothing(plain, tmp_path):
    file = tmp_path / "report.html"
    done = CliRunner().invoke(app, ["report", str(plain), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert file.stat().st_size < 5e6
    text = file.read_text()
    assert not re.findall(r"""(?:src|href)\s*=|url\(|@import|<link""", text)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_figures_are_those_of_the_summary(plain):
    study, summary = open_study(plain), json.loads((plain / "summary.json").read_text())
    paths = {
        "jobs submitted": ("jobs", "submitted"),
        "response, 95%": ("response_s", "p95"),
        "utilization, mean": ("utilization", "mean"),
        "deadlines met, of those decided": ("deadline_met",),
        "energy": ("energy_kwh",),
    }
    rows = dict(headline(study))
    for title, path in paths.items():
        for cell, measures in zip(rows[title], summary["allocations"].values(), strict=True):
            for key in path:
                measures = measures[key]
            assert cell["value"] == measures["value"]
            assert [cell["low"], cell["high"]] == measures.get("ci95", [None, None])


def test_the_hubs_side_by_side_are_those_of_the_summary(plain):
    study, summary = open_study(plain), json.loads((plain / "summary.json").read_text())
    rows = dict(hub_rows(study))
    assert set(rows) == {"Lulea", "Gavle"}
    for hub, cells in rows.items():
        for cell, measures in zip(cells, summary["allocations"].values(), strict=True):
            found = measures["utilization"]["by_hub"][hub]
            assert (cell["value"], [cell["low"], cell["high"]]) == (found["value"], found["ci95"])
            assert cell["value_at"] == pytest.approx(100 * found["value"], abs=0.01)


def test_differences_are_those_of_the_summary_and_say_what_is_more_than_chance(plain):
    study, summary = open_study(plain), json.loads((plain / "summary.json").read_text())
    (one,) = difference_rows(study)
    assert one["name"] == "more"
    rows = dict(one["rows"])
    found = summary["differences"]["more"]["response_s.mean"]
    cell = rows["response, mean of finished"]
    assert (cell["value"], [cell["low"], cell["high"]]) == (found["value"], found["ci95"])
    assert cell["sure"] == (found["ci95"][0] > 0 or found["ci95"][1] < 0)
    assert cell["text"][0] == ("\N{MINUS SIGN}" if found["value"] < 0 else "+")
    for title, cell in rows.items():
        assert "<" not in cell["text"], title
        assert not cell["value"] or re.search("[1-9]", cell["text"]), f"{title}: a difference that reads as none"
    assert "jobs submitted" not in rows, "the jobs are the same: there is no difference to show"


def test_without_replications_there_are_no_intervals(hostile):
    study = open_study(hostile)
    assert difference_rows(study) == []
    assert all(cell["interval"] == "" for _, cells in headline(study) for cell in cells)
    assert "not known" in lead(study)


def test_accounts_add_up_to_the_measures(plain):
    result = open_study(plain).results["as-built"][0]
    for whose, rows in run_figures(result)["accounts"].items():
        assert rows[-1]["energy_kwh"] == pytest.approx(result.measures["energy_kwh",].value), whose
        assert rows[-1]["energy_kwh"] == pytest.approx(sum(row["energy_kwh"] for row in rows[:-1]))


def test_what_speaks_against_the_figures_is_said(plain, tmp_path):
    folder = tmp_path / "doubted"
    shutil.copytree(plain, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {"doubts": ["as-built: the queue <grows>"], "failed_checks": ["more: bits were lost"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    text = page(open_study(folder))
    assert "as-built: the queue &lt;grows&gt;" in text
    assert "more: bits were lost" in text
    assert "first of the 2 replications" in text


def test_a_manifest_that_lacks_something_is_refused(plain, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(plain, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["policy"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(hn.InputError, match=r"manifest.json is damaged: it does not say 'policy'"):
        CliRunner().invoke(app, ["report", str(folder)], catch_exceptions=False)
    assert not (folder / "report.html").exists()


def test_the_question_is_the_authors(plain):
    manifest = {"scenario": "# Which hub\n# is fuller?\n#\n#   hubnet run x.yaml\n#\n# It is, by all:\n#\n# No more.\n"}
    assert question(manifest) == "Which hub is fuller? It is, by all."
    assert question({"scenario": "hubnet: 1\n# not this\n"}) == ""
    said = " ".join(asked(open_study(plain)))
    assert "2 regions send jobs to 2 hubs with 7 devices in all, over 3 trunks" in said
    assert "seed 1, 2 replications" in said


def test_figures_are_sorted_by_weakness_and_name_their_sources():
    rows = figures_known(load_nation("china"))
    assert [row["weakness"] for row in rows] == sorted((row["weakness"] for row in rows), reverse=True)
    by_name = {row["what"]: row for row in rows}
    capacity = by_name["trunks: capacity"]
    assert capacity["counts"]["estimate"] == 129, "every capacity of a trunk is an estimate"
    assert capacity["weakness"] == 1
    assert rows.index(capacity) < rows.index(by_name["cities"])
    assert all(row["sources"] for row in rows)


def test_hubs_and_trunks_are_those_of_the_tables(plain):
    study = open_study(plain)
    result = study.results["more"][0]
    found = run_figures(result)
    by_hub = {hub["name"]: hub for hub in found["hubs"]}
    measures = result.summary()["utilization"]["by_hub"]
    for name, hub in by_hub.items():
        assert hub["utilization"] == pytest.approx(measures[name]["value"])
        assert len(hub["week"]) == len(found["hours"]) - 1 == 20
    assert {one["trunk"] for one in found["trunks"]} == set(result.trunks["trunk"])


def test_the_answer_is_made_from_the_numbers(plain):
    study = open_study(plain)
    said = answer(study)
    assert len(said) == 3
    assert study.comparison.words().rstrip(".") in said[0]
    fullest = max(
        (found["value"], hub, name)
        for name, measures in study.summary()["allocations"].items()
        for hub, found in measures["utilization"]["by_hub"].items()
    )
    assert fullest[1] in said[1]
    assert fullest[2] in said[1]


def test_the_replay_shows_the_incident_at_its_hour(plain):
    found = run_figures(open_study(plain).results["as-built"][0])
    use = {trunk["name"]: trunk["use"] for trunk in found["map"]["trunks"]}["Middle"]
    assert [hour for hour, share in enumerate(use) if share < 0] == [5, 6, 7]
    (incident,) = found["incidents"]
    assert (incident["at"], incident["end"], incident["target"]) == (5 * 3600, 8 * 3600, "Middle")
    assert beginning(found) == 5, "the replay begins where it is interesting"


def test_a_hostile_name_stays_text(hostile):
    text = page(open_study(hostile))
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert "document.title=" in text  # it is there, as text


@pytest.mark.parametrize("value", ["</script>", "<!--", "a & b", "\u2028"])
def test_json_cannot_leave_its_element(value):
    text = script_json({"name": value})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": value}


def test_a_result_without_jobs_places_and_trunks_can_be_reported(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text(
        "hubnet: 1\nname: Nothing\nnetwork: {regions: {A: {at: [1, 1]}}, hubs: {A: {at: [1, 1], pools: {cpu: 1}}}, "
        "trunks: []}\nclock: {horizon: 1 h}\nfibre: {sharing: none}\nworkload: {classes: {c: {rate: 1 /yr, devices: 1, "
        "work: 1 s}}}\n"
    )
    done = CliRunner().invoke(app, ["run", str(path), "-o", str(tmp_path / "out"), "--quiet"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert "Nothing" in page(open_study(tmp_path / "out"))


def test_what_cannot_be_reported_is_refused(tmp_path):
    with pytest.raises(hn.InputError, match="is not a folder of results"):
        CliRunner().invoke(app, ["report", str(tmp_path)], catch_exceptions=False)


def test_the_cheapest_and_the_dearest_are_compared_as_the_pair_that_was_picked():
    """Five replications with the differences 1, 2, 3, 2, 2: mean 2, standard deviation sqrt(0.5). Half the interval is
    2.776 x 0.316 = 0.88 at 95 %; over all 28 pairs of eight runs it is at 99.8 %, 7.9 x 0.316 = 2.5, which holds 0."""

    class Study:
        replications = 5

        def __init__(self, count):
            dear = [10.0 + gap for gap in (1, 2, 3, 2, 2)]
            self.samples = {"a": [10.0] * 5, "b": dear} | {f"c{k}": [11.0] * 5 for k in range(count - 2)}

        def values(self, name, measure):
            return [Value(one) for one in self.samples[name]]

        def said(self):
            return _electricity(self, {name: sum(one) / 5 for name, one in self.samples.items()})

    assert Study(2).said().endswith("which is more than chance")
    assert Study(8).said().endswith("which may be chance")
