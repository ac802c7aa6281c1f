"""The page of published and simulated figures: its script is run, and every cell of its tables is compared."""

import csv
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import hubnet

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
DATA = Path(hubnet.__file__).parent / "data" / "china"
SUMS = {"rack_share_JJJ": ("rack_share_JJJ", "rack_share_YRD", "rack_share_other_six_hubs")}
OF_OTHERS = {"racks_10_clusters", "hub_pairs_optical_delay_max", "ip_private_delay_max"}  # worked out from the fact


def rows() -> dict[str, list[str]]:
    """Figure -> the other cells of its row."""
    found = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in re.findall(r"^\|.*", PAGE, re.M)]
    return {cells[0]: cells[1:] for cells in found if len(cells) == 5 and cells[0] != "figure"}


@cache
def printed() -> dict[str, str]:
    """What the page's script says: figure -> value."""
    (script,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())


def number(text: str) -> float:
    return float(re.match(r"[\d.]+", text)[0])


@pytest.mark.parametrize("figure", rows())
def test_what_is_simulated_is_what_the_page_says(figure: str) -> None:
    assert printed()[figure] == rows()[figure][2], f"docs/calibration.md has fallen behind in {figure!r}"


def test_every_gap_is_as_large_as_it_says() -> None:
    told = 0
    for figure, (published, _, simulated, reason) in rows().items():
        if gap := re.search(r"([-+]\d+) %(?=:|;|,|$)", reason):
            real = 100 * (number(simulated) / number(published) - 1)
            assert abs(real - int(gap[1])) < 1, f"{figure}: the gap is {real:.1f} %"
            told += 1
    assert told >= 14


def test_what_is_published_is_what_the_data_say() -> None:
    facts = {}
    for table in ("fibre", "facts"):
        with (DATA / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            facts[table] = {row["fact"]: row["value"] for row in csv.DictReader(file)}
    compared = 0
    for figure, (published, fact, _, _) in rows().items():
        if not (named := re.fullmatch(r"(fibre|facts)\.csv: (\w+)", fact)):
            continue
        known = facts[named[1]]
        assert named[2] in known, f"{figure}: there is no fact {named[2]}"
        if named[2] in OF_OTHERS and not published.endswith("ms"):
            continue
        assert number(published) == pytest.approx(sum(float(known[one]) for one in SUMS.get(named[2], (named[2],))))
        compared += 1
    assert compared >= 16


def test_the_page_is_whole() -> None:
    """Every line that the script prints of a layer, a route or a use is in a table, but for what is trivial."""
    left = set(printed()) - set(rows())
    assert left == {"optical over optical", "public-ip, pairs above 20 ms"}
