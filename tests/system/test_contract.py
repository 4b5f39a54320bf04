"""Tokman's requests and the stand-in's answers, held to GitHub's own OpenAPI description.

Where the description and what GitHub is known to do differ, a test in TestDifferences says what
each of them is; it fails when the description catches up.
"""

import json
import re
import shutil

import pytest
from openapi import extract
from openapi.contract import (
    ALIASES,
    CORRECTED,
    EXTRACT,
    HEADERS,
    answer_problems,
    body_problems,
    error_problems,
    operation_of,
    request_problems,
)
from tokman_daemon import DaemonError

CREATE_TOKEN = "POST /app/installations/{id}/access_tokens"
REPOSITORY_INSTALLATION = "GET /repos/{owner}/{repo}/installation"


def validate_answer(route, response):
    assert answer_problems(route, response.status, response.text) == []


def validate_request(recorded):
    """recorded: one of FakeGitHub.requests()."""
    assert request_problems(recorded) == [], recorded


def path_of(route, **parts):
    """"GET /orgs/{org}/installation" with the parts filled in."""
    return route.split()[1].format(**parts)


class TestExtract:
    def test_it_is_what_npm_has_at_the_pinned_version(self):
        assert shutil.which("npm"), "npm is missing: script/setup installs it"
        fresh = extract.render(extract.extract(extract.fetch_description()))
        assert fresh == extract.EXTRACT.read_text()

    def test_it_says_where_it_is_from(self):
        source = EXTRACT["source"]
        assert (source["package"], source["version"]) == ("@octokit/openapi", extract.VERSION)

    def test_it_is_no_empty_check(self):
        assert answer_problems("GET /app", 200, "{}")
        assert answer_problems("GET /app/installations", 200, '[{"id": 1}]')
        assert answer_problems(CREATE_TOKEN, 201, '{"token": "t", "expires_at": "e", "x": 1}')
        assert answer_problems("DELETE /installation/token", 204, "{}")
        assert answer_problems("GET /app", 418, "{}")


class TestAnswers:
    @pytest.mark.parametrize(
        ("route", "parts", "status"),
        [
            ("GET /app", {}, 200),
            ("GET /app/installations", {}, 200),
            ("GET /app/installations/{id}", {"id": 4242}, 200),
            ("GET /app/installations/{id}", {"id": 1}, 404),
            (REPOSITORY_INSTALLATION, {"owner": "octo-org", "repo": "hello-world"}, 200),
            (REPOSITORY_INSTALLATION, {"owner": "octo-org", "repo": "old-name"}, 301),
            (REPOSITORY_INSTALLATION, {"owner": "octo-org", "repo": "nothing"}, 404),
            ("GET /repositories/{id}/installation", {"id": 1003}, 200),
            ("GET /orgs/{org}/installation", {"org": "octo-org"}, 200),
            ("GET /users/{user}/installation", {"user": "monalisa"}, 200),
            ("GET /rate_limit", {}, 200),
        ],
    )
    def test_to_an_app(self, caller, route, parts, status):
        response = caller.as_app("GET", path_of(route, **parts))
        assert response.status == status
        validate_answer(route, response)

    def test_about_a_suspended_installation(self, github, caller):
        github.change("suspend", installation=4242)
        route = "GET /app/installations/{id}"
        validate_answer(route, caller.as_app("GET", path_of(route, id=4242)))

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (None, 201),
            ({"repositories": ["hello-world", "private-repo"]}, 201),
            ({"repository_ids": [1001], "permissions": {"contents": "read"}}, 201),
            ({"permissions": {"checks": "write"}}, 422),
            ({"repositories": ["nothing"]}, 422),
        ],
    )
    def test_to_a_mint(self, caller, body, status):
        response = caller.mint(**body or {})
        assert response.status == status
        validate_answer(CREATE_TOKEN, response)

    def test_to_a_mint_that_is_refused(self, github, caller):
        path = path_of(CREATE_TOKEN, id=4242)
        github.change("suspend", installation=4242)
        refusals = [
            caller.request("POST", path, "no.j.wt"),
            caller.mint(4242),
            caller.mint(1),
        ]
        assert [it.status for it in refusals] == [401, 403, 404]
        for refusal in refusals:
            validate_answer(CREATE_TOKEN, refusal)

    @pytest.mark.parametrize(
        ("route", "parts", "status"),
        [
            ("GET /installation/repositories", {}, 200),
            ("GET /repos/{owner}/{repo}", {"owner": "octo-org", "repo": "private-repo"}, 200),
            ("GET /repos/{owner}/{repo}", {"owner": "octo-org", "repo": "old-name"}, 301),
            ("GET /repos/{owner}/{repo}", {"owner": "stranger", "repo": "private"}, 404),
            ("GET /repositories/{id}", {"id": 1003}, 200),
            ("GET /rate_limit", {}, 200),
            ("DELETE /installation/token", {}, 204),
        ],
    )
    def test_to_a_token(self, caller, route, parts, status):
        response = caller.request(route.split()[0], path_of(route, **parts), caller.token())
        assert response.status == status
        validate_answer(route, response)

    @pytest.mark.parametrize(
        ("permissions", "token", "status"), [({"members": "read"}, None, 403), ({}, "ghs_x", 401)]
    )
    def test_to_a_token_that_is_refused(self, caller, permissions, token, status):
        route = "GET /installation/repositories"
        token = token or caller.token(permissions=permissions)
        response = caller.request("GET", path_of(route), token)
        assert response.status == status
        validate_answer(route, response)


