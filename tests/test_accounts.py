"""Accounts against sums over the jobs, and against cases worked out by hand."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import hubnet as hn
from hubnet.engine.policy import find_router
from hubnet.network.nation import load_nation
from hubnet.scenario.accounts import YEAR, AccountsSpec, AccountTerms, account_terms
from hubnet.screen.accounts import figure_lines
from hubnet.screen.run import comparison, study_notes
from hubnet.study.accounts import integral

HOUR = 3600.0


def two_hubs(**changes):
    """Two hubs with prices by the hour, contracts, busy pools, jobs under way at both ends of the window."""
    prices = {"weekday": [0.5] * 8 + [1.5] * 8 + [1.0] * 8}
    values = {
        "name": "Accounts",
        "network": {
            "regions": {"Near": {"at": [40, 116]}},
            "hubs": {
                "Near": {"at": [40, 116], "pools": {"gpu": 6, "cpu": 4}, "price": "0.7 yuan/kWh",
                         "carbon": "0.5 kg/kWh", "pue": 1.3, "price_profile": prices,
                         "carbon_profile": {"weekday": list(range(24))}},
                "Far": {"at": [41, 111], "pools": {"gpu": 8}, "price": "0.4 yuan/kWh", "carbon": "0.7 kg/kWh",
                        "pue": 1.1, "carbon_contract": "100 g/kWh"},
            },
            "trunks": [{"between": ["Near", "Far"], "capacity": "100 Gbit/s"}],
        },
        "devices": {"gpu": {"speed": 2, "power": "400 W", "price": "100000 yuan"},
                    "cpu": {"power": "300 W", "price": "50000 yuan"}},
        "clock": {"start": "2025-06-02 05:00", "horizon": "20 h", "warmup": "3 h", "bin": "30 min"},
        "seed": 3,
        "workload": {"classes": {
            "short": {"rate": "6 /h", "devices": 1, "work": {"exponential": {"mean": "2 h"}}, "value": "6 yuan/h"},
            "gang": {"rate": "1 /h", "devices": 4, "runs_on": {"gpu": 0.5}, "work": "3 h", "input": "1 GB",
                     "value": "10 yuan/h"},
        }},
        "policy": {"routing": "random"},
        "accounts": {"idle_power": "20 %", "lifetime": "4 yr", "interest": "6 %"},
    }  # fmt: skip
    return hn.Scenario(**(values | changes))


@pytest.fixture(scope="module")
def result():
    return hn.simulate(two_hubs(), records=True)


def spans(result):
    """The jobs that had devices, with the s that each had them in the window: from, until."""
    start, end = result.window
    jobs = result.jobs[result.jobs["devices"] > 0].dropna(subset=["start_s"])
    begun, done = jobs["start_s"].clip(lower=start), jobs["end_s"].fillna(end).clip(upper=end)
    return jobs.assign(begun=begun, done=done, span=(done - begun).clip(lower=0))


POWER, PUE, SPEED = {"gpu": 0.4, "cpu": 0.3}, {"Near": 1.3, "Far": 1.1}, {"gpu": 2, "cpu": 1}


def test_energy_is_that_of_the_jobs(result):
    """Busy: power x PUE x devices x time of every job; idle: 20% of that, of what 18 devices had left in 17 h."""
    jobs = spans(result)
    per_s = jobs["devices"] * jobs["span"] * jobs["pool"].map(POWER) * jobs["hub"].map(PUE) / HOUR
    table = result.accounts
    for (hub, pool, name), busy in per_s.groupby([jobs["hub"], jobs["pool"], jobs["class"]]).sum().items():
        row = table[(table["hub"] == hub) & (table["pool"] == pool) & (table["class"] == name)]
        assert row["energy_kwh"].sum() == pytest.approx(busy, rel=1e-9)
    summary = result.summary()
    for name, busy in per_s.groupby(jobs["class"]).sum().items():
        assert summary["classes"][name]["energy_kwh"]["value"] == pytest.approx(busy, rel=1e-9)
    idle = 0.0
    for hub, pool, count in (("Near", "gpu", 6), ("Near", "cpu", 4), ("Far", "gpu", 8)):
        mine = jobs[(jobs["hub"] == hub) & (jobs["pool"] == pool)]
        left = count * 17 * HOUR - (mine["devices"] * mine["span"]).sum()
        idle += 0.2 * left * POWER[pool] * PUE[hub] / HOUR
    assert summary["accounts"]["idle"]["energy_kwh"]["value"] == pytest.approx(idle, rel=1e-9)
    assert summary["energy_kwh"]["value"] == pytest.approx(per_s.sum() + idle, rel=1e-9)
    assert (jobs["end_s"].isna() | (jobs["start_s"] < 3 * HOUR)).sum() > 5  # the edges of the window are in play


def priced(jobs, weekday, mean, start):
    """kWh-weighted sum of an hourly profile over each job's span, walking from hour to hour."""
    factors, total = np.array(weekday) / np.mean(weekday), 0.0
    for _, job in jobs.iterrows():
        at = job["begun"]
        while at < job["done"] - 1e-9:
            clock = at + start
            hour = math.floor(clock / HOUR + 1e-9)
            until = min((hour + 1) * HOUR - start, job["done"])
            kwh = job["devices"] * (until - at) * POWER[job["pool"]] * PUE[job["hub"]] / HOUR
            total += kwh * mean * factors[hour % 24]
            at = until
    return total


