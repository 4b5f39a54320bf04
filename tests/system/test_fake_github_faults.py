"""What can be made to go wrong in the stand-in, what it counts, and how it is used by hand."""

import http.client
import json
import subprocess
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_github import CREATE_TOKEN, FakeGitHub, Refusal
from github_caller import GitHubCaller
from tokman_daemon import wait_until

HELLO = "/repos/octo-org/hello-world"
PROGRAM = Path(__file__).parent.parent / "support" / "fake_github.py"


class TestFaults:
    def test_answers_come_one_after_the_other_and_then_githubs(self, github, caller):
        github.fault("GET /app", answers=[502, None, {"status": 503, "body": {"message": "no"}}])
        answers = [caller.as_app("GET", "/app") for _ in range(4)]
        assert [it.status for it in answers] == [502, 200, 503, 200]
        assert (answers[0].message, answers[2].message) == ("Server Error", "no")

    def test_the_last_answer_lasts_as_long_as_the_fault(self, github, caller):
        github.fault("GET /app", answers=[500, 503], times=4)
        statuses = [caller.as_app("GET", "/app").status for _ in range(5)]
        assert statuses == [500, 503, 503, 503, 200]

    def test_an_answer_that_was_set_mints_nothing(self, github, caller):
        github.fault(CREATE_TOKEN, answers=[{"status": 201, "body": "{}"}])
        assert caller.mint().text == "{}"

    def test_answers_may_have_headers_of_their_own(self, github, caller):
        headers = {"retry-after": "60", "x-ratelimit-remaining": "0"}
        github.fault(CREATE_TOKEN, answers=[{"status": 403, "headers": headers}])
        limited = caller.mint()
        assert limited.status == 403
        assert limited.headers["retry-after"] == "60"
        assert limited.headers["x-ratelimit-remaining"] == "0"

    @pytest.mark.parametrize("refusal", list(Refusal))
    def test_every_refusal_can_be_given_by_its_name(self, github, caller, refusal):
        github.fault(CREATE_TOKEN, answers=[refusal.name])
        refused = caller.mint()
        assert (refused.status, refused.message) == refusal.value

    def test_a_refusal_may_have_headers(self, github, caller):
        answer = {"refusal": "SECONDARY_LIMIT", "headers": {"Retry-After": "7"}}
        github.fault(CREATE_TOKEN, answers=[answer])
        assert caller.mint().headers["Retry-After"] == "7"

    def test_headers_can_be_added_to_githubs_own_answer(self, github, caller):
        github.fault("GET /app", headers={"Sunset": "soon"})
        answer = caller.as_app("GET", "/app")
        assert (answer.status, answer.headers["Sunset"]) == (200, "soon")

    def test_a_fault_meets_its_route_only(self, github, caller):
        github.fault("GET /app/installations/{whatever}", answers=[500])
        assert caller.as_app("GET", "/app").status == 200
        assert caller.as_app("GET", "/app/installations/4242").status == 500

    def test_a_fault_may_be_for_some_paths_only(self, github, caller):
        github.fault(CREATE_TOKEN, path="/4242/", answers=[500])
        assert caller.mint(4343).status == 201
        assert caller.mint(4242).status == 500

    def test_a_fault_without_a_route_meets_them_all(self, github, caller):
        github.fault(answers=[500, 500])
        assert caller.mint().status == 500
        assert caller.request("GET", HELLO).status == 500

    def test_a_fault_ends_after_its_times(self, github, caller):
        github.fault("GET /app", garbage=True, times=1)
        assert caller.as_app("GET", "/app").text != caller.as_app("GET", "/app").text

    def test_faults_meet_and_the_last_one_decides(self, github, caller):
        github.fault(CREATE_TOKEN, token_length=390, lifetime=60)
        github.fault(CREATE_TOKEN, token_length=520)
        minted = caller.mint().json
        assert len(minted["token"]) == 520
        github.advance(61)
        assert caller.request("GET", HELLO, minted["token"]).status == 401

    def test_an_answer_may_take_its_time(self, github, caller):
        github.fault("GET /app", latency=0.2)
        start = time.monotonic()
        assert caller.as_app("GET", "/app").status == 200
        assert 0.2 <= time.monotonic() - start < 2

    def test_stopping_waits_for_no_latency(self, github):
        with FakeGitHub(github.keys.directory) as server:
            server.fault("GET /app", latency=60)
            connection = GitHubCaller(server).connect()
            connection.request("GET", "/app", headers={"User-Agent": "test"})
            wait_until(lambda: server.calls("GET /app") == 1, lambda: "no call arrived")
            start = time.monotonic()
        assert time.monotonic() - start < 2
        connection.close()

    def test_a_connection_may_be_reset(self, github, caller):
        github.fault(CREATE_TOKEN, reset=True, times=1)
        with pytest.raises(ConnectionResetError):
            caller.mint()
        assert caller.mint().status == 201

    def test_a_connection_may_be_reset_in_the_middle_of_a_body(self, github, caller):
        github.fault(CREATE_TOKEN, half_body=True, reset=True)
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            caller.mint()
        assert github.requests(CREATE_TOKEN)[0]["status"] == 201

    def test_half_a_body_may_arrive(self, github, caller):
        github.fault(CREATE_TOKEN, half_body=True)
        with pytest.raises(http.client.IncompleteRead):
            caller.mint()

    def test_a_body_may_be_garbage(self, github, caller):
        github.fault(CREATE_TOKEN, garbage=True)
        minted = caller.mint()
        assert minted.status == 201
        with pytest.raises(json.JSONDecodeError):
            json.loads(minted.text)

    def test_the_date_may_be_wrong_while_the_clock_is_right(self, github, caller):
        github.fault("GET /app", date_skew=-3600)
        answer = caller.as_app("GET", "/app")
        age = time.time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
        assert answer.status == 200 and 3595 < age < 3605

    def test_a_new_token_may_be_refused_for_some_time(self, github, caller):
        github.fault(CREATE_TOKEN, lag_seconds=5)
        token = caller.token()
        refused = caller.request("GET", HELLO, token)
        assert (refused.status, refused.message) == Refusal.BAD_CREDENTIALS.value
        github.advance(6)
        assert caller.request("GET", HELLO, token).status == 200

    def test_a_new_token_may_be_refused_for_some_uses(self, github, caller):
        github.fault(CREATE_TOKEN, lag_uses=2)
        token = caller.token()
        statuses = [caller.request("GET", HELLO, token).status for _ in range(3)]
        assert statuses == [401, 401, 200]

    def test_a_new_token_may_be_known_before_what_it_may_do(self, github, caller):
        github.fault(CREATE_TOKEN, permission_lag_seconds=5)
        token = caller.token()
        refused = caller.request("GET", HELLO, token)
        assert (refused.status, refused.message) == Refusal.NOT_ACCESSIBLE.value
        github.advance(6)
        assert caller.request("GET", HELLO, token).status == 200

    def test_faults_can_be_cleared(self, github, caller):
        github.fault("GET /app", answers=[500])
        github.clear_faults()
        assert caller.as_app("GET", "/app").status == 200

    @pytest.mark.parametrize(
        "wrong", [{"route": "GET /nothing"}, {"latencies": 1}, {"path": "("}, {"answers": ["UNKNOWN"]}]
    )
    def test_a_fault_that_means_nothing_is_refused(self, github, wrong):
        with pytest.raises(ValueError, match=r"\w"):
            github.fault(**wrong)


