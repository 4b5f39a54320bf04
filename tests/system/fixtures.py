"""What tests of a running daemon may ask for: a stand-in for GitHub, and a tokmand beside it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from fake_github import FakeGitHub  # noqa: E402
from github_caller import GitHubCaller  # noqa: E402
from tokman_daemon import TokmanDaemon  # noqa: E402


@pytest.fixture(scope="session")
def github_server(tmp_path_factory):
    """One for all tests, because keys and certificates take their time."""
    with FakeGitHub(tmp_path_factory.mktemp("github")) as server:
        yield server


@pytest.fixture
def github(github_server):
    """A stand-in that runs and has forgotten what earlier tests did to it."""
    if not github_server.is_running:
        github_server.start()
    github_server.reset()
    return github_server


@pytest.fixture
def caller(github):
    return GitHubCaller(github)


@pytest.fixture
def make_daemon(github):
    """Makes daemons that are not started yet: edit_config(old, new), then start()."""
    made = []

    def make(of=None):
        made.append(TokmanDaemon(of or github))
        return made[-1]

    yield make
    for daemon in made:
        print(daemon.log)
        daemon.remove()


@pytest.fixture
def daemon(make_daemon):
    """A running daemon with one app and one grant, for the uid of the tests."""
    return make_daemon().start()


@pytest.fixture(scope="module")
def shared_daemon(github_server):
    """One for all tests of a file, if those change nothing that they could meet in each other."""
    daemon = TokmanDaemon(github_server)
    yield daemon.start()
    print(daemon.log)
    daemon.remove()
