"""The floors check sees what is planted, and nothing in a tree that keeps the floors."""
import check_floors
import pytest


def problems_of(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return list(check_floors.check(root))


@pytest.mark.parametrize(
    "path, text",
    [
        ("libtokman/base/a.h", '#include "libtokman/json/value.h"'),
        ("libtokman/client/a.cc", '#include "daemon/base/log.h"'),
        ("daemon/base/a.h", '#include "daemon/domain/config/config.h"'),
        ("daemon/domain/tokens/a.cc", '#include "daemon/platform/uv/loop.h"'),
        ("daemon/domain/tokens/a.cc", '#include "libtokman/protocol/message.h"'),
        ("daemon/platform/lmdb/a.cc", '#include "daemon/domain/config/config.h"'),
        ("daemon/platform/lmdb/a.cc", '#include "daemon/platform/crypto/aead.h"'),
        ("daemon/services/store/a.cc", '#include "daemon/api/session.h"'),
        ("daemon/signer/a.cc", '#include "daemon/services/github/client.h"'),
        ("daemon/api/a.cc", '#include "tests/support/fake_clock.h"'),
        ("tools/tokman/a.cc", '#include "libtokman/client/connection.h"'),
        ("bindings/python/src/a.c", '#include "libtokman/base/text.h"'),
        ("daemon/attic/a.cc", ""),
    ],
)
def test_an_include_against_the_arrows_is_found(tmp_path, path, text):
    assert len(problems_of(tmp_path, path, text)) == 1


@pytest.mark.parametrize(
    "path, text",
    [
        ("daemon/services/a.cc", "int turn() { return uv_run(loop, 0); }"),
        ("daemon/services/a.cc", "void stop() { curl_easy_cleanup(easy); }"),
        ("daemon/services/a.cc", "void stop() { mdb_env_close(env); }"),
        ("daemon/api/a.cc", "void drop() { json_decref(value); }"),
        ("daemon/api/a.cc", "void stop() { MHD_stop_daemon(http); }"),
        ("daemon/signer/a.cc", "void drop() { EVP_PKEY_free(key); }"),
        ("daemon/services/a.cc", 'auto table = toml::parse("");'),
        ("daemon/signer/a.cc", "void drop() { seccomp_release(filter); }"),
        ("daemon/domain/a.cc", "auto now = std::chrono::system_clock::now();"),
        ("daemon/services/a.cc", "auto now = std::chrono::steady_clock::now();"),
    ],
)
def test_a_word_away_from_home_is_found(tmp_path, path, text):
    assert len(problems_of(tmp_path, path, text)) == 1


@pytest.mark.parametrize(
    "path, text",
    [
        ("daemon/platform/uv/loop.cc", "int turn() { return uv_run(loop, 0); }"),
        ("daemon/services/a.cc", "// uv_run( is told here only\n"),
        ("daemon/services/a.cc", 'const char* kText = "curl_easy_init(";'),
        ("daemon/services/a.cc", '#include "daemon/domain/config/config.h"'),
        ("daemon/signer/a.cc", '#include "daemon/services/config/config_loader.h"'),
        ("tools/tokman/a.cc", '#include "libtokman/json/value.h"'),
    ],
)
def test_what_is_allowed_passes(tmp_path, path, text):
    assert problems_of(tmp_path, path, text) == []
