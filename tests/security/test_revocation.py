"""Nobody ends or sees what another holds, and nobody learns from trying what there is."""

import pytest
from other_user import STRANGER, ask, connected_as
from tokman_daemon import DaemonError, receive, send

GET_TOKEN = "io.tokman.GitHub.GetToken"
LIST_TOKENS = "io.tokman.GitHub.ListTokens"
REVOKE = "io.tokman.GitHub.Revoke"
TARGET = "octo-org/hello-world"
UNKNOWN = "A" * 43 + "="

# Two who may have the same, and one who may only end things.
GRANTS = f"""
[[grant]]
name = "workers"
match = {{ uid = [{STRANGER}, {STRANGER + 1}] }}
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/hello-world"]
permissions = {{ contents = "read" }}

[[grant]]
name = "on call"
match = {{ uid = {STRANGER + 2} }}
scopes = ["admin:daemon"]
"""


@pytest.fixture
def daemon(open_daemon):
    open_daemon.append_config(GRANTS)
    return open_daemon.start()


@pytest.fixture
def holder(daemon):
    with connected_as(daemon) as connection:
        yield connection


@pytest.fixture
def other(daemon):
    with connected_as(daemon, STRANGER + 1) as connection:
        yield connection


@pytest.fixture
def exclusive(holder):
    """The fingerprint of a token that the holder alone has."""
    return ask(holder, GET_TOKEN, {"target": TARGET, "exclusive": True})["fingerprint"]


def refusal(connection, parameters):
    with pytest.raises(DaemonError) as caught:
        ask(connection, REVOKE, parameters)
    assert caught.value.name == "io.tokman.Denied"
    return caught.value.parameters["message"]


def test_its_holder_may_revoke_it(holder, exclusive):
    assert ask(holder, REVOKE, {"fingerprint": exclusive})["revoked"] == 1


def test_another_uid_may_not(daemon, other, exclusive, github):
    refusal(other, {"fingerprint": exclusive})
    daemon.wait_for_log(f"audit=refused principal=uid:{STRANGER + 1} method={REVOKE}")
    assert github.calls("DELETE /installation/token") == 0


def test_a_shared_token_may_not_be_revoked_by_those_who_share_it(holder):
    refusal(holder, {"fingerprint": ask(holder, GET_TOKEN, {"target": TARGET})["fingerprint"]})


def test_all_of_an_app_may_not_be_revoked_by_those_who_use_it(holder, exclusive):
    refusal(holder, {"app": "ci"})


def test_the_refusal_does_not_tell_what_there_is(other, exclusive):
    texts = {refusal(other, {"fingerprint": text}) for text in (exclusive, UNKNOWN)}
    assert len(texts) == 1


def test_another_uid_does_not_see_it(other, holder, exclusive):
    def fingerprints(connection):
        return [row["fingerprint"] for row in ask(connection, LIST_TOKENS)["tokens"]]

    assert exclusive not in fingerprints(other)
    assert exclusive in fingerprints(holder)


def test_an_administrator_needs_no_other_scope_to_revoke(daemon, holder, exclusive):
    with connected_as(daemon, STRANGER + 2) as on_call:
        assert ask(on_call, REVOKE, {"app": "ci"})["revoked"] == 1


def test_what_one_rejects_is_not_taken_from_another(daemon, holder, other):
    token = ask(holder, GET_TOKEN, {"target": TARGET})
    for _ in range(50):
        send(holder, GET_TOKEN, {"target": TARGET, "rejected": token["fingerprint"]})
        receive(holder)
    assert ask(other, GET_TOKEN, {"target": TARGET})["token"] == token["token"]
