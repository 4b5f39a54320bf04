#!/usr/bin/python3
"""Cuts out of GitHub's OpenAPI description what tokman uses, as JSON Schema, into extract.json.

The description comes from npm at a pinned version and is kept in a cache; it is far too large to be
kept here. To use a route more, or a newer version: change ROUTES or VERSION and INTEGRITY
(npm view @octokit/openapi dist.integrity), run this program, and read the difference.
"""

import base64
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@octokit/openapi"
VERSION = "23.0.2"
INTEGRITY = (
    "sha512-"
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg=="
)
DESCRIPTION = "package/generated/api.github.com.json"

ROUTES = [
    "GET /app",
    "GET /app/installations",
    "GET /app/installations/{installation_id}",
    "POST /app/installations/{installation_id}/access_tokens",
    "GET /repos/{owner}/{repo}/installation",
    "GET /orgs/{org}/installation",
    "GET /users/{username}/installation",
    "DELETE /installation/token",
    "GET /installation/repositories",
    "GET /repos/{owner}/{repo}",
    "GET /rate_limit",
]

# Refusals that come from routes where the description does not list them are held to these.
ERROR_SCHEMAS = ["basic-error", "validation-error"]

EXTRACT = Path(__file__).parent / "extract.json"
REFERENCE = "#/components/schemas/"

# What a schema may say that decides nothing.
PROSE = ("description", "example", "examples", "title", "externalDocs", "deprecated", "default")


def main():
    EXTRACT.write_text(render(extract(fetch_description())))
    print(f"{EXTRACT}: {EXTRACT.stat().st_size} bytes")


def fetch_description():
    """GitHub's description, out of the cache or from npm."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    cached = cache / "tokman" / f"openapi-{VERSION}.json"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        download(cached)
    return json.loads(cached.read_bytes())


def download(cached):
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", folder]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != INTEGRITY:
            raise SystemExit(f"{PACKAGE}@{VERSION} is not what it was: sha512-{digest}")
        with tarfile.open(archive) as package:
            unfinished = Path(folder) / "description.json"
            unfinished.write_bytes(package.extractfile(DESCRIPTION).read())
        unfinished.rename(cached)


def extract(description):
    operations = {route: cut_operation(description, route) for route in ROUTES}
    return {
        "source": {
            "package": PACKAGE,
            "version": VERSION,
            "integrity": INTEGRITY,
            "file": DESCRIPTION,
            "license": description["info"]["license"]["name"],
        },
        "operations": operations,
        "schemas": cut_schemas(description, operations),
    }


def cut_operation(description, route):
    method, path = route.split()
    operation = description["paths"][path][method.lower()]
    body = operation.get("requestBody")
    return {
        "parameters": [
            cut_parameter(resolve(description, it)) for it in operation["parameters"]
        ],
        "request": json_schema_of(body) if body else None,
        "responses": {
            status: json_schema_of(resolve(description, response))
            for status, response in operation["responses"].items()
        },
    }


def cut_parameter(parameter):
    schema = to_json_schema(parameter["schema"])
    return {"name": parameter["name"], "in": parameter["in"], "schema": schema}


def json_schema_of(message):
    """The schema of a request's or a response's body; None where there is no body."""
    content = message.get("content")
    return to_json_schema(content["application/json"]["schema"]) if content else None


def resolve(description, entry):
    if "$ref" not in entry:
        return entry
    found = description
    for part in entry["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def cut_schemas(description, operations):
    """The schemas that the operations refer to, and those that these refer to."""
    schemas = {}
    wanted = [*ERROR_SCHEMAS, *references(operations)]
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = to_json_schema(description["components"]["schemas"][name])
            wanted += references(schemas[name])
    return dict(sorted(schemas.items()))


def references(part):
    if isinstance(part, dict):
        here = [part["$ref"].rpartition("/")[2]] if isinstance(part.get("$ref"), str) else []
        return here + [name for value in part.values() for name in references(value)]
    if isinstance(part, list):
        return [name for value in part for name in references(value)]
    return []


def to_json_schema(schema):
    """OpenAPI 3.0 says "nullable" where JSON Schema says that null is one of the types."""
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: convert(key, value)
        for key, value in schema.items()
        if key not in PROSE and key != "nullable" and not key.startswith("x-")
    }
    return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") else kept


def convert(key, value):
    if key == "properties":
        return {name: to_json_schema(it) for name, it in value.items()}
    if key in ("allOf", "anyOf", "oneOf"):
        return [to_json_schema(it) for it in value]
    if key in ("items", "not", "additionalProperties"):
        return to_json_schema(value)
    if key == "$ref":
        return value.replace(REFERENCE, "#/schemas/")
    return value


def render(extracted):
    return json.dumps(extracted, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    main()
