"""The stand-in refuses what GitHub refuses, in its words, and gives tokens that are checked."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from fake_github import CREATE_TOKEN, DEFAULT_WORLD, FakeGitHub, Minting, Refusal
from github_caller import CLIENT_ID, GitHubCaller

HELLO = "/repos/octo-org/hello-world"
PRIVATE = "/repos/octo-org/private-repo"


def assert_refused(response, refusal):
    assert (response.status, response.message) == refusal.value
    assert response.json["status"] == str(refusal.status)
    assert "documentation_url" in response.json


class TestAppJwt:
    def refused(self, caller, jwt, **headers):
        return caller.request("GET", "/app", jwt, **headers)

    @pytest.mark.parametrize("issuer", [12345, "12345", CLIENT_ID])
    def test_every_form_of_the_issuer_is_accepted(self, caller, issuer):
        response = caller.request("GET", "/app", caller.jwt(iss=issuer))
        assert response.status == 200
        assert response.json["slug"] == "ci"

    def test_without_an_issuer_it_is_refused(self, caller):
        jwt = caller.jwt(without=["iss"])
        assert_refused(self.refused(caller, jwt), Refusal.ISSUER_MISSING)

    @pytest.mark.parametrize("issuer", ["ci", 12345.0, True, ["12345"]])
    def test_an_issuer_that_is_no_number_is_refused(self, caller, issuer):
        jwt = caller.jwt(iss=issuer)
        assert_refused(self.refused(caller, jwt), Refusal.ISSUER_NOT_INTEGER)

    @pytest.mark.parametrize("issuer", [999, "999", "Iv23unknown"])
    def test_an_unknown_app_is_not_found(self, caller, issuer):
        jwt = caller.jwt(iss=issuer)
        assert_refused(self.refused(caller, jwt), Refusal.NO_SUCH_APP)

    @pytest.mark.parametrize("jwt", [None, "ghs_nothing", "a.b.c", "a.b", "W10.W10.W10"])
    def test_what_is_no_jwt_cannot_be_decoded(self, caller, jwt):
        assert_refused(self.refused(caller, jwt), Refusal.UNDECODABLE)

    def test_a_signature_by_another_key_cannot_be_decoded(self, github):
        stranger = GitHubCaller(github, github.keys.private_key_file("stranger.pem"))
        assert_refused(self.refused(stranger, stranger.jwt()), Refusal.UNDECODABLE)

    @pytest.mark.parametrize("algorithm", ["HS256", "none"])
    def test_any_algorithm_but_rs256_is_refused(self, caller, algorithm):
        jwt = caller.jwt(header={"alg": algorithm, "typ": "JWT"})
        assert_refused(self.refused(caller, jwt), Refusal.UNDECODABLE)

    def test_the_scheme_token_is_not_for_jwts(self, caller):
        response = self.refused(caller, caller.jwt(), scheme="token")
        assert_refused(response, Refusal.UNDECODABLE)

    def test_every_key_of_the_app_is_known(self, github):
        github.change("set_keys", app_id=12345, keys=["app-12345.pem", "second.pem"])
        for key_file in github.key_files(12345):
            assert GitHubCaller(github, key_file).as_app("GET", "/app").status == 200

    def test_an_app_without_a_key_is_told_to_make_one(self, github, caller):
        github.change("set_keys", app_id=12345, keys=[])
        assert_refused(self.refused(caller, caller.jwt()), Refusal.NO_PUBLIC_KEY)

    @pytest.mark.parametrize("issued_at", [None, "1", 1.5, True])
    def test_issued_at_must_be_an_integer(self, caller, issued_at):
        jwt = caller.jwt(iat=issued_at)
        assert_refused(self.refused(caller, jwt), Refusal.ISSUED_AT)

    def test_it_must_not_come_from_the_future(self, caller):
        jwt = caller.jwt(iat=int(time.time()) + 30)
        assert_refused(self.refused(caller, jwt), Refusal.ISSUED_AT)

    @pytest.mark.parametrize("expires_at", [None, "9999999999", 9999999999.5, 1000])
    def test_its_expiration_must_be_a_number_in_the_future(self, caller, expires_at):
        jwt = caller.jwt(exp=expires_at)
        assert_refused(self.refused(caller, jwt), Refusal.EXPIRED)

    def test_it_may_expire_ten_minutes_ahead(self, caller):
        jwt = caller.jwt(exp=int(time.time()) + 600)
        assert caller.request("GET", "/app", jwt).status == 200

    def test_it_must_not_expire_more_than_ten_minutes_ahead(self, caller):
        jwt = caller.jwt(exp=int(time.time()) + 605)
        assert_refused(self.refused(caller, jwt), Refusal.TOO_FAR)

    def test_it_is_judged_by_the_clock_of_github(self, github, caller):
        jwt = caller.jwt()
        github.advance(301)
        assert_refused(self.refused(caller, jwt), Refusal.EXPIRED)


class TestHeaders:
    def test_a_user_agent_is_required(self, caller):
        response = caller.as_app("GET", "/app", drop=["User-Agent"])
        assert_refused(response, Refusal.NO_USER_AGENT)

    def test_an_unknown_version_is_refused(self, caller):
        response = caller.as_app("GET", "/app", X_GitHub_Api_Version="2001-01-01")
        assert_refused(response, Refusal.UNKNOWN_VERSION)

    def test_every_answer_has_the_date_and_an_id_of_its_own(self, caller):
        answers = [caller.as_app("GET", path) for path in ("/app", "/app", "/nothing")]
        assert all(answer.headers["Date"] for answer in answers)
        assert len({answer.headers["X-GitHub-Request-Id"] for answer in answers}) == 3

    def test_a_path_that_is_none_is_not_found(self, caller):
        assert_refused(caller.as_app("GET", "/nothing"), Refusal.NOT_FOUND)


class TestInstallations:
    @pytest.mark.parametrize(
        ("path", "installation"),
        [
            ("/app/installations/4242", 4242),
            ("/repos/octo-org/hello-world/installation", 4242),
            ("/repos/OCTO-ORG/Hello-World/installation", 4242),
            ("/repos/monalisa/notes/installation", 4343),
            ("/orgs/octo-org/installation", 4242),
            ("/users/octo-org/installation", 4242),
            ("/users/monalisa/installation", 4343),
        ],
    )
    def test_it_is_found(self, caller, path, installation):
        response = caller.as_app("GET", path)
        assert (response.status, response.json["id"]) == (200, installation)

    @pytest.mark.parametrize(
        "path",
        [
            "/app/installations/1",
            "/repos/octo-org/nothing/installation",
            "/repos/stranger/public/installation",
            "/repos/monalisa/not-selected/installation",
            "/orgs/monalisa/installation",
            "/users/stranger/installation",
        ],
    )
    def test_it_is_not_found(self, caller, path):
        assert_refused(caller.as_app("GET", path), Refusal.NOT_FOUND)

    def test_a_renamed_repository_has_moved_to_where_it_can_be_found(self, github, caller):
        response = caller.as_app("GET", "/repos/octo-org/old-name/installation")
        assert response.status == 301
        assert response.headers["Location"] == f"{github.url}/repositories/1003/installation"
        followed = caller.as_app("GET", "/repositories/1003/installation")
        assert (followed.status, followed.json["id"]) == (200, 4242)

    def test_they_are_listed_in_pages(self, github, caller):
        first = caller.as_app("GET", "/app/installations?per_page=1")
        assert [it["id"] for it in first.json] == [4242]
        next_page = f"<{github.url}/app/installations?per_page=1&page=2>"
        assert f'{next_page}; rel="next", {next_page}; rel="last"' == first.headers["Link"]
        second = caller.as_app("GET", "/app/installations?per_page=1&page=2")
        assert [it["id"] for it in second.json] == [4343]
        assert 'rel="prev"' in second.headers["Link"] and 'rel="next"' not in second.headers["Link"]

    def test_those_that_changed_since_can_be_asked_for(self, github, caller):
        path = "/app/installations?since="
        before = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert caller.as_app("GET", path + before).json == []
        github.change("suspend", installation=4343)
        (changed,) = caller.as_app("GET", path + before).json
        assert (changed["id"], changed["updated_at"] >= before) == (4343, True)
        assert len(caller.as_app("GET", path + "2024-01-01T00:00:00Z").json) == 2
        assert_refused(caller.as_app("GET", path + "yesterday"), Refusal.INVALID_REQUEST)

    def test_a_suspended_one_is_still_shown(self, github, caller):
        github.change("suspend", installation=4242)
        assert caller.as_app("GET", "/app/installations/4242").json["suspended_at"]

    def test_another_apps_installation_is_not_found(self, github, caller):
        github.change("add_app", app_id=2, client_id="Iv1.b", slug="b", keys=["app-12345.pem"])
        github.change("add_installation", id=9, app_id=2, account="elsewhere")
        assert_refused(caller.as_app("GET", "/app/installations/9"), Refusal.NOT_FOUND)
        jwt = caller.jwt(iss=2)
        assert caller.request("GET", "/app/installations/9", jwt).status == 200


class TestMint:
    def test_without_a_body_the_token_may_all_that_the_installation_may(self, caller):
        minted = caller.mint()
        assert minted.status == 201
        assert minted.json["permissions"] == DEFAULT_WORLD["installations"][0]["permissions"]
        assert minted.json["repository_selection"] == "all"
        assert "repositories" not in minted.json

    def test_it_lasts_an_hour(self, caller):
        expires_at = datetime.fromisoformat(caller.mint().json["expires_at"])
        left = expires_at - datetime.now(timezone.utc)
        assert 3595 < left.total_seconds() <= 3600

    def test_it_is_scoped_to_what_was_asked_for(self, caller):
        minted = caller.mint(repositories=["Hello-World"], permissions={"contents": "read"}).json
        assert minted["permissions"] == {"contents": "read", "metadata": "read"}
        assert minted["repository_selection"] == "selected"
        assert [it["full_name"] for it in minted["repositories"]] == ["octo-org/hello-world"]

    def test_repositories_may_be_named_by_id(self, caller):
        minted = caller.mint(repository_ids=[1002]).json
        assert [it["full_name"] for it in minted["repositories"]] == ["octo-org/private-repo"]

    def test_a_permission_about_the_account_brings_no_metadata(self, caller):
        assert caller.mint(permissions={"members": "read"}).json["permissions"] == {
            "members": "read"
        }

    def test_a_token_of_an_installation_on_selected_repositories_says_so(self, caller):
        assert caller.mint(4343).json["repository_selection"] == "selected"

    @pytest.mark.parametrize(
        ("body", "refusal"),
        [
            ({"permissions": {"checks": "read"}}, Refusal.NOT_GRANTED),
            ({"permissions": {"contents": "admin"}}, Refusal.LEVEL_NOT_GRANTED),
            ({"permissions": {"contents": "some"}}, Refusal.INVALID_REQUEST),
            ({"permissions": ["contents"]}, Refusal.INVALID_REQUEST),
            ({"repositories": ["nothing"]}, Refusal.REPOSITORY_NOT_ACCESSIBLE),
            ({"repositories": ["octo-org/hello-world"]}, Refusal.REPOSITORY_NOT_ACCESSIBLE),
            ({"repository_ids": [2001]}, Refusal.REPOSITORY_NOT_ACCESSIBLE),
            ({"repositories": ["hello-world"] * 501}, Refusal.TOO_MANY_REPOSITORIES),
            ({"repositories": "hello-world"}, Refusal.INVALID_REQUEST),
            ({"repositories": ["a"], "repository_ids": [1]}, Refusal.INVALID_REQUEST),
            ({"lifetime": 60}, Refusal.INVALID_REQUEST),
            ("{", Refusal.BAD_JSON),
            ("[]", Refusal.BAD_JSON),
        ],
    )
    def test_a_bad_body_is_refused(self, caller, body, refusal):
        path = "/app/installations/4242/access_tokens"
        response = caller.as_app("POST", path, body)
        assert_refused(response, refusal)
        assert ("errors" in response.json) == (refusal.status == 422)

    def test_a_repository_that_is_not_selected_is_not_accessible(self, caller):
        response = caller.mint(4343, repositories=["not-selected"])
        assert_refused(response, Refusal.REPOSITORY_NOT_ACCESSIBLE)

    def test_a_suspended_installation_gives_none(self, github, caller):
        github.change("suspend", installation=4242)
        assert_refused(caller.mint(), Refusal.SUSPENDED)
        github.change("unsuspend", installation=4242)
        assert caller.mint().status == 201

    def test_an_installation_that_is_gone_is_not_found(self, github, caller):
        github.change("reinstall", installation=4242, new_id=5252)
        assert_refused(caller.mint(4242), Refusal.NOT_FOUND)
        assert caller.mint(5252).status == 201

    @pytest.mark.parametrize("length", [40, 390, 520, 4096])
    def test_tokens_come_in_every_length(self, github, caller, length):
        github.fault(CREATE_TOKEN, token_length=length)
        token = caller.token()
        assert len(token) == length
        assert token.startswith("ghs_" if length == 40 else "ghs_12345_")
        assert token.count(".") == (0 if length == 40 else 2)
        assert caller.request("GET", PRIVATE, token).status == 200


class TestToken:
    @pytest.mark.parametrize("scheme", ["Bearer", "token"])
    def test_it_opens_a_repository(self, caller, scheme):
        response = caller.request("GET", PRIVATE, caller.token(), scheme=scheme)
        assert (response.status, response.json["id"]) == (200, 1002)

    def test_it_opens_no_repository_outside_its_scope(self, caller):
        token = caller.token(repositories=["hello-world"])
        assert_refused(caller.request("GET", PRIVATE, token), Refusal.NOT_FOUND)

    def test_it_opens_what_is_public_anywhere(self, caller):
        token = caller.token(repositories=["private-repo"])
        assert caller.request("GET", "/repos/stranger/public", token).status == 200

    def test_it_lists_just_its_repositories(self, caller):
        token = caller.token(repositories=["hello-world"])
        listed = caller.request("GET", "/installation/repositories", token).json
        assert [it["full_name"] for it in listed["repositories"]] == ["octo-org/hello-world"]
        assert (listed["total_count"], listed["repository_selection"]) == (1, "selected")

    def test_a_repository_that_is_no_longer_selected_is_lost_to_it(self, github, caller):
        token = caller.token(repositories=["private-repo"])
        github.change("select", installation=4242, repositories=["octo-org/hello-world"])
        assert_refused(caller.request("GET", PRIVATE, token), Refusal.NOT_FOUND)

    def test_a_renamed_repository_is_found_where_it_went(self, github, caller):
        token = caller.token()
        github.change("rename", repository="octo-org/private-repo", to="octo-org/other")
        moved = caller.request("GET", PRIVATE, token)
        assert (moved.status, moved.json["url"]) == (301, moved.headers["Location"])
        followed = caller.request("GET", "/repositories/1002", token)
        assert followed.json["full_name"] == "octo-org/other"

    def test_without_metadata_it_may_not_read_repositories(self, caller):
        token = caller.token(permissions={"members": "read"})
        response = caller.request("GET", HELLO, token)
        assert_refused(response, Refusal.NOT_ACCESSIBLE)
        assert response.headers["X-Accepted-GitHub-Permissions"] == "metadata=read"

    def test_it_ends_with_its_hour(self, github, caller):
        token = caller.token()
        github.advance(3590)
        assert caller.request("GET", HELLO, token).status == 200
        github.advance(15)
        assert_refused(caller.request("GET", HELLO, token), Refusal.BAD_CREDENTIALS)

    def test_once_deleted_it_is_dead(self, caller):
        token, other = caller.token(), caller.token()
        assert caller.request("DELETE", "/installation/token", token).status == 204
        again = caller.request("DELETE", "/installation/token", token)
        assert_refused(again, Refusal.BAD_CREDENTIALS)
        assert caller.request("GET", HELLO, other).status == 200

    @pytest.mark.parametrize("change", ["suspend", "uninstall"])
    def test_it_ends_with_its_installation(self, github, caller, change):
        token = caller.token()
        github.change(change, installation=4242)
        assert_refused(caller.request("GET", HELLO, token), Refusal.BAD_CREDENTIALS)

    def test_all_can_be_revoked_at_once(self, github, caller):
        token = caller.token()
        github.revoke_tokens()
        assert_refused(caller.request("GET", HELLO, token), Refusal.BAD_CREDENTIALS)

    @pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
    def test_a_stranger_is_refused_even_what_is_public(self, caller, scheme):
        response = caller.request("GET", HELLO, "ghs_" + "x" * 36, scheme=scheme)
        assert_refused(response, Refusal.BAD_CREDENTIALS)

    def test_nobody_may_read_what_is_public_and_nothing_else(self, caller):
        assert caller.request("GET", HELLO).status == 200
        assert_refused(caller.request("GET", PRIVATE), Refusal.NOT_FOUND)
        response = caller.request("GET", "/installation/repositories")
        assert_refused(response, Refusal.REQUIRES_AUTHENTICATION)

    def test_its_uses_are_counted_against_the_quota(self, caller):
        first, second = caller.token(), caller.token()
        assert caller.request("GET", HELLO, first).headers["x-ratelimit-remaining"] == "4999"
        assert caller.request("GET", HELLO, second).headers["x-ratelimit-remaining"] == "4998"
        core = caller.request("GET", "/rate_limit", first).json["resources"]["core"]
        assert (core["limit"], core["used"]) == (5000, 2)

    def test_a_quota_that_is_used_up_refuses_until_it_is_reset(self, github, caller):
        token = caller.token()
        github.state.api.tokens.quota(4242, time.time()).used = 5000
        refused = caller.request("GET", HELLO, token)
        assert_refused(refused, Refusal.RATE_LIMIT_EXCEEDED)
        assert refused.headers["x-ratelimit-remaining"] == "0"
        github.fault(CREATE_TOKEN, lifetime=9000)
        later = caller.token()
        github.advance(3601)
        assert caller.request("GET", HELLO, later).status == 200


class TestEnterpriseServer:
    @pytest.fixture
    def old(self, github):
        with FakeGitHub(github.keys.directory, ghes="3.17") as server:
            yield server

    def test_its_api_is_below_a_prefix(self, old):
        caller = GitHubCaller(old)
        assert_refused(caller.as_app("GET", "/app"), Refusal.NOT_FOUND)
        response = caller.as_app("GET", "/api/v3/repos/octo-org/old-name/installation")
        assert response.headers["Location"] == f"{old.api_base}/repositories/1003/installation"
        assert response.headers["X-GitHub-Enterprise-Version"] == "enterprise-server@3.17"

    def test_an_old_one_knows_no_client_ids(self, old):
        caller = GitHubCaller(old)
        response = caller.request("GET", "/api/v3/app", caller.jwt(iss=CLIENT_ID))
        assert_refused(response, Refusal.ISSUER_NOT_INTEGER)

    def test_a_new_one_does(self, github):
        with FakeGitHub(github.keys.directory, ghes="3.18") as server:
            caller = GitHubCaller(server)
            assert caller.request("GET", "/api/v3/app", caller.jwt(iss=CLIENT_ID)).status == 200

    def test_it_limits_no_rates(self, old):
        caller = GitHubCaller(old)
        response = caller.as_app("GET", "/api/v3/rate_limit")
        assert_refused(response, Refusal.NO_RATE_LIMIT)


class TestServer:
    def test_hundreds_of_connections_are_served_at_once(self, github, caller):
        github.fault("GET /app", latency=0.5)
        jwt = caller.jwt()
        with ThreadPoolExecutor(300) as pool:
            answers = list(pool.map(lambda _: caller.request("GET", "/app", jwt), range(300)))
        assert {answer.status for answer in answers} == {200}
        assert github.calls("GET /app") == 300

    def test_a_connection_is_kept(self, github, caller):
        connection = caller.connect()
        for _ in range(5):
            connection.request("GET", HELLO, headers={"User-Agent": "test"})
            assert connection.getresponse().read()
        connection.close()
        assert github.state.calls.connections == 1

    def test_stopped_and_started_it_still_knows_its_tokens(self, github, caller):
        token = caller.token()
        github.stop()
        with pytest.raises(ConnectionRefusedError):
            caller.request("GET", HELLO, token)
        github.start()
        assert caller.request("GET", HELLO, token).status == 200

    def test_its_keys_are_for_nobody_else(self, github):
        modes = {os.stat(path).st_mode & 0o777 for path in github.key_files(12345)}
        assert modes == {0o600}

    def test_lifetime_and_length_can_be_chosen_for_all_tokens(self, github):
        minting = Minting(lifetime=60, token_length=520)
        with FakeGitHub(github.keys.directory, minting=minting) as server:
            caller = GitHubCaller(server)
            token = caller.token()
            assert len(token) == 520
            server.advance(61)
            assert_refused(caller.request("GET", HELLO, token), Refusal.BAD_CREDENTIALS)
