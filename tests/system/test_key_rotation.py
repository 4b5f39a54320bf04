"""Private keys are replaced while 200 requests a second arrive: no caller notices."""

import os
import shutil

import pytest
from fake_github import DEFAULT_WORLD, FakeGitHub
from steady_load import SteadyLoad
from tokman_daemon import wait_until

RATE = 200
REPOSITORIES = 300
EVERY_COLD = 50  # One request in so many is for a repository that nobody asked for before.

# As much as may be configured: what is tested here is not the budget.
BUDGET = "mints_per_minute = 150\nmints_burst = 150\nmints_per_minute_max = 180"


@pytest.fixture(scope="module")
def github_server(tmp_path_factory):
    """Has repositories enough that some are always asked for the first time."""
    repositories = [
        {"id": 10_000 + number, "full_name": f"octo-org/repository-{number}"}
        for number in range(REPOSITORIES)
    ]
    world = {**DEFAULT_WORLD, "repositories": repositories}
    with FakeGitHub(tmp_path_factory.mktemp("github"), world=world) as server:
        for name in ("new.pem", "newer.pem"):
            server.keys.private_key_file(name)
        yield server


@pytest.fixture
def key_file(tmp_path, github):
    """The file that the daemon reads; an operator replaces what is in it."""
    path = tmp_path / "app.pem"
    replace(path, github, "app-12345.pem")
    return path


@pytest.fixture
def daemon(make_daemon, github, key_file):
    daemon = make_daemon()
    (original,) = github.key_files(12345)
    daemon.edit_config(str(original), str(key_file))
    daemon.edit_config("[[grant]]", f"installations = {{ octo-org = 4242 }}\n{BUDGET}\n[[grant]]")
    daemon.start()
    daemon.token("octo-org/repository-0")
    return daemon


@pytest.fixture
def load(daemon):
    with SteadyLoad(daemon, RATE, ask) as load:
        wait_until(lambda: load.answered > 20)
        yield load


def ask(number):
    cold = (number // EVERY_COLD) % REPOSITORIES
    repository = cold if number % EVERY_COLD == 0 else 0
    return {"target": f"octo-org/repository-{repository}"}


def replace(path, github, name):
    """As a careful operator does: the file is whole at every moment."""
    unfinished = path.with_suffix(".new")
    shutil.copy(github.keys.private_key_file(name), unfinished)
    os.chmod(unfinished, 0o600)
    unfinished.rename(path)


def accepted(daemon):
    """Fingerprints of the keys that GitHub is known to accept."""
    (app,) = daemon.status()["apps"]
    return {key["fingerprint"] for key in app["keys"] if key["state"] == "accepted"}


def wait_for_more(load, count=RATE):
    """Until so many requests more were answered, of which some were mints."""
    before = load.answered
    wait_until(lambda: load.answered >= before + count or load.errors, seconds=20)


class TestRotation:
    def test_old_and_new_key_live_side_by_side_and_then_the_old_one_goes(
        self, daemon, github, key_file, load
    ):
        old = accepted(daemon)
        github.change("set_keys", app_id=12345, keys=["app-12345.pem", "new.pem"])
        replace(key_file, github, "new.pem")
        wait_until(lambda: accepted(daemon) - old, seconds=40)
        wait_for_more(load)
        github.change("set_keys", app_id=12345, keys=["new.pem"])
        wait_for_more(load)
        assert load.errors == []
        assert "minted" in load.sources and "cache" in load.sources

    def test_the_old_key_goes_before_the_daemon_has_seen_the_new_one(
        self, daemon, github, key_file, load
    ):
        replace(key_file, github, "new.pem")
        github.change("set_keys", app_id=12345, keys=["new.pem"])
        wait_for_more(load)
        assert load.errors == []

    def test_a_new_key_that_github_does_not_know_yet_is_not_used(
        self, daemon, github, key_file, load
    ):
        old = accepted(daemon)
        replace(key_file, github, "newer.pem")
        daemon.signal(1)
        wait_for_more(load)
        github.change("set_keys", app_id=12345, keys=["app-12345.pem", "newer.pem"])
        wait_until(lambda: accepted(daemon) - old or load.errors, seconds=60)
        github.change("set_keys", app_id=12345, keys=["newer.pem"])
        wait_for_more(load)
        assert load.errors == []

    def test_a_file_that_is_gone_for_a_while_does_no_harm(self, daemon, github, key_file, load):
        key_file.unlink()
        daemon.signal(1)
        wait_for_more(load)
        replace(key_file, github, "app-12345.pem")
        wait_for_more(load)
        assert load.errors == []
