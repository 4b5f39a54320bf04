"""tokmand and its signer: what happens when that dies, and how keys come to it."""

import os
import re
import signal
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from tokman_daemon import DaemonError, program, receive, send, wait_until, write_secret

GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"


def signer_pid(daemon):
    """0 if there is none."""
    daemon_pid = daemon.process.pid
    children = Path(f"/proc/{daemon_pid}/task/{daemon_pid}/children").read_text().split()
    return int(children[0]) if children else 0


def kill_signer(daemon):
    wait_until(lambda: signer_pid(daemon))
    pid = signer_pid(daemon)
    os.kill(pid, signal.SIGKILL)
    return pid


def lost_count(daemon):
    return daemon.log.count('event="signer lost"')


def started_count(daemon):
    return daemon.log.count('event="signer started"')


def use_key(daemon, github, pem):
    """Has the daemon's configuration name a key file with this text."""
    path = daemon.directory / "own.pem"
    write_secret(path, pem)
    (usual,) = github.key_files(12345)
    daemon.edit_config(f"file:{usual}", f"file:{path}")


class TestOwnChild:
    def test_cached_tokens_are_given_when_it_is_dead(self, daemon):
        token = daemon.token(TARGET)["token"]
        kill_signer(daemon)
        wait_until(lambda: lost_count(daemon) == 1)
        assert daemon.token(TARGET)["token"] == token

    def test_it_is_started_again_and_then_tokens_are_minted_again(self, daemon):
        dead = kill_signer(daemon)
        wait_until(lambda: signer_pid(daemon) not in (0, dead))
        assert daemon.token(TARGET)["source"] == "minted"
        status = daemon.status()
        assert (status["signer"], status["signer_restarts"]) == ("up", 1)

    def test_a_call_that_needs_it_waits_until_it_is_back(self, daemon):
        daemon.token(TARGET)
        daemon.reload()  # The JWT is made anew.
        kill_signer(daemon)
        assert daemon.token(OTHER)["source"] == "minted"

    def test_one_that_keeps_dying_is_started_less_and_less_often(self, daemon):
        for number in range(1, 4):
            kill_signer(daemon)
            wait_until(lambda: lost_count(daemon) == number)  # noqa: B023
            wait_until(lambda: started_count(daemon) == number + 1)  # noqa: B023
        pauses = [int(it) for it in re.findall(r"retry_in_ms=(\d+)", daemon.log)]
        for pause, middle in zip(pauses, (250, 500, 1000), strict=True):
            assert 0.75 * middle - 1 <= pause <= 1.25 * middle

    def test_it_ends_with_the_daemon_even_if_that_is_killed(self, daemon):
        wait_until(lambda: signer_pid(daemon))
        path = Path(f"/proc/{signer_pid(daemon)}")
        daemon.kill()
        wait_until(lambda: not path.exists())

    def test_a_hang_up_of_the_whole_group_does_not_end_it(self, daemon):
        wait_until(lambda: signer_pid(daemon))
        pid = signer_pid(daemon)
        daemon.wait_for_log("key loaded")
        os.kill(pid, signal.SIGHUP)
        os.kill(pid, signal.SIGTERM)
        assert daemon.token(TARGET)["source"] == "minted"
        assert signer_pid(daemon) == pid


class Signer:
    """tokman-signer as a service of its own, with the configuration of a daemon."""

    def __init__(self, daemon):
        self._daemon = daemon
        self.socket = daemon.directory / "signer.sock"
        self._process = None

    def start(self):
        command = [program("tokman-signer"), "--config", self._daemon.config_file]
        with open(self._daemon.directory / "signer.log", "ab") as log:
            self._process = subprocess.Popen(
                [*command, "--listen", self.socket], stdin=subprocess.DEVNULL, stderr=log
            )
        wait_until(self.socket.exists)

    def kill(self):
        self._process.kill()
        self._process.wait()


