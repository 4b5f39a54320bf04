"""What callers are told when GitHub refuses or fails, and what is remembered of it."""

import time

import pytest
from tokman_daemon import DaemonError, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"

# (what happened at GitHub, what is asked for, error, GitHub's status, part of GitHub's message)
REFUSALS = {
    "not installed": ({}, {"target": "stranger/public"}, "AppNotInstalled", 404, "Not Found"),
    "nothing there": ({}, {"target": "octo-org/nothing"}, "RepositoryNotAccessible", 422, ""),
    "not selected": (
        {},
        {"target": "monalisa/notes", "repositories": ["not-selected"]},
        "RepositoryNotAccessible",
        422,
        "at least one repository that does not exist",
    ),
    "suspended": (
        {"change": "suspend", "installation": 4242},
        {"target": TARGET},
        "InstallationSuspended",
        403,
        "This installation has been suspended",
    ),
    "permission": (
        {"change": "set_permissions", "installation": 4242, "permissions": {"metadata": "read"}},
        {"target": TARGET, "permissions": {"issues": "read"}},
        "PermissionNotGranted",
        422,
        "permissions requested are not granted",
    ),
    "level": (
        {"change": "set_permissions", "installation": 4242, "permissions": {"issues": "read"}},
        {"target": TARGET, "permissions": {"issues": "write"}},
        "PermissionNotGranted",
        422,
        "level of access for permissions requested",
    ),
    "another key": (
        {"change": "set_keys", "app_id": 12345, "keys": ["another.pem"]},
        {"target": TARGET},
        "UpstreamAuth",
        401,
        "A JSON web token could not be decoded",
    ),
    "no such app": (
        {"change": "delete_app", "app_id": 12345},
        {"target": TARGET},
        "UpstreamAuth",
        404,
        "Integration not found",
    ),
}

# Answers to a mint: what GitHub says, the error, and whether it may go away.
ANSWERS = [
    ({"status": 500}, "UpstreamDown", True),
    ({"status": 502}, "UpstreamDown", True),
    ({"status": 418}, "UpstreamRefused", False),
    ({"status": 409}, "UpstreamRefused", False),
    ({"status": 429}, "UpstreamLimited", True),
    ({"status": 403, "body": {"message": "API rate limit exceeded"}}, "UpstreamLimited", True),
    (
        {"status": 403, "body": {"message": "You have exceeded a secondary rate limit"}},
        "UpstreamLimited",
        True,
    ),
    (
        {"status": 422, "body": {"message": "Too many repositories for installation."}},
        "TooManyRepositories",
        False,
    ),
]


@pytest.fixture
def daemon(make_daemon, github):
    """Knows the installations of octo-org and monalisa, and may ask for a stranger's."""
    daemon = make_daemon()
    daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
    daemon.edit_config('"monalisa"]', '"monalisa", "stranger/*"]')
    github.keys.private_key_file("another.pem")  # Takes longer to make than a call may.
    daemon.start().wait_for_key()
    daemon.call("io.tokman.GitHub.ResolveInstallation", {"target": "octo-org"})
    daemon.call("io.tokman.GitHub.ResolveInstallation", {"target": "monalisa"})
    return daemon


