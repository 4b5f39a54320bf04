"""Access tokens of the daemon: making, changing and ending them, and what became of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

_PAGE = 1000  # The daemon gives no more at once.

Call = Callable[[str, dict[str, Any]], dict[str, Any]]
Moment = datetime | int  # Unix seconds, or a datetime with a time zone.


@dataclass(frozen=True)
class AccessToken:
    """An access token of the daemon, which says what its bearer may do. Not one of GitHub's.

    key       names it; safe to log, and what delete_token() takes
    type      session, user, notebook, internal, service or oidc
    username  whom it stands for
    scopes    what it allows, within what that user may do
    created   when it was made; this and expires in Unix seconds
    expires   when it ends, None if never
    name      what its owner calls it, of user tokens
    service   whom it was made for, of internal tokens
    parent    the key of the token that it was made from
    secret    the text to show, "tmk_...": only where the token was made or asked for, else None.
              Not part of repr().
    """

    key: str
    type: str
    username: str
    scopes: tuple[str, ...]
    created: int
    expires: int | None = None
    name: str | None = None
    service: str | None = None
    parent: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Login:
    """What a client's id and key were exchanged for.

    jwt           the text to show as a credential, for some minutes. Not part of repr().
    expires_at    when it ends, in Unix seconds
    scopes        what it allows
    max_priority  the most urgent priority that it may ask for, by app; "*" is any other
    """

    jwt: str = field(repr=False)
    expires_at: int
    scopes: tuple[str, ...]
    max_priority: dict[str, int]


class Access:
    """Access tokens, through the client that it came from: Client.access.

    The parent of a child token (internal, notebook, oidc) is the client's own credential, so that
    has to be an access token. What your scopes do not allow is tokman.Denied; a token that
    does not exist, or is not yours, is tokman.NotFound.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def authenticate(self, client_id: str, client_key: str) -> Login:
        """Logs in for someone else to use; Client(client_id=..., client_key=...) is for yourself.

        tokman.Unauthenticated if id or key are wrong; tokman.Busy if too many log in at once.
        """
        answer = self._ask("Authenticate", client_id=client_id, client_key=client_key)
        return Login(
            answer["token"],
            answer["expires_at"],
            tuple(answer["scopes"]),
            dict(answer["max_priority"]),
        )

    def create_session_token(self, scopes: Iterable[str] | None = None) -> AccessToken:
        """Makes a short-lived token for yourself, with all your scopes if none are named."""
        return self._make("CreateSessionToken", scopes=_names(scopes))

    def create_user_token(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        expires: Moment | None = None,
        no_expire: bool | None = None,
    ) -> AccessToken:
        """Makes a token for yourself under a name that none of yours has: tokman.DuplicateName.

        expires    when it ends; default: as the daemon's configuration says
        no_expire  True for one that never ends, which takes admin:token
        """
        return self._make(
            "CreateUserToken",
            name=name,
            scopes=_names(scopes),
            expires=_seconds(expires),
            no_expire=no_expire,
        )

    def create_token_from_admin_request(
        self,
        username: str,
        type: str,
        scopes: Iterable[str],
        *,
        name: str | None = None,
        expires: Moment | None = None,
        no_expire: bool | None = None,
    ) -> AccessToken:
        """Makes a user or service token for somebody else. Takes admin:token."""
        return self._make(
            "CreateTokenFromAdminRequest",
            username=username,
            type=type,
            scopes=_names(scopes),
            name=name,
            expires=_seconds(expires),
            no_expire=no_expire,
        )

    def get_internal_token(
        self,
        service: str,
        scopes: Iterable[str],
        *,
        minimum_lifetime: int | None = None,
        on_missing_scope: str | None = None,
    ) -> AccessToken:
        """Gives a token for a service that acts on your behalf; the same one while it lives on.

        minimum_lifetime  seconds that it shall live at least, else tokman.LifetimeTooShort
        on_missing_scope  "drop" to leave out scopes that the parent lacks; default "error"
        """
        return self._make(
            "GetInternalToken",
            service=service,
            scopes=_names(scopes),
            minimum_lifetime=minimum_lifetime,
            on_missing_scope=on_missing_scope,
        )

    def get_notebook_token(self, *, minimum_lifetime: int | None = None) -> AccessToken:
        """Gives a token with all your scopes, for code of yours that runs elsewhere."""
        return self._make("GetNotebookToken", minimum_lifetime=minimum_lifetime)

    def create_oidc_token(self) -> AccessToken:
        """Makes a token without scopes, which only says who you are."""
        return self._make("CreateOidcToken")

    def get_data(self, token: str) -> AccessToken | None:
        """Tells what a token says. None if it is no good: unknown, expired, or not one at all."""
        answer = self._ask("GetData", token=token)
        return _token(answer["data"]) if answer["active"] else None

    def get_token_info(
        self, key: str | None = None, *, username: str | None = None
    ) -> AccessToken:
        """Tells about the token with this key, or about the client's own credential.

        username, here and below, is whose it must be; without it, anybody's that you may see.
        """
        return _token(self._ask("GetTokenInfo", key=key, username=username)["info"])

    def list_tokens(
        self,
        username: str | None = None,
        *,
        all: bool | None = None,
        types: Iterable[str] | None = None,
    ) -> Iterator[AccessToken]:
        """Gives your tokens, or somebody's, or all with admin:token: the newest first."""
        given = {"username": username, "all": all, "types": _names(types)}
        for page in self._pages("ListTokens", given):
            yield from map(_token, page["tokens"])

    def modify_token(
        self,
        key: str,
        *,
        username: str | None = None,
        name: str | None = None,
        scopes: Iterable[str] | None = None,
        expires: Moment | None = None,
        no_expire: bool | None = None,
    ) -> AccessToken:
        """Changes what is given of a user token, and leaves the rest. Takes admin:token."""
        changes = {
            "username": username,
            "name": name,
            "scopes": _names(scopes),
            "expires": _seconds(expires),
            "no_expire": no_expire,
        }
        return _token(self._ask("ModifyToken", key=key, **changes)["info"])

    def delete_token(self, key: str, *, username: str | None = None) -> int:
        """Ends a token and all that were made from it, for good; gives how many these were."""
        return int(self._ask("DeleteToken", key=key, username=username)["deleted"])

    def change_history(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Gives what was done to tokens and clients, the newest first, page after page.

        Filters are those of io.tokman.Access.GetChangeHistory, such as username, key, kinds,
        actions, ip_or_cidr, since and until; without any, it is about yourself. limit is how many
        at most for all pages; default: no limit.
        """
        left = filters.pop("limit", None)
        for name in ("since", "until"):
            filters[name] = _seconds(filters.get(name))
        if left is not None:
            filters["limit"] = min(left, _PAGE)
        for page in self._pages("GetChangeHistory", filters):
            entries = page["entries"][:left]
            yield from entries
            left = None if left is None else left - len(entries)
            if left == 0:
                return

    def _pages(self, method: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
        given = {"limit": _PAGE} | given
        while True:
            page = self._ask(method, **given)
            yield page
            if page.get("next") is None:
                return
            given["cursor"] = page["next"]

    def _make(self, method: str, **given: Any) -> AccessToken:
        answer = self._ask(method, **given)
        return _token(answer["info"], answer["token"])

    def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        there = {name: value for name, value in given.items() if value is not None}
        return self._call(f"io.tokman.Access.{method}", there)


_FIELDS = frozenset(it.name for it in fields(AccessToken)) - {"scopes", "secret"}


def _token(info: dict[str, Any], secret: str | None = None) -> AccessToken:
    """From what the daemon says; what a newer one says besides is left out."""
    known = {name: value for name, value in info.items() if name in _FIELDS}
    return AccessToken(**known, scopes=tuple(info["scopes"]), secret=secret)


def _seconds(moment: Moment | None) -> int | None:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone is no moment")
    return int(moment.timestamp())


def _names(names: Iterable[str] | None) -> list[str] | None:
    """A str is an iterable of str, too, and surely not what was meant."""
    if isinstance(names, str):
        raise TypeError("must be several names, not a str")
    return None if names is None else list(names)
