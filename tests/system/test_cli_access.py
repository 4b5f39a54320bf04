"""tokman token, client, history, audit: what they ask for and how they show it."""

import json
import time

import pytest

from canned_server import Server, tokman_at

SECRET = "tmk_AAAAAAAAAAAAAAAAAAAAAA.PlantedSecretOfAToken0"
KEY = "PlantedKeyOfAClient"
NOW = int(time.time())
INFO = {
    "key": "AAAAAAAAAAAAAAAAAAAAAA",
    "type": "user",
    "username": "packit",
    "name": "laptop",
    "scopes": ["github:token", "user:token"],
    "created": 1700000000,
    "expires": NOW + 3 * 3600 + 60,
}
MADE = {"token": SECRET, "info": INFO}
LOGIN = {
    "token": "ey.Planted.Jwt",
    "token_type": "Bearer",
    "expires_in": 600,
    "expires_at": 1700000600,
    "scopes": ["github:token"],
    "max_priority": {"*": 100},
}


@pytest.fixture
def server():
    server = Server()
    server.will_answer("io.tokman.Daemon.Ping", version="1.2.3")
    yield server
    server.close()


@pytest.fixture
def tokman(server):
    return lambda *arguments, **how: tokman_at(server.path, *arguments, **how)


@pytest.fixture
def secret_file(tmp_path):
    """Makes a file that holds this, and that only its owner may read."""

    def make(text, mode=0o600):
        path = tmp_path / f"secret-{mode:o}-{abs(hash(text))}"
        path.write_text(text + "\n")
        path.chmod(mode)
        return str(path)

    return make


def asked(server):
    call = server.calls[-1]
    return call["method"].removeprefix("io.tokman."), call["parameters"]


# What the command shows


def test_an_auth_file_is_shown_with_every_call(tokman, server, secret_file):
    tokman("--auth-file", secret_file(SECRET), "ping")
    assert asked(server) == ("Daemon.Ping", {"auth": SECRET})


def test_an_auth_file_may_be_standard_input_or_in_the_environment(tokman, server, secret_file):
    tokman("ping", "--auth-file", "-", stdin=SECRET + "\n")
    assert asked(server) == ("Daemon.Ping", {"auth": SECRET})
    tokman("ping", TOKMAN_AUTH_FILE=secret_file("tmk_another"))
    assert asked(server) == ("Daemon.Ping", {"auth": "tmk_another"})


def test_a_client_of_the_environment_logs_in(tokman, server, secret_file):
    server.will_answer("io.tokman.Access.Authenticate", **LOGIN)
    environment = {"TOKMAN_CLIENT_ID": "packit", "TOKMAN_CLIENT_KEY_FILE": secret_file(KEY)}
    tokman("ping", TOKMAN_AUTH_FILE=secret_file(SECRET), **environment)
    assert server.calls[0]["parameters"] == {"client_id": "packit", "client_key": KEY}
    assert asked(server) == ("Daemon.Ping", {"auth": "ey.Planted.Jwt"})


def test_an_auth_file_of_the_command_line_goes_first(tokman, server, secret_file):
    environment = {"TOKMAN_CLIENT_ID": "packit", "TOKMAN_CLIENT_KEY_FILE": secret_file(KEY)}
    tokman("ping", "--auth-file", secret_file(SECRET), **environment)
    assert [call["parameters"] for call in server.calls] == [{"auth": SECRET}]


@pytest.mark.parametrize("half", ["TOKMAN_CLIENT_ID", "TOKMAN_CLIENT_KEY_FILE"])
def test_only_one_of_id_and_key_is_a_mistake_and_nothing_is_sent(tokman, server, half):
    done = tokman("ping", **{half: "/nowhere"})
    assert (done.returncode, server.calls) == (1, [])
    assert "only one of them is set" in done.stderr


@pytest.mark.parametrize("mode", [0o604, 0o602])
def test_a_secret_that_is_open_to_everybody_is_refused(tokman, server, secret_file, mode):
    path = secret_file(SECRET, mode)
    for arguments in (["ping", "--auth-file", path], ["token", "data", path]):
        done = tokman(*arguments)
        assert (done.returncode, server.calls) == (1, [])
        assert "chmod o-rwx" in done.stderr and SECRET not in done.stderr


