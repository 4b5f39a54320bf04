"""Which of an app's keys and names GitHub accepts: found by trying, remembered, shown in Status."""

import pytest
from fake_github import FakeGitHub, Refusal
from tokman_daemon import DaemonError

MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"


@pytest.fixture
def make_quick(make_daemon, github):
    """Makes and starts a daemon that gives up soon, and has these private keys."""

    def make(names):
        daemon = make_daemon()
        known = ", ".join(f'"file:{path}"' for path in github.key_files(12345))
        files = ", ".join(f'"file:{github.keys.private_key_file(name)}"' for name in names)
        daemon.edit_config(known, files)
        daemon.edit_config("[store]", 'call_timeout = "10s"\n[store]')
        daemon.edit_config("[[grant]]", "installations = { octo-org = 4242 }\n[[grant]]")
        return daemon.start()

    return make


def refused(github):
    return sum(request["status"] == 401 for request in github.requests(MINT))


def key_states(daemon):
    (app,) = daemon.status()["apps"]
    return [key["state"] for key in app["keys"]]


class TestKeys:
    def test_the_next_key_is_tried_when_one_is_not_the_apps(self, make_quick, github):
        daemon = make_quick(["stranger.pem", "app-12345.pem"])
        assert daemon.token(TARGET)["source"] == "minted"
        assert refused(github) <= 1

    def test_the_one_that_github_accepts_is_preferred_from_then_on(self, make_quick, github):
        daemon = make_quick(["stranger.pem", "app-12345.pem"])
        daemon.token(TARGET)
        github.forget_calls()
        assert daemon.token(OTHER)["source"] == "minted"
        assert (github.mints, refused(github)) == (1, 0)

    def test_status_says_which_it_is(self, make_quick):
        daemon = make_quick(["stranger.pem", "app-12345.pem"])
        daemon.token(TARGET)
        assert key_states(daemon) == ["refused", "accepted"]

    def test_when_github_knows_none_each_is_tried_and_then_none(self, make_quick, github):
        daemon = make_quick(["stranger.pem", "another.pem"])
        with pytest.raises(DaemonError) as caught:
            daemon.token(TARGET)
        assert caught.value.name == "io.tokman.UpstreamAuth"
        assert caught.value.parameters["github"]["message"] == Refusal.UNDECODABLE.message
        assert github.mints <= 2 + 1  # A JWT that was used before is signed anew, once.
        github.forget_calls()
        with pytest.raises(DaemonError, match="UpstreamAuth"):
            daemon.token(TARGET)
        assert github.mints == 0

    def test_a_key_that_github_no_longer_knows_is_left_for_the_other(self, make_quick, github):
        github.change("set_keys", app_id=12345, keys=["app-12345.pem", "second.pem"])
        daemon = make_quick(["app-12345.pem", "second.pem"])
        daemon.token(TARGET)
        github.change("set_keys", app_id=12345, keys=["second.pem"])
        assert daemon.token(OTHER)["source"] == "minted"
        assert key_states(daemon) == ["refused", "accepted"]


class TestKeyThatIsNew:
    """GitHub's machines do not all know a new key at once."""

    def test_it_is_tried_again(self, make_quick, github):
        daemon = make_quick(["app-12345.pem"])
        github.fault(MINT, answers=["NO_PUBLIC_KEY", "NO_PUBLIC_KEY"])
        assert daemon.token(TARGET)["source"] == "minted"
        assert github.mints == 3

    def test_it_is_not_tried_for_ever(self, make_quick, github):
        daemon = make_quick(["app-12345.pem"])
        github.change("set_keys", app_id=12345, keys=[])
        with pytest.raises(DaemonError) as caught:
            daemon.token(TARGET)
        assert caught.value.name == "io.tokman.UpstreamAuth"
        assert caught.value.parameters["github"]["message"] == Refusal.NO_PUBLIC_KEY.message
        assert github.mints <= 6


class TestIssuer:
    """An Enterprise Server before 3.18 knows apps by number only."""

    @pytest.fixture
    def old(self, github):
        with FakeGitHub(github.keys.directory, ghes="3.17") as server:
            yield server

    def make(self, make_daemon, of, names):
        daemon = make_daemon(of)
        daemon.edit_config("app_id = 12345", names)
        daemon.edit_config("[store]", 'call_timeout = "10s"\n[store]')
        return daemon.start()

    def test_with_a_client_id_alone_it_is_told_what_is_wrong(self, make_daemon, old):
        daemon = self.make(make_daemon, old, 'client_id = "Iv23liTestClientId"')
        with pytest.raises(DaemonError, match="app id") as caught:
            daemon.token(TARGET)
        assert caught.value.name == "io.tokman.UpstreamAuth"
        assert caught.value.parameters["github"]["message"] == Refusal.ISSUER_NOT_INTEGER.message

    def test_with_both_the_number_is_used_and_remembered(self, make_daemon, old):
        names = 'client_id = "Iv23liTestClientId"\napp_id = 12345'
        daemon = self.make(make_daemon, old, names)
        assert daemon.token(TARGET)["source"] == "minted"
        old.forget_calls()
        assert daemon.token(OTHER)["source"] == "minted"
        assert {it["status"] for it in old.requests()} <= {200, 201}
