"""What is left of an installation's requests: seen by callers, and asked of GitHub."""

import subprocess
import time

import pytest
from tokman_daemon import DaemonError, program

GET_RATE_LIMIT = "io.tokman.GitHub.GetRateLimit"
OBSERVE = "io.tokman.GitHub.Observe"
ASK = "GET /rate_limit"
TARGET = "octo-org/hello-world"


def seen(**changes):
    window = {"limit": 5000, "remaining": 4321, "used": 679, "reset": int(time.time()) + 900}
    return {"target": TARGET, "resource": "core", **window, **changes}


def test_what_one_caller_saw_everybody_is_told(daemon):
    daemon.call(OBSERVE, seen())
    answer = daemon.call(GET_RATE_LIMIT, {"target": TARGET})
    (core,) = answer["resources"]
    assert (answer["app"], answer["installation_id"]) == ("ci", 4242)
    assert (core["resource"], core["remaining"], core["used"]) == ("core", 4321, 679)
    assert core["source"] == "observed"


def test_github_is_asked_for_fresh_numbers(daemon, github):
    daemon.call(OBSERVE, seen())
    answer = daemon.call(GET_RATE_LIMIT, {"target": TARGET, "fresh": True})
    core = next(row for row in answer["resources"] if row["resource"] == "core")
    assert (core["source"], core["limit"], core["remaining"]) == ("github", 5000, 5000)
    assert github.calls(ASK) == 1


def test_github_is_asked_once_in_ten_seconds_at_most(daemon, github):
    for _ in range(3):
        daemon.call(GET_RATE_LIMIT, {"target": TARGET, "fresh": True})
    assert github.calls(ASK) == 1


@pytest.mark.parametrize("field, value", [("remaining", 5001), ("reset", 1), ("resource", "A B")])
def test_what_github_could_not_have_said_is_refused(daemon, field, value):
    with pytest.raises(DaemonError, match="InvalidArgument") as refusal:
        daemon.call(OBSERVE, seen(**{field: value}))
    assert refusal.value.parameters["field"] == field


def test_nobody_feeds_a_target_that_no_grant_covers(daemon):
    with pytest.raises(DaemonError, match="Denied"):
        daemon.call(OBSERVE, seen(target="evil/repository"))
    with pytest.raises(DaemonError, match="Denied"):
        daemon.call(GET_RATE_LIMIT, {"target": "evil/repository"})


def test_an_observation_of_nothing_left_holds_back_no_mint(daemon):
    daemon.call(OBSERVE, seen(remaining=0, used=5000))
    assert daemon.token(TARGET)["source"] == "minted"


def rate_limit_command(daemon, *arguments):
    command = [program("tokman"), "--socket", daemon.socket_path, "rate-limit", TARGET, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_command_shows_a_table(daemon):
    daemon.call(OBSERVE, seen())
    shown = rate_limit_command(daemon)
    assert shown.stdout.split()[:4] == ["RESOURCE", "LIMIT", "LEFT", "USED"]
    assert shown.stdout.splitlines()[1].split()[:4] == ["core", "5000", "4321", "679"]
    assert "UTC" in shown.stdout


def test_the_command_says_that_nothing_was_seen_and_asks_on_request(daemon):
    expected = "nothing was seen of installation 4242; --fresh asks GitHub\n"
    assert rate_limit_command(daemon).stdout == expected
    assert "github" in rate_limit_command(daemon, "--fresh").stdout
