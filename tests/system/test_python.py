"""The Python package, through libtokman and a real daemon: in the build tree, and installed."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, os.environ["TOKMAN_PYTHON_DIR"])

import tokman  # noqa: E402

TARGET = "octo-org/hello-world"
MINT = "POST /app/installations/{id}/access_tokens"
PACKAGE = Path(__file__).resolve().parents[2] / "bindings" / "python"


@pytest.fixture
def client(daemon):
    with tokman.Client(daemon.socket_path) as client:
        yield client


def test_a_token_for_a_repository_works_at_github(client, caller):
    token = client.token(TARGET, permissions={"contents": "read"}, min_lifetime=300)
    assert caller.request("GET", f"/repos/{TARGET}", token.secret).status == 200
    assert token.permissions["contents"] == "read"
    assert token.repositories == ["hello-world"]
    assert token.app == "ci"
    assert token.installation_id == 4242
    assert token.expires_at - token.minted_at == 3600


def test_the_header_is_what_github_wants(client, caller):
    name, value = client.token(TARGET).header.popitem()
    assert caller.request("GET", f"/repos/{TARGET}", **{name: value}).status == 200


def test_the_second_token_is_the_first_from_the_cache(client, github):
    first = client.token(TARGET)
    second = client.token(TARGET)
    assert (first.source, second.source) == ("minted", "cache")
    assert second.fingerprint == first.fingerprint
    assert github.mints == 1


def test_a_further_repository_is_covered(client, caller):
    token = client.token(TARGET, repositories=["private-repo"])
    assert sorted(token.repositories) == ["hello-world", "private-repo"]
    assert caller.request("GET", "/repos/octo-org/private-repo", token.secret).status == 200


def test_a_token_that_ends_too_soon_is_not_given(client, github):
    github.fault(MINT, lifetime=900, times=1)
    short = client.token(TARGET, min_lifetime=300)
    long = client.token(TARGET, min_lifetime=1800)
    assert short.expires_at - short.minted_at == 900
    assert long.fingerprint != short.fingerprint
    assert long.expires_at - long.minted_at == 3600


def test_a_lifetime_that_no_token_has_is_refused(client, github):
    with pytest.raises(tokman.Error) as caught:
        client.token(TARGET, min_lifetime=3301)
    assert isinstance(caught.value, (tokman.LifetimeUnsatisfiable, tokman.InvalidArgument))
    assert github.mints == 0


def test_what_policy_does_not_give_is_denied(client, github):
    with pytest.raises(tokman.Denied) as caught:
        client.token("stranger/private")
    assert isinstance(caught.value, PermissionError)
    assert (caught.value.code, caught.value.name) == (31, "DENIED")
    assert caught.value.retryable is False
    assert github.mints == 0


def test_explain_tells_why_without_minting(client, github):
    assert client.explain(TARGET)["grant"] == "the tests"
    answer = client.explain(TARGET, permissions={"contents": "admin"})
    assert answer["allowed"] is False
    assert answer["reason"]
    assert github.mints == 0


def test_what_github_said_is_in_the_error(client, github):
    with pytest.raises(tokman.Error) as caught:
        client.token("monalisa/not-selected")
    assert caught.value.github["status"] in (404, 422)
    assert caught.value.github["message"]
    assert caught.value.github["request_id"]


def test_github_failing_is_worth_a_retry(client, github):
    github.fault(MINT, answers=[502] * 100)
    with pytest.raises(tokman.UpstreamDown) as caught:
        client.token(TARGET)
    assert caught.value.retryable is True


def test_the_caller_and_the_daemon_are_described(client, daemon):
    assert client.whoami()["uid"] == os.getuid()
    assert client.status()["pid"] == daemon.process.pid
    assert client.ping() == client.status()["version"]
    assert client.call("io.tokman.Daemon.Health")["state"] == "ok"


def test_an_unknown_method_is_named(client):
    with pytest.raises(tokman.NoSuchMethod, match="Nonsense"):
        client.call("io.tokman.Daemon.Nonsense")


def test_an_unknown_parameter_is_named(client):
    with pytest.raises(tokman.InvalidArgument) as caught:
        client.call("io.tokman.GitHub.GetToken", {"target": TARGET, "colour": "red"})
    assert caught.value.field == "colour"


def test_other_threads_run_while_github_is_slow(client, github):
    github.fault(MINT, latency=0.3)
    tokens = []
    thread = threading.Thread(target=lambda: tokens.append(client.token(TARGET)))
    thread.start()
    rounds = 0
    while thread.is_alive():
        rounds += 1
    thread.join()
    assert rounds > 100
    assert tokens[0].app == "ci"


def test_a_call_ends_in_time_when_github_does_not(daemon, github):
    github.fault(MINT, latency=5)
    with tokman.Client(daemon.socket_path, timeout=0.2) as client:
        with pytest.raises(TimeoutError):
            client.token(TARGET)


def test_a_client_survives_a_restart_of_the_daemon(client, daemon):
    before = client.token(TARGET)
    daemon.restart()
    assert client.token(TARGET).fingerprint == before.fingerprint


def test_a_daemon_that_stays_away_is_unreachable(daemon):
    with tokman.Client(daemon.socket_path, timeout=0.5) as client:
        client.ping()
        daemon.stop()
        with pytest.raises(ConnectionError) as caught:
            client.ping()
    assert caught.value.retryable is True


def test_a_forked_child_is_told_so(client):
    client.ping()
    child = os.fork()
    if child == 0:
        try:
            client.token(TARGET)
        except tokman.Forked:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.ping()


@pytest.fixture(scope="module")
def installed_python(tmp_path_factory):
    """The interpreter of a virtual environment into which pip installed the package, offline."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run(["/usr/bin/python3", "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "--isolated", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-index", PACKAGE], check=True)
    return folder / "bin" / "python"


def run_installed(python, script, *arguments):
    """Outside of the build tree: -I ignores PYTHONPATH and the current folder."""
    command = [python, "-I", "-c", script, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


GET_TOKEN = """
import sys, tokman
print(tokman.token(sys.argv[2], socket=sys.argv[1]).secret)
"""


def test_the_installed_package_gets_a_token_that_works(installed_python, daemon, caller):
    secret = run_installed(installed_python, GET_TOKEN, daemon.socket_path, TARGET)
    assert caller.request("GET", f"/repos/{TARGET}", secret).status == 200


def test_the_installed_package_needs_no_libtokman(installed_python):
    show = "from tokman import _tokman; print(_tokman.__file__)"
    extension = run_installed(installed_python, show)
    assert str(installed_python.parent.parent) in extension
    libraries = subprocess.run(["ldd", extension], check=True, capture_output=True, text=True)
    assert "libtokman" not in libraries.stdout


def test_the_installed_package_is_of_this_version(installed_python):
    show = "import tokman, importlib.metadata as m; print(tokman.__version__, m.version('tokman'))"
    assert run_installed(installed_python, show) == f"{tokman.__version__} {tokman.__version__}"
