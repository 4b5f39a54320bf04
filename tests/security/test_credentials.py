"""Calls with `auth`: the credential is all that counts, in every method, for as long as it is good."""

import json
import re
from pathlib import Path

import pytest
from other_user import STRANGER, ask, connected_as
from tokman_daemon import DaemonError, TokmanDaemon, receive, send

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "daemon" / "api" / "method_table.h").read_text()
METHODS = re.findall(r'\{"([\w.]+)",\s*Scope::\w+', TABLE)

ACCESS = "io.tokman.Access."
PING = "io.tokman.Daemon.Ping"
STATUS = "io.tokman.Daemon.Status"
GET_TOKEN = "io.tokman.GitHub.GetToken"
TARGET = "octo-org/hello-world"
WRONG = [
    "",
    "nothing that was ever issued",
    "tmk_AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
    "tmk_AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAA",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.",
]
ALL_SCOPES = '"github:token", "admin:daemon", "user:token", "admin:token"'


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    """Root has every scope that these tests need; every user may connect."""
    shared_daemon.edit_config('"github:token", "admin:daemon"', ALL_SCOPES)
    shared_daemon.reload()
    return shared_daemon


def refusal(daemon, method, parameters=None):
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, parameters)
    return caught.value


def make_session(daemon, *scopes):
    return daemon.call(ACCESS + "CreateSessionToken", {"scopes": list(scopes)} if scopes else {})


def make_token_of(daemon, username, scopes, kind="user"):
    asked = {"username": username, "type": kind, "scopes": scopes, "no_expire": True}
    asked |= {"name": f"of {username}"} if kind == "user" else {}
    return daemon.call(ACCESS + "CreateTokenFromAdminRequest", asked)


class TestBadCredentials:
    def test_the_table_of_methods_was_read(self):
        assert {PING, STATUS, GET_TOKEN, "org.varlink.service.GetInfo"} <= set(METHODS)

    #
    @pytest.mark.parametrize("method", METHODS)
    def test_no_method_falls_back_to_the_peer(self, daemon, method):
        for auth in WRONG:
            error = refusal(daemon, method, {"auth": auth})
            assert error.name == "io.tokman.Unauthenticated"
            assert error.parameters["retryable"] is False

    @pytest.mark.parametrize("method", METHODS)
    def test_it_must_be_a_text(self, daemon, method):
        for auth in (None, 5, 1.5, True, [], {}, ["tmk_"]):
            error = refusal(daemon, method, {"auth": auth})
            assert error.name == "io.tokman.InvalidArgument"
            assert error.parameters["field"] == "auth"

    def test_it_is_written_down_without_what_was_presented(self, daemon):
        planted = "tmk_PlantedKeyPlantedKeyPl.PlantedSecretPlantedSe"
        refusal(daemon, GET_TOKEN, {"target": TARGET, "auth": planted})
        daemon.wait_for_log("audit=refused principal=uid:0(root)")
        assert "PlantedSecret" not in daemon.log

    def test_a_method_that_there_is_not_is_not_judged(self, daemon):
        error = refusal(daemon, "io.tokman.Daemon.Nothing", {"auth": "wrong"})
        assert error.name == "org.varlink.service.MethodNotFound"


