"""Tokens from a running daemon: one mint for each need, also through restarts."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tokman_daemon import DaemonError, receive, send, wait_until

GET_TOKEN = "io.tokman.GitHub.GetToken"
MINT = "POST /app/installations/{id}/access_tokens"
LOOKUP = "GET /repos/{owner}/{repo}/installation"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"


def commits(daemon):
    """Changes with every commit to the store, and last of all: LMDB's two meta pages."""
    with open(daemon.directory / "state" / "data.mdb", "rb") as store:
        return store.read(2 * 4096)


class TestOneMintForEachNeed:
    def test_a_thousand_first_requests_for_one_key_cost_one_mint(self, daemon, github):
        github.fault(MINT, latency=0.3)  # So that all of them come before it is answered.
        everybody_is_there = threading.Barrier(100)

        def ask(_number):
            with daemon.connect() as connection:
                everybody_is_there.wait()
                for _ in range(10):
                    send(connection, GET_TOKEN, {"target": TARGET})
                return [receive(connection) for _ in range(10)]

        with ThreadPoolExecutor(100) as pool:
            answers = [answer for list_ in pool.map(ask, range(100)) for answer in list_]
        assert len(answers) == 1000
        assert len({answer["token"] for answer in answers}) == 1
        assert len({json.dumps({**answer, "source": ""}) for answer in answers}) == 1
        assert github.mints == 1
        assert github.calls(LOOKUP) == 1

    def test_one_who_leaves_takes_nothing_from_those_who_wait(self, daemon, github):
        github.fault(MINT, latency=0.3)
        with daemon.connect() as leaver, daemon.connect() as waiter:
            send(leaver, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
            send(waiter, GET_TOKEN, {"target": TARGET})
            leaver.close()
            assert receive(waiter)["source"] == "minted"
        assert github.mints == 1

    def test_what_was_asked_for_in_vain_is_there_for_the_next(self, daemon, github):
        github.fault(MINT, latency=0.2)
        with daemon.connect() as leaver:
            send(leaver, GET_TOKEN, {"target": TARGET})
            wait_until(lambda: github.mints == 1)
        wait_until(lambda: daemon.status()["tokens_cached"] == 1)
        assert daemon.token(TARGET)["source"] == "cache"

    @pytest.mark.parametrize(
        "same",
        [
            {"target": "Octo-Org/HELLO-World"},
            {"target": TARGET, "app": "ci"},
            {"target": TARGET, "min_lifetime": 600},
            {"target": TARGET, "repositories": ["hello-world"]},
        ],
    )
    def test_the_same_need_in_other_words_costs_no_second_mint(self, daemon, github, same):
        asked = {"permissions": {"contents": "read"}, "target": TARGET}
        first = daemon.call(GET_TOKEN, asked)
        second = daemon.call(GET_TOKEN, {"permissions": {"contents": "read"}, **same})
        assert (first["token"], second["source"]) == (second["token"], "cache")
        assert github.mints == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"target": OTHER},
            {"target": "octo-org"},
            {"target": TARGET, "permissions": {"contents": "write"}},
            {"target": TARGET, "permissions": {"issues": "read"}},
            {"target": TARGET, "repositories": ["private-repo"]},
        ],
    )
    def test_another_need_has_another_token(self, daemon, github, other):
        asked = {"permissions": {"contents": "read"}, "target": TARGET}
        first = daemon.call(GET_TOKEN, asked)
        second = daemon.call(GET_TOKEN, {"permissions": {"contents": "read"}, **other})
        assert first["token"] != second["token"]
        assert github.mints == 2

    def test_two_repositories_of_an_owner_share_the_lookup_of_the_installation(
        self, daemon, github
    ):
        daemon.token(TARGET)
        daemon.token(OTHER)
        assert (github.mints, github.calls(LOOKUP)) == (2, 1)


