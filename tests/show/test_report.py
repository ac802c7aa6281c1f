"""The report: its figures are those of the summary, a scenario's texts are only texts, and the replay is right."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app
from hubnet.opening import open_study
from hubnet.show.report.compared import headline
from hubnet.show.report.drawing import frame_of, great_circle, polyline
from hubnet.show.report.figures import clock, run_figures
from hubnet.show.report.page import page, script_json
from hubnet.show.report.words import answer

EVIL = "</script><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
SCENARIO = """
hubnet: 1
name: '{name}'
network:
  regions: {{North: {{at: [65.58, 22.15], weight: 1}}, 贵阳: {{at: [59.33, 18.07], weight: 3}}}}
  hubs:
    '{hub}': {{at: [65.0, 22.15], pools: {{cpu: 3}}, price: 0.4 yuan/kWh}}
    Gavle: {{at: [60.67, 17.14], pools: {{cpu: 4}}}}
  trunks:
    - {{between: [North, '{hub}'], capacity: 1 Gbit/s, length: 5 km, name: East}}
    - {{between: ['{hub}', Gavle], capacity: 1 Gbit/s, name: Middle}}
    - {{between: [Gavle, 贵阳], capacity: 1 Gbit/s}}
devices: {{cpu: {{speed: 1, power: 400 W}}}}
clock: {{horizon: 20 h, warmup: 1 h, bin: 10 min}}
seed: 1
fibre: {{layer: optical, sharing: max-min}}
workload:
  classes:
    '{hub}': {{rate: 2 /min, devices: 1, work: {{exponential: {{mean: 1 min}}}}, input: 4 MB, deadline: 3 min}}
policy: {{routing: least-response, queue: fifo}}
allocations: {{as-built: {{}}, more: {{pools: {{'{hub}': {{cpu: 5}}, Gavle: {{cpu: 2}}}}}}}}
incidents: [{{at: 5 h, lasting: 3 h, cut: Middle, name: '{name}'}}]
"""


def finished(folder, name, hub="Lulea", words=()):
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO.format(name=name.replace("'", "''"), hub=hub.replace("'", "''")))
    done = CliRunner().invoke(app, ["run", str(path), "-o", str(folder / "out"), "--quiet", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return folder / "out"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("plain"), "Two hubs", words=("--replications", "2"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("hostile"), EVIL, hub=EVIL)


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
    assert (incident["at"], incident["end"]) == (5 * 3600, 8 * 3600)


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


# -- geometry


def test_a_great_circle_is_the_shortest_way():
    # from 50 N 0 E to 50 N 90 E: the middle is at atan(tan 50 / cos 45) = 59.32 N, 45 E
    places = great_circle((50.0, 0.0), (50.0, 90.0))
    assert places[0] == pytest.approx((50, 0))
    assert places[-1] == pytest.approx((50, 90))
    assert places[len(places) // 2] == pytest.approx((59.32, 45), abs=0.01)


def test_a_frame_holds_its_places_and_lines_have_gaps():
    frame = frame_of([(10.0, 100.0), (50.0, 130.0)])
    for place in ((10.0, 100.0), (50.0, 130.0)):
        x, y = frame.at(*place)
        assert 0 < x < 900
        assert 0 < y < frame.height
    assert polyline([0.0, 1.0, None, 0.5], 400, 100) == "M0.0,100.0H100.0L100.0,0.0H200.0M300.0,50.0H400.0"
    assert clock(2 * 86400 + 3 * 3600 + 60) == "day 3, 03:01"


# -- in a browser


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no chromium with chromedriver is installed here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        *("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync"),
        *("disable-background-networking", "disable-component-update", "window-size=1280,900"),
        f"user-data-dir={tempfile.mkdtemp()}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


def opened(browser, folder, tmp_path):
    path = Path(tmp_path) / "report.html"
    path.write_text(page(open_study(folder)), encoding="utf-8")
    browser.get(path.as_uri())
    return browser


SLIDE = (
    "const s = document.querySelector('input[type=range]'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))"
)


def test_the_slider_moves_the_map(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    page.execute_script(SLIDE, 6)
    assert page.execute_script("return document.querySelector('output.time').value") == "day 1, 06:00"
    assert page.execute_script("return document.querySelector('.now').textContent") == "Two hubs"
    assert (
        page.execute_script("return document.querySelectorAll('section.run:first-of-type path.trunk.down').length") == 1
    )
    before = page.execute_script("return [...document.querySelectorAll('circle.hub')].map(c => c.style.fill)")
    page.execute_script(SLIDE, 0)
    assert page.execute_script("return document.querySelector('.now').textContent") == ""
    assert page.execute_script("return [...document.querySelectorAll('circle.hub')].map(c => c.style.fill)") != before
    assert page.get_log("browser") == []


def test_a_hub_shows_its_week_by_keyboard_too(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    hub = page.find_element("css selector", "circle.hub")
    page.execute_script("arguments[0].focus()", hub)
    hub.send_keys("\n")
    detail = page.find_element("css selector", ".detail")
    assert detail.is_displayed()
    assert hub.get_attribute("data-name") in detail.text
    assert hub.get_attribute("aria-label").startswith(hub.get_attribute("data-name"))


def test_allocations_are_chosen(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    sections = page.find_elements("css selector", "section.run")
    assert [section.is_displayed() for section in sections] == [True, False]
    page.find_elements("css selector", "input[name=run]")[1].click()
    assert [section.is_displayed() for section in sections] == [False, True]


def test_a_hostile_name_does_not_run(browser, hostile, tmp_path):
    page = opened(browser, hostile, tmp_path)
    page.execute_script(SLIDE, 6)
    assert "hacked" not in page.title.replace(EVIL, "")
    assert page.find_elements("css selector", "img") == []
    assert page.get_log("browser") == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_window(browser, plain, tmp_path, width):
    page = opened(browser, plain, tmp_path)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