def test_a_file_that_is_not_there_or_empty_is_no_credential(tokman, server, secret_file):
    for path in ("/nowhere/auth", secret_file("")):
        done = tokman("ping", "--auth-file", path)
        assert done.returncode == 1 and path in done.stderr
    assert server.calls == []


def test_whoami_tells_who_the_credential_stands_for(tokman, server, secret_file):
    requests = {"limit": 60, "remaining": 59, "reset_ms": 1000}
    server.will_answer("io.tokman.Access.WhoAmI", principal="client:nightly uid:7", pid=7,
                       credential="client", client="nightly", requests=requests)  # fmt: skip
    lines = tokman("whoami", "--auth-file", secret_file(SECRET)).stdout.splitlines()
    assert [line.split(None, 1) for line in lines] == [
        ["principal", "client:nightly uid:7"],
        ["credential", "client"],
        ["client", "nightly"],
        ["pid", "7"],
        ["requests", "limit=60, remaining=59, reset_ms=1000"],
    ]


# token


@pytest.mark.parametrize(
    "arguments, method, parameters",
    [
        (
            ["create", "laptop", "--scope", "github:token,user:token", "--expires", "2030-01-31"],
            "CreateUserToken",
            {"name": "laptop", "scopes": ["github:token", "user:token"], "expires": 1896048000},
        ),
        (
            ["create", "ci", "--scope", "a:b", "--scope", "c:d", "--expires", "never"],
            "CreateUserToken",
            {"name": "ci", "scopes": ["a:b", "c:d"], "no_expire": True},
        ),
        (["session"], "CreateSessionToken", {}),
        (["session", "--scope", "a:b"], "CreateSessionToken", {"scopes": ["a:b"]}),
        (
            ["admin-create", "bot-ci", "--type", "service", "--scope", "none"],
            "CreateTokenFromAdminRequest",
            {"username": "bot-ci", "type": "service", "scopes": []},
        ),
        (
            ["internal", "web", "--scope", "a:b", "--minimum-lifetime", "12h",
             "--on-missing-scope", "drop"],  # fmt: skip
            "GetInternalToken",
            {"service": "web", "scopes": ["a:b"], "minimum_lifetime": 43200,
             "on_missing_scope": "drop"},  # fmt: skip
        ),
        (["notebook", "--minimum-lifetime", "10m"], "GetNotebookToken", {"minimum_lifetime": 600}),
        (["oidc"], "CreateOidcToken", {}),
    ],
)
def test_a_made_token_is_alone_on_standard_output(tokman, server, arguments, method, parameters):
    server.will_answer(f"io.tokman.Access.{method}", **MADE)
    done = tokman("token", *arguments)
    assert (done.returncode, done.stdout) == (0, SECRET + "\n")
    assert asked(server) == (f"Access.{method}", parameters)
    assert "PlantedSecret" not in done.stderr and INFO["key"] in done.stderr
    assert "(in 3 h)" in done.stderr


def test_a_made_token_as_json_is_the_whole_answer(tokman, server):
    server.will_answer("io.tokman.Access.CreateSessionToken", **MADE)
    done = tokman("token", "session", "--json")
    assert (json.loads(done.stdout), done.stderr) == (MADE, "")


def test_an_end_may_be_a_length_of_time(tokman, server):
    server.will_answer("io.tokman.Access.CreateUserToken", **MADE)
    tokman("token", "create", "laptop", "--scope", "a:b", "--expires", "90d")
    assert abs(asked(server)[1]["expires"] - time.time() - 90 * 86400) < 60


@pytest.mark.parametrize("text", ["soon", "2030-02-31", "2030-1-1x", "90", "-5m", ""])
def test_a_moment_that_is_none_is_refused(tokman, server, text):
    done = tokman("token", "create", "laptop", "--scope", "a:b", f"--expires={text}")
    assert (done.returncode, server.calls) == (1, [])


