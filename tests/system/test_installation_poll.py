"""What became of installations, found out by asking GitHub now and then: no webhook comes here."""

import pytest
from tokman_daemon import DaemonError, wait_until

LOOKUP = "GET /repos/{owner}/{repo}/installation"
TARGET = "octo-org/hello-world"
OTHER = "monalisa/notes"


@pytest.fixture
def daemon(make_daemon):
    """Uses two installations, and has seen the list of both."""
    daemon = make_daemon()
    daemon.edit_config("[store]", 'installation_poll = "1s"\n[store]')
    daemon.start()
    daemon.token(TARGET)
    daemon.token(OTHER)
    wait_until(lambda: "polled_at" in daemon.status()["apps"][0])
    return daemon


def refusal(daemon, target=TARGET, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.token(target, **parameters)
    return caught.value.name.removeprefix("io.tokman.")


def is_served(daemon, target=TARGET, **parameters):
    try:
        return bool(daemon.token(target, **parameters))
    except DaemonError:
        return False


def negatives(daemon):
    return {it["target"]: it for it in daemon.status()["negative"]}


def test_a_suspension_is_noticed_with_its_cause_and_so_is_its_end(daemon, github):
    github.change("suspend", installation=4242)
    wait_until(lambda: "octo-org" in negatives(daemon))
    negative = negatives(daemon)["octo-org"]
    assert "suspended" in negative["cause"]
    assert negative["since"] <= negative["until"]
    assert refusal(daemon) == "InstallationSuspended"
    assert github.mints == 2
    github.change("unsuspend", installation=4242)
    wait_until(lambda: is_served(daemon))
    assert negatives(daemon) == {}


def test_accepted_permissions_are_noticed(daemon, github):
    wanted = {"permissions": {"issues": "write"}}
    github.change("set_permissions", installation=4242, permissions={"contents": "read"})
    wait_until(lambda: "new_permissions_accepted" in daemon.log)
    assert refusal(daemon, **wanted) == "PermissionNotGranted"
    github.advance(2)
    github.change("set_permissions", installation=4242, permissions={"issues": "write"})
    wait_until(lambda: is_served(daemon, **wanted))


def test_a_new_installation_id_is_learned_without_a_look_up(daemon, github):
    github.change("reinstall", installation=4242, new_id=5000)
    wait_until(lambda: "owner=octo-org installation=5000" in daemon.log)
    github.forget_calls()
    assert daemon.token(TARGET)["installation_id"] == 5000
    assert github.calls(LOOKUP) == 0
