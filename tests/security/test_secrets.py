"""Secrets stay where they belong: planted, and looked for wherever they could have got to."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from other_user import STRANGER
from process_memory import children, find_in_memory, open_files
from tokman_daemon import DaemonError, program, receive, send, wait_until, write_secret

MINT = "POST /app/installations/{id}/access_tokens"
REVOKE = "DELETE /installation/token"
TARGET = "octo-org/hello-world"
PLANTED = "ghs_PlantedTokenThatMustNeverBeShown012345"
WEBHOOK_SECRETS = ["PlantedWebhookSecretThatMustNeverBeShown", "It's a Secret to Everybody"]


def key_texts(github):
    """The lines of the private key's PEM file."""
    (file,) = github.key_files(12345)
    return [line for line in file.read_text().splitlines() if len(line) > 40]


def all_but_tokens(daemon):
    """What the daemon says when it is asked for anything but a token."""
    asked = {
        "io.tokman.GitHub.ListTokens": {},
        "io.tokman.GitHub.Explain": {"target": TARGET},
        "io.tokman.GitHub.ResolveInstallation": {"target": TARGET},
        "io.tokman.Access.WhoAmI": {},
        "io.tokman.Daemon.Status": {},
        "io.tokman.Daemon.Health": {},
        "org.varlink.service.GetInfo": {},
    }
    return json.dumps([daemon.call(method, parameters) for method, parameters in asked.items()])


def with_webhooks(daemon):
    """Not started yet; GitHub signs with the second of its secrets."""
    files = [daemon.directory / f"webhook-{number}" for number in range(len(WEBHOOK_SECRETS))]
    for file, secret in zip(files, WEBHOOK_SECRETS, strict=True):
        write_secret(file, secret)
    places = ", ".join(f'"file:{file}"' for file in files)
    daemon.edit_config("api_base", f"webhook_secrets = [{places}]\napi_base")
    daemon.edit_config('"admin:daemon"]', '"admin:daemon", "github:webhook"]')
    return daemon


def handle_webhook(daemon, delivery, **changed):
    headers = delivery["headers"]
    parameters = {
        "event": headers["X-GitHub-Event"],
        "delivery": headers["X-GitHub-Delivery"],
        "signature": headers["X-Hub-Signature-256"],
        "body": delivery["body"],
    }
    return daemon.call("io.tokman.GitHub.HandleWebhook", {**parameters, **changed})


