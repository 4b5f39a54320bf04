"""Access tokens over the real socket: made, shown, found again, changed and ended."""

import time

import pytest
from tokman_daemon import DaemonError, receive, send

ACCESS = "io.tokman.Access."
SCOPES = ["github:token", "admin:daemon"]


def call(daemon, method, **parameters):
    return daemon.call(ACCESS + method, parameters)


def refusal(daemon, method, **parameters):
    with pytest.raises(DaemonError) as caught:
        call(daemon, method, **parameters)
    return caught.value


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    """Its tests may have sessions and user tokens of their own, and are administrators."""
    scopes = 'scopes = ["github:token", "admin:daemon"'
    shared_daemon.edit_config(scopes, scopes + ', "user:token", "admin:token"')
    shared_daemon.reload()
    return shared_daemon


@pytest.fixture
def session(daemon):
    return call(daemon, "CreateSessionToken")


class TestCreation:
    def test_a_session_has_the_scopes_of_its_maker_for_a_day(self, daemon, session):
        info = session["info"]
        assert session["token"].startswith(f"tmk_{info['key']}.")
        assert info["type"] == "session"
        assert info["scopes"] == sorted([*SCOPES, "user:token", "admin:token"])
        assert info["expires"] == info["created"] + 86400
        assert info["username"] == call(daemon, "WhoAmI")["user"]

    def test_who_has_a_token_learns_what_it_is(self, daemon, session):
        answer = call(daemon, "GetData", token=session["token"])
        assert answer == {"active": True, "data": session["info"]}

    @pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "\n", lambda t: ""])
    def test_what_is_no_token_is_not_active(self, daemon, session, spoil):
        assert call(daemon, "GetData", token=spoil(session["token"])) == {"active": False}

    def test_a_wrong_secret_is_not_active(self, daemon, session):
        other = call(daemon, "CreateSessionToken")["token"]
        mixed = session["token"].split(".")[0] + "." + other.split(".")[1]
        assert call(daemon, "GetData", token=mixed) == {"active": False}

    def test_a_name_is_given_once(self, daemon):
        call(daemon, "CreateUserToken", name="laptop", scopes=["user:token"])
        error = refusal(daemon, "CreateUserToken", name="laptop", scopes=[])
        assert (error.name, error.parameters["field"]) == ("io.tokman.DuplicateName", "name")

    def test_a_bot_gets_a_service_token_from_an_administrator(self, daemon):
        info = call(
            daemon,
            "CreateTokenFromAdminRequest",
            username="bot-ci",
            type="service",
            scopes=["github:token"],
            no_expire=True,
        )["info"]
        assert (info["type"], info["username"]) == ("service", "bot-ci")
        assert "expires" not in info

    @pytest.mark.parametrize("type", ["session", "queen"])
    def test_no_other_type_is_made_by_an_administrator(self, daemon, type):
        error = refusal(
            daemon, "CreateTokenFromAdminRequest", username="bob", type=type, name="a", scopes=[]
        )
        assert (error.name, error.parameters["field"]) == ("io.tokman.InvalidArgument", "type")

    def test_a_token_survives_a_kill_right_after_its_answer(self, daemon):
        token = call(daemon, "CreateSessionToken")["token"]
        daemon.kill()
        daemon.start()
        assert call(daemon, "GetData", token=token)["active"]


class TestLists:
    def test_a_list_comes_page_by_page_newest_first_and_without_secrets(self, daemon):
        made = [call(daemon, "CreateSessionToken") for _ in range(5)]
        listed, cursor = [], {}
        while True:
            page = call(daemon, "ListTokens", limit=2, types=["session"], **cursor)
            assert len(page["tokens"]) <= 2
            listed += page["tokens"]
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
        keys = [info["key"] for info in listed]
        assert len(set(keys)) == len(keys)
        assert {token["info"]["key"] for token in made} <= set(keys)
        created = [info["created"] for info in listed]
        assert created == sorted(created, reverse=True)
        for token in made:
            assert token["token"].split(".")[1] not in str(listed)

    @pytest.mark.parametrize(
        "field, value",
        [("cursor", "x"), ("limit", 0), ("limit", 1001), ("types", ["queen"])],
    )
    def test_what_cannot_be_listed_is_refused_by_name(self, daemon, field, value):
        error = refusal(daemon, "ListTokens", **{field: value})
        assert (error.name, error.parameters["field"]) == ("io.tokman.InvalidArgument", field)


class TestChanges:
    def test_a_change_takes_effect_at_once(self, daemon):
        token = call(daemon, "CreateUserToken", name="changed", scopes=["user:token"])
        key = token["info"]["key"]
        expires = int(time.time()) + 1000
        info = call(daemon, "ModifyToken", key=key, name="new", scopes=[], expires=expires)["info"]
        assert (info["name"], info["scopes"], info["expires"]) == ("new", [], expires)
        assert call(daemon, "GetData", token=token["token"])["data"] == info
        assert call(daemon, "GetTokenInfo", key=key)["info"] == info

    def test_a_deleted_token_is_gone_and_cannot_be_deleted_again(self, daemon, session):
        key = session["info"]["key"]
        assert call(daemon, "DeleteToken", key=key) == {"deleted": 1}
        assert call(daemon, "GetData", token=session["token"]) == {"active": False}
        error = refusal(daemon, "DeleteToken", key=key)
        assert (error.name, error.parameters["field"]) == ("io.tokman.NotFound", "key")

    def test_a_deleted_token_does_not_come_back_after_a_kill(self, daemon, session):
        call(daemon, "DeleteToken", key=session["info"]["key"])
        daemon.kill()
        daemon.start()
        assert call(daemon, "GetData", token=session["token"]) == {"active": False}


def test_no_secret_of_a_token_is_in_the_log(daemon, session):
    call(daemon, "GetData", token=session["token"])
    call(daemon, "DeleteToken", key=session["info"]["key"])
    assert session["token"].split(".")[1] not in daemon.log


def test_many_calls_of_one_connection_are_answered_in_order(daemon):
    with daemon.connect() as connection:
        for i in range(20):
            send(connection, ACCESS + "CreateUserToken", {"name": f"row {i}", "scopes": []})
        names = [receive(connection)["info"]["name"] for _ in range(20)]
    assert names == [f"row {i}" for i in range(20)]
