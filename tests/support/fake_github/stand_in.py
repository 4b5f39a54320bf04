"""FakeGitHub: the stand-in, from its start to its stop."""

import json
import secrets
import threading
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qsl, urlsplit

from .api import API_VERSIONS, Api, route_name
from .calls import Calls
from .clock import Clock, http_date
from .control import PREFIX as CONTROL_PREFIX
from .control import answer_control
from .faults import Faults
from .https_server import HttpsServer
from .keys import KeyFolder
from .messages import Answer, Delivery, Request, refusal_answer
from .refusals import Refusal, Refused
from .tokens import Minting
from .world import DEFAULT_WORLD

CREATE_TOKEN = "POST /app/installations/{id}/access_tokens"


@dataclass
class State:
    """Everything that a reset makes anew."""

    clock: Clock
    api: Api
    faults: Faults
    calls: Calls
    deliveries: list[dict]


class FakeGitHub:
    """GitHub's App flow on https://localhost:PORT, between start() and stop().

    directory: where ca.pem and the apps' keys are, made if missing. world: as DEFAULT_WORLD.
    ghes: the version of an Enterprise Server to be; then every path is below /api/v3.
    A stopped one may be started again, on the same port and with all that it knew.
    """

    def __init__(self, directory, port=0, world=None, ghes=None, minting=Minting()):
        self.keys = KeyFolder(directory)
        self.port = port
        self._initial_world = world or DEFAULT_WORLD
        self._ghes = ghes
        self._minting = minting
        self._lock = threading.Lock()
        self._request_ids = count(1)
        self._server = None
        self.make_state()

    # Running

    def start(self):
        self._server = HttpsServer(self, self.port, self.keys.tls_context())
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        """Ends every connection too, as a host that goes down does."""
        if self._server:
            self._server.end()
            self._server = None

    @property
    def is_running(self):
        return self._server is not None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    # Where things are

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def api_base(self):
        return self.url + self._prefix

    @property
    def ca_file(self):
        return self.keys.ca_file

    def key_files(self, app_id):
        """The private keys of an app, in the order in which it got them."""
        app = self.state.api.world.find_app(app_id)
        return [self.keys.private_key_file(name) for name in app.keys]

    # What a test asks and sets; the control endpoint offers the same over HTTPS

    def calls(self, route):
        """How many calls of "METHOD /path/{part}" arrived."""
        with self._lock:
            return self.state.calls.count(route)

    @property
    def mints(self):
        return self.calls(CREATE_TOKEN)

    def requests(self, route=None):
        with self._lock:
            return self.state.calls.list(route)

    def asked(self):
        """What somebody made tokman ask; its proofs of keys come by themselves."""
        return [call for call in self.requests() if call["route"] != "GET /app"]

    def forget_calls(self):
        with self._lock:
            self.state.calls.clear()

    def fault(self, route=None, **fields):
        self._control("POST", "faults", {"route": route, **fields})

    def clear_faults(self):
        self._control("DELETE", "faults")

    def change(self, change, **arguments):
        self._control("POST", "world", {"change": change, **arguments})

    def take_deliveries(self):
        """The webhooks of all changes since they were last taken, as GitHub would post them."""
        return self._control("DELETE", "deliveries")

    def sign_delivery(self, event, payload, app_id=12345):
        """A webhook that says whatever a test wants it to."""
        return self._control(
            "POST", "sign_delivery", {"app_id": app_id, "event": event, "payload": payload}
        )

    def advance(self, seconds):
        self._control("POST", "clock", {"advance": seconds})

    def revoke_tokens(self):
        self._control("POST", "revoke_tokens")

    def reset(self):
        self._control("POST", "reset")

    def _control(self, method, name, body=None):
        answer = self._answer_control(method, CONTROL_PREFIX + name, json.dumps(body))
        if answer.status != 200:
            raise ValueError(answer.body["message"])
        return answer.body

    # What the server and the control endpoint call

    def make_state(self):
        clock = Clock()
        api = Api(self._initial_world, self.keys, clock, self._ghes)
        self.state = State(clock, api, Faults(), Calls(), [])

    def on_connection(self):
        with self._lock:
            self.state.calls.connections += 1

    def serve(self, method, target, headers, body, stopping):
        """stopping: an event that ends a fault's latency."""
        path = urlsplit(target).path
        if path.startswith(CONTROL_PREFIX):
            return self._answer_control(method, path, body)
        if not path.startswith(self._prefix + "/"):
            return refusal_answer(Refused(Refusal.NOT_FOUND))
        return self._answer(self._make_request(method, target, headers, body), stopping)

    def _answer_control(self, method, path, body):
        with self._lock:
            return answer_control(self, method, path, body)

    def _make_request(self, method, target, headers, body):
        parts = urlsplit(target)
        base = f"https://{headers.get('Host')}{self._prefix}"
        path = parts.path.removeprefix(self._prefix)
        return Request(
            method, path, dict(parse_qsl(parts.query)), headers, body, base, self._minting
        )

    def _answer(self, request, stopping):
        with self._lock:
            state, route = self.state, route_name(request)
            call = state.calls.add(route, request, state.clock.now())
            effect = state.faults.take(route, request.path)
        stopping.wait(effect.latency)
        if effect.is_unanswered:
            return Answer(0, delivery=Delivery.RESET)
        request.minting = effect.minting(request.minting)
        with self._lock:
            answer = effect.answer or state.api.answer(request)
            usual = self._usual_headers(state.clock.now() + effect.date_skew, request)
        answer.headers = {**usual, **answer.headers}
        call.status = answer.status
        return effect.spoil(answer)

    def _usual_headers(self, now, request):
        version = request.headers.get("X-GitHub-Api-Version", API_VERSIONS[0])
        headers = {
            "Date": http_date(now),
            "X-GitHub-Request-Id": f"{next(self._request_ids):04X}:{secrets.token_hex(12).upper()}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": version,
        }
        if self._ghes:
            headers["X-GitHub-Enterprise-Version"] = f"enterprise-server@{self._ghes}"
        return headers

    @property
    def _prefix(self):
        return "/api/v3" if self._ghes else ""
