"""Clients over the real socket: made, logged in, verified by others, and ended."""

import base64
import concurrent.futures
import json
import subprocess
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tokman_daemon import DaemonError, receive, send, wait_until

CLIENTS = "io.tokman.Clients."
ACCESS = "io.tokman.Access."
LIFETIME = 600


def call(daemon, method, **parameters):
    return daemon.call(CLIENTS + method, parameters)


def refusal(daemon, method, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, parameters)
    return caught.value


def log_in(daemon, client_id, key):
    return daemon.call(ACCESS + "Authenticate", {"client_id": client_id, "client_key": key})


def published_keys(daemon):
    return daemon.call(ACCESS + "GetVerificationKeys")["keys"]


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(jwt, keys):
    """The claims; an implementation that is not ours, from nothing but the published set."""
    signed, _, signature = jwt.rpartition(".")
    header, body = (json.loads(from_base64url(part)) for part in signed.split("."))
    assert header["alg"] == "EdDSA"
    (key,) = [key for key in keys if key["kid"] == header["kid"]]
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
    public = Ed25519PublicKey.from_public_bytes(from_base64url(key["x"]))
    public.verify(from_base64url(signature), signed.encode())
    return body


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    """Its tests may manage clients."""
    scopes = 'scopes = ["github:token", "admin:daemon"'
    shared_daemon.edit_config(scopes, scopes + ', "user:token", "admin:client"')
    shared_daemon.append_config("\n[access]\nlogins_per_minute = 10000\n")
    shared_daemon.reload()
    return shared_daemon


@pytest.fixture
def key(daemon):
    """Of a client "packit", which is new."""
    made = call(
        daemon,
        "Put",
        id="packit",
        generate_key=True,
        scopes=["github:token", "user:token"],
        max_priority={"*": 1, "ci": 200},
    )
    yield made["key"]
    if any(client["id"] == "packit" for client in call(daemon, "List")["clients"]):
        call(daemon, "Delete", id="packit")


class TestRecords:
    def test_a_client_is_shown_without_its_key(self, daemon, key):
        # TF-11: neither the key nor anything made of it, in one or in many.
        client = call(daemon, "Get", id="packit")["client"]
        assert client["scopes"] == ["github:token", "user:token"]
        assert client["max_priority"] == {"*": 1, "ci": 200}
        assert (client["has_key"], client["disabled"], client["logins"]) == (True, False, 0)
        assert (client["version"], client["created"]) == (1, client["modified"])
        for answer in (client, call(daemon, "List")):
            said = json.dumps(answer)
            assert key not in said
            assert not {"hash", "salt", "stretch", "keys"} & set(json.dumps(answer).split('"'))

    def test_pages_follow_one_another(self, daemon, key):
        ids = [f"page-{number}" for number in range(5)]
        for client_id in ids:
            call(daemon, "Put", id=client_id, generate_key=True)
        seen, cursor = [], {}
        while True:
            page = call(daemon, "List", limit=2, **cursor)
            seen += [client["id"] for client in page["clients"]]
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
        for client_id in ids:
            call(daemon, "Delete", id=client_id)
        assert seen == sorted(["packit", *ids])

    def test_a_change_of_another_version_is_a_conflict(self, daemon, key):
        assert call(daemon, "Put", id="packit", owner="x", if_version=1)["version"] == 2
        error = refusal(daemon, CLIENTS + "Put", id="packit", owner="y", if_version=1)
        assert (error.name, error.parameters["field"]) == ("io.tokman.Conflict", "if_version")

    # TF-14, TF-19: said by the name of the field.
    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": "Packit"},
            {"id": {"$ne": ""}},
            {"key": "14 characters."},
            {"key": 15},
            {"scopes": ["github:tokne"]},
            {"scopes": "github:token"},
            {"max_priority": {"ci": 1001}},
            {"max_priority": {"ci": "200"}},
            {"max_priority": [1]},
            {"bind_uids": [-1]},
            {"bind_uids": ["root"]},
            {"expires": 1},
            {"disabled": 1},
            {"role": "admin"},
        ],
        ids=str,
    )
    def test_what_is_wrong_is_named(self, daemon, wrong):
        parameters = {"id": "wrong", "generate_key": "key" not in wrong, **wrong}
        error = refusal(daemon, CLIENTS + "Put", **parameters)
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == next(iter(wrong))

    def test_a_scope_that_one_has_not_cannot_be_given(self, daemon):
        # TF-15
        error = refusal(
            daemon, CLIENTS + "Put", id="mighty", generate_key=True, scopes=["admin:token"]
        )
        assert (error.name, error.parameters["field"]) == ("io.tokman.Denied", "scopes")

    def test_clients_survive_a_restart(self, daemon, key):
        daemon.restart()
        assert call(daemon, "Get", id="packit")["client"]["version"] == 1
        wait_until(lambda: published_keys(daemon))
        assert log_in(daemon, "packit", key)["token"]


