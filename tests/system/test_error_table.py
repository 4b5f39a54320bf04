"""GitHub's refusals of a mint, one by one: what the caller is told, and how often GitHub was asked.

What is known of each text is in daemon/services/github/github_errors.cc. How tokman gets over those
that concern its own credentials is in test_daemon_credentials.py; how it learns that a cause is
gone, in test_healing.py.
"""

import pytest
from fake_github import Refusal
from tokman_daemon import DaemonError, wait_until

MINT = "POST /app/installations/{id}/access_tokens"
LOOKUP = "GET /repos/{owner}/{repo}/installation"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"
FOREVER = 50


@pytest.fixture
def daemon(make_daemon):
    """Knows where the app is installed, so that each call to GitHub is a mint."""
    daemon = make_daemon()
    daemon.edit_config("[store]", 'call_timeout = "2s"\n[store]')
    daemon.edit_config("[[grant]]", "installations = { octo-org = 4242 }\n[[grant]]")
    return daemon.start().wait_for_key()


def refusal(daemon, target=TARGET, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.token(target, **parameters)
    return caught.value


def assert_told(error, name, refused, retryable=False):
    """The caller has tokman's error, and GitHub's status, words and request id."""
    assert error.name == f"io.tokman.{name}"
    assert error.parameters["retryable"] is retryable
    said = error.parameters["github"]
    assert (said["status"], said["message"]) == refused.value
    assert ":" in said["request_id"]


def negatives(daemon):
    return {it["target"]: it["cause"] for it in daemon.status()["negative"]}


class TestFinal:
    """Refusals that asking again does not change: GitHub hears of each once, or as often as said."""

    @pytest.mark.parametrize(
        ("refused", "name", "requests"),
        [
            (Refusal.ISSUER_MISSING, "UpstreamAuth", 2),  # With another JWT, once.
            (Refusal.NO_SUCH_APP, "UpstreamAuth", 1),
            (Refusal.SUSPENDED, "InstallationSuspended", 1),
            (Refusal.NOT_ACCESSIBLE, "UpstreamRefused", 1),
            (Refusal.NOT_GRANTED, "PermissionNotGranted", 1),
            (Refusal.LEVEL_NOT_GRANTED, "PermissionNotGranted", 1),
            (Refusal.TOO_MANY_REPOSITORIES, "TooManyRepositories", 1),
            # Just made, a repository may be unknown to the machine that mints.
            (Refusal.REPOSITORY_NOT_ACCESSIBLE, "RepositoryNotAccessible", 2),
        ],
    )
    def test_it_is_told_with_githubs_words_and_not_asked_again(
        self, daemon, github, refused, name, requests
    ):
        github.fault(MINT, answers=[refused.name] * FOREVER)
        assert_told(refusal(daemon), name, refused)
        assert github.mints == requests

    @pytest.mark.parametrize(
        "refused",
        [
            Refusal.ISSUER_MISSING,
            Refusal.NO_SUCH_APP,
            Refusal.SUSPENDED,
            Refusal.NOT_GRANTED,
            Refusal.LEVEL_NOT_GRANTED,
            Refusal.TOO_MANY_REPOSITORIES,
            Refusal.REPOSITORY_NOT_ACCESSIBLE,
        ],
    )
    def test_status_says_that_it_is_remembered_and_why(self, daemon, github, refused):
        github.fault(MINT, answers=[refused.name] * FOREVER)
        error = refusal(daemon)
        assert error.parameters["message"].endswith(negatives(daemon)[TARGET])

    def test_a_text_that_is_not_known_is_passed_on_and_not_remembered(self, daemon, github):
        github.fault(MINT, answers=[{"status": 422, "body": {"message": "No such moon."}}])
        error = refusal(daemon)
        assert error.name == "io.tokman.UpstreamRefused"
        assert error.parameters["github"]["message"] == "No such moon."
        assert negatives(daemon) == {}
        assert daemon.token(TARGET)["source"] == "minted"

    def test_what_one_token_may_not_is_no_word_about_the_next(self, daemon, github):
        github.fault(MINT, answers=["NOT_ACCESSIBLE"])
        assert_told(refusal(daemon), "UpstreamRefused", Refusal.NOT_ACCESSIBLE)
        assert negatives(daemon) == {}
        assert daemon.token(TARGET)["source"] == "minted"


class TestNotFound:
    def test_an_installation_that_is_gone_is_looked_for_once(self, daemon, github):
        github.change("uninstall", installation=4242)
        assert_told(refusal(daemon), "AppNotInstalled", Refusal.NOT_FOUND)
        assert github.mints <= 2
        assert github.calls(LOOKUP) + github.calls("GET /orgs/{org}/installation") <= 1

    def test_where_the_app_is_not_installed_nothing_is_minted(self, make_daemon, github):
        daemon = make_daemon()
        daemon.edit_config('"octo-org/*"', '"octo-org/*", "stranger/*"')
        daemon.start()
        error = refusal(daemon, "stranger/public")
        assert_told(error, "AppNotInstalled", Refusal.NOT_FOUND)
        assert github.mints == 0
        assert "stranger/public" in negatives(daemon)
        assert 0 < error.parameters.get("retry_after_ms", 1) <= 30_000


class TestRepository:
    def test_one_that_was_just_made_is_waited_for(self, daemon, github):
        github.fault(MINT, answers=["REPOSITORY_NOT_ACCESSIBLE"])
        assert daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 2

    def test_one_refused_repository_is_no_word_about_another(self, daemon, github):
        github.fault(MINT, answers=["REPOSITORY_NOT_ACCESSIBLE"] * 2)
        refusal(daemon)
        assert daemon.token(OTHER)["source"] == "minted"


class TestPassing:
    """What goes away by itself: tried again for as long as the caller waits, and not remembered."""

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_failing_server_is_asked_again(self, daemon, github, status):
        github.fault(MINT, answers=[status, status])
        assert daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 3

    @pytest.mark.parametrize("fault", [{"reset": True}, {"half_body": True}, {"garbage": True},
                                       {"reset": True, "half_body": True}], ids=str)
    def test_an_answer_that_does_not_arrive_is_asked_for_again(self, daemon, github, fault):
        github.fault(MINT, times=1, **fault)
        assert daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 2

    def test_a_failure_that_lasts_is_told_and_forgotten(self, daemon, github):
        github.fault(MINT, answers=[502] * FOREVER)
        error = refusal(daemon)
        assert error.name == "io.tokman.UpstreamDown"
        assert error.parameters["retryable"] is True
        assert error.parameters["github"]["status"] == 502
        assert negatives(daemon) == {}
        github.clear_faults()
        wait_until(lambda: served(daemon))

    def test_a_github_that_refuses_connections_is_told_and_used_again(self, daemon, github):
        github.stop()
        assert refusal(daemon).name == "io.tokman.UpstreamDown"
        github.start()
        wait_until(lambda: served(daemon))

    def test_a_github_that_stalls_is_told_and_used_again(self, daemon, github):
        github.fault(MINT, latency=20)
        error = refusal(daemon)
        assert error.name == "io.tokman.TimedOut"
        assert error.parameters["retryable"] is True
        github.clear_faults()
        wait_until(lambda: served(daemon, permissions={"contents": "read"}))


def served(daemon, **parameters):
    try:
        return daemon.token(TARGET, **parameters)["source"] in ("minted", "cache")
    except DaemonError as error:
        assert error.parameters["retryable"], error
        return False