def test_cost_and_carbon_follow_the_hours(result):
    """The busy time of a hub with profiles, job by job and hour by hour."""
    jobs, start = spans(result), 5 * HOUR
    near, far = jobs[jobs["hub"] == "Near"], jobs[jobs["hub"] == "Far"]
    busy = result.accounts[result.accounts["part"] == "class"].groupby("hub").sum(numeric_only=True)
    cost = priced(near, [0.5] * 8 + [1.5] * 8 + [1.0] * 8, 0.7, start)
    assert busy.loc["Near", "cost_yuan"] == pytest.approx(cost, rel=1e-9)
    carbon = priced(near, range(24), 0.5, start)
    assert busy.loc["Near", "carbon_kg"] == pytest.approx(carbon, rel=1e-9)
    assert busy.loc["Near", "carbon_contract_kg"] == pytest.approx(carbon, rel=1e-9)  # no contract: the grid's
    energy = (far["devices"] * far["span"]).sum() * 0.4 * 1.1 / HOUR
    assert busy.loc["Far", "cost_yuan"] == pytest.approx(0.4 * energy, rel=1e-9)
    assert busy.loc["Far", "carbon_kg"] == pytest.approx(0.7 * energy, rel=1e-9)
    assert busy.loc["Far", "carbon_contract_kg"] == pytest.approx(0.1 * energy, rel=1e-9)


def test_capital_and_value(result):
    """Capital: all devices for 17 h, busy or not. Value: what was done counts as work on the reference device, so a
    gang at half speed on devices of speed 2 is worth its device-hours."""
    summary, jobs = result.summary(), spans(result)
    annuity = 0.06 / (1 - 1.06**-4)
    capital = (14 * 100_000 + 4 * 50_000) * annuity * 17 * HOUR / YEAR
    assert summary["capital_yuan"]["value"] == pytest.approx(capital, rel=1e-12)
    assert result.accounts["capital_yuan"].sum() == pytest.approx(capital, rel=1e-12)
    hours = jobs["devices"] * jobs["span"] * jobs["pool"].map(SPEED) / HOUR
    short, gang = 6 * hours[jobs["class"] == "short"].sum(), 10 * 0.5 * hours[jobs["class"] == "gang"].sum()
    assert summary["classes"]["gang"]["value_yuan"]["value"] == pytest.approx(gang, rel=1e-9)
    assert summary["value_yuan"]["value"] == pytest.approx(short + gang, rel=1e-9)


def test_parts_hubs_and_classes_add_up(result):
    summary = result.summary()
    finished = summary["jobs"]["finished"]["value"]
    for name in ("energy_kwh", "cost_yuan", "carbon_kg", "carbon_contract_kg", "capital_yuan"):
        total = summary[name]["value"]
        assert math.fsum(hub[name]["value"] for hub in summary["accounts"]["by_hub"].values()) == pytest.approx(total)
        busy = math.fsum(one[name]["value"] for one in summary["classes"].values())
        assert busy + summary["accounts"]["idle"][name]["value"] == pytest.approx(total, rel=1e-9)
        assert summary["accounts"]["per_job"][name]["value"] == pytest.approx(total / finished)
    assert "per_eflop_hour" not in summary["accounts"]  # no TFLOPS are known
    assert "stopped" not in summary["accounts"]


