"""Running tokmand: checking and reloading its configuration, systemd, and its end."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest
from tokman_daemon import DaemonError, program, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
PING = "io.tokman.Daemon.Ping"
TARGET = "octo-org/hello-world"


def check_config(daemon):
    command = [program("tokmand"), "--config", daemon.config_file, "--check-config"]
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)


def line_of(daemon, text):
    return 1 + daemon.config_file.read_text().partition(text)[0].count("\n")


class TestCheckConfig:
    @pytest.fixture
    def daemon(self, make_daemon):
        return make_daemon()

    def test_a_good_one_is_good_and_nothing_is_started(self, daemon):
        checked = check_config(daemon)
        assert (checked.returncode, checked.stderr) == (0, "")
        assert checked.stdout == f"{daemon.config_file}: no problems found\n"
        assert list((daemon.directory / "state").iterdir()) == []

    def test_all_problems_are_told_at_once_with_file_and_line(self, daemon):
        daemon.edit_config("log_level", "log_levle")
        daemon.edit_config('"admin:daemon"', '"admin:deamon"')
        daemon.edit_config("https://", "http://")
        daemon.edit_config("[[grant]]", 'renew_before = "55m"\n[[grant]]')
        checked = check_config(daemon)
        assert checked.returncode == 16
        told = checked.stderr.splitlines()
        for text, words in {
            "log_levle": "log_level",
            "admin:deamon": "admin:daemon",
            "http://": "https://",
            "renew_before": "50m",
        }.items():
            place = f"{daemon.config_file}:{line_of(daemon, text)}: "
            (line,) = [it for it in told if it.startswith(place)]
            assert words in line
        assert told[-1] == "tokmand: 4 problems found; nothing was started"

    @pytest.mark.parametrize("who", ["everybody", "the group's writers"])
    def test_a_secret_that_others_can_reach_is_a_problem(self, daemon, who):
        (daemon.directory / "store.key").chmod(0o604 if who == "everybody" else 0o620)
        checked = check_config(daemon)
        assert checked.returncode == 16
        assert f"{daemon.directory}/store.key is open to" in checked.stderr or (
            f"{daemon.directory}/store.key may be written" in checked.stderr
        )

    def test_a_private_key_is_looked_at_too(self, daemon):
        exposed = daemon.directory / "exposed.pem"
        exposed.touch(mode=0o644)
        daemon.edit_config("private_keys = [", f'private_keys = ["file:{exposed}", ')
        assert "exposed.pem is open to everybody" in check_config(daemon).stderr

    def test_further_files_are_read_in_their_order(self, daemon):
        folder = daemon.directory / "conf.d"
        folder.mkdir()
        (folder / "10-first.toml").write_text('[daemon]\nlog_level = "info"\n')
        (folder / "20-bad.toml").write_text('[daemon]\ncolour = "red"\n')
        (folder / "ignored.txt").write_text("this is not TOML")
        assert f"{folder}/20-bad.toml:2: " in check_config(daemon).stderr

    def test_a_daemon_does_not_start_with_a_bad_one(self, daemon):
        daemon.edit_config("log_level", "log_levle")
        daemon.launch()
        assert daemon.wait_for_end() == 16
        assert "log_levle" in daemon.log


class TestReload:
    @pytest.fixture
    def daemon(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config(', "monalisa/*", "monalisa"', "")
        daemon.start()
        daemon.wait_for_log("key loaded")  # By the signer, which reads the file for itself.
        return daemon

    @staticmethod
    def hang_up(daemon):
        daemon.signal(signal.SIGHUP)

    def test_a_new_grant_works_on_a_connection_that_is_there(self, daemon):
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": "monalisa/notes"})
            with pytest.raises(DaemonError, match="Denied"):
                receive(connection)
            daemon.edit_config('"octo-org/*"', '"octo-org/*", "monalisa/*"')
            self.hang_up(daemon)
            wait_until(lambda: daemon.status()["policy_generation"] == 2)
            send(connection, GET_TOKEN, {"target": "monalisa/notes"})
            assert receive(connection)["installation_id"] == 4343

    def test_a_bad_one_leaves_the_old_in_force_and_status_says_so(self, daemon):
        daemon.edit_config("log_level", "log_levle")
        place = f"{daemon.config_file}:{line_of(daemon, 'log_levle')}: "
        self.hang_up(daemon)
        wait_until(lambda: "configuration_error" in daemon.status())
        assert place in daemon.status()["configuration_error"]
        assert daemon.status()["policy_generation"] == 1
        assert daemon.token(TARGET)["source"] == "minted"
        daemon.wait_for_log("configuration has an error")
        health = daemon.call("io.tokman.Daemon.Health")
        assert (health["state"], health["checks"][0]["name"]) == ("degraded", "configuration")

    def test_a_good_one_after_it_ends_the_error(self, daemon):
        daemon.edit_config("log_level", "log_levle")
        self.hang_up(daemon)
        wait_until(lambda: "configuration_error" in daemon.status())
        daemon.edit_config("log_levle", "log_level")
        self.hang_up(daemon)
        wait_until(lambda: "configuration_error" not in daemon.status())

    def test_by_a_call_a_bad_one_is_the_error_of_the_call(self, daemon):
        daemon.edit_config("log_level", "log_levle")
        with pytest.raises(DaemonError, match="the old configuration stays in force") as caught:
            daemon.reload()
        assert caught.value.name == "io.tokman.Configuration"
        assert "log_levle" in caught.value.parameters["message"]

    def test_by_a_call_a_good_one_tells_the_new_generation(self, daemon):
        assert [daemon.reload()["policy_generation"] for _ in range(3)] == [2, 3, 4]

    def test_an_app_that_is_gone_gives_nothing_any_more(self, daemon):
        daemon.token(TARGET)
        daemon.edit_config('apps = ["ci"]', 'apps = ["other"]')
        daemon.edit_config('name = "ci"', 'name = "other"')
        daemon.reload()
        assert daemon.token(TARGET)["app"] == "other"
        with pytest.raises(DaemonError, match="Denied"):
            daemon.token(TARGET, app="ci")

    def test_what_needs_a_restart_is_said(self, daemon):
        daemon.edit_config("tokman.sock", "other.sock")
        self.hang_up(daemon)
        daemon.wait_for_log("daemon.socket")

    def test_it_does_not_disturb_calls_in_flight(self, daemon, github):
        github.fault(MINT, latency=0.3)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            daemon.reload()
            assert receive(connection)["source"] == "minted"


class Notifications:
    """What systemd would hear."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0"))
        self._socket.settimeout(10)
        self.environment = {"NOTIFY_SOCKET": address}

    def next(self):
        return dict(line.split("=", 1) for line in self._socket.recv(4096).decode().splitlines())

    def close(self):
        self._socket.close()


