"""Who a caller is: what the kernel says, and nothing that a caller could say for itself."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from other_user import NOBODY, STRANGER, ask, connected_as
from tokman_daemon import DaemonError

WHO_AM_I = "io.tokman.Access.WhoAmI"
GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"
PYTHON = str(Path("/usr/bin/python3").resolve())

GRANT = """
[[grant]]
name = "a stranger"
match = {{ {match} }}
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/hello-world"]
permissions = {{ contents = "read" }}
"""


@pytest.fixture
def grant(open_daemon):
    """Gives the token of TARGET to those who match, and starts the daemon."""

    def give(match):
        open_daemon.append_config(GRANT.format(match=match))
        return open_daemon.start()

    return give


def gets_a_token(connection):
    try:
        return bool(ask(connection, GET_TOKEN, {"target": TARGET})["token"])
    except DaemonError as error:
        assert error.name == "io.tokman.Denied"
        assert ask(connection, WHO_AM_I)["grants"] == []
        return False


class TestFacts:
    def test_they_are_those_of_the_process_that_connected(self, open_daemon):
        open_daemon.start()
        with connected_as(open_daemon, STRANGER, gid=99, groups=[5, 1, 4242]) as connection:
            facts = ask(connection, WHO_AM_I)
        assert (facts["uid"], facts["gid"], facts["groups"]) == (STRANGER, 99, [1, 5, 4242])
        assert facts["program"] == PYTHON
        assert facts["pidfd"] is True
        assert facts["principal"] == f"uid:{STRANGER}"
        assert facts["grants"] == facts["scopes"] == []
        assert "user" not in facts

    def test_a_user_has_a_name(self, open_daemon):
        open_daemon.start()
        with connected_as(open_daemon, 1) as connection:
            facts = ask(connection, WHO_AM_I)
        assert (facts["user"], facts["principal"]) == ("daemon", "uid:1(daemon)")

    def test_a_parameter_does_not_change_them(self, open_daemon):
        open_daemon.start()
        with connected_as(open_daemon) as connection:
            with pytest.raises(DaemonError, match="'uid' is not known"):
                ask(connection, WHO_AM_I, {"uid": 0})

    def test_a_connection_passed_on_keeps_them(self, open_daemon):
        """This test is root, and speaks through a stranger's connection."""
        open_daemon.start()
        with connected_as(open_daemon) as connection:
            assert ask(connection, WHO_AM_I)["uid"] == STRANGER
            assert os.geteuid() == 0

    def test_in_a_user_namespace_they_are_those_outside(self, open_daemon):
        open_daemon.start()
        as_root_inside = ("setpriv", f"--reuid={STRANGER}", "--clear-groups")
        script = "import socket, sys; c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]);" \
                 'c.sendall(b\'{"method":"io.tokman.Access.WhoAmI"}\\0\'); print(c.recv(4096))'
        said = subprocess.run(
            [*as_root_inside, "unshare", "--user", "--map-root-user",
             "/usr/bin/python3", "-ISc", script, open_daemon.socket_path],
            capture_output=True, text=True, timeout=10, check=True,
        ).stdout
        assert f'"uid":{STRANGER}' in said


