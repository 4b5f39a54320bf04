"""What goes wrong, where, and how often.

A fault names a route (or none, for all) and fields that say what happens there. Where several
faults meet, the one that was added last decides field by field.
"""

import re
from dataclasses import asdict, dataclass, field, fields, replace

from .messages import Answer, Delivery, refusal_answer
from .refusals import Refusal, Refused, refusal_body
from .route_names import same_route
from .tokens import Minting

GARBAGE = "<html>\x00 this is not the JSON you are looking for"

# Messages of answers that a fault gives without a body.
DEFAULT_MESSAGES = {401: "Bad credentials", 403: "Forbidden", 404: "Not Found"}


@dataclass
class Fault:
    """answers: one after the other instead of GitHub's: statuses, names of refusals, or whole ones
    (see make_answer); a null lets that request through.

    times: how many requests it meets (as many as there are answers, else every one); the last
    answer is given again when there are fewer.
    """

    route: str | None = None
    path: str | None = None
    times: int | None = None
    latency: float | None = None
    answers: list = field(default_factory=list)
    headers: dict[str, str] | None = None
    reset: bool | None = None
    half_body: bool | None = None
    garbage: bool | None = None
    date_skew: float | None = None
    lag_seconds: float | None = None
    lag_uses: int | None = None
    permission_lag_seconds: float | None = None
    token_length: int | None = None
    lifetime: float | None = None

    def __post_init__(self):
        if self.times is None and self.answers:
            self.times = len(self.answers)
        if self.path is not None:
            re.compile(self.path)
        for given in self.answers:
            if given is not None:
                make_answer(given)

    def meets(self, route, path):
        if self.times == 0 or (self.route and not same_route(self.route, route)):
            return False
        return self.path is None or re.search(self.path, path) is not None

    def take(self):
        """The fields it sets for one request, which is thereby counted."""
        if self.times is not None:
            self.times -= 1
        answer = self._next_answer()
        effect = {name: getattr(self, name) for name in EFFECTS}
        effect["answer"] = make_answer(answer) if answer is not None else None
        return {name: value for name, value in effect.items() if value is not None}

    def _next_answer(self):
        if len(self.answers) > 1:
            return self.answers.pop(0)
        return self.answers[0] if self.answers else None


EFFECTS = [it.name for it in fields(Fault) if it.name not in ("route", "path", "times", "answers")]
MINTING_FIELDS = [it.name for it in fields(Minting)]


class Effect:
    """All that faults do to one request."""

    def __init__(self, values):
        self.latency = values.get("latency", 0)
        self.answer = values.get("answer")
        self.is_unanswered = values.get("reset", False) and not values.get("half_body")
        self.date_skew = values.get("date_skew", 0)
        self._values = values

    def minting(self, usual):
        changed = {name: self._values[name] for name in MINTING_FIELDS if name in self._values}
        return replace(usual, **changed)

    def spoil(self, answer):
        """The answer as it goes out."""
        answer.headers.update(self._values.get("headers", {}))
        if self._values.get("garbage"):
            answer.body = GARBAGE
        if self._values.get("half_body"):
            is_reset = self._values.get("reset")
            answer.delivery = Delivery.HALF_THEN_RESET if is_reset else Delivery.HALF
        return answer


class Faults:
    def __init__(self):
        self._faults = []

    def add(self, **values):
        try:
            self._faults.append(Fault(**values))
        except (TypeError, KeyError, re.error) as unfit:
            known = ", ".join(it.name for it in fields(Fault))
            raise ValueError(f"{unfit}; a fault has {known}") from unfit

    def clear(self):
        self._faults.clear()

    def take(self, route, path):
        values = {}
        for fault in self._faults:
            if fault.meets(route, path):
                values.update(fault.take())
        return Effect(values)

    def to_json(self):
        return [asdict(fault) for fault in self._faults]


def make_answer(given):
    """given: a status, the name of a Refusal, or {"status" or "refusal", "body"?, "headers"?}."""
    if isinstance(given, str):
        given = {"refusal": given}
    if isinstance(given, int):
        given = {"status": given}
    headers = dict(given.get("headers", {}))
    if "refusal" in given:
        return refusal_answer(Refused(Refusal[given["refusal"]], headers=headers))
    status = given["status"]
    message = DEFAULT_MESSAGES.get(status, "Server Error")
    body = given.get("body", refusal_body(status, message))
    return Answer(status, body, headers)
