"""This machine's wall clock is set, by an hour or less, while GitHub's goes on as it was."""

import struct

import pytest
from tokman_daemon import DaemonError, program, receive, send, wait_until

MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"
HOUR = 3600
CLOCK = program("tokmand").parent.parent / "tests" / "libtokman_stepped_clock.so"
WANTED = [
    {"target": target, "permissions": {name: level}}
    for target in (TARGET, OTHER)
    for name in ("contents", "issues", "pull_requests")
    for level in ("read", "write")
]

pytestmark = pytest.mark.skipif(not CLOCK.exists(), reason="not built with sanitizers")


class SteppedDaemon:
    """A daemon, and the clock that it and its signer read."""

    def __init__(self, daemon):
        self.daemon = daemon
        self._step_file = daemon.directory / "step"
        self.step(0)
        daemon.edit_config("[store]", 'call_timeout = "3s"\n[store]')
        daemon.edit_config("[[grant]]", "installations = { octo-org = 4242 }\n[[grant]]")

    def start(self):
        environment = {"LD_PRELOAD": str(CLOCK), "TOKMAN_CLOCK_STEP": str(self._step_file)}
        self.daemon.start(environment=environment)
        return self.daemon

    def step(self, seconds):
        """To so far from the true time; in place, for the file is mapped."""
        self._step_file.touch()
        with open(self._step_file, "r+b") as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def stepped(make_daemon):
    return SteppedDaemon(make_daemon())


def refused(github):
    return sum(request["status"] == 401 for request in github.requests(MINT))


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
class TestWhileRunning:
    def test_no_token_is_lost_and_none_minted(self, stepped, github, seconds):
        daemon = stepped.start()
        before = [daemon.token(**wanted)["token"] for wanted in WANTED]
        github.forget_calls()
        stepped.step(seconds)
        after = [daemon.token(**wanted) for wanted in WANTED]
        assert [answer["token"] for answer in after] == before
        assert {answer["source"] for answer in after} == {"cache"}
        assert github.mints == 0

    def test_the_next_mint_succeeds_after_one_retry_at_most(self, stepped, github, seconds):
        daemon = stepped.start()
        daemon.token(TARGET)
        github.forget_calls()
        stepped.step(seconds)
        assert daemon.token(OTHER)["source"] == "minted"
        assert github.mints <= 2
        assert refused(github) <= 1

    def test_a_token_that_ended_is_not_given(self, stepped, github, seconds):
        daemon = stepped.start()
        daemon.token(OTHER)
        github.fault(MINT, lifetime=8, times=1)
        token = daemon.token(TARGET)
        stepped.step(seconds)
        github.fault(MINT, answers=[502] * 100)
        wait_until(lambda: github.state.clock.now() > token["expires_at"] - 3)
        with pytest.raises(DaemonError, match="UpstreamDown"):
            daemon.token(TARGET)


@pytest.mark.parametrize("seconds", [1200, -1200, HOUR - 60, 60 - HOUR])
class TestFromTheStart:
    def test_the_first_mint_succeeds_after_one_retry_at_most(self, stepped, github, seconds):
        stepped.step(seconds)
        assert stepped.start().token(TARGET)["source"] == "minted"
        assert github.mints <= 2
        assert refused(github) <= 1


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
class TestWhileStopped:
    def test_a_token_that_ended_is_not_given_after_the_restart(self, stepped, github, seconds):
        github.fault(MINT, lifetime=8, times=1)
        daemon = stepped.start()
        token = daemon.token(TARGET)
        daemon.stop()
        stepped.step(seconds)
        wait_until(lambda: github.state.clock.now() > token["expires_at"] - 3)
        stepped.start()
        assert daemon.token(TARGET)["token"] != token["token"]


def test_an_access_token_ends_by_this_clock_also_where_it_was_shown_before(stepped):
    scopes = '"github:token", "admin:daemon"'
    stepped.daemon.edit_config(scopes, scopes + ', "user:token"')
    daemon = stepped.start()
    token = daemon.call("io.tokman.Access.CreateSessionToken")["token"]
    with daemon.connect() as connection:

        def is_active():
            send(connection, "io.tokman.Access.GetData", {"token": token})
            return receive(connection)["active"]

        assert is_active()
        assert is_active()
        stepped.step(24 * HOUR)
        wait_until(lambda: not is_active())  # The clock is read once in a millisecond.
