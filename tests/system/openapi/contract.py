"""Holds requests and answers to GitHub's own description of its API (extract.json).

Every function gives a list of what is wrong, empty when nothing is. More is asked than the
description says in one thing: a body may have no field that the description does not know.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from fake_github.route_names import same_route
from jsonschema import Draft202012Validator, FormatChecker, RefResolver

EXTRACT = json.loads((Path(__file__).parent / "extract.json").read_text())

# Where a renamed repository redirects to; the description does not list it. It answers as this.
ALIASES = {
    "GET /repositories/{id}/installation": "GET /repos/{owner}/{repo}/installation",
    "GET /repositories/{id}": "GET /repos/{owner}/{repo}",
}

# Answers that the description gets wrong, and what they are held to instead.
CORRECTED = {
    # It makes the account of a listed installation a user and an enterprise at once.
    ("GET /app/installations", 200): {"type": "array", "items": {"$ref": "#/schemas/installation"}},
}

# What GitHub asks for beyond the description, of every request.
HEADERS = {
    "accept": r"application/vnd\.github\+json",
    "authorization": r"Bearer <secret>",
    "user-agent": r"\S.*",
    "x-github-api-version": r"2022-11-28|2026-03-10",
}

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def is_uri(value):
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


def operation_of(route):
    wanted = ALIASES.get(route, route)
    for name, operation in EXTRACT["operations"].items():
        if same_route(name, wanted):
            return operation
    return None


def answer_problems(route, status, text):
    described = operation_of(route)["responses"]
    if str(status) not in described:
        return [f"{route} is not described to answer {status}"]
    schema = CORRECTED.get((route, status), described[str(status)])
    if schema is None:
        return ["there should be no body"] if text else []
    return body_problems(text, schema, is_strict=status < 300)


def error_problems(text):
    """For a refusal with a status that the description does not list."""
    return body_problems(text, {"$ref": "#/schemas/basic-error"}, is_strict=True)


def request_problems(recorded):
    """recorded: one of FakeGitHub.requests()."""
    operation = operation_of(recorded["route"])
    if operation is None:
        return [f"{recorded['method']} {recorded['path']} is not described"]
    return [
        *header_problems(recorded["headers"]),
        *parameter_problems(recorded, operation["parameters"]),
        *request_body_problems(recorded, operation["request"]),
    ]


def header_problems(headers):
    return [
        f"{name} is {headers.get(name)!r}"
        for name, pattern in HEADERS.items()
        if not re.fullmatch(pattern, headers.get(name, ""))
    ]


def parameter_problems(recorded, parameters):
    """Of the query: those in the path are known to fit, or the route would not have."""
    schemas = {it["name"]: it["schema"] for it in parameters if it["in"] == "query"}
    problems = [f"{name} is no parameter" for name in recorded["query"] if name not in schemas]
    for name in recorded["query"].keys() & schemas.keys():
        value = recorded["query"][name]
        value = int(value) if schemas[name].get("type") == "integer" else value
        problems += [it.message for it in validator(schemas[name]).iter_errors(value)]
    return problems


def request_body_problems(recorded, schema):
    if not recorded["body"]:
        return []
    if schema is None:
        return ["there should be no body"]
    kind = recorded["headers"].get("content-type", "")
    problems = [] if kind.startswith("application/json") else [f"content-type is {kind!r}"]
    return problems + body_problems(recorded["body"], schema, is_strict=True)


def body_problems(text, schema, is_strict):
    try:
        body = json.loads(text)
    except ValueError as malformed:
        return [str(malformed)]
    errors = validator(strict(schema) if is_strict else schema, is_strict).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in errors]


def validator(schema, is_strict=False):
    document = {"schemas": STRICT_SCHEMAS if is_strict else EXTRACT["schemas"]}
    resolver = RefResolver("", document)
    return Draft202012Validator(schema, resolver=resolver, format_checker=FORMATS)


def strict(schema):
    """The schema, with every field forbidden that it does not name."""
    if isinstance(schema, list):
        return [strict(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items() if key != "allOf"}
    if "allOf" in schema:
        # Its members add to each other: alone, none names every field.
        made["allOf"] = schema["allOf"]
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        made.setdefault("additionalProperties", False)
    return made


STRICT_SCHEMAS = {name: strict(schema) for name, schema in EXTRACT["schemas"].items()}
