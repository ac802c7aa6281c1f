"""Folders of tables: what is read from a good one, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubnet.errors import NationError
from hubnet.network.nation import load_nation
from hubnet.network.network import Device, Network

GOOD = {
    "cities": "city,lat,lon,area\nNorth,65.58,22.15,up\nSouth,59.33,18.07,down\nMiddle,62.39,17.31,down\n",
    "regions": "city,weight\nSouth,3\nNorth,1\n",
    "hubs": "city,pue,price_yuan_per_kwh\nNorth,1.1,0.35\nMiddle,,\n",
    "devices": "device,speed,power_w\ncpu,1,400\ngpu,20,700\n",
    "pools": "hub,device,count\nNorth,cpu,12\nMiddle,gpu,16\n",
    "trunks": 'a,b,capacity_gbit_s,length_km,name\nNorth,Middle,400,700,\nMiddle,South,100,,"M, S"\n',
}


def folder(tmp_path: Path, **changes: str | None) -> Path:
    """A folder of the good tables, some of them changed or, with None, left out."""
    for stem, text in {**GOOD, **changes}.items():
        if text is not None:
            (tmp_path / f"{stem}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def problems(path: Path) -> list[str]:
    with pytest.raises(NationError) as caught:
        load_nation(path)
    return [str(problem).replace(f"{path}/", "") for problem in caught.value.problems]


def test_the_least_that_a_nation_needs(tmp_path: Path) -> None:
    nation = load_nation(folder(tmp_path))
    assert nation.name == nation.title == tmp_path.name
    assert [row.city for row in nation.regions] == ["South", "North"]
    assert nation.hubs[1].pue == 1
    assert nation.hubs[1].price_yuan_per_kwh is None
    assert nation.trunks[1].name == "M, S"
    assert nation.wave_bit_s is None
    assert nation.classes == ()
    assert nation.cities[0].confidence == "unstated"
    n = Network.from_nation(nation)
    assert n.path("South", "North") == ["South", "Middle", "North"]
    assert n.trunk_names == ("North-Middle", "M, S")
    assert n.devices["gpu"].power_w == 700
    assert n.graph.nodes["South"]["weight"] == 3
    assert n.graph.edges["Middle", "South"]["length_km"] == pytest.approx(1.5 * 342.8, rel=0.01)


def test_a_relative_folder_is_looked_for_where_the_scenario_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    folder(tmp_path / "mine")
    assert load_nation("mine", base=tmp_path).name == "mine"


def test_scalars_of_the_nation(tmp_path: Path) -> None:
    text = "key,value\ntitle,The North\ndefault_wave_gbit_s,400\nwave_use_percent,50\nroute_ratio,1.8\n"
    nation = load_nation(folder(tmp_path, nation=text))
    assert (nation.title, nation.wave_bit_s, nation.route_ratio) == ("The North", 200e9, 1.8)


def test_devices_of_the_scenario_are_added(tmp_path: Path) -> None:
    n = Network.from_nation(load_nation(folder(tmp_path)), devices={"npu": {"speed": 7}})
    assert list(n.devices) == ["cpu", "gpu", "npu"]


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "cities.csv").write_bytes(b"\xef\xbb\xbf" + GOOD["cities"].replace("\n", "\r\n").encode())
    assert len(load_nation(tmp_path).cities) == 3


def test_a_city_without_a_trunk_is_only_noted(tmp_path: Path) -> None:
    nation = load_nation(folder(tmp_path, cities=GOOD["cities"] + "Island,57.5,18.5,down\n"))
    assert nation.notes == ("no trunk joins Island to the rest",)


def test_a_column_that_nobody_reads_is_only_noted(tmp_path: Path) -> None:
    nation = load_nation(folder(tmp_path, regions="city,weight,colour\nSouth,3,red\n"))
    assert [note.replace(f"{tmp_path}/", "") for note in nation.notes] == [
        'regions.csv: the column "colour" is not used'
    ]
    assert nation.tables["regions"][0]["colour"] == "red"


def test_classes(tmp_path: Path) -> None:
    text = (
        "class,share,devices,median_s,sigma,cap_s,input_gb,deadline_slack_h,tolerance_one_way_ms,regions\n"
        "train,60,4:0.7 8:0.3,7200,1.5,,2000,24,,North:1\n"
    )
    (train,) = load_nation(folder(tmp_path, classes=text)).classes
    assert (train.name, train.devices, train.regions) == ("train", ((4, 0.7), (8, 0.3)), (("North", 1.0),))
    assert (train.input_gb, train.deadline_slack_h, train.tolerance_one_way_ms) == (2000, 24, None)
    assert (train.cap_s, train.output_gb, train.default_mix, train.online) == (None, 0, True, False)


def test_a_nation_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NationError, match='no nation or folder is named "nowhere"'):
        load_nation("nowhere", base=tmp_path)


@pytest.mark.parametrize(
    "table, text, message",
    [
        ("pools", None, "the table pools.csv is missing"),
        ("cities", "", "cities.csv: the table is empty"),
        ("cities", "city,lat\nNorth,65\n", 'cities.csv:1: the column "lon" is missing'),
        ("cities", "city,lat,lat,lon\nNorth,65,65,22\n", 'cities.csv:1: the column "lat" is there twice'),
        ("hubs", "city,pue,prize_yuan_per_kwh\nNorth,1.1,1\nMiddle,1,1\n", 'did you mean "price_yuan_per_kwh"?'),
        ("cities", GOOD["cities"] + "West,12,\n", "cities.csv:5:1: the row has 3 cells, the header 4"),
        ("cities", GOOD["cities"] + "West,twelve,1,\n", 'cities.csv:5:6: lat "twelve" is not a number'),
        ("cities", GOOD["cities"] + "West,12,,\n", "cities.csv:5:9: lon is empty; it must be a number"),
        ("cities", GOOD["cities"] + "West,nan,1,\n", 'cities.csv:5:6: lat "nan" is not a finite number'),
        ("cities", GOOD["cities"] + "West,95,1,\n", "it must be -90 or more and at most 90"),
        ("cities", GOOD["cities"] + ",5,1,\n", "cities.csv:5:1: city is empty"),
        ("cities", GOOD["cities"] + "South,5,1,\n", '"South" is there twice; it also stands on line 3'),
        ("cities", 'city,lat,lon\n"North', "cities.csv: this is not a CSV table"),
        ("hubs", "city,pue\nNorth,0.9\nMiddle,1\n", "it must be 1 or more"),
        ("hubs", "city,area\nNorth,down\nMiddle,\n", 'area "down" is not that of its city, "up"'),
        ("hubs", "city,price_yuan_per_kwh\nNorth,-1\nMiddle,\n", "leave the cell empty if it is not known"),
        ("regions", "city,weight\nSuoth,1\n", 'regions.csv:2:1: city "Suoth" is not among the cities'),
        ("regions", "city,weight\nSuoth,1\n", 'hint: did you mean "South"?'),
        ("regions", "city,weight\nSouth,0\n", "no region has a weight above 0"),
        ("regions", "city,weight\nSouth,inf\n", 'weight "inf" is not a finite number'),
        ("pools", "hub,device,count\nSouth,cpu,1\n", 'hub "South" is not among the hubs'),
        ("pools", "hub,device,count\nNorth,tpu,1\n", 'device "tpu" is not among the devices'),
        ("pools", "hub,device,count\nNorth,cpu,1.5\n", 'count "1.5" is not a whole number'),
        ("pools", "hub,device,count\nNorth,cpu,-1\n", "it must be 0 or more"),
        ("pools", "hub,device,count\nNorth,cpu,1\nNorth,cpu,2\n", '"cpu at North" is there twice'),
        ("trunks", "a,b,capacity_gbit_s\nNorth,Est,1\n", 'trunks.csv:2:7: b "Est" is not among the cities'),
        ("trunks", "a,b,capacity_gbit_s\nNorth,North,1\n", 'the trunk joins "North" with itself'),
        ("trunks", "a,b,capacity_gbit_s\nNorth,South,0\n", "it must be more than 0"),
        ("trunks", "a,b,capacity_gbit_s,cables\nNorth,South,1,0\n", "it must be 1 or more"),
        ("devices", "device,speed\ncpu,0\ngpu,1\n", "it must be more than 0"),
        ("devices", "device,confidence\ncpu,sure\ngpu,sourced\n", 'confidence "sure" is not sourced, derived or'),
        ("nation", "key,value\nwave_use_percent,120\n", "must be a number above 0, 100 at most"),
        ("nation", "key,value\nroute_ratio,long\n", "must be a number"),
        ("classes", "class,share,devices,median_s,sigma\nx,10,1:0.5,9,1\n", "weights that add up to 0.5, not to 1"),
        ("classes", "class,share,devices,median_s,sigma\nx,10,one:1,9,1\n", 'has the part "one:1"'),
        ("classes", "class,share,devices,median_s,sigma\nx,10,1:1 8,9,1\n", 'has the part "8"'),
        ("classes", "class,share,devices,median_s,sigma\nx,10,8 1:1,9,1\n", 'has the part "8 1:1"'),
        ("classes", "class,share,devices,median_s,sigma,online\nx,10,1:1,9,1,maybe\n", "is neither yes nor no"),
        (
            "classes",
            "class,share,devices,median_s,sigma,regions\nx,10,1:1,9,1,Middle:1\n",
            'regions "Middle" is not among the regions',
        ),
    ],
)
def test_one_mistake(tmp_path: Path, table: str, text: str | None, message: str) -> None:
    found = problems(folder(tmp_path, **{table: text}))
    assert message in "\n".join(found)


CATALOGUE = """device,kind,tflops_fp16,memory_gb,power_w,export_restricted
Fast,gpu,800,80,700,yes
Slow,npu,80,32,300,no (maker listed)
Licensed,gpu,160,96,400,licence
Dark,npu,,96,400,no
gpu,gpu,1,1,1,yes
"""


def test_a_catalogue_adds_types_of_devices(tmp_path: Path) -> None:
    """Speed is TFLOPS over those of the reference device, 160; a type of devices.csv goes before the catalogue's."""
    nation = load_nation(folder(tmp_path, accelerators=CATALOGUE, nation="key,value\nreference_tflops,160\n"))
    n = Network.from_nation(nation, devices={"Slow": {"speed": 0.7}})
    assert list(n.devices) == ["cpu", "gpu", "Fast", "Slow", "Licensed"]
    assert [n.devices[name].speed for name in n.devices] == [1, 20, 5, 0.7, 1]
    assert [n.devices[name].restricted for name in n.devices] == [False, False, True, False, True]
    assert n.devices["Fast"] == Device("Fast", 5.0, 700, 800, 80, "gpu", True)
    assert (n.devices["Slow"].kind, n.devices["Slow"].power_w) == ("npu", None)
    assert "Dark" in nation.catalogue


