"""Keys that are fetched: where they pass through, and where they never do."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from process_memory import children, find_in_memory, open_files
from secret_servers import aws
from secret_servers.servers import SecretServers
from secret_servers.vault import Vault
from tokman_daemon import DaemonError, wait_until, write_secret

TARGET = "octo-org/hello-world"


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    return SecretServers(tmp_path_factory.mktemp("secrets"))


@pytest.fixture
def key_text(github):
    (file,) = github.key_files(12345)
    return file.read_text()


@pytest.fixture
def sources(servers, github, key_text):
    """Places that lead to the app's key, by name."""
    (file,) = github.key_files(12345)
    servers.change({
        "down": False,
        "vault": {"secret/tokman/ci": {"private_key": key_text}},
        "aws": {"tokman/ci": json.dumps({"private_key": key_text})},
    })
    return {
        "command": f"command:/bin/cat {file}",
        "vault": "vault:secret/tokman/ci#private_key",
        "aws": f"aws-secretsmanager:{aws.REGION}/tokman/ci#private_key",
    }


@pytest.fixture
def make_fetching(make_daemon, github, servers, sources, monkeypatch):
    """A daemon whose app's key comes from the source of this name; not started."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.KEYS["AKIDEXAMPLE"][0])

    def make(source):
        daemon = make_daemon()
        (file,) = github.key_files(12345)
        daemon.edit_config(f'"file:{file}"', f'"{sources[source]}"')
        write_secret(daemon.directory / "vault-token", Vault.TOKEN)
        daemon.append_config(
            f'[secrets]\nca_file = "{servers.ca_file}"\naws_endpoint = "{servers.url}"\n'
            f'vault_address = "{servers.url}"\nrefresh_interval = "1s"\n'
            f'vault_token = "file:{daemon.directory}/vault-token"\n'
        )
        return daemon

    return make


@pytest.fixture(params=["command", "vault", "aws"])
def daemon(request, make_fetching):
    return make_fetching(request.param).start()


@pytest.fixture
def key_parts(key_text):
    """What of the key is looked for: its text, and its primes as OpenSSL has them."""
    numbers = serialization.load_pem_private_key(key_text.encode(), None).private_numbers()
    lines = [line for line in key_text.splitlines() if len(line) > 40]
    parts = {f"text {number}": line.encode() for number, line in enumerate(lines)}
    for name, prime in (("p", numbers.p), ("q", numbers.q)):
        parts[f"prime {name}"] = prime.to_bytes(128, "little")[:32]
    return parts


def processes(daemon):
    """tokmand, tokman-signer, tokman-fetcher."""
    (signer,) = children(daemon.process.pid)
    (fetcher,) = children(signer)
    return daemon.process.pid, signer, fetcher


def key_error(daemon):
    """What Status says is wrong with the app's only key; none if nothing is."""
    (app,) = daemon.status()["apps"]
    (key,) = app["keys"]
    return key.get("error")


def key_error_after_reload(daemon):
    """A reload is what makes the signer read its keys at once; else tokmand asks it to by itself."""
    daemon.reload()
    return key_error(daemon)


class TestFetchedKey:
    def test_tokens_are_minted_with_it(self, daemon):
        assert daemon.token(TARGET)["source"] == "minted"

    def test_it_is_in_the_signer_alone(self, daemon, key_parts):
        daemon.token(TARGET)
        tokmand, signer, fetcher = processes(daemon)
        assert find_in_memory(tokmand, key_parts) == []
        assert find_in_memory(fetcher, key_parts) == []
        assert any("prime" in name for name in find_in_memory(signer, key_parts))

    def test_vaults_token_is_in_neither_tokmand_nor_the_signer(self, daemon):
        daemon.token(TARGET)
        for pid in processes(daemon)[:2]:
            assert find_in_memory(pid, {"token": Vault.TOKEN.encode()}) == []

    def test_the_signer_has_no_socket_but_to_tokmand_and_to_the_fetcher(self, daemon):
        daemon.token(TARGET)
        _, signer, _ = processes(daemon)
        assert open_files(signer).count("socket:") == 2

    def test_no_secret_is_in_the_log(self, daemon, key_parts):
        daemon.token(TARGET)
        daemon.reload()
        daemon.stop()
        assert "secret fetched" in daemon.log
        planted = [Vault.TOKEN, aws.KEYS["AKIDEXAMPLE"][0]]
        planted += [part.decode() for name, part in key_parts.items() if "text" in name]
        assert [secret for secret in planted if secret in daemon.log] == []


class TestFailingSource:
    def test_the_last_good_key_stays_in_use(self, make_fetching, servers):
        daemon = make_fetching("vault").start()
        daemon.token(TARGET)
        servers.change({"down": True})
        wait_until(lambda: key_error_after_reload(daemon) is not None)
        assert "Vault answered with status 500" in key_error(daemon)
        assert daemon.token(TARGET, permissions={"issues": "read"})["source"] == "minted"

    def test_the_daemon_starts_without_it_and_needs_no_restart_then(self, make_fetching, servers):
        servers.change({"down": True})
        daemon = make_fetching("aws")
        daemon.edit_config("[store]", 'call_timeout = "1s"\n[store]')
        daemon.start()
        with pytest.raises(DaemonError) as caught:
            daemon.token(TARGET)
        assert caught.value.name == "io.tokman.SecretUnavailable"
        assert "AWS answered with status 500" in str(caught.value)
        servers.change({"down": False})
        wait_until(lambda: key_error_after_reload(daemon) is None)
        assert daemon.token(TARGET)["source"] == "minted"


class TestStoreKey:
    def test_it_may_come_from_a_command_too(self, make_daemon, github):
        daemon = make_daemon()
        file = daemon.directory / "store.key"
        daemon.edit_config(f"file:{file}", f"command:/bin/cat {file}")
        daemon.start()
        fingerprint = daemon.token(TARGET)["fingerprint"]
        daemon.restart()
        assert daemon.token(TARGET)["fingerprint"] == fingerprint
        assert github.mints == 1

    def test_a_command_that_fails_is_the_reason_not_to_start(self, make_daemon):
        daemon = make_daemon()
        daemon.edit_config(f"file:{daemon.directory}/store.key", "command:/bin/false x")
        daemon.launch()
        assert daemon.wait_for_end() != 0
        assert "/bin/false failed with status 1" in daemon.log
