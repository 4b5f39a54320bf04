"""What goes to the daemon, and what comes back, for credentials, access tokens and clients."""

from datetime import datetime, timezone

import pytest
import tokman

SECRET = "tmk_PlantedAccessTokenKey0.PlantedAccessSecret000"
KEY = "PlantedClientKeyThatMustNotShow"
INFO = {
    "key": "PlantedAccessTokenKey0",
    "type": "user",
    "username": "packit",
    "name": "laptop",
    "scopes": ["github:token"],
    "created": 1_900_000_000,
    "expires": 1_900_086_400,
}
LOGIN = {
    "token": "ey.Planted.Jwt",
    "token_type": "Bearer",
    "expires_in": 600,
    "expires_at": 1_900_000_600,
    "scopes": ["github:token"],
    "max_priority": {"*": 100},
}


def asked(daemon):
    method, parameters = daemon.calls[-1]
    return method.removeprefix("io.tokman."), parameters


def test_a_credential_goes_with_every_call(daemon):
    with tokman.Client(daemon.socket_path, credential=SECRET) as client:
        client.ping()
        client.token("octo-org/hello-world")
    assert [parameters["auth"] for _, parameters in daemon.calls] == [SECRET, SECRET]


def test_a_credential_can_be_taken_away(daemon, client):
    client.set_credential(SECRET)
    client.set_credential(None)
    client.ping()
    assert asked(daemon) == ("Daemon.Ping", {})


def test_a_client_logs_in_when_it_is_made(daemon):
    daemon.answer("Access.Authenticate", **LOGIN)
    with tokman.Client(daemon.socket_path, client_id="packit", client_key=KEY) as client:
        assert asked(daemon) == ("Access.Authenticate", {"client_id": "packit", "client_key": KEY})
        client.ping()
    assert asked(daemon) == ("Daemon.Ping", {"auth": "ey.Planted.Jwt"})


@pytest.mark.parametrize(
    "given",
    [
        {"client_id": "packit"},
        {"client_key": KEY},
        {"client_id": "packit", "client_key": ""},
        {"client_id": "packit", "client_key": KEY, "credential": SECRET},
        {"credential": ""},
        {"credential": "a b"},
    ],
)
def test_half_a_credential_is_refused_and_nothing_sent(daemon, given):
    with pytest.raises(tokman.InvalidArgument) as refusal:
        tokman.Client(daemon.socket_path, **given)
    assert KEY not in str(refusal.value)
    assert daemon.calls == []


def test_a_wrong_key_is_told_at_once(daemon):
    daemon.refuse("Access.Authenticate", "Unauthenticated")
    with pytest.raises(tokman.Unauthenticated):
        tokman.Client(daemon.socket_path, client_id="packit", client_key=KEY)


def test_a_created_token_has_its_secret_and_does_not_show_it(daemon, client):
    daemon.answer("Access.CreateUserToken", token=SECRET, info=INFO)
    expires = datetime(2030, 3, 18, tzinfo=timezone.utc)
    token = client.access.create_user_token("laptop", ["github:token"], expires=expires)
    assert token.secret == SECRET
    assert SECRET not in repr(token) and SECRET not in str(token)
    assert (token.key, token.scopes) == (INFO["key"], ("github:token",))
    given = {"name": "laptop", "scopes": ["github:token"], "expires": 1_900_022_400}
    assert asked(daemon) == ("Access.CreateUserToken", given)


MADE = {"token": SECRET, "info": INFO}


@pytest.mark.parametrize(
    "method, answer, ask, given",
    [
        ("CreateSessionToken", MADE, lambda it: it.create_session_token(), {}),
        (
            "CreateTokenFromAdminRequest",
            MADE,
            lambda it: it.create_token_from_admin_request("bot-ci", "service", [], no_expire=True),
            {"username": "bot-ci", "type": "service", "scopes": [], "no_expire": True},
        ),
        (
            "GetInternalToken",
            MADE,
            lambda it: it.get_internal_token("web", ["a:b"], on_missing_scope="drop"),
            {"service": "web", "scopes": ["a:b"], "on_missing_scope": "drop"},
        ),
        (
            "GetNotebookToken",
            MADE,
            lambda it: it.get_notebook_token(minimum_lifetime=600),
            {"minimum_lifetime": 600},
        ),
        ("CreateOidcToken", MADE, lambda it: it.create_oidc_token(), {}),
        ("GetTokenInfo", {"info": INFO}, lambda it: it.get_token_info(), {}),
        (
            "ModifyToken",
            {"info": INFO},
            lambda it: it.modify_token("k", scopes=[], name="desk"),
            {"key": "k", "scopes": [], "name": "desk"},
        ),
        ("DeleteToken", {"deleted": 2}, lambda it: it.delete_token("k"), {"key": "k"}),
        (
            "DeleteToken",
            {"deleted": 2},
            lambda it: it.delete_token("k", username="packit"),
            {"key": "k", "username": "packit"},
        ),
    ],
)
def test_each_operation_asks_for_what_it_is_given(daemon, client, method, answer, ask, given):
    daemon.answer(f"Access.{method}", **answer)
    ask(client.access)
    assert asked(daemon) == (f"Access.{method}", given)