def refusal(daemon, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.call(GET_TOKEN, parameters)
    return caught.value


class TestRefusals:
    @pytest.mark.parametrize("what", REFUSALS)
    def test_each_has_its_own_error_with_what_github_said(self, daemon, github, what):
        change, asked, name, status, message = REFUSALS[what]
        if change:
            github.change(**change)
        error = refusal(daemon, **asked)
        assert error.name == f"io.tokman.{name}"
        assert error.parameters["retryable"] is False
        assert error.parameters["github"]["status"] == status
        assert message in error.parameters["github"]["message"]
        assert ":" in error.parameters["github"]["request_id"]

    @pytest.mark.parametrize(("answer", "name", "retryable"), ANSWERS)
    def test_each_answer_to_a_mint_has_its_error(self, daemon, github, answer, name, retryable):
        github.fault(MINT, answers=[answer] * 50)
        error = refusal(daemon, target=TARGET)
        assert error.name == f"io.tokman.{name}"
        assert error.parameters["retryable"] is retryable
        assert error.parameters["github"]["status"] == answer["status"]

    def test_a_suspended_installation_is_told_from_one_that_is_not_there(self, daemon, github):
        github.change("suspend", installation=4343)
        daemon.call("io.tokman.Daemon.Reload")
        assert refusal(daemon, target="monalisa/notes").name == "io.tokman.InstallationSuspended"

    def test_how_long_github_wants_to_be_left_alone_is_passed_on(self, daemon, github):
        limited = {"status": 429, "headers": {"Retry-After": "77"}}
        github.fault(MINT, answers=[limited] * 50)
        assert refusal(daemon, target=TARGET).parameters["retry_after_ms"] == 77_000
        assert github.mints == 1

    @pytest.mark.parametrize("fault", ["reset", "half_body", "garbage"])
    def test_answers_that_cannot_be_read_are_a_failing_github(self, daemon, github, fault):
        github.fault(MINT, **{fault: True})
        error = refusal(daemon, target=TARGET)
        assert error.name == "io.tokman.UpstreamDown"
        assert error.parameters["retryable"] is True

    def test_what_fails_in_passing_is_tried_again_before_the_caller_hears_of_it(
        self, daemon, github
    ):
        github.fault(MINT, answers=[502, 503])
        assert daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 3


class TestWhatIsRemembered:
    @pytest.mark.parametrize("what", REFUSALS)
    def test_github_is_not_asked_again_soon(self, daemon, github, what):
        change, asked, _, _, _ = REFUSALS[what]
        if change:
            github.change(**change)
        first = refusal(daemon, **asked)
        github.forget_calls()
        second = refusal(daemon, **asked)
        assert github.asked() == []
        assert second.parameters["message"] == first.parameters["message"]
        assert 0 < second.parameters["retry_after_ms"] <= 300_000

    def test_status_shows_it_until_a_reload_forgets_it(self, daemon, github):
        github.change("suspend", installation=4242)
        refusal(daemon, target=TARGET)
        (negative,) = daemon.status()["negative"]
        assert (negative["app"], negative["target"]) == ("ci", TARGET)
        assert "suspended" in negative["cause"]
        assert 0 < negative["until"] - time.time() <= 301
        github.change("unsuspend", installation=4242)
        daemon.reload()
        assert daemon.status()["negative"] == []
        assert daemon.token(TARGET)["source"] == "minted"

    def test_a_failing_github_is_not(self, daemon, github):
        github.fault(MINT, answers=[502] * 50)
        refusal(daemon, target=TARGET)
        github.clear_faults()
        assert daemon.token(TARGET)["source"] == "minted"

    def test_a_refusal_is_about_what_was_asked_for_and_nothing_else(self, daemon, github):
        refusal(daemon, target="monalisa/notes", repositories=["not-selected"])
        assert daemon.token("monalisa/notes")["source"] == "minted"
        assert daemon.token(TARGET)["source"] == "minted"


class TestHealing:
    def test_a_reinstalled_app_is_found_again(self, daemon, github):
        daemon.token(TARGET)
        github.change("reinstall", installation=4242, new_id=5555)
        assert daemon.token(OTHER)["installation_id"] == 5555
        assert daemon.token(OTHER)["source"] == "cache"

    def test_tokens_of_the_old_installation_are_not_given_after_that(self, daemon, github):
        old = daemon.token(TARGET)
        github.change("reinstall", installation=4242, new_id=5555)
        daemon.token(OTHER)
        new = daemon.token(TARGET)
        assert (new["installation_id"], new["token"] == old["token"]) == (5555, False)

    def test_a_configured_installation_that_is_gone_is_not_looked_for_without_end(
        self, make_daemon, github
    ):
        daemon = make_daemon()
        daemon.edit_config("[[grant]]", "installations = { octo-org = 4141 }\n[[grant]]")
        assert refusal(daemon.start(), target=TARGET).name == "io.tokman.AppNotInstalled"
        assert github.mints <= 2

    def test_a_renamed_repository_is_found_by_its_old_name(self, daemon):
        daemon.call("io.tokman.Daemon.Reload")
        found = daemon.call(
            "io.tokman.GitHub.ResolveInstallation", {"target": "octo-org/old-name"}
        )
        assert found["installation_id"] == 4242


class TestConnection:
    def test_an_authority_that_is_not_trusted_is_a_reason_and_the_daemon_runs(
        self, make_daemon, github
    ):
        daemon = make_daemon()
        daemon.edit_config(f'ca_file = "{github.ca_file}"', "")  # The system's do not know ours.
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        error = refusal(daemon.start(), target=TARGET)
        assert error.name == "io.tokman.UpstreamDown"
        assert "certificate" in error.parameters["message"]
        assert "github" not in error.parameters
        assert github.asked() == []

    def test_a_host_that_the_certificate_does_not_name_is_not_trusted(self, make_daemon, github):
        daemon = make_daemon()
        daemon.edit_config("https://localhost:", "https://127.0.0.2:")
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        error = refusal(daemon.start(), target=TARGET)
        assert error.name == "io.tokman.UpstreamDown"
        assert github.asked() == []

    def test_a_github_that_is_not_there_is_a_reason(self, daemon, github):
        github.stop()
        error = refusal(daemon, target=TARGET)
        assert error.name == "io.tokman.UpstreamDown"
        assert "localhost" in error.parameters["message"]

    def test_a_github_that_comes_back_is_used(self, daemon, github):
        github.stop()
        refusal(daemon, target=TARGET)
        github.start()
        assert daemon.token(TARGET)["source"] == "minted"

    def test_connections_are_kept(self, daemon, github):
        github.forget_calls()
        for level in ("read", "write"):
            for name in ("contents", "issues", "pull_requests"):
                daemon.token(TARGET, permissions={name: level})
        assert github.mints == 6
        assert github.state.calls.connections == 0

    def test_a_stalled_target_does_not_delay_the_others(self, daemon, github):
        daemon.token(TARGET)
        github.fault(MINT, path="/4343/", latency=20)
        with daemon.connect() as stalled, daemon.connect() as others:
            stalled.setblocking(False)
            send(stalled, GET_TOKEN, {"target": "monalisa/notes"})
            wait_until(lambda: github.mints == 2)
            for _ in range(200):
                send(others, GET_TOKEN, {"target": TARGET})
                assert receive(others)["source"] == "cache"
            send(others, GET_TOKEN, {"target": OTHER})
            assert receive(others)["source"] == "minted"
            with pytest.raises(BlockingIOError):
                stalled.recv(1)

    def test_a_caller_is_not_kept_longer_than_configured(self, daemon, github):
        github.fault(MINT, latency=20)
        asked_at = time.monotonic()
        error = refusal(daemon, target=TARGET)
        assert error.name == "io.tokman.TimedOut"
        assert 0.9 < time.monotonic() - asked_at < 5
