"""tokman backup and tokman restore: a copy of a store in use, and what is accepted in its place."""

import stat
import subprocess

import pytest
from steady_load import SteadyLoad
from tokman_daemon import DaemonError, program, wait_until, write_secret

TARGET = "octo-org/hello-world"
DENIED = 31


def tokman(*arguments):
    return subprocess.run([program("tokman"), *arguments], capture_output=True, text=True)


def backup(daemon, file):
    return tokman("--socket", daemon.socket_path, "backup", file)


def restore(daemon, file):
    return tokman("restore", file, "--config", daemon.config_file)


def state(daemon):
    return {path.name: path.read_bytes() for path in (daemon.directory / "state").glob("data*")}


@pytest.fixture
def copy(daemon):
    """A backup of a daemon that holds a token."""
    daemon.token(TARGET)
    daemon.restart()  # What is minted is answered first, and stored then.
    file = daemon.directory / "copy"
    done = backup(daemon, file)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def other(make_daemon, daemon):
    """Another daemon with the same store key, and a store of its own; not running."""
    other = make_daemon()
    write_secret(other.directory / "store.key", (daemon.directory / "store.key").read_text())
    other.start().stop()
    return other


class TestBackup:
    def test_it_is_for_the_own_user_alone_and_leaves_nothing_else(self, copy):
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert [path.name for path in copy.parent.glob("copy*")] == ["copy"]

    def test_it_is_sealed(self, daemon, copy):
        token = daemon.token(TARGET)["token"]
        assert b"tokens" in copy.read_bytes()
        assert token.encode() not in copy.read_bytes()

    def test_a_file_that_exists_is_left_alone(self, daemon, copy):
        before = copy.read_bytes()
        done = backup(daemon, copy)
        assert done.returncode != 0 and "File exists" in done.stderr
        assert copy.read_bytes() == before
        assert [path.name for path in copy.parent.glob("copy*")] == ["copy"]

    def test_what_is_no_regular_file_is_refused(self, daemon):
        with pytest.raises(DaemonError, match="InvalidArgument"):
            daemon.call("io.tokman.Daemon.Backup")

    def test_a_caller_without_the_scope_is_denied_and_no_file_is_left(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config('"github:token", "admin:daemon"', '"github:token"')
        file = daemon.start().directory / "copy"
        assert backup(daemon, file).returncode == DENIED
        assert not list(file.parent.glob("copy*"))


class TestRestore:
    def test_the_tokens_are_there(self, daemon, copy, other, github):
        token = daemon.token(TARGET)["token"]
        done = restore(other, copy)
        assert done.returncode == 0, done.stderr
        answer = other.start().token(TARGET)
        assert (answer["token"], answer["source"]) == (token, "cache")
        assert github.mints == 1

    def test_a_backup_that_is_made_while_requests_go_on_has_all_there_was(self, daemon, other):
        targets = [TARGET, "octo-org/private-repo"]
        tokens = [daemon.token(target)["token"] for target in targets]
        daemon.restart()
        with SteadyLoad(daemon, rate=200, ask=lambda n: {"target": targets[n % 2]}) as load:
            wait_until(lambda: load.answered > 20)
            assert backup(daemon, daemon.directory / "copy").returncode == 0
            answered = load.answered
            wait_until(lambda: load.answered > answered + 20)
        assert load.errors == []
        assert restore(other, daemon.directory / "copy").returncode == 0
        other.start()
        assert [other.token(target)["token"] for target in targets] == tokens

    def test_the_replaced_store_is_kept(self, copy, other):
        before = state(other)["data.mdb"]
        assert restore(other, copy).returncode == 0
        kept = [name for name in state(other) if name.startswith("data.mdb.replaced-")]
        assert [state(other)[name] for name in kept] == [before]

    def test_a_folder_without_a_store_gets_one(self, copy, other):
        for path in (other.directory / "state").iterdir():
            path.unlink()
        assert restore(other, copy).returncode == 0
        assert other.start().token(TARGET)["source"] == "cache"

    def test_a_store_that_a_daemon_has_open_is_left_alone(self, daemon, copy):
        before = set(state(daemon))
        done = restore(daemon, copy)
        assert done.returncode != 0 and "is in use by another process" in done.stderr
        assert set(state(daemon)) == before
        assert daemon.token(TARGET)["source"] == "cache"


class TestRefused:
    def refusal(self, other, file):
        """What is said; nothing has changed."""
        before = state(other)
        done = restore(other, file)
        assert done.returncode != 0
        assert state(other) == before
        assert not (other.directory / "state" / "restoring").exists()
        other.start().stop()
        return done.stderr

    @pytest.mark.parametrize("pages", [1, 2, 3, 4])
    def test_a_file_that_was_cut_short(self, copy, other, pages):
        copy.write_bytes(copy.read_bytes()[: pages * 4096])
        assert "nothing was restored" in self.refusal(other, copy)

    def test_a_file_that_lacks_its_last_byte(self, copy, other):
        copy.write_bytes(copy.read_bytes()[:-1])
        assert "it was cut short" in self.refusal(other, copy)

    def test_an_empty_file(self, copy, other):
        copy.write_bytes(b"")
        assert "it is empty" in self.refusal(other, copy)

    @pytest.mark.parametrize("content", [b"garbage" * 5000, b"\0" * 65536], ids=["text", "zeroes"])
    def test_a_file_that_is_no_store(self, copy, other, content):
        copy.write_bytes(content)
        assert "nothing was restored" in self.refusal(other, copy)

    def test_no_file(self, copy, other):
        copy.unlink()
        assert "No such file" in self.refusal(other, copy)

    def test_a_store_that_was_sealed_with_another_key(self, copy, make_daemon):
        stranger = make_daemon()
        stranger.start().stop()
        assert "was sealed with another key" in self.refusal(stranger, copy)

    def test_unless_that_key_is_named(self, daemon, copy, make_daemon):
        stranger = make_daemon()
        old = f"file:{daemon.directory}/store.key"
        stranger.edit_config("[store]", f'[store]\nprevious_keys = "{old}"')
        assert restore(stranger, copy).returncode == 0
        assert stranger.start().token(TARGET)["source"] == "cache"


class TestRotation:
    def test_the_store_gets_another_key_and_keeps_what_it_holds(self, daemon, github):
        daemon.token(TARGET)
        assert daemon.restart().status()["store"]["key_id"] == 1
        assert daemon.call("io.tokman.Daemon.RotateStoreKey") == {"key_id": 2, "started": True}
        daemon.wait_for_log("the store is sealed anew")
        store = daemon.status()["store"]
        assert store["resealed"] > 0
        del store["resealed"]
        assert store == {"key_id": 2, "resealing": False, "unreadable": 0}
        assert daemon.restart().token(TARGET)["source"] == "cache"
        assert github.mints == 1

    def test_who_did_it_is_in_the_audit_log(self, daemon):
        daemon.call("io.tokman.Daemon.RotateStoreKey")
        daemon.wait_for_log("io.tokman.Daemon.RotateStoreKey")