class TestMatch:
    @pytest.mark.parametrize(
        ("match", "who"),
        [
            (f"uid = {STRANGER}", {}),
            (f"uid = [3, {STRANGER}]", {}),
            ('user = "daemon"', {"uid": 1}),
            ('user = ["nosuchuser", "daemon"]', {"uid": 1}),
            ("gid = 99", {"gid": 99}),
            ("gid = 99", {"groups": [98, 99]}),
            ('group = "daemon"', {"gid": 1}),
            ('group = "tty"', {"groups": [5]}),
            (f'uid = {STRANGER}, program = "{PYTHON}"', {}),
            (f'uid = {STRANGER}, program = "/usr/bin/py*"', {}),
            (f"uid = {STRANGER}, gid = 99", {"gid": 99}),
        ],
    )
    def test_one_who_meets_all_conditions_gets_a_token(self, grant, match, who):
        with connected_as(grant(match), **who) as connection:
            assert gets_a_token(connection)

    @pytest.mark.parametrize(
        ("match", "who"),
        [
            ("uid = 4712", {}),
            ('user = "daemon"', {"uid": 2}),
            ('user = "daemon"', {}),
            ("gid = 99", {"groups": [98, 100]}),
            ('group = "tty"', {"groups": [6]}),
            ('group = "daemon"', {"uid": 1, "gid": 2}),
            (f'uid = {STRANGER}, program = "/usr/bin/py"', {}),
            (f'uid = {STRANGER}, program = "/*"', {}),
            (f'uid = 4712, program = "{PYTHON}"', {}),
            (f'uid = {STRANGER}, unit = "*.service"', {}),
            (f"uid = {STRANGER}, gid = 99", {"gid": 98}),
        ],
    )
    def test_one_who_misses_a_condition_gets_none(self, grant, match, who):
        with connected_as(grant(match), **who) as connection:
            assert not gets_a_token(connection)

    @pytest.mark.parametrize(
        "match", ['user = "nobody"', 'group = "nogroup"', f"uid = {STRANGER}, gid = 1"]
    )
    def test_nobody_gets_none_whatever_is_configured(self, grant, match):
        with connected_as(grant(match), NOBODY, groups=[1]) as connection:
            assert not gets_a_token(connection)

    def test_the_group_of_nobody_is_no_group_of_a_grant(self, grant):
        with connected_as(grant('group = "nogroup"'), groups=[NOBODY]) as connection:
            assert not gets_a_token(connection)

    def test_a_program_is_the_file_that_runs_and_not_its_name(self, grant, tmp_path):
        """A copy elsewhere is another program, whatever it calls itself."""
        copy = open_folder() / "python3"
        shutil.copy(PYTHON, copy)
        daemon = grant(f'uid = {STRANGER}, program = "{PYTHON}"')
        try:
            with connected_as(daemon, program=str(copy)) as connection:
                assert not gets_a_token(connection)
        finally:
            shutil.rmtree(copy.parent)


class TestUnit:
    @pytest.fixture
    def join(self, cgroups):
        """A prefix that puts a command into a cgroup before it runs."""

        def make(path):
            (cgroups / path).mkdir(parents=True, exist_ok=True)
            return ("sh", "-c", f'echo $$ > "{cgroups / path}/cgroup.procs"; exec "$@"', "sh")

        return make

    @pytest.fixture
    def cgroups(self, tmp_path):
        """A folder of the cgroup 2 hierarchy, at its root, that can be written to."""
        mounted = tmp_path / "cgroup"
        mounted.mkdir()
        mount = ["mount", "-t", "cgroup2", "none", mounted]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("this machine lets nobody mount cgroups")
        made = mounted / "tokman-test.slice"
        yield mounted
        for folder in sorted(made.rglob("*/"), reverse=True):
            if folder.is_dir():
                folder.rmdir()
        if made.exists():
            made.rmdir()
        subprocess.run(["umount", mounted], check=True)

    def test_it_is_that_of_the_cgroup(self, open_daemon, join):
        open_daemon.start()
        prefix = join("tokman-test.slice/packit-worker@3.service/tasks")
        with connected_as(open_daemon, prefix=prefix) as connection:
            facts = ask(connection, WHO_AM_I)
        assert facts["unit"] == "packit-worker@3.service"
        assert facts["principal"] == f"uid:{STRANGER} unit:packit-worker@3.service"

    @pytest.mark.parametrize(
        ("unit", "gets"),
        [
            ("packit-worker@3.service", True),
            ("packit-worker@.service", True),
            ("other.service", False),
            ("x-packit-worker@3.service", False),
        ],
    )
    def test_it_narrows_a_grant(self, grant, join, unit, gets):
        daemon = grant(f'uid = {STRANGER}, unit = "packit-worker@*.service"')
        with connected_as(daemon, prefix=join(f"tokman-test.slice/{unit}")) as connection:
            assert gets_a_token(connection) is gets

    def test_a_unit_alone_is_no_one(self, open_daemon):
        open_daemon.append_config(GRANT.format(match='unit = "*.service"'))
        open_daemon.launch()
        assert open_daemon.wait_for_end() == 16
        assert "unit" in open_daemon.log


def open_folder():
    folder = Path("/tmp") / f"tokman-peer-{os.getpid()}"
    folder.mkdir(mode=0o755)
    return folder
