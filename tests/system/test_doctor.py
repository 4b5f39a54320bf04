"""The doctor, with each trouble provoked for real: what it says, what to do, its exit status."""

import json
import os
import signal
import subprocess

import pytest
from forward_proxy import ForwardProxy
from tokman_daemon import program, wait_until

GOOD, DOUBTFUL, BAD = 0, 1, 2
NAMES = ["good", "doubtful", "bad"]


class Report:
    def __init__(self, done):
        self.status = done.returncode
        self.text = done.stdout
        self.errors = done.stderr

    def lines(self, name):
        return [line for line in self.text.splitlines() if f"  {name}: " in line]

    def verdict(self, name):
        """Of the worst line of that name."""
        states = [line.split()[0] for line in self.lines(name)]
        assert states, f"nothing about {name} in:\n{self.text}\n{self.errors}"
        return max(map(NAMES.index, states))

    def says(self, name, words):
        return any(words in line for line in self.lines(name))


def run(*command):
    return Report(subprocess.run(command, capture_output=True, text=True, timeout=60))


def ask(daemon, *arguments):
    return run(program("tokman"), "--socket", daemon.socket_path, "doctor", *arguments)


def ask_offline(daemon):
    return run(program("tokmand"), "--config", daemon.config_file, "--doctor")


@pytest.fixture(params=[ask, ask_offline], ids=["running", "offline"])
def examine(request):
    """The daemon's own doctor, and the one that needs no daemon, find the same."""
    return request.param


