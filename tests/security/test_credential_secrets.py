"""Credentials stay where they belong: given and presented, and looked for in all that is said."""

import json
import subprocess

import pytest
from process_memory import children, find_in_memory
from tokman_daemon import DaemonError, write_secret

ACCESS = "io.tokman.Access."
CLIENTS = "io.tokman.Clients."
DAEMON = "io.tokman.Daemon."
TARGET = "octo-org/hello-world"
CLIENT_KEY = "PlantedClientKeyThatMustNeverBeShown"
WRONG_KEY = "PlantedWrongKeyThatMustNeverBeShown"
SCOPES = '"github:token", "admin:daemon", "user:token", "admin:token", "admin:client"'
CLIENT_GRANT = """
[[grant]]
name = "batch"
match = { client = "batch" }
scopes = ["github:token"]
apps = ["ci"]
targets = ["octo-org/*"]
permissions = { contents = "read" }

[access]
jwt_key = "file:JWT_KEY"
"""


class Life:
    """What is done with credentials of every kind, what was secret in it, and all that was said."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.secrets = [CLIENT_KEY, WRONG_KEY]
        self.said = []

    def call(self, method, secret=None, **parameters):
        """secret: the member of the answer that is one, and is not to be anywhere else."""
        try:
            answer = self.daemon.call(method, parameters)
        except DaemonError as error:
            self.said.append(json.dumps(error.parameters))
            return {}
        if secret:
            self.secrets.append(answer[secret])
            self.said.append(json.dumps({**answer, secret: None}))
        else:
            self.said.append(json.dumps(answer))
        return answer

    def access_tokens(self):
        session = self.call(ACCESS + "CreateSessionToken", "token")["token"]
        asked = {"name": "laptop", "scopes": ["github:token"]}
        user = self.call(ACCESS + "CreateUserToken", "token", **asked)
        bot = {"username": "bot-ci", "type": "service", "scopes": [], "no_expire": True}
        self.call(ACCESS + "CreateTokenFromAdminRequest", "token", **bot)
        child = {"service": "web", "scopes": ["github:token"], "auth": session}
        for _ in range(2):  # The second time it is the one that is stored.
            self.call(ACCESS + "GetInternalToken", "token", **child)
            self.call(ACCESS + "GetNotebookToken", "token", auth=session)
        self.call(ACCESS + "GetData", token=session)
        self.present(session)
        self.present(session[:-1] + ("A" if session[-1] != "A" else "Q"))
        self.present(session + "x")
        self.call(ACCESS + "ModifyToken", key=user["info"]["key"], name="desk")
        self.call(ACCESS + "DeleteToken", key=user["info"]["key"])
        self.present(user["token"])

    def clients(self):
        self.call(CLIENTS + "Put", id="batch", key=CLIENT_KEY, scopes=["github:token"])
        self.call(CLIENTS + "Put", "key", id="other", generate_key=True)
        self.call(CLIENTS + "RotateKey", "key", id="other", overlap=60)
        login = {"client_id": "batch", "client_key": CLIENT_KEY}
        jwt = self.call(ACCESS + "Authenticate", "token", **login)["token"]
        self.secrets.append(jwt.split(".")[2])
        self.call(ACCESS + "Authenticate", client_id="batch", client_key=WRONG_KEY)
        self.call(ACCESS + "Authenticate", client_id=WRONG_KEY, client_key="short")
        self.present(jwt)
        self.present(jwt[:-4] + "AAAA")
        self.call(CLIENTS + "Disable", id="batch")
        self.present(jwt)

    def present(self, auth):
        self.secrets.append(auth)
        self.call(ACCESS + "WhoAmI", auth=auth)
        self.call("io.tokman.GitHub.Explain", target=TARGET, auth=auth)
        self.call(DAEMON + "Status", auth=auth)

    def looked_at(self):
        self.call(ACCESS + "ListTokens", all=True)
        self.call(ACCESS + "GetChangeHistory", all=True)
        self.call(ACCESS + "GetVerificationKeys")
        self.call(CLIENTS + "List")
        self.call(CLIENTS + "Get", id="batch")
        for method in ("Status", "Health", "Audit"):
            self.call(DAEMON + method)


@pytest.fixture
def jwt_key(tmp_path):
    """The lines of a key that signs JWTs."""
    command = ["openssl", "genpkey", "-algorithm", "ed25519"]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    return made.stdout


@pytest.fixture
def life(make_daemon, jwt_key):
    daemon = make_daemon()
    place = daemon.directory / "jwt.pem"
    write_secret(place, jwt_key)
    daemon.edit_config('"github:token", "admin:daemon"', SCOPES)
    daemon.append_config(CLIENT_GRANT.replace("JWT_KEY", str(place)))
    daemon.start()
    life = Life(daemon)
    life.access_tokens()
    life.clients()
    life.looked_at()
    return life


#
def test_no_credential_is_in_what_is_said_or_logged(life, jwt_key):
    life.daemon.stop()
    said = "".join(life.said) + life.daemon.log
    for secret in [*life.secrets, jwt_key.splitlines()[1]]:
        assert secret not in said
        assert secret[-20:] not in said
    assert "Planted" not in said
    assert "PRIVATE KEY" not in said
    assert "eyJ" not in said  # A JWT begins so.


def test_the_search_would_find_them(life):
    assert sum(secret.startswith("tmk_") for secret in life.secrets) >= 8
    assert sum(secret.startswith("eyJ") for secret in life.secrets) >= 2
    assert life.secrets[0] == CLIENT_KEY


def test_none_is_in_the_files_of_the_store(life):
    life.daemon.stop()
    stored = b"".join(
        file.read_bytes() for file in (life.daemon.directory / "state").iterdir() if file.is_file()
    )
    for secret in life.secrets:
        assert secret[-20:].encode() not in stored


def test_the_daemon_never_has_the_key_that_signs_jwts(life, jwt_key):
    line = jwt_key.splitlines()[1]
    wanted = {"text": line.encode()}
    assert find_in_memory(life.daemon.process.pid, wanted) == []
    assert len(children(life.daemon.process.pid)) == 1
