"""How often and how urgently callers may ask, and what the daemon shows of its own limits."""

import pytest
from tokman_daemon import DaemonError, receive, send

GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"


@pytest.fixture
def make_limited(make_daemon):
    """A daemon whose grant has these keys, and whose app has those of `app`."""

    def make(app=(), **grant):
        daemon = make_daemon()
        for table, keys in (("[[grant]]", grant), ("[[app]]", dict(app))):
            lines = "".join(f"{name} = {value}\n" for name, value in keys.items())
            daemon.edit_config(f"{table}\n", f"{table}\n{lines}")
        return daemon.start()

    return make


def refusal(call, *arguments, **parameters):
    with pytest.raises(DaemonError) as caught:
        call(*arguments, **parameters)
    return caught.value


class TestPriority:
    def test_up_to_the_grants_it_is_allowed(self, make_limited):
        assert make_limited(max_priority=10).token(TARGET, priority=10)["source"] == "minted"

    def test_above_it_is_denied_and_the_ceiling_named(self, make_limited):
        error = refusal(make_limited(max_priority=10).token, TARGET, priority=11)
        assert error.name == "io.tokman.Denied"
        assert error.parameters["field"] == "priority"
        assert "10" in error.parameters["message"]

    def test_explain_says_so_too(self, make_limited):
        daemon = make_limited(max_priority=10)
        parameters = {"target": TARGET, "priority": 11}
        answer = daemon.call("io.tokman.GitHub.Explain", parameters)
        assert not answer["allowed"]
        assert "priority of 10 at most" in answer["reason"]

    @pytest.mark.parametrize("priority", [-1, 1001])
    def test_others_than_0_to_1000_are_refused(self, daemon, priority):
        error = refusal(daemon.token, TARGET, priority=priority)
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == "priority"


class TestRequests:
    def test_more_than_the_grant_gives_are_refused_with_when_to_come_back(self, make_limited):
        daemon = make_limited(requests_per_minute=3)
        with daemon.connect() as connection:
            for _ in range(3):  # The last two by the short way of repeated bytes.
                send(connection, GET_TOKEN, {"target": TARGET})
                receive(connection)
            send(connection, GET_TOKEN, {"target": TARGET})
            error = refusal(receive, connection)
        assert error.name == "io.tokman.RateLimited"
        assert error.parameters["retryable"]
        assert 0 < error.parameters["retry_after_ms"] <= 20_000

    def test_a_new_connection_gives_no_more(self, make_limited):
        daemon = make_limited(requests_per_minute=1)
        daemon.token(TARGET)
        assert refusal(daemon.token, TARGET).name == "io.tokman.RateLimited"

    def test_every_method_that_needs_a_grant_counts(self, make_limited):
        daemon = make_limited(requests_per_minute=1)
        daemon.call("io.tokman.GitHub.ListTokens")
        assert refusal(daemon.status).name == "io.tokman.RateLimited"
        assert daemon.answers()  # Ping needs none.

    def test_it_is_audited(self, make_limited):
        daemon = make_limited(requests_per_minute=1)
        daemon.token(TARGET)
        refusal(daemon.token, TARGET)
        daemon.wait_for_log("audit=refused")


class TestMints:
    def test_more_than_the_grant_gives_are_refused(self, make_limited):
        daemon = make_limited(mints_per_minute=1)
        daemon.token(TARGET)
        error = refusal(daemon.token, TARGET, permissions={"issues": "read"})
        assert error.name == "io.tokman.RateLimited"
        assert 0 < error.parameters["retry_after_ms"] <= 60_000

    def test_cached_tokens_are_still_served(self, make_limited):
        daemon = make_limited(mints_per_minute=1)
        daemon.token(TARGET)
        assert daemon.token(TARGET)["source"] == "cache"

    def test_an_app_without_budget_answers_within_the_callers_time(self, make_limited):
        daemon = make_limited(app={"mints_burst": 1, "mints_per_minute": 1})
        daemon.token(TARGET)
        error = refusal(daemon.token, TARGET, permissions={"issues": "read"})
        assert error.name == "io.tokman.RateLimited"
        assert error.parameters["retry_after_ms"] > 0


class TestStatus:
    def test_it_shows_the_budget(self, make_limited):
        daemon = make_limited(app={"mints_burst": 5})
        daemon.token(TARGET)
        app = daemon.status()["apps"][0]
        assert app["mint_budget"] == 4
        assert app["mints_waiting"] == 0
        assert app["host_state"] == "working"
        assert "paused_until" not in app
