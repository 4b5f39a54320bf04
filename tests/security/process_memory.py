"""A look into running processes, as root has it: their memory, their open files, their children."""

import os
import re
from pathlib import Path

CHUNK = 16 * 1024 * 1024
OVERLAP = 4096
PAGE = 4096


def children(pid):
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def open_files(pid):
    """Where each descriptor leads to, as text."""
    folder = f"/proc/{pid}/fd"
    found = []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{name}"))
        except FileNotFoundError:
            pass  # Closed meanwhile.
    return " ".join(found)


def find_in_memory(pid, wanted):
    """wanted: bytes by name. Gives the names of those that are somewhere in readable memory."""
    assert os.geteuid() == 0, "run as root: these tests read the memory of others"
    found = set()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in readable_ranges(pid):
            for text in readable_texts(memory.fileno(), start, end):
                found |= {name for name, value in wanted.items() if value in text}
    return sorted(found)


def readable_ranges(pid):
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        start, end, access = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
        if access[0] == "r" and "[v" not in line:  # The kernel's own: [vvar], [vsyscall].
            yield int(start, 16), int(end, 16)


def readable_texts(memory, start, end):
    """Piece by piece, each beginning with the end of the one before it. Pages with holes are left
    out: a file may be shorter than its mapping.
    """
    before = b""
    while start < end:
        try:
            text = os.pread(memory, min(CHUNK, end - start), start)
        except OSError:
            text = b""
        yield before + text
        before = text[-OVERLAP:]
        start += len(text) or PAGE