class TestLogins:
    def test_a_jwt_says_who_the_client_is_and_others_can_verify_it(self, daemon, key):
        # TF-1
        login = log_in(daemon, "packit", key)
        claims = verify(login["token"], published_keys(daemon))
        assert claims["iss"] == "tokman"
        assert claims["sub"] == claims["client_id"] == "packit"
        assert claims["exp"] == claims["iat"] + LIFETIME == login["expires_at"]
        assert abs(claims["iat"] - time.time()) < 5
        assert claims["scope"] == "github:token user:token"
        assert claims["max_priority"] == login["max_priority"] == {"*": 1, "ci": 200}
        assert (login["token_type"], login["expires_in"]) == ("Bearer", LIFETIME)
        assert login["scopes"] == ["github:token", "user:token"]

    def test_no_other_text_has_that_signature(self, daemon, key):
        head, body, signature = log_in(daemon, "packit", key)["token"].split(".")
        claims = json.loads(from_base64url(body)) | {"client_id": "root", "sub": "root"}
        forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        with pytest.raises(InvalidSignature):
            verify(f"{head}.{forged}.{signature}", published_keys(daemon))

    def test_every_login_has_a_jti_of_its_own(self, daemon, key):
        keys = published_keys(daemon)
        jtis = {verify(log_in(daemon, "packit", key)["token"], keys)["jti"] for _ in range(3)}
        assert len(jtis) == 3
        assert call(daemon, "Get", id="packit")["client"]["logins"] == 3
        assert call(daemon, "RevokeLogins", id="packit", jti=jtis.pop())["revoked"] == 1
        assert call(daemon, "RevokeLogins", id="packit")["revoked"] == 2
        assert call(daemon, "RevokeLogins", id="packit")["revoked"] == 0

    def test_both_keys_are_good_in_an_overlap(self, daemon, key):
        rotated = call(daemon, "RotateKey", id="packit", overlap=2)
        assert log_in(daemon, "packit", key)
        assert log_in(daemon, "packit", rotated["key"])
        client = call(daemon, "Get", id="packit")["client"]
        wait_until(lambda: time.time() > client["former_key_until"])
        assert refusal(daemon, ACCESS + "Authenticate", client_id="packit", client_key=key)
        assert log_in(daemon, "packit", rotated["key"])

    def test_a_disabled_client_cannot_log_in(self, daemon, key):
        log_in(daemon, "packit", key)
        assert call(daemon, "Disable", id="packit")["ended"] == 1
        error = refusal(daemon, ACCESS + "Authenticate", client_id="packit", client_key=key)
        assert error.name == "io.tokman.Unauthenticated"
        call(daemon, "Put", id="packit", disabled=False)
        assert log_in(daemon, "packit", key)

    def test_no_login_is_left_of_a_client_that_is_deleted_meanwhile(self, daemon, key):
        #
        def try_to_log_in(_):
            try:
                return log_in(daemon, "packit", key)["token"]
            except DaemonError as error:
                return error.name

        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            attempts = threads.map(try_to_log_in, range(12))
            call(daemon, "Delete", id="packit")
            assert set(map(try_to_log_in, range(2))) == {"io.tokman.Unauthenticated"}
            list(attempts)
        call(daemon, "Put", id="packit", generate_key=True)
        assert call(daemon, "Get", id="packit")["client"]["logins"] == 0


class TestAudit:
    def test_what_becomes_of_a_client_is_in_the_audit_log(self, daemon, key):
        # TF-22
        log_in(daemon, "packit", key)
        call(daemon, "Put", id="packit", owner="somebody")
        call(daemon, "RotateKey", id="packit")
        call(daemon, "RevokeLogins", id="packit")
        call(daemon, "Disable", id="packit")
        call(daemon, "Delete", id="packit")
        for event in ("created", "login", "changed", "key-rotated", "disabled", "deleted"):
            assert f"audit=client-{event} " in daemon.log

    def test_a_refused_login_names_the_client_and_no_key(self, daemon, key):
        refusal(daemon, ACCESS + "Authenticate", client_id="packit", client_key="PLANTED-WRONG-KEY")
        refusal(daemon, ACCESS + "Authenticate", client_id="PLANTED-KEY-AS-ID", client_key="x")
        daemon.wait_for_log("method=io.tokman.Access.Authenticate target=packit ")
        assert "PLANTED" not in daemon.log
        assert key not in daemon.log


