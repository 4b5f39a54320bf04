"""tokmand's Varlink, byte by byte: https://varlink.org/Protocol and the .varlink files."""

import json
import re
from pathlib import Path

import pytest
from tokman_daemon import DaemonError, receive, send

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(ROOT / "include" / "tokman").glob("*.varlink"),
    ROOT / "daemon" / "api" / "org.varlink.service.varlink",
]
CONTRACT = {file.name.removesuffix(".varlink"): file.read_text() for file in FILES}
METHODS = [
    f"{interface}.{method}"
    for interface, text in CONTRACT.items()
    for method in re.findall(r"^method (\w+)\(", text, re.M)
]

GET_TOKEN = "io.tokman.GitHub.GetToken"
PING = "io.tokman.Daemon.Ping"
WHO_AM_I = "io.tokman.Access.WhoAmI"
SERVICE = "org.varlink.service"
TARGET = "octo-org/hello-world"
MINT = "POST /app/installations/{id}/access_tokens"


# What a parameter may be, where it must be there: enough to be read, not to be right.
VALUES = {"string": TARGET, "int": 1, "bool": True, "[]string": [], "[string]string": {}}


def needed_parameters(method):
    interface, _, name = method.rpartition(".")
    inputs = re.search(rf"^method {name}\(([^)]*)\)", CONTRACT[interface], re.M).group(1)
    fields = re.findall(r"(\w+): (\S+?)(?:,|\s|$)", inputs)
    return {field: VALUES[kind] for field, kind in fields if not kind.startswith("?")}


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    """Its tests have every scope: what is refused here is refused for another reason."""
    scopes = '"github:token", "admin:daemon"'
    more = ', "user:token", "admin:token", "admin:client"'
    shared_daemon.edit_config(scopes, scopes + more)
    shared_daemon.reload()
    return shared_daemon


@pytest.fixture
def connection(daemon):
    with daemon.connect() as connection:
        yield connection


def refusal(daemon, method, parameters=None):
    with pytest.raises(DaemonError) as caught:
        daemon.call(method, parameters)
    return caught.value


def say(connection, text):
    connection.sendall(text.encode() + b"\0")


class TestIntrospection:
    def test_info_names_the_interfaces_of_the_contract(self, daemon):
        info = daemon.call(f"{SERVICE}.GetInfo")
        assert sorted(info["interfaces"]) == sorted(CONTRACT)
        assert info["product"] == "tokmand"
        assert info["version"] == daemon.call(PING)["version"]

    @pytest.mark.parametrize("interface", CONTRACT)
    def test_a_description_is_the_text_of_the_file(self, daemon, interface):
        answer = daemon.call(f"{SERVICE}.GetInterfaceDescription", {"interface": interface})
        assert answer == {"description": CONTRACT[interface]}

    @pytest.mark.parametrize("method", METHODS)
    def test_a_method_of_the_contract_is_served(self, daemon, method):
        try:
            daemon.call(method)
        except DaemonError as error:
            assert not error.name.endswith("NotFound"), error

    def test_nothing_else_is_served(self):
        table = (ROOT / "daemon" / "api" / "method_table.h").read_text()
        assert sorted(re.findall(r'\{"([\w.]+)",', table)) == sorted(METHODS)