class TestCalls:
    def test_they_are_counted_by_route(self, github, caller):
        caller.mint(4242)
        caller.mint(4343)
        caller.request("GET", HELLO)
        caller.request("GET", "/nothing")
        counted = github.state.calls.to_json()
        assert counted["routes"] == {CREATE_TOKEN: 2, "GET /repos/{owner}/{repo}": 1, "unknown": 1}
        assert (counted["total"], github.mints) == (4, 2)

    def test_they_are_kept_without_the_credential(self, github, caller):
        jwt, path = caller.jwt(), "/app/installations/4242/access_tokens?a=b"
        caller.request("POST", path, jwt, {"permissions": {}})
        (call,) = github.requests(CREATE_TOKEN)
        assert call["path"] == "/app/installations/4242/access_tokens"
        assert (call["query"], call["body"]) == ({"a": "b"}, '{"permissions": {}}')
        assert call["headers"]["user-agent"] == "test"
        assert call["headers"]["authorization"] == "Bearer <secret>"
        assert (call["claims"]["iss"], call["status"]) == ("12345", 201)
        assert jwt not in json.dumps(call)

    def test_they_can_be_forgotten(self, github, caller):
        caller.mint()
        github.forget_calls()
        assert (github.mints, github.requests()) == (0, [])


class TestControl:
    def control(self, caller, method, name, body=None):
        return caller.request(method, f"/_control/{name}", body=body, drop=["User-Agent"])

    def test_calls_are_shown(self, caller):
        caller.mint()
        shown = self.control(caller, "GET", "calls").json
        assert shown["routes"] == {CREATE_TOKEN: 1}
        assert [it["route"] for it in shown["requests"]] == [CREATE_TOKEN]

    def test_faults_are_set_shown_and_cleared(self, caller):
        faults = [{"route": "GET /app", "answers": [500, 501]}, {"garbage": True}]
        assert self.control(caller, "POST", "faults", faults).status == 200
        assert caller.as_app("GET", "/app").status == 500
        assert self.control(caller, "GET", "faults").json[0]["answers"] == [501]
        self.control(caller, "DELETE", "faults")
        assert caller.as_app("GET", "/app").status == 200

    def test_the_world_is_shown_and_changed(self, caller):
        change = {"change": "add_repository", "repository": "octo-org/new", "private": False}
        changed = self.control(caller, "POST", "world", change)
        assert changed.json == self.control(caller, "GET", "world").json
        assert caller.request("GET", "/repos/octo-org/new").status == 200

    def test_the_clock_is_moved(self, caller):
        moved = self.control(caller, "POST", "clock", {"advance": 1000}).json
        assert 990 < moved["now"] - time.time() < 1010

    def test_a_reset_forgets_everything(self, caller):
        token = caller.token()
        self.control(caller, "POST", "faults", {"answers": [500]})
        self.control(caller, "POST", "clock", {"advance": 1000})
        self.control(caller, "POST", "world", {"change": "delete_app", "app_id": 12345})
        self.control(caller, "POST", "reset")
        assert self.control(caller, "GET", "calls").json["total"] == 0
        assert caller.as_app("GET", "/app").status == 200
        assert caller.request("GET", HELLO, token).status == 401

    @pytest.mark.parametrize(
        ("name", "body"),
        [
            ("world", {"change": "nothing"}),
            ("world", {"change": "suspend", "installation": 1}),
            ("world", {"change": "suspend"}),
            ("faults", "{"),
            ("clock", {}),
            ("sign_delivery", {"app_id": 1, "event": "push", "payload": {}}),
        ],
    )
    def test_what_cannot_be_done_is_refused(self, caller, name, body):
        refused = self.control(caller, "POST", name, body)
        assert refused.status == 400
        assert refused.message

    def test_an_unknown_control_names_the_known_ones(self, caller):
        answer = self.control(caller, "GET", "nothing")
        assert answer.status == 404
        assert "GET /_control/calls" in answer.json["controls"]

    @pytest.mark.parametrize(
        ("change", "arguments", "left"),
        [
            ("set_permissions", {"installation": 4242, "permissions": {"checks": "read"}}, 422),
            ("delete_repository", {"repository": "octo-org/hello-world"}, 422),
            ("select", {"installation": 4242, "repositories": []}, 422),
            ("uninstall", {"installation": 4242}, 404),
            ("delete_app", {"app_id": 12345}, 404),
        ],
    )
    def test_changes_are_felt_by_the_next_mint(self, github, caller, change, arguments, left):
        asked = {"repositories": ["hello-world"], "permissions": {"contents": "read"}}
        assert caller.mint(**asked).status == 201
        github.change(change, **arguments)
        assert caller.mint(**asked).status == left


