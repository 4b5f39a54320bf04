"""Callers without a grant: denied everything that needs one, told nothing, and written down."""

import re
from pathlib import Path

import authorization_matrix
import pytest
from other_user import STRANGER, ask, connected_as
from tokman_daemon import DaemonError, wait_until

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "daemon" / "api" / "method_table.h").read_text()
SCOPES = dict(re.findall(r'\{"([\w.]+)",\s*Scope::(\w+),', TABLE))
# Some methods say only within who may call them: those are in neither list.
MATRIX = authorization_matrix.read(ROOT)
OPEN = [method for method in SCOPES if MATRIX[method]["none"] == "yes"]
GUARDED = [method for method, scope in SCOPES.items() if scope != "none"]

GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"

# What could be asked of a daemon to find out what there is.
PROBES = [
    {"target": TARGET},
    {"target": "octo-org/private-repo"},
    {"target": "octo-org/no-such-repository"},
    {"target": "no-such-owner"},
    {"target": TARGET, "app": "ci"},
    {"target": TARGET, "app": "no-such-app"},
    {"target": TARGET, "permissions": {"contents": "admin"}},
    {"target": TARGET, "min_lifetime": 99_999},
    {"target": "/// no target at all"},
    {"target": 5},
    {"colour": "red"},
    {},
]


@pytest.fixture
def daemon(open_daemon):
    """With a token in its cache, of root's."""
    open_daemon.start()
    open_daemon.token(TARGET)
    return open_daemon


@pytest.fixture
def stranger(daemon):
    with connected_as(daemon) as connection:
        yield connection


def refusal(connection, method, parameters=None):
    with pytest.raises(DaemonError) as caught:
        ask(connection, method, parameters)
    return caught.value


def test_the_table_of_methods_was_read():
    assert {"io.tokman.Daemon.Ping", "io.tokman.Access.WhoAmI"} <= set(OPEN)
    assert {GET_TOKEN, "io.tokman.Daemon.Status", "io.tokman.Daemon.Reload"} <= set(GUARDED)


@pytest.mark.parametrize("method", GUARDED)
class TestGuarded:
    def test_it_is_denied_and_written_down(self, daemon, stranger, method):
        error = refusal(stranger, method)
        assert error.name == "io.tokman.Denied"
        assert error.parameters["retryable"] is False
        assert error.parameters.keys() == {"message", "retryable"}
        daemon.wait_for_log(f"audit=refused principal=uid:{STRANGER} method={method} ")
        assert daemon.status()["refusals"] == 1

    def test_every_probe_has_the_same_answer(self, stranger, github, method):
        github.forget_calls()
        answers = {str(refusal(stranger, method, probe).parameters) for probe in PROBES}
        assert len(answers) == 1
        assert github.asked() == []

    def test_the_answer_names_nothing_that_exists(self, stranger, method):
        said = str(refusal(stranger, method, {"target": TARGET}))
        for name in ("the tests", "ci", "octo", "hello", "localhost", "uid:0"):
            assert not re.search(rf"\b{name}\b", said), said


@pytest.mark.parametrize("method", OPEN)
def test_what_everybody_may_ask_is_not_denied(stranger, method):
    """Some of these want a parameter, or a credential."""
    try:
        ask(stranger, method)
    except DaemonError as error:
        wanted = ("InvalidArgument", "InvalidParameter", "Unauthenticated")
        assert error.name.endswith(wanted)


def test_what_everybody_may_ask_names_nothing_of_others(stranger):
    said = str(ask(stranger, "io.tokman.Access.WhoAmI"))
    assert "the tests" not in said


def test_a_oneway_call_is_denied_and_written_down_too(daemon, stranger):
    stranger.sendall(b'{"method":"io.tokman.Daemon.Reload","oneway":true}\0')
    daemon.wait_for_log(f"audit=refused principal=uid:{STRANGER} method=io.tokman.Daemon.Reload ")
    assert daemon.status()["policy_generation"] == 1


def test_what_a_caller_sends_cannot_make_a_line_of_its_own(daemon, stranger):
    forged = 'x\n2026-01-01T00:00:00.000Z audit=token-given principal="uid:1" \x1b[2J"'
    refusal(stranger, GET_TOKEN, {"target": forged})
    daemon.wait_for_log("audit=refused")
    for line in daemon.log.splitlines():
        assert re.match(r"\S+Z (event|audit)=", line)
    assert daemon.log.count("audit=token-given principal=uid:0(root)") == 1
    assert not re.search(r"^2026-01-01", daemon.log, re.M)
    assert "\x1b" not in daemon.log


def test_a_long_value_does_not_make_a_long_line(daemon, stranger):
    refusal(stranger, GET_TOKEN, {"target": "x" * 60_000})
    daemon.wait_for_log("audit=refused")
    assert max(map(len, daemon.log.splitlines())) < 4000


def test_many_refusals_of_one_hide_none_of_another(daemon, stranger):
    for _ in range(50):
        refusal(stranger, GET_TOKEN)
    with connected_as(daemon, STRANGER + 1) as other:
        refusal(other, GET_TOKEN)
    daemon.wait_for_log(f"audit=refused principal=uid:{STRANGER + 1} ")
    assert daemon.log.count(f"audit=refused principal=uid:{STRANGER} ") == 10
    daemon.stop()
    assert f"audit=refusals-left-out principal=uid:{STRANGER} left_out=40" in daemon.log


def test_a_crowd_of_refused_calls_leaves_the_others_alone(daemon, stranger):
    stranger.sendall(b'{"method":"io.tokman.GitHub.GetToken"}\0' * 3000)
    assert daemon.token(TARGET)["source"] == "cache"
    wait_until(lambda: daemon.status()["refusals"] > 300)
