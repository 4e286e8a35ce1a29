"""What GitHub's command may answer, and that its absence is said."""

from pathlib import Path

import pytest

from installation.settings import Settings
from ops.report.updates import NotKnownError, read_updates

PULL_REQUESTS = """[
 {"number": 8, "title": "Bump b", "url": "https://github.com/o/r/pull/8", "createdAt": "2026-11-20T00:00:00Z"},
 {"number": 7, "title": "Bump a", "url": "https://github.com/o/r/pull/7", "createdAt": "2026-11-10T00:00:00Z"}
]"""


def github(folder: Path, script: str) -> str:
    command = folder / "gh"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    return str(command)


def test_the_oldest_comes_first(settings: Settings, tmp_path: Path) -> None:
    command = github(tmp_path, f"echo \"$@\" > {tmp_path}/asked\ncat <<'END'\n{PULL_REQUESTS}\nEND")
    assert [update.number for update in read_updates(settings, command=command)] == [7, 8]
    asked = (tmp_path / "asked").read_text()
    assert f"--repo {settings.github.owner}/{settings.github.repository} --app dependabot" in asked


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'not logged in' >&2; exit 4", "not logged in"),
        ("echo hello", "something else"),
        ("echo '[{}]'", "something else"),
    ],
)
def test_what_cannot_be_known_says_why(settings: Settings, tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(NotKnownError, match=reason):
        read_updates(settings, command=github(tmp_path, script))


def test_a_machine_without_the_command_says_so(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotKnownError, match="not installed"):
        read_updates(settings, command=str(tmp_path / "gh"))