def test_the_reference_may_be_a_device_of_speed_1(tmp_path: Path) -> None:
    devices = "device,speed,tflops_fp16\ncpu,2,3\ngpu,1,40\n"
    nation = load_nation(folder(tmp_path, accelerators=CATALOGUE, devices=devices))
    assert nation.reference_tflops == 40
    assert Network.from_nation(nation).devices["Fast"].speed == 20


def test_a_catalogue_without_a_reference_has_no_speeds(tmp_path: Path) -> None:
    nation = load_nation(folder(tmp_path, accelerators=CATALOGUE))
    assert list(Network.from_nation(nation).devices) == ["cpu", "gpu"]


def test_pools_may_hold_types_of_the_catalogue(tmp_path: Path) -> None:
    pools = "hub,device,count\nNorth,Fast,3\nNorth,gpu,2\n"
    scalars = "key,value\nreference_tflops,160\n"
    n = Network.from_nation(load_nation(folder(tmp_path, accelerators=CATALOGUE, nation=scalars, pools=pools)))
    assert n.pools == {("North", "Fast"): 3, ("North", "gpu"): 2}
    pools = "hub,device,count\nNorth,Dark,3\n"
    (found,) = problems(folder(tmp_path, accelerators=CATALOGUE, nation=scalars, pools=pools))
    assert (
        'device "Dark" has no speed: accelerators.csv gives no TFLOPS for it, or there is no reference_tflops' in found
    )


