"""What the security tests may ask for: what the system tests have, and a daemon for every user."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))

from fixtures import (  # noqa: E402, F401
    daemon,
    github,
    github_server,
    make_daemon,
    shared_daemon,
)


@pytest.fixture
def open_daemon(make_daemon):  # noqa: F811
    """Not started; every user may connect, and only root has a grant."""
    daemon = make_daemon()  # noqa: F811
    daemon.directory.chmod(0o711)
    daemon.edit_config("[store]", 'socket_mode = "0666"\n[store]')
    return daemon
