#!/usr/bin/env python3
"""Who may call what: authorization_matrix.csv, and whether it is about every method and scope.

A row says, for a caller whose grants give exactly one scope (or none), whether it may call that
method. test_authorization.py makes every such call, docs/protocol.md shows the table, and the build
runs this file, which fails when a method or a scope of the daemon is not in it.
"""
import csv
import pathlib
import re
import sys

MATRIX = "tests/security/authorization_matrix.csv"
METHODS = "daemon/api/method_table.h"
SCOPES = "daemon/domain/policy/scope.h"


def read(root):
    """Gives {method: {scope: "yes" or "no"}}; the scope "none" stands for a caller without a grant."""
    with open(pathlib.Path(root, MATRIX), newline="") as file:
        return {row.pop("method"): row for row in csv.DictReader(file)}


def methods(root):
    return re.findall(r'\{"([\w.]+)",\s*Scope::', pathlib.Path(root, METHODS).read_text())


def scopes(root):
    text = pathlib.Path(root, SCOPES).read_text()
    return re.findall(r'ScopeName\{Scope::\w+, "([\w:-]+)"', text)


def check(root):
    """Yields what the matrix lacks."""
    matrix = read(root)
    for method in methods(root):
        if method not in matrix:
            yield f"{MATRIX}: {method} has no row; say who may call it"
    for method, row in matrix.items():
        if list(row) != ["none", *scopes(root)]:
            yield f"{MATRIX}: the columns must be 'method', 'none', and the scopes of {SCOPES}"
            return
        if not set(row.values()) <= {"yes", "no"}:
            yield f"{MATRIX}: {method}: each outcome must be 'yes' or 'no'"


if __name__ == "__main__":
    problems = list(check(sys.argv[1]))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)
