"""The style check sees what is planted, and nothing in a file that keeps the rules."""
import check_style
import pytest

HEADER = "#pragma once\n// A sentence.\n"
LONG_BODY = "  step();\n" * 70


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def lists(tmp_path):
    for name in check_style.LISTED:
        write(tmp_path, f"lists/{name}", "")
    return tmp_path / "lists"


def problems_of(lists, path, text):
    write(lists.parent, path, text)
    return list(check_style.check(lists.parent, lists))


@pytest.mark.parametrize(
    "path, text",
    [
        ("daemon/a.cc", "\n" * 501),
        ("tests/system/test_a.py", "\n" * 501),
        ("daemon/base/utils.h", HEADER),
        ("tests/helpers/a.cc", ""),
        ("daemon/a.cc", "// TODO(now): finish\n"),
        ("daemon/a.h", "// A sentence.\n#pragma once\n"),
        ("daemon/a.h", "#pragma once\n#include <string>\n"),
        ("tests/unit/a.cc", "void wait() { usleep(10); }\n"),
        ("tests/component/a.cc", "void wait() { std::this_thread::sleep_for(10ms); }\n"),
        ("daemon/a.cc", "throw 1;\n"),
        ("daemon/a.cc", "auto* raw = new int;\n"),
        ("daemon/a.cc", "delete raw;\n"),
        ("daemon/a.cc", "send(token.reveal());\n"),
    ],
)
def test_a_planted_fault_is_found(lists, path, text):
    assert len(problems_of(lists, path, text)) == 1


@pytest.mark.parametrize(
    "path, text",
    [
        ("daemon/a.cc", "void f() {\n" + LONG_BODY + "}\n"),
        ("daemon/a.cc", "A::A(int b)\n    : b_(b), c_{b} {\n" + LONG_BODY + "}\n"),
        ("daemon/a.cc", "namespace tokman {\nclass A {\n void f() const {\n" + LONG_BODY + " }\n};\n}\n"),
        ("daemon/a.cc", "TEST(Fixture, a_sentence) {\n" + LONG_BODY + "}\n"),
        ("tests/system/test_a.py", "def f():\n" + "    step()\n" * 70),
    ],
)
def test_a_long_function_is_found(lists, path, text):
    assert len(problems_of(lists, path, text)) == 1


@pytest.mark.parametrize(
    "path, text",
    [
        ("daemon/a.h", HEADER + "void f();\n"),
        ("include/tokman/a.h", "/* A sentence. */\n"),
        ("daemon/a.cc", "A(const A&) = delete;\n"),
        ("daemon/a.cc", "// A new day; catch it and throw nothing.\n"),
        ("daemon/a.cc", "#include <new>\n"),
        ("daemon/a.cc", "void f() {\n" + "  step();\n" * 68 + "}\n"),
        ("daemon/a.cc", "const Row kRows[] = {\n" + "  {1},\n" * 100 + "};\n"),
        ("tests/system/test_a.py", "time.sleep(1)\n"),
    ],
)
def test_what_keeps_the_rules_passes(lists, path, text):
    assert problems_of(lists, path, text) == []


def test_a_listed_file_may_reveal(lists):
    write(lists.parent, "lists/reveal_allow_list.txt", "daemon/a.cc: the bytes leave here\n")
    assert problems_of(lists, "daemon/a.cc", "send(token.reveal());\n") == []


def test_a_list_may_not_name_a_file_that_no_longer_needs_it(lists):
    write(lists.parent, "lists/reveal_allow_list.txt", "daemon/a.cc: the bytes leave here\n")
    assert len(problems_of(lists, "daemon/a.cc", "send();\n")) == 1


def test_a_listed_file_needs_a_reason(lists):
    write(lists.parent, "lists/reveal_allow_list.txt", "daemon/a.cc\n")
    assert len(problems_of(lists, "daemon/a.cc", "send(token.reveal());\n")) == 1
