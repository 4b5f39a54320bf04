"""Builds the wheel of tokman: `pip install ./bindings/python` in a checkout of tokman.

A PEP 517 build backend that needs no other Python package, so that pip works offline. It compiles
the CMake target `_tokman` of the whole project, with libtokman inside, and zips what comes out.
There is no sdist: libtokman's sources are not below this folder.
"""

import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The hook that pip calls. Returns the wheel's file name."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    tag = f"cp311-abi3-{platform}"
    stem = f"{PROJECT['name']}-{version()}"
    with tempfile.TemporaryDirectory() as build:
        files = compiled_package(pathlib.Path(build))
    files |= metadata(f"{stem}.dist-info", tag)
    name = f"{stem}-{tag}.whl"
    write_wheel(pathlib.Path(wheel_directory) / name, f"{stem}.dist-info/RECORD", files)
    return name


def version():
    """That of libtokman, from its public header."""
    header = (ROOT / "include/tokman/tokman.h").read_text()
    parts = ("MAJOR", "MINOR", "PATCH")
    return ".".join(re.search(rf"TOKMAN_VERSION_{part} (\d+)", header)[1] for part in parts)


def compiled_package(build):
    """The package's files: path in the wheel -> content."""
    configure = ["cmake", "-S", ROOT, "-B", build, "-G", "Ninja"]
    options = {
        "CMAKE_BUILD_TYPE": "Release",
        # Warnings are errors for tokman's developers, not for whoever has a newer compiler.
        "CMAKE_C_FLAGS": os.environ.get("CFLAGS", "") + " -w",
        "CMAKE_CXX_FLAGS": os.environ.get("CXXFLAGS", "") + " -w",
        "Python3_EXECUTABLE": sys.executable,
        "TOKMAN_PYTHON_STATIC": "ON",
        "TOKMAN_TESTS": "OFF",
    }
    subprocess.run(configure + [f"-D{key}={value}" for key, value in options.items()], check=True)
    subprocess.run(["cmake", "--build", build, "--target", "_tokman"], check=True)
    package = build / "python" / "tokman"
    return {f"tokman/{path.name}": path.read_bytes() for path in sorted(package.iterdir())}


def metadata(folder, tag):
    """What describes the wheel: path in the wheel -> content."""
    about = f"""Metadata-Version: 2.1
Name: {PROJECT["name"]}
Version: {version()}
Summary: {PROJECT["description"]}
License: {PROJECT["license"]["text"]}
Requires-Python: {PROJECT["requires-python"]}
"""
    wheel = f"""Wheel-Version: 1.0
Generator: tokman
Root-Is-Purelib: false
Tag: {tag}
"""
    return {f"{folder}/METADATA": about.encode(), f"{folder}/WHEEL": wheel.encode()}


def write_wheel(path, record_name, files):
    """Zips the files with a record of their hashes; the same files give the same wheel."""
    record = [f"{name},sha256={digest(content)},{len(content)}" for name, content in files.items()]
    record.append(f"{record_name},,\n")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in (files | {record_name: "\n".join(record).encode()}).items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content)


def digest(content):
    """As RECORD has it: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
