"""A client of the stand-in that can also say what it should not: wrong JWTs, missing headers."""

import base64
import http.client
import json
import ssl
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

APP_ID = 12345
CLIENT_ID = "Iv23liTestClientId"


@dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def message(self):
        return self.json["message"]


class GitHubCaller:
    """Calls as app 12345; over one kept connection, or over a new one each time."""

    def __init__(self, github, key_file=None):
        self._github = github
        self._context = ssl.create_default_context(cafile=github.ca_file)
        pem = (key_file or github.key_files(APP_ID)[0]).read_bytes()
        self._key = serialization.load_pem_private_key(pem, password=None)

    def connect(self):
        return http.client.HTTPSConnection(
            "localhost", self._github.port, context=self._context, timeout=10
        )

    def request(self, method, path, token=None, body=None, scheme="Bearer", drop=(), **headers):
        """headers: User_Agent="x" for User-Agent. drop: those to leave out."""
        sent = {"User-Agent": "test", "Accept": "application/vnd.github+json"}
        if token:
            sent["Authorization"] = f"{scheme} {token}"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        sent = {name: value for name, value in sent.items() if name not in drop}
        encoded = body if body is None or isinstance(body, str) else json.dumps(body)
        connection = self.connect()
        try:
            connection.request(method, path, encoded, sent)
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def as_app(self, method, path, body=None, **headers):
        return self.request(method, path, self.jwt(), body, **headers)

    def mint(self, installation=4242, **body):
        return self.as_app("POST", f"/app/installations/{installation}/access_tokens", body)

    def token(self, installation=4242, **body):
        response = self.mint(installation, **body)
        assert response.status == 201, response.text
        return response.json["token"]

    def jwt(self, header=None, without=(), **claims):
        """A good one, save for what is given."""
        now = int(time.time())
        all_claims = {"iat": now - 60, "exp": now + 300, "iss": str(APP_ID), **claims}
        kept = {name: value for name, value in all_claims.items() if name not in without}
        signed = f"{encode(header or {'alg': 'RS256', 'typ': 'JWT'})}.{encode(kept)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def encode(part):
    return base64url(json.dumps(part).encode())


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