class TestRefusals:
    def test_an_unknown_method_is_named(self, daemon):
        error = refusal(daemon, "io.tokman.GitHub.Nonsense")
        assert error.name == f"{SERVICE}.MethodNotFound"
        assert error.parameters == {"method": "io.tokman.GitHub.Nonsense"}

    @pytest.mark.parametrize("interface", ["io.tokman.Nonsense", "io.tokman", "com.example.x"])
    def test_an_unknown_interface_is_named(self, daemon, interface):
        error = refusal(daemon, f"{interface}.Method")
        assert error.name == f"{SERVICE}.InterfaceNotFound"
        assert error.parameters == {"interface": interface}

    @pytest.mark.parametrize("parameters", [{}, {"interface": 5}, {"interface": None}])
    def test_the_service_interface_names_a_bad_parameter_its_own_way(self, daemon, parameters):
        error = refusal(daemon, f"{SERVICE}.GetInterfaceDescription", parameters)
        assert error.name == f"{SERVICE}.InvalidParameter"
        assert error.parameters == {"parameter": "interface"}

    def test_an_interface_to_describe_that_is_unknown_is_not_found(self, daemon):
        asked = {"interface": "io.tokman.Nonsense"}
        error = refusal(daemon, f"{SERVICE}.GetInterfaceDescription", asked)
        assert error.name == f"{SERVICE}.InterfaceNotFound"

    def test_an_unknown_parameter_is_named_with_the_nearest_known_one(self, daemon):
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, "permisions": {}})
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == "permisions"
        assert "did you mean 'permissions'?" in error.parameters["message"]

    @pytest.mark.parametrize(
        "method", [it for it in METHODS if it != f"{SERVICE}.GetInfo" and "Webhook" not in it]
    )
    def test_no_method_takes_a_parameter_that_it_does_not_know(self, daemon, method):
        needed = needed_parameters(method)
        if method.startswith(SERVICE):
            needed = {"interface": SERVICE}
        if method.endswith(".Revoke"):
            needed = {"app": "ci"}
        error = refusal(daemon, method, {**needed, "colour": "red"})
        assert "colour" in (error.parameters.get("field"), error.parameters.get("parameter"))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("target", 5),
            ("target", "a/b/c"),
            ("target", ""),
            ("target", "../x"),
            ("app", ["ci"]),
            ("permissions", {"contents": 1}),
            ("permissions", {"contents": "execute"}),
            ("repositories", "hello-world"),
            ("repositories", ["octo-org/hello-world/x"]),
            ("min_lifetime", "300"),
            ("min_lifetime", 1.5),
            ("min_lifetime", -1),
        ],
    )
    def test_a_value_that_does_not_fit_is_refused_by_its_name(self, daemon, field, value):
        error = refusal(daemon, GET_TOKEN, {"target": TARGET, field: value})
        assert error.name == "io.tokman.InvalidArgument"
        assert error.parameters["field"] == field
        assert error.parameters["retryable"] is False

    @pytest.mark.parametrize(
        "frame",
        [
            "garbage",
            "",
            "[]",
            "5",
            "null",
            "{}",
            '{"method":5}',
            '{"method":"io.tokman.Daemon.Ping","parameters":[]}',
            '{"method":"io.tokman.Daemon.Ping","colour":"red"}',
            '{"method":"io.tokman.Daemon.Ping","more":"yes"}',
            '{"method":"io.tokman.Daemon.Ping","method":"io.tokman.Daemon.Status"}',
            '{"method":"io.tokman.Daemon.Ping"}{}',
        ],
    )
    def test_a_frame_that_is_no_call_is_refused_and_the_next_is_answered(self, connection, frame):
        say(connection, frame)
        send(connection, PING)
        with pytest.raises(DaemonError, match="io.tokman.InvalidArgument"):
            receive(connection)
        assert "version" in receive(connection)

    def test_bytes_that_are_no_text_are_refused(self, connection):
        connection.sendall(b'{"method":"\xff\xfe"}\0')
        with pytest.raises(DaemonError, match="not valid JSON"):
            receive(connection)

    @pytest.mark.parametrize("opened", ["[", '{"a":'])
    def test_nesting_too_deep_is_refused(self, connection, opened):
        say(connection, '{"method":"io.tokman.Daemon.Ping","parameters":' + opened * 10_000)
        with pytest.raises(DaemonError, match="nested deeper than 16"):
            receive(connection)


class TestOrder:
    def test_answers_come_in_the_order_of_the_calls_though_the_first_waits_for_github(
        self, connection, github
    ):
        github.fault(MINT, latency=0.2)
        send(connection, GET_TOKEN, {"target": TARGET, "permissions": {"contents": "read"}})
        send(connection, PING)
        send(connection, "io.tokman.Daemon.Nonsense")
        send(connection, WHO_AM_I)
        assert receive(connection)["app"] == "ci"
        assert "version" in receive(connection)
        with pytest.raises(DaemonError, match="MethodNotFound"):
            receive(connection)
        assert "principal" in receive(connection)

    def test_a_call_may_arrive_byte_by_byte(self, connection):
        for byte in json.dumps({"method": PING}).encode() + b"\0":
            connection.sendall(bytes([byte]))
        assert "version" in receive(connection)

    def test_a_caller_that_has_said_all_still_gets_its_answers(self, connection, github):
        github.fault(MINT, latency=0.2)
        send(connection, GET_TOKEN, {"target": "octo-org/private-repo"})
        send(connection, PING)
        connection.shutdown(1)
        assert receive(connection)["repositories"] == ["private-repo"]
        assert "version" in receive(connection)
        assert connection.recv(1) == b""


class TestOneway:
    @pytest.mark.parametrize(
        ("method", "parameters"),
        [
            (PING, {}),
            (PING, {"colour": "red"}),
            (GET_TOKEN, {"target": TARGET}),
            (GET_TOKEN, {"target": "stranger/private"}),
            (f"{SERVICE}.GetInfo", {}),
            ("io.tokman.Daemon.Nonsense", {}),
            ("com.example.Nonsense", {}),
        ],
    )
    def test_it_has_no_answer_and_no_error(self, connection, method, parameters):
        for _ in range(2):  # The second could be answered from memory.
            send(connection, method, parameters, oneway=True)
        send(connection, WHO_AM_I)
        assert "principal" in receive(connection)

    def test_the_work_is_done_nevertheless(self, connection, github):
        target = "octo-org/new-name"
        send(connection, GET_TOKEN, {"target": target}, oneway=True)
        send(connection, GET_TOKEN, {"target": target})
        receive(connection)
        assert github.mints == 1


class TestMore:
    @pytest.mark.parametrize("method", [PING, WHO_AM_I, "io.tokman.Daemon.Status"])
    def test_a_method_with_one_answer_gives_that_one(self, connection, method):
        send(connection, method, more=True)
        send(connection, method)
        first, second = receive(connection), receive(connection)
        assert first.keys() == second.keys()

    def test_the_one_answer_does_not_say_that_it_continues(self, connection):
        send(connection, PING, more=True)
        assert b'"continues"' not in connection.recv(4096)