CLASSES = "class,share,devices,median_s,sigma,online\nx,10,1:1,9,1,no\ny,10,1:1,9,1,yes\nz,0,0:1,0,0,no\n"


@pytest.mark.parametrize(
    "rows, message",
    [
        ("much x,x,5\nmuch x,u,5\n", 'mixes.csv:3:8: class "u" is not among the classes'),
        ("much x,x,5\nmuch x,x,6\n", '"x in the mix much x" is there twice; it also stands on line 2'),
        ("much x,y,5\n", 'class "y" is online: the reserve serves it, so it cannot have a share'),
        ("much x,z,5\n", 'class "z" asks for no device time, so it cannot have a share'),
        ("default,x,5\n", 'mixes.csv:2:1: the mix "default" is that of classes.csv'),
        ("much x,x,0\n", "it must be more than 0"),
    ],
)
def test_mistakes_in_mixes(tmp_path: Path, rows: str, message: str) -> None:
    (found,) = problems(folder(tmp_path, classes=CLASSES, mixes=f"mix,class,share\n{rows}"))
    assert message in found


def test_the_culprit_is_shown(tmp_path: Path) -> None:
    """File, line and column; the line of the file; a mark under the cell, quoted cells before it included."""
    (found,) = problems(folder(tmp_path, trunks='name,a,b,capacity_gbit_s\n"M, S",Middle,South,-5\n'))
    assert found.splitlines() == [
        'trunks.csv:2:21: capacity_gbit_s "-5" is out of range; it must be more than 0',
        '     2 | "M, S",Middle,South,-5',
        "       |                     ^",
    ]