class TestWhatIsSaid:
    @pytest.fixture
    def daemon(self, make_daemon):
        return with_webhooks(make_daemon()).start()

    def live_of_an_exclusive_token(self, daemon, github):
        """What is said while one is given, listed, and revoked with its connection."""
        with daemon.connect() as connection:
            parameters = {"target": "monalisa/notes", "exclusive": True}
            send(connection, "io.tokman.GitHub.GetToken", parameters)
            self.tokens.append(receive(connection)["token"])
            listed = daemon.call("io.tokman.GitHub.ListTokens")
        wait_until(lambda: github.calls(REVOKE) == 1)
        return str(listed)

    def end_of_a_shared_token(self, daemon):
        given = daemon.token(TARGET)
        ended = {"fingerprint": given["fingerprint"]}
        rejected = daemon.call("io.tokman.GitHub.ReportRejected", {"target": TARGET, **ended})
        revoked = daemon.call("io.tokman.GitHub.Revoke", ended)
        return str(rejected) + str(revoked)

    def webhooks(self, daemon, github):
        """What is said to a forged one, and to one that GitHub signed."""
        delivery = github.sign_delivery("push", {"ref": "refs/heads/main"})
        with pytest.raises(DaemonError) as forged:
            handle_webhook(daemon, delivery, body="{}")
        return str(forged.value.parameters) + str(handle_webhook(daemon, delivery))

    @pytest.fixture
    def said(self, daemon, github):
        """Everything said and logged at level debug, in a life with every kind of trouble."""
        self.tokens = [daemon.token(TARGET)["token"], daemon.token("monalisa")["token"]]
        errors = [
            self.live_of_an_exclusive_token(daemon, github),
            self.end_of_a_shared_token(daemon),
            self.webhooks(daemon, github),
        ]
        github.fault(MINT, answers=[502, 401, 422, 404])
        for name in ("contents", "issues", "pull_requests"):
            try:
                asked = daemon.token(TARGET, permissions={name: "read"}, min_lifetime=3000)
                self.tokens.append(asked["token"])
            except DaemonError as error:
                errors.append(str(error.parameters))
        daemon.reload()
        daemon.edit_config("log_level", "log_levle")
        with pytest.raises(DaemonError) as caught:
            daemon.reload()
        errors.append(str(caught.value.parameters))
        daemon.edit_config("log_levle", "log_level")
        for child in children(daemon.process.pid):
            os.kill(child, signal.SIGKILL)
        daemon.wait_for_log("signer lost")
        answers = all_but_tokens(daemon)
        daemon.stop()
        return answers + "".join(errors) + daemon.log

    def test_there_is_no_secret_in_it(self, daemon, github, said):
        store_key = (daemon.directory / "store.key").read_text().strip()
        for secret in [*self.tokens, *key_texts(github), *WEBHOOK_SECRETS, store_key]:
            assert secret not in said
            assert secret[8:28] not in said
        assert "PRIVATE KEY" not in said
        assert "eyJ" not in said  # A JWT begins so.
        assert "Bearer" not in said
        assert "ghs_" not in said

    def test_tokens_appear_by_their_fingerprints(self, said):
        assert len(re.findall(r"token-given .*fingerprint=\"[\w+/]{43}=\"", said)) >= 2

    @pytest.mark.parametrize(
        "body",
        [
            f'{{"token": "{PLANTED}", "expires_at": }}',
            f'{{"token": "{PLANTED}"',
            {"token": PLANTED, "expires_at": "soon"},
            {"token": PLANTED[:30], "expires_at": "2030-01-01T00:00:00Z"},
            {"token": PLANTED * 200, "expires_at": "2030-01-01T00:00:00Z"},
            {"token": [PLANTED], "expires_at": "2030-01-01T00:00:00Z"},
        ],
        ids=["syntax", "cut", "no time", "too short", "too long", "no text"],
    )
    def test_an_answer_that_cannot_be_used_is_not_quoted(self, make_daemon, github, body):
        daemon = make_daemon()
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        daemon.start()
        github.fault(MINT, answers=[{"status": 201, "body": body}] * 50)
        with pytest.raises(DaemonError) as caught:
            daemon.token(TARGET)
        said = str(caught.value.parameters) + all_but_tokens(daemon)
        daemon.stop()
        assert "Planted" not in said + daemon.log

    @pytest.mark.parametrize("key", ["key", "private_keys"])
    def test_a_secret_pasted_into_the_configuration_is_not_quoted(self, make_daemon, key):
        daemon = make_daemon()
        text = daemon.config_file.read_text()
        value = f'["{PLANTED}"]' if key == "private_keys" else f'"{PLANTED}"'
        daemon.config_file.write_text(re.sub(rf"^{key} = .*", f"{key} = {value}", text, flags=re.M))
        command = [program("tokmand"), "--config", daemon.config_file, "--check-config"]
        checked = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        assert checked.returncode == 16
        assert key in checked.stderr
        assert "Planted" not in checked.stderr


class TestProcesses:
    @pytest.fixture
    def pids(self, daemon):
        """Of tokmand and tokman-signer, which have something to hide."""
        daemon.token(TARGET)
        return [daemon.process.pid, *children(daemon.process.pid)]

    @staticmethod
    def proc(pid, name):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read().decode()

    def test_they_are_two(self, pids):
        assert len(pids) == 2

    def test_they_leave_no_core_files(self, pids):
        for pid in pids:
            assert re.search(r"^Max core file size +0 +0 ", self.proc(pid, "limits"), re.M)

    def test_they_gain_no_privileges(self, pids):
        for pid in pids:
            assert "NoNewPrivs:\t1" in self.proc(pid, "status")

    def test_their_command_lines_and_environments_hold_no_secret(self, daemon, github, pids):
        store_key = (daemon.directory / "store.key").read_text().strip()
        for pid in pids:
            shown = self.proc(pid, "cmdline") + self.proc(pid, "environ")
            for secret in [store_key, "ghs_", "eyJ", *key_texts(github)]:
                assert secret not in shown


