"""What docs/access.md says is so: its configuration is accepted, and its commands work."""

import os
import pwd
import re
import subprocess
from pathlib import Path

import pytest

from tokman_daemon import program

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "access.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)


@pytest.fixture
def documented_daemon(make_daemon):
    """A daemon with the grants and scopes of the page."""
    daemon = make_daemon()
    (configuration,) = blocks("toml")
    me = pwd.getpwuid(os.getuid()).pw_name
    own = daemon.config_file.read_text().split("[[grant]]")[0]
    daemon.config_file.write_text(own + configuration.replace('user = "me"', f'user = "{me}"'))
    return daemon.start()


def test_its_commands_work_in_their_order(documented_daemon, tmp_path):
    script = "set -euxo pipefail\n" + "\n".join(blocks("sh"))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={
            "PATH": f"{program('.')}:{os.environ['PATH']}",
            "TOKMAN_SOCKET": str(documented_daemon.socket_path),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
