"""What a grant gives: as much as it says, to those it names, asked anew for every call."""

import json
import re

import pytest
from other_user import STRANGER, ask, connected_as
from tokman_daemon import DaemonError, receive, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
EXPLAIN = "io.tokman.GitHub.Explain"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"

GRANTS = f"""
[[grant]]
name = "readers"
match = {{ uid = {STRANGER} }}
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/hello-world", "octo-org/private-*"]
permissions = {{ contents = "read", issues = "write" }}

[[grant]]
name = "writers"
match = {{ uid = {STRANGER} }}
scopes = ["github:token"]
apps = ["ci"]
targets = ["monalisa"]
permissions = {{ contents = "write" }}

[[grant]]
name = "a secret project"
match = {{ uid = {STRANGER + 1} }}
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/new-name"]
permissions = {{ contents = "write" }}
"""


@pytest.fixture
def daemon(open_daemon):
    open_daemon.append_config(GRANTS)
    return open_daemon.start()


@pytest.fixture
def stranger(daemon):
    with connected_as(daemon) as connection:
        yield connection


def refusal(connection, method, **parameters):
    with pytest.raises(DaemonError) as caught:
        ask(connection, method, parameters)
    return caught.value


ALLOWED = [
    {"target": TARGET},
    {"target": "Octo-Org/Hello-World"},
    {"target": OTHER},
    {"target": "monalisa"},
    {"target": TARGET, "app": "ci"},
    {"target": TARGET, "permissions": {"contents": "read"}},
    {"target": TARGET, "permissions": {"issues": "read"}},
    {"target": TARGET, "permissions": {"metadata": "read"}},
    {"target": TARGET, "repositories": ["private-repo"]},
    {"target": "monalisa", "permissions": {"contents": "write"}},
]

DENIED = [
    {"target": TARGET, "permissions": {"contents": "write"}},
    {"target": TARGET, "permissions": {"contents": "admin"}},
    {"target": TARGET, "permissions": {"issues": "admin"}},
    {"target": TARGET, "permissions": {"contents": "read", "pull_requests": "read"}},
    {"target": TARGET, "permissions": {"metadata": "write"}},
    {"target": TARGET, "repositories": ["private-repo", "new-name"]},
    {"target": TARGET, "app": "other"},
    {"target": "octo-org"},
    {"target": "octo-org/new-name"},
    {"target": "octo-org/hello-world2"},
    {"target": "octo-org/xhello-world"},
    {"target": "monalisa/notes"},
    {"target": "monalisa", "permissions": {"issues": "write"}},
    {"target": "other-org/hello-world"},
]


class TestGrants:
    @pytest.mark.parametrize("request_", ALLOWED, ids=json.dumps)
    def test_what_they_cover_is_given(self, stranger, request_):
        answer = ask(stranger, GET_TOKEN, request_)
        for name, level in request_.get("permissions", {}).items():
            assert answer["permissions"][name] == level

    @pytest.mark.parametrize("request_", DENIED, ids=json.dumps)
    def test_what_they_do_not_cover_is_denied_and_not_narrowed(self, stranger, github, request_):
        assert refusal(stranger, GET_TOKEN, **request_).name == "io.tokman.Denied"
        assert github.asked() == []

    def test_who_names_no_permissions_gets_those_of_the_grant(self, stranger):
        given = ask(stranger, GET_TOKEN, {"target": TARGET})["permissions"]
        assert given == {"contents": "read", "issues": "write", "metadata": "read"}

    def test_a_denial_does_not_depend_on_whether_the_repository_exists(self, stranger):
        there = str(refusal(stranger, GET_TOKEN, target="octo-org/new-name"))
        missing = str(refusal(stranger, GET_TOKEN, target="octo-org/no-such1"))
        assert there.replace("new-name", "") == missing.replace("no-such1", "")

    def test_a_denial_tells_nothing_of_the_grants_of_others(self, stranger):
        assert "secret project" not in str(refusal(stranger, GET_TOKEN, target="octo-org/new-name"))

    @pytest.mark.parametrize("method", ["Status", "Health", "Reload"])
    def test_one_scope_does_not_give_another(self, stranger, method):
        error = refusal(stranger, f"io.tokman.Daemon.{method}")
        assert error.name == "io.tokman.Denied"
        assert "admin:daemon" in error.parameters["message"]


