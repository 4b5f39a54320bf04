"""The socket of tokmand: who may use it, from the first moment to the last."""

import contextlib
import grp
import os
import socket
import stat
import threading

import pytest


def mode_and_group(path):
    found = os.lstat(path)
    return oct(stat.S_IMODE(found.st_mode)), grp.getgrgid(found.st_gid).gr_name


class Watch:
    """Looks at a path as often as it can, and keeps all modes and groups that it has seen there."""

    def __init__(self, path):
        self.seen = set()
        self._path = path
        self._is_over = False
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._is_over = True
        self._thread.join()

    def _look(self):
        is_over = False
        while not is_over:
            is_over = self._is_over  # Then this look is the last.
            with contextlib.suppress(FileNotFoundError):
                self.seen.add(mode_and_group(self._path))


def listen_at(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    return listener


def activation(inherited):
    """How to launch as systemd does with a socket. Only after fork is the pid known."""
    number = inherited.fileno()
    script = f'exec 3<&{number}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
    return {"prefix": ("bash", "-c", script, "bash"), "pass_fds": [number]}


@pytest.fixture
def stopped(make_daemon):
    return make_daemon()


def test_it_has_its_mode_and_group_from_the_first_moment(stopped):
    stopped.edit_config("[store]", 'socket_mode = "0620"\nsocket_group = "daemon"\n[store]')
    with Watch(stopped.socket_path) as watch:
        stopped.start()
    assert watch.seen == {("0o620", "daemon")}


def test_unless_configured_it_is_for_the_own_user_and_group(daemon):
    own_group = grp.getgrgid(os.getgid()).gr_name
    assert mode_and_group(daemon.socket_path) == ("0o660", own_group)


def test_a_group_that_does_not_exist_is_named_and_nothing_is_started(stopped):
    stopped.edit_config("[store]", 'socket_group = "no-such-group"\n[store]')
    stopped.launch()
    assert stopped.wait_for_end() != 0
    assert "daemon.socket_group: there is no group 'no-such-group'" in stopped.log
    assert not stopped.socket_path.exists()


def test_it_is_gone_after_the_daemon(daemon):
    assert daemon.stop() == 0
    assert not daemon.socket_path.exists()


def test_one_left_behind_by_a_killed_daemon_is_replaced(daemon):
    daemon.kill()
    assert daemon.socket_path.is_socket()
    daemon.start()


def test_one_left_behind_by_something_else_is_replaced(stopped):
    listen_at(stopped.socket_path).close()
    stopped.start()


def test_that_of_a_daemon_that_runs_is_not_taken(daemon, make_daemon):
    second = make_daemon()
    second.edit_config(f'socket = "{second.directory}', f'socket = "{daemon.directory}')
    second.launch()
    assert second.wait_for_end() != 0
    assert f"socket {daemon.socket_path}: another daemon is using it" in second.log
    assert daemon.status()["pid"] == daemon.process.pid


def test_that_of_another_program_that_runs_is_not_taken(stopped):
    with listen_at(stopped.socket_path) as listener:
        stopped.launch()
        assert stopped.wait_for_end() != 0
        assert f"socket {stopped.socket_path}: another daemon is using it" in stopped.log
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(listener.getsockname())


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_left_alone(stopped, kind):
    path, other = stopped.socket_path, stopped.directory / "other"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to(other)}[kind]()
    before = os.lstat(path)
    stopped.launch()
    assert stopped.wait_for_end() != 0
    assert "something that is not a socket is there" in stopped.log
    assert os.lstat(path).st_ino == before.st_ino
    assert not other.exists()


def test_one_inherited_from_systemd_is_used(stopped):
    stopped.edit_config(f'"{stopped.socket_path}"', f'"{stopped.directory}/unused"')
    with listen_at(stopped.socket_path) as listener:
        stopped.start(**activation(listener))
        assert stopped.status()["pid"] == stopped.process.pid
    assert not (stopped.directory / "unused").exists()


def test_an_inherited_one_keeps_its_mode_and_stays_after_the_daemon(stopped):
    with listen_at(stopped.socket_path) as listener:
        os.chmod(stopped.socket_path, 0o600)
        stopped.start(**activation(listener))
        assert mode_and_group(stopped.socket_path)[0] == "0o600"
        assert stopped.stop() == 0
    assert stopped.socket_path.is_socket()


def test_callers_who_came_before_the_daemon_are_answered(stopped):
    with listen_at(stopped.socket_path) as listener, stopped.connect() as early:
        early.sendall(b'{"method":"io.tokman.Daemon.Ping"}\0')
        stopped.launch(**activation(listener))
        assert b"version" in early.recv(4096)


def test_one_that_does_not_listen_is_not_taken_over(stopped):
    with socket.socket(socket.AF_UNIX) as unfit:
        stopped.launch(**activation(unfit))
        assert stopped.wait_for_end() != 0
    assert "inherited socket: not a listening Unix socket" in stopped.log


def test_one_meant_for_another_process_is_not_taken(stopped):
    stopped.start(environment={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert mode_and_group(stopped.socket_path)[0] == "0o660"
