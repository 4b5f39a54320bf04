"""Asking for a token, and what one gets."""

import copy
import datetime
import pickle
import threading
import traceback

import pytest
import tokman
from conftest import SECRET


def asked(daemon):
    return daemon.calls[-1]


def test_the_target_alone_is_asked_for_alone(daemon, client):
    client.token("octo-org/hello-world")
    assert asked(daemon) == ("io.tokman.GitHub.GetToken", {"target": "octo-org/hello-world"})


def test_all_that_can_be_chosen_is_asked_for(daemon, client):
    client.token(
        "octo-org/hello-world",
        app="ci",
        permissions={"contents": "read", "issues": "write", "administration": "admin"},
        repositories=["more", "and-more"],
        min_lifetime=300,
        priority=100,
        rejected="uNZ0qk9yUCR7vXk8bC0sFh3Cq5k4r3iCqV1m0Cq6J8E=",
        exclusive=True,
    )
    assert asked(daemon)[1] == {
        "target": "octo-org/hello-world",
        "app": "ci",
        "permissions": {"contents": "read", "issues": "write", "administration": "admin"},
        "repositories": ["more", "and-more"],
        "min_lifetime": 300,
        "priority": 100,
        "rejected": "uNZ0qk9yUCR7vXk8bC0sFh3Cq5k4r3iCqV1m0Cq6J8E=",
        "exclusive": True,
    }


def test_repositories_may_be_any_iterable(daemon, client):
    client.token("octo-org/hello-world", repositories=(name for name in ("more",)))
    assert asked(daemon)[1]["repositories"] == ["more"]


def test_a_token_tells_all_that_the_daemon_said(client):
    token = client.token("octo-org/hello-world")
    assert token.secret == SECRET
    assert token.header == {"Authorization": f"Bearer {SECRET}"}
    assert token.expires_at == 1_900_003_600
    assert token.expires == datetime.datetime.fromtimestamp(1_900_003_600, datetime.timezone.utc)
    assert token.minted_at == 1_900_000_000
    assert token.fingerprint == "uNZ0qk9yUCR7vXk8bC0sFh3Cq5k4r3iCqV1m0Cq6J8E="
    assert token.app == "ci"
    assert token.installation_id == 4242
    assert token.permissions == {"contents": "read"}
    assert token.repositories == ["hello-world"]
    assert token.source == "minted"


def test_a_token_outlives_its_client(daemon):
    with tokman.Client(daemon.socket_path) as client:
        token = client.token("octo-org/hello-world")
    assert token.secret == SECRET


def test_a_token_may_go_while_its_client_works_in_another_thread(daemon, client):
    tokens = [client.token("octo-org/hello-world") for _ in range(2)]
    daemon.hold_answers()
    call = threading.Thread(target=client.ping)
    call.start()
    daemon.wait_until_asked()
    del tokens[0]
    assert tokens[0].secret == SECRET
    tokens[0].wipe()
    daemon.go_on.set()
    call.join()


def test_a_single_token_needs_no_client(daemon):
    token = tokman.token("octo-org/hello-world", min_lifetime=60, socket=daemon.socket_path)
    assert token.secret == SECRET
    assert asked(daemon)[1] == {"target": "octo-org/hello-world", "min_lifetime": 60}


def test_the_secret_is_in_no_text_about_a_token(client):
    token = client.token("octo-org/hello-world")
    assert SECRET not in f"{token} {token!r} {vars(tokman.Token)} {[token]}"
    assert token.fingerprint in repr(token)


def test_the_secret_is_in_no_traceback(client):
    token = client.token("octo-org/hello-world")
    try:
        token.wipe(token)
    except TypeError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "token = <tokman.Token" in "".join(report.format())
    assert SECRET not in "".join(report.format())


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_token_cannot_be_duplicated(client, duplicate):
    with pytest.raises(TypeError, match="holds a secret"):
        duplicate(client.token("octo-org/hello-world"))


def test_a_with_block_wipes_its_token(client):
    with client.token("octo-org/hello-world") as token:
        assert token.secret == SECRET
    with pytest.raises(ValueError, match="wiped"):
        token.secret
    with pytest.raises(ValueError, match="wiped"):
        token.header


def test_a_wiped_token_still_says_what_it_was(client):
    token = client.token("octo-org/hello-world")
    token.wipe()
    token.wipe()
    assert token.app == "ci"
    assert "tokman.Token" in repr(token)


@pytest.mark.parametrize(
    "field, arguments",
    [
        ("app", {"app": ""}),
        ("repositories", {"repositories": [""]}),
        ("permissions", {"permissions": {}}),
        ("permissions", {"permissions": {"": "read"}}),
        ("permissions", {"permissions": {"contents": "everything"}}),
        ("min_lifetime", {"min_lifetime": -1}),
        ("min_lifetime", {"min_lifetime": 2**32}),
        ("min_lifetime", {"min_lifetime": 2**64}),
        ("priority", {"priority": -1}),
        ("priority", {"priority": 1001}),
        ("rejected", {"rejected": ""}),
    ],
)
def test_what_cannot_be_meant_is_refused_before_asking(daemon, client, field, arguments):
    with pytest.raises(tokman.InvalidArgument) as caught:
        client.token("octo-org/hello-world", **arguments)
    assert caught.value.field == field
    assert field in str(caught.value)
    assert daemon.calls == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"app": 1},
        {"permissions": {"contents": 1}},
        {"permissions": {1: "read"}},
        {"repositories": "more"},
        {"repositories": [1]},
        {"min_lifetime": 1.5},
    ],
)
def test_a_wrong_type_is_a_type_error(daemon, client, arguments):
    with pytest.raises(TypeError):
        client.token("octo-org/hello-world", **arguments)
    assert daemon.calls == []


def test_a_nul_inside_a_text_is_refused(client):
    with pytest.raises(ValueError, match="null character"):
        client.token("octo-org/hello\0-world")