class TestSeveralApps:
    @pytest.fixture
    def stranger(self, open_daemon):
        configuration = open_daemon.config_file.read_text()
        app = re.search(r"\[\[app\]\].*?(?=\[\[grant\]\])", configuration, re.S)
        open_daemon.append_config(app[0].replace('"ci"', '"second"'))
        open_daemon.append_config(GRANTS.replace('apps = ["ci"]', 'apps = ["ci", "second"]'))
        with connected_as(open_daemon.start()) as connection:
            yield connection

    def test_one_of_two_that_cover_the_target_must_be_named(self, stranger, github):
        error = refusal(stranger, GET_TOKEN, target=TARGET)
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == "app"
        assert "ci, second" in error.parameters["message"]
        assert all(call["route"].startswith("GET ") for call in github.asked())

    def test_each_has_tokens_of_its_own(self, stranger):
        asked = [{"target": TARGET, "app": app} for app in ("ci", "second")]
        tokens = [ask(stranger, GET_TOKEN, it) for it in asked]
        assert [it["app"] for it in tokens] == ["ci", "second"]
        assert tokens[0]["token"] != tokens[1]["token"]


class TestAboveTheCache:
    REQUEST = f'{{"method":"{GET_TOKEN}","parameters":{{"target":"{TARGET}"}}}}\0'.encode()

    def test_a_cached_token_is_not_given_to_one_without_a_grant(self, daemon):
        daemon.token(TARGET)
        with connected_as(daemon, STRANGER + 7) as connection:
            assert refusal(connection, GET_TOKEN, target=TARGET).name == "io.tokman.Denied"

    def test_a_stronger_cached_token_is_not_given_to_a_weaker_grant(self, daemon, stranger):
        strong = daemon.token(TARGET)
        weak = ask(stranger, GET_TOKEN, {"target": TARGET})
        assert strong["token"] != weak["token"]
        assert weak["permissions"]["contents"] == "read"

    @pytest.mark.parametrize("gone", ["the grant", "the target", "the permission"])
    def test_what_a_reload_took_away_is_denied_to_the_next_call_of_the_same_bytes(
        self, daemon, stranger, gone
    ):
        for _ in range(3):
            stranger.sendall(self.REQUEST)
            assert "token" in receive(stranger)
        old, new = {
            "the grant": (f"uid = {STRANGER} ", f"uid = {STRANGER + 9} "),
            "the target": ('"octo-org/hello-world"', '"octo-org/other"'),
            "the permission": ('scopes = ["github:token"]', 'scopes = ["admin:daemon"]'),
        }[gone]
        daemon.edit_config(old, new)
        daemon.reload()
        stranger.sendall(self.REQUEST)
        with pytest.raises(DaemonError, match="io.tokman.Denied"):
            receive(stranger)

    def test_what_a_reload_made_smaller_is_given_smaller(self, daemon, stranger):
        before = ask(stranger, GET_TOKEN, {"target": TARGET})
        daemon.edit_config('issues = "write" }', 'issues = "read" }')
        daemon.reload()
        after = ask(stranger, GET_TOKEN, {"target": TARGET})
        assert after["permissions"]["issues"] == "read"
        assert before["token"] != after["token"]

    def test_a_grant_that_goes_while_github_is_asked_gives_nothing_then_or_later(
        self, daemon, stranger, github
    ):
        self.ask_and_change(daemon, stranger, github, f"uid = {STRANGER} ", "uid = 4 ")
        for _ in range(2):
            with pytest.raises(DaemonError, match="io.tokman.Denied"):
                receive(stranger)
            stranger.sendall(self.REQUEST)

    def test_a_grant_that_shrinks_while_github_is_asked_gives_the_less_then_and_later(
        self, daemon, stranger, github
    ):
        self.ask_and_change(daemon, stranger, github, 'issues = "write" }', 'issues = "read" }')
        for _ in range(2):
            assert receive(stranger)["permissions"]["issues"] == "read"
            stranger.sendall(self.REQUEST)

    def ask_and_change(self, daemon, connection, github, old, new):
        github.fault(MINT, latency=0.3)
        connection.sendall(self.REQUEST)
        wait_until(lambda: github.mints == 1)
        daemon.edit_config(old, new)
        daemon.reload()


