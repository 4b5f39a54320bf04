"""[organizations] of a running daemon: who is served, with which installation, where."""

import pytest
from tokman_daemon import DaemonError

MINT = "POST /app/installations/{id}/access_tokens"
ORGANIZATIONS = """
[environments.TEST.organizations]
octo-org = { app = "ci", installation = 4242 }

[environments.PROD.organizations]
monalisa = "ci"
"""


@pytest.fixture
def environment_of(make_daemon):
    """A running daemon in that environment."""

    def start(name):
        daemon = make_daemon()
        text = daemon.config_file.read_text()
        daemon.config_file.write_text(f'environment = "{name}"\n{text}{ORGANIZATIONS}')
        return daemon.start()

    return start


def test_an_organization_with_an_installation_needs_no_look_up(environment_of, github):
    assert environment_of("TEST").token("octo-org/hello-world")["installation_id"] == 4242
    assert [call["route"] for call in github.asked()] == [MINT]


def test_an_unknown_organization_is_refused_before_github_is_asked(environment_of, github):
    with pytest.raises(DaemonError, match="which are: octo-org") as refusal:
        environment_of("TEST").token("monalisa")
    assert refusal.value.name == "io.tokman.NotFound"
    assert refusal.value.parameters["field"] == "target"
    assert github.asked() == []


def test_each_environment_serves_its_own_organizations(environment_of):
    daemon = environment_of("PROD")
    assert daemon.token("monalisa")["app"] == "ci"
    with pytest.raises(DaemonError, match="which are: monalisa"):
        daemon.token("octo-org/hello-world")


def test_a_caller_without_a_grant_is_not_told_of_the_organizations(environment_of):
    with pytest.raises(DaemonError) as refusal:
        environment_of("TEST").token("evil/repository")
    assert refusal.value.name == "io.tokman.Denied"
    assert "octo-org" not in str(refusal.value)
