"""Webhooks as GitHub posts them: the body, and the headers that say what it is and who signed it."""

import hashlib
import hmac
import json
import uuid

from . import shapes
from .world import Repository

LISTS = ("repositories", "repositories_added", "repositories_removed")


def delivery_of(event, world, base):
    """event: of World's changes."""
    app = world.find_app(event.installation.app_id)
    return signed(app, event.name, payload_of(event, app, world, base))


def signed(app, event_name, payload):
    """{"headers", "body"}; without a secret there is no signature."""
    body = json.dumps(payload)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/8d9e6a1",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-GitHub-Event": event_name,
        "X-GitHub-Hook-ID": "1",
        "X-GitHub-Hook-Installation-Target-ID": str(app.app_id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if app.webhook_secret:
        headers["X-Hub-Signature-256"] = "sha256=" + signature(app.webhook_secret, body)
    return {"headers": headers, "body": body}


def signature(secret, body):
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def payload_of(event, app, world, base):
    """Only an installation's own events show all of it; the others refer to it by its id."""
    installation = event.installation
    is_whole = event.name.startswith("installation")
    shown = shapes.installation_shape(installation, app, base)
    payload = {
        "action": event.action,
        "installation": shown if is_whole else {"id": installation.id},
        "sender": shapes.account_shape("monalisa", "User", base),
    }
    for name, value in event.about.items():
        if name in LISTS:
            value = [shapes.brief_repository_shape(it) for it in value]
        elif isinstance(value, Repository):
            owner_type = world.account_type(value.owner)
            value = shapes.full_repository_shape(value, owner_type, base)
        payload[name] = value
    if event.name == "installation_target":
        payload |= {"account": shown["account"], "target_type": shown["target_type"]}
    return payload
