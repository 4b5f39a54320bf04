"""GitHub's routes. To add one: a row in ROUTES and the method of Api that it names."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Callable

from . import shapes
from .app_jwt import authenticate_app
from .messages import Answer, refusal_answer
from .mint_request import judge_mint
from .refusals import Refusal, Refused
from .route_names import same_route
from .tokens import Tokens, quota_headers
from .world import World

API_VERSIONS = ("2022-11-28", "2026-03-10")
GHES_WITH_CLIENT_ID = (3, 18)
UNKNOWN_ROUTE = "unknown"


class Caller(Enum):
    """Who may call a route. The handler is given the App or the Token, or None for nobody."""

    APP = "app"
    TOKEN = "token"
    EITHER = "either"
    ANYBODY = "anybody"


class Api:
    """ghes: the version of an Enterprise Server, "3.17"; None for github.com."""

    def __init__(self, world, keys, clock, ghes=None):
        self.world = World.from_json(world)
        self.tokens = Tokens()
        self.clock = clock
        self._keys = keys
        self._ghes = ghes

    def answer(self, request):
        try:
            check_headers(request)
            route, parts = find_route(request)
            if route is None:
                raise Refused(Refusal.NOT_FOUND)
            caller, quota = self._authenticate(request, route.caller)
            answer = route.handler(self, caller, request, **parts)
            answer.headers.update(quota)
            return answer
        except Refused as refused:
            return refusal_answer(refused)

    # Who is calling: (App, Token or None; headers that tell of the quota)

    def _authenticate(self, request, caller):
        credentials = request.credentials()
        if caller is Caller.APP:
            return self._app(credentials), {}
        if credentials is None and caller is Caller.ANYBODY:
            return None, {}
        if credentials is None:
            raise Refused(Refusal.REQUIRES_AUTHENTICATION)
        if caller is Caller.EITHER and is_jwt(credentials):
            return self._app(credentials), {}
        return self._token(credentials, counted=caller is not Caller.EITHER)

    def _app(self, credentials):
        if not credentials or credentials[0] != "bearer":
            raise Refused(Refusal.UNDECODABLE)
        accepts_client_id = not self._ghes or version(self._ghes) >= GHES_WITH_CLIENT_ID
        now = self.clock.now()
        return authenticate_app(credentials[1], self.world, self._keys, now, accepts_client_id)

    def _token(self, credentials, counted):
        scheme, secret = credentials
        if scheme not in ("bearer", "token"):
            raise Refused(Refusal.BAD_CREDENTIALS)
        token = self.tokens.authenticate(secret, self.world, self.clock.now())
        if self._ghes or not counted:
            return token, {}
        return token, self.tokens.count_use(token, self.clock.now())

    # With an app's JWT

    def get_app(self, app, request):
        count = sum(it.app_id == app.app_id for it in self.world.installations)
        return Answer(200, shapes.app_shape(app, count, request.base))

    def list_installations(self, app, request):
        since = seconds_of(request.query.get("since", "1970-01-01T00:00:00Z"))
        mine = [
            it
            for it in self.world.installations
            if it.app_id == app.app_id and int(it.updated_at) >= since
        ]
        page, headers = paginate(mine, request)
        body = [shapes.installation_shape(it, app, request.base) for it in page]
        return Answer(200, body, headers)

    def get_installation(self, app, request, id):
        return self._installation_answer(self._installation_of(app, id), app, request)

    def get_repository_installation(self, app, request, owner, repo):
        repository = self.world.find_repository(f"{owner}/{repo}")
        if repository is None:
            renamed = self.world.find_renamed(f"{owner}/{repo}")
            return moved(request, renamed, "/installation")
        return self._installation_answer(
            self.world.installation_for(app, repository), app, request
        )

    def get_repository_installation_by_id(self, app, request, id):
        repository = self.world.find_repository_by_id(number(id))
        if repository is None:
            raise Refused(Refusal.NOT_FOUND)
        return self._installation_answer(
            self.world.installation_for(app, repository), app, request
        )

    def get_organization_installation(self, app, request, org):
        installation = self.world.installation_on(app, org)
        if installation and installation.account_type != "Organization":
            raise Refused(Refusal.NOT_FOUND)
        return self._installation_answer(installation, app, request)

    def get_user_installation(self, app, request, user):
        """Answers for organisations too."""
        return self._installation_answer(self.world.installation_on(app, user), app, request)

    def create_token(self, app, request, id):
        installation = self._installation_of(app, id)
        if installation.suspended_at is not None:
            raise Refused(Refusal.SUSPENDED)
        repositories, permissions = judge_mint(request.body, self.world, installation)
        ids = None if repositories is None else frozenset(it.id for it in repositories)
        token = self.tokens.mint(
            app, installation, ids, permissions, self.clock.now(), request.minting
        )
        return Answer(201, self._token_body(token, repositories, request.base))

    # With an installation token

    def delete_token(self, token, _request):
        self.tokens.revoke(token)
        return Answer(204)

    def list_repositories(self, token, request):
        self._require_metadata(token)
        visible = self._in_scope(token)
        page, headers = paginate(visible, request)
        body = {
            "total_count": len(visible),
            "repository_selection": self._selection(token),
            "repositories": [
                shapes.repository_shape(*self._with_owner(it), request.base) for it in page
            ],
        }
        return Answer(200, body, headers)

    def get_repository(self, token, request, owner, repo):
        repository = self.world.find_repository(f"{owner}/{repo}")
        if repository is None:
            return moved(request, self.world.find_renamed(f"{owner}/{repo}"), "")
        return self._repository_answer(token, request, repository)

    def get_repository_by_id(self, token, request, id):
        repository = self.world.find_repository_by_id(number(id))
        if repository is None:
            raise Refused(Refusal.NOT_FOUND)
        return self._repository_answer(token, request, repository)

    def get_rate_limit(self, caller, request):
        if self._ghes:
            raise Refused(Refusal.NO_RATE_LIMIT)
        key = getattr(caller, "installation_id", None)
        quota = self.tokens.quota(key, self.clock.now())
        with_rate = request.headers.get("X-GitHub-Api-Version", API_VERSIONS[0]) < "2026-03-10"
        return Answer(200, shapes.rate_limit_shape(quota, with_rate), quota_headers(quota))

    # What they share

    def _installation_of(self, app, id):
        installation = self.world.find_installation(number(id))
        if installation is None or installation.app_id != app.app_id:
            raise Refused(Refusal.NOT_FOUND)
        return installation

    def _installation_answer(self, installation, app, request):
        if installation is None:
            raise Refused(Refusal.NOT_FOUND)
        return Answer(200, shapes.installation_shape(installation, app, request.base))

    def _token_body(self, token, repositories, base):
        with_owners = None
        if repositories is not None:
            with_owners = [self._with_owner(it) for it in repositories]
        return shapes.token_shape(token, self._selection(token), with_owners, base)

    def _repository_answer(self, token, request, repository):
        """Everybody may read what is public; the rest takes a token that covers it."""
        if repository.private and (token is None or repository not in self._in_scope(token)):
            raise Refused(Refusal.NOT_FOUND)
        if token is not None:
            self._require_metadata(token)
        return Answer(
            200, shapes.full_repository_shape(*self._with_owner(repository), request.base)
        )

    def _require_metadata(self, token):
        """A token may be known before what it may do is."""
        if "metadata" not in token.permissions or token.permits_from > self.clock.now():
            accepted = {"X-Accepted-GitHub-Permissions": "metadata=read"}
            raise Refused(Refusal.NOT_ACCESSIBLE, headers=accepted)

    def _in_scope(self, token):
        installation = self.world.find_installation(token.installation_id)
        reachable = self.world.reachable(installation)
        if token.repository_ids is None:
            return reachable
        return [it for it in reachable if it.id in token.repository_ids]

    def _with_owner(self, repository):
        return repository, self.world.account_type(repository.owner)

    def _selection(self, token):
        installation = self.world.find_installation(token.installation_id)
        return installation.repository_selection if token.repository_ids is None else "selected"


@dataclass(frozen=True)
class Route:
    name: str
    caller: Caller
    handler: Callable

    @property
    def method(self):
        return self.name.split()[0]

    @property
    def pattern(self):
        return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.name.split()[1])


ROUTES = [
    Route("GET /app", Caller.APP, Api.get_app),
    Route("GET /app/installations", Caller.APP, Api.list_installations),
    Route("GET /app/installations/{id}", Caller.APP, Api.get_installation),
    Route("POST /app/installations/{id}/access_tokens", Caller.APP, Api.create_token),
    Route("GET /repos/{owner}/{repo}/installation", Caller.APP, Api.get_repository_installation),
    Route(
        "GET /repositories/{id}/installation", Caller.APP, Api.get_repository_installation_by_id
    ),
    Route("GET /orgs/{org}/installation", Caller.APP, Api.get_organization_installation),
    Route("GET /users/{user}/installation", Caller.APP, Api.get_user_installation),
    Route("DELETE /installation/token", Caller.TOKEN, Api.delete_token),
    Route("GET /installation/repositories", Caller.TOKEN, Api.list_repositories),
    Route("GET /repos/{owner}/{repo}", Caller.ANYBODY, Api.get_repository),
    Route("GET /repositories/{id}", Caller.ANYBODY, Api.get_repository_by_id),
    Route("GET /rate_limit", Caller.EITHER, Api.get_rate_limit),
]

PATTERNS = [(route, re.compile(route.pattern)) for route in ROUTES]


def find_route(request):
    """(route, parts of the path by name), or (None, {})."""
    for route, pattern in PATTERNS:
        match = route.method == request.method and pattern.fullmatch(request.path)
        if match:
            return route, match.groupdict()
    return None, {}


def route_name(request):
    route, _ = find_route(request)
    return route.name if route else UNKNOWN_ROUTE


def is_known_route(name):
    return name == UNKNOWN_ROUTE or any(same_route(name, it.name) for it in ROUTES)


def check_headers(request):
    if not request.headers.get("User-Agent"):
        raise Refused(Refusal.NO_USER_AGENT)
    if request.headers.get("X-GitHub-Api-Version", API_VERSIONS[0]) not in API_VERSIONS:
        raise Refused(Refusal.UNKNOWN_VERSION)


def moved(request, repository, suffix):
    """Sends the caller to where a renamed repository always is; refuses if there is none."""
    if repository is None:
        raise Refused(Refusal.NOT_FOUND)
    location = f"{request.base}/repositories/{repository.id}{suffix}"
    return Answer(301, shapes.moved_shape(location), {"Location": location})


def paginate(items, request):
    """(the items of the page asked for, headers that lead to the others)."""
    per_page = min(100, max(1, number(request.query.get("per_page", "30"))))
    page = max(1, number(request.query.get("page", "1")))
    last = max(1, -(-len(items) // per_page))
    pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = ("next", "last") * (page < last) + ("prev", "first") * (page > 1)
    links = [
        f'<{request.base}{request.path}?per_page={per_page}&page={pages[rel]}>; rel="{rel}"'
        for rel in wanted
    ]
    headers = {"Link": ", ".join(links)} if links else {}
    return items[(page - 1) * per_page : page * per_page], headers


def number(text):
    """0 for what is none; nothing has that id."""
    return int(text) if text.isdecimal() else 0


def seconds_of(time):
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError as malformed:
        raise Refused(Refusal.INVALID_REQUEST, "since") from malformed


def version(text):
    return tuple(int(part) for part in text.split("."))


def is_jwt(credentials):
    return not credentials[1].startswith("ghs_")
