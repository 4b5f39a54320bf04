"""Things that change at GitHub and change back: tokman finds out without a restart or a reload."""

import pytest
from tokman_daemon import DaemonError, write_secret

MINT = "POST /app/installations/{id}/access_tokens"
HANDLE = "io.tokman.GitHub.HandleWebhook"
SECRET = "It's a Secret to Everybody"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"


@pytest.fixture
def daemon(make_daemon):
    """Believes GitHub's webhooks, and may ask for anything of anybody's."""
    daemon = make_daemon()
    secret = daemon.directory / "webhook.secret"
    write_secret(secret, SECRET)
    daemon.edit_config("api_base", f'webhook_secrets = ["file:{secret}"]\napi_base')
    daemon.edit_config('"admin:daemon"]', '"admin:daemon", "github:webhook"]')
    daemon.edit_config('targets = ["octo-org/*"', 'targets = ["*", "*/*", "octo-org/*"')
    daemon.edit_config("[store]", 'call_timeout = "3s"\n[store]')
    return daemon.start()


def handle(daemon, delivery, **changed):
    headers = delivery["headers"]
    return daemon.call(
        HANDLE,
        {
            "event": headers["X-GitHub-Event"],
            "delivery": headers["X-GitHub-Delivery"],
            "signature": headers["X-Hub-Signature-256"],
            "body": delivery["body"],
            **changed,
        },
    )


@pytest.fixture
def change(daemon, github):
    """Changes GitHub's world, and has the daemon told of it."""

    def change(what, **arguments):
        github.change(what, **arguments)
        for delivery in github.take_deliveries():
            handle(daemon, delivery)

    return change


def refusal(daemon, target=TARGET, **parameters):
    with pytest.raises(DaemonError) as caught:
        daemon.token(target, **parameters)
    return caught.value.name.removeprefix("io.tokman.")


class TestByWebhook:
    def test_a_suspended_installation_gives_nothing_until_it_is_unsuspended(self, daemon, change):
        daemon.token(TARGET)
        change("suspend", installation=4242)
        assert refusal(daemon) == "InstallationSuspended"
        change("unsuspend", installation=4242)
        assert daemon.token(TARGET)["source"] == "minted"
        assert daemon.status()["negative"] == []

    def test_a_suspension_that_was_noticed_by_itself_ends_with_the_event(
        self, daemon, github, change
    ):
        github.change("suspend", installation=4242)
        assert refusal(daemon) == "InstallationSuspended"
        change("unsuspend", installation=4242)
        assert daemon.token(TARGET)["source"] == "minted"

    def test_an_app_that_is_installed_later_is_found(self, daemon, change):
        assert refusal(daemon, "stranger/private") == "AppNotInstalled"
        change(
            "add_installation",
            id=9,
            app_id=12345,
            account="stranger",
            permissions={"contents": "write", "issues": "write", "pull_requests": "write",
                         "metadata": "read"},
        )
        assert daemon.token("stranger/private")["installation_id"] == 9

    def test_a_reinstalled_app_is_used_by_its_new_id(self, daemon, github, change):
        old = daemon.token(TARGET)
        change("reinstall", installation=4242, new_id=5555)
        github.forget_calls()
        new = daemon.token(TARGET)
        assert (new["installation_id"], new["token"] == old["token"]) == (5555, False)
        assert [it["status"] for it in github.requests(MINT)] == [201]

    def test_an_uninstalled_app_gives_nothing(self, daemon, change):
        daemon.token(TARGET)
        change("uninstall", installation=4242)
        assert refusal(daemon) == "AppNotInstalled"

    def test_permissions_that_are_accepted_later_are_given(self, daemon, github, change):
        github.change("set_permissions", installation=4242, permissions={"metadata": "read"})
        wanted = {"permissions": {"issues": "read"}}
        assert refusal(daemon, **wanted) == "PermissionNotGranted"
        change(
            "set_permissions",
            installation=4242,
            permissions={"metadata": "read", "issues": "read"},
        )
        assert daemon.token(TARGET, **wanted)["permissions"]["issues"] == "read"

    def test_a_repository_that_is_selected_later_is_given(self, daemon, change):
        assert refusal(daemon, "monalisa/not-selected") in (
            "AppNotInstalled",
            "RepositoryNotAccessible",
        )
        change("select", installation=4343, repositories=["monalisa/not-selected"])
        assert daemon.token("monalisa/not-selected")["installation_id"] == 4343

    def test_a_repository_that_is_no_longer_selected_is_not_given(self, daemon, change):
        daemon.token("monalisa/notes")
        change("select", installation=4343, repositories=["monalisa/not-selected"])
        assert refusal(daemon, "monalisa/notes") in ("AppNotInstalled", "RepositoryNotAccessible")

    def test_a_new_repository_is_given(self, daemon, change):
        refusal(daemon, "octo-org/new")
        change("add_repository", repository="octo-org/new")
        assert daemon.token("octo-org/new")["repositories"] == ["new"]

    def test_a_renamed_repository_is_given_by_its_new_name(self, daemon, change):
        daemon.token(TARGET)
        refusal(daemon, "octo-org/hello")
        change("rename", repository=TARGET, to="octo-org/hello")
        assert daemon.token("octo-org/hello")["repositories"] == ["hello"]

    def test_a_repository_that_was_given_away_is_its_new_owners(self, daemon, change):
        daemon.token("monalisa/notes")
        change("rename", repository="monalisa/notes", to="octo-org/notes")
        assert daemon.token("octo-org/notes")["installation_id"] == 4242

    def test_a_renamed_account_is_found_by_its_new_name(self, daemon, change):
        daemon.token(TARGET)
        change("rename_account", account="octo-org", to="octo-inc")
        answer = daemon.token("octo-inc/hello-world")
        assert (answer["installation_id"], answer["repositories"]) == (4242, ["hello-world"])

    def test_a_deleted_repositorys_token_is_not_given(self, daemon, change):
        daemon.token(TARGET)
        change("delete_repository", repository=TARGET)
        refusal(daemon)