class TestKeyOfTheSigner:
    @pytest.fixture
    def daemon(self, make_daemon):
        daemon = make_daemon()
        scopes = 'scopes = ["github:token", "admin:daemon"'
        daemon.edit_config(scopes, scopes + ', "admin:client"')
        return daemon

    @staticmethod
    def write_key(path):
        path.unlink(missing_ok=True)
        subprocess.run(
            ["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True
        )
        path.chmod(0o600)

    def test_a_configured_key_outlives_the_signer_and_may_be_changed(self, daemon):
        path = daemon.directory / "jwt.pem"
        self.write_key(path)
        daemon.append_config(f'\n[access]\njwt_key = "file:{path}"\nissuer = "tokman.example"\n')
        daemon.start()
        key = call(daemon, "Put", id="packit", generate_key=True)["key"]
        first = log_in(daemon, "packit", key)["token"]
        keys = published_keys(daemon)
        assert verify(first, keys)["iss"] == "tokman.example"
        daemon.restart()
        assert published_keys(daemon) == keys
        self.write_key(path)
        daemon.reload()
        wait_until(lambda: len(published_keys(daemon)) == 2)
        second = log_in(daemon, "packit", key)["token"]
        assert verify(first, published_keys(daemon))["jti"] != verify(
            second, published_keys(daemon)
        )["jti"]

    def test_without_one_the_signer_makes_its_own(self, daemon):
        daemon.start()
        key = call(daemon, "Put", id="packit", generate_key=True)["key"]
        jwt = log_in(daemon, "packit", key)["token"]
        (made,) = published_keys(daemon)
        verify(jwt, [made])
        daemon.restart()
        (other,) = published_keys(daemon)
        assert other["kid"] != made["kid"]


class TestAuth:
    """What a JWT does as `auth`."""

    GRANT = """
[[grant]]
name = "of the client"
match = { client = "packit" }
scopes = ["user:token", "admin:client"]
"""

    @pytest.fixture(scope="class", autouse=True)
    def grant(self, daemon):
        daemon.append_config(self.GRANT)
        daemon.reload()

    @pytest.fixture
    def jwt(self, daemon, key):
        return log_in(daemon, "packit", key)["token"]

    def test_a_client_is_who_its_jwt_says_and_what_its_grant_gives(self, daemon, jwt):
        who = daemon.call(ACCESS + "WhoAmI", {"auth": jwt})
        assert who["client"] == "packit"
        assert who["scopes"] == ["user:token"]  # The JWT has no admin:client.

    def test_a_client_may_look_at_itself_alone(self, daemon, jwt):
        call(daemon, "Put", id="other", generate_key=True)
        assert call(daemon, "Get", id="packit", auth=jwt)["client"]["id"] == "packit"
        for method in ("Get", "RotateKey", "RevokeLogins"):
            error = refusal(daemon, CLIENTS + method, id="other", auth=jwt)
            assert error.name == "io.tokman.Denied"
        call(daemon, "Delete", id="other")

    def test_a_client_changes_its_own_key_and_its_logins_end(self, daemon, jwt):
        new_key = call(daemon, "RotateKey", id="packit", auth=jwt)["key"]
        assert refusal(daemon, ACCESS + "WhoAmI", auth=jwt).name == "io.tokman.Unauthenticated"
        assert log_in(daemon, "packit", new_key)

    # X-12, TF-18
    @pytest.mark.parametrize("end", ["Disable", "Delete", "RevokeLogins"])
    def test_a_jwt_is_refused_as_soon_as_its_login_is_ended(self, daemon, jwt, end):
        with daemon.connect() as connection:
            send(connection, ACCESS + "WhoAmI", {"auth": jwt})
            assert receive(connection)["client"] == "packit"
            call(daemon, end, id="packit")
            send(connection, ACCESS + "WhoAmI", {"auth": jwt})
            with pytest.raises(DaemonError, match="io.tokman.Unauthenticated"):
                receive(connection)

    def test_a_jwt_is_good_after_a_restart_if_the_key_is_configured(self, daemon, key):
        path = daemon.directory / "jwt.pem"
        TestKeyOfTheSigner.write_key(path)
        daemon.edit_config("[access]\n", f'[access]\njwt_key = "file:{path}"\n')
        daemon.reload()
        jwt = log_in(daemon, "packit", key)["token"]
        daemon.restart()
        assert daemon.call(ACCESS + "WhoAmI", {"auth": jwt})["client"] == "packit"
