"""The sum of a test run counts what each program says, and never loses a failure."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from count_results import count_report  # noqa: E402

CMOCKA = "[       OK ] a\n[  PASSED  ] 12 test(s).\n"
CMOCKA_FAILED = "[  PASSED  ] 11 test(s).\n[  FAILED  ] 1 test(s), listed below:\n"


@pytest.mark.parametrize(
    "status, output, counts",
    [
        ("run", CMOCKA, (12, 0)),
        ("fail", CMOCKA_FAILED, (11, 1)),
        ("run", "........\n8 passed in 0.1s\n", (8, 0)),
        ("fail", "2 failed, 6 passed, 1 error in 0.1s\n", (6, 3)),
        ("run", "7 inputs replayed\n", (1, 0)),
        ("fail", "Segmentation fault\n", (0, 1)),
        ("fail", CMOCKA + "AddressSanitizer: leak\n", (12, 1)),
    ],
)
def test_each_kind_of_program_is_counted(tmp_path, status, output, counts):
    report = tmp_path / "report.xml"
    case = f'<testcase status="{status}"><system-out>{output}</system-out></testcase>'
    report.write_text(f"<testsuite>{case}</testsuite>")
    assert count_report(report) == counts


def test_a_report_that_is_not_there_is_a_failure(tmp_path):
    assert count_report(tmp_path / "none.xml") == (0, 1)


def test_an_empty_report_is_a_failure(tmp_path):
    (tmp_path / "report.xml").write_text("<testsuite/>")
    assert count_report(tmp_path / "report.xml") == (0, 1)