class TestByHand:
    @pytest.fixture
    def start(self, tmp_path):
        started = []

        def start(*arguments):
            command = [PROGRAM, "--port", "0", "--directory", tmp_path, *arguments]
            started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            port_file = tmp_path / "port"
            wait_until(port_file.exists, lambda: "no port was written")
            return SimpleNamespace(
                port=int(port_file.read_text()),
                ca_file=tmp_path / "ca.pem",
                key_files=lambda _app: [tmp_path / "app-12345.pem"],
                process=started[0],
            )

        yield start
        for process in started:
            process.terminate()
            process.communicate(timeout=10)

    def test_it_says_where_it_is_and_answers_there(self, start, tmp_path):
        github = start()
        caller = GitHubCaller(github)
        said = github.process.stdout.readline() + github.process.stdout.readline()
        assert f"https://localhost:{github.port}" in said
        assert str(tmp_path / "ca.pem") in said
        assert caller.request("GET", HELLO, caller.token()).status == 200

    def test_it_ends_with_status_0_when_told_to(self, start):
        github = start()
        github.process.terminate()
        assert github.process.wait(10) == 0

    def test_it_can_be_another_world(self, start, tmp_path):
        printed = subprocess.run([PROGRAM, "--print-world"], stdout=subprocess.PIPE, check=True)
        world = json.loads(printed.stdout)
        world["installations"][0]["id"] = 77
        (tmp_path / "world.json").write_text(json.dumps(world))
        github = start(
            "--world", tmp_path / "world.json", "--lifetime", "60", "--token-length", "390"
        )
        assert len(GitHubCaller(github).token(77)) == 390

    def test_it_explains_itself(self):
        told = subprocess.run([PROGRAM, "--help"], stdout=subprocess.PIPE, text=True, check=True)
        for word in ("/_control/faults", CREATE_TOKEN, "--ghes", "add_repository", "lag_uses"):
            assert word in told.stdout
