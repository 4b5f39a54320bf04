"""The history of access tokens over the real socket, and the jobs that end tokens and forget it."""

import os
import pwd
import time

import pytest
from tokman_daemon import DaemonError, wait_until

ACCESS = "io.tokman.Access."
DAEMON = "io.tokman.Daemon."


@pytest.fixture
def daemon(make_daemon):
    """Its tests may have tokens of their own, and are administrators."""
    daemon = make_daemon()
    scopes = 'scopes = ["github:token", "admin:daemon"'
    daemon.edit_config(scopes, scopes + ', "user:token", "admin:token"')
    return daemon.start()


def history(daemon, **filters):
    return daemon.call(ACCESS + "GetChangeHistory", filters)


def refusal(daemon, method, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, parameters)
    return caught.value


def make_token(daemon, name="laptop", **parameters):
    return daemon.call(
        ACCESS + "CreateUserToken", {"name": name, "scopes": ["user:token"], **parameters}
    )["info"]


class TestEntries:
    def test_a_creation_is_told_with_who_did_it_and_from_which_process(self, daemon):
        before = int(time.time())
        token = make_token(daemon)
        (entry,) = history(daemon)["entries"]
        user = pwd.getpwuid(os.getuid()).pw_name
        assert before <= entry.pop("event_time") <= int(time.time())
        assert entry.pop("id").split("_")[1] == "1"
        assert entry["pid"] == os.getpid()
        wanted = {
            "kind": "token",
            "action": "create",
            "actor": user,
            "uid": os.getuid(),
            "gid": os.getgid(),
            "token": token["key"],
            "type": "user",
            "username": user,
            "name": "laptop",
            "scopes": ["user:token"],
            "expires": token["expires"],
        }
        assert {name: entry[name] for name in wanted} == wanted
        assert not any(name.startswith("old_") for name in entry)

    def test_an_edit_tells_what_was_before_and_a_deletion_what_was_at_the_end(self, daemon):
        token = make_token(daemon)
        daemon.call(
            ACCESS + "ModifyToken",
            {"key": token["key"], "name": "desktop", "scopes": [], "no_expire": True},
        )
        daemon.call(ACCESS + "DeleteToken", {"key": token["key"]})
        revoke, edit, create = history(daemon, key=token["key"])["entries"]
        assert (revoke["action"], edit["action"], create["action"]) == ("revoke", "edit", "create")
        assert (edit["name"], edit["old_name"]) == ("desktop", "laptop")
        assert (edit["scopes"], edit["old_scopes"]) == ([], ["user:token"])
        assert (edit.get("expires"), edit["old_expires"]) == (None, token["expires"])
        assert revoke["name"] == "desktop"

    def test_an_expiry_that_was_never_is_told_as_0(self, daemon):
        token = make_token(daemon, no_expire=True)
        daemon.call(
            ACCESS + "ModifyToken", {"key": token["key"], "expires": int(time.time()) + 1000}
        )
        assert history(daemon, actions=["edit"])["entries"][0]["old_expires"] == 0

    def test_pages_go_forward_and_back(self, daemon):
        for number in range(7):
            make_token(daemon, name=f"token {number}")
        first = history(daemon, limit=3, count=True)
        second = history(daemon, limit=3, cursor=first["next"])
        assert [entry["name"] for entry in second["entries"]] == ["token 3", "token 2", "token 1"]
        assert history(daemon, limit=3, cursor=second["prev"])["entries"] == first["entries"]
        assert (first["total"], "prev" in first, "total" in second) == (7, False, False)

    def test_filters_choose_by_process_and_time(self, daemon):
        make_token(daemon)
        now = int(time.time())
        assert len(history(daemon, uid=os.getuid(), gid=os.getgid(), since=now - 60)["entries"]) == 1
        for nothing in (
            {"uid": os.getuid() + 1},
            {"gid": os.getgid() + 1},
            {"unit": "no.service"},
            {"ip_or_cidr": "0.0.0.0/0"},
            {"until": now - 60},
            {"types": ["session"]},
            {"actions": ["expire"]},
            {"actor": "nobody"},
        ):
            assert history(daemon, **nothing)["entries"] == []

    def test_what_matches_nobody_is_an_empty_list_and_an_unknown_key_is_not_found(self, daemon):
        assert history(daemon, username="nobody-here") == {"entries": []}
        error = refusal(daemon, ACCESS + "GetChangeHistory", key="A" * 22)
        assert (error.name, error.parameters["field"]) == ("io.tokman.NotFound", "key")

    @pytest.mark.parametrize(
        "field, value",
        [
            ("cursor", "1700000000-1"),
            ("cursor", "p1700000000_1x"),
            ("ip_or_cidr", "192.0.2.256"),
            ("limit", 0),
            ("limit", 1001),
            ("since", -1),
            ("uid", -1),
            ("kinds", ["tokens"]),
            ("types", []),
            ("actions", ["delete"]),
            ("actor", ""),
            ("subtree", True),
        ],
    )
    def test_a_question_that_makes_no_sense_is_refused_by_its_field(self, daemon, field, value):
        error = refusal(daemon, ACCESS + "GetChangeHistory", **{field: value})
        assert (error.name, error.parameters["field"]) == ("io.tokman.InvalidArgument", field)


