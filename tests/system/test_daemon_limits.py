"""What one caller can take up: bounded, for each uid by itself, and never the daemon's life."""

import json
import os
import resource
import select
import socket
import time

import pytest
from tokman_daemon import DaemonError, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
PING = "io.tokman.Daemon.Ping"
WHO_AM_I = "io.tokman.Access.WhoAmI"
TARGET = "octo-org/hello-world"


@pytest.fixture
def make_limited(make_daemon):
    def make(**limits):
        daemon = make_daemon()
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in limits.items())
        daemon.edit_config("[store]", f"{lines}[store]")
        return daemon.start()

    return make


def is_closed(connection):
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except ConnectionResetError:
        return True


def answer_or_error(connection):
    try:
        return receive(connection)
    except DaemonError as error:
        return error.name


class TestFrames:
    def test_one_of_64_kib_is_read(self, daemon):
        call = b'{"method":"io.tokman.Daemon.Ping"}'
        with daemon.connect() as connection:
            connection.sendall(b" " * (65536 - len(call)) + call + b"\0")
            assert "version" in receive(connection)

    @pytest.mark.parametrize("end", [b"", b"\0", b"\0" + b'{"method":"x"}\0'])
    def test_a_longer_one_ends_its_connection_and_no_other(self, daemon, end):
        with daemon.connect() as sender, daemon.connect() as bystander:
            send(bystander, PING)
            receive(bystander)
            try:
                sender.sendall(b" " * 65537 + end)
            except (BrokenPipeError, ConnectionResetError):
                pass  # It may hang up before all is sent.
            wait_until(lambda: is_closed(sender))
            send(bystander, PING)
            assert "version" in receive(bystander)

    def test_calls_before_a_frame_that_is_too_long_are_answered_or_cut_off_but_harmless(
        self, daemon
    ):
        with daemon.connect() as connection:
            send(connection, PING)
            connection.sendall(b"x" * 66_000)
            assert answer_or_cut(connection)
        assert daemon.answers()

    def test_a_flood_of_empty_frames_is_answered_frame_by_frame(self, daemon):
        with daemon.connect() as connection:
            connection.sendall(b"\0" * 1000)
            for _ in range(1000):
                assert answer_or_error(connection) == "io.tokman.InvalidArgument"
            send(connection, PING)
            assert "version" in receive(connection)


class TestPipelining:
    def test_more_calls_than_are_taken_at_once_are_all_answered_in_order(self, daemon, github):
        github.fault(MINT, latency=0.2)
        methods = [GET_TOKEN, PING, WHO_AM_I, "io.tokman.Daemon.X"]
        with daemon.connect() as connection:
            for number in range(400):
                method = methods[number % 4]
                send(connection, method, {"target": TARGET} if method == GET_TOKEN else {})
            for _ in range(100):
                assert "token" in receive(connection)
                assert "version" in receive(connection)
                assert "principal" in receive(connection)
                assert answer_or_error(connection).endswith("MethodNotFound")

    def test_beyond_the_limit_a_caller_is_not_read_until_some_are_answered(
        self, make_limited, github
    ):
        daemon = make_limited(calls_per_connection=4, calls_per_uid=100)
        github.fault(MINT, latency=0.5)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            connection.sendall(b'{"method":"io.tokman.Daemon.Ping"}\0' * 300)
            wait_until(lambda: github.mints == 1)
            assert daemon.status()["mints"] == 0  # Not refused: 5 calls of this uid, not 302.
            assert "token" in receive(connection)
            assert all("version" in receive(connection) for _ in range(300))

    def test_one_who_asks_and_asks_and_does_not_read_is_answered_when_he_does(self, daemon):
        daemon.token(TARGET)
        call = json.dumps({"method": GET_TOKEN, "parameters": {"target": TARGET}}).encode() + b"\0"
        with daemon.connect() as connection:
            sent = send_all_that_fits(connection, call)
            other = daemon.token(TARGET)
            answers = [receive(connection) for _ in range(sent)]
        assert {answer["token"] for answer in answers} == {other["token"]}

    def test_his_answers_take_up_little_of_the_daemons_memory(self, daemon):
        daemon.token(TARGET)
        before = resident_bytes(daemon)
        call = json.dumps({"method": GET_TOKEN, "parameters": {"target": TARGET}}).encode() + b"\0"
        with daemon.connect() as connection:
            send_all_that_fits(connection, call * 500)
            assert resident_bytes(daemon) - before < 4_000_000


