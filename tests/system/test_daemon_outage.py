"""GitHub is gone from a third of every token's life on, and back before its end; seconds for hours.

The same at its true size, and the budget while everything is renewed: tests/component/tokens.
"""

import pytest
from fake_github import DEFAULT_WORLD, FakeGitHub
from steady_load import SteadyLoad
from tokman_daemon import wait_until

KEYS = 20
RATE = 40
LIFETIME = 24
MINT = "POST /app/installations/{id}/access_tokens"


@pytest.fixture(scope="module")
def github_server(tmp_path_factory):
    repositories = [
        {"id": 10_000 + number, "full_name": f"octo-org/repository-{number}"}
        for number in range(KEYS)
    ]
    world = {**DEFAULT_WORLD, "repositories": repositories}
    with FakeGitHub(tmp_path_factory.mktemp("github"), world=world) as server:
        yield server


def target(number):
    return {"target": f"octo-org/repository-{number % KEYS}"}


def ages(daemon, github):
    """How long ago each key's token was minted, by GitHub's clock."""
    call = "io.tokman.GitHub.GetToken"
    tokens = [daemon.call(call, target(number)) for number in range(KEYS)]
    return [github.state.clock.now() - token["minted_at"] for token in tokens]


def test_no_caller_sees_an_outage_that_ends_before_the_tokens_do(daemon, github):
    github.fault(MINT, lifetime=LIFETIME)
    with SteadyLoad(daemon, RATE, target) as load:
        wait_until(lambda: daemon.status()["tokens_cached"] == KEYS)
        wait_until(lambda: min(ages(daemon, github)) > LIFETIME / 3, seconds=LIFETIME)
        github.stop()
        wait_until(lambda: max(ages(daemon, github)) > LIFETIME - 8, seconds=LIFETIME)
        github.start()
        wait_until(lambda: max(ages(daemon, github)) < LIFETIME / 2, seconds=LIFETIME)
    assert load.errors == []
    assert github.mints <= 3 * KEYS
