"""The daemon's clients: who has no user of their own on the host, but an id and a key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Call = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class ClientChange:
    """What became of a client.

    version  grows with each change; if_version compares with it
    created  whether there was none before
    key      the new key, if the daemon made one: it is shown this once. Not part of repr().
    """

    version: int
    created: bool = False
    key: str | None = field(default=None, repr=False)


class Clients:
    """The clients of the daemon: Client.clients. All of it takes admin:client.

    Except that a client may get itself, rotate its own key, and end its own logins. With if_version
    a change is made only to that version of the client: else tokman.Conflict.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def put(
        self,
        id: str,
        *,
        key: str | None = None,
        generate_key: bool | None = None,
        if_version: int | None = None,
        **settings: Any,
    ) -> ClientChange:
        """Makes a client, or changes what is given of it.

        key           its key, at least 15 characters
        generate_key  True for a key that the daemon makes; a new client needs one of the two
        settings      owner, description, scopes, max_priority, bind_uids, expires, no_expire,
                      disabled, as in io.tokman.Clients.Put; lists and maps are replaced whole
        """
        answer = self._ask(
            "Put", id=id, key=key, generate_key=generate_key, if_version=if_version, **settings
        )
        return ClientChange(answer["version"], answer["created"], answer.get("key"))

    def get(self, id: str) -> dict[str, Any]:
        """Tells all about a client but its key."""
        client: dict[str, Any] = self._ask("Get", id=id)["client"]
        return client

    def list(self) -> Iterator[dict[str, Any]]:
        """Gives all clients, by their ids, page after page."""
        cursor = None
        while True:
            page = self._ask("List", cursor=cursor)
            yield from page["clients"]
            cursor = page.get("next")
            if cursor is None:
                return

    def rotate_key(
        self,
        id: str,
        *,
        key: str | None = None,
        overlap: int | None = None,
        if_version: int | None = None,
    ) -> ClientChange:
        """Gives a client a new key; the old one works on for overlap seconds."""
        answer = self._ask("RotateKey", id=id, key=key, overlap=overlap, if_version=if_version)
        return ClientChange(answer["version"], key=answer.get("key"))

    def disable(self, id: str, *, if_version: int | None = None) -> int:
        """Ends a client's logins and lets it in no more; gives how many logins ended."""
        return int(self._ask("Disable", id=id, if_version=if_version)["ended"])

    def delete(self, id: str, *, if_version: int | None = None) -> int:
        """The same for good: nothing is left of it but its history."""
        return int(self._ask("Delete", id=id, if_version=if_version)["ended"])

    def revoke_logins(self, id: str, *, jti: str | None = None) -> int:
        """Ends a client's logins, or the one with this number; it may log in again."""
        return int(self._ask("RevokeLogins", id=id, jti=jti)["revoked"])

    def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        there = {name: value for name, value in given.items() if value is not None}
        return self._call(f"io.tokman.Clients.{method}", there)
