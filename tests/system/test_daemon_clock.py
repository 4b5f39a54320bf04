"""A daemon whose clock and GitHub's are not the same: fast, slow, and changed while it runs."""

import pytest
from fake_github import Refusal
from tokman_daemon import DaemonError, wait_until

MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"
TWENTY_MINUTES = 1200

SKEW_TEXTS = [Refusal.ISSUED_AT, Refusal.EXPIRED, Refusal.TOO_FAR]


@pytest.fixture
def quick_daemon(make_daemon):
    """Not started yet; one that gives up after seconds, and need not look up where the app is."""
    daemon = make_daemon()
    daemon.edit_config("[store]", 'call_timeout = "3s"\n[store]')
    daemon.edit_config("[[grant]]", "installations = { octo-org = 4242 }\n[[grant]]")
    return daemon


def refused(github):
    """How many mints GitHub did not believe."""
    return sum(request["status"] == 401 for request in github.requests(MINT))


def offset(daemon):
    (app,) = daemon.status()["apps"]
    return app["clock_offset_s"]


@pytest.mark.parametrize("ahead", [TWENTY_MINUTES, -TWENTY_MINUTES])
class TestFromTheStart:
    """ahead: by how much GitHub's clock is, so that ours is slow, or fast."""

    def test_the_first_mint_succeeds_after_one_retry_at_most(self, quick_daemon, github, ahead):
        github.advance(ahead)
        assert quick_daemon.start().token(TARGET)["source"] == "minted"
        assert github.mints <= 2
        assert refused(github) <= 1

    def test_it_is_learned_once(self, quick_daemon, github, ahead):
        github.advance(ahead)
        quick_daemon.start().token(TARGET)
        github.forget_calls()
        for name in ("contents", "issues", "pull_requests"):
            quick_daemon.token(TARGET, permissions={name: "read"})
        assert (github.mints, refused(github)) == (3, 0)

    def test_status_and_log_tell_of_it(self, quick_daemon, github, ahead):
        github.advance(ahead)
        quick_daemon.start().token(TARGET)
        assert abs(offset(quick_daemon) - ahead) <= 2
        quick_daemon.wait_for_log("clock")

    def test_it_is_known_after_a_restart(self, quick_daemon, github, ahead):
        github.advance(ahead)
        quick_daemon.start().token(TARGET)
        quick_daemon.restart()
        github.forget_calls()
        assert quick_daemon.token(OTHER)["source"] == "minted"
        assert (github.mints, refused(github)) == (1, 0)

    def test_a_restart_costs_no_mint(self, quick_daemon, github, ahead):
        github.advance(ahead)
        before = quick_daemon.start().token(TARGET)["token"]
        quick_daemon.restart()
        assert quick_daemon.token(TARGET)["token"] == before

    def test_the_longest_lifetime_is_by_githubs_clock(self, quick_daemon, github, ahead):
        github.advance(ahead)
        answer = quick_daemon.start().token(TARGET, min_lifetime=3300)
        assert answer["source"] == "minted"
        again = quick_daemon.token(TARGET, min_lifetime=3300)
        assert (again["token"], again["source"]) == (answer["token"], "cache")

    def test_a_token_that_ends_by_githubs_clock_is_not_given(self, quick_daemon, github, ahead):
        github.advance(ahead)
        quick_daemon.start().token(OTHER)
        github.fault(MINT, lifetime=8, times=1)
        token = quick_daemon.token(TARGET)
        github.fault(MINT, answers=[502] * 100)
        wait_until(lambda: github.state.clock.now() > token["expires_at"] - 3)
        with pytest.raises(DaemonError, match="UpstreamDown"):
            quick_daemon.token(TARGET)


class TestWhileRunning:
    @pytest.mark.parametrize("ahead", [TWENTY_MINUTES, -TWENTY_MINUTES])
    def test_a_jump_costs_one_retry(self, quick_daemon, github, ahead):
        quick_daemon.start().token(TARGET)
        github.forget_calls()
        github.advance(ahead)
        assert quick_daemon.token(OTHER)["source"] == "minted"
        assert github.mints <= 2
        assert refused(github) <= 1

    def test_a_jump_to_and_fro_is_no_storm(self, quick_daemon, github):
        quick_daemon.start().token(TARGET)
        for ahead in (TWENTY_MINUTES, -TWENTY_MINUTES):
            github.advance(ahead)
            quick_daemon.token(TARGET, permissions={"contents": "read"}, min_lifetime=300)
            quick_daemon.token(TARGET, permissions={"issues": "read"}, min_lifetime=300)
        assert github.mints <= 1 + 2 * 4

    @pytest.mark.parametrize("skew", [-86400 * 10, 86400 * 10])
    def test_one_date_that_is_nonsense_does_no_lasting_harm(self, quick_daemon, github, skew):
        github.fault(MINT, date_skew=skew, times=1)
        quick_daemon.start().token(TARGET)
        wait_until(lambda: served(quick_daemon))
        assert abs(offset(quick_daemon)) <= 3600


def served(daemon):
    try:
        return bool(daemon.token(OTHER)["token"])
    except DaemonError:
        return False


class TestRefusals:
    @pytest.mark.parametrize("refusal", SKEW_TEXTS)
    def test_each_text_costs_one_retry(self, quick_daemon, github, refusal):
        quick_daemon.start()
        github.fault(MINT, answers=[refusal.name])
        assert quick_daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 2

    @pytest.mark.parametrize("refusal", SKEW_TEXTS)
    def test_said_twice_it_is_told_and_not_asked_again(self, quick_daemon, github, refusal):
        quick_daemon.start()
        github.fault(MINT, answers=[refusal.name] * 50)
        with pytest.raises(DaemonError) as caught:
            quick_daemon.token(TARGET)
        assert caught.value.name == "io.tokman.UpstreamAuth"
        assert caught.value.parameters["github"]["message"] == refusal.message
        assert github.mints == 2

    def test_a_correction_is_for_the_clock_that_answered(self, quick_daemon, github):
        github.advance(TWENTY_MINUTES)
        quick_daemon.start().token(TARGET)
        first, second = github.requests(MINT)
        assert first["claims"]["exp"] < first["at"]
        assert abs(second["claims"]["iat"] + 60 - second["at"]) <= 3