class TestScopes:
    def test_a_user_reads_its_own_and_no_others(self, daemon):
        make_token(daemon)
        daemon.edit_config(', "admin:token"', "")
        daemon.reload()
        assert len(history(daemon)["entries"]) == 1
        for others in ({"all": True}, {"username": "root2"}, {"client": "worker"}):
            assert refusal(daemon, ACCESS + "GetChangeHistory", **others).name == "io.tokman.Denied"


class TestJobs:
    def test_history_is_forgotten_on_request(self, daemon):
        make_token(daemon)
        before = int(time.time())
        assert daemon.call(DAEMON + "TruncateHistory") == {"removed": 0}
        error = refusal(daemon, DAEMON + "TruncateHistory", before=before + 1000)
        assert error.parameters["field"] == "before"
        time_of_entry = history(daemon)["entries"][0]["event_time"]
        while time.time() < time_of_entry + 1.5:
            time.sleep(0.05)
        removed = daemon.call(DAEMON + "TruncateHistory", {"before": time_of_entry + 1})
        assert removed == {"removed": 1}
        assert history(daemon)["entries"] == []

    def test_a_sweep_without_expired_tokens_ends_none(self, daemon):
        make_token(daemon)
        assert daemon.call(DAEMON + "ExpireTokens") == {"expired": 0}

    def test_deleting_all_needs_to_be_confirmed(self, daemon):
        make_token(daemon)
        error = refusal(daemon, DAEMON + "DeleteAllTokens", confirm=False)
        assert error.parameters["field"] == "confirm"
        assert daemon.call(DAEMON + "DeleteAllTokens", {"confirm": True}) == {"deleted": 1}
        assert daemon.call(ACCESS + "ListTokens") == {"tokens": []}
        assert history(daemon)["entries"][0]["action"] == "revoke"

    def test_deleting_all_can_forget_the_history(self, daemon):
        make_token(daemon)
        daemon.call(DAEMON + "DeleteAllTokens", {"confirm": True, "forget_history": True})
        assert history(daemon)["entries"] == []

    def test_a_store_that_was_used_is_clean_and_mending_it_changes_nothing(self, daemon):
        make_token(daemon)
        for mending in ({}, {"fix": True}, {"fix": True, "orphans": True}):
            assert daemon.call(DAEMON + "Audit", mending) == {"findings": [], "more": False}
        assert refusal(daemon, DAEMON + "Audit", orphans=True).parameters["field"] == "orphans"

    def test_a_scope_that_is_no_longer_known_is_found(self, daemon):
        daemon.append_config('[access.scopes]\n"read:images" = "See images."\n')
        daemon.reload()
        token = make_token(daemon, scopes=["read:images"])
        daemon.edit_config('"read:images" = "See images."', "")
        daemon.reload()
        (found,) = daemon.call(DAEMON + "Audit", {"fix": True})["findings"]
        assert (found["check"], found["table"], found["key"], found["fixed"]) == (
            "A8",
            "access_tokens",
            token["key"],
            False,
        )

    def test_status_counts_tokens_and_their_users(self, daemon):
        make_token(daemon)
        make_token(daemon, name="desktop")

        def counted():
            counts = daemon.status()["access"]
            return counts.get("tokens", {}).get("user") == 2 and counts

        wait_until(counted)
        counts = counted()
        assert (counts["users"]["user"], counts["tokens"]["session"]) == (1, 0)
        assert (counts["clients"], counts["history_entries"]) == (0, 2)