class TestExplain:
    @pytest.mark.parametrize("request_", ALLOWED + DENIED, ids=json.dumps)
    def test_it_tells_what_get_token_does_and_asks_github_nothing(self, stranger, github, request_):
        explained = ask(stranger, EXPLAIN, request_)
        assert github.asked() == []
        assert explained["allowed"] is (request_ in ALLOWED)

    def test_a_permit_names_the_grant_that_decided(self, stranger):
        explained = ask(stranger, EXPLAIN, {"target": TARGET})
        assert (explained["grant"], explained["app"]) == ("readers", "ci")
        assert explained["permissions"]["contents"] == "read"

    @pytest.mark.parametrize(
        ("asked", "reason"),
        [
            ({"target": "octo-org/new-name"}, "it does not cover octo-org/new-name"),
            (
                {"target": TARGET, "permissions": {"contents": "write"}},
                "'readers': it does not allow contents:write",
            ),
            ({"target": TARGET, "app": "other"}, "it does not allow the app 'other'"),
        ],
    )
    def test_a_refusal_names_the_condition_that_failed_nearest_to_a_match(
        self, stranger, asked, reason
    ):
        assert reason in ask(stranger, EXPLAIN, asked)["reason"]

    @pytest.mark.parametrize("request_", ALLOWED + DENIED, ids=json.dumps)
    def test_others_see_nothing_of_grants_that_are_not_theirs(self, stranger, request_):
        explained = ask(stranger, EXPLAIN, request_)
        assert "verdicts" not in explained
        assert "the tests" not in str(explained)
        assert "secret project" not in str(explained)

    def test_an_administrator_sees_all_of_them(self, daemon):
        verdicts = daemon.call(EXPLAIN, {"target": "octo-org/new-name"})["verdicts"]
        assert {it["grant"] for it in verdicts} == {
            "the tests",
            "readers",
            "writers",
            "a secret project",
        }
        assert [it["grant"] for it in verdicts if it["matched"]] == ["the tests"]
        assert all(it["condition"] for it in verdicts if not it["matched"])


class TestListTokens:
    def test_one_sees_what_one_could_have_asked_for(self, daemon, stranger):
        daemon.token(TARGET, permissions={"contents": "read"})
        daemon.token(TARGET, permissions={"contents": "write"})
        daemon.token("octo-org/new-name", permissions={"contents": "read"})
        daemon.token("monalisa/notes", permissions={"contents": "read"})
        (seen,) = ask(stranger, "io.tokman.GitHub.ListTokens")["tokens"]
        assert (seen["target"], seen["permissions"]["contents"]) == (TARGET, "read")

    def test_an_administrator_sees_all(self, daemon, stranger):
        daemon.token("octo-org/new-name")
        ask(stranger, GET_TOKEN, {"target": TARGET})
        assert len(daemon.call("io.tokman.GitHub.ListTokens")["tokens"]) == 2

    def test_nobody_sees_the_secret(self, daemon):
        token = daemon.token(TARGET)["token"]
        assert token not in str(daemon.call("io.tokman.GitHub.ListTokens"))
