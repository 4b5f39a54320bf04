"""tokmand as a child of the tests: its configuration, its start and its end, and calls to it."""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

DEADLINE_SECONDS = 10
POLL_SECONDS = 0.005

CONFIGURATION = """\
[daemon]
socket = "{directory}/tokman.sock"
state_directory = "{directory}/state"
log_level = "debug"

[store]
key = "file:{directory}/store.key"

[[app]]
name = "ci"
app_id = 12345
private_keys = [{private_keys}]
api_base = "{api_base}"
ca_file = "{ca_file}"

[[grant]]
name = "the tests"
match = {{ uid = {uid} }}
scopes = ["github:token", "admin:daemon"]
apps = ["ci"]
targets = ["octo-org/*", "octo-org", "monalisa/*", "monalisa"]
permissions = {{ contents = "write", issues = "write", metadata = "read", pull_requests = "write" }}
"""


class DaemonError(Exception):
    """An error that the daemon answered with; name is "io.tokman.NoGrant" and the like."""

    def __init__(self, name, parameters):
        super().__init__(f"{name}: {parameters.get('message', parameters)}")
        self.name = name
        self.parameters = parameters


class TokmanDaemon:
    """One tokmand in a folder of its own, with the programs in TOKMAN_BIN_DIR.

    Its configuration can be changed (edit_config) before start() and while it runs.
    """

    def __init__(self, github):
        # Not pytest's tmp_path: a socket's path has room for 107 bytes.
        self.directory = Path(tempfile.mkdtemp(prefix="tok-", dir="/tmp"))
        self.process = None
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        write_secret(self.directory / "store.key", key)
        (self.directory / "state").mkdir(mode=0o700)
        self.config_file.write_text(configuration(self.directory, github))

    @property
    def config_file(self):
        return self.directory / "tokman.toml"

    @property
    def socket_path(self):
        return self.directory / "tokman.sock"

    @property
    def log(self):
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def edit_config(self, old, new):
        text = self.config_file.read_text()
        assert old in text, f"{old!r} is not in {self.config_file}"
        self.config_file.write_text(text.replace(old, new))

    def append_config(self, text):
        with open(self.config_file, "a") as file:
            file.write(text)

    # Its life

    def start(self, executable="tokmand", **how):
        """Returns when it answers Ping. how: as launch() takes it."""
        self.launch(executable, **how)
        wait_until(self.answers, lambda: f"tokmand did not start:\n{self.log}", self.alive)
        return self

    def launch(self, executable="tokmand", prefix=(), environment=(), pass_fds=()):
        """Does not wait for it. prefix: a command that runs it, as env(1) does."""
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*prefix, program(executable), "--config", self.config_file],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **dict(environment)},
                pass_fds=pass_fds,
            )

    def wait_for_end(self):
        """Gives the exit status of one that ends by itself."""
        status = self.process.wait(DEADLINE_SECONDS)
        self.process = None
        return status

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def answers(self):
        try:
            return bool(self.call("io.tokman.Daemon.Ping"))
        except (OSError, EOFError):
            return False

    def stop(self):
        """SIGTERM; gives the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def restart(self):
        self.stop()
        return self.start()

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        """Raises DaemonError if the configuration is bad."""
        return self.call("io.tokman.Daemon.Reload")

    def remove(self):
        if self.alive():
            self.kill()
        shutil.rmtree(self.directory)

    # Talking to it

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(DEADLINE_SECONDS * 3)
        try:
            connection.connect(str(self.socket_path))
        except OSError:
            connection.close()
            raise
        return connection

    def call(self, method, parameters=None):
        """One Varlink call on a connection of its own; gives the reply's parameters."""
        with self.connect() as connection:
            send(connection, method, parameters)
            return receive(connection)

    def token(self, target, **parameters):
        return self.call("io.tokman.GitHub.GetToken", {"target": target, **parameters})

    def status(self):
        return self.call("io.tokman.Daemon.Status")

    def wait_for_key(self):
        """Until GitHub has accepted a key of each app, whereupon refusals so far are forgotten."""
        wait_until(lambda: all(map(has_accepted_key, self.status()["apps"])), lambda: self.log)
        return self

    def wait_for_log(self, text):
        wait_until(lambda: text in self.log, lambda: f"{text!r} is not in the log:\n{self.log}")

    def _end(self, number):
        self.signal(number)
        return self.wait_for_end()


def has_accepted_key(app):
    return any(key["state"] == "accepted" for key in app["keys"])


def configuration(directory, github, app_id=12345):
    private_keys = ", ".join(f'"file:{path}"' for path in github.key_files(app_id))
    return CONFIGURATION.format(
        directory=directory,
        private_keys=private_keys,
        api_base=github.api_base,
        ca_file=github.ca_file,
        uid=os.getuid(),
    )


def program(name):
    folder = os.environ.get("TOKMAN_BIN_DIR")
    assert folder, "set TOKMAN_BIN_DIR to the folder of tokmand, tokman-signer and tokman"
    return Path(folder) / name


def write_secret(path, text):
    path.touch(mode=0o600)
    path.write_text(text)


def send(connection, method, parameters=None, **flags):
    message = {"method": method, "parameters": parameters or {}, **flags}
    connection.sendall(json.dumps(message).encode() + b"\0")


def receive(connection):
    """The parameters of the next reply. Reads not a byte beyond it, so it can be called again."""
    frame = b""
    while not frame.endswith(b"\0"):
        chunk = peek_frame(connection)
        if not chunk:
            raise EOFError("the daemon closed the connection")
        frame += connection.recv(len(chunk))
    reply = json.loads(frame[:-1])
    if "error" in reply:
        raise DaemonError(reply["error"], reply.get("parameters", {}))
    return reply.get("parameters", {})


def peek_frame(connection):
    """What has arrived, up to the end of the frame."""
    arrived = connection.recv(65536, socket.MSG_PEEK)
    return arrived[: arrived.find(b"\0") + 1] or arrived


def wait_until(
    condition, failure=lambda: "too late", possible=lambda: True, seconds=DEADLINE_SECONDS
):
    """Polls until the condition holds; fails at once when it has become impossible."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert possible() and time.monotonic() < deadline, failure()
        time.sleep(POLL_SECONDS)
