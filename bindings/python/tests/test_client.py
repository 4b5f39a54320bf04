"""A client's life: its socket, its methods, threads, time limits, fork."""

import os
import pickle
import signal
import threading

import pytest
import tokman


def in_child(action):
    """What the action returns, or the exception it raises, in a forked child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        try:
            outcome = action()
        except Exception as error:
            outcome = type(error).__name__
        os.write(writer, str(outcome).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        outcome = answer.read()
    os.waitpid(child, 0)
    return outcome


class Background(threading.Thread):
    """Runs an action, and gives its result to who joins."""

    def __init__(self, action):
        super().__init__()
        self.action = action
        self.start()

    def run(self):
        self.result = self.action()

    def join(self):
        super().join(10)
        return self.result


def test_any_method_can_be_called_by_name(daemon, client):
    daemon.answer("Daemon.Health", state="ok", checks=[])
    assert client.call("io.tokman.Daemon.Health") == {"state": "ok", "checks": []}


def test_parameters_travel_as_they_are(daemon, client):
    daemon.answer("GitHub.ResolveInstallation", app="ci")
    client.call("io.tokman.GitHub.ResolveInstallation", {"target": "octo-org", "app": "ci"})
    assert daemon.calls[-1][1] == {"target": "octo-org", "app": "ci"}


def test_ping_gives_the_version(client):
    assert client.ping() == "1.2.3"


def test_whoami_and_status_give_the_answer(daemon, client):
    daemon.answer("Access.WhoAmI", uid=1000)
    daemon.answer("Daemon.Status", pid=7)
    assert client.whoami() == {"uid": 1000}
    assert client.status() == {"pid": 7}


def test_explain_asks_what_token_would_ask(daemon, client):
    daemon.answer("GitHub.Explain", allowed=False, reason="no grant")
    arguments = {
        "app": "ci",
        "permissions": {"contents": "write"},
        "repositories": ["more"],
        "min_lifetime": 60,
    }
    assert client.explain("octo-org/hello-world", **arguments)["allowed"] is False
    assert daemon.calls[-1][1] == {"target": "octo-org/hello-world", **arguments}


def test_rate_limit_asks_for_what_was_seen_or_for_fresh_numbers(daemon, client):
    daemon.answer("GitHub.GetRateLimit", resources=[])
    assert client.rate_limit("octo-org")["resources"] == []
    assert daemon.calls[-1][1] == {"target": "octo-org", "fresh": False}
    client.rate_limit("octo-org", app="ci", fresh=True)
    assert daemon.calls[-1][1] == {"target": "octo-org", "app": "ci", "fresh": True}


def test_observe_reads_githubs_headers_whatever_their_letters(daemon, client):
    daemon.answer("GitHub.Observe")
    headers = {
        "X-RateLimit-Limit": "5000",
        "x-ratelimit-remaining": "4999",
        "X-Ratelimit-Reset": "1800000000",
        "X-RateLimit-Resource": "core",
        "Server": "github.com",
    }
    assert client.observe("octo-org", headers) is True
    assert daemon.calls[-1][1] == {
        "target": "octo-org",
        "limit": 5000,
        "remaining": 4999,
        "reset": 1800000000,
        "resource": "core",
    }


def test_observe_tells_nothing_of_an_answer_without_limits(daemon, client):
    assert client.observe("octo-org", {"Server": "github.com"}) is False
    assert daemon.calls == []


def test_explain_leaves_out_what_is_not_given(daemon, client):
    daemon.answer("GitHub.Explain", allowed=True, reason="")
    client.explain("octo-org/hello-world")
    assert daemon.calls[-1][1] == {"target": "octo-org/hello-world"}


def test_a_rejection_names_the_token_and_what_it_was_for(daemon, client):
    daemon.answer("GitHub.ReportRejected", dropped=True, reason="dropped")
    answer = client.report_rejected("octo-org/hello-world", "ZmluZ2Vy", app="ci")
    assert answer == {"dropped": True, "reason": "dropped"}
    assert daemon.calls[-1][1] == {
        "target": "octo-org/hello-world",
        "fingerprint": "ZmluZ2Vy",
        "app": "ci",
    }


def test_one_token_is_revoked_or_all_of_an_app(daemon, client):
    daemon.answer("GitHub.Revoke", revoked=1, pending=0)
    assert client.revoke("ZmluZ2Vy") == {"revoked": 1, "pending": 0}
    assert daemon.calls[-1][1] == {"fingerprint": "ZmluZ2Vy"}
    client.revoke(app="ci")
    assert daemon.calls[-1][1] == {"app": "ci"}


def test_the_socket_may_be_a_path(daemon, tmp_path):
    assert tokman.Client(tmp_path / "s").ping() == "1.2.3"


def test_the_default_socket_is_the_environment_s(daemon, monkeypatch):
    monkeypatch.setenv("TOKMAN_SOCKET", daemon.socket_path)
    assert tokman.Client().ping() == "1.2.3"


def test_nobody_at_the_socket_is_an_error_of_the_first_call(tmp_path):
    client = tokman.Client(tmp_path / "nobody", timeout=0.1)
    with pytest.raises(tokman.DaemonUnreachable):
        client.ping()


def test_an_empty_socket_path_is_refused():
    with pytest.raises(tokman.InvalidArgument) as caught:
        tokman.Client("")
    assert caught.value.field == "socket"


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 2**32])
def test_a_time_limit_that_is_none_is_refused(timeout):
    with pytest.raises(tokman.InvalidArgument) as caught:
        tokman.Client(timeout=timeout)
    assert caught.value.field == "timeout"


def test_a_call_ends_when_its_time_is_over(daemon):
    daemon.hold_answers()
    with tokman.Client(daemon.socket_path, timeout=0.05) as client:
        with pytest.raises(tokman.TimedOut):
            client.token("octo-org/hello-world")


def test_no_time_limit_waits_for_the_answer(daemon):
    daemon.hold_answers()
    with tokman.Client(daemon.socket_path, timeout=None) as client:
        call = Background(client.ping)
        daemon.wait_until_asked()
        daemon.go_on.set()
        assert call.join() == "1.2.3"


def test_other_threads_run_during_a_call(daemon, client):
    daemon.hold_answers()
    call = Background(lambda: client.token("octo-org/hello-world"))
    daemon.wait_until_asked()
    assert sum(range(100_000)) == 4_999_950_000  # In this thread, while the call is held.
    daemon.go_on.set()
    assert call.join().app == "ci"


def test_threads_that_share_a_client_take_turns(daemon, client):
    daemon.hold_answers()
    first = Background(client.ping)
    daemon.wait_until_asked()
    second = Background(lambda: client.token("octo-org/hello-world"))
    assert not daemon.asked.acquire(timeout=0.1)
    daemon.go_on.set()
    assert first.join() == "1.2.3"
    assert second.join().app == "ci"


def test_closing_waits_for_the_call_of_another_thread(daemon, client):
    daemon.hold_answers()
    call = Background(client.ping)
    daemon.wait_until_asked()
    closing = Background(client.close)
    daemon.go_on.set()
    assert call.join() == "1.2.3"
    closing.join()


def test_a_closed_client_says_so(client):
    client.close()
    client.close()
    with pytest.raises(tokman.NotConnected, match="closed"):
        client.ping()


def test_a_client_cannot_be_pickled(client):
    with pytest.raises(TypeError, match="connection"):
        pickle.dumps(client)


def test_a_client_is_refused_in_a_forked_child(client):
    client.ping()
    assert in_child(client.ping) == "Forked"
    assert client.ping() == "1.2.3"


def test_a_child_forked_during_a_call_does_not_wait_for_it(daemon, client):
    daemon.hold_answers()
    call = Background(client.ping)
    daemon.wait_until_asked()
    assert in_child(client.ping) == "Forked"
    assert in_child(client.close) == "None"
    daemon.go_on.set()
    assert call.join() == "1.2.3"


def test_a_forked_child_makes_its_own_client(daemon, client):
    client.ping()
    assert in_child(lambda: tokman.Client(daemon.socket_path).ping()) == "1.2.3"
