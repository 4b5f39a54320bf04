"""No app named: of two, on two GitHubs with an authority each, the one that covers the target."""

import pytest
from fake_github import FakeGitHub
from tokman_daemon import DaemonError, receive, send

GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"
LOOKUP = "GET /repos/{owner}/{repo}/installation"

APP = """
[[app]]
name = "ghes"
app_id = 12345
private_keys = ["file:{key}"]
api_base = "{api_base}"
ca_file = "{ca_file}"

[[grant]]"""


@pytest.fixture(scope="module")
def ghes_server(tmp_path_factory):
    with FakeGitHub(tmp_path_factory.mktemp("ghes"), ghes="3.17") as server:
        yield server


@pytest.fixture
def ghes(ghes_server):
    """An Enterprise Server whose app is not installed on octo-org, only on monalisa."""
    if not ghes_server.is_running:
        ghes_server.start()
    ghes_server.reset()
    ghes_server.change("uninstall", installation=4242)
    return ghes_server


@pytest.fixture
def two_apps(make_daemon, ghes):
    daemon = make_daemon()
    (key,) = ghes.key_files(12345)
    app = APP.format(key=key, api_base=ghes.api_base, ca_file=ghes.ca_file)
    daemon.edit_config("\n[[grant]]", app)
    daemon.edit_config('apps = ["ci"]', 'apps = ["ci", "ghes"]')
    return daemon.start()


def test_the_app_whose_installation_covers_the_target_is_used(two_apps):
    assert two_apps.token(TARGET)["app"] == "ci"


def test_two_apps_that_cover_the_target_must_be_told_apart(two_apps, ghes):
    with pytest.raises(DaemonError, match="several cover monalisa/notes: ci, ghes") as refusal:
        two_apps.token("monalisa/notes")
    assert refusal.value.parameters["field"] == "app"
    assert two_apps.token("monalisa/notes", app="ghes")["app"] == "ghes"


def test_no_app_that_covers_the_target_is_named(two_apps, github):
    github.change("uninstall", installation=4242)
    with pytest.raises(DaemonError, match="ci: .*; ghes: ") as refusal:
        two_apps.token(TARGET)
    assert refusal.value.name == "io.tokman.AppNotInstalled"


def test_a_repeated_request_is_answered_from_the_cache(two_apps, ghes):
    with two_apps.connect() as connection:
        answers = []
        for _ in range(5):
            send(connection, GET_TOKEN, {"target": TARGET})
            answers.append(receive(connection))
    assert [answer["source"] for answer in answers] == ["minted"] + 4 * ["cache"]
    assert ghes.calls(LOOKUP) == 1


def test_a_host_that_goes_down_takes_nothing_from_a_choice_once_made(two_apps, ghes):
    token = two_apps.token(TARGET)["token"]
    ghes.stop()
    assert two_apps.token(TARGET)["token"] == token


def test_explain_and_resolve_choose_as_a_token_does(two_apps):
    assert two_apps.call("io.tokman.GitHub.Explain", {"target": TARGET})["app"] == "ci"
    resolved = two_apps.call("io.tokman.GitHub.ResolveInstallation", {"target": TARGET})
    assert resolved["app"] == "ci"


def test_after_a_reload_the_choice_is_made_anew(two_apps, ghes):
    two_apps.token(TARGET)
    ghes.change("add_installation", id=77, app_id=12345, account="octo-org")
    two_apps.reload()
    with pytest.raises(DaemonError, match="several cover"):
        two_apps.token(TARGET)
