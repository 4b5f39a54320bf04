"""What README.md says is so."""

import os
import re
import subprocess
from pathlib import Path

from tokman_daemon import program

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)


def test_its_configuration_is_accepted(tmp_path, github):
    (configuration,) = blocks("toml")
    (tmp_path / "tokman.toml").write_text(
        configuration.replace("/home/me/tokman", str(tmp_path)).replace(
            'user = "me"', f"uid = {os.getuid()}"
        )
    )
    (tmp_path / "state").mkdir(mode=0o700)
    for name, text in {
        "app.pem": Path(github.key_files(12345)[0]).read_text(),
        "store.key": "A" * 43 + "=\n",
    }.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    checked = subprocess.run(
        [program("tokmand"), "--config", tmp_path / "tokman.toml", "--check-config"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_file_it_names_is_there():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT)
    scripts = re.findall(r"script/\w+", TEXT)
    assert links and scripts
    assert [name for name in links + scripts if not (ROOT / name).exists()] == []


def test_it_names_every_folder():
    told = {row.split("/")[0] for row in re.findall(r"^\| `([\w/]+)` \|", TEXT, re.M)}
    folders = {it.name for it in ROOT.iterdir() if it.is_dir() and not it.name.startswith(".")}
    assert folders - {"build"} == told


def test_its_commands_are_those_of_the_programs():
    usage = subprocess.run([program("tokman"), "--help"], capture_output=True, text=True).stdout
    told = set(re.findall(r"^tokman (\w+)", "\n".join(blocks("sh")), re.M))
    assert told and [name for name in told if name not in usage] == []
