"""What every system test may ask for."""

from fixtures import (  # noqa: F401
    caller,
    daemon,
    github,
    github_server,
    make_daemon,
    shared_daemon,
)
