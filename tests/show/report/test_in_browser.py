"""The report in a browser, if one is here: what moves, what is said to those who do not see it, what does not run."""

import shutil
import tempfile
import time
from pathlib import Path

import pytest

from hubnet.opening import open_study
from hubnet.show.report.page import page
from report_folders import EVIL


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
    for mark in ("down", "struck"):
        found = f"return document.querySelectorAll('section.run:first-of-type path.trunk.{mark}').length"
        assert page.execute_script(found) == 1
    before = page.execute_script("return [...document.querySelectorAll('circle.hub')].map(c => c.style.fill)")
    page.execute_script(SLIDE, 0)
    assert page.execute_script("return document.querySelector('.now').textContent") == ""
    assert page.execute_script("return document.querySelectorAll('path.trunk.struck').length") == 0
    assert page.execute_script("return [...document.querySelectorAll('circle.hub')].map(c => c.style.fill)") != before
    assert page.get_log("browser") == []


def test_the_slider_is_moved_by_keys_and_incidents_are_found_by_a_button(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    shown = "return document.querySelector('output.time').value"
    assert page.execute_script(shown) == "day 1, 05:00"
    page.find_element("css selector", "input[type=range]").send_keys("\ue014")  # the right arrow
    assert page.execute_script(shown) == "day 1, 06:00"
    page.execute_script(SLIDE, 15)
    page.find_element("css selector", ".jumps button").click()
    assert page.execute_script(shown) == "day 1, 05:00"


def test_play_goes_on_by_itself_and_stops(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    button = page.find_element("css selector", "button.play")
    button.click()
    assert button.text == "Pause"
    start = page.execute_script("return document.querySelector('input[type=range]').value")
    deadline = time.monotonic() + 10
    while page.execute_script("return document.querySelector('input[type=range]').value") == start:
        assert time.monotonic() < deadline
    button.click()
    assert button.text == "Play"
    assert page.get_log("browser") == []


def test_a_hub_shows_its_week_by_keyboard_too(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    detail = page.find_element("css selector", ".detail")
    names = set()
    for hub in page.find_elements("css selector", "section.run:first-of-type circle.hub"):
        page.execute_script("arguments[0].focus()", hub)
        hub.send_keys("\n")
        assert detail.is_displayed()
        assert detail.find_element("css selector", "h4").text == hub.get_attribute("data-name")
        assert detail.find_element("css selector", "path.value").get_attribute("d").startswith("M")
        assert hub.get_attribute("aria-label").startswith(hub.get_attribute("data-name"))
        names.add(hub.get_attribute("data-name"))
    assert names == {"Lulea", "Gavle"}


def test_allocations_are_chosen_and_stay_at_the_same_hour(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    sections = page.find_elements("css selector", "section.run")
    assert [section.is_displayed() for section in sections] == [True, False]
    page.execute_script(SLIDE, 9)
    page.find_elements("css selector", "input[name=run]")[1].click()
    assert [section.is_displayed() for section in sections] == [False, True]
    assert sections[1].find_element("css selector", "output.time").text == "day 1, 09:00"


def test_what_a_reader_acts_on_has_a_name(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    nameless = page.execute_script(
        "return [...document.querySelectorAll('button, input, [role=img], [role=button], [role=region], svg[role]')]"
        ".filter(e => !e.getAttribute('aria-label') && !e.textContent.trim() && !e.closest('label'))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert nameless == []


def test_it_prints_every_allocation(browser, plain, tmp_path):
    page = opened(browser, plain, tmp_path)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert all(section.is_displayed() for section in page.find_elements("css selector", "section.run"))
        assert not page.find_element("css selector", "button.play").is_displayed()
        uncut = "return [...document.querySelectorAll('figure, .map, .bar')].map(e => getComputedStyle(e).breakInside)"
        assert set(page.execute_script(uncut)) == {"avoid"}
        assert page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"].startswith("JVBERi0")
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


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
