"""The audit log: who got what and who was refused, each once, and nothing lost."""

import base64
import hashlib
import re

import pytest
from tokman_daemon import DaemonError, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"


def lines(daemon, event, count=1):
    """The audit lines of one kind as dictionaries, once there are so many."""
    wait_until(lambda: daemon.log.count(f" audit={event} ") >= count)
    found = [line for line in daemon.log.splitlines() if f" audit={event} " in line]
    return [fields(line) for line in found]


def fields(line):
    return {
        name: quoted or bare
        for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line)
    }


def be_refused(daemon, times):
    with daemon.connect() as connection:
        for _ in range(times):
            send(connection, GET_TOKEN, {"target": "stranger/private"})
            with pytest.raises(DaemonError, match="Denied"):
                receive(connection)


class TestTokens:
    def test_the_first_receipt_of_a_token_is_a_line_and_the_others_are_none(self, daemon):
        for _ in range(20):
            token = daemon.token(TARGET)
        daemon.stop()
        (line,) = lines(daemon, "token-given")
        assert line["principal"] == "uid:0(root)"
        assert line["grant"] == "the tests"
        assert (line["app"], line["target"], line["installation"]) == ("ci", TARGET, "4242")
        assert line["fingerprint"] == token["fingerprint"]

    def test_the_fingerprint_is_that_of_githubs_audit_log(self, daemon):
        token = daemon.token(TARGET)
        digest = hashlib.sha256(token["token"].encode()).digest()
        assert token["fingerprint"] == base64.b64encode(digest).decode()

    def test_each_token_has_a_line(self, daemon):
        daemon.token(TARGET)
        daemon.token(OTHER)
        daemon.token(TARGET, permissions={"contents": "read"})
        given = lines(daemon, "token-given", 3)
        assert [it["target"] for it in given] == [TARGET, OTHER, TARGET]
        assert len({it["fingerprint"] for it in given}) == 3

    def test_at_the_end_each_tells_how_often_it_was_given(self, daemon):
        with daemon.connect() as connection:
            for number in range(30):
                send(connection, GET_TOKEN, {"target": OTHER if number % 3 == 0 else TARGET})
                receive(connection)
        daemon.stop()
        ended = {it["target"]: it for it in lines(daemon, "token-ended", 2)}
        assert (ended[TARGET]["times"], ended[OTHER]["times"]) == ("20", "10")
        assert ended[TARGET]["reason"] == "shutdown"
        assert ended[TARGET]["fingerprint"] == lines(daemon, "token-given", 2)[1]["fingerprint"]

    def test_one_that_is_replaced_ends_then(self, daemon, github):
        github.fault(MINT, lifetime=1200, times=1)
        old = daemon.token(TARGET)
        daemon.token(TARGET)
        daemon.token(TARGET, min_lifetime=1800)
        (ended,) = lines(daemon, "token-ended")
        assert (ended["fingerprint"], ended["times"]) == (old["fingerprint"], "2")
        assert ended["reason"] == "renewed"

    def test_those_of_a_suspended_installation_end_then(self, daemon, github):
        daemon.token(TARGET)
        github.change("suspend", installation=4242)
        with pytest.raises(DaemonError):
            daemon.token(OTHER)
        (ended,) = lines(daemon, "token-ended")
        assert ended["reason"] == "installation-gone"

    def test_a_token_of_before_the_restart_is_given_anew(self, daemon):
        before = daemon.token(TARGET)
        daemon.restart()
        daemon.token(TARGET)
        given = lines(daemon, "token-given", 2)
        assert [it["fingerprint"] for it in given] == [before["fingerprint"]] * 2

    def test_it_is_written_whatever_the_log_level(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config('log_level = "debug"', 'log_level = "error"')
        daemon.start().token(TARGET)
        assert lines(daemon, "token-given")
        assert "token minted" not in daemon.log


class TestRefusals:
    def test_each_is_a_line_that_tells_what_was_asked_for(self, daemon):
        be_refused(daemon, 1)
        (line,) = lines(daemon, "refused")
        assert (line["principal"], line["method"]) == ("uid:0(root)", GET_TOKEN)
        assert (line["target"], line["error"]) == ("stranger/private", "io.tokman.Denied")
        assert daemon.status()["refusals"] == 1

    def test_ten_a_minute_are_written_and_the_rest_is_counted(self, daemon):
        be_refused(daemon, 137)
        assert daemon.status()["refusals"] == 137
        daemon.stop()
        assert len(lines(daemon, "refused", 10)) == 10
        (rest,) = lines(daemon, "refusals-left-out")
        assert (rest["principal"], rest["left_out"]) == ("uid:0(root)", "127")

    def test_a_refusal_by_github_is_none_of_the_policy(self, daemon):
        with pytest.raises(DaemonError, match="RepositoryNotAccessible"):
            daemon.token("octo-org/nothing")
        daemon.stop()
        assert "audit=refused" not in daemon.log

    def test_a_mistake_is_no_refusal(self, daemon):
        with pytest.raises(DaemonError, match="InvalidArgument"):
            daemon.token("octo-org/hello-world", colour="red")
        daemon.stop()
        assert "audit=refused" not in daemon.log


class TestActs:
    def test_a_reload_tells_who_asked_for_it(self, daemon):
        daemon.reload()
        (line,) = lines(daemon, "acted")
        assert line["principal"] == "uid:0(root)"
        assert line["method"] == "io.tokman.Daemon.Reload"
