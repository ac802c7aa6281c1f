"""The same demand in two nations, so small that equal EFLOPS, energy, cost and CO2 can be reckoned by hand.

Here: a reference device of 100 TFLOPS and 400 W, 20 of them (2,000 TFLOPS). There: one of 200 TFLOPS and 500 W, 30 of
them; equal EFLOPS leaves 10. Four jobs of 10 devices and 1 h on a device of here: 40 device-hours here, 20 there. In
10 h, with idle devices at 30 % of the power:

    here   (40 + 0.3 x 160) x 0.4 kW = 35.2 kWh, x 1.2 = 42.24 kWh, at 0.5 yuan and 0.6 kg
    there  (20 + 0.3 x  80) x 0.5 kW = 22   kWh, x 1.5 = 33    kWh, at 1   yuan and 0.3 kg
"""

import html
import json

import matplotlib.image
import pandas as pd
import pytest

import hubnet as hn
from hubnet.study.nations import FACTORS, ratios

HERE = {
    "nation": "key,value,source,confidence\nreference_tflops,100,,\n",
    "cities": "city,lat,lon\nOne,30,110\nTwo,31,111\n",
    "regions": "city,weight\nOne,1\n",
    "hubs": "city,pue,price_yuan_per_kwh,carbon_kg_per_kwh\nTwo,1.2,0.5,0.6\n",
    "devices": "device,speed,tflops_fp16,power_w\nsmall,1,100,400\n",
    "pools": "hub,device,count\nTwo,small,20\n",
    "trunks": "a,b,capacity_gbit_s,name\nOne,Two,100,One-Two\n",
    "classes": "class,share,devices,median_s,sigma,input_gb,output_gb,regions\n"
    "train,75,2:0.5 4:0.5,3600,0.5,0,0,\nlook,25,1:1.0,60,0.1,0,0,One:1\n",
}
THERE = HERE | {
    "nation": "key,value,source,confidence\nreference_tflops,200,,\nlocal_currency,crown,,\n"
    "yuan_per_local_currency,4,a bank,estimate\n",
    "cities": "city,lat,lon\nUno,50,10\nDue,51,11\nTre,52,12\n",
    "regions": "city,weight\nUno,1\nTre,3\n",
    "hubs": "city,pue,price_yuan_per_kwh,carbon_kg_per_kwh\nDue,1.5,1.0,0.3\n",
    "devices": "device,speed,tflops_fp16,power_w\nlarge,1,200,500\n",
    "pools": "hub,device,count\nDue,large,30\n",
    "trunks": "a,b,capacity_gbit_s,name\nUno,Due,100,Uno-Due\nDue,Tre,100,\n",
    "classes": HERE["classes"].replace("One:1", "Tre:1"),
}
JOBS = "at,n,s\n0,10,3600\n3600,10,3600\n7200,10,3600\n10800,10,3600\n"
HEAD = "hubnet: 1\nname: Pair\nnations: [here, there]\nequalise: eflops\nclock: {horizon: 10 h, initial: empty}\n"
TRACE = "workload: {trace: jobs.csv, map: {submit: {column: at, unit: s}, devices: n, work: {column: s, unit: s}}}\n"
CLASSES = "workload: {classes: here, load: 50 %}\n"


@pytest.fixture
def place(tmp_path):
    for name, tables in (("here", HERE), ("there", THERE)):
        (tmp_path / name).mkdir()
        for stem, text in tables.items():
            (tmp_path / name / f"{stem}.csv").write_text(text)
    (tmp_path / "jobs.csv").write_text(JOBS)
    return tmp_path


def scenario(place, text, overrides=()):
    (place / "pair.yaml").write_text(text)
    return hn.load(place / "pair.yaml", overrides)


def problem(place, text, overrides=()):
    with pytest.raises(hn.InputError) as caught:
        scenario(place, text, overrides)
    return str(caught.value)


