#!/usr/bin/env python3
"""Fails on what the house rules forbid and no compiler sees. Run by ctest as tidy.style.

A rule is a generator of problems for one file; RULES lists them all.
"""
import ast
import pathlib
import re
import sys

import source_tree

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

# What may stand only in the files of a list, beside the list. Each line: "path: why it may".
LISTED = {
    "reveal_allow_list.txt": r"\breveal\(",
    "ownership_allow_list.txt": r"\bnew\b|(?<!= )\bdelete\b",
    "exception_allow_list.txt": r"\bthrow\b|\bcatch\b|\btry\b",
}
LISTED_FOLDERS = ("daemon", "libtokman", "tools")

VAGUE_NAMES = ("utils", "helpers", "common", "misc", "manager")
NO_SLEEPING = ("tests/unit/", "tests/component/", "tests/security/")


class File:
    def __init__(self, root, path):
        self.path = path
        self.suffix = pathlib.PurePath(path).suffix
        self.text = pathlib.Path(root, path).read_text()
        self.is_cpp = self.suffix in source_tree.CPP
        self.code = source_tree.code_of(self.text) if self.is_cpp else self.text


def check_file_length(file):
    lines = file.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{file.path}: {lines} lines; at most {FILE_LINES_MAX}"


def check_file_name(file):
    for name in VAGUE_NAMES:
        if name in re.split(r"[_./]", file.path):
            yield f"{file.path}: '{name}' says nothing; name what it does"


def check_marks(file):
    if re.search(r"TODO\(now\)|FIXME", file.text) and not file.path.startswith("tests/tidy/"):
        yield f"{file.path}: has a mark that may not be merged"


def check_header_opening(file):
    if file.suffix != ".h" or file.path.startswith(("include/", "bindings/")):
        return  # C headers keep C's conventions.
    lines = file.text.splitlines() + ["", ""]
    if lines[0] != "#pragma once":
        yield f"{file.path}: must begin with #pragma once"
    elif not re.match(r"// \w", lines[1]):
        yield f"{file.path}: must say in its second line what it is"


def check_sleeping(file):
    if file.path.startswith(NO_SLEEPING) and re.search(r"sleep(_for|_until)?\s*\(", file.code):
        yield f"{file.path}: sleeps; give it a fake clock"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def end_of_block(code, begin):
    depth = 0
    for i in range(begin, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return len(code) - 1


def cpp_functions(code):
    """The outermost blocks whose head has parentheses; a space before a body is clang-format's."""
    head, i = 0, 0
    while i < len(code):
        if code[i] in ";}":
            head = i + 1
        elif code[i] == "{" and i > 0 and (code[i - 1].isalnum() or code[i - 1] in "_>"):
            i = end_of_block(code, i)  # A member's initializer, not a body.
        elif code[i] == "{":
            signature = code[head:i].lstrip()
            name = re.search(r"([\w~:]+)\s*\(", signature)
            if name and not re.search(r"=\s*$", signature):
                end = end_of_block(code, i)
                start = i - len(signature)
                line = code.count("\n", 0, start) + 1
                yield name.group(1), line, code.count("\n", start, end) + 1
                i = end
            head = i + 1
        i += 1


def check_function_length(file):
    if file.suffix == ".py":
        functions = python_functions(file.text)
    elif file.is_cpp:
        functions = cpp_functions(file.code)
    else:
        return
    for name, line, length in functions:
        if length > FUNCTION_LINES_MAX:
            yield f"{file.path}:{line}: {name}() has {length} lines; at most {FUNCTION_LINES_MAX}"


RULES = (
    check_file_length,
    check_file_name,
    check_marks,
    check_header_opening,
    check_sleeping,
    check_function_length,
)


def read_allow_list(path):
    for line in path.read_text().splitlines():
        allowed, _, reason = line.partition(": ")
        yield allowed, reason.strip()


def check_allow_list(root, list_path, pattern):
    """Both ways: what is used is listed with a reason, and what is listed is used."""
    users = set()
    for path in source_tree.files(root, source_tree.CPP, LISTED_FOLDERS):
        if re.search(pattern, File(root, path).code):
            users.add(path)
    allowed = dict(read_allow_list(list_path))
    for path in sorted(users - allowed.keys()):
        yield f"{path}: matches {pattern} and is not in {list_path.name}"
    for path in sorted(allowed.keys() - users):
        yield f"{list_path.name}: {path} no longer needs its line"
    for path, reason in allowed.items():
        if not reason:
            yield f"{list_path.name}: {path} has no reason"


def check(root, lists):
    for path in source_tree.files(root, (*source_tree.CPP, ".py", ".sh", ".txt", "")):
        file = File(root, path)
        for rule in RULES:
            yield from rule(file)
    for name, pattern in LISTED.items():
        yield from check_allow_list(root, lists / name, pattern)


if __name__ == "__main__":
    problems = list(check(sys.argv[1], pathlib.Path(__file__).parent))
    print("\n".join(problems))
    sys.exit(bool(problems))
