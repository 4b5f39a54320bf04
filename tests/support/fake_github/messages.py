"""A request as the routes see it, and what they answer."""

from dataclasses import dataclass, field
from enum import Enum

from .refusals import refusal_body
from .tokens import Minting


class Delivery(Enum):
    """How an answer reaches the client."""

    WHOLE = "whole"
    HALF = "half"
    HALF_THEN_RESET = "half, then reset"
    RESET = "reset"


@dataclass
class Request:
    """path: below the API's prefix, without the query. base: origin and prefix.

    minting: how a token would be made if this request makes one.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: object
    body: bytes
    base: str
    minting: Minting

    def credentials(self):
        """(scheme in small letters, what follows), or None."""
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        return (scheme.lower(), rest.strip()) if rest else None


@dataclass
class Answer:
    """body: what json.dumps takes, a str sent as it is, or None for no body."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE


def refusal_answer(refused):
    status, message = refused.refusal.value
    return Answer(status, refusal_body(status, message, refused.field), dict(refused.headers))