def children_of(daemon):
    pid = daemon.process.pid
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class TestInGoodOrder:
    def test_all_is_good_and_the_exit_status_says_so(self, daemon, examine):
        report = examine(daemon)
        assert report.status == GOOD, report.text
        assert "to do" not in report.text

    def test_what_was_looked_at_is_told(self, daemon, examine):
        report = examine(daemon)
        assert report.says("keys:ci", "SHA256:") and report.says("keys:ci", "accepted by GitHub")
        assert report.says("app:ci", "id 12345")
        assert report.says("installations:ci", "octo-org (4242), monalisa (4343)")
        for name in ["configuration", "socket", "store", "signer", "github:ci", "clock:ci",
                     "permissions:ci"]:
            assert report.verdict(name) == GOOD

    def test_programs_get_json(self, daemon):
        report = ask(daemon, "--json")
        answer = json.loads(report.text)
        assert answer["state"] == "good"
        assert {finding["state"] for finding in answer["findings"]} == {"good"}

    def test_no_token_is_minted_for_it(self, daemon, github, examine):
        examine(daemon)
        assert github.mints == 0

    def test_a_pipe_gets_no_colours(self, daemon):
        assert "\033" not in ask(daemon).text

    def test_a_caller_without_the_scope_is_denied(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config('"github:token", "admin:daemon"', '"github:token"')
        assert ask(daemon.start()).status == 31


class TestTroubleWithTheApp:
    def test_a_key_of_another_app(self, daemon, github, examine):
        github.change("set_keys", app_id=12345, keys=["other.pem"])
        report = examine(daemon)
        assert report.verdict("app:ci") == BAD and report.status == BAD
        assert report.says("app:ci", "does not belong to the app")
        assert "compare the fingerprints" in report.text

    def test_a_wrong_app_id(self, make_daemon, examine):
        daemon = make_daemon()
        daemon.edit_config("app_id = 12345", "app_id = 99999")
        report = examine(daemon.start())
        assert report.verdict("app:ci") == BAD
        assert "correct 'app_id'" in report.text

    def test_a_permission_that_the_app_lacks(self, make_daemon, examine):
        daemon = make_daemon()
        daemon.edit_config('issues = "write"', 'issues = "write", checks = "write"')
        report = examine(daemon.start())
        assert report.verdict("permissions:ci") == BAD
        assert report.says("permissions:ci", "grant 'the tests' gives checks:write")

    def test_a_suspended_installation(self, daemon, github, examine):
        github.change("suspend", installation=4242)
        report = examine(daemon)
        assert report.verdict("installations:ci") == DOUBTFUL and report.status == DOUBTFUL
        assert report.says("installations:ci", "octo-org (4242) is suspended")

    def test_an_installation_id_that_is_wrong(self, make_daemon, examine):
        daemon = make_daemon()
        daemon.edit_config("app_id = 12345", "app_id = 12345\ninstallations = { octo-org = 7 }")
        report = examine(daemon.start())
        assert report.says("installations:ci", "says 7 for octo-org, GitHub says 4242")


class TestTroubleOnTheWay:
    def test_a_clock_that_is_off(self, daemon, github, examine):
        github.advance(120)
        report = examine(daemon)
        assert report.verdict("clock:ci") == DOUBTFUL
        assert report.says("clock:ci", "behind GitHub")

    def test_an_authority_that_did_not_sign(self, make_daemon, github, examine):
        daemon = make_daemon()
        daemon.edit_config(f'ca_file = "{github.ca_file}"', "")
        report = examine(daemon.start())
        assert report.verdict("github:ci") == BAD
        assert "let 'ca_file' of the app name the authority" in report.text

    def test_a_proxy_that_is_gone(self, make_daemon, examine):
        with ForwardProxy() as proxy:
            url = proxy.url
        daemon = make_daemon()
        daemon.edit_config("app_id = 12345", f'app_id = 12345\nproxy = "{url}"')
        report = examine(daemon.start())
        assert report.verdict("github:ci") == BAD
        assert report.says("github:ci", f"through the proxy {url}")
        assert "see that the proxy runs" in report.text

    def test_a_github_that_is_down(self, daemon, github, examine):
        github.stop()
        report = examine(daemon)
        assert report.verdict("github:ci") == BAD
        assert report.lines("app:ci") == []


class TestTroubleOnThisHost:
    def test_a_key_file_that_others_can_read(self, daemon, github, examine):
        (key,) = github.key_files(12345)
        os.chmod(key, 0o644)
        try:
            report = examine(daemon)
        finally:
            os.chmod(key, 0o600)
        assert report.verdict("configuration") == BAD
        assert report.says("configuration", str(key))

    def test_a_mistake_in_the_configuration(self, daemon, examine):
        daemon.edit_config("[store]", "[store]\ncolour = 1")
        report = examine(daemon)
        assert report.verdict("configuration") == BAD and report.status == BAD
        assert report.says("configuration", "tokman.toml:")

    def test_a_socket_of_another_mode(self, daemon, examine):
        daemon.socket_path.chmod(0o666)
        report = examine(daemon)
        assert report.verdict("socket") == BAD
        assert report.says("socket", "0666")

    def test_no_socket(self, make_daemon):
        report = ask_offline(make_daemon())
        assert report.verdict("socket") == DOUBTFUL

    def test_a_store_with_another_key(self, daemon):
        daemon.stop()
        (daemon.directory / "store.key").write_text("another key of at least 32 bytes, yes")
        report = ask_offline(daemon)
        assert report.verdict("store") == BAD

    def test_a_signer_that_does_not_answer(self, daemon):
        (signer,) = children_of(daemon)
        os.kill(signer, signal.SIGSTOP)
        report = ask(daemon)  # Meanwhile tokmand gives it up, and starts another.
        assert report.verdict("signer") == BAD and report.status == BAD
        assert "journalctl" in report.text

    def test_a_signer_that_was_killed_is_good_again(self, daemon):
        (signer,) = children_of(daemon)
        os.kill(signer, signal.SIGKILL)
        wait_until(lambda: daemon.status()["signer_restarts"] == 1)
        assert ask(daemon).verdict("signer") == GOOD

    def test_the_offline_doctor_leaves_nothing_behind(self, make_daemon):
        daemon = make_daemon()
        before = sorted(path.name for path in (daemon.directory / "state").iterdir())
        ask_offline(daemon)
        assert sorted(path.name for path in (daemon.directory / "state").iterdir()) == before
