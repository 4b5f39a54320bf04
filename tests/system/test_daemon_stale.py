"""Tokens that near their end: renewed ahead while in use, served stale while GitHub fails."""

import time

import pytest
from tokman_daemon import DaemonError, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"

FAULTS = {
    "bad gateway": {"answers": [502] * 100},
    "reset": {"reset": True},
    "half a body": {"half_body": True},
    "garbage": {"garbage": True},
    "a limit": {"answers": [429] * 100},
    "no answer": {"latency": 20},
}


@pytest.fixture
def daemon(make_daemon):
    daemon = make_daemon()
    daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
    return daemon.start()


@pytest.fixture
def token(daemon, github):
    """One that still works, but not for long enough to satisfy LONG."""
    github.fault(MINT, lifetime=1200, times=1)
    return daemon.token(TARGET)


LONG = {"target": TARGET, "min_lifetime": 1800}


class TestStale:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_token_that_still_works_is_given_while_github_fails(
        self, daemon, github, token, fault
    ):
        github.fault(MINT, **FAULTS[fault])
        answer = daemon.call(GET_TOKEN, LONG)
        assert (answer["token"], answer["source"]) == (token["token"], "stale")
        assert daemon.status()["stale_served"] == 1

    def test_nobody_waits_while_github_is_known_to_fail(self, daemon, github, token):
        github.fault(MINT, answers=[502] * 2)
        daemon.call(GET_TOKEN, LONG)
        github.fault(MINT, latency=20)
        asked_at = time.monotonic()
        for _ in range(20):
            assert daemon.call(GET_TOKEN, LONG)["source"] == "stale"
        assert time.monotonic() - asked_at < 0.9

    def test_a_token_that_still_works_is_given_while_github_is_not_there(
        self, daemon, github, token
    ):
        github.stop()
        assert daemon.call(GET_TOKEN, LONG)["source"] == "stale"

    def test_github_is_asked_on_so_that_a_new_token_comes_by_itself(self, daemon, github, token):
        github.fault(MINT, answers=[502])
        daemon.call(GET_TOKEN, LONG)
        wait_until(lambda: github.mints == 3)
        wait_until(lambda: daemon.call(GET_TOKEN, LONG)["source"] == "cache")

    @pytest.mark.parametrize("refusal", [401, 404, 422, 403])
    def test_a_refusal_is_no_failure(self, daemon, github, token, refusal):
        github.fault(MINT, answers=[refusal] * 100)
        with pytest.raises(DaemonError) as caught:
            daemon.call(GET_TOKEN, LONG)
        assert caught.value.parameters["github"]["status"] == refusal

    def test_nothing_of_a_suspended_installation_is_given(self, daemon, github, token):
        github.change("suspend", installation=4242)
        for asked in (LONG, {"target": TARGET}, {"target": OTHER}):
            with pytest.raises(DaemonError, match="InstallationSuspended"):
                daemon.call(GET_TOKEN, asked)

    def test_the_health_is_not_bad_for_ever_after_one_failure(self, daemon, github):
        github.fault(MINT, answers=[502])
        daemon.token(TARGET)
        assert daemon.call("io.tokman.Daemon.Health")["state"] == "ok"

    def test_the_health_says_what_github_said(self, daemon, github, token):
        github.fault(MINT, answers=[502] * 100)
        daemon.call(GET_TOKEN, LONG)
        health = daemon.call("io.tokman.Daemon.Health")
        (check,) = [it for it in health["checks"] if it["name"] == "github:ci"]
        assert (health["state"], check["state"]) == ("degraded", "degraded")
        assert "502" in check["reason"]

    def test_one_targets_missing_permission_is_no_failure_of_github(self, daemon, token):
        with pytest.raises(DaemonError):
            daemon.token("monalisa/not-selected")
        assert daemon.call("io.tokman.Daemon.Health")["state"] == "ok"


class TestRealTime:
    """Tokens that live for seconds; the rules at their true size are tested with a false clock."""

    def test_one_that_could_end_on_its_way_is_not_given(self, daemon, github):
        github.fault(MINT, lifetime=8, times=1)
        token = daemon.token(TARGET)
        github.fault(MINT, answers=[502] * 100)
        wait_until(lambda: time.time() > token["expires_at"] - 3)
        with pytest.raises(DaemonError, match="UpstreamDown"):
            daemon.token(TARGET)
        wait_until(lambda: daemon.status()["tokens_cached"] == 0)

    def test_a_token_in_use_is_renewed_before_anybody_asks_again(self, daemon, github):
        github.fault(MINT, lifetime=20, times=1)
        token = daemon.token(TARGET)
        wait_until(lambda: github.mints == 2, seconds=20)
        wait_until(lambda: daemon.status()["mints"] == 2)
        renewed = daemon.token(TARGET)
        assert (renewed["source"], renewed["token"] == token["token"]) == ("cache", False)