class TestSystemd:
    @pytest.fixture(params=["path", "abstract"])
    def notifications(self, request, tmp_path):
        address = str(tmp_path / "notify") if request.param == "path" else f"@tokman-{os.getpid()}"
        notifications = Notifications(address)
        yield notifications
        notifications.close()

    def test_it_hears_of_every_turn_of_its_life(self, make_daemon, notifications):
        daemon = make_daemon()
        daemon.launch(environment=notifications.environment)
        ready = notifications.next()
        assert ready == {"READY": "1", "STATUS": f"serving {daemon.socket_path}"}
        assert daemon.answers()
        before = time.monotonic_ns() // 1000
        daemon.signal(signal.SIGHUP)
        reloading = notifications.next()
        assert reloading["RELOADING"] == "1"
        assert before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert notifications.next()["READY"] == "1"
        daemon.signal(signal.SIGTERM)
        assert notifications.next() == {"STOPPING": "1"}
        assert daemon.wait_for_end() == 0

    def test_after_a_bad_reload_it_hears_that_we_are_ready_as_before(
        self, make_daemon, notifications
    ):
        daemon = make_daemon()
        daemon.start(environment=notifications.environment)
        daemon.edit_config("log_level", "log_levle")
        daemon.signal(signal.SIGHUP)
        assert [next(iter(notifications.next())) for _ in range(3)] == [
            "READY",
            "RELOADING",
            "READY",
        ]

    def test_its_watchdog_is_fed_in_time(self, make_daemon, notifications):
        daemon = make_daemon()
        daemon.start(environment={**notifications.environment, "WATCHDOG_USEC": "400000"})
        fed = []
        while len(fed) < 4:
            if notifications.next() == {"WATCHDOG": "1"}:
                fed.append(time.monotonic())
        assert fed[3] - fed[1] < 2 * 0.4

    def test_a_watchdog_of_another_process_is_not_fed(self, make_daemon, notifications):
        daemon = make_daemon()
        other = {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
        daemon.start(environment={**notifications.environment, **other})
        daemon.stop()
        assert "READY" in notifications.next()
        assert "STOPPING" in notifications.next()

    def test_a_socket_that_nobody_reads_does_not_keep_it_from_serving(self, make_daemon):
        daemon = make_daemon()
        daemon.start(environment={"NOTIFY_SOCKET": "/no/such/socket"})
        daemon.wait_for_log("systemd not told")


class TestLogLines:
    PRIORITIES = {"signer started": "6", "token-given": "5", "signer lost": "4"}

    def some_lines(self, daemon):
        daemon.token(TARGET)
        (signer,) = re.findall(r'event="signer started" pid=(\d+)', daemon.log)
        os.kill(int(signer), signal.SIGKILL)
        daemon.wait_for_log("signer lost")
        return daemon.log.splitlines()

    def test_for_the_journal_they_begin_with_their_priority(self, make_daemon):
        daemon = make_daemon()
        (daemon.directory / "log").touch()
        log = os.stat(daemon.directory / "log")
        daemon.start(environment={"JOURNAL_STREAM": f"{log.st_dev}:{log.st_ino}"})
        for line in self.some_lines(daemon):
            assert re.match(r"<[3-7]>(event|audit)=", line), line
            for event, priority in self.PRIORITIES.items():
                assert event not in line or line.startswith(f"<{priority}>"), line

    @pytest.mark.parametrize("stream", [None, "1:2"])
    def test_otherwise_with_the_time(self, make_daemon, stream):
        daemon = make_daemon()
        daemon.start(environment={"JOURNAL_STREAM": stream} if stream else {})
        for line in self.some_lines(daemon):
            assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (event|audit)=", line), line


class TestEnd:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_either_signal_is_a_good_end(self, daemon, number):
        daemon.signal(number)
        assert daemon.wait_for_end() == 0
        assert daemon.log.endswith("event=stopped\n")

    def test_calls_in_flight_are_answered_and_idle_connections_closed(self, daemon, github):
        github.fault(MINT, latency=0.3)
        with daemon.connect() as busy, daemon.connect() as idle:
            send(idle, PING)
            receive(idle)
            send(busy, GET_TOKEN, {"target": TARGET})
            send(busy, PING)
            wait_until(lambda: github.mints == 1)
            daemon.signal(signal.SIGTERM)
            assert idle.recv(1) == b""
            assert daemon.alive()
            assert receive(busy)["source"] == "minted"
            assert "version" in receive(busy)
            assert busy.recv(1) == b""
        assert daemon.wait_for_end() == 0

    def test_a_token_minted_at_the_last_moment_is_kept(self, daemon, github):
        github.fault(MINT, latency=0.2)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            daemon.signal(signal.SIGTERM)
            token = receive(connection)["token"]
        daemon.wait_for_end()
        daemon.start()
        assert daemon.token(TARGET)["token"] == token

    def test_after_the_stop_timeout_they_are_refused(self, make_daemon, github):
        daemon = make_daemon()
        daemon.edit_config("[store]", 'stop_timeout = "200ms"\n[store]')
        daemon.start()
        github.fault(MINT, latency=20)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            daemon.signal(signal.SIGTERM)
            with pytest.raises(DaemonError, match="io.tokman.ShuttingDown") as caught:
                receive(connection)
            assert caught.value.parameters["retryable"] is True
        assert daemon.wait_for_end() == 0

    def test_nobody_new_is_let_in(self, daemon, github):
        github.fault(MINT, latency=0.5)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            daemon.signal(signal.SIGTERM)
            wait_until(lambda: not daemon.socket_path.exists())
            with pytest.raises(OSError):
                daemon.connect()
            receive(connection)

    def test_one_who_does_not_read_cannot_hold_it_up(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config("[store]", 'stop_timeout = "200ms"\n[store]')
        daemon.start()
        with daemon.connect() as connection:
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                while True:
                    connection.sendall(b'{"method":"io.tokman.Daemon.Status"}\0' * 500)
            assert daemon.stop() == 0

    def test_what_ends_then_ends_once_in_the_audit_log(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config("[store]", 'stop_timeout = "100ms"\n[store]')
        daemon.start().token(TARGET)
        with daemon.connect() as connection:
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                while True:
                    connection.sendall(b'{"method":"io.tokman.Daemon.Status"}\0' * 500)
            daemon.signal(signal.SIGTERM)
            daemon.wait_for_log("the stop timeout is over")
        assert daemon.wait_for_end() == 0
        assert daemon.log.count("audit=token-ended") == 1

    def test_a_second_signal_does_not_cut_it_short(self, daemon, github):
        github.fault(MINT, latency=0.3)
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            daemon.signal(signal.SIGTERM)
            daemon.wait_for_log("event=stopping")
            daemon.signal(signal.SIGTERM)
            assert receive(connection)["source"] == "minted"
        assert daemon.wait_for_end() == 0
