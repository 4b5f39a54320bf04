"""The control endpoint: what a test or a person can ask of a running stand-in.

To add a request: a row in CONTROLS and the function that it names.
"""

import json
from dataclasses import dataclass
from typing import Callable

from .api import is_known_route
from .messages import Answer
from .webhooks import delivery_of, signed
from .world import CHANGES

PREFIX = "/_control/"


# What a body that asks for something impossible raises (UnknownThing is a LookupError).
UNFIT = (ValueError, TypeError, LookupError, AttributeError)


@dataclass(frozen=True)
class Control:
    name: str
    help: str
    action: Callable


def answer_control(github, method, path, body):
    """github: the FakeGitHub that is asked; its lock is held."""
    control = next((it for it in CONTROLS if it.name == f"{method} {path}"), None)
    if control is None:
        return Answer(404, {"message": "no such control", "controls": [it.name for it in CONTROLS]})
    try:
        return Answer(200, control.action(github, json.loads(body or b"{}")))
    except UNFIT as unfit:
        return Answer(400, {"message": f"{type(unfit).__name__}: {unfit}"})


def get_calls(github, _body):
    return github.state.calls.to_json()


def get_faults(github, _body):
    return github.state.faults.to_json()


def post_faults(github, body):
    for fault in body if isinstance(body, list) else [body]:
        if fault.get("route") is not None and not is_known_route(fault["route"]):
            raise ValueError(f"there is no route {fault['route']!r}")
        github.state.faults.add(**fault)
    return get_faults(github, None)


def delete_faults(github, _body):
    github.state.faults.clear()
    return []


def get_world(github, _body):
    return github.state.api.world.to_json()


def post_world(github, body):
    arguments = dict(body)
    change = CHANGES.get(arguments.pop("change", None))
    if change is None:
        raise ValueError(f"change is one of {', '.join(CHANGES)}")
    world = github.state.api.world
    for event in change(world, github.state.clock.now(), **arguments):
        delivery = delivery_of(event, world, github.api_base)
        github.state.deliveries.append(delivery)
    return get_world(github, None)


def get_deliveries(github, _body):
    return github.state.deliveries


def delete_deliveries(github, _body):
    taken = list(github.state.deliveries)
    github.state.deliveries.clear()
    return taken


def post_sign_delivery(github, body):
    app = github.state.api.world.find_app(body["app_id"])
    return signed(app, body["event"], body["payload"])


def post_clock(github, body):
    github.state.clock.advance(body["advance"])
    return {"now": github.state.clock.now()}


def post_revoke_tokens(github, _body):
    github.state.api.tokens.revoke_all()
    return {}


def post_reset(github, _body):
    github.make_state()
    return {}


CONTROLS = [
    Control("GET /_control/calls", "counts per route, and the last requests", get_calls),
    Control("GET /_control/faults", "the faults that are set", get_faults),
    Control("POST /_control/faults", "add a fault, or a list of them", post_faults),
    Control("DELETE /_control/faults", "forget all faults", delete_faults),
    Control("GET /_control/world", "apps, installations, repositories", get_world),
    Control("POST /_control/world", '{"change": NAME, ...}: change them', post_world),
    Control("GET /_control/deliveries", "the webhooks that changes led to", get_deliveries),
    Control("DELETE /_control/deliveries", "take them", delete_deliveries),
    Control(
        "POST /_control/sign_delivery",
        '{"app_id", "event", "payload"}: a webhook that says so',
        post_sign_delivery,
    ),
    Control("POST /_control/clock", '{"advance": SECONDS}: move GitHub\'s clock', post_clock),
    Control("POST /_control/revoke_tokens", "end every token", post_revoke_tokens),
    Control("POST /_control/reset", "everything as it was at the start", post_reset),
]
