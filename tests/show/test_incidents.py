"""What happened, and how the network took it: what is told of incidents, and the figure that tells it."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from hubnet import show
from hubnet.show import harm, recovery, strip, tables, timeline

DAY = 86400.0


def _panels(figure: Figure) -> dict[str, Axes]:
    """The charts over time by title, without the strip and the table."""
    return {ax.get_title(loc="left"): ax for ax in figure.axes[1:-1]}


def _table(figure: Figure) -> list[list[str]]:
    """The rows of the table, each from left to right."""
    rows: dict[float, list[Text]] = {}
    for entry in figure.axes[-1].texts:
        rows.setdefault(entry.get_position()[1], []).append(entry)
    return [
        [entry.get_text() for entry in sorted(rows[y], key=lambda entry: entry.get_position()[0])] for y in sorted(rows)
    ]


def _key(ax: Axes) -> list[str]:
    return [entry.get_text() for entry in ax.get_legend().get_texts()]


def _trunk(result: Any, number: int) -> str:
    return str(result.trunks["trunk"].unique()[number])


def _with(result: Any, **tables: Any) -> Any:
    return type(result)(**{**vars(result), **tables})


def _shared(build: Any) -> Any:
    """Four parallel trunks of 1 bit/s between two cities, as a table of use: A falls to nothing on day 3, when B takes
    its traffic; C rises a little and D rises on day 3 and stays there."""
    result = build.result(build.graph(2, 2), warmup=0.0, bin_s=DAY)
    uses = {
        "A": [0.4, 0.4, 0.4, np.nan, 0.4, 0.4, 0.4],
        "B": [0.2, 0.2, 0.2, 0.5, 0.2, 0.2, 0.2],
        "C": [0.1, 0.1, 0.1, 0.13, 0.1, 0.1, 0.1],
        "D": [0.1, 0.1, 0.1, 0.6, 0.6, 0.6, 0.6],
        "E": [0.1, 0.1, 0.1, 0.3, 0.2, 0.1, 0.1],
    }
    one = result.trunks.iloc[:7]
    rows = [
        one.assign(trunk=name, **{"from": "x", "to": "y"}, use=use, bits=np.nan_to_num(use) * DAY, up=1.0)
        for name, use in uses.items()
    ]
    rows[0] = rows[0].assign(up=np.isfinite(uses["A"]) * 1.0)
    trunks = type(result.trunks)({name: np.concatenate([row[name] for row in rows]) for name in one})
    return _with(result, trunks=trunks)


CUT = {"kind": "cut", "what": "cut A", "target": "A", "at_s": 3 * DAY, "end_s": 4 * DAY, "incident": 0}


def test_a_trunk_took_over_if_its_use_rose_and_fell_again_by_enough_traffic(build: Any) -> None:
    """A lost 0.4 bit/s. B: +0.3 and back. E: +0.2 against before, +0.1 against after: 0.1. C gained 0.03 bit/s, less
    than a tenth of 0.4. D did not fall again."""
    found = harm.took_over(_shared(build), "A", 3 * DAY, 4 * DAY)
    assert found.to_dict() == pytest.approx({("B", "x", "y"): 0.3, ("E", "x", "y"): 0.1})
    assert list(found.index) == [("B", "x", "y"), ("E", "x", "y")]


def test_without_a_time_after_the_rise_against_before_counts(build: Any) -> None:
    """Cut from day 3 to the end, 4 days; before: days 0 to 3. Of the four days A carried 0.4 in three: it lost
    0.4 - 0.3 = 0.1. B: 1.1 / 4 - 0.2 = 0.075; C 0.0075 is too little; D 0.5; E 0.7 / 4 - 0.1 = 0.075."""
    found = harm.took_over(_shared(build), "A", 3 * DAY, 7 * DAY)
    assert found.to_dict() == pytest.approx(
        {(name, "x", "y"): more for name, more in (("B", 0.075), ("D", 0.5), ("E", 0.075))}
    )


def test_a_trunk_that_lost_nothing_was_not_replaced(build: Any) -> None:
    assert harm.took_over(_shared(build), "C", 3 * DAY, 4 * DAY).empty
    assert harm.took_over(_shared(build), "A", 0.0, 1 * DAY).empty  # nothing is known before
    assert harm.took_over(_shared(build), "A", 7 * DAY, 7 * DAY).empty


def test_the_trunks_that_tell_the_story(build: Any) -> None:
    result = _with(_shared(build), incidents=build.incidents(CUT))
    ranked = harm.ranked(result)
    names = [("A", "x", "y")], [("B", "x", "y"), ("E", "x", "y")]
    assert harm.followed(result, ranked, 7 * DAY, 6) == names
    assert harm.followed(result, ranked, 7 * DAY, 2) == (names[0], names[1][:1])
    also = CUT | {"kind": "degrade", "target": "B", "at_s": 3.5 * DAY, "end_s": 9 * DAY, "incident": 1}
    result = _with(result, incidents=build.incidents(CUT, also))
    hit, takers = harm.followed(result, harm.ranked(result), 7 * DAY, 6)
    assert hit == [("A", "x", "y"), ("B", "x", "y")]
    assert ("B", "x", "y") not in takers


def test_a_trunk_that_is_hit_twice_is_followed_once_and_both_times_count(build: Any) -> None:
    """Cut on day 3, when B and E take over, and on day 5, when nothing changes."""
    again = CUT | {"at_s": 5 * DAY, "end_s": 6 * DAY, "flows_stalled": 9, "incident": 1}
    result = _with(_shared(build), incidents=build.incidents(CUT, again))
    assert harm.followed(result, harm.ranked(result), 7 * DAY, 6) == (
        [("A", "x", "y")],
        [("B", "x", "y"), ("E", "x", "y")],
    )


def test_of_a_trunk_the_direction_that_is_busier_in_the_window_is_followed(build: Any, result: Any) -> None:
    name = _trunk(result, 2)
    hurt = build.hit(result, ("degrade", name, 0.5, 2.0, 3.0))
    uses = tables.trunk_uses(hurt)
    first = uses[uses["trunk"] == name].iloc[0]
    hit, _ = harm.followed(hurt, harm.ranked(hurt), 7 * DAY, 6)
    assert hit == [(name, first["from"], first["to"])]


def test_incidents_are_ranked_by_the_harm_they_did(build: Any, result: Any) -> None:
    rows = [
        {"jobs_displaced": 3},
        {"flows_stalled": 2, "pairs_cut_off": 2},
        {"flows_moved": 900},
        {"flows_moved": 900, "pairs_moved": 3},
        {"jobs_displaced": 3, "at_s": -1.0},
    ]
    rows = [CUT | {"incident": number, **row} for number, row in enumerate(rows)]
    assert harm.ranked(_with(result, incidents=build.incidents(*rows)))["incident"].tolist() == [1, 4, 0, 3, 2]


def test_two_trunks_that_are_cut_at_the_same_time_are_two_incidents(build: Any, result: Any) -> None:
    rows = build.incidents(CUT, CUT | {"incident": 1}, CUT | {"target": "B"})
    assert len(harm.ranked(_with(result, incidents=rows))) == 3


def test_an_outage_of_several_pools_of_a_hub_is_one_incident(build: Any) -> None:
    result = build.result(kinds=("cpu", "gpu"))
    hurt = build.hit(
        result,
        ("outage", "City 0", 0.0, 2.0, 3.0),
        ("outage", "City 0", 0.0, 4.0, 5.0),
        ("outage", "City 1", 0.0, 2.0, 3.0),
        jobs_displaced=2,
        work_lost_device_s=3600.0,
    )
    assert len(hurt.incidents) == 6
    found = harm.ranked(hurt)
    assert found["what"].tolist() == ["outage City 0", "outage City 1", "outage City 0"]
    assert found["pools"].tolist() == [("cpu", "gpu")] * 3
    assert found["jobs_displaced"].tolist() == [4, 4, 4]
    alone = harm.ranked(_with(hurt, incidents=hurt.incidents.iloc[1:2]))
    assert alone["what"].tolist() == ["outage City 0/gpu"]
    assert alone["pools"].tolist() == [("gpu",)]


def test_a_result_without_incidents_is_a_sentence(build: Any, result: Any) -> None:
    figure = show.incidents(result)
    (ax,) = figure.axes
    assert ax.texts[0].get_text() == "There were no incidents in this run."
    assert result.name in ax.get_title(loc="left")
    assert harm.ranked(result).empty


def test_panels_share_the_axis_of_time_and_shade_the_incident(build: Any, result: Any) -> None:
    hurt = build.hit(result, ("cut", _trunk(result, 0), 0.0, 2.0, 3.0), ("outage", "City 0", 0.5, 4.0, math.inf))
    figure = show.incidents(hurt)
    panels = _panels(figure)
    assert list(panels) == [
        "Use of the trunks that were hit, and of those that took over",
        "Devices at City 0 (accelerator)",
        "Transfers that stand still for want of a path",
    ]
    for ax in figure.axes[:-1]:
        assert ax.get_xlim() == (0.0, 7 * DAY)
    for ax in panels.values():
        spans = [patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_hatch()]
        assert [(span.get_x(), span.get_x() + span.get_width()) for span in spans] == [
            (2 * DAY, 3 * DAY),
            (4 * DAY, 7 * DAY),
        ]
    assert [bool(ax.get_xlabel()) for ax in figure.axes[:-1]] == [False] * 3 + [True]
    assert "warm-up" in [entry.get_text() for ax in panels.values() for entry in ax.texts]


def test_the_lines_are_the_use_of_the_tables_with_a_gap_where_the_trunk_was_down(build: Any) -> None:
    result = _with(_shared(build), incidents=build.incidents(CUT))
    ax = _panels(show.incidents(result))["Use of the trunks that were hit, and of those that took over"]
    assert _key(ax) == ["hit (a gap: down):", "x → y (A)", "took over:", "x → y (B)", "x → y (E)"]
    lines = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 8]
    assert [line[2:5].tolist() for line in lines[1:]] == [[0.2, 0.5, 0.2], [0.1, 0.3, 0.2]]
    assert np.isnan(lines[0]).tolist() == [False] * 3 + [True] + [False] * 4


def test_at_most_six_trunks_and_three_hubs_are_followed(build: Any, large: Any) -> None:
    cuts = [("cut", name, 0.0, 2.0, 4.0) for name in large.trunks["trunk"].unique()[:3]]
    outages = [("outage", f"City {number}", 0.5, 2.0, 4.0) for number in range(5)]
    panels = _panels(show.incidents(build.hit(large, *cuts, *outages)))
    trunks = panels["Use of the trunks that were hit, and of those that took over"]
    assert sum(len(line.get_xdata()) > 2 for line in trunks.lines) <= recovery.MOST_LINES
    assert sum(title.startswith("Devices at") for title in panels) == recovery.MOST_HUBS


def test_devices_in_force_and_busy_are_those_of_the_pools_that_were_hit(build: Any) -> None:
    result = build.result(kinds=("cpu", "gpu"))
    hurt = build.hit(result, ("outage", "City 1", 0.25, 2.0, 3.0))
    ax = _panels(show.incidents(_with(hurt, incidents=hurt.incidents.iloc[1:])))["Devices at City 1 (gpu)"]
    pool = hurt.pools[(hurt.pools["hub"] == "City 1") & (hurt.pools["pool"] == "gpu")]
    (force,) = (line.get_ydata() for line in ax.lines if len(line.get_ydata()) > 2)
    assert force[:-1] == pytest.approx(pool["devices"].to_numpy())
    (busy,) = ax.collections
    assert busy.get_paths()[0].get_extents().y1 == pytest.approx(pool["busy"].max())
    assert _key(ax) == ["in force", "busy"]


def test_panels_without_anything_to_say_are_left_out(build: Any, result: Any) -> None:
    calm = build.empty(result)
    figure = show.incidents(build.hit(calm, ("degrade", _trunk(result, 0), 0.5, 2.0, 3.0)))
    assert not _panels(figure)
    assert figure.axes[0].get_xlabel()
    waiting = _with(result, pools=result.pools.assign(waiting=2.0))
    figure = show.incidents(build.hit(waiting, ("outage", "City 0", 0.5, 2.0, 3.0)))
    assert list(_panels(figure)) == ["Devices at City 0 (accelerator)", "Jobs that wait, at all hubs"]
    (area,) = _panels(figure)["Jobs that wait, at all hubs"].collections
    assert area.get_paths()[0].get_extents().y1 == 2.0 * len(result.pools["hub"].unique())


def test_the_table_tells_what_when_and_how_bad(build: Any, result: Any) -> None:
    rows = [
        CUT | {"flows_moved": 12, "pairs_moved": 34, "detour_mean_ms": 1.5, "detour_max_ms": 12.0, "end_s": 3.25 * DAY},
        CUT
        | {"incident": 1, "kind": "outage", "what": "outage City 0/gpu", "target": "City 0/gpu", "hub": "City 0"}
        | {"at_s": 4 * DAY, "end_s": math.inf, "jobs_displaced": 1234, "work_lost_device_s": 7.2e6},
    ]
    table = _table(show.incidents(_with(result, incidents=build.incidents(*rows))))
    assert table[1:] == [
        ["1", "outage City 0/gpu", "4 d", "to the end", *("0", "0", "–", "–", "0", "0"), "1,234", "2,000"],
        ["0", "cut A", "3 d", "6 h", "34", "0", "1.5 ms", "12 ms", "12", "0", "0", "0"],
    ]
    assert [words.split("\n")[-1] for words in table[0]] == [
        *("incident, the most harmful first", "at", "lasted", "moved", "cut off", "mean", "most"),
        *("moved", "stalled", "displaced", "device-h"),
    ]


def test_an_incident_with_a_title_of_its_own_says_where_it_happened(build: Any) -> None:
    hurt = build.hit(build.result(kinds=("cpu", "gpu")), ("outage", "City 1", 0.0, 2.0, 3.0), jobs_displaced=1)
    rows = [
        CUT | {"what": "Typhoon", "target": _trunk(hurt, 0)},
        *hurt.incidents.assign(what="Heat").to_dict("records"),
    ]
    table = _table(show.incidents(_with(hurt, incidents=build.incidents(*rows))))
    assert [row[1] for row in table[1:]] == ["Heat (outage City 1, 2 pools)", f"Typhoon (cut {_trunk(hurt, 0)})"]


def test_of_hundreds_of_incidents_the_worst_have_names_and_the_rest_marks_and_a_sum(build: Any, result: Any) -> None:
    rows = [
        CUT | {"incident": n, "at_s": n * 2000.0, "end_s": n * 2000.0 + 900, "flows_stalled": n} for n in range(300)
    ]
    figure = show.incidents(_with(result, incidents=build.incidents(*rows)))
    table = _table(figure)
    assert [row[0] for row in table[1:-1]] == [str(number) for number in range(299, 291, -1)]
    assert table[-1] == [
        "and 292 more; all 300 together: 0 transfers moved, 44,850 stalled, 0 jobs displaced, 0 device-h of work lost"
    ]
    top = figure.axes[0]
    assert len(top.patches) == recovery.MOST_SHOWN
    assert " 292 more" in [entry.get_text() for entry in top.texts]
    (marks,) = (line for line in top.lines if line.get_marker() == "X")
    assert len(marks.get_xdata()) == 292


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("gap", [0.0, 0.05, 0.6])
def test_no_bar_or_name_in_the_strip_meets_another(count: int, gap: float, build: Any, result: Any) -> None:
    rows = [
        CUT
        | {
            "incident": n,
            "what": f"cut {'a long name ' * (n % 4)}",
            "at_s": (3 + gap * n) * DAY,
            "end_s": (4 + n) * DAY,
        }
        for n in range(count)
    ]
    figure = show.incidents(_with(result, incidents=build.incidents(*rows)))
    figure.draw_without_rendering()
    ax = figure.axes[0]
    edge = ax.get_window_extent()
    whole = []
    for bar, name in zip(ax.patches, ax.texts, strict=True):
        box, words = bar.get_window_extent(), name.get_window_extent()
        assert edge.x0 - 1 <= min(box.x0, words.x0)
        assert max(box.x1, words.x1) <= edge.x1 + 1
        whole.append((min(box.x0, words.x0), max(box.x1, words.x1), bar.get_y()))
    for (left, right, lane), (other_left, other_right, other_lane) in combinations(whole, 2):
        assert lane != other_lane or right <= other_left or other_right <= left


def test_an_incident_in_the_last_instant_can_be_seen(build: Any, result: Any) -> None:
    figure = show.incidents(build.hit(result, ("cut", _trunk(result, 0), 0.0, 7.0, math.inf)))
    (bar,) = figure.axes[0].patches
    assert bar.get_width() == pytest.approx(strip.LEAST / recovery.ACROSS * 7 * DAY)
    assert bar.get_x() + bar.get_width() == pytest.approx(7 * DAY)
    (name,) = figure.axes[0].texts
    assert name.get_position()[0] < bar.get_x()


def test_an_incident_that_takes_no_time(build: Any, result: Any) -> None:
    figure = show.incidents(build.hit(result, ("cut", _trunk(result, 0), 0.0, 3.0, 3.0)))
    assert _table(figure)[1][2:4] == ["3 d", "0 s"]
    assert len(figure.axes[0].patches) == 1


def test_an_unknown_kind_of_incident_has_a_mark_too(build: Any, result: Any) -> None:
    assert timeline.kind("resize") == timeline.OTHER_KIND
    show.incidents(_with(result, incidents=build.incidents(CUT | {"kind": "resize"}))).draw_without_rendering()


def test_a_surge_has_a_mark_a_panel_of_all_devices_and_no_harm_of_its_own(build: Any, result: Any) -> None:
    surge = CUT | {"kind": "surge", "what": "Festival", "target": "film in Shanghai", "factor": 3.0}
    surged = _with(result, incidents=build.incidents(surge))
    figure = show.incidents(surged)
    ax = _panels(figure)["Devices at all hubs"]
    (force,) = (line.get_ydata() for line in ax.lines if len(line.get_ydata()) > 2)
    assert force[0] == pytest.approx(result.pools.groupby("start_s")["devices"].sum().iloc[0])
    assert timeline.kind("surge") not in (timeline.OTHER_KIND, timeline.kind("outage"))
    assert _table(figure)[1] == ["0", "Festival (surge film in Shanghai)", "3 d", "1 d", *["–"] * 8]
    assert harm.trunks_hit(surged.incidents) == set()
    assert harm.followed(surged, harm.ranked(surged), 7 * DAY, 6) == ([], [])
