"""Doubts: queues that grow, runs that have not settled, and silence where nothing is wrong."""

import re

import hubnet as hn


def scenario(rate, pools=None, horizon="2000 s", warmup="200 s", clock=None, **more):
    return hn.Scenario(
        name="one hub",
        network={
            "regions": {"R": {"at": [0, 0]}},
            "hubs": {"R": {"at": [0, 0], "pools": pools or {"cpu": 10}}},
            "trunks": [],
        },
        clock={"horizon": horizon, "warmup": warmup},
        workload={"classes": {"jobs": {"rate": f"{rate} /s", "devices": 1, "work": {"exponential": {"mean": "1 s"}}}}},
        **more,
    )


def doubts(made, **options):
    return hn.study(made, gear="compiled", **options).doubts()


def test_a_queue_that_grows_is_told_with_its_numbers():
    found = doubts(scenario(15))
    growth = next(text for text in found if "grows" in text)
    # 15 jobs/s come and 10 leave: the queue is 5 t; means of the thirds of [200, 2000) are 2,500 and 8,500
    first, last = (int(count.replace(",", "")) for count in re.findall("([0-9,]+) (?:to|waiting)", growth))
    assert abs(first - 2500) < 400
    assert abs(last - 8500) < 800
    assert growth.startswith("as-built: the queue of R/cpu grows from ")
    assert "100 % of its devices busy" in growth
    assert "asked for about 150 % of the device-seconds that it has, so it is unstable" in growth


def test_a_run_that_has_settled_is_left_alone():
    assert doubts(scenario(5, horizon="6000 s")) == []


def test_busy_devices_that_still_rise_are_told():
    made = hn.Scenario(
        name="slow",
        network={"regions": {"R": {"at": [0, 0]}}, "hubs": {"R": {"at": [0, 0], "pools": {"cpu": 1000}}}, "trunks": []},
        clock={"horizon": "2000 s", "warmup": "200 s"},
        workload={"classes": {"jobs": {"rate": "0.5 /s", "devices": 1, "work": "1500 s"}}},
    )
    found = doubts(made)
    # busy rises as 0.5 t until 1,500 s: 25 % in the mean of [200, 800), 75 % in that of [1400, 2000), give or take the
    # 16 jobs that 250 Poisson arrivals vary by
    first, last = (int(share) for share in re.findall("busy devices go from ([0-9]+) % to ([0-9]+) %", found[0])[0])
    assert abs(first - 25) <= 5
    assert abs(last - 75) <= 8
    assert any("MSER-5" in text for text in found)


def test_what_holds_for_several_runs_is_said_once():
    made = scenario(15, allocations={"as-built": {}, "same": {}})
    found = doubts(made)
    assert sum("grows" in text for text in found) == 1
    assert found[0].startswith("as-built; same: the queue of R/cpu grows")


def test_a_warm_up_that_is_too_short_is_told():
    made = hn.Scenario(
        name="slow",
        network={"regions": {"R": {"at": [0, 0]}}, "hubs": {"R": {"at": [0, 0], "pools": {"cpu": 1000}}}, "trunks": []},
        clock={"horizon": "60000 s", "warmup": "0 s"},
        workload={"classes": {"jobs": {"rate": "0.5 /s", "devices": 1, "work": {"exponential": {"mean": "1500 s"}}}}},
    )
    assert any("the run settles after about" in text for text in doubts(made))


def test_after_incidents_nothing_has_to_settle():
    made = scenario(5, incidents=[{"at": "1500 s", "lasting": "400 s", "outage": "R", "to": "70 %"}])
    assert doubts(made) == []


def test_a_run_that_finishes_fewer_jobs_is_not_trusted_with_their_mean():
    made = scenario(9, allocations={"as-built": {}, "less": {"pools": {"R": {"cpu": 5}}}})
    found = doubts(made)
    # 5 of the 9 jobs that come each second can be served
    told = next(text for text in found if "of its jobs finished" in text)
    share = int(re.findall("less: ([0-9]+) % of its jobs finished", told)[0])
    assert abs(share - 100 * 5 / 9) < 6
    assert "as-built" not in told


def test_a_run_of_few_bins_is_not_judged_by_them():
    assert doubts(scenario(5, horizon="6000 s", clock={"bin": "300 s"})) == []
