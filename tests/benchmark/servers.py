"""The servers that are measured, what the kernel knows of them, and the program that asks them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "system")]

from tokman_daemon import TokmanDaemon, program, wait_until  # noqa: E402

# Waking a halted processor costs more than a request, so both ends share one (and no one else).
CPUS = sorted(os.sched_getaffinity(0))
MEASURED_CPU = CPUS[0]
OTHER_CPUS = CPUS[1:] or CPUS


NO_LIMITS = "".join(
    f"mints_{what} = 1000000\n"
    for what in ("per_minute", "burst", "per_minute_max", "per_hour_max")
)


class Tokmand(TokmanDaemon):
    """As an operator runs it: without debug lines. GitHub's limits are not what is measured."""

    def __init__(self, github):
        super().__init__(github)
        self.edit_config('log_level = "debug"', 'log_level = "warning"')
        self.edit_config('"admin:daemon"]', '"admin:daemon", "user:token"]')
        self.edit_config("[[grant]]", f"{NO_LIMITS}\n[[grant]]")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.remove()

    @property
    def pid(self):
        return self.process.pid


class Redis:
    """redis-tools has the whole server; under its other name it is the server."""

    def __init__(self, directory):
        self.socket_path = Path(directory) / "redis.sock"

    def __enter__(self):
        options = f"--port 0 --unixsocket {self.socket_path} --appendonly no --loglevel warning"
        self.process = subprocess.Popen(
            ["redis-server", *options.split(), "--save", ""],
            executable="/usr/bin/redis-check-rdb",
            stdout=subprocess.DEVNULL,
        )
        self.pid = self.process.pid
        wait_until(self.socket_path.exists, lambda: "redis did not start")
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        self.process.wait()

    def set(self, key, value):
        command = ["redis-cli", "-s", self.socket_path, "set", key, value]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def tasks(pid):
    return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]


def pin(server):
    for task in tasks(server.pid):
        os.sched_setaffinity(task, {MEASURED_CPU})


def cpu_nanoseconds(pid):
    stats = (Path(f"/proc/{pid}/task/{task}/schedstat").read_text() for task in tasks(pid))
    return sum(int(stat.split()[0]) for stat in stats)


def resident_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no memory")


def only_child(pid):
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def bench_socket(way, address, what, count):
    """Asks `count` times; gives what the program printed."""
    words = ["taskset", "-c", MEASURED_CPU, program("bench_socket"), way, address, what, count]
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def bench_access(folder, tokens):
    """On all processors: what is measured there is what a loop and its threads do to each other."""
    words = [program("bench_access"), folder, str(tokens)]
    done = subprocess.run(
        words,
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, CPUS),
    )
    return json.loads(done.stdout)


def milliseconds_since(begin):
    return (time.monotonic() - begin) * 1000