class TestWhatATokenIs:
    def test_it_has_what_was_asked_for_and_no_more(self, daemon, github, caller):
        answer = daemon.token(OTHER, permissions={"contents": "read"})
        assert answer["permissions"] == {"contents": "read", "metadata": "read"}
        assert answer["repositories"] == ["private-repo"]
        (request,) = github.requests(MINT)
        assert json.loads(request["body"]) == {
            "repositories": ["private-repo"],
            "permissions": {"contents": "read"},
        }
        assert caller.request("GET", f"/repos/{OTHER}", answer["token"]).status == 200

    def test_a_whole_installation_is_named_by_its_owner(self, daemon, github):
        assert daemon.token("octo-org")["repositories"] == []
        (request,) = github.requests(MINT)
        assert "repositories" not in json.loads(request["body"])

    def test_a_configured_installation_is_not_looked_up(self, make_daemon, github):
        daemon = make_daemon()
        daemon.edit_config("[[grant]]", "installations = { Octo-Org = 4242 }\n[[grant]]")
        assert daemon.start().token(TARGET)["installation_id"] == 4242
        assert [it["route"] for it in github.asked()] == [MINT]

    @pytest.mark.parametrize("length", [40, 400, 4096])
    def test_it_may_be_of_any_length_that_github_gives(self, daemon, github, length):
        github.fault(MINT, token_length=length)
        assert len(daemon.token(TARGET)["token"]) == length

    def test_a_user_can_be_its_owner(self, daemon):
        assert daemon.token("monalisa/notes")["installation_id"] == 4343


class TestLifetime:
    def test_more_than_a_token_can_live_is_refused_without_asking_github(self, daemon, github):
        with pytest.raises(DaemonError, match="LifetimeUnsatisfiable") as caught:
            daemon.token(TARGET, min_lifetime=3301)
        assert caught.value.parameters["field"] == "min_lifetime"
        assert caught.value.parameters["retryable"] is False
        assert github.asked() == []

    def test_the_most_that_may_be_asked_for_is_given(self, daemon):
        answer = daemon.token(TARGET, min_lifetime=3300)
        assert answer["expires_at"] - answer["minted_at"] >= 3300

    def test_a_cached_token_that_ends_too_soon_is_not_given(self, daemon, github):
        github.fault(MINT, lifetime=1200, times=1)
        short = daemon.token(TARGET)
        assert daemon.token(TARGET, min_lifetime=600)["token"] == short["token"]
        assert daemon.token(TARGET, min_lifetime=1800)["source"] == "minted"
        assert github.mints == 2

    def test_a_lifetime_that_github_does_not_give_is_an_error(self, daemon, github):
        github.fault(MINT, lifetime=1200)
        with pytest.raises(DaemonError, match="LifetimeUnsatisfiable") as caught:
            daemon.token(TARGET, min_lifetime=1800)
        assert "20m" in caught.value.parameters["message"]

    def test_short_tokens_are_given_to_those_who_do_not_ask_for_long_ones(self, daemon, github):
        github.fault(MINT, lifetime=90)
        first = daemon.token(TARGET)
        assert daemon.token(TARGET)["token"] == first["token"]
        assert github.mints == 1


class TestRestart:
    def test_it_costs_no_mint(self, daemon, github):
        before = [daemon.token(target)["token"] for target in (TARGET, OTHER, "monalisa")]
        daemon.restart()
        github.forget_calls()
        after = [daemon.token(target) for target in (TARGET, OTHER, "monalisa")]
        assert [answer["token"] for answer in after] == before
        assert {answer["source"] for answer in after} == {"cache"}
        assert github.mints == 0

    def test_being_killed_costs_no_mint(self, make_daemon, github):
        daemon = make_daemon()
        daemon.edit_config("[[grant]]", "installations = { octo-org = 4242 }\n[[grant]]")
        daemon.start().token(OTHER)
        daemon.restart()  # So that nothing else is left to be written, as what time GitHub has.
        github.forget_calls()
        empty = commits(daemon)
        before = daemon.token(TARGET)["token"]
        wait_until(lambda: commits(daemon) != empty)
        daemon.kill()
        daemon.start()
        assert daemon.token(TARGET)["token"] == before
        assert github.mints == 1

    def test_it_costs_no_mint_when_github_is_down(self, daemon, github):
        before = daemon.token(TARGET)["token"]
        daemon.stop()
        github.stop()
        daemon.start()
        assert daemon.token(TARGET)["token"] == before

    def test_tokens_that_ended_meanwhile_are_not_given(self, daemon, github):
        github.fault(MINT, lifetime=7, times=1)
        short = daemon.token(TARGET)
        daemon.stop()
        # Not given within 5 s of its end; dates in whole seconds leave it unsure by less than 2 s.
        wait_until(lambda: time.time() > short["expires_at"] - 3)
        daemon.start()
        assert daemon.token(TARGET)["token"] != short["token"]
