"""The files of tokman that people write, and their code without comments and texts."""
import pathlib
import re

FOLDERS = ("bindings", "daemon", "include", "libtokman", "script", "tests", "tools")
CPP = (".h", ".cc", ".c")

_TOKEN = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",
    re.S | re.X,
)


_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def files(root, suffixes, folders=FOLDERS):
    """Paths below root, as text relative to it, in order."""
    for folder in folders:
        for path in sorted(pathlib.Path(root, folder).rglob("*")):
            hidden = "__pycache__" in path.parts or "corpora" in path.parts
            if path.is_file() and path.suffix in suffixes and not hidden:
                yield path.relative_to(root).as_posix()


def _blank(found):
    return re.sub(r"[^\n]", " ", found.group())


def code_of(text):
    """C or C++ with comments, literals and directives blanked; every line stays where it is."""
    return _DIRECTIVE.sub(_blank, _TOKEN.sub(_blank, text))
