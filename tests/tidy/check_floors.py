#!/usr/bin/env python3
"""Fails when a file uses what its floor may not know. Run by ctest as tidy.floors.

The architecture of docs/architecture.md, as two tables. An include is allowed within a floor, and
from the folders listed for it; a word of a C library is allowed in its home and nowhere else.
"""
import pathlib
import re
import sys

import source_tree

GROUND = ["libtokman/base", "libtokman/json", "libtokman/protocol"]
BELOW_SERVICES = GROUND + ["daemon/base", "daemon/platform", "daemon/domain"]

# floor -> what it may include, besides itself.
MAY_INCLUDE = {
    "libtokman/base": [],
    "libtokman/json": ["libtokman/base"],
    "libtokman/protocol": ["libtokman/base", "libtokman/json"],
    "libtokman/client": GROUND,
    "libtokman/api": GROUND + ["libtokman/client"],
    "daemon/base": GROUND,
    "daemon/platform/crypto": GROUND + ["daemon/base"],
    "daemon/platform/http": GROUND + ["daemon/base", "daemon/platform/uv"],
    "daemon/platform/linux": GROUND + ["daemon/base"],
    "daemon/platform/lmdb": GROUND + ["daemon/base"],
    "daemon/platform/systemd": GROUND + ["daemon/base"],
    "daemon/platform/toml": GROUND + ["daemon/base"],
    "daemon/platform/uv": GROUND + ["daemon/base"],
    "daemon/domain": ["libtokman/base", "daemon/base"],
    "daemon/services": BELOW_SERVICES,
    "daemon/api": BELOW_SERVICES + ["daemon/services"],
    "daemon/signer": BELOW_SERVICES + ["daemon/services/config", "daemon/services/secrets"],
    "daemon/fetcher": BELOW_SERVICES + ["daemon/services/config", "daemon/services/secrets"],
    "daemon/main": BELOW_SERVICES + ["daemon/services", "daemon/api"],
    "tools": ["libtokman/base", "libtokman/json"],
    "bindings": [],
}

_JANSSON = "array|decref|dump|incref|integer|is|load|object|pack|string|unpack"

# what a word of code looks like -> its homes, and what everyone else uses.
HOMES = {
    r"\buv_\w+": (["daemon/platform/uv", "daemon/platform/http"], "a port of daemon/base/ports.h"),
    r"\bcurl_\w+": (["daemon/platform/http"], "HttpClient"),
    r"\bmdb_\w+": (["daemon/platform/lmdb"], "the store"),
    rf"\bjson_({_JANSSON})\w*\(": (["libtokman/json"], "json::Value"),
    r"\bMHD_\w+": (["daemon/platform/http_server"], "the HTTP listener"),
    r"\b(EVP|RSA|PEM|BIO)_\w+": (["daemon/platform/crypto"], "daemon/platform/crypto"),
    r"\bSSL_\w+": (["daemon/platform/http"], "HttpClient"),
    r"\btoml::": (["daemon/platform/toml"], "parse_config_text()"),
    r"\bseccomp_\w+\(": (["daemon/platform/linux"], "daemon/platform/linux"),
    r"\b(system|steady)_clock::now\b": (["daemon/platform", "libtokman/client"], "Clock"),
}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
_OURS = ("bindings/", "daemon/", "libtokman/", "tests/", "tools/")


def is_below(path, folder):
    return path.startswith(folder + "/")


def floor_of(path):
    return next((floor for floor in MAY_INCLUDE if is_below(path, floor)), None)


def check_includes(path, floor, text):
    for included in _INCLUDE.findall(text):
        allowed = [floor, *MAY_INCLUDE[floor]]
        if included.startswith(_OURS) and not any(is_below(included, f) for f in allowed):
            yield f"{path}: {floor} may not include {included}"


def check_words(path, code):
    for pattern, (homes, instead) in HOMES.items():
        found = re.search(pattern, code)
        if found and not any(is_below(path, home) for home in homes):
            line = code.count("\n", 0, found.start()) + 1
            yield f"{path}:{line}: {found.group()} belongs to {homes[0]}; use {instead}"


def check(root):
    folders = ("bindings", "daemon", "libtokman", "tools")
    for path in source_tree.files(root, source_tree.CPP, folders):
        text = pathlib.Path(root, path).read_text()
        floor = floor_of(path)
        if floor is None:
            yield f"{path}: stands on no floor; add its folder to MAY_INCLUDE"
            continue
        yield from check_includes(path, floor, text)
        yield from check_words(path, source_tree.code_of(text))


if __name__ == "__main__":
    problems = list(check(sys.argv[1]))
    print("\n".join(problems))
    sys.exit(bool(problems))
