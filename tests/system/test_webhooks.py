"""GitHub's webhooks, handed in as a receiver gets them: verified, and applied to what is cached."""

import array
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys

import pytest
from tokman_daemon import DaemonError, program, receive, send, wait_until, write_secret

sys.path.insert(0, os.environ["TOKMAN_PYTHON_DIR"])

import tokman  # noqa: E402

VERIFY = "io.tokman.GitHub.VerifyWebhook"
HANDLE = "io.tokman.GitHub.HandleWebhook"
TARGET = "octo-org/hello-world"

# GitHub's published example.
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
LARGEST = 25 * 1024 * 1024


@pytest.fixture
def daemon(make_daemon):
    daemon = make_daemon()
    secrets = []
    for name, text in (("old", "another secret"), ("new", SECRET)):
        write_secret(daemon.directory / name, text)
        secrets.append(f'"file:{daemon.directory / name}"')
    daemon.edit_config("[[grant]]", f"webhook_secrets = [{', '.join(secrets)}]\n[[grant]]")
    daemon.edit_config('"admin:daemon"]', '"admin:daemon", "github:webhook"]')
    return daemon.start()


@pytest.fixture
def client(daemon):
    with tokman.Client(daemon.socket_path) as client:
        yield client


def sign(body, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def memory_file(body):
    fd = os.memfd_create("body")
    os.write(fd, body)
    return fd


def frame(method, **parameters):
    return json.dumps({"method": method, "parameters": parameters}).encode() + b"\0"


def send_with(connection, fd, bytes_sent):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
    connection.sendmsg([bytes_sent], rights)
    os.close(fd)


def verify(daemon, signature, body, app="ci"):
    """With the body as a descriptor."""
    with daemon.connect() as connection:
        send_with(connection, memory_file(body), frame(VERIFY, app=app, signature=signature))
        return receive(connection)


def deliver(client, github):
    """Hands in all webhooks of what was changed; gives whether they were applied."""
    return [
        client.handle_webhook(it["headers"], it["body"].encode())["applied"]
        for it in github.take_deliveries()
    ]


class TestVerify:
    def test_githubs_example_is_valid_as_text(self, daemon):
        parameters = {"app": "ci", "signature": SIGNATURE, "body": BODY.decode()}
        assert daemon.call(VERIFY, parameters) == {"valid": True, "secret_index": 1}

    def test_githubs_example_is_valid_as_a_descriptor(self, daemon):
        assert verify(daemon, SIGNATURE, BODY) == {"valid": True, "secret_index": 1}

    def test_any_of_several_secrets_will_do(self, daemon):
        verdict = verify(daemon, sign(BODY, "another secret"), BODY)
        assert verdict == {"valid": True, "secret_index": 0}

    @pytest.mark.parametrize(
        "signature",
        [
            "",
            SIGNATURE.removeprefix("sha256="),
            SIGNATURE.replace("sha256", "sha1"),
            SIGNATURE.replace("sha256", "SHA256"),
            SIGNATURE[:-1],
            SIGNATURE + "0",
            SIGNATURE[:-1] + "6",
            "sha256=" + SIGNATURE.removeprefix("sha256=").upper(),
            "sha256=" + "z" * 64,
            sign(BODY, "no secret of ours"),
        ],
    )
    def test_another_signature_is_not(self, daemon, signature):
        assert verify(daemon, signature, BODY) == {"valid": False}

    def test_one_bit_of_the_body_makes_a_difference(self, daemon):
        changed = bytes([BODY[0] ^ 1]) + BODY[1:]
        assert verify(daemon, SIGNATURE, changed) == {"valid": False}

    @pytest.mark.parametrize("body", [b"", b"\0", b"a\0b", b"\xff\xfe", bytes(range(256))])
    def test_any_bytes_are_verified_as_they_are(self, daemon, body):
        assert verify(daemon, sign(body), body)["valid"]

    def test_the_largest_body_is_verified(self, client):
        body = b"x" * LARGEST
        assert client.verify_webhook("ci", sign(body), body)
        assert not client.verify_webhook("ci", sign(body), body[:-1])

    def test_a_larger_one_is_refused(self, client):
        with pytest.raises(tokman.InvalidArgument) as caught:
            client.verify_webhook("ci", SIGNATURE, b"x" * (LARGEST + 1))
        assert caught.value.field == "body"


@pytest.mark.parametrize("method", [VERIFY, HANDLE])
def test_no_parameter_is_taken_that_is_not_known(daemon, method):
    needed = {"app": "ci", "event": "e", "delivery": "d", "signature": "", "colour": "red"}
    if method == VERIFY:
        del needed["event"], needed["delivery"]
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, needed)
    assert caught.value.parameters["field"] == "colour"


