"""Access tokens and logins, shown by the command and by Python to a real daemon."""

import os
import sys

import pytest

from canned_server import tokman_at
from tokman_daemon import write_secret

sys.path.insert(0, os.environ["TOKMAN_PYTHON_DIR"])

import tokman as package  # noqa: E402

TARGET = "octo-org/hello-world"
UNAUTHENTICATED = package.Unauthenticated.code
OF_THE_CLIENT = """
[[grant]]
name = "the nightly build"
match = { client = "nightly" }
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/hello-world"]
permissions = { contents = "read", metadata = "read" }
"""


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    scopes = 'scopes = ["github:token", "admin:daemon"'
    further = ', "user:token", "admin:token", "admin:client"'
    shared_daemon.edit_config(scopes, scopes + further)
    shared_daemon.append_config(OF_THE_CLIENT)
    shared_daemon.reload()
    return shared_daemon


@pytest.fixture
def tokman(daemon):
    def run(*arguments, **how):
        done = tokman_at(daemon.socket_path, *arguments, **how)
        print(arguments, done)
        return done

    return run


@pytest.fixture
def admin(daemon):
    with package.Client(daemon.socket_path) as client:
        yield client


@pytest.fixture
def made_token(tokman, tmp_path):
    """Makes an access token with the command: the file that holds it, and its key."""

    def make(name, *options):
        done = tokman("token", "create", name, "--scope", "github:token", *options)
        assert done.returncode == 0
        path = tmp_path / name
        write_secret(path, done.stdout)
        return str(path), done.stdout[4:26]

    return make


@pytest.fixture
def nightly(admin, tmp_path):
    """A client: the environment with which the command logs in as it."""
    key = admin.clients.put("nightly", generate_key=True, scopes=["github:token"]).key
    write_secret(tmp_path / "key", key)
    yield {"TOKMAN_CLIENT_ID": "nightly", "TOKMAN_CLIENT_KEY_FILE": str(tmp_path / "key")}
    admin.clients.delete("nightly")


def test_an_access_token_gets_what_its_scopes_allow_and_no_more(tokman, made_token):
    path, _ = made_token("narrow")
    assert tokman("get", TARGET, "--auth-file", path).returncode == 0
    assert tokman("status", "--auth-file", path).returncode == package.Denied.code


def test_a_deleted_access_token_is_refused(tokman, made_token):
    path, key = made_token("deleted")
    assert tokman("token", "delete", key).stdout.split() == ["deleted", "1"]
    assert tokman("get", TARGET, "--auth-file", path).returncode == UNAUTHENTICATED
    assert tokman("token", "data", path).returncode == UNAUTHENTICATED


def test_a_child_is_made_of_the_token_that_is_shown_and_ends_with_it(tokman, made_token, tmp_path):
    path, key = made_token("parent")
    child = tokman("token", "internal", "web", "--scope", "github:token", "--auth-file", path)
    again = tokman("token", "internal", "web", "--scope", "github:token", "--auth-file", path)
    assert child.stdout == again.stdout != ""
    assert f"parent    {key}" in child.stderr
    assert tokman("token", "delete", key).stdout.split() == ["deleted", "2"]
    assert tokman("token", "data", "-", stdin=child.stdout).returncode == UNAUTHENTICATED


def test_what_was_done_is_in_the_history(tokman, made_token):
    _, key = made_token("remembered")
    tokman("token", "modify", key, "--name", "renamed", "--expires", "1d")
    tokman("token", "delete", key)
    lines = tokman("history", "--key", key).stdout.splitlines()[1:]
    assert [line.split("  ")[1] for line in lines] == ["token revoke", "token edit", "token create"]
    assert "name: remembered -> renamed" in lines[1]


def test_the_store_is_as_it_should_be(tokman, made_token):
    made_token("audited")
    done = tokman("audit")
    assert (done.returncode, done.stdout) == (0, "nothing is wrong in the store\n")


def test_the_command_logs_in_as_a_client(tokman, nightly):
    assert tokman("get", TARGET, **nightly).returncode == 0
    assert tokman("get", "monalisa/notes", **nightly).returncode == package.Denied.code


def test_a_client_that_is_disabled_is_let_in_no_more(tokman, nightly):
    assert tokman("client", "disable", "nightly").returncode == 0
    assert tokman("get", TARGET, **nightly).returncode == UNAUTHENTICATED
    assert tokman("client", "enable", "nightly").returncode == 0
    assert tokman("get", TARGET, **nightly).returncode == 0


def test_a_login_that_was_printed_serves_as_a_credential(tokman, nightly, tmp_path):
    login = tokman("client", "login", "nightly", "--key-file", nightly["TOKMAN_CLIENT_KEY_FILE"])
    write_secret(tmp_path / "jwt", login.stdout)
    assert tokman("get", TARGET, "--auth-file", str(tmp_path / "jwt")).returncode == 0
    assert tokman("client", "logins-revoke", "nightly").stdout.split()[1] == "1"
    refused = tokman("get", TARGET, "--auth-file", str(tmp_path / "jwt"))
    assert refused.returncode == UNAUTHENTICATED


# TF-26: over a real login, which the daemon has forgotten.
def test_a_revoked_login_is_renewed_and_the_call_repeated(daemon, admin, nightly):
    with open(nightly["TOKMAN_CLIENT_KEY_FILE"]) as file:
        key = file.read()
    with package.Client(daemon.socket_path, client_id="nightly", client_key=key) as client:
        first = client.token(TARGET)
        assert admin.clients.revoke_logins("nightly") == 1
        assert client.token(TARGET).fingerprint == first.fingerprint
        admin.clients.disable("nightly")
        with pytest.raises(package.Unauthenticated):
            client.token(TARGET)


def test_a_wrong_key_and_an_unknown_client_are_one_answer(daemon, nightly):
    messages = set()
    for client_id in ("nightly", "nobody"):
        with pytest.raises(package.Unauthenticated) as refusal:
            package.Client(daemon.socket_path, client_id=client_id, client_key="x" * 20)
        messages.add(str(refusal.value))
    assert len(messages) == 1


def test_python_makes_lists_changes_and_ends_tokens(daemon, admin):
    made = admin.access.create_user_token("python", ["github:token", "user:token"])
    with package.Client(daemon.socket_path, credential=made.secret) as client:
        assert client.access.get_token_info().key == made.key
        assert made.key in [token.key for token in client.access.list_tokens()]
    assert admin.access.get_data(made.secret).name == "python"
    assert admin.access.modify_token(made.key, scopes=[]).scopes == ()
    assert admin.access.delete_token(made.key) == 1
    actions = [entry["action"] for entry in admin.access.change_history(key=made.key)]
    assert actions == ["revoke", "edit", "create"]