class TestOwnUser:
    """tokmand as a user of its own: what another process of that user can see of it."""

    @pytest.fixture
    def daemon(self, open_daemon, github, monkeypatch):
        """All that it needs is in its folder and its own."""
        folder = open_daemon.directory
        (key,) = github.key_files(12345)
        write_secret(folder / "app.pem", key.read_text())
        shutil.copy(github.ca_file, folder / "ca.pem")
        for name in ("tokmand", "tokman-signer"):
            shutil.copy(program(name), folder)
        open_daemon.edit_config(str(key), str(folder / "app.pem"))
        open_daemon.edit_config(str(github.ca_file), str(folder / "ca.pem"))
        for path in (folder, *folder.iterdir()):
            os.chown(path, STRANGER, STRANGER)
        monkeypatch.setenv("TOKMAN_BIN_DIR", str(folder))
        as_user = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups")
        return open_daemon.start(prefix=as_user)

    def test_it_works(self, daemon):
        assert daemon.token(TARGET)["source"] == "minted"

    @pytest.mark.parametrize("file", ["mem", "environ", "maps", "fd", "auxv"])
    def test_nothing_of_its_memory(self, daemon, file):
        daemon.token(TARGET)
        for pid in (daemon.process.pid, *children(daemon.process.pid)):
            looked = subprocess.run(
                ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups",
                 "ls" if file == "fd" else "cat", f"/proc/{pid}/{file}"],
                capture_output=True, text=True, timeout=10, check=False,
            )
            assert "Permission denied" in looked.stderr
            assert looked.stdout == ""


class TestPrivateKey:
    """tokmand's memory and open files, looked through while tokens are minted."""

    LEVELS = [
        {"contents": contents, "issues": issues}
        for contents in ("read", "write")
        for issues in ("read", "write")
    ]

    def test_the_daemon_never_has_it(self, daemon, github, private_key):
        (key_file,) = github.key_files(12345)
        for permissions in self.LEVELS:
            daemon.reload()  # So that the next mint needs a new signature.
            daemon.token(TARGET, permissions=permissions)
            assert find_in_memory(daemon.process.pid, private_key) == []
            assert str(key_file) not in open_files(daemon.process.pid)
        assert github.mints == len(self.LEVELS)

    def test_the_daemon_never_has_a_webhooks_secret(self, make_daemon, github):
        daemon = with_webhooks(make_daemon()).start()
        handle_webhook(daemon, github.sign_delivery("push", {"ref": "refs/heads/main"}))
        wanted = {secret: secret.encode() for secret in WEBHOOK_SECRETS}
        assert find_in_memory(daemon.process.pid, wanted) == []
        (signer,) = children(daemon.process.pid)
        assert find_in_memory(signer, wanted) == sorted(WEBHOOK_SECRETS)

    def test_the_search_finds_what_the_daemon_has(self, daemon):
        token = daemon.token(TARGET)["token"]
        assert find_in_memory(daemon.process.pid, {"token": token.encode()}) == ["token"]

    def test_the_search_finds_the_key_where_it_is(self, daemon, private_key):
        daemon.token(TARGET)
        (signer,) = children(daemon.process.pid)
        found = find_in_memory(signer, private_key)
        assert any("prime" in name for name in found)

    def test_the_signer_has_no_token_and_no_store_key(self, daemon):
        token = daemon.token(TARGET)["token"]
        store_key = (daemon.directory / "store.key").read_text().strip()
        wanted = {"token": token.encode(), "store key": store_key.encode()}
        (signer,) = children(daemon.process.pid)
        assert find_in_memory(signer, wanted) == []

    @pytest.fixture
    def private_key(self, github):
        """Its forms, by name: as text, as DER, and its numbers in either order of bytes."""
        (file,) = github.key_files(12345)
        key = serialization.load_pem_private_key(file.read_bytes(), None)
        numbers = key.private_numbers()
        parts = {"prime p": numbers.p, "prime q": numbers.q, "d": numbers.d}
        parts |= {"d mod p-1": numbers.dmp1, "d mod q-1": numbers.dmq1, "1/q": numbers.iqmp}
        forms = {f"text {number}": it.encode() for number, it in enumerate(key_texts(github))}
        for name, value in parts.items():
            data = value.to_bytes((value.bit_length() + 7) // 8, "big")[8:40]
            forms[f"{name}, big end first"] = data
            forms[f"{name}, little end first"] = data[::-1]
        return forms
