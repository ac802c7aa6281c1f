"""A small world that grows: two regions, a hub in the east and one in the west, a day of jobs."""

import hubnet as hn

GPU = "gpu"


def world(pools, devices, workload, trunk="10 Gbit/s", **more):
    """Two regions, a hub in the east and one in the west, a day."""
    return hn.Scenario(
        name="world",
        network={
            "regions": {"Coast": {"at": [30, 120], "weight": 3}, "Inland": {"at": [31, 110]}},
            "hubs": {
                "E": {"at": [30, 119], "area": "east", "pools": pools["E"]},
                "W": {"at": [36, 105], "area": "west", "pools": pools["W"]},
            },
            "trunks": [
                {"between": ["Coast", "E"], "capacity": trunk},
                {"between": ["E", "Inland"], "capacity": "10 Gbit/s"},
                {"between": ["Inland", "W"], "capacity": "10 Gbit/s"},
            ],
        },
        devices=devices,
        clock={"horizon": "1 d", "initial": "stationary"},
        workload=workload,
        **more,
    )


TRAIN = {"devices": {"choice": {1: 0.6, 2: 0.4}}, "work": {"lognormal": {"median": "2 h", "sigma": 1, "cap": "8 h"}}}
RENDER = {"work": {"exponential": {"mean": "1 h"}}, "input": "2 GB/h", "deadline_slack": "2 h"}
GROWTH = {
    "demand": "30 %/yr",
    "capacity": {"east": "10 %/yr", "W": "30 %/yr"},
    "device_speed": {GPU: "15 %/yr"},
    "trunks": {"Coast-E": "10 %/yr"},
    "classes": {"render": {"demand": "50 %/yr", "work": "-20 %/yr"}},
}


def growing(**more):
    classes = {"train": TRAIN | {"share": 1}, "render": RENDER | {"rate": "6 /h"}}
    pools = {"E": {GPU: 10}, "W": {GPU: 10}}
    return world(pools, {GPU: {"speed": 2}}, {"classes": classes, "load": "60 %"}, years="2025..2030", **more)