def test_what_a_token_says_is_asked_with_a_token_from_a_file(tokman, server, secret_file):
    server.will_answer("io.tokman.Access.GetData", active=True, data=INFO)
    done = tokman("token", "data", secret_file(SECRET))
    assert (done.returncode, asked(server)) == (0, ("Access.GetData", {"token": SECRET}))
    facts = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert facts["scopes"] == "github:token, user:token"
    assert facts["created"] == "2023-11-14 22:13:20 UTC"


def test_a_token_that_is_no_good_is_told_by_the_exit_status(tokman, server):
    server.will_answer("io.tokman.Access.GetData", active=False)
    done = tokman("token", "data", "-", stdin="nonsense")
    assert done.returncode == 30 and "no good" in done.stdout


def test_info_is_about_a_key_or_about_the_credential(tokman, server):
    server.will_answer("io.tokman.Access.GetTokenInfo", info=INFO)
    assert "packit" in tokman("token", "info").stdout
    assert asked(server) == ("Access.GetTokenInfo", {})
    tokman("token", "info", "k", "--user", "packit")
    assert asked(server) == ("Access.GetTokenInfo", {"key": "k", "username": "packit"})


def test_a_list_is_read_to_its_limit_page_by_page(tokman, server):
    endless = {name: value for name, value in INFO.items() if name != "expires"}
    server.will_answer_in_turn(
        "io.tokman.Access.ListTokens",
        [{"tokens": [INFO] * 1000, "next": "c1"}, {"tokens": [endless] * 2, "next": "c2"}],
    )
    done = tokman("token", "list", "--all", "--type", "user,session", "--limit", "1002")
    given = {"all": True, "types": ["user", "session"]}
    assert [call["parameters"] for call in server.calls] == [
        given | {"limit": 1000},
        given | {"limit": 2, "cursor": "c1"},
    ]
    lines = done.stdout.splitlines()
    assert len(lines) == 1003
    assert lines[0].split() == ["KEY", "TYPE", "USER", "NAME", "SERVICE", "SCOPES", "EXPIRES"]
    assert lines[1].endswith("(in 3 h)") and lines[-1].endswith("never")


def test_a_list_as_json_has_all_pages_and_where_to_go_on(tokman, server):
    pages = [{"tokens": [INFO], "next": "c1"}, {"tokens": [INFO], "next": "c2"}]
    server.will_answer_in_turn("io.tokman.Access.ListTokens", pages)
    done = json.loads(tokman("token", "list", "--limit", "2", "--json").stdout)
    assert done == {"tokens": [INFO, INFO], "next": "c2"}


def test_modify_sends_only_what_changes(tokman, server):
    server.will_answer("io.tokman.Access.ModifyToken", info=INFO)
    tokman("token", "modify", "k", "--scope", "none")
    assert asked(server) == ("Access.ModifyToken", {"key": "k", "scopes": []})


def test_delete_tells_how_many_ended(tokman, server):
    server.will_answer("io.tokman.Access.DeleteToken", deleted=3)
    assert tokman("token", "delete", "k").stdout.split() == ["deleted", "3"]
    assert asked(server) == ("Access.DeleteToken", {"key": "k"})


# client


def test_a_client_is_put_with_a_key_from_a_file(tokman, server, secret_file):
    server.will_answer("io.tokman.Clients.Put", created=True, version=1)
    done = tokman("client", "put", "packit", "--key-file", secret_file(KEY), "--owner", "me",
                  "--scope", "github:token", "--max-priority", "ci=200,*=100",
                  "--bind-uid", "1000,1001", "--expires", "2030-01-31T12:00Z",
                  "--if-version", "3")  # fmt: skip
    assert done.stdout.split() == ["created", "yes", "version", "1"]
    assert asked(server) == (
        "Clients.Put",
        {
            "id": "packit",
            "key": KEY,
            "owner": "me",
            "scopes": ["github:token"],
            "max_priority": {"ci": 200, "*": 100},
            "bind_uids": [1000, 1001],
            "expires": 1896048000 + 12 * 3600,
            "if_version": 3,
        },
    )


