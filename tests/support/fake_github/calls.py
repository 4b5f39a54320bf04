"""Every call that arrived: counted by route, and the last ones kept to be looked at."""

from collections import Counter, deque
from dataclasses import asdict, dataclass

from . import app_jwt
from .refusals import Refused
from .route_names import same_route

KEPT = 5000


@dataclass
class Call:
    """headers: names in small letters; of "authorization" only the scheme.

    claims: what an app's JWT said.
    """

    route: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    claims: dict | None
    body: str
    at: float
    status: int | None = None


class Calls:
    def __init__(self):
        self.connections = 0
        self._counts = Counter()
        self._calls = deque(maxlen=KEPT)

    def add(self, route, request, now):
        call = Call(
            route,
            request.method,
            request.path,
            request.query,
            without_credentials(request),
            claims_of(request),
            request.body.decode(errors="replace"),
            now,
        )
        self._counts[route] += 1
        self._calls.append(call)
        return call

    def count(self, route):
        return sum(count for name, count in self._counts.items() if same_route(name, route))

    def list(self, route=None):
        return [asdict(it) for it in self._calls if route is None or same_route(it.route, route)]

    def clear(self):
        self.connections = 0
        self._counts.clear()
        self._calls.clear()

    def to_json(self):
        return {
            "connections": self.connections,
            "total": self._counts.total(),
            "routes": dict(self._counts),
            "requests": self.list(),
        }


def without_credentials(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    credentials = request.credentials()
    if credentials:
        headers["authorization"] = f"{credentials[0].capitalize()} <secret>"
    return headers


def claims_of(request):
    try:
        return app_jwt.decode((request.credentials() or ("", ""))[1])[1]
    except Refused:
        return None