class TestService:
    @pytest.fixture
    def signer(self, daemon):
        signer = Signer(daemon)
        signer.start()
        yield signer
        signer.kill()

    @pytest.fixture
    def daemon(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config(
            "[store]",
            f'signer = "unix:{daemon.directory}/signer.sock"\ncall_timeout = "1s"\n[store]',
        )
        return daemon

    def test_it_signs_for_the_daemon(self, daemon, signer):
        daemon.start()
        assert daemon.token(TARGET)["source"] == "minted"
        assert signer_pid(daemon) == 0

    def test_its_socket_is_for_its_own_user(self, signer):
        assert stat.S_IMODE(os.stat(signer.socket).st_mode) == 0o600

    def test_without_it_status_says_so_and_cached_tokens_are_given(self, daemon, signer):
        daemon.start()
        token = daemon.token(TARGET)["token"]
        signer.kill()
        wait_until(lambda: daemon.status()["signer"] == "down")
        assert daemon.token(TARGET)["token"] == token
        assert daemon.call("io.tokman.Daemon.Health")["state"] == "degraded"

    def test_without_it_a_mint_fails_in_a_way_that_may_pass(self, daemon):
        daemon.start()
        with pytest.raises(DaemonError) as caught:
            daemon.token(TARGET)
        assert caught.value.parameters["retryable"] is True

    def test_when_it_is_back_tokens_are_minted_again(self, daemon, signer):
        daemon.start()
        signer.kill()
        wait_until(lambda: daemon.status()["signer"] == "down")
        signer.start()
        wait_until(lambda: daemon.status()["signer"] == "up")
        assert daemon.token(TARGET)["source"] == "minted"

    def test_the_daemon_need_not_be_able_to_read_the_keys(self, daemon, signer, github):
        (usual,) = github.key_files(12345)
        daemon.edit_config(f"file:{usual}", "file:/no/such/key.pem")
        daemon.start()
        assert daemon.token(TARGET)["source"] == "minted"


class TestKeys:
    @pytest.mark.parametrize("form", ["PKCS#1", "PKCS#8", "CRLF"])
    def test_a_key_may_have_any_usual_form(self, make_daemon, github, form):
        (usual,) = github.key_files(12345)
        key = serialization.load_pem_private_key(usual.read_bytes(), None)
        encoding = serialization.PrivateFormat.TraditionalOpenSSL
        if form == "PKCS#8":
            encoding = serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(
            serialization.Encoding.PEM, encoding, serialization.NoEncryption()
        ).decode()
        daemon = make_daemon()
        use_key(daemon, github, pem.replace("\n", "\r\n") if form == "CRLF" else pem)
        assert daemon.start().token(TARGET)["source"] == "minted"

    def test_one_that_is_none_is_an_error_of_the_calls_and_not_of_the_start(
        self, make_daemon, github
    ):
        daemon = make_daemon()
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        use_key(daemon, github, "-----BEGIN RSA PRIVATE KEY-----\nbm8ga2V5\n")
        daemon.start()
        with pytest.raises(DaemonError, match="SecretUnavailable.*has no usable key"):
            daemon.token(TARGET)
        daemon.wait_for_log("key unusable")

    def test_the_first_that_can_be_used_signs(self, make_daemon, github):
        daemon = make_daemon()
        write_secret(daemon.directory / "bad.pem", "no key")
        bad = daemon.directory / "bad.pem"
        daemon.edit_config("private_keys = [", f'private_keys = ["file:{bad}", ')
        assert daemon.start().token(TARGET)["source"] == "minted"

    def test_a_reload_takes_up_a_new_one(self, make_daemon, github):
        daemon = make_daemon()
        (usual,) = github.key_files(12345)
        use_key(daemon, github, usual.read_text())
        daemon.start().token(TARGET)
        before = daemon.status()["apps"][0]["key_fingerprint"]
        github.change("set_keys", app_id=12345, keys=["rotated.pem"])
        (rotated,) = github.key_files(12345)
        (daemon.directory / "own.pem").write_text(rotated.read_text())
        daemon.reload()
        assert daemon.token(OTHER)["source"] == "minted"
        assert daemon.status()["apps"][0]["key_fingerprint"] != before

    def test_until_then_github_refuses_and_the_reload_forgets_that(self, make_daemon, github):
        daemon = make_daemon()
        (usual,) = github.key_files(12345)
        use_key(daemon, github, usual.read_text())
        daemon.start()
        github.change("set_keys", app_id=12345, keys=["rotated.pem"])
        (rotated,) = github.key_files(12345)
        with pytest.raises(DaemonError, match="UpstreamAuth"):
            daemon.token(TARGET)
        (daemon.directory / "own.pem").write_text(rotated.read_text())
        daemon.reload()
        assert daemon.token(TARGET)["source"] == "minted"

    def test_a_lost_file_does_not_take_the_key_from_a_signer_that_has_it(self, make_daemon, github):
        daemon = make_daemon()
        (usual,) = github.key_files(12345)
        use_key(daemon, github, usual.read_text())
        daemon.start()
        daemon.wait_for_log("key loaded")
        (daemon.directory / "own.pem").unlink()
        with pytest.raises(DaemonError, match="Configuration"):
            daemon.reload()
        assert daemon.token(TARGET)["source"] == "minted"

    def test_a_storm_of_reloads_ends_with_the_keys_in_use(self, daemon):
        with daemon.connect() as connection:
            for _ in range(50):
                send(connection, "io.tokman.Daemon.Reload")
            for _ in range(50):
                receive(connection)
        assert daemon.token(TARGET)["source"] == "minted"
