"""GitHub App installation tokens, from the tokman daemon on this host.

    import tokman

    with tokman.Client() as client:
        token = client.token("octo-org/hello-world", permissions={"contents": "read"})
        requests.get(url, headers=token.header)

Ask whenever you need a token and do not keep it: the daemon keeps them, renews them ahead of
time, and answers in microseconds. For a single token there is tokman.token().

Every failure is a subclass of tokman.Error, such as tokman.Denied or tokman.DaemonUnreachable;
error.retryable tells whether the same call may succeed later.
"""

from tokman import _tokman
from tokman._access import Access, AccessToken, Login
from tokman._client import Client, token
from tokman._clients import ClientChange, Clients
from tokman._token import Token
from tokman._tokman import *  # Error and all its subclasses.

__version__ = _tokman.version

__all__ = ["Access", "AccessToken", "Client", "ClientChange", "Clients", "Login", "Token", "token"]
__all__ += _tokman.__all__