def test_none_is_an_empty_list_or_map(tokman, server):
    server.will_answer("io.tokman.Clients.Put", created=False, version=2)
    tokman("client", "put", "packit", "--scope", "none", "--max-priority", "none",
           "--bind-uid", "none")  # fmt: skip
    empty = {"id": "packit", "scopes": [], "max_priority": {}, "bind_uids": []}
    assert asked(server) == ("Clients.Put", empty)


@pytest.mark.parametrize(
    "method, arguments, parameters",
    [
        ("Put", ["put", "packit", "--generate-key"], {"generate_key": True}),
        ("RotateKey", ["rotate-key", "packit", "--overlap", "1d"], {"overlap": 86400}),
    ],
)
def test_a_key_that_was_made_is_alone_on_standard_output(
    tokman, server, method, arguments, parameters
):
    server.will_answer(f"io.tokman.Clients.{method}", created=True, version=4, key=KEY)
    done = tokman("client", *arguments)
    assert (done.returncode, done.stdout) == (0, KEY + "\n")
    assert "version" in done.stderr and KEY not in done.stderr
    assert asked(server) == (f"Clients.{method}", {"id": "packit"} | parameters)


@pytest.mark.parametrize(
    "arguments, method, answer, parameters",
    [
        (["disable", "packit"], "Disable", {"version": 2, "ended": 1}, {}),
        (["enable", "packit"], "Put", {"created": False, "version": 3}, {"disabled": False}),
        (["delete", "packit", "--if-version", "3"], "Delete", {"ended": 1}, {"if_version": 3}),
        (["logins-revoke", "packit", "--jti", "j"], "RevokeLogins", {"revoked": 1}, {"jti": "j"}),
        (["get", "packit"], "Get", {"client": {"id": "packit", "max_priority": {"ci": 1}}}, {}),
    ],
)
def test_what_is_done_to_a_client(tokman, server, arguments, method, answer, parameters):
    server.will_answer(f"io.tokman.Clients.{method}", **answer)
    done = tokman("client", *arguments)
    assert done.returncode == 0 and done.stdout.strip()
    assert asked(server) == (f"Clients.{method}", {"id": "packit"} | parameters)


def test_clients_are_listed(tokman, server):
    client = {"id": "packit", "scopes": ["github:token"], "disabled": False, "version": 1}
    server.will_answer("io.tokman.Clients.List", clients=[client])
    header, row = tokman("client", "list").stdout.splitlines()
    assert row.split() == ["packit", "github:token", "no", "1"]
    assert header.split() == ["ID", "OWNER", "SCOPES", "DISABLED", "EXPIRES", "VERSION"]


def test_a_login_prints_the_jwt_alone(tokman, server):
    server.will_answer("io.tokman.Access.Authenticate", **LOGIN)
    done = tokman("client", "login", "packit", "--key-file", "-", stdin=KEY)
    assert done.stdout == "ey.Planted.Jwt\n"
    assert "Planted" not in done.stderr
    assert asked(server)[1] == {"client_id": "packit", "client_key": KEY}


def test_a_key_cannot_be_given_on_the_command_line(tokman, server):
    for arguments in (["client", "put", "packit", "--key", KEY], ["client", "login", "packit"]):
        assert tokman(*arguments).returncode == 1
    assert server.calls == []


# history


ENTRY = {
    "id": "1700000000_7",
    "event_time": 1700000000,
    "kind": "token",
    "action": "edit",
    "actor": "admin",
    "uid": 0,
    "unit": "cron.service",
    "token": "k",
    "type": "user",
    "username": "packit",
    "name": "desk",
    "old_name": "laptop",
    "scopes": ["github:token"],
}


