#!/usr/bin/python3
"""Prints how many tests of a CTest report passed and failed, counting those inside each program.

cmocka and pytest say how many tests they ran; any other program is one test.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

PASSED = re.compile(r"^\[  PASSED  \] (\d+) test|\b(\d+) passed\b", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test|\b(\d+) (?:failed|errors?)\b", re.M)


def count(pattern, output):
    return sum(int(first or second) for first, second in pattern.findall(output))


def count_program(case):
    """(passed, failed) of one program; it failed at least once if it says so by its status."""
    output = case.findtext("system-out") or ""
    passed, failed = count(PASSED, output), count(FAILED, output)
    if case.get("status") == "run":
        return (passed or 1), failed
    return passed, (failed or 1)


def count_report(path):
    """A report that is not there, or empty, is a failure."""
    try:
        programs = [count_program(case) for case in ElementTree.parse(path).iter("testcase")]
    except (OSError, ElementTree.ParseError):
        programs = []
    if not programs:
        return 0, 1
    return tuple(map(sum, zip(*programs)))


if __name__ == "__main__":
    print(*count_report(sys.argv[1]))
