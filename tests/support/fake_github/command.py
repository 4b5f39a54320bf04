"""The command line of the stand-in."""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from .api import ROUTES
from .control import CONTROLS
from .stand_in import FakeGitHub
from .tokens import CLASSIC_LENGTH, Minting
from .world import CHANGES, DEFAULT_WORLD

DESCRIPTION = """\
A stand-in for GitHub: the part of its API that a GitHub App uses to log in, over HTTPS with a
certificate of its own CA. It checks what GitHub checks and refuses in GitHub's words; its tokens
expire, and are refused when they are used outside their scope.
"""

EXAMPLE = """\
a fault is a JSON object: route (none: all of them), path (a regular expression), times, and
  latency (s)   answers ([503, "SECONDARY_LIMIT", {"status": 403, "headers": {"retry-after": "60"}}, null])
  headers       reset, half_body, garbage (true)        date_skew (s)
  lag_seconds, lag_uses, permission_lag_seconds (of a new token)      token_length, lifetime

for example:
  fake_github.py --port 8443 --directory /tmp/github &
  curl --cacert /tmp/github/ca.pem https://localhost:8443/_control/faults \\
    --data '{"route": "POST /app/installations/{id}/access_tokens", "answers": [502, 502]}'
"""


def main():
    options = parse_arguments()
    if options.print_world:
        print(json.dumps(DEFAULT_WORLD, indent=2))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    directory = options.directory or tempfile.mkdtemp(prefix="fake-github-")
    github = FakeGitHub(
        directory,
        options.port,
        json.loads(options.world.read_text()) if options.world else None,
        options.ghes,
        Minting(options.lifetime, options.token_length),
    )
    port_file = github.keys.directory / "port"
    port_file.unlink(missing_ok=True)
    with github:
        print(describe(github), flush=True)
        write_whole(port_file, f"{github.port}\n")
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="fake_github.py",
        description=DESCRIPTION,
        epilog=epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=8443, help="0 picks one and writes it to DIRECTORY/port")
    add("--directory", type=Path, help="of ca.pem, port and the apps' keys; made if missing")
    add("--world", type=Path, metavar="FILE", help="apps, installations, repositories, in JSON")
    add("--print-world", action="store_true", help="print the usual world, to begin one with")
    add("--ghes", metavar="VERSION", help="be an Enterprise Server: /api/v3, and its differences")
    add("--lifetime", type=float, default=3600, help="of a token, in seconds")
    add("--token-length", type=int, default=CLASSIC_LENGTH, help="40, or more for stateless ones")
    return parser.parse_args()


def epilog():
    controls = "\n".join(f"  {it.name:30} {it.help}" for it in CONTROLS)
    routes = "\n".join(f"  {it.name}" for it in ROUTES)
    return (
        f"routes:\n{routes}\n\ncontrol, on the same port:\n{controls}\n\n"
        f"changes of the world: {', '.join(CHANGES)}\n\n{EXAMPLE}"
    )


def describe(github):
    world = github.state.api.world
    lines = [f"GitHub's API is at {github.api_base}", f"CA        {github.ca_file}"]
    for app in world.apps:
        files = ", ".join(str(path) for path in github.key_files(app.app_id))
        lines.append(f"app       {app.app_id} '{app.slug}' ({app.client_id}), key {files}")
    for it in world.installations:
        lines.append(f"installed {it.id} of app {it.app_id} on {it.account} ({it.account_type})")
    lines.append(f"control   {github.url}/_control/calls, and more: --help")
    return "\n".join(lines)


def write_whole(path, text):
    """Whole or not at all: whoever waits for the file may read it at once."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text)
    unfinished.rename(path)
