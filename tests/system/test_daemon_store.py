"""tokmand's store: sealed, never wiped in silence, and no reason to stop giving tokens."""

import base64
import os
import re
import secrets
import stat
import subprocess

import pytest
from tokman_daemon import DaemonError, wait_until, write_secret

TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"

# Sealed values look random: no two zeroes side by side for long.
SEALED = re.compile(rb"(?:[^\0]|\0(?!\0\0)){200,}", re.S)


def data_file(daemon):
    return daemon.directory / "state" / "data.mdb"


def refuses_to_start(daemon):
    daemon.launch()
    return daemon.wait_for_end() != 0


@pytest.fixture
def filled(daemon):
    """A stopped daemon whose store holds a token."""
    daemon.token(TARGET)
    daemon.stop()
    return daemon


def test_its_files_are_for_the_own_user_alone(filled):
    for file in (filled.directory / "state").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_it_holds_nothing_in_clear(daemon):
    token = daemon.token(TARGET)["token"]
    daemon.stop()
    stored = b"".join(it.read_bytes() for it in (daemon.directory / "state").iterdir())
    assert b"tokens" in stored  # The tables' names are; so something can be found.
    for planted in (token, token[4:20], "ghs_", "eyJ", "PRIVATE KEY", "hello-world", "contents"):
        assert planted.encode() not in stored, planted


def test_a_wrong_key_is_a_clear_error_and_leaves_it_as_it_was(filled):
    before = data_file(filled).read_bytes()
    right = (filled.directory / "store.key").read_text()
    write_secret(filled.directory / "store.key", base64.b64encode(secrets.token_bytes(32)).decode())
    assert refuses_to_start(filled)
    assert re.search(r"cannot start.*store in .*/state .*key", filled.log)
    assert data_file(filled).read_bytes() == before
    write_secret(filled.directory / "store.key", right)
    assert filled.start().token(TARGET)["source"] == "cache"


def test_its_key_is_changed_by_naming_the_old_one_for_one_start(filled):
    old, new = (f"file:{filled.directory}/{name}.key" for name in ("store", "new"))
    write_secret(filled.directory / "new.key", base64.b64encode(secrets.token_bytes(32)).decode())
    filled.edit_config(f'key = "{old}"', f'key = "{new}"\nprevious_keys = "{old}"')
    assert filled.start().token(TARGET)["source"] == "cache"
    filled.stop()
    filled.edit_config(f'previous_keys = "{old}"', "")
    (filled.directory / "store.key").unlink()
    assert filled.start().token(TARGET)["source"] == "cache"


@pytest.mark.parametrize("place", ["file:/no/such.key", "env:NO_SUCH_KEY", "credential:store.key"])
def test_a_missing_key_is_a_clear_error_and_leaves_it_as_it_was(filled, place):
    before = data_file(filled).read_bytes()
    filled.edit_config(f"file:{filled.directory}/store.key", place)
    assert refuses_to_start(filled)
    assert place.partition(":")[2] in filled.log
    assert data_file(filled).read_bytes() == before


def test_a_key_that_is_too_short_is_a_clear_error(make_daemon):
    daemon = make_daemon()
    write_secret(daemon.directory / "store.key", "short\n")
    assert refuses_to_start(daemon)
    assert "the store key has 5 bytes" in daemon.log
    assert "openssl rand" in daemon.log


def test_a_key_from_the_environment_is_used(make_daemon):
    daemon = make_daemon()
    daemon.edit_config(f"file:{daemon.directory}/store.key", "env:THE_STORE_KEY")
    key = {"THE_STORE_KEY": "a key of at least thirty-two bytes"}
    token = daemon.start(environment=key).token(TARGET)["token"]
    daemon.stop()
    assert daemon.start(environment=key).token(TARGET)["token"] == token


def test_a_key_from_a_systemd_credential_is_used(make_daemon):
    daemon = make_daemon()
    daemon.edit_config(f"file:{daemon.directory}/store.key", "credential:store.key")
    daemon.start(environment={"CREDENTIALS_DIRECTORY": str(daemon.directory)})
    assert daemon.token(TARGET)["source"] == "minted"


def test_values_that_were_tampered_with_are_dropped_and_minted_anew(filled, github):
    data = bytearray(data_file(filled).read_bytes())
    values = list(SEALED.finditer(data))
    for value in values:
        data[value.start() + 100] ^= 1
    assert values
    data_file(filled).write_bytes(data)
    assert filled.start().token(TARGET)["source"] == "minted"
    filled.wait_for_log("dropped")
    assert github.mints == 2
    filled.restart()
    assert filled.token(TARGET)["source"] == "cache"


@pytest.mark.parametrize("content", [b"garbage" * 5000, b"\0" * 65536], ids=["text", "zeroes"])
def test_a_file_that_is_no_store_is_never_wiped_in_silence(make_daemon, content):
    daemon = make_daemon()
    data_file(daemon).write_bytes(content)
    assert refuses_to_start(daemon)
    assert "cannot start" in daemon.log
    assert data_file(daemon).read_bytes() == content


def test_a_state_directory_that_cannot_be_made_is_a_clear_error(make_daemon):
    daemon = make_daemon()
    daemon.edit_config(f'"{daemon.directory}/state"', f'"{daemon.directory}/no/such/state"')
    assert refuses_to_start(daemon)
    assert f"{daemon.directory}/no/such/state" in daemon.log


class TestFullDisk:
    @pytest.fixture
    def daemon(self, make_daemon):
        """Its store is on a file system of 256 KiB, with nothing left."""
        assert os.geteuid() == 0, "run as root: these tests mount a small file system"
        daemon = make_daemon()
        state = daemon.directory / "state"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "none", state], check=True
        )
        yield daemon.start()
        if daemon.alive():
            daemon.kill()
        subprocess.run(["umount", state], check=True)

    @staticmethod
    def fill(daemon):
        with open(daemon.directory / "state" / "filler", "wb", buffering=0) as filler:
            while True:
                try:
                    filler.write(b"x" * 4096)
                except OSError:
                    return

    def test_tokens_are_given_from_memory(self, daemon):
        self.fill(daemon)
        first = daemon.token(TARGET)
        assert (first["source"], daemon.token(TARGET)["source"]) == ("minted", "cache")

    def test_the_health_says_so(self, daemon):
        self.fill(daemon)
        daemon.token(TARGET)
        daemon.wait_for_log("changes not stored")
        health = daemon.call("io.tokman.Daemon.Health")
        assert {"name": "store", "state": "degraded"}.items() <= health["checks"][2].items()

    def test_what_a_suspension_ended_does_not_come_back_from_it(self, daemon, github):
        daemon.token(TARGET)
        wait_until(lambda: SEALED.search(data_file(daemon).read_bytes()))
        self.fill(daemon)
        github.change("suspend", installation=4242)
        for target in (OTHER, TARGET, OTHER, TARGET):
            with pytest.raises(DaemonError, match="InstallationSuspended"):
                daemon.token(target)

    def test_once_there_is_room_tokens_are_stored_again(self, daemon):
        self.fill(daemon)
        daemon.token(TARGET)
        daemon.wait_for_log("changes not stored")
        (daemon.directory / "state" / "filler").unlink()
        daemon.token(OTHER)
        wait_until(lambda: daemon.call("io.tokman.Daemon.Health")["state"] == "ok")
        daemon.restart()
        assert daemon.token(OTHER)["source"] == "cache"
