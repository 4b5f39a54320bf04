"""The authorization matrix, pair by pair: callers with exactly one scope call every method."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import authorization_matrix
import pytest
from other_user import ask, connected_as
from tokman_daemon import DaemonError, TokmanDaemon

ROOT = Path(__file__).resolve().parents[2]
MATRIX = authorization_matrix.read(ROOT)
METHODS = authorization_matrix.methods(ROOT)
SCOPES = ["none", *authorization_matrix.scopes(ROOT)]

# Accounts that every Debian has, one for each scope: whoever has a token has a name.
UIDS = {scope: uid for uid, scope in enumerate(SCOPES, start=1)}
KEY = "A" * 22

# What a method needs before it can tell whether the caller may do just that.
PARAMETERS = {
    "io.tokman.Access.GetTokenInfo": {"key": KEY},
    "io.tokman.Clients.Get": {"id": "batch"},
    "io.tokman.Clients.RotateKey": {"id": "batch"},
    "io.tokman.Clients.RevokeLogins": {"id": "batch"},
    "io.tokman.GitHub.Revoke": {"fingerprint": "A" * 43 + "="},
}

GRANT = """
[[grant]]
name = "of {uid}"
match = {{ uid = {uid} }}
scopes = ["{scope}"]
apps = ["ci"]
targets = ["octo-org/*"]
permissions = {{ contents = "read" }}
"""


@pytest.fixture(scope="module")
def callers(github_server):
    """A connection for each scope."""
    daemon = TokmanDaemon(github_server)
    daemon.directory.chmod(0o711)
    daemon.edit_config("[store]", 'socket_mode = "0666"\n[store]')
    for scope in SCOPES[1:]:
        daemon.append_config(GRANT.format(scope=scope, uid=UIDS[scope]))
    daemon.start()
    with ExitStack() as stack:
        yield {
            scope: stack.enter_context(connected_as(daemon, uid)) for scope, uid in UIDS.items()
        }
    assert daemon.stop() == 0
    daemon.remove()


#
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_caller_with_this_scope_alone(callers, method, scope):
    try:
        ask(callers[scope], method, PARAMETERS.get(method))
        outcome = "yes"
    except DaemonError as error:
        outcome = "no" if error.name == "io.tokman.Denied" else "yes"
    assert outcome == MATRIX[method][scope]


class TestTheCheck:
    @pytest.fixture
    def tree(self, tmp_path):
        """What the check reads, to be changed."""
        for name in ("MATRIX", "METHODS", "SCOPES"):
            path = getattr(authorization_matrix, name)
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
        return tmp_path

    @staticmethod
    def change(tree, path, old, new):
        text = (tree / path).read_text()
        assert old in text
        (tree / path).write_text(text.replace(old, new, 1))

    def test_the_matrix_is_whole(self):
        assert list(authorization_matrix.check(ROOT)) == []

    def test_it_is_about_no_method_that_there_is_not(self):
        assert sorted(MATRIX) == sorted(METHODS)

    # TF-20
    def test_a_method_without_a_row_is_found(self, tree):
        added = '{"io.tokman.Daemon.Forgotten", Scope::none, handle_ping},\n    {"io.tokman.Daemon.Ping"'
        self.change(tree, authorization_matrix.METHODS, '{"io.tokman.Daemon.Ping"', added)
        (problem,) = authorization_matrix.check(tree)
        assert "io.tokman.Daemon.Forgotten has no row" in problem

    def test_a_scope_without_a_column_is_found(self, tree):
        added = 'ScopeName{Scope::none, "new:scope", ""},\n    ScopeName{Scope::github_token'
        self.change(tree, authorization_matrix.SCOPES, "ScopeName{Scope::github_token", added)
        (problem,) = authorization_matrix.check(tree)
        assert "the columns must be" in problem

    def test_a_pair_without_an_outcome_is_found(self, tree):
        self.change(tree, authorization_matrix.MATRIX, ",yes,", ",,")
        (problem,) = authorization_matrix.check(tree)
        assert "each outcome must be" in problem
