"""A Varlink server that says what a test lays down, and the command `tokman` against it."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading

from tokman_daemon import program


class Server:
    """Answers each call with what was laid down for its method, and remembers the call."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tok-", dir="/tmp")
        self.path = f"{self.folder}/s"
        self.calls = []
        self.answers = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def will_answer(self, method, **parameters):
        self.answers[method] = {"parameters": parameters}

    def will_answer_in_turn(self, method, pages):
        self.answers[method] = iter([{"parameters": page} for page in pages])

    def will_refuse(self, method, error, **parameters):
        self.answers[method] = {"error": error, "parameters": parameters}

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        shutil.rmtree(self.folder)

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._serve(connection)

    def _serve(self, connection):
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if received.endswith(b"\0"):
                call = json.loads(received[:-1])
                received = b""
                self.calls.append(call)
                answer = self.answers[call["method"]]
                answer = answer if isinstance(answer, dict) else next(answer)
                connection.sendall(json.dumps(answer).encode() + b"\0")


def tokman_at(path, *arguments, stdin="", **environment):
    return subprocess.run(
        [program("tokman"), *arguments],
        env={"PATH": os.environ["PATH"], "TOKMAN_SOCKET": str(path), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
