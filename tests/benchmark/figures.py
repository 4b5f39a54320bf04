"""The figures that tokman promises: each function measures some and gives rows of the table."""

import random
import socket
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fake_github import CREATE_TOKEN
from servers import (
    Tokmand,
    bench_access,
    bench_socket,
    cpu_nanoseconds,
    milliseconds_since,
    only_child,
    pin,
    resident_mib,
)
from tokman_daemon import DaemonError, receive, send, wait_until

ROUNDS = 9
REQUESTS_PER_ROUND = 20_000
TARGET = "octo-org/hello-world"
STALLED_TARGET = "monalisa/notes"
MANY = 10_000
MANY_TARGETS = [f"octo-org/repo-{number}" for number in range(MANY)]
GET_TOKEN = "io.tokman.GitHub.GetToken"


@dataclass(frozen=True)
class Row:
    what: str
    measured: str
    must_be: str = ""
    holds: bool = True


def at_most(what, value, limit, unit, detail=""):
    return Row(what, f"{value:.2f}{unit}{detail}", f"<= {limit:g}{unit}", value <= limit)


def exactly(what, value, wanted):
    return Row(what, str(value), f"= {wanted}", value == wanted)


def ratio_at_most(what, ratios, limit):
    spread = f" ({min(ratios):.2f} to {max(ratios):.2f})"
    return at_most(what, statistics.median(ratios), limit, " x", spread)


# The time of one request on one connection, and the server's work for it with 64 of them


def measure_requests(tokmand, redis):
    pin(tokmand)
    pin(redis)
    redis.set("token", tokmand.token(TARGET)["token"])
    yield from measure_latency(tokmand, redis)
    yield from measure_server_cpu(tokmand, redis)


def measure_latency(tokmand, redis):
    sizes = bench_socket("frames", tokmand.socket_path, TARGET, 1000)
    request_bytes, reply_bytes = sizes["request_bytes"], sizes["reply_bytes"]
    ways = {
        "ping-pong": (request_bytes, reply_bytes),
        "frames": (tokmand.socket_path, TARGET),
        "library": (tokmand.socket_path, TARGET),
        "redis": (redis.socket_path, "token"),
    }
    rounds = [measure_round(ways) for _ in range(ROUNDS)]
    yield Row("request and reply", f"{request_bytes} and {reply_bytes} bytes")
    for way in ways:
        p50, p99 = (median_of(rounds, way, p) / 1000 for p in ("p50", "p99"))
        yield Row(f"{way}: p50, p99", f"{p50:.1f} µs, {p99:.1f} µs")
    yield ratio_at_most("frames / ping-pong", ratios(rounds, "frames", "ping-pong"), 1.5)
    yield ratio_at_most("library / redis GET", ratios(rounds, "library", "redis"), 1.5)


# What a service pays that is shown an access token


def measure_token_data(tokmand):
    pin(tokmand)
    made = tokmand.call("io.tokman.Access.CreateUserToken", {"name": "bench", "scopes": []})
    ways = {
        "frames": (tokmand.socket_path, TARGET),
        "token-data": (tokmand.socket_path, made["token"]),
    }
    rounds = [measure_round(ways) for _ in range(ROUNDS)]
    for way in ways:
        yield Row(f"{way}: p50", f"{median_of(rounds, way, 'p50') / 1000:.1f} µs")
    yield ratio_at_most("GetData / cached GetToken", ratios(rounds, "token-data", "frames"), 1.5)


def measure_round(ways):
    shuffled = random.sample(list(ways), len(ways))
    return {way: bench_socket(way, *ways[way], REQUESTS_PER_ROUND) for way in shuffled}


def median_of(rounds, way, percentile):
    return statistics.median(it[way][percentile] for it in rounds)


def ratios(rounds, way, peer):
    return [it[way]["p50"] / it[peer]["p50"] for it in rounds]


def measure_server_cpu(tokmand, redis):
    rounds = [cpu_round(tokmand, redis) for _ in range(ROUNDS)]
    for name in ("tokmand", "redis"):
        per_request = statistics.median(it[name] for it in rounds) / 1000
        yield Row(f"CPU per request, {name}", f"{per_request:.2f} µs")
    yield ratio_at_most("tokmand / redis", [it["tokmand"] / it["redis"] for it in rounds], 1.5)


def cpu_round(tokmand, redis):
    servers = [("tokmand", tokmand, TARGET), ("redis", redis, "token")]
    random.shuffle(servers)
    return {name: cpu_per_request(name, server, what) for name, server, what in servers}


def cpu_per_request(name, server, what):
    before = cpu_nanoseconds(server.pid)
    answers = bench_socket(f"{name}-load", server.socket_path, what, 100_000)["answers"]
    return (cpu_nanoseconds(server.pid) - before) / answers


# Access tokens and their history, few and many

FEW_TOKENS, MANY_TOKENS = 1_000, 1_000_000
ACCESS_FIGURES = {"get_us": "get", "list_us": "list page", "history_us": "history page"}


def measure_access():
    few, many = (measure_store(count) for count in (FEW_TOKENS, MANY_TOKENS))
    yield Row("made in", f"{many['fill_s']:.0f} s")
    for key, what in ACCESS_FIGURES.items():
        detail = f" ({many[key]:.1f} µs, {few[key]:.1f} µs)"
        yield at_most(f"{what}: of many / of few", many[key] / few[key], 2, " x", detail)
    yield at_most("the loop stands still at most", many["longest_pause_ms"], 5, " ms")