def test_equal_eflops_energy_cost_and_carbon_by_hand(place):
    pair = scenario(place, HEAD + TRACE)
    there = pair.in_nation("there")
    assert there.allocation("as-built").pools == {("Due", "large"): 10}
    assert there.network().devices["large"].speed == 2  # over the reference device of here, whose jobs these are
    found = hn.nations(pair, gear="python")
    assert list(found.results) == ["here", "there"]
    table = found.nations.set_index("run")
    by_hand = {
        "energy_kwh": (42.24, 33.0),
        "cost_yuan": (21.12, 33.0),
        "carbon_kg": (25.344, 9.9),
        "utilization": (0.2, 0.2),
        "work_eflop_h": (0.004, 0.004),
        "kwh_per_eflop_h": (8800.0, 5500.0),
        "pue": (1.2, 1.5),
        "yuan_per_kwh": (0.5, 1.0),
        "kg_per_kwh": (0.6, 0.3),
        "yuan_per_eflop_h": (5280.0, 8250.0),
        "cost_local": (21.12, 8.25),
    }
    for column, values in by_hand.items():
        assert tuple(table[column]) == pytest.approx(values), column
    assert tuple(table["currency"]) == ("", "crown")


def test_costs_differ_by_the_product_of_their_factors(place):
    table = hn.nations(scenario(place, HEAD + TRACE), gear="python").nations
    cost = ratios(table, "yuan_per_eflop_h").iloc[1]
    assert cost["yuan_per_eflop_h"] == pytest.approx(1.5625)
    assert [cost[factor] for factor in FACTORS["yuan_per_eflop_h"]] == pytest.approx([0.625, 1.25, 2.0])
    for of, factors in FACTORS.items():
        assert ratios(table, of)[list(factors)].prod(axis=1).tolist() == pytest.approx(ratios(table, of)[of].tolist())


@pytest.mark.parametrize("equalise", ["eflops", "devices", "none"])
def test_the_demand_is_the_same_in_both(place, equalise):
    """As many jobs per second of each class, whatever there is to run them; each is born where its nation says."""
    pair = scenario(place, HEAD + CLASSES, [f"equalise={equalise}"])
    here, there = (pair.in_nation(name) for name in pair.nations)
    mixes = [{klass.name: klass for klass in one.mix().classes} for one in (here, there)]
    assert {name: one.rate for name, one in mixes[0].items()} == {name: one.rate for name, one in mixes[1].items()}
    asked = sum(one.rate * one.device_seconds for one in mixes[1].values())
    assert asked == pytest.approx(0.5 * 20)  # half of the devices of here
    assert set(mixes[0]["look"].regions) == {"One"}
    assert set(mixes[1]["look"].regions) == {"Tre"}
    assert set(mixes[1]["train"].regions) == {"Uno", "Tre"}
    assert there.capacity("as-built") == {"eflops": 20, "devices": 40, "none": 60}[equalise]


def test_one_nation_of_a_study_is_what_it_is_alone(place):
    pair = scenario(place, HEAD + CLASSES)
    study = hn.study(pair, gear="python")
    chosen = hn.study(scenario(place, HEAD + CLASSES, ["nation=there"]), gear="python")
    assert list(chosen.results) == ["as-built"]
    assert chosen.results["as-built"][0].measures == study.results["there"][0].measures
    first = hn.simulate(pair, gear="python")
    assert first.measures == study.results["here"][0].measures


def test_a_sweep_varies_the_nation_and_takes_no_study_of_several(place):
    pair = scenario(place, HEAD + CLASSES)
    table = hn.sweep(pair, {"nation": ["here", "there"]})
    study = hn.study(pair)
    for name in pair.nations:
        mine = table[(table["nation"] == name) & (table["measure"] == "energy_kwh")]["value"].item()
        assert mine == study.results[name][0].measures["energy_kwh",].value
    for refused in (lambda: hn.sweep(pair, {"workload.load": ["40 %"]}), lambda: hn.resilience(pair)):
        with pytest.raises(hn.InputError, match="several nations"):
            refused()


def test_allocations_and_policies_are_told_in_the_names_of_runs(place):
    text = HEAD + CLASSES + "allocations: {as-built: {}, half: {scale: 0.5}}\n"
    found = hn.nations(scenario(place, text), policies=["nearest", "random"], gear="python")
    assert list(found.results)[:2] == ["here, as-built, nearest", "here, as-built, random"]
    assert list(found.results)[-1] == "there, half, random"
    assert list(found.nations["nation"]) == ["here"] * 4 + ["there"] * 4


def test_the_command_writes_a_folder_that_says_it_all(place, hubnet, tmp_path):
    scenario(place, HEAD + CLASSES)
    out = tmp_path / "out"
    done = hubnet("run", place / "pair.yaml", "--replications", "2", "--quiet", "-o", out)
    assert done.exit_code == 0, done.output
    words = " ".join(done.output.split())
    assert "there against here: electricity per EFLOP-hour" in words
    assert "there: crown became yuan at 4 (estimate: a bank)" in words
    assert "equalised: there x 0.3333" in words
    summary = json.loads((out / "summary.json").read_text())
    assert list(summary["allocations"]) == ["here", "there"]
    assert "ci95" in summary["differences"]["there"]["cost_yuan"]
    assert matplotlib.image.imread(out / "charts" / "nations.png").std() > 0.05
    again = hn.open(out)
    pd.testing.assert_frame_equal(again.nations, hn.nations(place / "pair.yaml", replications=2).nations)
    assert hubnet("report", out).exit_code == 0


