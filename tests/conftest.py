"""Options of the test suite."""

import os

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser):
    parser.addoption(
        "--budget", type=int, default=20, help="random scenarios per search in the tests marked `long` (default 20)"
    )


def pytest_configure(config):
    settings.register_profile(
        "hubnet",
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.load_profile("hubnet")


@pytest.fixture
def budget(request):
    return request.config.getoption("--budget")


# -- finished folders of a small scenario whose names are somebody's who means harm

EVIL_CLASS = '=cmd|"/C calc"!A0'
EVIL_NAME = "[red]as\x1b[31mbuilt[/red]"


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The scenario's file: an hour, two allocations, jobs that fit nowhere in the first of them, a cut."""
    path = tmp_path_factory.mktemp("scenarios") / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="session")
def hubnet():
    """The command in this process: hubnet("run", FILE, ...) -> click's result."""
    from typer.testing import CliRunner

    from hubnet.cli import app

    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture(scope="session")
def finished(small, hubnet, tmp_path_factory):
    """A finished folder: two allocations, two replications, job records, CSV."""
    out = tmp_path_factory.mktemp("runs") / "two"
    done = hubnet("run", small, "--replications", "2", "--records", "--csv", "-o", out)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="session")
def alone(small, hubnet, tmp_path_factory):
    """A finished folder of one run."""
    out = tmp_path_factory.mktemp("runs") / "one"
    done = hubnet("run", small, "--allocation", "more", "-o", out, "--quiet")
    assert done.exit_code == 0, done.output
    return out


SMALL = r"""
hubnet: 1
name: "Small $x_1$ [bold]"
network:
  regions: {"=North": {at: [65.58, 22.15], weight: 1}, South: {at: [59.33, 18.07], weight: 3}}
  hubs:
    "@Lulea": {at: [65.58, 22.15], pools: {cpu: 3}}
    "$G$": {at: [60.67, 17.14], pools: {cpu: 4}}
  trunks:
    - {between: ["=North", "@Lulea"], capacity: 1 Gbit/s, length: 5 km}
    - {between: ["@Lulea", "$G$"], capacity: 1 Gbit/s}
    - {between: ["$G$", South], capacity: 1 Gbit/s}
devices: {cpu: {speed: 1, power: 400 W}}
clock: {horizon: 1 h, warmup: 5 min, bin: 10 min}
seed: 1
fibre: {layer: optical, sharing: max-min}
workload:
  classes:
    "=cmd|\"/C calc\"!A0": {rate: 2 /min, devices: 1, work: {exponential: {mean: 1 min}}, input: 4 MB}
    wide: {rate: 1 /min, devices: 5, work: 10 s}
policy: {routing: least-response, queue: fifo}
allocations: {"[red]as\e[31mbuilt[/red]": {}, more: {pools: {"@Lulea": {cpu: 5}, "$G$": {cpu: 2}}}}
incidents: [{at: 20 min, lasting: 10 min, cut: ["@Lulea", "$G$"]}]
"""