def measure_store(count):
    """On a disk: several GiB."""
    with tempfile.TemporaryDirectory(prefix="tokman-bench-", dir="/var/tmp") as folder:
        return bench_access(folder, count)


# One target's GitHub stalls


def measure_stall(github, tokmand):
    def p99():
        return bench_socket("frames", tokmand.socket_path, TARGET, REQUESTS_PER_ROUND)["p99"]

    undisturbed = [p99() for _ in range(ROUNDS)]
    mints = github.mints
    github.fault(CREATE_TOKEN, path="/installations/4343/", latency=20)
    with tokmand.connect() as waiting:
        send(waiting, GET_TOKEN, {"target": STALLED_TARGET})
        wait_until(lambda: github.mints > mints, lambda: "no mint began")
        disturbed = [p99() for _ in range(ROUNDS)]
        assert has_no_answer(waiting), "the stalled mint ended too early to be measured"
    github.clear_faults()
    compared = [after / before for after, before in zip(disturbed, undisturbed)]
    yield ratio_at_most("p99 of others while one mint stalls", compared, 2)


def has_no_answer(connection):
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    return False


# Logins with wrong keys


WRONG_LOGINS = 200
AUTHENTICATE = "io.tokman.Access.Authenticate"


def measure_wrong_logins(tokmand):
    """X-22: each of 200 logs in, and when it was told to come again in a second, does so."""

    def p99():
        return bench_socket("frames", tokmand.socket_path, TARGET, REQUESTS_PER_ROUND)["p99"]

    tokmand.append_config("\n[access]\nlogins_per_minute = 10000\n")
    tokmand.reload()
    tokmand.token(TARGET)
    undisturbed = [p99() for _ in range(ROUNDS)]
    stopped = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        answers = threads.submit(log_in_wrongly, tokmand, stopped)
        disturbed = [p99() for _ in range(ROUNDS)]
        stopped.set()
    compared = [after / before for after, before in zip(disturbed, undisturbed)]
    yield ratio_at_most("p99 of a cached token meanwhile", compared, 2)
    kinds = {name.rpartition(".")[2] for name in answers.result()}
    yield exactly("what they are told", ", ".join(sorted(kinds)), "Busy, Unauthenticated")


def log_in_wrongly(tokmand, stopped):
    """The names of all errors they got."""
    login = {"client_id": "nobody", "client_key": "a wrong key of a client"}
    connections = [tokmand.connect() for _ in range(WRONG_LOGINS)]
    names = []
    for connection in connections:
        send(connection, AUTHENTICATE, login)
    while not stopped.is_set():
        for connection in connections:
            stopped.wait(1 / WRONG_LOGINS)
            if has_no_answer(connection):
                continue
            names.append(error_of(connection))
            send(connection, AUTHENTICATE, login)
    for connection in connections:
        connection.close()
    return names


def error_of(connection):
    connection.setblocking(True)
    try:
        receive(connection)
    except DaemonError as error:
        return error.name
    return "let in"


# Many first requests at once


def measure_single_flight(github, tokmand):
    github.forget_calls()
    github.fault(CREATE_TOKEN, latency=0.5)  # Long enough for all of them to arrive.
    connections = [tokmand.connect() for _ in range(100)]
    for connection in connections:
        for _ in range(10):
            send(connection, GET_TOKEN, {"target": TARGET})
    tokens = [receive(connection)["token"] for connection in connections for _ in range(10)]
    github.clear_faults()
    for connection in connections:
        connection.close()
    yield exactly("mints for 1,000 first requests at once", github.mints, 1)
    yield exactly("different tokens they got", len(set(tokens)), 1)


# Memory, start and restart


def measure_start(github):
    times = []
    for _ in range(ROUNDS):
        tokmand = Tokmand(github)
        begin = time.monotonic()
        with tokmand:
            times.append(milliseconds_since(begin))
    yield at_most("exec to first answer", statistics.median(times), 50, " ms")


def measure_idle_memory(tokmand):
    time.sleep(3)  # Idle is after the work of starting, not in it.
    yield at_most("tokmand, idle", resident_mib(tokmand.pid), 16, " MiB")
    yield at_most("tokman-signer, idle", resident_mib(only_child(tokmand.pid)), 8, " MiB")


def measure_many_tokens(github, tokmand):
    before = resident_mib(tokmand.pid)
    ask_for_many(tokmand)
    yield at_most("10,000 cached tokens add", resident_mib(tokmand.pid) - before, 20, " MiB")
    time.sleep(1)  # Tokens are answered at once, and stored with the next batch.
    tokmand.kill()
    github.forget_calls()
    begin = time.monotonic()
    tokmand.start()
    assert tokmand.token(MANY_TARGETS[0])["source"] == "cache"
    yield at_most("kill -9, restart, first token", milliseconds_since(begin), 100, " ms")
    ask_for_many(tokmand)
    yield exactly("mints for those 10,000 after it", github.mints, 0)


def ask_for_many(tokmand):
    with ThreadPoolExecutor(8) as pool:
        for sources in pool.map(lambda part: ask_in_turn(tokmand, part), parts_of(MANY_TARGETS, 8)):
            assert sources <= {"minted", "cache"}, sources


def parts_of(items, count):
    return [items[first::count] for first in range(count)]


def ask_in_turn(tokmand, targets):
    sources = set()
    with tokmand.connect() as connection:
        for target in targets:
            send(connection, GET_TOKEN, {"target": target})
            sources.add(receive(connection)["source"])
    return sources