class TestAccessTokens:
    def test_it_narrows_what_its_user_may_do(self, daemon):
        auth = make_session(daemon, "github:token")["token"]
        assert daemon.token(TARGET, auth=auth)["token"]
        assert refusal(daemon, STATUS, {"auth": auth}).name == "io.tokman.Denied"
        assert daemon.call(STATUS)

    def test_it_speaks_for_its_user_in_the_hands_of_another(self, open_daemon):
        open_daemon.edit_config('"github:token", "admin:daemon"', ALL_SCOPES)
        open_daemon.start()
        auth = make_session(open_daemon, "github:token")["token"]
        with connected_as(open_daemon) as stranger:
            asked = {"target": TARGET, "auth": auth}
            assert ask(stranger, GET_TOKEN, asked)["token"]
            with pytest.raises(DaemonError):
                ask(stranger, GET_TOKEN, {"target": TARGET})
        key = auth[4:26]
        principal = f'principal="user:root token:{key} uid:{STRANGER}'
        open_daemon.wait_for_log(f"audit=token-given {principal}")

    def test_its_user_needs_a_grant(self, daemon):
        auth = make_token_of(daemon, "bot-without-grant", ["github:token"], "service")["token"]
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, "auth": auth})
        assert error.name == "io.tokman.Denied"

    def test_a_bot_has_what_the_grant_of_its_name_gives(self, daemon):
        daemon.append_config(
            '\n[[grant]]\nname = "bots"\nmatch = { user = "bot-ci" }\nscopes = ["github:token"]\n'
            'apps = ["ci"]\ntargets = ["octo-org/*"]\npermissions = { contents = "read" }\n'
        )
        daemon.reload()
        auth = make_token_of(daemon, "bot-ci", ["github:token"], "service")["token"]
        who = daemon.call(ACCESS + "WhoAmI", {"auth": auth})
        assert who["grants"] == ["bots"]
        assert who["scopes"] == ["github:token"]
        assert "uid" not in who
        assert daemon.token(TARGET, auth=auth)["permissions"]["contents"] == "read"

    def test_who_am_i_says_what_was_judged(self, daemon):
        made = make_session(daemon, "github:token")
        who = daemon.call(ACCESS + "WhoAmI", {"auth": made["token"]})
        assert who["credential"] == "token"
        assert who["token"] == made["info"]
        assert who["scopes"] == ["github:token"]
        assert who["user"] == "root"
        assert who["principal"].startswith(f"user:root token:{made['info']['key']} uid:0(root)")
        assert "credential" not in daemon.call(ACCESS + "WhoAmI")

    def test_explain_explains_for_whom_it_stands(self, daemon):
        auth = make_token_of(daemon, "bot-of-nobody", ["github:token"], "service")["token"]
        asked = {"target": TARGET}
        assert daemon.call("io.tokman.GitHub.Explain", asked)["allowed"]
        assert refusal(daemon, "io.tokman.GitHub.Explain", {**asked, "auth": auth})

    def test_the_method_does_not_see_it(self, daemon):
        auth = make_session(daemon)["token"]
        error = refusal(daemon, PING, {"auth": auth, "colour": "red"})
        assert error.parameters["field"] == "colour"

    # TF-27: what was judged before is worth nothing once the credential has ended.
    def test_once_deleted_it_gets_no_cached_answer_on_a_connection_that_used_it(self, daemon):
        made = make_session(daemon, "github:token")
        frame = json.dumps({"method": GET_TOKEN,
                            "parameters": {"target": TARGET, "auth": made["token"]}}).encode() + b"\0"
        with daemon.connect() as connection:
            for _ in range(3):
                connection.sendall(frame)
                assert receive(connection)["token"]
            daemon.call(ACCESS + "DeleteToken", {"key": made["info"]["key"]})
            connection.sendall(frame)
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        assert caught.value.name == "io.tokman.Unauthenticated"

    def test_once_narrowed_it_gets_no_cached_answer_either(self, daemon):
        asked = {"name": "to be narrowed", "scopes": ["github:token"]}
        made = daemon.call(ACCESS + "CreateUserToken", asked)
        asked = {"target": TARGET, "auth": made["token"]}
        with daemon.connect() as connection:
            for _ in range(2):
                send(connection, GET_TOKEN, asked)
                assert receive(connection)["token"]
            key = made["info"]["key"]
            changed = {"key": key, "username": "root", "scopes": ["user:token"]}
            daemon.call(ACCESS + "ModifyToken", changed)
            send(connection, GET_TOKEN, asked)
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        assert caught.value.name == "io.tokman.Denied"

    def test_a_call_that_waits_is_refused_when_its_token_ends_meanwhile(self, daemon, github_server):
        made = make_session(daemon, "github:token")
        github_server.fault("POST /app/installations/{id}/access_tokens", latency=1.0)
        asked = {"target": "monalisa/notes", "auth": made["token"], "permissions": {"issues": "read"}}
        with daemon.connect() as connection:
            send(connection, GET_TOKEN, asked)
            daemon.call(ACCESS + "DeleteToken", {"key": made["info"]["key"]})
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        github_server.reset()
        assert caught.value.name == "io.tokman.Unauthenticated"


