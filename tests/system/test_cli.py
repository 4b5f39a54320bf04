"""The command `tokman`: with a Varlink server that says what the test lays down, then for real."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from canned_server import Server, tokman_at
from tokman_daemon import program

TARGET = "octo-org/hello-world"
TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
TOKEN_REPLY = {
    "token": TOKEN,
    "expires_at": 1700003600,
    "minted_at": 1700000000,
    "fingerprint": "ZmluZ2Vy",
    "app": "ci",
    "installation_id": 4242,
    "permissions": {"contents": "read"},
    "repositories": ["hello-world"],
    "source": "cache",
}


@pytest.fixture
def server():
    server = Server()
    server.will_answer("io.tokman.GitHub.GetToken", **TOKEN_REPLY)
    yield server
    server.close()


@pytest.fixture
def tokman(server):
    """Runs `tokman` with these arguments against the server."""
    return lambda *arguments, **environment: tokman_at(server.path, *arguments, **environment)


# Tokens


def test_get_prints_the_token_and_nothing_else(tokman):
    done = tokman("get", TARGET)
    assert (done.returncode, done.stdout, done.stderr) == (0, TOKEN + "\n", "")


def test_get_asks_for_what_the_options_say(tokman, server):
    tokman("get", "octo-org", "--app", "ci", "--permission", "contents=read",
           "--permission", "issues=write", "--repository", "a", "--repository", "b",
           "--min-lifetime", "10m")  # fmt: skip
    assert server.calls[0]["parameters"] == {
        "target": "octo-org",
        "app": "ci",
        "permissions": {"contents": "read", "issues": "write"},
        "repositories": ["a", "b"],
        "min_lifetime": 600,
    }


def test_get_and_header_take_a_priority_and_a_rejected_token(tokman, server):
    for command in ("get", "header"):
        tokman(command, TARGET, "--priority", "100", "--rejected", "ZmluZ2Vy")
        assert server.calls[-1]["parameters"] == {
            "target": TARGET,
            "priority": 100,
            "rejected": "ZmluZ2Vy",
        }


def test_a_priority_is_bounded(tokman, server):
    assert tokman("get", TARGET, "--priority", "1001").returncode == 1
    assert server.calls == []


def test_an_exclusive_token_is_for_programs_that_run(tokman, server):
    assert tokman("exec", TARGET, "--exclusive", "--", "printenv", "GH_TOKEN").stdout == TOKEN + "\n"
    assert server.calls[0]["parameters"] == {"target": TARGET, "exclusive": True}
    assert tokman("get", TARGET, "--exclusive").returncode == 1


def test_report_rejected_says_what_became_of_the_token(tokman, server):
    server.will_answer("io.tokman.GitHub.ReportRejected", dropped=True, reason="dropped")
    done = tokman("report-rejected", TARGET, "ZmluZ2Vy", "--app", "ci")
    assert done.stdout.split() == ["dropped", "yes", "reason", "dropped"]
    assert server.calls[0]["parameters"] == {
        "target": TARGET,
        "app": "ci",
        "fingerprint": "ZmluZ2Vy",
    }


def test_revoke_ends_one_token_or_all_of_an_app(tokman, server):
    server.will_answer("io.tokman.GitHub.Revoke", revoked=1, pending=0)
    assert tokman("revoke", "ZmluZ2Vy").stdout.split() == ["revoked", "1", "pending", "0"]
    assert tokman("revoke", "--app", "ci").returncode == 0
    assert [call["parameters"] for call in server.calls] == [
        {"fingerprint": "ZmluZ2Vy"},
        {"app": "ci"},
    ]
    assert tokman("revoke").returncode == 1
    assert tokman("revoke", "ZmluZ2Vy", "--app", "ci").returncode == 1


@pytest.mark.parametrize("text, seconds", [("600", 600), ("90s", 90), ("1h", 3600)])
def test_a_lifetime_has_a_unit_or_is_in_seconds(tokman, server, text, seconds):
    tokman("get", TARGET, "--min-lifetime", text)
    assert server.calls[0]["parameters"]["min_lifetime"] == seconds


def test_get_as_json_has_the_token_and_what_is_known_of_it(tokman):
    assert json.loads(tokman("get", TARGET, "--json").stdout) == TOKEN_REPLY


def test_header_prints_a_header(tokman):
    assert tokman("header", TARGET).stdout == f"Authorization: Bearer {TOKEN}\n"
    as_json = json.loads(tokman("header", TARGET, "--json").stdout)
    assert as_json == {"Authorization": f"Bearer {TOKEN}"}


def test_exec_gives_the_token_to_the_program_in_its_environment(tokman):
    show = "import os; print(os.environ['GH_TOKEN'], os.environ['GITHUB_TOKEN'])"
    done = tokman("exec", TARGET, "--", sys.executable, "-c", show, GH_TOKEN="old")
    assert (done.returncode, done.stdout) == (0, f"{TOKEN} {TOKEN}\n")


def test_exec_passes_all_behind_the_dashes_to_the_program(tokman):
    arguments = ["--json", "get", "--", "-x", ""]
    show = "import json, sys; print(json.dumps(sys.argv[1:]))"
    done = tokman("exec", TARGET, "--", sys.executable, "-c", show, *arguments)
    assert json.loads(done.stdout) == arguments


def test_exec_ends_as_the_program_ends(tokman):
    assert tokman("exec", TARGET, "--", "sh", "-c", "exit 42").returncode == 42
    killed = tokman("exec", TARGET, "--", "sh", "-c", "kill -TERM $$")
    assert killed.returncode == -signal.SIGTERM


def test_exec_without_a_token_does_not_run_the_program(tokman, server):
    server.will_refuse("io.tokman.GitHub.GetToken", "io.tokman.Denied", message="no grant")
    done = tokman("exec", TARGET, "--", "echo", "it ran")
    assert (done.returncode, done.stdout) == (31, "")


def test_exec_says_when_there_is_no_such_program(tokman):
    done = tokman("exec", TARGET, "--", "/nonexistent/program")
    assert done.returncode == 127
    assert done.stderr.startswith("tokman: running /nonexistent/program: No such file")
    assert tokman("exec", TARGET, "--", "/etc/passwd").returncode == 126


def test_exec_leaves_no_connection_open_in_the_program(tokman):
    show = "import os; print(sorted(os.listdir('/proc/self/fd')))"
    assert tokman("exec", TARGET, "--", sys.executable, "-c", show).stdout == (
        "['0', '1', '2', '3']\n"  # 3 is the folder that is being listed.
    )


def test_a_token_is_never_on_a_command_line_of_ours(tokman):
    show = "print(open('/proc/self/cmdline').read())"
    assert TOKEN not in tokman("exec", TARGET, "--", sys.executable, "-c", show).stdout


# What the daemon tells

EXPLANATION = {
    "allowed": True,
    "reason": "the grant 'tests' allows it",
    "grant": "tests",
    "app": "ci",
    "permissions": {"contents": "read"},
    "repositories": ["hello-world"],
    "verdicts": [
        {"grant": "tests", "matched": True},
        {"grant": "others", "matched": False, "condition": "uid is 7"},
    ],
}
WHOAMI = {"principal": "uid 0", "uid": 0, "gid": 0, "groups": [0, 4], "pid": 7, "user": "root",
          "pidfd": True, "grants": ["tests"], "scopes": ["github:token"]}  # fmt: skip
STATUS = {
    "version": "0.1.0", "pid": 7, "started_at": 1700000000, "policy_generation": 3,
    "connections": 1, "tokens_cached": 2, "mints": 4, "hits": 5, "stale_served": 0, "refusals": 6,
    "signer": "ready", "signer_restarts": 0,
    "apps": [{"name": "ci", "api_base": "https://api.github.com", "git_host": "github.com",
              "mints": 4, "mint_failures": 1, "mint_budget": 56, "mints_waiting": 2,
              "host_state": "closed", "paused_until": 1700000060, "clock_offset_s": -20,
              "last_error": "it\u001b[31m hurt",
              "keys": [{"fingerprint": "SHA256:abc", "state": "accepted"},
                       {"state": "unusable", "error": "no such file"}]}],
    "negative": [{"app": "ci", "target": "octo-org/gone", "cause": "not installed",
                  "until": 1700000030}],
}  # fmt: skip
CACHED = {"app": "ci", "installation_id": 4242, "target": TARGET,
          "permissions": {"contents": "read"}, "repositories": ["hello-world"],
          "expires_at": 1700003600, "minted_at": 1700000000, "fingerprint": "ZmluZ2Vy",
          "uses": 9, "state": "fresh"}  # fmt: skip
ANSWERS = {
    "explain": ("io.tokman.GitHub.Explain", EXPLANATION),
    "whoami": ("io.tokman.Access.WhoAmI", WHOAMI),
    "status": ("io.tokman.Daemon.Status", STATUS),
    "tokens": ("io.tokman.GitHub.ListTokens", {"tokens": [CACHED]}),
    "ping": ("io.tokman.Daemon.Ping", {"version": "0.1.0"}),
    "reload": ("io.tokman.Daemon.Reload", {"policy_generation": 3}),
}
SHOWN = {
    "explain": """\
