"""Connections of other users: what the kernel says of them is true, because processes made them."""

import os
import socket
import subprocess
from contextlib import contextmanager

from tokman_daemon import receive, send

NOBODY = 65534
STRANGER = 4_711  # Has no name, and no grant unless a test gives it one.

# Connects, hands the connection over, and stays, as long as the test holds its end.
PROGRAM = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
test = socket.socket(fileno=0)
socket.send_fds(test, [b"."], [connection.fileno()])
test.recv(1)
"""


@contextmanager
def connected_as(daemon, uid=STRANGER, gid=None, groups=(), prefix=(), program="/usr/bin/python3"):
    """prefix: a command that runs it, as root; program: a Python interpreter."""
    assert os.geteuid() == 0, "run as root: these tests act as other users"
    change = [f"--reuid={uid}", f"--regid={uid if gid is None else gid}"]
    change += [f"--groups={','.join(map(str, groups))}"] if groups else ["--clear-groups"]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [*prefix, "setpriv", *change, program, "-ISc", PROGRAM, daemon.socket_path]
        process = subprocess.Popen(command, stdin=theirs)
        theirs.close()
        try:
            _, (fd, *_), _, _ = socket.recv_fds(ours, 1, 1)
            with socket.socket(fileno=fd) as connection:
                connection.settimeout(30)
                yield connection
        finally:
            ours.close()
            process.wait()


def ask(connection, method, parameters=None):
    send(connection, method, parameters)
    return receive(connection)