def test_check_tells_of_every_nation(place, hubnet):
    scenario(place, HEAD + CLASSES)
    done = hubnet("check", place / "pair.yaml")
    assert done.exit_code == 0, done.output
    assert "in here" in done.output
    assert "in there" in done.output
    loose = hubnet("check", place / "pair.yaml", "--set", "equalise=none")
    assert "there computes as much as 60 reference devices, here as 20" in " ".join(loose.output.split())


CUT = "incidents:\n  - {at: 1 h, cut: One-Two}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + CLASSES + CUT, ["pair.yaml:8:20", "One-Two", 'in the nation "there"', "network: here"]),
        (HEAD + CLASSES + "network: here\n", ["`network` and `nations` are given"]),
        (HEAD.replace(", there", "") + CLASSES, ["one nation alone", "network: here"]),
        (HEAD.replace("there", "here") + CLASSES, ['"here" is there twice']),
        (HEAD.replace("there]", "ther]") + CLASSES, ["pair.yaml:3:17", '"ther"']),
        (HEAD + CLASSES + "nation: ther\n", ['"ther" is not one of `nations`', 'did you mean "there"']),
        (HEAD + CLASSES + "years: 2025..2027\n", ["by year or by nation"]),
        (HEAD.replace("nations: [here, there]\n", "") + CLASSES, ['the key "network" is missing']),
        (HEAD.replace("nations: [here, there]\n", "network: here\nnation: here\n") + CLASSES, ["there are none"]),
        (HEAD + CLASSES + "allocations: {a: {pools: {Two: {small: 3}}}}\n", ['"Two"', 'in the nation "there"']),
        (HEAD + CLASSES + "allocations: {a: {pools: {Nowhere: {small: 3}}}}\n", ['unknown hub "Nowhere"']),
    ],
)
def test_what_cannot_be_is_refused(place, text, words):
    said = problem(place, text)
    for word in words:
        assert word in said, said


def test_what_is_wrong_in_all_nations_is_said_once(place):
    said = problem(place, HEAD + CLASSES + "allocations: {a: {pools: {Nowhere: {}}}}\n")
    assert said.count("unknown hub") == 1


def test_reference_devices_that_do_not_compare_are_refused(place):
    (place / "there" / "nation.csv").write_text("key,value\n")
    (place / "there" / "devices.csv").write_text("device,speed,tflops_fp16,power_w\nlarge,2,200,500\n")
    assert 'the reference device of "there" has no TFLOPS' in problem(place, HEAD + CLASSES)


def test_a_scenario_of_one_network_has_no_nations_to_compare(place):
    alone = scenario(place, HEAD + CLASSES, ["nation=here"])
    for given in (alone, scenario(place, HEAD.replace("nations: [here, there]", "network: here") + CLASSES)):
        assert given.nations == ()
        with pytest.raises(hn.InputError, match="no `nations`"):
            hn.nations(given)
    with pytest.raises(hn.InputError, match="unknown nation"):
        alone.in_nation("elsewhere")


def test_the_report_tells_of_each_nation_and_why_they_differ(place, hubnet, tmp_path):
    (place / "pair.yaml").write_text(HEAD + TRACE)
    hubnet("run", place / "pair.yaml", "--gear", "python", "-o", tmp_path / "out")
    hubnet("report", tmp_path / "out")
    page = html.unescape((tmp_path / "out" / "report.html").read_text())
    for words in (
        "here: 1 region sends jobs to 1 hub with 20 devices in all, over 1 trunk: 4 jobs of 1 class.",
        "there: 2 regions send jobs to 1 hub with 10 devices in all, over 2 trunks: 4 jobs of 1 class.",
        "the same demand, as many jobs per second of each class, at places of its own",
        "electricity per EFLOP-hour x 1.562 = 0.625",
        "there: crown became yuan at 4 (estimate: a bank)",
        "PUE where the work went",
    ):
        assert words in page, words
    assert "with the same jobs" not in page
    assert "The tables of there are not here" in page
