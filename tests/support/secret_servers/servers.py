"""One HTTPS server (AWS and Vault) and one without TLS (the metadata services), on loopback.

usage: python3 -m secret_servers.servers FOLDER

Prints the two ports once it is ready; FOLDER/ca.pem is to be trusted. Each line of standard input
is a JSON object of what to change: {"aws": secrets by name, "vault": fields by path,
"namespace": text, "sealed": true, "down": true, "redirect": true}; each is answered by a line with what AWS was
asked. It ends when standard input does.
"""

import json
import pathlib
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import aws
from .vault import Vault


class SecretServers:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca_file = self.folder / "ca.pem"
        self.aws = aws.SecretsManager({})
        self.vault = Vault({})
        self.down = False
        self.redirect = False  # Everybody, to where the answer would be right.
        self._make_certificate()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, self.folder / "ca.key")
        self._tls = self._start(self.serve_tls)
        self._tls.socket = context.wrap_socket(self._tls.socket, server_side=True)
        self._plain = self._start(self.serve_plain)
        for server in (self._tls, self._plain):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self._tls.server_address[1]}"

    @property
    def metadata_url(self):
        return f"http://127.0.0.1:{self._plain.server_address[1]}"

    def serve_tls(self, method, target, headers, body):
        if self.down:
            return 500, {"errors": ["down"]}
        if self.redirect and not target.endswith("?again"):
            return 307, {}, {"Location": f"{self.url}{target}?again"}
        target = target.removesuffix("?again")
        if target.startswith("/v1/"):
            return self.vault.serve(method, target, headers)
        return self.aws.serve(method, target, headers, body)

    @staticmethod
    def serve_plain(method, target, headers, _body):
        if target.startswith("/container/"):
            return aws.serve_container(method, target, headers)
        return aws.serve_instance(method, target, headers)

    def change(self, what):
        self.aws.secrets = what.get("aws", self.aws.secrets)
        self.vault.secrets = what.get("vault", self.vault.secrets)
        self.vault.namespace = what.get("namespace", self.vault.namespace)
        self.vault.sealed = what.get("sealed", self.vault.sealed)
        self.down = what.get("down", self.down)
        self.redirect = what.get("redirect", self.redirect)

    def _make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=secrets", "-days", "2",
             "-addext", "subjectAltName=IP:127.0.0.1"],
            cwd=self.folder, check=True, capture_output=True,
        )

    @staticmethod
    def _start(serve):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.serve = serve
        return server


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answer, *more = self.server.serve(self.command, self.path, headers, body)
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = respond

    def log_message(self, *_arguments):
        """Nothing is printed but what main() does."""


def port_of(url):
    return url.rpartition(":")[2]


def main():
    servers = SecretServers(sys.argv[1])
    print(port_of(servers.url), port_of(servers.metadata_url), flush=True)
    for line in sys.stdin:
        servers.change(json.loads(line))
        print(json.dumps(servers.aws.authorized), flush=True)


if __name__ == "__main__":
    main()
