#!/usr/bin/python3
"""Measures what tokman promises and fails if a promise is not kept. Run by script/bench.

Only ratios of rounds in one run are promised, never times of this or that machine; memory and the
restart have room enough on any. TOKMAN_BIN_DIR says what is measured.
"""
import os
import sys
import tempfile

import servers  # First: it knows where the other modules are.
import figures
from fake_github import DEFAULT_WORLD, FakeGitHub, Minting

TOKEN_BYTES = 400


def world():
    many = [
        {"id": 100_000 + number, "full_name": target}
        for number, target in enumerate(figures.MANY_TARGETS)
    ]
    return {**DEFAULT_WORLD, "repositories": DEFAULT_WORLD["repositories"] + many}


def measure_all(github, directory):
    """(heading, rows) for each group, as they become known."""
    yield "Start", figures.measure_start(github)
    with servers.Tokmand(github) as tokmand:
        yield "Memory", figures.measure_idle_memory(tokmand)
        yield "Many at once", figures.measure_single_flight(github, tokmand)
        with servers.Redis(directory) as redis:
            yield "A cached token", figures.measure_requests(tokmand, redis)
        yield "An access token", figures.measure_token_data(tokmand)
        yield "GitHub stalls for 20 s", figures.measure_stall(github, tokmand)
    with servers.Tokmand(github) as tokmand:
        yield "200 wrong logins at once", figures.measure_wrong_logins(tokmand)
    with servers.Tokmand(github) as tokmand:
        yield "10,000 tokens", figures.measure_many_tokens(github, tokmand)
    yield "1,000,000 access tokens, 5,000,000 entries of history", figures.measure_access()


def show(row):
    verdict = "" if not row.must_be else "PASS" if row.holds else "FAIL"
    print(f"  {row.what:40} {row.measured:28} {row.must_be:12} {verdict}", flush=True)


def main():
    os.sched_setaffinity(0, servers.OTHER_CPUS)
    kept = True
    with tempfile.TemporaryDirectory(prefix="tokman-bench-") as directory:
        with FakeGitHub(directory, world=world(), minting=Minting(token_length=TOKEN_BYTES)) as github:
            for heading, rows in measure_all(github, directory):
                print(heading, flush=True)
                for row in rows:
                    show(row)
                    kept = kept and row.holds
    print("Every promise is kept." if kept else "A promise is NOT kept.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
