"""A daemon that says what a test wants it to say, for tests of the binding alone."""

import json
import os
import socketserver
import sys
import threading

import pytest

if "TOKMAN_PYTHON_DIR" in os.environ:
    sys.path.insert(0, os.environ["TOKMAN_PYTHON_DIR"])

SECRET = "ghs_PlantedSecretThatMustNotShow0123456789"

TOKEN = {
    "token": SECRET,
    "expires_at": 1_900_003_600,
    "minted_at": 1_900_000_000,
    "fingerprint": "uNZ0qk9yUCR7vXk8bC0sFh3Cq5k4r3iCqV1m0Cq6J8E=",
    "app": "ci",
    "installation_id": 4242,
    "permissions": {"contents": "read"},
    "repositories": ["hello-world"],
    "source": "minted",
}


class CannedDaemon(socketserver.ThreadingUnixStreamServer):
    """Answers each method as it was told to, and notes in `calls` what it was asked."""

    daemon_threads = True

    def __init__(self, path):
        super().__init__(path, Conversation)
        self.socket_path = path
        self.calls = []
        self.replies = {}
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.answer("GitHub.GetToken", **TOKEN)
        self.answer("Daemon.Ping", version="1.2.3")

    def answer(self, method, **parameters):
        self.replies["io.tokman." + method] = {"parameters": parameters}

    def refuse(self, method, error, **parameters):
        parameters = {"message": "no", "retryable": False} | parameters
        self.replies["io.tokman." + method] = {
            "error": "io.tokman." + error,
            "parameters": parameters,
        }

    def answer_in_turn(self, method, answers):
        self.replies["io.tokman." + method] = iter([{"parameters": it} for it in answers])

    def hold_answers(self):
        """From now on calls are noted, but answered only after go_on.set()."""
        self.go_on.clear()

    def wait_until_asked(self):
        assert self.asked.acquire(timeout=10)


class Conversation(socketserver.BaseRequestHandler):
    """One connection: a JSON object and a NUL, both ways."""

    def handle(self):
        buffered = b""
        while chunk := self.request.recv(65536):
            buffered += chunk
            while b"\0" in buffered:
                frame, buffered = buffered.split(b"\0", 1)
                self.reply(json.loads(frame))

    def reply(self, call):
        self.server.calls.append((call["method"], call.get("parameters", {})))
        self.server.asked.release()
        self.server.go_on.wait()
        reply = self.server.replies[call["method"]]
        answer = json.dumps(reply if isinstance(reply, dict) else next(reply))
        try:
            self.request.sendall(answer.encode() + b"\0")
        except BrokenPipeError:
            pass  # The caller did not wait: some tests want that.


@pytest.fixture
def daemon(tmp_path):
    with CannedDaemon(str(tmp_path / "s")) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.go_on.set()
        server.shutdown()


@pytest.fixture
def client(daemon):
    import tokman

    with tokman.Client(daemon.socket_path, timeout=10) as client:
        yield client
