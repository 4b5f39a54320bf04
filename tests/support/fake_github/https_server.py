"""HTTP/1.1 over TLS, a thread per connection; what to answer is asked of FakeGitHub."""

import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .messages import Delivery


class HttpsServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, github, port, context):
        self.github = github
        self.stopping = threading.Event()
        self._context = context
        self._open = set()
        super().__init__(("127.0.0.1", port), Handler)

    def finish_request(self, request, client_address):
        """The handshake is made here, in the connection's thread: a slow client holds up nobody."""
        with self._context.wrap_socket(request, server_side=True) as connection:
            self._open.add(connection)
            try:
                self.github.on_connection()
                super().finish_request(connection, client_address)
            finally:
                self._open.discard(connection)

    def handle_error(self, request, client_address):
        """Clients may leave when they like; a mistake of ours should be seen."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end(self):
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            hang_up(connection)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.github.serve(
            self.command, self.path, self.headers, body, self.server.stopping
        )
        if answer.delivery is Delivery.RESET:
            self._reset()
        else:
            self._send(answer)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = respond

    def _send(self, answer):
        body = encode(answer.body)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.delivery is Delivery.WHOLE:
            self.wfile.write(body)
            return
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True
        if answer.delivery is Delivery.HALF_THEN_RESET:
            self._reset()

    def _reset(self):
        """Closed with nothing to linger for, a TCP connection ends with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_arguments):
        """Calls are kept, not printed."""


def encode(body):
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def hang_up(connection):
    """The socket's own shutdown: TLS's would race with the thread that reads."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        pass
