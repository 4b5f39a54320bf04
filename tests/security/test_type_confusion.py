"""Every text of every method, as the .varlink files declare them, replaced by what it must not be."""

import json
import re
from pathlib import Path

import authorization_matrix
import pytest
from tokman_daemon import DaemonError, TokmanDaemon, receive, send

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / "include" / "tokman").glob("*.varlink")),
    ROOT / "daemon" / "api" / "org.varlink.service.varlink",
]
ANY_OF_TYPE = {"string": "x", "int": 1, "bool": False, "float": 1.0, "object": {}}
NO_TEXTS = [5, -1, 1.5, True, False, [], ["x"], {}, {"x": "y"}]
NO_LISTS = ["x", 5, True, {}, [5], [None], [["x"]], [{}]]


def declared_methods():
    """Gives {method: {parameter: type}}."""
    found = {}
    for file in FILES:
        text = re.sub(r"#.*", "", file.read_text())
        for name, inside in re.findall(r"^method (\w+)\(([^)]*)\)", text, re.M):
            fields = re.findall(r"(\w+)\s*:\s*([^,\s]+)", inside)
            found[f"{file.stem}.{name}"] = dict(fields)
    return found


METHODS = declared_methods()


def fields_of(kind):
    return [
        (method, field)
        for method, fields in METHODS.items()
        for field, declared in fields.items()
        if declared.removeprefix("?") == kind
    ]


def value_of(declared):
    if declared.startswith("[]"):
        return []
    return {} if declared.startswith("[string]") else ANY_OF_TYPE[declared]


def call_with(method, field, value):
    """All that is needed, each of its type, and this value."""
    needed = {
        name: value_of(declared)
        for name, declared in METHODS[method].items()
        if not declared.startswith("?")
    }
    return {**needed, field: value}


@pytest.fixture(scope="module")
def daemon(github_server):
    """Root may call everything, so that parameters are looked at."""
    daemon = TokmanDaemon(github_server)
    scopes = ", ".join(f'"{scope}"' for scope in authorization_matrix.scopes(ROOT))
    daemon.edit_config('"github:token", "admin:daemon"', scopes)
    yield daemon.start()
    assert daemon.stop() == 0
    daemon.remove()


@pytest.fixture
def connection(daemon):
    """Afterwards the daemon is as well as it was."""
    with daemon.connect() as connection:
        yield connection
    assert daemon.call("io.tokman.Daemon.Ping")


def refusal(connection, method, parameters):
    send(connection, method, parameters)
    with pytest.raises(DaemonError) as caught:
        receive(connection)
    return caught.value


def assert_names(error, field):
    if error.name == "org.varlink.service.InvalidParameter":
        assert error.parameters["parameter"] == field
    else:
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == field


def test_the_files_were_read():
    assert sorted(METHODS) == sorted(authorization_matrix.methods(ROOT))
    assert METHODS["io.tokman.GitHub.GetToken"]["target"] == "string"
    assert len(fields_of("string")) > 30


# X-2, TF-19
@pytest.mark.parametrize("method, field", fields_of("string"))
class TestTexts:
    def test_another_type_is_refused_by_name(self, connection, method, field):
        for value in NO_TEXTS:
            assert_names(refusal(connection, method, call_with(method, field, value)), field)

    def test_null_is_no_text(self, connection, method, field):
        if METHODS[method][field].startswith("?"):
            pytest.skip("as good as absent")
        assert_names(refusal(connection, method, call_with(method, field, None)), field)

    def test_one_that_is_no_text_at_all_is_refused(self, connection, method, field):
        """Bytes that are not UTF-8, and a NUL, which would end the text early where C reads it."""
        call = json.dumps({"method": method, "parameters": call_with(method, field, "SPOIL")})
        for spoilt in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\\u0000", b"a\\u0000b", b"\\ud800"):
            connection.sendall(call.encode().replace(b"SPOIL", spoilt) + b"\0")
            with pytest.raises(DaemonError) as caught:
                receive(connection)
            assert caught.value.name == "io.tokman.InvalidArgument"

    def test_one_that_fills_the_frame_is_answered(self, connection, method, field):
        send(connection, method, call_with(method, field, "x" * 60_000))
        try:
            assert isinstance(receive(connection), dict)
        except DaemonError as error:
            assert "." in error.name

    def test_one_that_is_longer_than_a_frame_ends_the_connection(self, connection, method, field):
        with pytest.raises((ConnectionError, EOFError)):
            send(connection, method, call_with(method, field, "x" * 1024 * 1024))
            receive(connection)


@pytest.mark.parametrize("method, field", fields_of("[]string"))
def test_a_list_of_texts_is_just_that(connection, method, field):
    for value in NO_LISTS:
        assert_names(refusal(connection, method, call_with(method, field, value)), field)
