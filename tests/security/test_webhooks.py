"""Webhooks of callers who may not hand them in, and secrets that must not come out."""

import pytest
from other_user import STRANGER, ask, connected_as
from tokman_daemon import DaemonError, write_secret

VERIFY = "io.tokman.GitHub.VerifyWebhook"
HANDLE = "io.tokman.GitHub.HandleWebhook"
SECRET = "PLANTED-WEBHOOK-SECRET"
PARAMETERS = {
    VERIFY: {"app": "ci", "signature": "sha256=00", "body": "x"},
    HANDLE: {"app": "ci", "event": "e", "delivery": "d", "signature": "sha256=00", "body": "x"},
}


@pytest.fixture
def daemon(open_daemon):
    write_secret(open_daemon.directory / "webhook", SECRET)
    secret = f'webhook_secrets = ["file:{open_daemon.directory / "webhook"}"]'
    open_daemon.edit_config("[[grant]]", f"{secret}\n[[grant]]")
    return open_daemon


def grant(daemon, apps=None):
    apps = "" if apps is None else f"apps = {apps}"
    daemon.append_config(
        f"""
[[grant]]
name = "receiver"
match = {{ uid = {STRANGER} }}
scopes = ["github:webhook"]
{apps}
"""
    )
    return daemon.start()


def refusal(daemon, method, **other):
    with connected_as(daemon) as connection, pytest.raises(DaemonError) as caught:
        ask(connection, method, {**PARAMETERS[method], **other})
    return caught.value.name


@pytest.mark.parametrize("method", [VERIFY, HANDLE])
def test_without_the_scope_a_webhook_is_refused(daemon, method):
    daemon.start()
    assert refusal(daemon, method) == "io.tokman.Denied"


@pytest.mark.parametrize("method", [VERIFY, HANDLE])
def test_a_grant_for_another_app_is_none_for_this(daemon, method):
    daemon.edit_config("[[app]]\n", '[[app]]\nname = "other"\napp_id = 7\n' + key_of(daemon))
    grant(daemon, apps='["other"]')
    assert refusal(daemon, method) == "io.tokman.Denied"


@pytest.mark.parametrize("method", [VERIFY, HANDLE])
def test_an_app_that_is_not_there_is_refused_like_one_that_is_not_granted(daemon, method):
    grant(daemon, apps='["ci"]')
    assert refusal(daemon, method, app="no-such-app") == "io.tokman.Denied"


def test_with_the_scope_and_nothing_else_a_webhook_is_verified(daemon):
    grant(daemon)
    with connected_as(daemon) as connection:
        assert ask(connection, VERIFY, PARAMETERS[VERIFY]) == {"valid": False}


def test_a_webhook_that_github_did_not_sign_is_refused_and_audited(daemon):
    grant(daemon)
    assert refusal(daemon, HANDLE) == "io.tokman.SignatureInvalid"
    daemon.wait_for_log(HANDLE)


def test_the_secret_is_in_no_output(daemon):
    grant(daemon)
    refusal(daemon, HANDLE)
    assert SECRET not in daemon.log


def key_of(daemon):
    """The rest of an [[app]] with the same keys as the first, and the heading of that."""
    text = daemon.config_file.read_text()
    keys = next(line for line in text.splitlines() if line.startswith("private_keys"))
    return f"{keys}\n\n[[app]]\n"
