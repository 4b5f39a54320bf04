"""What the stand-in would post when its world changes: the events, their bodies and signatures."""

import hashlib
import hmac
import json

import pytest
from fake_github.webhooks import signature

SECRET = "It's a Secret to Everybody"


def events(deliveries):
    """[(event, action, payload)]"""
    told = []
    for delivery in deliveries:
        payload = json.loads(delivery["body"])
        told.append((delivery["headers"]["X-GitHub-Event"], payload["action"], payload))
    return told


class TestSignature:
    def test_it_is_githubs_own_example(self):
        published = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        assert signature(SECRET, "Hello, World!") == published

    def test_it_is_of_the_bytes_of_the_body(self, github):
        delivery = github.sign_delivery("push", {"ref": "refs/heads/main"})
        mac = hmac.new(SECRET.encode(), delivery["body"].encode(), hashlib.sha256)
        assert delivery["headers"]["X-Hub-Signature-256"] == f"sha256={mac.hexdigest()}"
        assert delivery["headers"]["X-GitHub-Event"] == "push"

    def test_an_app_without_a_secret_signs_nothing(self, github):
        github.change("add_app", app_id=2, client_id="Iv1.b", slug="b")
        delivery = github.sign_delivery("push", {}, app_id=2)
        assert "X-Hub-Signature-256" not in delivery["headers"]


class TestDeliveries:
    @pytest.mark.parametrize(
        ("change", "arguments", "expected"),
        [
            ("suspend", {"installation": 4242}, [("installation", "suspend")]),
            ("unsuspend", {"installation": 4242}, [("installation", "unsuspend")]),
            ("uninstall", {"installation": 4242}, [("installation", "deleted")]),
            (
                "reinstall",
                {"installation": 4242, "new_id": 5555},
                [("installation", "deleted"), ("installation", "created")],
            ),
            (
                "add_installation",
                {"id": 9, "app_id": 12345, "account": "stranger"},
                [("installation", "created")],
            ),
            (
                "set_permissions",
                {"installation": 4242, "permissions": {"checks": "read"}},
                [("installation", "new_permissions_accepted")],
            ),
            (
                "select",
                {"installation": 4343, "repositories": ["monalisa/not-selected"]},
                [("installation_repositories", "removed"), ("installation_repositories", "added")],
            ),
            (
                "add_repository",
                {"repository": "octo-org/new"},
                [("installation_repositories", "added")],
            ),
            (
                "rename",
                {"repository": "octo-org/hello-world", "to": "octo-org/hello"},
                [("repository", "renamed")],
            ),
            (
                "rename",
                {"repository": "stranger/public", "to": "octo-org/public"},
                [("repository", "transferred")],
            ),
            (
                "delete_repository",
                {"repository": "octo-org/hello-world"},
                [("repository", "deleted")],
            ),
            (
                "rename_account",
                {"account": "octo-org", "to": "octo-inc"},
                [("installation_target", "renamed")],
            ),
            ("set_keys", {"app_id": 12345, "keys": []}, []),
        ],
    )
    def test_each_change_is_told_of(self, github, change, arguments, expected):
        github.change(change, **arguments)
        told = events(github.take_deliveries())
        assert [(event, action) for event, action, _ in told] == expected
        assert all(payload["installation"]["id"] for _, _, payload in told)

    def test_a_repository_that_no_app_reaches_concerns_nobody(self, github):
        github.change("rename", repository="stranger/public", to="stranger/other")
        assert github.take_deliveries() == []

    def test_they_are_taken_once(self, github):
        github.change("suspend", installation=4242)
        assert len(github.take_deliveries()) == 1
        assert github.take_deliveries() == []

    def test_each_has_an_id_of_its_own_and_names_the_app(self, github):
        github.change("reinstall", installation=4242, new_id=5555)
        headers = [it["headers"] for it in github.take_deliveries()]
        assert len({it["X-GitHub-Delivery"] for it in headers}) == 2
        assert {it["X-GitHub-Hook-Installation-Target-ID"] for it in headers} == {"12345"}

    def test_a_reinstalled_app_is_told_both_ids(self, github):
        github.change("reinstall", installation=4242, new_id=5555)
        told = events(github.take_deliveries())
        assert [payload["installation"]["id"] for _, _, payload in told] == [4242, 5555]
        assert "octo-org/hello-world" in {it["full_name"] for it in told[1][2]["repositories"]}

    def test_a_suspended_one_says_since_when(self, github):
        github.change("suspend", installation=4242)
        ((_, _, payload),) = events(github.take_deliveries())
        assert payload["installation"]["suspended_at"]

    def test_what_was_removed_and_added_is_listed(self, github):
        github.change("select", installation=4343, repositories=["monalisa/not-selected"])
        (_, _, removed), (_, _, added) = events(github.take_deliveries())
        assert [it["full_name"] for it in removed["repositories_removed"]] == ["monalisa/notes"]
        assert [it["name"] for it in added["repositories_added"]] == ["not-selected"]
        assert added["repository_selection"] == "selected"

    def test_the_former_name_of_a_repository_is_told(self, github):
        github.change("rename", repository="octo-org/hello-world", to="octo-org/hello")
        ((_, _, payload),) = events(github.take_deliveries())
        assert payload["changes"] == {"repository": {"name": {"from": "hello-world"}}}
        assert payload["repository"]["full_name"] == "octo-org/hello"

    def test_the_former_owner_of_a_repository_is_told(self, github):
        github.change("rename", repository="stranger/public", to="octo-org/public")
        ((_, _, payload),) = events(github.take_deliveries())
        assert payload["changes"]["owner"]["from"]["organization"]["login"] == "stranger"
        assert payload["installation"] == {"id": 4242}

    def test_the_former_name_of_an_account_is_told(self, github, caller):
        github.change("rename_account", account="octo-org", to="octo-inc")
        ((_, _, payload),) = events(github.take_deliveries())
        assert payload["changes"] == {"login": {"from": "octo-org"}}
        assert payload["account"]["login"] == "octo-inc"
        moved = caller.as_app("GET", "/repos/octo-org/hello-world/installation")
        assert moved.status == 301
        assert caller.as_app("GET", "/orgs/octo-inc/installation").json["id"] == 4242
