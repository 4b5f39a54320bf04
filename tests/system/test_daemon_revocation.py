"""Tokens that GitHub refused, that are revoked, or that are for one connection alone."""

import signal
import subprocess

import pytest
from tokman_daemon import DaemonError, program, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
REVOKE = "io.tokman.GitHub.Revoke"
REPORT_REJECTED = "io.tokman.GitHub.ReportRejected"
MINT = "POST /app/installations/{id}/access_tokens"
DELETE = "DELETE /installation/token"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"
UNKNOWN = "A" * 43 + "="


def is_alive(caller, token):
    return caller.request("GET", "/installation/repositories", token=token).status == 200


def refusal(daemon, method, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, parameters)
    return caught.value


def revoke(daemon, **target):
    return daemon.call(REVOKE, target)


def listed(daemon):
    return daemon.call("io.tokman.GitHub.ListTokens")["tokens"]


class TestRejectedTokens:
    def test_a_young_token_is_given_again_and_the_answer_says_why(self, daemon, github):
        token = daemon.token(TARGET)
        again = daemon.token(TARGET, rejected=token["fingerprint"])
        assert again["token"] == token["token"]
        assert (again["source"], again["rejection"]) == ("cache", "replication_lag")
        assert github.mints == 1

    def test_the_same_bytes_are_judged_anew_each_time(self, daemon):
        fingerprint = daemon.token(TARGET)["fingerprint"]
        with daemon.connect() as connection:
            for _ in range(3):
                send(connection, GET_TOKEN, {"target": TARGET, "rejected": fingerprint})
                assert receive(connection)["rejection"] == "replication_lag"

    def test_another_than_the_present_token_gets_the_present_one(self, daemon, github):
        token = daemon.token(TARGET)
        answer = daemon.token(TARGET, rejected=UNKNOWN)
        assert answer["token"] == token["token"]
        assert answer["rejection"] == "superseded"
        assert github.mints == 1

    def test_a_report_is_judged_by_the_same_rules(self, daemon):
        fingerprint = daemon.token(TARGET)["fingerprint"]
        young = daemon.call(REPORT_REJECTED, {"target": TARGET, "fingerprint": fingerprint})
        assert (young["dropped"], young["reason"]) == (False, "replication_lag")
        assert 0 < young["retry_after_ms"] <= 10_000
        other = daemon.call(REPORT_REJECTED, {"target": TARGET, "fingerprint": UNKNOWN})
        assert other == {"dropped": False, "reason": "superseded"}

    @pytest.mark.parametrize("fingerprint", ["", "short", "!" * 43 + "="])
    def test_what_is_no_fingerprint_is_refused_by_name(self, daemon, fingerprint):
        error = refusal(daemon, GET_TOKEN, target=TARGET, rejected=fingerprint)
        assert error.parameters["field"] == "rejected"
        error = refusal(daemon, REPORT_REJECTED, target=TARGET, fingerprint=fingerprint)
        assert error.parameters["field"] == "fingerprint"


