"""GitHub's limits, told by header or by text: that app leaves GitHub alone, and nothing else does."""

import pytest
from tokman_daemon import DaemonError, wait_until

MINT = "POST /app/installations/{id}/access_tokens"
TARGET = "octo-org/hello-world"
OTHER = "octo-org/private-repo"

# A second app at the same GitHub: what limits one does not concern the other.
SECOND_APP = """
[[app]]
name = "second"
app_id = 777
private_keys = ["file:{key}"]
api_base = "{api_base}"
ca_file = "{ca_file}"
installations = {{ octo-org = 7777 }}

[[grant]]"""


@pytest.fixture
def daemon(make_daemon, github):
    (key,) = github.key_files(12345)
    github.change("add_app", app_id=777, client_id="Iv1.second", slug="second", keys=[key.name])
    github.change(
        "add_installation",
        id=7777,
        app_id=777,
        account="octo-org",
        permissions={"contents": "write", "issues": "write", "metadata": "read",
                     "pull_requests": "write"},
    )
    daemon = make_daemon()
    daemon.edit_config("[store]", 'call_timeout = "2s"\n[store]')
    second = SECOND_APP.format(key=key, api_base=github.api_base, ca_file=github.ca_file)
    daemon.edit_config("\n[[grant]]", f"installations = {{ octo-org = 4242 }}\n{second}")
    daemon.edit_config('apps = ["ci"]', 'apps = ["ci", "second"]')
    return daemon.start()


def spent_until(instant):
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(instant))}


# What GitHub says, and for how many seconds it must be left alone at least and at most.
LIMITS = {
    "primary, until its reset": (
        lambda now: {"refusal": "APP_RATE_LIMIT_EXCEEDED", "headers": spent_until(now + 30)},
        (25, 35),
    ),
    "primary, by status": (
        lambda now: {"status": 429, "headers": spent_until(now + 30)},
        (25, 35),
    ),
    "secondary, by header": (
        lambda now: {"refusal": "SECONDARY_LIMIT", "headers": {"Retry-After": "40"}},
        (35, 40),
    ),
    "secondary, by text alone": (lambda now: {"refusal": "SECONDARY_LIMIT"}, (50, 60)),
    "too many, and no more said": (lambda now: {"status": 429}, (50, 60)),
}


def limit(github, name):
    make, _ = LIMITS[name]
    github.fault(MINT, path="/4242/", answers=[make(github.state.clock.now())])


def refusal(daemon, target=TARGET):
    with pytest.raises(DaemonError) as caught:
        daemon.token(target, app="ci")
    return caught.value


@pytest.mark.parametrize("name", LIMITS)
class TestEach:
    def test_the_caller_is_told_for_how_long(self, daemon, github, name):
        limit(github, name)
        error = refusal(daemon)
        least, most = LIMITS[name][1]
        assert error.name in ("io.tokman.UpstreamLimited", "io.tokman.RateLimited")
        assert error.parameters["retryable"] is True
        assert least * 1000 <= error.parameters["retry_after_ms"] <= most * 1000

    def test_github_is_left_alone_by_that_app_and_no_other(self, daemon, github, name):
        limit(github, name)
        refusal(daemon)
        refusal(daemon)
        refusal(daemon, OTHER)
        assert github.mints == 1
        assert daemon.token(TARGET, app="second")["source"] == "minted"

    def test_tokens_at_hand_are_given_all_the_same(self, daemon, github, name):
        token = daemon.token(TARGET, app="ci")["token"]
        limit(github, name)
        refusal(daemon, OTHER)
        assert daemon.token(TARGET, app="ci")["token"] == token


class TestEnd:
    def test_it_goes_on_when_github_said(self, daemon, github):
        answer = {"refusal": "SECONDARY_LIMIT", "headers": {"Retry-After": "1"}}
        github.fault(MINT, answers=[answer])
        assert daemon.token(TARGET, app="ci")["source"] == "minted"
        first, second = github.requests(MINT)
        assert second["at"] - first["at"] >= 1

    def test_it_goes_on_when_the_hour_is_over(self, daemon, github):
        now = github.state.clock.now()
        answer = {"refusal": "APP_RATE_LIMIT_EXCEEDED", "headers": spent_until(now + 3)}
        github.fault(MINT, answers=[answer])
        wait_until(lambda: served(daemon))
        first, second = github.requests(MINT)
        assert second["at"] - first["at"] >= 2


def served(daemon):
    try:
        return bool(daemon.token(TARGET, app="ci")["token"])
    except DaemonError as error:
        assert error.parameters["retryable"], error
        return False
