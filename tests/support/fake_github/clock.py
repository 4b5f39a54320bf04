"""GitHub's clock: this machine's, shifted by as much as a test wants."""

import time
from datetime import datetime, timezone
from email.utils import formatdate


class Clock:
    def __init__(self):
        self.offset = 0.0

    def now(self):
        return time.time() + self.offset

    def advance(self, seconds):
        self.offset += seconds


def iso(seconds):
    """2026-01-31T12:00:00Z, the form of every time in GitHub's bodies."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(seconds):
    return formatdate(seconds, usegmt=True)