class TestClients:
    """A client "batch" that may have tokens of octo-org, presented by root, who may have anything."""

    GRANT = """
[[grant]]
name = "batch"
match = { client = "batch" }
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/*"]
permissions = { contents = "read" }
max_priority = 100
"""

    @pytest.fixture(scope="class")
    def daemon(self, github_server):
        daemon = TokmanDaemon(github_server)
        scopes = ALL_SCOPES + ', "admin:client"'
        daemon.edit_config('"github:token", "admin:daemon"', scopes)
        daemon.append_config(self.GRANT + "\n[access]\nlogins_per_minute = 1000\n")
        yield daemon.start()
        daemon.remove()

    @staticmethod
    def log_in(daemon, **changed):
        """Gives the JWT of the client as it is after this change."""
        key = "a key that is long enough"
        fields = {"scopes": ["github:token"], "max_priority": {"ci": 10}, "bind_uids": []}
        fields["disabled"] = False
        daemon.call("io.tokman.Clients.Put", {"id": "batch", "key": key, **fields, **changed})
        asked = {"client_id": "batch", "client_key": key}
        return daemon.call(ACCESS + "Authenticate", asked)["token"]

    def test_it_has_what_its_grant_gives_and_nothing_of_the_peers(self, daemon):
        auth = self.log_in(daemon)
        assert daemon.token(TARGET, auth=auth)["permissions"]["contents"] == "read"
        daemon.wait_for_log('audit=token-given principal="client:batch uid:0(root)')
        error = refusal(daemon, GET_TOKEN, {"target": "monalisa/notes", "auth": auth})
        assert error.name == "io.tokman.Denied"
        assert refusal(daemon, STATUS, {"auth": auth}).name == "io.tokman.Denied"

    def test_who_am_i_says_which_client_it_is(self, daemon):
        who = daemon.call(ACCESS + "WhoAmI", {"auth": self.log_in(daemon)})
        assert (who["credential"], who["client"]) == ("client", "batch")
        assert who["grants"] == ["batch"]
        assert who["scopes"] == ["github:token"]

    def test_explain_explains_for_the_client(self, daemon):
        asked = {"target": TARGET, "auth": self.log_in(daemon)}
        answer = daemon.call("io.tokman.GitHub.Explain", asked)
        assert answer["principal"].startswith("client:batch uid:0(root)")
        assert answer["grant"] == "batch"
        assert "verdicts" not in answer

    def test_its_scopes_bound_its_grant(self, daemon):
        auth = self.log_in(daemon, scopes=["user:token"])
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, "auth": auth})
        assert error.name == "io.tokman.Denied"

    #
    def test_presented_by_another_uid_than_its_own_it_is_denied_and_written_down(self, daemon):
        auth = self.log_in(daemon, bind_uids=[STRANGER])
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, "auth": auth})
        assert error.name == "io.tokman.Denied"
        assert error.parameters["field"] == "auth"
        daemon.wait_for_log("client 'batch' is not for uid 0")
        assert daemon.token(TARGET, auth=self.log_in(daemon, bind_uids=[0, STRANGER]))

    def test_a_priority_above_its_own_is_refused_by_name(self, daemon):
        auth = self.log_in(daemon)
        assert daemon.token(TARGET, auth=auth, priority=10)
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, "auth": auth, "priority": 11})
        assert error.name == "io.tokman.Denied"
        assert error.parameters["field"] == "priority"
        assert "client 'batch'" in error.parameters["message"]
        assert "10" in error.parameters["message"]
        above = self.log_in(daemon, max_priority={"*": 11})
        assert daemon.token(TARGET, auth=above, priority=11)

    # TF-27
    @pytest.mark.parametrize("method", ["Disable", "Delete", "RevokeLogins"])
    def test_when_it_ends_no_connection_has_anything_of_it(self, daemon, method):
        asked = {"target": TARGET, "auth": self.log_in(daemon)}
        with daemon.connect() as connection:
            for _ in range(3):
                send(connection, GET_TOKEN, asked)
                assert receive(connection)["token"]
            daemon.call("io.tokman.Clients." + method, {"id": "batch"})
            send(connection, GET_TOKEN, asked)
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        assert caught.value.name == "io.tokman.Unauthenticated"