def test_all_mistakes_of_all_tables_are_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        folder(
            tmp_path,
            cities="city,lat,lon\nNorth,north,22\nSouth,59,181\nMiddle,62,17\n",
            regions="city,weight\nSuoth,-1\nNorth,1\n",
            hubs="city,pue\nNorth,x\nMiddle,1\n",
            devices=None,
            pools="hub,device,count\nSouth,cpu,many\n",
            trunks="a,b,capacity\nNorth,Middle,400\n",
        )
    )
    parts = ["lat", "lon", "weight", "Suoth", "pue", "devices.csv is missing", "count", "hubs", "capacity_gbit_s"]
    for part in parts:
        assert any(part in text for text in found), part
    assert len(found) == 10


def test_the_built_in_nations_are_not_shadowed_by_folders(tmp_path: Path) -> None:
    from hubnet.network.nation import builtin_nations

    for name in builtin_nations():
        (tmp_path / name).mkdir()
        assert load_nation(name, base=tmp_path).folder != tmp_path / name


def test_names_in_weights_may_have_spaces(tmp_path: Path) -> None:
    """A region is a city, and cities are called Los Angeles or St. Louis."""
    table = "class,share,devices,median_s,sigma,regions\nx,10,1:0.5  2:0.5,9,1,The South:0.7 St. N:0.3\n"
    renamed = {stem: GOOD[stem].replace("North", "St. N").replace("South", "The South") for stem in GOOD}
    (kind,) = load_nation(folder(tmp_path, **renamed, classes=table)).classes
    assert kind.regions == (("The South", 0.7), ("St. N", 0.3))
    assert kind.devices == ((1, 0.5), (2, 0.5))
