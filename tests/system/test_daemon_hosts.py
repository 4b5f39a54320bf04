"""Several GitHubs in one daemon: each app with its own address, authority, key, proxy, version."""

import pytest
from fake_github import DEFAULT_WORLD, FakeGitHub
from forward_proxy import ForwardProxy
from tokman_daemon import DaemonError

MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"

# The server's only app has the id of github.com's: ids are unique per host and no wider.
APP = """
[[app]]
name = "ghes"
app_id = 12345
private_keys = ["file:{key}"]
api_base = "{api_base}"
ca_file = "{ca_file}"
{more}

[[grant]]"""


@pytest.fixture(scope="module")
def ghes_server(tmp_path_factory):
    """An Enterprise Server with a CA and keys of its own, and another installation id."""
    world = {**DEFAULT_WORLD, "installations": [{**DEFAULT_WORLD["installations"][0], "id": 77}]}
    with FakeGitHub(tmp_path_factory.mktemp("ghes"), world=world, ghes="3.17") as server:
        server.keys.private_key_file("unknown.pem")  # Takes longer to make than a call may.
        yield server


@pytest.fixture
def ghes(ghes_server):
    if not ghes_server.is_running:
        ghes_server.start()
    ghes_server.reset()
    return ghes_server


@pytest.fixture
def proxy():
    with ForwardProxy() as proxy:
        yield proxy


@pytest.fixture
def make_two(make_daemon, ghes):
    """Makes a daemon with the apps "ci" and "ghes". more: configuration of the second."""

    def make(more="", ca_file=ghes.ca_file):
        daemon = make_daemon()
        (key,) = ghes.key_files(12345)
        app = APP.format(key=key, api_base=ghes.api_base, ca_file=ca_file, more=more)
        daemon.edit_config("\n[[grant]]", app)
        daemon.edit_config('apps = ["ci"]', 'apps = ["ci", "ghes"]')
        daemon.edit_config("[store]", 'call_timeout = "2s"\n[store]')
        return daemon.start()

    return make


class TestSideBySide:
    def test_each_app_is_asked_for_at_its_own_github(self, make_two, github, ghes):
        daemon = make_two()
        there, here = daemon.token(TARGET, app="ghes"), daemon.token(TARGET, app="ci")
        assert (there["installation_id"], here["installation_id"]) == (77, 4242)
        assert (ghes.mints, github.mints) == (1, 1)

    def test_one_targets_tokens_of_two_hosts_are_never_confused(self, make_two):
        daemon = make_two()
        first = {app: daemon.token(TARGET, app=app)["token"] for app in ("ci", "ghes")}
        assert first["ci"] != first["ghes"]
        for app, token in first.items():
            again = daemon.token(TARGET, app=app)
            assert (again["token"], again["source"], again["app"]) == (token, "cache", app)

    def test_an_enterprise_server_is_below_its_prefix(self, make_two, ghes):
        assert ghes.api_base.endswith("/api/v3")
        make_two().token(TARGET, app="ghes")
        assert ghes.calls("unknown") == 0

    def test_the_versions_of_the_api_are_each_apps_own(self, make_two, github, ghes):
        daemon = make_two('api_version = "2026-03-10"')
        for app, server in (("ci", github), ("ghes", ghes)):
            daemon.token(TARGET, app=app)
            (mint,) = server.requests(MINT)
            expected = "2022-11-28" if app == "ci" else "2026-03-10"
            assert mint["headers"]["x-github-api-version"] == expected

    def test_one_hosts_authority_vouches_for_no_other(self, make_two, github, ghes):
        daemon = make_two(ca_file=github.ca_file)
        with pytest.raises(DaemonError, match="certificate") as caught:
            daemon.token(TARGET, app="ghes")
        assert caught.value.name == "io.tokman.UpstreamDown"
        assert ghes.requests() == []
        assert daemon.token(TARGET, app="ci")["source"] == "minted"

    def test_one_hosts_failure_is_not_the_others(self, make_two, github, ghes):
        daemon = make_two()
        ghes.stop()
        with pytest.raises(DaemonError, match="UpstreamDown"):
            daemon.token(TARGET, app="ghes")
        assert daemon.token(TARGET, app="ci")["source"] == "minted"

    def test_a_host_that_stalls_delays_no_other(self, make_two, github, ghes):
        daemon = make_two()
        ghes.fault(latency=20)
        with pytest.raises(DaemonError, match="TimedOut"):
            daemon.token(TARGET, app="ghes")
        assert daemon.token(TARGET, app="ci")["source"] == "minted"

    def test_one_hosts_key_is_not_tried_at_the_other(self, make_two, github, ghes):
        daemon = make_two()
        ghes.change("set_keys", app_id=12345, keys=["unknown.pem"])
        with pytest.raises(DaemonError, match="UpstreamAuth"):
            daemon.token(TARGET, app="ghes")
        assert daemon.token(TARGET, app="ci")["source"] == "minted"


class TestProxy:
    def test_an_apps_proxy_is_used_for_it_and_for_no_other(self, make_two, proxy, ghes):
        daemon = make_two(f'proxy = "{proxy.url}"')
        assert daemon.token(TARGET, app="ci")["source"] == "minted"
        assert daemon.token(TARGET, app="ghes")["source"] == "minted"
        assert set(proxy.asked) == {f"localhost:{ghes.port}"}

    def test_a_proxy_that_is_gone_is_that_apps_trouble_alone(self, make_two, proxy, ghes):
        daemon = make_two(f'proxy = "{proxy.url}"')
        proxy.__exit__()
        with pytest.raises(DaemonError, match="UpstreamDown"):
            daemon.token(TARGET, app="ghes")
        assert ghes.requests() == []
        assert daemon.token(TARGET, app="ci")["source"] == "minted"