class TestRates:
    @pytest.fixture
    def limited(self, make_daemon):
        """Root may make three calls a minute that need a scope; administration is not counted."""
        daemon = make_daemon()
        daemon.edit_config('scopes = ["github:token", "admin:daemon"]',
                           'scopes = ["github:token", "user:token"]\nrequests_per_minute = 3')
        return daemon

    def test_a_refusal_says_what_is_left_and_when_all_is_back(self, limited):
        limited.start()
        for _ in range(3):
            limited.token(TARGET)
        error = refusal(limited, GET_TOKEN, {"target": TARGET})
        assert error.name == "io.tokman.RateLimited"
        assert error.parameters["limit"] == 3
        assert error.parameters["remaining"] == 0
        assert 0 < error.parameters["retry_after_ms"] <= 20_000
        assert 40_000 < error.parameters["reset_ms"] <= 60_000

    def test_who_am_i_says_what_is_left(self, limited):
        limited.start()
        limited.token(TARGET)
        left = limited.call(ACCESS + "WhoAmI")["requests"]
        assert (left["limit"], left["remaining"]) == (3, 1)

    def test_a_users_tokens_are_counted_together_and_apart_from_the_peer(self, limited):
        limited.start()
        tokens = [make_session(limited)["token"] for _ in range(2)]
        for auth in [*tokens, tokens[0]]:
            limited.token(TARGET, auth=auth)
        error = refusal(limited, GET_TOKEN, {"target": TARGET, "auth": tokens[1]})
        assert error.name == "io.tokman.RateLimited"
        assert limited.token(TARGET)["token"]

    def test_without_a_grant_there_is_a_bound_too(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config("match = { uid = 0 }", "match = { uid = 12345 }")
        daemon.append_config("\n[access]\nrequests_per_minute = 2\n")
        daemon.start()
        for _ in range(2):
            assert daemon.call(ACCESS + "WhoAmI")
        error = refusal(daemon, ACCESS + "GetData", {"token": "x"})
        assert error.name == "io.tokman.RateLimited"
        assert error.parameters["limit"] == 2

    @pytest.mark.parametrize("method", sorted({*METHODS} - {PING}))
    def test_zero_blocks_every_method_but_ping(self, blocked, method):
        error = refusal(blocked, method)
        assert error.name == "io.tokman.Blocked"
        assert (error.parameters["limit"], error.parameters["remaining"]) == (0, 0)
        assert blocked.call(PING)

    @pytest.fixture(scope="class")
    def blocked(self, github_server):
        """Root has a grant for everything, and one that blocks it."""
        daemon = TokmanDaemon(github_server)
        daemon.append_config(
            '\n[[grant]]\nname = "not now"\nmatch = { uid = 0 }\nscopes = ["user:token"]\n'
            "requests_per_minute = 0\n"
        )
        yield daemon.start()
        daemon.remove()
