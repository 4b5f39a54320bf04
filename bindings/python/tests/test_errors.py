"""The exceptions: one per row of TOKMAN_ERROR_MAP."""

import ast
import pathlib
import pickle
import re

import pytest
import tokman

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROW = re.compile(r"^    XX\((\w+), *(\d+), *([01]), *\"(.*)\"\)", re.MULTILINE)
ROWS = ROW.findall((ROOT / "include/tokman/errors.h").read_text())
NAMES = [name.title().replace("_", "") for name, *_ in ROWS]


def refused(daemon, client, error, **details):
    daemon.refuse("GitHub.GetToken", error, **details)
    with pytest.raises(tokman.Error) as caught:
        client.token("octo-org/hello-world")
    return caught.value


@pytest.mark.parametrize("row, name", zip(ROWS, NAMES), ids=NAMES)
def test_every_row_is_a_class(row, name):
    error = getattr(tokman, name)
    assert issubclass(error, tokman.Error)
    assert (error.name, str(error.code), str(int(error.retryable)), error.__doc__) == row
    assert error.__module__ == "tokman"


def test_all_of_them_are_exported():
    own = ["Access", "AccessToken", "Client", "ClientChange", "Clients", "Login", "Token", "token"]
    assert tokman.__all__ == [*own, "Error", *NAMES]


def test_the_stub_knows_them_all_and_their_bases():
    stub = ast.parse((ROOT / "bindings/python/src/tokman/_tokman.pyi").read_text())
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    for name in ["Error", *NAMES]:
        bases = [base.__name__ for base in getattr(tokman, name).__bases__]
        assert [ast.unparse(base) for base in classes[name].bases] == bases
    exported = next(node for node in stub.body if isinstance(node, ast.Assign))
    assert ast.literal_eval(exported.value) == ["Error", *NAMES]


@pytest.mark.parametrize("name", ["Denied", "NotFound", "UpstreamDown", "AppNotInstalled"])
def test_what_the_daemon_refuses_is_raised_by_its_name(daemon, client, name):
    assert type(refused(daemon, client, name)) is getattr(tokman, name)


@pytest.mark.parametrize(
    "name, kin",
    [
        ("Denied", PermissionError),
        ("TimedOut", TimeoutError),
        ("InvalidArgument", ValueError),
        ("DaemonUnreachable", ConnectionError),
    ],
)
def test_some_are_also_what_python_calls_them(name, kin):
    assert issubclass(getattr(tokman, name), kin)


def test_an_error_says_what_the_daemon_said(daemon, client):
    error = refused(
        daemon,
        client,
        "UpstreamLimited",
        message="app 'ci': GitHub limits it",
        retryable=True,
        retry_after_ms=1500,
        field="target",
        github={"status": 403, "message": "rate limit", "request_id": "AB:1"},
    )
    assert "app 'ci': GitHub limits it" in str(error)
    assert error.message == str(error)
    assert error.retryable is True
    assert error.retry_after == 1.5
    assert error.field == "target"
    assert error.github == {"status": 403, "message": "rate limit", "request_id": "AB:1"}


def test_a_limit_of_calls_says_how_many_there_are(daemon, client):
    error = refused(daemon, client, "RateLimited", limit=600, remaining=0, retry_after_ms=100)
    assert (error.limit, error.remaining, error.retry_after) == (600, 0, 0.1)


def test_what_the_daemon_did_not_say_is_none(daemon, client):
    error = refused(daemon, client, "Denied")
    assert error.retryable is False
    said = (error.retry_after, error.field, error.limit, error.remaining, error.github)
    assert said == (None,) * 5


def test_the_daemon_s_word_on_retrying_counts(daemon, client):
    assert refused(daemon, client, "Store", retryable=True).retryable is True
    assert tokman.Store.retryable is False


def test_the_next_call_forgets_the_error_of_the_last(daemon, client):
    refused(daemon, client, "UpstreamDown", retry_after_ms=1000)
    assert refused(daemon, client, "Denied").retry_after is None


def test_a_call_works_again_after_an_error(daemon, client):
    refused(daemon, client, "Denied")
    assert client.ping() == "1.2.3"


@pytest.mark.parametrize("name", ["Denied", "NotFound", "InvalidArgument"])
def test_an_error_can_be_pickled_with_its_details(daemon, client, name):
    error = refused(daemon, client, name, field="target", message="no such")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.field, again.code) == (str(error), "target", error.code)


def test_an_error_made_by_hand_has_a_message_too():
    error = tokman.Denied("for a test")
    assert error.message == "for a test"
    assert error.github is None