class TestRevocation:
    def test_a_revoked_token_is_dead_and_given_no_more(self, daemon, caller):
        token = daemon.token(TARGET)
        assert revoke(daemon, fingerprint=token["fingerprint"]) == {"revoked": 1, "pending": 0}
        assert not is_alive(caller, token["token"])
        assert daemon.token(TARGET)["token"] != token["token"]

    def test_a_session_that_had_it_gets_another(self, daemon):
        with daemon.connect() as connection:
            answers = []
            for _ in range(3):
                send(connection, GET_TOKEN, {"target": TARGET})
                answers.append(receive(connection))
            revoke(daemon, fingerprint=answers[0]["fingerprint"])
            send(connection, GET_TOKEN, {"target": TARGET})
            assert receive(connection)["token"] != answers[0]["token"]

    def test_what_is_dead_already_is_done(self, daemon, github):
        fingerprint = daemon.token(TARGET)["fingerprint"]
        github.revoke_tokens()
        assert revoke(daemon, fingerprint=fingerprint) == {"revoked": 1, "pending": 0}

    def test_revoking_twice_is_no_error(self, daemon, github):
        fingerprint = daemon.token(TARGET)["fingerprint"]
        revoke(daemon, fingerprint=fingerprint)
        assert revoke(daemon, fingerprint=fingerprint) == {"revoked": 1, "pending": 0}
        assert github.calls(DELETE) == 1

    def test_an_unknown_token_is_not_found(self, daemon):
        assert refusal(daemon, REVOKE, fingerprint=UNKNOWN).name == "io.tokman.NotFound"

    def test_all_tokens_of_an_app_are_revoked_also_those_only_in_the_store(self, daemon, caller):
        old = daemon.token(TARGET)
        daemon.restart()
        new = daemon.token(OTHER)
        assert revoke(daemon, app="ci") == {"revoked": 2, "pending": 0}
        assert not is_alive(caller, old["token"])
        assert not is_alive(caller, new["token"])

    def test_a_revoked_token_stays_away_after_kill_9(self, daemon):
        token = daemon.token(TARGET)
        revoke(daemon, fingerprint=token["fingerprint"])
        daemon.kill()
        daemon.start()
        assert daemon.token(TARGET)["token"] != token["token"]

    def test_what_github_has_not_confirmed_is_revoked_after_kill_9(self, daemon, github, caller):
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        daemon.reload()
        token = daemon.token(TARGET)
        github.fault(DELETE, answers=[502], times=1000)
        answer = revoke(daemon, fingerprint=token["fingerprint"])
        assert answer == {"revoked": 1, "pending": 1}
        assert daemon.status()["revocations_pending"] == 1
        daemon.kill()
        github.clear_faults()
        assert is_alive(caller, token["token"])
        daemon.start()
        wait_until(lambda: not is_alive(caller, token["token"]))
        wait_until(lambda: daemon.status()["revocations_pending"] == 0)
        assert daemon.token(TARGET)["token"] != token["token"]

    @pytest.mark.parametrize(
        "target, field",
        [
            ({}, "fingerprint"),
            ({"fingerprint": UNKNOWN, "app": "ci"}, "fingerprint"),
            ({"fingerprint": "x"}, "fingerprint"),
            ({"app": ""}, "app"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_by_name(self, daemon, target, field):
        assert refusal(daemon, REVOKE, **target).parameters["field"] == field

    def test_the_audit_log_says_who_revoked_and_which_token_ended(self, daemon):
        token = daemon.token(TARGET)
        revoke(daemon, fingerprint=token["fingerprint"])
        daemon.wait_for_log(f"audit=acted principal=uid:0(root) method={REVOKE}")
        daemon.wait_for_log("reason=revoked")


class TestExclusiveTokens:
    def exclusive(self, connection):
        send(connection, GET_TOKEN, {"target": TARGET, "exclusive": True})
        return receive(connection)

    def test_the_same_bytes_get_another_token_each_time(self, daemon):
        with daemon.connect() as connection:
            tokens = {self.exclusive(connection)["token"] for _ in range(3)}
        assert len(tokens) == 3

    def test_nobody_else_gets_it(self, daemon):
        with daemon.connect() as connection:
            mine = self.exclusive(connection)["token"]
            assert daemon.token(TARGET)["token"] != mine

    def test_it_is_revoked_when_the_connection_ends(self, daemon, caller):
        with daemon.connect() as connection:
            token = self.exclusive(connection)["token"]
            assert is_alive(caller, token)
        wait_until(lambda: not is_alive(caller, token))

    def test_it_is_revoked_when_the_process_is_killed(self, daemon, caller):
        run = subprocess.Popen(
            [program("tokman"), "exec", TARGET, "--exclusive", "--socket", daemon.socket_path]
            + ["--", "sh", "-c", "echo $GH_TOKEN; exec sleep 60"],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        token = run.stdout.readline().strip()
        assert is_alive(caller, token)
        run.kill()
        run.wait()
        wait_until(lambda: not is_alive(caller, token))
        subprocess.run(["kill", "-KILL", f"-{run.pid}"], check=False)
        run.stdout.close()

    def test_it_is_revoked_on_request(self, daemon, caller):
        with daemon.connect() as connection:
            token = self.exclusive(connection)
            answer = revoke(daemon, fingerprint=token["fingerprint"])
            assert answer == {"revoked": 1, "pending": 0}
            assert not is_alive(caller, token["token"])

    def test_it_is_revoked_at_the_next_start_when_the_daemon_was_killed(self, daemon, caller):
        with daemon.connect() as connection:
            token = self.exclusive(connection)["token"]
            daemon.kill()
            assert is_alive(caller, token)
            daemon.start()
            wait_until(lambda: not is_alive(caller, token))

    def test_it_is_listed_as_such(self, daemon):
        with daemon.connect() as connection:
            token = self.exclusive(connection)
            daemon.token(TARGET)
            rows = {row["fingerprint"]: row["exclusive"] for row in listed(daemon)}
            assert rows.pop(token["fingerprint"]) is True
            assert list(rows.values()) == [False]

    def test_a_connection_has_a_bounded_number(self, daemon):
        with daemon.connect() as connection:
            for _ in range(16):
                self.exclusive(connection)
            with pytest.raises(DaemonError) as caught:
                self.exclusive(connection)
        assert caught.value.name == "io.tokman.Busy"

    def test_there_is_nothing_to_reject(self, daemon):
        error = refusal(daemon, GET_TOKEN, target=TARGET, exclusive=True, rejected=UNKNOWN)
        assert error.parameters["field"] == "rejected"


def test_exec_exclusive_gives_the_programs_exit_status_and_hands_signals_on(daemon):
    command = [program("tokman"), "exec", TARGET, "--exclusive", "--socket", daemon.socket_path]
    assert subprocess.run([*command, "--", "sh", "-c", "exit 7"], check=False).returncode == 7
    assert subprocess.run([*command, "--", "/no/such/program"], check=False).returncode == 127
    run = subprocess.Popen(
        [*command, "--", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout.readline() == "ready\n"
    run.send_signal(signal.SIGTERM)
    assert run.wait(10) == 9
    run.stdout.close()
