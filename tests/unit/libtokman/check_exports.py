#!/usr/bin/env python3
"""Fails unless a library exports just the symbols of a list, and needs just the libraries it may."""

import subprocess
import sys
from pathlib import Path

MAY_NEED = {"libjansson", "libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64",
            "ld-linux-aarch64"}
# What sanitizers bring along.
SANITIZERS = {"libasan", "libubsan", "libtsan", "libgcov"}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported_symbols(library):
    """"name version" of each, without the symbol that stands for the version itself."""
    rows = [line.split() for line in output_of("nm", "-D", "--defined-only", library).splitlines()]
    return {row[2].replace("@@", " ") for row in rows if row[1] != "A"}


def needed_libraries(library):
    lines = output_of("readelf", "-dW", library).splitlines()
    return {line.split("[")[1].split(".so")[0] for line in lines if "(NEEDED)" in line}


def main(library, list_of_symbols):
    expected = set(Path(list_of_symbols).read_text().splitlines())
    exported = exported_symbols(library)
    problems = [f"not exported any more: {name}" for name in sorted(expected - exported)]
    problems += [f"exported, but not in the list: {name}" for name in sorted(exported - expected)]
    strange = needed_libraries(library) - MAY_NEED - SANITIZERS
    problems += [f"needs {name}" for name in sorted(strange)]
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