allowed       yes
reason        the grant 'tests' allows it
grant         tests
app           ci
permissions   contents=read
repositories  hello-world

GRANT   MATCHES  FAILED CONDITION
tests   yes
others  no       uid is 7
""",
    "whoami": """\
principal  uid 0
user       root
uid        0
gid        0
groups     0, 4
pid        7
pidfd      yes
grants     tests
scopes     github:token
""",
    "status": """\
version            0.1.0
pid                7
started_at         2023-11-14 22:13:20 UTC
signer             ready
signer_restarts    0
policy_generation  3
connections        1
tokens_cached      2
hits               5
mints              4
stale_served       0
refusals           6

APP  API                     MINTS  FAILED  BUDGET  WAITING  HOST    PAUSED UNTIL             CLOCK  LAST ERROR
ci   https://api.github.com  4      1       56      2        closed  2023-11-14 22:14:20 UTC  -20    it?[31m hurt

KEY         APP  STATE     ERROR
SHA256:abc  ci   accepted
            ci   unusable  no such file

REFUSED        APP  UNTIL                    CAUSE
octo-org/gone  ci   2023-11-14 22:13:50 UTC  not installed
""",
    "tokens": """\
TARGET                APP  PERMISSIONS    EXPIRES                  STATE  USES
octo-org/hello-world  ci   contents=read  2023-11-14 23:13:20 UTC  fresh  9
""",
    "ping": "tokmand 0.1.0 answers\n",
    "reload": "reloaded: policy generation 3\n",
}


@pytest.mark.parametrize("command", ANSWERS)
def test_an_answer_is_shown_to_people(tokman, server, command):
    method, answer = ANSWERS[command]
    server.will_answer(method, **answer)
    done = tokman(command, *([TARGET] if command == "explain" else []))
    assert (done.returncode, done.stdout, done.stderr) == (0, SHOWN[command], "")


@pytest.mark.parametrize("command", ANSWERS)
def test_an_answer_is_passed_to_programs_as_json(tokman, server, command):
    method, answer = ANSWERS[command]
    server.will_answer(method, **answer)
    done = tokman("--json", command, *([TARGET] if command == "explain" else []))
    assert done.returncode == 0
    assert json.loads(done.stdout) == answer


def test_explaining_a_refusal_has_the_exit_status_of_one(tokman, server):
    server.will_answer("io.tokman.GitHub.Explain", allowed=False, reason="no grant matches")
    done = tokman("explain", TARGET, "--permission", "contents=write")
    assert done.returncode == 31
    assert done.stdout == "allowed  no\nreason   no grant matches\n"
    assert server.calls[0]["parameters"] == {
        "target": TARGET,
        "permissions": {"contents": "write"},
    }


def test_any_method_can_be_called(tokman, server):
    server.will_answer("a.b.C", x=[1])
    done = tokman("call", "a.b.C", '{"y": "z"}')
    assert json.loads(done.stdout) == {"x": [1]}
    assert server.calls == [{"method": "a.b.C", "parameters": {"y": "z"}}]
    assert tokman("call", "a.b.C").returncode == 0


# Errors


def test_an_error_says_what_went_wrong_and_what_to_do_next(tokman, server):
    server.will_refuse("io.tokman.GitHub.GetToken", "io.tokman.Denied", message="no grant names it")
    done = tokman("get", TARGET)
    assert (done.returncode, done.stdout) == (31, "")
    assert done.stderr == f"tokman: no grant names it\n  Why: tokman explain {TARGET}\n"


def test_what_github_said_is_shown(tokman, server):
    server.will_refuse(
        "io.tokman.GitHub.GetToken",
        "io.tokman.UpstreamLimited",
        message="slow down",
        retryable=True,
        retry_after_ms=90000,
        github={"status": 403, "message": "rate\u001blimit", "request_id": "A:1"},
    )
    done = tokman("get", TARGET)
    assert done.returncode == 60
    assert done.stderr == (
        "tokman: slow down\n"
        "  GitHub said 403: rate?limit (request A:1)\n"
        "  Try again in 90s.\n"
    )


def test_an_error_in_json_has_all_that_is_known(tokman, server):
    details = {
        "message": "slow down",
        "retryable": True,
        "retry_after_ms": 1500,
        "field": "target",
        "github": {"status": 403, "message": "limit", "request_id": "A:1"},
    }
    server.will_refuse("io.tokman.GitHub.GetToken", "io.tokman.UpstreamLimited", **details)
    done = tokman("get", TARGET, "--json")
    assert json.loads(done.stderr) == {"error": "UPSTREAM_LIMITED", "number": 60, **details}


def test_without_a_daemon_it_says_how_to_start_one(server):
    done = tokman_at("/nonexistent/socket", "ping", "--timeout", "10ms")
    assert done.returncode == 12
    assert "/nonexistent/socket" in done.stderr
    assert "systemctl start tokman" in done.stderr


def test_a_socket_on_the_command_line_comes_before_the_environments(server):
    server.will_answer("io.tokman.Daemon.Ping", version="1")
    done = tokman_at("/nonexistent/socket", "ping", "--socket", server.path)
    assert done.stdout == "tokmand 1 answers\n"


def test_output_that_cannot_be_written_is_an_error(server):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [program("tokman"), "get", TARGET, "--socket", server.path],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 11
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "a command is needed"),
        (["gett"], "there is no command 'gett': did you mean 'get'?"),
        (["get"], "target is required"),
        (["get", ""], "an option or the target is empty"),
        (["get", TARGET, "--permission", "contents"], "'contents' is no permission"),
        (["get", TARGET, "--permission", "contents=all"], "'contents=all' is no permission"),
        (["get", TARGET, "--min-lifetime", "soon"], "'soon' is no duration"),
        (["get", TARGET, "--timeout", "-1"], "'-1' is no duration"),
        (["get", TARGET, "--frobnicate"], "--frobnicate"),
        (["exec", TARGET], "program is required"),
        (["call", "a.b.C", "{"], "not valid JSON"),
        (["call", "a.b.C", "[]"], "must be a JSON object"),
    ],
)
def test_a_mistake_on_the_command_line_is_explained(tokman, server, arguments, message):
    done = tokman(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert server.calls == []


def test_help_and_version_are_no_errors(tokman):
    assert tokman("--version").stdout.startswith("tokman 0.")
    overview = tokman("--help")
    assert overview.returncode == 0
    for command in [*ANSWERS, "get", "header", "exec", "call"]:
        assert f"\n  {command} " in overview.stdout
        assert tokman(command, "--help").returncode == 0


# With a real daemon


@pytest.fixture
def real(daemon):
    return lambda *arguments: tokman_at(daemon.socket_path, *arguments)


def test_a_real_token_works_at_github(real, caller):
    token = real("get", TARGET).stdout.strip()
    assert caller.request("GET", f"/repos/{TARGET}", token).status == 200


def test_a_real_daemon_answers_every_command(real):
    real("get", TARGET)
    for command in ["whoami", "status", "tokens", "ping", "reload"]:
        done = real(command)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(real(command, "--json").stdout)
    assert TARGET in real("tokens").stdout
    assert "https://" in real("status").stdout


def test_a_real_refusal_is_explained(real):
    assert real("explain", TARGET).returncode == 0
    assert real("get", "someone-else/secret").returncode == 31
    refused = real("explain", "someone-else/secret")
    assert refused.returncode == 31
    assert "the tests" in refused.stdout


def test_interfaces_can_be_asked_for(real):
    assert "io.tokman.GitHub" in real("call", "org.varlink.service.GetInfo").stdout