def line(**nodes):
    graph = nx.Graph()
    for name, attributes in nodes.items():
        graph.add_node(name, **attributes)
    nx.add_path(graph, nodes, length_km=100.0, capacity_bit_s=1e11)
    return graph


def play(graph, jobs, pools, **options):
    return hn.simulate(network=graph, jobs=pd.DataFrame(jobs), pools=pools, gear="python", **options)


def test_both_carbon_modes_by_hand():
    """1 MW for an hour at A (PUE 1.2: 1.2 MWh), 2 MW for half an hour at B (PUE 1: 1 MWh); nothing is idle."""
    graph = line(A={"carbon": 0.5, "pue": 1.2, "price": 0.8}, B={"carbon": 0.7, "carbon_contract": 0.1, "price": 0.3})
    jobs = {
        "region": ["A", "A"],
        "submit_s": [0.0, 0.0],
        "devices": [1, 2],
        "work_s": [3600.0, 1800.0],
        "hub": ["A", "B"],
    }
    found = play(
        graph, jobs, {("A", "m"): 1, ("B", "m"): 2}, devices={"m": {"power": 1e6, "tflops_fp16": 500}}, horizon=1800
    )
    summary = found.summary()  # the half hour in which both run, but for the 0.5 ms that the request to B takes
    assert summary["energy_kwh"]["value"] == pytest.approx(600 + 1000, rel=1e-5)
    assert summary["cost_yuan"]["value"] == pytest.approx(0.8 * 600 + 0.3 * 1000, rel=1e-5)
    assert summary["carbon_kg"]["value"] == pytest.approx(0.5 * 600 + 0.7 * 1000, rel=1e-5)
    assert summary["carbon_contract_kg"]["value"] == pytest.approx(0.5 * 600 + 0.1 * 1000, rel=1e-5)
    per = summary["accounts"]["per_eflop_hour"]["energy_kwh"]["value"]
    assert per == pytest.approx(1600 / (3 * 500e-6 * 0.5), rel=1e-5)
    assert "capital_yuan" not in summary
    assert "value_yuan" not in summary


def test_hourly_prices_by_hand():
    """A job of 90 minutes from 00:30 on, in hours that cost 1, 3, 1, 3, ... yuan, on a device of 1 kW: 0.5 + 3 = 3.5
    yuan; the other 30 minutes of a run of 2 h are idle, at 30%: 0.3 x 0.5 x 1."""
    graph = line(A={"price": 2.0, "price_week": [1, 3] * 84}, B={})
    jobs = {"region": ["A"], "submit_s": [1800.0], "devices": [1], "work_s": [5400.0]}
    found = play(graph, jobs, {("A", "m"): 1}, devices={"m": {"power": 1000}}, horizon=7200, bin=1800).summary()
    assert found["cost_yuan"]["value"] == pytest.approx(3.5 + 0.15, rel=1e-12)
    assert found["accounts"]["idle"]["cost_yuan"]["value"] == pytest.approx(0.15, rel=1e-12)
    assert found["accounts"]["idle"]["energy_kwh"]["value"] == pytest.approx(0.15, rel=1e-12)


def test_the_integral_of_the_week_goes_on_over_its_end():
    factors = np.array([1.0, 3.0] * 84)
    sums = np.cumsum(factors) - factors
    at = np.array([0.0, 0.5, 1.5, 167.5, 168.0, 2 * 168 + 1.5]) * HOUR
    assert integral(factors, sums, at) == pytest.approx([0, 0.5, 2.5, 336 - 1.5, 336, 672 + 2.5])


