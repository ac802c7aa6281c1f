"""Finished folders: an ordinary one, and one whose names are somebody's who means harm."""

import pytest

from report_folders import EVIL, finished


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("plain"), "Two hubs", words=("--replications", "2"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("hostile"), EVIL, hub=EVIL)