class TestPerUid:
    def test_calls_beyond_the_limit_are_refused_and_may_be_tried_again(self, make_limited, github):
        daemon = make_limited(calls_per_uid=3, call_timeout="2s")
        github.fault(MINT, latency=0.5)
        with daemon.connect() as connection:
            for number in range(5):
                send(connection, GET_TOKEN, {"target": TARGET})
            answers = [answer_or_error(connection) for _ in range(5)]
            assert answers[3:] == ["io.tokman.Busy"] * 2
            assert all("token" in answer for answer in answers[:3])
            send(connection, GET_TOKEN, {"target": TARGET})
            assert "token" in receive(connection)

    def test_they_count_over_all_connections_of_the_uid(self, make_limited, github):
        daemon = make_limited(calls_per_uid=2)
        github.fault(MINT, latency=0.5)
        with daemon.connect() as first, daemon.connect() as second:
            send(first, GET_TOKEN, {"target": TARGET})
            send(first, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            send(second, PING)
            assert answer_or_error(second) == "io.tokman.Busy"

    def test_at_the_limit_of_connections_the_one_idle_for_longest_goes(self, make_limited):
        daemon = make_limited(connections_per_uid=3)
        connections = [daemon.connect() for _ in range(3)]
        for connection in (connections[1], connections[0], connections[2]):
            send(connection, PING)
            receive(connection)
            at = time.monotonic()
            wait_until(lambda: time.monotonic() > at + 0.01)  # The daemon counts milliseconds.
        newest = daemon.connect()
        send(newest, PING)
        assert "version" in receive(newest)
        assert [is_closed(it) for it in connections] == [False, True, False]
        for connection in [*connections, newest]:
            connection.close()

    def test_when_none_is_idle_the_new_one_is_refused(self, make_limited, github):
        daemon = make_limited(connections_per_uid=2)
        github.fault(MINT, latency=0.5)
        with daemon.connect() as first, daemon.connect() as second:
            for connection in (first, second):
                send(connection, GET_TOKEN, {"target": TARGET})
                send(connection, PING)
            wait_until(lambda: github.mints == 1)
            with daemon.connect() as third:
                wait_until(lambda: is_closed(third))
            assert "token" in receive(first)
            assert "token" in receive(second)
        daemon.wait_for_log("connection refused: too many")

    def test_idle_connections_are_kept_while_there_is_room(self, make_limited):
        daemon = make_limited(connections_per_uid=64)
        connections = [daemon.connect() for _ in range(60)]
        for connection in connections:
            send(connection, PING)
            assert "version" in receive(connection)
        assert daemon.status()["connections"] == 61
        for connection in connections:
            connection.close()
        wait_until(lambda: daemon.status()["connections"] == 1)


class TestDropped:
    def test_an_unfinished_frame_and_unread_answers_are_dropped_but_nobody_idle(self, daemon):
        """All in one, because it takes the daemon 10 to 15 s."""
        daemon.token(TARGET)
        call = json.dumps({"method": GET_TOKEN, "parameters": {"target": TARGET}}).encode() + b"\0"
        with daemon.connect() as unfinished, daemon.connect() as unread, daemon.connect() as idle:
            send(idle, PING)
            receive(idle)
            unfinished.sendall(b'{"method":')
            send_all_that_fits(unread, call * 500)
            started = time.monotonic()
            wait_until(lambda: daemon.log.count("connection dropped: ") == 2, seconds=25)
            assert time.monotonic() - started > 9
            assert is_closed(unfinished)
            send(idle, PING)
            assert "version" in receive(idle)


class TestDescriptors:
    def test_as_many_may_be_open_as_the_hard_limit_says(self, make_daemon):
        daemon = make_daemon()
        daemon.launch(prefix=["prlimit", "--nofile=100:2000"])
        wait_until(daemon.answers)
        limits = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
        assert limits == (2000, 2000)

    def test_running_out_of_them_is_survived(self, make_daemon):
        daemon = make_daemon().start()
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (40, 40))
        connections = []
        for _ in range(60):
            connections.append(daemon.connect())
        daemon.wait_for_log("cannot accept")
        send(connections[0], PING)
        assert "version" in receive(connections[0])
        for connection in connections:
            connection.close()
        wait_until(lambda: daemon.status()["connections"] == 1)

    def test_it_does_not_keep_the_daemon_busy(self, make_daemon):
        daemon = make_daemon().start()
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (40, 40))
        connections = [daemon.connect() for _ in range(60)]
        daemon.wait_for_log("cannot accept")
        before, at = cpu_seconds(daemon), time.monotonic()
        wait_until(lambda: time.monotonic() > at + 0.5)
        assert cpu_seconds(daemon) - before < 0.1
        for connection in connections:
            connection.close()


def send_all_that_fits(connection, chunk):
    """Until the kernel takes nothing more for a while. Gives the number of whole chunks."""
    sent = 0
    connection.settimeout(0.5)
    rest = b""
    try:
        while True:
            rest = rest or chunk
            rest = rest[connection.send(rest) :]
            sent += not rest
    except TimeoutError:
        pass
    return sent


def answer_or_cut(connection):
    try:
        return "version" in receive(connection)
    except (EOFError, ConnectionResetError):
        return True


def resident_bytes(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