def test_a_token_that_is_no_good_has_no_data(daemon, client):
    daemon.answer("Access.GetData", active=False)
    assert client.access.get_data("nonsense") is None
    daemon.answer("Access.GetData", active=True, data=INFO)
    assert client.access.get_data(SECRET).username == "packit"


def test_what_a_newer_daemon_says_besides_is_left_out(daemon, client):
    daemon.answer("Access.GetTokenInfo", info=INFO | {"colour": "green"})
    assert client.access.get_token_info("k").name == "laptop"


def test_a_list_is_read_page_by_page(daemon, client):
    pages = [{"tokens": [INFO, INFO], "next": "c1"}, {"tokens": [INFO]}]
    daemon.answer_in_turn("Access.ListTokens", pages)
    assert len(list(client.access.list_tokens(all=True))) == 3
    assert asked(daemon) == ("Access.ListTokens", {"limit": 1000, "all": True, "cursor": "c1"})


def test_history_is_read_page_by_page_to_its_limit(daemon, client):
    pages = [{"entries": [{"id": "1"}, {"id": "2"}], "next": "c1"}, {"entries": [{"id": "3"}] * 2}]
    daemon.answer_in_turn("Access.GetChangeHistory", pages)
    since = datetime(2030, 3, 18, tzinfo=timezone.utc)
    entries = client.access.change_history(key="k", since=since, limit=3)
    assert [entry["id"] for entry in entries] == ["1", "2", "3"]
    assert asked(daemon)[1] == {"key": "k", "since": 1_900_022_400, "limit": 3, "cursor": "c1"}


def test_a_moment_needs_a_time_zone(client):
    with pytest.raises(ValueError):
        client.access.modify_token("k", expires=datetime(2030, 1, 1))


def test_scopes_are_several_names(client):
    with pytest.raises(TypeError):
        client.access.create_session_token("github:token")


def test_a_login_for_someone_else_does_not_show_its_jwt(daemon, client):
    daemon.answer("Access.Authenticate", **LOGIN)
    login = client.access.authenticate("packit", KEY)
    assert (login.jwt, login.max_priority) == ("ey.Planted.Jwt", {"*": 100})
    assert "Planted" not in repr(login)


def test_a_generated_key_is_given_and_not_shown(daemon, client):
    daemon.answer("Clients.Put", created=True, version=1, key=KEY)
    made = client.clients.put("packit", generate_key=True, scopes=["github:token"])
    assert (made.created, made.version, made.key) == (True, 1, KEY)
    assert KEY not in repr(made)
    given = {"id": "packit", "generate_key": True, "scopes": ["github:token"]}
    assert asked(daemon) == ("Clients.Put", given)


@pytest.mark.parametrize(
    "method, answer, ask, given",
    [
        ("Get", {"client": {"id": "packit"}}, lambda it: it.get("packit"), {}),
        (
            "RotateKey",
            {"version": 2, "key": KEY},
            lambda it: it.rotate_key("packit", overlap=60),
            {"overlap": 60},
        ),
        ("Disable", {"version": 3, "ended": 1}, lambda it: it.disable("packit"), {}),
        ("Delete", {"ended": 1}, lambda it: it.delete("packit", if_version=3), {"if_version": 3}),
        ("RevokeLogins", {"revoked": 1}, lambda it: it.revoke_logins("packit"), {}),
    ],
)
def test_each_operation_names_its_client(daemon, client, method, answer, ask, given):
    daemon.answer(f"Clients.{method}", **answer)
    ask(client.clients)
    assert asked(daemon) == (f"Clients.{method}", {"id": "packit"} | given)


def test_clients_are_listed_page_by_page(daemon, client):
    daemon.answer_in_turn(
        "Clients.List", [{"clients": [{"id": "a"}], "next": "a"}, {"clients": [{"id": "b"}]}]
    )
    assert [it["id"] for it in client.clients.list()] == ["a", "b"]


def test_an_audit_gives_its_findings(daemon, client):
    finding = {"check": "A5", "table": "by_user", "key": "k", "detail": "no record", "fixed": True}
    daemon.answer("Daemon.Audit", findings=[finding])
    assert client.audit(fix=True) == [finding]
    assert asked(daemon) == ("Daemon.Audit", {"fix": True, "orphans": False})