def test_what_a_stopped_job_had_is_kept_apart():
    """A job of 1 h is killed after 600 s, its only device is away for 300 s, and it starts anew: 600 s are nobody's.
    The device is paid for all the time, and takes no power while it is away."""
    graph = line(A={"price": 1.0}, B={})
    jobs = {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [3600.0]}
    cut = {"at": 600.0, "lasting": 300.0, "outage": "A"}
    devices = {"m": {"power": 1000, "price": 8766 * 100}}
    found = play(graph, jobs, {("A", "m"): 1}, devices=devices, incidents=[cut], horizon=6000, bin=100)
    summary, table = found.summary(), found.accounts.set_index("part")
    assert table.loc["stopped", "energy_kwh"] == pytest.approx(600 / 3600)
    assert table.loc["class", "energy_kwh"] == pytest.approx(1)
    assert table.loc["idle", "energy_kwh"] == pytest.approx(0.3 * (6000 - 600 - 300 - 3600) / 3600)
    assert summary["accounts"]["stopped"]["cost_yuan"]["value"] == pytest.approx(1 / 6)
    annuity = 0.05 / (1 - 1.05**-5)
    assert summary["capital_yuan"]["value"] == pytest.approx(100 * annuity * 6000 / 3600)


@pytest.mark.parametrize(
    ("hub", "devices", "there", "not_there"),
    [
        ({"price": 1.0}, {}, (), ("energy_kwh", "cost_yuan", "carbon_kg", "capital_yuan", "accounts")),
        ({}, {"power": 100}, ("energy_kwh",), ("cost_yuan", "carbon_kg", "carbon_contract_kg", "capital_yuan")),
        ({"carbon": 0.5}, {"power": 100}, ("carbon_kg", "carbon_contract_kg"), ("cost_yuan",)),
        ({"carbon_contract": 0.5}, {"power": 100}, ("carbon_contract_kg",), ("carbon_kg",)),
        ({}, {"price": 100}, ("capital_yuan",), ("energy_kwh", "cost_yuan")),
    ],
)
def test_what_is_not_known_is_absent(hub, devices, there, not_there):
    jobs = {"region": ["A"], "submit_s": [0.0], "devices": [1], "work_s": [60.0]}
    found = play(line(A=hub, B={}), jobs, {("A", "m"): 1}, devices={"m": devices}).summary()
    assert set(there) <= set(found)
    assert not set(not_there) & (set(found) | set(found["classes"]["jobs"]))


@pytest.fixture(scope="module")
def mwh():
    """kg of CO2 per MWh of device energy in some hubs of China: by the grid, and by contracts; over a whole week."""
    hubs, week = ["Beijing", "Hohhot", "Shenzhen", "Guangzhou", "Zhongwei", "Xining"], 7 * 86400.0
    jobs = {"region": hubs[:1] * 6, "submit_s": [0.0] * 6, "devices": [100] * 6, "work_s": [week] * 6, "hub": hubs}
    network = hn.Network.from_nation(load_nation("china"))
    found = hn.simulate(network=network, jobs=pd.DataFrame(jobs), gear="python", horizon=week, bin=HOUR).accounts
    work = found[found["part"] == "class"].set_index("hub")
    energy = work["device_s"] * 310 / 3.6e9
    return work["carbon_kg"] / energy, work["carbon_contract_kg"] / energy


def test_moving_west_changes_sign_between_the_two_carbon_modes(mwh):
    """From Beijing to Hohhot, and from Guangdong to Zhongwei: more CO2 by the grid, less by contracts. From Beijing to
    Xining, where the grid is clean, less by both. Factor x PUE from hubs.csv."""
    grid, green = mwh
    for source, target in (("Beijing", "Hohhot"), ("Shenzhen", "Zhongwei"), ("Guangzhou", "Zhongwei")):
        assert grid[target] - grid[source] > 0 > green[target] - green[source]
    assert grid["Hohhot"] - grid["Beijing"] == pytest.approx(1000 * (1.15 * 0.6849 - 1.3 * 0.558), rel=1e-4)
    assert green["Hohhot"] - green["Beijing"] == pytest.approx(1000 * (1.15 * 0.1057 - 1.3 * 0.558), rel=1e-4)
    assert max(mode["Xining"] - mode["Beijing"] for mode in mwh) < 0