class TestDescriptors:
    def test_a_descriptor_belongs_to_the_frame_it_was_sent_with(self, daemon):
        wanted = frame(VERIFY, app="ci", signature=SIGNATURE)
        with daemon.connect() as connection:
            send(connection, "io.tokman.Daemon.Ping")
            send_with(connection, memory_file(BODY), wanted)
            connection.sendall(wanted)
            assert "version" in receive(connection)
            assert receive(connection)["valid"]
            with pytest.raises(DaemonError) as caught:
                receive(connection)
            assert caught.value.parameters["field"] == "body"

    def test_a_frame_may_come_in_pieces(self, daemon):
        wanted = frame(VERIFY, app="ci", signature=SIGNATURE)
        with daemon.connect() as connection:
            send_with(connection, memory_file(BODY), wanted[:10])
            connection.sendall(wanted[10:])
            assert receive(connection)["valid"]

    def test_two_with_one_frame_end_the_connection(self, daemon):
        wanted = frame(VERIFY, app="ci", signature=SIGNATURE)
        with daemon.connect() as connection:
            send_with(connection, memory_file(BODY), wanted[:10])
            send_with(connection, memory_file(BODY), wanted[10:])
            with pytest.raises((EOFError, ConnectionError)):
                receive(connection)
        assert daemon.answers()

    def test_a_method_that_takes_none_answers_as_ever(self, daemon):
        with daemon.connect() as connection:
            send_with(connection, memory_file(BODY), frame("io.tokman.Daemon.Ping"))
            assert "version" in receive(connection)

    def test_none_is_kept(self, daemon):
        def descriptors():
            return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

        verify(daemon, SIGNATURE, BODY)
        before = descriptors()
        for _ in range(20):
            verify(daemon, SIGNATURE, BODY)
        wait_until(lambda: descriptors() < before + 10)

    @pytest.mark.parametrize("parameters", [{}, {"body": BODY.decode()}])
    def test_a_body_comes_one_way_and_not_two_or_none(self, daemon, parameters):
        with daemon.connect() as connection:
            sent = frame(VERIFY, app="ci", signature=SIGNATURE, **parameters)
            if parameters:
                send_with(connection, memory_file(BODY), sent)
            else:
                connection.sendall(sent)
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        assert caught.value.parameters["field"] == "body"

    def test_a_pipe_is_refused(self, daemon):
        read_end, write_end = os.pipe()
        with daemon.connect() as connection:
            send_with(connection, read_end, frame(VERIFY, app="ci", signature=SIGNATURE))
            with pytest.raises(DaemonError) as caught:
                receive(connection)
        os.close(write_end)
        assert caught.value.parameters["field"] == "body"


