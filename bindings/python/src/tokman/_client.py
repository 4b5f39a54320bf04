"""A connection to the daemon."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from tokman import _tokman
from tokman._access import Access
from tokman._clients import Clients
from tokman._token import Token

_TIMEOUT_MS_MAX = 2**32 - 1


class Client:
    """One connection to the tokman daemon on this host.

    socket   path of the daemon's socket. Default: $TOKMAN_SOCKET, else /run/tokman/tokman.sock.
    timeout  limit in seconds for each call, from start to end, reconnecting included;
             None for no limit.

    The kernel says who you are. To be judged by something else, which then goes with every call:

    credential             an access token of the daemon ("tmk_...") or a JWT of a client
    client_id, client_key  a client of the daemon, both together. The client logs in at once, and
                           again whenever the login ends.

    Else nothing is opened until the first call. A client reconnects to a restarted daemon by itself.

    Threads may share a client, and then take turns; threads that should not wait for each other
    each need their own. A client is of no use in a forked child: tokman.Forked says so.

    Use it as a context manager, or call close(). All methods raise subclasses of tokman.Error.
    """

    __slots__ = ("_handle",)

    def __init__(
        self,
        socket: str | os.PathLike[str] | None = None,
        timeout: float | None = 30.0,
        *,
        credential: str | None = None,
        client_id: str | None = None,
        client_key: str | None = None,
    ) -> None:
        path = None if socket is None else os.fspath(socket)
        is_client = client_id is not None or client_key is not None
        if is_client and credential is not None:
            raise _invalid("credential", "cannot be given with client_id and client_key")
        self._handle = _tokman.Client(path, _milliseconds(timeout))
        if is_client:
            self._handle.login(client_id, client_key)
        elif credential is not None:
            self.set_credential(credential)

    def set_credential(self, credential: str | None) -> None:
        """From now on the daemon judges this one, or the process again if it is None."""
        self._handle.set_credential(credential)

    @property
    def access(self) -> Access:
        """Access tokens of the daemon, and the history of what was done to them."""
        return Access(self.call)

    @property
    def clients(self) -> Clients:
        """Those who have an id and a key with the daemon."""
        return Clients(self.call)

    def token(
        self,
        target: str,
        *,
        app: str | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] = (),
        min_lifetime: int | None = None,
        priority: int | None = None,
        rejected: str | None = None,
        exclusive: bool = False,
    ) -> Token:
        """Gives a token for a repository ("owner/name") or for a whole installation ("owner").

        app           which app, by its name in the daemon's configuration; needed only where
                      several would do
        permissions   level ("read", "write" or "admin") by GitHub's name of the permission, such
                      as {"contents": "read"}; None for all that your grant gives
        repositories  further repositories of the same owner, without the owner
        min_lifetime  how long the token shall live at least, in seconds, at most 3300; None for
                      the daemon's default
        priority      who goes first where mints have to wait, 0 to 1000; your grant has the limit
        rejected      fingerprint of the token that GitHub has just refused: another one is minted,
                      or the same given again if it is only seconds old (Token.rejection tells)
        exclusive     True for a token that nobody else gets, and that is revoked when this client
                      is closed or the process ends, or by revoke()

        The token has what was asked for, or there is an error: tokman.Denied if policy does not
        give it (explain() tells why), tokman.PermissionNotGranted or
        tokman.RepositoryNotAccessible if GitHub does not, tokman.DaemonUnreachable or
        tokman.UpstreamDown if there is nobody to ask.
        """
        wanted = None if permissions is None else dict(permissions)
        further = _names(repositories)
        return Token(
            self._handle.token(
                target, app, wanted, further, min_lifetime, priority, rejected, exclusive
            )
        )

    def explain(
        self,
        target: str,
        *,
        app: str | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] = (),
        min_lifetime: int | None = None,
    ) -> dict[str, Any]:
        """Tells whether token() with the same arguments would be allowed, and why or why not.

        Nothing is minted, and a refusal is an answer, not an error: {"allowed": False, "reason":
        "..."}. With "allowed": True there is also the grant that decided.
        """
        optional = {
            "app": app,
            "permissions": None if permissions is None else dict(permissions),
            "repositories": list(_names(repositories)) or None,
            "min_lifetime": min_lifetime,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        return self.call("io.tokman.GitHub.Explain", {"target": target, **given})

    def rate_limit(
        self, target: str, *, app: str | None = None, fresh: bool = False
    ) -> dict[str, Any]:
        """Tells what is left of the requests of the installation that covers the target.

        As it was last seen; with fresh, GitHub is asked. {"resources": [{"resource": "core",
        "limit": 5000, "remaining": 4990, "used": 10, "reset": 1767225600, ...}], ...}
        """
        given = {"target": target, "fresh": fresh} | ({} if app is None else {"app": app})
        return self.call("io.tokman.GitHub.GetRateLimit", given)

    def observe(
        self, target: str, headers: Mapping[str, str], *, app: str | None = None
    ) -> bool:
        """Feeds the headers of an answer that GitHub gave to a token for the target.

        All who ask rate_limit() then know. False, and nothing done, if GitHub said nothing of
        rate limits in them.
        """
        said = {name.lower(): value for name, value in headers.items()}
        names = ("limit", "remaining", "used", "reset")
        numbers = {
            name: int(said[f"x-ratelimit-{name}"])
            for name in names
            if f"x-ratelimit-{name}" in said
        }
        if not {"limit", "remaining", "reset"} <= numbers.keys():
            return False
        optional = {"app": app, "resource": said.get("x-ratelimit-resource")}
        given = {name: value for name, value in optional.items() if value is not None}
        self.call("io.tokman.GitHub.Observe", {"target": target, **numbers, **given})
        return True

    def report_rejected(
        self,
        target: str,
        fingerprint: str,
        *,
        app: str | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Says that GitHub refused the token that token() gave for the same arguments.

        {"dropped": True, "reason": "dropped"} if the next one asked for is a new one. Else reason
        is "superseded" (there is another one already), "replication_lag" (it is only seconds old)
        or "rate_limited"; retry_after_ms tells when these two are over.
        """
        optional = {
            "app": app,
            "permissions": None if permissions is None else dict(permissions),
            "repositories": list(_names(repositories)) or None,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        return self.call(
            "io.tokman.GitHub.ReportRejected",
            {"target": target, "fingerprint": fingerprint, **given},
        )

    def revoke(self, fingerprint: str | None = None, *, app: str | None = None) -> dict[str, Any]:
        """Ends one token, or all of an app, for good: here at once, and at GitHub.

        Yours are exclusive tokens; anything else needs the scope admin:daemon. Gives how many were
        "revoked", and how many of these are "pending": the daemon goes on until GitHub confirms.
        """
        target = {"fingerprint": fingerprint, "app": app}
        given = {name: value for name, value in target.items() if value is not None}
        return self.call("io.tokman.GitHub.Revoke", given)

    def whoami(self) -> dict[str, Any]:
        """Tells who the daemon takes you for: what the kernel says, your grants and scopes."""
        return self.call("io.tokman.Access.WhoAmI")

    def status(self) -> dict[str, Any]:
        """Tells what the daemon has been doing, in numbers."""
        return self.call("io.tokman.Daemon.Status")

    def audit(self, *, fix: bool = False, orphans: bool = False) -> list[dict[str, Any]]:
        """Looks for what is wrong in the daemon's store; gives a finding for each record.

        At most 1000 at once. It takes as long as the store is large: mind the client's timeout.

        fix      mend what can be mended; "fixed" tells
        orphans  end tokens whose parent is gone, too
        """
        given = {"fix": fix, "orphans": orphans}
        findings: list[dict[str, Any]] = self.call("io.tokman.Daemon.Audit", given)["findings"]
        return findings

    def ping(self) -> str:
        """Gives the daemon's version, if it is there."""
        return str(self.call("io.tokman.Daemon.Ping")["version"])

    def verify_webhook(self, app: str, signature: str, body: bytes) -> bool:
        """Tells whether GitHub signed a webhook of this app.

        signature  the value of X-Hub-Signature-256
        body       what was posted, unchanged to the byte
        """
        parameters = {"app": app, "signature": signature}
        return bool(self.call("io.tokman.GitHub.VerifyWebhook", parameters, body)["valid"])

    def handle_webhook(
        self, headers: Mapping[str, str], body: bytes, *, app: str | None = None
    ) -> dict[str, Any]:
        """Hands a webhook in, so that the daemon forgets what it says has changed.

        headers  those that were posted, in any case of letters; they also say which app is meant
        body     what was posted, unchanged to the byte

        Raises tokman.SignatureInvalid if GitHub did not sign it. The same webhook may come again.
        """
        sent = {name.lower(): value for name, value in headers.items()}
        parameters: dict[str, Any] = {
            "event": sent.get("x-github-event", ""),
            "delivery": sent.get("x-github-delivery", ""),
            "signature": sent.get("x-hub-signature-256", ""),
        }
        target_id = sent.get("x-github-hook-installation-target-id", "")
        if app is not None:
            parameters["app"] = app
        elif target_id.isdecimal():
            parameters["target_id"] = int(target_id)
        return self.call("io.tokman.GitHub.HandleWebhook", parameters, body)

    def call(
        self,
        method: str,
        parameters: Mapping[str, Any] | None = None,
        body: bytes | None = None,
    ) -> dict[str, Any]:
        """Calls any method of the daemon by its full name, such as "io.tokman.Daemon.Health".

        Takes and gives what the method's interface description says, as dicts. body: for methods
        that take one, any bytes. Beware: the answer of a method that gives a token or a key holds
        the secret in clear.
        """
        text = self._handle.call(method, json.dumps(parameters or {}), body)
        answer: dict[str, Any] = json.loads(text)
        return answer

    def close(self) -> None:
        """Ends the connection, after the call that another thread may be in. Tokens stay valid.

        Any later call raises tokman.NotConnected.
        """
        self._handle.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a tokman.Client cannot be pickled or copied: it is a connection")


def token(
    target: str,
    *,
    app: str | None = None,
    permissions: Mapping[str, str] | None = None,
    repositories: Iterable[str] = (),
    min_lifetime: int | None = None,
    socket: str | os.PathLike[str] | None = None,
    timeout: float | None = 30.0,
) -> Token:
    """Gives a single token: Client.token() on a connection of its own."""
    with Client(socket, timeout) as client:
        return client.token(
            target,
            app=app,
            permissions=permissions,
            repositories=repositories,
            min_lifetime=min_lifetime,
        )


def _milliseconds(timeout: float | None) -> int:
    """What libtokman takes, for which 0 is no limit: so a small timeout is rounded up."""
    if timeout is None:
        return 0
    if not 0 < timeout <= _TIMEOUT_MS_MAX / 1000:
        raise _invalid("timeout", "must be a positive number of seconds, or None")
    return math.ceil(timeout * 1000)


def _invalid(argument: str, what: str) -> _tokman.InvalidArgument:
    error = _tokman.InvalidArgument(f"{argument}: {what}")
    error.field = argument
    return error


def _names(repositories: Iterable[str]) -> tuple[str, ...]:
    """A str is an iterable of str, too, and surely not what was meant."""
    if isinstance(repositories, str):
        raise TypeError("repositories: must be several names, not a str")
    return tuple(repositories)