def test_history_asks_for_what_the_filters_say(tokman, server):
    server.will_answer("io.tokman.Access.GetChangeHistory", entries=[])
    tokman("history", "--all", "--user", "packit", "--actor", "admin", "--key", "k", "--subtree",
           "--kind", "token", "--type", "user,session", "--action", "edit", "--client", "c",
           "--uid", "0", "--gid", "0", "--unit", "cron.service", "--ip", "10.0.0.0/8",
           "--since", "2030-01-31", "--until", "2030-01-31T00:00:30Z", "--cursor", "p1_2",
           "--count", "--limit", "5")  # fmt: skip
    assert asked(server) == (
        "Access.GetChangeHistory",
        {
            "all": True,
            "username": "packit",
            "actor": "admin",
            "key": "k",
            "subtree": True,
            "kinds": ["token"],
            "types": ["user", "session"],
            "actions": ["edit"],
            "client": "c",
            "uid": 0,
            "gid": 0,
            "unit": "cron.service",
            "ip_or_cidr": "10.0.0.0/8",
            "since": 1896048000,
            "until": 1896048030,
            "cursor": "p1_2",
            "count": True,
            "limit": 5,
        },
    )


def test_since_a_length_of_time_is_that_long_ago(tokman, server):
    server.will_answer("io.tokman.Access.GetChangeHistory", entries=[])
    tokman("history", "--since", "2h")
    assert abs(asked(server)[1]["since"] - (time.time() - 7200)) < 60


def test_a_line_of_history_tells_who_did_what_from_where(tokman, server):
    server.will_answer("io.tokman.Access.GetChangeHistory", entries=[ENTRY], next="n1", total=9)
    done = tokman("history", "--limit", "1")
    assert done.stdout.splitlines()[1].split("  ") == [
        "2023-11-14 22:13:20 UTC",
        "token edit",
        "admin",
        "cron.service",
        "packit k",
        "user",
        "name: laptop -> desk; scopes: github:token",
    ]
    assert done.stderr.split() == ["next", "n1", "total", "9"]


def test_old_history_is_forgotten(tokman, server):
    server.will_answer("io.tokman.Daemon.TruncateHistory", removed=12)
    done = tokman("truncate-history", "--before", "2030-01-31")
    assert done.stdout.split() == ["removed", "12"]
    assert asked(server) == ("Daemon.TruncateHistory", {"before": 1896048000})


# audit and what operators do


FINDING = {"check": "A5", "table": "by_user", "key": "k", "detail": "no record", "fixed": True}


def test_an_audit_tells_by_its_exit_status_what_it_found(tokman, server):
    server.will_answer("io.tokman.Daemon.Audit", findings=[])
    assert tokman("audit").returncode == 0
    server.will_answer("io.tokman.Daemon.Audit", findings=[FINDING])
    done = tokman("audit", "--fix", "--orphans")
    assert (done.returncode, asked(server)[1]) == (1, {"fix": True, "orphans": True})
    assert done.stdout.splitlines()[1].split() == ["A5", "by_user", "k", "yes", "no", "record"]
    assert tokman("audit", "--json").returncode == 1
    server.will_answer("io.tokman.Daemon.Audit", findings=[FINDING], more=True)
    assert tokman("audit").stdout.endswith("there is more: audit again\n")
    server.will_refuse("io.tokman.Daemon.Audit", "io.tokman.Store", message="disk")
    assert tokman("audit").returncode == 2


@pytest.mark.parametrize(
    "arguments, method, parameters, answer",
    [
        (["expire-tokens"], "ExpireTokens", {}, {"expired": 2}),
        (
            ["delete-all-tokens", "--confirm", "--forget-history"],
            "DeleteAllTokens",
            {"confirm": True, "forget_history": True},
            {"deleted": 2},
        ),
        (["rotate-store-key"], "RotateStoreKey", {}, {"key_id": 2, "started": True}),
    ],
)
def test_what_operators_do(tokman, server, arguments, method, parameters, answer):
    server.will_answer(f"io.tokman.Daemon.{method}", **answer)
    done = tokman(*arguments)
    assert done.returncode == 0 and list(answer)[0] in done.stdout
    assert asked(server) == (f"Daemon.{method}", parameters)


def test_all_tokens_are_ended_only_with_a_confirmation(tokman, server):
    assert tokman("delete-all-tokens").returncode == 1
    assert server.calls == []


def test_a_misspelt_command_of_a_group_gets_a_proposal(tokman):
    assert "did you mean 'delete'?" in tokman("token", "delte").stderr