class TestHandle:
    def test_a_suspension_ends_tokens_at_once_and_its_end_is_seen_at_once(
        self, daemon, client, github
    ):
        client.token(TARGET)
        github.change("suspend", installation=4242)
        assert deliver(client, github) == [True]
        with pytest.raises(tokman.InstallationSuspended):
            client.token(TARGET)
        (negative,) = daemon.status()["negative"]
        assert negative["target"].split("/")[0] == "octo-org"
        assert "suspended" in negative["cause"]
        assert negative["since"] <= negative["until"]
        github.change("unsuspend", installation=4242)
        assert deliver(client, github) == [True]
        assert client.token(TARGET).source == "minted"

    def test_a_reinstalled_app_goes_on(self, client, github):
        client.token(TARGET)
        github.change("reinstall", installation=4242, new_id=5000)
        assert deliver(client, github) == [True, True]
        assert client.token(TARGET).installation_id == 5000

    def test_a_delivery_that_comes_again_is_harmless(self, daemon, client, github):
        github.change("suspend", installation=4242)
        (suspended,) = github.take_deliveries()
        github.change("unsuspend", installation=4242)
        github.take_deliveries()
        client.handle_webhook(suspended["headers"], suspended["body"].encode())
        token = client.token(TARGET)
        again = client.handle_webhook(suspended["headers"], suspended["body"].encode())
        assert not again["applied"]
        assert client.token(TARGET).fingerprint == token.fingerprint
        daemon.restart()
        client.handle_webhook(suspended["headers"], suspended["body"].encode())
        assert client.token(TARGET)

    def test_removed_repositories_end_their_tokens(self, client, github):
        kept = client.token("octo-org/private-repo")
        gone = client.token(TARGET)
        github.change("select", installation=4242, repositories=["octo-org/private-repo"])
        deliver(client, github)
        assert client.token("octo-org/private-repo").fingerprint == kept.fingerprint
        with pytest.raises(tokman.RepositoryNotAccessible):
            client.token(TARGET)
        assert gone.secret

    def test_accepted_permissions_are_seen_at_once(self, client, github):
        wanted = {"permissions": {"issues": "write"}}
        github.change("set_permissions", installation=4242, permissions={"contents": "read"})
        with pytest.raises(tokman.PermissionNotGranted):
            client.token(TARGET, **wanted)
        github.change("set_permissions", installation=4242, permissions={"issues": "write"})
        deliver(client, github)
        assert client.token(TARGET, **wanted)

    def test_a_webhook_that_github_did_not_sign_is_refused_and_audited(
        self, daemon, client, github
    ):
        token = client.token(TARGET)
        github.change("suspend", installation=4242)
        (forged,) = github.take_deliveries()
        forged["headers"]["X-Hub-Signature-256"] = SIGNATURE
        with pytest.raises(tokman.SignatureInvalid):
            client.handle_webhook(forged["headers"], forged["body"].encode())
        assert client.token(TARGET).fingerprint == token.fingerprint
        daemon.wait_for_log("HandleWebhook")

    def test_an_event_that_concerns_nothing_is_told_so(self, client, github):
        delivery = github.sign_delivery("ping", {"zen": "Keep it logically awesome."})
        handled = client.handle_webhook(delivery["headers"], delivery["body"].encode())
        assert handled == {
            "app": "ci",
            "event": "ping",
            "action": "",
            "applied": False,
            "reason": "it changes nothing here",
        }


class TestCommand:
    def run(self, daemon, *arguments, body=BODY):
        command = [program("tokman"), "--socket", daemon.socket_path, "webhook", *arguments]
        return subprocess.run(command, input=body, capture_output=True)

    def test_a_valid_webhook_ends_with_status_0(self, daemon):
        done = self.run(daemon, "verify", "--app", "ci", "--signature", SIGNATURE)
        assert (done.returncode, done.stdout.split()[:2]) == (0, [b"valid", b"yes"])

    def test_any_other_ends_with_the_errors_number(self, daemon):
        done = self.run(daemon, "verify", "--app", "ci", "--signature", sign(b"x"))
        assert (done.returncode, done.stdout.split()) == (39, [b"valid", b"no"])

    def test_a_webhook_is_handed_in(self, daemon, github):
        github.change("suspend", installation=4242)
        (delivery,) = github.take_deliveries()
        headers = delivery["headers"]
        done = self.run(
            daemon,
            "handle",
            "--event",
            headers["X-GitHub-Event"],
            "--delivery",
            headers["X-GitHub-Delivery"],
            "--signature",
            headers["X-Hub-Signature-256"],
            "--target-id",
            headers["X-GitHub-Hook-Installation-Target-ID"],
            "--json",
            body=delivery["body"].encode(),
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["applied"] is True