class TestDifferences:
    @pytest.mark.parametrize(
        ("route", "status"),
        [
            ("GET /app", 401),
            ("GET /app/installations", 401),
            ("GET /app/installations/{id}", 401),
            (REPOSITORY_INSTALLATION, 401),
            ("GET /orgs/{org}/installation", 401),
            ("GET /orgs/{org}/installation", 404),
            ("GET /users/{user}/installation", 401),
            ("GET /users/{user}/installation", 404),
            ("GET /repos/{owner}/{repo}", 401),
            ("DELETE /installation/token", 401),
            ("GET /rate_limit", 401),
        ],
    )
    def test_described_without_this_refusal_but_known_to_refuse(self, caller, route, status):
        path = path_of(route, id=4242, owner="o", repo="r", org="nobody", user="nobody")
        credential = caller.jwt() if status == 404 else "ghs_dead"
        response = caller.request(route.split()[0], path, credential)
        assert str(status) not in operation_of(route)["responses"]
        assert response.status == status
        assert error_problems(response.text) == []

    def test_described_without_the_place_a_renamed_repository_redirects_to(self, caller):
        moved = caller.as_app("GET", "/repos/octo-org/old-name/installation")
        assert re.search(r"/repositories/\d+/installation$", moved.headers["Location"])
        assert not ALIASES.keys() & EXTRACT["operations"].keys()

    @pytest.mark.parametrize(("route", "status"), CORRECTED)
    def test_described_so_that_no_answer_known_would_do(self, caller, route, status):
        response = caller.as_app(*route.split())
        described = operation_of(route)["responses"][str(status)]
        assert response.status == status
        assert body_problems(response.text, described, is_strict=False)

    def test_described_without_the_headers_that_are_required_or_understood(self, caller):
        named = {it["name"] for op in EXTRACT["operations"].values() for it in op["parameters"]}
        assert not {name.lower() for name in named} & HEADERS.keys()
        no_agent = caller.as_app("GET", "/app", drop=["User-Agent"])
        no_version = caller.as_app("GET", "/app", X_GitHub_Api_Version="1")
        assert (no_agent.status, no_version.status) == (403, 400)
        assert error_problems(no_agent.text) + error_problems(no_version.text) == []

    def test_described_errors_may_be_empty_but_are_known_to_say_three_things(self, caller):
        assert answer_problems("GET /app/installations/{id}", 404, "{}") == []
        said = caller.as_app("GET", "/app/installations/1").json
        assert said.keys() == {"message", "documentation_url", "status"}

    def test_described_validation_errors_have_no_status_but_known_ones_have(self, caller):
        assert "status" not in EXTRACT["schemas"]["validation-error"]["properties"]
        assert caller.mint(repositories=["nothing"]).json["status"] == "422"

    def test_described_expiry_is_any_text_but_is_known_to_be_a_time_in_utc(self, caller):
        token = EXTRACT["schemas"]["installation-token"]
        assert token["properties"]["expires_at"] == {"type": "string"}
        expires_at = caller.mint().json["expires_at"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", expires_at)

    def test_described_a_mint_may_name_repositories_twice_but_is_known_to_be_refused(self, caller):
        body = {"repositories": ["hello-world"], "repository_ids": [1001]}
        described = operation_of(CREATE_TOKEN)["request"]
        assert body.keys() < described["properties"].keys() and "not" not in described
        assert caller.mint(**body).status == 422

    def test_described_any_number_of_repositories_but_500_are_known_to_be_the_most(self, caller):
        described = operation_of(CREATE_TOKEN)["request"]["properties"]["repositories"]
        assert "maxItems" not in described
        assert caller.mint(repositories=["hello-world"] * 501).status == 422

    def test_described_with_a_rate_that_is_known_to_be_gone_since_2026_03_10(self, caller):
        assert "rate" in EXTRACT["schemas"]["rate-limit-overview"]["required"]
        newer = caller.as_app("GET", "/rate_limit", X_GitHub_Api_Version="2026-03-10")
        assert newer.json.keys() == {"resources"}


class TestRequests:
    """What is asked of a request, shown on one that tokman could have sent."""

    GOOD = {
        "route": CREATE_TOKEN,
        "method": "POST",
        "path": "/app/installations/4242/access_tokens",
        "query": {},
        "headers": {
            "accept": "application/vnd.github+json",
            "authorization": "Bearer <secret>",
            "content-type": "application/json",
            "user-agent": "tokman/1.0",
            "x-github-api-version": "2022-11-28",
        },
        "body": '{"repositories": ["hello-world"], "permissions": {"contents": "read"}}',
    }

    def test_a_good_one_is_good(self):
        validate_request(self.GOOD)

    @pytest.mark.parametrize("header", GOOD["headers"])
    def test_every_header_is_needed(self, header):
        headers = {name: value for name, value in self.GOOD["headers"].items() if name != header}
        assert request_problems({**self.GOOD, "headers": headers})

    @pytest.mark.parametrize(
        "body",
        [
            "{",
            "[]",
            '{"repository": ["hello-world"]}',
            '{"repositories": "hello-world"}',
            '{"permissions": {"content": "read"}}',
            '{"permissions": {"contents": "admin"}}',
        ],
    )
    def test_a_body_must_be_as_described(self, body):
        assert request_problems({**self.GOOD, "body": body})

    @pytest.mark.parametrize(
        ("query", "is_good"), [({"per_page": "100"}, True), ({"pages": "1"}, False)]
    )
    def test_a_query_must_be_as_described(self, query, is_good):
        listing = {**self.GOOD, "route": "GET /app/installations", "query": query, "body": ""}
        assert (request_problems(listing) == []) == is_good

    def test_a_route_must_be_described(self):
        assert request_problems({**self.GOOD, "route": "unknown"})

    def test_a_get_has_no_body(self):
        assert request_problems({**self.GOOD, "route": "GET /app", "method": "GET"})


class TestDaemonsRequests:
    """What a real daemon sent, while it did everything for which it asks GitHub."""

    @pytest.fixture
    def recorded(self, github, daemon):
        for target, parameters in (
            ("octo-org/hello-world", {}),
            ("octo-org/hello-world", {"permissions": {"contents": "read"}, "min_lifetime": 300}),
            ("octo-org/private-repo", {"repositories": ["hello-world"]}),
            ("octo-org", {}),
            ("monalisa/notes", {"permissions": {"issues": "write"}}),
            ("monalisa", {}),
            ("octo-org/nothing", {}),
            ("octo-org/old-name", {}),
        ):
            try:
                daemon.token(target, **parameters)
            except DaemonError as refused:
                assert target in ("octo-org/nothing", "octo-org/old-name"), refused
        return github.requests()

    def test_they_are_as_github_describes_them(self, recorded):
        for request in recorded:
            validate_request(request)

    def test_they_look_up_installations_and_mint(self, github, recorded):
        assert github.mints >= 6
        assert any(request["route"] == REPOSITORY_INSTALLATION for request in recorded)

    def test_the_daemon_names_itself(self, recorded):
        agents = {request["headers"]["user-agent"] for request in recorded}
        assert all(agent.startswith("tokman/") for agent in agents)

    def test_its_jwts_are_whole_numbers_with_room_for_a_clock_that_is_a_minute_off(self, recorded):
        for request in recorded:
            claims = request["claims"]
            assert isinstance(claims["iat"], int) and isinstance(claims["exp"], int)
            assert claims["iat"] <= request["at"] - 59
            assert claims["exp"] - claims["iat"] == 360

    def test_a_mint_asks_for_one_repository_and_the_permissions_of_the_call(self, recorded):
        bodies = [json.loads(it["body"]) for it in recorded if it["route"] == CREATE_TOKEN]
        wanted = {"repositories": ["hello-world"], "permissions": {"contents": "read"}}
        assert any(
            body.get("repositories") == wanted["repositories"]
            and body.get("permissions", {}).items() >= wanted["permissions"].items()
            for body in bodies
        )