def test_the_annuity_pays_off_the_price():
    """The present value of the payments, each at the end of its year, is the price; without interest, equal parts."""
    terms = AccountTerms(lifetime=7 * YEAR, interest=0.08)
    assert math.fsum(terms.annuity / 1.08**year for year in range(1, 8)) == pytest.approx(1, rel=1e-12)
    assert terms.annuity == pytest.approx(0.08 * 1.08**7 / (1.08**7 - 1), rel=1e-12)
    assert AccountTerms(lifetime=4 * YEAR, interest=0.0).annuity == 0.25
    assert AccountTerms(lifetime=4 * YEAR, interest=1e-9).annuity == pytest.approx(0.25, rel=1e-6)


def test_the_scenario_goes_before_the_nation_and_the_nation_before_the_defaults():
    nation = {"idle_power_percent": "12", "lifetime_years": "3"}
    found = account_terms(AccountsSpec(lifetime="6 yr"), nation, {"a": 1.0})
    assert (found.idle_power, found.lifetime, found.interest) == (0.12, 6 * YEAR, 0.05)
    assert found.values == {"a": 1.0}
    terms = two_hubs().setup("as-built", find_router("random"), 0).accounts
    assert (terms.idle_power, terms.lifetime, terms.interest) == (0.2, 4 * YEAR, 0.06)
    assert terms.values == {"short": 6.0, "gang": 10.0}


def test_devices_from_a_nation_keep_what_the_scenario_does_not_say():
    devices = {
        "gpu": {"speed": 2},
        "cpu": {"power": "300 W"},
        "NVIDIA H20": {"from": "china", "price": "150000 yuan"},
        "Huawei Ascend 910B": {"from": "china", "power": "350 W"},
    }
    found = two_hubs(devices=devices).network().devices
    assert (found["NVIDIA H20"].price_yuan, found["NVIDIA H20"].power_w) == (150_000, 400)
    assert (found["Huawei Ascend 910B"].price_yuan, found["Huawei Ascend 910B"].power_w) == (175_000, 350)
    assert found["cpu"].price_yuan is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accounts": {"interest": "5 yr"}}, "accounts.interest"),
        ({"accounts": {"lifetime": "0 yr"}}, "accounts.lifetime"),
        ({"accounts": {"idle": "30 %"}}, "idle_power"),
        ({"devices": {"gpu": {"price": 200000}, "cpu": {}}}, "200000"),
    ],
)
def test_slips_are_told(changes, words):
    with pytest.raises(hn.ScenarioError, match=words):
        two_hubs(**changes)


def test_a_study_tells_its_accounts_and_what_they_rest_on():
    """The same devices in other places cost the same capital; the note says what idle power and interest were."""
    study = hn.study(
        two_hubs(allocations={"as-built": {}, "west": {"pools": {"Far": {"gpu": 14}, "Near": {"gpu": 0}}}})
    )
    found = study.summary()
    assert found["differences"]["west"]["capital_yuan"]["value"] == pytest.approx(0, abs=1e-6)
    assert found["differences"]["west"]["cost_yuan"]["value"] < 0
    titles = list(comparison(study, "").columns[0].cells)
    assert {"energy", "electricity", "capital of the devices", "CO2, by the grid", "CO2, by contracts"} <= set(titles)
    assert "capital per EFLOP-hour" not in titles
    (note,) = [note for note in study_notes(study) if note.startswith("energy")]
    assert "idle devices take 20 %" in note
    assert "4 years at 6.0 % a year" in note


def test_every_figure_of_china_is_listed_with_its_confidence():
    nation = load_nation("china")
    lines = figure_lines(nation)
    priced = [row for row in (*nation.devices, *nation.accelerators) if row.price_yuan is not None]
    assert len(priced) > 12
    assert all(row.price_basis and row.confidence_price != "unstated" for row in priced)
    assert all(any(line.startswith(f"price of {row.device}: ") for line in lines) for row in priced)
    assert sum("estimate" in line for line in lines) >= len(lines) - 2  # all but two prices
    for hub in nation.hubs:
        green, contract = hub.green_power_percent, hub.carbon_contract_kg_per_kwh
        assert (green is None) == (contract is None)
        if green is not None:
            assert contract == pytest.approx(hub.carbon_kg_per_kwh * (1 - green / 100), abs=2e-4)
            assert hub.confidence_contract == "derived"
