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
