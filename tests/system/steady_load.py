"""Callers that ask a daemon for tokens at a steady rate, and remember every failure."""

import threading
import time

from tokman_daemon import DaemonError, receive, send


class SteadyLoad:
    """So many requests a second from a few connections, between entering and leaving it.

    ask(number) gives the parameters of one request. A request that comes late, because an earlier
    one took long, is still made: a daemon that stalls is asked just as much.
    """

    def __init__(self, daemon, rate, ask, connections=10):
        self.errors = []
        self.sources = []
        self._daemon = daemon
        self._ask = ask
        self._pause = connections / rate
        self._connections = connections
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(first,), daemon=True)
            for first in range(connections)
        ]

    @property
    def answered(self):
        return len(self.sources)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number):
        began = time.monotonic()
        with self._daemon.connect() as connection:
            for turn in range(1_000_000):
                if self._ending.wait(max(0, began + turn * self._pause - time.monotonic())):
                    return
                self._request(connection, number + turn * self._connections)

    def _request(self, connection, number):
        send(connection, "io.tokman.GitHub.GetToken", self._ask(number))
        try:
            self.sources.append(receive(connection)["source"])
        except (DaemonError, EOFError, OSError) as error:
            self.errors.append(repr(error))
