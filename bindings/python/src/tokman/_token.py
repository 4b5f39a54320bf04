"""A token, and what the daemon says about it."""

import json
from datetime import datetime, timezone
from typing import Any, Literal, NoReturn

from tokman import _tokman


class Token:
    """A GitHub App installation token: a secret, and what it allows.

    Made by Client.token(). It stays valid after its client is closed, in any thread. The secret
    is kept out of Python's heap and of core dumps, and is not part of repr(), str(), or any
    exception; a Token cannot be pickled or copied. To wipe it when you are done:

        with client.token("octo-org/hello-world") as token:
            push(token.secret)
    """

    __slots__ = ("_handle", "_facts")

    def __init__(self, handle: _tokman.Token) -> None:
        self._handle = handle
        self._facts: dict[str, Any] = json.loads(handle.facts())

    @property
    def secret(self) -> str:
        """The text to send to GitHub. ValueError once the token has been wiped.

        Each use makes a new str, which Python frees like any other and does not wipe.
        """
        return self._handle.secret()

    @property
    def header(self) -> dict[str, str]:
        """The HTTP header to send to GitHub's API: {"Authorization": "Bearer ..."}."""
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def expires_at(self) -> int:
        """When GitHub stops accepting the token, in Unix seconds on GitHub's clock."""
        return int(self._facts["expires_at"])

    @property
    def expires(self) -> datetime:
        """The same as a datetime in UTC."""
        return datetime.fromtimestamp(self.expires_at, timezone.utc)

    @property
    def minted_at(self) -> int:
        """When GitHub made the token, in Unix seconds on GitHub's clock."""
        return int(self._facts["minted_at"])

    @property
    def fingerprint(self) -> str:
        """Base64 of the secret's SHA-256: "hashed_token" in GitHub's audit log. Safe to log."""
        return str(self._facts["fingerprint"])

    @property
    def app(self) -> str:
        """The app it belongs to, by its name in the daemon's configuration."""
        return str(self._facts["app"])

    @property
    def installation_id(self) -> int:
        """GitHub's number of the installation it belongs to."""
        return int(self._facts["installation_id"])

    @property
    def permissions(self) -> dict[str, str]:
        """What it allows: level ("read", "write" or "admin") by permission."""
        return dict(self._facts["permissions"])

    @property
    def repositories(self) -> list[str]:
        """Where it allows that. Empty: in all repositories that the installation can reach."""
        return list(self._facts["repositories"])

    @property
    def source(self) -> Literal["cache", "minted", "stale"]:
        """Where the daemon took it from.

        "cache": it had one. "minted": GitHub has just made it. "stale": GitHub is failing; the
        token works, but ends sooner than was asked for.
        """
        source: Literal["cache", "minted", "stale"] = self._facts["source"]
        return source

    @property
    def rejection(self) -> str | None:
        """What became of the token that was given as rejected; None if none was.

        "dropped": this one is new. "superseded": the daemon had this one by then.
        "replication_lag": this is the same one; GitHub will know it within seconds.
        """
        return self._facts.get("rejection")

    def wipe(self) -> None:
        """Takes the secret out of memory. What is known about the token stays readable."""
        self._handle.wipe()

    def __enter__(self) -> "Token":
        return self

    def __exit__(self, *exception: object) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return (
            f"<tokman.Token {self.fingerprint} of app {self.app!r}, "
            f"expires {self.expires.isoformat()}>"
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a tokman.Token cannot be pickled or copied: it holds a secret")
