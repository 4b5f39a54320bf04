"""Who may not log in learns nothing: not why, not how long that took, and no key is ever shown."""

import time

import pytest
from tokman_daemon import DaemonError, receive, send

KEY = "PLANTED-KEY-OF-A-CLIENT"
WRONG_KEY = "PLANTED-WRONG-KEY-OF-IT"


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    scopes = 'scopes = ["github:token", "admin:daemon"'
    shared_daemon.edit_config(scopes, scopes + ', "user:token", "admin:client", "admin:token"')
    shared_daemon.append_config("\n[access]\nlogins_per_minute = 10000\n")
    shared_daemon.reload()
    for client in ("packit", "disabled"):
        put(shared_daemon, client, key=KEY)
    put(shared_daemon, "disabled", disabled=True)
    return shared_daemon


def put(daemon, client_id, **parameters):
    return daemon.call("io.tokman.Clients.Put", {"id": client_id, **parameters})


def log_in(daemon, client_id, key):
    parameters = {"client_id": client_id, "client_key": key}
    return daemon.call("io.tokman.Access.Authenticate", parameters)


def refusal(daemon, client_id, key):
    with pytest.raises(DaemonError) as caught:
        log_in(daemon, client_id, key)
    return caught.value


# Who may not log in, and with what.
REFUSED = {
    "a wrong key": ("packit", WRONG_KEY),
    "an unknown client": ("nobody", KEY),
    "no id at all": ("Not An Id", KEY),
    "a disabled client": ("disabled", KEY),
    "a disabled client with a wrong key": ("disabled", WRONG_KEY),
    "nothing": ("", ""),
}


# TF-2
def test_all_who_may_not_log_in_have_one_answer(daemon):
    answers = {
        (error.name, str(error.parameters))
        for error in (refusal(daemon, *login) for login in REFUSED.values())
    }
    assert len(answers) == 1
    assert answers.pop()[0] == "io.tokman.Unauthenticated"


# TF-2: the fastest of several, because others use this machine too.
def test_an_unknown_client_takes_as_long_as_a_wrong_key(daemon):
    def shortest(login):
        times = []
        for _ in range(5):
            begin = time.monotonic()
            refusal(daemon, *login)
            times.append(time.monotonic() - begin)
        return min(times)

    wrong_key, unknown = shortest(REFUSED["a wrong key"]), shortest(REFUSED["an unknown client"])
    assert 0.5 < unknown / wrong_key < 2


# TF-11
def test_no_key_is_in_any_answer_or_log_or_file(daemon):
    login = log_in(daemon, "packit", KEY)
    refusal(daemon, "packit", WRONG_KEY)
    daemon.call("io.tokman.Clients.RotateKey", {"id": "packit", "key": KEY + "-2", "overlap": 60})
    said = [
        daemon.call("io.tokman.Clients.Get", {"id": "packit"}),
        daemon.call("io.tokman.Clients.List"),
        daemon.status(),
    ]
    assert "PLANTED" not in str(said)
    assert "PLANTED" not in daemon.log
    assert login["token"] not in daemon.log
    store = daemon.directory / "state" / "data.mdb"
    assert b"PLANTED" not in store.read_bytes()


# those beyond what is hashed and what waits are told so at once.
def test_of_200_wrong_logins_at_once_the_excess_is_busy(daemon):
    connections = [daemon.connect() for _ in range(200)]
    parameters = {"client_id": "packit", "client_key": WRONG_KEY}
    for connection in connections:
        send(connection, "io.tokman.Access.Authenticate", parameters)
    names = []
    for connection in connections:
        with pytest.raises(DaemonError) as caught:
            receive(connection)
        names.append(caught.value.name)
        connection.close()
    assert set(names) == {"io.tokman.Busy", "io.tokman.Unauthenticated"}
    assert names.count("io.tokman.Busy") >= 150