class TestDeliveries:
    def test_a_replayed_one_is_harmless(self, daemon, github):
        github.change("suspend", installation=4242)
        (suspended,) = github.take_deliveries()
        handle(daemon, suspended)
        github.change("unsuspend", installation=4242)
        (unsuspended,) = github.take_deliveries()
        handle(daemon, unsuspended)
        token = daemon.token(TARGET)["token"]
        for delivery in (unsuspended, suspended, unsuspended):
            handle(daemon, delivery)
        assert daemon.token(TARGET)["token"] == token

    def test_those_that_come_in_the_wrong_order_do_no_lasting_harm(self, daemon, github):
        github.change("suspend", installation=4242)
        github.change("unsuspend", installation=4242)
        for delivery in reversed(github.take_deliveries()):
            handle(daemon, delivery)
        assert daemon.token(TARGET)["source"] == "minted"

    @pytest.mark.parametrize(
        "forged",
        [
            {"signature": "sha256=" + "0" * 64},
            {"signature": ""},
            {"body": '{"action": "suspend", "installation": {"id": 4242}}'},
        ],
        ids=["another signature", "none", "another body"],
    )
    def test_a_forged_one_changes_nothing(self, daemon, github, forged):
        token = daemon.token(TARGET)["token"]
        github.change("suspend", installation=4242)
        (delivery,) = github.take_deliveries()
        with pytest.raises(DaemonError):
            handle(daemon, delivery, **forged)
        assert daemon.token(TARGET)["token"] == token

    def test_events_that_concern_no_token_change_nothing(self, daemon, github):
        token = daemon.token(TARGET)["token"]
        handle(daemon, github.sign_delivery("push", {"ref": "refs/heads/main"}))
        assert daemon.token(TARGET)["token"] == token


class TestByItself:
    """Without any event: GitHub's own answers tell."""

    def test_a_reinstalled_app_is_found_again(self, daemon, github):
        daemon.token(TARGET)
        github.change("reinstall", installation=4242, new_id=5555)
        assert daemon.token(OTHER)["installation_id"] == 5555
        assert daemon.token(TARGET)["installation_id"] == 5555

    def test_a_renamed_repository_is_given_by_its_new_name(self, daemon, github):
        daemon.token(TARGET)
        github.change("rename", repository=TARGET, to="octo-org/hello")
        assert daemon.token("octo-org/hello")["repositories"] == ["hello"]

    def test_a_repository_given_away_gives_no_token_of_its_former_owner(self, daemon, github):
        daemon.token("monalisa/notes")
        github.change("rename", repository="monalisa/notes", to="octo-org/notes")
        assert daemon.token("octo-org/notes")["installation_id"] == 4242
