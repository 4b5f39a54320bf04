"""tokmand before a client of Varlink that other people wrote."""

import subprocess


def test_the_certification_client_of_varlink_go_passes(make_daemon):
    daemon = make_daemon().start("tokmand-certified")

    client = subprocess.run(
        ["varlink-go-certification", f"-varlink=unix:{daemon.socket_path}", "-client"],
        capture_output=True, text=True, timeout=60, check=False)

    assert client.returncode == 0, client.stdout + client.stderr
    assert "End: 'true'" in client.stdout
