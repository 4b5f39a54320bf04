"""Access tokens over the real socket: made, shown, found again, changed and ended."""

import contextlib
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


class TestChildren:
    """Of the token in `auth`."""

    def test_a_notebook_token_is_given_again_also_after_a_kill(self, daemon, session):
        first = call(daemon, "GetNotebookToken", auth=session["token"])
        assert first["info"]["parent"] == session["info"]["key"]
        assert first["info"]["scopes"] == session["info"]["scopes"]
        assert call(daemon, "GetNotebookToken", auth=session["token"]) == first
        daemon.kill()
        daemon.start()
        assert call(daemon, "GetNotebookToken", auth=session["token"]) == first

    def test_an_internal_token_is_for_one_service_and_does_what_its_scopes_allow(
        self, daemon, session
    ):
        asked = {"service": "web", "scopes": ["user:token"], "auth": session["token"]}
        child = call(daemon, "GetInternalToken", **asked)
        assert (child["info"]["service"], child["info"]["scopes"]) == ("web", ["user:token"])
        assert call(daemon, "GetTokenInfo", auth=child["token"])["info"] == child["info"]
        error = refusal(daemon, "ListTokens", auth=child["token"], all=True)
        assert error.name == "io.tokman.Denied"

    def test_scopes_that_the_parent_lacks_are_refused_or_dropped(self, daemon):
        parent = call(daemon, "CreateSessionToken", scopes=["user:token"])["token"]
        asked = {"service": "web", "scopes": ["user:token", "admin:token"], "auth": parent}
        error = refusal(daemon, "GetInternalToken", **asked)
        assert (error.name, error.parameters["field"]) == ("io.tokman.Denied", "scopes")
        dropped = call(daemon, "GetInternalToken", **asked, on_missing_scope="drop")
        assert dropped["info"]["scopes"] == ["user:token"]

    def test_an_oidc_token_is_always_new(self, daemon, session):
        keys = {
            call(daemon, "CreateOidcToken", auth=session["token"])["info"]["key"] for _ in range(2)
        }
        assert len(keys) == 2

    @pytest.mark.parametrize(
        "method, parameters",
        [
            ("GetNotebookToken", {}),
            ("GetInternalToken", {"service": "web", "scopes": []}),
            ("CreateOidcToken", {}),
            ("GetTokenInfo", {}),
        ],
    )
    def test_without_a_token_in_auth_there_is_nothing(self, daemon, method, parameters):
        error = refusal(daemon, method, **parameters)
        assert (error.name, error.parameters["field"]) == ("io.tokman.Unauthenticated", "auth")

    # GF-8
    @pytest.mark.parametrize("minimum", [299, 86101])
    def test_a_lifetime_that_no_child_can_have_is_refused_by_name(self, daemon, session, minimum):
        error = refusal(daemon, "GetNotebookToken", minimum_lifetime=minimum, auth=session["token"])
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == "minimum_lifetime"
        assert "86100" in error.parameters["message"]

    def test_a_lifetime_that_the_parent_has_not_is_too_long(self, daemon):
        expires = int(time.time()) + 1000
        parent = call(daemon, "CreateUserToken", name="short", scopes=[], expires=expires)
        error = refusal(daemon, "GetNotebookToken", minimum_lifetime=2000, auth=parent["token"])
        assert error.name == "io.tokman.LifetimeTooShort"
        child = call(daemon, "GetNotebookToken", auth=parent["token"])
        assert child["info"]["expires"] == expires

    # GF-7
    def test_a_hundred_connections_at_once_get_one_token_of_each_parent(self, daemon):
        parents = [call(daemon, "CreateSessionToken")["token"] for _ in range(2)]
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(daemon.connect()) for _ in range(100)]
            for i, connection in enumerate(connections):
                send(connection, ACCESS + "GetNotebookToken", {"auth": parents[i % 2]})
            tokens = [receive(connection)["token"] for connection in connections]
        assert len(set(tokens[0::2])) == 1
        assert len(set(tokens[1::2])) == 1
        assert tokens[0] != tokens[1]

    # GF-14
    def test_a_deleted_token_takes_its_children_with_it(self, daemon, session):
        child = call(daemon, "GetNotebookToken", auth=session["token"])["token"]
        grandchild = call(daemon, "GetNotebookToken", auth=child)["token"]
        user = call(
            daemon, "CreateUserToken", name="survivor", scopes=[], auth=session["token"]
        )["token"]
        assert call(daemon, "DeleteToken", key=session["info"]["key"]) == {"deleted": 3}
        for token in (session["token"], child, grandchild):
            assert refusal(daemon, "WhoAmI", auth=token).name == "io.tokman.Unauthenticated"
        assert call(daemon, "GetData", token=user)["active"]

    def test_a_deleted_token_does_not_work_on_the_connection_that_used_it(self, daemon, session):
        with daemon.connect() as connection:
            send(connection, ACCESS + "GetTokenInfo", {"auth": session["token"]})
            assert receive(connection)["info"] == session["info"]
            call(daemon, "DeleteToken", key=session["info"]["key"])
            send(connection, ACCESS + "GetTokenInfo", {"auth": session["token"]})
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        assert caught.value.name == "io.tokman.Unauthenticated"

    def test_the_same_bytes_are_answered_by_what_a_token_is_now(self, daemon):
        token = call(daemon, "CreateUserToken", name="watched", scopes=["user:token"])
        key, asked = token["info"]["key"], {"token": token["token"]}
        answers = []
        with daemon.connect() as connection:

            def look():
                for _ in range(2):  # The second is given again.
                    send(connection, ACCESS + "GetData", asked)
                    answers.append(receive(connection))

            look()
            call(daemon, "ModifyToken", key=key, scopes=[])
            look()
            call(daemon, "DeleteToken", key=key)
            look()
        scopes = [answer.get("data", {}).get("scopes") for answer in answers]
        assert scopes == [["user:token"]] * 2 + [[]] * 2 + [None] * 2

    # GF-16
    def test_a_token_without_user_token_reaches_no_token(self, daemon):
        bare = call(daemon, "CreateSessionToken", scopes=["github:token"])
        key = bare["info"]["key"]
        for method, parameters in {
            "ListTokens": {},
            "CreateUserToken": {"name": "a", "scopes": []},
            "GetTokenInfo": {"key": key},
            "DeleteToken": {"key": key},
            "ModifyToken": {"key": key, "name": "b"},
        }.items():
            error = refusal(daemon, method, **parameters, auth=bare["token"])
            assert error.name == "io.tokman.Denied", method
        assert call(daemon, "GetTokenInfo", auth=bare["token"])["info"] == bare["info"]


class TestChanges:
    def test_a_change_takes_effect_at_once(self, daemon):
        token = call(daemon, "CreateUserToken", name="changed", scopes=["user:token"])
        key = token["info"]["key"]
        expires = int(time.time()) + 1000
        info = call(daemon, "ModifyToken", key=key, name="new", scopes=[], expires=expires)["info"]
        assert (info["name"], info["scopes"], info["expires"]) == ("new", [], expires)
        assert call(daemon, "GetData", token=token["token"])["data"] == info
        assert call(daemon, "GetTokenInfo", key=key)["info"] == info

    def test_what_a_connection_was_told_of_a_token_is_not_repeated_after_a_change(self, daemon):
        token = call(daemon, "CreateUserToken", name="asked about", scopes=["user:token"])
        key = token["info"]["key"]
        with daemon.connect() as connection:

            def data():
                send(connection, ACCESS + "GetData", {"token": token["token"]})
                return receive(connection)

            assert data() == data() == {"active": True, "data": token["info"]}
            info = call(daemon, "ModifyToken", key=key, scopes=[])["info"]
            assert data() == data() == {"active": True, "data": info}
            call(daemon, "DeleteToken", key=key)
            assert data() == data() == {"active": False}

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
