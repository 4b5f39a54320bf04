"""An HTTPS server that misbehaves on request, for the tests of the HTTP client.

usage: https_server.py FOLDER

Makes in FOLDER: ca.pem (to be trusted), other-ca.pem (not), proxy.log (what the proxy was asked).
Prints one line when it is ready: the ports of the server, of a second origin, of a server that
knows TLS 1.1 only, of one that never answers a connection, and of an HTTP proxy. Ends when
standard input does.
"""

import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

folder = pathlib.Path(sys.argv[1])


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates():
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("ca", "other-ca"):
        openssl("req", "-x509", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.pem",
                "-subj", f"/CN={name}", "-days", "2")
    openssl("req", *new_key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-extfile", "names", "-out", "server.pem", "-days", "2")


class Figures:
    lock = threading.Lock()
    connections = 0
    requests = 0
    running = 0
    running_max = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        try:
            self.request.do_handshake()
            with Figures.lock:
                Figures.connections += 1
            super().handle()
        except OSError:  # The client refused us, or went away.
            self.close_connection = True

    def answer(self, body, status=200, headers=()):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        what, _, argument = self.path[1:].partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with Figures.lock:
            Figures.requests += what != "figure"
            Figures.running += 1
            Figures.running_max = max(Figures.running_max, Figures.running)
        try:
            getattr(self, "on_" + what.replace("-", "_"))(argument, body)
        finally:
            with Figures.lock:
                Figures.running -= 1

    do_POST = do_GET

    def on_hello(self, _, __):
        self.answer("hello", headers=[("X-Name", "one"), ("X-NAME", "two")])

    def on_echo(self, _, body):
        lines = [self.command, *(f"{n.lower()}: {v}" for n, v in self.headers.items()), body.decode()]
        self.answer("\n".join(lines))

    def on_status(self, status, _):
        self.answer("refused", status=int(status))

    def on_bytes(self, count, _):
        self.answer(b"x" * int(count))

    def on_headers(self, count, _):
        self.answer("", headers=[(f"X-{i}", "x" * 1000) for i in range(int(count))])

    def on_interim(self, _, __):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        self.answer("hello")

    def on_redirects(self, left, _):
        if left == "0":
            return self.answer("arrived")
        self.answer("", 302, [("Location", f"/redirects/{int(left) - 1}")])

    def on_redirect_to(self, url, _):
        self.answer("moved", 301, [("Location", unquote(url))])

    def on_silence(self, _, __):
        self.request.recv(1)  # Until the client gives up.

    def on_pause(self, milliseconds, _):
        threading.Event().wait(int(milliseconds) / 1000)
        self.answer("hello")

    def on_reset(self, _, __):
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.request.detach())
        self.close_connection = True

    def on_half(self, _, __):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
        self.close_connection = True

    def on_garbage(self, _, __):
        self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
        self.close_connection = True

    def on_figure(self, name, _):
        with Figures.lock:
            self.answer(str(getattr(Figures, name)))

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = context

    def get_request(self):
        connection, address = super().get_request()
        return self.context.wrap_socket(connection, server_side=True,
                                        do_handshake_on_connect=False), address

    def handle_error(self, *_):
        pass


class Proxy(BaseHTTPRequestHandler):
    def do_CONNECT(self):
        with open(folder / "proxy.log", "a") as log:
            log.write(f"{self.requestline}\n{self.headers}")
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as upstream:
            self.send_response(200)
            self.send_header("X-Proxy", "yes")
            self.end_headers()
            back = threading.Thread(target=self.copy, args=(upstream, self.connection))
            back.start()
            self.copy(self.connection, upstream)
            back.join()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def log_message(self, *_):
        pass


def tls_context(old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


make_certificates()
proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
proxy.daemon_threads = True
servers = [Server(tls_context()), Server(tls_context()), Server(tls_context(old=True))]
for server in [*servers, proxy]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
silent = socket.create_server(("127.0.0.1", 0))
ports = [*(server.server_port for server in servers), silent.getsockname()[1], proxy.server_port]
print(*ports, flush=True)
sys.stdin.read()
