"""One job's story: its stages are those of its record, and the pools are those that the policy saw."""

import json

import pytest
from typer.testing import CliRunner

import hubnet as hn
from hubnet.cli import app

SCENARIO = """
hubnet: 1
name: Story
network:
  regions: {North: {at: [65.58, 22.15]}, South: {at: [59.33, 18.07], weight: 3}}
  hubs:
    Lulea: {at: [65.58, 22.15], pools: {cpu: 3}, price: 0.4 yuan/kWh}
    Gavle: {at: [60.67, 17.14], pools: {cpu: 4, gpu: 2}}
  trunks:
    - {between: [North, Lulea], capacity: 1 Gbit/s, length: 5 km}
    - {between: [Lulea, Gavle], capacity: 1 Gbit/s}
    - {between: [Gavle, South], capacity: 1 Gbit/s}
devices: {cpu: {speed: 1, power: 400 W}, gpu: {speed: 1}}
clock: {horizon: 2 h}
seed: 1
fibre: {sharing: max-min}
workload: {classes: {c: {rate: 6 /min, devices: 1, runs_on: [cpu], work: {exponential: {mean: 1 min}}, input: 4 MB}}}
policy: {routing: least-response, queue: fifo}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("story")
    (place / "story.yaml").write_text(SCENARIO)
    done = CliRunner().invoke(app, ["run", str(place / "story.yaml"), "--records", "-o", str(place / "out"), "--quiet"])
    assert done.exit_code == 0, done.output
    return place / "out"


def test_the_policy_chose_the_pool_of_least_response(folder):
    jobs = hn.open(folder).jobs
    for job in (0, 17, 200, int(jobs["job"].max())):
        story = hn.job_story(folder, job)
        assert story.note == ""
        fits = [one for one in story.pools if one["eligible"]]
        assert {one["pool"] for one in fits} == {"Lulea/cpu", "Gavle/cpu"}
        best = min(fits, key=lambda one: one["response_s"])
        assert best["pool"] == f"{story.row['hub']}/{story.row['pool']}"
        (other,) = (one for one in story.pools if one["pool"] == "Gavle/gpu")
        assert other["why"] == "not for jobs of this class"


def test_a_lonely_job_takes_what_was_estimated(folder):
    """The first job meets nobody: its response is the estimate."""
    story = hn.job_story(folder, 0)
    estimate = min(one["response_s"] for one in story.pools if one["eligible"])
    assert story.row["finish_s"] - story.row["submit_s"] == pytest.approx(estimate, rel=1e-9)
    assert story.waiting is None


def test_who_stood_before_it_is_counted(folder):
    jobs = hn.open(folder).jobs
    waited = jobs[jobs["start_s"] > jobs["deliver_s"]]
    job = waited.loc[(waited["start_s"] - waited["deliver_s"]).idxmax()]
    story = hn.job_story(folder, int(job["job"]))
    devices = {"Lulea": 3, "Gavle": 4}[job["hub"]]
    assert story.waiting["devices_busy"] == story.waiting["jobs_running"] == devices
    earlier = jobs[
        (jobs["hub"] == job["hub"]) & (jobs["deliver_s"] < job["deliver_s"]) & (jobs["start_s"] > job["deliver_s"])
    ]
    assert story.waiting["jobs_ahead"] == len(earlier)


def test_the_command_tells_it(folder):
    done = CliRunner().invoke(app, ["job", str(folder), "17"])
    assert done.exit_code == 0, done.output
    for word in ("job 17", "submitted", "started", "Gavle/cpu", "not for jobs of this class"):
        assert word in done.stdout
    plain = json.loads(CliRunner().invoke(app, ["job", str(folder), "17", "--json"]).stdout)
    assert plain["job"]["job"] == 17
    assert len(plain["pools"]) == 3


@pytest.mark.parametrize(
    "words, said",
    [
        (("99999",), "has no job 99999"),
        (("1", "--allocation", "x"), "no allocation 'x'"),
        (("1", "--replication", "2"), "no replication 2"),
    ],
)
def test_what_is_not_there_is_said(folder, words, said):
    done = CliRunner().invoke(app, ["job", str(folder), *words])
    assert said in str(done.exception)
